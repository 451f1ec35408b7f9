"""The contract of the push of returns: one outcome a return.

Belongs here: the outcome frame of returns. Does not belong here: that of orders (schema), or how it comes about.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.mapping.schema import Date, Instant
from ns_hs_orders.push.schema import OUTCOMES


class ReturnResults(pa.DataFrameModel):
    """One row a return that NetSuite was read for, with exactly one outcome; columns as in UpsertResults.

    amount_minor: what the return is worth, positive. parent_order_id: the order that was returned. warnings: those
    of the mapping, and `parent_not_in_hubspot`.
    """

    return_id_netsuite: Series[str]
    return_number: Series[str] = pa.Field(nullable=True)
    return_on: Series[Date] = pa.Field(nullable=True)
    parent_order_id: Series[str] = pa.Field(nullable=True)
    customer_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=OUTCOMES)
    reason: Series[str] = pa.Field(nullable=True)
    explanation: Series[str] = pa.Field(nullable=True)
    currency: Series[str] = pa.Field(nullable=True)
    amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    raw_currency: Series[str] = pa.Field(nullable=True)
    raw_total: Series[str] = pa.Field(nullable=True)
    return_id_hubspot: Series[str] = pa.Field(nullable=True)
    lines: Series[pd.Int64Dtype] = pa.Field(ge=0)
    lines_archived: Series[pd.Int64Dtype] = pa.Field(ge=0)
    warnings: Series[str]
    modified_at: Series[Instant] = pa.Field(nullable=True)
    confirmed_at: Series[Instant] = pa.Field(nullable=True)
    read_ticket: Series[pd.Int64Dtype]

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("return_id_netsuite",)
