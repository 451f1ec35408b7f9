"""Exceptions in a terminal.

Belongs here: layout and words. Does not belong here: choosing or summing (exceptions).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.risk import RiskRow
from ns_hs_orders.reconcile.schema import CAUSES
from ns_hs_orders.report.exceptions import RiskGroup, by_cause, by_owner
from ns_hs_orders.report.tables import print_table

MOST_ROWS = 50
_RIGHT = frozenset({"orders", "acknowledged", "at risk", "days"})
_WHOLE = frozenset({"order", "cause", "status"})
_PROSE = frozenset({"next step", "why"})


def print_exceptions(
    risks: Sequence[RiskRow], console: Console, *, of_all: int, most: int = MOST_ROWS
) -> None:
    """The rows, the heaviest first, then their sums by cause and by owner, then what to do.

    of_all: how many there are, also those that were not asked for.
    """
    if not risks and of_all:
        count = "1 order is" if of_all == 1 else f"{of_all:,} orders are"
        what = "it is not what was asked for" if of_all == 1 else "none of them is what was asked for"
        console.print(Text(f"{count} not right, and {what}. Without options, all are listed.", style="bold"))
        return
    if not risks:
        console.print(Text("No order is known to be wrong.", style="bold green"))
        return
    judged = sum(one.status == "acknowledged" for one in risks)
    count = "1 order is" if len(risks) == 1 else f"{len(risks):,} orders are"
    console.print(Text(f"{count} not right; {judged:,} of them acknowledged.", style="bold"))
    title = "By amount × age" if len(risks) <= most else f"The {most} first by amount × age"
    _print(
        console,
        title,
        ("order", "day", "customer", "owner", "cause", "at risk", "days", "status"),
        [
            (
                one.order_number or one.order_id_netsuite,
                one.order_on.isoformat(),
                one.customer_name or "",
                one.rep_name or "",
                one.cause,
                amount(one.at_risk_minor, one.currency),
                str(one.age_days),
                one.status,
            )
            for one in risks[:most]
        ],
    )
    if told := [one for one in risks[:most] if one.acknowledged_by is not None]:
        _print(
            console,
            "What people said",
            ("order", "by", "until", "why", "status"),
            [
                (
                    one.order_number or one.order_id_netsuite,
                    one.acknowledged_by or "",
                    str(one.acknowledged_until),
                    one.acknowledged_because or "",
                    one.status,
                )
                for one in told
            ],
        )
    columns = ("orders", "acknowledged", "at risk")
    _print(console, "By cause", ("cause", *columns), _group_rows(by_cause(risks)))
    _print(console, "By owner", ("owner", *columns), _group_rows(by_owner(risks)))
    causes = {one.cause: one.next_step for one in risks}
    steps = [(cause, causes[cause]) for cause in CAUSES if cause in causes]
    _print(console, "What to do", ("cause", "next step"), steps)


def amount(minor: int | None, currency: str | None) -> str:
    """An amount as people read it, or words where it is unknown."""
    return "unknown" if minor is None or currency is None else shown(minor, currency)


def _group_rows(groups: Iterable[RiskGroup]) -> list[tuple[str, str, str, str]]:
    return [
        (
            group.name,
            f"{group.orders:,}",
            f"{group.acknowledged:,}",
            amount(group.at_risk_minor, group.currency),
        )
        for group in groups
    ]


def _print(console: Console, title: str, columns: Sequence[str], records: Sequence[Sequence[str]]) -> None:
    print_table(console, title, columns, records, right=_RIGHT, whole=_WHOLE, prose=_PROSE)
