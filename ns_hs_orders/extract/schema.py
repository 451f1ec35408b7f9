"""The contract of what extraction emits: raw orders and raw lines, as text, as NetSuite said it.

Belongs here: column names and types of the raw frames. Does not belong here: any judgement of the
values (mapping/schema.py). Amounts stay decimal text; signs are NetSuite's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.columns import widened
from ns_hs_orders.fields.field import Field

if TYPE_CHECKING:
    from ns_hs_orders.columns import Contract


class RawOrders(pa.DataFrameModel):
    """One row an order. All text nullable: NetSuite leaves out what is empty.

    order_on: YYYY-MM-DD in the account's zone. created_at, modified_at: ISO 8601 UTC, seconds.
    total: decimal text, positive on an order. shipments: JSON list of objects with `fulfillment`,
    `status`, `tracking`, `carrier`, `method`. tax_details: JSON list of decimal texts (SuiteTax).
    returns: JSON list of the order's return authorizations, whatever their dates: objects with the columns of RawReturns
    and `lines`, those of RawReturnLines; empty where it is not known whether there are any.
    is_project: "T" where the entity is a project; customer_* then tell of its parent customer.
    settled: False where the order kept changing while it was read. read_ticket: the number of the
    read, taken before its first query; a higher one is the newer reading.
    """

    order_id_netsuite: Series[str]
    order_number: Series[str] = pa.Field(nullable=True)
    status: Series[str] = pa.Field(nullable=True)
    status_text: Series[str] = pa.Field(nullable=True)
    order_on: Series[str] = pa.Field(nullable=True)
    created_at: Series[str] = pa.Field(nullable=True)
    modified_at: Series[str] = pa.Field(nullable=True)
    entity_id: Series[str] = pa.Field(nullable=True)
    currency: Series[str] = pa.Field(nullable=True)
    exchange_rate: Series[str] = pa.Field(nullable=True)
    total: Series[str] = pa.Field(nullable=True)
    memo: Series[str] = pa.Field(nullable=True)
    po_number: Series[str] = pa.Field(nullable=True)
    rep_id: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    rep_email: Series[str] = pa.Field(nullable=True)
    partner_id: Series[str] = pa.Field(nullable=True)
    partner_name: Series[str] = pa.Field(nullable=True)
    source: Series[str] = pa.Field(nullable=True)
    voided: Series[str] = pa.Field(nullable=True)
    source_store: Series[str] = pa.Field(nullable=True)
    payment_note: Series[str] = pa.Field(nullable=True)
    buying_group: Series[str] = pa.Field(nullable=True)
    deal_name: Series[str] = pa.Field(nullable=True)
    deal_url: Series[str] = pa.Field(nullable=True)
    deal_reference: Series[str] = pa.Field(nullable=True)
    contact_reference: Series[str] = pa.Field(nullable=True)
    order_email: Series[str] = pa.Field(nullable=True)
    customer_email: Series[str] = pa.Field(nullable=True)
    sales_effective_on: Series[str] = pa.Field(nullable=True)
    criterion: Series[str] = pa.Field(nullable=True)
    subsidiary: Series[str] = pa.Field(nullable=True)
    is_project: Series[str] = pa.Field(nullable=True)
    customer_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    customer_is_person: Series[str] = pa.Field(nullable=True)
    customer_hubspot_id: Series[str] = pa.Field(nullable=True)
    customer_parent_id: Series[str] = pa.Field(nullable=True)
    customer_parent_hubspot_id: Series[str] = pa.Field(nullable=True)
    shipping_address_id: Series[str] = pa.Field(nullable=True)
    ship_name: Series[str] = pa.Field(nullable=True)
    ship_street: Series[str] = pa.Field(nullable=True)
    ship_city: Series[str] = pa.Field(nullable=True)
    ship_state: Series[str] = pa.Field(nullable=True)
    ship_postal_code: Series[str] = pa.Field(nullable=True)
    ship_country: Series[str] = pa.Field(nullable=True)
    shipments: Series[str]
    tax_details: Series[str]
    returns: Series[str] = pa.Field(nullable=True)
    cards_masked: Series[pd.Int64Dtype]
    settled: Series[bool]
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("order_id_netsuite",)


class RawLines(pa.DataFrameModel):
    """One row a transaction line, mainline row included; amounts and quantities with NetSuite's signs."""

    order_id_netsuite: Series[str]
    order_on: Series[str] = pa.Field(nullable=True)
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
    quantity_shipped: Series[str] = pa.Field(nullable=True)
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


def with_added(model: type[pa.DataFrameModel], fields: Sequence[Field]) -> Contract:
    """The contract of a raw frame with the columns of the mapping file's fields: text, as NetSuite said it.

    Dates are YYYY-MM-DD, times ISO 8601 UTC, card numbers masked but in ids and addresses.
    """
    text = RawOrders.to_schema().columns["memo"]
    return widened(model, {one.reading.column: text for one in fields if one.reading})


@dataclass(frozen=True)
class RawRead:
    """What one read of NetSuite brought: both frames validated, and warnings in words."""

    orders: pd.DataFrame
    lines: pd.DataFrame
    warnings: tuple[str, ...] = ()
