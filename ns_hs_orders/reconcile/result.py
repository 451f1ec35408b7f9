"""The result, put together: frames, sums, outcomes and red days; and its parts by day.

Belongs here: everything that follows from the compared orders and the control totals alone. Does not
belong here: reading or comparing (reconcile), or showing (report).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from ns_hs_orders.columns import typed
from ns_hs_orders.reconcile.bridge import amounts_alike, currency_sums, red_days
from ns_hs_orders.reconcile.causes import DUPLICATE, EDITED, ONLY_IN_HUBSPOT
from ns_hs_orders.reconcile.compare import ORDER_DATE_LABEL
from ns_hs_orders.reconcile.compared import ComparedOrder
from ns_hs_orders.reconcile.edits import policy_of
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.read_back import Told
from ns_hs_orders.reconcile.sales import SalesRules, base_sums, sales_sums, with_parts, with_sales
from ns_hs_orders.reconcile.sales_definition import SalesDefinition
from ns_hs_orders.reconcile.schema import (
    ComparedOrders,
    ControlTotal,
    Differences,
    IntegrityFinding,
    Reconciliation,
)


def assemble(
    compared: Sequence[ComparedOrder],
    control: Sequence[ControlTotal],
    parts: Sequence[pd.DataFrame],
    rules: SalesRules,
    *,
    integrity: tuple[IntegrityFinding, ...] = (),
    told: Mapping[str, Told] = MappingProxyType({}),
    mode: str,
    first: date,
    last: date,
    made_at: datetime,
    ticket: int,
) -> Reconciliation:
    """The frozen result over a range of order dates, both ends included. parts: as `sales.order_parts` gives them."""
    orders = _orders_frame(compared, parts, rules, first, last)
    differences = _differences_frame(compared)
    of_orders = amounts_alike(orders)
    named = {on for on in days_named(differences) if first <= on <= last}
    return Reconciliation(
        mode=mode,
        first=first,
        last=last,
        made_at=made_at,
        ticket=ticket,
        outcomes=_outcomes(orders),
        currencies=currency_sums(of_orders, control),
        unknown_amounts=tuple(order.unknown for order in compared if order.unknown is not None),
        control=tuple(control),
        orders=orders,
        differences=differences,
        red_days=tuple(sorted(red_days(of_orders, control) | named)),
        integrity=integrity,
        told=told,
        definition=rules.definition,
        sales=sales_sums(orders, control, rules.definition, first, last),
        base=base_sums(orders, control, rules.definition, first, last),
    )


def redefined(result: Reconciliation, definition: SalesDefinition) -> Reconciliation:
    """The same orders with their sales dollars by another definition, such as that of a number reported before."""
    first, last = result.first, result.last
    orders = with_sales(result.orders.copy(), definition, first, last)
    return replace(
        result,
        orders=orders,
        definition=definition,
        sales=sales_sums(orders, result.control, definition, first, last),
        base=base_sums(orders, result.control, definition, first, last),
    )


def by_day(result: Reconciliation) -> dict[date, Reconciliation]:
    """The same result cut into its days, each with its own sums; days without orders included."""
    orders = dict(iter(result.orders.groupby("order_on", sort=False)))
    differences = dict(iter(result.differences.groupby("order_on", sort=False)))
    days: dict[date, Reconciliation] = {}
    definition = result.definition
    for on in pd.date_range(result.first, result.last).date:
        of_day = orders.get(on, result.orders.iloc[:0])
        if definition.date_basis != "order_date":
            of_day = with_sales(of_day.copy(), definition, on, on)
        control = tuple(total for total in result.control if total.order_on == on)
        days[on] = replace(
            result,
            first=on,
            last=on,
            outcomes=_outcomes(of_day),
            currencies=currency_sums(amounts_alike(of_day), control),
            unknown_amounts=tuple(u for u in result.unknown_amounts if u.order_on == on),
            control=control,
            orders=of_day.reset_index(drop=True),
            differences=differences.get(on, result.differences.iloc[:0]).reset_index(drop=True),
            red_days=(on,) if on in result.red_days else (),
            integrity=tuple(one for one in result.integrity if one.order_on == on),
            sales=sales_sums(of_day, control, definition, on, on),
            base=base_sums(of_day, control, definition, on, on),
        )
    return days


def days_named(differences: pd.DataFrame) -> set[date]:
    """Every day that a differing order date names on either side: none of them is proven."""
    dates = differences[differences["field"] == ORDER_DATE_LABEL]
    texts = {text for row in rows(dates, ("netsuite", "hubspot")) for text in row.values() if text}
    return {on for text in texts if (on := _day(text)) is not None}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _outcomes(orders: pd.DataFrame) -> Mapping[str, int]:
    """Orders by outcome; what only HubSpot has and the sync never wrote is no order of ours to count."""
    counts = orders["outcome"][~orders["cause"].isin((DUPLICATE, ONLY_IN_HUBSPOT))].value_counts()
    return {str(outcome): int(count) for outcome, count in counts.sort_index().items()}


def _orders_frame(
    compared: Sequence[ComparedOrder],
    parts: Sequence[pd.DataFrame],
    rules: SalesRules,
    first: date,
    last: date,
) -> pd.DataFrame:
    verdicts = [order.verdict for order in compared]
    columns: dict[str, Sequence[Any]] = {
        "order_id_netsuite": [order.key for order in compared],
        "order_number": [order.order_number for order in compared],
        "order_on": [order.order_on for order in compared],
        "customer_name": [order.customer_name for order in compared],
        "rep_name": [order.rep_name for order in compared],
        "outcome": [verdict.outcome for verdict in verdicts],
        "reason": [verdict.reason for verdict in verdicts],
        "explanation": [verdict.explanation for verdict in verdicts],
        "currency": [order.currency for order in compared],
        "netsuite_minor": [order.netsuite_minor for order in compared],
        "hubspot_minor": [order.hubspot_minor for order in compared],
        "currency_hubspot": [order.currency_hubspot for order in compared],
        "finding": [verdict.finding for verdict in verdicts],
        "cause": [verdict.cause for verdict in verdicts],
        "order_id_hubspot": [order.order_id_hubspot for order in compared],
        "changed_by": [order.changed_by for order in compared],
        "changed_at": [order.changed_at for order in compared],
    }
    empty = ComparedOrders.empty()
    frame = pd.DataFrame({name: typed(values, empty[name].dtype) for name, values in columns.items()})
    frame = with_parts(frame, parts, [order.held_parts for order in compared], rules)
    frame = with_sales(frame, rules.definition, first, last)
    checked: pd.DataFrame = ComparedOrders.validate(frame[list(empty.columns)], lazy=True)
    return checked


def _differences_frame(compared: Sequence[ComparedOrder]) -> pd.DataFrame:
    records = [
        (
            order.key,
            order.order_number,
            order.order_on,
            order.customer_name,
            order.rep_name,
            order.currency or order.currency_hubspot,
            difference.finding,
            difference.field,
            difference.hubspot_property,
            difference.netsuite,
            difference.hubspot,
            difference.difference_minor,
            EDITED if difference.is_reported else order.verdict.cause,
            policy_of(difference, order.verdict),
            difference.changed_by,
            difference.changed_at,
        )
        for order in compared
        for difference in order.found
    ]
    empty = Differences.empty()
    columns = list(zip(*records, strict=True)) or [()] * len(empty.columns)
    return _frame(empty, columns, Differences.validate)


def _frame(empty: pd.DataFrame, columns: Sequence[Sequence[Any]], validate: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {name: typed(values, empty[name].dtype) for name, values in zip(empty.columns, columns, strict=True)}
    )
    checked: pd.DataFrame = validate(frame, lazy=True)
    return checked
