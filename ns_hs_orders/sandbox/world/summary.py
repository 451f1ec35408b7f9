"""A world in figures: orders and sums by currency and status, as `sandbox status` and the demo show them.

Here: counting, with exact decimals. Not here: what the sync makes of the orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from ns_hs_orders.sandbox.world.company.customers import HUBSPOT_ID
from ns_hs_orders.sandbox.world.model import World

_Rows = Iterable[Mapping[str, str | None]]


@dataclass(frozen=True)
class CurrencySum:
    """Orders of one currency: how many, their total, and the same for those whose customer has a HubSpot id.

    An order whose total is no number is counted, and adds nothing to the total.
    """

    orders: int = 0
    total: Decimal = Decimal(0)
    synced_orders: int = 0
    synced_total: Decimal = Decimal(0)


@dataclass(frozen=True)
class Summary:
    """Figures of a world. amount_unknown: orders whose total is no number, in no total."""

    orders: int
    first_day: date | None
    last_day: date | None
    currencies: dict[str, CurrencySum]
    statuses: dict[str, int]
    amount_unknown: tuple[str, ...]
    customers: int
    companies: int
    documents: dict[str, int] = field(default_factory=dict)


def summary(world: World) -> Summary:
    """Figures of a world in memory."""
    tables = world.netsuite
    return summarize(
        tables.get("transaction", []), tables.get("customer", []), tables.get("job", []), tables.get("currency", []),
        len(world.hubspot.get("companies", [])),
    )  # fmt: skip


def summarize(
    transactions: _Rows, customers: _Rows, jobs: _Rows, currencies: _Rows, companies: int
) -> Summary:
    """The same from rows, wherever they are kept (for a running sandbox: NetSuiteStore.rows of each table)."""
    symbols = {row["id"]: row["symbol"] or "?" for row in currencies}
    customer_ids = {row["id"]: row.get(HUBSPOT_ID) for row in customers}
    # A project counts by its customer.
    has_id = {entity for entity, company in customer_ids.items() if company}
    has_id |= {row["id"] for row in jobs if row.get("customer") in has_id}
    sums: dict[str, CurrencySum] = {}
    statuses: Counter[str] = Counter()
    documents: Counter[str] = Counter()
    unknown: list[str] = []
    days: list[str] = []
    count = 0
    for row in transactions:
        documents[row["type"] or "?"] += 1
        if row["type"] != "SalesOrd":
            continue
        count += 1
        statuses[row["status"] or "?"] += 1
        days.append(row["trandate"] or "")
        total = _decimal(row.get("foreigntotal"))
        if total is None:
            unknown.append(row["tranid"] or "?")
        symbol = symbols.get(row["currency"], "?")
        synced = row["entity"] in has_id
        before = sums.get(symbol, CurrencySum())
        sums[symbol] = CurrencySum(
            before.orders + 1,
            before.total + (total or 0),
            before.synced_orders + synced,
            before.synced_total + ((total or 0) if synced else 0),
        )
    return Summary(
        count,
        date.fromisoformat(min(days)) if days else None,
        date.fromisoformat(max(days)) if days else None,
        dict(sorted(sums.items())),
        dict(sorted(statuses.items())),
        tuple(unknown),
        len(customer_ids),
        companies,
        dict(sorted(documents.items())),
    )


def _decimal(text: str | None) -> Decimal | None:
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
