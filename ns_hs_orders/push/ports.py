"""What the push needs of the outside: HubSpot's batch calls and the order states.

Belongs here: protocols and the plain values that pass through them, each one API call or one
transaction. Does not belong here: HTTP, SQL, or rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

ACCEPTED_OUTCOMES = ("created", "updated", "unchanged")
HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
"""Category of the association types that every portal has."""


class UpsertInput(NamedTuple):
    """One input of a batch upsert on a unique property. trace_id: unique within the batch."""

    key: str
    properties: Mapping[str, str]
    trace_id: str


class CrmRecord(NamedTuple):
    """One record as HubSpot answers it. properties: None where HubSpot has no value.

    is_new: True or False in an upsert's answer, None elsewhere. trace_id: where HubSpot echoed it.
    """

    id: str
    properties: Mapping[str, str | None]
    is_new: bool | None = None
    archived: bool = False
    trace_id: str | None = None


class PropertyVersion(NamedTuple):
    """One value that a property had in HubSpot: since when, and who wrote it.

    value: "" where it was emptied. source_type: CRM_UI, INTEGRATION, IMPORT and others; source_label: its name
    where HubSpot tells it. user_id: of the person, None where no person wrote it.
    """

    value: str
    at: datetime
    source_type: str
    source_id: str | None = None
    source_label: str | None = None
    user_id: str | None = None


class RecordHistory(NamedTuple):
    """What became of one record: versions of its properties, newest first, and when it was archived, if it was."""

    id: str
    versions: Mapping[str, tuple[PropertyVersion, ...]]
    archived_at: datetime | None = None


@dataclass(frozen=True)
class InputError:
    """HubSpot's error about one or more inputs of a batch (an entry of `errors` in a 2xx answer)."""

    category: str
    message: str
    trace_ids: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchAnswer:
    """A 2xx answer of a batch call; results in no particular order."""

    results: tuple[CrmRecord, ...]
    errors: tuple[InputError, ...] = ()


class AssociationKind(NamedTuple):
    """A way in which an order is associated with a record: the far object type, HubSpot's type id and its category.

    category: HUBSPOT_DEFINED, or USER_DEFINED for a label that the portal made.
    """

    to_type: str
    type_id: int
    category: str = HUBSPOT_DEFINED

    @property
    def label(self) -> tuple[str, int] | None:
        """Category and type id where the portal made the type, None where every portal has it."""
        return None if self.category == HUBSPOT_DEFINED else (self.category, self.type_id)


class AssociationInput(NamedTuple):
    """One association to make or remove: HubSpot record ids and HUBSPOT_DEFINED type ids.

    label_ids: of labels that the account or an app defined, each with its category.
    """

    from_id: str
    to_id: str
    type_ids: tuple[int, ...] = ()
    label_ids: tuple[tuple[str, int], ...] = ()


