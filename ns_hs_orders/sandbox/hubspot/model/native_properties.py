"""The properties that HubSpot's object types have from birth.

Belongs here: names, types, flags. Types follow what live portals show, e.g. `hs_fulfillment_status` is free
text. Does not belong: custom properties (properties), how values are checked (values).
"""

from dataclasses import dataclass
from typing import Any

from ns_hs_orders.sandbox.hubspot.model.object_types import (
    CALLS,
    COMMERCE,
    COMMUNICATIONS,
    COMPANIES,
    CONTACTS,
    DEALS,
    EMAILS,
    LINE_ITEMS,
    MEETINGS,
    NOTES,
    OBJECT_TYPES,
    ORDERS,
    POSTAL_MAIL,
    PRODUCTS,
    TASKS,
    TICKETS,
)

FIELD_TYPES = {
    "string": "text", "number": "number", "date": "date", "datetime": "date", "enumeration": "select",
    "bool": "booleancheckbox", "phone_number": "phonenumber",
}  # fmt: skip
BOOL_OPTIONS = ({"label": "True", "value": "true"}, {"label": "False", "value": "false"})

_OWNED = "enumeration:owner hubspot_owner_id"
_SYSTEM = (
    "datetime:ro hs_lastmodifieddate hubspot_owner_assigneddate",
    "number:ro hs_object_id hs_created_by_user_id hs_updated_by_user_id",
    (
        "string:ro hs_object_source hs_object_source_id hs_object_source_label hs_object_source_detail_1 "
        "hs_merged_object_ids hubspot_team_id hs_all_owner_ids"
    ),
    "bool:ro hs_was_imported hs_read_only",
    "string:ro,unique hs_unique_creation_key",
)

_ACTIVITY = ("datetime:ro hs_createdate", "datetime: hs_timestamp")

# One line a kind: "<type>:<flags> <names>"; ro = read-only value, calc = calculated, options come from elsewhere.
_NATIVE: dict[str, tuple[str, ...]] = {
    ORDERS.plural: (
        *_SYSTEM,
        _OWNED,
        "datetime:ro hs_createdate hs_closed_date",
        (
            "string: hs_order_name hs_external_order_id hs_external_order_url hs_external_order_status "
            "hs_cancellation_reason hs_fulfillment_status hs_payment_status hs_discount_codes hs_order_note hs_tags "
            "hs_source_store hs_shipping_tracking_number hs_shipping_status_url hs_payment_processing_method "
            "hs_external_checkout_id hs_external_cart_id hs_landing_site"
        ),
        (
            "string: hs_shipping_address_name hs_shipping_address_street hs_shipping_address_city "
            "hs_shipping_address_state hs_shipping_address_postal_code hs_shipping_address_country "
            "hs_shipping_address_phone"
        ),
        (
            "string: hs_billing_address_name hs_billing_address_firstname hs_billing_address_lastname "
            "hs_billing_address_email hs_billing_address_phone hs_billing_address_street hs_billing_address_city "
            "hs_billing_address_state hs_billing_address_postal_code hs_billing_address_country"
        ),
        "datetime: hs_external_created_date hs_external_modified_date hs_external_canceled_date hs_processed_date",
        "number: hs_total_price hs_subtotal_price hs_tax hs_shipping_cost hs_order_discount hs_refund_amount",
        "number:ro,calc hs_exchange_rate hs_homecurrency_amount",
        "bool: hs_buyer_accepts_marketing",
        "bool:ro,calc hs_is_canceled hs_is_closed",
        "enumeration:currency hs_currency_code",
        "enumeration:pipeline hs_pipeline",
        "enumeration:stage hs_pipeline_stage",
    ),
    LINE_ITEMS.plural: (
        *_SYSTEM,
        _OWNED,
        "datetime:ro createdate hs_createdate",
        (
            "string: name description hs_sku hs_product_id hs_external_id hs_tax_rate_group_id hs_url hs_images "
            "hs_recurring_billing_period"
        ),
        "number: quantity hs_discount_percentage tax hs_position_on_quote hs_cost_of_goods_sold",
        "number:nonnegative price discount",
        "number:calc amount",
        (
            "number:ro,calc hs_total_discount hs_pre_discount_amount hs_post_tax_amount hs_acv hs_arr hs_mrr hs_tcv "
            "hs_margin"
        ),
        "enumeration:currency hs_line_item_currency_code",
        "enumeration:any recurringbillingfrequency hs_pricing_model",
        "date: hs_recurring_billing_start_date",
    ),
    COMPANIES.plural: (
        *_SYSTEM,
        _OWNED,
        "datetime:ro createdate hs_createdate",
        "string: name domain phone address address2 city state zip country website description industry",
        "number: annualrevenue numberofemployees",
        "enumeration:any lifecyclestage",
    ),
    CONTACTS.plural: (
        *_SYSTEM,
        _OWNED,
        "datetime:ro createdate lastmodifieddate hs_createdate",
        "string:unique,email email",
        "string:ro hs_additional_emails",
        "string: firstname lastname phone mobilephone company jobtitle address city state zip country website",
        "enumeration:any lifecyclestage",
    ),
    DEALS.plural: (
        *_SYSTEM,
        _OWNED,
        "datetime:ro createdate hs_createdate",
        "string: dealname description",
        "number: amount",
        "datetime: closedate",
        "bool:ro,calc hs_is_closed",
        "enumeration:any dealtype",
        "enumeration:currency deal_currency_code",
        "enumeration:pipeline pipeline",
        "enumeration:stage dealstage",
    ),
    PRODUCTS.plural: (
        *_SYSTEM,
        _OWNED,
        "datetime:ro createdate hs_createdate",
        "string: name description hs_sku hs_url hs_images hs_folder_id hs_recurring_billing_period",
        "number:nonnegative price hs_cost_of_goods_sold tax",
        "enumeration:any hs_product_type hs_pricing_model recurringbillingfrequency",
    ),
    NOTES.plural: (*_SYSTEM, _OWNED, *_ACTIVITY, "string: hs_note_body"),
    TASKS.plural: (*_SYSTEM, _OWNED, *_ACTIVITY, "string: hs_task_subject hs_task_body"),
    CALLS.plural: (*_SYSTEM, _OWNED, *_ACTIVITY, "string: hs_call_title hs_call_body"),
    EMAILS.plural: (*_SYSTEM, _OWNED, *_ACTIVITY, "string: hs_email_subject hs_email_text"),
    MEETINGS.plural: (*_SYSTEM, _OWNED, *_ACTIVITY, "string: hs_meeting_title hs_meeting_body"),
    COMMUNICATIONS.plural: (*_SYSTEM, _OWNED, *_ACTIVITY, "string: hs_communication_body"),
    POSTAL_MAIL.plural: (*_SYSTEM, _OWNED, *_ACTIVITY, "string: hs_postal_mail_body"),
    TICKETS.plural: (*_SYSTEM, _OWNED, "datetime:ro createdate hs_createdate", "string: subject content"),
    **{
        kind.plural: (*_SYSTEM, _OWNED, "datetime:ro createdate hs_createdate", "string: hs_title")
        for kind in COMMERCE
    },
}
# Where an object type keeps its pipeline and stage.
PIPELINE_PROPERTIES = {
    ORDERS.plural: ("hs_pipeline", "hs_pipeline_stage"),
    DEALS.plural: ("pipeline", "dealstage"),
}


