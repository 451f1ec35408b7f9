"""Whether a live run is wanted now: the sensor's decision, with its reason in words.

Belongs here: the decision, as a pure function. Does not belong here: looking (look), or Dagster (defs).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

STARTING = timedelta(seconds=30)
"""A run that was asked for and has not taken the lane after this will not come any more."""


@dataclass(frozen=True)
class Watched:
    """What is known before NetSuite is asked. lane_run: who is in the lane, its heartbeat fresh or not.

    requested_at: when a run was asked for last. watching_since: when the process that asks began.
    resting_until, failure: after failed runs.
    """

    now: datetime
    lane_run: str | None = None
    heartbeat: datetime | None = None
    is_fresh: bool = False
    requested_at: datetime | None = None
    watching_since: datetime | None = None
    resting_until: datetime | None = None
    failure: str | None = None


def why_not_now(seen: Watched) -> str | None:
    """Why no run is to be asked for yet, None where it is time to look. Nobody's run status is asked."""
    if seen.is_fresh and seen.lane_run and seen.heartbeat:
        beat = max(0.0, (seen.now - seen.heartbeat).total_seconds())
        return f"Live run {seen.lane_run[:8]} is at work, last heartbeat {beat:.0f} s ago."
    has_begun = (
        seen.heartbeat is not None and seen.requested_at is not None and seen.heartbeat > seen.requested_at
    )
    # a request of a process that has ended may have ended with it; a second run finds the lane taken, and does nothing
    is_of_before = (
        seen.requested_at is not None
        and seen.watching_since is not None
        and seen.requested_at < seen.watching_since
    )
    if (
        seen.requested_at is not None
        and not has_begun
        and not is_of_before
        and seen.now - seen.requested_at < STARTING
    ):
        waited = (seen.now - seen.requested_at).total_seconds()
        return f"A live run was asked for {waited:.0f} s ago and is starting."
    if seen.resting_until is not None and seen.now < seen.resting_until:
        left = (seen.resting_until - seen.now).total_seconds()
        return f"The last live run failed; trying again in {left:.0f} s. {seen.failure or ''}".strip()
    return None


def what_was_seen(found: str, due: int, *, sweep_due: bool, left_lane: str | None) -> str:
    """What a look saw, in words. left_lane: a run that left the lane without a word."""
    parts = [f"NetSuite: {found}."]
    parts.append(f"{due:,} orders due now." if due else "Nothing is due.")
    if sweep_due:
        parts.append("The open orders are to be swept.")
    if left_lane:
        parts.append(f"Live run {left_lane[:8]} left the lane without a word; another takes over.")
    return " ".join(parts)
