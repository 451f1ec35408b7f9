"""What a company in HubSpot tells of its buying: our properties, and the figures behind them.

Belongs here: the properties' definitions and the plain values that pass between the modules of this stage. Does not
belong here: reading (reading), adding up (figures), texts (properties) or writing (write).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from ns_hs_orders.fields.field import Field

ROLLUP_GROUP = "netsuite_company_buying"
ROLLUP_GROUP_LABEL = "NetSuite: buying"

ORDERS_COUNT = "netsuite_orders_count"
SALES_TO_DATE = "netsuite_sales_to_date"
SALES_12_MONTHS = "netsuite_sales_12_months"
LAST_ORDER_DATE = "netsuite_last_order_date"
OPEN_ORDERS_COUNT = "netsuite_open_orders_count"
OPEN_ORDERS_AMOUNT = "netsuite_open_orders_amount"
RETURNS_RATE = "netsuite_returns_rate"
BUYING_CURRENCY = "netsuite_buying_currency"
BUYING_NOTE = "netsuite_buying_note"
BUYING_AS_OF = "netsuite_buying_as_of"

_SUMMED = "sum over the orders of the company's customers, by the definition of sales dollars"

ROLLUP_FIELDS: tuple[Field, ...] = (
    Field(
        "orders",
        "Number of orders",
        "decimal",
        ORDERS_COUNT,
        "count of the company's orders that count as sales, dated up to today",
        own=True,
        description="How many orders the company has in NetSuite since the first day of the sync; cancelled ones do not "
        "count by default.",
    ),
    Field(
        "sales_minor",
        "Sales to date",
        "money",
        SALES_TO_DATE,
        f"{_SUMMED}, dated up to today",
        own=True,
        description="All orders of the company from the first day of the sync up to today, in the buying currency, before "
        "returns.",
    ),
    Field(
        "sales_12_months_minor",
        "Sales, last 12 months",
        "money",
        SALES_12_MONTHS,
        f"{_SUMMED}, of the twelve months that end today",
        own=True,
        description="Orders of the last twelve months, in the buying currency, before returns.",
    ),
    Field(
        "last_order_on",
        "Last order date",
        "date",
        LAST_ORDER_DATE,
        "the newest order date up to today",
        own=True,
        description="When the company ordered last.",
    ),
    Field(
        "open_orders",
        "Open orders",
        "decimal",
        OPEN_ORDERS_COUNT,
        "count of orders in an open stage, whatever their date",
        own=True,
        description="Orders that are not billed, closed or cancelled, whatever their date.",
    ),
    Field(
        "open_minor",
        "Open orders, amount",
        "money",
        OPEN_ORDERS_AMOUNT,
        f"{_SUMMED}, in an open stage",
        own=True,
        description="What the open orders are worth, in the buying currency; an order counts whole until it is billed.",
    ),
    Field(
        "returns_rate",
        "Returns, % of sales",
        "decimal",
        RETURNS_RATE,
        "returned ÷ sales, both of the last twelve months and by the definition of sales dollars, in percent",
        own=True,
        description="What came back in the last twelve months, in percent of the sales of the same months; both with tax and "
        "shipping, or both without where these are no sales.",
    ),
    Field(
        "currency",
        "Buying currency",
        "text",
        BUYING_CURRENCY,
        "the orders' currency; NetSuite's base currency where they are in several",
        own=True,
        description="The currency of the amounts beside. Empty where the orders are in several and none is known to add "
        "them in: then see the buying note.",
    ),
    Field(
        "note",
        "Buying note",
        "long_text",
        BUYING_NOTE,
        "figures by currency where there are several, and what is in no amount",
        own=True,
        description="Figures by currency where the company orders in several, and what could not be added.",
    ),
    Field(
        "as_of",
        "Buying as of",
        "date",
        BUYING_AS_OF,
        "the day on which these figures last changed",
        own=True,
        description="The day on which these figures last changed. They are looked at each night, and have not changed since.",
    ),
)
"""Properties of a company, all made by setup and written by the roll-ups alone."""

FIGURES = tuple(one for one in ROLLUP_FIELDS if one.hubspot_property != BUYING_AS_OF)
"""What a write depends on: the date alone is no reason to write."""

OPEN_STAGES = frozenset({"pending_approval", "pending_fulfillment", "fulfilled"})
"""Stages of orders that are not billed and not cancelled: HubSpot's open ones."""

When = Literal["before", "within", "later"]
"""Where a piece lies: before the twelve months, within them, or dated after today."""

RateLacks = Literal["", "amount", "exchange rate", "base currency"]
"""What keeps a returns rate from being told: an amount that can be read, a rate to convert at, a currency to convert to."""

Outcome = Literal["planned", "written", "healed", "unchanged", "refused", "unanswered", "differs", "gone"]
"""healed: the figures were the same, and somebody had changed them in HubSpot. differs: HubSpot took the figures and
does not show them."""


class CustomerHome(NamedTuple):
    """Which HubSpot company an entity of NetSuite (a customer or a project of one) belongs to, as NetSuite holds it."""

    entity_id: str
    company_id: str


class CurrencyFigures(NamedTuple):
    """Figures of the orders of one currency, in its minor units."""

    currency: str
    orders: int
    sales_minor: int
    sales_12_months_minor: int
    open_orders: int
    open_minor: int


@dataclass(frozen=True)
class CompanyFigures:
    """A company's buying.

    currency: of the amounts, "" where there is none. Amounts: minor units, None where there are no orders, or no
    currency to add them in. returns_rate: percent with two decimals, "" where it cannot be told. by_currency: where
    the orders are in several. without_amount: orders whose amount or currency cannot be read. without_rate: orders
    that cannot be converted. rate_lacks: why there is no returns rate although there are sales, and rate_lacks_of: of
    how many returns (or orders to convert) it is lacking.
    """

    orders: int = 0
    open_orders: int = 0
    last_order_on: date | None = None
    currency: str = ""
    sales_minor: int | None = None
    sales_12_months_minor: int | None = None
    open_minor: int | None = None
    returns_rate: str = ""
    by_currency: tuple[CurrencyFigures, ...] = ()
    without_amount: int = 0
    without_rate: int = 0
    rate_lacks: RateLacks = ""
    rate_lacks_of: int = 0


@dataclass(frozen=True)
class CompanyRollup:
    """What became of one company. figures: None where it is not in HubSpot. reason: a sentence, "" where all is well.

    company_name: HubSpot's. wanted: property → text as it is to stand in HubSpot.
    """

    company_id: str
    company_name: str
    figures: CompanyFigures | None
    wanted: dict[str, str]
    outcome: Outcome
    reason: str = ""