@dataclass(frozen=True)
class Definition:
    """One property of one object type, native or custom."""

    name: str
    type: str
    field_type: str
    label: str
    group: str
    description: str = ""
    unique: bool = False
    read_only: bool = False
    calculated: bool = False
    native: bool = True
    options_from: str = (
        ""  # owner, currency, pipeline, stage, or "any" for native enumerations not listed here
    )
    non_negative: bool = False
    email: bool = False
    options: tuple[dict[str, Any], ...] = ()
    display_order: int = -1
    hidden: bool = False
    form_field: bool = False
    extra: tuple[tuple[str, Any], ...] = ()


def group_of(object_type: str) -> tuple[str, str]:
    """(name, label) of the property group that native properties are in."""
    kind = next(kind for kind in OBJECT_TYPES if kind.plural == object_type)
    return (
        f"{kind.singular.replace('_', '')}information",
        f"{kind.singular.replace('_', ' ').title()} information",
    )


def _label(name: str) -> str:
    return name.removeprefix("hs_").replace("_", " ").capitalize()


def _native(object_type: str) -> dict[str, Definition]:
    definitions = {}
    group = group_of(object_type)[0]
    for line in _NATIVE[object_type]:
        head, *names = line.split()
        type_, _, flag_text = head.partition(":")
        flags = set(flag_text.split(","))
        source = flags & {"owner", "currency", "pipeline", "stage", "any"}
        for name in names:
            definitions[name] = Definition(
                name=name, type=type_, field_type=FIELD_TYPES[type_], label=_label(name), group=group,
                unique="unique" in flags, read_only="ro" in flags, calculated="calc" in flags,
                options_from=next(iter(source), ""), non_negative="nonnegative" in flags,
                email="email" in flags, options=BOOL_OPTIONS if type_ == "bool" else (),
            )  # fmt: skip
    return definitions


NATIVE_PROPERTIES: dict[str, dict[str, Definition]] = {name: _native(name) for name in _NATIVE}
