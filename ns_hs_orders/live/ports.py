"""What the live lane needs of the outside: watermarks, due orders, and the clocks of both sides.

Belongs here: protocols and the plain values that pass through them. Does not belong here: SQL or HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ns_hs_orders.push.ports import OrderState


@dataclass(frozen=True)
class Watermark:
    """How far a stream was read. stamp, last_id: of its newest row (UTC), never later than NetSuite's clock
    when that look began. looked_at: that clock at the last complete look."""

    stream: str
    stamp: datetime | None
    last_id: str | None
    looked_at: datetime | None


@dataclass(frozen=True)
class SeenChange:
    """A row of a stream. version: what a sweep tells it apart by, empty where row_key does. first_seen_at: by our clock. settled: an order read since holds all
    that the row tells, edits of the same second included."""

    row_key: str
    version: str
    stamp: datetime
    first_seen_at: datetime
    settled: bool


@dataclass(frozen=True)
class Noticed:
    """An order that a stream calls changed. changed_at: when, by our clock, None where nobody can tell.

    counted_from: the same, or later where NetSuite cannot have committed the change before.
    """

    order_id: str
    cause: str
    changed_at: datetime | None
    counted_from: datetime | None


@dataclass(frozen=True)
class DueOrder:
    """An order that must be read and written again. It is closed by a result with a higher ticket only.

    changed_at, counted_from: of the oldest change that has not arrived, by our clock; None where no stream
    noticed the order. closed_at, closed_by: a person wants no more tries until NetSuite changes it again.
    """

    order_id: str
    cause: str
    noticed_ticket: int
    attempts: int
    first_failed_at: datetime | None
    next_try_at: datetime
    changed_at: datetime | None = None
    counted_from: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None


@dataclass(frozen=True)
class Arrival:
    """A change that a confirmed write brought to HubSpot; times by our clock."""

    order_id: str
    cause: str
    changed_at: datetime
    counted_from: datetime
    confirmed_at: datetime
    run: str

    @property
    def delay(self) -> timedelta:
        """From NetSuite's commit, as far as it can be told, to HubSpot's confirmation."""
        return max(timedelta(), self.confirmed_at - self.counted_from)


class Watermarks(Protocol):
    """How far each stream was read, and which of its rows are done with."""

    def all(self) -> dict[str, Watermark]:
        """Stream → watermark, of streams that were looked at."""
        ...

    def seen(self, stream: str, since: datetime | None = None) -> dict[str, SeenChange]:
        """Row key → what was seen of it; since: only rows stamped at or after it."""
        ...

    def count_seen(self, stream: str, since: datetime) -> int:
        """How many seen rows are stamped at or after `since`."""
        ...

    def record(
        self,
        moved: Watermark,
        *,
        noticed: Sequence[Noticed],
        seen: Sequence[SeenChange],
        ticket: int,
        now: datetime,
        forget_before: datetime | None = None,
        forget: Sequence[str] = (),
    ) -> None:
        """Enters the due orders, notes the rows, moves the watermark: one transaction.

        forget_before, forget: rows that no look will show again, by stamp or by key.
        """
        ...


class DueList(Protocol):
    """What must still be read or written."""

    def to_try(self, now: datetime, limit: int = 2000) -> list[DueOrder]:
        """Those whose pause is over and that nobody holds or closed: untried ones first, the newest first."""
        ...

    def drop(self, order_ids: Sequence[str], ticket: int) -> None:
        """Takes off what is no order of ours, unless it was noticed again since this ticket."""
        ...


class Arrivals(Protocol):
    """How long changes took."""

    def since(self, moment: datetime, *, run: str | None = None) -> list[Arrival]:
        """Those confirmed from `moment` on, of one run or of all, oldest first."""
        ...


class ReturnRecords(Protocol):
    """The state of returns that are records of their own in HubSpot, where a look finds that they changed."""

    def known(self, return_ids: Sequence[str]) -> Mapping[str, OrderState]:
        """The known states of these returns; unknown ones are absent."""
        ...

    def note(self, noticed: Sequence[Noticed], now: datetime) -> None:
        """Enters them as due, before the stream's watermark moves. order_id is the return's."""
        ...


class Tickets(Protocol):
    """Numbers that order the readings of NetSuite."""

    def next_ticket(self) -> int:
        """The next number of the one counter."""
        ...


@dataclass(frozen=True)
class Moment:
    """Now, on both clocks (aware UTC). netsuite: never later than NetSuite's clock really is."""

    ours: datetime
    netsuite: datetime

    def by_our_clock(self, stamp: datetime) -> datetime:
        """A stamp of NetSuite's by our clock."""
        return stamp - (self.netsuite - self.ours)


Outcomes = Mapping[str, int]
"""Outcome → orders."""
