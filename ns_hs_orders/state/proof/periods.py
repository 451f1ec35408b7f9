"""Periods: months that a person closed, and each closing and reopening.

Belongs here: closing, reopening and listing months. Does not belong here: when a month may be closed
(report.periods), or what changed in it since (report.changes).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, select

from ns_hs_orders.report.ports import DayJudged, MonthSeen, Period, PeriodEvent
from ns_hs_orders.state.database import State
from ns_hs_orders.state.proof.exceptions import exceptions_there
from ns_hs_orders.state.proof.reported import one_at_a_time, sums_as_of
from ns_hs_orders.state.tables import days, exceptions, period_events, periods

CLOSED, REOPENED = "closed", "reopened"
Hindrance = TypeVar("Hindrance")


class Periods:
    """Keeps months, named as `2026-10`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def seen(self, first: date, last: date, clock: Callable[[], datetime]) -> MonthSeen:
        """All that closing these days depends on, as of now."""
        with self._state.read() as connection:
            return _seen(connection, first, last, clock())

    def close(
        self,
        month: str,
        first: date,
        last: date,
        *,
        by: str,
        clock: Callable[[], datetime],
        obstacles: Callable[[MonthSeen, datetime], Sequence[Hindrance]],
    ) -> Sequence[Hindrance]:
        """Closes the month unless something is in the way; returns what is.

        What is looked at and what is closed are the same: no reconciliation is recorded in between.
        """
        with self._state.write() as connection:
            one_at_a_time(connection)
            now = clock()
            seen = _seen(connection, first, last, now)
            if found := obstacles(seen, now):
                return found
            sums = Counter[str]()
            for one in seen.sums:
                if one.net_netsuite_minor:
                    sums[one.currency] += one.net_netsuite_minor
            connection.execute(
                insert(periods).values(
                    month=month,
                    closed_at=now,
                    closed_by=by,
                    sums=json.dumps(sums),
                    definition=seen.sums[-1].definition,  # the same for all of them, else it were an obstacle
                    acknowledged=len(seen.exceptions),
                )
            )
            _note(
                connection, month, now, CLOSED, by, {"sums": dict(sums), "acknowledged": len(seen.exceptions)}
            )
        return found

    def reopen(self, month: str, *, by: str, because: str, now: datetime) -> bool:
        """Whether the month was closed; it is open from now on."""
        with self._state.write() as connection:
            was_closed = connection.execute(delete(periods).where(periods.c.month == month)).rowcount > 0
            if was_closed:
                _note(connection, month, now, REOPENED, by, {"because": because})
        return was_closed

    def all(self) -> list[Period]:
        """The closed months, ascending."""
        with self._state.read() as connection:
            return [
                Period(
                    row.month,
                    row.closed_at,
                    row.closed_by,
                    json.loads(row.sums),
                    row.definition,
                    row.acknowledged,
                )
                for row in connection.execute(select(periods).order_by(periods.c.month))
            ]

    def story(self, month: str | None = None) -> list[PeriodEvent]:
        """What happened to a month, or to all of them, oldest first."""
        query = select(period_events).order_by(period_events.c.event_id)
        if month is not None:
            query = query.where(period_events.c.month == month)
        with self._state.read() as connection:
            return [
                PeriodEvent(row.month, row.at, row.happened, row.by, json.loads(row.details).get("because"))
                for row in connection.execute(query)
            ]


def _seen(connection: Connection, first: date, last: date, now: datetime) -> MonthSeen:
    query = select(days).where(days.c.order_on.between(first, last))
    judged = {
        row.order_on: DayJudged(row.order_on, row.result, row.changed_ticket > row.proven_ticket)
        for row in connection.execute(query)
    }
    there = exceptions_there(connection, exceptions.c.order_on.between(first, last))
    return MonthSeen(first, last, judged, sums_as_of(connection, now, first, last), tuple(there.values()))


def _note(
    connection: Connection, month: str, at: datetime, happened: str, by: str, details: Mapping[str, object]
) -> None:
    connection.execute(
        insert(period_events).values(
            month=month, at=at, happened=happened, by=by, details=json.dumps(details, ensure_ascii=False)
        )
    )
