"""HubSpot's owners, remembered for a minute: a live run asks for them in every round.

Belongs here: remembering. Does not belong here: the call (clients), or who is an owner of what (push).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ns_hs_orders.push.ports import Clock, Owners

REMEMBERED_FOR = timedelta(minutes=1)


class RecentOwners:
    """Implements push.ports.Owners over another one."""

    def __init__(self, owners: Owners, clock: Clock) -> None:
        self._owners = owners
        self._clock = clock
        self._found: Mapping[str, str] = {}
        self._asked_at: datetime | None = None

    def active(self) -> Mapping[str, str]:
        """Lower-cased e-mail → owner id, at most a minute old."""
        now = self._clock.now()
        if self._asked_at is None or abs(now - self._asked_at) >= REMEMBERED_FOR:
            self._found = self._owners.active()
            self._asked_at = now
        return self._found
