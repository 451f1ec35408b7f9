"""A clock that runs faster than the world's, for the emulators and for every process that syncs.

Belongs here: the clock, and setting a process's clock to it, timeouts and heartbeats with it. Does not
belong here: when time is skipped (play).

Everything that waits is shortened by the same factor: back-off, budgets, leases, heartbeats, timeouts. So what
must outlast what stays as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import HTTPAdapter

from ns_hs_orders.clients.transport import SystemClock
from ns_hs_orders.state.work import lanes


@dataclass(frozen=True)
class ScaledClock:
    """`scale` seconds for each one of the machine. began: the machine's monotonic clock when it was `at`."""

    began: float
    at: datetime
    scale: float

    @classmethod
    def start(cls, at: datetime, scale: float) -> ScaledClock:
        """A clock that shows `at` now."""
        return cls(time.monotonic(), at, scale)

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self.at + timedelta(seconds=(time.monotonic() - self.began) * self.scale)

    def later(self, seconds: float) -> ScaledClock:
        """The same clock, set forward."""
        return replace(self, at=self.at + timedelta(seconds=seconds))

    def install(self) -> None:
        """Makes it this process's clock, for good: only for processes that do nothing else."""
        of_clock: dict[str, Callable[..., Any]] = {
            "now": lambda _: self.now(),
            "monotonic": lambda _: time.monotonic() * self.scale,
            "sleep": lambda _, seconds: time.sleep(seconds / self.scale),
        }
        for name, function in of_clock.items():
            setattr(SystemClock, name, function)
        lanes.BEAT_SECONDS = lanes.BEAT_SECONDS / self.scale
        _shorten_timeouts(self.scale)


def _shorten_timeouts(scale: float) -> None:
    send = HTTPAdapter.send

    def sooner(adapter: HTTPAdapter, *given: Any, timeout: tuple[float, float], **named: Any) -> Any:
        connect, read = timeout
        named["timeout"] = (connect / scale, read / scale)
        return send(adapter, *given, **named)

    HTTPAdapter.send = sooner  # type: ignore[method-assign,assignment]
