"""The whole state at a glance, read in one transaction, and the due orders with what is known of them.

Belongs here: SELECTs for people on call. Does not belong here: what needs a person (report.status), or any write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Subquery, and_, case, func, or_, select

from ns_hs_orders.report.ports import (
    NEEDS_APPROVAL,
    WAITED_LONG,
    BudgetSeen,
    DaysSeen,
    DueKind,
    DueLine,
    DueSum,
    FailuresSeen,
    LaneSeen,
    Overview,
    PipelineProblem,
    StreamSeen,
    StuckReason,
)
from ns_hs_orders.state.calls.budgets import MARGIN_SECONDS, calls_noted
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.tables import (
    arrivals,
    budgets,
    days,
    due_orders,
    lanes,
    notes,
    order_states,
    slots,
    watermarks,
)
from ns_hs_orders.state.work.unread_streams import left_unread

_STUCK: tuple[DueKind, ...] = ("failing", "refused", "held")
OLDEST_STUCK = 10
DELAYS_OF = timedelta(hours=24)
LIVE_FAILURES = "live_failures"
PIPELINE_PROBLEM = "pipeline problem"
"""Note: what is wrong with the pipeline in HubSpot, and since when that is known."""


def read_overview(
    state: State, now: datetime, *, limits: Mapping[str, tuple[int, float]], netsuite_concurrency: int
) -> Overview:
    """Everything that `status` tells. limits: API family → (calls, seconds of its window).

    Raises SyncError where the state cannot be read.
    """
    with state.read() as connection:
        return Overview(
            lanes=tuple(LaneSeen(*row) for row in connection.execute(select(lanes).order_by(lanes.c.lane))),
            streams=_streams(connection),
            delays=_delays(connection, now),
            due=_due_sums(connection),
            stuck_reasons=_stuck_reasons(connection),
            oldest_stuck=tuple(_lines(connection, lambda due: due.c.kind.in_(_STUCK), limit=OLDEST_STUCK)),
            budgets=_budgets(connection, now, limits, netsuite_concurrency),
            days=_days(connection),
            failures=_failures(connection),
            waiting_long=_waiting_long(connection, now),
            pipeline_problem=_pipeline_problem(connection),
        )


def read_streams(state: State) -> tuple[StreamSeen, ...]:
    """How far each change stream was read."""
    with state.read() as connection:
        return _streams(connection)


def read_due(state: State) -> list[DueLine]:
    """Every due order: those that failed longest first, then those that wait, the closed ones last."""
    with state.read() as connection:
        return _lines(connection)


def _streams(connection: Connection) -> tuple[StreamSeen, ...]:
    rows = connection.execute(select(watermarks).order_by(watermarks.c.stream)).all()
    left = left_unread(connection, {row.stream: row.looked_at for row in rows})
    return tuple(StreamSeen(row.stream, row.stamp, row.looked_at, left.get(row.stream)) for row in rows)


def _due() -> Subquery:
    """Due orders, each with its kind, its reason and its amount."""
    # the cause of a due order may be older than what the last reading came to, but a question is never
    tells = and_(
        func.coalesce(order_states.c.outcome, "").in_(("due", "rejected")),
        due_orders.c.cause != NEEDS_APPROVAL,
    )
    reason = case((tells, func.coalesce(order_states.c.reason, due_orders.c.cause)), else_=due_orders.c.cause)
    kind = case(
        (due_orders.c.closed_at.is_not(None), "closed"),
        (reason == NEEDS_APPROVAL, "held"),
        (func.coalesce(order_states.c.outcome, "") == "rejected", "refused"),
        (due_orders.c.attempts > 0, "failing"),
        else_="waiting",
    )
    return (
        select(
            due_orders.c.order_id,
            kind.label("kind"),
            reason.label("reason"),
            case((tells, order_states.c.explanation)).label("explanation"),
            order_states.c.total_minor,
            order_states.c.currency,
            due_orders.c.attempts,
            due_orders.c.changed_at,
            due_orders.c.first_failed_at,
            due_orders.c.next_try_at,
            due_orders.c.closed_at,
            due_orders.c.closed_by,
            func.coalesce(due_orders.c.counted_from, due_orders.c.changed_at).label("counted_from"),
        )
        .outerjoin(order_states, order_states.c.order_id == due_orders.c.order_id)
        .subquery("due")
    )


def _lines(connection: Connection, chosen: Any = None, *, limit: int | None = None) -> list[DueLine]:
    due = _due()
    query: Select[Any] = select(*(column for column in due.c if column.name != "counted_from"))
    if chosen is not None:
        query = query.where(chosen(due))
    query = query.order_by(
        due.c.kind == "closed",
        due.c.kind == "waiting",
        due.c.first_failed_at.asc().nulls_last(),
        due.c.changed_at.asc().nulls_last(),
        due.c.order_id,
    ).limit(limit)
    return [DueLine(*row) for row in connection.execute(query)]


def _sums(due: Subquery, since: Any = None) -> tuple[Any, ...]:
    """Columns of one kind or reason in one currency. since: the time whose oldest is wanted, else as of DueSum."""
    since = func.coalesce(due.c.first_failed_at, due.c.changed_at) if since is None else since
    known = due.c.total_minor.is_not(None) & due.c.currency.is_not(None)
    return (
        due.c.currency,
        func.count().label("orders"),
        func.sum(case((known, due.c.total_minor), else_=0)).label("minor"),
        func.sum(case((known, 1), else_=0)).label("known"),
        func.min(since).label("oldest"),
    )


def _added(total: DueSum | None, row: Any) -> DueSum:
    """The sum with one currency's row in it."""
    total = total or DueSum(amounts_minor={})
    amounts = dict(total.amounts_minor or {})
    if row.currency is not None and row.known:
        amounts[row.currency] = int(row.minor)
    found = [at for at in (total.oldest, row.oldest) if at is not None]
    return DueSum(
        orders=total.orders + int(row.orders),
        amounts_minor=amounts,
        amount_unknown=total.amount_unknown + int(row.orders) - int(row.known),
        oldest=min(found, default=None),
    )


