"""A live run: looks, writes what is due, and looks again until NetSuite has been quiet for a while.

Belongs here: the order of looks and rounds, pauses, and what a failure means for the run. Does not belong
here: a look (look, sweep), a round's reading and writing (wiring), Dagster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.live.look import LookAround
from ns_hs_orders.live.sweep import Sweep
from ns_hs_orders.push.ports import Clock

PAUSE_SECONDS = 2.0
QUIET = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)
FIRST_ROUND = 200
LARGEST_ROUND = 2000
SMALLEST_ROUND = 50
ROUND_SECONDS = 5.0
TELL_EVERY = timedelta(seconds=20)
_LONGEST_FAILURE_PAUSE = 20.0

Told = Callable[[str], None]


@dataclass(frozen=True)
class Round:
    """One round of due orders. outcomes: outcome → orders, of everything that was due in it. left: still due."""

    orders: int
    outcomes: Counter[str] = field(default_factory=Counter)
    left: int = 0


class LiveSteps(Protocol):
    """One call a step; each raises SyncError where a system or the state cannot be used."""

    def look(self) -> LookAround:
        """Looks at the change streams."""
        ...

    def sweep_if_due(self) -> Sweep | None:
        """Sweeps the open orders, where the last sweep is long enough ago."""
        ...

    def round(self, limit: int) -> Round:
        """Reads and writes at most so many due orders, the newest change first."""
        ...


@dataclass
class Drained:
    """What a live run did. asked: orders that were due in a round, one that came twice counted twice.

    failures: times that a system could not be reached, and it went on.
    """

    looks: int = 0
    rounds: int = 0
    asked: int = 0
    news: int = 0
    failures: int = 0
    began_at: datetime | None = None
    outcomes: Counter[str] = field(default_factory=Counter)


def tell_nobody(_done: Drained) -> None:
    """Nobody looks at a run before its end."""


def drain(
    steps: LiveSteps,
    clock: Clock,
    told: Told,
    *,
    tell: Callable[[Drained], None] = tell_nobody,
    quiet: timedelta = QUIET,
    longest: timedelta = LONGEST,
    pause_seconds: float = PAUSE_SECONDS,
) -> Drained:
    """Goes on until nothing was found for `quiet`, at most for `longest`.

    Due orders that are there already come before the first look. A round is as large as takes about five
    seconds, so that a fresh change never waits long behind an import. Where a system does not answer, it
    waits and tries again; raises that RemoteError when the time is over, and every other error at once.
    tell: called after a round, at most three times a minute, with what was done so far.
    """
    done = Drained(began_at=clock.now())
    last_found = last_told = began = clock.now()
    limit = FIRST_ROUND
    failed: RemoteError | None = None
    failures = 0
    while True:
        try:
            began_round = clock.now()
            turn = steps.round(limit)
            if turn.orders:
                done.rounds += 1
                done.asked += turn.orders
                done.outcomes += turn.outcomes
                told(_told_of(turn, done))
                limit = _next_limit(turn.orders, limit, (clock.now() - began_round).total_seconds())
            look = steps.look()
            sweep = steps.sweep_if_due()
            done.looks += 1
            news = look.news + (sweep.news if sweep else 0)
            if news:
                done.news += news
                last_found = clock.now()
                told(f"noticed: {look.in_words()}" + (f", open orders {sweep.news:,}" if sweep else ""))
            failed, failures = None, 0
        except RemoteError as error:
            if not (error.transient or error.outcome_unknown):
                raise
            failed, failures = error, failures + 1
            done.failures += 1
            told(f"{error} Trying again; what is due stays due.")
            news, turn = 0, Round(0)
        now = clock.now()
        if turn.orders and now - last_told >= TELL_EVERY:
            last_told = now
            tell(done)
        if now - began >= longest or (
            failed is None and not news and now - last_found >= quiet and not turn.orders
        ):
            break
        if failed is not None:
            clock.sleep(min(_LONGEST_FAILURE_PAUSE, pause_seconds * (1 << min(failures, 4))))
        elif not news and turn.orders < limit:
            clock.sleep(pause_seconds)
    if failed is not None:
        raise failed
    return done


def _next_limit(orders: int, limit: int, seconds: float) -> int:
    """As many orders as take about five seconds, judged by a round that was full."""
    if orders < limit:
        return limit
    return max(SMALLEST_ROUND, min(LARGEST_ROUND, int(orders * ROUND_SECONDS / max(seconds, 0.1))))


def _told_of(turn: Round, done: Drained) -> str:
    outcomes = ", ".join(f"{outcome} {count:,}" for outcome, count in sorted(turn.outcomes.items()))
    left = f"; {turn.left:,} more are due" if turn.left else ""
    return f"{turn.orders:,} orders read and judged: {outcomes} ({done.asked:,} so far{left})"
