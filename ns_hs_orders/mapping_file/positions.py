"""Where each key and value of a TOML text stands, since Python's own parser does not tell.

Belongs here: walking a text that is known to be valid TOML, and the places found. Does not belong here: whether it is
valid, or its values (document.py).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Keys from the top of the text down; a number is a place in an array."""


class Place(NamedTuple):
    """Line and column of a character, both counted from 1; a tab is one column."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


FIRST = Place(1, 1)


@dataclass(frozen=True)
class Positions:
    """keys: of a key or table, where its name is first written. values: where its value begins."""

    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def of_key(self, path: Path) -> Place:
        """Where a key is; of one that is not written, where the nearest table around it is."""
        return self._nearest(self.keys, path)

    def of_value(self, path: Path) -> Place:
        """Where a value begins; of a table of its own, where its name is."""
        return self.values.get(path) or self._nearest(self.keys, path)

    def _nearest(self, places: dict[Path, Place], path: Path) -> Place:
        while path:
            if found := places.get(path) or self.values.get(path):
                return found
            path = path[:-1]
        return FIRST


def place_finder(text: str) -> Callable[[int], Place]:
    """Place of an offset in the text; lines end with a newline."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(offset: int) -> Place:
        line = bisect_right(starts, offset)
        return Place(line, offset - starts[line - 1] + 1)

    return place


def positions_of(text: str) -> Positions:
    """All places of a valid TOML text whose lines end with a newline alone."""
    return _Walk(text).whole()


class _Walk:
    """One pass over the text. It trusts it to be valid, and so looks only for where things end."""

    _BLANK = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
    _BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
    _BARE_VALUE = re.compile(r"[^,\]}\n#]*")
    _BASIC = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
    _LITERAL = re.compile(r"'[^']*'")
    _LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""{1,3}', re.DOTALL)
    _LONG_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*'''{1,3}", re.DOTALL)

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._place = place_finder(text)
        self._found = Positions()
        self._elements: dict[Path, int] = {}

    def whole(self) -> Positions:
        table: Path = ()
        self._blank()
        while self._at < len(self._text):
            if self._next("[["):
                table = self._table(is_element=True)
            elif self._next("["):
                table = self._table(is_element=False)
            else:
                self._pair(table)
            self._blank()
        return self._found

    def _table(self, *, is_element: bool) -> Path:
        path: Path = ()
        parts = self._key()
        for number, (name, place) in enumerate(parts):
            path = (*path, name)
            self._found.keys.setdefault(path, place)
            is_last = number == len(parts) - 1
            if is_last and is_element:
                self._elements[path] = self._elements.get(path, -1) + 1
                self._found.keys[(*path, self._elements[path])] = place
            elif is_last:
                # named by its own header rather than by that of a table within it
                self._found.keys[path] = place
            if path in self._elements:
                path = (*path, self._elements[path])
        self._next("]]" if is_element else "]")
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for name, place in self._key():
            path = (*path, name)
            self._found.keys.setdefault(path, place)
        self._next("=")
        self._blank()
        self._value(path)

    def _key(self) -> list[tuple[str, Place]]:
        """The parts of a dotted key, each with its place; leaves the text behind the last one's blanks."""
        parts = []
        while True:
            self._blank()
            place = self._place(self._at)
            if self._text[self._at] in "\"'":
                quoted = self._match(self._BASIC if self._text[self._at] == '"' else self._LITERAL)
                parts.append((str(tomllib.loads(f"key = {quoted}")["key"]), place))
            else:
                parts.append((self._match(self._BARE_KEY), place))
            self._blank()
            if not self._next("."):
                return parts

    def _value(self, path: Path) -> None:
        self._found.values[path] = self._place(self._at)
        if self._next("["):
            self._members("]", lambda number: self._value((*path, number)))
        elif self._next("{"):
            self._members("}", lambda _: self._pair(path))
        else:
            for opening, pattern in (
                ('"""', self._LONG_BASIC),
                ("'''", self._LONG_LITERAL),
                ('"', self._BASIC),
                ("'", self._LITERAL),
            ):
                if self._text.startswith(opening, self._at):
                    self._match(pattern)
                    return
            self._match(self._BARE_VALUE)

    def _members(self, closing: str, member: Callable[[int], None]) -> None:
        number = 0
        self._blank()
        while not self._next(closing):
            member(number)
            number += 1
            self._blank()
            self._next(",")
            self._blank()

    def _blank(self) -> None:
        self._match(self._BLANK)

    def _next(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"the text is no valid TOML at {self._place(self._at)}")
        self._at = found.end()
        return found[0]