class AssociatedRecord(NamedTuple):
    """A record at the far end of an association, with the type ids that hold between the two.

    labels: those of the types that the account or an app defined, each with its category.
    """

    from_id: str
    to_id: str
    type_ids: frozenset[int]
    labels: frozenset[tuple[str, int]] = frozenset()


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class CrmObjects(Protocol):
    """HubSpot's object batches, at most 100 inputs a call. object_type: orders, line_items, companies…

    All raise RemoteError: permanent with `status` 400/409 where the whole batch was refused (its
    `body` tells why), transient where tries ran out, `outcome_unknown` where a write may have happened.
    """

    def batch_upsert(self, object_type: str, key_property: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
        """Creates or updates by the unique property; each input carries its own trace id."""
        ...

    def batch_read(
        self,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        key_property: str | None = None,
        archived: bool = False,
    ) -> BatchAnswer:
        """Reads by record id, or by a unique property; what does not exist is simply not in the results."""
        ...

    def batch_archive(self, object_type: str, record_ids: Sequence[str]) -> None:
        """Archives by record id; absent ones are no error."""
        ...


class Owners(Protocol):
    """HubSpot's owners."""

    def active(self) -> Mapping[str, str]:
        """Lower-cased e-mail → owner id, of owners that may be given a record."""
        ...


class ProductSearch(Protocol):
    """HubSpot's search index of products, which lags behind writes."""

    def products_with_sku(self, skus: Sequence[str]) -> list[str]:
        """Record ids of products whose SKU is one of these, case apart."""
        ...


class Associations(Protocol):
    """HubSpot's association batches."""

    def create(
        self, from_type: str, to_type: str, inputs: Sequence[AssociationInput]
    ) -> tuple[InputError, ...]:
        """Makes labelled associations (at most 2,000 a call); making an existing one changes nothing.

        Returns the errors of single inputs; raises RemoteError for the whole call.
        """
        ...

    def remove(
        self, from_type: str, to_type: str, inputs: Sequence[AssociationInput]
    ) -> tuple[InputError, ...]:
        """Removes all associations of the pairs (at most 100 distinct from-ids a call)."""
        ...

    def read(self, from_type: str, to_type: str, from_ids: Sequence[str]) -> list[AssociatedRecord]:
        """All associated records of up to 1,000 records, further pages included."""
        ...


LinkKind = Literal["line", "company", "contact", "deal", "parent"]


class Link(NamedTuple):
    """Something of ours that hangs on an order in HubSpot, or was about to.

    key: line key, or the HubSpot id of a company, contact, deal or parent order. hubspot_id: the line item's record
    id once known. intended: noted before the write and not confirmed since.
    """

    kind: LinkKind
    key: str
    hubspot_id: str | None
    intended: bool


@dataclass(frozen=True)
class OrderState:
    """What the state knows of one order. fingerprint None means: write again.

    refused_fingerprint: of what HubSpot refused, where sending the same again would be refused again.
    written: property → digest of what was written last, of the fields whose edits in HubSpot stay (push.written).
    confirmed_ticket: reading of the last confirmed write, 0 before it. lease_until: UTC, None when
    nobody holds the order.
    """

    order_id: str
    outcome: str | None
    reason: str | None
    fingerprint: str | None
    confirmed_ticket: int
    order_id_hubspot: str | None
    total_minor: int | None
    currency: str | None
    order_on: date | None
    lease_until: datetime | None
    links: tuple[Link, ...] = ()
    explanation: str | None = None
    refused_fingerprint: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A wish to write one order: what will be sent is noted before it is sent.

    company_id, contact_id, deal_id, parent_id: of associations that the write makes; one that a person made is not
    among them.
    written: digests as in OrderState. A field whose digest is another one than before counts as not written,
    until the write is confirmed.
    """

    order_id: str
    ticket: int
    order_on: date
    currency: str
    total_minor: int
    line_keys: tuple[str, ...]
    company_id: str | None
    contact_id: str | None
    written: Mapping[str, str] = field(default_factory=dict)
    deal_id: str | None = None
    parent_id: str | None = None


ClaimAnswer = Literal["claimed", "held", "newer"]
"""claimed: ours until the lease ends. held: somebody else's lease is running. newer: a reading with a
higher ticket has been claimed, judged or confirmed, or this very one is confirmed and still stands."""


@dataclass(frozen=True)
class Confirmation:
    """HubSpot holds the order as wanted. line_ids: line key → line item id, the complete set.

    sent: the order's properties that were written, those whose edits in HubSpot stay left out. written: digests
    of the latter, as in OrderState.
    """

    order_id: str
    ticket: int
    fingerprint: str
    outcome: Literal["created", "updated"]
    order_id_hubspot: str
    line_ids: Mapping[str, str]
    company_id: str | None
    contact_id: str | None
    confirmed_at: datetime
    sent: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    deal_id: str | None = None
    parent_id: str | None = None


@dataclass(frozen=True)
class Verdict:
    """An outcome without a completed write: unchanged, skipped, quarantined, rejected, due or archived.

    keep_lease: the write may still be applied, so the order stays claimed until its lease ends.
    total_minor and currency: None where NetSuite's text cannot be read. fingerprint: of `unchanged`,
    what HubSpot must still hold for the verdict to be true; of `rejected`, what would be refused again. needs_newer: of `due` only, this
    reading will not do, a newer one must be taken. waits_for_person: of `due` only, somebody has to decide.
    written: of `unchanged` only, digests that the state lacks; None leaves those that it has.
    """

    order_id: str
    ticket: int
    outcome: Literal["unchanged", "skipped", "quarantined", "rejected", "due", "archived"]
    reason: str | None
    explanation: str | None
    order_on: date | None
    currency: str | None
    total_minor: int | None
    keep_lease: bool = False
    fingerprint: str | None = None
    needs_newer: bool = False
    waits_for_person: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] | None = None


class OrderStates(Protocol):
    """What outlives a run, per order. Each method is one short transaction (or one a few thousand orders)."""

    def load(self, order_ids: Sequence[str]) -> dict[str, OrderState]:
        """The known states of these orders, links included; unknown orders are absent."""
        ...

    def claim(
        self, claims: Sequence[Claim], *, holder: str, lease_until: datetime, now: datetime
    ) -> dict[str, ClaimAnswer]:
        """Claims what no newer reading has been taken of and no other holder's lease is running on.

        In the same transaction: fingerprint cleared, lease set, line keys, company, contact and deal
        about to be sent noted as intended links, the order noted as due until it is confirmed, its
        day (and a former one) noted as changed, event appended.
        """
        ...

    def confirm(self, confirmations: Sequence[Confirmation], *, holder: str, run: str) -> set[str]:
        """Records completed writes and releases their leases; returns the ids it could confirm.

        An order whose lease this holder no longer has is not confirmed. Links become the confirmed
        set, a due order with a lower noticed ticket is closed, an event is appended; and one more for the edits
        in HubSpot that the write has healed.
        """
        ...

    def record(self, verdicts: Sequence[Verdict], *, holder: str, run: str, now: datetime) -> set[str]:
        """Records outcomes; returns the ids recorded (a newer reading's outcome wins and is kept).

        `unchanged` raises the confirmed ticket, but only while the fingerprint is still the verdict's
        and nobody holds a lease. `due` and `rejected` enter or keep the order in the due list. A lease
        of this holder is released unless `keep_lease`. Skipped and quarantined orders keep
        fingerprint and links.
        """
        ...
