"""Raw orders and lines as NetSuite says them, with its signs, for tests that change one thing at a time."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ns_hs_orders.columns import checked
from ns_hs_orders.extract.schema import RawLines, RawOrders, RawRead
from ns_hs_orders.mapping.judgement import Judgement, judge
from ns_hs_orders.mapping.raw import RawLine, RawOrder
from ns_hs_orders.mapping.rules import MappingRules

ORDER = RawOrder(
    **dict.fromkeys(RawOrder._fields)  # type: ignore[arg-type]
)._replace(
    order_id_netsuite="1001",
    order_number="SO1001",
    status="B",
    status_text="Sales Order : Pending Fulfillment",
    order_on="2026-03-02",
    created_at="2026-03-02T09:30:00Z",
    modified_at="2026-03-03T10:00:00Z",
    entity_id="77",
    currency="USD",
    exchange_rate="1",
    total="120.00",
    customer_id="77",
    customer_name="Ridge Outfitters",
    customer_is_person="F",
    customer_hubspot_id="9001",
    shipments="[]",
    tax_details="[]",
    cards_masked=0,
    settled=True,
    read_ticket=5,
)
LINE = RawLine(
    **dict.fromkeys(RawLine._fields)  # type: ignore[arg-type]
)._replace(
    order_id_netsuite="1001",
    order_on="2026-03-02",
    line_unique_key="1",
    line_sequence="1",
    mainline="F",
    taxline="F",
    sku="TMB-16",
    item_name="Trail Tumbler",
    item_type="InvtPart",
    quantity="-2",
    rate="60.00",
    amount="-120.00",
    is_closed="F",
    kit_component="F",
    assembly_component="F",
    is_cogs="F",
    read_ticket=5,
)


def order(**changes: Any) -> RawOrder:
    """One tumbler order of 120.00 USD, changed."""
    return ORDER._replace(**changes)


def line(**changes: Any) -> RawLine:
    """The line of that order, changed."""
    return LINE._replace(**changes)


def lines(*changes: dict[str, Any]) -> list[RawLine]:
    """Lines of that order with unique keys 1, 2, 3…, each changed."""
    return [
        LINE._replace(**{"line_unique_key": str(number), "line_sequence": str(number), **change})
        for number, change in enumerate(changes, start=1)
    ]


def judged(raw: RawOrder | None = None, raw_lines: list[RawLine] | None = None, **rules: Any) -> Judgement:
    """The judgement of an order, by default the tumbler order, under rules."""
    return judge(
        ORDER if raw is None else raw, [LINE] if raw_lines is None else raw_lines, MappingRules(**rules)
    )


def raw_read(*pairs: tuple[RawOrder, list[RawLine]]) -> RawRead:
    """Both raw frames, validated."""
    return RawRead(
        orders=_frame(RawOrders, [raw for raw, _ in pairs]),
        lines=_frame(RawLines, [row for _, rows in pairs for row in rows]),
    )


def _frame(model: Any, rows: list[Any]) -> pd.DataFrame:
    columns = model.to_schema().columns
    data = {
        name: pd.array([getattr(row, name) for row in rows], dtype=column.dtype.type)
        for name, column in columns.items()
    }
    return checked(model, pd.DataFrame(data))
