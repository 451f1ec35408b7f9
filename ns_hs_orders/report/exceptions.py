"""Exceptions as people work through them: chosen, ranked, and summed by cause and by owner.

Belongs here: choosing and summing risk rows. Does not belong here: what an exception is or weighs
(reconcile.risk), or layout (exceptions_text). Amounts are minor units, never added across currencies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ns_hs_orders.reconcile.risk import RiskRow

NO_OWNER = "no owner"
Wanted = Literal["open", "acknowledged", "all"]


@dataclass(frozen=True)
class RiskGroup:
    """Exceptions of one cause or owner in one currency. at_risk_minor: of those whose amount is known.

    currency: None for those of unknown amount.
    """

    name: str
    currency: str | None
    orders: int
    acknowledged: int
    at_risk_minor: int


def chosen(
    risks: Iterable[RiskRow], *, status: Wanted = "all", cause: str | None = None, owner: str | None = None
) -> list[RiskRow]:
    """The rows that are asked for, in their order. status open: also those that came back. owner: in any case."""
    return [
        one
        for one in risks
        if (status == "all" or (one.status == "acknowledged") == (status == "acknowledged"))
        and (cause is None or one.cause == cause)
        and (owner is None or (one.rep_name or NO_OWNER).casefold() == owner.casefold())
    ]


def by_cause(risks: Sequence[RiskRow]) -> list[RiskGroup]:
    """Sums by cause and currency, the largest first within its currency."""
    return _groups(risks, lambda one: one.cause)


def by_owner(risks: Sequence[RiskRow]) -> list[RiskGroup]:
    """Sums by sales rep and currency, the largest first within its currency."""
    return _groups(risks, lambda one: one.rep_name or NO_OWNER)


def exceptions_json(risks: Sequence[RiskRow], mode: str) -> dict[str, Any]:
    """The rows and their groups as plain values."""
    return {
        "mode": mode,
        "exceptions": [
            {
                name: value if isinstance(value, int | str | None) else value.isoformat()
                for name, value in asdict(one).items()
            }
            for one in risks
        ],
        "by_cause": [asdict(group) for group in by_cause(risks)],
        "by_owner": [asdict(group) for group in by_owner(risks)],
    }


def _groups(risks: Sequence[RiskRow], name: Callable[[RiskRow], str]) -> list[RiskGroup]:
    rows: dict[tuple[str, str | None], list[RiskRow]] = {}
    for one in risks:
        rows.setdefault((name(one), one.currency if one.at_risk_minor is not None else None), []).append(one)
    groups = [
        RiskGroup(
            of_name,
            currency,
            len(found),
            sum(one.status == "acknowledged" for one in found),
            sum(one.at_risk_minor or 0 for one in found),
        )
        for (of_name, currency), found in rows.items()
    ]
    return sorted(groups, key=lambda group: (group.currency or "~", -group.at_risk_minor, group.name))
