"""Which orders a step of a bridge opens to: those of its cause, or those that the definition leaves out.

Belongs here: choosing them, by the rules that the sums were made by. Does not belong here: the sums (reconcile.sales),
or how the orders are written (data).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ns_hs_orders.reconcile.sales.dollars import (
    NOT_SALES_CLOSED,
    NOT_SALES_DATE,
    NOT_SALES_SHIPPING,
    NOT_SALES_STAGE,
    NOT_SALES_TAX,
)
from ns_hs_orders.reconcile.schema import Reconciliation

Row = Mapping[str, Any]
MOST_LEFT_OUT = 500
"""Orders listed of one part that the definition leaves out: without tax, that would be every order."""


def candidates(result: Reconciliation) -> pd.DataFrame:
    """The orders of which any may be listed: most agree and count in full, and are not looked at one by one."""
    orders, definition = result.orders, result.definition
    may_be = orders["cause"].notna() | orders["stage_netsuite"].isin(definition.left_out)
    may_be |= orders["order_id_netsuite"].isin(result.differences["order_id_netsuite"])
    if definition.date_basis == "sales_effective_date":
        may_be |= orders["sales_on"].notna()
    for is_sales, part in (
        (definition.with_tax, "tax_netsuite_minor"),
        (definition.with_shipping, "shipping_netsuite_minor"),
        (not definition.less_closed, "closed_netsuite_minor"),
    ):
        if not is_sales:
            may_be |= orders[part].fillna(0) != 0
    return orders[may_be]


def steps(differing: Sequence[Row], result: Reconciliation) -> dict[str, dict[str, list[int]]]:
    """Currency → cause → places of the orders that a step opens to; "" stands for the base currency's bridge."""
    base = result.base.currency if result.base else ""
    found: dict[str, dict[str, list[int]]] = {}
    for at, row in enumerate(differing):
        ours = row["currency"] if row["sales_netsuite_minor"] is not None else None
        theirs = row["currency_hubspot"] if row["sales_hubspot_minor"] is not None else None
        has_rate = row["exchange_rate"] is not None
        is_converted = (ours is not None and (has_rate or ours == base)) or (
            theirs is not None and (theirs == base or (has_rate and theirs == row["currency"]))
        )
        opened = {code for code in (ours, theirs, "" if is_converted else None) if code is not None}
        for currency in opened:
            found.setdefault(currency, {}).setdefault(row["cause"], []).append(at)
    return found


def left_out(result: Reconciliation, of: Sequence[Row]) -> dict[str, dict[str, list[tuple[Row, int]]]]:
    """Currency → part that the definition leaves out → its orders, largest part first, and what is left out of each."""
    found: dict[str, dict[str, list[tuple[Row, int]]]] = {}
    for row in of:
        for name, amount in _parts_left_out(result, row):
            for currency in (row["currency"], ""):
                found.setdefault(currency, {}).setdefault(name, []).append((row, amount))
    return {
        currency: {name: sorted(step, key=lambda one: -abs(one[1])) for name, step in steps_of.items()}
        for currency, steps_of in found.items()
    }


def _parts_left_out(result: Reconciliation, row: Row) -> Iterator[tuple[str, int]]:
    """What the definition leaves out of one order's total, by name; amounts are negative."""
    definition = result.definition
    if row["netsuite_minor"] is None or row["currency"] is None:
        return
    on = row["sales_on"] if definition.date_basis == "sales_effective_date" else None
    if row["stage_netsuite"] in definition.left_out:
        yield NOT_SALES_STAGE, -int(row["netsuite_minor"])
    elif on is not None and not result.first <= on <= result.last:
        yield NOT_SALES_DATE, -int(row["netsuite_minor"])
    else:
        for name, is_sales, part in (
            (NOT_SALES_TAX, definition.with_tax, "tax_netsuite_minor"),
            (NOT_SALES_SHIPPING, definition.with_shipping, "shipping_netsuite_minor"),
            (NOT_SALES_CLOSED, not definition.less_closed, "closed_netsuite_minor"),
        ):
            if not is_sales and row[part]:
                yield name, -int(row[part])
