"""Payment card numbers in free text: found, masked down to their last four digits, counted.

Belongs here: what counts as a card number. Does not belong here: which columns are masked (the field
map says so); ids, SKUs, tracking numbers and URL columns never come here.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SHORTEST, _LONGEST = 13, 19
# Quick look: most texts have no such run of digits and are done here.
_ENOUGH_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9]){12}")
_RUN = re.compile(r"[0-9]+(?:[ -][0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+|\bwww\.\S+", re.ASCII)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def mask_card_numbers(text: str) -> tuple[str, int]:
    """The text with card numbers reduced to their last four digits, and how many there were.

    A card number is 13 to 19 ASCII digits, single spaces or hyphens allowed between, that pass the
    Luhn test; digits beside it, such as an expiry date, do not hide it. Its other digits become `*`,
    its separators stay. URLs inside the text are left alone. Masking twice changes nothing.
    """
    if len(text) < _SHORTEST or _ENOUGH_DIGITS.search(text) is None:
        return text, 0
    urls = [match.span() for match in _URL.finditer(text)]
    pieces: list[str] = []
    done = masked = 0
    for run in _RUN.finditer(text):
        if any(start < run.end() and run.start() < end for start, end in urls):
            continue
        for start, end in _cards(run.group()):
            pieces += [text[done : run.start() + start], _masked(run.group()[start:end])]
            done = run.start() + end
            masked += 1
    return ("".join([*pieces, text[done:]]), masked) if masked else (text, 0)


@lru_cache(maxsize=4096)
def _cards(run: str) -> tuple[tuple[int, int], ...]:
    """Where the card numbers of a run of digit groups stand; overlapping finds are one."""
    groups = [match.span() for match in _GROUP.finditer(run)]
    found: list[tuple[int, int]] = []
    for first, (start, _) in enumerate(groups):
        digits = ""
        for left, right in groups[first:]:
            digits += run[left:right]
            if len(digits) > _LONGEST:
                break
            if len(digits) >= _SHORTEST and _passes_luhn(digits):
                if found and start < found[-1][1]:
                    found[-1] = (found[-1][0], max(right, found[-1][1]))
                else:
                    found.append((start, right))
    return tuple(found)


def _passes_luhn(digits: str) -> bool:
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def _masked(number: str) -> str:
    """All digits but the last four as asterisks."""
    kept = 4
    shown: list[str] = []
    for character in reversed(number):
        if character.isdigit():
            shown.append(character if kept > 0 else "*")
            kept -= 1
        else:
            shown.append(character)
    return "".join(reversed(shown))
