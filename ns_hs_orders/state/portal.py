"""The one HubSpot portal that this state belongs to.

Belongs here: keeping the portal of the first write. Does not belong here: asking HubSpot which it is.
"""

from __future__ import annotations

from sqlalchemy import select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import counters

_NAME = "hubspot_portal"


class PortalNote:
    """Remembers the portal that the first write of this state went to."""

    def __init__(self, state: State) -> None:
        self._state = state

    def keep(self, portal_id: str) -> str:
        """The portal kept; `portal_id` from now on, where none was."""
        with self._state.write() as connection:
            connection.execute(
                self._state.insert_or_ignore(counters).values(name=_NAME, value=int(portal_id))
            )
            return str(
                connection.execute(select(counters.c.value).where(counters.c.name == _NAME)).scalar_one()
            )

    def find(self) -> str | None:
        """The portal kept, None before the first write."""
        with self._state.read() as connection:
            found = connection.execute(select(counters.c.value).where(counters.c.name == _NAME)).scalar()
        return None if found is None else str(found)
