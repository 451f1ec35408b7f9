"""How long changes take from NetSuite to HubSpot: percentiles, a table, and the check against the limit.

Belongs here: figures from arrivals. Does not belong here: keeping them (state), or Dagster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.live.ports import Arrival, DueOrder


@dataclass(frozen=True)
class Delays:
    """Delays of some arrivals in seconds, rounded to a tenth; None where nothing arrived."""

    arrived: int
    p50: float | None
    p95: float | None
    longest: float | None


def delays(arrivals: Sequence[Arrival]) -> Delays:
    """Percentiles by nearest rank, so that each is the delay of an order that there is."""
    seconds = sorted(one.delay.total_seconds() for one in arrivals)
    if not seconds:
        return Delays(0, None, None, None)
    return Delays(len(seconds), _rank(seconds, 50), _rank(seconds, 95), round(seconds[-1], 1))


def _rank(ordered: Sequence[float], percent: int) -> float:
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 1)


def arrive_in_time(
    arrivals: Sequence[Arrival], waiting: Sequence[DueOrder], limit: timedelta, now: datetime
) -> CheckResult:
    """`orders_arrive_in_time`: no arrival took longer than the limit, and no change waits longer.

    What HubSpot refused waits for a person, not for the lane, and has no time in the due list. Time before
    NetSuite committed a change is not counted, as far as that can be told.
    """
    found = delays(arrivals)
    late = [one for one in arrivals if one.delay > limit]
    overdue = [one for one in waiting if one.counted_from is not None and now - one.counted_from > limit]
    numbers: dict[str, int | str] = {
        "arrived": found.arrived,
        "limit in seconds": int(limit.total_seconds()),
        "late": len(late),
        "still waiting beyond the limit": len(overdue),
    }
    if found.longest is not None:
        numbers |= {"p50": f"{found.p50} s", "p95": f"{found.p95} s", "max": f"{found.longest} s"}
    for one in sorted(late, key=lambda a: a.delay, reverse=True)[:10]:
        numbers[f"order {one.order_id}"] = f"{one.delay.total_seconds():.0f} s ({one.cause})"
    passed = not late and not overdue
    summary = (
        f"All {found.arrived:,} changes arrived within {limit.total_seconds():.0f} s."
        if passed
        else f"{len(late):,} of {found.arrived:,} changes arrived late, {len(overdue):,} are still on their way."
    )
    return CheckResult("orders_arrive_in_time", passed, summary, numbers)
