"""Where a range of ids is cut, so that its rows are read by several keyset streams side by side.

Belongs here: the cuts. Does not belong here: reading (orders). Cuts are of ids, which never change: whatever
happens meanwhile, each row is in exactly one stream; a bad estimate costs time, never a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class IdRange:
    """Ids above `after`, up to and with `up_to` (None: all above)."""

    after: int
    up_to: int | None


@dataclass(frozen=True)
class Spread:
    """So many rows with ids from low to high, both there."""

    low: int
    high: int
    rows: int

    def rows_up_to(self, at: int) -> float:
        """About how many of the rows have an id up to `at`."""
        if at < self.low:
            return 0.0
        return self.rows * min(1.0, (at - self.low + 1) / (self.high - self.low + 1))


def by_estimate(after: int, spreads: Sequence[Spread], streams: int) -> list[IdRange]:
    """All ids above `after` in at most so many ranges, of about as many rows each."""
    ahead = [one for one in spreads if one.high > after]
    if streams < 2 or not ahead:
        return [IdRange(after, None)]

    def rows_up_to(at: int) -> float:
        return sum(one.rows_up_to(at) for one in ahead)

    read_before = rows_up_to(after)
    left = rows_up_to(max(one.high for one in ahead)) - read_before
    cuts = []
    for number in range(1, streams):
        low, high = after, max(one.high for one in ahead)
        while low + 1 < high:
            middle = (low + high) // 2
            if rows_up_to(middle) - read_before < left * number / streams:
                low = middle
            else:
                high = middle
        cuts.append(high)
    return _ranges(after, cuts)


def by_ids(ids: Sequence[int], streams: int) -> list[IdRange]:
    """All ids in at most so many ranges; as many of the known ids, ascending, in each."""
    return _ranges(
        0, [ids[len(ids) * number // streams - 1] for number in range(1, streams) if len(ids) >= streams]
    )


def _ranges(after: int, cuts: Sequence[int]) -> list[IdRange]:
    distinct = sorted({one for one in cuts if one > after})
    return [IdRange(low, high) for low, high in zip([after, *distinct], [*distinct, None], strict=True)]
