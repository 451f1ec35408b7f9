"""NetSuite's base currency: which it is, and amounts converted into it, each once, at its own rate, half-up.

Belongs here: what conversions need. Does not belong here: which amounts are added up (sales, sales.net). Rates are
NetSuite's own decimal text, of the very order or return.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ns_hs_orders.columns import plain, typed
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.money import exponent, parse_decimal, to_base_minor
from ns_hs_orders.reconcile.sales.definition import SalesDefinition


def base_currency(definition: SalesDefinition, *frames: pd.DataFrame) -> str:
    """ISO code of the base currency; "" where it is not known. frames: with `currency` and `exchange_rate`.

    Unknown where none is named and not exactly one currency has the exchange rate 1, and where another one than the
    named has it: then NetSuite's rates are to that.
    """
    ones = {code for frame in frames for code in _currencies_of_rate_one(frame)}
    base = definition.base_currency or (ones.pop() if len(ones) == 1 else "")
    return "" if ones - {base} else base


def rates_of_sides(frame: pd.DataFrame, base: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Rates of NetSuite's amounts and of HubSpot's: 1 for one in the base currency.

    frame: with `exchange_rate`, `currency` and `currency_hubspot`. NetSuite's rate is of NetSuite's currency, and of no
    other that HubSpot may have.
    """
    rates, ours_in, theirs_in = frame["exchange_rate"], frame["currency"], frame["currency_hubspot"]
    is_known = ours_in.isna() | theirs_in.isna() | (ours_in == theirs_in)
    return _rates(rates, ours_in, base), _rates(rates.where(is_known.fillna(value=True)), theirs_in, base)


def in_base(minor: pd.Series[Any], codes: pd.Series[Any], rates: pd.Series[Any], base: str) -> pd.Series[Any]:
    """Amounts in the base currency; empty where the amount, its currency or its rate is unknown or unreadable."""
    alike = [code for code in {str(one) for one in codes.dropna().unique()} if _has_decimals_of(code, base)]
    is_same = (codes.isin(alike) & (rates == "1")).fillna(value=False)
    found = minor.where(is_same)
    others = np.flatnonzero((~is_same & minor.notna() & codes.notna() & rates.notna()).to_numpy())
    if len(others):
        rows = zip(*(plain(column.iloc[others]) for column in (minor, codes, rates)), strict=True)
        array = found.array
        array[others] = typed(
            [_converted(one, code, rate, base) for one, code, rate in rows], pd.Int64Dtype()
        )
        found = pd.Series(array, index=minor.index)
    return found


def _rates(rates: pd.Series[Any], codes: pd.Series[Any], base: str) -> pd.Series[Any]:
    return rates.mask((codes == base).fillna(value=False), "1")


def _has_decimals_of(code: str, base: str) -> bool:
    try:
        return exponent(code) == exponent(base)
    except MoneyError:
        return False


def _converted(minor: int, code: str, rate: str, base: str) -> int | None:
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
