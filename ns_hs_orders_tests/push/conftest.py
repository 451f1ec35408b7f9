"""The push against the HubSpot emulator over HTTP, with the real client and the real state store."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.clients.hubspot.client import HubSpotClient, open_hubspot
from ns_hs_orders.clients.hubspot.definitions import HubSpotDefinitions
from ns_hs_orders.clients.rate_limit import Unlimited
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.clients.retry import HUBSPOT_RULES, RetryPolicy
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.orders import ORDER_FIELDS
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.push.associations.directory import resolve_directory
from ns_hs_orders.push.push_orders import push_orders
from ns_hs_orders.push.schema import LinkRules
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.setup.pipelines import find_pipeline
from ns_hs_orders.setup.plan import apply, plan
from ns_hs_orders.state.database import State, open_state
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders_tests.push.builders import Order, mapped

FIELDS = FieldMap(order_fields=ORDER_FIELDS)


@dataclass
class Clock:
    """Time that only moves when it is told to, or slept on."""

    at: datetime = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    slept: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.at += timedelta(seconds=seconds)
            self.slept += seconds


class Bench:
    """One HubSpot account, one state store, and pushes into them."""

    def __init__(self, sandbox: Sandbox, client: HubSpotClient, store: HubSpotStore, state: State) -> None:
        self.sandbox = sandbox
        self.client = client
        self.store = store
        self.state = state
        self.states = OrderStateStore(state)
        self.clock = Clock()
        self.crm: Any = client.objects
        self.associations: Any = client.associations
        definitions = HubSpotDefinitions(client.settings)
        self.owners = definitions
        self.pipeline = find_pipeline(definitions.pipelines("orders"))

    def switch(self, **changes: Any) -> None:
        self.sandbox.switches.change(**changes)

    def push(
        self,
        orders: Sequence[Order] | MappedOrders,
        *,
        meanwhile: Callable[[], None] = lambda: None,
        **options: Any,
    ) -> pd.DataFrame:
        """Pushes and returns the frame of results. meanwhile: happens once companies and contacts were looked up."""
        content = orders if isinstance(orders, MappedOrders) else mapped(orders)
        directory = resolve_directory(
            content.orders,
            crm=self.client.objects,
            owners=self.owners,
            pipeline_id=self.pipeline.pipeline_id,
            stage_ids=self.pipeline.stage_ids,
            rules=LinkRules(deals=True),
        )
        meanwhile()
        given: dict[str, Any] = {
            "threads": 1,
            "lease_seconds": 240.0,
            "request_seconds": 150.0,
            "wait_seconds": 0,
            "field_map": FIELDS,
        }
        return push_orders(
            content,
            crm=self.crm,
            associations=self.associations,
            states=self.states,
            clock=self.clock,
            run="run-1",
            directory=directory,
            **(given | options),
        )

    def outcomes(self, orders: Sequence[Order] | MappedOrders, **options: Any) -> dict[str, str]:
        results = self.push(orders, **options)
        return dict(zip(results["order_id_netsuite"], results["outcome"], strict=True))

    def holds(self) -> dict[str, dict[str, Any]]:
        """NetSuite id → what HubSpot holds: name, total, lines by key, primary companies, all companies, contacts, deals."""
        lines = {one["id"]: one["properties"] for one in self.store.objects("line_items")}
        found: dict[str, dict[str, Any]] = {}
        by_id = {}
        for one in self.store.objects("orders"):
            values = one["properties"]
            key = values["netsuite_internal_id"]
            assert key not in found, f"order {key} is in HubSpot twice"
            found[key] = by_id[one["id"]] = {
                "total": values.get("hs_total_price"),
                "memo": values.get("hs_order_note"),
                "lines": {},
                "primary": set(),
                "companies": set(),
                "contacts": set(),
                "deals": set(),
            }
        for from_type, from_id, to_type, to_id, type_id in self.store.associations():
            if from_type != "orders" or from_id not in by_id:
                continue
            holder = by_id[from_id]
            if to_type == "line_items":
                values = lines[to_id]
                holder["lines"][values["netsuite_line_key"]] = values["netsuite_line_amount"]
            elif to_type == "companies":
                holder["primary" if type_id == 509 else "companies"].add(to_id)
            elif to_type in ("contacts", "deals"):
                holder[to_type].add(to_id)
        return found

    def loose_lines(self) -> set[str]:
        """Keys of live line items that hang on no order."""
        held = {key for one in self.holds().values() for key in one["lines"]}
        keys = [one["properties"]["netsuite_line_key"] for one in self.store.objects("line_items")]
        assert len(keys) == len(set(keys)), "a line is in HubSpot twice"
        return set(keys) - held

    def calls(self, action: Callable[[], Any]) -> list[str]:
        """The paths of the calls that an action makes, ids left out."""
        before = len(self.store.calls(50_000))
        action()
        return [one.path.removeprefix("/crm/") for one in self.store.calls(50_000)[before:]]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("sandbox"), limits="off") as running:
        yield running


def opened(sandbox: Sandbox) -> HubSpotClient:
    return open_hubspot(
        Secret(sandbox.hubspot_token),
        base_url=sandbox.hubspot_url,
        budget=Unlimited(),
        retries=RetryPolicy(HUBSPOT_RULES, attempts=2, total_seconds=5),
        clock=Clock(),
    )


@pytest.fixture(scope="session")
def account(sandbox: Sandbox) -> Iterator[sqlite3.Connection]:
    """The account as every test finds it: set up, with companies, a contact and owners; a copy in memory."""
    store = HubSpotStore(sandbox.home.hubspot_path)
    store.set_currencies("USD", ["EUR", "JPY"])
    store.load("companies", [{"id": one, "name": f"Company {one}"} for one in ("9001", "9002", "9003")])
    store.load("contacts", [{"id": "8001", "email": "kim@example.com"}])
    store.load("deals", [{"id": one, "dealname": f"Deal {one}"} for one in ("7001", "7002")])
    store.load_owners(
        [
            {"id": "501", "email": "rep@example.com"},
            {"id": "502", "email": "gone@example.com", "archived": "T"},
        ]
    )
    client = opened(sandbox)
    apply(plan(HubSpotDefinitions(client.settings), FIELDS), lambda _: None)
    client.close()
    store.close()
    copy = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(sandbox.home.hubspot_path)) as source:
        source.backup(copy)
    yield copy
    copy.close()


@pytest.fixture
def bench(sandbox: Sandbox, account: sqlite3.Connection, tmp_path: Path) -> Iterator[Bench]:
    with closing(sqlite3.connect(sandbox.home.hubspot_path)) as target:
        account.backup(target)
    store = HubSpotStore(sandbox.home.hubspot_path)
    sandbox.switches.reset()
    sandbox.switches.change(limits="off")
    sandbox.faults.clear()
    client = opened(sandbox)
    state = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}")
    yield Bench(sandbox, client, store, state)
    client.close()
    state.close()
    store.close()
