"""Money: exact decimals in, integer minor units out, and back to text.

Belongs here: parsing, formatting, rounding and converting amounts. Does not belong here: which
amounts make up an order (mapping) or how they are compared (reconcile). No float touches money.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from iso4217 import Currency

from ns_hs_orders.errors import MoneyError

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN = re.compile(r"(-?[0-9]{1,11})(?:\.([0-9]{1,4}))?")
"""The form of nearly all amounts: its digits are its minor units, well below the largest."""
_EXACT = Context(prec=200)
_REMEMBERED = 16_384  # the same few thousand amounts, rates and quantities come again and again
_MOST_DECIMALS = 60
_MOST_DIGITS = 20
LARGEST_MINOR = 10**15
"""Largest amount, either sign: 9,000 such orders still add up in 64 bits, and spreadsheets hold it exactly."""


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Number of decimals of an ISO 4217 currency (USD 2, JPY 0, KWD 3).

    Raises MoneyError `unknown_currency` for a code that ISO 4217 does not list or gives no decimals.
    """
    try:
        digits = Currency(currency).exponent
    except ValueError as error:
        raise MoneyError("unknown_currency", f"{currency!r} is not an ISO 4217 currency code.") from error
    if digits is None:
        raise MoneyError("unknown_currency", f"{currency!r} is not a currency that money is counted in.")
    return int(digits)


def parse_decimal(text: str) -> Decimal:
    """An API's decimal string as an exact Decimal: `10.50`, `.5`, `-.5`, `1E3`.

    Raises MoneyError `amount_not_a_number` for anything else, thousands separators included, and
    `amount_too_large` where no currency could hold it.
    """
    if not isinstance(text, str):
        raise MoneyError("amount_not_a_number", f"{_quoted(text)} is not a plain decimal number.")
    return _parsed(text)


@lru_cache(maxsize=_REMEMBERED)
def _parsed(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text) or len(text) > 60:
        raise MoneyError("amount_not_a_number", f"{_quoted(text)} is not a plain decimal number.")
    value = Decimal(text)
    if not value:
        return Decimal(0) if not -_MOST_DECIMALS <= value.adjusted() <= _MOST_DIGITS else value
    if value.adjusted() > _MOST_DIGITS:
        raise MoneyError("amount_too_large", f"{_quoted(text)} is larger than any amount that is stored.")
    if value.adjusted() < -_MOST_DECIMALS:
        raise MoneyError("amount_not_a_number", f"{_quoted(text)} has more decimals than are read.")
    return value


def _quoted(text: object) -> str:
    shown_text = repr(text)
    return shown_text if len(shown_text) <= 42 else f"{shown_text[:40]}…"


def decimal_to_minor(value: Decimal, currency: str) -> int:
    """An exact decimal amount in minor units of its currency.

    Raises MoneyError: `currency_exponent_violated` where it has more decimals than the currency,
    `unknown_currency`, or `amount_too_large` above LARGEST_MINOR.
    """
    scaled = value.scaleb(exponent(currency), _EXACT)
    minor = int(scaled)
    if scaled != minor:
        raise MoneyError(
            "currency_exponent_violated",
            f"{decimal_text(value)} {currency} has more decimals than the {exponent(currency)} of {currency}.",
        )
    if abs(minor) > LARGEST_MINOR:
        raise MoneyError(
            "amount_too_large",
            f"{decimal_text(value)} {currency} is larger than {shown(LARGEST_MINOR, currency)}, the largest amount "
            "that is stored.",
        )
    return minor


@lru_cache(maxsize=_REMEMBERED)
def to_minor(text: str, currency: str) -> int:
    """`parse_decimal` and `decimal_to_minor` in one; raises what they raise."""
    if isinstance(text, str) and (plain_text := _PLAIN.fullmatch(text)):
        whole, decimals = plain_text.groups("")
        missing = exponent(currency) - len(decimals)
        if missing >= 0:
            return int(whole + decimals + "0" * missing)
    return decimal_to_minor(parse_decimal(text), currency)


def nearest_minor(text: str, currency: str) -> int:
    """`to_minor`, rounded half-up where the amount has more decimals than its currency; raises what else it raises."""
    try:
        return to_minor(text, currency)
    except MoneyError as error:
        if error.reason != "currency_exponent_violated":
            raise
    return decimal_to_minor(half_up(parse_decimal(text), exponent(currency)), currency)


def from_minor(minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal amount. Raises MoneyError `unknown_currency`."""
    return Decimal(int(minor)).scaleb(-exponent(currency), _EXACT)


@lru_cache(maxsize=_REMEMBERED)
def plain(minor: int, currency: str) -> str:
    """Minor units as the plain decimal string that an API takes: `1234.50`, `-0.05`, `1000` for JPY."""
    return f"{from_minor(minor, currency):.{exponent(currency)}f}"


def shown(minor: int, currency: str) -> str:
    """Minor units for people: `1,234.50 USD`."""
    return f"{from_minor(minor, currency):,.{exponent(currency)}f} {currency}"


def half_up(value: Decimal, digits: int) -> Decimal:
    """Rounded half away from zero to `digits` decimals, as both systems round money."""
    return value.quantize(_unit(digits), rounding=ROUND_HALF_UP, context=_EXACT)


@lru_cache(maxsize=64)
def _unit(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


def decimal_text(value: Decimal) -> str:
    """A decimal with the decimals it has, never with an exponent, never minus zero."""
    return f"{value if value else abs(value):f}"


def add_up(values: Iterable[Decimal]) -> Decimal:
    """The exact sum of parsed decimals; no context rounds it."""
    total = Decimal(0)
    for value in values:
        total = _EXACT.add(total, value)
    return total


def add(one: Decimal, other: Decimal) -> Decimal:
    """The exact sum of two parsed decimals; no context rounds it."""
    return _EXACT.add(one, other)


def multiply(one: Decimal, other: Decimal) -> Decimal:
    """The exact product of two parsed decimals; no context rounds it."""
    return _EXACT.multiply(one, other)


def divide(dividend: Decimal, divisor: Decimal, digits: int) -> Decimal:
    """The quotient, rounded once, half-up, to `digits` decimals. The divisor must not be zero."""
    return half_up(_EXACT.divide(dividend, divisor), digits)


def to_base_minor(minor: int, currency: str, exchange_rate: str, base_currency: str) -> int:
    """One order's amount in the base currency at NetSuite's own rate, half-up, in minor units.

    Raises MoneyError as `parse_decimal` and `exponent` do.
    """
    amount = multiply(from_minor(minor, currency), parse_decimal(exchange_rate))
    return decimal_to_minor(half_up(amount, exponent(base_currency)), base_currency)
