"""Returns as records on HubSpot's Orders object, from NetSuite to HubSpot and back, over both emulators."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.push.ports import AssociationInput, Verdict
from ns_hs_orders.reconcile.returns.checks import return_checks
from ns_hs_orders.reconcile.risk import found_exceptions
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.work import lanes
from ns_hs_orders.wiring import patience
from ns_hs_orders.wiring.opening import days_to_prove
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY, Company
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.return_records import (
    held,
    make_return,
    orders_to_return,
    returns_session,
    sync_returns,
    without_returns,
)
from ns_hs_orders_tests.live.lane import delete

# A claim outlasts the longest call. Short calls keep the wait for a dead run's claims short.
SHORT = {"HUBSPOT_CALL_SECONDS": 3.0, "HUBSPOT_READ_SECONDS": 3.0, "LEASE_MARGIN_SECONDS": 1.0}
STAGES = {
    "A": "Pending Approval",
    "B": "Pending Receipt",
    "C": "Cancelled",
    "D": "Partially Received",
    "E": "Partially Received",
    "F": "Pending Refund",
    "G": "Refunded",
    "H": "Closed",
}


@pytest.fixture
def company(make: Make) -> Company:
    """Set up for returns, with none of the world's own; its orders are synced."""
    made = without_returns(make(12))
    made.sync()
    return made


def stage_labels(company: Company) -> dict[str, str]:
    with company.session() as session:
        return {
            str(stage.id): stage.label
            for one in session.definitions.pipelines("orders")
            if one.label == "NetSuite Returns"
            for stage in one.stages
        }


def test_a_return_of_each_status_is_a_record_without_a_price(company: Company) -> None:
    order = orders_to_return(company)[0]
    sums = company.sums()
    keys = {letter: make_return(company, order, status=letter, received=1) for letter in STAGES}

    done = sync_returns(company)

    assert done.comparison.agrees
    labels = stage_labels(company)
    for letter, key in keys.items():
        record = held(company, key)
        properties = record["properties"]
        assert labels[properties["hs_pipeline_stage"]] == STAGES[letter], letter
        assert (properties["hs_total_price"], properties["netsuite_return_amount"]) == ("0", "30")
        counted = {"A": "0", "C": "0", "H": "15"}.get(letter, "30")
        assert properties["netsuite_return_counted_amount"] == counted, letter
        assert properties["netsuite_return_received_amount"] == "15"
        assert properties["netsuite_return_date"] == "2025-11-18"
        assert properties.get("netsuite_order_date") is None
        assert record["companies"] == company.order(order)["companies"]
        (line,) = record["lines"].values()
        assert (line["price"], line["netsuite_line_amount"], line["quantity"]) == ("0", "0", "2")
        assert line["netsuite_return_line_amount"] == "30"
        warned = "refund_not_seen" if letter == "G" else ""
        assert done.outcome_of(key) == ("created", warned)
        assert done.finding_of(key)["hubspot_amount_minor"] == 3000
    assert company.sums() == sums, "no report that sums orders is inflated"


def test_a_return_hangs_on_its_order_by_either_hop_and_says_so_where_it_cannot(company: Company) -> None:
    order, other = orders_to_return(company)[:2]
    invoice = invoice_of(company, order)
    direct = make_return(company, order)
    by_invoice = make_return(company, invoice, like=order)
    alone = make_return(company, None, like=order)
    of_return = make_return(company, direct, like=order)
    lost = make_return(company, "999999999", like=order)

    done = sync_returns(company)

    assert done.comparison.agrees
    with returns_session(company) as session:
        kind = session.parent_kind
        url = session.directory(session.map(session.read_ids([direct]))).order_url
    assert kind is not None
    assert kind.category == "USER_DEFINED"
    record = company.order(order)["id"]
    for key in (direct, by_invoice):
        found = held(company, key)
        assert kind.type_id in found["parents"][record]
        properties = found["properties"]
        assert (properties["netsuite_return_parent"], properties["netsuite_return_parent_number"]) == (
            order,
            company.number_of(order),
        )
        assert properties["netsuite_return_parent_url"] == url + record
    for key, made_from in ((alone, "none"), (of_return, "return"), (lost, "missing")):
        found = held(company, key)
        assert (found["parents"], found["properties"]["netsuite_return_made_from"]) == ({}, made_from)

    by_person(company, direct, other, kind)
    move(company, direct, other)
    assert sync_returns(company).comparison.agrees
    assert set(held(company, direct)["parents"]) == {company.order(other)["id"]}
    move(company, direct, order)
    assert sync_returns(company).comparison.agrees
    assert set(held(company, direct)["parents"]) == {record, company.order(other)["id"]}, (
        "what a person made stays, also where NetSuite named it once"
    )


