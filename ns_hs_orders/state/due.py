"""Due orders: what must still be read or written, why, and when it is tried next.

Belongs here: entering, listing and closing due orders. Does not belong here: outcomes (order_states).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import due_orders, order_states

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class DueOrder:
    """An order that must be written again. It is closed by a result with a higher ticket only."""

    order_id: str
    cause: str
    noticed_ticket: int
    attempts: int
    first_failed_at: datetime | None
    next_try_at: datetime


@dataclass(frozen=True)
class Failure:
    """A try that did not end in a write."""

    order_id: str
    cause: str
    noticed_ticket: int


def note_due(
    state: State,
    connection: Connection,
    noticed: Sequence[tuple[str, int]],
    cause: str,
    next_try_at: datetime,
) -> None:
    """Enters orders as due: (order id, ticket). One that is due already keeps its cause and attempts."""
    if not noticed:
        return
    statement = state.insert_or_update(
        due_orders,
        lambda new: {
            "noticed_ticket": _higher(new.noticed_ticket),
            "next_try_at": case(
                (new.next_try_at < due_orders.c.next_try_at, new.next_try_at),
                else_=due_orders.c.next_try_at,
            ),
        },
    )
    connection.execute(
        statement,
        [
            {
                "order_id": order_id,
                "cause": cause,
                "noticed_ticket": ticket,
                "attempts": 0,
                "first_failed_at": None,
                "next_try_at": next_try_at,
            }
            for order_id, ticket in noticed
        ],
    )


def note_failures(state: State, connection: Connection, failures: Sequence[Failure], now: datetime) -> None:
    """Counts failed tries, with a pause that doubles from one minute to six hours."""
    if not failures:
        return
    ids = [one.order_id for one in failures]
    tried = dict(
        connection.execute(
            select(due_orders.c.order_id, due_orders.c.attempts).where(due_orders.c.order_id.in_(ids))
        )
        .tuples()
        .all()
    )
    statement = state.insert_or_update(
        due_orders,
        lambda new: {
            "cause": new.cause,
            "noticed_ticket": _higher(new.noticed_ticket),
            "attempts": new.attempts,
            "first_failed_at": func.coalesce(due_orders.c.first_failed_at, new.first_failed_at),
            "next_try_at": new.next_try_at,
        },
    )
    connection.execute(
        statement,
        [
            {
                "order_id": one.order_id,
                "cause": one.cause,
                "noticed_ticket": one.noticed_ticket,
                "attempts": tried.get(one.order_id, 0) + 1,
                "first_failed_at": now,
                "next_try_at": now + pause_after(tried.get(one.order_id, 0) + 1),
            }
            for one in failures
        ],
    )


def close_due(connection: Connection, done: Sequence[tuple[str, int]]) -> None:
    """Closes due orders by results: (order id, ticket); what was noticed later stays due."""
    if done:
        connection.execute(
            delete(due_orders).where(
                due_orders.c.order_id == bindparam("done_id"),
                due_orders.c.noticed_ticket < bindparam("done_ticket"),
            ),
            [{"done_id": order_id, "done_ticket": ticket} for order_id, ticket in done],
        )


def pause_after(attempts: int) -> timedelta:
    """The pause after so many failed tries."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts - 1, 20)))


def _higher(ticket: Any) -> Any:
    return case((ticket > due_orders.c.noticed_ticket, ticket), else_=due_orders.c.noticed_ticket)


class DueOrders:
    """Lists due orders."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[DueOrder]:
        """Every due order, the longest due first."""
        return self._listed(None, None)

    def to_try(self, now: datetime, limit: int = 2000) -> list[DueOrder]:
        """Those whose pause is over and that nobody holds, the newest change first."""
        return self._listed(now, limit)

    def _listed(self, now: datetime | None, limit: int | None) -> list[DueOrder]:
        query = select(due_orders)
        if now is None:
            query = query.order_by(due_orders.c.noticed_ticket, due_orders.c.order_id)
        else:
            held = and_(order_states.c.lease_until.is_not(None), order_states.c.lease_until > now)
            query = (
                query.outerjoin(order_states, order_states.c.order_id == due_orders.c.order_id)
                .where(due_orders.c.next_try_at <= now, or_(order_states.c.order_id.is_(None), ~held))
                .order_by(due_orders.c.noticed_ticket.desc(), due_orders.c.order_id)
                .limit(limit)
            )
        with self._state.read() as connection:
            return [DueOrder(*row) for row in connection.execute(query)]
