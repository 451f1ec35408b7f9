"""What the stage needs of the outside: HubSpot's search for what has a value.

Belongs here: protocols. Does not belong here: HTTP, or rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ns_hs_orders.push.ports import CrmRecord


class SearchByProperty(Protocol):
    """HubSpot's search index, which lags behind writes."""

    def records_having(self, having: Sequence[str], properties: Sequence[str]) -> list[CrmRecord]:
        """All records of ours among orders that have a value of one of `having`, with these properties, by record id."""
        ...

    def count_having(self, having: Sequence[str]) -> int:
        """How many they are."""
        ...
