"""Both sides of a reconciliation, made up: what NetSuite wants and what HubSpot holds, with planted differences.

Belongs here: such orders, a range of days at a time, as columns of text and as the values that reconcile takes. Does not
belong here: comparing them, or what that costs (compare).

HubSpot's texts are as its emulator keeps them: numbers without trailing zeros, None for empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

import pandas as pd

from ns_hs_orders.columns import typed
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY
from ns_hs_orders.fields.orders import ORDER_FIELDS, STAGE_PROPERTIES
from ns_hs_orders.money import plain
from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.push.schema import WantedLine, WantedOrder
from ns_hs_orders.reconcile.compare import CURRENCY, ORDER_DATE, PRIMARY_COMPANY, TOTAL
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder
from ns_hs_orders.reconcile.read_back import HeldLine, HeldOrder
from ns_hs_orders.reconcile.schema import ComparedOrders
from ns_hs_orders.sandbox.hubspot.model.values import plain_number

FIRST_DAY: Final = date(2026, 1, 1)
DAYS_OF_A_RANGE: Final = 31
ORDERS_OF_A_RANGE: Final = 100_000
"""The day lane's largest range."""
PLANTED_EVERY: Final = 1000
PLANTED: Final = (
    "total edited",
    "field edited",
    "missing in HubSpot",
    "newer in NetSuite",
    "only in HubSpot",
)
NOTES: Final = ("", "", "Ship complete, please", "Réf. magasin n° 12; call +1 503 555 0188", "追加注文です")
NUMBERS: Final = frozenset(one.hubspot_property for one in ORDER_FIELDS if one.kind == "money")
NAMES: Final = (*dict.fromkeys(one.hubspot_property for one in ORDER_FIELDS), *STAGE_PROPERTIES)
COMPANY: Final = "9001"
LINES: Final = 3

Texts = dict[str, str]
Held = dict[str, str | None]


@dataclass
class SidesOfARange:
    """Some order dates: NetSuite's and HubSpot's orders by key, and the keys of what was planted, by kind."""

    first: date
    last: date
    dates: dict[str, date] = field(default_factory=dict)
    wanted: dict[str, Texts] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    planted: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in PLANTED})


def ranges(orders: int, seed: int) -> Iterator[SidesOfARange]:
    """Both sides of so many orders, in ranges that follow each other, spread evenly over their days."""
    random = Random(seed)
    first = FIRST_DAY
    for start in range(0, orders, ORDERS_OF_A_RANGE):
        yield _range(random, first, range(start, min(orders, start + ORDERS_OF_A_RANGE)))
        first += timedelta(days=DAYS_OF_A_RANGE)


def netsuite_orders(sides: SidesOfARange, *, lines: bool) -> dict[str, NetSuiteOrder]:
    """NetSuite's side as reconcile takes it."""
    return {
        key: NetSuiteOrder(
            key=key,
            order_number=texts["hs_order_name"],
            order_on=sides.dates[key],
            customer_name="Ridge Outfitters",
            rep_name="Ana Ruiz",
            standing="valid",
            reason=None,
            explanation=None,
            currency=texts[CURRENCY],
            total_minor=sides.totals[key],
            raw_total=texts[TOTAL],
            raw_currency=texts[CURRENCY],
            wanted=WantedOrder(
                key,
                texts,
                tuple(_wanted_line(key, n) for n in range(LINES)) if lines else (),
                COMPANY,
                None,
                None,
                unknown_rep=False,
                fingerprint=f"version of {key}",
            ),
        )
        for key, texts in sides.wanted.items()
    }


def order_parts(sides: SidesOfARange) -> pd.DataFrame:
    """NetSuite's parts of the orders' totals, as `sales.order_parts` gives them."""
    empty = ComparedOrders.empty()
    of_all: dict[str, object] = {
        "stage_netsuite": "fulfilled",
        "sales_on": None,
        "exchange_rate": "1",
        "tax_netsuite_minor": 825,
        "shipping_netsuite_minor": 1200,
        "closed_netsuite_minor": 0,
        "source_store": "Wholesale portal",
        "company": COMPANY,
        "returned_minor": 0,
    }
    keys = list(sides.wanted)
    columns = {name: typed([value] * len(keys), empty[name].dtype) for name, value in of_all.items()}
    return pd.DataFrame({"order_id_netsuite": typed(keys, empty["order_id_netsuite"].dtype), **columns})


def held_orders(sides: SidesOfARange, *, lines: bool) -> dict[str, HeldOrder]:
    """HubSpot's side as the read-back brings it."""
    company = {COMPANY: frozenset({PRIMARY_COMPANY})}
    return {
        key: HeldOrder(
            key,
            f"7{key}",
            texts,
            tuple(_held_line(key, n) for n in range(LINES)) if lines else (),
            company,
        )
        for key, texts in sides.held.items()
    }


