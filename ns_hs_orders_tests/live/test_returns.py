"""A return that is made, changed or deleted reaches its order within one look, whatever its stamps do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.clients.netsuite import NetSuiteClient
from ns_hs_orders.extract.change_sources import DELETED, RETURN_LINES, RETURNS
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.opening import days_to_prove
from ns_hs_orders_tests.end_to_end import returns
from ns_hs_orders_tests.end_to_end.company import Company, accepted
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.returns import FIRST_ID, OnOrder, on_order
from ns_hs_orders_tests.live.lane import delete, lane_of, look, save, settle
from ns_hs_orders_tests.live.test_look import news

NOTHING = Decimal(0)


@pytest.fixture(autouse=True)
def of_orders_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No records of returns beside the orders: these are about what the orders say."""
    monkeypatch.setenv("NS_HS_RETURNS", "amounts_only")


@contextmanager
def world(make: Make, **switches: object) -> Iterator[tuple[Company, LiveLane, str]]:
    """A synced company, its lane, and a dollar order without returns."""
    company = make(40, **switches)
    held = accepted(company.sync().reconciliation, "USD")
    taken = set(returns.orders_of(company).values())
    bills = {row["previousdoc"] for row in company.netsuite.rows("nexttransactionlink")}
    order = next(one for one in held if one not in taken | bills)
    with lane_of(company) as lane:
        yield company, lane, order


def total(company: Company, order: str) -> Decimal:
    return Decimal(company.order(order)["properties"]["hs_total_price"])


def test_a_new_return_its_receipt_and_its_refund_reach_the_order_though_no_stamp_of_either_moves(
    make: Make,
) -> None:
    with world(make) as (company, lane, order):
        whole = total(company, order)
        assert on_order(company, order) == OnOrder(NOTHING, NOTHING, whole, None)
        made = returns.add(company, FIRST_ID, order, "30.00", "12.34")
        assert news(lane) == {RETURNS: 1, RETURN_LINES: 1}
        assert settle(lane)["updated"] == 1
        assert on_order(company, order) == OnOrder(
            Decimal("42.34"), NOTHING, whole - Decimal("42.34"), "Pending Receipt"
        )

        company.netsuite.update("transaction", {"id": made}, {"status": "F"})
        returns.follow(company, FIRST_ID + 1, "ItemRcpt", made)
        assert look(lane)["updated"] == 1
        assert on_order(company, order).status == "Pending Refund"

        company.netsuite.update("transaction", {"id": made}, {"status": "G"})
        returns.follow(company, FIRST_ID + 2, "CustCred", made, "-42.34")
        assert look(lane)["updated"] == 1
        assert on_order(company, order) == OnOrder(
            Decimal("42.34"),
            Decimal("42.34"),
            whole - Decimal("42.34"),
            "Refunded",
        )
        settle(lane)
        assert news(lane) == {}


def test_a_return_of_an_invoice_is_of_the_order_behind_it(make: Make) -> None:
    with world(make) as (company, lane, order):
        invoice = returns.follow(company, FIRST_ID, "CustInvc", order, "99.00")
        returns.add(company, FIRST_ID + 1, invoice, "5.00", of=order)
        look(lane)
        assert on_order(company, order).returned == 5


def test_a_return_that_only_the_links_between_documents_tie_to_an_order_makes_it_due(make: Make) -> None:
    with world(make) as (company, lane, order):
        made = returns.add(company, FIRST_ID, None, "5.00", of=order)
        company.netsuite.insert(
            "nexttransactionlink", [{"previousdoc": order, "nextdoc": made, "linktype": "OrdRet"}]
        )
        assert news(lane)[RETURNS] == 1
        assert [one.order_id for one in lane._session.due_orders.all()].count(order) == 1


def test_an_edit_of_a_returns_line_alone_is_noticed(make: Make) -> None:
    with world(make) as (company, lane, order):
        made = returns.add(company, FIRST_ID, order, "5.00", at=None)
        look(lane)
        company.netsuite.update("transaction", {"id": made}, {"foreigntotal": "-7.00"})
        save(company, "transactionline", {"uniquekey": f"{FIRST_ID}01"}, foreignamount="7.00", rate="7.00")
        look(lane)
        assert on_order(company, order).returned == 7


