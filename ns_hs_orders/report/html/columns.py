"""Columns of many rows, small in JSON: what repeats is written once.

Belongs here: the three forms that report.js reads. Does not belong here: which columns there are (data).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ns_hs_orders.report.inert import inert

LONGEST = 500
"""Characters of one text; a note of 60,000 characters belongs in the system that holds it."""


def texts(values: Sequence[str | None]) -> dict[str, Any]:
    """Text of any origin: `{"texts": […], "at": […]}` where it repeats (-1: empty), else `{"values": […]}`."""
    distinct = {value: inert(value, LONGEST) for value in dict.fromkeys(values) if value is not None}
    if 2 * len(distinct) > len(values):
        return {"values": [None if value is None else distinct[value] for value in values]}
    places = {value: at for at, value in enumerate(distinct)}
    return {
        "texts": list(distinct.values()),
        "at": [-1 if value is None else places[value] for value in values],
    }


def addresses(values: Sequence[str | None]) -> dict[str, Any]:
    """Addresses, the part that all have in common written once: `{"prefix": "https://…", "values": […]}`."""
    known = [value for value in values if value is not None]
    same = _same_characters(min(known, default=""), max(known, default=""))
    return {
        "prefix": min(known, default="")[:same],
        "values": [None if value is None else value[same:] for value in values],
    }


def _same_characters(one: str, other: str) -> int:
    """How many characters both begin with; of the first and last in order, it is what all between begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(one), len(other)))


def amounts(values: Iterable[int | None]) -> dict[str, Any]:
    """Minor units as text, since a browser's numbers are floats."""
    return {"values": [None if value is None else str(int(value)) for value in values]}


def counts(values: Iterable[int]) -> dict[str, Any]:
    """Small whole numbers."""
    return {"values": [int(value) for value in values]}
