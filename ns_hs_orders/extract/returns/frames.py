"""Rows of NetSuite → the raw frames of returns, and the returns of an order as plain values.

Belongs here: what a row of `RawReturns` takes from which record. Does not belong here: any judgement of the values
(mapping).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow

from ns_hs_orders.extract.frames import columns_of, made_frame, raw_lines, with_customers
from ns_hs_orders.extract.orders import CARDS
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.reading import OrderReading
from ns_hs_orders.extract.related import Related, person_name
from ns_hs_orders.extract.returns.authorizations import Origin
from ns_hs_orders.extract.returns.schema import RawReturnLines, RawReturns
from ns_hs_orders.extract.returns.sources import RETURN
from ns_hs_orders.extract.schema import RawLines, with_added
from ns_hs_orders.extract.suiteql.keyset import Row
from ns_hs_orders.fields.field import ADDED_PREFIX

_OF_ORDER = {
    "return_id_netsuite": "order_id_netsuite",
    "return_number": "order_number",
    "return_on": "order_on",
}
"""Column of a return → the name that its header has it under."""
_OF_LINE = {
    "return_id_netsuite": "order_id_netsuite",
    "return_on": "order_on",
    "quantity_received": "quantity_shipped",
}


def raw_returns(
    readings: Sequence[OrderReading],
    related: Related,
    origins: Mapping[str, Origin],
    refunds: Mapping[str, Sequence[Row]],
    plan: SourcePlan,
    ticket: int,
) -> pd.DataFrame:
    """RawReturns. Raises ContractError where the frame breaks its contract."""
    rows = [_row(reading, refunds, plan, ticket) for reading in readings]
    contract = with_added(RawReturns, plan.options.field_map.added_return_fields)
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in columns_of(contract)}
    for column in plan.columns.get(RETURN, ()):
        if column.kind == "datetime" and column.origin:
            columns[column.name] = [plan.at_utc(value) for value in columns[column.name]]
    with_customers(columns, related)
    reps = [related.reps.get(one or "") for one in columns["rep_id"]]
    columns["rep_name"] = [row and (person_name(row) or row.get("entity_name")) for row in reps]
    columns["rep_email"] = [row and row.get("email") for row in reps]
    found = [origins.get(one, Origin()) for one in columns["return_id_netsuite"]]
    orders = [one.order or {} for one in found]
    columns["parent_id"] = [one.parent_id for one in found]
    columns["parent_type"] = [one.parent_type for one in found]
    for name, source in (
        ("order_id", "id"),
        ("order_number", "number"),
        ("order_on", "day"),
        ("order_currency", "currency"),
        ("order_total", "total"),
    ):
        columns[name] = [order.get(source) for order in orders]
    columns["source_store"] = [
        own or order.get("source_store") for own, order in zip(columns["source_store"], orders, strict=True)
    ]
    return made_frame(contract, columns)


def raw_return_lines(readings: Sequence[OrderReading], plan: SourcePlan, ticket: int) -> pd.DataFrame:
    """RawReturnLines. Raises ContractError where the frame breaks its contract."""
    lines = raw_lines(readings, ticket, plan)
    contract = with_added(RawReturnLines, plan.options.field_map.added_return_line_fields)
    return made_frame(
        contract,
        {
            name: pyarrow.array(lines[_OF_LINE.get(name, name)], from_pandas=True)
            for name in columns_of(contract)
        },
    )


def return_rows(
    readings: Sequence[OrderReading], refunds: Mapping[str, Sequence[Row]], plan: SourcePlan, ticket: int
) -> Iterator[dict[str, Any]]:
    """Each return as the columns of RawReturns that are not empty and come from itself, its `lines` likewise."""
    names = {there: here for here, there in _OF_LINE.items()}
    wanted = set(columns_of(RawLines))
    for reading in readings:
        row = {
            name: one
            for name, one in _row(reading, refunds, plan, ticket).items()
            if one is not None and not name.startswith(ADDED_PREFIX)
        }
        lines = reading.lines.page.slice(reading.lines.first, reading.lines.rows) if reading.lines else None
        row["lines"] = [
            {
                names.get(name, name): value
                for name, value in _own_type(line).items()
                if value is not None and name in wanted
            }
            for line in (lines.to_pylist() if lines is not None else ())
        ]
        yield row


def _own_type(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "item_type": line.get("item_type") or line.get("item_type_of_item")}


def _row(
    reading: OrderReading, refunds: Mapping[str, Sequence[Row]], plan: SourcePlan, ticket: int
) -> dict[str, Any]:
    header, signs = reading.header, plan.return_signs
    row: dict[str, Any] = {name: one for name, one in header.items() if name != CARDS}
    row |= {here: header.get(there) for here, there in _OF_ORDER.items()}
    for name in _OF_ORDER.values():
        row.pop(name, None)
    for stamp in ("created_at", "modified_at"):
        row[stamp] = plan.at_utc(header.get(stamp))
    row["subsidiary"] = reading.lines and reading.lines.subsidiary
    row["refunds"] = json.dumps(refunds.get(str(header["order_id_netsuite"]), []))
    row["tax_details"] = json.dumps([reading.tax] if reading.tax is not None else [])
    row["total_sign"] = signs and signs.total
    row["line_sign"] = signs and signs.lines
    row["refund_sign"] = signs and signs.refunds
    row["cards_masked"] = int(header.get(CARDS) or 0) + (reading.lines.cards if reading.lines else 0)
    row["settled"] = reading.settled
    row["read_ticket"] = ticket
    return row
