"""The field map of returns: which HubSpot property each column of a return, and of its lines, is written to.

Belongs here: the same table for return records as `fields` is for orders. Does not belong here: the properties of the
parent order (fields), how a value is computed (mapping) or how a return becomes a record (push.returns).

A return stands on HubSpot's Orders object. So that no report that sums orders is inflated, none of its dollars stand
in HubSpot's own amounts: `hs_total_price` is zero (or below zero, by setting), as are the prices of its line items.
Its date is a property of its own, too, so that no search for the orders of a day finds a return.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY, Field
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.orders import LINE_FIELDS, ORDER_FIELDS

RETURN_AMOUNT = "netsuite_return_amount"
RETURN_COUNTED_AMOUNT = "netsuite_return_counted_amount"
RETURN_PARENT = "netsuite_return_parent"
RETURN_DATE = "netsuite_return_date"

EMPTY_FIELDS: tuple[Field, ...] = tuple(
    replace(
        field,
        name="empty_minor",
        source="always empty, so that no report adds it up",
        key=field.hubspot_property.removeprefix("hs_"),
    )
    for field in ORDER_FIELDS
    if field.kind == "money" and not field.own and field.hubspot_property != "hs_total_price"
)
"""HubSpot's own amounts of orders that returns have none of: what somebody writes there is taken out again."""

RECORD_FIELDS: tuple[Field, ...] = (
    Field(
        "order_id_netsuite",
        "NetSuite Internal ID",
        "text",
        UNIQUE_ORDER_KEY,
        "transaction.id",
        own=True,
        unique=True,
        description="The key of the order: NetSuite's internal id. Written by the sync, never by hand.",
    ),
    Field("order_number", "Order Name", "text", "hs_order_name", "transaction.tranid"),
    Field(
        "order_id_netsuite",
        "Order ID",
        "text",
        "hs_external_order_id",
        "transaction.id",
        key="external_order_id",
    ),
    Field("order_url", "Link to the record", "url", "hs_external_order_url", "built from the account"),
    Field("status_text", "NetSuite status", "text", "hs_external_order_status", "status text"),
    Field(
        "price_minor",
        "Total Price",
        "money",
        "hs_total_price",
        "zero, or the amount below zero, by setting",
    ),
    *EMPTY_FIELDS,
    Field("currency", "Currency Code", "enumeration", "hs_currency_code", "currency.symbol"),
    Field("memo", "Memo", "long_text", "hs_order_note", "transaction.memo", when_edited="report"),
    Field("created_at", "Created Date", "datetime", "hs_external_created_date", "transaction.createddate"),
    Field(
        "modified_at",
        "Modified Date",
        "datetime",
        "hs_external_modified_date",
        "transaction.lastmodifieddate",
    ),
    Field("source_store", "Source Store", "text", "hs_source_store", "the return's own, else its order's"),
    Field(
        "rep_email",
        "Sales Rep = Owner",
        "owner",
        "hubspot_owner_id",
        "employee.email → HubSpot owner",
        when_edited="report",
    ),
    Field(
        "order_on",
        "Return date",
        "date",
        RETURN_DATE,
        "transaction.trandate",
        own=True,
        description="The date of the return in NetSuite, in the account's zone.",
    ),
    Field(
        "total_minor",
        "Return amount",
        "money",
        RETURN_AMOUNT,
        "transaction.foreigntotal, positive",
        own=True,
        description="What the return is worth, tax and shipping included. Total Price stays zero, so that no report "
        "on orders adds it up.",
    ),
    Field(
        "counted_minor",
        "Return amount that counts",
        "money",
        RETURN_COUNTED_AMOUNT,
        "nothing while pending approval or cancelled, the received part once closed, else the amount",
        own=True,
        description="What is taken off the net total of the order.",
    ),
    Field(
        "received_minor",
        "Received amount",
        "money",
        "netsuite_return_received_amount",
        "amount × received share of each line, rounded half-up",
        own=True,
        description="What of the return has come back to the warehouse.",
    ),
    Field(
        "refund_minor",
        "Refunded amount of the return",
        "money",
        "netsuite_return_refund_amount",
        "credit memos and cash refunds made from the return",
        own=True,
        description="What the customer was credited or paid back for this return.",
    ),
    Field(
        "subtotal_minor",
        "Return subtotal",
        "money",
        "netsuite_return_subtotal",
        "sum of goods lines, before discounts",
        own=True,
        description="What was sent back, before discounts, tax and shipping.",
    ),
    Field(
        "discount_minor",
        "Return discount",
        "money",
        "netsuite_return_discount",
        "discount lines, shown positive",
        own=True,
        description="The discount that what was sent back had been sold with.",
    ),
    Field(
        "tax_minor",
        "Return tax",
        "money",
        "netsuite_return_tax",
        "tax lines, or SuiteTax details, by setting",
        own=True,
        description="The tax that comes back with the return.",
    ),
    Field(
        "shipping_cost_minor",
        "Return shipping",
        "money",
        "netsuite_return_shipping",
        "shipping and handling lines",
        own=True,
        description="The shipping that comes back with the return.",
    ),
    Field(
        "parent_kind",
        "Return made from",
        "text",
        "netsuite_return_made_from",
        "order, invoice, cash_sale, return, none, or missing where NetSuite has it no more",
        own=True,
        description="What the return was made from in NetSuite.",
    ),
    Field(
        "parent_order_id",
        "Returned order: NetSuite Internal ID",
        "text",
        RETURN_PARENT,
        "the order that the return was made from, by one or two hops",
        own=True,
        description="The key of the order that was returned: its NetSuite Internal ID.",
    ),
    Field(
        "parent_order_number",
        "Returned order",
        "text",
        "netsuite_return_parent_number",
        "number of that order",
        own=True,
        description="The number of the order that was returned.",
    ),
    Field(
        "parent_order_id",
        "Returned order in HubSpot",
        "order_link",
        "netsuite_return_parent_url",
        "that order's page in HubSpot",
        own=True,
        description="Opens the order that was returned. Empty where HubSpot does not have it.",
        key="parent_order_url",
    ),
)

