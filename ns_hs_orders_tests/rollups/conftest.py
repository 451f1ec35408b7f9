"""Books in both emulators, from the end-to-end tests' homes."""

from __future__ import annotations

import pytest

from ns_hs_orders_tests.end_to_end.conftest import Make, make
from ns_hs_orders_tests.rollups.books import Books, open_books

__all__ = ["make"]


@pytest.fixture
def books(make: Make) -> Books:
    return open_books(make)
