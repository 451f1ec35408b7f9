"""Text of an order as a terminal may show it.

Belongs here: taking out what a terminal would obey, and cutting what is long. Does not belong here: layout.
"""

from __future__ import annotations

import unicodedata


def inert(text: str, longest: int) -> str:
    """One line of at most `longest` characters, without control characters."""
    line = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
