"""NetSuite's side: each order as it was read and mapped, and the totals that NetSuite counts itself.

Belongs here: the mapped frames as one value an order, and the control totals against the orders
read. Does not belong here: SuiteQL (extract), or HubSpot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.errors import ContractError, MoneyError
from ns_hs_orders.extract.lookups import CountedByNetSuite
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.money import decimal_to_minor, parse_decimal
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.reconcile.schema import ControlTotal

Standing = Literal["valid", "skipped", "quarantined", "due"]


@dataclass(frozen=True)
class NetSuiteOrder:
    """One order as NetSuite has it now.

    standing: what mapping says of it; `valid` orders have `wanted`, and its fingerprint, by which two readings
    are told apart: `wanted` itself is let go once the order is known to agree. total_minor and currency are None
    where NetSuite's text (raw_total, raw_currency) cannot be read.
    """

    key: str
    order_number: str | None
    order_on: date
    customer_name: str | None
    rep_name: str | None
    standing: Standing
    reason: str | None
    explanation: str | None
    currency: str | None
    total_minor: int | None
    raw_total: str | None
    raw_currency: str | None
    fingerprint: str | None = None
    wanted: WantedOrder | None = field(default=None, compare=False)


def netsuite_orders(
    raw: RawRead, mapped: MappedOrders, wanted: Iterable[WantedOrder], *, undated: date
) -> dict[str, NetSuiteOrder]:
    """Every order that was read, by key.

    undated: the day of an order whose date cannot be read, or that kept changing too fast to be read.

    Raises ContractError where an order that was read is not in exactly one mapped frame, or a valid
    one is not wanted.
    """
    by_key = {order.key: order for order in wanted}
    raws = dict(
        zip(
            plain(raw.orders["order_id_netsuite"]),
            zip(*(plain(raw.orders[name]) for name in ("currency", "total")), strict=True),
            strict=True,
        )
    )
    orders: dict[str, NetSuiteOrder] = {}
    for frame, valid in ((mapped.orders, True), (mapped.quarantined, False), (mapped.skipped, False)):
        names: tuple[str, ...] = (
            "order_id_netsuite",
            "order_number",
            "order_on",
            "customer_name",
            "rep_name",
            "currency",
        )
        names += ("total_minor",) if valid else ("total_minor", "outcome", "reason", "explanation")
        for row in rows(frame, names):
            key = row["order_id_netsuite"]
            if key in orders or key not in raws:
                raise ContractError(f"Order {key} is mapped twice, or was never read. This is a defect.")
            if valid and key not in by_key:
                raise ContractError(f"Order {key} is valid, but it is unknown what HubSpot should hold.")
            raw_currency, raw_total = raws[key]
            orders[key] = NetSuiteOrder(
                key=key,
                order_number=row["order_number"],
                order_on=row["order_on"] or undated,
                customer_name=row["customer_name"],
                rep_name=row["rep_name"],
                standing="valid" if valid else row["outcome"],
                reason=row.get("reason"),
                explanation=row.get("explanation"),
                currency=row["currency"],
                total_minor=None if row["total_minor"] is None else int(row["total_minor"]),
                raw_total=raw_total,
                raw_currency=raw_currency,
                fingerprint=by_key[key].fingerprint if valid else None,
                wanted=by_key[key] if valid else None,
            )
    if missing := raws.keys() - orders.keys():
        raise ContractError(f"Orders without an outcome after mapping: {', '.join(sorted(missing)[:10])}.")
    return orders


def control_totals(
    orders: Iterable[NetSuiteOrder], counted: Sequence[CountedByNetSuite]
) -> tuple[ControlTotal, ...]:
    """What NetSuite counts against what was read, for each day and currency of either.

    Orders of unknown amount count as orders on both sides and are taken out of both sums. A sum that
    cannot be expressed in minor units after that is None, and does not agree.
    """
    read: dict[tuple[date, str], list[NetSuiteOrder]] = {}
    for order in orders:
        read.setdefault((order.order_on, order.raw_currency or ""), []).append(order)
    asked = {(total.order_on, total.currency or ""): total for total in counted}
    result = []
    for on, currency in sorted(read.keys() | asked.keys()):
        group = read.get((on, currency), [])
        total = asked.get((on, currency))
        known = [order.total_minor for order in group if order.total_minor is not None]
        unknown = [order.raw_total for order in group if order.total_minor is None]
        readable = bool(known) or _is_currency(currency)
        result.append(
            ControlTotal(
                order_on=on,
                currency=currency,
                orders_counted=total.orders if total else 0,
                orders_read=len(group),
                total_counted_minor=_counted(total, unknown, currency) if readable else None,
                total_read_minor=sum(known) if readable else None,
            )
        )
    return tuple(result)


def _counted(total: CountedByNetSuite | None, unknown: Iterable[str | None], currency: str) -> int | None:
    try:
        amount = parse_decimal(total.total) if total and total.total else Decimal(0)
        for text in unknown:
            amount -= _decimal(text)
        return decimal_to_minor(amount, currency)
    except MoneyError:
        return None


def _decimal(text: str | None) -> Decimal:
    try:
        return parse_decimal(text or "0")
    except MoneyError:
        return Decimal(0)


def _is_currency(currency: str) -> bool:
    try:
        decimal_to_minor(Decimal(0), currency)
    except MoneyError:
        return False
    return True


def rows(frame: pd.DataFrame, names: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    """The rows of a frame as plain values, None where a value is missing."""
    columns = [plain(frame[name]) for name in names]
    return (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
