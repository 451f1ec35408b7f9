"""The end-to-end tests' companies, for the live lane: their world ends today by NetSuite's clock."""

from collections.abc import Iterator

import pytest

from ns_hs_orders_tests.end_to_end.conftest import make
from ns_hs_orders_tests.live.world import World, running_world

__all__ = ["make"]


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """One synced company for all tests of a module; each test leaves it whole and in agreement."""
    yield shared_world
    shared_world.faults.clear()
    shared_world.company.sandbox.switches.change(hidden_tables=(), hidden_tables_answer="error")
