"""What was reported: each order and each day's sums, a row whenever a reconciliation shows them otherwise.

Belongs here: appending and reading reports. Does not belong here: what a change means (report.changes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, insert, select

from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.report.ports import ReportedChange, ReportsSeen
from ns_hs_orders.state.database import State
from ns_hs_orders.state.proof.days import judged_later
from ns_hs_orders.state.tables import counters, keepable, reported_days, reported_orders

VANISHED = "vanished"
_ORDER = tuple(ReportedOrder.__dataclass_fields__)
_DAY = tuple(ReportedDay.__dataclass_fields__)
_AMOUNTS = (
    "sales_netsuite_minor", "sales_hubspot_minor", "unexplained_minor", "returned_netsuite_minor", "returned_hubspot_minor",
)  # fmt: skip


class ReportLog:
    """Keeps what reconciliations reported; nothing is written for what did not change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def record(
        self,
        orders: Sequence[ReportedOrder],
        sums: Sequence[ReportedDay],
        first: date,
        last: date,
        *,
        ticket: int,
        clock: Callable[[], datetime],
    ) -> None:
        """Notes the report of these days; days that a newer reconciliation judged are left alone."""
        with self._state.write() as connection:
            one_at_a_time(connection)
            now = clock()
            later = judged_later(connection, first, last, ticket)
            _note_orders(
                connection, [one for one in orders if one.order_on not in later], first, last, later, now
            )
            _note_days(
                connection, [one for one in sums if one.order_on not in later], first, last, later, now
            )

    def between(
        self, since: datetime, until: datetime, first: date | None = None, last: date | None = None
    ) -> ReportsSeen:
        """What was reported of the days (None: all) until each moment, and the orders whose report changed."""
        with self._state.read() as connection:
            days_before = select(reported_days.c.order_on).where(
                reported_days.c.reported_at <= since, *_in_range(reported_days, first, last)
            )
            return ReportsSeen(
                changes=_changes(connection, since, until, first, last),
                sums_before=sums_as_of(connection, since, first, last),
                sums_after=sums_as_of(connection, until, first, last),
                days_before=frozenset(connection.scalars(days_before.distinct())),
            )

    def ids_numbered(self, number: str, *, returns: bool = False) -> list[str]:
        """Internal ids of the orders, or returns, that were ever reported with this number, also of those that are gone."""
        is_return = reported_orders.c.is_return
        query = (
            select(reported_orders.c.order_id)
            .where(reported_orders.c.order_number == number, is_return if returns else ~is_return)
            .distinct()
        )
        with self._state.read() as connection:
            return sorted(connection.scalars(query))

    def numbers(self, order_ids: Sequence[str]) -> dict[str, str]:
        """Internal id → the number that each of the orders was last reported with."""
        query = (
            select(reported_orders.c.order_id, reported_orders.c.order_number)
            .where(reported_orders.c.order_id.in_(order_ids), reported_orders.c.order_number.is_not(None))
            .order_by(reported_orders.c.report_id)
        )
        with self._state.read() as connection:
            return dict(connection.execute(query).tuples().all())


def one_at_a_time(connection: Connection) -> None:
    """Waits for whoever else writes reports or closes a month, so that a report is wholly before or after it."""
    connection.execute(select(counters).where(counters.c.name == "read_ticket").with_for_update())


def sums_as_of(
    connection: Connection, moment: datetime, first: date | None, last: date | None
) -> tuple[ReportedDay, ...]:
    """The newest sums of each day and currency that were reported until the moment."""
    newest = (
        select(func.max(reported_days.c.report_id))
        .where(reported_days.c.reported_at <= moment, *_in_range(reported_days, first, last))
        .group_by(reported_days.c.order_on, reported_days.c.currency)
    )
    query = select(reported_days).where(reported_days.c.report_id.in_(newest))
    return tuple(
        ReportedDay(*_values(row, _DAY))
        for row in connection.execute(query.order_by(reported_days.c.order_on))
    )


