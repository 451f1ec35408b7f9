"""Kinds of values that settings have: read from their texts, and refused in words where they cannot be.

Belongs here: the form of a value. Does not belong here: which settings there are (systems.py, settings.py), the sentences
about what is wrong (texts.py), or whether what a value names is there (setup).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field import HealPolicy
from ns_hs_orders.money import parse_decimal
from ns_hs_orders.settings.texts import each_of, pairs, parts, shown, table

OFF = "off"
"""Switches off a setting that has a default; an empty variable counts as not set."""
Mode = Literal["sandbox", "live"]
ContactWay = Literal["id", "email", "primary"]


def _of_text(read: Callable[[str], Any]) -> BeforeValidator:
    """Reads what is a text; what Python code gives as its own value stays."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _matching(pattern: str, form: str) -> AfterValidator:
    """Without blanks around it, and refused where it does not match. form: what a good value is."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value.strip(), re.ASCII):
            raise ValueError(f"{shown(value)} is {form}")
        return value.strip()

    return AfterValidator(check)


def _set(text: str) -> frozenset[str]:
    return frozenset(part for part in parts(text) if part != "none")


def _ways(text: str) -> tuple[str, ...]:
    ways = [part for part in parts(text) if part != OFF]
    each_of(ways, get_args(ContactWay))
    return tuple(ways)


def _internal_ids(value: frozenset[str]) -> frozenset[str]:
    for one in sorted(value):
        if not (one.isascii() and one.isdigit()):
            raise ValueError(f"{shown(one)} is no internal id, which is a whole number")
    return value


def _https_or_loopback(value: str) -> str:
    if value:
        parts = urlsplit(value)
        if not parts.hostname or parts.port == 0:
            raise ValueError("must be scheme, host and path, as https://host")
        loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if parts.username is not None or not (
            parts.scheme == "https" or (parts.scheme == "http" and loopback)
        ):
            raise ValueError("must be https, or http on loopback, without credentials in it")
    return value.rstrip("/")


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is not a time zone, such as America/Los_Angeles") from error
    return value


def _without_password(value: str) -> str:
    # Dagster shows where the files are.
    if re.search(r"://[^/\s]*:[^/\s]*@", value):
        raise ValueError("must be without a password; give it by the storage's own variables or files")
    return value


def _possible_folder(value: Path) -> Path:
    try:
        value.expanduser().resolve()
    except (RuntimeError, ValueError, OSError) as error:
        raise ValueError("cannot be a folder") from error
    return value


def _apprise_urls(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text.strip(" ,\t\r\n") and not re.match(r"[\s,]*[A-Za-z][A-Za-z0-9+]*://", text):
        raise ValueError("must be apprise URLs, such as slack://… or mailto://…")
    return value


def _amount_or_off(value: str) -> str:
    if value.strip().lower() in ("", OFF):
        return OFF
    try:
        amount = parse_decimal(value.strip())
    except MoneyError as error:
        raise ValueError(f"{value!r} is not an amount, such as 10000, nor {OFF!r}") from error
    if amount < 0:
        raise ValueError(f"{value!r} is negative")
    return value.strip()


def _time_or_off(value: str) -> str:
    if value.strip().lower() in ("", OFF):
        return OFF
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value.strip()):
        raise ValueError(f"{value!r} is not a time, such as 08:00, nor {OFF!r}")
    return value.strip()


def _column(value: str) -> str:
    if value and not (value.isascii() and value.isidentifier()):
        raise ValueError(f"{shown(value)} is not a NetSuite column name")
    return value.lower()


TextSet = Annotated[frozenset[str], NoDecode, _of_text(_set)]
InternalIds = Annotated[frozenset[str], NoDecode, _of_text(_set), AfterValidator(_internal_ids)]
TextTable = Annotated[dict[str, str], NoDecode, _of_text(table)]
Ways = Annotated[tuple[ContactWay, ...], NoDecode, _of_text(_ways)]
Policies = Annotated[
    dict[str, HealPolicy], NoDecode, _of_text(lambda text: pairs(text, get_args(HealPolicy)))
]

# A part of the address that credentials are sent to.
AccountId = Annotated[
    str, _matching(r"([A-Za-z0-9]+([_-][A-Za-z0-9]+)*)?", "no account id, such as 1234567 or 1234567_SB1")
]
PortalId = Annotated[str, _matching(r"[0-9]*", "no portal id, which is a whole number")]
DatedVersion = Annotated[str, _matching(r"[0-9]{4}-[0-9]{2}", "no version by year and month")]
CurrencyCode = Annotated[str, _matching(r"([A-Z]{3})?", "no currency's code of three capital letters")]
PropertyName = Annotated[
    str,
    _matching(r"[a-z0-9_]*", "no internal name of a HubSpot property: small letters, digits and underscores"),
]
ColumnName = Annotated[str, AfterValidator(_column)]
SafeUrl = Annotated[str, AfterValidator(_https_or_loopback)]
UrlWithoutPassword = Annotated[str, AfterValidator(_without_password)]
AlertUrls = Annotated[SecretStr, AfterValidator(_apprise_urls)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Folder = Annotated[Path, AfterValidator(_possible_folder)]
AmountOrOff = Annotated[str, AfterValidator(_amount_or_off)]
TimeOrOff = Annotated[str, AfterValidator(_time_or_off)]