def test_a_return_that_was_made_from_nothing_after_all_hangs_on_no_order_any_more(company: Company) -> None:
    order = orders_to_return(company)[0]
    key = make_return(company, order)
    assert sync_returns(company).comparison.agrees
    assert set(held(company, key)["parents"]) == {company.order(order)["id"]}

    move(company, key, None)
    done = sync_returns(company)

    assert done.comparison.agrees
    assert not held(company, key)["properties"].get("netsuite_return_parent")
    assert held(company, key)["parents"] == {}


def test_what_is_unchanged_costs_no_write_and_what_changes_is_written(company: Company) -> None:
    order = orders_to_return(company)[0]
    key, same = make_return(company, order), make_return(company, order, units=1)
    assert sync_returns(company).comparison.agrees
    writes = company.hubspot.write_calls()
    again = sync_returns(company)
    assert (again.outcome_of(key)[0], again.outcome_of(same)[0]) == ("unchanged", "unchanged")
    assert company.hubspot.write_calls() == writes

    company.netsuite.update("transaction", {"id": key}, {"status": "D"})
    (line,) = company.netsuite.rows("transactionline", transaction=key, mainline="F")
    company.netsuite.update(
        "transactionline", {"uniquekey": line["uniquekey"] or ""}, {"quantityshiprecv": "1"}
    )
    done = sync_returns(company)
    assert done.comparison.agrees
    assert (done.outcome_of(key)[0], done.outcome_of(same)[0]) == ("updated", "unchanged")
    properties = held(company, key)["properties"]
    assert properties["hs_external_order_status"] == "Return Authorization : Partially Received"
    assert properties["netsuite_return_received_amount"] == "15"


def test_a_return_that_netsuite_deleted_is_archived_with_its_lines(company: Company) -> None:
    order = orders_to_return(company)[0]
    key, kept = make_return(company, order), make_return(company, order)
    sync_returns(company)
    lines = set(held(company, key)["lines"])
    delete(company, key)

    done = sync_returns(company)

    assert done.told == ["1 returns that NetSuite deleted were taken out of HubSpot"]
    assert key not in company.held(with_returns=True)
    assert kept in company.held(with_returns=True)
    assert not lines & {
        one["properties"]["netsuite_line_key"] for one in company.hubspot.objects("line_items")
    }
    assert done.comparison.agrees
    assert company.sync().reconciliation.agrees, "its order is as it was"


