"""Orders that wait, with what they are worth, and what was synced: the state as alerts ask for it.

Belongs here: SELECTs over due orders, order states, events and arrivals. Does not belong here: writing any of
them (due, order_states), or which of them somebody must look at (alerts).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from ns_hs_orders.alerts.ports import OrderNow, Synced, WaitingOrder
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.orders.arrivals import ArrivalLog
from ns_hs_orders.state.tables import due_orders, order_events, order_states

OUTCOMES = ("created", "updated", "skipped", "quarantined", "rejected", "due", "archived")
WRITTEN = ("created", "updated")


class WaitingOrders:
    """Implements the alerts' `Orders`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def waiting(self, counted_before: datetime) -> list[WaitingOrder]:
        """Those that failed once, or whose change waits since before this, and that no person closed."""
        query = (
            select(
                due_orders.c.order_id,
                due_orders.c.cause,
                due_orders.c.attempts,
                due_orders.c.first_failed_at,
                due_orders.c.counted_from,
                order_states.c.outcome,
                order_states.c.total_minor,
                order_states.c.currency,
                order_states.c.order_id_hubspot,
            )
            .outerjoin(order_states, order_states.c.order_id == due_orders.c.order_id)
            .where(
                due_orders.c.closed_at.is_(None),
                or_(due_orders.c.first_failed_at.is_not(None), due_orders.c.counted_from <= counted_before),
            )
            .order_by(due_orders.c.order_id)
        )
        with self._state.read() as connection:
            return [WaitingOrder(*row) for row in connection.execute(query)]

    def now(self, order_ids: Sequence[str]) -> dict[str, OrderNow]:
        """What is known of these orders; unknown ones are absent."""
        found: dict[str, OrderNow] = {}
        with self._state.read() as connection:
            for ids in chunks(order_ids):
                query = (
                    select(
                        order_states.c.order_id,
                        order_states.c.outcome,
                        order_states.c.order_id_hubspot,
                        due_orders.c.closed_at,
                    )
                    .outerjoin(due_orders, due_orders.c.order_id == order_states.c.order_id)
                    .where(order_states.c.order_id.in_(ids))
                )
                for row in connection.execute(query):
                    found[row.order_id] = OrderNow(
                        row.order_id, row.outcome, row.order_id_hubspot, row.closed_at is not None
                    )
        return found

    def synced(self, since: datetime) -> Synced:
        """Distinct orders by what happened to them, amounts of those written by currency, and arrivals."""
        recent = and_(order_events.c.at >= since, order_events.c.happened.in_(OUTCOMES))
        counts = (
            select(order_events.c.happened, func.count(order_events.c.order_id.distinct()))
            .where(recent)
            .group_by(order_events.c.happened)
        )
        written = select(order_events.c.order_id).where(recent, order_events.c.happened.in_(WRITTEN))
        sums = (
            select(order_states.c.currency, func.sum(order_states.c.total_minor))
            .where(
                order_states.c.order_id.in_(written),
                order_states.c.currency.is_not(None),
                order_states.c.total_minor.is_not(None),
            )
            .group_by(order_states.c.currency)
        )
        with self._state.read() as connection:
            orders = dict(connection.execute(counts).tuples().all())
            confirmed = {currency: int(minor) for currency, minor in connection.execute(sums).tuples()}
        return Synced(
            {outcome: orders[outcome] for outcome in OUTCOMES if outcome in orders},
            confirmed,
            ArrivalLog(self._state).since(since),
        )
