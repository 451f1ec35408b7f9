"""What needs a person, and sums of due orders for people and machines.

Belongs here: the words and values that the status of orders and of returns share. Does not belong here: what needs a
person (status, status.returns).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.money import shown
from ns_hs_orders.report.ports import DueSum, PipelineProblem


@dataclass(frozen=True)
class Need:
    """Something that needs a person: what it is, and what to do next."""

    code: str
    what: str
    do: str


def pipeline_need(found: PipelineProblem, code: str, setting: str, what_waits: str) -> Need:
    """What is wrong with a pipeline in HubSpot. setting: that names one by its id. what_waits: until it is right again."""
    return Need(
        code,
        f"{said(what_waits, found.what)} So HubSpot answered at {found.seen_at:%Y-%m-%d %H:%M} UTC.",
        f"If somebody renamed the pipeline or a stage in HubSpot, name it so again, or set {setting} to its id. If it was "
        "deleted, `ns-hs-orders setup` makes it anew. Then `ns-hs-orders doctor`; what waits is written by itself.",
    )


def together(sums: Iterable[DueSum]) -> DueSum:
    """Several sums as one, each currency for itself."""
    amounts: dict[str, int] = {}
    orders, unknown, oldest = 0, 0, list[datetime]()
    for one in sums:
        orders += one.orders
        unknown += one.amount_unknown
        for currency, minor in (one.amounts_minor or {}).items():
            amounts[currency] = amounts.get(currency, 0) + minor
        if one.oldest is not None:
            oldest.append(one.oldest)
    return DueSum(orders, dict(sorted(amounts.items())), unknown, min(oldest, default=None))


def amount_text(minor: int | None, currency: str | None) -> str:
    """An order's amount for people; the state may hold what no currency table knows."""
    if minor is None or currency is None:
        return "amount unknown"
    try:
        return shown(minor, currency)
    except MoneyError:
        return f"{minor} minor units of {currency}"


def amounts_text(one: DueSum) -> str:
    """A sum for people: `1,234.50 USD, 9,000 JPY, 1 of unknown amount`."""
    parts = [amount_text(minor, currency) for currency, minor in (one.amounts_minor or {}).items()]
    if one.amount_unknown:
        parts.append(f"{one.amount_unknown:,} of unknown amount")
    return ", ".join(parts)


def said(what: str, explanation: str | None) -> str:
    """One sentence, with somebody's explanation where there is one."""
    text = f"{what}: {explanation}" if explanation else what
    return text if text.endswith((".", "…")) else f"{text}."


def sum_json(one: DueSum) -> dict[str, Any]:
    """A sum as plain values."""
    return {
        "orders": one.orders,
        "amounts_minor": dict(one.amounts_minor or {}),
        "amount_unknown": one.amount_unknown,
        "oldest_at": one.oldest.isoformat() if one.oldest else None,
    }
