"""Mapped orders for tests that change one thing at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from ns_hs_orders.columns import checked
from ns_hs_orders.mapping.schema import HeldOrders, MappedOrders, OrderLines, Orders

DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Line:
    key: str
    amount_minor: int = 1000
    line_class: str = "goods"
    quantity: str = "1"
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """One order of three lines by default. values: columns of Orders that differ."""

    order_id: str
    lines: tuple[Line, ...] = ()
    currency: str = "USD"
    company: str | None = "9001"
    contact: str | None = None
    day: date = DAY
    ticket: int = 1
    values: dict[str, Any] = field(default_factory=dict)

    def having(self, **values: Any) -> Order:
        return replace(self, values={**self.values, **values})


def order(order_id: int | str, lines: int = 3, **more: Any) -> Order:
    keys = tuple(Line(f"{order_id}-{number}") for number in range(1, lines + 1))
    return Order(str(order_id), keys, **more)


def mapped(
    orders: Sequence[Order], quarantined: pd.DataFrame | None = None, skipped: pd.DataFrame | None = None
) -> MappedOrders:
    return MappedOrders(
        orders=frame(Orders, [_order_row(one) for one in orders]),
        lines=frame(
            OrderLines, [_line_row(one, line, at) for one in orders for at, line in enumerate(one.lines)]
        ),
        quarantined=HeldOrders.empty() if quarantined is None else quarantined,
        skipped=HeldOrders.empty() if skipped is None else skipped,
    )


def held(order_id: str, outcome: str, reason: str, ticket: int = 1, **values: Any) -> pd.DataFrame:
    row = {
        "order_id_netsuite": order_id,
        "order_number": f"SO{order_id}",
        "order_on": DAY,
        "outcome": outcome,
        "reason": reason,
        "explanation": f"It is {outcome}.",
        "currency": "USD",
        "total_minor": 500,
        "read_ticket": ticket,
    }
    return frame(HeldOrders, [row | values])


def frame(model: Any, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Rows in the model's columns and types; what a row leaves out is empty."""
    empty = model.empty()
    columns = {
        name: pd.array([row.get(name) for row in rows], dtype=empty[name].dtype) for name in empty.columns
    }
    return checked(model, pd.DataFrame(columns))


def _order_row(one: Order) -> dict[str, Any]:
    total = sum(line.amount_minor for line in one.lines if line.line_class == "goods")
    return {
        "order_id_netsuite": one.order_id,
        "order_number": f"SO{one.order_id}",
        "order_on": one.day,
        "status": "B",
        "status_text": "Sales Order : Pending Fulfillment",
        "stage": "pending_fulfillment",
        "currency": one.currency,
        "exchange_rate": "1",
        "total_minor": total,
        "subtotal_minor": total,
        "discount_minor": 0,
        "shipping_minor": 0,
        "handling_minor": 0,
        "shipping_cost_minor": 0,
        "tax_minor": 0,
        "payment_minor": 0,
        "unclassified_minor": 0,
        "closed_minor": 0,
        "memo": "Leave at the gate",
        "created_at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        "modified_at": datetime(2026, 3, 3, 10, 0, tzinfo=UTC),
        "customer_id": "77",
        "customer_name": "Ridge Outfitters",
        "company_id_hubspot": one.company,
        "contact_id_hubspot": one.contact,
        "warnings": "",
        "cards_masked": 0,
        "read_ticket": one.ticket,
    } | one.values


def _line_row(one: Order, line: Line, place: int) -> dict[str, Any]:
    return {
        "order_id_netsuite": one.order_id,
        "order_on": one.day,
        "line_key": line.key,
        "line_sequence": place,
        "line_class": line.line_class,
        "item_type": "InvtPart",
        "line_name": f"Tumbler {line.key}",
        "sku": "TMB-16",
        "quantity": line.quantity,
        "unit_price": f"{line.amount_minor / 100:.2f}",
        "currency": one.currency,
        "amount_minor": line.amount_minor,
        "is_closed": False,
        "read_ticket": one.ticket,
    } | line.values
