"""Read tickets: numbers that order the readings of NetSuite over all processes.

Belongs here: the one counter. Does not belong here: what a ticket decides (order_states).
"""

from __future__ import annotations

from sqlalchemy import select, update

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import counters

_NAME = "read_ticket"


class Tickets:
    """Implements extract's `ReadTickets`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def next_ticket(self) -> int:
        """The next number, never given twice; the first is 1."""
        with self._state.write() as connection:
            connection.execute(self._state.insert_or_ignore(counters).values(name=_NAME, value=0))
            connection.execute(
                update(counters).where(counters.c.name == _NAME).values(value=counters.c.value + 1)
            )
            return int(
                connection.execute(select(counters.c.value).where(counters.c.name == _NAME)).scalar_one()
            )
