"""NetSuite answers over HTTP with anything in them: an error of ours, or every order accounted for. Nothing else.

The emulator's answers are honest ones that Hypothesis spoils in a few places, as JSON text, since Python's own JSON
could not say all of it (1e400, NaN, half a surrogate pair).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.clients.netsuite import NetSuiteClient, open_netsuite
from ns_hs_orders.clients.netsuite_auth import TokenKeys
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.errors import SyncError
from ns_hs_orders.extract.probing.plan import SourceOptions, SourcePlan
from ns_hs_orders.extract.probing.probe import probe
from ns_hs_orders.extract.read import read_orders
from ns_hs_orders.fields.field_map import field_map
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.netsuite.suiteql.execute import SuiteQLEngine
from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders.sandbox.world import generate, load_world
from ns_hs_orders_tests.clients.conftest import FakeClock, Received, Scripted, ScriptedServer
from ns_hs_orders_tests.extract.conftest import CUSTOM_FIELDS
from ns_hs_orders_tests.fuzz.amounts import assert_all_accounted_for
from ns_hs_orders_tests.fuzz.examples import fuzzed

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
TOKENS = (
    st.sampled_from(
        [
            "null", "true", "false", "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "0.1", "[]", "{}",
            '{"a": [1]}', '""', '"\\u0000"', '"\\ud800"', '"\\udc00x"', "9" * 30, "9" * 5000, '"0000-00-00"', "[[[[]]]]",
            '"9999-12-31 23:59:59"', '"31/02/2026"', '"2026-02-31"', '"1,234.50"', '"1e5"', '"-.5"', '"\\u0663"', '"\\u00b2"',
            '"12345678901234567890.12"', '"T"', '"USD"', '"=1+1"', '"<script>"', '"SalesOrd:Z"', "\"1' OR '1'='1\"",
        ]
    )
    | st.text(max_size=20).map(json.dumps)
    | st.integers(-(10**25), 10**25).map(str)
    | st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: json.dumps(str(number)))
)  # fmt: skip
TABLES = st.sampled_from(
    [
        "transaction t",
        "transactionline tl",
        "customer c",
        "employee e",
        "currency",
        "transactionshippingaddress",
        "",
    ]
)
SPOILS = st.lists(
    st.tuples(
        TABLES,
        st.sampled_from(
            ["value", "value", "value", "absent", "extra", "row", "twice", "none", "more", "count", "page"]
        ),
        st.integers(0, 200),
        st.integers(0, 60),
        TOKENS,
    ),
    min_size=1,
    max_size=4,
)


class SpoiledNetSuite:
    """A server that answers SuiteQL from a store, each answer spoiled as the example says."""

    def __init__(self, store: NetSuiteStore, server: ScriptedServer) -> None:
        self._engine = SuiteQLEngine(store)
        self.spoils: list[Any] = []
        server.script(self._answer)

    def _answer(self, received: Received) -> Scripted:
        asked = received.json
        page = self._engine.page(
            asked["q"], asked.get("params", []), limit=int(received.query["limit"][0]), offset=0, switches=Switches(),
            now=NOW,
        )  # fmt: skip
        rows = [{name: json.dumps(value) for name, value in item.items()} for item in page.items]
        items = [_object(row) for row in rows]
        envelope = {"hasMore": json.dumps(page.has_more), "count": str(len(items))}
        for table, how, row, column, token in self.spoils:
            if table in asked["q"]:
                envelope |= _spoiled(items, rows, how, row, column, token)
        body = envelope.pop("whole", "") or _object({"items": f"[{', '.join(items)}]", **envelope})
        return Scripted(200, body.encode("utf-8", "surrogatepass"), {"content-type": "application/json"})


def _object(parts: dict[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in parts.items()) + "}"


def _spoiled(
    items: list[str], rows: list[dict[str, str]], how: str, row: int, column: int, token: str
) -> dict[str, str]:
    """Spoils the items in place; gives what changes around them."""
    if how in ("more", "count", "page"):
        return {{"more": "hasMore", "count": "count", "page": "whole"}[how]: token}
    if not rows or not items:
        return {}
    at = row % min(len(rows), len(items))
    names = list(rows[at])
    if how in ("value", "absent", "extra") and names:
        name = names[column % len(names)]
        changed = {"value": {name: token}, "extra": {"zzz": token, "links": token}, "absent": {}}[how]
        kept = {one: value for one, value in rows[at].items() if how != "absent" or one != name}
        rows[at] = kept | changed
        items[at] = _object(rows[at])
    elif how == "row":
        items[at] = token
    elif how == "twice":
        items.insert(at, items[at])
        return {"count": str(len(items))}
    elif how == "none":
        items.clear()
        return {"count": "0"}
    return {}


class Tickets:
    """A reading's number."""

    def next_ticket(self) -> int:
        """Always the same."""
        return 1


@pytest.fixture(scope="module")
def account(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[SpoiledNetSuite, NetSuiteClient, SourcePlan]]:
    folder: Path = tmp_path_factory.mktemp("netsuite")
    store, hubspot = NetSuiteStore(folder / "netsuite.sqlite"), HubSpotStore(folder / "hubspot.sqlite")
    load_world(generate(12, 7, DAY, days=1), store, hubspot)
    server = ScriptedServer()
    netsuite = SpoiledNetSuite(store, server)
    keys = TokenKeys(*(Secret(name) for name in ("key", "secret", "token", "token-secret")))
    client = open_netsuite("1234567", keys, base_url=server.url, clock=FakeClock(NOW))
    plan = probe(client, SourceOptions(field_map=field_map(CUSTOM_FIELDS)))
    yield netsuite, client, plan
    client.close()
    server.stop()
    store.close()
    hubspot.close()


def test_an_unspoiled_account_is_read_whole(
    account: tuple[SpoiledNetSuite, NetSuiteClient, SourcePlan],
) -> None:
    netsuite, client, plan = account
    netsuite.spoils = []
    raw = read_orders(client, Tickets(), plan, DAY, DAY)
    assert len(raw.orders) == 12
    assert_all_accounted_for(raw)


def assert_one_sentence(text: str) -> None:
    assert 0 < len(text) < 4000
    assert "\n" not in text


@given(spoils=SPOILS)
@fuzzed(quick=20)
def test_a_spoiled_answer_is_an_error_of_ours_or_every_order_has_its_outcome(
    account: tuple[SpoiledNetSuite, NetSuiteClient, SourcePlan], spoils: list[Any]
) -> None:
    netsuite, client, plan = account
    netsuite.spoils = spoils
    try:
        raw = read_orders(client, Tickets(), plan, DAY, DAY)
    except SyncError as error:
        assert_one_sentence(str(error))
        return
    assert_all_accounted_for(raw)


@given(spoils=SPOILS)
@fuzzed(quick=25)
def test_a_spoiled_answer_to_the_probes_is_an_error_of_ours_or_a_plan(
    account: tuple[SpoiledNetSuite, NetSuiteClient, SourcePlan], spoils: list[Any]
) -> None:
    netsuite, client, _ = account
    netsuite.spoils = spoils
    try:
        plan = probe(client, SourceOptions(field_map=field_map(CUSTOM_FIELDS)), changes=True)
    except SyncError as error:
        assert_one_sentence(str(error))
        return
    assert plan.sources
