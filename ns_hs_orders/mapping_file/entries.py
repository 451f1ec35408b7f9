"""A mapping file as entries, one a field, each value of the right kind and with its place.

Belongs here: sections, keys and kinds of values. Does not belong here: TOML (document.py), or what an entry does to the
field map (in_force.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ns_hs_orders.mapping_file.document import Document, Problem
from ns_hs_orders.mapping_file.positions import Place, Positions
from ns_hs_orders.mapping_file.vocabulary import HEAL_POLICIES, KEYS, SECTIONS, TYPES, UNREADABLE

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_FLAGS = frozenset({"optional", "create", "off"})
LONGEST_TEXT = 1000
LONGEST_LABEL = 250
"""Labels head forms in HubSpot and tables in reports."""
_WORDS = {"heal": HEAL_POLICIES, "type": tuple(TYPES), "unreadable": UNREADABLE}
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Entry:
    """One table of the file, as `[orders.memo]`. values: those of the right kind only, by key.

    wrong: keys that stand there with a value of another kind. is_named: whether its name can be a field's; what else is
    wrong with one that is not is told all the same.
    """

    section: str
    name: str
    values: dict[str, Any]
    positions: Positions
    wrong: set[str] = field(default_factory=set)
    is_named: bool = True

    def place(self, *path: str | int) -> Place:
        """Where the field, or a value of it, stands."""
        return self.positions.of_value((self.section, self.name, *path))

    def problem(self, text: str, *path: str | int) -> Problem:
        """What is wrong with the field, or with a value of it."""
        return Problem(self.place(*path), f"{self.header}: {text}")

    @property
    def written_name(self) -> str:
        """The name as the file writes it: one that can be no field's stands in quotes."""
        return self.name if self.is_named else json.dumps(self.name)

    @property
    def header(self) -> str:
        """The head of its table."""
        return f"[{self.section}.{self.written_name}]"

    @property
    def is_off(self) -> bool:
        """Whether the field is not written."""
        return self.values.get("off") is True


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean x?`, or nothing."""
    found = get_close_matches(word.lower(), list(known), n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(found)}?" if found else "."


def shown(value: object) -> str:
    """A value of the file for a message, cut where it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return repr(value)[:80]
    return f"an empty {_kind(value)}" if value in ([], {}) else f"a {_kind(value)}"


def entries_of(document: Document) -> tuple[list[Entry], list[Problem]]:
    """The entries of a file, and everything that is wrong with their form."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    positions = document.positions
    for section, tables in document.content.items():
        if section not in SECTIONS:
            known, _, name = section.partition(".")
            hint = (
                f"; write [{known}.{name}] without quotes around both." if name and known in SECTIONS else ""
            )
            problems.append(
                Problem(
                    positions.of_key((section,)),
                    f"there is no section {shown(section)}{hint or near(section, SECTIONS)} Sections: "
                    f"{', '.join(SECTIONS)}.",
                )
            )
        elif not isinstance(tables, dict):
            problems.append(
                Problem(
                    positions.of_value((section,)),
                    f"{section} is a {_kind(tables)}; fields are tables, as [{section}.my_field].",
                )
            )
        else:
            for name, values in tables.items():
                entry = _entry(section, name, values, positions, problems)
                if entry is not None:
                    entries.append(entry)
    return entries, problems


def _entry(
    section: str, name: str, values: object, positions: Positions, problems: list[Problem]
) -> Entry | None:
    if not isinstance(values, dict):
        problems.append(
            Problem(
                positions.of_key((section, name)),
                f"{shown(name)} in {section} is a {_kind(values)}; a field is a table, as [{section}.my_field].",
            )
        )
        return None
    entry = Entry(section, name, {}, positions, is_named=bool(NAME.fullmatch(name)))
    if not entry.is_named:
        problems.append(
            Problem(
                positions.of_key((section, name)),
                f"{shown(name)} cannot be a field's name: small letters, digits and underscores, a letter first, at "
                "most 40.",
            )
        )
    for key, value in values.items():
        if key not in KEYS:
            problems.append(
                Problem(
                    positions.of_key((section, name, key)),
                    f"{entry.header}: there is no key {shown(key)}{near(key, KEYS)} Keys: {', '.join(KEYS)}.",
                )
            )
        elif wrong := _wrong(key, value):
            has_members = key in ("options", "transform")
            bad = _bad_members(value) if has_members else []
            what = f"{key} has {shown(bad[0])} in it" if bad else f"{key} is {shown(value)}"
            least = ", one at least" if has_members and value in ([], {}) else ""
            problems.append(entry.problem(f"{what}; {wrong}{least}.", key))
            entry.wrong.add(key)
        else:
            entry.values[key] = value
    return entry


def _wrong(key: str, value: object) -> str | None:
    """What the value should be, where it is something else."""
    if key in _FLAGS:
        return None if isinstance(value, bool) else "it must be true or false"
    if key == "options":
        return (
            None
            if _texts(value)
            else 'it must be a list of texts, as ["a", "b"], which HubSpot shows as they are'
        )
    if key == "transform":
        whole = _texts(value) or _text(value) or (isinstance(value, dict) and _texts(list(value.values())))
        return None if whole else "it must be a name, a list of names, or a table of texts"
    if key in _WORDS:
        return None if _text(value) else f"it must be one of {', '.join(_WORDS[key])}"
    if key == "label":
        is_label = _text(value) and len(str(value)) <= LONGEST_LABEL and not _CONTROL.search(str(value))
        return (
            None
            if is_label
            else f"it must be one line of at most {LONGEST_LABEL} characters that is not empty"
        )
    return (
        None if _text(value) else f"it must be a text of at most {LONGEST_TEXT} characters that is not empty"
    )


def _bad_members(value: object) -> list[object]:
    """The members of a list or table that are no texts."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in members if not _text(one)]


def _text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT and "\x00" not in value


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_text(one) for one in value)


def _kind(value: object) -> str:
    kinds = {dict: "table", list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return kinds.get(type(value), "date or time")
