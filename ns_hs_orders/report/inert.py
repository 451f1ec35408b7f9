"""Text of an order as a terminal may show it.

Belongs here: taking out what a terminal would obey, and cutting what is long. Does not belong here: layout.
"""

from __future__ import annotations

import unicodedata

_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Controls, such as escape sequences; direction overrides; halves of surrogate pairs; line separators."""


def inert(text: str, longest: int) -> str:
    """One line of at most `longest` characters, without control characters."""
    text = text[: longest + 1]  # nobody reads the rest of a megabyte
    line = "".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
