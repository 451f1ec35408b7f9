"""Exceptions: orders that a reconciliation found not right, since when, and what a person said about them.

Belongs here: recording what was found, and a person's acknowledgements. Does not belong here: what is an exception,
or what it puts at risk (reconcile.risk).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, or_, select, update

from ns_hs_orders.reconcile.ports import FoundException, KnownException
from ns_hs_orders.state.database import State
from ns_hs_orders.state.orders.events import OrderEvent, append_events
from ns_hs_orders.state.proof.days import judged_later
from ns_hs_orders.state.tables import exceptions, keepable

_FOUND = tuple(FoundException.__dataclass_fields__)
_SEEN = ("first_seen_at", "last_seen_at")
_ACKNOWLEDGED = (
    "acknowledged_by",
    "acknowledged_because",
    "acknowledged_until",
    "acknowledged_signature",
)
_NEVER = ""
"""A signature that no exception has: an acknowledgement with it holds no more."""

Key = tuple[str, date]


class ExceptionLog:
    """Keeps exceptions, one an order and day; what is gone is kept too, and comes back as another one."""

    def __init__(self, state: State) -> None:
        self._state = state

    def record(
        self, found: Sequence[FoundException], first: date, last: date, *, ticket: int, now: datetime
    ) -> None:
        """Notes what a reconciliation of these days found: new, still there, changed, gone.

        Orders of other days are left alone, and so are days that a newer reconciliation judged.
        """
        with self._state.write() as connection:
            later = judged_later(connection, first, last, ticket)
            query = _locked(exceptions.c.order_on.between(first, last))
            rows = {
                (row.order_id, row.order_on): row
                for row in connection.execute(query)
                if row.order_on not in later
            }
            there = {(one.order_id, one.order_on): one for one in found if one.order_on not in later}
            self._note_gone(
                connection,
                [key for key, row in rows.items() if row.gone_at is None and key not in there],
                now,
            )
            still_there = exceptions.c.gone_at.is_(None) & exceptions.c.order_on.between(first, last)
            connection.execute(
                update(exceptions)
                .where(still_there, exceptions.c.order_on.not_in(later))
                .values(last_seen_at=now)
            )
            self._note_found(connection, there, rows, now)

    def _note_gone(self, connection: Connection, keys: Sequence[Key], now: datetime) -> None:
        if keys:
            connection.execute(
                update(exceptions)
                .where(
                    exceptions.c.order_id == bindparam("gone_id"),
                    exceptions.c.order_on == bindparam("gone_on"),
                )
                .values(gone_at=now),
                [{"gone_id": order_id, "gone_on": order_on} for order_id, order_on in keys],
            )

    def _note_found(
        self,
        connection: Connection,
        there: Mapping[Key, FoundException],
        rows: Mapping[Key, Row[Any]],
        now: datetime,
    ) -> None:
        changed: list[dict[str, Any]] = []
        events: list[OrderEvent] = []
        for key, one in there.items():
            row = rows.get(key)
            values = {name: _keepable(getattr(one, name)) for name in _FOUND}
            if row is not None and row.gone_at is None and values == {n: getattr(row, n) for n in _FOUND}:
                continue
            is_back = row is not None and row.gone_at is not None
            values |= {name: getattr(row, name, None) for name in _ACKNOWLEDGED}
            if is_back:
                values["acknowledged_signature"] = _NEVER
            values["first_seen_at"] = now if row is None or is_back else row.first_seen_at
            changed.append(values | {"last_seen_at": now, "gone_at": None})
            if row is not None and (why := _why_reopened(row, one, now)):
                details = {"cause": one.cause, "since acknowledged": why}
                events.append(OrderEvent(one.order_id, now, "reconcile", "exception reopened", details))
        if changed:
            names = [name for name in changed[0] if name not in ("order_id", "order_on")]
            connection.execute(
                self._state.insert_or_update(exceptions, lambda new: {name: new[name] for name in names}),
                changed,
            )
        append_events(connection, events)

    def dated(self, first: date, last: date) -> dict[Key, KnownException]:
        """The exceptions of these days that are still there, by order id and day."""
        return self._there(exceptions.c.order_on.between(first, last))

    def all(self) -> list[KnownException]:
        """Every exception that is still there."""
        return list(self._there().values())

    def acknowledge(
        self,
        orders: Sequence[str] | None,
        *,
        cause: str | None,
        days: tuple[date, date] | None = None,
        by: str,
        because: str,
        until: date,
        now: datetime,
    ) -> list[KnownException]:
        """Acknowledges what is wrong with these orders as it is now; returns the exceptions as they were before.

        orders: by number or internal id; None: all. cause: only those with it. days: only those of these order
        dates, first and last. until: the last day, in UTC.
        """
        values = {
            "acknowledged_by": by,
            "acknowledged_because": because,
            "acknowledged_until": until,
            "acknowledged_signature": exceptions.c.signature,
        }
        details = {"by": by, "because": because, "until": until.isoformat()}
        chosen = _chosen(orders, cause)
        if days is not None:
            chosen.append(exceptions.c.order_on.between(*days))
        return self._decide(chosen, values, "exception acknowledged", details, now)

    def reopen(self, orders: Sequence[str], *, by: str, now: datetime) -> list[KnownException]:
        """Ends acknowledgements that hold; returns those exceptions."""
        held = (
            exceptions.c.acknowledged_signature == exceptions.c.signature,
            exceptions.c.acknowledged_until >= now.astimezone(UTC).date(),
        )
        values = {"acknowledged_signature": _NEVER}
        chosen = [*_chosen(orders, None), *held]
        return self._decide(chosen, values, "exception reopened", {"by": by}, now)

    def _decide(
        self,
        chosen: Sequence[ColumnElement[bool]],
        values: Mapping[str, Any],
        happened: str,
        details: Mapping[str, str],
        now: datetime,
    ) -> list[KnownException]:
        with self._state.write() as connection:
            query = _locked(exceptions.c.gone_at.is_(None), *chosen)
            found = [_known(row) for row in connection.execute(query)]
            if found:
                connection.execute(
                    update(exceptions).where(exceptions.c.gone_at.is_(None), *chosen).values(values)
                )
            append_events(
                connection,
                [
                    OrderEvent(
                        one.found.order_id, now, "by hand", happened, {"cause": one.found.cause, **details}
                    )
                    for one in found
                ],
            )
        return found

    def _there(self, *chosen: ColumnElement[bool]) -> dict[Key, KnownException]:
        with self._state.read() as connection:
            return exceptions_there(connection, *chosen)


def exceptions_there(connection: Connection, *chosen: ColumnElement[bool]) -> dict[Key, KnownException]:
    """The exceptions that are still there, within the caller's transaction."""
    query = select(exceptions).where(exceptions.c.gone_at.is_(None), *chosen)
    return {(row.order_id, row.order_on): _known(row) for row in connection.execute(query)}


