"""What adoption needs of the outside: NetSuite's lookups, HubSpot's search, updates and associations, and a journal.

Belongs here: protocols and the plain values that pass through them, each one API call or one transaction. Does not
belong here: HTTP, SQL, or rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ns_hs_orders.push.ports import AssociatedRecord, AssociationInput, BatchAnswer, CrmRecord, InputError
from ns_hs_orders.trust.ports import UpdateInput

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder


class NetSuiteOrders(Protocol):
    """NetSuite's sales orders, read only. All raise RemoteError."""

    def with_ids(self, ids: Sequence[str]) -> set[str]:
        """Those of the internal ids that NetSuite has as sales orders."""
        ...

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Order number → internal ids of the orders with exactly that number."""
        ...

    def read(self, ids: Sequence[str]) -> Mapping[str, NetSuiteOrder]:
        """These orders as they are mapped, by internal id; one that is gone is absent."""
        ...


class ForeignSearch(Protocol):
    """HubSpot's search index, which lags behind writes."""

    def orders_of_others(
        self, properties: Sequence[str] = (), *, has_key: bool = True
    ) -> Sequence[CrmRecord]:
        """All orders without a key of ours, with these properties. has_key: whether orders have our key at all."""
        ...


class CrmRecords(Protocol):
    """HubSpot's records by id and by key, at most 100 a call. All raise RemoteError."""

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

    def batch_update(self, object_type: str, inputs: Sequence[UpdateInput]) -> BatchAnswer:
        """Updates by record id; never makes a record."""
        ...

    def batch_archive(self, object_type: str, record_ids: Sequence[str]) -> None:
        """Archives by record id; absent ones are no error."""
        ...


class RecordAssociations(Protocol):
    """HubSpot's association batches. All raise RemoteError."""

    def create(
        self, from_type: str, to_type: str, inputs: Sequence[AssociationInput]
    ) -> tuple[InputError, ...]:
        """Makes associations; making an existing one changes nothing."""
        ...

    def remove(
        self, from_type: str, to_type: str, inputs: Sequence[AssociationInput]
    ) -> tuple[InputError, ...]:
        """Removes all associations of the pairs."""
        ...

    def read(self, from_type: str, to_type: str, from_ids: Sequence[str]) -> list[AssociatedRecord]:
        """All associated records."""
        ...

    def labels(self, from_type: str, to_type: str) -> list[dict[str, Any]]:
        """The association types of a pair: category, typeId, label."""
        ...


@dataclass(frozen=True)
class Act:
    """What is done to one record of another integration. happened: ADOPTED or ARCHIVED; details: for the order's story."""

    record_id: str
    order_id: str
    happened: str
    details: Mapping[str, str | int] = field(default_factory=dict)


class Journal(Protocol):
    """What outlives a run, so that one that was killed is told to its end by the next."""

    def begin(self, acts: Sequence[Act]) -> None:
        """Notes what is about to be done."""
        ...

    def unfinished(self) -> list[Act]:
        """What was begun and not ended."""
        ...

    def end(self, done: Sequence[Act], not_done: Sequence[Act]) -> None:
        """Tells the stories of the orders of `done`, makes the adopted ones due, and forgets both.

        One transaction for the stories and the due orders.
        """
        ...
