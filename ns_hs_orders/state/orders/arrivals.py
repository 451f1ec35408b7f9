"""Arrivals: how long NetSuite's changes took to be confirmed in HubSpot.

Belongs here: appending and listing them. Does not belong here: percentiles and limits (live.delay).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, insert, select

from ns_hs_orders.live.ports import Arrival
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.tables import arrivals, due_orders, order_states


def note_arrivals(connection: Connection, confirmed: Mapping[str, tuple[int, datetime]], run: str) -> None:
    """Notes what the due list waits for and these writes brought: order id → (ticket, confirmed_at).

    Within the caller's transaction, before the due orders are closed.
    """
    found = []
    for ids in chunks(list(confirmed)):
        query = select(due_orders).where(due_orders.c.order_id.in_(ids), due_orders.c.changed_at.is_not(None))
        for row in connection.execute(query):
            ticket, at = confirmed[row.order_id]
            if row.noticed_ticket < ticket:
                found.append(
                    {
                        "order_id": row.order_id,
                        "cause": row.cause,
                        "changed_at": row.changed_at,
                        "counted_from": row.counted_from or row.changed_at,
                        "confirmed_at": at,
                        "run": run,
                    }
                )
    if found:
        connection.execute(insert(arrivals), found)


class ArrivalLog:
    """Implements live.ports.Arrivals."""

    def __init__(self, state: State) -> None:
        self._state = state

    def since(self, moment: datetime, *, run: str | None = None) -> list[Arrival]:
        """Those confirmed from `moment` on, of one run or of all, oldest first."""
        query = select(arrivals).where(arrivals.c.confirmed_at >= moment)
        if run is not None:
            query = query.where(arrivals.c.run == run)
        with self._state.read() as connection:
            rows = connection.execute(query.order_by(arrivals.c.arrival_id)).all()
        return [
            Arrival(row.order_id, row.cause, row.changed_at, row.counted_from, row.confirmed_at, row.run)
            for row in rows
        ]

    def seconds_by_day(self, first: date, last: date) -> dict[date, list[float]]:
        """How long each change took of the orders dated in the range, by their order date."""
        query = (
            select(order_states.c.order_on, arrivals.c.counted_from, arrivals.c.confirmed_at)
            .join_from(arrivals, order_states, arrivals.c.order_id == order_states.c.order_id)
            .where(
                order_states.c.order_on.between(first, last),
                # an order is not confirmed before its day, in whatever zone: the index spares the rest
                arrivals.c.confirmed_at >= datetime.combine(first, time(), UTC) - timedelta(days=2),
            )
        )
        found: dict[date, list[float]] = {}
        with self._state.read() as connection:
            for order_on, counted_from, confirmed_at in connection.execute(query):
                seconds = max(0.0, (confirmed_at - counted_from).total_seconds())
                found.setdefault(order_on, []).append(round(seconds, 1))
        return found
