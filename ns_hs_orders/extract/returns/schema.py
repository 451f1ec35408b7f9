"""The contract of what extraction emits of return authorizations: raw returns and lines, as NetSuite said it.

Belongs here: column names and types of the raw frames of returns. Does not belong here: any judgement of the
values (mapping/returns/schema.py), or orders (schema.py). Amounts stay decimal text; signs are NetSuite's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.extract.returns.signs import SIGNS


class RawReturns(pa.DataFrameModel):
    """One row a return authorization. All text nullable: NetSuite leaves out what is empty.

    return_on, order_on: YYYY-MM-DD in the account's zone. created_at, modified_at: ISO 8601 UTC, seconds.
    total: decimal text with NetSuite's sign. total_sign, line_sign, refund_sign: which sign a plain return's total,
    goods lines and refunds have in this account, by a survey of its returns; empty where the survey could not tell.
    parent_id: what the return was made from, by its mainline row; parent_type: type of that transaction, empty
    where NetSuite has none with this id. order_*: the sales order, the parent itself or what the parent invoice or
    cash sale was made from; empty where NetSuite has none. refunds: JSON list of objects with `id`, `type`,
    `currency`, `total`. tax_details: JSON list of decimal texts (SuiteTax). is_project, customer_*, settled,
    read_ticket: as in RawOrders.
    """

    return_id_netsuite: Series[str]
    return_number: Series[str] = pa.Field(nullable=True)
    status: Series[str] = pa.Field(nullable=True)
    status_text: Series[str] = pa.Field(nullable=True)
    return_on: Series[str] = pa.Field(nullable=True)
    created_at: Series[str] = pa.Field(nullable=True)
    modified_at: Series[str] = pa.Field(nullable=True)
    entity_id: Series[str] = pa.Field(nullable=True)
    currency: Series[str] = pa.Field(nullable=True)
    exchange_rate: Series[str] = pa.Field(nullable=True)
    total: Series[str] = pa.Field(nullable=True)
    memo: Series[str] = pa.Field(nullable=True)
    rep_id: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    rep_email: Series[str] = pa.Field(nullable=True)
    source_store: Series[str] = pa.Field(nullable=True)
    criterion: Series[str] = pa.Field(nullable=True)
    subsidiary: Series[str] = pa.Field(nullable=True)
    is_project: Series[str] = pa.Field(nullable=True)
    customer_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    customer_is_person: Series[str] = pa.Field(nullable=True)
    customer_hubspot_id: Series[str] = pa.Field(nullable=True)
    customer_parent_id: Series[str] = pa.Field(nullable=True)
    customer_parent_hubspot_id: Series[str] = pa.Field(nullable=True)
    parent_id: Series[str] = pa.Field(nullable=True)
    parent_type: Series[str] = pa.Field(nullable=True)
    order_id: Series[str] = pa.Field(nullable=True)
    order_number: Series[str] = pa.Field(nullable=True)
    order_on: Series[str] = pa.Field(nullable=True)
    order_currency: Series[str] = pa.Field(nullable=True)
    order_total: Series[str] = pa.Field(nullable=True)
    refunds: Series[str]
    tax_details: Series[str]
    total_sign: Series[str] = pa.Field(nullable=True, isin=SIGNS)
    line_sign: Series[str] = pa.Field(nullable=True, isin=SIGNS)
    refund_sign: Series[str] = pa.Field(nullable=True, isin=SIGNS)
    cards_masked: Series[pd.Int64Dtype]
    settled: Series[bool]
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("return_id_netsuite",)


class RawReturnLines(pa.DataFrameModel):
    """One row a line of a return, mainline row included; the columns of RawLines, with NetSuite's signs.

    quantity_received: of the line, by its item receipts.
    """

    return_id_netsuite: Series[str]
    return_on: Series[str] = pa.Field(nullable=True)
    line_unique_key: Series[str] = pa.Field(nullable=True)
    line_id: Series[str] = pa.Field(nullable=True)
    line_sequence: Series[str] = pa.Field(nullable=True)
    mainline: Series[str] = pa.Field(nullable=True)
    taxline: Series[str] = pa.Field(nullable=True)
    item_id: Series[str] = pa.Field(nullable=True)
    sku: Series[str] = pa.Field(nullable=True)
    item_name: Series[str] = pa.Field(nullable=True)
    item_type: Series[str] = pa.Field(nullable=True)
    line_type: Series[str] = pa.Field(nullable=True)
    line_memo: Series[str] = pa.Field(nullable=True)
    quantity: Series[str] = pa.Field(nullable=True)
    rate: Series[str] = pa.Field(nullable=True)
    amount: Series[str] = pa.Field(nullable=True)
    quantity_received: Series[str] = pa.Field(nullable=True)
    quantity_billed: Series[str] = pa.Field(nullable=True)
    is_closed: Series[str] = pa.Field(nullable=True)
    kit_component: Series[str] = pa.Field(nullable=True)
    assembly_component: Series[str] = pa.Field(nullable=True)
    is_cogs: Series[str] = pa.Field(nullable=True)
    subsidiary: Series[str] = pa.Field(nullable=True)
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True


@dataclass(frozen=True)
class RawReturnsRead:
    """What one read of NetSuite's returns brought: both frames validated, and warnings in words."""

    returns: pd.DataFrame
    lines: pd.DataFrame
    warnings: tuple[str, ...] = ()
