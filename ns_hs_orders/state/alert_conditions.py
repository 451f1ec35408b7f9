"""Alert conditions: what somebody was told of, or is to be told of.

Belongs here: keeping and listing them. Does not belong here: which there are, and who is told (alerts).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from ns_hs_orders.alerts.ports import KeptCondition
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.tables import alert_conditions


class AlertConditions:
    """Implements the alerts' `Conditions`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> dict[str, KeptCondition]:
        """Every kept condition, by name."""
        query = select(alert_conditions).order_by(alert_conditions.c.name)
        with self._state.read() as connection:
            return {row.name: KeptCondition(*row) for row in connection.execute(query)}

    def keep(self, conditions: Sequence[KeptCondition], dropped: Collection[str]) -> None:
        """Enters or replaces conditions and drops others, in one transaction."""
        statement = self._state.insert_or_update(
            alert_conditions,
            lambda new: {
                "state": new.state,
                "summary": new.summary,
                "since": new.since,
                "told_at": new.told_at,
            },
        )
        with self._state.write() as connection:
            for names in chunks(sorted(dropped)):
                connection.execute(delete(alert_conditions).where(alert_conditions.c.name.in_(names)))
            if conditions:
                connection.execute(
                    statement,
                    [
                        {
                            "name": one.name,
                            "state": one.state,
                            "summary": one.summary,
                            "since": one.since,
                            "told_at": one.told_at,
                        }
                        for one in conditions
                    ],
                )
