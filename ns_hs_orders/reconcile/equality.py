"""When HubSpot's text of a value says the same as ours, by kind of field.

Belongs here: one value against another. Does not belong here: orders and lines (compare). There are no tolerances.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field import Kind
from ns_hs_orders.money import parse_decimal

NUMBERS = frozenset({"money", "decimal"})


def equal(kind: Kind, wanted: str, held: str | None) -> bool:
    """Whether HubSpot's text says the same as ours.

    Empty and absent are one: HubSpot reads "" back as null. Numbers are compared as exact decimals
    (`100` is `100.00`), times as instants (ISO 8601 or epoch milliseconds), all else to the letter.
    """
    held = held or ""
    if wanted == held:
        return True
    if not wanted or not held:
        return False
    if kind in NUMBERS:
        return _same_number(wanted, held)
    if kind == "datetime":
        instant = _instant(wanted)
        return instant is not None and instant == _instant(held)
    if kind == "date":
        day = day_of(wanted)
        return day is not None and day == day_of(held)
    return False


def _same_number(wanted: str, held: str) -> bool:
    try:
        return parse_decimal(wanted) == parse_decimal(held)
    except MoneyError:
        return False


def unlike(wanted: Mapping[str, str], held: Mapping[str, str | None], numbers: frozenset[str]) -> list[str]:
    """Properties whose texts differ, and not as numbers; empty and absent are one."""
    held_text = held.get
    return [
        name
        for name, value in wanted.items()
        if value != (text := held_text(name))
        and (value or text)
        and not (name in numbers and _is_same_number(value, text))
    ]


def _is_same_number(wanted: str, held: str | None) -> bool:
    # HubSpot answers 12.5 for each 12.50, and 0 for each 0.00
    if "." in wanted and wanted.rstrip("0").rstrip(".") == held:
        return True
    return _same_number(wanted, held or "")


def _instant(text: str) -> datetime | None:
    if text.lstrip("-").isdigit():
        try:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        except (OverflowError, OSError, ValueError):
            return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def day_of(text: str) -> date | None:
    """The day that a text of HubSpot names, None where it is empty or no date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        at = _instant(text)
        # HubSpot keeps a date as midnight UTC; any other time is no date
        return (
            at.date()
            if at is not None and at == at.replace(hour=0, minute=0, second=0, microsecond=0)
            else None
        )
