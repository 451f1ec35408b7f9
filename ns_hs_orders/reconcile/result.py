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

from ns_hs_orders.columns import checked, dtypes, plain, typed
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.reconcile.bridge import amounts_alike, currency_sums, red_days
from ns_hs_orders.reconcile.causes import DUPLICATES, EDITED, ONLY_IN_HUBSPOT
from ns_hs_orders.reconcile.compare import ORDER_DATE_LABEL
from ns_hs_orders.reconcile.compared import ComparedOrder
from ns_hs_orders.reconcile.history.edits import policy_of
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.read_back import Told
from ns_hs_orders.reconcile.returns.sides import FoundReturns
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.sales.dollars import SalesRules, base_sums, sales_sums, with_parts, with_sales
from ns_hs_orders.reconcile.sales.net import net_red_days, net_sales, with_returned
from ns_hs_orders.reconcile.sales.net_schema import NetSales
from ns_hs_orders.reconcile.schema import (
    ComparedOrders,
    ControlTotal,
    Differences,
    IntegrityFinding,
    Reconciliation,
    SalesSums,
)


def assemble(
    compared: Sequence[ComparedOrder],
    control: Sequence[ControlTotal],
    parts: Sequence[pd.DataFrame],
    rules: SalesRules,
    *,
    returns: FoundReturns | None = None,
    net_missing: str = "",
    integrity: tuple[IntegrityFinding, ...] = (),
    told: Mapping[str, Told] = MappingProxyType({}),
    mode: str,
    first: date,
    last: date,
    made_at: datetime,
    ticket: int,
) -> Reconciliation:
    """The frozen result over a range of order dates, both ends included.

    parts: as `sales.order_parts` gives them. returns: those dated in the range, None where net sales are not told.
    """
    orders = _orders_frame(compared, parts, rules, first, last)
    differences = _differences_frame(compared)
    of_orders = amounts_alike(orders)
    red = red_days(of_orders, control) | {on for on in days_named(differences) if first <= on <= last}
    sales = sales_sums(orders, control, rules.definition, first, last)
    net = None
    if returns is not None:
        net = _net_of(returns, orders, sales, control, rules.definition, first, last)
    if net is not None:
        red |= net_red_days(net.returns, net.control)
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
        red_days=tuple(sorted(red)),
        integrity=integrity,
        told=told,
        definition=rules.definition,
        sales=sales,
        base=base_of(net, orders, control, rules.definition, first, last),
        net=net,
        net_missing=net_missing,
    )


def _net_of(
    found: FoundReturns,
    orders: pd.DataFrame,
    sales: Mapping[str, SalesSums],
    control: Sequence[ControlTotal],
    definition: SalesDefinition,
    first: date,
    last: date,
) -> NetSales | None:
    """Net sales of these orders and returns; None where the definition does not have returns."""
    if not definition.less_returns:
        return None
    returns = with_returned(found.returns.copy(), definition)
    return net_sales(returns, found.control, found.held_in, orders, sales, control, definition, first, last)


def base_of(
    net: NetSales | None,
    orders: pd.DataFrame,
    control: Sequence[ControlTotal],
    definition: SalesDefinition,
    first: date,
    last: date,
) -> SalesSums | None:
    """Sales dollars in base currency, the same that net sales begin with."""
    if net is not None:
        return None if net.base is None else net.base.gross
    return base_sums(orders, control, definition, first, last)


def redefined(result: Reconciliation, definition: SalesDefinition) -> Reconciliation:
    """The same orders with their sales dollars by another definition, such as that of a number reported before.

    Raises ConfigError where that one is net of returns, and this result has none.
    """
    if definition.less_returns and result.net is None:
        raise ConfigError(
            f"{definition.version} is net of returns, and returns were not read. Set NS_HS_RETURNS, and reconcile again."
        )
    first, last = result.first, result.last
    orders = with_sales(result.orders.copy(), definition, first, last)
    sales = sales_sums(orders, result.control, definition, first, last)
    net = net_again(result.net, orders, sales, result.control, definition, first, last)
    return replace(
        result,
        orders=orders,
        definition=definition,
        sales=sales,
        base=base_of(net, orders, result.control, definition, first, last),
        net=net,
    )


def net_again(
    net: NetSales | None,
    orders: pd.DataFrame,
    sales: Mapping[str, SalesSums],
    control: Sequence[ControlTotal],
    definition: SalesDefinition,
    first: date,
    last: date,
) -> NetSales | None:
    """Net sales of the same returns with these orders; None where there were none."""
    if net is None:
        return None
    found = FoundReturns(net.returns, net.control, net.held_in)
    return _net_of(found, orders, sales, control, definition, first, last)


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
        sales = sales_sums(of_day, control, definition, on, on)
        net = net_again(_net_of_day(result.net, on), of_day, sales, control, definition, on, on)
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
            sales=sales,
            base=base_of(net, of_day, control, definition, on, on),
            net=net,
        )
    return days


def _net_of_day(net: NetSales | None, on: date) -> NetSales | None:
    """The returns of one day; its sums are made anew."""
    if net is None:
        return None
    days = plain(net.returns["return_on"])
    of_day = net.returns.iloc[[at for at, one in enumerate(days) if one == on]]
    control = tuple(one for one in net.control if one.return_on == on)
    return replace(net, returns=of_day.reset_index(drop=True), control=control)


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
    counts = orders["outcome"][~orders["cause"].isin((*DUPLICATES, ONLY_IN_HUBSPOT))].value_counts()
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
    types = dtypes(ComparedOrders)
    frame = pd.DataFrame({name: typed(values, types[name]) for name, values in columns.items()})
    frame = with_parts(frame, parts, [order.held_parts for order in compared], rules)
    frame = with_sales(frame, rules.definition, first, last)
    return checked(ComparedOrders, frame[list(types)])


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
    types = dtypes(Differences)
    columns = list(zip(*records, strict=True)) or [()] * len(types)
    frame = {name: typed(values, dtype) for (name, dtype), values in zip(types.items(), columns, strict=True)}
    return checked(Differences, pd.DataFrame(frame))
