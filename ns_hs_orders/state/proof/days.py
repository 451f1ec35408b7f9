"""Days: which were proven, which are red, and which changed since.

Belongs here: the state of each order date. Does not belong here: the orders themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, case, or_, select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import days


@dataclass(frozen=True)
class Day:
    """One order date. changed_ticket: of the last change; proven_ticket: of the last reconciliation."""

    order_on: date
    changed_ticket: int
    proven_ticket: int
    result: str | None


def mark_changed(state: State, connection: Connection, changed: Iterable[tuple[date | None, int]]) -> None:
    """Notes days as changed by readings with these tickets, within the caller's transaction."""
    highest: dict[date, int] = {}
    for order_on, ticket in changed:
        if order_on is not None:
            highest[order_on] = max(ticket, highest.get(order_on, 0))
    if not highest:
        return
    statement = state.insert_or_update(
        days,
        lambda new: {
            "changed_ticket": case(
                (new.changed_ticket > days.c.changed_ticket, new.changed_ticket), else_=days.c.changed_ticket
            )
        },
    )
    connection.execute(
        statement,
        [
            {"order_on": order_on, "changed_ticket": ticket, "proven_ticket": 0, "result": None}
            for order_on, ticket in sorted(highest.items())
        ],
    )


def judged_later(connection: Connection, first: date, last: date, ticket: int) -> set[date]:
    """Days of the range of which a reconciliation with a higher ticket is recorded: its word stands."""
    later = select(days.c.order_on).where(days.c.order_on.between(first, last), days.c.proven_ticket > ticket)
    return set(connection.scalars(later))


class Days:
    """Records and lists days."""

    def __init__(self, state: State) -> None:
        self._state = state

    def record(self, results: Mapping[date, bool | None], *, ticket: int) -> None:
        """Notes days as proven (True), red (False) or still to prove (None), unless a newer reconciliation judged them."""
        if not results:
            return
        newer = days.c.proven_ticket <= ticket
        statement = self._state.insert_or_update(
            days,
            lambda new: {
                "proven_ticket": case((newer, new.proven_ticket), else_=days.c.proven_ticket),
                "result": case((newer, new.result), else_=days.c.result),
            },
        )
        with self._state.write() as connection:
            connection.execute(
                statement,
                [
                    {
                        "order_on": order_on,
                        "changed_ticket": 0,
                        "proven_ticket": ticket,
                        "result": None if agrees is None else "proven" if agrees else "red",
                    }
                    for order_on, agrees in sorted(results.items())
                ],
            )

    def dated(self, first: date, last: date) -> dict[date, Day]:
        """The known days of a range."""
        query = select(days).where(days.c.order_on.between(first, last)).order_by(days.c.order_on)
        with self._state.read() as connection:
            return {row.order_on: Day(*row) for row in connection.execute(query)}

    def to_prove(self, changed_elsewhere: Mapping[date, int] | None = None) -> list[date]:
        """Days that changed since they were last proven, or are red; ascending.

        changed_elsewhere: day → ticket of the last change, as another store knows it of what is proven here.
        """
        query = select(days.c.order_on).where(
            or_(days.c.changed_ticket > days.c.proven_ticket, days.c.result.is_(None), days.c.result == "red")
        )
        elsewhere = changed_elsewhere or {}
        with self._state.read() as connection:
            found = set(connection.scalars(query))
            proven = select(days.c.order_on, days.c.proven_ticket) if elsewhere else None
            known = (
                {}
                if proven is None
                else {row.order_on: row.proven_ticket for row in connection.execute(proven)}
            )
        found |= {on for on, ticket in elsewhere.items() if ticket > known.get(on, 0)}
        return sorted(found)

    def changed(self) -> dict[date, int]:
        """Every day that ever changed → ticket of its last change."""
        query = select(days.c.order_on, days.c.changed_ticket).where(days.c.changed_ticket > 0)
        with self._state.read() as connection:
            return {row.order_on: row.changed_ticket for row in connection.execute(query)}

    def red(self) -> list[date]:
        """Days whose dollars differed at their last reconciliation, ascending."""
        query = select(days.c.order_on).where(days.c.result == "red").order_by(days.c.order_on)
        with self._state.read() as connection:
            return [row.order_on for row in connection.execute(query)]
