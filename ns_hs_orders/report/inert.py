"""Text of an order as a terminal or a spreadsheet may show it.

Belongs here: taking out what either would obey, and cutting what is long. Does not belong here: layout.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Controls, such as escape sequences; direction overrides; halves of surrogate pairs; line separators."""
_NOT_IN_XML = "\ufffe\uffff"
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
"""How a text begins that some spreadsheet takes for a formula; some skip blanks first, some know the wide signs."""


def inert(text: str, longest: int) -> str:
    """One line of at most `longest` characters, without control characters."""
    text = text[: longest + 1]  # nobody reads the rest of a megabyte
    line = text if text.isprintable() else "".join(_seen(char) for char in text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def not_a_formula(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet that opens a CSV file would compute it."""
    return f"'{text}" if _FORMULA.match(text) else text


def _seen(char: str) -> str:
    return " " if unicodedata.category(char) in _INVISIBLE or char in _NOT_IN_XML else char
