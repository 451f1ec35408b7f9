"""What a reconciliation reports of each order and day, as it is kept: the numbers that people have seen.

Belongs here: picking what is kept of a result. Does not belong here: keeping it (state.reported), or telling what
changed since (report.changes). Amounts are minor units of their currency.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from ns_hs_orders.columns import plain
from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.reconcile.result import by_day
from ns_hs_orders.reconcile.sales_definition import SalesDefinition
from ns_hs_orders.reconcile.schema import Reconciliation

_COLUMNS = (
    "order_id_netsuite", "order_on", "order_number", "finding", "currency", "netsuite_minor",
    "sales_netsuite_minor", "stage_netsuite", "rep_name", "cause",
)  # fmt: skip


def reported_orders(result: Reconciliation) -> list[ReportedOrder]:
    """Every order of the result, under its day."""
    version = str(result.definition.version)
    found = []
    for key, on, number, finding, currency, amount, sales, stage, rep, cause in zip(
        *(plain(result.orders[name]) for name in _COLUMNS), strict=True
    ):
        in_netsuite = finding != "only in HubSpot"
        found.append(
            ReportedOrder(
                order_id=key,
                order_on=on,
                order_number=number,
                in_netsuite=in_netsuite,
                currency=currency if in_netsuite else None,
                netsuite_minor=amount if in_netsuite else None,
                sales_minor=sales if in_netsuite else None,
                stage=stage if in_netsuite else None,
                rep_name=rep,
                standing=cause or "agrees",
                definition=version,
            )
        )
    return found


def reported_days(result: Reconciliation) -> list[ReportedDay]:
    """The sums of each day of the result, by currency; a day without any has one with no currency."""
    definition = definition_json(result.definition)
    found = []
    for on, of_day in by_day(result).items():
        missed = {total.currency for total in of_day.control if not total.agrees}
        for currency in sorted({*of_day.sales, *missed}) or [""]:
            sums, totals = of_day.sales.get(currency), of_day.currencies.get(currency)
            rest = sums.unexplained_minor if sums else 0
            found.append(
                ReportedDay(
                    order_on=on,
                    currency=currency,
                    sales_netsuite_minor=sums.sales_netsuite_minor if sums else 0,
                    sales_hubspot_minor=sums.sales_hubspot_minor if sums else 0,
                    unexplained_minor=rest or (totals.unexplained_minor if totals else 0),
                    counts_agree=currency not in missed,
                    definition=definition,
                )
            )
    return found


def definition_json(definition: SalesDefinition) -> str:
    """The definition of sales dollars as it is kept: its fields, and its sentence for people."""
    return json.dumps({**asdict(definition), "sentence": definition.sentence}, default=sorted, sort_keys=True)
