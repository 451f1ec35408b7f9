"""What a comparison of return records found: its frame, and what of it the next sync mends.

Belongs here: the frame's contract and its reading. Does not belong here: comparing (compare.py), or what is told of it
(checks.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.columns import checked, dtypes, typed
from ns_hs_orders.mapping.schema import Date
from ns_hs_orders.push.schema import OUTCOMES
from ns_hs_orders.reconcile.causes import DELETED, EDITED_IN_NETSUITE, MOVED, NOT_YET_PUSHED, OF_HUBSPOTS_SIDE
from ns_hs_orders.reconcile.schema import CAUSES, FINDINGS

WRITTEN_AGAIN = frozenset({*OF_HUBSPOTS_SIDE, NOT_YET_PUSHED, EDITED_IN_NETSUITE, DELETED, MOVED})
"""Causes that the next sync mends."""


class ReturnComparisons(pa.DataFrameModel):
    """One row a return of the range, on either side, by day and key.

    Amounts in minor units of `currency` (NetSuite's, else HubSpot's), positive. amount_minor, counted_minor: NetSuite's, empty where it does not
    have the return or its amount cannot be read. hubspot_*: what the record holds, in
    hubspot_currency, since somebody may have changed it there; empty where there is none or it cannot be read. finding: as in schema.FINDINGS; cause: as in schema.CAUSES, empty where the return agrees. fields:
    what differs, by label, joined by `; `.
    """

    return_id_netsuite: Series[str]
    return_number: Series[str] = pa.Field(nullable=True)
    return_on: Series[Date]
    parent_order_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=OUTCOMES)
    currency: Series[str] = pa.Field(nullable=True)
    amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    counted_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    hubspot_amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    hubspot_counted_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    hubspot_currency: Series[str] = pa.Field(nullable=True)
    finding: Series[str] = pa.Field(isin=FINDINGS)
    cause: Series[str] = pa.Field(isin=tuple(CAUSES), nullable=True)
    explanation: Series[str] = pa.Field(nullable=True)
    fields: Series[str] = pa.Field(nullable=True)
    return_id_hubspot: Series[str] = pa.Field(nullable=True)

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("return_id_netsuite",)


@dataclass(frozen=True)
class ReturnComparison:
    """The frame ReturnComparisons of a range, and the ticket of the read that it rests on."""

    frame: pd.DataFrame
    ticket: int

    @property
    def agrees(self) -> bool:
        """Whether HubSpot holds every return that it has to hold as NetSuite has it."""
        return not written_again(self.frame).any()


def written_again(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which rows the next sync mends: not those that NetSuite deleted and HubSpot keeps as cancelled, by setting."""
    kept_as_cancelled = (frame["cause"] == DELETED) & (frame["outcome"] == "archived")
    return frame["cause"].isin(WRITTEN_AGAIN) & ~kept_as_cancelled.fillna(value=False)


def comparisons(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The frame of these rows, each with the values of its columns by name."""
    types = dtypes(ReturnComparisons)
    frame = {name: typed([row[name] for row in found], dtype) for name, dtype in types.items()}
    return checked(ReturnComparisons, pd.DataFrame(frame))
