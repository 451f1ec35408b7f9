"""A world of orders with exactly three goods lines, written straight into the emulators' stores.

Belongs here: such orders, at any number, in constant memory. Does not belong here: what is measured with them
(cpu), or believable companies (ns_hs_orders.sandbox.world).

Every order has a main row, three goods lines, an address, a rep and free texts; one of two is shipped with a
tracking number. All of them are valid, and of customers that HubSpot knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.customers import Buyer, People, make_people
from ns_hs_orders.sandbox.world.company.lines import Sheet
from ns_hs_orders.sandbox.world.company.shipments import fulfil, ordered
from ns_hs_orders.sandbox.world.load import add_custom_columns, load_world
from ns_hs_orders.sandbox.world.model import Ids, Row, World, amount_text, stamp_text

LINES: Final = 3
MOST_CUSTOMERS_OF: Final = 12_000
"""As many customers as a company with so many orders has, however many orders there are."""
ORDERS_A_TRANSACTION: Final = 5_000
MEMOS: Final = (
    None,
    None,
    "Ship complete, please",
    "Réf. magasin n° 12; call +1 503 555 0188",
    "追加注文です",
)
NOTES: Final = ("Visa ending 4242", "Net 30", None)


def fill(netsuite: NetSuiteStore, hubspot: HubSpotStore, *, orders: int, first: date, days: int) -> None:
    """Writes the orders, spread evenly over the days from `first` on, and everybody they belong to."""
    random = Random(orders)
    ids = Ids()
    stamp = stamp_text(datetime.combine(first - timedelta(days=400), time(), UTC))
    people = make_people(random, ids, min(orders, MOST_CUSTOMERS_OF), stamp)
    world = World(dict(people.netsuite), dict(people.hubspot))
    world.netsuite["item"] = catalog.item_rows(stamp)
    world.netsuite["currency"] = catalog.currency_rows()
    world.hubspot["currencies"] = catalog.hubspot_currency_rows()
    load_world(world, netsuite, hubspot)
    buyers = [buyer for buyer in people.buyers if buyer.synced]
    made = _orders(random, ids, people, buyers, [first + timedelta(days=n) for n in range(days)], orders)
    rows: dict[str, list[Row]] = defaultdict(list)
    for number, tables in enumerate(made, start=1):
        for table, of_order in tables.items():
            rows[table] += of_order
        if number % ORDERS_A_TRANSACTION == 0 or number == orders:
            add_custom_columns(rows, netsuite)
            with netsuite.transaction():
                for table, of_all in rows.items():
                    netsuite.insert(table, of_all)
            rows.clear()


def _orders(
    random: Random, ids: Ids, people: People, buyers: list[Buyer], days: list[date], orders: int
) -> Iterator[dict[str, list[Row]]]:
    for number in range(orders):
        day = days[number * len(days) // orders]
        yield _order(random, ids, people, buyers[random.randrange(len(buyers))], day)


def _order(random: Random, ids: Ids, people: People, buyer: Buyer, day: date) -> dict[str, list[Row]]:
    placed = datetime.combine(day, time(18), UTC) + timedelta(seconds=random.randrange(3600))
    stamp = stamp_text(placed)
    shipped = random.random() < 0.5
    header: Row = {
        "id": ids.next("transaction"),
        "tranid": f"SO{ids.next('order number')}",
        "type": "SalesOrd",
        "recordtype": "salesorder",
        "status": "F" if shipped else "B",
        "trandate": day.isoformat(),
        "createddate": stamp,
        "lastmodifieddate": stamp,
        "entity": buyer.id,
        "currency": buyer.currency.id,
        "exchangerate": f"{buyer.currency.rate:f}",
        "memo": random.choice(MEMOS),
        "otherrefnum": f"PO-{random.randrange(10**5):05d}",
        "employee": buyer.rep or people.reps[0],
        "partner": people.partners[0] if random.random() < 0.15 else None,
        "shippingaddress": ids.next("address"),
        "source": "Web (Dealer Portal)",
        "saleseffectivedate": day.isoformat(),
        "voided": "F",
        "custbody_source_store": "Dealer Portal",
        "custbody_payment_note": random.choice(NOTES),
        "custbody_buying_group": "Western Buying Group",
        "custbody_deal_name": None,
        "custbody_hubspot_deal_url": None,
    }
    sheet = Sheet(header["id"] or "", buyer.currency, ids, stamp)
    for _ in range(LINES):
        sheet.goods(random.choice(catalog.GOODS), Decimal(random.randrange(1, 25)))
    goods = list(sheet.rows)
    sheet.main_row(entity=buyer.id)
    header["foreigntotal"] = amount_text(sheet.total_minor, buyer.currency.exponent)
    rows: dict[str, list[Row]] = {
        "transaction": [header],
        "transactionline": sheet.rows,
        "transactionshippingaddress": [_address(buyer, header["shippingaddress"])],
    }
    if shipped:
        for line in goods:
            line["quantityshiprecv"] = f"{ordered(line):f}"
        document = fulfil(header, [(line, ordered(line)) for line in goods], ids, random, placed)
        for table, of_document in document.rows.items():
            rows[table] = rows.get(table, []) + of_document
    return rows


def _address(buyer: Buyer, key: str | None) -> Row:
    return {
        "nkey": key,
        "addressee": buyer.name,
        "addr1": f"{key} Rue de l’Église",
        "addr2": "Suite 4B",
        "city": buyer.city,
        "state": buyer.state or None,
        "zip": buyer.zip,
        "country": buyer.country,
    }
