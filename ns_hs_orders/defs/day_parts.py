"""A run's frames cut into their days.

Belongs here: cutting. Does not belong here: what is told or checked of a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ns_hs_orders.defs import contracts

if TYPE_CHECKING:
    import pandas as pd


class Days:
    """Frames with an order date, to be had day by day."""

    def __init__(self, frames: Sequence[pd.DataFrame]) -> None:
        self._none = [frame.iloc[:0] for frame in frames]
        self._parts = [
            {str(day): part for day, part in frame.groupby(contracts.days_of(frame), sort=False)}
            for frame in frames
        ]

    def of(self, day: date) -> list[pd.DataFrame]:
        """The part of each frame that is dated `day`; an empty frame where there is none."""
        key = day.isoformat()
        return [parts.get(key, none) for parts, none in zip(self._parts, self._none, strict=True)]