def _changes(
    connection: Connection, since: datetime, until: datetime, first: date | None, last: date | None
) -> tuple[ReportedChange, ...]:
    sides: list[dict[str, list[ReportedOrder]]] = []
    at = reported_orders.c.reported_at
    changed = (
        select(reported_orders.c.order_id)
        .where(at > since, at <= until, *_in_range(reported_orders, first, last))
        .distinct()
    )
    for moment in (since, until):
        # an order that moved is reported under other days too, so all of its days are read
        newest = (
            select(func.max(reported_orders.c.report_id))
            .where(reported_orders.c.order_id.in_(changed), at <= moment)
            .group_by(reported_orders.c.order_id, reported_orders.c.order_on)
        )
        side: dict[str, list[ReportedOrder]] = defaultdict(list)
        query = select(reported_orders).where(reported_orders.c.report_id.in_(newest))
        for row in connection.execute(query.order_by(reported_orders.c.order_id, reported_orders.c.order_on)):
            if row.in_netsuite:
                side[row.order_id].append(ReportedOrder(*_values(row, _ORDER)))
        sides.append(side)
    before, after = sides
    return tuple(
        ReportedChange(tuple(before.get(one, ())), tuple(after.get(one, ())))
        for one in sorted(before.keys() | after.keys())
    )


def _note_orders(
    connection: Connection,
    orders: Sequence[ReportedOrder],
    first: date,
    last: date,
    later: set[date],
    now: datetime,
) -> None:
    known = {
        (row.order_id, row.order_on): row
        for row in connection.execute(_newest_of(reported_orders, ("order_id", "order_on"), first, last))
        if row.order_on not in later
    }
    fresh: list[dict[str, Any]] = []
    for one in orders:
        row = known.pop((one.order_id, one.order_on), None)
        values = {name: _keepable(getattr(one, name)) for name in _ORDER}
        if row is None or tuple(values.values()) != _values(row, _ORDER):
            fresh.append(values | {"reported_at": now})
    for row in known.values():
        if row.standing != VANISHED:
            gone = ReportedOrder(
                row.order_id, row.order_on, row.order_number, False, None, None, None, None, row.rep_name, VANISHED,
                row.definition, row.is_return,
            )  # fmt: skip
            fresh.append(asdict(gone) | {"reported_at": now})
    if fresh:
        connection.execute(insert(reported_orders), fresh)


def _note_days(
    connection: Connection,
    sums: Sequence[ReportedDay],
    first: date,
    last: date,
    later: set[date],
    now: datetime,
) -> None:
    known = {
        (row.order_on, row.currency): row
        for row in connection.execute(_newest_of(reported_days, ("order_on", "currency"), first, last))
        if row.order_on not in later
    }
    fresh: list[dict[str, Any]] = []
    for one in sums:
        row = known.pop((one.order_on, one.currency), None)
        if row is None or tuple(asdict(one).values()) != _values(row, _DAY):
            fresh.append(asdict(one) | {"reported_at": now})
    for row in known.values():  # a currency that the day has no orders in any more
        if any(getattr(row, name) for name in _AMOUNTS) or not row.counts_agree:
            nothing = dict.fromkeys(_AMOUNTS, 0) | {"counts_agree": True, "reported_at": now}
            fresh.append(dict(zip(_DAY, _values(row, _DAY), strict=True)) | nothing)
    if fresh:
        connection.execute(insert(reported_days), fresh)


def _newest_of(table: Table, key: Sequence[str], first: date, last: date) -> Any:
    newer = table.alias()
    same = [newer.c[name] == table.c[name] for name in key]
    is_newest = ~select(newer.c.report_id).where(*same, newer.c.report_id > table.c.report_id).exists()
    return select(table).where(table.c.order_on.between(first, last), is_newest)


def _in_range(table: Table, first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    found = []
    if first is not None:
        found.append(table.c.order_on >= first)
    if last is not None:
        found.append(table.c.order_on <= last)
    return found


def _values(row: Row[Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def _keepable(value: Any) -> Any:
    return keepable(value) if isinstance(value, str) else value
