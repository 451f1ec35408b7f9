"""The CRM object types that the emulator has, their names, and the association types between them.

Belongs here: constants of HubSpot's data model. Does not belong: properties (native_properties), rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ns_hs_orders.sandbox.hubspot.errors import ApiError, bad_request


@dataclass(frozen=True)
class ObjectType:
    """One object type: plural name, singular name, id, and what a create must hold."""

    plural: str
    singular: str
    type_id: str
    scope: str
    required: tuple[str, ...] = ()
    modified: str = "hs_lastmodifieddate"
    default_properties: tuple[str, ...] = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
    search_text: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name that error messages use."""
        return self.singular.upper()


ORDERS = ObjectType(
    "orders", "order", "0-123", "orders", required=("hs_order_name",),
    search_text=("hs_order_name", "hs_external_order_id"),
)  # fmt: skip
LINE_ITEMS = ObjectType("line_items", "line_item", "0-8", "line_items", search_text=("name", "hs_sku"))
COMPANIES = ObjectType(
    "companies", "company", "0-2", "companies",
    default_properties=("createdate", "hs_lastmodifieddate", "hs_object_id", "name", "domain"),
    search_text=("name", "domain", "phone"),
)  # fmt: skip
CONTACTS = ObjectType(
    "contacts", "contact", "0-1", "contacts", modified="lastmodifieddate",
    default_properties=("createdate", "lastmodifieddate", "hs_object_id", "email", "firstname", "lastname"),
    search_text=("firstname", "lastname", "email"),
)  # fmt: skip
DEALS = ObjectType(
    "deals", "deal", "0-3", "deals",
    default_properties=(
        "createdate", "hs_lastmodifieddate", "hs_object_id", "dealname", "amount", "closedate", "pipeline",
        "dealstage",
    ),
    search_text=("dealname",),
)  # fmt: skip
PRODUCTS = ObjectType("products", "product", "0-7", "products", search_text=("name", "hs_sku"))
NOTES = ObjectType("notes", "note", "0-46", "notes")
TASKS = ObjectType("tasks", "task", "0-27", "tasks")
CALLS = ObjectType("calls", "call", "0-48", "calls")
EMAILS = ObjectType("emails", "email", "0-49", "emails")
MEETINGS = ObjectType("meetings", "meeting", "0-47", "meetings")
TICKETS = ObjectType("tickets", "ticket", "0-5", "tickets")
COMMUNICATIONS = ObjectType("communications", "communication", "0-18", "communications")
POSTAL_MAIL = ObjectType("postal_mail", "postal_mail", "0-116", "postal_mail")
ACTIVITIES = (NOTES, TASKS, CALLS, EMAILS, MEETINGS, COMMUNICATIONS, POSTAL_MAIL)
INVOICES = ObjectType("invoices", "invoice", "0-53", "invoices")
PAYMENTS = ObjectType("commerce_payments", "commerce_payment", "0-101", "commercepayments")
QUOTES = ObjectType("quotes", "quote", "0-14", "quotes")
CARTS = ObjectType("carts", "cart", "0-142", "carts")
SUBSCRIPTIONS = ObjectType("subscriptions", "subscription", "0-69", "subscriptions")
COMMERCE = (INVOICES, PAYMENTS, QUOTES, CARTS, SUBSCRIPTIONS)

OBJECT_TYPES = (ORDERS, LINE_ITEMS, COMPANIES, CONTACTS, DEALS, PRODUCTS, *ACTIVITIES, TICKETS, *COMMERCE)
_BY_NAME = {
    name: kind for kind in OBJECT_TYPES for name in (kind.plural, kind.singular, kind.type_id)
}  # fmt: skip


def object_type(name: str) -> ObjectType:
    """The type by plural, singular or id, whatever its case.

    Raises:
        ApiError: 400, for a name that HubSpot doesn't know.
    """
    kind = _BY_NAME.get(name.lower())
    if kind is None:
        raise bad_request(f"Unable to infer object type from: {name}")
    return kind


@dataclass(frozen=True)
class AssociationType:
    """One direction of an association between two object types."""

    from_type: str
    to_type: str
    type_id: int
    inverse_id: int
    label: str | None = None
    category: str = "HUBSPOT_DEFINED"
    name: str = ""

    @property
    def is_primary(self) -> bool:
        """At most one of these per record of the `from` side."""
        return self.label == "Primary" and self.category == "HUBSPOT_DEFINED" and self.to_type == "companies"

    def inverse(self) -> "AssociationType":
        """The same association seen from its other end."""
        return AssociationType(
            self.to_type, self.from_type, self.inverse_id, self.type_id, self.label, self.category, self.name
        )


def _both_ways(
    from_type: str, to_type: str, type_id: int, inverse_id: int, label: str | None = None
) -> Iterable[AssociationType]:
    yield AssociationType(from_type, to_type, type_id, inverse_id, label)
    yield AssociationType(to_type, from_type, inverse_id, type_id, label)


# Ids from HubSpot's table of association types; "Primary" ones imply the unlabelled one of the pair.
ASSOCIATION_TYPES: tuple[AssociationType, ...] = (
    *_both_ways("orders", "contacts", 507, 508),
    *_both_ways("orders", "companies", 934, 935),
    *_both_ways("orders", "companies", 509, 510, "Primary"),
    *_both_ways("orders", "deals", 512, 511),
    *_both_ways("orders", "line_items", 513, 514),
    *_both_ways("orders", "tickets", 525, 526),
    *_both_ways("orders", "tasks", 726, 727),
    *_both_ways("orders", "notes", 764, 765),
    *_both_ways("orders", "meetings", 768, 769),
    *_both_ways("orders", "calls", 772, 773),
    *_both_ways("orders", "emails", 776, 777),
    *_both_ways("orders", "communications", 784, 785),
    *_both_ways("orders", "postal_mail", 789, 790),
    *_both_ways("orders", "invoices", 518, 517),
    *_both_ways("orders", "commerce_payments", 523, 524),
    *_both_ways("orders", "quotes", 730, 731),
    *_both_ways("orders", "carts", 593, 592),
    *_both_ways("orders", "subscriptions", 516, 515),
    *_both_ways("deals", "line_items", 19, 20),
    *_both_ways("contacts", "companies", 279, 280),
    *_both_ways("contacts", "companies", 1, 2, "Primary"),
    *_both_ways("deals", "companies", 341, 342),
    *_both_ways("deals", "companies", 5, 6, "Primary"),
    *_both_ways("deals", "contacts", 3, 4),
)

# In no official table: whether a portal has it, and under which id, is a switch.
ORDER_TO_ORDER = AssociationType("orders", "orders", 1390, 1390)


def unknown_association(from_type: str, to_type: str, type_id: object) -> ApiError:
    """400: this type id does not lead from the one object type to the other."""
    return bad_request(
        f"No association type {type_id} exists between {from_type} and {to_type}",
        {"associationTypeId": [str(type_id)], "fromObjectType": [from_type], "toObjectType": [to_type]},
    )
