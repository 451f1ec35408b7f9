"""Which expressions of SuiteQL fill the raw columns of orders and lines, and the joins that paths may take.

Belongs here: one line a raw column. Does not belong here: which tables are read and when (extract.sources), or what a
value becomes (mapping).
"""

from __future__ import annotations

from collections.abc import Mapping

from ns_hs_orders.fields.field import SourceColumn

HEADER_COLUMNS: tuple[SourceColumn, ...] = (
    SourceColumn("order_id_netsuite", "t.id", required=True),
    SourceColumn("order_number", "t.tranid", required=True),
    SourceColumn("status", "t.status", required=True),
    SourceColumn("status_text", "BUILTIN.DF(t.status)"),
    SourceColumn("order_on", "t.trandate", kind="date", required=True),
    SourceColumn("created_at", "t.createddate", kind="datetime", required=True),
    SourceColumn("modified_at", "t.lastmodifieddate", kind="datetime", required=True),
    SourceColumn("entity_id", "t.entity", required=True),
    SourceColumn("currency", "cur.symbol", required=True),
    SourceColumn("exchange_rate", "t.exchangerate"),
    SourceColumn("total", "t.foreigntotal", required=True),
    SourceColumn("memo", "t.memo", masked=True),
    SourceColumn("po_number", "t.otherrefnum", masked=True),
    SourceColumn("rep_id", "t.employee"),
    SourceColumn("partner_id", "t.partner"),
    SourceColumn("shipping_address_id", "t.shippingaddress"),
    SourceColumn("source", "t.source"),
    SourceColumn("voided", "t.voided"),
    SourceColumn("source_store", "t.{source_store_field}", masked=True, setting="source_store_field"),
    SourceColumn("payment_note", "t.{payment_note_field}", masked=True, setting="payment_note_field"),
    SourceColumn("buying_group", "t.{buying_group_field}", masked=True, setting="buying_group_field"),
    SourceColumn("deal_name", "t.{deal_name_field}", masked=True, setting="deal_name_field"),
    SourceColumn("deal_url", "t.{deal_url_field}", setting="deal_url_field"),
    SourceColumn("deal_reference", "t.{deal_id_field}", setting="deal_id_field"),
    SourceColumn("contact_reference", "t.{contact_id_field}", setting="contact_id_field"),
    SourceColumn("order_email", "t.{contact_email_field}", setting="contact_email_field"),
    SourceColumn(
        "sales_effective_on",
        "t.{sales_effective_date_field}",
        kind="date",
        setting="sales_effective_date_field",
    ),
    SourceColumn("criterion", "t.{criterion_field}", setting="criterion_field"),
)


LINE_COLUMNS: tuple[SourceColumn, ...] = (
    SourceColumn("order_id_netsuite", "tl.transaction", required=True),
    SourceColumn("line_unique_key", "tl.uniquekey", required=True),
    SourceColumn("line_id", "tl.id"),
    SourceColumn("line_sequence", "tl.linesequencenumber"),
    SourceColumn("mainline", "tl.mainline", required=True),
    SourceColumn("taxline", "tl.taxline", required=True),
    SourceColumn("item_id", "tl.item", required=True),
    SourceColumn("sku", "i.itemid"),
    SourceColumn("item_name", "i.displayname"),
    SourceColumn("item_type", "tl.itemtype"),
    SourceColumn("item_type_of_item", "i.itemtype"),
    SourceColumn("line_type", "tl.transactionlinetype"),
    SourceColumn("line_memo", "tl.memo", masked=True),
    SourceColumn("quantity", "tl.quantity", required=True),
    SourceColumn("rate", "tl.rate"),
    SourceColumn("amount", "tl.foreignamount", required=True),
    SourceColumn("quantity_shipped", "tl.quantityshiprecv"),
    SourceColumn("quantity_billed", "tl.quantitybilled"),
    SourceColumn("is_closed", "tl.isclosed"),
    SourceColumn("kit_component", "tl.kitcomponent"),
    SourceColumn("assembly_component", "tl.assemblycomponent"),
    SourceColumn("is_cogs", "tl.iscogs"),
    SourceColumn("subsidiary", "tl.subsidiary"),
)


_MAIN_LINE = "LEFT JOIN transactionline m_line ON m_line.transaction = t.id AND m_line.mainline = 'T'"


_CUSTOMER = ("m_entity", ("LEFT JOIN customer m_entity ON m_entity.id = t.entity",))


ORDER_JOINS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "currency": ("cur", ("LEFT JOIN currency cur ON cur.id = t.currency",)),
    "entity": _CUSTOMER,
    "customer": _CUSTOMER,
    "employee": ("m_employee", ("LEFT JOIN employee m_employee ON m_employee.id = t.employee",)),
    "partner": ("m_partner", ("LEFT JOIN partner m_partner ON m_partner.id = t.partner",)),
    "shipping_address": (
        "m_shipping",
        ("LEFT JOIN transactionShippingAddress m_shipping ON m_shipping.nkey = t.shippingaddress",),
    ),
    "billing_address": (
        "m_billing",
        ("LEFT JOIN transactionBillingAddress m_billing ON m_billing.nkey = t.billingaddress",),
    ),
    "mainline": ("m_line", (_MAIN_LINE,)),
    "location": (
        "m_location",
        (_MAIN_LINE, "LEFT JOIN location m_location ON m_location.id = m_line.location"),
    ),
    "department": (
        "m_department",
        (_MAIN_LINE, "LEFT JOIN department m_department ON m_department.id = m_line.department"),
    ),
    "class": ("m_class", (_MAIN_LINE, "LEFT JOIN classification m_class ON m_class.id = m_line.class")),
    "subsidiary": (
        "m_subsidiary",
        (_MAIN_LINE, "LEFT JOIN subsidiary m_subsidiary ON m_subsidiary.id = m_line.subsidiary"),
    ),
}
"""First part of a path of an order or return in the mapping file → alias, and the joins that it needs. Location,
department, class and subsidiary stand on a transaction's main line."""


LINE_JOINS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "item": ("i", ("LEFT JOIN item i ON i.id = tl.item",)),
    "location": ("m_location", ("LEFT JOIN location m_location ON m_location.id = tl.location",)),
    "department": ("m_department", ("LEFT JOIN department m_department ON m_department.id = tl.department",)),
    "class": ("m_class", ("LEFT JOIN classification m_class ON m_class.id = tl.class",)),
}
"""The same for a path of a line."""
