"""What is read from which NetSuite table: columns, joins, and what each costs where it is missing.

Belongs here: tables, joins and columns beside those of the field map. Does not belong here: which of
them an account has (plan), or which rows are asked for (orders, related).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from ns_hs_orders.extract.suiteql.literals import column_name
from ns_hs_orders.extract.suiteql.session_time import SESSION_MASK, UTC_MASK
from ns_hs_orders.fields.columns import LINE_JOINS, ORDER_JOINS
from ns_hs_orders.fields.field import SourceColumn
from ns_hs_orders.fields.field_map import FieldMap

ORDER_TYPE = "t.type = 'SalesOrd'"
SHIPMENT_LINKS = "l.linktype IN ('ShipRcpt', 'PickPack') AND f.type = 'ItemShip'"


@dataclass(frozen=True)
class Source:
    """One table with its joins, as one query reads it.

    joins: alias → joins, left out where no column uses the alias; a join that several need is made once. where: always
    asked. required: a sync
    cannot run without it. costs: what stays empty where the account has no such table.
    """

    name: str
    table: str
    columns: tuple[SourceColumn, ...]
    joins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    required: bool = False
    costs: str = ""

    def tables(self, columns: tuple[SourceColumn, ...]) -> str:
        """FROM, with the joins that the columns use."""
        used = [
            join
            for alias, joins in self.joins.items()
            if any(_uses(c, alias) for c in columns)
            for join in joins
        ]
        return " ".join([self.table, *dict.fromkeys(used)])

    def shown(self, column: SourceColumn) -> str:
        """The column as people know it: `transaction.memo`."""
        alias, _, name = column.expression.split("(")[-1].rstrip(")").partition(".")
        return f"{self.table_of(alias)}.{name}"

    def table_of(self, alias: str) -> str:
        """The table that an alias stands for."""
        words = " ".join((self.table, *self.joins.get(alias, ()))).split()
        return next((table for table, name in pairwise(words) if name == alias), words[0])


def rendered(column: SourceColumn, *, utc: bool) -> str:
    """The expression that brings the column as text: dates as YYYY-MM-DD, times in UTC or session time."""
    if column.kind == "date":
        return f"TO_CHAR({column.expression}, 'YYYY-MM-DD')"
    if column.kind == "datetime" and utc:
        return f"TO_CHAR(SYS_EXTRACT_UTC({column.expression}), '{UTC_MASK}')"
    if column.kind == "datetime":
        return f"TO_CHAR({column.expression}, '{SESSION_MASK}')"
    return column.expression


def _uses(column: SourceColumn, alias: str) -> bool:
    return column.expression.split("(")[-1].startswith(f"{alias}.")


def _columns(alias: str, **names: str) -> tuple[SourceColumn, ...]:
    """name=column pairs of one table; a column that starts with ! is required."""
    return tuple(
        SourceColumn(name, f"{alias}.{column.lstrip('!')}", required=column.startswith("!"))
        for name, column in names.items()
    )


PROJECT = Source(
    "project",
    "job j",
    _columns("j", id="!id", customer_id="customer", parent_id="parent"),
    costs="orders of projects cannot be traced to their customer and stay out of HubSpot",
)
EMPLOYEE = Source(
    "employee",
    "employee e",
    _columns(
        "e",
        id="!id",
        email="email",
        first_name="firstname",
        last_name="lastname",
        entity_name="entityid",
    ),
    costs="Sales Rep = Owner (hubspot_owner_id)",
)
PARTNER = Source(
    "partner",
    "partner p",
    _columns("p", id="!id", company_name="companyname", entity_name="entityid"),
    costs="Partner (netsuite_partner)",
)
ADDRESS = Source(
    "address",
    "transactionShippingAddress a",
    _columns(
        "a",
        id="!nkey",
        addressee="addressee",
        attention="attention",
        addr1="addr1",
        addr2="addr2",
        addr3="addr3",
        city="city",
        state="state",
        zip="zip",
        country="country",
    ),
    costs="Ship to Address (hs_shipping_address_*)",
)
_FULFILLMENT = (
    *_columns("f", id="!id", status="!status", carrier="shipcarrier"),
    SourceColumn("method", "BUILTIN.DF(f.shipmethod)"),
)
SHIPMENT = Source(
    "shipment",
    "NextTransactionLink l INNER JOIN transaction f ON f.id = l.nextdoc",
    (SourceColumn("order_id", "l.previousdoc", required=True), *_FULFILLMENT),
    where=(SHIPMENT_LINKS,),
    costs="Shipping Tracking Number (hs_shipping_tracking_number)",
)
SHIPMENT_BY_LINE = Source(
    "shipment_by_line",
    "transactionline l INNER JOIN transaction f ON f.id = l.transaction",
    (SourceColumn("order_id", "l.createdfrom", required=True), *_FULFILLMENT),
    where=("l.mainline = 'T'", "f.type = 'ItemShip'"),
    costs="Shipping Tracking Number (hs_shipping_tracking_number)",
)
TRACKING = Source(
    "tracking",
    "TrackingNumberMap m INNER JOIN TrackingNumber n ON n.id = m.trackingnumber",
    (
        SourceColumn("id", "m.trackingnumber", required=True),
        SourceColumn("shipment_id", "m.transaction", required=True),
        SourceColumn("number", "n.trackingnumber", required=True),
    ),
    costs="Shipping Tracking Number (hs_shipping_tracking_number)",
)
TAX_DETAIL = Source(
    "tax_detail",
    "transactiontaxdetail d",
    (
        SourceColumn("order_id", "d.transaction", required=True),
        SourceColumn("tax", "d.taxamount", required=True),
    ),
    costs="Tax Price (hs_tax) in SuiteTax accounts",
)


def header(fields: FieldMap) -> Source:
    """Sales order headers, with the currency's code."""
    return Source(
        "header",
        "transaction t",
        tuple(_checked(column) for column in fields.header_columns),
        joins=dict(ORDER_JOINS.values()),
        where=(ORDER_TYPE,),
        required=True,
    )


