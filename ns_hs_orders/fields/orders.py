"""The default field map of orders and their lines: the HubSpot property that each mapped column is written to.

Belongs here: one line a field. It drives properties, contracts, comparison and docs. Does not belong here: how a value
is computed (mapping), written (push) or compared (reconcile).
"""

from __future__ import annotations

from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY, Field

ORDER_FIELDS: tuple[Field, ...] = (
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
    Field("total_minor", "Total Price", "money", "hs_total_price", "transaction.foreigntotal"),
    Field(
        "subtotal_minor",
        "Subtotal Price",
        "money",
        "hs_subtotal_price",
        "sum of goods lines, before discounts",
    ),
    Field("tax_minor", "Tax Price", "money", "hs_tax", "tax lines, or SuiteTax details, by setting"),
    Field("discount_minor", "Discount", "money", "hs_order_discount", "discount lines, shown positive"),
    Field("shipping_cost_minor", "Shipping Cost", "money", "hs_shipping_cost", "shipping and handling lines"),
    Field(
        "payment_minor",
        "NetSuite Payment Applied",
        "money",
        "netsuite_payment_applied",
        "payment lines and applied gift certificates",
        own=True,
        description="Payments and gift certificates on the order itself, so that its sum closes.",
    ),
    Field(
        "unclassified_minor",
        "NetSuite Unclassified Amount",
        "money",
        "netsuite_unclassified_amount",
        "NetSuite's total less all classified lines; zero unless unbalanced orders are sent",
        own=True,
        description="The part of the total that no line explains. Zero on every order that adds up.",
    ),
    Field(
        "closed_minor",
        "NetSuite Closed Amount",
        "money",
        "netsuite_closed_amount",
        "closed lines: amount × unbilled share, rounded half-up",
        own=True,
        description="What was closed without being billed; it stays in the total.",
    ),
    Field("fulfillment_status", "Fulfillment", "text", "hs_fulfillment_status", "n of m units shipped"),
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
    Field(
        "order_on",
        "NetSuite Order Date",
        "date",
        "netsuite_order_date",
        "transaction.trandate",
        own=True,
        description="The order date of NetSuite, in the account's zone.",
    ),
    Field(
        "tracking_numbers",
        "Shipping Tracking Number",
        "text",
        "hs_shipping_tracking_number",
        "shipped item fulfillments' tracking numbers, joined by a comma",
    ),
    Field("tracking_url", "Tracking link", "url", "hs_shipping_status_url", "carrier's page, where known"),
    Field(
        "po_number",
        "PO #",
        "text",
        "netsuite_po_number",
        "transaction.otherrefnum",
        own=True,
        description="The customer's purchase order number, from NetSuite.",
    ),
    Field(
        "deal_name",
        "Deal Name",
        "text",
        "netsuite_deal_name",
        "custom field",
        own=True,
        description="The name of the deal that the order came from, as NetSuite has it.",
    ),
    Field(
        "deal_url",
        "HubSpot Deal URL",
        "url",
        "netsuite_hubspot_deal_url",
        "custom field",
        own=True,
        description="Opens the deal that the order came from, where NetSuite knows it.",
    ),
    Field("source_store", "Source Store", "text", "hs_source_store", "custom field"),
    Field(
        "sales_effective_on",
        "Sales Effective Date",
        "date",
        "netsuite_sales_effective_date",
        "saleseffectivedate or a custom field",
        own=True,
        description="The date on which the sale counts in NetSuite, where it is not the order date.",
    ),
    Field(
        "partner_name",
        "Partner",
        "text",
        "netsuite_partner",
        "partner's name",
        own=True,
        description="The partner who gets credit for the order in NetSuite.",
    ),
    Field(
        "buying_group",
        "Buying Group at Date of Transaction",
        "text",
        "netsuite_buying_group",
        "custom field",
        own=True,
        description="The customer's buying group when the order was entered in NetSuite.",
    ),
    Field(
        "payment_note",
        "Payment Notes",
        "text",
        "netsuite_payment_note",
        "custom field; card numbers keep their last four digits only",
        own=True,
        description="How the order was paid, from NetSuite; of a card, its last four digits at most.",
        when_edited="report",
    ),
    Field("ship_name", "Ship to name", "text", "hs_shipping_address_name", "transactionShippingAddress"),
    Field(
        "ship_street", "Ship to street", "text", "hs_shipping_address_street", "transactionShippingAddress"
    ),
    Field("ship_city", "Ship to city", "text", "hs_shipping_address_city", "transactionShippingAddress"),
    Field("ship_state", "Ship to state", "text", "hs_shipping_address_state", "transactionShippingAddress"),
    Field(
        "ship_postal_code",
        "Ship to postal code",
        "text",
        "hs_shipping_address_postal_code",
        "transactionShippingAddress",
    ),
    Field(
        "ship_country", "Ship to country", "text", "hs_shipping_address_country", "transactionShippingAddress"
    ),
    Field(
        "rep_email",
        "Sales Rep = Owner",
        "owner",
        "hubspot_owner_id",
        "employee.email → HubSpot owner",
        when_edited="report",
    ),
)


