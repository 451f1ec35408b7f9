"""One world of 2,000 orders for all tests that only read it, and stores on disk for those that write."""

from datetime import date

import pytest

from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.world import World, generate

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def big_world() -> World:
    return generate(2000, 7, TODAY)


@pytest.fixture
def small_world() -> World:
    return generate(120, 3, TODAY)


@pytest.fixture
def stores(tmp_path) -> tuple[NetSuiteStore, HubSpotStore]:
    return NetSuiteStore(tmp_path / "netsuite.sqlite"), HubSpotStore(tmp_path / "hubspot.sqlite")
