"""What a live run tells: its outcomes, how long changes took, and its checks.

Belongs here: one frozen result that metadata and checks are views of. Does not belong here: Dagster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.live.delay import Delays, arrive_in_time, delays
from ns_hs_orders.live.drain import Drained
from ns_hs_orders.live.ports import Arrival, DueOrder


@dataclass(frozen=True)
class LiveReport:
    """One live run. done: None where another live run was at work, so that this one did nothing."""

    done: Drained | None
    of_run: Delays
    lately: Delays
    waiting: int
    mode: str
    calls: Mapping[str, int]
    checks: tuple[CheckResult, ...]

    @property
    def summary(self) -> str:
        """One sentence."""
        if self.done is None:
            return "Another live run is at work; this one did nothing."
        if self.of_run.arrived:
            return (
                f"{self.of_run.arrived:,} changes arrived in HubSpot, half of them within {self.of_run.p50} s, "
                f"the slowest after {self.of_run.longest} s; {self.waiting:,} orders are due."
            )
        return f"No change had to be written; {self.waiting:,} orders are due."


def live_report(
    done: Drained | None,
    *,
    of_run: Sequence[Arrival],
    lately: Sequence[Arrival],
    waiting: Sequence[DueOrder],
    limit: timedelta,
    now: datetime,
    mode: str,
    calls: Mapping[str, int],
) -> LiveReport:
    """The report. of_run, lately: arrivals of this run, and of the last 24 hours. waiting: open due orders."""
    return LiveReport(
        done=done,
        of_run=delays(of_run),
        lately=delays(lately),
        waiting=len(waiting),
        mode=mode,
        calls=calls,
        checks=(_accounted_for(done), arrive_in_time(of_run, waiting, limit, now)),
    )


def _accounted_for(done: Drained | None) -> CheckResult:
    asked = done.asked if done else 0
    outcomes = dict(done.outcomes) if done else {}
    judged = sum(outcomes.values())
    return CheckResult(
        "every_change_is_accounted_for",
        asked == judged,
        f"All {asked:,} orders that were due ended in one outcome."
        if asked == judged
        else f"{asked:,} orders were due, and {judged:,} outcomes came out.",
        {"orders due": asked, **outcomes},
    )
