"""What each order's record in HubSpot was last told of its dollars.

Belongs here: keeping the marks. Does not belong here: what a mark says, or when one is written (trust).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.tables import trust_marks
from ns_hs_orders.trust.ports import TrustMark


class TrustMarkStore:
    """Implements trust.ports.TrustMarks."""

    def __init__(self, state: State) -> None:
        self._state = state

    def load(self, order_ids: Sequence[str]) -> dict[str, TrustMark]:
        """The marks of these orders; an order that was never told is absent."""
        columns = [trust_marks.c[name] for name in TrustMark._fields]
        found: dict[str, TrustMark] = {}
        with self._state.read() as connection:
            for ids in chunks(order_ids):
                for row in connection.execute(select(*columns).where(trust_marks.c.order_id.in_(ids))):
                    found[row.order_id] = TrustMark(*row)
        return found

    def keep(self, marks: Sequence[TrustMark], now: datetime) -> None:
        """Keeps what HubSpot was told, in place of what it was told before."""
        if not marks:
            return
        names = (*TrustMark._fields[1:], "written_at")
        statement = self._state.insert_or_update(
            trust_marks, lambda new: {name: getattr(new, name) for name in names}
        )
        with self._state.write() as connection:
            connection.execute(statement, [{**one._asdict(), "written_at": now} for one in marks])
