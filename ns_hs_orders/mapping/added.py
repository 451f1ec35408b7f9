"""Values of the fields that the mapping file adds: NetSuite's text through its transforms, strictly.

Belongs here: carrying each transform out, and what becomes of text that cannot be read. Does not belong here: which
transforms there are and what goes with what (mapping_file), or masking card numbers (extract).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field import Field, Reading
from ns_hs_orders.mapping.raw import read_day, read_time
from ns_hs_orders.mapping.schema import Problem

OTHERWISE = "*"
"""In a table of values: every value that is not in it."""

_YES_AND_NO = {"t": "true", "true": "true", "yes": "true", "f": "false", "false": "false", "no": "false"}


class AddedValues(NamedTuple):
    """One value a field, None where NetSuite says nothing. is_left_empty: whether one cannot be read and is let go."""

    values: tuple[Any, ...] = ()
    is_left_empty: bool = False


def added_values(
    fields: Sequence[Field],
    texts: Sequence[str | None],
    currency: str | None,
    of: str,
    problems: list[Problem],
) -> AddedValues:
    """The values of a row. of: what the row is, for sentences. A text that cannot be read becomes a problem, or is let
    go where its field says so. currency: of the order; amounts are left out where it is unknown.
    """
    values = []
    is_left_empty = False
    for field, text in zip(fields, texts, strict=True):
        value = None
        try:
            value = None if text is None else _value(field, text, currency)
        except (ValueError, OverflowError, MoneyError) as error:
            if field.reading and field.reading.hold:
                problems.append(
                    Problem(
                        "unreadable_field",
                        f"{field.label} ({field.source}) of {of}: {text[:40]!r} {error}."  # type: ignore[index]
                        if not isinstance(error, MoneyError)
                        else f"{field.label} ({field.source}) of {of}: {error}",
                    )
                )
            else:
                is_left_empty = True
        values.append(value)
    return AddedValues(tuple(values), is_left_empty)


def _value(field: Field, text: str, currency: str | None) -> Any:
    reading = field.reading or Reading(field.name)
    for step in reading.steps:
        if step == "money":
            return None if currency is None else money.to_minor(text.strip(), currency)
        if step in LAST:
            return LAST[step](text)
        text = TEXT[step](text)
    if not text:
        return None
    if reading.table:
        text = _looked_up(text, dict(reading.table))
    if field.options and text not in field.options:
        raise ValueError(f"is none of {', '.join(field.options[:10])}")
    return text


def _looked_up(text: str, table: Mapping[str, str]) -> str:
    found = table.get(text, table.get(OTHERWISE))
    if found is None:
        raise ValueError(f"is none of {', '.join(list(table)[:10])}")
    return found


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _decimal(text: str) -> str:
    return money.decimal_text(money.parse_decimal(text.strip()))


def _yes_no(text: str) -> str:
    found = _YES_AND_NO.get(text.strip().lower())
    if found is None:
        raise ValueError("is neither yes nor no")
    return found


def _url(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise ValueError("is no http or https address")
    return text.strip()


TEXT: Mapping[str, Callable[[str], str]] = {
    "text": str,
    "trim": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "first_line": _first_line,
    "one_line": lambda text: " ".join(text.split()),
    "digits_only": lambda text: "".join(one for one in text if one in "0123456789"),
    "list_name": str,
}
LAST: Mapping[str, Callable[[str], Any]] = {
    "id": lambda text: text.strip() or None,
    "url": _url,
    "date": read_day,
    "datetime": read_time,
    "decimal": _decimal,
    "yes_no": _yes_no,
}
