"""What the state can say when orders are gone from NetSuite: how many there are, who else should be there.

Belongs here: counts, witnesses and approvals. Does not belong here: whether an order is gone (push.departed).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, select

from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES
from ns_hs_orders.state.database import State
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.tables import due_orders, order_events, order_states

_APPROVED = "approved_departures"
_APPROVAL_LASTS = timedelta(days=1)
_MOST_WITNESSES = 100
_IS_IN_HUBSPOT = and_(order_states.c.order_id_hubspot.is_not(None), order_states.c.outcome != "archived")


class Departures:
    """Asks the state about absent orders, and keeps what a person approved."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._notes = Notes(state)

    def known_orders(self) -> int:
        """Orders that HubSpot holds, as far as the state knows."""
        query = select(func.count()).where(order_states.c.outcome.in_(ACCEPTED_OUTCOMES))
        with self._state.read() as connection:
            return int(connection.execute(query).scalar_one())

    def in_hubspot(self) -> list[str]:
        """Orders that HubSpot was sent and that are not taken out."""
        query = select(order_states.c.order_id).where(_IS_IN_HUBSPOT).order_by(order_states.c.order_id)
        with self._state.read() as connection:
            return list(connection.scalars(query))

    def count_in_hubspot(self) -> int:
        """How many they are."""
        with self._state.read() as connection:
            return int(
                connection.execute(
                    select(func.count()).select_from(order_states).where(_IS_IN_HUBSPOT)
                ).scalar_one()
            )

    def archived_since(self, moment: datetime, besides: Collection[str]) -> int:
        """Orders archived since, without those that a person let go."""
        query = select(order_events.c.order_id).where(
            order_events.c.happened == "archived", order_events.c.at >= moment
        )
        with self._state.read() as connection:
            return len(set(connection.scalars(query)) - set(besides))

    def held(self, reason: str) -> set[str]:
        """Orders that are due for this reason."""
        query = (
            select(order_states.c.order_id)
            .join(due_orders, due_orders.c.order_id == order_states.c.order_id)
            .where(
                order_states.c.outcome == "due",
                order_states.c.reason == reason,
                due_orders.c.closed_at.is_(None),
            )
        )
        with self._state.read() as connection:
            return set(connection.scalars(query))

    def witnesses(self, besides: Collection[str]) -> list[str]:
        """Up to a hundred other orders that NetSuite should have, chosen at random."""
        query = (
            select(order_states.c.order_id)
            .where(order_states.c.outcome.in_(ACCEPTED_OUTCOMES))
            .order_by(func.random())
            .limit(_MOST_WITNESSES + len(besides))
        )
        with self._state.read() as connection:
            found = [one for one in connection.scalars(query) if one not in besides]
        return found[:_MOST_WITNESSES]

    def dated(self, first: date, last: date, ticket: int | None = None) -> list[str]:
        """Orders of a range of days that HubSpot was sent and that are not taken out.

        ticket: only those of which no later reading is known.
        """
        query = select(order_states.c.order_id).where(
            order_states.c.order_on.between(first, last),
            _IS_IN_HUBSPOT,
        )
        if ticket is not None:
            query = query.where(order_states.c.newest_ticket <= ticket)
        with self._state.read() as connection:
            return list(connection.scalars(query))

    def approve(self, order_ids: Collection[str], now: datetime) -> None:
        """A person says that these orders are gone; it holds for a day."""
        self._notes.keep(_APPROVED, sorted({*self.approved(now), *order_ids}), now)

    def approved(self, now: datetime) -> frozenset[str]:
        """What a person approved within the last day."""
        return frozenset(self._notes.find(_APPROVED, now=now, not_older_than=_APPROVAL_LASTS) or ())
