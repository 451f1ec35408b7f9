"""What a reconciliation reports of each order and day, as it is kept: the numbers that people have seen.

Belongs here: picking what is kept of a result. Does not belong here: keeping it (state.reported), or telling what
changed since (report.changes). Amounts are minor units of their currency.

Days are order dates, as the days of a reconciliation are. So is what counts on them, also where sales dollars go by
sales effective date: a day's number must not depend on which other days were reconciled with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.reconcile.bridge import OrderAmounts, amounts_alike, currency_sums
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.sales.dollars import with_sales
from ns_hs_orders.reconcile.sales.net import return_rests
from ns_hs_orders.reconcile.schema import ControlTotal, Reconciliation

_RETURN_COLUMNS = (
    "return_id_netsuite", "return_on", "return_number", "finding", "currency", "amount_minor",
    "returned_netsuite_minor", "stage", "rep_name", "cause",
)  # fmt: skip
_COLUMNS = (
    "order_id_netsuite", "order_on", "order_number", "finding", "currency", "netsuite_minor",
    "sales_netsuite_minor", "stage_netsuite", "rep_name", "cause", "outcome",
)  # fmt: skip


def reported(result: Reconciliation) -> tuple[list[ReportedOrder], list[ReportedDay]]:
    """Every order and return of the result under its day, and the sums of each of its days."""
    definition = replace(result.definition, date_basis="order_date")
    orders = result.orders
    if definition != result.definition:
        orders = with_sales(orders.copy(), definition, result.first, result.last)
    return [*_orders(orders, definition), *_returns(result, definition)], _days(result, orders, definition)


def _returns(result: Reconciliation, definition: SalesDefinition) -> list[ReportedOrder]:
    """Every return under its own day, its amounts below zero."""
    if result.net is None:
        return []
    found = []
    for row in rows(result.net.returns, _RETURN_COLUMNS):
        amount, counted = row["amount_minor"], row["returned_netsuite_minor"]
        is_there = row["finding"] != "only in HubSpot"
        found.append(
            ReportedOrder(
                row["return_id_netsuite"],
                row["return_on"],
                row["return_number"],
                is_there,
                row["currency"] if is_there else None,
                None if amount is None else -int(amount),
                None if counted is None else -int(counted),
                row["stage"],
                row["rep_name"],
                row["cause"] or "agrees",
                definition.version,
                is_return=True,
            )
        )
    return found


def _orders(orders: pd.DataFrame, definition: SalesDefinition) -> list[ReportedOrder]:
    version = definition.version
    found = []
    for key, on, number, finding, currency, amount, sales, stage, rep, cause, outcome in zip(
        *(plain(orders[name]) for name in _COLUMNS), strict=True
    ):
        if (finding, outcome) == ("agrees", "archived"):
            continue  # on neither side any more; its last report ends as vanished, with the number that it had
        standing = cause or "agrees"
        if finding == "only in HubSpot":
            found.append(
                ReportedOrder(key, on, number, False, None, None, None, None, rep, standing, version)
            )
        else:
            found.append(
                ReportedOrder(key, on, number, True, currency, amount, sales, stage, rep, standing, version)
            )
    return found


def _days(result: Reconciliation, orders: pd.DataFrame, definition: SalesDefinition) -> list[ReportedDay]:
    """One row a day and currency; a day without any has one with no currency."""
    sales = {
        side: orders.groupby(["order_on", code])[f"sales_{side}_minor"].sum().to_dict()
        for side, code in (("netsuite", "currency"), ("hubspot", "currency_hubspot"))
    }
    amounts: dict[date, list[OrderAmounts]] = defaultdict(list)
    for one in amounts_alike(orders):
        amounts[one.order_on].append(one)
    control: dict[date, list[ControlTotal]] = defaultdict(list)
    for total in result.control:
        control[total.order_on].append(total)
    returned, rests, missed_returns = _returned(result)
    found = []
    for n in range((result.last - result.first).days + 1):
        on = result.first + timedelta(days=n)
        sums = currency_sums(amounts[on], control[on])
        missed = {total.currency for total in control[on] if not total.agrees}
        missed |= {currency for day, currency in missed_returns if day == on}
        of_day = {
            currency for day, currency in (*returned["netsuite"], *returned["hubspot"], *rests) if day == on
        }
        found += [
            ReportedDay(
                order_on=on,
                currency=currency,
                sales_netsuite_minor=int(sales["netsuite"].get((on, currency), 0)),
                sales_hubspot_minor=int(sales["hubspot"].get((on, currency), 0)),
                unexplained_minor=_both(
                    sums[currency].unexplained_minor if currency in sums else 0, rests.get((on, currency), 0)
                ),
                counts_agree=currency not in missed,
                definition=definition.written(),
                returned_netsuite_minor=int(returned["netsuite"].get((on, currency), 0)),
                returned_hubspot_minor=int(returned["hubspot"].get((on, currency), 0)),
            )
            for currency in sorted({*sums, *missed, *of_day}) or [""]
        ]
    return found


def _both(of_orders: int, of_returns: int) -> int:
    """One rest for both: two that would cancel out are both there."""
    return abs(of_orders) + abs(of_returns) if of_orders and of_returns else of_orders + of_returns


def _returned(
    result: Reconciliation,
) -> tuple[Mapping[str, Mapping[Any, int]], Mapping[tuple[date, str], int], set[tuple[date, str]]]:
    """By day and currency: what was returned on either side, what no cause explains, and where counts do not agree."""
    net = result.net
    if net is None:
        return {"netsuite": {}, "hubspot": {}}, {}, set()
    sides = {
        side: net.returns.groupby(["return_on", code])[f"returned_{side}_minor"].sum().to_dict()
        for side, code in (("netsuite", "currency"), ("hubspot", "currency_hubspot"))
    }
    missed = {(one.return_on, one.currency) for one in net.control if not one.agrees}
    return sides, return_rests(net.returns, net.control), missed
