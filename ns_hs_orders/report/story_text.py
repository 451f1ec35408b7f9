"""The story of one order in a terminal.

Belongs here: layout, and making the order's text inert. Does not belong here: what is told (story).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.story import Story
from ns_hs_orders.report.tables import print_table

_LONGEST = 200
_RIGHT = frozenset({"quantity", "unit price", "amount"})


def print_story(story: Story, console: Console) -> None:
    """What came out first, then how: NetSuite, checks, lines, events, and both sides field by field."""
    _print_outcome(story, console)
    _print_netsuite(story, console)
    _print_events(story, console)
    _print_both_sides(story, console)


def _print_outcome(story: Story, console: Console) -> None:
    style = "bold red" if story.needs_a_person else "bold green"
    _say(console, f"Order {story.order_number or '?'} (NetSuite id {story.order_id}): {story.outcome}", style)
    for text in dict.fromkeys(text for text in (story.explanation, *story.problems) if text):
        _say(console, f"  {text}")
    for text in story.warnings:
        _say(console, f"  warning: {text}")
    for label, value in (
        ("due", story.due),
        ("NetSuite record", story.link_netsuite),
        ("HubSpot record id", story.order_id_hubspot),
        ("HubSpot company or contact", story.company or story.eligible_for),
    ):
        if value:
            _say(console, f"  {label}: {value}")


def _print_netsuite(story: Story, console: Console) -> None:
    if story.netsuite:
        _table(console, "What NetSuite says", ("value", "text"), story.netsuite.items())
    if story.identity:
        verdict = "adds up" if story.adds_up else "DOES NOT ADD UP"
        _say(console, f"{verdict}: {story.identity}", "green" if story.adds_up else "bold red")
    if story.lines:
        _table(
            console,
            "Its lines",
            ("line", "class", "SKU", "name", "quantity", "unit price", "amount"),
            (
                (line.key, line.line_class, line.sku, line.name, line.quantity, line.unit_price, line.amount)
                for line in story.lines
            ),
        )


def _print_events(story: Story, console: Console) -> None:
    if story.events:
        _table(
            console,
            "What happened",
            ("at (UTC)", "what", "run", "details"),
            (
                (
                    f"{event.at:%Y-%m-%d %H:%M:%S}",
                    event.happened,
                    event.run,
                    ", ".join(
                        f"{name} {value}" for name, value in event.details.items() if value is not None
                    ),
                )
                for event in story.events
            ),
        )


def _print_both_sides(story: Story, console: Console) -> None:
    if story.fields:
        marks = {True: "agrees", False: "DIFFERS", None: ""}
        _table(
            console,
            "Field by field",
            ("field", "should be", "HubSpot holds", ""),
            (
                (one.label, one.wanted, one.held, marks[one.agrees])
                for one in story.fields
                if one.wanted or one.held
            ),
        )
    if story.difference:
        _table(console, "What differs", ("what",), ((text,) for text in story.difference))


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(inert(text, _LONGEST), style=style))


def _table(
    console: Console, title: str, columns: Sequence[str], records: Iterable[Sequence[str | None]]
) -> None:
    print_table(console, title, columns, records, right=_RIGHT, longest=_LONGEST)
