"""The story of each order: what happened to it, when, in which run. Append-only.

Belongs here: appending and reading events. Does not belong here: what counts as an event (order_states).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, insert, select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import order_events

_ENCODER = msgspec.json.Encoder()


class OrderEvent(NamedTuple):
    """One event. happened: `claimed`, an outcome, `found different`, `healed`, or what became of an exception.

    details: texts and numbers; of `healed`, `fields` too: field → HubSpot's value `before`, NetSuite's `after`.
    """

    order_id: str
    at: datetime
    run: str
    happened: str
    details: Mapping[str, Any]


def append_events(connection: Connection, events: Sequence[OrderEvent]) -> None:
    """Appends events within the caller's transaction."""
    if events:
        connection.execute(
            insert(order_events),
            [
                {
                    "order_id": one.order_id,
                    "at": one.at,
                    "run": one.run,
                    "happened": one.happened,
                    "details": _written(one.details),
                }
                for one in events
            ],
        )


def _written(details: Mapping[str, str | int | None]) -> str:
    try:
        return _ENCODER.encode(details).decode()
    except UnicodeEncodeError:  # half of a surrogate pair: the column's type knows what becomes of it
        return json.dumps(details, ensure_ascii=False)


class Events:
    """Reads the events, and takes what no other transaction tells."""

    def __init__(self, state: State) -> None:
        self._state = state

    def story(self, order_id: str) -> list[OrderEvent]:
        """All that happened to one order, oldest first."""
        query = select(order_events).where(order_events.c.order_id == order_id)
        with self._state.read() as connection:
            rows = connection.execute(query.order_by(order_events.c.event_id)).all()
        return [
            OrderEvent(row.order_id, row.at, row.run, row.happened, json.loads(row.details)) for row in rows
        ]

    def add(self, events: Sequence[OrderEvent]) -> None:
        """Appends events in a transaction of their own."""
        with self._state.write() as connection:
            append_events(connection, events)
