"""Rate limits: rolling windows per family of endpoints, the day's budget, and the lock on fast bulk writes.

Belongs here: counting calls in time. Does not belong: which path is in which family (app).
"""

from collections import deque
from dataclasses import dataclass, field

from ns_hs_orders.sandbox.hubspot.errors import ApiError, locked, rate_limited
from ns_hs_orders.sandbox.switches import Switches

TEN_SECONDS_MS = 10_000
LOCK_MS = 2000
MORE_THAN_ANYONE_CALLS = 10_000
"""What the header says in ten seconds where there is no limit, so that no client waits for one."""


@dataclass
class RollingWindow:
    """Calls in the last `span_ms`."""

    span_ms: int
    _times: deque[int] = field(default_factory=deque)

    def take(self, now_ms: int, limit: int) -> bool:
        """Counts a call if there is room for it; a refused call doesn't count."""
        while self._times and self._times[0] <= now_ms - self.span_ms:
            self._times.popleft()
        if len(self._times) >= limit:
            return False
        self._times.append(now_ms)
        return True

    @property
    def used(self) -> int:
        """Calls counted at the last `take`."""
        return len(self._times)


@dataclass
class Limits:
    """The windows of one account. Only the running server counts, so the counts live in memory."""

    _windows: dict[str, RollingWindow] = field(default_factory=dict)
    _writes: dict[str, deque[int]] = field(default_factory=dict)
    _locked_until: dict[str, int] = field(default_factory=dict)
    _day: tuple[str, int] = ("", 0)

    def admit(
        self, family: str, switches: Switches, now_ms: int, day: str
    ) -> tuple[ApiError | None, dict[str, str]]:
        """The refusal, if any, and the headers that tell of the limits. `day` names the account's own day."""
        if switches.limits == "off":
            return None, {"X-HubSpot-RateLimit-Max": str(MORE_THAN_ANYONE_CALLS)}
        counted = self._day[1] if self._day[0] == day else 0
        if switches.hubspot_calls_per_day and counted >= switches.hubspot_calls_per_day:
            return rate_limited("DAILY", "daily"), {}
        if family == "search":
            limit = switches.hubspot_search_calls_per_second
            if limit and not self._window(family, 1000).take(now_ms, limit):
                return rate_limited("SECONDLY", "secondly"), {}
            self._day = (day, counted + 1)
            return None, {}
        limit = (
            switches.hubspot_association_calls_per_10_seconds
            if family == "associations"
            else switches.hubspot_calls_per_10_seconds
        )
        window = self._window(family, TEN_SECONDS_MS)
        admitted = not limit or window.take(now_ms, limit)
        if admitted:
            counted += 1
            self._day = (day, counted)
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(TEN_SECONDS_MS),
            "X-HubSpot-RateLimit-Max": str(limit),
            "X-HubSpot-RateLimit-Remaining": str(max(0, limit - window.used)),
            "X-HubSpot-RateLimit-Daily": str(switches.hubspot_calls_per_day),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, switches.hubspot_calls_per_day - counted)),
            "X-HubSpot-RateLimit-Secondly": str(limit // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(limit // 10),
        }
        return None if admitted else rate_limited("TEN_SECONDLY_ROLLING", "ten_secondly_rolling"), headers

    def _window(self, family: str, span_ms: int) -> RollingWindow:
        return self._windows.setdefault(family, RollingWindow(span_ms))

    def lock(self, object_type: str, switches: Switches, now_ms: int) -> ApiError | None:
        """423 after too many batch writes in one second, for two seconds."""
        most = switches.hubspot_locked_above_writes_per_second
        if not most:
            return None
        if now_ms < self._locked_until.get(object_type, 0):
            return locked()
        times = self._writes.setdefault(object_type, deque())
        while times and times[0] <= now_ms - 1000:
            times.popleft()
        times.append(now_ms)
        if len(times) <= most:
            return None
        times.clear()
        self._locked_until[object_type] = now_ms + LOCK_MS
        return locked()