def _due_sums(connection: Connection) -> dict[DueKind, DueSum]:
    due = _due()
    sums: dict[DueKind, DueSum] = {}
    query = select(due.c.kind, *_sums(due)).group_by(due.c.kind, due.c.currency).order_by(due.c.currency)
    for row in connection.execute(query):
        sums[row.kind] = _added(sums.get(row.kind), row)
    return sums


def _waiting_long(connection: Connection, now: datetime) -> DueSum:
    due = _due()
    query = (
        select(*_sums(due, due.c.counted_from))
        .where(due.c.kind == "waiting", due.c.counted_from < now - WAITED_LONG)
        .group_by(due.c.currency)
        .order_by(due.c.currency)
    )
    total = DueSum()
    for row in connection.execute(query):
        total = _added(total, row)
    return total


def _stuck_reasons(connection: Connection) -> tuple[StuckReason, ...]:
    """Most orders first."""
    due = _due()
    query = (
        select(due.c.kind, due.c.reason, func.min(due.c.order_id).label("example"), *_sums(due))
        .where(due.c.kind.in_(_STUCK))
        .group_by(due.c.kind, due.c.reason, due.c.currency)
        .order_by(due.c.currency)
    )
    totals: dict[tuple[DueKind, str], DueSum] = {}
    examples: dict[tuple[DueKind, str], str] = {}
    for row in connection.execute(query):
        key = (row.kind, row.reason)
        totals[key] = _added(totals.get(key), row)
        examples.setdefault(key, row.example)
    told: dict[str, str | None] = {}
    for ids in chunks(list(examples.values())):
        chosen = select(due.c.order_id, due.c.explanation).where(due.c.order_id.in_(ids))
        told.update(connection.execute(chosen).tuples().all())
    return tuple(
        StuckReason(kind, reason, total, examples[kind, reason], told.get(examples[kind, reason]))
        for (kind, reason), total in sorted(totals.items(), key=lambda one: (-one[1].orders, one[0]))
    )


def _delays(connection: Connection, now: datetime) -> tuple[float, ...]:
    """Seconds of the last day's arrivals, ascending."""
    query = select(arrivals.c.counted_from, arrivals.c.confirmed_at).where(
        arrivals.c.confirmed_at >= now - DELAYS_OF
    )
    return tuple(
        sorted(
            max(0.0, (confirmed_at - counted_from).total_seconds())
            for counted_from, confirmed_at in connection.execute(query)
        )
    )


def _budgets(
    connection: Connection,
    now: datetime,
    limits: Mapping[str, tuple[int, float]],
    netsuite_concurrency: int,
) -> tuple[BudgetSeen, ...]:
    rows = {row.family: row for row in connection.execute(select(budgets))}
    found = []
    for family, (allowed, window) in limits.items():
        row = rows.get(family)
        if row is None:
            found.append(BudgetSeen(family, 0, allowed, window))
            continue
        halved = row.halved_until > now.timestamp()
        found.append(
            BudgetSeen(
                family,
                used=sum(
                    abs(now.timestamp() - abs(at)) < window + MARGIN_SECONDS for at in calls_noted(row.taken)
                ),
                allowed=max(1, row.calls_per_window // 2) if halved else row.calls_per_window,
                window_seconds=window,
                halved_until=datetime.fromtimestamp(row.halved_until, UTC) if halved else None,
            )
        )
    held = select(func.count()).where(slots.c.pool == "netsuite", slots.c.until > now)
    found.append(
        BudgetSeen("netsuite", int(connection.execute(held).scalar_one()), netsuite_concurrency, None)
    )
    return tuple(found)


def _days(connection: Connection) -> DaysSeen:
    red = connection.scalars(select(days.c.order_on).where(days.c.result == "red").order_by(days.c.order_on))
    green = func.coalesce(days.c.result, "") != "red"
    changed = select(func.count()).where(
        green, or_(days.c.result.is_(None), days.c.changed_ticket > days.c.proven_ticket)
    )
    proven = select(func.count(), func.max(days.c.order_on)).where(
        days.c.result == "proven", days.c.changed_ticket <= days.c.proven_ticket
    )
    count, newest = connection.execute(proven).one()
    return DaysSeen(tuple(red), int(connection.execute(changed).scalar_one()), int(count), newest)


def _pipeline_problem(connection: Connection) -> PipelineProblem | None:
    value = connection.execute(select(notes.c.value).where(notes.c.name == PIPELINE_PROBLEM)).scalar()
    if value is None:
        return None
    found = json.loads(value)
    return PipelineProblem(str(found["what"]), datetime.fromisoformat(found["at"]).astimezone(UTC))


def _failures(connection: Connection) -> FailuresSeen | None:
    value = connection.execute(select(notes.c.value).where(notes.c.name == LIVE_FAILURES)).scalar()
    found = json.loads(value) if value else None
    if not isinstance(found, dict) or not found.get("count"):
        return None
    retry_at = found.get("retry_at")
    return FailuresSeen(
        count=int(found["count"]),
        summary=str(found.get("summary") or ""),
        retry_at=datetime.fromisoformat(retry_at).astimezone(UTC) if retry_at else None,
    )
