"""Answers that are not what was done: rows left out, doubled, in another order, or refused in part.

Belongs here: changing the bytes of a request or an answer. Does not belong here: when (faults).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

_LISTS: Final = ("items", "results")
_REFUSAL: Final = "The sandbox refuses this input, as a fault wants it."


def emptied(answer: bytes) -> bytes:
    """The answer without its rows, and a count of none."""
    return _changed(answer, lambda _: [], counted=True)


def alter(kind: str, answer: bytes, random: Random) -> bytes:
    """The answer with its rows changed as the kind of ALTERED says; what holds no rows stays as it is."""
    change = ALTERED[kind]
    return _changed(answer, lambda rows: change(rows, random), counted=False)


def divide(body: bytes, random: Random) -> tuple[bytes | None, list[Any]]:
    """A batch request without some of its inputs, None where none is left, and those that were taken out."""
    content = json.loads(body)
    inputs = content["inputs"]
    out = set(random.sample(range(len(inputs)), max(1, len(inputs) // 3)))
    content["inputs"] = [one for at, one in enumerate(inputs) if at not in out]
    rest = json.dumps(content).encode() if content["inputs"] else None
    return rest, [inputs[at] for at in sorted(out)]


def refused(answer: bytes, left_out: list[Any]) -> bytes:
    """A batch answer with one error for each input that was left out, as a 207 has them."""
    content = json.loads(answer) if answer else {"status": "COMPLETE", "results": []}
    errors = [
        {
            "status": "error", "category": "VALIDATION_ERROR", "message": _REFUSAL, "context": _context(one),
            "errors": [], "links": {},
        }
        for one in left_out
    ]  # fmt: skip
    content["errors"] = [*content.get("errors", []), *errors]
    content["numErrors"] = len(content["errors"])
    return json.dumps(content).encode()


def _context(given: Mapping[str, Any]) -> dict[str, list[str]]:
    if given.get("objectWriteTraceId"):
        return {"objectWriteTraceId": [given["objectWriteTraceId"]]}
    if isinstance(given.get("from"), dict):
        ends = given["to"] if isinstance(given["to"], list) else [given["to"]]
        return {"fromObjectId": [given["from"]["id"]], "toObjectId": [one["id"] for one in ends]}
    return {"ids": [str(given.get("id"))]}


def _fewer(rows: list[Any], random: Random) -> list[Any]:
    out = set(random.sample(range(len(rows)), max(1, len(rows) // 3))) if rows else set()
    return [one for at, one in enumerate(rows) if at not in out]


def _duplicated(rows: list[Any], _random: Random) -> list[Any]:
    return [*rows, *rows]


def _unordered(rows: list[Any], random: Random) -> list[Any]:
    if len(rows) < 2:
        return rows
    turn = random.randrange(1, len(rows))
    return [*rows[turn:], *rows[:turn]]


ALTERED: Final[Mapping[str, Callable[[list[Any], Random], list[Any]]]] = {
    "fewer": _fewer,
    "duplicated": _duplicated,
    "unordered": _unordered,
}


def _changed(answer: bytes, change: Callable[[list[Any]], list[Any]], *, counted: bool) -> bytes:
    try:
        content = json.loads(answer)
    except ValueError:
        return answer
    if isinstance(content, dict):
        for name in _LISTS:
            if name in content:
                content[name] = change(content[name])
                if counted and "count" in content:
                    content["count"] = len(content[name])
    return json.dumps(content).encode()
