"""A HubSpot emulator for each test: its own store behind one server that the whole session shares."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from ns_hs_orders.sandbox.hubspot.app import create_app
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.switches import Switches

TOKEN = "pat-test-0001"
LABEL_IDS = range(1001, 1100)
"""Type ids of labels that a test makes itself."""


class Exchange:
    """An ASGI app that passes on to whichever app the current test has."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass
class Clock:
    """The emulator's time, moved by hand."""

    now: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Hub:
    """One emulated HubSpot, with the calls that tests make most."""

    url: str
    store: HubSpotStore
    clock: Clock
    path: Path
    switches: Switches = field(default_factory=lambda: Switches(limits="off"))
    version: str = "2026-03"
    http: requests.Session = field(default_factory=requests.Session)

    def switch(self, **changes: Any) -> None:
        self.switches = self.switches.changed(changes)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self.http.request(method, self.url + path, json=body, headers=headers, timeout=10, **options)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON of a call that must succeed."""
        answer = self.call(method, path, body, **options)
        assert answer.ok, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def batch(
        self, operation: str, inputs: list[dict[str, Any]], kind: str = "orders", **more: Any
    ) -> requests.Response:
        path = f"/crm/objects/{self.version}/{kind}/batch/{operation}"
        return self.call("POST", path, {"inputs": inputs, **more})

    def create(self, kind: str = "orders", **properties: Any) -> str:
        """The id of a new record."""
        if kind == "orders":
            properties = {"hs_order_name": "SO1", **properties}
        made = self.ok(
            "POST", f"/crm/objects/{self.version}/{kind}", {"properties": properties, "associations": []}
        )
        return str(made["id"])

    def read(self, record_id: str, kind: str = "orders", *names: str, **query: Any) -> dict[str, Any]:
        query["properties"] = ",".join(names)
        found: dict[str, Any] = self.ok(
            "GET", f"/crm/objects/{self.version}/{kind}/{record_id}", params=query
        )
        return found

    def values(self, record_id: str, kind: str = "orders") -> dict[str, str]:
        """Everything that the store holds of a record."""
        found: dict[str, dict[str, str]] = {one["id"]: one["properties"] for one in self.store.objects(kind)}
        return found[record_id]

    def define(self, name: str, type_: str = "string", kind: str = "orders", **more: Any) -> None:
        """A custom property in the native group."""
        field_type = {
            "string": "text",
            "enumeration": "select",
            "bool": "booleancheckbox",
            "datetime": "date",
        }
        body = {
            "name": name, "label": name, "type": type_, "fieldType": field_type.get(type_, type_),
            "groupName": f"{kind.rstrip('s').replace('_', '')}information", **more,
        }  # fmt: skip
        self.ok("POST", f"/crm/properties/{self.version}/{kind}", body)

    def associate(self, pair: str, from_id: str, to_id: str, *type_ids: int) -> Any:
        types = [
            {
                "associationCategory": "USER_DEFINED" if one in LABEL_IDS else "HUBSPOT_DEFINED",
                "associationTypeId": one,
            }
            for one in type_ids
        ]
        inputs = [{"from": {"id": from_id}, "to": {"id": to_id}, "types": types}]
        return self.ok("POST", f"/crm/associations/{self.version}/{pair}/batch/create", {"inputs": inputs})

    def types(self, from_id: str, to_type: str) -> dict[str, set[int]]:
        """Association type ids of a record towards one object type, by the other record's id."""
        found: dict[str, set[int]] = {}
        for _, from_, to_type_, to_id, type_id in self.store.associations():
            if from_ == from_id and to_type_ == to_type:
                found.setdefault(to_id, set()).add(type_id)
        return found


@pytest.fixture(scope="session")
def exchange() -> Iterator[tuple[Exchange, str]]:
    """One server on a free port for all tests."""
    shared = Exchange()
    server = uvicorn.Server(uvicorn.Config(shared, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = monotonic() + 20
    while not server.started and monotonic() < limit:
        thread.join(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield shared, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def hub(exchange: tuple[Exchange, str], tmp_path: Path) -> Iterator[Hub]:
    """A new HubSpot account with USD and EUR, its clock standing still, without rate limits."""
    shared, url = exchange
    clock = Clock()
    path = tmp_path / "hubspot.sqlite"
    store = HubSpotStore(path, clock)
    store.set_currencies("USD", ["EUR"])
    found = Hub(url, store, clock, path)
    shared.app = create_app(store, lambda: found.switches, clock, TOKEN)
    yield found
    found.http.close()
    store.close()


@pytest.fixture
def keyed(hub: Hub) -> Hub:
    """The same with `netsuite_internal_id`, a unique key on orders."""
    hub.define("netsuite_internal_id", hasUniqueValue=True)
    return hub
