"""Pacing: how long a call must wait, given the calls of the last window and who asks.

Belongs here: the rule, as pure functions of moments. Does not belong here: keeping the moments
(budgets), or waiting (the transport does).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LIVE_WANTS_SECONDS = 1.0
LIVE_ASKS_AGAIN_SECONDS = 0.5
RESERVED_ONE_IN = 10
BURST_ONE_IN = 6
LATE_ONE_IN = 12


@dataclass(frozen=True)
class Window:
    """At most `calls` starts in any `seconds`. calls: 1 or more. evenly: others spread theirs over it."""

    calls: int
    seconds: float
    evenly: bool = False

    def promises(self) -> Iterator[tuple[int, int]]:
        """(seconds ahead, calls): what live can have by then at any time, for each whole second of the window.

        The window's own rate, so that keeping the promise costs nothing in the long run; but not more
        than half of the calls, so that a burst of the other half need not be held back. A burst leaves a
        gap behind it. Evenly, it is of a sixth only, so that windows are used alike; and the promise is
        always one call, but a twelfth of the window short of the rate: answers take now longer, now less,
        and what is lost to a call that comes late must be made up for.
        """
        most, late = self.calls // 2, 0
        if self.evenly:
            most, late = self.calls - max(1, self.calls // BURST_ONE_IN), self.calls // LATE_ONE_IN
        for ahead in range(1, math.ceil(self.seconds)):
            at_rate = int(ahead * self.calls / self.seconds)
            promised = min(most, max(min(1, at_rate), at_rate - late))
            if promised:
                yield ahead, promised
            if promised == most:
                return


def until_live_may(taken: Sequence[float], at: float, window: Window) -> float:
    """Seconds until the window has room; 0.0 where it has.

    taken: when the calls of the last window started, ascending. A longer wait is told in parts, since
    live counts as waiting for LIVE_WANTS_SECONDS after it asked.
    """
    return min(LIVE_ASKS_AGAIN_SECONDS, _until_fewer(taken, at, window.seconds, window.calls))


def until_others_may(taken: Sequence[float], at: float, window: Window, live_asked_at: float) -> float:
    """Seconds until the window has room, every promise to live would be kept, and live needs no precedence.

    A promise of so many calls within s seconds holds while the calls that are still in the window then
    leave that many free. live_asked_at: one of `taken` where live got the call that it asked for last;
    it waits otherwise.
    """
    waits = [_until_fewer(taken, at, window.seconds, window.calls)]
    for ahead, promised in window.promises():
        waits.append(_until_fewer(taken, at, window.seconds - ahead, window.calls - promised))
    if (left := _live_wants(at, window, live_asked_at)) > 0:
        is_waiting = live_asked_at not in taken
        kept = window.calls if is_waiting else max(1, window.calls // RESERVED_ONE_IN)
        waits.append(min(left, _until_fewer(taken, at, window.seconds, window.calls - kept)))
    return max(waits)


def _live_wants(at: float, window: Window, live_asked_at: float) -> float:
    """For how many more seconds live counts as wanting calls; 0.0 where it doesn't."""
    # not longer than the window, which knows whether live got its call
    seconds = min(LIVE_WANTS_SECONDS, window.seconds)
    # a moment ahead of now comes from another machine's clock, or from before the clock was set back
    return live_asked_at + seconds - at if abs(at - live_asked_at) < seconds else 0.0


def _until_fewer(taken: Sequence[float], at: float, seconds: float, calls: int) -> float:
    """Seconds until fewer than `calls` started within the last `seconds`; 0.0 where that is so."""
    if calls < 1:
        return math.inf
    if len(taken) < calls:
        return 0.0
    return max(0.0, taken[-calls] + seconds - at)
