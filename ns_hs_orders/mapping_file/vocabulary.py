"""The words that a mapping file may use: keys, types, transforms, and what goes with what.

Belongs here: names and their meaning, for checks and docs. Does not belong here: carrying a transform out (mapping), or
checking a file (entries.py, in_force.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from ns_hs_orders.fields.columns import LINE_JOINS, ORDER_JOINS
from ns_hs_orders.fields.field import HealPolicy, Kind

SECTIONS = ("orders", "lines", "returns")
JOINS: Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "orders": ORDER_JOINS,
    "lines": LINE_JOINS,
    "returns": ORDER_JOINS,
}
"""Section → first part of a path → alias and joins."""

TABLES: Mapping[str, tuple[str, str]] = {
    "orders": ("t", "transaction"),
    "lines": ("tl", "transactionline"),
    "returns": ("t", "transaction"),
}
"""Section → alias and name of the table that a column without a path is of."""

KEYS: dict[str, str] = {
    "netsuite": "The column of NetSuite: `custbody_x`, or a path over a join: `entity.custentity_x`.",
    "transform": 'A transform, a list of them, or a table of values: `{A = "Alpha", "*" = "Other"}`.',
    "hubspot": "Internal name of the HubSpot property. Left out: `netsuite_` and the field's name.",
    "type": "Type of the value. Left out: the one that goes with the transform.",
    "label": "What HubSpot and the reports call the field.",
    "group": "Property group in which `setup` makes the property. Left out: the one that goes with its kind.",
    "description": "What HubSpot shows beside the property.",
    "heal": "What becomes of an edit in HubSpot: `heal`, `keep` or `report`. Left out: `heal`.",
    "options": "Values of an enumeration that `setup` makes. A table of values brings its own.",
    "optional": "`true`: where NetSuite has no such column, the field is left out with a warning, and nothing stops.",
    "unreadable": "An order with a value that cannot be read is held back (`hold`, the default), or sent with the field "
    "empty and a warning (`empty`).",
    "create": "`false`: `setup` never makes the property; it must be there.",
    "off": "`true`: the field is not written.",
}
"""Key of a field → its meaning."""

HEAL_POLICIES: tuple[HealPolicy, ...] = ("heal", "keep", "report")
UNREADABLE = ("hold", "empty")

OF_ADDED_FIELDS = ("options", "optional", "unreadable")

TYPES: dict[Kind, str] = {
    "text": "One line of text.",
    "long_text": "Text of several lines.",
    "decimal": "A number, exactly as NetSuite has it.",
    "money": "An amount in the order's currency, exact to the minor unit; compared, but in no sum of the reports.",
    "date": "A date.",
    "datetime": "A moment, in UTC.",
    "boolean": "Yes or no.",
    "enumeration": "One of a list of values.",
    "url": "An address, which HubSpot shows as a link.",
}
"""Type → its meaning."""

TEXT_STEPS: dict[str, str] = {
    "text": "As it is.",
    "trim": "Without blanks at both ends.",
    "upper": "In capital letters.",
    "lower": "In small letters.",
    "first_line": "Its first line that is not empty.",
    "one_line": "All lines joined by one blank.",
    "digits_only": "Its digits alone.",
    "list_name": "The name of the list value or record that the column points to (`BUILTIN.DF`); stands first.",
}
"""Transform of text into text → its meaning."""

LAST_STEPS: dict[str, tuple[Kind, str]] = {
    "id": ("text", "An id: as it is, and never masked as a card number."),
    "url": ("url", "An http or https address, never masked."),
    "date": ("date", "The date of a date column."),
    "datetime": ("datetime", "The moment of a date-time column, in UTC."),
    "decimal": ("decimal", "A number."),
    "money": ("money", "An amount in the order's currency."),
    "yes_no": ("boolean", "`T` or `F`, `true` or `false`, `yes` or `no`."),
}
"""Transform that stands last → the type that it makes, its meaning."""

ALONE = ("id", "url", "date", "datetime")
"""Transforms that stand alone: NetSuite renders the value, or it must stay as it is."""

UNMASKED = frozenset(ALONE)
"""Transforms whose columns hold no card numbers, so that nothing in them is masked."""

TRANSFORM_OF_TYPE: dict[Kind, str] = {
    "text": "text",
    "long_text": "text",
    "enumeration": "text",
    "decimal": "decimal",
    "money": "money",
    "date": "date",
    "datetime": "datetime",
    "boolean": "yes_no",
    "url": "url",
}
"""Type → the transform where none is named."""

TYPES_OF_TEXT: tuple[Kind, ...] = ("text", "long_text", "enumeration")
"""Types that text, and a table of values, may make."""


def possible_types(steps: tuple[str, ...], *, has_table: bool) -> tuple[Kind, ...]:
    """The types that transforms make, the one where none is named first."""
    if steps and steps[-1] in LAST_STEPS and not has_table:
        return (LAST_STEPS[steps[-1]][0],)
    return TYPES_OF_TEXT
