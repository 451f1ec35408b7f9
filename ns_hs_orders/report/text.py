"""The reconciliation in a terminal.

Belongs here: tables and their order. Does not belong here: figures (figures), or writing to stdout.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ns_hs_orders.mapping.schema import QUARANTINE_REASONS, SKIP_REASONS
from ns_hs_orders.push.refusals import REJECTION_REASONS
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.figures import (
    SUM_COLUMNS,
    bridge_rows,
    control_misses,
    few,
    held_groups,
    sentence,
    shown_differences,
    sum_rows,
)
from ns_hs_orders.report.inert import inert

FIRST_DIFFERENCES = 20
_RIGHT = frozenset(
    {"NetSuite", "eligible", "accepted", "HubSpot", "difference", "unexplained", "orders", "amount", "apart"}
)
_WHOLE = frozenset({"outcome", "reason", "currency", "cause"})
_LONGEST = 120


def as_text(result: Reconciliation, *, width: int = 120, differences: int = FIRST_DIFFERENCES) -> str:
    """The whole report as plain text: sums per currency, what is held back, bridge, first differences."""
    sink = io.StringIO()
    console = Console(file=sink, width=width, color_system=None, highlight=False, emoji=False, markup=False)
    print_report(result, console, differences=differences)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines()) + "\n"


def print_report(result: Reconciliation, console: Console, *, differences: int = FIRST_DIFFERENCES) -> None:
    """The same report on a console that somebody else opened, in its width and colours."""
    console.print(Text(sentence(result), style="bold green" if result.agrees else "bold red"))
    console.print(_table("Dollars by currency", SUM_COLUMNS, sum_rows(result)))
    outcomes = [(outcome, f"{count:,}") for outcome, count in result.outcomes.items()]
    console.print(_table("Orders by outcome", ("outcome", "orders"), outcomes))
    groups = [
        (
            group.outcome,
            group.reason,
            _meaning(group.reason),
            f"{group.orders:,}",
            group.amount,
            few(group.numbers),
        )
        for group in held_groups(result)
    ]
    if groups:
        console.print(
            _table(
                "Not accepted, by reason",
                ("outcome", "reason", "meaning", "orders", "amount", "which"),
                groups,
            )
        )
    if any(sums.bridge or sums.unexplained_minor for sums in result.currencies.values()):
        console.print(
            _table("From NetSuite to HubSpot", ("currency", "step", "orders", "amount"), bridge_rows(result))
        )
    if result.unknown_amounts:
        unknown = [
            (one.order_number or one.order_id_netsuite, one.raw_total or "none", one.raw_currency or "none")
            for one in result.unknown_amounts
        ]
        console.print(
            _table("Amount unknown, in no sum", ("order", "total", "currency"), unknown[:differences])
        )
    misses = [(str(on), code or "none", str(n), str(read)) for on, code, n, read in control_misses(result)]
    if misses:
        console.print(
            _table(
                "NetSuite counts other orders than were read",
                ("day", "currency", "counted", "read"),
                misses[:differences],
            )
        )
    _print_differences(result, console, differences)


def _print_differences(result: Reconciliation, console: Console, most: int) -> None:
    count = len(result.differences)
    if not count:
        return
    found = [
        (one.order, one.field, one.netsuite, one.hubspot, one.apart, one.cause)
        for one in shown_differences(result, most)
    ]
    title = "Differences" if count <= most else f"Differences, the {most} largest of {count:,}"
    console.print(_table(title, ("order", "field", "NetSuite says", "HubSpot says", "apart", "cause"), found))


def _table(title: str, columns: Sequence[str], records: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, title_style="bold")
    for column in columns:
        right = column in _RIGHT
        table.add_column(
            column,
            justify="right" if right else "left",
            no_wrap=right or column in _WHOLE,
            overflow="fold",
        )
    for record in records:
        table.add_row(*(Text(inert(value, _LONGEST)) for value in record))
    return table


def _meaning(reason: str) -> str:
    return {**QUARANTINE_REASONS, **SKIP_REASONS, **REJECTION_REASONS}.get(reason, "")