def _locked(*chosen: ColumnElement[bool]) -> Select[Any]:
    """The rows, locked until the transaction ends, in one order, so that two writers never wait for each other."""
    query = select(exceptions).where(*chosen).order_by(exceptions.c.order_id, exceptions.c.order_on)
    return query.with_for_update()


def _chosen(orders: Sequence[str] | None, cause: str | None) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if orders is not None:
        chosen.append(or_(exceptions.c.order_id.in_(orders), exceptions.c.order_number.in_(orders)))
    if cause is not None:
        chosen.append(exceptions.c.cause == cause)
    return chosen


def _why_reopened(row: Row[Any], one: FoundException, now: datetime) -> str | None:
    """Why an acknowledgement that held until now holds no more; None where none did, or it still does."""
    if _known(row).status(now.astimezone(UTC).date()) != "acknowledged":
        return None
    if row.gone_at is not None:
        return "it was gone and is back"
    return "it changed" if row.signature != one.signature else None


def _keepable(value: Any) -> Any:
    return keepable(value) if isinstance(value, str) else value


def _known(row: Row[Any]) -> KnownException:
    found = FoundException(*(getattr(row, name) for name in _FOUND))
    return KnownException(found, *(getattr(row, name) for name in (*_SEEN, *_ACKNOWLEDGED)))
