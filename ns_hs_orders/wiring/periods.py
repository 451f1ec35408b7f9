"""Reported numbers and closed months, over the state alone: no system is opened.

Belongs here: handing the state to the report, and a person's closing to the state. Does not belong here: any rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.settings import Settings
from ns_hs_orders.state.database import State
from ns_hs_orders.state.proof.periods import Periods
from ns_hs_orders.state.proof.reported import ReportLog
from ns_hs_orders.wiring.on_call import existing_state
from ns_hs_orders.wiring.stage_options import first_day_of

if TYPE_CHECKING:
    from ns_hs_orders.report.month_end.changes import Changes
    from ns_hs_orders.report.month_end.periods import Month, Obstacle, PeriodNow
    from ns_hs_orders.report.ports import MonthSeen, PeriodEvent


def changes_since(
    settings: Settings, since: datetime, until: datetime, first: date | None, last: date | None
) -> Changes | None:
    """What changed in the reports of these days; None where nothing ran yet."""
    from ns_hs_orders.report.month_end.changes import changes_between

    with existing_state(settings) as state:
        if state is None:
            return None
        return changes_between(ReportLog(state).between(since, until, first, last), since, until, first, last)


def close_month(settings: Settings, month: Month, by: str) -> Sequence[Obstacle]:
    """Closes the month for a person; returns what is in the way, then it stays open.

    Raises ConfigError where it is not over, lies before the first day, is closed already, or nothing ran yet.
    """
    first = _closable(settings, month)
    with existing_state(settings) as state:
        if state is None:
            raise ConfigError(f"Nothing ran yet in this home, so nothing of {month} can be closed.")
        if any(one.month == str(month) for one in Periods(state).all()):
            raise ConfigError(f"{month} is closed already: ns-hs-orders close {month} --show")
        return Periods(state).close(
            str(month),
            first,
            month.last,
            by=by,
            clock=_now,
            obstacles=_in_the_way,
        )


def what_is_missing(settings: Settings, month: Month) -> Sequence[Obstacle]:
    """What would keep an open month from being closed now; raises as `close_month` does."""
    first = _closable(settings, month)
    with existing_state(settings) as state:
        if state is None:
            raise ConfigError(f"Nothing ran yet in this home, so nothing of {month} can be closed.")
        return _in_the_way(Periods(state).seen(first, month.last, _now), _now())


def reopen_month(settings: Settings, month: Month, *, by: str, because: str) -> bool:
    """A person opens a closed month again; whether it was closed."""
    with existing_state(settings) as state:
        return state is not None and Periods(state).reopen(str(month), by=by, because=because, now=_now())


def months_now(settings: Settings, month: Month | None = None) -> tuple[list[PeriodNow], list[PeriodEvent]]:
    """The closed months (or the one) with what changed since, and what happened to them."""
    with existing_state(settings) as state:
        if state is None:
            return [], []
        name = None if month is None else str(month)
        return closed_periods(state, month=name), Periods(state).story(name)


def closed_periods(
    state: State, first: date | None = None, last: date | None = None, *, month: str | None = None
) -> list[PeriodNow]:
    """The closed months that have days of the range (or the one), each with what changed in it since."""
    from ns_hs_orders.report.month_end.changes import changes_between
    from ns_hs_orders.report.month_end.periods import Month, PeriodNow

    found = []
    for period in Periods(state).all():
        days = Month.parse(period.month)
        if (
            (month not in (None, period.month))
            or (first and days.last < first)
            or (last and days.first > last)
        ):
            continue
        window = (period.closed_at, _now(), days.first, days.last)
        found.append(PeriodNow(period, changes_between(ReportLog(state).between(*window), *window)))
    return found


def _closable(settings: Settings, month: Month) -> date:
    """The first day of the month that the sync covers."""
    today = datetime.now(ZoneInfo(settings.netsuite_time_zone)).date()
    if month.last >= today:
        raise ConfigError(f"{month} is not over before {month.last} has passed in NetSuite's time zone.")
    if month.last < (earliest := first_day_of(settings)):
        raise ConfigError(f"{month} lies before {earliest}, the first day of the sync (NS_HS_FIRST_DAY).")
    return max(month.first, earliest)


def _in_the_way(seen: MonthSeen, now: datetime) -> Sequence[Obstacle]:
    from ns_hs_orders.report.month_end.periods import obstacles

    return obstacles(seen, now.date())


def _now() -> datetime:
    return datetime.now(UTC)