@pytest.mark.parametrize("mode", ["pipeline", "amounts_only"])
def test_without_the_live_lane_the_day_of_a_return_finds_the_order_of_another_day_that_must_follow(
    make: Make, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    company = without_returns(make(5))
    with company.session() as session:
        session.push(session.map(session.read_days(FIRST, TODAY)), run="first")
    monkeypatch.setenv("NS_HS_RETURNS", mode)
    make_return(company, None, like=orders_to_return(company)[0], day="2025-11-19")
    day = date(2025, 11, 18)
    order, on = next(
        (key, date.fromisoformat(str(company.order(key)["properties"]["netsuite_order_date"])))
        for key in orders_to_return(company)
        if company.order(key)["properties"]["netsuite_order_date"] != day.isoformat()
    )

    def told() -> tuple[str | None, str | None]:
        properties = company.order(order)["properties"]
        return properties.get("netsuite_returned_amount"), properties.get("netsuite_return_status")

    def due() -> list[str]:
        with company.session() as session:
            return [one.order_id for one in session.due_orders.all()]

    key = make_return(company, order, status="G")
    company.sync(day, day)
    assert (told(), due()) == (("0", None), [order])
    company.sync(on, on)
    assert (told(), due()) == (("30", "Refunded"), [])
    assert on not in days_to_prove(company.settings())

    delete(company, key)
    if mode == "pipeline":
        sync_returns(company)
    found = company.sync(day, day).reconciliation
    assert (told(), due()) == (("30", "Refunded"), [order])
    assert on in days_to_prove(company.settings())
    if mode == "amounts_only":
        assert found.net is not None
        (row,) = found.net.returns.to_dict("records")
        assert (row["return_id_netsuite"], row["return_number"]) == (key, f"RMA-{key}")
        assert (row["finding"], row["cause"]) == ("only in HubSpot", "deleted in NetSuite")
        assert row["counted_hubspot_minor"] == 3000
        assert found.red_days == (day,)
    company.sync(on, on)
    assert (told(), due()) == (("0", None), [])
    assert company.reconcile(day, day).agrees
    assert not {on, day} & set(days_to_prove(company.settings()))


def test_a_return_that_a_person_merged_into_an_order_has_its_record_again_and_the_order_is_named_not_archived(
    company: Company,
) -> None:
    returned, other = orders_to_return(company)[:2]
    key = make_return(company, returned, status="G")
    company.sync()
    company.hubspot.merge("orders", company.order(other)["id"], held(company, key)["id"])

    for _ in range(3):
        company.sync()

    day = date.fromisoformat(held(company, key)["properties"]["netsuite_return_date"])
    survivor = company.order(other)["id"]
    with returns_session(company) as returns:
        frame = returns.compare(day, day).frame
    (row,) = frame[frame["finding"] != "agrees"].to_dict("records")
    assert (row["return_id_netsuite"], row["return_id_hubspot"]) == (other, survivor)
    assert row["explanation"].startswith("This record is an order, and HubSpot tells a return of it")
    assert "do not archive it" in row["explanation"]
    emptied = ("netsuite_return_date", "netsuite_return_amount", "netsuite_return_counted_amount")
    company.edit(other, **dict.fromkeys(emptied, ""))
    result = company.sync().reconciliation
    assert result is not None
    assert result.agrees
    assert company.order(other)["id"] == survivor


def test_by_setting_a_deleted_return_is_kept_as_cancelled_counts_nothing_and_turns_no_day_red(
    company: Company,
) -> None:
    settings: dict[str, Any] = {"deleted_orders": "cancel", "return_totals": "negative"}
    key = make_return(company, orders_to_return(company)[0], status="G")
    sync_returns(company, **settings)
    assert held(company, key)["properties"]["hs_total_price"] == "-30"
    delete(company, key)

    for _ in range(2):
        done = sync_returns(company, **settings)

        record = held(company, key)
        properties = record["properties"]
        assert properties["hs_external_order_status"] == "Deleted in NetSuite"
        assert (properties["netsuite_return_counted_amount"], properties["hs_total_price"]) == ("0", "0")
        assert record["lines"] == {}
        found = done.finding_of(key)
        assert (found["outcome"], found["cause"]) == ("archived", "deleted in NetSuite")
        assert done.comparison.agrees
        assert [one.passed for one in return_checks(done.comparison)] == [True]
        with returns_session(company, **settings) as session:
            assert session.due_orders.all() == []
    result = company.sync(**settings).reconciliation
    assert result.agrees
    assert result.red_days == ()
    assert key not in {one.order_id for one in found_exceptions(result)}


def test_a_return_gets_its_order_when_that_comes_into_hubspot_later(company: Company) -> None:
    order = orders_to_return(company)[0]
    record = company.order(order)["id"]
    company.hubspot.archive("orders", record)
    with company.session() as session:
        session.states.record(
            [Verdict(order, session.tickets.next_ticket(), "archived", None, None, None, None, None)],
            holder="test",
            run="test",
            now=session.now(),
        )
    key = make_return(company, order)
    done = sync_returns(company)
    assert done.comparison.agrees
    assert done.outcome_of(key) == ("created", "parent_not_in_hubspot")
    assert held(company, key)["parents"] == {}
    assert held(company, key)["properties"]["netsuite_return_parent"] == order
    with returns_session(company) as session:
        assert session.notice_arrived_orders() == 0

    company.carry_over()
    with returns_session(company) as session:
        assert session.notice_arrived_orders() == 1
        assert [one.order_id for one in session.due_orders.all()] == [key]
        assert session.notice_arrived_orders() == 0
    assert sync_returns(company).outcome_of(key) == ("updated", "")
    assert set(held(company, key)["parents"]) == {company.order(order)["id"]}


def test_a_return_that_the_other_lane_notes_as_waiting_meanwhile_is_not_forgotten(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with returns_session(make(2)) as session:
        notes = Notes(session.state)
        notes.keep("awaited orders", {"900001": "1", "900002": "2"}, session.now())

        def found_while_the_other_lane_writes(_: Sequence[str]) -> set[str]:
            other = {"900001": "1", "900002": "3", "900003": "3"}
            notes.keep("awaited orders", other, session.now())
            return {"1", "2"}

        monkeypatch.setattr(session, "_in_hubspot", found_while_the_other_lane_writes)
        assert session.notice_arrived_orders() == 2
        assert notes.find("awaited orders", now=session.now()) == {"900002": "3", "900003": "3"}


@pytest.mark.parametrize(("answer", "types"), [("plain", {1390}), ("label_limit", {1390}), ("none", set())])
def test_a_portal_without_the_label_has_the_key_and_the_link_all_the_same(
    make: Make, answer: str, types: set[int]
) -> None:
    company = make(12, hubspot_order_to_order=answer)
    company.carry_over()
    order = orders_to_return(company)[0]
    key = make_return(company, order)

    done = sync_returns(company)

    assert done.comparison.agrees
    assert done.outcome_of(key) == ("created", "")
    record = company.order(order)["id"]
    assert held(company, key)["parents"].get(record, set()) == types
    properties = held(company, key)["properties"]
    assert properties["netsuite_return_parent"] == order
    assert str(properties["netsuite_return_parent_url"]).endswith(f"/orders/{record}")


def test_totals_below_zero_are_asked_of_the_portal_once_and_then_written(company: Company) -> None:
    order = orders_to_return(company)[0]
    key = make_return(company, order)
    before = len(company.hubspot.objects("orders"))
    done = sync_returns(company, return_totals="negative")
    assert done.comparison.agrees
    assert held(company, key)["properties"]["hs_total_price"] == "-30"
    (line,) = held(company, key)["lines"].values()
    assert (line["price"], line["netsuite_line_amount"]) == ("0", "-30")
    assert len(company.hubspot.objects("orders")) == before + 1, "what was asked with is archived"
    writes = company.hubspot.write_calls()
    assert sync_returns(company, return_totals="negative").outcome_of(key)[0] == "unchanged"
    assert company.hubspot.write_calls() == writes


def test_totals_below_zero_are_what_counts_of_each_return(company: Company) -> None:
    order = orders_to_return(company)[0]
    expected = {"A": "0", "C": "0", "G": "-30", "H": "-15"}
    keys = {letter: make_return(company, order, status=letter, received=1) for letter in expected}
    before = sum(company.sums().values())

    assert sync_returns(company, return_totals="negative").comparison.agrees

    for letter, price in expected.items():
        record = held(company, keys[letter])
        assert record["properties"]["hs_total_price"] == price, letter
        (line,) = record["lines"].values()
        assert (line["netsuite_line_amount"], line["netsuite_return_line_amount"]) == (price, "30"), letter
    assert sum(company.sums().values()) == before - 4500


def test_a_portal_that_takes_no_totals_below_zero_is_an_error_that_names_the_setting(
    company: Company,
) -> None:
    company.sandbox.switches.change(hubspot_negative_total_refused=True)
    key = make_return(company, orders_to_return(company)[0])
    with pytest.raises(ConfigError, match="NS_HS_RETURN_TOTALS=zero") as refused:
        sync_returns(company, return_totals="negative")
    assert "hs_total_price must not be negative" in str(refused.value)
    assert key not in company.held(with_returns=True)
    assert sync_returns(company).comparison.agrees


def test_what_somebody_changes_on_a_return_in_hubspot_is_found_and_mended(company: Company) -> None:
    order = orders_to_return(company)[0]
    key = make_return(company, order)
    assert sync_returns(company).comparison.agrees
    company.edit(key, netsuite_return_amount="29.99")
    with returns_session(company) as session:
        found = session.compare(FIRST, TODAY)
        (row,) = found.frame.to_dict("records")
        assert (row["finding"], row["cause"], row["fields"]) == (
            "amount differs",
            "edited in HubSpot",
            "Return amount",
        )
        assert (row["amount_minor"], row["hubspot_amount_minor"]) == (3000, 2999)
        assert not found.agrees
        assert [one.order_id for one in session.due_orders.all()] == [key]
        pair = AssociationInput(held(company, key)["id"], company.order(order)["id"])
        assert session.hubspot.associations.remove("orders", "orders", [pair]) == ()
        (row,) = session.compare(FIRST, TODAY).frame.to_dict("records")
        assert row["fields"] == "Return amount; returned order"
    assert sync_returns(company).comparison.agrees
    assert held(company, key)["properties"]["netsuite_return_amount"] == "30"
    assert set(held(company, key)["parents"]) == {company.order(order)["id"]}

    company.edit(key, hs_tax="9.99", hs_subtotal_price="100")
    with returns_session(company) as session:
        (row,) = session.compare(FIRST, TODAY).frame.to_dict("records")
    assert (row["cause"], row["fields"]) == ("edited in HubSpot", "Subtotal Price; Tax Price")
    assert sync_returns(company).comparison.agrees
    amounts = held(company, key)["properties"]
    assert not amounts.get("hs_tax")
    assert not amounts.get("hs_subtotal_price"), "no report that sums orders is inflated"

    company.hubspot.archive("orders", held(company, key)["id"])
    with returns_session(company) as session:
        (row,) = session.compare(FIRST, TODAY).frame.to_dict("records")
    assert (row["finding"], row["cause"]) == ("missing in HubSpot", "deleted in HubSpot")
    assert sync_returns(company).comparison.agrees
    assert key in company.held(with_returns=True)


def test_no_look_for_orders_finds_a_return(company: Company) -> None:
    order = orders_to_return(company)[0]
    key = make_return(company, order)
    sync_returns(company)
    company.edit(key, netsuite_order_date="2025-11-18")
    with company.session() as session:
        assert key not in session.hubspot.search.orders_dated(FIRST, TODAY)
        assert session.hubspot.search.returns_dated(FIRST, TODAY) == [key]
        number = held(company, key)["properties"]["hs_order_name"]
        assert session.hubspot.search.orders_without_key([number], [key]) == []
    result = company.sync().reconciliation
    assert result.agrees
    assert key not in set(result.orders["order_id_netsuite"])
    assert held(company, key)["properties"].get("netsuite_verification") is None


def test_a_world_without_returns_costs_one_search_more_a_range(make: Make) -> None:
    company = without_returns(make(12))
    company.carry_over()
    with returns_session(company) as session:
        before = session.hubspot.calls
        mapped = session.map(session.read_days(FIRST, TODAY))
        session.push(mapped, run="nothing")
        assert session.hubspot.calls == before
        session.compare(FIRST, TODAY)
        assert session.hubspot.calls == before + 1


def test_many_returns_cost_few_calls(company: Company) -> None:
    order = orders_to_return(company)[0]
    keys = [make_return(company, order) for _ in range(30)]
    with returns_session(company) as session:
        mapped = session.map(session.read_days(FIRST, TODAY))
        session.push(mapped, run="first")
        before, writes = session.hubspot.calls, company.hubspot.write_calls()
        session.push(mapped, run="again")
        assert company.hubspot.write_calls() == writes
        assert session.hubspot.calls - before <= 8
    assert len([key for key in company.held(with_returns=True) if key in keys]) == 30


DRIVER = f"""
from datetime import date
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring import patience
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.returns.session import open_returns
vars(patience).update({SHORT!r})
with open_session(load_settings()) as session, open_returns(session) as returns:
    mapped = returns.map(returns.read_days(date.fromisoformat({FIRST.isoformat()!r}), date.fromisoformat({TODAY.isoformat()!r})))
    returns.push(mapped, run="killed")
"""


@pytest.mark.parametrize(
    "path", ["orders/batch/upsert", "line_items/batch/upsert", "orders/orders/batch/create"]
)
def test_a_push_of_returns_that_is_killed_and_run_again_ends_as_an_undisturbed_one(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    order = orders_to_return(company)[0]
    keys = [make_return(company, order), make_return(company, order, status="G")]
    company.sandbox.faults.add({"kind": "hold", "app": "hubspot", "path": path})
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER], env=dict(os.environ), stdout=log, stderr=log
        )
    for _ in range(1200):
        if company.sandbox.faults.held():
            break
        assert process.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert company.sandbox.faults.release() == 1
    for name, seconds in SHORT.items():
        monkeypatch.setattr(patience, name, seconds)
    monkeypatch.setattr(lanes, "FRESH", timedelta(seconds=3))

    done = sync_returns(company)

    assert done.comparison.agrees
    record = company.order(order)["id"]
    for key in keys:
        found = held(company, key)
        assert (set(found["parents"]), len(found["lines"])) == ({record}, 1)
        assert found["properties"]["netsuite_return_amount"] == "30"
    assert company.loose_lines() == set()


def invoice_of(company: Company, order: str) -> str:
    """An invoice made from the order."""
    (row,) = company.netsuite.rows("transaction", id=order)
    key = str(company.netsuite.highest("transaction", "id") + 1)
    copied = {name: row[name] for name in ("entity", "currency", "exchangerate", "trandate", "createddate", "lastmodifieddate")}  # fmt: skip
    company.netsuite.insert(
        "transaction",
        [
            {
                **copied,
                "id": key,
                "type": "CustInvc",
                "tranid": f"INV-{key}",
                "status": "A",
                "foreigntotal": "1.00",
            }
        ],
    )
    first = company.netsuite.highest("transactionline", "uniquekey") + 1
    company.netsuite.insert(
        "transactionline",
        [
            {"uniquekey": str(first), "transaction": key, "id": "0", "linesequencenumber": "0", "mainline": "T",
             "taxline": "F", "createdfrom": order, "foreignamount": "1.00"}
        ],
    )  # fmt: skip
    return key


def move(company: Company, key: str, order: str | None) -> None:
    (main,) = company.netsuite.rows("transactionline", transaction=key, mainline="T")
    company.netsuite.update("transactionline", {"uniquekey": main["uniquekey"] or ""}, {"createdfrom": order})


def by_person(company: Company, key: str, order: str, kind: Any) -> None:
    with company.session() as session:
        pair = AssociationInput(
            company.order(key)["id"],
            company.order(order)["id"],
            label_ids=((kind.category, kind.type_id),),
        )
        assert session.hubspot.associations.create("orders", "orders", [pair]) == ()
