"""The tables that finance opens in a spreadsheet: their columns, and their rows as typed values.

Belongs here: which tables there are, what stands in each column, and in which order. Does not belong here:
how a table becomes a file (excel, csv_files), or any figure that the result does not hold.

An amount is whole minor units with its currency until it is written; no float is made of it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.risk import RiskRow
from ns_hs_orders.reconcile.sales.dollars import (
    NOT_SALES_CLOSED,
    NOT_SALES_DATE,
    NOT_SALES_SHIPPING,
    NOT_SALES_STAGE,
    NOT_SALES_TAX,
)
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, Reconciliation, next_step
from ns_hs_orders.report.net_figures import (
    ALL_RETURNS,
    NET_MEANINGS,
    all_bridges,
    all_net,
    groups_of,
    return_records,
)
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.sales_figures import OF_RETURNS, all_sums

Kind = Literal["text", "prose", "link", "money", "count", "date", "instant"]


class Money(NamedTuple):
    """An amount in minor units of its currency."""

    minor: int
    currency: str


Cell = str | Money | int | date | datetime | None


class Column(NamedTuple):
    """One column. name: in CSV files; title: for people. currency: the field that holds an amount's currency."""

    name: str
    title: str
    kind: Kind
    source: str
    currency: str = "currency"


@dataclass(frozen=True)
class Sheet:
    """One table. rows: makes its rows anew each time, one after the other."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[tuple[Cell, ...]]]


class BridgeRow(NamedTuple):
    """One bar of the waterfall. view: a currency, or all in base currency. kind: as in SalesStep."""

    view: str
    currency: str
    step: str
    kind: str
    orders: int | None
    amount_minor: int
    meaning: str


MEANINGS = {
    "NetSuite, all orders": "Every order of the range, at its total.",
    "sales in NetSuite": "Sales dollars in NetSuite, by the definition.",
    "sales in HubSpot": "Sales dollars in HubSpot, read back.",
    NOT_SALES_STAGE: "Orders in a stage that the definition leaves out.",
    NOT_SALES_DATE: "Orders whose sales effective date is outside the range.",
    NOT_SALES_TAX: "Tax, which the definition leaves out.",
    NOT_SALES_SHIPPING: "Shipping and handling, which the definition leaves out.",
    NOT_SALES_CLOSED: "What was closed and not billed, which the definition leaves out.",
    **CAUSES,
    **NET_MEANINGS,
}
"""Step of the bridge → what it is."""

ROWS_AT_ONCE = 5_000

_ORDER = Column("order", "Order", "text", "order_number")
_ORDER_ID = Column("order_id_netsuite", "NetSuite id", "text", "order_id_netsuite")
_ORDER_ON = Column("order_on", "Order date", "date", "order_on")
_CUSTOMER = Column("customer", "Customer", "text", "customer_name")
_OWNER = Column("owner", "Owner", "text", "rep_name")
_CURRENCY = Column("currency", "Currency", "text", "currency")
_FINDING = Column("finding", "Finding", "text", "finding")
_AGE = Column("age_days", "Age in days", "count", "age_days")
_CAUSE = Column("cause", "Cause", "text", "cause")
_NEXT_STEP = Column("next_step", "Next step", "prose", "next_step")
_LINKS = (
    Column("url_netsuite", "In NetSuite", "link", "url_netsuite"),
    Column("url_hubspot", "In HubSpot", "link", "url_hubspot"),
)
_CHANGED = (
    Column("changed_by", "Changed by", "text", "changed_by"),
    Column("changed_at", "Changed at (UTC)", "instant", "changed_at"),
)

BRIDGE_COLUMNS = (
    Column("view", "View", "text", "view"),
    _CURRENCY,
    Column("step", "Step", "text", "step"),
    Column("kind", "Kind", "text", "kind"),
    Column("orders", "Orders", "count", "orders"),
    Column("amount", "Amount", "money", "amount_minor"),
    Column("meaning", "Meaning", "prose", "meaning"),
    Column("definition", "Definition", "text", "definition"),
)

ORDER_COLUMNS = (
    _ORDER,
    _ORDER_ID,
    _ORDER_ON,
    Column("sales_on", "Sales effective date", "date", "sales_on"),
    _CUSTOMER,
    _OWNER,
    Column("stage_netsuite", "Stage in NetSuite", "text", "stage_netsuite"),
    Column("stage_hubspot", "Stage in HubSpot", "text", "stage_hubspot"),
    _CURRENCY,
    Column("total_netsuite", "Total in NetSuite", "money", "netsuite_minor"),
    Column("currency_hubspot", "Currency in HubSpot", "text", "currency_hubspot"),
    Column("total_hubspot", "Total in HubSpot", "money", "hubspot_minor", "currency_hubspot"),
    Column("sales_netsuite", "Sales in NetSuite", "money", "sales_netsuite_minor"),
    Column("sales_hubspot", "Sales in HubSpot", "money", "sales_hubspot_minor", "currency_hubspot"),
    Column("tax_netsuite", "Tax in NetSuite", "money", "tax_netsuite_minor"),
    Column("shipping_netsuite", "Shipping in NetSuite", "money", "shipping_netsuite_minor"),
    Column("closed_netsuite", "Closed unbilled in NetSuite", "money", "closed_netsuite_minor"),
    Column("exchange_rate", "Exchange rate", "text", "exchange_rate"),
    Column("outcome", "Outcome", "text", "outcome"),
    _FINDING,
    _CAUSE,
    Column("reason", "Reason", "text", "reason"),
    Column("explanation", "Explanation", "prose", "explanation"),
    _NEXT_STEP,
    *_CHANGED,
    Column("order_id_hubspot", "HubSpot id", "text", "order_id_hubspot"),
    *_LINKS,
)

NET_SALES_COLUMNS = (
    Column("by", "By", "text", "by"),
    Column("view", "View", "text", "view"),
    Column("name", "Name", "text", "name"),
    Column("key", "Key", "text", "key"),
    _CURRENCY,
    Column("orders", "Orders", "count", "orders"),
    Column("returns", "Returns", "count", "returns"),
    Column("gross_netsuite", "Gross in NetSuite", "money", "gross_netsuite_minor"),
    Column("returned_netsuite", "Returned in NetSuite", "money", "returned_netsuite_minor"),
    Column("net_netsuite", "Net in NetSuite", "money", "net_netsuite_minor"),
    Column("gross_hubspot", "Gross in HubSpot", "money", "gross_hubspot_minor"),
    Column("returned_hubspot", "Returned in HubSpot", "money", "returned_hubspot_minor"),
    Column("net_hubspot", "Net in HubSpot", "money", "net_hubspot_minor"),
    Column("definition", "Definition", "text", "definition"),
)

RETURN_COLUMNS = (
    Column("return", "Return", "text", "return_number"),
    Column("return_id_netsuite", "NetSuite id", "text", "return_id_netsuite"),
    Column("return_on", "Return date", "date", "return_on"),
    _CUSTOMER,
    _OWNER,
    Column("store", "Store", "text", "source_store"),
    Column("stage", "Stage", "text", "stage"),
    Column("its_order", "Its order", "text", "parent_order_number"),
    Column("its_order_on", "Date of its order", "date", "parent_order_on"),
    Column("without_order", "Why without an order", "prose", "without_order"),
    Column("name", "What it is", "text", "name"),
    _CURRENCY,
    Column("amount", "Whole amount", "money", "amount_minor"),
    Column("returned_netsuite", "Counts in NetSuite", "money", "returned_netsuite_minor"),
    Column("currency_hubspot", "Currency in HubSpot", "text", "currency_hubspot"),
    Column("returned_hubspot", "Counts in HubSpot", "money", "returned_hubspot_minor", "currency_hubspot"),
    Column("over_return", "Beyond its order's total", "money", "over_minor"),
    Column("exchange_rate", "Exchange rate", "text", "exchange_rate"),
    Column("outcome", "Outcome", "text", "outcome"),
    _FINDING,
    _CAUSE,
    Column("reason", "Reason", "text", "reason"),
    Column("explanation", "Explanation", "prose", "explanation"),
    _NEXT_STEP,
    Column("return_id_hubspot", "HubSpot id", "text", "return_id_hubspot"),
    *_LINKS,
)

DIFFERENCE_COLUMNS = (
    _ORDER,
    _ORDER_ID,
    _ORDER_ON,
    _CUSTOMER,
    _OWNER,
    _FINDING,
    Column("field", "Field", "text", "field"),
    Column("netsuite_says", "NetSuite says", "text", "netsuite"),
    Column("hubspot_says", "HubSpot says", "text", "hubspot"),
    _CURRENCY,
    Column("difference", "HubSpot minus NetSuite", "money", "difference_minor"),
    Column("total_netsuite", "Total in NetSuite", "money", "netsuite_minor", "currency_netsuite"),
    _AGE,
    _CAUSE,
    Column("policy", "Policy for edits", "text", "policy"),
    _NEXT_STEP,
    *_CHANGED,
    *_LINKS,
)

AT_RISK_COLUMNS = (
    _ORDER,
    _ORDER_ID,
    _ORDER_ON,
    _CUSTOMER,
    _OWNER,
    _CAUSE,
    _FINDING,
    _CURRENCY,
    Column("at_risk", "At risk", "money", "at_risk_minor"),
    Column("difference", "HubSpot minus NetSuite", "money", "difference_minor"),
    Column("first_seen_on", "First seen", "date", "first_seen_on"),
    Column("last_seen_on", "Last seen", "date", "last_seen_on"),
    _AGE,
    Column("weight", "At risk × days", "money", "weight"),
    Column("status", "Status", "text", "status"),
    Column("acknowledged_by", "Acknowledged by", "text", "acknowledged_by"),
    Column("acknowledged_because", "Because", "text", "acknowledged_because"),
    Column("acknowledged_until", "Until", "date", "acknowledged_until"),
    Column("explanation", "Explanation", "prose", "explanation"),
    _NEXT_STEP,
    *_LINKS,
)


def sheets(review: Review) -> tuple[Sheet, ...]:
    """The tables, in the order in which they are read; those of net sales only where returns are read."""
    result = review.result
    of_net = (
        Sheet("net sales", NET_SALES_COLUMNS, lambda: _net_sales(result)),
        Sheet("returns", RETURN_COLUMNS, lambda: _cells(RETURN_COLUMNS, return_records(result))),
    )
    return (
        Sheet("bridge", BRIDGE_COLUMNS, lambda: _bridge(result)),
        *(of_net if result.net is not None else ()),
        Sheet("at risk", AT_RISK_COLUMNS, lambda: _at_risk(review.risks)),
        Sheet("differences", DIFFERENCE_COLUMNS, lambda: _differences(review)),
        Sheet("orders", ORDER_COLUMNS, lambda: _orders(result)),
    )


def bridge_rows(result: Reconciliation) -> Iterator[BridgeRow]:
    """The bridge of sales dollars of each currency, then in base currency, from NetSuite to HubSpot; then returns and net."""
    without_rate = {view: sums.without_rate for view, sums in all_sums(result)}
    without_rate |= {f"{view}, returns": sums.returned.without_rate for view, sums in all_net(result)}
    for view, currency, steps in all_bridges(result):
        for step in steps:
            meaning = MEANINGS.get(step.name.removeprefix(OF_RETURNS), "")
            if step.kind == "rest":
                meaning = "No order accounts for it: this must not be here."
            elif step.name in ("NetSuite, all orders", ALL_RETURNS) and without_rate.get(view):
                meaning += f" Without an exchange rate, and in no sum here: {without_rate[view]:,}."
            yield BridgeRow(view, currency, step.name, step.kind, step.orders, step.amount_minor, meaning)


def net_sales_rows(result: Reconciliation) -> Iterator[dict[str, Any]]:
    """Each group of net sales as plain values, names as in NET_SALES_COLUMNS."""
    for one in groups_of(result):
        net = {"net_netsuite_minor": one.net_netsuite_minor, "net_hubspot_minor": one.net_hubspot_minor}
        yield {**asdict(one), **net, "definition": result.definition.version}


def _bridge(result: Reconciliation) -> Iterator[tuple[Cell, ...]]:
    version = {"definition": result.definition.version}
    return _cells(BRIDGE_COLUMNS, ({**row._asdict(), **version} for row in bridge_rows(result)))


def _net_sales(result: Reconciliation) -> Iterator[tuple[Cell, ...]]:
    return _cells(NET_SALES_COLUMNS, net_sales_rows(result))


def _orders(result: Reconciliation) -> Iterator[tuple[Cell, ...]]:
    names = [column.source for column in ORDER_COLUMNS if column is not _NEXT_STEP]
    orders = _in_parts(result.orders, names)
    return _cells(ORDER_COLUMNS, ({**one, "next_step": NEXT_STEPS.get(one["cause"])} for one in orders))


def _differences(review: Review) -> Iterator[tuple[Cell, ...]]:
    """Each with what its order adds: the amount, its age, and the links."""
    orders, differences = review.result.orders, review.result.differences
    ages = {(risk.order_id_netsuite, risk.order_on): risk.age_days for risk in review.risks}
    places = {key: place for place, key in enumerate(_keys(orders))}
    theirs = orders.iloc[[places[key] for key in _keys(differences)]]
    names = ("currency", "netsuite_minor", "url_netsuite", "url_hubspot")
    joined = (
        {
            **of_order,
            **record,
            "currency_netsuite": of_order["currency"],
            "age_days": ages.get(key),
            "next_step": next_step(record["cause"], record["policy"]),
        }
        for key, record, of_order in zip(
            _keys(differences),
            _in_parts(differences, list(differences.columns)),
            _in_parts(theirs, names),
            strict=True,
        )
    )
    return _cells(DIFFERENCE_COLUMNS, joined)


def _keys(frame: pd.DataFrame) -> list[tuple[str, date]]:
    return list(zip(plain(frame["order_id_netsuite"]), plain(frame["order_on"]), strict=True))


def _in_parts(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The rows of a frame as plain values, of which only a part is in memory at once."""
    for start in range(0, len(frame), ROWS_AT_ONCE):
        yield from rows(frame.iloc[start : start + ROWS_AT_ONCE], names)


def _at_risk(risks: Sequence[RiskRow]) -> Iterator[tuple[Cell, ...]]:
    names = [column.source for column in AT_RISK_COLUMNS]
    return _cells(AT_RISK_COLUMNS, ({name: getattr(risk, name) for name in names} for risk in risks))


def _cells(columns: Sequence[Column], records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Cell, ...]]:
    return (tuple(_cell(column, record) for column in columns) for record in records)


def _cell(column: Column, record: Mapping[str, Any]) -> Cell:
    value = record[column.source]
    if value is None:
        return None
    if column.kind == "money":
        currency = record[column.currency]
        return Money(int(value), currency) if currency else None
    if column.kind == "count":
        return int(value)
    cell: Cell = value
    return cell
