"""Rows of NetSuite → the two raw frames, built once from column lists and validated.

Belongs here: column order, types, what a row of `RawOrders` takes from which record. Does not belong
here: any judgement of the values (mapping).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow
from pandera.errors import SchemaError, SchemaErrors
from pyarrow import compute

from ns_hs_orders.columns import checked, schema_of, typed
from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.orders import CARDS
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.reading import OrderReading, whole_text
from ns_hs_orders.extract.related import Related, person_name
from ns_hs_orders.extract.schema import RawLines, RawOrders, with_added
from ns_hs_orders.extract.suiteql.keyset import Row

if TYPE_CHECKING:
    from ns_hs_orders.columns import Contract

Values = list[Any]


def raw_orders(
    readings: Sequence[OrderReading],
    related: Related,
    plan: SourcePlan,
    ticket: int,
    returns: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """RawOrders. returns: those of each order as JSON, None where they are not known.

    Raises ContractError where the frame breaks its contract.
    """
    headers = [reading.header for reading in readings]
    contract = with_added(RawOrders, plan.options.field_map.added_order_fields)
    columns: dict[str, Values] = {
        column: [row.get(column) for row in headers] for column in columns_of(contract)
    }
    for stamp in ("created_at", "modified_at", *_stamps(plan, "header")):
        columns[stamp] = [plan.at_utc(value) for value in columns[stamp]]
    columns["subsidiary"] = [reading.lines and reading.lines.subsidiary for reading in readings]

    with_customers(columns, related)
    columns["customer_email"] = [
        (found := related.customers.get(one)) and found.email for one in columns["entity_id"]
    ]

    def taken(ids: Values, records: Mapping[str, Row], value: Callable[[Row], str | None]) -> Values:
        return [value(records[one]) if one in records else None for one in ids]

    reps, partners, places = columns["rep_id"], columns["partner_id"], columns["shipping_address_id"]
    columns["rep_name"] = taken(reps, related.reps, lambda r: person_name(r) or r.get("entity_name"))
    columns["rep_email"] = taken(reps, related.reps, lambda r: r.get("email"))
    columns["partner_name"] = taken(
        partners, related.partners, lambda r: r.get("company_name") or r.get("entity_name")
    )
    columns["ship_name"] = taken(
        places, related.addresses, lambda r: r.get("addressee") or r.get("attention")
    )
    columns["ship_street"] = taken(places, related.addresses, _street)
    for column, source in (
        ("ship_city", "city"),
        ("ship_state", "state"),
        ("ship_postal_code", "zip"),
        ("ship_country", "country"),
    ):
        columns[column] = taken(places, related.addresses, lambda r, source=source: r.get(source))  # type: ignore[misc]

    columns["shipments"] = [reading.shipments for reading in readings]
    columns["tax_details"] = [json.dumps([r.tax] if r.tax is not None else []) for r in readings]
    columns["cards_masked"] = [
        int(reading.header.get(CARDS) or 0) + (reading.lines.cards if reading.lines else 0)
        for reading in readings
    ]
    if returns is not None:
        columns["returns"] = [returns.get(str(header["order_id_netsuite"]), "[]") for header in headers]
    columns["settled"] = [reading.settled for reading in readings]
    columns["read_ticket"] = [ticket] * len(readings)
    return made_frame(contract, columns)


def raw_lines(readings: Sequence[OrderReading], ticket: int, plan: SourcePlan | None = None) -> pd.DataFrame:
    """RawLines; with a plan, the columns of the mapping file's fields too. Raises ContractError where the frame breaks its contract."""
    held = [(reading, reading.lines) for reading in readings if reading.lines is not None]
    pages = {id(lines.page): lines.page for _, lines in held}
    before = dict(
        zip(pages, np.cumsum([0, *(page.num_rows for page in pages.values())]).tolist(), strict=False)
    )
    counts = np.array([lines.rows for _, lines in held], dtype=np.int64)
    starts = np.array([before[id(lines.page)] + lines.first for _, lines in held], dtype=np.int64)
    # row numbers in the joined pages, order by order
    places = np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)
    read: dict[str, Any] = {}
    if pages:
        joined = pyarrow.concat_tables(pages.values()).take(pyarrow.array(places))
        read = dict(zip(joined.column_names, joined.columns, strict=True))
    own, of_item = read.get("item_type"), read.get("item_type_of_item")
    if own is None or of_item is None:
        read["item_type"] = of_item if own is None else own
    else:
        empty = compute.equal(own, "")
        read["item_type"] = compute.coalesce(compute.if_else(empty, None, own), of_item)
    nothing = pyarrow.nulls(len(places), pyarrow.large_string())
    contract = with_added(RawLines, plan.options.field_map.added_line_fields if plan else ())
    columns: dict[str, Any] = {
        column: nothing if (found := read.get(column)) is None else found for column in columns_of(contract)
    }
    if plan:
        for stamp in _stamps(plan, "line"):
            columns[stamp] = [plan.at_utc(value) for value in columns[stamp].to_pylist()]
    columns["order_on"] = [r.header.get("order_on") for r, lines in held for _ in range(lines.rows)]
    columns["read_ticket"] = [ticket] * len(places)
    return made_frame(contract, columns)


def _stamps(plan: SourcePlan, source: str) -> list[str]:
    """Moments among the columns of the mapping file."""
    return [column.name for column in plan.columns[source] if column.kind == "datetime" and column.origin]


def with_customers(columns: dict[str, Values], related: Related) -> None:
    """Fills `is_project` and `customer_*` by `entity_id`."""
    customers = [related.customers.get(entity_id) for entity_id in columns["entity_id"]]
    columns["is_project"] = [one and one.is_project for one in customers]
    columns["customer_id"] = [one and one.id for one in customers]
    columns["customer_name"] = [one and one.name for one in customers]
    columns["customer_is_person"] = [one and one.is_person for one in customers]
    columns["customer_hubspot_id"] = [one and one.hubspot_id for one in customers]
    columns["customer_parent_id"] = [one and one.parent_id for one in customers]
    columns["customer_parent_hubspot_id"] = [one and one.parent_hubspot_id for one in customers]


def columns_of(contract: Contract) -> list[str]:
    """The frame's columns, in order."""
    return list(schema_of(contract).columns)


def made_frame(contract: Contract, columns: dict[str, Any]) -> pd.DataFrame:
    """The frame of a contract from its columns. Raises ContractError where it breaks it."""
    schema = schema_of(contract)
    kinds = {column: of.dtype.type for column, of in schema.columns.items()}
    made = {
        column: _text(columns[column], kind)
        if isinstance(kind, pd.StringDtype)
        else typed(columns[column], kind)
        for column, kind in kinds.items()
    }
    try:
        return checked(contract, pd.DataFrame(made))
    except (SchemaError, SchemaErrors) as error:
        cases = getattr(error, "failure_cases", None)
        found = (
            cases[["column", "check"]].drop_duplicates().to_dict("records") if cases is not None else error
        )
        raise ContractError(f"What NetSuite answered does not make {schema.name}: {found!s:.500}") from error


def _text(values: Values, kind: Any) -> Any:
    try:
        return typed(values, kind)
    except UnicodeEncodeError:
        whole = [whole_text(one) for one in values]
        return typed(whole, kind)


def _street(address: Row) -> str | None:
    return ", ".join(part for name in ("addr1", "addr2", "addr3") if (part := address.get(name))) or None