RECORD_LINE_FIELDS: tuple[Field, ...] = (
    Field(
        "line_key",
        "NetSuite Line Key",
        "text",
        UNIQUE_LINE_KEY,
        "<transaction.id>-<transactionline.uniquekey>",
        own=True,
        unique=True,
        description="The key of the line: the order's internal id and the line's unique key in NetSuite.",
    ),
    Field("line_name", "Name", "text", "name", "the item's name, or the line's memo"),
    Field("sku", "SKU", "text", "hs_sku", "item.itemid"),
    Field("line_description", "Description", "long_text", "description", "the line's memo"),
    Field("quantity", "Quantity", "decimal", "quantity", "quantity, positive; empty or zero becomes 1"),
    Field("price", "Unit price", "decimal", "price", "zero, so that HubSpot's amount is zero"),
    Field("currency", "Currency", "enumeration", "hs_line_item_currency_code", "the return's currency"),
    Field(
        "price_minor",
        "NetSuite Line Amount",
        "money",
        "netsuite_line_amount",
        "zero, or the amount below zero, by setting",
        own=True,
        description="The line's exact amount in NetSuite, in the order's currency.",
    ),
    Field(
        "amount_minor",
        "Return line amount",
        "money",
        "netsuite_return_line_amount",
        "foreignamount, positive",
        own=True,
        description="What the line of the return is worth. Its price stays zero, so that no report on lines adds it up.",
    ),
    Field(
        "unit_price",
        "Return unit price",
        "decimal",
        "netsuite_return_unit_price",
        "rate, or amount ÷ quantity",
        own=True,
        description="What one unit of the line of the return is worth.",
    ),
    Field(
        "received_minor",
        "Received line amount",
        "money",
        "netsuite_return_line_received",
        "amount × received share, rounded half-up",
        own=True,
        description="What of the line has come back to the warehouse.",
    ),
)

SHARED = frozenset(
    field.hubspot_property for field in (*RECORD_FIELDS, *RECORD_LINE_FIELDS) if not field.own
) | {UNIQUE_ORDER_KEY, UNIQUE_LINE_KEY, "netsuite_line_amount"}
"""Properties that returns share with orders and their lines; all others are for returns alone."""

ALWAYS_HEALED = frozenset({RETURN_DATE, RETURN_PARENT})
"""Of returns alone: what says on which day a return counts, and against which order."""

RETURN_NEEDED = (
    ALWAYS_HEALED
    | {
        UNIQUE_ORDER_KEY,
        "hs_order_name",
        "hs_currency_code",
        "hs_external_order_id",
        "hs_external_order_status",
        "hs_external_modified_date",
    }
    | {f.hubspot_property for f in RECORD_FIELDS if f.kind == "money"}
)
"""Properties by which a return is found, told from orders and proven: the mapping file neither renames them on returns
nor switches them off there."""


def record_fields(of_orders: FieldMap, kept: Container[str] = ()) -> tuple[Field, ...]:
    """The default fields of return records beside those of orders.

    A property that both have stands where orders have it, with their label, group and heal policy; one that orders
    leave out, returns leave out. kept: names of fields that stay nonetheless.
    """
    return tuple(_beside(RECORD_FIELDS, ORDER_FIELDS, of_orders.order_fields, kept))


def return_field_map(of_orders: FieldMap) -> FieldMap:
    """The field map of returns beside that of orders, whose `return_fields` it takes.

    Line items of returns follow those of orders: what is switched off, written to another property or added there, is so
    here; added amounts are of orders alone.
    """
    return FieldMap(
        header_columns=(),
        line_columns=(),
        order_fields=of_orders.return_fields,
        line_fields=(
            *_beside(RECORD_LINE_FIELDS, LINE_FIELDS, of_orders.line_fields),
            *of_orders.added_return_line_fields,
        ),
        trust_fields=(),
    )


def _beside(
    fields: Iterable[Field], defaults: Iterable[Field], in_force: Iterable[Field], kept: Container[str] = ()
) -> Iterator[Field]:
    """The fields of returns, the shared ones as those of orders or lines that are in force."""
    names = {one.hubspot_property: one.mapping_name for one in defaults}
    there = {one.mapping_name: one for one in in_force}
    for field in fields:
        if field.hubspot_property not in SHARED:
            yield field
            continue
        other = there.get(names[field.hubspot_property])
        if other is not None:
            yield replace(
                field,
                hubspot_property=other.hubspot_property,
                own=other.own,
                label=other.label,
                description=other.description,
                group=other.group,
                when_edited=other.when_edited,
                origin=other.origin,
            )
        elif field.mapping_name in kept:
            yield field
