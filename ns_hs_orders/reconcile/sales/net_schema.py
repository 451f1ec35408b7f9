"""The contract of net sales: each return of the range compared, and the sums made of orders and returns.

Belongs here: the parts of the result and the names of causes that only returns have. Does not belong here: how they
are computed (sales.net), or how returns are read and compared. All amounts are minor units of their currency; amounts
of returns are positive, as people read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.mapping.schema import Date
from ns_hs_orders.push.schema import OUTCOMES
from ns_hs_orders.reconcile.schema import CAUSES, FINDINGS, BridgeStep, SalesSums

OVER_RETURN = "over-return"
WITHOUT_ORDER = "return without an order"
OTHER_CURRENCY = "return in another currency"
LATER = "return in a later period"
BEFORE = "return before its order"
OF_THESE_ORDERS = "return of an order of these days"
ELSEWHERE = "returned in another period"

RETURN_CAUSES: dict[str, str] = {
    OF_THESE_ORDERS: "A return of these days, of an order of these days.",
    LATER: "A return of these days, of an order dated before them.",
    BEFORE: "A return of these days, of an order dated after them.",
    WITHOUT_ORDER: (
        "A return that stands alone, whose order is deleted in NetSuite, or whose order HubSpot does not hold. Where "
        "returns are told on their orders alone (amounts_only), HubSpot cannot hold it."
    ),
    OTHER_CURRENCY: (
        "A return in another currency than its order. Where returns are told on their orders alone (amounts_only), its "
        "order cannot tell it."
    ),
    OVER_RETURN: "The part by which all returns of an order are more than the order's total.",
    ELSEWHERE: "Orders of these days that were returned on other days: it counts there, and not here.",
}
"""What returned dollars are made of, and what is no part of them → sentence for RevOps."""

RETURN_NEXT_STEPS: dict[str, str] = {
    OF_THESE_ORDERS: "None.",
    LATER: "None: net sales of a period go by the date of the return. The order's own net total goes by the order.",
    BEFORE: "Look at both dates in NetSuite: a return is seldom older than its order.",
    WITHOUT_ORDER: "Give the return its order in NetSuite, or bring the order's customer to HubSpot; else none.",
    OTHER_CURRENCY: "Enter the return in its order's currency in NetSuite; else none.",
    OVER_RETURN: "Look at the order's returns in NetSuite: one of them may be entered twice, or with a wrong price.",
    ELSEWHERE: "None.",
}
"""The same → what to do about it."""

STAGE_COUNTS_NOTHING = "pending approval or cancelled"
NOT_RECEIVED = "closed, not received"

RED_FOR_NOBODY = frozenset(
    {"skipped", "quarantined", "rejected", "earlier version still in HubSpot", WITHOUT_ORDER, OTHER_CURRENCY}
)
OF_RETURNS_ALONE = (WITHOUT_ORDER, OTHER_CURRENCY)
"""Causes that only returns have, where their orders alone tell them."""
"""Causes of returns that are listed, and turn no day red: as of orders."""

ReturnsHeldIn = Literal["pipeline", "amounts_only"]
GroupedBy = Literal["day", "rep", "company", "store"]
NO_GROUP = "(none)"
"""Name of the group of what has no rep, company or store."""


class ComparedReturns(pa.DataFrameModel):
    """One row a return dated in the range, on either side. finding and cause as of orders.

    return_on: its own date in NetSuite, or in HubSpot where only HubSpot has it. company: HubSpot's id of its company,
    or the customer's id in NetSuite behind `netsuite:`; what it is grouped by. amount_minor: the whole return with tax,
    empty where NetSuite does not have it or its amount is unreadable. counted_minor: what counts of it; of one that is
    held back, the whole unless its stage counts nothing. tax_minor, shipping_minor: their shares of what counts.
    counted_hubspot_minor: what HubSpot holds of it, in currency_hubspot; empty where it holds none. parent_*: the order
    by one or two hops. without_order: why it has no order in HubSpot, in words. over_minor: its part of what
    was returned beyond its order's total. returned_*_minor: what counts of it by the definition of sales dollars.
    """

    return_id_netsuite: Series[str]
    return_number: Series[str] = pa.Field(nullable=True)
    return_on: Series[Date]
    customer_name: Series[str] = pa.Field(nullable=True)
    company: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    source_store: Series[str] = pa.Field(nullable=True)
    stage: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=OUTCOMES)
    reason: Series[str] = pa.Field(nullable=True)
    explanation: Series[str] = pa.Field(nullable=True)
    currency: Series[str] = pa.Field(nullable=True)
    exchange_rate: Series[str] = pa.Field(nullable=True)
    amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    counted_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    tax_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    shipping_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    counted_hubspot_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    currency_hubspot: Series[str] = pa.Field(nullable=True)
    finding: Series[str] = pa.Field(isin=FINDINGS)
    cause: Series[str] = pa.Field(isin=(*CAUSES, *OF_RETURNS_ALONE), nullable=True)
    parent_kind: Series[str] = pa.Field(nullable=True)
    parent_order_id: Series[str] = pa.Field(nullable=True)
    parent_order_number: Series[str] = pa.Field(nullable=True)
    parent_order_on: Series[Date] = pa.Field(nullable=True)
    without_order: Series[str] = pa.Field(nullable=True)
    over_minor: Series[pd.Int64Dtype] = pa.Field(ge=0)
    returned_netsuite_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    returned_hubspot_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    return_id_hubspot: Series[str] = pa.Field(nullable=True)
    url_netsuite: Series[str] = pa.Field(nullable=True)
    url_hubspot: Series[str] = pa.Field(nullable=True)

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("return_id_netsuite",)


@dataclass(frozen=True)
class ReturnControl:
    """COUNT and SUM(foreigntotal) of returns of one day, currency and status letter, with NetSuite's own sign.

    Computed by NetSuite, against the returns that were read. A sum that cannot be expressed in minor units is None.
    """

    return_on: date
    currency: str
    status: str
    returns_counted: int
    returns_read: int
    total_counted_minor: int | None
    total_read_minor: int | None

    @property
    def agrees(self) -> bool:
        """Whether as many returns with the same sum were read as NetSuite counts."""
        return self.returns_counted == self.returns_read and self.total_counted_minor == self.total_read_minor


@dataclass(frozen=True)
class ReturnStep:
    """The returns under one name, and their amount."""

    cause: str
    returns: int
    amount_minor: int


@dataclass(frozen=True)
class ReturnSums:
    """Returned dollars of one currency, NetSuite to HubSpot in named steps, positive.

    returns, netsuite_minor: every return of the range at its whole amount, as NetSuite itself counts and sums them; in
    base currency, those that were read. not_counted: what the definition leaves out, each step negative. named: what
    returned_netsuite_minor is made of, adding up to it. steps: HubSpot's returned minus NetSuite's, by cause.
    elsewhere: orders of the range returned on other days, at the whole amount; in no sum here. unexplained_minor:
    netsuite + not_counted + steps − returned_hubspot. without_rate: returns in no sum of the base currency.
    """

    currency: str
    returns: int
    netsuite_minor: int
    not_counted: tuple[ReturnStep, ...]
    returned_netsuite_minor: int
    named: tuple[ReturnStep, ...]
    steps: tuple[ReturnStep, ...]
    returned_hubspot_minor: int
    elsewhere: BridgeStep | None
    unexplained_minor: int
    without_rate: int = 0


@dataclass(frozen=True)
class NetSums:
    """Gross, returned and net of one currency on both sides. orders, returns: rows that the sums are made of."""

    currency: str
    orders: int
    returns: int
    gross: SalesSums
    returned: ReturnSums

    @property
    def net_netsuite_minor(self) -> int:
        """Sales less what was returned, in NetSuite."""
        return self.gross.sales_netsuite_minor - self.returned.returned_netsuite_minor

    @property
    def net_hubspot_minor(self) -> int:
        """The same as HubSpot holds it."""
        return self.gross.sales_hubspot_minor - self.returned.returned_hubspot_minor

    @property
    def difference_minor(self) -> int:
        """HubSpot's net minus NetSuite's."""
        return self.net_hubspot_minor - self.net_netsuite_minor

    @property
    def unexplained_minor(self) -> int:
        """What no cause explains, of orders and of returns; the two never cancel out."""
        return abs(self.gross.unexplained_minor) + abs(self.returned.unexplained_minor)


@dataclass(frozen=True)
class NetGroup:
    """Net sales of one day, rep, company or store. view: a currency, or `all in` the base currency.

    name: for people. key: what it is grouped by, empty for what has none. orders, returns: those that NetSuite has.
    HubSpot's side of an order or return goes to
    NetSuite's rep, company and store of it.
    """

    by: GroupedBy
    view: str
    currency: str
    key: str
    name: str
    orders: int
    returns: int
    gross_netsuite_minor: int
    returned_netsuite_minor: int
    gross_hubspot_minor: int
    returned_hubspot_minor: int

    @property
    def net_netsuite_minor(self) -> int:
        """Gross less returned, in NetSuite."""
        return self.gross_netsuite_minor - self.returned_netsuite_minor

    @property
    def net_hubspot_minor(self) -> int:
        """The same in HubSpot."""
        return self.gross_hubspot_minor - self.returned_hubspot_minor


@dataclass(frozen=True)
class NetSales:
    """Net sales of a range. returns: ComparedReturns. sums: by currency; base: in NetSuite's base currency, or None.

    held_in: where HubSpot holds returns, in records of their own or on their orders alone.
    """

    held_in: ReturnsHeldIn
    returns: pd.DataFrame
    control: tuple[ReturnControl, ...]
    sums: Mapping[str, NetSums]
    base: NetSums | None
