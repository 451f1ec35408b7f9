"""The contract of what mapping emits: every raw order in exactly one of three frames, and its lines.

Belongs here: column names, types and identities of `orders`, `order_lines`, `quarantined_orders` and
`skipped_orders`, and the reason codes. Does not belong here: how a value is derived.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import pandas as pd
import pandera.pandas as pa
import pyarrow
from pandera.typing.pandas import Series

from ns_hs_orders.columns import widened
from ns_hs_orders.fields.field import Field

if TYPE_CHECKING:
    from ns_hs_orders.columns import Contract

Date = Annotated[pd.ArrowDtype, pyarrow.date32()]
Instant = Annotated[pd.DatetimeTZDtype, "us", "UTC"]

STAGES = ("pending_approval", "pending_fulfillment", "fulfilled", "billed", "cancelled")
LINE_CLASSES = ("goods", "discount", "shipping", "handling", "tax", "payment", "ignored")

QUARANTINE_REASONS: dict[str, str] = {
    "does_not_add_up": "The lines of the order do not add up to its total in NetSuite.",
    "unknown_currency": "The order's currency is not an ISO 4217 currency.",
    "amount_not_a_number": "An amount of the order is missing or is not a number.",
    "amount_too_large": "An amount of the order is larger than the largest that is kept, 10,000,000,000,000.00 USD or the like.",
    "currency_exponent_violated": "An amount has more decimals than its currency has.",
    "unknown_status": "The order's status letter is not in the stage map.",
    "no_lines": "The order has no lines.",
    "duplicate_line_keys": "Two lines of the order have the same unique key.",
    "negative_total": "The order's total is negative.",
    "project_without_customer": "The order belongs to a project that has no parent customer.",
    "unreadable_date": "A date of the order is missing or cannot be read.",
    "breaks_contract": "A value of the order does not have the form that it must have.",
    "unreadable_field": "A value of a field that the mapping file adds cannot be read, or is none of its options.",
    "changing_while_read": "The order kept changing in NetSuite while it was read; it is read again soon.",
}
"""Reason code → sentence for RevOps. `changing_while_read` makes an order due, all others quarantine it."""

SKIP_REASONS: dict[str, str] = {
    "customer_not_in_hubspot": "The order's customer has no HubSpot id.",
    "person_skipped": "The order's customer is a person, and persons are skipped by setting.",
    "before_first_day": "The order is dated before the first day of the sync.",
    "subsidiary_excluded": "The order's subsidiary is excluded by setting.",
    "criterion_not_met": "The order's criterion field does not have the value that the setting asks for.",
}
"""Reason code → sentence for RevOps."""

WARNINGS: dict[str, str] = {
    "tax_rate_over_30_percent": "Tax is more than 30 % of what is taxed.",
    "negative_tax": "Tax is negative.",
    "discount_above_subtotal": "The discount is larger than the subtotal.",
    "zero_total": "The total is zero.",
    "field_left_empty": "A value of a field that the mapping file adds cannot be read; the order is sent without it.",
    "unbalanced_sent": "The order does not add up and is sent with an unclassified part, by setting.",
    "return_held": "A return of the order cannot be read or does not add up, and is not counted.",
    "return_in_other_currency": "A return of the order is in another currency, and is not counted.",
    "returned_above_total": "More was returned than the whole order.",
}
"""Warning code → sentence for RevOps. A warning never quarantines."""


class Orders(pa.DataFrameModel):
    """One row a valid, eligible order.

    Amounts are minor units of `currency`, positive as people read them; subtotal − discount +
    shipping cost + tax − payment + unclassified = total. shipping_cost = shipping + handling.
    stage: one of STAGES. company_id_hubspot and contact_id_hubspot: from the customer, one of them set.
    returned_minor: what counts of all its returns in its currency; refunded_minor: their refunds; net total = total −
    returned. All empty where it is not known whether there are returns. return_status: the stages its returns are in.
    warnings: codes joined by a comma, or empty. Order dates are in the account's zone; times are UTC.
    """

    order_id_netsuite: Series[str] = pa.Field(str_matches=r"^[0-9]+$")
    order_number: Series[str]
    order_on: Series[Date]
    status: Series[str]
    status_text: Series[str] = pa.Field(nullable=True)
    stage: Series[str] = pa.Field(isin=STAGES)
    currency: Series[str] = pa.Field(str_matches=r"^[A-Z]{3}$")
    exchange_rate: Series[str] = pa.Field(nullable=True)
    total_minor: Series[pd.Int64Dtype] = pa.Field(ge=0)
    subtotal_minor: Series[pd.Int64Dtype]
    discount_minor: Series[pd.Int64Dtype]
    shipping_minor: Series[pd.Int64Dtype]
    handling_minor: Series[pd.Int64Dtype]
    shipping_cost_minor: Series[pd.Int64Dtype]
    tax_minor: Series[pd.Int64Dtype]
    payment_minor: Series[pd.Int64Dtype]
    unclassified_minor: Series[pd.Int64Dtype]
    closed_minor: Series[pd.Int64Dtype]
    returned_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    refunded_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    net_total_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    return_status: Series[str] = pa.Field(nullable=True)
    fulfillment_status: Series[str] = pa.Field(nullable=True)
    memo: Series[str] = pa.Field(nullable=True)
    created_at: Series[Instant]
    modified_at: Series[Instant]
    tracking_numbers: Series[str] = pa.Field(nullable=True)
    tracking_url: Series[str] = pa.Field(nullable=True)
    po_number: Series[str] = pa.Field(nullable=True)
    deal_name: Series[str] = pa.Field(nullable=True)
    deal_url: Series[str] = pa.Field(nullable=True)
    deal_reference: Series[str] = pa.Field(nullable=True)
    contact_reference: Series[str] = pa.Field(nullable=True)
    order_email: Series[str] = pa.Field(nullable=True)
    customer_email: Series[str] = pa.Field(nullable=True)
    source_store: Series[str] = pa.Field(nullable=True)
    sales_effective_on: Series[Date] = pa.Field(nullable=True)
    partner_name: Series[str] = pa.Field(nullable=True)
    buying_group: Series[str] = pa.Field(nullable=True)
    payment_note: Series[str] = pa.Field(nullable=True)
    ship_name: Series[str] = pa.Field(nullable=True)
    ship_street: Series[str] = pa.Field(nullable=True)
    ship_city: Series[str] = pa.Field(nullable=True)
    ship_state: Series[str] = pa.Field(nullable=True)
    ship_postal_code: Series[str] = pa.Field(nullable=True)
    ship_country: Series[str] = pa.Field(nullable=True)
    customer_id: Series[str]
    customer_name: Series[str] = pa.Field(nullable=True)
    company_id_hubspot: Series[str] = pa.Field(nullable=True)
    contact_id_hubspot: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    rep_email: Series[str] = pa.Field(nullable=True)
    order_url: Series[str] = pa.Field(nullable=True)
    warnings: Series[str]
    cards_masked: Series[pd.Int64Dtype] = pa.Field(ge=0)
    read_ticket: Series[pd.Int64Dtype]

    @pa.dataframe_check(error="does_not_add_up", ignore_na=False)
    def totals_add_up(cls, frame: pd.DataFrame) -> pd.Series[bool]:  # noqa: N805 - pandera's form
        """subtotal − discount + shipping + handling + tax − payment + unclassified = total."""
        total = (
            frame["subtotal_minor"]
            - frame["discount_minor"]
            + frame["shipping_minor"]
            + frame["handling_minor"]
            + frame["tax_minor"]
            - frame["payment_minor"]
            + frame["unclassified_minor"]
        )
        return (total == frame["total_minor"]).fillna(value=False).astype(bool)

    @pa.dataframe_check(error="shipping_cost_is_shipping_and_handling", ignore_na=False)
    def shipping_cost_adds_up(cls, frame: pd.DataFrame) -> pd.Series[bool]:  # noqa: N805 - pandera's form
        """shipping cost = shipping + handling."""
        both = frame["shipping_minor"] + frame["handling_minor"]
        return (both == frame["shipping_cost_minor"]).fillna(value=False).astype(bool)

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("order_id_netsuite",)


class OrderLines(pa.DataFrameModel):
    """One row a transaction line of an order in `orders`, mainline excluded; only `goods` become line items.

    amount_minor: as people read it (NetSuite's sign turned); a discount is negative here. quantity:
    decimal text, sign turned. unit_price: the decimal text that HubSpot is sent, goods lines only.
    """

    order_id_netsuite: Series[str]
    order_on: Series[Date]
    line_key: Series[str]
    line_sequence: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    line_class: Series[str] = pa.Field(isin=LINE_CLASSES)
    item_type: Series[str] = pa.Field(nullable=True)
    line_name: Series[str] = pa.Field(nullable=True)
    sku: Series[str] = pa.Field(nullable=True)
    line_description: Series[str] = pa.Field(nullable=True)
    quantity: Series[str] = pa.Field(nullable=True)
    unit_price: Series[str] = pa.Field(nullable=True)
    currency: Series[str]
    amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    is_closed: Series[bool]
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("line_key",)


class HeldOrders(pa.DataFrameModel):
    """One row an order that is not sent: the shape of `quarantined_orders` and of `skipped_orders`.

    outcome: `quarantined`, `due` (kept changing while it was read) or `skipped`. reason: a key of
    QUARANTINE_REASONS or SKIP_REASONS. explanation: the sentence for RevOps, with this order's figures.
    currency and total_minor: empty where NetSuite's text (raw_currency, raw_total) is unreadable.
    """

    order_id_netsuite: Series[str]
    order_number: Series[str] = pa.Field(nullable=True)
    order_on: Series[Date] = pa.Field(nullable=True)
    customer_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    status: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=("quarantined", "due", "skipped"))
    reason: Series[str] = pa.Field(isin=(*QUARANTINE_REASONS, *SKIP_REASONS))
    explanation: Series[str]
    currency: Series[str] = pa.Field(nullable=True)
    total_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    raw_currency: Series[str] = pa.Field(nullable=True)
    raw_total: Series[str] = pa.Field(nullable=True)
    modified_at: Series[Instant] = pa.Field(nullable=True)
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("order_id_netsuite",)


@cache
def with_added(model: type[pa.DataFrameModel], fields: tuple[Field, ...]) -> Contract:
    """The contract of a mapped frame with exactly the columns of the mapping file's fields, all nullable.

    Amounts are minor units of the order's currency, times are UTC, numbers are decimal text, yes and no are `true` and
    `false`.
    """
    of_orders = Orders.to_schema().columns
    like = {"money": "total_minor", "date": "sales_effective_on", "datetime": "created_at"}
    return widened(model, {one.name: of_orders[like.get(one.kind, "memo")] for one in fields})


class Problem(NamedTuple):
    """Something that keeps an order from HubSpot: a key of QUARANTINE_REASONS, and a sentence with figures."""

    reason: str
    sentence: str


@dataclass(frozen=True)
class MappedOrders:
    """Every raw order in exactly one of `orders`, `quarantined` and `skipped`; `lines` are those of `orders`."""

    orders: pd.DataFrame
    lines: pd.DataFrame
    quarantined: pd.DataFrame
    skipped: pd.DataFrame


TaxRegime = Literal["legacy", "suitetax"]
ClosedLines = Literal["counted", "not_counted"]
UnbalancedOrders = Literal["quarantine", "send"]
PersonCustomers = Literal["company", "contact", "skip"]
