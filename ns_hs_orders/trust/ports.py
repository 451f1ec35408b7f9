"""What the stage needs of the outside: HubSpot's update by record id, and what each order was told last.

Belongs here: protocols and the plain values that pass through them. Does not belong here: HTTP, SQL, or rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from ns_hs_orders.push.ports import BatchAnswer


class UpdateInput(NamedTuple):
    """One input of a batch update by record id. trace_id: unique within the batch."""

    record_id: str
    properties: Mapping[str, str]
    trace_id: str


class TrustMark(NamedTuple):
    """What an order in HubSpot says of its dollars.

    verification: one of fields.VERIFICATIONS. difference: HubSpot minus NetSuite as decimal text in the order's
    currency, "" where it cannot be told. reason: cause and next step in words, "" where it agrees.
    """

    order_id: str
    record_id: str
    verification: str
    difference: str
    reason: str


class UpdatesById(Protocol):
    """HubSpot's update, which never creates a record."""

    def batch_update(self, object_type: str, inputs: Sequence[UpdateInput]) -> BatchAnswer:
        """Updates at most 100 records; an id that is gone is in an error of the answer. Raises RemoteError."""
        ...


class TrustMarks(Protocol):
    """What each order was told last."""

    def load(self, order_ids: Sequence[str]) -> dict[str, TrustMark]:
        """The marks of these orders; an order that was never told is absent."""
        ...

    def keep(self, marks: Sequence[TrustMark], now: datetime) -> None:
        """Keeps what HubSpot was told, in place of what it was told before."""
        ...
