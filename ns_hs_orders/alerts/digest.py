"""The daily digest: when it is due, and its figures. Pure rules.

Belongs here: the moment and the period. Does not belong here: reading (state), words (messages.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ns_hs_orders.alerts.conditions import Condition
from ns_hs_orders.alerts.ports import Synced

FIRST_PERIOD = timedelta(days=1)
LONGEST_PERIOD = timedelta(days=31)
REPORT_NOTE = "report: last"
"""Note of where the last report was put."""


@dataclass(frozen=True)
class Digest:
    """A day's figures. stuck: orders, worthiest first, and stuck_returns alike. report: address of the last one."""

    since: datetime
    until: datetime
    synced: Synced
    red_days: Sequence[date]
    stuck: Sequence[Condition]
    stuck_minor: dict[str, int]
    stuck_returns: Sequence[Condition] = ()
    report: str | None = None


def is_due(at: time | None, zone: ZoneInfo, last_day: date | None, now: datetime) -> bool:
    """Whether the day's digest is still to be sent: once a day of the zone, from `at` on. None: off."""
    local = now.astimezone(zone)
    return at is not None and local.time() >= at and (last_day is None or last_day < local.date())


def begin(last: datetime | None, now: datetime) -> datetime:
    """What the digest counts from: the last one, a day ago before the first, a month ago at most."""
    return now - FIRST_PERIOD if last is None else max(last, now - LONGEST_PERIOD)
