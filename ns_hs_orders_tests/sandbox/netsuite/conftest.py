"""A small NetSuite company with known numbers, an engine over it, and a running sandbox with a signed-in client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.netsuite.suiteql.execute import Page, SuiteQLEngine
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.switches import Switches

NOW = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)
TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"
SUITEQL_PATH = "/services/rest/query/v1/suiteql"
Ask = Callable[..., Page]


def order(number: int, **values: str) -> dict[str, str | None]:
    """A sales order: its id is `number`."""
    return {
        "id": str(number), "tranid": f"SO{number}", "type": "SalesOrd", "status": "B", "trandate": "2026-06-30",
        "createddate": "2026-06-30 20:00:00", "lastmodifieddate": "2026-07-01 03:00:00", "entity": "7",
        "currency": "1", "exchangerate": "1", "foreigntotal": "10.00", "voided": "F", **values,
    }  # fmt: skip


def fill(store: NetSuiteStore) -> None:
    """Three orders, a fulfillment, seven lines, a customer and two currencies."""
    store.insert(
        "transaction",
        [
            order(9, foreigntotal="100.00000001", memo="first"),
            order(10, foreigntotal="9.5", status="G", lastmodifieddate="2026-11-01 08:30:00"),
            order(100, foreigntotal="0.1", trandate="2026-01-05", lastmodifieddate="2026-11-01 09:30:00"),
            order(101, type="ItemShip", status="C", tranid="IF101"),
        ],
    )
    store.insert(
        "transactionline",
        [
            {
                "uniquekey": str(key), "transaction": "9", "id": str(key), "mainline": "F", "item": "3",
                "taxline": "T" if key > 4 else "F", "foreignamount": "-0.10000001", "quantity": "-3",
            }
            for key in range(1, 8)
        ],
    )  # fmt: skip
    store.insert("customer", [{"id": "7", "entityid": "C7", "companyname": "Acme", "isperson": "F"}])
    store.insert(
        "currency", [{"id": "1", "name": "US Dollar", "symbol": "USD"}, {"id": "2", "symbol": "JPY"}]
    )
    store.insert("item", [{"id": "3", "itemid": "SKU-3", "itemtype": "InvtPart"}])
    store.insert("subsidiary", [{"id": "1", "name": "Parent"}])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[NetSuiteStore]:
    made = NetSuiteStore(tmp_path / "netsuite.sqlite")
    fill(made)
    yield made
    made.close()


@pytest.fixture
def ask(store: NetSuiteStore) -> Ask:
    """ask(query, *params, limit=…, offset=…, <switch>=…) → a page."""
    engine = SuiteQLEngine(store)

    def call(
        query: str, *params: Any, limit: int = 1000, offset: int = 0, now: datetime = NOW, **switches: Any
    ) -> Page:
        return engine.page(
            query, params, limit=limit, offset=offset, switches=Switches().changed(switches), now=now
        )

    return call


class Client:
    """A NetSuite client of the tests, written apart from the one in ns_hs_orders."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()

    def assertion(self, algorithm: str = "PS256", **changes: Any) -> str:
        """A signed assertion; `kid` and `key_path` besides claims may be changed."""
        known, now = self.sandbox.netsuite_credentials, int(time.time())
        prefix = "ec_" if algorithm.startswith("ES") else ""
        kid = changes.pop("kid", known[f"{prefix}certificate_id"])
        path = changes.pop("key_path", known[f"{prefix}private_key_path"])
        claims = {
            "iss": known["client_id"], "scope": ["rest_webservices"], "iat": now, "exp": now + 300,
            "aud": f"{self.sandbox.netsuite_url}{TOKEN_PATH}", **changes,
        }  # fmt: skip
        return jwt.encode(claims, Path(path).read_text(), algorithm, headers={"kid": kid})

    def ask_token(self, assertion: str, **form: str) -> requests.Response:
        data = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            **form,
        }
        return self.session.post(f"{self.sandbox.netsuite_url}{TOKEN_PATH}", data=data, timeout=10)

    def sign_in(self) -> None:
        answer = self.ask_token(self.assertion())
        assert answer.status_code == 200, answer.text
        self.session.headers.update(
            {"Authorization": f"Bearer {answer.json()['access_token']}", "Prefer": "transient"}
        )

    def query(self, text: str, *params: Any, path: str = SUITEQL_PATH, **options: Any) -> requests.Response:
        options.setdefault("timeout", 10)
        body = {"q": text, "params": list(params)}
        return self.session.post(f"{self.sandbox.netsuite_url}{path}", json=body, **options)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("home")) as sandbox:
        store = NetSuiteStore(sandbox.home.netsuite_path)
        fill(store)
        store.close()
        yield sandbox


@pytest.fixture
def client(running: Sandbox) -> Iterator[Client]:
    """A signed-in client; afterwards faults, log and switches are as before."""
    made = Client(running)
    made.sign_in()
    running.calls.clear()
    yield made
    running.faults.clear()
    running.switches.reset()
    made.session.close()
