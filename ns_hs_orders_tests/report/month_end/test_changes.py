"""What changed since a reported number: order by order, and in sum."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from sqlalchemy import delete

from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.report.month_end.changes import Changes, changes_between
from ns_hs_orders.report.month_end.changes_text import print_changes
from ns_hs_orders.state.database import State, open_state
from ns_hs_orders.state.proof.reported import ReportLog
from ns_hs_orders.state.tables import reported_days, reported_orders

FIRST = date(2026, 10, 30)
DAYS = tuple(FIRST + timedelta(days=n) for n in range(4))
PACIFIC = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def order(order_id: str, minor: int | None, on: date = FIRST, **more: Any) -> ReportedOrder:
    made = ReportedOrder(
        order_id, on, f"SO{order_id}", True, "USD", minor, minor, "billed", "Rep", "agrees", "sales-1"
    )
    return replace(made, **more)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[State, ReportLog]]:
    state = open_state(f"sqlite:///{tmp_path_factory.mktemp('home') / 'state.sqlite'}")
    yield state, ReportLog(state)
    state.close()


class Reports:
    """Reports of ranges of days, one an hour, and the sums that each left."""

    def __init__(self, log: tuple[State, ReportLog]) -> None:
        state, self.log = log
        with state.write() as connection:
            connection.execute(delete(reported_orders))
            connection.execute(delete(reported_days))
        self.days: dict[date, Counter[str]] = {}
        self.sums: list[dict[date, Counter[str]]] = []

    def add(self, orders: list[ReportedOrder], first: date = FIRST, last: date = DAYS[-1]) -> None:
        days = [on for on in DAYS if first <= on <= last]
        of_day = {on: Counter[str]() for on in days}
        for one in orders:
            if one.in_netsuite and one.currency:
                of_day[one.order_on][one.currency] += one.sales_minor or 0
        sums = [
            ReportedDay(
                on, currency, of_day[on][currency], 0, 0, True, orders[0].definition if orders else ""
            )
            for on in days
            for currency in list(of_day[on]) or [""]
        ]
        hours = len(self.sums)
        self.log.record(orders, sums, first, last, ticket=hours, clock=lambda: at(hours))
        self.days |= of_day
        self.sums.append(dict(self.days))

    def changes(self, since: int, until: int, first: date | None = None, last: date | None = None) -> Changes:
        return changes_between(
            self.log.between(at(since), at(until), first, last), at(since), at(until), first, last
        )

    def total(self, hour: int, first: date, last: date) -> Counter[str]:
        """The sums of the days after the report of that hour, by currency."""
        found = Counter[str]()
        for on, sums in self.sums[hour].items():
            if first <= on <= last:
                found.update(sums)
        return found


@pytest.fixture
def reports(log: tuple[State, ReportLog]) -> Reports:
    return Reports(log)


an_order = st.builds(
    order,
    st.sampled_from("123"),
    st.one_of(st.none(), st.integers(0, 5)),
    st.sampled_from(DAYS),
    currency=st.sampled_from(("USD", "EUR", "JPY")),
    stage=st.sampled_from(("billed", "cancelled")),
    rep_name=st.sampled_from(("Rep", None)),
    in_netsuite=st.sampled_from((True, True, True, False)),
)
a_report = st.tuples(
    st.lists(an_order, max_size=5, unique_by=lambda one: (one.order_id, one.order_on)),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted),
    st.sampled_from(("sales-1", "sales-1", "sales-2")),
)


def cut(one: ReportedOrder, definition: str) -> ReportedOrder:
    """The order as it counts under a definition, of which the second one leaves a unit out."""
    if not one.in_netsuite:
        return replace(
            one, currency=None, netsuite_minor=None, sales_minor=None, stage=None, definition=definition
        )
    is_less = definition == "sales-2" and one.netsuite_minor
    sales = one.netsuite_minor - 1 if is_less and one.netsuite_minor else one.netsuite_minor
    return replace(one, sales_minor=sales, definition=definition)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.lists(a_report, min_size=2, max_size=5),
    moments=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    days=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted),
)
def test_the_number_then_plus_the_net_effect_of_the_orders_is_the_number_now(
    log: tuple[State, ReportLog], made: list[Any], moments: tuple[int, int], days: list[date]
) -> None:
    reports = Reports(log)
    for orders, (first, last), definition in made:
        reports.add([cut(one, definition) for one in orders if first <= one.order_on <= last], first, last)
    since, until = sorted(min(moment, len(made) - 1) for moment in moments)

    found = reports.changes(since, until, *days)

    then, now = reports.total(since, *days), reports.total(until, *days)
    by_order = Counter[str]()
    for one in found.orders:
        by_order.update(one.net_minor)
    assert {one.currency: (one.before_minor, one.now_minor) for one in found.currencies} == {
        currency: (then[currency], now[currency]) for currency in {one.currency for one in found.currencies}
    }
    assert {code for sums in (then, now) for code in sums if sums[code]} <= {
        c.currency for c in found.currencies
    }
    for currency in found.currencies:
        assert currency.rest_minor == 0
        assert currency.before_minor + currency.net_minor == currency.now_minor
        assert currency.changed_minor == by_order[currency.currency]


def test_each_order_tells_what_changed_before_and_after_and_its_net_effect(reports: Reports) -> None:
    as_they_were = [order(key, 1000) for key in "1234"]
    reports.add([*as_they_were, order("5", 500)])
    reports.add(
        [
            order("1", 1250),
            order("2", 1000, stage="cancelled", sales_minor=0),
            order("3", 1000, DAYS[1], rep_name="Another"),
            order("4", 1000, standing="edited in HubSpot"),
            order("6", 70, currency="EUR"),
        ]
    )

    found = reports.changes(0, 1)

    assert [(one.order_number, one.what, dict(one.net_minor)) for one in found.orders] == [
        ("SO2", ("amount", "stage"), {"USD": -1000}),
        ("SO5", ("vanished",), {"USD": -500}),
        ("SO1", ("amount",), {"USD": 250}),
        ("SO6", ("new",), {"EUR": 70}),
        ("SO3", ("date", "owner"), {}),
    ]
    assert found.net_minor == {"USD": -1250, "EUR": 70}
    assert [(one.currency, one.before_minor, one.now_minor) for one in found.currencies] == [
        ("EUR", 0, 70),
        ("USD", 4500, 3250),
    ]


def test_an_order_that_leaves_the_days_takes_its_dollars_with_it(reports: Reports) -> None:
    reports.add([order("1", 1000)])
    reports.add([order("1", 1000, DAYS[3])])

    (of_october,) = reports.changes(0, 1, FIRST, DAYS[1]).orders
    (of_november,) = reports.changes(0, 1, DAYS[2], DAYS[3]).orders

    assert (of_october.what, of_october.net_minor) == (("date",), {"USD": -1000})
    assert (of_november.what, of_november.net_minor) == (("date",), {"USD": 1000})
    assert reports.changes(0, 1).net_minor == {}


def test_days_that_were_in_no_report_then_are_summed_apart(reports: Reports) -> None:
    reports.add([order("1", 1000)], FIRST, DAYS[1])
    reports.add([order("1", 1000), order("2", 300, DAYS[3]), order("3", 40, DAYS[1])])

    found = reports.changes(0, 1)

    assert [(one.order_number, one.what) for one in found.orders] == [("SO3", ("new",))]
    (usd,) = found.currencies
    assert (usd.changed_minor, usd.first_reported_orders, usd.first_reported_minor) == (40, 1, 300)


def test_another_definition_of_sales_is_no_change_of_an_order(reports: Reports) -> None:
    reports.add([order("1", 1000), order("2", 2000)])
    less: dict[str, Any] = {"definition": "sales-2"}
    reports.add([order("1", 1000, sales_minor=900, **less), order("2", 2500, sales_minor=2400, **less)])

    found = reports.changes(0, 1)

    assert [(one.order_number, one.what) for one in found.orders] == [("SO2", ("amount",))]
    (usd,) = found.currencies
    assert (usd.redefined_orders, usd.redefined_minor, usd.changed_minor) == (1, -100, 400)
    assert (usd.adjusted_minor, usd.rest_minor) == (400, 0)


def test_sums_that_no_order_explains_are_told(reports: Reports) -> None:
    reports.add([order("1", 1000)])
    seen = reports.log.between(at(0), at(0))
    other = replace(seen, sums_after=(replace(seen.sums_after[0], sales_netsuite_minor=1001),))

    (usd,) = changes_between(other, at(0), at(0)).currencies

    assert usd.rest_minor == 1


def printed(changes: Changes, most: int = 100) -> str:
    sink = io.StringIO()
    print_changes(
        changes, Console(file=sink, width=140, color_system=None, highlight=False), PACIFIC, most=most
    )
    return sink.getvalue()


def test_the_changes_are_told_with_the_net_effect_first(reports: Reports) -> None:
    reports.add([order("1", 100_000), order("2", 5_000, stage="pending_approval")])
    reports.add([order("1", 125_000), order("2", 5_000, stage="cancelled", sales_minor=0)])

    text = printed(reports.changes(0, 1))

    first, *_ = text.splitlines()
    assert first == (
        "2 reported orders changed since 2026-11-02 22:00 PST (2026-11-03 06:00 UTC); net effect: +200.00 USD."
    )
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "USD reported then 1,050.00 USD" in rows
    assert "USD changed orders 2 +200.00 USD" in rows
    assert "USD reported now 1,250.00 USD" in rows
    assert "SO1 amount 1,000.00 USD 1,250.00 USD +250.00 USD" in rows
    assert (
        "SO2 amount, stage 50.00 USD, pending approval 50.00 USD (0.00 USD counted), cancelled -50.00 USD"
        in rows
    )
    assert "Changed orders, the 1 largest of 2" in printed(reports.changes(0, 1), most=1)
    unchanged = printed(reports.changes(1, 1))
    assert unchanged.startswith("No reported order changed since")
    assert "USD reported then and now 1,250.00 USD" in " ".join(unchanged.split())


GROSS, NET = SalesDefinition().written(), SalesDefinition(less_returns=True).written()


def back(key: str, minor: int, on: date = FIRST, **more: Any) -> ReportedOrder:
    return order(key, -minor, on, order_number=f"RA{key}", is_return=True, **more)


def of_day(log: ReportLog, hour: int, rows: list[ReportedOrder], definition: str) -> None:
    """A reconciliation of the first day; what counts of returns is taken off."""
    sold = sum(one.sales_minor or 0 for one in rows if not one.is_return)
    returned = -sum(one.sales_minor or 0 for one in rows if one.is_return)
    day = ReportedDay(FIRST, "USD", sold, sold, 0, True, definition, returned, returned)
    log.record(rows, [day], FIRST, FIRST, ticket=hour, clock=lambda: at(hour))


def test_a_return_that_came_since_changes_the_net_number_like_an_order(reports: Reports) -> None:
    of_day(reports.log, 0, [order("1", 1000), back("7", 100)], NET)
    of_day(reports.log, 1, [order("1", 1000), back("7", 150), back("8", 30)], NET)

    found = reports.changes(0, 1)

    assert found.is_net
    assert [(one.order_id, one.what, one.net_minor, one.is_return) for one in found.orders] == [
        ("7", ("amount",), {"USD": -50}, True),
        ("8", ("new",), {"USD": -30}, True),
    ]
    (usd,) = found.currencies
    assert (usd.before_minor, usd.changed_minor, usd.now_minor, usd.rest_minor) == (900, -80, 820, 0)
    text = printed(found)
    assert "2 reported returns changed since" in text
    assert "Net sales from then to now" in text
    assert "Changed orders and returns" in text


def test_numbers_that_came_to_be_net_tell_returns_as_another_definition(reports: Reports) -> None:
    of_day(reports.log, 0, [order("1", 1000)], GROSS)
    of_day(reports.log, 1, [order("1", 1000), back("7", 100)], NET)
    of_day(reports.log, 2, [order("1", 1000)], GROSS)

    found, gone = reports.changes(0, 1), reports.changes(1, 2)

    for one, minor in ((found, -100), (gone, 100)):
        (usd,) = one.currencies
        assert one.orders == ()
        assert (usd.redefined_minor, usd.changed_minor, usd.rest_minor) == (minor, 0, 0)
    assert (found.is_net, gone.is_net) == (True, False)
