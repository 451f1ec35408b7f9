"""Sales dollars: the parts of each order, its amount by the definition, and the bridge between both systems.

Belongs here: what an order's parts are on either side, and sums of them. Does not belong here: the definition
(sales.definition), how an order got its cause (causes), or how the bridge is drawn (report).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ns_hs_orders.columns import dtypes, plain, typed
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.schema import STAGES, MappedOrders
from ns_hs_orders.reconcile.sales.base_currency import base_currency, in_base, rates_of_sides
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.schema import (
    CAUSES,
    NOT_IN_NETSUITE,
    BridgeStep,
    ComparedOrders,
    ControlTotal,
    SalesSums,
)

NOT_SALES_STAGE = "stage does not count"
NOT_SALES_CLOSED = "closed unbilled"
NOT_SALES_TAX = "tax"
NOT_SALES_SHIPPING = "shipping"
NOT_SALES_DATE = "sales effective on another day"
NETSUITE_CUSTOMER = "netsuite:"
"""How the key of a company begins that is known by its customer in NetSuite alone."""
_PARTS = ("tax", "shipping", "closed")


class HeldParts(NamedTuple):
    """What HubSpot says of an order's parts, where it is not what NetSuite says. Minor units of its own currency."""

    stage: str | None
    tax_minor: int | None
    shipping_minor: int | None
    closed_minor: int | None


@dataclass(frozen=True)
class SalesRules:
    """What sales dollars need beside the orders.

    stage_of_status: NetSuite's status letter → stage, for orders that were not mapped whole. stage_of_id:
    HubSpot's stage id → stage. url_netsuite, url_hubspot: addresses of a record with `{id}` in them, or "".
    """

    definition: SalesDefinition = field(default_factory=SalesDefinition)
    stage_of_status: Mapping[str, str] = field(default_factory=dict)
    stage_of_id: Mapping[str, str] = field(default_factory=dict)
    url_netsuite: str = ""
    url_hubspot: str = ""


def order_parts(raw: RawRead, mapped: MappedOrders, rules: SalesRules) -> pd.DataFrame:
    """The parts of every mapped order, by `order_id_netsuite`: names as in ComparedOrders, NetSuite's side.

    Of an order that is held back only the stage is known, from its status letter, and the exchange rate, the store and
    the customer as NetSuite tells them.
    """
    orders = mapped.orders
    valid = pd.DataFrame(
        {
            "order_id_netsuite": orders["order_id_netsuite"],
            "stage_netsuite": orders["stage"],
            "sales_on": orders["sales_effective_on"],
            "exchange_rate": orders["exchange_rate"],
            "tax_netsuite_minor": orders["tax_minor"],
            "shipping_netsuite_minor": orders["shipping_cost_minor"],
            "closed_netsuite_minor": orders["closed_minor"],
            "source_store": orders["source_store"],
            "company": company_keys(orders["customer_id"], orders["company_id_hubspot"]),
        }
    )
    # without returns, orders do not have it
    valid["returned_minor"] = orders.get("returned_minor", typed([None] * len(orders), pd.Int64Dtype()))
    held = pd.concat([mapped.quarantined, mapped.skipped], ignore_index=True)
    letters = [(status or "")[-1:] for status in plain(held["status"])]
    stages = [s if (s := rules.stage_of_status.get(letter)) in STAGES else None for letter in letters]
    types = dtypes(ComparedOrders)
    of_held = pd.DataFrame(
        {
            name: typed([None] * len(held), types[name])
            for name in valid.columns
            if name != "order_id_netsuite"
        }
    )
    of_held["stage_netsuite"] = typed(stages, types["stage_netsuite"])
    raws = raw.orders.set_index("order_id_netsuite").reindex(held["order_id_netsuite"].to_numpy())
    for name in ("exchange_rate", "source_store"):
        of_held[name] = raws[name].array.astype(types[name])
    companies = raws["customer_hubspot_id"].where(raws["customer_is_person"] != "T").reset_index(drop=True)
    of_held["company"] = company_keys(held["customer_id"], companies)
    of_held.insert(0, "order_id_netsuite", held["order_id_netsuite"])
    return pd.concat([valid, of_held], ignore_index=True)


def company_keys(customers: pd.Series[Any], companies: pd.Series[Any]) -> Any:
    """What orders and returns of one company have in common: HubSpot's id of it, else `netsuite:` and the customer's id."""
    keys = [
        company or (f"{NETSUITE_CUSTOMER}{customer}" if customer else None)
        for customer, company in zip(plain(customers), plain(companies), strict=True)
    ]
    return typed(keys, dtypes(ComparedOrders)["company"])


