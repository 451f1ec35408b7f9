"""How fast calls may start: rolling windows per API family, and slots for calls at the same time.

Belongs here: the two protocols, and their form for one process. Does not belong here: sleeping
(transport waits as long as it is told), or the form that processes share (state).
"""

from __future__ import annotations

import bisect
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

PENALTY_SECONDS = 60.0


class Budget(Protocol):
    """Calls per rolling window, by family."""

    def take(self, family: str, now: datetime) -> float:
        """0.0 when a call was taken from the budget and may start now; else seconds to wait before asking again."""
        ...

    def answered(self, family: str, taken_at: datetime, now: datetime) -> None:
        """The call that was taken then is over: it counts from now on, for a window."""
        ...

    def penalise(self, family: str, seconds: float, now: datetime) -> None:
        """Halves the family's limit until `seconds` from now."""
        ...

    def learn(self, family: str, max_per_window: int) -> None:
        """Sets the family's limit to what the server's own headers say."""
        ...


class Slots(Protocol):
    """Calls at the same time. A slot is held for one try, never while waiting between tries."""

    def take(self, now: datetime, seconds: float) -> str | None:
        """The name of a slot, to be given back within `seconds`; None while all are taken."""
        ...

    def give_back(self, slot: str) -> None:
        """Frees a slot that take() gave."""
        ...


class Unlimited:
    """A budget without limits, for a system that has none."""

    def take(self, family: str, now: datetime) -> float:  # noqa: ARG002
        return 0.0

    def answered(self, family: str, taken_at: datetime, now: datetime) -> None:
        """Nothing to count."""

    def penalise(self, family: str, seconds: float, now: datetime) -> None:
        """Nothing to halve."""

    def learn(self, family: str, max_per_window: int) -> None:
        """Nothing to learn."""


@dataclass(frozen=True)
class WindowLimit:
    """At most `calls` starts in any `seconds`. calls: 0 or more, 0 never starts one."""

    calls: int
    seconds: float


HUBSPOT_LIMITS: dict[str, WindowLimit] = {
    "objects": WindowLimit(100, 10.0),
    "associations": WindowLimit(100, 10.0),
    "search": WindowLimit(5, 1.0),
}
"""What the smallest HubSpot tier allows; it rises by setting, or by HubSpot's headers."""


class RollingWindow:
    """The budget of one process: in no window, wherever it begins, more calls than the family's limit.

    A call counts from its start until a window after its answer, since the server counts it somewhere in
    between. margin_seconds: windows are longer by this, for clocks that do not run alike.
    """

    def __init__(self, limits: Mapping[str, WindowLimit], margin_seconds: float = 0.05) -> None:
        self._limits = dict(limits)
        self._margin = margin_seconds
        self._counted: dict[str, list[datetime]] = {family: [] for family in limits}
        self._halved_until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def take(self, family: str, now: datetime) -> float:
        """As Budget.take. Raises KeyError for a family that has no limit."""
        with self._lock:
            limit, counted = self._limits[family], self._counted[family]
            window = timedelta(seconds=limit.seconds + self._margin)
            # A call further ahead than a window means that the clock was set back: it tells nothing any more.
            while counted and abs(now - counted[0]) >= window:
                del counted[0]
            allowed = self._allowed(family, now)
            if len(counted) < allowed:
                bisect.insort(counted, now)
                return 0.0
            if allowed == 0:
                return limit.seconds
            # Free again once enough of the oldest calls have left the window.
            return (counted[len(counted) - allowed] + window - now).total_seconds()

    def answered(self, family: str, taken_at: datetime, now: datetime) -> None:
        """As Budget.answered."""
        with self._lock:
            counted = self._counted[family]
            if taken_at in counted:
                counted.remove(taken_at)
            bisect.insort(counted, now)

    def penalise(self, family: str, seconds: float, now: datetime) -> None:
        """As Budget.penalise."""
        with self._lock:
            until = now + timedelta(seconds=seconds)
            self._halved_until[family] = max(until, self._halved_until.get(family, until))

    def learn(self, family: str, max_per_window: int) -> None:
        """As Budget.learn."""
        with self._lock:
            self._limits[family] = WindowLimit(max_per_window, self._limits[family].seconds)

    def _allowed(self, family: str, now: datetime) -> int:
        calls = self._limits[family].calls
        if now < self._halved_until.get(family, now):
            return max(1, calls // 2)
        return calls


class ProcessSlots:
    """The slots of one process."""

    def __init__(self, count: int) -> None:
        self._free = [f"slot {number}" for number in range(count, 0, -1)]
        self._lock = threading.Lock()

    def take(self, now: datetime, seconds: float) -> str | None:  # noqa: ARG002
        """As Slots.take; a thread that dies gives its slot back on its way out, so nothing expires here."""
        with self._lock:
            return self._free.pop() if self._free else None

    def give_back(self, slot: str) -> None:
        """As Slots.give_back."""
        with self._lock:
            self._free.append(slot)
