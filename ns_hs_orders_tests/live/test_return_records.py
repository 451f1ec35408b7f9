"""Return records in the live lane: a change in NetSuite is in HubSpot within the same round, over both emulators."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from ns_hs_orders.state.notes import Notes
from ns_hs_orders.wiring.check_up import look_at_pipelines
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.on_call import status_now
from ns_hs_orders.wiring.opening import days_to_prove
from ns_hs_orders.wiring.returns.live import open_lane
from ns_hs_orders.wiring.returns.session import open_returns
from ns_hs_orders.wiring.session import Session
from ns_hs_orders_tests.end_to_end.company import FIRST, Company
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.return_records import held, make_return, order_to_return, without_returns
from ns_hs_orders_tests.live.lane import delete, save, settle, stamped


@pytest.fixture
def company(make: Make) -> Company:
    """Synced, with none of the world's own returns."""
    made = without_returns(make(12))
    made.sync()
    return made


@contextmanager
def live(company: Company, told: list[str] | None = None, **overrides: Any) -> Iterator[LiveLane]:
    """The lane with returns, its first look behind it."""
    with (
        company.session(first_day=FIRST, **overrides) as session,
        open_lane(session, "live-run", (told if told is not None else []).append) as lane,
    ):
        lane.look()
        lane.sweep_if_due()
        settle(lane)
        yield lane


def follow_up(company: Company, kind: str, of: str, total: str | None = None) -> None:
    """A receipt or refund made from a return, stamped now."""
    (row,) = company.netsuite.rows("transaction", id=of)
    key = str(company.netsuite.highest("transaction", "id") + 1)
    company.netsuite.insert(
        "transaction",
        [
            {"id": key, "type": kind, "tranid": f"{kind}-{key}", "status": "A", "trandate": row["trandate"],
             "createddate": stamped(), "lastmodifieddate": stamped(), "entity": row["entity"],
             "currency": row["currency"], "exchangerate": row["exchangerate"], "foreigntotal": total, "voided": "F"}
        ],
    )  # fmt: skip
    company.netsuite.insert(
        "transactionline",
        [
            {"uniquekey": str(company.netsuite.highest("transactionline", "uniquekey") + 1), "transaction": key,
             "id": "0", "linesequencenumber": "0", "mainline": "T", "taxline": "F", "createdfrom": of}
        ],
    )  # fmt: skip


def test_a_return_is_there_and_follows_netsuite_within_one_look_and_round(company: Company) -> None:
    order = order_to_return(company)
    with live(company) as lane:
        key = make_return(company, order)
        lane.look()
        assert lane.due_now() >= 2
        lane.round(500)
        record = held(company, key)
        assert set(record["parents"]) == {company.order(order)["id"]}
        assert company.order(order)["properties"]["netsuite_returned_amount"] == "30"

        (line,) = company.netsuite.rows("transactionline", transaction=key, mainline="F")
        company.netsuite.update(
            "transactionline", {"uniquekey": line["uniquekey"] or ""}, {"quantityshiprecv": "1"}
        )
        follow_up(company, "ItemRcpt", key)
        lane.look()
        lane.round(500)
        assert held(company, key)["properties"]["netsuite_return_received_amount"] == "15"

        follow_up(company, "CustCred", key, "-12.50")
        lane.look()
        lane.round(500)
        assert held(company, key)["properties"]["netsuite_return_refund_amount"] == "12.5"

        save(company, "transaction", {"id": key}, status="H")
        lane.look()
        lane.round(500)
        properties = held(company, key)["properties"]
        assert (properties["netsuite_return_amount"], properties["netsuite_return_counted_amount"]) == (
            "30",
            "15",
        )

        delete(company, key)
        lane.look()
        lane.round(500)
        assert key not in company.held(with_returns=True)
        assert lane.due_now() == 0


def test_a_return_lets_go_of_its_order_when_netsuite_deletes_that(company: Company) -> None:
    order = order_to_return(company)
    key = make_return(company, order)
    # long ago, so that no look sees the return itself
    company.netsuite.update("transaction", {"id": key}, {"lastmodifieddate": "2025-11-18 09:00:00"})
    company.netsuite.update(
        "transactionline", {"transaction": key}, {"linelastmodifieddate": "2025-11-18 09:00:00"}
    )
    company.sync()
    assert set(held(company, key)["parents"]) == {company.order(order)["id"]}

    with live(company) as lane:
        delete(company, order)
        lane.look()
        lane.round(500)

    alone = held(company, key)
    assert alone["parents"] == {}
    assert alone["properties"]["netsuite_return_made_from"] == "missing"
    assert not alone["properties"].get("netsuite_return_parent_url")


def test_the_days_of_a_return_that_changed_are_proven_again(company: Company) -> None:
    key = make_return(company, order_to_return(company))
    company.sync()
    assert date(2025, 11, 18) not in days_to_prove(company.settings())

    with live(company) as lane:
        save(company, "transaction", {"id": key}, trandate="2025-11-19")
        lane.look()
        lane.round(500)
    assert {date(2025, 11, 19), date(2025, 11, 18)} <= set(days_to_prove(company.settings()))

    assert company.reconcile().agrees
    assert days_to_prove(company.settings()) == []

    with live(company) as lane:
        delete(company, key)
        lane.look()
        lane.round(500)
    assert date(2025, 11, 19) in days_to_prove(company.settings())
    assert date(2025, 11, 19) not in days_to_prove(company.settings(returns="off"))