def lines(fields: FieldMap) -> Source:
    """Lines of any transaction, with their items."""
    return Source(
        "line",
        "transactionline tl",
        fields.line_columns,
        joins=dict(LINE_JOINS.values()),
        required=True,
    )


def customer(hubspot_id_field: str, *, with_email: bool = False) -> Source:
    """Customers, with the field that holds their HubSpot id. with_email: their e-mail too. Raises ConfigError for a name that cannot be."""
    name = column_name(hubspot_id_field, "customer_hubspot_id_field")
    columns = _columns(
        "c",
        id="!id",
        company_name="companyname",
        alternative_name="altname",
        first_name="firstname",
        last_name="lastname",
        entity_name="entityid",
        is_person="isperson",
        parent_id="parent",
        **({"customer_email": "email"} if with_email else {}),
    )
    hubspot_id = SourceColumn("hubspot_id", f"c.{name}", required=True, setting="customer_hubspot_id_field")
    return Source("customer", "customer c", (*columns, hubspot_id), required=True)


def _checked(column: SourceColumn) -> SourceColumn:
    """A column with its account's name checked; who sets a criterion depends on it."""
    if column.setting is None:
        return column
    column_name(column.expression.removeprefix("t."), column.setting)
    if column.setting != "criterion_field":
        return column
    return SourceColumn(column.name, column.expression, column.kind, True, column.masked, column.setting)


# What a raw column feeds: names of mapped fields, where they are not the column's own.
FEEDS: Mapping[str, tuple[str, ...]] = {
    "rep_id": ("rep_email",),
    "partner_id": ("partner_name",),
    "shipping_address_id": ("ship_street", "ship_city", "ship_state", "ship_postal_code", "ship_country"),
    "item_name": ("line_name",),
    "line_memo": ("line_description",),
    "rate": ("unit_price",),
    "quantity_shipped": ("fulfillment_status",),
    "quantity_billed": ("closed_minor",),
}
# What a raw column is for that feeds no property of its own.
SERVES: Mapping[str, str] = {
    "exchange_rate": "figures in the base currency",
    "deal_reference": "the association with the deal (its URL is used)",
    "contact_reference": "the association with a contact by its id",
    "order_email": "the association with a contact by the order's e-mail",
    "customer_email": "the association with a contact by the customer's e-mail",
    "source": "the order's source in reports",
    "voided": "voided orders in reports",
    "line_id": "the line's number in reports",
    "line_sequence": "the order of the lines",
    "item_type": "line classes (the item's own type is used instead)",
    "item_type_of_item": "line classes (the line's own item type is used)",
    "is_closed": "closed lines (all count as open)",
    "kit_component": "kit components (they count as goods)",
    "assembly_component": "assembly components (they count as goods)",
    "is_cogs": "cost rows (they count as goods)",
    "subsidiary": "the criterion by subsidiary",
    "company_name": "the customer's or partner's name",
    "alternative_name": "the customer's name",
    "first_name": "names of persons",
    "last_name": "names of persons",
    "entity_name": "names, where there is no other",
    "is_person": "telling persons from companies among customers",
    "parent_id": "the parent's HubSpot id for sub-customers",
    "customer_id": "a project's customer (its parent is used)",
    "email": "Sales Rep = Owner (hubspot_owner_id)",
    "carrier": "Tracking link (hs_shipping_status_url)",
    "method": "the shipping method in the order's story",
}
