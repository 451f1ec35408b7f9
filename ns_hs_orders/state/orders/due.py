"""Due orders: what must still be read or written, why, and when it is tried next.

Belongs here: entering, listing and closing due orders. Does not belong here: outcomes (order_states).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, null, or_, select, update

from ns_hs_orders.live.ports import DueOrder, Noticed
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.orders.events import OrderEvent, append_events
from ns_hs_orders.state.tables import due_orders, order_states

_FIELDS = tuple(DueOrder.__dataclass_fields__)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE_REJECTED = timedelta(hours=6)


@dataclass(frozen=True)
class Failure:
    """A try that did not end in a write. is_rejected: HubSpot refused it, so that only longer pauses help.

    waits_for_person: no try will do until somebody decides; the time until then is no delay of ours.
    """

    order_id: str
    cause: str
    noticed_ticket: int
    is_rejected: bool = False
    waits_for_person: bool = False


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


def note_changes(
    state: State, connection: Connection, noticed: Sequence[Noticed], ticket: int, now: datetime
) -> None:
    """Enters orders that NetSuite changed as due at once; a pause or a person's closing is over with it.

    The oldest change that has not arrived keeps its time; the newest one decides the order's turn.
    """
    if not noticed:
        return
    statement = state.insert_or_update(
        due_orders,
        lambda new: {
            "cause": new.cause,
            "noticed_ticket": _higher(new.noticed_ticket),
            "next_try_at": new.next_try_at,
            "attempts": case((new.noticed_at.is_not(None), 0), else_=due_orders.c.attempts),
            "noticed_at": func.coalesce(new.noticed_at, due_orders.c.noticed_at),
            "changed_at": func.coalesce(due_orders.c.changed_at, new.changed_at),
            "counted_from": func.coalesce(due_orders.c.counted_from, new.counted_from),
            "closed_at": case((new.noticed_at.is_not(None), null()), else_=due_orders.c.closed_at),
            "closed_by": case((new.noticed_at.is_not(None), null()), else_=due_orders.c.closed_by),
        },
    )
    connection.execute(
        statement,
        [
            {
                "order_id": one.order_id,
                "cause": one.cause,
                "noticed_ticket": ticket,
                "attempts": 0,
                "first_failed_at": None,
                "next_try_at": now,
                # a row that is only read once more is no newer change
                "noticed_at": now if one.changed_at is not None else None,
                "changed_at": one.changed_at,
                "counted_from": one.counted_from,
                "closed_at": None,
                "closed_by": None,
            }
            for one in noticed
        ],
    )


def note_failures(state: State, connection: Connection, failures: Sequence[Failure], now: datetime) -> None:
    """Counts failed tries, with a pause that doubles from five seconds to five minutes, or to six hours.

    What HubSpot refused has been dealt with in time, so its change is not waited for any more.
    """
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
                "next_try_at": now + pause_after(tried.get(one.order_id, 0) + 1, is_rejected=one.is_rejected),
            }
            for one in failures
        ],
    )
    if decided := [one.order_id for one in failures if one.is_rejected or one.waits_for_person]:
        connection.execute(
            update(due_orders)
            .where(due_orders.c.order_id.in_(decided))
            .values(changed_at=None, counted_from=None)
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


def pause_after(attempts: int, *, is_rejected: bool = False) -> timedelta:
    """The pause after so many failed tries."""
    longest = LONGEST_PAUSE_REJECTED if is_rejected else LONGEST_PAUSE
    return min(longest, FIRST_PAUSE * (1 << min(attempts - 1, 20)))


def _higher(ticket: Any) -> Any:
    return case((ticket > due_orders.c.noticed_ticket, ticket), else_=due_orders.c.noticed_ticket)


class DueOrders:
    """Lists due orders, and closes them for a person."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[DueOrder]:
        """Every due order, the longest due first."""
        return self._listed(None, None)

    def to_try(self, now: datetime, limit: int = 2000) -> list[DueOrder]:
        """Those whose pause is over and that nobody holds or closed: untried ones first, the newest first."""
        return self._listed(now, limit)

    def notice(self, noticed: Sequence[Noticed], ticket: int, now: datetime) -> None:
        """Enters what NetSuite changed as due at once."""
        for part in chunks(noticed):
            with self._state.write() as connection:
                note_changes(self._state, connection, part, ticket, now)

    def close(self, order_ids: Sequence[str], *, by: str, now: datetime) -> set[str]:
        """No more tries until NetSuite changes the orders again; returns those that were due and open."""
        with self._state.write() as connection:
            closed = set(
                connection.scalars(
                    select(due_orders.c.order_id).where(
                        due_orders.c.order_id.in_(order_ids), due_orders.c.closed_at.is_(None)
                    )
                )
            )
            connection.execute(
                update(due_orders)
                .where(due_orders.c.order_id.in_(closed))
                .values(closed_at=now, closed_by=by)
            )
            append_events(
                connection,
                [OrderEvent(one, now, "by hand", "closed", {"by": by}) for one in sorted(closed)],
            )
        return closed

    def try_now(self, order_ids: Sequence[str], now: datetime) -> None:
        """Ends the pause of these orders."""
        with self._state.write() as connection:
            connection.execute(
                update(due_orders).where(due_orders.c.order_id.in_(order_ids)).values(next_try_at=now)
            )

    def put_off(self, order_ids: Sequence[str], *, cause: str, ticket: int, now: datetime) -> None:
        """Counts a failed try of orders that nothing else is known of; ticket: of that try."""
        with self._state.write() as connection:
            note_failures(self._state, connection, [Failure(one, cause, ticket) for one in order_ids], now)

    def drop(self, order_ids: Sequence[str], ticket: int) -> None:
        """Takes off what is no order of ours, unless it was noticed again since this ticket."""
        with self._state.write() as connection:
            close_due(connection, [(one, ticket) for one in order_ids])

    def count_due(self, now: datetime) -> int:
        """How many pauses are over, of orders that nobody closed."""
        query = select(func.count()).where(due_orders.c.next_try_at <= now, due_orders.c.closed_at.is_(None))
        with self._state.read() as connection:
            return int(connection.execute(query).scalar_one())

    def _listed(self, now: datetime | None, limit: int | None) -> list[DueOrder]:
        query = select(due_orders)
        if now is None:
            query = query.order_by(due_orders.c.noticed_ticket, due_orders.c.order_id)
        else:
            held = and_(order_states.c.lease_until.is_not(None), order_states.c.lease_until > now)
            query = (
                query.outerjoin(order_states, order_states.c.order_id == due_orders.c.order_id)
                .where(
                    due_orders.c.next_try_at <= now,
                    due_orders.c.closed_at.is_(None),
                    or_(order_states.c.order_id.is_(None), ~held),
                )
                .order_by(
                    due_orders.c.attempts > 0,
                    due_orders.c.noticed_at.desc().nulls_last(),
                    due_orders.c.changed_at.desc().nulls_last(),
                    due_orders.c.noticed_ticket.desc(),
                    due_orders.c.order_id,
                )
                .limit(limit)
            )
        with self._state.read() as connection:
            return [
                DueOrder(**{name: getattr(row, name) for name in _FIELDS})
                for row in connection.execute(query)
            ]
