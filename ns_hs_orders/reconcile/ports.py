"""What reconciliation needs of the outside: HubSpot's search for our orders, and the known orders; and what it
hands to the state to keep.

Belongs here: protocols and plain values. Reading NetSuite is extract's port, reading HubSpot by key is push's.
Nothing here writes to HubSpot, and nothing may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from ns_hs_orders.push.ports import AssociatedRecord, BatchAnswer, OrderState, RecordHistory


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


class ReadHistory(Protocol):
    """HubSpot's property history, read only."""

    def read_history(
        self,
        object_type: str,
        record_ids: Sequence[str],
        properties: Sequence[str],
        *,
        archived: bool = False,
    ) -> list[RecordHistory]:
        """Histories of at most 50 records, live ones or those in the recycle bin.

        What does not exist is absent; a merged record comes under its survivor's id.
        """
        ...


class OrderSearch(Protocol):
    """HubSpot's search index, which lags behind writes."""

    def orders_dated(self, first: date, last: date) -> list[str]:
        """Keys (`netsuite_internal_id`) of all orders of ours whose order date lies in the range."""
        ...

    def orders_without_key(
        self, names: Sequence[str], external_ids: Sequence[str], key_property: str = ""
    ) -> list[str]:
        """Record ids of orders without our key that carry one of the names or external order ids.

        key_property: another property that may hold one of the external ids, "" for none.
        """
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

    def record_days(self, results: dict[date, bool | None], *, ticket: int) -> None:
        """Notes which days were proven (True), red (False), or could not be proven (None), with the ticket of the read."""
        ...


ExceptionStatus = Literal["open", "acknowledged", "reopened"]
"""open: nobody has judged it. acknowledged: a person has, for now. reopened: it changed since, or the time is over."""


@dataclass(frozen=True)
class FoundException:
    """An order that is not right on a day, as one reconciliation found it.

    signature: digest of all that is wrong with it; another one is another exception. at_risk_minor: None where
    no amount is readable. difference_minor: HubSpot minus NetSuite; None where they are not of one currency.
    """

    order_id: str
    order_on: date
    cause: str
    finding: str
    signature: str
    order_number: str | None
    customer_name: str | None
    rep_name: str | None
    currency: str | None
    at_risk_minor: int | None
    difference_minor: int | None
    explanation: str
    url_netsuite: str | None
    url_hubspot: str | None


@dataclass(frozen=True)
class KnownException:
    """The same with what became of it. Times are aware UTC; acknowledged_until is the last day, in UTC, on which
    the acknowledgement holds; acknowledged_signature: of what was acknowledged.
    """

    found: FoundException
    first_seen_at: datetime
    last_seen_at: datetime
    acknowledged_by: str | None = None
    acknowledged_because: str | None = None
    acknowledged_until: date | None = None
    acknowledged_signature: str | None = None

    def status(self, today: date) -> ExceptionStatus:
        """What a person has to know of it on this day."""
        if self.acknowledged_until is None:
            return "open"
        holds = self.acknowledged_signature == self.found.signature and today <= self.acknowledged_until
        return "acknowledged" if holds else "reopened"


@dataclass(frozen=True)
class ReportedOrder:
    """An order of a day, as a reconciliation reported it.

    order_on: the day that it was reported under. in_netsuite: False where only HubSpot has it on that day, or
    where it is on neither side any more. netsuite_minor: the order's amount; sales_minor: what counts of it under
    the definition of sales dollars (its version in `definition`); both in `currency`. standing: `agrees`, a
    cause, or `vanished`. is_return: a return, under its own id and day; its amounts are negative, so that all of a day
    add up to its net sales.
    """

    order_id: str
    order_on: date
    order_number: str | None
    in_netsuite: bool
    currency: str | None
    netsuite_minor: int | None
    sales_minor: int | None
    stage: str | None
    rep_name: str | None
    standing: str
    definition: str
    is_return: bool = False


@dataclass(frozen=True)
class ReportedDay:
    """The sums of a day in one currency, as a reconciliation reported them, in minor units.

    currency: empty for a day without orders. counts_agree: as many orders with the same sum were read as NetSuite
    counts. definition: of sales dollars, as `SalesDefinition.written`. returned_*: what counts of the returns of the day,
    zero where the definition has no returns.
    """

    order_on: date
    currency: str
    sales_netsuite_minor: int
    sales_hubspot_minor: int
    unexplained_minor: int
    counts_agree: bool
    definition: str
    returned_netsuite_minor: int = 0
    returned_hubspot_minor: int = 0

    @property
    def net_netsuite_minor(self) -> int:
        """NetSuite's sales less returns; all sales where the definition has no returns."""
        return self.sales_netsuite_minor - self.returned_netsuite_minor
