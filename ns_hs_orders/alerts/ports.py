"""What alerts need of the outside: the state's conditions and orders, Dagster's runs, and a messenger.

Belongs here: protocols and the plain values that pass through them. Does not belong here: SQL, Dagster,
apprise, or when somebody is told (conditions.py, changes.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

from ns_hs_orders.live.ports import Arrival

ConditionState = Literal["open", "over"]
MessageKind = Literal["failure", "success", "info"]


@dataclass(frozen=True)
class KeptCondition:
    """A condition as the state keeps it. told_at: when somebody was told of this very state, None before."""

    name: str
    state: ConditionState
    summary: str
    since: datetime
    told_at: datetime | None


@dataclass(frozen=True)
class WaitingOrder:
    """An order that is not in HubSpot as NetSuite has it, and that no person closed. See state.due.DueOrder."""

    order_id: str
    cause: str
    attempts: int
    first_failed_at: datetime | None
    counted_from: datetime | None
    outcome: str | None
    total_minor: int | None
    currency: str | None
    order_id_hubspot: str | None


@dataclass(frozen=True)
class OrderNow:
    """What the state knows of an order that waited. is_closed: a person wants no more tries."""

    order_id: str
    outcome: str | None
    order_id_hubspot: str | None
    is_closed: bool


@dataclass(frozen=True)
class FinishedRun:
    """A run that ended for good: one that Dagster will try again by itself is none."""

    run_id: str
    job: str
    started_at: datetime
    ended_at: datetime
    succeeded: bool


@dataclass(frozen=True)
class RedDay:
    """What the last reconciliation of a day found, as far as Dagster kept it. difference_minor: by currency."""

    run_id: str | None = None
    orders: int | None = None
    difference_minor: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Synced:
    """What was synced since a moment: distinct orders by outcome, amounts confirmed by currency, arrivals."""

    orders: Mapping[str, int]
    confirmed_minor: Mapping[str, int]
    arrivals: Sequence[Arrival]


@dataclass(frozen=True)
class Message:
    """One message, its body in Markdown."""

    title: str
    body: str
    kind: MessageKind


class Conditions(Protocol):
    """The conditions that somebody was told of, or is to be told of."""

    def all(self) -> dict[str, KeptCondition]:
        """Every kept condition, by name."""
        ...

    def keep(self, conditions: Sequence[KeptCondition], dropped: Collection[str]) -> None:
        """Enters or replaces conditions and drops others, in one transaction."""
        ...


class Orders(Protocol):
    """Orders that wait, and what became of them."""

    def waiting(self, counted_before: datetime) -> list[WaitingOrder]:
        """Those that failed once, or whose change is older than this."""
        ...

    def now(self, order_ids: Sequence[str]) -> dict[str, OrderNow]:
        """What is known of these orders; unknown ones are absent."""
        ...

    def synced(self, since: datetime) -> Synced:
        """What was synced from this moment on."""
        ...


class Days(Protocol):
    """Order dates."""

    def red(self) -> list[date]:
        """Those whose dollars differed at their last reconciliation, ascending."""
        ...


class Runs(Protocol):
    """Dagster's runs of this project."""

    def finished(self, since: datetime) -> list[FinishedRun]:
        """Runs that ended from this moment on, in the order of their ends."""
        ...

    def failure(self, run_id: str) -> str:
        """Why it failed, in one sentence."""
        ...

    def red_day(self, day: date) -> RedDay:
        """What is known of the last reconciliation of a day."""
        ...


class Notes(Protocol):
    """Small facts that outlive an evaluation."""

    def keep(self, name: str, value: Any, now: datetime) -> None:
        """Notes the value, in place of an earlier one."""
        ...

    def find(self, name: str, *, now: datetime) -> Any:
        """The value, None where there is none."""
        ...


class Messenger(Protocol):
    """Delivers messages; never raises, never shows an address."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the addresses, without anything secret."""
        ...

    def send(self, message: Message, targets: Collection[str]) -> set[str]:
        """Sends to these targets at once; returns those that accepted it."""
        ...
