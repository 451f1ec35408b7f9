"""Slots: how many requests may be open at once, over all processes.

Belongs here: taking and giving back slots of a pool, the live lane first. Does not belong here: what the
requests are, or waiting (the transport does).
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, and_, bindparam, delete, or_, select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import slots

LIVE_WAITS = timedelta(seconds=1)

_OF_POOL = slots.c.pool == bindparam("of")
_NUMBERS = select(slots.c.number).where(_OF_POOL)
_FREE = delete(slots).where(_OF_POOL, slots.c.holder == bindparam("by"))
_END_OLD = delete(slots).where(
    _OF_POOL,
    or_(
        slots.c.until <= bindparam("at"),
        # a mark that far ahead was left before the clock was set back
        and_(slots.c.number < 0, slots.c.until > bindparam("far")),
    ),
)
"""Statements are made once: making one costs more than running it."""


class SharedSlots:
    """At most `size` holders of a pool at a time; a slot whose holder died is free when its time is over.

    is_live: whether its takers are the live lane's. A live thread that finds no slot leaves a mark: a row
    with a number below zero. Others take a slot only when more are free than there are marks. A mark goes
    when its thread got a slot, and ends by itself LIVE_WAITS after the thread asked last. A slot
    that is held is never taken away.
    """

    def __init__(self, state: State, pool: str, size: int, *, is_live: bool = False) -> None:
        self._state = state
        self._pool = pool
        self._size = size
        self._is_live = is_live
        self._name = uuid4().hex
        # on Postgres an INSERT has no row count
        self._insert = state.insert_seen_free(slots).returning(slots.c.number)

    def take(self, now: datetime, seconds: float) -> str | None:
        """The name of a slot, to be given back within `seconds`.

        None while all are taken, or kept for live threads that wait.
        """
        holder = uuid4().hex
        with self._state.write(survives_power_cut=False) as connection:
            connection.execute(_END_OLD, {"of": self._pool, "at": now, "far": now + 2 * LIVE_WAITS})
            if self._is_live:
                self._unmark(connection)
            rows = set(connection.scalars(_NUMBERS, {"of": self._pool}))
            free = [number for number in range(self._size) if number not in rows]
            marks = [number for number in rows if number < 0]
            if len(free) > (0 if self._is_live else len(marks)) and self._put(
                connection, free[0], holder, now + timedelta(seconds=seconds)
            ):
                return holder
            if self._is_live:
                self._put(connection, min(marks, default=0) - 1, self._waiting(), now + LIVE_WAITS)
            return None

    def give_back(self, slot: str) -> None:
        """Frees a slot that take() gave."""
        with self._state.write(survives_power_cut=False) as connection:
            connection.execute(_FREE, {"of": self._pool, "by": slot})

    def _put(self, connection: Connection, number: int, holder: str, until: datetime) -> bool:
        row = {"pool": self._pool, "number": number, "holder": holder, "until": until}
        return connection.execute(self._insert, row).first() is not None

    def _unmark(self, connection: Connection) -> None:
        connection.execute(_FREE, {"of": self._pool, "by": self._waiting()})

    def _waiting(self) -> str:
        """The name that this thread waits by."""
        return f"{self._name} {threading.get_ident()}"
