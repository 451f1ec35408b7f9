"""Daily partitions and ranges of them.

Belongs here: the partitions definition, and splitting days into contiguous ranges of at most 31.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import dagster as dg

MOST_DAYS_PER_RUN = 31


def order_days(first_day: date, time_zone: str) -> dg.DailyPartitionsDefinition:
    """One partition an order date in the NetSuite account's zone; today is one."""
    return dg.DailyPartitionsDefinition(start_date=first_day.isoformat(), timezone=time_zone, end_offset=1)


def contiguous_ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """The days as contiguous ranges of at most 31 days, in order; a day given twice counts once."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if ranges:
            first, last = ranges[-1]
            if day == last + timedelta(days=1) and (day - first).days < MOST_DAYS_PER_RUN:
                ranges[-1] = (first, day)
                continue
        ranges.append((day, day))
    return ranges


def days_between(first: date, last: date) -> list[date]:
    """All days from first to last, both included; empty where last is before first."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def range_tags(first: date, last: date) -> dict[str, str]:
    """The tags that make a run of a partitioned job cover a range of days."""
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
