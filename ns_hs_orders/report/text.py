"""The reconciliation in a terminal.

Belongs here: tables and their order. Does not belong here: figures (figures), or writing to stdout.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ns_hs_orders.mapping.schema import QUARANTINE_REASONS, SKIP_REASONS
from ns_hs_orders.push.calls.refusals import REJECTION_REASONS
from ns_hs_orders.push.schema import LINK_WARNINGS
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.figures import (
    SUM_COLUMNS,
    control_misses,
    few,
    held_groups,
    next_steps,
    sentence,
    shown_differences,
    sum_rows,
    unlinked_groups,
)
from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.net_figures import (
    GROUP_COLUMNS,
    NET_COLUMNS,
    RETURN_COLUMNS,
    all_bridges,
    bridge_row,
    elsewhere,
    group_tables,
    net_rows,
    next_steps_of_returns,
    return_misses,
    shown_returns,
)
from ns_hs_orders.report.sales_figures import (
    BRIDGE_COLUMNS,
    SALES_COLUMNS,
    all_sums,
    apart,
    net_missing,
    sales_bridge_rows,
    sales_rows,
    without_rate,
)
from ns_hs_orders.report.tables import LONGEST_PROSE, print_table

FIRST_DIFFERENCES = 20
FIRST_GROUPS = 10
_RIGHT = frozenset(
    {
        *SUM_COLUMNS[1:], *SALES_COLUMNS[1:], *NET_COLUMNS[1:], *GROUP_COLUMNS[1:], "orders", "amount", "apart", "counts",
    }
)  # fmt: skip
_WHOLE = frozenset({"outcome", "reason", "currency", "cause", "step", "view", "day", "return"})
_PROSE = frozenset({"meaning", "next step"})


def as_text(result: Reconciliation, *, width: int = 120, differences: int = FIRST_DIFFERENCES) -> str:
    """The whole report as plain text: sums per currency, what is held back, bridge, first differences."""
    sink = io.StringIO()
    console = Console(file=sink, width=width, color_system=None, highlight=False, emoji=False, markup=False)
    print_report(result, console, differences=differences)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines()) + "\n"


def print_report(result: Reconciliation, console: Console, *, differences: int = FIRST_DIFFERENCES) -> None:
    """The same report on a console that somebody else opened, in its width and colours."""
    console.print(Text(sentence(result), style="bold green" if result.agrees else "bold red"))
    if words := apart(result):
        console.print(Text(words))
    console.print(Text(result.definition.sentence))
    for words in filter(None, (without_rate(result), inert(net_missing(result), LONGEST_PROSE))):
        console.print(Text(words, style="bold yellow"))
    if result.net is None:
        _print(console, "Sales dollars", SALES_COLUMNS, sales_rows(result))
    else:
        _print(console, "Sales dollars: gross, returned, net", NET_COLUMNS, net_rows(result))
        if words := elsewhere(result):
            console.print(Text(words))
    _print(
        console,
        "Proof by currency: every order of the days, by its whole total",
        SUM_COLUMNS,
        sum_rows(result),
    )
    outcomes = [(outcome, f"{count:,}") for outcome, count in result.outcomes.items()]
    _print(console, "Orders by outcome", ("outcome", "orders"), outcomes)
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
        _print(
            console,
            "Not accepted, by reason",
            ("outcome", "reason", "meaning", "orders", "amount", "which"),
            groups,
        )
    if unlinked := unlinked_groups(result):
        _print(
            console,
            "Written without a deal, contact or product that they name",
            ("reason", "meaning", "orders", "amount", "which"),
            [
                (one.reason, LINK_WARNINGS[one.reason], f"{one.orders:,}", one.amount, few(one.numbers))
                for one in unlinked
            ],
        )
    if result.sales:
        _print(console, "Sales dollars from NetSuite to HubSpot", BRIDGE_COLUMNS, sales_bridge_rows(result))
    _print_net(result, console, differences)
    if result.unknown_amounts:
        unknown = [
            (
                one.order_number or one.order_id_netsuite,
                one.system,
                one.raw_total or "none",
                one.raw_currency or "none",
            )
            for one in result.unknown_amounts
        ]
        _print(
            console, "Amount unknown, in no sum", ("order", "in", "total", "currency"), unknown[:differences]
        )
    misses = [(str(on), code or "none", str(n), str(read)) for on, code, n, read in control_misses(result)]
    if misses:
        _print(
            console,
            "NetSuite counts other orders than were read",
            ("day", "currency", "counted", "read"),
            misses[:differences],
        )
    _print_differences(result, console, differences)


def _print_net(result: Reconciliation, console: Console, most: int) -> None:
    """The bridges of returns and of net, net sales by day, rep, company and store, and the returns to look at."""
    if result.net is None:
        return
    of_net = all_bridges(result)[len(all_sums(result)) :]
    bridges = [bridge_row(one.view, step, one.currency) for one in of_net for step in one.steps]
    if bridges:
        _print(console, "Net sales from NetSuite to HubSpot", ("view", *BRIDGE_COLUMNS[1:]), bridges)
    for title, table in group_tables(result, FIRST_GROUPS):
        _print(console, title, GROUP_COLUMNS, table)
    if misses := return_misses(result):
        missed = [
            (
                str(one.return_on),
                one.currency or "none",
                one.status,
                str(one.returns_counted),
                str(one.returns_read),
            )
            for one in misses
        ]
        columns = ("day", "currency", "status", "counted", "read")
        _print(console, "NetSuite counts other returns than were read", columns, missed[:most])
    found = shown_returns(result)
    if found:
        title = (
            "Returns to look at" if len(found) <= most else f"Returns to look at, {most} of {len(found):,}"
        )
        _print(console, title, RETURN_COLUMNS, [one[:-1] for one in found[:most]])
    if steps := next_steps_of_returns(result):
        _print(console, "What to do about returns", ("cause", "next step"), steps)


def _print_differences(result: Reconciliation, console: Console, most: int) -> None:
    count = len(result.differences)
    if not count:
        return
    found = [
        (one.order, one.field, one.netsuite, one.hubspot, one.apart, one.cause)
        for one in shown_differences(result, most)
    ]
    title = "Differences" if count <= most else f"Differences, the {most} largest of {count:,}"
    _print(console, title, ("order", "field", "NetSuite says", "HubSpot says", "apart", "cause"), found)
    _print(console, "What to do", ("cause", "next step"), next_steps(result))


def _print(console: Console, title: str, columns: Sequence[str], records: Sequence[Sequence[str]]) -> None:
    print_table(console, title, columns, records, right=_RIGHT, whole=_WHOLE, prose=_PROSE)


def _meaning(reason: str) -> str:
    return {**QUARANTINE_REASONS, **SKIP_REASONS, **REJECTION_REASONS}.get(reason, "")
