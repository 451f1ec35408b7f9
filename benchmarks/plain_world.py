"""A world of any number of alike orders, made in seconds: each with so many goods lines, and nothing else.

Belongs here: the rows and putting them into the emulators' stores. Does not belong here: believable
companies (ns_hs_orders.sandbox.world), or what is measured.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from benchmarks.stack import Stack
from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.build import FIRST_IDS
from ns_hs_orders.sandbox.world.company.customers import Buyer, make_people
from ns_hs_orders.sandbox.world.company.lines import Sheet
from ns_hs_orders.sandbox.world.load import load_world
from ns_hs_orders.sandbox.world.model import Ids, Row, World, amount_text, stamp_text

CUSTOMERS = 1000


def put_plain_world(stack: Stack, orders: int, lines: int, days: int, today: date) -> tuple[date, date]:
    """Fills the stack's emulators; returns the first and the last order date."""
    first = today - timedelta(days=days - 1)
    with stack.stores() as (netsuite, hubspot):
        load_world(plain_world(orders, lines, first, days), netsuite, hubspot)
    (stack.place.folder / "world.json").write_text(
        json.dumps({"first_order_date": first.isoformat(), "last_order_date": today.isoformat()})
    )
    return first, today


def plain_world(orders: int, lines: int, first: date, days: int) -> World:
    """Orders in USD of customers that HubSpot knows, spread over the days, ids in the order of dates."""
    rng, ids = Random(7), Ids(dict(FIRST_IDS))
    long_ago = stamp_text(datetime.combine(first, time(), UTC) - timedelta(days=400))
    people = make_people(rng, ids, CUSTOMERS * 6, long_ago)
    world = World()
    buyers = [one for one in people.buyers if one.synced and one.currency is catalog.USD]
    for number in range(orders):
        on = first + timedelta(days=number * days // orders)
        header, sheet = _order(ids, buyers[number % len(buyers)], number, on, lines)
        world.netsuite["transaction"].append(header)
        world.netsuite["transactionline"].extend(sheet.rows)
    world.netsuite.update(people.netsuite)
    world.netsuite["item"] = catalog.item_rows(long_ago)
    world.netsuite["currency"] = catalog.currency_rows()
    world.netsuite["subsidiary"] = [{"id": "1", "name": "Ridge & River", "country": "US", "isinactive": "F"}]
    world.hubspot.update(people.hubspot)
    world.hubspot["currencies"] = catalog.hubspot_currency_rows()
    return world


def _order(ids: Ids, buyer: Buyer, number: int, on: date, lines: int) -> tuple[Row, Sheet]:
    order_id, order_number = ids.next("transaction"), ids.next("order number")
    created = stamp_text(datetime.combine(on, time(20), UTC) - timedelta(days=1))
    sheet = Sheet(order_id, catalog.USD, ids, created)
    goods = [one for one in catalog.GOODS if one.itemtype == "InvtPart"]
    for line in range(lines):
        sheet.goods(goods[(number + line) % len(goods)], Decimal(1 + (number + line) % 9))
    sheet.main_row(entity=buyer.id)
    header: Row = {
        "id": order_id,
        "tranid": f"SO{order_number}",
        "transactionnumber": f"SALESORD{order_number}",
        "type": "SalesOrd",
        "recordtype": "salesorder",
        "status": "B",
        "trandate": on.isoformat(),
        "createddate": created,
        "lastmodifieddate": created,
        "entity": buyer.id,
        "currency": catalog.USD.id,
        "exchangerate": "1",
        "foreigntotal": amount_text(sheet.total_minor, catalog.USD.exponent),
        "memo": "Spring order",
        "otherrefnum": f"PO-{number}",
        "employee": buyer.rep,
        "voided": "F",
        "custbody_source_store": None,
        "custbody_payment_note": None,
        "custbody_buying_group": None,
        "custbody_deal_name": None,
        "custbody_hubspot_deal_url": None,
    }
    return header, sheet
