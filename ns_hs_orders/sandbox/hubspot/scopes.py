"""Which scopes a call needs, and which the sandbox's token has.

Belongs here: scope names. Does not belong: the answer to a missing one (errors).
"""

from ns_hs_orders.sandbox.switches import Switches

_OBJECTS = (
    "orders", "line_items", "companies", "contacts", "deals", "products", "notes", "tasks", "calls", "emails",
    "meetings", "tickets", "communications", "postal_mail", "invoices", "commercepayments", "quotes", "carts",
    "subscriptions",
)  # fmt: skip
ALL_SCOPES = frozenset(
    [f"crm.objects.{name}.{right}" for name in _OBJECTS for right in ("read", "write")]
    + [
        f"crm.schemas.{name}.{right}"
        for name in ("orders", "companies", "contacts", "deals")
        for right in ("read", "write")
    ]
    + ["crm.schemas.line_items.read", "crm.pipelines.orders.read", "crm.pipelines.orders.write", "e-commerce"]
    + ["crm.lists.read", "crm.lists.write"]
    + ["crm.objects.owners.read", "settings.currencies.read", "settings.currencies.write", "oauth"]
)

_OWN_SCHEMAS = ("companies", "contacts", "deals")
"""Objects whose properties are not written by the right to write their records."""


def granted(switches: Switches) -> frozenset[str]:
    """The token's scopes: all, less those that a switch takes away."""
    return ALL_SCOPES - set(switches.hubspot_missing_scopes)


def of_object(name: str, right: str) -> tuple[str, ...]:
    """Scopes for records: the one that fits is needed."""
    return (f"crm.objects.{name}.{right}",)


def of_schema(name: str, right: str) -> tuple[str, ...]:
    """Scopes for property definitions and pipelines: any of them is enough."""
    if name == "line_items" and right == "write":
        return ("e-commerce",)
    if name in _OWN_SCHEMAS:
        of_records = (f"crm.objects.{name}.read",) if right == "read" else ()
        return (*of_records, f"crm.schemas.{name}.{right}")
    wanted = (f"crm.objects.{name}.{right}", f"crm.pipelines.{name}.{right}", f"crm.schemas.{name}.{right}")
    return (*wanted, "e-commerce")
