"""Which order each return was last seen to be of: what NetSuite tells no more once a return is deleted.

Belongs here: keeping and finding them, among the rows that were seen of NetSuite. Does not belong here: returns
themselves, or who asks (live).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.tables import seen_changes

STREAM = "orders of returns"
"""No stream that is looked at: its rows have a return as their key and the order as their version."""


class ReturnsOfOrders:
    """Return → order; `find` is what a look asks (live.look.OrdersOfReturns)."""

    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, return_ids: Sequence[str]) -> dict[str, str]:
        """Return → order, of those that were ever seen to have one."""
        found: dict[str, str] = {}
        with self._state.read() as connection:
            for keys in chunks(return_ids):
                query = select(seen_changes.c.row_key, seen_changes.c.version).where(
                    seen_changes.c.stream == STREAM, seen_changes.c.row_key.in_(keys)
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
        statement = self._state.insert_or_update(
            seen_changes, lambda new: {"version": new.version, "first_seen_at": new.first_seen_at}
        )
        with self._state.write() as connection:
            connection.execute(
                statement,
                [
                    {
                        "stream": STREAM,
                        "row_key": return_id,
                        "version": order_id,
                        "stamp": now,
                        "first_seen_at": now,
                        "settled": True,
                    }
                    for return_id, order_id in sorted(news)
                ],
            )
