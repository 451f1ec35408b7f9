"""What is kept of a reconciliation: its orders and days as they were reported."""

from __future__ import annotations

from dataclasses import replace

from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.reconcile.reported import reported
from ns_hs_orders.reconcile.result import redefined
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, Both, Sale
from ns_hs_orders_tests.reconcile.returned import NET, Back, BothWithReturns, only_in_hubspot


def test_each_order_is_reported_under_its_day_as_netsuite_has_it() -> None:
    both = Both()
    both.synced(Sale("1", "100.00", tax="8.00"), Sale("2", "40.00"))
    both.hubspot.orders["2"].properties["hs_total_price"] = "41.00"
    both.hubspot.hold(Sale("9", "77.00"))
    result = redefined(both.reconcile(), SalesDefinition(with_tax=False))

    orders, _ = reported(result)

    version = result.definition.version
    assert {one.order_id: one for one in orders} == {
        "1": ReportedOrder("1", DAY, "SO1", True, "USD", 10_000, 9_200, "billed", None, "agrees", version),
        "2": ReportedOrder("2", DAY, "SO2", True, "USD", 4_000, 4_000, "billed", None, "edited in HubSpot", version),
        "9": ReportedOrder("9", DAY, "SO9", False, None, None, None, None, None, "only in HubSpot", version),
    }  # fmt: skip


def test_each_day_is_reported_with_both_sides_by_currency_and_an_empty_day_with_none() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"), Sale("2", "9000", "JPY"))
    both.hubspot.orders["1"].properties["hs_total_price"] = "90.00"
    result = both.reconcile(DAY, NEXT_DAY)

    _, days = reported(result)

    written = result.definition.written()
    assert days == [
        ReportedDay(DAY, "JPY", 9000, 9000, 0, True, written),
        ReportedDay(DAY, "USD", 10_000, 9_000, 0, True, written),
        ReportedDay(NEXT_DAY, "", 0, 0, 0, True, written),
    ]


def test_a_day_on_which_netsuite_counts_other_orders_says_so() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"))
    both.netsuite.sales["2"] = Sale("2", "33.00")
    both.netsuite.drops.add("2")

    _, (day,) = reported(both.reconcile())

    assert (day.counts_agree, day.unexplained_minor, day.sales_netsuite_minor) == (False, 3_300, 10_000)


def test_days_are_order_dates_also_where_sales_go_by_their_effective_date() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"))
    result = both.reconcile()
    elsewhere = result.orders.copy()
    elsewhere["sales_on"] = [NEXT_DAY] * len(elsewhere)
    elsewhere = elsewhere.astype(result.orders.dtypes.to_dict())
    by_effect = SalesDefinition(date_basis="sales_effective_date")
    moved = redefined(replace(result, orders=elsewhere), by_effect)
    assert moved.sales["USD"].sales_netsuite_minor == 0

    (order,), (day,) = reported(moved)

    assert (order.sales_minor, day.sales_netsuite_minor) == (10_000, 10_000)
    assert order.definition == SalesDefinition().version
    assert day.definition == SalesDefinition().written()


def test_returns_are_reported_under_their_own_day_below_zero_and_days_are_net() -> None:
    both = BothWithReturns(in_records=True)
    both.synced(Sale("1", "100.00"))
    both.returned(Back("71", "30.00", of="1", on=NEXT_DAY, rep="Ann"), Back("72", "8.00", of="1", status="A"))
    both.records["71"] = both.records["71"]._replace(
        counted_minor=2900, cause="edited in HubSpot", finding="amount differs"
    )
    both.only.append(only_in_hubspot())
    result = both.reconcile_net(DAY, NEXT_DAY)

    orders, days = reported(result)

    version, written = NET.version, NET.written()
    assert {one.order_id: one for one in orders if one.is_return} == {
        "71": ReportedOrder("71", NEXT_DAY, "RA71", True, "USD", -3000, -3000, "refunded", "Ann", "edited in HubSpot", version, True),
        "72": ReportedOrder("72", DAY, "RA72", True, "USD", -800, 0, "pending_approval", None, "agrees", version, True),
        "900": ReportedOrder("900", DAY, "RA900", False, None, None, None, None, None, "only in HubSpot", version, True),
    }  # fmt: skip
    assert days == [
        ReportedDay(DAY, "USD", 10_000, 10_000, 0, True, written, 0, 700),
        ReportedDay(NEXT_DAY, "USD", 0, 0, 0, True, written, 3000, 2900),
    ]
    assert [one.net_netsuite_minor for one in days] == [10_000, -3000]
    assert sum(one.sales_minor or 0 for one in orders) == sum(one.net_netsuite_minor for one in days)


def test_a_return_that_nobody_read_is_an_unexplained_rest_of_its_day() -> None:
    both = BothWithReturns()
    both.synced(Sale("1", "100.00"))
    both.returned(Back("71", "30.00", of="1", on=NEXT_DAY))
    both.misses.add("71")

    _, days = reported(both.reconcile_net(DAY, NEXT_DAY))

    assert [(one.order_on, one.unexplained_minor, one.counts_agree) for one in days] == [
        (DAY, 0, True),
        (NEXT_DAY, 3000, False),
    ]
