"""Reviews built from plain rows, for what a report shows: sums and risks are computed by the code that does it always."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from ns_hs_orders.columns import typed
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.bridge import amounts_alike, currency_sums, red_days
from ns_hs_orders.reconcile.integrity import HEADER, OWNER
from ns_hs_orders.reconcile.ports import KnownException
from ns_hs_orders.reconcile.risk import found_exceptions, money_at_risk
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.sales.dollars import base_sums, sales_sums, with_sales
from ns_hs_orders.reconcile.schema import (
    ComparedOrders,
    ControlTotal,
    Differences,
    IntegrityFinding,
    Reconciliation,
)
from ns_hs_orders.report.review import Review

DAY = date(2026, 11, 20)
MADE_AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
Row = dict[str, Any]

_NETSUITE = "https://1234567.app.netsuite.com/app/accounting/transactions/salesord.nl?id="
_HUBSPOT = "https://app.hubspot.com/contacts/8675309/record/0-123/"
_RATES = {"USD": "1", "EUR": "1.0850", "CAD": "0.7312", "JPY": "0.0067"}
_CUSTOMERS = (
    "Northwind Traders", "Ümit & Söhne GmbH", "Aldous Hospitality Group", "Brightwater Clinics", "Café Central",
    "Delmarva Outfitters", "Evergreen Labs", "Fjord & Fell", "Greystone Property", "Harbor Light Foods",
)  # fmt: skip
_REPS = ("Dana Whitfield", "Marcus Oyelaran", "Priya Raman", "Tom Eriksen")
"""Every customer has one of them; None has no orders here but where a row says so."""


def order(number: int, **changes: Any) -> Row:
    """An order that agrees on both sides. netsuite, hubspot: minor units, None for not there."""
    row: Row = {
        "order_id_netsuite": str(700_000 + number),
        "order_number": f"SO{10_000 + number}",
        "order_on": DAY,
        "customer_name": _CUSTOMERS[number % len(_CUSTOMERS)],
        "rep_name": _REPS[number % len(_REPS)],
        "outcome": "unchanged",
        "currency": "USD",
        "finding": "agrees",
        "order_id_hubspot": str(51_000_000 + number),
        "stage_netsuite": "billed",
        "netsuite_minor": 10_000,
    } | changes
    row.setdefault("hubspot_minor", row["netsuite_minor"])
    row.setdefault("currency_hubspot", None if row["hubspot_minor"] is None else row["currency"])
    row.setdefault("stage_hubspot", None if row["hubspot_minor"] is None else row["stage_netsuite"])
    row.setdefault("exchange_rate", _RATES.get(row["currency"]))
    row.setdefault("url_netsuite", f"{_NETSUITE}{row['order_id_netsuite']}")
    row.setdefault(
        "url_hubspot", None if row["hubspot_minor"] is None else f"{_HUBSPOT}{row['order_id_hubspot']}"
    )
    for part in ("tax", "shipping", "closed"):
        row.setdefault(f"{part}_hubspot_minor", row.get(f"{part}_netsuite_minor"))
    return row


def difference(
    of: Row, field: str, netsuite: str | None, hubspot: str | None, apart: int | None = None
) -> Row:
    """A field of an order that differs."""
    names = (
        "order_id_netsuite", "order_number", "order_on", "customer_name", "rep_name", "currency", "finding", "cause",
    )  # fmt: skip
    return {
        **{name: of.get(name) for name in names},
        "field": field,
        "netsuite": netsuite,
        "hubspot": hubspot,
        "difference_minor": apart,
        "policy": "heal",
    }


def review(
    orders: Sequence[Row],
    differences: Sequence[Row] = (),
    *,
    definition: SalesDefinition | None = None,
    missed: int = 0,
    ages: dict[str, int] | None = None,
    acknowledged: dict[str, tuple[str, str]] | None = None,
    integrity: tuple[IntegrityFinding, ...] = (),
) -> Review:
    """The review of these orders. missed: minor USD that NetSuite counts and nobody read. ages: days, by order id.

    acknowledged: by order id, who accepted it and why.
    """
    definition = definition or SalesDefinition()
    frame = _frame(ComparedOrders.empty(), orders)
    first, last = min(frame["order_on"]), max(frame["order_on"])
    frame = ComparedOrders.validate(
        with_sales(frame, definition, first, last)[list(ComparedOrders.empty().columns)]
    )
    control = tuple(_control(frame, missed))
    alike = amounts_alike(frame)
    outcomes: dict[str, int] = {}
    for row in orders:
        outcomes[row["outcome"]] = outcomes.get(row["outcome"], 0) + 1
    result = Reconciliation(
        mode="sandbox",
        first=first,
        last=last,
        made_at=MADE_AT,
        ticket=412,
        outcomes=outcomes,
        currencies=currency_sums(alike, control),
        unknown_amounts=(),
        control=control,
        orders=frame,
        differences=Differences.validate(_frame(Differences.empty(), differences)),
        red_days=tuple(sorted(red_days(alike, control))),
        integrity=integrity,
        definition=definition,
        sales=sales_sums(frame, control, definition, first, last),
        base=base_sums(frame, control, definition, first, last),
    )
    return Review(result, money_at_risk(result, _known(result, ages or {}, acknowledged or {})))


def _frame(empty: pd.DataFrame, rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: typed([row.get(name) for row in rows], empty[name].dtype) for name in empty.columns}
    )


def _control(frame: pd.DataFrame, missed: int) -> Iterator[ControlTotal]:
    of_netsuite = frame[frame["netsuite_minor"].notna()]
    groups: Any = of_netsuite.groupby(["order_on", "currency"])
    for (on, currency), group in groups:
        total, extra = int(group["netsuite_minor"].sum()), missed if currency == "USD" else 0
        yield ControlTotal(on, str(currency), len(group) + bool(extra), len(group), total + extra, total)


def _known(
    result: Reconciliation, ages: dict[str, int], acknowledged: dict[str, tuple[str, str]]
) -> dict[tuple[str, date], KnownException]:
    known = {}
    for found in found_exceptions(result) if ages else ():
        if found.order_id in ages:
            by, because = acknowledged.get(found.order_id, (None, None))
            known[found.order_id, found.order_on] = KnownException(
                found,
                MADE_AT - timedelta(days=ages[found.order_id]),
                MADE_AT,
                by,
                because,
                date(2026, 12, 15) if by else None,
                found.signature if by else None,
            )
    return known


def believable() -> Review:
    """A day of a company in four currencies, with one or more of most causes."""
    chance = random.Random(7)
    orders = [
        order(n, currency=currency, netsuite_minor=amount, stage_netsuite=stage, closed_netsuite_minor=closed)
        for n, (currency, amount, stage, closed) in enumerate(_sales(chance, 231))
    ]
    edited = order(301, netsuite_minor=4_812_000, hubspot_minor=4_182_000, finding="amount differs",
                   cause="edited in HubSpot", changed_by="Tom Eriksen", rep_name="Tom Eriksen",
                   changed_at=datetime(2026, 11, 20, 15, 12, tzinfo=UTC), customer_name="Harbor Light Foods")  # fmt: skip
    staged = order(302, netsuite_minor=1_264_550, finding="field differs", cause="edited in HubSpot",
                   stage_netsuite="billed", stage_hubspot="fulfilled", customer_name="Brightwater Clinics")  # fmt: skip
    lined = order(303, netsuite_minor=238_000, finding="lines differ", cause="line added in HubSpot by a person",
                  customer_name="Fjord & Fell")  # fmt: skip
    alone = order(304, currency="USD", netsuite_minor=None, hubspot_minor=765_000, finding="only in HubSpot",
                  cause="only in HubSpot", order_number="SO-MANUAL-7", outcome="due", currency_hubspot="USD", stage_netsuite=None,
                  stage_hubspot="billed", order_id_netsuite="hubspot-51000304", url_netsuite=None, rep_name=None,
                  customer_name="Delmarva Outfitters")  # fmt: skip
    waiting = [
        order(
            310 + n,
            netsuite_minor=amount,
            hubspot_minor=None,
            finding="missing in HubSpot",
            outcome="due",
            cause="not yet pushed",
            stage_netsuite="pending_fulfillment",
        )
        for n, amount in enumerate((94_000, 151_275, 61_800))
    ]
    refused = [
        order(320, netsuite_minor=2_275_025, hubspot_minor=None, finding="missing in HubSpot", outcome="rejected",
              reason="currency_not_enabled", currency="EUR", cause="rejected", customer_name="Ümit & Söhne GmbH",
              explanation="HubSpot does not know the currency EUR."),
        order(321, netsuite_minor=318_000, hubspot_minor=None, finding="missing in HubSpot", outcome="quarantined",
              reason="does_not_add_up", cause="quarantined",
              explanation="Lines 3,130.00, header 3,180.00: 50.00 apart."),
    ]  # fmt: skip
    skipped = [
        order(
            330 + n,
            netsuite_minor=amount,
            hubspot_minor=None,
            finding="missing in HubSpot",
            outcome="skipped",
            reason="customer_not_in_hubspot",
            cause="skipped",
            explanation="The customer has no HubSpot id.",
        )
        for n, amount in enumerate((412_300, 88_050, 1_030_000, 265_500))
    ]
    differences = [
        difference(edited, "Total Price", "48,120.00 USD", "41,820.00 USD", -630_000),
        difference(edited, "Subtotal", "45,000.00 USD", "38,700.00 USD", -630_000),
        difference(staged, "Pipeline Stage", "Billed", "Fulfilled"),
        difference(lined, "line 88123 (made by a person)", None, "Extra care, 1 × 0.00 USD"),
        difference(alone, "Order", None, "SO-MANUAL-7, 7,650.00 USD", 765_000),
        *(difference(one, "Order", f"{one['order_number']}, {shown(one['netsuite_minor'], 'USD')}", None,
                     -one["netsuite_minor"]) for one in waiting),
    ]  # fmt: skip
    ages = {
        one["order_id_netsuite"]: days
        for one, days in ((edited, 9), (staged, 3), (lined, 1), (alone, 21), (refused[0], 5), (refused[1], 2))
    }
    return review(
        [*orders, edited, staged, lined, alone, *waiting, *refused, *skipped],
        differences,
        ages=ages,
        integrity=(
            IntegrityFinding(
                None, DAY, "HubSpot", OWNER, "NetSuite names no sales rep.", None, None, "no_rep", 6
            ),
            IntegrityFinding(
                edited["order_id_netsuite"],
                DAY,
                "HubSpot",
                HEADER,
                "Total less its parts: -6,300.00 USD.",
                -630_000,
                "USD",
            ),
        ),
        acknowledged={alone["order_id_netsuite"]: ("Priya Raman", "samples, entered by hand in HubSpot")},
    )


def _sales(chance: random.Random, count: int) -> Iterator[tuple[str, int, str, int | None]]:
    for n in range(count):
        currency = "JPY" if n % 29 == 0 else "EUR" if n % 7 == 0 else "CAD" if n % 5 == 0 else "USD"
        amount = chance.randrange(1_500, 640_000, 25)
        stage = (
            "cancelled"
            if n % 31 == 3
            else chance.choice(("billed", "billed", "fulfilled", "pending_fulfillment"))
        )
        yield currency, amount, stage, amount // 4 if n % 23 == 2 else None


def many(count: int) -> Review:
    """A month gone wrong: so many orders that differ in one field each."""
    orders, differences = [], []
    for n in range(count):
        amount = 10_000 + 37 * n % 900_000
        one = order(
            n,
            order_on=DAY - timedelta(days=n % 28),
            netsuite_minor=amount,
            hubspot_minor=amount + n % 5,
            finding="amount differs" if n % 5 else "field differs",
            cause=("edited in HubSpot", "only in HubSpot", "not yet pushed", "rejected")[n % 4],
            rep_name=f"{_REPS[n % 4]} {n % 40}",
            customer_name=f"{_CUSTOMERS[n % 10]} {n % 3000}",
        )
        orders.append(one)
        differences.append(
            difference(one, "Total Price", shown(amount, "USD"), shown(amount + n % 5, "USD"), n % 5)
        )
    return review(orders, differences)