def test_a_deleted_return_gives_the_order_its_net_total_back(make: Make) -> None:
    with world(make) as (company, lane, order):
        whole = total(company, order)
        made = returns.add(company, FIRST_ID, order, "5.00")
        look(lane)
        assert on_order(company, order).net == whole - 5
        delete(company, made)
        assert news(lane) == {DELETED: 1}
        assert settle(lane)["updated"] == 1
        assert on_order(company, order) == OnOrder(NOTHING, NOTHING, whole, None)


def test_a_return_that_moves_to_another_order_changes_both(make: Make) -> None:
    with world(make) as (company, lane, order):
        made = returns.add(company, FIRST_ID, order, "5.00")
        look(lane)
        currency = company.netsuite.rows("transaction", id=order)[0]["currency"]
        held = company.held()
        other = next(
            row["id"] or ""
            for row in company.netsuite.rows("transaction", type="SalesOrd")
            if row["id"] in held and row["id"] != order and row["currency"] == currency
            and not on_order(company, row["id"] or "").returned
        )  # fmt: skip
        save(company, "transactionline", {"uniquekey": f"{FIRST_ID}00"}, createdfrom=other)
        save(company, "transaction", {"id": made})
        look(lane)
        assert on_order(company, order).returned == 0
        assert on_order(company, other).returned == 5


def test_receipts_and_refunds_of_something_else_make_nothing_due(make: Make) -> None:
    with world(make) as (company, lane, order):
        returns.follow(company, FIRST_ID, "CustCred", order, "-5.00")
        assert RETURNS not in news(lane)


def test_the_day_of_an_order_whose_return_changed_is_to_be_proven_again(make: Make) -> None:
    with world(make) as (company, lane, order):
        from ns_hs_orders.state.proof.days import Days

        day = company.netsuite.rows("transaction", id=order)[0]["trandate"]
        with company.session() as session:
            company.reconcile()
            before = {one.isoformat() for one in Days(session.state).to_prove()}
            assert day not in before
            returns.add(company, FIRST_ID, order, "5.00")
            look(lane)
            assert day in {one.isoformat() for one in Days(session.state).to_prove()}


def test_the_day_of_a_return_itself_is_proven_again_when_it_moves_or_goes(make: Make) -> None:
    with world(make) as (company, lane, order):
        day, other = date(2025, 11, 19), date(2025, 11, 17)
        key = returns.add(company, FIRST_ID, order, "5.00", trandate=day.isoformat())
        look(lane)
        company.reconcile()
        assert days_to_prove(company.settings()) == []

        save(company, "transaction", {"id": key}, trandate=other.isoformat())
        look(lane)
        assert {day, other} <= set(days_to_prove(company.settings()))

        company.reconcile()
        delete(company, key)
        look(lane)
        assert other in days_to_prove(company.settings())


def test_with_returns_switched_off_netsuite_is_asked_nothing_about_them_and_nobody_misses_the_stream(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with world(make) as (company, lane, order):
        look(lane)
    monkeypatch.setenv("NS_HS_RETURNS", "off")
    asked: list[str] = []
    honest = NetSuiteClient.query

    def noted(self: NetSuiteClient, sql: str, *rest: Any, **more: Any) -> Any:
        asked.append(sql)
        return honest(self, sql, *rest, **more)

    monkeypatch.setattr(NetSuiteClient, "query", noted)
    company.sync()
    with lane_of(company) as lane:
        returns.add(company, FIRST_ID, order, "5.00")
        assert {one.stream for one in lane.look().streams}.isdisjoint({RETURNS, RETURN_LINES})
    assert len(asked) > 20
    assert not [one for one in asked if "RtnAuth" in one]
    main(["status", "--json"])
    assert "return authorizations were last read" not in capsys.readouterr().out
