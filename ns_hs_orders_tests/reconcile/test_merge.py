"""A range is cut into runs of days that memory holds; every day is in exactly one."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.extract.lookups import CountedByNetSuite
from ns_hs_orders.reconcile.merge import day_runs

FIRST = date(2026, 3, 1)


def counted(*orders: int) -> list[CountedByNetSuite]:
    """So many orders of each day, half of them in another currency."""
    return [
        CountedByNetSuite(FIRST + timedelta(days=number), currency, part, None)
        for number, count in enumerate(orders)
        for currency, part in (("USD", count // 2), ("EUR", count - count // 2))
    ]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_a_range_of_few_orders_is_one_run() -> None:
    assert day_runs(counted(3, 0, 4), day(0), day(4), most=7) == [(day(0), day(4))]


def test_a_run_ends_before_the_day_that_is_too_much_and_a_day_is_never_cut() -> None:
    assert day_runs(counted(3, 5, 9, 0, 1), day(0), day(4), most=7) == [
        (day(0), day(0)),
        (day(1), day(1)),
        (day(2), day(2)),
        (day(3), day(4)),
    ]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 20))
def test_every_day_is_in_one_run_and_no_run_of_several_days_is_too_large(
    orders: list[int], most: int
) -> None:
    runs = day_runs(counted(*orders), day(0), day(len(orders) - 1), most=most)

    assert [start + timedelta(days=n) for start, end in runs for n in range((end - start).days + 1)] == [
        day(number) for number in range(len(orders))
    ]
    assert all(
        start == end or sum(orders[(start - FIRST).days : (end - FIRST).days + 1]) <= most
        for start, end in runs
    )