RETURN_FIELDS: tuple[Field, ...] = (
    Field(
        "returned_minor",
        "NetSuite Returned Amount",
        "money",
        "netsuite_returned_amount",
        "return authorizations of the order: what counts of each, in the order's currency",
        own=True,
        description="What was returned of this order, with tax: nothing of returns that are pending approval or "
        "cancelled, the received part of closed ones, else the whole return. Empty where the sync sees no returns.",
    ),
    Field(
        "refunded_minor",
        "NetSuite Refund Amount",
        "money",
        "netsuite_refund_amount",
        "credit memos and cash refunds made from the order's returns",
        own=True,
        description="What was refunded for this order's returns. Empty where the sync sees no returns.",
    ),
    Field(
        "net_total_minor",
        "NetSuite Net Total",
        "money",
        "netsuite_net_total",
        "total less the returned amount",
        own=True,
        description="The order's total less its returned amount. Empty where the sync sees no returns.",
    ),
    Field(
        "return_status",
        "NetSuite Return Status",
        "text",
        "netsuite_return_status",
        "stages of the order's returns",
        own=True,
        description="The stages that the order's returns are in, such as Pending Receipt. Empty: no returns.",
    ),
)
"""Of an order, where returns are read."""


STAGE_PROPERTIES = ("hs_pipeline", "hs_pipeline_stage")


LINE_FIELDS: tuple[Field, ...] = (
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
    Field("quantity", "Quantity", "decimal", "quantity", "quantity, sign turned; empty or zero becomes 1"),
    Field("unit_price", "Unit price", "decimal", "price", "rate, or amount ÷ quantity"),
    Field("currency", "Currency", "enumeration", "hs_line_item_currency_code", "the order's currency"),
    Field(
        "amount_minor",
        "NetSuite Line Amount",
        "money",
        "netsuite_line_amount",
        "foreignamount, sign turned",
        own=True,
        description="The line's exact amount in NetSuite, in the order's currency.",
    ),
)


PRODUCT_FIELD = Field(
    "sku",
    "Product",
    "product",
    "hs_product_id",
    "the HubSpot product with the line's SKU, by setting",
    key="product",
)
"""Of a line, where lines are linked to products."""


KEY_AND_DAY = frozenset(
    {
        UNIQUE_ORDER_KEY,
        "hs_external_order_id",
        "hs_order_name",
        "hs_currency_code",
        "netsuite_order_date",
        "netsuite_sales_effective_date",
        *STAGE_PROPERTIES,
    }
)
"""What says which order it is, and on which day, in which currency and stage its dollars count: always healed."""


NEEDED = frozenset(
    {UNIQUE_ORDER_KEY, UNIQUE_LINE_KEY, "hs_order_name", "hs_currency_code", "name"}
    | {f.hubspot_property for f in ORDER_FIELDS + RETURN_FIELDS + LINE_FIELDS if f.kind == "money"}
)
"""Properties without which nothing can be found, shown or reconciled: never switched off."""
