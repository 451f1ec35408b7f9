"""The condition of the sync: what the state knows, what of it needs a person, and what to do next.

Belongs here: the frozen status, the judgement, and the document for machines. Does not belong here: reading
the state (state.overview), or layout (status.text).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Literal

from ns_hs_orders.report.ports import (
    OPEN_ORDERS,
    BudgetSeen,
    DaysSeen,
    DueKind,
    DueLine,
    DueSum,
    FailuresSeen,
    Overview,
    StreamSeen,
    StuckReason,
)
from ns_hs_orders.report.status.needs import Need, amounts_text, pipeline_need, said, sum_json, together
from ns_hs_orders.report.status.returns import ReturnsStatus, returns_status
from ns_hs_orders.withdraw.left import LeftReturns

LANES = ("day", "live")
LANE_FRESH = timedelta(seconds=30)
LANE_STALE = timedelta(minutes=2)
LOOKED_LONG_AGO = timedelta(minutes=10)
MOST_NAMED = 5
LONGEST_SYNC = 31

LaneCondition = Literal["running", "left", "not running"]


@dataclass(frozen=True)
class Limits:
    """When the sync's condition needs a person, as the settings say."""

    arrival_seconds: int
    stuck: timedelta


@dataclass(frozen=True)
class LaneStatus:
    """One lane. condition `left`: its run ended without a word, or its heart stopped."""

    lane: str
    condition: LaneCondition
    run: str | None
    heartbeat_at: datetime | None


@dataclass(frozen=True)
class Delay:
    """From NetSuite's change to HubSpot's confirmation, over the last day. Seconds: None without arrivals."""

    arrivals: int
    p50_seconds: float | None
    p95_seconds: float | None
    max_seconds: float | None
    limit_seconds: int
    over_limit: int


@dataclass(frozen=True)
class Status:
    """The status of one home at one moment. nothing_ran: it has no state yet, and all else is empty."""

    mode: str
    home: str
    state: str
    at: datetime
    nothing_ran: bool
    needs: tuple[Need, ...]
    lanes: tuple[LaneStatus, ...]
    failures: FailuresSeen | None
    streams: tuple[StreamSeen, ...]
    delay: Delay
    due: Mapping[DueKind, DueSum]
    stuck_reasons: tuple[StuckReason, ...]
    oldest_stuck: tuple[DueLine, ...]
    budgets: tuple[BudgetSeen, ...]
    days: DaysSeen
    returns: ReturnsStatus | None = None

    @property
    def needs_a_person(self) -> bool:
        """Whether anything does."""
        return bool(self.needs)

    @property
    def stuck(self) -> DueSum:
        """Failing, refused and held orders together."""
        return together(self.due[kind] for kind in ("failing", "refused", "held") if kind in self.due)

    def sum_of(self, kind: DueKind) -> DueSum:
        """The due orders of one kind."""
        return self.due.get(kind, DueSum())

    def as_json(self) -> dict[str, Any]:
        """The status as plain values: times in ISO 8601, amounts in minor units."""
        return {
            "mode": self.mode,
            "home": self.home,
            "state": self.state,
            "at": self.at.isoformat(),
            "nothing_ran": self.nothing_ran,
            "needs_a_person": self.needs_a_person,
            "needs": [asdict(need) for need in self.needs],
            "lanes": [
                {
                    "lane": lane.lane,
                    "condition": lane.condition,
                    "run": lane.run,
                    "heartbeat_at": _iso(lane.heartbeat_at),
                    "heartbeat_age_seconds": _age(self.at, lane.heartbeat_at),
                }
                for lane in self.lanes
            ],
            "live_failures": self.failures
            and {
                "count": self.failures.count,
                "summary": self.failures.summary,
                "retry_at": _iso(self.failures.retry_at),
            },
            "streams": [
                {
                    "stream": stream.stream,
                    "newest_at": _iso(stream.newest_at),
                    "looked_at": _iso(stream.looked_at),
                    "looked_age_seconds": _age(self.at, stream.looked_at),
                    "left_unread_by": stream.left_unread_by,
                }
                for stream in self.streams
            ],
            "delay": asdict(self.delay),
            "due": {
                "waiting": sum_json(self.sum_of("waiting")),
                "stuck": sum_json(self.stuck),
                "failing": sum_json(self.sum_of("failing")),
                "refused": sum_json(self.sum_of("refused")),
                "held": sum_json(self.sum_of("held")),
                "closed": sum_json(self.sum_of("closed")),
            },
            "stuck_reasons": [
                {
                    "kind": one.kind,
                    "reason": one.reason,
                    "example": one.example,
                    "explanation": one.explanation,
                    **sum_json(one.total),
                }
                for one in self.stuck_reasons
            ],
            "oldest_stuck": [line_json(line) for line in self.oldest_stuck],
            "budgets": [{**asdict(one), "halved_until": _iso(one.halved_until)} for one in self.budgets],
            "days": {
                "red": [day.isoformat() for day in self.days.red],
                "changed": self.days.changed,
                "proven": self.days.proven,
                "newest_proven": self.days.newest_proven.isoformat() if self.days.newest_proven else None,
            },
            "returns": self.returns and self.returns.as_json(),
        }


