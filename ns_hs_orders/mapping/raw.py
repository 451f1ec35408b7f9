"""Raw frames as plain tuples, one order with its lines at a time, and the values that are read from text.

Belongs here: leaving pandas once for all rows, and reading dates, times and JSON lists strictly. Does not
belong here: judging what was read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.extract.schema import RawRead

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|\+00:00)")


class RawOrder(NamedTuple):
    """A row of RawOrders, column by column; None where NetSuite said nothing. added: values of the mapping file's columns."""

    order_id_netsuite: str
    order_number: str | None
    status: str | None
    status_text: str | None
    order_on: str | None
    created_at: str | None
    modified_at: str | None
    entity_id: str | None
    currency: str | None
    exchange_rate: str | None
    total: str | None
    memo: str | None
    po_number: str | None
    rep_id: str | None
    rep_name: str | None
    rep_email: str | None
    partner_id: str | None
    partner_name: str | None
    source: str | None
    voided: str | None
    source_store: str | None
    payment_note: str | None
    buying_group: str | None
    deal_name: str | None
    deal_url: str | None
    deal_reference: str | None
    contact_reference: str | None
    order_email: str | None
    customer_email: str | None
    sales_effective_on: str | None
    criterion: str | None
    subsidiary: str | None
    is_project: str | None
    customer_id: str | None
    customer_name: str | None
    customer_is_person: str | None
    customer_hubspot_id: str | None
    customer_parent_id: str | None
    customer_parent_hubspot_id: str | None
    shipping_address_id: str | None
    ship_name: str | None
    ship_street: str | None
    ship_city: str | None
    ship_state: str | None
    ship_postal_code: str | None
    ship_country: str | None
    shipments: str
    tax_details: str
    returns: str | None
    cards_masked: int
    settled: bool
    read_ticket: int
    added: tuple[str | None, ...] = ()


class RawLine(NamedTuple):
    """A row of RawLines, column by column; None where NetSuite said nothing. added: values of the mapping file's columns."""

    order_id_netsuite: str
    order_on: str | None
    line_unique_key: str | None
    line_id: str | None
    line_sequence: str | None
    mainline: str | None
    taxline: str | None
    item_id: str | None
    sku: str | None
    item_name: str | None
    item_type: str | None
    line_type: str | None
    line_memo: str | None
    quantity: str | None
    rate: str | None
    amount: str | None
    quantity_shipped: str | None
    quantity_billed: str | None
    is_closed: str | None
    kit_component: str | None
    assembly_component: str | None
    is_cogs: str | None
    subsidiary: str | None
    read_ticket: int
    added: tuple[str | None, ...] = ()


ORDER_COLUMNS = RawOrder._fields[:-1]
LINE_COLUMNS = RawLine._fields[:-1]


def orders_with_lines(
    raw: RawRead, added_to_orders: Sequence[str] = (), added_to_lines: Sequence[str] = ()
) -> Iterator[tuple[RawOrder, Sequence[RawLine]]]:
    """Every raw order with its own lines, in the order of the frame; lines of no order are left out.

    added_to_orders, added_to_lines: raw columns of the mapping file's fields, whose values stand in `added`.
    """
    lines: dict[str, list[RawLine]] = {}
    for values in rows_of(raw.lines, LINE_COLUMNS, added_to_lines):
        lines.setdefault(values[0], []).append(RawLine._make(values))
    for values in rows_of(raw.orders, ORDER_COLUMNS, added_to_orders):
        yield RawOrder._make(values), lines.get(values[0], ())


def rows_of(frame: pd.DataFrame, columns: tuple[str, ...], added: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The values of these columns, row by row, and last those of the mapping file's columns as one tuple."""
    # a frame that was read before the mapping file named a field has no column for it
    more = [plain(frame[name]) if name in frame else [None] * len(frame) for name in added]
    of_added: list[tuple[Any, ...]] = list(zip(*more, strict=True)) if more else [()] * len(frame)
    return zip(*(plain(frame[name]) for name in columns), of_added, strict=True)


@lru_cache(maxsize=4096)
def read_day(text: str | None) -> date | None:
    """A date from YYYY-MM-DD. Raises ValueError for any other text; None stays None."""
    if text is None:
        return None
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text!r} is not a date of the form YYYY-MM-DD")
    return date.fromisoformat(text)


def read_time(text: str | None) -> datetime | None:
    """An aware UTC time from ISO 8601 that ends in Z. Raises ValueError for any other text."""
    if text is None:
        return None
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is not a UTC time of the form YYYY-MM-DDTHH:MM:SSZ")
    return datetime.fromisoformat(text)


def read_list(text: str) -> list[Any]:
    """A JSON list. Raises ValueError for any other text."""
    if text == "[]":
        return []
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("the text is nested too deep") from error
    if not isinstance(value, list):
        raise ValueError("the text is not a JSON list")  # noqa: TRY004 - callers catch one type for bad text
    return value
