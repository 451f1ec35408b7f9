"""Progress of long work in Dagster: lines of the run's log, observations, and what each stage took.

Belongs here: how often it is told, and the time left where a stage cannot tell it. Does not belong here:
the sentence (progress), or what a stage counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import dagster as dg

from ns_hs_orders.progress import duration, sentence

LONG_SECONDS = 2.0
SECONDS_BETWEEN_LINES = 2.0
SECONDS_BETWEEN_OBSERVATIONS = 20.0


@dataclass
class _Stage:
    """One stage so far: when it was first told of and how far it was then, and how far it is."""

    began: float
    began_with: int
    told: float
    done: int = 0


class StepProgress:
    """A progress callback of one step.

    Stages of over two seconds are told in the run's log, at most each two seconds and at their end; long
    ones of an asset are observations as well, each twenty seconds, so that the asset's page shows them.
    """

    def __init__(
        self,
        context: dg.AssetExecutionContext | dg.OpExecutionContext,
        asset: str | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._context = context
        self._asset = asset
        self._clock = clock
        self._stages: dict[str, _Stage] = {}
        self._line_at = self._observed_at = clock()

    def __call__(self, what: str, done: int, total: int, seconds_left: float | None = None, /) -> None:
        now = self._clock()
        stage = self._stages.get(what)
        if stage is None or done < stage.done:
            stage = self._stages[what] = _Stage(now, done, now)
        stage.told, stage.done = now, done
        is_last = bool(total) and done >= total and now - stage.began >= LONG_SECONDS
        if now - self._line_at < SECONDS_BETWEEN_LINES and not is_last:
            return
        self._line_at = now
        left = self._left(stage, total) if seconds_left is None else seconds_left
        told = sentence(what, done, total, left)
        self._context.log.info(told)
        if self._asset is not None and now - self._observed_at >= SECONDS_BETWEEN_OBSERVATIONS:
            self._observed_at = now
            self._observe(told, done, total, left)

    def took(self) -> dict[str, str]:
        """What each stage of over two seconds took, for a materialization's metadata."""
        return {
            f"time of {what}": f"{stage.done:,} in {duration(stage.told - stage.began)}"
            for what, stage in self._stages.items()
            if stage.told - stage.began >= LONG_SECONDS
        }

    def _left(self, stage: _Stage, total: int) -> float | None:
        """By the stage's own pace."""
        gained, passed = stage.done - stage.began_with, stage.told - stage.began
        return passed / gained * (total - stage.done) if total and gained > 0 else None

    def _observe(self, told: str, done: int, total: int, left: float | None) -> None:
        if self._asset is None:
            return
        metadata: dict[str, dg.MetadataValue] = {
            "progress": dg.MetadataValue.text(told),
            "done": dg.MetadataValue.int(done),
            "total": dg.MetadataValue.int(total),
        }
        if left is not None:
            metadata["seconds left"] = dg.MetadataValue.float(round(left, 1))
        self._context.log_event(dg.AssetObservation(self._asset, metadata=metadata))
