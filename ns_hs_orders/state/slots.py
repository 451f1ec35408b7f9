"""Slots: how many requests may be open at once, over all processes.

Belongs here: taking and giving back slots of a pool. Does not belong here: what the requests are, or
waiting (the transport does).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import slots


class SharedSlots:
    """At most `size` holders of a pool at a time; a slot whose holder died is free when its time is over."""

    def __init__(self, state: State, pool: str, size: int) -> None:
        self._state = state
        self._pool = pool
        self._size = size

    def take(self, now: datetime, seconds: float) -> str | None:
        """The name of a slot, to be given back within `seconds`; None while all are taken."""
        holder = uuid4().hex
        with self._state.write() as connection:
            connection.execute(delete(slots).where(slots.c.pool == self._pool, slots.c.until <= now))
            taken = set(connection.scalars(select(slots.c.number).where(slots.c.pool == self._pool)))
            free = next((number for number in range(self._size) if number not in taken), None)
            if free is None:
                return None
            given = connection.execute(
                self._state.insert_or_ignore(slots).values(
                    pool=self._pool, number=free, holder=holder, until=now + timedelta(seconds=seconds)
                )
            )
            return holder if given.rowcount == 1 else None

    def give_back(self, slot: str) -> None:
        """Frees a slot that take() gave."""
        with self._state.write() as connection:
            connection.execute(delete(slots).where(slots.c.pool == self._pool, slots.c.holder == slot))
