"""Both systems in memory."""

from __future__ import annotations

import pytest

from ns_hs_orders_tests.reconcile.both_sides import Both


@pytest.fixture
def both() -> Both:
    return Both()
