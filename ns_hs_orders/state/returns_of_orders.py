"""Which order each return was last seen to be of, and what counted of it on which day: NetSuite tells neither any more
once a return is deleted.

Belongs here: keeping and finding them, among the rows that were seen of NetSuite, and the days that change with them.
Does not belong here: returns themselves, or who asks (live).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.days import mark_changed
from ns_hs_orders.state.tables import seen_changes

STREAM = "orders of returns"
"""No stream that is looked at: its rows have a return as their key and the order as their version."""
COUNTED = "counted returns of orders"
"""No stream either: its rows have an order as their key, and as their version what counts of its returns, as JSON."""


class ReturnsOfOrders:
    """Return → order; `find` is what a look asks (live.look.OrdersOfReturns)."""

    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, return_ids: Sequence[str]) -> dict[str, str]:
        """Return → order, of those that were ever seen to have one."""
        return self._versions(STREAM, return_ids)

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

        ticket: of the reading. An order without returns counts only where some were noted of it before.
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
