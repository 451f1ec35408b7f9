"""The field map: one table that drives SuiteQL columns, contracts, HubSpot properties, compare and docs.

Belongs here: which NetSuite column feeds which column of `orders` and `order_lines`, and which HubSpot
property each of those is written to. Does not belong here: how a value is computed (mapping), written
(push) or compared (reconcile).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as part
from typing import Literal

from ns_hs_orders.errors import ConfigError

Kind = Literal[
    "text",
    "long_text",
    "money",
    "decimal",
    "date",
    "datetime",
    "boolean",
    "enumeration",
    "url",
    "owner",
    "product",
    "order_link",
]
HealPolicy = Literal["heal", "keep", "report"]
"""What becomes of a person's edit in HubSpot. heal: the next sync writes NetSuite's value again. keep: it stays, and
counts as agreeing. report: it stays, and is listed."""

UNIQUE_ORDER_KEY = "netsuite_internal_id"
UNIQUE_LINE_KEY = "netsuite_line_key"
PROPERTY_GROUP = "netsuite"
PROPERTY_GROUP_LABEL = "NetSuite"
ADDED_PREFIX = "custom_"
"""Of the columns of the mapping file's fields, so that none is ever a column of the sync, or a word of SuiteQL."""
TRUST_GROUP = "netsuite_dollars_verified"
TRUST_GROUP_LABEL = "Dollars verified"


@dataclass(frozen=True)
class SourceColumn:
    """One column of a raw frame and the SuiteQL expression that fills it.

    expression: on `t` (transaction), `tl` (transactionline), `cur`, `i` or a join of the mapping file, with no alias;
    `{name}` stands for an account's custom field, filled by `account_columns`. kind: `text`, `date` (rendered
    YYYY-MM-DD) or `datetime` (rendered in UTC, ISO 8601). required: extraction stops without it;
    otherwise it is dropped with a warning that names the fields it costs. masked: card numbers are
    masked as the answer is parsed. origin: where in the mapping file it is named, for messages.
    """

    name: str
    expression: str
    kind: Literal["text", "date", "datetime"] = "text"
    required: bool = False
    masked: bool = False
    setting: str | None = None
    origin: str = part(default="", compare=False)


@dataclass(frozen=True)
class Reading:
    """How a field of the mapping file takes its value from the text of a raw column.

    column: of the raw frame. steps: names of transforms, in their order. table: value of NetSuite → value of HubSpot,
    where there is a lookup; `*` stands for every other value. hold: whether an order whose text cannot be read is
    held back; else the field is left empty.
    """

    column: str
    steps: tuple[str, ...] = ()
    table: tuple[tuple[str, str], ...] = ()
    hold: bool = True


@dataclass(frozen=True)
class Field:
    """One column of a mapped frame and the HubSpot property that it is written to.

    name: column in `orders` or `order_lines` (money ends in `_minor`, dates in `_on`, times in `_at`).
    own: the property is ours, created by setup; otherwise it is HubSpot's. unique: created with
    hasUniqueValue. source: where the value comes from, in words, for the docs. when_edited: of an order's field.
    options: internal values of an enumeration of ours. group: the property group that setup makes it in, where the
    mapping file names one. key: its name
    in the mapping file, where that is not its column's. reading: of a field that the mapping file adds. origin: where
    in the mapping file it is added or given another property, for messages.
    """

    name: str
    label: str
    kind: Kind
    hubspot_property: str
    source: str
    own: bool = False
    unique: bool = False
    description: str = ""
    when_edited: HealPolicy = "heal"
    options: tuple[str, ...] = ()
    group: str = ""
    key: str = ""
    reading: Reading | None = None
    origin: str = part(default="", compare=False)

    @property
    def mapping_name(self) -> str:
        """What the field is called in the mapping file."""
        return self.key or self.name


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

VERIFICATION = "netsuite_verification"
VERIFIED_AT = "netsuite_verified_at"
VERIFIED_DIFFERENCE = "netsuite_verified_difference"
VERIFICATION_REASON = "netsuite_verification_reason"
VERIFICATIONS = ("agrees", "differs", "held")

TRUST_FIELDS: tuple[Field, ...] = (
    Field(
        "verification",
        "Dollars verified",
        "enumeration",
        VERIFICATION,
        "the last reconciliation: agrees, differs, or held where NetSuite's version is not in HubSpot yet",
        own=True,
        description="Whether the dollars of this order are NetSuite's. Agrees: to the cent. Differs: do not rely on "
        "them. Held: NetSuite has another version, which is not in HubSpot yet. Written by the sync.",
        options=VERIFICATIONS,
    ),
    Field(
        "verified_at",
        "Dollars verified at",
        "datetime",
        VERIFIED_AT,
        "when a reconciliation first found it so",
        own=True,
        description="When both systems were compared and first found as told here. Written by the sync.",
    ),
    Field(
        "verified_difference",
        "Dollars: HubSpot minus NetSuite",
        "decimal",
        VERIFIED_DIFFERENCE,
        "HubSpot's total less NetSuite's, in the order's currency; zero where they are equal",
        own=True,
        description="By how much HubSpot's total is above NetSuite's, in the order's currency. Written by the sync.",
    ),
    Field(
        "verification_reason",
        "Dollars: why, and what to do",
        "long_text",
        VERIFICATION_REASON,
        "the cause of a difference and the next step, in words; empty where the order agrees",
        own=True,
        description="Why the order differs or is held, and what to do about it. Written by the sync.",
    ),
)
"""Properties of an order that tell whether its dollars can be trusted: not compared, and not sent by the push."""

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


