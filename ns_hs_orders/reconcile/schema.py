"""The contract of the reconciliation: one frozen result that every view is made of.

Belongs here: the result's parts, the findings and the causes. Does not belong here: how systems are
read or compared, or how the result is shown (report). All amounts are minor units of their currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.mapping.schema import Date, Instant
from ns_hs_orders.push.schema import OUTCOMES
from ns_hs_orders.reconcile.read_back import Told
from ns_hs_orders.reconcile.sales.definition import SalesDefinition

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.sales.net_schema import NetSales

FINDINGS = (
    "agrees",
    "missing in HubSpot",
    "only in HubSpot",
    "amount differs",
    "field differs",
    "lines differ",
    "association missing",
)

CAUSES: dict[str, str] = {
    "skipped": "Outside the sync criteria, so not in HubSpot.",
    "quarantined": "Held back, since NetSuite's data does not pass validation.",
    "rejected": "HubSpot refused the order.",
    "not yet pushed": "Due: the sync has not written this version yet, or is writing it.",
    "edited in HubSpot": "Somebody or something changed an amount or another field there after the last write.",
    "edited in NetSuite": "NetSuite changed it after the last write.",
    "deleted in HubSpot": "HubSpot had it, and somebody deleted or merged it there, or took its NetSuite id away.",
    "deleted in NetSuite": (
        "NetSuite does not have it any more. HubSpot still does, until the sync takes it out; or it is kept there as "
        "cancelled, by setting, and red for nobody."
    ),
    "duplicate in HubSpot": (
        "Another record in HubSpot stands for the same order: it carries the order's number or NetSuite id, but not "
        "the sync's key. Its dollars count twice, until `adopt` archives it or gives it the key."
    ),
    "duplicate return in HubSpot": (
        "Another record in HubSpot stands for a return authorization: it carries the return's number or NetSuite id, but "
        "not the sync's key. What stands in its price is in every sum of HubSpot's orders. It is told on the day of the "
        "return."
    ),
    "line added in HubSpot by a person": "A person added a line item to the order in HubSpot; all else agrees.",
    "lines differ": "The amounts of the order agree; its line items in HubSpot were changed, taken away or added.",
    "stage differs": "Amounts and lines agree; somebody moved the order to another stage in HubSpot.",
    "association missing": "All values agree; the order in HubSpot is not linked to its company, contact or deal.",
    "rounding": "An amount in HubSpot has more decimals than its currency, and is less than the smallest unit apart.",
    "only in HubSpot": "HubSpot holds an order with a NetSuite id and day that NetSuite and the sync do not know.",
    "earlier version still in HubSpot": "It was synced before, and is now skipped, quarantined, rejected or due.",
    "moved to another day": "Its order date changed; it belongs to another day now.",
}
"""Cause of a bridge step or difference → sentence for RevOps."""

NOT_IN_NETSUITE = ("only in HubSpot", "deleted in NetSuite")
"""Causes of orders that HubSpot alone has: NetSuite never had them, or deleted them."""

NEXT_STEPS: dict[str, str] = {
    "skipped": "None, or bring the customer to HubSpot: see skipped_orders.",
    "quarantined": "Correct the order in NetSuite, as its reason says.",
    "rejected": "Do as the order's reason says; the next sync sends it again.",
    "not yet pushed": "The next sync writes it.",
    "edited in HubSpot": "The next sync writes NetSuite's values again. Change orders in NetSuite only.",
    "edited in NetSuite": "The next sync writes NetSuite's new values.",
    "deleted in HubSpot": "The next sync makes it again. An order that is to go is deleted or cancelled in NetSuite.",
    "deleted in NetSuite": "The next sync takes it out of HubSpot; one that is kept by setting stays.",
    "duplicate in HubSpot": (
        "`ns-hs-orders adopt --plan` shows what would become of it; a sync never touches it. Where something else than "
        "this sync made it, find that first, and stop it or have it give another number."
    ),
    "duplicate return in HubSpot": (
        "`ns-hs-orders adopt --plan` shows what would become of it, where returns are records in HubSpot "
        "(NS_HS_RETURNS=pipeline); else archive it in HubSpot. Stop what made it."
    ),
    "line added in HubSpot by a person": (
        "The sync never removes what a person made: remove the line item in HubSpot, or enter it in NetSuite "
        "and then remove it in HubSpot."
    ),
    "lines differ": "The next sync writes NetSuite's lines again. Change lines in NetSuite only.",
    "stage differs": "The next sync sets the stage of NetSuite's status. Change the status in NetSuite.",
    "association missing": "The next sync links it again; another customer or deal is set in NetSuite.",
    "rounding": "The next sync writes NetSuite's exact amount. Find out what writes amounts in HubSpot.",
    "only in HubSpot": (
        "Archive the order in HubSpot, or empty its NetSuite Internal ID and NetSuite Order Date where it is an order of "
        "your own; if it is to be in NetSuite, enter it there and archive this one."
    ),
    "earlier version still in HubSpot": "Mend what holds it back, or archive it in HubSpot.",
    "moved to another day": "The next sync of both days writes and proves it.",
}
"""Cause of a difference → what to do about it."""

POLICIES: dict[str, str] = {
    "heal": "The next sync of the order writes what NetSuite has.",
    "report": (
        "None: the edit in HubSpot stays, until NetSuite's own value changes; it is red for nobody. To have NetSuite's "
        "value in HubSpot, enter it there by hand, or set the field to heal in NS_HS_HEAL_POLICY."
    ),
    "person": "The sync never touches it; what is to become of it, a person decides.",
}
"""What becomes of one field, line or association that differs."""


def next_step(cause: str, policy: str) -> str:
    """What to do about a difference."""
    return POLICIES[policy] if policy == "report" else NEXT_STEPS[cause]


class ComparedOrders(pa.DataFrameModel):
    """One row an order of the range, on either side. finding and cause as in FINDINGS and CAUSES.

    order_id_netsuite: `hubspot:<record id>` for a duplicate, which stands beside the order that it doubles.
    order_on: its day in NetSuite, or in HubSpot where only HubSpot has it. netsuite_minor: empty where
    NetSuite does not have it in the range or its amount is unreadable. hubspot_minor: empty where
    HubSpot does not hold it, or its price is unreadable. currency_hubspot: of hubspot_minor, since somebody
    may have changed it there. cause: empty where it agrees. reason: of the outcome. explanation: of
    the outcome, or of the difference: what was changed, by whom and when.
    stage_*: of STAGES, or HubSpot's own stage id where it is none of them. sales_on: sales effective date in
    NetSuite. sales_*_minor: the order's sales dollars by the definition. tax_, shipping_, closed_: parts of the
    totals. source_store, company: what net sales are grouped by; company is HubSpot's id of it, or the customer's id in
    NetSuite behind `netsuite:`. returned_minor: what counts of all returns of the order in its currency, whatever their
    day; empty where returns are not read. changed_by, changed_at: who changed in HubSpot what gave the order its cause, and when, where HubSpot tells.
    """

    order_id_netsuite: Series[str]
    order_number: Series[str] = pa.Field(nullable=True)
    order_on: Series[Date]
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=OUTCOMES)
    reason: Series[str] = pa.Field(nullable=True)
    explanation: Series[str] = pa.Field(nullable=True)
    currency: Series[str] = pa.Field(nullable=True)
    netsuite_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    hubspot_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    currency_hubspot: Series[str] = pa.Field(nullable=True)
    finding: Series[str] = pa.Field(isin=FINDINGS)
    cause: Series[str] = pa.Field(isin=tuple(CAUSES), nullable=True)
    order_id_hubspot: Series[str] = pa.Field(nullable=True)
    changed_by: Series[str] = pa.Field(nullable=True)
    changed_at: Series[Instant] = pa.Field(nullable=True)
    stage_netsuite: Series[str] = pa.Field(nullable=True)
    stage_hubspot: Series[str] = pa.Field(nullable=True)
    sales_on: Series[Date] = pa.Field(nullable=True)
    exchange_rate: Series[str] = pa.Field(nullable=True)
    tax_netsuite_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    shipping_netsuite_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    closed_netsuite_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    tax_hubspot_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    shipping_hubspot_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    closed_hubspot_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    sales_netsuite_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    sales_hubspot_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    source_store: Series[str] = pa.Field(nullable=True)
    company: Series[str] = pa.Field(nullable=True)
    returned_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    url_netsuite: Series[str] = pa.Field(nullable=True)
    url_hubspot: Series[str] = pa.Field(nullable=True)

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("order_id_netsuite",)


class Differences(pa.DataFrameModel):
    """One row a field (or line, or association) that differs, both values as people read them.

    field: label of the field map, `line <key>: <label>`, or `company`. hubspot_property: of the order, empty for
    lines and associations. difference_minor: HubSpot minus NetSuite for amounts, else empty. policy: as in POLICIES.
    changed_by, changed_at: who changed this very field in HubSpot and when, where HubSpot tells.
    """

    order_id_netsuite: Series[str]
    order_number: Series[str] = pa.Field(nullable=True)
    order_on: Series[Date]
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    currency: Series[str] = pa.Field(nullable=True)
    finding: Series[str] = pa.Field(isin=FINDINGS[1:])
    field: Series[str]
    hubspot_property: Series[str] = pa.Field(nullable=True)
    netsuite: Series[str] = pa.Field(nullable=True)
    hubspot: Series[str] = pa.Field(nullable=True)
    difference_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    cause: Series[str] = pa.Field(isin=tuple(CAUSES))
    policy: Series[str] = pa.Field(isin=tuple(POLICIES))
    changed_by: Series[str] = pa.Field(nullable=True)
    changed_at: Series[Instant] = pa.Field(nullable=True)

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True


@dataclass(frozen=True)
class BridgeStep:
    """One step of the dollar bridge: the orders under one cause, and HubSpot's amount minus NetSuite's."""

    cause: str
    orders: int
    amount_minor: int


@dataclass(frozen=True)
class CurrencySums:
    """Both sides of one currency, in minor units; names as in the JSON.

    netsuite_minor: every order of the range, summed by NetSuite itself (less orders of unknown amount). eligible_minor: those of
    customers in HubSpot. accepted_minor: those that also passed validation and HubSpot.
    hubspot_minor: read back, accepted orders and orders only in HubSpot. difference_minor: hubspot −
    accepted. held_minor: all that HubSpot holds of the range, earlier versions included.
    unexplained_minor: netsuite + the steps of the bridge − held.
    """

    currency: str
    orders_netsuite: int
    orders_accepted: int
    orders_hubspot: int
    netsuite_minor: int
    eligible_minor: int
    accepted_minor: int
    hubspot_minor: int
    difference_minor: int
    held_minor: int
    unexplained_minor: int
    bridge: tuple[BridgeStep, ...]


@dataclass(frozen=True)
class SalesSums:
    """Sales dollars of one currency, NetSuite to HubSpot in named steps; minor units.

    netsuite_minor: every order of the range, summed by NetSuite itself; in base currency, of the orders that
    were read. not_counted: what the definition leaves out of it, each step negative; its `cause` is the part's
    name. steps: HubSpot's sales minus NetSuite's, by cause; they open to the orders with that cause.
    unexplained_minor: netsuite + not_counted + steps − sales_hubspot. without_rate: orders that are in no sum
    of the base currency, since no exchange rate is known for them.
    """

    currency: str
    orders: int
    netsuite_minor: int
    not_counted: tuple[BridgeStep, ...]
    sales_netsuite_minor: int
    steps: tuple[BridgeStep, ...]
    sales_hubspot_minor: int
    unexplained_minor: int
    without_rate: int = 0


@dataclass(frozen=True)
class UnknownAmount:
    """An order whose amount or currency cannot be read in a system: counted in rows, in no sum of it, with its raw text."""

    order_id_netsuite: str
    order_number: str | None
    order_on: date | None
    raw_total: str | None
    raw_currency: str | None
    system: str


@dataclass(frozen=True)
class ControlTotal:
    """COUNT and SUM of one currency and day: computed by NetSuite, against the orders that were read."""

    order_on: date
    currency: str
    orders_counted: int
    orders_read: int
    total_counted_minor: int | None
    total_read_minor: int | None

    @property
    def agrees(self) -> bool:
        """Whether as many orders with the same sum were read as NetSuite counts."""
        return self.orders_counted == self.orders_read and self.total_counted_minor == self.total_read_minor


@dataclass(frozen=True)
class NamedAmount:
    """An order by its number, or an item by its SKU, with what it is worth in minor units."""

    name: str
    minor: int


@dataclass(frozen=True)
class IntegrityFinding:
    """One order that is not whole in one system, or several of a day that are not for the same named reason.

    order: NetSuite's internal id, None for several. rule: what does not hold (integrity). amount_minor: what is
    apart, for sums. reason: the named reason that excuses it, None where nothing does. named: of what is not linked,
    which orders or SKUs, the largest first.
    """

    order: str | None
    order_on: date
    system: str
    rule: str
    words: str
    amount_minor: int | None
    currency: str | None
    reason: str | None = None
    orders: int = 1
    named: tuple[NamedAmount, ...] = ()


@dataclass(frozen=True)
class Reconciliation:
    """The result. orders: ComparedOrders; differences: Differences. ticket: of the read of NetSuite.

    sales: by currency; base: in NetSuite's base currency, None where none is known. told: what HubSpot's records
    told of their dollars when they were read, by internal id. net: sales less returns; None where returns are off, or
    the definition does not have them. net_missing: why net sales could not be told, though they should be; then the
    definition is that of gross sales, and orders are proven all the same.
    """

    mode: str
    first: date
    last: date
    made_at: datetime
    ticket: int
    outcomes: Mapping[str, int]
    currencies: Mapping[str, CurrencySums]
    unknown_amounts: tuple[UnknownAmount, ...]
    control: tuple[ControlTotal, ...]
    orders: pd.DataFrame
    differences: pd.DataFrame
    red_days: tuple[date, ...]
    integrity: tuple[IntegrityFinding, ...]
    definition: SalesDefinition
    sales: Mapping[str, SalesSums]
    base: SalesSums | None
    told: Mapping[str, Told] = field(default_factory=dict)
    net: NetSales | None = None
    net_missing: str = ""

    @property
    def agrees(self) -> bool:
        """No accepted order is missing, extra or differs, nothing was missed, and the rest is zero."""
        return not self.red_days
