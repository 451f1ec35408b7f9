"""The story of one order in a terminal.

Belongs here: layout, and making the order's text inert. Does not belong here: what is told (story).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.story.of_order import Story
from ns_hs_orders.report.story.sides import StoryLineItem
from ns_hs_orders.report.tables import print_table

_LONGEST = 200
_LONGEST_SENTENCE = 1000
MARKS = {True: "agrees", False: "DIFFERS", None: ""}
_RIGHT = frozenset({"quantity", "unit price", "amount"})
_PROSE = frozenset({"what"})


def print_story(story: Story, console: Console) -> None:
    """What came out first, then how: NetSuite, checks, lines, events, and both sides field by field."""
    _print_outcome(story, console)
    _print_netsuite(story, console)
    _print_events(story, console)
    _print_both_sides(story, console)


def _print_outcome(story: Story, console: Console) -> None:
    style = "bold red" if story.needs_a_person else "bold green"
    _say(
        console,
        f"{story.what.capitalize()} {story.order_number or '?'} (NetSuite id {story.order_id}): {story.outcome}",
        style,
    )
    for text in dict.fromkeys(text for text in (story.explanation, *story.problems) if text):
        _say(console, f"  {text}")
    for text in story.warnings:
        _say(console, f"  warning: {text}")
    for label, value in (
        ("due", story.due),
        ("NetSuite record", story.link_netsuite),
        ("HubSpot record", story.link_hubspot),
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
                    _in_words(event.details),
                )
                for event in story.events
            ),
        )


def _in_words(details: Mapping[str, Any]) -> str:
    """What an event tells; of a heal, each field with what HubSpot held and what was written over it."""
    told = [f"{name} {value}" for name, value in details.items() if value is not None and name != "fields"]
    told += [
        f"{label}: HubSpot held {one['before'] or 'nothing'}, NetSuite's {one['after'] or 'nothing'} was written over it"
        for label, one in details.get("fields", {}).items()
    ]
    return ", ".join(told)


def _print_both_sides(story: Story, console: Console) -> None:
    if story.fields:
        _table(
            console,
            "Field by field",
            ("field", "should be", "HubSpot holds", ""),
            (
                (one.label, one.wanted, one.held, MARKS[one.agrees])
                for one in story.fields
                if one.wanted or one.held
            ),
        )
    if story.line_items:
        _table(
            console,
            "HubSpot's line items, field by field",
            ("line", "line item id", "field", "should be", "HubSpot holds", ""),
            (row for one in story.line_items for row in _line_rows(one)),
        )
    if story.links:
        _table(
            console,
            "HubSpot's associations",
            ("with", "should be", "HubSpot holds", ""),
            ((one.label, one.wanted, ", ".join(one.held), MARKS[one.agrees]) for one in story.links),
        )
    if story.difference:
        _table(console, "What differs", ("what",), ((text,) for text in story.difference))
    if story.left:
        _table(console, "Edits in HubSpot that stay", ("what",), ((text,) for text in story.left))


def _line_rows(one: StoryLineItem) -> Iterator[tuple[str | None, ...]]:
    """A row a field that either side has; a line that one side lacks says so first."""
    names = (one.key or "no key", one.line_item_id or "none")
    if one.agrees is False and (
        one.line_item_id is None or all(field.wanted is None for field in one.fields)
    ):
        where = "missing in HubSpot" if one.line_item_id is None else "only in HubSpot"
        yield (*names, None, None, where, MARKS[False])
        names = ("", "")
    for field in one.fields:
        if field.wanted or field.held:
            yield (*names, field.label, field.wanted, field.held, MARKS[field.agrees])
            names = ("", "")


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(inert(text, _LONGEST_SENTENCE), style=style))


def _table(
    console: Console, title: str, columns: Sequence[str], records: Iterable[Sequence[str | None]]
) -> None:
    print_table(console, title, columns, records, right=_RIGHT, prose=_PROSE, longest=_LONGEST)
