"""One piece of work on the emulator's data: its transaction, its time, its author.

Belongs here: what every rule needs at hand. Does not belong: the rules.
"""

import sqlite3
from dataclasses import dataclass, field

from ns_hs_orders.sandbox.hubspot.model.schema import Schema
from ns_hs_orders.sandbox.switches import Switches


@dataclass(frozen=True)
class Source:
    """Who writes: HubSpot keeps it with every value."""

    type: str
    id: str
    label: str | None = None
    user_id: int | None = None


API_SOURCE = Source("INTEGRATION", "31415926", "ns-hs-orders sandbox token")
PERSON_SOURCE = Source("CRM_UI", "userId:70001", None, 70001)
OTHER_INTEGRATION = Source("INTEGRATION", "27182818", "Other integration")


@dataclass
class Session:
    """A transaction on the store, with the definitions and switches that hold in it."""

    db: sqlite3.Connection
    schema: Schema
    switches: Switches
    now_ms: int
    source: Source
    known_owners: dict[str, bool] = field(default_factory=dict)
    written: list[tuple[str, int, int]] = field(default_factory=list)

    def visible(self, object_type: str, name: str) -> bool:
        """Whether a property just created can be seen yet; by switch that takes a moment."""
        delay = self.switches.hubspot_property_visible_after_ms
        return not delay or self.schema.created_at(object_type, name) + delay <= self.now_ms

    def next_id(self, counter: str, first: int) -> int:
        """A number never given before, counting from `first`."""
        row = self.db.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value",
            (counter, first),
        ).fetchone()
        return int(row[0])
