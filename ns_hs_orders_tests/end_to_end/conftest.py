"""Companies for the end-to-end tests: a small world in both emulators, HubSpot set up, nothing synced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world import World, generate, load_world
from ns_hs_orders_tests.end_to_end.company import DAYS, FIRST, TODAY, Company

Make = Callable[..., Company]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes running companies; the last one's home is in the environment."""
    with maker(tmp_path, monkeypatch) as made:
        yield made


@contextmanager
def maker(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """As `make`, for as long as the block lasts."""
    monkeypatch.chdir(folder)
    with ExitStack() as stack:

        def company(
            orders: int = 40,
            *,
            world: World | None = None,
            provision: bool = True,
            name: str = "home",
            **switches: Any,
        ) -> Company:
            world = world or generate(orders, 7, TODAY, days=DAYS)
            home = folder / name
            sandbox = stack.enter_context(Sandbox(home, limits="off", switches=switches))
            netsuite = NetSuiteStore(sandbox.home.netsuite_path)
            stack.callback(netsuite.close)
            hubspot = HubSpotStore(sandbox.home.hubspot_path)
            stack.callback(hubspot.close)
            load_world(world, netsuite, hubspot)
            monkeypatch.setenv("NS_HS_HOME", str(home))
            monkeypatch.setenv("NS_HS_FIRST_DAY", FIRST.isoformat())
            made = Company(home, sandbox, netsuite, hubspot, world.planted)
            if provision:
                made.provision()
            return made

        yield company