def test_a_return_whose_order_comes_later_gets_it_in_the_live_lane(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ns_hs_orders.wiring.returns.live.AWAITED_EVERY", timedelta())
    order = order_to_return(company)
    (row,) = company.netsuite.rows("transaction", id=order)
    (customer,) = company.netsuite.rows("customer", id=row["entity"] or "")
    hubspot_id = customer["custentity_celigo_hubspot_id"]
    number = str(company.netsuite.highest("transaction", "id") + 10)
    with live(company) as lane:
        stranger = str(company.netsuite.highest("customer", "id") + 1)
        company.netsuite.insert(
            "customer",
            [
                {
                    **customer,
                    "id": stranger,
                    "custentity_celigo_hubspot_id": None,
                    "lastmodifieddate": stamped(),
                }
            ],
        )
        copied_order(company, order, number, stranger)
        key = make_return(company, number, like=order)
        lane.look()
        lane.round(500)
        assert number not in company.held(), "its customer is not in HubSpot"
        assert held(company, key)["parents"] == {}

        save(company, "customer", {"id": stranger}, custentity_celigo_hubspot_id=hubspot_id)
        lane.look()
        lane.round(500)
        lane.round(500)
        assert set(held(company, key)["parents"]) == {company.order(number)["id"]}


def copied_order(company: Company, order: str, key: str, customer: str) -> None:
    """The order once more under another id and customer, saved now."""
    (row,) = company.netsuite.rows("transaction", id=order)
    company.netsuite.insert(
        "transaction",
        [{**row, "id": key, "tranid": f"SO-{key}", "entity": customer, "createddate": stamped(), "lastmodifieddate": stamped()}],
    )  # fmt: skip
    first = company.netsuite.highest("transactionline", "uniquekey")
    lines = company.netsuite.rows("transactionline", transaction=order)
    company.netsuite.insert(
        "transactionline",
        [
            {**line, "uniquekey": str(first + place), "transaction": key, "linelastmodifieddate": stamped()}
            for place, line in enumerate(lines, start=1)
        ],
    )


def test_returns_that_fail_hold_back_no_order_and_are_told_once(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = order_to_return(company)
    told: list[str] = []
    with live(company, told, hubspot_return_pipeline_id="4711") as lane:
        key = make_return(company, order)
        save(company, "transaction", {"id": order}, memo="still written")
        lane.look()
        for _ in range(3):
            lane.round(500)
        assert company.order(order)["properties"]["hs_order_note"] == "still written"
        assert company.order(order)["properties"]["netsuite_returned_amount"] == "30"
        assert key not in company.held(with_returns=True)
        assert lane.due_now() == 0, "nobody is kept awake by what rests"
    status = status_now(company.settings())
    (need,) = (one for one in status.needs if one.code.startswith("return"))
    assert need.code == "return_pipeline_missing"
    assert need.what.startswith("No return can be written: NS_HS_HUBSPOT_RETURN_PIPELINE_ID names 4711")
    assert "name it so again" in need.do
    failures = [text for text in told if "Returns are left for now, orders go on" in text]
    assert len(failures) == 1
    assert "NS_HS_HUBSPOT_RETURN_PIPELINE_ID names 4711" in failures[0]

    monkeypatch.setattr("ns_hs_orders.wiring.returns.live.ReturnRounds._is_resting", lambda *_: False)
    with live(company) as lane:
        lane.round(500)
        assert key in company.held(with_returns=True)
    assert status_now(company.settings()).needs == ()


def rename(session: Session, pipeline_id: str | None, label: str) -> None:
    """As a person does in HubSpot."""
    path = f"{session.hubspot.settings._pipelines('orders')}/{pipeline_id}"
    session.hubspot.settings._transport.send(
        "PATCH", path, json={"label": label}, family="objects", effect="keyed"
    )


def test_a_pipeline_that_somebody_renamed_is_told_of_before_a_return_is_due(company: Company) -> None:
    with company.session() as session:
        (ours,) = (one for one in session.definitions.pipelines("orders") if one.label == "NetSuite Returns")
        rename(session, ours.id, "Goods back")
        with open_returns(session) as returns:
            Notes(returns.state).drop("looked at pipeline")
    with live(company) as lane:
        lane.round(500)
    (need,) = status_now(company.settings()).needs
    assert need.code == "return_pipeline_missing"
    assert need.what.startswith("No return can be written: HubSpot has no order pipeline 'NetSuite Returns'")

    with company.session() as session:
        rename(session, ours.id, "NetSuite Returns")
        look_at_pipelines(session)
    assert status_now(company.settings()).needs == ()


def test_a_quiet_lane_asks_hubspot_nothing_for_returns(company: Company) -> None:
    make_return(company, order_to_return(company))
    with live(company) as lane:
        time.sleep(2.1)  # what was noticed is read once more, two seconds later
        lane.look()
        settle(lane)
        before = lane._session.hubspot.calls
        for _ in range(5):
            lane.look()
            lane.round(500)
        assert lane._session.hubspot.calls == before


@pytest.mark.parametrize("setting", ["amounts_only", "off"])
def test_without_return_records_the_lane_writes_none(company: Company, setting: str) -> None:
    key = make_return(company, order_to_return(company))
    with live(company, returns=setting) as lane:
        lane.round(500)
    assert key not in company.held(with_returns=True)
