"""Months in a terminal.

Belongs here: layout and words. Does not belong here: when a month may be closed (periods).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.sales.definition import read_definition
from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.month_end.changes_text import effects, print_changed_orders
from ns_hs_orders.report.month_end.periods import Month, Obstacle, PeriodNow
from ns_hs_orders.report.ports import PeriodEvent
from ns_hs_orders.report.tables import print_table

_LONGEST = 1000
_RIGHT = frozenset({"as closed"})
_WHOLE = frozenset({"month", "currency", "closed at (UTC)", "at (UTC)", "net effect since"})


def print_obstacles(month: Month, found: Sequence[Obstacle], console: Console) -> None:
    """What keeps the month open, each with the command that helps."""
    if not found:
        _say(
            console,
            f"{month} is open; nothing is missing: ns-hs-orders close {month} --by NAME",
            "bold green",
        )
        return
    _say(console, f"{month} is open; {len(found)} thing{'s' if len(found) != 1 else ''} missing:", "bold red")
    for one in found:
        _say(console, f"- {one.what}", "red")
        _say(console, f"  → {one.do}")


def print_closed(now: PeriodNow, story: Sequence[PeriodEvent], console: Console) -> None:
    """A closed month: who closed it, its numbers as closed, and the post-close adjustments."""
    period = now.period
    head = f"{period.month} was closed by {period.closed_by} on {period.closed_at:%Y-%m-%d %H:%M} UTC"
    if now.is_unchanged:
        _say(console, f"{head}; nothing changed since.", "bold green")
    else:
        count = len(now.changes.orders)
        orders = "1 post-close adjustment" if count == 1 else f"{count:,} post-close adjustments"
        _say(
            console,
            f"{head}; {orders}, net effect {effects(now.changes.net_minor) or 'none'}.",
            "bold yellow",
        )
    _say(console, read_definition(period.definition).sentence)
    _say(console, f"{period.acknowledged:,} acknowledged exceptions at the closing.")
    changed = {one.currency: one.adjusted_minor for one in now.changes.currencies}
    records = [
        (
            code,
            shown(minor, code),
            effects({code: changed.get(code, 0)}),
            shown(minor + changed.get(code, 0), code),
        )
        for code, minor in sorted((dict.fromkeys(changed, 0) | dict(period.sums_minor)).items())
    ]
    print_table(
        console,
        "Net sales" if read_definition(period.definition).less_returns else "Sales dollars",
        ("currency", "as closed", "changed since", "now"),
        records,
        right={"as closed", "changed since", "now"},
        whole=_WHOLE,
    )
    print_changed_orders(now.changes, console)
    print_story(story, console)


def print_months(closed: Sequence[PeriodNow], story: Sequence[PeriodEvent], console: Console) -> None:
    """The closed months, and all that was closed and reopened."""
    if not closed:
        _say(console, "No month is closed.")
    else:
        print_table(
            console,
            "Closed months",
            ("month", "closed at (UTC)", "by", "as closed", "net effect since"),
            [
                (
                    one.period.month,
                    f"{one.period.closed_at:%Y-%m-%d %H:%M}",
                    one.period.closed_by,
                    " · ".join(shown(minor, code) for code, minor in sorted(one.period.sums_minor.items())),
                    effects(one.changes.net_minor) or "none",
                )
                for one in closed
            ],
            right=_RIGHT,
            whole=_WHOLE,
        )
    print_story(story, console)


def print_story(story: Sequence[PeriodEvent], console: Console) -> None:
    """Each closing and reopening, oldest first."""
    if story:
        print_table(
            console,
            "What happened",
            ("month", "at (UTC)", "what", "by", "why"),
            [(one.month, f"{one.at:%Y-%m-%d %H:%M}", one.happened, one.by, one.because) for one in story],
            whole=_WHOLE,
        )


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(inert(text, _LONGEST), style=style), soft_wrap=not console.is_terminal)
