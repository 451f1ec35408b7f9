"""NetSuite's session time: which zone it is in, and its date-times in UTC.

Belongs here: the zone's name or offset, wall-clock text to and from UTC. Does not belong here: asking
for the zone (plan). NetSuite renders and reads date-times in the session's zone, not in UTC.

In the hour that a zone repeats when summer time ends, a wall-clock text means two instants; it is read
as the earlier one. A watermark can then only stand too early, which reads a row again, never too late,
which would lose one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

SESSION_MASK = "YYYY-MM-DD HH24:MI:SS"
UTC_MASK = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
_OFFSET = re.compile(r"([+-])([0-9]{1,2}):([0-9]{2})")


def zone_named(text: str) -> tzinfo | None:
    """The zone of a SESSIONTIMEZONE answer, a name or an offset such as `-08:00`; None if unknown."""
    if match := _OFFSET.fullmatch(text.strip()):
        sign = -1 if match[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))
    try:
        return ZoneInfo(text.strip())
    except (ValueError, OSError, KeyError):
        return None


@lru_cache(maxsize=65536)
def utc_text(session_text: str, zone: tzinfo) -> str | None:
    """`YYYY-MM-DD HH:MM:SS` in session time as ISO 8601 UTC, seconds; None where it is no date-time."""
    at = _read(session_text)
    return None if at is None else _shown(at.replace(tzinfo=zone))


def session_text(at: datetime, zone: tzinfo) -> str:
    """An aware time as session wall-clock text, to the second."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def agrees(session_text: str, utc: str, zone: tzinfo) -> bool:
    """Whether `utc` (ISO 8601, Z) is an instant that the session text can mean in the zone."""
    at = _read(session_text)
    return at is not None and utc in {_shown(at.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)}


def _read(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone comes next
    except ValueError:
        return None


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
