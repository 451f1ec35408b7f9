"""What was reported, append-only; and months that are closed over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.report.month_end.periods import Obstacle, obstacles
from ns_hs_orders.state.database import State
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.state.proof.periods import Periods
from ns_hs_orders.state.proof.reported import ReportLog
from ns_hs_orders.state.tables import reported_days, reported_orders
from ns_hs_orders_tests.state.conftest import NOW

DAY, NEXT_DAY = date(2026, 2, 27), date(2026, 2, 28)
DEFINITION = SalesDefinition()


def order(order_id: str, minor: int | None = 1000, on: date = DAY, **more: Any) -> ReportedOrder:
    made = ReportedOrder(
        order_id,
        on,
        f"SO{order_id}",
        True,
        "USD",
        minor,
        minor,
        "billed",
        "Rep",
        "agrees",
        DEFINITION.version,
    )
    return replace(made, **more)


def sums(minor: int, on: date = DAY, currency: str = "USD", **more: Any) -> ReportedDay:
    made = ReportedDay(on, currency, minor, minor, 0, True, DEFINITION.written())
    return replace(made, **more)


def at(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


def report(
    state: State,
    hours: int,
    orders: list[ReportedOrder],
    days: list[ReportedDay],
    first: date = DAY,
    last: date = DAY,
    ticket: int | None = None,
) -> None:
    """A reconciliation so many hours after the first one; its ticket is its hour."""
    ReportLog(state).record(
        orders, days, first, last, ticket=hours if ticket is None else ticket, clock=lambda: at(hours)
    )


def count(state: State) -> tuple[int, int]:
    with state.read() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (reported_orders, reported_days)
        )


def test_nothing_is_written_for_what_did_not_change(state: State) -> None:
    report(state, 0, [order("1"), order("2")], [sums(2000)])
    assert count(state) == (2, 1)

    report(state, 1, [order("1"), order("2")], [sums(2000)])
    assert count(state) == (2, 1)

    report(state, 2, [order("1"), order("2", 1500)], [sums(2500)])
    assert count(state) == (3, 2)


def test_each_moment_has_the_report_that_was_the_newest_then(state: State) -> None:
    report(state, 0, [order("1"), order("2"), order("3")], [sums(3000)])
    report(state, 5, [order("1", 1100), order("2")], [sums(2100)])
    report(state, 9, [order("1", 1200), order("2"), order("4", 50)], [sums(2250)])

    seen = ReportLog(state).between(at(1), at(6))

    assert seen.sums_before == (sums(3000),)
    assert seen.sums_after == (sums(2100),)
    assert [(one.before, one.after) for one in seen.changes] == [
        ((order("1"),), (order("1", 1100),)),
        ((order("3"),), ()),
    ]
    later = ReportLog(state).between(at(6), at(10))
    assert [(one.before, one.after) for one in later.changes] == [
        ((order("1", 1100),), (order("1", 1200),)),
        ((), (order("4", 50),)),
    ]
    assert ReportLog(state).between(at(10), at(20)).changes == ()


def test_an_order_that_vanished_is_written_once_and_may_come_back(state: State) -> None:
    report(state, 0, [order("1")], [sums(1000)])
    report(state, 1, [], [sums(0, currency="")])
    report(state, 2, [], [sums(0, currency="")])
    assert count(state) == (2, 3)  # the day has no dollars any more, and says that it is empty

    report(state, 3, [order("1")], [sums(1000)])

    (back,) = ReportLog(state).between(at(2), at(4)).changes
    assert (back.before, back.after) == ((), (order("1"),))


def test_an_order_that_moved_is_read_under_all_its_days(state: State) -> None:
    report(state, 0, [order("1"), order("2", on=NEXT_DAY)], [sums(1000), sums(1000, NEXT_DAY)], DAY, NEXT_DAY)
    gone = order("1", None, in_netsuite=False, standing="moved to another day")
    report(state, 1, [gone], [sums(0)])
    report(
        state,
        2,
        [order("1", on=NEXT_DAY), order("2", on=NEXT_DAY)],
        [sums(2000, NEXT_DAY)],
        NEXT_DAY,
        NEXT_DAY,
    )

    (of_old_day,) = ReportLog(state).between(at(0), at(3), DAY, DAY).changes
    assert (of_old_day.before, of_old_day.after) == ((order("1"),), (order("1", on=NEXT_DAY),))
    assert ReportLog(state).between(at(0), at(3)).changes == (of_old_day,)


def test_a_days_older_reconciliation_that_ends_late_is_no_report(state: State) -> None:
    report(state, 5, [order("1")], [sums(1000)])
    Days(state).record({DAY: True}, ticket=5)

    report(state, 6, [order("1", 1)], [sums(1)], ticket=4)

    assert ReportLog(state).between(at(5), at(7)).changes == ()
    assert count(state) == (1, 1)


def closed(state: State, month: str = "2026-02", hours: int = 10) -> list[Obstacle]:
    return list(
        Periods(state).close(
            month,
            DAY,
            NEXT_DAY,
            by="Ann",
            clock=lambda: at(hours),
            obstacles=lambda seen, now: obstacles(seen, now.date()),
        )
    )


def test_a_month_is_closed_with_its_numbers_and_opened_again_and_both_are_kept(state: State) -> None:
    days = [sums(1000), sums(700, currency="EUR"), sums(0, NEXT_DAY, currency="")]
    report(state, 0, [order("1")], days, DAY, NEXT_DAY)
    assert {one.code for one in closed(state)} == {"not_reconciled"}
    assert Periods(state).all() == []
    Days(state).record({DAY: True, NEXT_DAY: True}, ticket=0)

    assert closed(state) == []

    (period,) = Periods(state).all()
    assert (period.month, period.closed_at, period.closed_by) == ("2026-02", at(10), "Ann")
    assert (period.sums_minor, period.definition) == ({"USD": 1000, "EUR": 700}, DEFINITION.written())
    assert Periods(state).reopen("2026-02", by="Bo", because="a late invoice", now=at(11))
    assert not Periods(state).reopen("2026-02", by="Bo", because="again", now=at(12))
    assert Periods(state).all() == []
    assert [(one.happened, one.by, one.because) for one in Periods(state).story("2026-02")] == [
        ("closed", "Ann", None),
        ("reopened", "Bo", "a late invoice"),
    ]
    assert Periods(state).story("2026-03") == []
