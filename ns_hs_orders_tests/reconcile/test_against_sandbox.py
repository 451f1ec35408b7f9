"""Reconciliation end to end: both emulators over HTTP, the real clients, state, mapping and push."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.fields.field import UNIQUE_LINE_KEY
from ns_hs_orders.reconcile.look import Look
from ns_hs_orders.reconcile.reconcile import after_reconcile
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.text import as_text
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world.company.build import generate
from ns_hs_orders.sandbox.world.load import load_world
from ns_hs_orders.settings import load_settings
from ns_hs_orders.setup.plan import apply, plan
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.session import Session
from ns_hs_orders.wiring.trust import write_trust

TODAY = date(2026, 11, 20)
FIRST = TODAY - timedelta(days=20)


class Company:
    """A seeded company in both emulators, one session, and the two stores behind it."""

    def __init__(self, session: Session, netsuite: NetSuiteStore, hubspot: HubSpotStore) -> None:
        self.session, self.netsuite, self.hubspot = session, netsuite, hubspot

    def sync(self, first: date = FIRST, last: date = TODAY) -> pd.DataFrame:
        return self.session.push(self.session.map(self.session.read_days(first, last)), run="test")

    def reconcile(self, first: date = FIRST, last: date = TODAY) -> Reconciliation:
        return self.session.reconcile(first, last)

    def heal(self, result: Reconciliation) -> Reconciliation:
        after_reconcile(result, self.session.states, self.session.now())
        self.sync()
        return self.reconcile()

    def held(self, key: str) -> dict[str, str]:
        return next(
            o for o in self.hubspot.objects("orders") if o["properties"].get("netsuite_internal_id") == key
        )

    def edit(self, key: str, **properties: str) -> None:
        self.hubspot.edit("orders", self.held(key)["id"], properties)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    home: Path = tmp_path_factory.mktemp("home")
    with Sandbox(home, limits="off") as sandbox:
        netsuite, hubspot = NetSuiteStore(sandbox.home.netsuite_path), HubSpotStore(sandbox.home.hubspot_path)
        load_world(generate(80, 7, TODAY, days=20), netsuite, hubspot)
        with open_session(load_settings(home=home)) as session:
            apply(plan(session.definitions, session.field_map), lambda _: None)
            made = Company(session, netsuite, hubspot)
            made.sync()
            yield made
        netsuite.close()
        hubspot.close()


def lines_on(company: Company, key: str) -> list[str]:
    """Keys of the line items that are associated with HubSpot's record of an order."""
    order_id = company.held(key)["id"]
    key_of = {one["id"]: one["properties"][UNIQUE_LINE_KEY] for one in company.hubspot.objects("line_items")}
    linked = company.session.hubspot.associations.read("orders", "line_items", [order_id])
    return sorted(key_of[one.to_id] for one in linked)


def accepted(result: Reconciliation, currency: str = "USD") -> list[str]:
    orders = result.orders
    chosen = orders[(orders["finding"] == "agrees") & (orders["currency"] == currency)]
    found: list[str] = chosen["order_id_netsuite"].tolist()
    return found


def test_a_synced_company_agrees_to_the_cent_with_every_bad_order_listed(company: Company) -> None:
    result = company.reconcile()
    assert result.agrees, as_text(result, width=200)
    assert sum(result.outcomes.values()) == 80
    assert {"skipped", "quarantined"} <= result.outcomes.keys()
    assert len(result.currencies) >= 3
    for sums in result.currencies.values():
        assert sums.hubspot_minor == sums.accepted_minor
        assert sums.unexplained_minor == 0
    assert sum(s.orders_accepted for s in result.currencies.values()) == len(
        result.orders[result.orders["finding"] == "agrees"]
    )
    held = company.hubspot.objects("orders")
    assert len(held) == sum(s.orders_hubspot for s in result.currencies.values())


def test_reconciling_writes_nothing_to_hubspot(company: Company) -> None:
    before = company.hubspot.write_calls()
    company.reconcile()
    assert company.hubspot.write_calls() == before


def test_a_cent_up_and_a_cent_down_are_red_and_healed_by_the_next_sync(company: Company) -> None:
    up, down = accepted(company.reconcile())[:2]
    for key, cents in ((up, 1), (down, -1)):
        price = company.held(key)["properties"]["hs_total_price"]  # type: ignore[index]
        company.edit(key, hs_total_price=str(round(float(price) + cents / 100, 2)))
    result = company.reconcile()
    assert not result.agrees
    assert sorted(result.differences["order_id_netsuite"]) == sorted((up, down))
    assert sorted(result.differences["difference_minor"]) == [-1, 1]
    assert set(result.differences["cause"]) == {"edited in HubSpot"}
    assert result.currencies["USD"].difference_minor == 0
    after_reconcile(result, company.session.states, company.session.now())
    again = company.reconcile()
    assert set(again.differences["cause"]) == {"edited in HubSpot"}
    assert company.heal(again).agrees


