"""A TOML file as its content and its places, or an error that names line and column.

Belongs here: reading bytes and syntax. Does not belong here: what the file may hold (entries.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.mapping_file.positions import FIRST, Place, Positions, place_finder, positions_of

LARGEST = 1_000_000
NOT_TOML = (".yaml", ".yml", ".json", ".json5", ".ini")
"""Endings of files that are surely meant as something else; an empty one would pass as an empty mapping file."""
DEEPEST = 50
_ALLOWED = (
    ("Cannot overwrite", "a key may stand once in its table"),
    ("Cannot declare", "a table may stand once: put its keys under the first one"),
    ("Cannot mutate", "a table in braces is whole: put its keys into the braces"),
    ("Duplicate inline table key", "a key may stand once in its table"),
    ("Expected '=' after a key", "a line is key = value, the key of letters, digits, _ and - or in quotes"),
    ("Expected newline", "one key = value a line, lines end with LF or CRLF"),
    ("Expected ']'", "a table is named as [orders.my_field]"),
    (
        "Illegal character '\\n'",
        "a text ends in the line in which it begins, with the quote that it begins with",
    ),
    ("Unterminated string", "a text ends with the quote that it begins with"),
    (
        "Invalid value",
        'a text stands in quotes, as "custbody_x"; true and false stand without, in small letters',
    ),
)
"""How Python's words begin, and what is allowed there."""
_ALLOWED_ANYWHERE = "a file has tables, as [orders.my_field], and under them lines of key = value"
_LONG_NUMBER = re.compile(r"[0-9_]{4300,}")


class Problem(NamedTuple):
    """What is wrong, and where."""

    place: Place
    text: str


@dataclass(frozen=True)
class Document:
    """The file's name, its content and where each part of it stands."""

    name: str
    content: dict[str, Any]
    positions: Positions


def read_file(path: FilePath) -> Document:
    """The document in a file. Raises ConfigError where it cannot be read, or is no TOML."""
    if path.suffix.lower() in NOT_TOML:
        raise ConfigError(
            f"The mapping file {path} is {path.suffix[1:].upper()} by its name, and only TOML is read. Write it as TOML, as "
            "`ns-hs-orders mapping --default` prints it, and name it mapping.toml, or in NS_HS_MAPPING_FILE."
        )
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"The mapping file {path} cannot be read: {error.strerror or error}. NS_HS_MAPPING_FILE names it."
        ) from error
    return read_document(raw, str(path))


def read_document(raw: bytes, name: str) -> Document:
    """The document in these bytes: UTF-8, with or without a byte order mark, lines ending in LF or CRLF.

    Raises ConfigError that names line and column of the first thing that is no TOML.
    """
    if len(raw) > LARGEST:
        raise refusal(name, [Problem(FIRST, f"the file is larger than {LARGEST:,} bytes")])
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace").replace("\r\n", "\n")
        problem = Problem(place_finder(before)(len(before)), "this is not UTF-8 text; save the file as UTF-8")
        raise refusal(name, [problem]) from None
    place = place_finder(text)
    try:
        content = tomllib.loads(text)
        return Document(name, content, positions_of(text))
    except tomllib.TOMLDecodeError as error:
        problem = _syntax_problem(str(error), place(len(text)))
    except RecursionError:
        problem = Problem(place(_deepest(text)), "brackets are nested too deep here")
    except ValueError:
        number = _LONG_NUMBER.search(text)
        problem = Problem(place(number.start() if number else 0), "this number is too long")
    raise refusal(name, [problem])


def refusal(name: str, problems: Iterable[Problem]) -> ConfigError:
    """All problems in one error, from the top of the file down."""
    lines = [f"{place}: {text}" for place, text in sorted(set(problems))]
    return ConfigError(f"The mapping file {name} is wrong:\n  " + "\n  ".join(lines))


def _syntax_problem(said: str, end: Place) -> Problem:
    """Python's parser tells the place at the end of its message."""
    what, _, where = said.rpartition(" (at ")
    found = re.fullmatch(r"line ([0-9]+), column ([0-9]+)\)", where)
    place = Place(int(found[1]), int(found[2])) if found else end
    words = what or said
    allowed = next((rule for begin, rule in _ALLOWED if words.startswith(begin)), _ALLOWED_ANYWHERE)
    return Problem(place, f"this is no valid TOML: {words}; {allowed}.")


def _deepest(text: str) -> int:
    """Offset of the first bracket within more than DEEPEST others, whatever stands in texts."""
    depth = 0
    for found in re.finditer(r"[\[{\]}]", text):
        depth = depth + 1 if found[0] in "[{" else max(0, depth - 1)
        if depth > DEEPEST:
            return found.start()
    return 0
