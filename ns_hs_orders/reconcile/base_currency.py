"""NetSuite's base currency: which it is, and amounts converted into it, each once, at its own rate, half-up.

Belongs here: what conversions need. Does not belong here: which amounts are added up (sales, net_sales). Rates are
NetSuite's own decimal text, of the very order or return.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.money import exponent, parse_decimal, to_base_minor
from ns_hs_orders.reconcile.sales_definition import SalesDefinition


def base_currency(definition: SalesDefinition, *frames: pd.DataFrame) -> str:
    """ISO code of the base currency; "" where it is not known. frames: with `currency` and `exchange_rate`.

    Unknown where none is named and not exactly one currency has the exchange rate 1, and where another one than the
    named has it: then NetSuite's rates are to that.
    """
    ones = {code for frame in frames for code in _currencies_of_rate_one(frame)}
    base = definition.base_currency or (ones.pop() if len(ones) == 1 else "")
    return "" if ones - {base} else base


def rate_to(base: str, rate: str | None, code: str | None) -> str | None:
    """The rate of an amount in this currency; an amount in the base currency needs none."""
    return "1" if code == base else rate


def converted(
    values: Sequence[int | None], codes: Sequence[str | None], rates: Sequence[str | None], base: str
) -> list[int | None]:
    """The amounts in minor units of the base currency; None where amount, currency or rate is missing or unreadable."""
    return [
        None if minor is None or code is None or rate is None else _converted(int(minor), code, rate, base)
        for minor, code, rate in zip(values, codes, rates, strict=True)
    ]


def _converted(minor: int, code: str, rate: str, base: str) -> int | None:
    if rate == "1" and exponent(code) == exponent(base):
        return minor
    try:
        return to_base_minor(minor, code, rate, base)
    except MoneyError:
        return None


def _currencies_of_rate_one(frame: pd.DataFrame) -> set[str]:
    pairs = frame[["currency", "exchange_rate"]].dropna().drop_duplicates()
    return {str(code) for code, rate in pairs.itertuples(index=False) if _is_one(str(rate))}


def _is_one(rate: str) -> bool:
    try:
        return parse_decimal(rate) == 1
    except MoneyError:
        return False
