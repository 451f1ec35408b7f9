"""What is wrong with a setting, in words: its variable, the bad part, and a value that would be good.

Belongs here: sentences, good values, and reading the texts that hold a table, a list or pairs. Does not belong here: which
settings there are (settings.py), the form of their values (kinds.py), or what a stage makes of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LONGEST_SHOWN = 60

GOOD_VALUES: Mapping[str, str] = {
    "netsuite_account": "1234567_SB1",
    "netsuite_base_url": "https://proxy.example",
    "netsuite_time_zone": "America/Los_Angeles",
    "hubspot_portal_id": "12345678",
    "hubspot_base_url": "https://proxy.example",
    "hubspot_api_version": "2026-03",
    "hubspot_stage_ids": '{"billed": "123"}',
    "first_day": "2024-01-31",
    "subsidiaries": "1,3",
    "deal_key_property": "deal_number",
    "contact_by": "id,email,primary",
    "switched_off_properties": "hs_order_note,netsuite_partner",
    "heal_policy": "hs_order_note=keep,hubspot_owner_id=heal",
    "tracking_pages": '{"OnTrac": "https://www.ontrac.com/tracking/?number={number}"}',
    "stage_map": '{"G": "billed"}',
    "return_stage_map": '{"G": "refunded"}',
    "hubspot_return_stage_ids": '{"refunded": "123"}',
    "sales_stages_left_out": "cancelled,pending_approval",
    "base_currency": "USD",
    "adopt_key_property": "netsuite_order_id",
    "alert_stuck_amount": "10000",
    "alert_digest_at": "08:00",
    "dagster_url": "https://dagster.example",
}
"""Setting → a value that it can have. Others are flags and numbers, or columns of NetSuite."""
_COLUMN = "custbody_my_field"
_NUMBERS = ("int_parsing", "int_type", "int_from_float", "int_parsing_size")
_FLAGS = ("bool_parsing", "bool_type")


def good_value(name: str) -> str:
    """A value that the setting can have, "" where its kind tells."""
    return GOOD_VALUES.get(name) or (_COLUMN if name.endswith("_field") else "")


def sentence(variable: str, name: str, problem: Mapping[str, Any], *, is_secret: bool) -> str:
    """One error of pydantic in words. problem: of `ValidationError.errors()`. is_secret: the value is not shown."""
    value = "the value" if is_secret else shown(problem.get("input"))
    kind, context = str(problem["type"]), problem.get("ctx") or {}
    if kind == "value_error":
        what = str(context.get("error", problem["msg"]))
    elif kind == "literal_error":
        what = f"{value} is not {context['expected']}"
    elif kind in _NUMBERS:
        what = f"{value} is not a whole number"
    elif kind in _FLAGS:
        what = f"{value} is neither true nor false"
    elif kind == "greater_than_equal":
        what = f"{value} is below {context['ge']}"
    elif kind == "less_than_equal":
        what = f"{value} is above {context['le']}"
    elif kind.startswith("date_"):
        what = f"{value} is not a date"
    else:
        what = f"{value}: {problem['msg']}"
    good = good_value(name)
    example = f". A good value: {good}" if good and good not in what else ""
    return f"{variable}: {what}{example}"


def shown(value: object) -> str:
    """A value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def parts(text: str) -> list[str]:
    """The parts between commas, without blanks around them; each once, in their order."""
    found = (part.strip() for part in text.split(","))
    return list(dict.fromkeys(part for part in found if part))


def table(text: str) -> dict[str, str]:
    """A JSON object of texts. Raises ValueError that names the bad part and its place."""
    try:
        found = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        said = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read"
        raise ValueError(f"{shown(text)} is no JSON{where}: {said}") from None
    if not isinstance(found, _Pairs):
        raise ValueError(f"{shown(text)} is JSON, but not an object in braces")  # noqa: TRY004 - as other bad values
    names = [name for name, _ in found]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ValueError(f"{shown(twice[0])} stands in it twice")
    if wrong := [pair for pair in found if not isinstance(pair[1], str)]:
        name, value = wrong[0]
        raise ValueError(f"{shown(name)} is {_written(value)}, and not a text in quotes")
    return dict(found)


def pairs(text: str, allowed: Sequence[str]) -> dict[str, str]:
    """`name=word` by comma. Raises ValueError that names the first bad pair, or a name that stands twice."""
    found: dict[str, str] = {}
    form = f"must be pairs as hs_order_note=keep, by comma, each {', '.join(allowed)}"
    for part in (one for one in text.split(",") if one.strip()):
        name, _, word = (piece.strip() for piece in part.partition("="))
        if not name or word not in allowed:
            raise ValueError(f"{form}; {shown(part.strip())} is none")
        if found.setdefault(name, word) != word:
            raise ValueError(f"{name} is both {found[name]} and {word}")
    return found


def each_of(found: Iterable[str], allowed: Sequence[str]) -> None:
    """Raises ValueError that names the first that is not allowed."""
    for one in found:
        if one not in allowed:
            raise ValueError(f"{shown(one)} is none of {', '.join(allowed)}")


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that a name that stands twice is seen."""


def _written(value: object) -> str:
    if isinstance(value, _Pairs):
        return "an object"
    return shown(value) if not isinstance(value, list) else "a list"
