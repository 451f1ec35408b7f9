"""One company for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ns_hs_orders_tests.defs.company import Company, running_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with running_company(tmp_path_factory.mktemp("home")) as company:
        yield company
