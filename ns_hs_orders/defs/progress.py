"""Progress of long work in Dagster's log.

Belongs here: turning (what, done, total) into at most one log line every two seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import dagster as dg

SECONDS_BETWEEN_LINES = 2.0


def log_progress(
    context: dg.AssetExecutionContext | dg.OpExecutionContext,
) -> Callable[[str, int, int], None]:
    """A progress callback that writes to the run's log."""
    last = 0.0

    def progress(what: str, done: int, total: int) -> None:
        nonlocal last
        now = monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            context.log.info(f"{what}: {done:,} of {total:,}" if total else f"{what}: {done:,}")

    return progress
