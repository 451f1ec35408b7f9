"""Builds the whole company: people first, then the orders of the days in order of time, bad ones among them.

Here: the one function that makes a world from four values. Not here: how any single row is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random

from ns_hs_orders.sandbox.world.company import bad_orders, catalog
from ns_hs_orders.sandbox.world.company.customers import Buyer, People, make_people
from ns_hs_orders.sandbox.world.company.orders import (
    STATUSES,
    Order,
    Plan,
    calendar,
    latest_moment,
    make_order,
    status_by_age,
)
from ns_hs_orders.sandbox.world.company.products import products
from ns_hs_orders.sandbox.world.company.returns import add_returns
from ns_hs_orders.sandbox.world.company.shipments import live_through
from ns_hs_orders.sandbox.world.model import Ids, Row, World, stamp_text

FIRST_IDS = {
    "transaction": 100_000, "order number": 10_000, "customer": 500, "employee": 40, "partner": 80,
    "address": 7_000, "line": 1_000_000, "tracking": 300, "ItemShip number": 4_000, "CustInvc number": 6_000,
    "CashSale number": 900, "RtnAuth number": 300, "ItemRcpt number": 200, "CustCred number": 150,
    "CashRfnd number": 50,
}  # fmt: skip


def generate(orders: int, seed: int, today: date, days: int = 60) -> World:
    """A company with `orders` sales orders dated over the `days` days that end with `today`.

    A pure function: the same four values give the same world, row for row. From 40 orders on it holds at
    least one order of every code in bad_orders.PLANTED; every other order adds up to the minor unit, every
    status letter and each of the four currencies occurs, and one return of every kind. No stamp is later than today 00:00 UTC.
    Raises ValueError if orders or days is below 1.
    """
    if orders < 1 or days < 1:
        raise ValueError(f"A world needs at least one order and one day, not {orders} and {days}.")
    rng = Random(f"{seed} {orders} {today} {days}")  # noqa: S311 - a story, not a secret
    ids = Ids(dict(FIRST_IDS))
    world = World()
    long_ago = stamp_text(latest_moment(today) - timedelta(days=days + 400))
    people = make_people(rng, ids, orders, long_ago)
    moments = calendar(rng, orders, today, days)
    bad = _places(rng, orders)
    good = 0
    for number, (day, placed) in enumerate(moments):
        code = bad.get(number)
        plan = _plan(rng, people, day, placed, today, good)
        if code is None:
            good += 1
            order = make_order(rng, ids, people, plan)
        else:
            turn = len(world.planted.get(code, []))
            order = make_order(rng, ids, people, bad_orders.replan(code, plan, people, turn))
            bad_orders.spoil(code, order, turn)
            world.planted.setdefault(code, []).append(order.header["tranid"] or "")
        _record(world, order, ids, rng, latest_moment(today), spoiled=code is not None)
    # chances of their own, so that the orders are what they were before there were returns
    add_returns(world, ids, Random(f"{seed} returns {orders} {today} {days}"), latest_moment(today))  # noqa: S311
    world.netsuite.update(people.netsuite)
    world.netsuite["item"] = catalog.item_rows(long_ago)
    world.netsuite["currency"] = catalog.currency_rows()
    world.netsuite["subsidiary"] = [{"id": "1", "name": "Ridge & River", "country": "US", "isinactive": "F"}]
    world.netsuite["deletedrecord"] = []
    deals = world.hubspot.pop("deals", [])
    world.hubspot.update(people.hubspot)
    world.hubspot["deals"] = deals
    world.hubspot["products"] = products(Random(f"{seed} products"))  # noqa: S311 - of their own, as returns
    world.hubspot["orders"] = []
    world.hubspot["currencies"] = catalog.hubspot_currency_rows()
    return _plain(world)


def _places(rng: Random, orders: int) -> Mapping[int, str]:
    """Which of the orders, by their place in time, are bad."""
    codes = bad_orders.codes_for(orders)
    return dict(
        zip(sorted(rng.sample(range(orders), len(codes))), rng.sample(codes, len(codes)), strict=True)
    )


def _plan(rng: Random, people: People, day: date, placed: datetime, today: date, good: int) -> Plan:
    buyer = _buyer(rng, people, good)
    # The first eight good orders have the eight letters, so that small worlds show them all.
    status = STATUSES[good] if good < len(STATUSES) else status_by_age(rng, (today - day).days)
    return Plan(day, placed, status, buyer, buyer.currency, portal=rng.random() < 0.4)


def _buyer(rng: Random, people: People, good: int) -> Buyer:
    """Few buy often, many buy rarely; the first four good orders are in the four currencies."""
    if good < len(catalog.TRADED):
        return next(buyer for buyer in people.buyers if buyer.currency is catalog.TRADED[good])
    buyers = people.buyers
    return buyers[min(int(rng.expovariate(2.2) * len(buyers)), len(buyers) - 1 - good % len(buyers))]


def _record(world: World, order: Order, ids: Ids, rng: Random, latest: datetime, *, spoiled: bool) -> None:
    """Lets the order live through what its status says, and writes everything down."""
    header, lines = order.header, order.sheet.rows
    world.netsuite["transaction"].append(header)
    world.netsuite["transactionline"].extend(lines)
    if not spoiled:
        for document in live_through(header, lines, order.plan.currency.exponent, ids, rng, latest):
            for table, rows in document.rows.items():
                world.netsuite[table].extend(rows)
    for table, rows in order.others.items():
        world.netsuite[table].extend(rows)
    for name, rows in order.documents.items():
        world.hubspot[name].extend(rows)


def _plain(world: World) -> World:
    """The same world with the tables in order and without default factories."""
    netsuite: dict[str, list[Row]] = defaultdict(list)
    netsuite.update({table: world.netsuite[table] for table in sorted(world.netsuite)})
    return World(dict(netsuite), dict(world.hubspot), dict(sorted(world.planted.items())))
