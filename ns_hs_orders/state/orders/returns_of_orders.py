"""Which order each return was last seen to be of, and what counted of it on which day: NetSuite tells neither any more
once a return is deleted.

Belongs here: keeping and finding them, among the rows that were seen of NetSuite, and the days that change with them.
Does not belong here: returns themselves, or who asks (live).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.orders.due import note_due
from ns_hs_orders.state.proof.days import mark_changed
from ns_hs_orders.state.tables import order_states, seen_changes

STREAM = "orders of returns"
"""No stream that is looked at: its rows have a return as their key and the order as their version."""
COUNTED = "counted returns of orders"
"""No stream either: its rows have an order as their key, and as their version what counts of its returns, as JSON."""


class CountedBefore(NamedTuple):
    """What counted of one return on its order, in minor units of its currency."""

    return_id: str
    order_id: str
    return_on: date
    currency: str
    counted_minor: int


class ReturnsOfOrders:
    """Return → order; `find` and `made_from` are what a look asks (live.look.OrdersOfReturns)."""

    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, return_ids: Sequence[str]) -> dict[str, str]:
        """Return → order, of those that were ever seen to have one."""
        return self._versions(STREAM, return_ids)

    def made_from(self, order_ids: Sequence[str]) -> dict[str, str]:
        """Return → order, of those that were last seen to be of these orders."""
        found: dict[str, str] = {}
        with self._state.read() as connection:
            for part in chunks(order_ids):
                query = select(seen_changes.c.row_key, seen_changes.c.version).where(
                    seen_changes.c.stream == STREAM, seen_changes.c.version.in_(part)
                )
                found |= {row.row_key: row.version for row in connection.execute(query)}
        return found

    def keep(self, order_of: Mapping[str, str], now: datetime) -> None:
        """Notes return → order, in place of what was noted before."""
        if not order_of:
            return
        known = self.find(list(order_of))
        news = [(one, order_id) for one, order_id in order_of.items() if known.get(one) != order_id]
        if not news:
            return
        with self._state.write() as connection:
            self._note(connection, STREAM, news, now)

    def keep_counted(
        self, counted: Mapping[str, Sequence[tuple[str, date, str, int]]], *, ticket: int, now: datetime
    ) -> None:
        """Notes order → its returns (id, day, currency, what counts), and marks the days of those that changed.

        ticket: of the reading. An order without returns counts only where some were noted of it before. One that HubSpot
        holds is due until this reading of it, or a later one, is written: whoever read it may not write it.
        """
        known = self._versions(COUNTED, list(counted))
        news, changed = [], set()
        for order_id, returns in counted.items():
            after = {(one, on.isoformat(), currency, minor) for one, on, currency, minor in returns}
            before = {tuple(one) for one in json.loads(known.get(order_id, "[]"))}
            if after != before:
                news.append((order_id, json.dumps(sorted(after))))
                changed |= {date.fromisoformat(one[1]) for one in after ^ before}
        if not news:
            return
        with self._state.write() as connection:
            self._note(connection, COUNTED, news, now)
            mark_changed(self._state, connection, [(on, ticket) for on in changed])
            for part in chunks([order_id for order_id, _ in news]):
                held = connection.execute(
                    select(order_states.c.order_id, order_states.c.order_on).where(
                        order_states.c.order_id.in_(part),
                        order_states.c.outcome.in_(ACCEPTED_OUTCOMES),
                    )
                ).all()
                due = [(row.order_id, ticket - 1) for row in held]
                note_due(self._state, connection, due, "its returns changed", now)
                mark_changed(self._state, connection, [(row.order_on, ticket) for row in held])

    def counted(self, first: date, last: date) -> list[CountedBefore]:
        """What counted of returns dated in the range, when their orders were read last."""
        query = select(seen_changes.c.row_key, seen_changes.c.version).where(seen_changes.c.stream == COUNTED)
        with self._state.read() as connection:
            rows = connection.execute(query).all()
        return [
            CountedBefore(return_id, row.row_key, date.fromisoformat(on), currency, minor)
            for row in rows
            for return_id, on, currency, minor in json.loads(row.version)
            if first.isoformat() <= on <= last.isoformat()
        ]

    def _versions(self, stream: str, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._state.read() as connection:
            for part in chunks(keys):
                query = select(seen_changes.c.row_key, seen_changes.c.version).where(
                    seen_changes.c.stream == stream, seen_changes.c.row_key.in_(part)
                )
                found |= {row.row_key: row.version for row in connection.execute(query)}
        return found

    def _note(
        self, connection: Connection, stream: str, versions: Sequence[tuple[str, str]], now: datetime
    ) -> None:
        statement = self._state.insert_or_update(
            seen_changes, lambda new: {"version": new.version, "first_seen_at": new.first_seen_at}
        )
        rows: list[dict[str, Any]] = [
            {
                "stream": stream,
                "row_key": key,
                "version": version,
                "stamp": now,
                "first_seen_at": now,
                "settled": True,
            }
            for key, version in sorted(versions)
        ]
        connection.execute(statement, rows)
