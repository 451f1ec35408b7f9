"""What goes through the push: a job, how far it is, and what became of it.

Belongs here: plain values. Does not belong here: the steps (unit, push_orders).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal

from ns_hs_orders.push.associations.attachments import LINKED
from ns_hs_orders.push.calls.side_by_side import Each, one_after_another
from ns_hs_orders.push.ports import (
    AssociationKind,
    Associations,
    Clock,
    CrmObjects,
    LinkKind,
    OrderState,
    OrderStates,
)
from ns_hs_orders.push.schema import Linked, WantedOrder

PushOutcome = Literal["created", "updated", "unchanged", "rejected", "due"]


@dataclass(frozen=True)
class Job:
    """One order to write. state: what was known of it before, None for nothing.

    persons_own: kinds of record that a person associated with the order, the very one that it is to have.
    """

    wanted: WantedOrder
    ticket: int
    order_on: date
    currency: str
    total_minor: int
    state: OrderState | None
    persons_own: frozenset[Linked] = frozenset()

    def to_link(self, kind: Linked) -> str | None:
        """The record that the sync associates the order with, so that the association is its own."""
        return None if kind in self.persons_own else self.wanted.linked(kind)


@dataclass(frozen=True)
class Fate:
    """What became of one order. retry: writing it again soon may do."""

    outcome: PushOutcome
    reason: str | None = None
    explanation: str | None = None
    order_id_hubspot: str | None = None
    lines_archived: int = 0
    confirmed_at: datetime | None = None
    retry: bool = False


@dataclass(frozen=True)
class Tools:
    """What a unit works with.

    definitions: a digest of HubSpot's definitions. lease: how long a claim lasts; request: the longest that
    one request takes. each: how the calls of one step are made. left_when_edited: properties of the order whose
    edits in HubSpot stay. linked: what orders are associated with beside their lines, and how.
    """

    crm: CrmObjects
    associations: Associations
    states: OrderStates
    clock: Clock
    holder: str
    run: str
    definitions: str
    lease: timedelta
    request: timedelta
    is_stopped: Callable[[], bool]
    each: Each = one_after_another
    left_when_edited: frozenset[str] = frozenset()
    linked: Mapping[Linked, AssociationKind] = field(default_factory=lambda: LINKED)

    def calling(self, each: Each) -> Tools:
        """The same tools with another way of making calls."""
        return replace(self, each=each)

    def refused_fingerprint(self, wanted: WantedOrder) -> str:
        """What a refusal is remembered by: the order, and the definitions that it was held against."""
        return sha256(f"{self.definitions} {wanted.fingerprint}".encode()).hexdigest()


@dataclass
class InFlight:
    """An order on its way through the unit. left: properties that are not sent, so that their edits stay.

    before: what was known of it before it was claimed, None for nothing.
    """

    job: Job
    before: OrderState | None = None
    order_id: str = ""
    is_new: bool | None = None
    line_ids: dict[str, str] = field(default_factory=dict)
    lines_archived: int = 0
    left: frozenset[str] = frozenset()

    @property
    def sent(self) -> Mapping[str, str]:
        """The properties of the order that are written."""
        if not self.left:
            return self.job.wanted.properties
        return {name: value for name, value in self.job.wanted.properties.items() if name not in self.left}

    @property
    def is_another_record(self) -> bool:
        """Whether HubSpot has it under another id than it was confirmed with, as one that was made anew."""
        return (
            self.is_new is True or self.job.state is None or self.order_id != self.job.state.order_id_hubspot
        )

    @property
    def key(self) -> str:
        return self.job.wanted.key

    def is_found(self, kind: LinkKind, record_id: str) -> bool:
        """Whether an association that holds was there before the sync first wrote the order, as on an adopted record."""
        before = self.before
        if before is None:
            return True
        noted = any((one.kind, one.key) == (kind, record_id) for one in before.links)
        return before.order_id_hubspot is None and not noted

    def former(self, kind: LinkKind) -> list[tuple[str, str | None]]:
        """(key, HubSpot id) of the state's links of a kind."""
        links = () if self.job.state is None else self.job.state.links
        return [(one.key, one.hubspot_id) for one in links if one.kind == kind]

    def has_former(self, kind: Linked) -> bool:
        """Whether the sync has noted an association with another record than the one that is wanted; a primary company
        takes the place of the former by itself."""
        return kind != "company" and any(key != self.job.wanted.linked(kind) for key, _ in self.former(kind))

    @property
    def may_have_unknown_lines(self) -> bool:
        """An order that HubSpot had before, while the state knows of no confirmed line of it, or that was found
        different since it was confirmed."""
        state = self.job.state
        confirmed = state is not None and any(one.kind == "line" and not one.intended for one in state.links)
        found_different = state is not None and state.fingerprint is None
        return not self.is_new and (found_different or not confirmed)
