"""Adoptions of other integrations' records: what was begun, and what it means for the orders once it is done.

Belongs here: the note of what is under way, the orders' stories, and that an adopted order is written by the next sync.
Does not belong here: what is adopted (adopt).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from ns_hs_orders.adopt.ports import Act
from ns_hs_orders.state.database import State
from ns_hs_orders.state.orders.due import note_due
from ns_hs_orders.state.orders.events import OrderEvent, append_events
from ns_hs_orders.state.orders.rows import locked_rows
from ns_hs_orders.state.proof.days import mark_changed
from ns_hs_orders.state.tables import notes, order_states

_BEGUN = "adoptions_begun"
CAUSE = "adopted"
ADOPTED = "adopted"


class AdoptionJournal:
    """Implements adopt.ports.Journal. ticket: the next one of the counter; whatever is read after it is newer.

    days_of: the state whose days are proven, where it is another one.
    """

    def __init__(
        self,
        state: State,
        *,
        run: str,
        ticket: Callable[[], int],
        now: Callable[[], datetime],
        days_of: State | None = None,
    ) -> None:
        self._state = state
        self._days_of = days_of or state
        self._run = run
        self._ticket = ticket
        self._now = now

    def begin(self, acts: Sequence[Act]) -> None:
        """Notes what is about to be done."""
        with self._state.write() as connection:
            self._keep(connection, {one.record_id: one for one in (*_begun(connection), *acts)})

    def unfinished(self) -> list[Act]:
        """What was begun and not ended."""
        with self._state.read() as connection:
            return _begun(connection)

    def end(self, done: Sequence[Act], not_done: Sequence[Act]) -> None:
        """Tells the stories of the orders of `done`, makes the adopted ones due, and forgets both."""
        ticket, now = self._ticket(), self._now()
        if self._days_of is not self._state:
            # before the note of what was begun goes: a run that is killed here marks them again
            with self._state.read() as connection:
                query = select(order_states.c.order_on).where(
                    order_states.c.order_id.in_([one.order_id for one in done])
                )
                days_of_returns = [(on, ticket) for on in connection.scalars(query)]
            with self._days_of.write() as connection:
                mark_changed(self._days_of, connection, days_of_returns)
        over = {one.record_id for one in (*done, *not_done)}
        with self._state.write() as connection:
            rows = locked_rows(self._state, connection, [one.order_id for one in done], make=False)
            adopted = [one.order_id for one in done if one.happened == ADOPTED]
            free = [one for one in adopted if one in rows and not rows[one].is_held(now)]
            if free:
                # what was confirmed of another record says nothing of this one
                connection.execute(
                    update(order_states).where(order_states.c.order_id.in_(free)).values(fingerprint=None)
                )
            note_due(self._state, connection, [(one, ticket) for one in adopted], CAUSE, now)
            if self._days_of is self._state:
                days = [(rows[one.order_id].order_on, ticket) for one in done if one.order_id in rows]
                mark_changed(self._state, connection, days)
            append_events(
                connection,
                [OrderEvent(one.order_id, now, self._run, one.happened, one.details) for one in done],
            )
            self._keep(
                connection, {one.record_id: one for one in _begun(connection) if one.record_id not in over}
            )

    def _keep(self, connection: Connection, acts: Mapping[str, Act]) -> None:
        text = json.dumps([_written(one) for one in acts.values()])
        connection.execute(
            self._state.insert_or_update(notes, lambda new: {"value": new.value, "at": new.at}).values(
                name=_BEGUN, value=text, at=self._now()
            )
        )


def _begun(connection: Connection) -> list[Act]:
    row = connection.execute(select(notes.c.value).where(notes.c.name == _BEGUN)).first()
    return [Act(**one) for one in json.loads(row.value)] if row is not None else []


def _written(act: Act) -> dict[str, Any]:
    return {
        "record_id": act.record_id,
        "order_id": act.order_id,
        "happened": act.happened,
        "details": dict(act.details),
    }
