"""One evaluation: what holds, what changed, who is told, and what is tried again.

Belongs here: the order of steps, through ports. Does not belong here: the rules and words that it calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ns_hs_orders.alerts import digest as digests
from ns_hs_orders.alerts.changes import compare, to_tell, told
from ns_hs_orders.alerts.conditions import (
    RED_DAY,
    STUCK_ORDER,
    STUCK_RETURN,
    Condition,
    JobFailure,
    Limits,
    Places,
    failed_job,
    is_stuck,
    job_failures,
    over,
    red_day,
    stuck_orders,
)
from ns_hs_orders.alerts.messages import changes_message, digest_message
from ns_hs_orders.alerts.ports import (
    Conditions,
    Days,
    FinishedRun,
    KeptCondition,
    Message,
    Messenger,
    Notes,
    Orders,
    Runs,
    WaitingOrder,
)

RUNS_NOTE = "alerts: runs"
DIGEST_NOTE = "alerts: digest"
OUTBOX_NOTE = "alerts: outbox"
FIRST_LOOK = timedelta(days=1)
OVERLAP = timedelta(minutes=5)
"""A run may be noted as ended somewhat later than it ended."""
OUTBOX_KEEPS = timedelta(days=1)
OUTBOX_MOST = 50
SENDS_AGAIN_FOR = timedelta(seconds=10)
RUNS_NOTED_AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True)
class DigestAt:
    """When the daily digest is sent: None for never. zone: of the NetSuite account."""

    at: time | None
    zone: ZoneInfo


@dataclass(frozen=True)
class _Holding:
    """What holds now, worst first, and what its messages need."""

    conditions: Mapping[str, Condition]
    failures: Mapping[str, JobFailure]
    stuck: Sequence[WaitingOrder]
    red_days: Sequence[date]


class Alerts:
    """All that tells people; `evaluate()` is called every minute. returns: None where they are no records."""

    def __init__(
        self,
        *,
        mode: str,
        conditions: Conditions,
        orders: Orders,
        returns: Orders | None = None,
        days: Days,
        runs: Runs,
        notes: Notes,
        messenger: Messenger,
        places: Places,
        limits: Limits,
        digest_at: DigestAt,
        clock: Callable[[], datetime],
    ) -> None:
        self._mode = mode
        self._conditions = conditions
        self._orders = orders
        self._returns = returns
        self._days = days
        self._runs = runs
        self._notes = notes
        self._messenger = messenger
        self._places = places
        self._limits = limits
        self._digest_at = digest_at
        self._clock = clock

    def evaluate(self) -> str:
        """Tells what changed, in one message, and the digest when it is due. Returns in words what it did.

        Raises what the ports raise, a message that could not be delivered aside: it is tried again next time.
        """
        now = self._clock()
        waiting = self._send_again(now)
        kept = self._conditions.all()
        holding = self._look(kept, now)
        changes = compare(kept, holding.conditions, now)
        if changes.written or changes.dropped:
            self._conditions.keep(changes.written, changes.dropped)
        untold = to_tell(changes.after, holding.conditions, now)
        said = []
        if untold:
            said.append(self._tell(untold, holding, waiting, now))
        if digests.is_due(self._digest_at.at, self._digest_at.zone, self._last_digest_day(now), now):
            said.append(self._tell_digest(holding, waiting, now))
        is_open = len(holding.conditions)
        state = f"{is_open:,} condition{'s' if is_open != 1 else ''} open." if is_open else "All is well."
        return " ".join([*(said or ["Nothing changed."]), state, *_unreachable(waiting)])

    def _look(self, kept: Mapping[str, KeptCondition], now: datetime) -> _Holding:
        failures, fresh = self._look_at_runs(now)
        found = [
            failed_job(job, failure, self._places)
            for job, failure in failures.items()
            if failure.recovered_by is None or job in fresh
        ]
        red_days = self._days.red()
        found += [
            # what a day's reconciliation found is looked up for those only that somebody is to be told of
            Condition(known.name, known.summary)
            if (known := kept.get(f"{RED_DAY}{day}")) and known.state == "open" and known.told_at
            else red_day(day, self._runs.red_day(day), self._places)
            for day in red_days
        ]
        waiting = self._orders.waiting(now - self._limits.stuck_after)
        found += stuck_orders(waiting, self._limits, now, self._places)
        if self._returns is not None:
            of_returns = self._returns.waiting(now - self._limits.stuck_after)
            found += stuck_orders(of_returns, self._limits, now, self._places, are_returns=True)
        stuck = [one for one in waiting if is_stuck(one, self._limits, now)]
        return _Holding({one.name: one for one in found}, failures, stuck, red_days)

    def _look_at_runs(self, now: datetime) -> tuple[dict[str, JobFailure], set[str]]:
        """Each job's last failure, and the jobs that failed since the last look, recovered or not."""
        noted = self._notes.find(RUNS_NOTE, now=now)
        looked_at = datetime.fromisoformat(noted["looked_at"]) if noted else now - FIRST_LOOK
        since = looked_at - OVERLAP
        known = _failures(noted["failures"]) if noted else {}
        finished = [run for run in self._runs.finished(since) if run.ended_at >= since]
        seen = set(noted["seen"]) if noted else set()
        fresh = [run for run in finished if run.run_id not in seen]
        failed = [run for run in fresh if not run.succeeded]
        why = {run.run_id: self._runs.failure(run.run_id) for run in _last_of_each_job(failed)}
        failures = job_failures(known, fresh, why)
        if fresh or noted is None or now - looked_at > RUNS_NOTED_AT_LEAST:
            self._note_runs(now, finished, failures)
        return failures, {run.job for run in failed} if noted else set()

    def _note_runs(
        self, now: datetime, finished: Sequence[FinishedRun], failures: Mapping[str, JobFailure]
    ) -> None:
        self._notes.keep(
            RUNS_NOTE,
            {
                "looked_at": now.isoformat(),
                "seen": [run.run_id for run in finished],
                "failures": {
                    job: [one.run_id, one.ended_at.isoformat(), one.why, one.recovered_by]
                    for job, one in failures.items()
                },
            },
            now,
        )

    def _tell(
        self, untold: Sequence[KeptCondition], holding: _Holding, waiting: set[str], now: datetime
    ) -> str:
        opened = [holding.conditions[one.name] for one in untold if one.state == "open"]
        ended = [one.name for one in untold if one.state == "over"]
        orders = self._orders.now(_ids(ended, STUCK_ORDER))
        if self._returns is not None:
            orders |= self._returns.now(_ids(ended, STUCK_RETURN))
        message = changes_message(
            self._mode,
            opened,
            [over(name, failures=holding.failures, orders=orders, places=self._places) for name in ended],
        )
        if not self._deliver(message, waiting, now):
            return f"No address took the message of {len(untold):,} changes; it is tried again."
        self._conditions.keep(told(untold, now), ())
        return f"Told of {len(opened):,} new and {len(ended):,} over."

    def _last_digest_day(self, now: datetime) -> date | None:
        noted = self._notes.find(DIGEST_NOTE, now=now)
        return datetime.fromisoformat(noted).astimezone(self._digest_at.zone).date() if noted else None

    def _tell_digest(self, holding: _Holding, waiting: set[str], now: datetime) -> str:
        noted = self._notes.find(DIGEST_NOTE, now=now)
        since = digests.begin(datetime.fromisoformat(noted) if noted else None, now)
        sums: dict[str, int] = {}
        for one in holding.stuck:
            if one.total_minor is not None and one.currency is not None:
                sums[one.currency] = sums.get(one.currency, 0) + one.total_minor
        digest = digests.Digest(
            since=since,
            until=now,
            synced=self._orders.synced(since),
            red_days=holding.red_days,
            stuck=[one for name, one in holding.conditions.items() if name.startswith(STUCK_ORDER)],
            stuck_returns=[one for name, one in holding.conditions.items() if name.startswith(STUCK_RETURN)],
            stuck_minor=sums,
            report=self._notes.find(digests.REPORT_NOTE, now=now),
        )
        if not self._deliver(digest_message(self._mode, digest, self._digest_at.zone), waiting, now):
            return "No address took the daily digest; it is tried again."
        self._notes.keep(DIGEST_NOTE, now.isoformat(), now)
        return "Sent the daily digest."

    def _deliver(self, message: Message, waiting: set[str], now: datetime) -> bool:
        """Whether an address took the message. Those that did not get it later, by the outbox.

        waiting: addresses that have older messages still to come; a new one queues behind them.
        """
        targets = self._messenger.targets
        taken = self._messenger.send(message, [one for one in targets if one not in waiting])
        missed = [one for one in targets if one not in taken]
        waiting.update(missed)
        if taken and missed:
            self._keep_outbox(
                [
                    *self._outbox(now),
                    *([one, message.title, message.body, message.kind, now.isoformat()] for one in missed),
                ],
                now,
            )
        return bool(taken)

    def _send_again(self, now: datetime) -> set[str]:
        """Sends what single addresses did not take, oldest first; returns those that still do not."""
        outbox = self._outbox(now)
        down: set[str] = set()
        left = []
        for target, title, body, kind, at in outbox:
            gone = target not in self._messenger.targets or datetime.fromisoformat(at) < now - OUTBOX_KEEPS
            if gone:
                continue
            no_time = self._clock() - now > SENDS_AGAIN_FOR
            if no_time or target in down or not self._messenger.send(Message(title, body, kind), [target]):
                down.add(target)
                left.append([target, title, body, kind, at])
        if left != outbox:
            self._keep_outbox(left, now)
        return down

    def _outbox(self, now: datetime) -> list[Any]:
        return self._notes.find(OUTBOX_NOTE, now=now) or []

    def _keep_outbox(self, outbox: list[Any], now: datetime) -> None:
        self._notes.keep(OUTBOX_NOTE, outbox[-OUTBOX_MOST:], now)


def _ids(names: Sequence[str], kind: str) -> list[str]:
    return [name.removeprefix(kind) for name in names if name.startswith(kind)]


def _failures(noted: Mapping[str, Any]) -> dict[str, JobFailure]:
    return {
        job: JobFailure(run_id, datetime.fromisoformat(ended_at), why, recovered_by)
        for job, (run_id, ended_at, why, recovered_by) in noted.items()
    }


def _last_of_each_job(runs: Sequence[FinishedRun]) -> list[FinishedRun]:
    return list({run.job: run for run in runs}.values())


def _unreachable(targets: set[str]) -> list[str]:
    if not targets:
        return []
    return [f"Not reached: address {', '.join(sorted(targets))} of NS_HS_ALERT_URLS."]
