"""What a property takes, and the form in which HubSpot keeps it.

Belongs here: one value against one definition. Does not belong: rules across properties (pipelines) and storage.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from ns_hs_orders.sandbox.hubspot.errors import ValueRefused, invalid_option
from ns_hs_orders.sandbox.hubspot.model.native_properties import Definition

MAX_STRING = 65_536
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY_MS = 86_400_000


class RefusedValueError(Exception):
    """Carries why one value was refused."""

    def __init__(self, refused: ValueRefused) -> None:
        super().__init__(refused.message)
        self.refused = refused


def stamp(at_ms: int) -> str:
    """HubSpot's form of a moment: ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


def plain_number(value: Decimal) -> str:
    """HubSpot's form of a number: no exponent, no trailing zeros; every digit kept."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def normalise(definition: Definition, value: str, options: frozenset[str] | None) -> str:
    """The value as HubSpot keeps it; `options` are the allowed ones, None where any goes.

    Raises:
        RefusedValueError: with HubSpot's code and message.
    """
    if "\x00" in value:
        _refuse(
            definition, "INVALID_STRING", f"{definition.name} holds a NUL character, which is not allowed."
        )
    return _BY_TYPE.get(definition.type, _string)(definition, value, options)


def _refuse(definition: Definition, code: str, message: str) -> None:
    raise RefusedValueError(ValueRefused(definition.name, code, message))


def _string(definition: Definition, value: str, _: frozenset[str] | None) -> str:
    if len(value) > MAX_STRING:
        _refuse(
            definition,
            "STRING_TOO_LONG",
            f"{definition.name} was {len(value)} characters long; at most {MAX_STRING} are allowed.",
        )
    if definition.email:
        value = value.strip().lower()
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            _refuse(definition, "INVALID_EMAIL", f"Email address {value} is invalid")
    return value


def _number(definition: Definition, value: str, _: frozenset[str] | None) -> str:
    if _NUMBER.fullmatch(value) is None:
        _refuse(definition, "INVALID_LONG", f"{value} was not a valid number.")
    number = Decimal(value)
    if definition.non_negative and number < 0:
        _refuse(definition, "NEGATIVE_VALUE", f"{definition.name} must not be negative, was {value}.")
    return plain_number(number)


def _date(definition: Definition, value: str, _: frozenset[str] | None) -> str:
    if _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            _refuse(definition, "INVALID_DATE", f"{value} was not a valid date.")
    moment = _moment(definition, value)
    if moment % _DAY_MS:
        at = stamp(moment)[11:-1]
        _refuse(definition, "INVALID_DATE", f"{value} is at {at} UTC, not midnight!")
    return stamp(moment)[:10]


def _datetime(definition: Definition, value: str, _: frozenset[str] | None) -> str:
    if _DATE.fullmatch(value):
        value += "T00:00:00Z"
    return stamp(_moment(definition, value))


def _moment(definition: Definition, value: str) -> int:
    """Milliseconds since 1970 from epoch milliseconds or ISO 8601 with a zone."""
    if _INTEGER.fullmatch(value):
        return int(value)
    try:
        moment = datetime.fromisoformat(value)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)  # a TypeError for a moment without a zone
    except (TypeError, ValueError, OverflowError):
        _refuse(definition, "INVALID_LONG", f"{value} was not a valid long.")
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _enumeration(definition: Definition, value: str, options: frozenset[str] | None) -> str:
    if options is None:
        return value
    values = value.split(";") if definition.field_type == "checkbox" else [value]
    for one in values:
        if one and one not in options:
            raise RefusedValueError(invalid_option(definition.name, one, sorted(options)))
    return value


def _bool(definition: Definition, value: str, _: frozenset[str] | None) -> str:
    lowered = value.lower()
    if lowered not in {"true", "false"}:
        raise RefusedValueError(invalid_option(definition.name, value, ["true", "false"]))
    return lowered


_BY_TYPE = {
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "enumeration": _enumeration,
    "bool": _bool,
}
