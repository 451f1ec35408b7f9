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
    """One live run, or it so far. done: None where another live run was at work, so that this one did nothing.

    just_arrived: since the run's last report. lately: in the last 24 hours.
    """

    done: Drained | None
    just_arrived: Delays
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
        if self.just_arrived.arrived:
            if self.just_arrived.arrived == 1:
                return f"1 change arrived in HubSpot after {self.just_arrived.longest} s; {self._due}."
            return (
                f"{self.just_arrived.arrived:,} changes arrived in HubSpot, half of them within {self.just_arrived.p50} s, "
                f"the slowest after {self.just_arrived.longest} s; {self._due}."
            )
        return f"No change had to be written; {self._due}."

    @property
    def _due(self) -> str:
        return "1 order is due" if self.waiting == 1 else f"{self.waiting:,} orders are due"


def live_report(
    done: Drained | None,
    *,
    of_run: Sequence[Arrival],
    not_told: Sequence[Arrival],
    lately: Sequence[Arrival],
    waiting: Sequence[DueOrder],
    limit: timedelta,
    now: datetime,
    mode: str,
    calls: Mapping[str, int],
) -> LiveReport:
    """The report. of_run, not_told, lately: arrivals of this run, of this run since its last report, and of the
    last 24 hours. waiting: open due orders.
    """
    return LiveReport(
        done=done,
        just_arrived=delays(not_told),
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
