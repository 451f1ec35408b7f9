"""Net sales by day, rep, company and store.

Belongs here: which group an order or return is in, and the sums of groups. Does not belong here: what counts (sales,
sales.net). Groups of one kind and view add up to the sums of the range, in rows and in minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.reconcile.sales.base_currency import base_currency, in_base, rates_of_sides
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.sales.dollars import NETSUITE_CUSTOMER
from ns_hs_orders.reconcile.sales.net_schema import NO_GROUP, GroupedBy, NetGroup, NetSales

_SOLD = ("sales_netsuite_minor", "sales_hubspot_minor")
_RETURNED = ("returned_netsuite_minor", "returned_hubspot_minor")
KINDS: tuple[GroupedBy, ...] = ("day", "rep", "company", "store")


def all_in(base: str) -> str:
    """Name of the view in which all currencies are together."""
    return f"all in {base}"


def net_groups(
    net: NetSales, orders: pd.DataFrame, definition: SalesDefinition, first: date, last: date
) -> tuple[NetGroup, ...]:
    """Groups by day in their order; by rep, company and store those with the largest net first, of each view; the base
    currency's view first.

    orders: ComparedOrders of the same range. An order's day is its order date, or its sales effective date where
    the definition goes by that; a return's day, rep, company and store are its own.
    """
    sold = _orders(orders, definition, first, last)
    returned = _returns(net.returns)
    views = [(code, code, sold, returned) for code in net.sums]
    if net.base is not None and len(net.sums) > 1:
        base = base_currency(definition, orders, net.returns)
        of_base = (_in_base(sold, orders, _SOLD, base), _in_base(returned, net.returns, _RETURNED, base))
        views.insert(0, (all_in(base), base, *of_base))
    return tuple(group for view in views for kind in KINDS for group in _groups(kind, *view))


@dataclass(frozen=True)
class _Side:
    """Orders or returns, column by column. keys: of each kind. ours, theirs: what counts on either side."""

    keys: dict[GroupedBy, Sequence[str | None]]
    company_names: Sequence[str | None]
    is_there: Sequence[bool]
    ours_in: Sequence[str | None]
    ours: Sequence[int | None]
    theirs_in: Sequence[str | None]
    theirs: Sequence[int | None]


def _orders(orders: pd.DataFrame, definition: SalesDefinition, first: date, last: date) -> _Side:
    days: list[date] = plain(orders["order_on"])
    if definition.date_basis == "sales_effective_date":
        effective = plain(orders["sales_on"])
        # what is effective outside the range counts nothing, and opens no day of its own
        days = [
            on if other is None or not first <= other <= last else other
            for on, other in zip(days, effective, strict=True)
        ]
    return _side(orders, days, "netsuite_minor", _SOLD)


def _returns(returns: pd.DataFrame) -> _Side:
    return _side(returns, plain(returns["return_on"]), "amount_minor", _RETURNED)


def _side(frame: pd.DataFrame, days: Sequence[date], whole: str, amounts: tuple[str, str]) -> _Side:
    return _Side(
        keys={
            "day": [on.isoformat() for on in days],
            "rep": plain(frame["rep_name"]),
            "company": plain(frame["company"]),
            "store": plain(frame["source_store"]),
        },
        company_names=plain(frame["customer_name"]),
        is_there=[amount is not None for amount in plain(frame[whole])],
        ours_in=plain(frame["currency"]),
        ours=plain(frame[amounts[0]]),
        theirs_in=plain(frame["currency_hubspot"]),
        theirs=plain(frame[amounts[1]]),
    )


def _in_base(side: _Side, frame: pd.DataFrame, amounts: tuple[str, str], base: str) -> _Side:
    ours_at, theirs_at = rates_of_sides(frame, base)
    ours = plain(in_base(frame[amounts[0]], frame["currency"], ours_at, base))
    theirs = plain(in_base(frame[amounts[1]], frame["currency_hubspot"], theirs_at, base))
    return replace(
        side,
        is_there=[there and minor is not None for there, minor in zip(side.is_there, ours, strict=True)],
        ours_in=[None if minor is None else base for minor in ours],
        ours=ours,
        theirs_in=[None if minor is None else base for minor in theirs],
        theirs=theirs,
    )


def _groups(kind: GroupedBy, view: str, currency: str, sold: _Side, returned: _Side) -> Iterator[NetGroup]:
    sums: dict[str, list[int]] = {}
    names: dict[str, set[str]] = {}
    for at, side in enumerate((sold, returned)):
        for key, name, there, ours_in, ours, theirs_in, theirs in _columns(kind, side):
            is_ours = ours_in == currency and there
            is_theirs = theirs_in == currency and theirs is not None
            if not (is_ours or is_theirs):
                continue
            group = sums.setdefault(key or "", [0] * 6)
            if is_ours:
                group[at] += 1
                group[2 + at] += ours or 0
            if is_theirs:
                group[4 + at] += theirs or 0
            if name:
                names.setdefault(key or "", set()).add(name)
    found = [
        NetGroup(kind, view, currency, key, _name(kind, key, names.get(key, ())), *values)
        for key, values in sums.items()
    ]
    if kind == "day":
        yield from sorted(found, key=lambda one: one.key)
    else:
        yield from sorted(found, key=lambda one: (-one.net_netsuite_minor, one.name, one.key))


def _columns(kind: GroupedBy, side: _Side) -> Iterable[tuple[Any, ...]]:
    return zip(
        side.keys[kind],
        side.company_names,
        side.is_there,
        side.ours_in,
        side.ours,
        side.theirs_in,
        side.theirs,
        strict=True,
    )


def _name(kind: GroupedBy, key: str, names: Iterable[str]) -> str:
    if not key:
        return NO_GROUP
    if kind != "company":
        return key
    return min(names, default=key.replace(NETSUITE_CUSTOMER, "NetSuite customer "))