def status_of(
    overview: Overview | None,
    *,
    mode: str,
    home: str,
    state: str,
    at: datetime,
    limits: Limits,
    returns: Overview | None = None,
    left: LeftReturns | None = None,
) -> Status:
    """The status of what was found. overview: None where the home has no state. state: without secrets.

    returns: of the state of returns, None where they are no records. left: what returns left in HubSpot, as far as the
    state knows.
    """
    of_returns = returns_status(returns)
    found = overview or Overview((), (), (), {}, (), (), (), DaysSeen((), 0, 0, None), None)
    lanes = _lanes(found, at)
    return Status(
        mode=mode,
        home=home,
        state=state,
        at=at,
        nothing_ran=overview is None,
        needs=(
            *_needs(found, lanes, at, limits),
            *(of_returns.needs(at, limits.stuck) if of_returns else ()),
            *([Need("returns_left", left.what, left.what_to_do)] if left else ()),
        ),
        lanes=lanes,
        failures=found.failures,
        streams=found.streams,
        delay=_delay(found.delays, limits.arrival_seconds),
        due=found.due,
        stuck_reasons=found.stuck_reasons,
        oldest_stuck=found.oldest_stuck,
        budgets=found.budgets,
        days=found.days,
        returns=of_returns,
    )


def line_json(line: DueLine) -> dict[str, Any]:
    """One due order as plain values."""
    return {
        name: _iso(value) if isinstance(value, datetime) else value for name, value in asdict(line).items()
    }


def span(time: timedelta) -> str:
    """A length of time for people, in its two largest units: `12 s`, `3 min 5 s`, `2 d 4 h`."""
    seconds = max(0, int(time.total_seconds()))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    for place, (name, size) in enumerate(units):
        if seconds >= size:
            text = f"{seconds // size} {name}"
            rest = seconds % size // units[place + 1][1] if size > 1 else 0
            return f"{text} {rest} {units[place + 1][0]}" if rest else text
    return "0 s"


def _lanes(found: Overview, at: datetime) -> tuple[LaneStatus, ...]:
    seen = {one.lane: one for one in found.lanes}
    lanes = []
    for name in dict.fromkeys((*LANES, *seen)):
        if one := seen.get(name):
            alive = at - one.heartbeat < LANE_FRESH
            lanes.append(LaneStatus(name, "running" if alive else "left", one.run, one.heartbeat))
        else:
            lanes.append(LaneStatus(name, "not running", None, None))
    return tuple(lanes)


def _delay(delays: Sequence[float], limit: int) -> Delay:
    """delays: ascending."""

    def nearest_rank(share: float) -> float | None:
        return round(delays[max(1, ceil(share * len(delays))) - 1], 3) if delays else None

    return Delay(
        arrivals=len(delays),
        p50_seconds=nearest_rank(0.5),
        p95_seconds=nearest_rank(0.95),
        max_seconds=nearest_rank(1.0),
        limit_seconds=limit,
        over_limit=sum(1 for one in delays if one > limit),
    )


def _needs(found: Overview, lanes: Sequence[LaneStatus], at: datetime, limits: Limits) -> Iterable[Need]:
    """What needs a person, the dollars first."""
    if found.days.red:
        yield _red_days(found.days.red)
    if found.pipeline_problem is not None:
        yield pipeline_need(
            found.pipeline_problem, "pipeline_missing", "NS_HS_HUBSPOT_PIPELINE_ID", "No order can be written"
        )
    for kind, words in _STUCK_WORDS.items():
        reasons = [one for one in found.stuck_reasons if one.kind == kind]
        if kind == "failing":
            reasons = [one for one in reasons if one.total.oldest and at - one.total.oldest > limits.stuck]
        for one in reasons[:MOST_NAMED]:
            yield words(one, at)
    if found.waiting_long.orders:
        yield _waiting(found.waiting_long, at)
    for lane in lanes:
        if lane.heartbeat_at and at - lane.heartbeat_at > LANE_STALE:
            yield _left(lane, lane.heartbeat_at, at)
    for stream, looked_at in unread_streams(found.streams).items():
        yield _not_read(stream, looked_at, at)
    last = max((one.looked_at for one in found.streams if one.looked_at), default=at)
    if at - last > LOOKED_LONG_AGO:
        yield _not_looking(last, found.failures, at)


def unread_streams(streams: Sequence[StreamSeen]) -> dict[str, datetime]:
    """Stream → when it was looked at last, of those that are not read while others are, and that nobody left so."""
    looked = {one.stream: one.looked_at for one in streams if one.looked_at}
    last = max(looked.values(), default=None)
    left = {one.stream for one in streams if one.left_unread_by}
    return {
        stream: looked_at
        for stream, looked_at in looked.items()
        if last and stream not in left and stream != OPEN_ORDERS and last - looked_at > LOOKED_LONG_AGO
    }