def test_two_orders_merged_in_hubspot_are_told_and_are_two_again_after_a_sync(company: Company) -> None:
    stays, goes = accepted(company.reconcile())[:2]
    ids = [company.held(key)["id"] for key in (stays, goes)]
    whole = {key: lines_on(company, key) for key in (stays, goes)}
    company.hubspot.merge("orders", *ids)
    result = company.reconcile()
    rows = result.orders.set_index("order_id_netsuite")
    assert rows.loc[[stays, goes], "cause"].tolist() == ["lines differ", "deleted in HubSpot"]
    words = str(rows.loc[stays, "explanation"])
    assert f"NetSuite's internal id {goes}" in words
    assert "HubSpot's records were merged" in words
    assert company.heal(result).agrees
    assert {key: lines_on(company, key) for key in (stays, goes)} == whole


def test_what_a_person_makes_of_an_orders_verification_is_written_again(company: Company) -> None:
    result = company.reconcile()
    write_trust(company.session, result, run="test")
    edits = {
        "netsuite_verification": "differs",
        "netsuite_verified_difference": "9.5",
        "netsuite_verification_reason": "Ask Ann.",
    }
    keys = accepted(result)[: len(edits)]
    for key, (name, value) in zip(keys, edits.items(), strict=True):
        company.edit(key, **{name: value})
    assert write_trust(company.session, company.reconcile(), run="test").written == len(edits)
    for held in map(company.held, keys):
        told: Any = held["properties"]
        assert [told.get(name) for name in edits] == ["agrees", "0", None]
    before = company.hubspot.write_calls()
    write_trust(company.session, company.reconcile(), run="test")
    assert company.hubspot.write_calls() == before


def test_an_order_archived_in_hubspot_is_missing_and_comes_back(company: Company) -> None:
    key = accepted(company.reconcile())[0]
    company.hubspot.archive("orders", company.held(key)["id"])
    result = company.reconcile()
    assert result.differences["finding"].tolist() == ["missing in HubSpot"]
    assert result.differences["order_id_netsuite"].tolist() == [key]
    assert company.heal(result).agrees


def test_a_currency_changed_by_hand_is_red_in_both_currencies_and_healed(company: Company) -> None:
    key = accepted(company.reconcile())[0]
    company.edit(key, hs_currency_code="EUR")
    result = company.reconcile()
    assert result.currencies["USD"].difference_minor < 0 < result.currencies["EUR"].difference_minor
    assert {s.unexplained_minor for s in result.currencies.values()} == {0}
    assert company.heal(result).agrees


def test_an_order_edited_in_netsuite_is_red_until_the_next_sync(company: Company) -> None:
    key = accepted(company.reconcile())[0]
    company.netsuite.update(
        "transaction", {"id": key}, {"memo": "changed", "lastmodifieddate": "2026-11-20 12:00:00"}
    )
    result = company.reconcile()
    assert set(result.differences["cause"]) == {"edited in NetSuite"}
    assert {"Memo", "Modified Date"} == set(result.differences["field"])
    assert company.heal(result).agrees


def test_an_order_edited_in_hubspot_and_then_in_netsuite_is_put_down_to_netsuite(company: Company) -> None:
    key = accepted(company.reconcile())[0]
    company.edit(key, netsuite_po_number="PO 7")
    result = company.reconcile()
    assert set(result.differences["cause"]) == {"edited in HubSpot"}
    after_reconcile(result, company.session.states, company.session.now())
    company.netsuite.update(
        "transaction", {"id": key}, {"memo": "changed again", "lastmodifieddate": "2026-11-20 13:00:00"}
    )
    result = company.reconcile()
    assert set(result.differences["cause"]) == {"edited in NetSuite"}
    assert company.heal(result).agrees


def test_an_order_that_moved_to_another_day_leaves_neither_day_proven(company: Company) -> None:
    result = company.reconcile()
    agreeing = result.orders[result.orders["finding"] == "agrees"]
    key, day = next(
        (key, on)
        for key, on in zip(agreeing["order_id_netsuite"], agreeing["order_on"], strict=True)
        if FIRST < on < TODAY
    )
    company.netsuite.update("transaction", {"id": key}, {"trandate": TODAY.isoformat()})
    old_day = company.reconcile(day, day)
    assert old_day.differences["cause"].tolist() == ["moved to another day"]
    assert {s.unexplained_minor for s in old_day.currencies.values()} == {0}
    new_day = company.reconcile(TODAY, TODAY)
    assert (old_day.red_days, new_day.red_days) == ((day,), (TODAY,))
    assert company.heal(company.reconcile()).agrees


def test_an_order_deleted_in_netsuite_is_red_until_somebody_archives_it(company: Company) -> None:
    result = company.reconcile()
    key = accepted(result)[-1]
    for table in ("transactionline", "transaction"):
        column = "transaction" if table == "transactionline" else "id"
        company.netsuite.delete(table, {column: key})
    result = company.reconcile()
    assert result.differences["order_id_netsuite"].tolist() == [key]
    assert result.differences["finding"].tolist() == ["only in HubSpot"]
    company.hubspot.archive("orders", company.held(key)["id"])
    result = company.reconcile()
    assert result.agrees
    assert result.outcomes["archived"] == 1


def test_a_page_that_the_extract_drops_is_red(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Look._mapped

    def without_the_last_ten(self: Look, raw):  # the break: one page of what was read is lost
        return dict(list(whole(self, raw).items())[:-10])

    monkeypatch.setattr(Look, "_mapped", without_the_last_ten)
    result = company.reconcile()
    assert not result.agrees
    missed = [t for t in result.control if not t.agrees]
    assert sum(t.orders_counted - t.orders_read for t in missed) == 10
