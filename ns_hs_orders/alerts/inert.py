"""Text of others made inert: no link, mention or markup in any of the programs that show a message.

Belongs here: neutralising by substitution, which holds in Markdown, HTML and chat dialects alike, while
escaping holds in one. Does not belong here: masking card numbers and secrets (done before anything is kept).
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
_MOST_READ = 10 * LONGEST
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_LOOKALIKES = str.maketrans(
    {
        "<": "‹",
        ">": "›",
        "[": "(",
        "]": ")",
        "`": "'",
        "*": "∗",
        "~": "∼",
        "|": "¦",
        "\\": "＼",
        "@": "＠",
        "&": "＆",
    }
)
_SCHEME = re.compile(r"(?<=[^\W\d]):(?=/|\w)")
_DOMAIN_DOT = re.compile(r"(?<=[\w-])\.(?=[^\W\d])")


def inert(text: str) -> str:
    """The text in one line, at most 300 characters, that every program shows as it stands.

    Also a bare `evil.example` is no link any more: its dots are lookalikes.
    """
    line = "".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in text[:_MOST_READ])
    line = " ".join(line.split()).translate(_LOOKALIKES)
    line = _DOMAIN_DOT.sub("․", _SCHEME.sub("：", line))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
