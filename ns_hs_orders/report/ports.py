"""What the reports of the sync's own condition and of months are told by the state: plain values.

Belongs here: the overview's values, and those of a month, as they were found. Does not belong here: SQL (state), or
what is good or bad about them (status, periods).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from ns_hs_orders.reconcile.ports import KnownException, ReportedDay, ReportedOrder

NEEDS_APPROVAL = "needs_approval"
"""Reason of a due order that waits for a person's yes."""

OPEN_ORDERS = "open orders"
"""The sweep, which looks more seldom than the streams."""

WAITED_LONG = timedelta(minutes=10)
"""An order that was not tried for so long has waited too long."""

DueKind = Literal["waiting", "failing", "refused", "held", "closed"]
"""waiting: no try has failed. failing: some did. refused: HubSpot refused the order. held: it waits for a
person's yes. closed: a person wants no more tries. Each due order is exactly one of these."""


@dataclass(frozen=True)
class LaneSeen:
    """A lane with a run in it, alive or not."""

    lane: str
    run: str
    heartbeat: datetime


@dataclass(frozen=True)
class StreamSeen:
    """How far a change stream was read. looked_at: by NetSuite's clock. left_unread_by: who said that it stays so."""

    stream: str
    newest_at: datetime | None
    looked_at: datetime | None
    left_unread_by: str | None = None


@dataclass(frozen=True)
class BudgetSeen:
    """Calls of a family in the window that ends now. window_seconds: None where it is requests at once."""

    family: str
    used: int
    allowed: int
    window_seconds: float | None
    halved_until: datetime | None = None


@dataclass(frozen=True)
class DueSum:
    """Orders and their amounts per currency, never added across them. amount_unknown: orders in no sum.

    oldest: the first failure's time, of waiting ones when NetSuite changed the order; None where unknown.
    """

    orders: int = 0
    amounts_minor: Mapping[str, int] | None = None
    amount_unknown: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class DueLine:
    """One due order. explanation: what the last reading of it came to, in words; its text is not inert."""

    order_id: str
    kind: DueKind
    reason: str
    explanation: str | None
    total_minor: int | None
    currency: str | None
    attempts: int
    changed_at: datetime | None
    first_failed_at: datetime | None
    next_try_at: datetime
    closed_at: datetime | None
    closed_by: str | None


@dataclass(frozen=True)
class StuckReason:
    """Stuck orders of one kind with one reason. example: one of them, with its explanation."""

    kind: DueKind
    reason: str
    total: DueSum
    example: str
    explanation: str | None


@dataclass(frozen=True)
class DaysSeen:
    """Order dates by what the last reconciliation of each found. changed: since they were proven, or never proven."""

    red: tuple[date, ...]
    changed: int
    proven: int
    newest_proven: date | None


@dataclass(frozen=True)
class FailuresSeen:
    """Failures in a row of the live lane."""

    count: int
    summary: str
    retry_at: datetime | None


@dataclass(frozen=True)
class PipelineProblem:
    """What is wrong with the pipeline in HubSpot. seen_at: when it was looked at last, UTC."""

    what: str
    seen_at: datetime


@dataclass(frozen=True)
class Overview:
    """The state of one home, all of it as of one moment. waiting_long: those that wait for over WAITED_LONG since
    NetSuite changed them, `oldest` since when.
    """

    lanes: tuple[LaneSeen, ...]
    streams: tuple[StreamSeen, ...]
    delays: tuple[float, ...]
    due: Mapping[DueKind, DueSum]
    stuck_reasons: tuple[StuckReason, ...]
    oldest_stuck: tuple[DueLine, ...]
    budgets: tuple[BudgetSeen, ...]
    days: DaysSeen
    failures: FailuresSeen | None
    waiting_long: DueSum = field(default_factory=DueSum)
    pipeline_problem: PipelineProblem | None = None


@dataclass(frozen=True)
class ReportedChange:
    """An order whose report changed between two moments: what was reported then and now, one a day that has it."""

    before: tuple[ReportedOrder, ...]
    after: tuple[ReportedOrder, ...]


@dataclass(frozen=True)
class ReportsSeen:
    """What was reported of a range of days at two moments. days_before: those reported by the first one."""

    changes: tuple[ReportedChange, ...]
    sums_before: tuple[ReportedDay, ...]
    sums_after: tuple[ReportedDay, ...]
    days_before: frozenset[date]


@dataclass(frozen=True)
class DayJudged:
    """An order date by its last reconciliation: `proven`, `red`, None for never. has_changed: since then."""

    order_on: date
    result: str | None
    has_changed: bool


@dataclass(frozen=True)
class MonthSeen:
    """All that closing a month depends on, as of one moment. first, last: its days that the sync covers."""

    first: date
    last: date
    days: Mapping[date, DayJudged]
    sums: tuple[ReportedDay, ...]
    exceptions: tuple[KnownException, ...]


@dataclass(frozen=True)
class Period:
    """A month (`2026-10`) that a person closed. sums_minor: NetSuite's sales by currency, as closed; net of returns
    where the definition has them.

    definition: of sales dollars, as `SalesDefinition.written`. acknowledged: exceptions at the closing.
    """

    month: str
    closed_at: datetime
    closed_by: str
    sums_minor: Mapping[str, int]
    definition: str
    acknowledged: int


@dataclass(frozen=True)
class PeriodEvent:
    """A month that was closed or reopened, when and by whom; because: of a reopening."""

    month: str
    at: datetime
    happened: str
    by: str
    because: str | None
