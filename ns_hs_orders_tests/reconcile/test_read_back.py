"""Reading HubSpot back over HTTP: calls side by side, and what is not read is never taken for absent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.reconcile.read_back import HeldOrder, read_held_orders
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.settings import load_settings
from ns_hs_orders.setup.plan import apply, plan
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.session import Session

KEYS = [str(key) for key in range(1000, 1250)]
BATCHES = 3


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("home"), limits="off") as running:
        yield running


@pytest.fixture(scope="module")
def session(sandbox: Sandbox) -> Iterator[Session]:
    with open_session(load_settings(home=sandbox.home.root)) as opened:
        apply(plan(opened.definitions, opened.field_map), lambda _: None)
        store = HubSpotStore(sandbox.home.hubspot_path)
        rows = [
            {"id": f"7{key}", "netsuite_internal_id": key, "hs_order_name": f"SO{key}", "hs_tax": f"{key}.5"}
            for key in KEYS
        ]
        store.load("orders", rows)
        store.close()
        yield opened


def read(session: Session, threads: int) -> dict[str, HeldOrder]:
    hubspot = session.hubspot
    return read_held_orders(hubspot.objects, hubspot.associations, KEYS, session.field_map, threads=threads)


def test_batches_are_read_side_by_side_and_none_is_lost(sandbox: Sandbox, session: Session) -> None:
    for _ in range(BATCHES):
        sandbox.faults.add({"kind": "hold", "app": "hubspot", "path": "orders/batch/read", "times": 1})
    found: dict[str, HeldOrder] = {}
    reading = threading.Thread(target=lambda: found.update(read(session, threads=BATCHES)))
    reading.start()
    under_way, end = 0, time.monotonic() + 10
    while reading.is_alive() and under_way < BATCHES and time.monotonic() < end:
        under_way = sandbox.faults.held()
    sandbox.faults.release()
    reading.join()
    assert under_way == BATCHES
    taxes = {key: order.properties["hs_tax"] for key, order in found.items()}
    assert taxes == {key: f"{key}.5" for key in KEYS}


def test_a_batch_that_could_not_be_read_stops_the_read_back(sandbox: Sandbox, session: Session) -> None:
    sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "path": "orders/batch/read", "status": 403, "times": 1}
    )
    with pytest.raises(RemoteError):
        read(session, threads=BATCHES)
