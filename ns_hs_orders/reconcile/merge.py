"""Several reconciliations as one: a range that was run in parts.

Belongs here: cutting a range into parts that memory holds, joining parts whose days do not overlap. Does not
belong here: assembling one (result.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.lookups import CountedByNetSuite
from ns_hs_orders.reconcile.bridge import amounts_alike, currency_sums
from ns_hs_orders.reconcile.result import base_of, net_again, redefined
from ns_hs_orders.reconcile.sales.dollars import sales_sums, with_sales
from ns_hs_orders.reconcile.sales.net_schema import NetSales
from ns_hs_orders.reconcile.schema import Reconciliation

MOST_ORDERS = 25_000
"""Orders of a part, as long as it has more than one day."""


def day_runs(
    counted: Iterable[CountedByNetSuite], first: date, last: date, most: int = MOST_ORDERS
) -> list[tuple[date, date]]:
    """The days from first to last in runs of at most so many orders each, or of one day that has more.

    counted: NetSuite's own counts, by day and currency.
    """
    orders = Counter[date]()
    for one in counted:
        orders[one.order_on] += one.orders
    runs: list[tuple[date, date]] = []
    held = 0
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        held += orders[day]
        if runs and held <= most:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
            held = orders[day]
    return runs


def merge(parts: Sequence[Reconciliation]) -> Reconciliation:
    """One result over all parts, its sums made anew from their orders.

    An order that moved from one part's days to another's is in both, as it is in both reports.

    Raises ContractError for no parts, for parts whose days overlap, or that define sales dollars otherwise.
    """
    ordered = sorted(parts, key=lambda part: part.first)
    if not ordered:
        raise ContractError("There is no reconciliation to show.")
    for earlier, later in pairwise(ordered):
        if later.first <= earlier.last:
            raise ContractError(f"Two reconciliations cover {later.first}.")
    net_missing = next((part.net_missing for part in ordered if part.net_missing), "")
    if net_missing:  # then the whole has none either, and its parts are told alike
        ordered = [redefined(part, replace(part.definition, less_returns=False)) for part in ordered]
    if len({part.definition for part in ordered}) > 1:
        raise ContractError("Reconciliations by different definitions of sales dollars are not one.")
    if len(ordered) == 1:
        return ordered[0]
    first, last, definition = ordered[0].first, ordered[-1].last, ordered[0].definition
    orders = pd.concat([part.orders for part in ordered], ignore_index=True)
    if definition.date_basis != "order_date":
        orders = with_sales(orders, definition, first, last)
    control = tuple(total for part in ordered for total in part.control)
    sales = sales_sums(orders, control, definition, first, last)
    net = net_again(_joined([part.net for part in ordered]), orders, sales, control, definition, first, last)
    outcomes: dict[str, int] = {}
    for part in ordered:
        for outcome, count in part.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    return Reconciliation(
        mode=ordered[0].mode,
        first=first,
        last=last,
        made_at=max(part.made_at for part in ordered),
        ticket=min(part.ticket for part in ordered),
        outcomes=dict(sorted(outcomes.items())),
        currencies=currency_sums(amounts_alike(orders), control),
        unknown_amounts=tuple(unknown for part in ordered for unknown in part.unknown_amounts),
        control=control,
        orders=orders,
        differences=pd.concat([part.differences for part in ordered], ignore_index=True),
        red_days=tuple(sorted({day for part in ordered for day in part.red_days})),
        integrity=tuple(one for part in ordered for one in part.integrity),
        told={key: told for part in ordered for key, told in part.told.items()},
        definition=definition,
        sales=sales,
        base=base_of(net, orders, control, definition, first, last),
        net=net,
        net_missing=net_missing,
    )


def _joined(parts: Sequence[NetSales | None]) -> NetSales | None:
    """The returns of all parts; None where one has none. Their sums are made anew."""
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    # one that moved between two reads is in both parts
    returns = pd.concat([part.returns for part in found]).drop_duplicates("return_id_netsuite", keep="last")
    control = tuple(one for part in found for one in part.control)
    return replace(found[0], returns=returns.reset_index(drop=True), control=control)
