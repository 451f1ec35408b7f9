"""Figures as the texts that HubSpot keeps, and whether it keeps them.

Belongs here: property values and the buying note. Does not belong here: how figures are made (figures), or when they
are written (write).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date

from ns_hs_orders import money
from ns_hs_orders.reconcile.equality import day_of, equal
from ns_hs_orders.rollups.schema import (
    BUYING_AS_OF,
    BUYING_CURRENCY,
    BUYING_NOTE,
    FIGURES,
    LAST_ORDER_DATE,
    OPEN_ORDERS_AMOUNT,
    OPEN_ORDERS_COUNT,
    ORDERS_COUNT,
    RETURNS_RATE,
    SALES_12_MONTHS,
    SALES_TO_DATE,
    CompanyFigures,
    CurrencyFigures,
)


def properties_of(figures: CompanyFigures) -> dict[str, str]:
    """Property → text; "" empties it. All but the day of the figures."""
    currency = figures.currency

    def amount(minor: int | None) -> str:
        return "" if minor is None or not currency else money.plain(minor, currency)

    return {
        ORDERS_COUNT: str(figures.orders),
        SALES_TO_DATE: amount(figures.sales_minor),
        SALES_12_MONTHS: amount(figures.sales_12_months_minor),
        LAST_ORDER_DATE: figures.last_order_on.isoformat() if figures.last_order_on else "",
        OPEN_ORDERS_COUNT: str(figures.open_orders),
        OPEN_ORDERS_AMOUNT: amount(figures.open_minor),
        RETURNS_RATE: figures.returns_rate,
        BUYING_CURRENCY: currency,
        BUYING_NOTE: note_of(figures),
    }


def note_of(figures: CompanyFigures) -> str:
    """What the amounts alone do not say, in words; "" where they say all."""
    told = []
    if figures.by_currency and figures.currency:
        told.append(
            f"Orders in several currencies, each converted to {figures.currency} at its own exchange rate."
        )
    elif figures.by_currency:
        told.append(
            "Orders in several currencies, and no base currency is known to add them in (setting "
            "NS_HS_BASE_CURRENCY): the amounts stand here only."
        )
    told += [_in_words(one) for one in figures.by_currency]
    if figures.without_amount:
        told.append(f"In no amount, since theirs cannot be read: {_orders(figures.without_amount)}.")
    if figures.without_rate:
        told.append(f"In no amount, since they have no exchange rate: {_orders(figures.without_rate)}.")
    if figures.rate_lacks:
        told.append(_without_rate(figures))
    return " ".join(told)


def _without_rate(figures: CompanyFigures) -> str:
    count = figures.rate_lacks_of
    if figures.rate_lacks == "amount":
        return f"No returns rate, since their amounts cannot be read: {_returns(count)}."
    apart = "No returns rate: returns are in another currency than the orders, and "
    if figures.rate_lacks == "exchange rate":
        return f"{apart}of both together {count:,} in the 12 months {'has' if count == 1 else 'have'} no exchange rate."
    return f"{apart}no base currency is known to convert both to (setting NS_HS_BASE_CURRENCY)."


def fingerprint(wanted: Mapping[str, str]) -> str:
    """One digest of the figures, without their day."""
    known = {one.hubspot_property: wanted[one.hubspot_property] for one in FIGURES}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def holds(wanted: Mapping[str, str], held: Mapping[str, str | None]) -> bool:
    """Whether HubSpot's record says the same figures, whatever their day."""
    return all(
        _same(one.kind, wanted[one.hubspot_property], held.get(one.hubspot_property)) for one in FIGURES
    )


def as_of_held(held: Mapping[str, str | None]) -> date | None:
    """The day that HubSpot's record names, None where it names none."""
    return day_of(held.get(BUYING_AS_OF) or "")


def is_told(held: Mapping[str, str | None]) -> bool:
    """Whether the record has any figure of ours."""
    return any(held.get(one.hubspot_property) for one in FIGURES)


def _same(kind: str, wanted: str, held: str | None) -> bool:
    if kind == "long_text":
        # HubSpot may keep blanks in its own way
        return wanted.split() == (held or "").split()
    return equal(kind, wanted, held)  # type: ignore[arg-type]


def _in_words(one: CurrencyFigures) -> str:
    def shown(minor: int) -> str:
        return money.shown(minor, one.currency)

    return (
        f"{one.currency}: {_orders(one.orders)}, {shown(one.sales_minor)} to date, "
        f"{shown(one.sales_12_months_minor)} in 12 months, {_orders(one.open_orders)} open for {shown(one.open_minor)}."
    )


def _orders(count: int) -> str:
    return "1 order" if count == 1 else f"{count:,} orders"


def _returns(count: int) -> str:
    return "1 return" if count == 1 else f"{count:,} returns"
