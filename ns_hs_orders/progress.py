"""Progress of long work: what is told, and the sentence that people read.

Belongs here: the callback's shape, and estimates of the time left. Does not belong here: where it is
shown (cli, defs), or what a stage counts.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how far a long stage is, from one thread at a time."""

    def __call__(self, what: str, done: int, total: int, seconds_left: float | None = None, /) -> None:
        """`done` of `total` things of this kind; total is 0 while nobody knows it.

        seconds_left: how long the rest takes if the budget of calls is used to the full; None where
        that cannot be told.
        """
        ...


def quiet(_what: str, _done: int, _total: int, _seconds_left: float | None = None, /) -> None:
    """Tells nobody."""


def sentence(what: str, done: int, total: int, seconds_left: float | None = None) -> str:
    """`orders pushed: 1,000 of 50,000 (2 %), about 1 min 40 s left`."""
    if not total:
        return f"{what}: {done:,}" if done else what
    told = f"{what}: {done:,} of {total:,} ({done * 100 // total} %)"
    if seconds_left is None or done >= total:
        return told
    return f"{told}, about {duration(seconds_left)} left"


def duration(seconds: float) -> str:
    """Rounded up, as people say it: `45 s`, `1 min 40 s`, `2 h 5 min`."""
    whole = int(-(-seconds // 1))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    minutes += rest > 0
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