def with_parts(
    orders: pd.DataFrame, parts: Sequence[pd.DataFrame], held: Sequence[HeldParts | None], rules: SalesRules
) -> pd.DataFrame:
    """The same orders with the parts of both sides and the links to both records.

    parts: as `order_parts` gives them, later ones win. held: of each order, None where HubSpot agrees or does
    not hold it. orders: ComparedOrders without these columns.
    """
    types = dtypes(ComparedOrders)
    keys = orders["order_id_netsuite"]
    if parts:
        known = pd.concat(parts, ignore_index=True).drop_duplicates("order_id_netsuite", keep="last")
        found = known.set_index("order_id_netsuite").reindex(keys.to_numpy())
        for name in found.columns:
            orders[name] = found[name].array.astype(types[name])
    else:
        for name in _NETSUITE_PARTS:
            orders[name] = typed([None] * len(orders), types[name])
    agrees = (orders["finding"] == "agrees") & orders["hubspot_minor"].notna()
    for name in ("stage", *(f"{part}_minor" for part in _PARTS)):
        ours, theirs = _sided(name)
        orders[theirs] = orders[ours].where(agrees)
    apart = [place for place, one in enumerate(held) if one is not None]
    for at, name in enumerate(("stage", *(f"{part}_minor" for part in _PARTS))):
        _, theirs = _sided(name)
        values = [one[at] for one in held if one is not None]
        if apart:
            column = orders[theirs].array
            column[np.array(apart)] = typed(values, types[theirs])
            orders[theirs] = column
    # an order that only HubSpot has may stand under HubSpot's own id; a record that NetSuite lacks has no address
    is_absent = (orders["finding"] == "only in HubSpot") & orders["cause"].isin(NOT_IN_NETSUITE)
    is_absent |= orders["outcome"] == "archived"
    is_netsuites = keys.str.isdigit() & ~is_absent.fillna(value=False)
    orders["url_netsuite"] = _addresses(rules.url_netsuite, keys.where(is_netsuites), types)
    orders["url_hubspot"] = _addresses(rules.url_hubspot, orders["order_id_hubspot"], types)
    return orders


def with_sales(orders: pd.DataFrame, definition: SalesDefinition, first: date, last: date) -> pd.DataFrame:
    """The same orders with each one's sales dollars on both sides; empty where its amount is."""
    elsewhere = _effective_elsewhere(orders, definition, first, last)
    for side in ("netsuite", "hubspot"):
        amount = orders[f"{side}_minor"]
        for part, counts in _counted_parts(definition):
            if not counts:
                amount = amount - orders[f"{part}_{side}_minor"].fillna(0)
        left_out = orders[f"stage_{side}"].isin(definition.left_out) | elsewhere
        orders[f"sales_{side}_minor"] = amount.mask(left_out & amount.notna(), 0)
    return orders


def sales_sums(
    orders: pd.DataFrame,
    control: Iterable[ControlTotal],
    definition: SalesDefinition,
    first: date,
    last: date,
) -> dict[str, SalesSums]:
    """Sales dollars by currency code. orders: ComparedOrders."""
    counted: dict[str, tuple[int, int]] = {}
    for total in control:
        if total.total_counted_minor is not None or total.total_read_minor is not None:
            number, netsuite = counted.get(total.currency, (0, 0))
            counted[total.currency] = (
                number + total.orders_counted,
                netsuite + (total.total_counted_minor or 0),
            )
    codes = {*counted, *_codes(orders["currency"]), *_codes(orders["currency_hubspot"])}
    elsewhere = _effective_elsewhere(orders, definition, first, last)
    found = {}
    for code in sorted(codes):
        ours = orders["currency"] == code
        theirs = orders["currency_hubspot"] == code
        touched = ours.fillna(value=False) | theirs.fillna(value=False)
        if not (
            code in counted or orders.loc[touched, ["netsuite_minor", "hubspot_minor"]].notna().any(axis=None)
        ):
            continue
        amounts = _Amounts(
            orders["netsuite_minor"].where(ours),
            orders["sales_netsuite_minor"].where(ours),
            orders["sales_hubspot_minor"].where(theirs),
            {part: orders[f"{part}_netsuite_minor"].where(ours) for part in _PARTS},
        )
        number, netsuite = counted.get(code, (0, 0))
        found[code] = _sums(code, orders, amounts, elsewhere, definition, number, netsuite)
    return found


def base_sums(
    orders: pd.DataFrame,
    control: Iterable[ControlTotal],
    definition: SalesDefinition,
    first: date,
    last: date,
    *also: pd.DataFrame,
) -> SalesSums | None:
    """Sales dollars in NetSuite's base currency, each order converted once, at its own rate, half-up.

    HubSpot's amount of an order is converted at NetSuite's rate of that order. None where the base currency is not
    known (base_currency). also: what else tells rates, such as returns. Orders that NetSuite counts and that were not
    read have no known rate either: they are in no sum here.
    """
    base = base_currency(definition, orders, *also)
    if not base:
        return None
    ours_in, theirs_in = orders["currency"], orders["currency_hubspot"]
    ours_rate, theirs_rate = rates_of_sides(orders, base)

    def converted(name: str, codes: pd.Series[Any], rates: pd.Series[Any]) -> pd.Series[Any]:
        return in_base(orders[name], codes, rates, base)

    netsuite = converted("netsuite_minor", ours_in, ours_rate)
    amounts = _Amounts(
        netsuite,
        converted("sales_netsuite_minor", ours_in, ours_rate),
        converted("sales_hubspot_minor", theirs_in, theirs_rate),
        {part: converted(f"{part}_netsuite_minor", ours_in, ours_rate) for part in _PARTS},
    )
    elsewhere = _effective_elsewhere(orders, definition, first, last)
    known = int(netsuite.notna().sum())
    missed = sum(max(0, total.orders_counted - total.orders_read) for total in control)
    without = missed + int(
        (
            (orders["netsuite_minor"].notna() & netsuite.isna())
            | (orders["sales_hubspot_minor"].notna() & amounts.sales_hubspot.isna())
        ).sum()
    )
    sums = _sums(base, orders, amounts, elsewhere, definition, known, int(netsuite.sum()), rounds=True)
    return SalesSums(**{**sums.__dict__, "without_rate": without})