def _red_days(red: Sequence[date]) -> Need:
    again = (
        f"`ns-hs-orders sync --from {red[0]} --to {red[-1]}` writes and proves them again"
        if (red[-1] - red[0]).days < LONGEST_SYNC
        else "Materialize them again in Dagster"
    )
    return Need(
        "red_days",
        f"{_counted(len(red), 'day does', 'days do')} not agree: {_days(red)}.",
        f"{again}. Red again: open the day's `reconciliation_report`, then `ns-hs-orders explain ORDER`.",
    )


def _refused(one: StuckReason, _at: datetime) -> Need:
    return Need(
        "orders_refused",
        said(f"HubSpot refuses {_orders(one.total)}, {one.reason}", one.explanation),
        f"`ns-hs-orders explain {one.example}` tells all of one. Mend the cause in NetSuite or HubSpot, then "
        f"`ns-hs-orders sync --orders {one.example}`. An order that shall stay as it is: "
        f"`ns-hs-orders due close {one.example} --by NAME`.",
    )


def _failing(one: StuckReason, at: datetime) -> Need:
    since = f" for {span(at - one.total.oldest)}" if one.total.oldest else ""
    return Need(
        "orders_stuck",
        said(f"{_orders(one.total)} could not be written{since}, {one.reason}", one.explanation),
        "They are tried again by themselves. `ns-hs-orders doctor` checks both accounts; "
        f"`ns-hs-orders explain {one.example}` tells all of one; `ns-hs-orders due` lists them.",
    )


def _held(one: StuckReason, _at: datetime) -> Need:
    return Need(
        "orders_need_approval",
        said(f"A person must say whether {_orders(one.total)} may go from HubSpot", one.explanation),
        f"Look at some in NetSuite; `ns-hs-orders due` lists them. If they are really gone, `ns-hs-orders due "
        f"approve {one.example} --by NAME` takes one out of HubSpot, with `--all` all of them; `ns-hs-orders due "
        f"close {one.example} --by NAME` leaves it there.",
    )


_STUCK_WORDS: Mapping[DueKind, Callable[[StuckReason, datetime], Need]] = {
    "refused": _refused,
    "failing": _failing,
    "held": _held,
}


def _waiting(one: DueSum, at: datetime) -> Need:
    since = f" for {span(at - one.oldest)}" if one.oldest else ""
    longest = since if one.orders == 1 else f", the oldest{since}"
    return Need(
        "orders_waiting",
        f"{_orders(one)} {'waits' if one.orders == 1 else 'wait'} to be written{longest}; no try was made.",
        "See that Dagster's daemon runs and that the live lane's sensor is switched on, and read its ticks; "
        "`ns-hs-orders due` lists the orders. After a large import or a long outage it catches up by itself.",
    )


def _left(lane: LaneStatus, heartbeat_at: datetime, at: datetime) -> Need:
    return Need(
        "lane_left",
        f"The lane `{lane.lane}` was left without a word: the last heartbeat of run {lane.run} is "
        f"{span(at - heartbeat_at)} old.",
        "Its run was killed, or its machine stands still. Nothing is lost, and the next run takes the lane: see "
        "that Dagster's daemon runs and that no run hangs there.",
    )


def _not_read(stream: str, looked_at: datetime, at: datetime) -> Need:
    return Need(
        "stream_not_read",
        f"NetSuite's {stream} were last read {span(at - looked_at)} ago, at {looked_at:%Y-%m-%d %H:%M} UTC; other "
        "changes were read since.",
        "The role may have lost a permission: check the role with `ns-hs-orders doctor`. Until then the sweep "
        "and the nightly run find what only this stream shows. If the table is gone for good: "
        f"`ns-hs-orders due unread '{stream}' --by NAME`.",
    )


def _not_looking(looked_at: datetime, failures: FailuresSeen | None, at: datetime) -> Need:
    failed = ""
    if failures:
        row = "once" if failures.count == 1 else f"{failures.count:,} times in a row"
        failed = said(f" It failed {row}", failures.summary)
    return Need(
        "live_lane_not_looking",
        f"The live lane last looked at NetSuite {span(at - looked_at)} ago.{failed}",
        "See that Dagster's daemon runs and that the live lane's sensor is switched on; `ns-hs-orders doctor` "
        "checks both accounts. It catches up by itself.",
    )


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _orders(one: DueSum) -> str:
    amounts = amounts_text(one)
    return _counted(one.orders, "order", "orders") + (f" ({amounts})" if amounts else "")


def _days(days: Sequence[date]) -> str:
    more = len(days) - MOST_NAMED
    named = ", ".join(day.isoformat() for day in days[:MOST_NAMED])
    return f"{named} and {more:,} more" if more > 0 else named


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _age(at: datetime, moment: datetime | None) -> float | None:
    return round(max(0.0, (at - moment).total_seconds()), 3) if moment else None
