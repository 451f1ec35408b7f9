"""The property groups of our objects in HubSpot, so that a record's properties stand together as people read them.

Belongs here: which group each of our properties is in, the groups' labels and their order. Does not belong here: making
them (plan.py), or moving what an earlier setup made elsewhere (tidy.py). HubSpot's own properties stay in its own group.
"""

from __future__ import annotations

from ns_hs_orders.fields.field import PROPERTY_GROUP, PROPERTY_GROUP_LABEL, UNIQUE_ORDER_KEY, Field
from ns_hs_orders.fields.trust import TRUST_GROUP, TRUST_GROUP_LABEL
from ns_hs_orders.rollups.schema import ROLLUP_GROUP, ROLLUP_GROUP_LABEL

KEY_GROUP = "netsuite_key_and_links"
AMOUNT_GROUP = "netsuite_amounts"
DATE_GROUP = "netsuite_dates"
BUYING_GROUP = "netsuite_buying"
RETURN_GROUP = "netsuite_returns"

GROUP_LABELS: dict[str, str] = {
    KEY_GROUP: "NetSuite: key and links",
    AMOUNT_GROUP: "NetSuite: amounts",
    DATE_GROUP: "NetSuite: dates",
    BUYING_GROUP: "NetSuite: buying",
    RETURN_GROUP: "NetSuite: returns",
    PROPERTY_GROUP: PROPERTY_GROUP_LABEL,
    TRUST_GROUP: TRUST_GROUP_LABEL,
    ROLLUP_GROUP: ROLLUP_GROUP_LABEL,
}
"""Name → label, in the order in which a record shows them."""

FORMER_GROUPS = frozenset({PROPERTY_GROUP})
"""Where an earlier setup put them; a property that a person moved elsewhere stays there."""

_GROUPS: dict[str, str] = {
    UNIQUE_ORDER_KEY: KEY_GROUP,
    "netsuite_deal_name": KEY_GROUP,
    "netsuite_hubspot_deal_url": KEY_GROUP,
    "netsuite_payment_applied": AMOUNT_GROUP,
    "netsuite_unclassified_amount": AMOUNT_GROUP,
    "netsuite_closed_amount": AMOUNT_GROUP,
    "netsuite_order_date": DATE_GROUP,
    "netsuite_sales_effective_date": DATE_GROUP,
    "netsuite_po_number": BUYING_GROUP,
    "netsuite_partner": BUYING_GROUP,
    "netsuite_buying_group": BUYING_GROUP,
    "netsuite_payment_note": BUYING_GROUP,
    "netsuite_returned_amount": RETURN_GROUP,
    "netsuite_refund_amount": RETURN_GROUP,
    "netsuite_net_total": RETURN_GROUP,
    "netsuite_return_status": RETURN_GROUP,
}
_BY_KIND = {"money": AMOUNT_GROUP, "date": DATE_GROUP}


def group_of(field: Field) -> str:
    """The group of an order's property of ours; an amount or date that no table names is among its kind."""
    return _GROUPS.get(field.hubspot_property) or _BY_KIND.get(field.kind, PROPERTY_GROUP)


def label_of(group: str) -> str:
    """What the group is called; one that only the mapping file names is called by its name."""
    return GROUP_LABELS.get(group) or group.replace("_", " ").capitalize()


def place_of(group: str) -> int:
    """Where a record shows the group, from 1; HubSpot sorts groups by it."""
    return list(GROUP_LABELS).index(group) + 1 if group in GROUP_LABELS else -1
