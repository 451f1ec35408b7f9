"""Whether HubSpot holds a value that was sent, in whatever form it keeps it.

Belongs here: comparing wire values after a write. Does not belong here: comparing both systems (reconcile).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation


def holds(sent: Mapping[str, str], held: Mapping[str, str | None]) -> bool:
    """Whether every sent property is held: equal text, number or moment; empty and absent are the same."""
    return all(is_same(value, held.get(name) or "") for name, value in sent.items())


def is_same(sent: str, held: str) -> bool:
    """Whether two wire values mean the same."""
    if sent == held:
        return True
    if not sent or not held:
        return False
    try:
        return Decimal(sent) == Decimal(held)
    except InvalidOperation:
        pass
    try:
        return datetime.fromisoformat(sent) == datetime.fromisoformat(held)
    except (ValueError, TypeError):
        return False
