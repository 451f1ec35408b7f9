"""Days as partitions, and ranges of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.defs.partitions import contiguous_ranges, days_between, order_days, range_tags

FIRST = date(2026, 1, 1)


@given(st.lists(st.integers(0, 200), max_size=120))
def test_ranges_hold_each_day_once_in_order_without_gaps_and_at_most_31(offsets: list[int]) -> None:
    days = [FIRST + timedelta(days=n) for n in offsets]
    ranges = contiguous_ranges(days)
    assert [day for first, last in ranges for day in days_between(first, last)] == sorted(set(days))
    assert all((last - first).days < 31 for first, last in ranges)


@pytest.mark.parametrize(
    "count, sizes", [(1, [1]), (31, [31]), (32, [31, 1]), (35, [31, 4]), (62, [31, 31]), (63, [31, 31, 1])]
)
def test_a_range_is_cut_after_31_days(count: int, sizes: list[int]) -> None:
    days = days_between(FIRST, FIRST + timedelta(days=count - 1))
    assert [(last - first).days + 1 for first, last in contiguous_ranges(days)] == sizes


def test_no_day_is_between_a_day_and_the_one_before() -> None:
    assert days_between(FIRST, FIRST - timedelta(days=1)) == []
    assert contiguous_ranges([]) == []


@pytest.mark.parametrize(
    "now, today",
    [
        (datetime(2026, 11, 20, 7, 59, tzinfo=UTC), "2026-11-19"),  # 23:59 in Los Angeles
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "2026-11-20"),  # midnight there
        (datetime(2026, 3, 8, 9, 59, tzinfo=UTC), "2026-03-08"),  # the minute before summer time
        (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), "2026-11-01"),  # the hour that comes twice
    ],
)
def test_today_in_the_accounts_zone_is_the_last_partition(now: datetime, today: str) -> None:
    keys = order_days(FIRST, "America/Los_Angeles").get_partition_keys(current_time=now)
    assert (keys[0], keys[-1]) == ("2026-01-01", today)
    assert len(keys) == len(set(keys)) == (date.fromisoformat(today) - FIRST).days + 1


def test_the_tags_of_a_range_are_those_that_dagster_reads() -> None:
    assert range_tags(FIRST, FIRST + timedelta(days=2)) == {
        "dagster/asset_partition_range_start": "2026-01-01",
        "dagster/asset_partition_range_end": "2026-01-03",
    }
