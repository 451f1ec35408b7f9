"""What reconciliation needs of the outside: HubSpot's search for our orders, and the known orders.

Belongs here: protocols. Reading NetSuite is extract's port, reading HubSpot by key is push's.
Nothing here writes to HubSpot, and nothing may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from ns_hs_orders.push.ports import AssociatedRecord, BatchAnswer, OrderState


class HubSpotEdit(NamedTuple):
    """One field that HubSpot holds otherwise than it was written, both values as people read them.

    hubspot_property: of the order; None for lines and associations. is_reported: the next sync leaves it.
    """

    field: str
    hubspot_property: str | None
    netsuite: str | None
    hubspot: str | None
    is_reported: bool


class ReadBack(Protocol):
    """HubSpot read by key and by id, at most 100 a call."""

    def batch_read(
        self,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        key_property: str | None = None,
        archived: bool = False,
    ) -> BatchAnswer:
        """Reads by record id, or by a unique property; what does not exist is not in the results."""
        ...


class ReadAssociations(Protocol):
    """HubSpot's associations, read only."""

    def read(self, from_type: str, to_type: str, from_ids: Sequence[str]) -> list[AssociatedRecord]:
        """All associated records of up to 1,000 records."""
        ...


class OrderSearch(Protocol):
    """HubSpot's search index, which lags behind writes."""

    def orders_dated(self, first: date, last: date) -> list[str]:
        """Keys (`netsuite_internal_id`) of all orders of ours whose order date lies in the range."""
        ...


class KnownOrders(Protocol):
    """The state's side of reconciliation."""

    def load(self, order_ids: Sequence[str], *, links: bool = True) -> dict[str, OrderState]:
        """The known states of these orders, with or without their links; unknown orders are absent."""
        ...

    def dated(self, first: date, last: date) -> set[str]:
        """The ids of all orders known to be dated in the range."""
        ...

    def in_flight(self, order_ids: Sequence[str], now: datetime) -> set[str]:
        """Those of the orders that somebody holds a running lease of."""
        ...

    def mark_different(self, order_ids: Sequence[str], *, ticket: int, cause: str, now: datetime) -> None:
        """Clears the fingerprints and makes the orders due, so that the next sync writes them.

        An order confirmed with a higher ticket, or whose lease is running, is left alone.
        """
        ...

    def note_edits(
        self,
        edits: Mapping[str, Sequence[HubSpotEdit]],
        *,
        looked_at: Sequence[str],
        ticket: int,
        now: datetime,
    ) -> None:
        """Keeps what was changed in HubSpot for the event of its heal; forgets what is not there any more.

        edits: order id → its edits. An order confirmed with a higher ticket has none.
        """
        ...

    def record_days(self, results: dict[date, bool], *, ticket: int) -> None:
        """Notes which days were proven (True) or found red, with the ticket of the read."""
        ...