def states(sides: SidesOfARange) -> dict[str, OrderState]:
    """What the state knows: every order as confirmed, but for those that are newer in NetSuite."""
    newer, unknown = sides.planted["newer in NetSuite"], sides.planted["only in HubSpot"]
    return {
        key: OrderState(
            key,
            "created",
            None,
            "an earlier version" if key in newer else f"version of {key}",
            1,
            f"7{key}",
            sides.totals[key],
            "USD",
            sides.dates[key],
            None,
        )
        for key in sides.wanted
        if key not in unknown
    }


def _range(random: Random, first: date, numbers: range) -> SidesOfARange:
    sides = SidesOfARange(first, first + timedelta(days=DAYS_OF_A_RANGE - 1))
    for place, number in enumerate(numbers):
        key, on = str(1_000_000 + number), first + timedelta(days=place * DAYS_OF_A_RANGE // len(numbers))
        minor = random.randrange(1_00, 90_000_00)
        texts = _texts(random, key, on, minor)
        sides.wanted[key], sides.held[key] = texts, _as_kept(texts)
        sides.totals[key], sides.dates[key] = minor, on
        if number % PLANTED_EVERY == PLANTED_EVERY // 2:
            _plant(sides, key, PLANTED[number // PLANTED_EVERY % len(PLANTED)])
    return sides


def _plant(sides: SidesOfARange, key: str, kind: str) -> None:
    sides.planted[kind].add(key)
    held = sides.held[key]
    if kind == "total edited":
        held[TOTAL] = plain_number(Decimal(sides.totals[key] + 1) / 100)
    elif kind == "field edited":
        held["netsuite_po_number"] = "Call before delivery"
    elif kind == "missing in HubSpot":
        del sides.held[key]
    elif kind == "newer in NetSuite":
        held["hs_external_order_status"] = "Sales Order : Pending Approval"
    else:
        del sides.wanted[key]


def _texts(random: Random, key: str, on: date, minor: int) -> Texts:
    tax = minor // 12
    stamp = f"{on}T{random.randrange(24):02}:{random.randrange(60):02}:00.000Z"
    texts = dict.fromkeys(NAMES, "")
    texts.update(dict.fromkeys(NUMBERS, "0.00"))
    texts.update(
        {
            UNIQUE_ORDER_KEY: key,
            "hs_order_name": f"SO{key}",
            "hs_external_order_id": key,
            "hs_external_order_url": f"https://1234567.app.netsuite.com/app/accounting/transactions/salesord.nl?id={key}",
            "hs_external_order_status": "Sales Order : Billed",
            TOTAL: plain(minor, "USD"),
            "hs_subtotal_price": plain(minor - tax - 1250, "USD"),
            "hs_tax": plain(tax, "USD"),
            "hs_shipping_cost": "12.50",
            "hs_fulfillment_status": "3 of 3 units shipped",
            CURRENCY: "USD",
            "hs_order_note": random.choice(NOTES),
            "hs_external_created_date": stamp,
            "hs_external_modified_date": stamp,
            ORDER_DATE: on.isoformat(),
            "netsuite_po_number": f"PO-{random.randrange(10**5):05d}",
            "hs_source_store": "Dealer Portal",
            "netsuite_sales_effective_date": on.isoformat(),
            "netsuite_buying_group": "Western Buying Group",
            "netsuite_payment_note": "Visa ending 4242",
            "hs_shipping_address_name": "Ridge Outfitters",
            "hs_shipping_address_street": f"{random.randrange(9999)} Rue de l’Église",
            "hs_shipping_address_city": "Portland",
            "hs_shipping_address_state": "OR",
            "hs_shipping_address_postal_code": f"{random.randrange(97000, 98000)}",
            "hs_shipping_address_country": "US",
            "hubspot_owner_id": "7001",
            "hs_pipeline": "812",
            "hs_pipeline_stage": "8124",
        }
    )
    return texts


def _as_kept(texts: Texts) -> Held:
    held: Held = {name: text or None for name, text in texts.items()}
    for name in NUMBERS:
        held[name] = plain_number(Decimal(texts[name]))
    return held


def _line(key: str, number: int) -> Texts:
    return {
        UNIQUE_LINE_KEY: f"{key}-{number}",
        "name": f"Tumbler {number}",
        "hs_sku": f"TMB-{number:03}",
        "description": "Stainless steel, 16 oz",
        "quantity": "12",
        "price": "19.50",
        "hs_line_item_currency_code": "USD",
        "netsuite_line_amount": "234.00",
    }


def _wanted_line(key: str, number: int) -> WantedLine:
    return WantedLine(f"{key}-{number}", _line(key, number))


def _held_line(key: str, number: int) -> HeldLine:
    kept = _line(key, number) | {"price": "19.5", "netsuite_line_amount": "234"}
    return HeldLine(f"5{key}{number}", f"{key}-{number}", dict(kept))
