"""Notes: small facts that outlive a run, by name.

Belongs here: keeping and finding them. Does not belong here: what they mean (who wrote them). No secrets.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import notes


class Notes:
    """Facts as JSON, each with the time it was noted."""

    def __init__(self, state: State) -> None:
        self._state = state

    def keep(self, name: str, value: Any, now: datetime) -> None:
        """Notes the value, in place of an earlier one."""
        with self._state.write() as connection:
            self._keep(connection, name, value, now)

    def change(self, name: str, change: Callable[[Any], Any], now: datetime) -> None:
        """Notes what `change` makes of the value (None where there is none); nobody writes in between."""
        with self._state.write() as connection:
            row = connection.execute(select(notes).where(notes.c.name == name)).first()
            before = None if row is None else json.loads(row.value)
            after = change(before)
            if after != before:
                self._keep(connection, name, after, now)

    def _keep(self, connection: Connection, name: str, value: Any, now: datetime) -> None:
        connection.execute(
            self._state.insert_or_update(notes, lambda new: {"value": new.value, "at": new.at}).values(
                name=name, value=json.dumps(value), at=now
            )
        )

    def find(self, name: str, *, now: datetime, not_older_than: timedelta | None = None) -> Any:
        """The value, None where there is none or it is older than asked for."""
        with self._state.read() as connection:
            row = connection.execute(select(notes).where(notes.c.name == name)).first()
        if row is None or (not_older_than is not None and abs(now - row.at) > not_older_than):
            return None
        return json.loads(row.value)

    def drop(self, name: str) -> None:
        """Forgets it."""
        with self._state.write() as connection:
            connection.execute(delete(notes).where(notes.c.name == name))