@dataclass(frozen=True)
class FieldMap:
    """The field map in force for one account: sources and fields that are not switched off.

    return_fields: of return records, where returns are records (return_fields). return_columns: what the mapping file
    adds to return authorizations.
    company_fields: what a company tells of its buying, where the account has roll-ups.
    """

    header_columns: tuple[SourceColumn, ...] = HEADER_COLUMNS
    line_columns: tuple[SourceColumn, ...] = LINE_COLUMNS
    order_fields: tuple[Field, ...] = ORDER_FIELDS
    line_fields: tuple[Field, ...] = LINE_FIELDS
    trust_fields: tuple[Field, ...] = TRUST_FIELDS
    return_columns: tuple[SourceColumn, ...] = ()
    return_fields: tuple[Field, ...] = ()

    @property
    def added_order_fields(self) -> tuple[Field, ...]:
        """Those of orders that the mapping file adds."""
        return tuple(f for f in self.order_fields if f.reading)

    @property
    def added_line_fields(self) -> tuple[Field, ...]:
        """Those of lines that the mapping file adds."""
        return tuple(f for f in self.line_fields if f.reading)

    @property
    def added_return_line_fields(self) -> tuple[Field, ...]:
        """Those of lines that the lines of returns have, too: no amounts, which reports on line items would add up."""
        return tuple(f for f in self.added_line_fields if f.kind != "money")

    @property
    def added_return_fields(self) -> tuple[Field, ...]:
        """Those of return records that the mapping file adds."""
        return tuple(f for f in self.return_fields if f.reading)

    @property
    def of_mapping_file(self) -> tuple[Field, ...]:
        """Fields of orders and lines that the mapping file adds or writes to another property."""
        return tuple(f for f in (*self.order_fields, *self.line_fields) if f.origin)

    company_fields: tuple[Field, ...] = ()

    @property
    def left_when_edited(self) -> dict[str, HealPolicy]:
        """The order's properties whose edits in HubSpot are not healed, with their policy."""
        return {f.hubspot_property: f.when_edited for f in self.order_fields if f.when_edited != "heal"}

    def without(self, source_names: frozenset[str]) -> FieldMap:
        """The same map without raw columns that the account does not have; mapped fields stay, empty."""
        return replace(
            self,
            header_columns=tuple(c for c in self.header_columns if c.name not in source_names),
            line_columns=tuple(c for c in self.line_columns if c.name not in source_names),
        )


def field_map(
    account_columns: Mapping[str, str],
    *,
    switched_off: frozenset[str] = frozenset(),
    heal_policy: Mapping[str, HealPolicy] | None = None,
    has_trust_fields: bool = True,
    has_products: bool = False,
    has_returns: bool = False,
) -> FieldMap:
    """The field map of an account.

    account_columns: setting name → NetSuite column, "" where the account has none. switched_off:
    HubSpot properties that are not to be written; the unique keys and amounts cannot be. heal_policy: property →
    policy, where it is not the field's own. has_trust_fields: whether orders tell if their dollars are verified.
    has_products: whether lines are linked to products. has_returns: whether orders tell of their returns.

    Raises ConfigError naming an unknown property, one that cannot be switched off, or one that must be healed.
    """
    policies = heal_policy or {}
    _check_policies(policies)
    known = {f.hubspot_property for f in ORDER_FIELDS + RETURN_FIELDS + LINE_FIELDS}
    if unknown := switched_off - known:
        raise ConfigError(
            f"Unknown HubSpot properties to switch off: {', '.join(sorted(unknown))}. "
            f"Known ones: {', '.join(sorted(known - NEEDED))}."
        )
    if kept := switched_off & NEEDED:
        raise ConfigError(f"These properties cannot be switched off: {', '.join(sorted(kept))}.")

    columns = []
    for column in HEADER_COLUMNS:
        if column.setting is None:
            columns.append(column)
        elif account_columns.get(column.setting):
            columns.append(
                replace(
                    column,
                    expression=column.expression.format(**{column.setting: account_columns[column.setting]}),
                )
            )
    return FieldMap(
        header_columns=tuple(columns),
        order_fields=tuple(
            replace(f, when_edited=policies.get(f.hubspot_property, f.when_edited))
            for f in (*ORDER_FIELDS, *(RETURN_FIELDS if has_returns else ()))
            if f.hubspot_property not in switched_off
        ),
        line_fields=tuple(
            f
            for f in (*LINE_FIELDS, *([PRODUCT_FIELD] if has_products else []))
            if f.hubspot_property not in switched_off
        ),
        trust_fields=TRUST_FIELDS if has_trust_fields else (),
    )


def may_be_left(field: Field) -> bool:
    """Whether an edit in HubSpot of this field of an order may stay: not of keys, amounts, currency and days."""
    return field.kind != "money" and field.hubspot_property not in KEY_AND_DAY


def _check_policies(policies: Mapping[str, HealPolicy]) -> None:
    """Raises ConfigError for a property that has no policy of its own, and for one that must be healed."""
    of_orders = ORDER_FIELDS + RETURN_FIELDS
    free = [f.hubspot_property for f in of_orders if may_be_left(f)]
    always = {f.hubspot_property for f in of_orders} - set(free)
    always |= {f.hubspot_property for f in LINE_FIELDS} | KEY_AND_DAY
    allowed = f"A policy of their own may have: {', '.join(free)}."
    if unknown := sorted(set(policies) - set(free) - always):
        raise ConfigError(f"Unknown HubSpot properties in the heal policy: {', '.join(unknown)}. {allowed}")
    if healed := sorted(name for name, one in policies.items() if name in always and one != "heal"):
        raise ConfigError(
            f"{', '.join(healed)} must be healed, since keys, amounts, days, stages and line items are NetSuite's. "
            f"{allowed}"
        )