class _Amounts(NamedTuple):
    """Columns in one currency, empty where an order has none in it."""

    netsuite: pd.Series[Any]
    sales_netsuite: pd.Series[Any]
    sales_hubspot: pd.Series[Any]
    parts: Mapping[str, pd.Series[Any]]


def _sums(
    code: str,
    orders: pd.DataFrame,
    amounts: _Amounts,
    elsewhere: pd.Series[Any],
    definition: SalesDefinition,
    count: int,
    total: int,
    *,
    rounds: bool = False,
) -> SalesSums:
    netsuite, ours, theirs, parts = amounts
    not_stage = orders["stage_netsuite"].isin(definition.left_out) & netsuite.notna()
    not_day = elsewhere & ~not_stage & netsuite.notna()
    counts = netsuite.notna() & ~not_stage & ~not_day
    not_counted = [
        _step(NOT_SALES_STAGE, -netsuite[not_stage]),
        _step(NOT_SALES_DATE, -netsuite[not_day]),
    ]
    for part, is_sales in _counted_parts(definition):
        if not is_sales:
            column = parts[part][counts].fillna(0)
            not_counted.append(_step(_PART_NAMES[part], -column[column != 0]))
    if rounds and (rest := int(ours.sum()) - int(netsuite.sum()) - sum(s.amount_minor for s in not_counted)):
        not_counted.append(BridgeStep("rounding of converted parts", 0, rest))
    is_apart = orders["cause"].notna()
    apart = (theirs.fillna(0) - ours.fillna(0))[is_apart & (theirs.notna() | ours.notna())]
    causes = orders.loc[apart.index, "cause"]
    by_cause = dict(list(apart.groupby(causes)))
    steps = tuple(_step(cause, by_cause[cause]) for cause in CAUSES if cause in by_cause)
    left_out = tuple(step for step in not_counted if step.orders or step.amount_minor)
    held = int(theirs.sum())
    explained = sum(step.amount_minor for step in (*left_out, *steps))
    return SalesSums(
        currency=code,
        orders=count,
        netsuite_minor=total,
        not_counted=left_out,
        sales_netsuite_minor=int(ours.sum()),
        steps=steps,
        sales_hubspot_minor=held,
        unexplained_minor=total + explained - held,
    )


def _step(name: str, amounts: pd.Series[Any]) -> BridgeStep:
    return BridgeStep(name, len(amounts), int(amounts.sum()))


def _counted_parts(definition: SalesDefinition) -> tuple[tuple[str, bool], ...]:
    """Part of an order → whether it is sales."""
    return (
        ("tax", definition.with_tax),
        ("shipping", definition.with_shipping),
        ("closed", not definition.less_closed),
    )


def _effective_elsewhere(
    orders: pd.DataFrame, definition: SalesDefinition, first: date, last: date
) -> pd.Series[Any]:
    if definition.date_basis == "order_date":
        return pd.Series(data=False, index=orders.index)
    days = plain(orders["sales_on"])
    return pd.Series(
        [on is not None and not first <= on <= last for on in days], index=orders.index, dtype=bool
    )


def _sided(name: str) -> tuple[str, str]:
    if name == "stage":
        return "stage_netsuite", "stage_hubspot"
    part = name.removesuffix("_minor")
    return f"{part}_netsuite_minor", f"{part}_hubspot_minor"


def _addresses(template: str, ids: pd.Series[Any], types: Mapping[str, Any]) -> Any:
    if not template:
        return typed([None] * len(ids), types["url_netsuite"])
    before, _, after = template.partition("{id}")
    return (before + ids + after).array


def _codes(column: pd.Series[Any]) -> set[str]:
    return {str(code) for code in column.dropna().unique()}


_NETSUITE_PARTS = (
    "stage_netsuite",
    "sales_on",
    "exchange_rate",
    *(f"{part}_netsuite_minor" for part in _PARTS),
    "source_store",
    "company",
    "returned_minor",
)
_PART_NAMES = {"tax": NOT_SALES_TAX, "shipping": NOT_SALES_SHIPPING, "closed": NOT_SALES_CLOSED}
