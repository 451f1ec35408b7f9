"""What a reconciliation reports of each order and day, as it is kept: the numbers that people have seen.

Belongs here: picking what is kept of a result. Does not belong here: keeping it (state.reported), or telling what
changed since (report.changes). Amounts are minor units of their currency.

Days are order dates, as the days of a reconciliation are. So is what counts on them, also where sales dollars go by
sales effective date: a day's number must not depend on which other days were reconciled with it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.reconcile.bridge import OrderAmounts, amounts_alike, currency_sums
from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.reconcile.sales import with_sales
from ns_hs_orders.reconcile.sales_definition import SalesDefinition
from ns_hs_orders.reconcile.schema import ControlTotal, Reconciliation

_COLUMNS = (
    "order_id_netsuite", "order_on", "order_number", "finding", "currency", "netsuite_minor",
    "sales_netsuite_minor", "stage_netsuite", "rep_name", "cause", "outcome",
)  # fmt: skip


def reported(result: Reconciliation) -> tuple[list[ReportedOrder], list[ReportedDay]]:
    """Every order of the result under its day, and the sums of each of its days."""
    definition = replace(result.definition, date_basis="order_date")
    orders = result.orders
    if definition != result.definition:
        orders = with_sales(orders.copy(), definition, result.first, result.last)
    return _orders(orders, definition), _days(result, orders, definition)


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
    found = []
    for n in range((result.last - result.first).days + 1):
        on = result.first + timedelta(days=n)
        sums = currency_sums(amounts[on], control[on])
        missed = {total.currency for total in control[on] if not total.agrees}
        found += [
            ReportedDay(
                order_on=on,
                currency=currency,
                sales_netsuite_minor=int(sales["netsuite"].get((on, currency), 0)),
                sales_hubspot_minor=int(sales["hubspot"].get((on, currency), 0)),
                unexplained_minor=sums[currency].unexplained_minor if currency in sums else 0,
                counts_agree=currency not in missed,
                definition=definition.written(),
            )
            for currency in sorted({*sums, *missed}) or [""]
        ]
    return found
