"""Oracle's date masks, and wall-clock time in a zone against UTC.

Belongs here: rendering and reading dates with masks, zone conversion, DST.
Does not belong here: SQL. Times are text: "YYYY-MM-DD HH:MM:SS"; a wall-clock midnight is "YYYY-MM-DD" alone,
so that a date column and a TO_DATE bound compare as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

FULL: Final = "%Y-%m-%d %H:%M:%S"
_TOKENS: Final = re.compile(
    r'"([^"]*)"|(YYYY|YY|HH24|HH12|HH|MONTH|MON|MM|MI|DD|DAY|DY|SS|AM|PM|FF\d?|Q|T(?=HH)|[^A-Za-z"]+)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_RENDER: Final[dict[str, Callable[[datetime], str]]] = {
    "YYYY": lambda at: f"{at.year:04d}",
    "YY": lambda at: f"{at.year % 100:02d}",
    "MM": lambda at: f"{at.month:02d}",
    "DD": lambda at: f"{at.day:02d}",
    "HH24": lambda at: f"{at.hour:02d}",
    "HH12": lambda at: f"{(at.hour + 11) % 12 + 1:02d}",
    "HH": lambda at: f"{(at.hour + 11) % 12 + 1:02d}",
    "MI": lambda at: f"{at.minute:02d}",
    "SS": lambda at: f"{at.second:02d}",
    "AM": lambda at: "AM" if at.hour < 12 else "PM",
    "PM": lambda at: "AM" if at.hour < 12 else "PM",
    "MON": lambda at: at.strftime("%b").upper(),
    "MONTH": lambda at: at.strftime("%B").upper().ljust(9),
    "DY": lambda at: at.strftime("%a").upper(),
    "DAY": lambda at: at.strftime("%A").upper().ljust(9),
    "Q": lambda at: str((at.month + 2) // 3),
}
_READ: Final = {
    "YYYY": r"(?P<year>\d{1,4})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "HH24": r"(?P<hour>\d{1,2})",
    "HH12": r"(?P<hour12>\d{1,2})",
    "HH": r"(?P<hour12>\d{1,2})",
    "MI": r"(?P<minute>\d{1,2})",
    "SS": r"(?P<second>\d{1,2})",
    "AM": r"(?P<half>AM|PM)",
    "PM": r"(?P<half>AM|PM)",
    "MON": r"(?P<mon>[A-Za-z]{3})",
}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class DateMaskError(ValueError):
    """A mask that Oracle does not know, or a text that does not fit its mask."""


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=512)
def _parts(mask: str) -> tuple[tuple[str, str], ...]:
    """The mask as (kind, text) pairs, kind `element` or `literal`."""
    parts: list[tuple[str, str]] = []
    for quoted, known, other in _TOKENS.findall(mask):
        if other:
            raise DateMaskError(f"date format not recognized: {mask!r}")
        element = known.upper()
        if element in _RENDER or element.startswith("FF"):
            parts.append(("element", element))
        elif element == "T":
            raise DateMaskError(f"date format not recognized: {mask!r} (quote the T)")
        else:
            parts.append(("literal", known or quoted))
    return tuple(parts)


def read_wall(text: str) -> datetime:
    """A stored or wall-clock text as a naive datetime."""
    try:
        return datetime.fromisoformat(text.replace("T", " ").removesuffix("Z"))
    except ValueError as error:
        raise DateMaskError(f"not a date: {text!r}") from error


def wall_text(at: datetime) -> str:
    """Wall-clock text; midnight is the date alone."""
    text = at.strftime(FULL)
    return text.removesuffix(" 00:00:00")


@lru_cache(maxsize=200_000)
def render(text: str, mask: str) -> str:
    """Wall-clock text through a mask."""
    at = read_wall(text)
    return "".join(
        part
        if kind == "literal"
        else ("0" * int(part[2:] or 6) if part.startswith("FF") else _RENDER[part](at))
        for kind, part in _parts(mask)
    )


@lru_cache(maxsize=512)
def _reader(mask: str) -> re.Pattern[str]:
    pattern = ""
    for kind, part in _parts(mask):
        if kind == "literal":
            pattern += re.escape(part)
        elif part.startswith("FF"):
            pattern += r"\d{1,9}"
        elif part in _READ:
            pattern += _READ[part]
        else:
            raise DateMaskError(f"date format not recognized: {mask!r} cannot be read")
    return re.compile(pattern, re.IGNORECASE)


@lru_cache(maxsize=20_000)
def parse(text: str, mask: str) -> str:
    """Text read through a mask, as wall-clock text. Raises DateMaskError."""
    found = _reader(mask).fullmatch(text.strip())
    if found is None:
        raise DateMaskError(f"{text!r} does not fit the date format {mask!r}")
    parts = found.groupdict()
    hour = int(parts.get("hour") or 0)
    if parts.get("hour12"):
        hour = int(parts["hour12"]) % 12 + (12 if (parts.get("half") or "AM").upper() == "PM" else 0)
    month = int(parts.get("month") or 1)
    if parts.get("mon"):
        month = _MONTHS.index(parts["mon"].upper()) + 1
    try:
        at = datetime(  # noqa: DTZ001 - wall-clock time, the zone comes later
            int(parts.get("year") or 1),
            month,
            int(parts.get("day") or 1),
            hour,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
        )
    except ValueError as error:
        raise DateMaskError(f"{text!r}: {error}") from error
    return wall_text(at)


@lru_cache(maxsize=200_000)
def to_wall(utc_text: str, zone_name: str) -> str:
    """Stored UTC text as wall-clock text of the zone."""
    return wall_text(read_wall(utc_text).replace(tzinfo=UTC).astimezone(zone(zone_name)))


@lru_cache(maxsize=20_000)
def to_utc(wall: str, zone_name: str, fold: int) -> str:
    """Wall-clock text of the zone as UTC text. In an hour that happens twice, `fold` 1 is its second pass."""
    at = read_wall(wall).replace(tzinfo=zone(zone_name), fold=fold)
    return at.astimezone(UTC).strftime(FULL)


def display(wall: str, display_format: str) -> str:
    """What a bare date column shows: the date alone, M and D without leading zeros."""
    at = read_wall(wall)
    shown = {
        "YYYY": f"{at.year:04d}",
        "MM": f"{at.month:02d}",
        "DD": f"{at.day:02d}",
        "M": str(at.month),
        "D": str(at.day),
    }
    return re.sub(r"YYYY|MM|DD|M|D", lambda found: shown[found.group()], display_format)
