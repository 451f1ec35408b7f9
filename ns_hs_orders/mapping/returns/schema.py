"""The contract of what mapping emits of return authorizations: each in exactly one of three frames, and its lines.

Belongs here: column names and types of `returns`, `return_lines`, `quarantined_returns` and `skipped_returns`, the
stages of a return and the reason codes that orders do not have. Does not belong here: how a value is derived.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.mapping.schema import (
    LINE_CLASSES,
    QUARANTINE_REASONS,
    SKIP_REASONS,
    WARNINGS,
    Date,
    Instant,
)

RETURN_STAGES = (
    "pending_approval",
    "pending_receipt",
    "partially_received",
    "pending_refund",
    "refunded",
    "closed",
    "cancelled",
)
RETURN_STAGE_LABELS: dict[str, str] = {
    "pending_approval": "Pending Approval",
    "pending_receipt": "Pending Receipt",
    "partially_received": "Partially Received",
    "pending_refund": "Pending Refund",
    "refunded": "Refunded",
    "closed": "Closed",
    "cancelled": "Cancelled",
}
PARENT_KINDS = ("order", "invoice", "cash_sale", "return", "none", "missing")


def _of_a_return(reasons: dict[str, str]) -> dict[str, str]:
    return {code: sentence.replace("order", "return") for code, sentence in reasons.items()}


RETURN_QUARANTINE_REASONS: dict[str, str] = {
    **_of_a_return(QUARANTINE_REASONS),
    "signs_unclear": "The account's returns do not tell which sign their lines have, and in neither sign do the lines "
    "of this one add up to its total.",
    "unknown_status": "The return's status letter is not in the stage map of returns.",
    "negative_total": "The return's total has the sign that a sale has in this account.",
    "unreadable_refund": "A refund of the return has an amount that cannot be read.",
}
"""Reason code → sentence for RevOps. `changing_while_read` makes a return due, all others quarantine it."""

RETURN_SKIP_REASONS: dict[str, str] = _of_a_return(SKIP_REASONS)
"""Reason code → sentence for RevOps; a return is in the sync by the same criteria as an order."""

RETURN_WARNINGS: dict[str, str] = {
    "above_order_total": "The return is worth more than its whole order.",
    "order_in_other_currency": "The return is in another currency than its order, and is not taken off its net total.",
    "order_missing": "The return was made from something that NetSuite does not have any more.",
    "return_of_a_return": "The return was made from another return, and is counted for no order.",
    "parent_of_other_type": "The return was made from something that is no order, invoice, cash sale or return.",
    "received_above_quantity": "More was received than the return authorizes; the surplus is not counted.",
    "refund_in_other_currency": "A refund is in another currency than the return, and is not counted.",
    "refund_not_seen": "The return is refunded, and NetSuite shows no credit memo or cash refund that was made from it.",
    "refunded_above_amount": "More was refunded than the return is worth.",
    "field_left_empty": WARNINGS["field_left_empty"].replace("order", "return"),
    "zero_total": "The return is worth nothing.",
}
"""Warning code → sentence for RevOps. A warning never quarantines."""


class Returns(pa.DataFrameModel):
    """One row a valid, eligible return authorization.

    Amounts are minor units of `currency`, positive as people read them; subtotal − discount + shipping cost + tax +
    what is paid by other lines = amount. received_minor: per goods line, amount × received share, rounded half-up,
    and of discounts, tax and shipping the share that these goods have in all goods. counted_minor: what counts toward
    net: nothing of a pending approval or cancelled return, the received part of a closed one, else the amount.
    refund_minor: credit memos and cash refunds made from the return, voided ones left out. stage: one of
    RETURN_STAGES. parent_kind: what the return was made from; `missing` where NetSuite has no such transaction.
    parent_order_*: the sales order by one or two hops, empty where there is none. source_store: the return's own, else
    its order's. warnings: codes of RETURN_WARNINGS joined by a comma, or empty. Times are UTC.
    """

    return_id_netsuite: Series[str] = pa.Field(str_matches=r"^[0-9]+$")
    return_number: Series[str]
    return_on: Series[Date]
    status: Series[str]
    status_text: Series[str] = pa.Field(nullable=True)
    stage: Series[str] = pa.Field(isin=RETURN_STAGES)
    currency: Series[str] = pa.Field(str_matches=r"^[A-Z]{3}$")
    exchange_rate: Series[str] = pa.Field(nullable=True)
    amount_minor: Series[pd.Int64Dtype] = pa.Field(ge=0)
    subtotal_minor: Series[pd.Int64Dtype]
    discount_minor: Series[pd.Int64Dtype]
    tax_minor: Series[pd.Int64Dtype]
    shipping_cost_minor: Series[pd.Int64Dtype]
    received_minor: Series[pd.Int64Dtype]
    counted_minor: Series[pd.Int64Dtype]
    refund_minor: Series[pd.Int64Dtype]
    parent_kind: Series[str] = pa.Field(isin=PARENT_KINDS)
    parent_order_id: Series[str] = pa.Field(nullable=True)
    parent_order_number: Series[str] = pa.Field(nullable=True)
    parent_order_on: Series[Date] = pa.Field(nullable=True)
    memo: Series[str] = pa.Field(nullable=True)
    created_at: Series[Instant]
    modified_at: Series[Instant]
    customer_id: Series[str]
    customer_name: Series[str] = pa.Field(nullable=True)
    company_id_hubspot: Series[str] = pa.Field(nullable=True)
    contact_id_hubspot: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    rep_email: Series[str] = pa.Field(nullable=True)
    source_store: Series[str] = pa.Field(nullable=True)
    return_url: Series[str] = pa.Field(nullable=True)
    warnings: Series[str]
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("return_id_netsuite",)


class ReturnLines(pa.DataFrameModel):
    """One row a transaction line of a return in `returns`, mainline excluded; only `goods` are what was sent back.

    amount_minor: as people read it, a discount negative. quantity: decimal text, positive. received_minor: of goods
    lines, amount × received share, rounded half-up; empty for others. unit_price: goods lines only.
    """

    return_id_netsuite: Series[str]
    return_on: Series[Date]
    line_key: Series[str]
    line_class: Series[str] = pa.Field(isin=LINE_CLASSES)
    line_name: Series[str] = pa.Field(nullable=True)
    sku: Series[str] = pa.Field(nullable=True)
    line_description: Series[str] = pa.Field(nullable=True)
    quantity: Series[str] = pa.Field(nullable=True)
    unit_price: Series[str] = pa.Field(nullable=True)
    currency: Series[str]
    amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    received_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    is_closed: Series[bool]
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("line_key",)


class HeldReturns(pa.DataFrameModel):
    """One row a return that is not sent: the shape of `quarantined_returns` and of `skipped_returns`.

    outcome: `quarantined`, `due` (kept changing while it was read) or `skipped`. explanation: the sentence for
    RevOps, with this return's figures. currency and amount_minor: empty where NetSuite's text (raw_currency,
    raw_total) is unreadable; amount_minor is positive as people read it where the sign is known or taken as such.
    """

    return_id_netsuite: Series[str]
    return_number: Series[str] = pa.Field(nullable=True)
    return_on: Series[Date] = pa.Field(nullable=True)
    parent_order_id: Series[str] = pa.Field(nullable=True)
    customer_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    status: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=("quarantined", "due", "skipped"))
    reason: Series[str] = pa.Field(isin=(*RETURN_QUARANTINE_REASONS, *RETURN_SKIP_REASONS))
    explanation: Series[str]
    currency: Series[str] = pa.Field(nullable=True)
    amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    raw_currency: Series[str] = pa.Field(nullable=True)
    raw_total: Series[str] = pa.Field(nullable=True)
    modified_at: Series[Instant] = pa.Field(nullable=True)
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("return_id_netsuite",)


@dataclass(frozen=True)
class MappedReturns:
    """Every raw return in exactly one of `returns`, `quarantined` and `skipped`; `lines` are those of `returns`."""

    returns: pd.DataFrame
    lines: pd.DataFrame
    quarantined: pd.DataFrame
    skipped: pd.DataFrame
