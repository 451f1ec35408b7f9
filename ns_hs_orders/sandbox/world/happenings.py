"""What can happen to a world in one step of time: one function per kind of event.

Each takes the standing, changes the stores, and returns what happened in words, or None if there was nothing
for it to happen to. Here: the events, and which stamps each moves. Not here: how often (tick.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ns_hs_orders.sandbox.world.company import catalog, shipments
from ns_hs_orders.sandbox.world.company.customers import HUBSPOT_ID
from ns_hs_orders.sandbox.world.company.orders import Plan, make_order
from ns_hs_orders.sandbox.world.load import add_custom_columns
from ns_hs_orders.sandbox.world.model import Row, amount_text, half_up, number_text, stamp_text
from ns_hs_orders.sandbox.world.standing import Standing, is_counted

Event = dict[str, str]


def new_order(world: Standing, turn: int) -> Event:
    """A customer orders, now."""
    buyer = world.rng.choice(world.people.buyers)
    today = world.now.astimezone(ZoneInfo(world.switches.account_zone)).date()
    plan = Plan(today, world.now, world.rng.choice("AB"), buyer, buyer.currency, world.rng.random() < 0.4)
    order = make_order(world.rng, world.ids, world.people, plan)
    order.header["externalid"] = f"tick-{world.number}-{turn}"
    _add_missing_items(world, order.sheet.rows)
    # An account that lacks one of the custom fields goes on without it.
    known = world.netsuite.tables()["transaction"]
    header = {name: value for name, value in order.header.items() if name in known}
    tables = {"transaction": [header], "transactionline": order.sheet.rows, **order.others}
    for table, rows in tables.items():
        world.netsuite.insert(table, rows)
    for name, records in order.documents.items():
        world.hubspot.load(name, records)
    return _event("order created", order.header, f"{order.header['foreigntotal']} {buyer.currency.symbol}")


def header_edit(world: Standing) -> Event | None:
    """Somebody types in the order's header: memo or PO number, rarely the order date."""
    order = world.pick("ABDEFG")
    if order is None:
        return None
    chance = world.rng.random()
    if chance < 0.2:
        moved = date.fromisoformat(order["trandate"] or "") - timedelta(days=1)
        change = {"trandate": moved.isoformat()}
    elif chance < 0.6:
        change = {"memo": f"Edited: deliver to dock {world.rng.randrange(1, 30)} 🚚"}
    else:
        change = {"otherrefnum": f"PO-{world.rng.randrange(10**5):05d}|REV"}
    _save(world, order, change, moves=True)
    return _event("order edited", order, ", ".join(f"{name} = {value}" for name, value in change.items()))


def line_edit(world: Standing) -> Event | None:
    """A quantity changes, and with it line amount and total. Whether the header's stamp moves is a switch."""
    order = world.pick("AB", sound=True, untouched=True)
    if order is None:
        return None
    lines = world.lines(order)
    editable = [row for row in shipments.goods_rows(lines) if row["rate"] and row["itemtype"] != "Kit"]
    if not editable:
        return None
    line = world.rng.choice(editable)
    units = shipments.ordered(line) + world.rng.randrange(1, 5)
    exponent = world.exponent(order)
    minor = half_up(Decimal(line["rate"] or 0).scaleb(exponent) * units)
    _change_line(
        world, line, {"quantity": number_text(-units), "foreignamount": amount_text(-minor, exponent)}
    )  # fmt: skip
    _settle(world, order)
    return _event("line changed", order, f"line {line['uniquekey']}: quantity {number_text(units)}")


def line_removal(world: Standing) -> Event | None:
    """A goods line is taken off an order that has several."""
    order = world.pick("AB", sound=True, untouched=True)
    if order is None:
        return None
    # A kit's components and what follows a subtotal would have to go too; plain lines stand alone.
    removable = [row for row in shipments.goods_rows(world.lines(order)) if row["itemtype"] != "Kit"]
    if len(removable) < 2:
        return None
    line = removable[-1]
    left = Decimal(order["foreigntotal"] or 0) + Decimal(line["foreignamount"] or 0)
    if left < 0:
        return None
    world.netsuite.delete("transactionline", {"uniquekey": line["uniquekey"] or ""})
    _settle(world, order)
    return _event("line removed", order, f"line {line['uniquekey']}")


def fulfilment(world: Standing) -> Event | None:
    """An order is shipped, whole or in part."""
    order = world.pick("B", sound=True)
    if order is None:
        return None
    lines = world.lines(order)
    shippable = shipments.goods_rows(lines, shipments.SHIPPED_TYPES)
    if not shippable:
        return None
    part = world.rng.choice((Decimal("0.5"), Decimal(1), Decimal(1)))
    shipments.mark(shippable, "quantityshiprecv", part, shipments.SHIPPED_TYPES)
    units = [(row, Decimal(row["quantityshiprecv"] or 0)) for row in shippable]
    units = [(row, count) for row, count in units if count]
    # A "part" may be all there is.
    partly = any(count < shipments.ordered(row) for row, count in units) or len(units) < len(shippable)
    for row in shippable:
        world.netsuite.update(
            "transactionline",
            {"uniquekey": row["uniquekey"] or ""},
            {"quantityshiprecv": row["quantityshiprecv"]},
        )  # fmt: skip
    document = shipments.fulfil(order, units, world.ids, world.rng, world.now)
    _write(world, document)
    _save(
        world, order, {"status": "D" if partly else "F"}, moves=world.switches.order_stamp_moves_on_fulfilment
    )
    return _event(
        "order shipped in part" if partly else "order shipped", order, document.header["tranid"] or ""
    )


def billing(world: Standing) -> Event | None:
    """A fulfilled order is invoiced."""
    order = world.pick("F", sound=True)
    if order is None:
        return None
    for row in shipments.goods_rows(world.lines(order)):
        units = number_text(shipments.ordered(row))
        world.netsuite.update(
            "transactionline", {"uniquekey": row["uniquekey"] or ""}, {"quantitybilled": units}
        )
    exponent = world.exponent(order)
    minor = half_up(Decimal(order["foreigntotal"] or 0).scaleb(exponent))
    document = shipments.bill(order, minor, exponent, world.ids, world.now)
    _write(world, document)
    _save(world, order, {"status": "G"}, moves=world.switches.order_stamp_moves_on_billing)
    return _event("order billed", order, document.header["tranid"] or "")


def tracking_edit(world: Standing) -> Event | None:
    """A tracking number is corrected: the fulfilment's stamp moves, the order's by a switch."""
    order = world.pick("DEFG")
    if order is None:
        return None
    for document in world.followers.get(order["id"] or "", []):
        numbers = world.netsuite.rows("trackingnumbermap", transaction=document)
        if numbers:
            text = shipments.tracking_number(world.rng)
            world.netsuite.update(
                "trackingnumber", {"id": numbers[0]["trackingnumber"] or ""}, {"trackingnumber": text}
            )
            world.netsuite.update(
                "transaction", {"id": document}, {"lastmodifieddate": stamp_text(world.now)}
            )
            _save(world, order, {}, moves=world.switches.order_stamp_moves_on_tracking_edit)
            return _event("tracking number changed", order, text)
    return None


def approval(world: Standing) -> Event | None:
    """A pending order is approved."""
    order = world.pick("A")
    if order is None:
        return None
    _save(world, order, {"status": "B"}, moves=True)
    return _event("order approved", order, "A → B")


def cancellation(world: Standing) -> Event | None:
    """An order on which nothing was done is cancelled."""
    order = world.pick("AB", untouched=True)
    if order is None:
        return None
    _save(world, order, {"status": "C"}, moves=True)
    return _event("order cancelled", order, f"{order['status']} → C")


def customer_change(world: Standing) -> Event | None:
    """An order is made over to another customer of the same currency."""
    order = world.pick("AB")
    if order is None:
        return None
    others = [
        buyer
        for buyer in world.people.buyers
        if buyer.synced and buyer.id != order["entity"] and buyer.currency.id == order["currency"]
    ]
    if not others:
        return None
    buyer = world.rng.choice(others)
    _save(world, order, {"entity": buyer.id}, moves=True)
    return _event("customer changed", order, f"now {buyer.name}")


def deletion(world: Standing) -> Event | None:
    """An order is deleted: its rows are gone, and a deleted record says so."""
    order = world.pick("ABC", untouched=True)
    if order is None:
        return None
    order_id = order["id"] or ""
    world.netsuite.delete("transactionline", {"transaction": order_id})
    world.netsuite.delete("transaction", {"id": order_id})
    world.netsuite.insert(
        "deletedrecord",
        [
            {
                "recordid": order_id, "recordtypeid": "-30", "type": "Sales Order",
                "name": f"Sales Order #{order['tranid']}", "context": "User Interface", "deletedby": None,
                "deleteddate": stamp_text(world.now), "iscustomlist": "F", "iscustomrecord": "F",
                "iscustomtransaction": "F",
            }
        ],
    )  # fmt: skip
    world.drop(order)
    return _event("order deleted", order, f"{order['foreigntotal']}")


def customer_joins_hubspot(world: Standing) -> Event | None:
    """A customer that HubSpot did not know gets a company there, and its id in NetSuite."""
    unknown = [buyer for buyer in world.people.buyers if not buyer.synced]
    if not unknown:
        return None
    buyer = world.rng.choice(unknown)
    company = str(18_900_000_000 + int(buyer.id))
    add_custom_columns({"customer": [{HUBSPOT_ID: company}]}, world.netsuite)
    world.hubspot.load("companies", [{"id": company, "name": buyer.name}])
    world.netsuite.update(
        "customer", {"id": buyer.id}, {HUBSPOT_ID: company, "lastmodifieddate": stamp_text(world.now)}
    )
    return {
        "event": "customer joined HubSpot",
        "customer": buyer.id,
        "detail": f"{buyer.name}, company {company}",
    }


def goods_return(world: Standing) -> Event | None:
    """A return authorization for a billed order."""
    order = world.pick("G", sound=True)
    if order is None:
        return None
    goods = shipments.goods_rows(world.lines(order), shipments.SHIPPED_TYPES)
    if not goods:
        return None
    line, exponent = goods[0], world.exponent(order)
    units = min(shipments.ordered(line), max(Decimal(1), Decimal(int(shipments.ordered(line) / 2))))
    minor = half_up(Decimal(line["rate"] or 0).scaleb(exponent) * units)
    document = shipments.give_back(
        order, line, units, minor, exponent, world.ids, world.now, status="A", origin=None
    )
    _write(world, document)
    world.drop(order)
    return _event("return authorized", order, document.header["tranid"] or "")


def _save(world: Standing, order: Row, change: dict[str, str], *, moves: bool) -> None:
    """Writes header values; the order's stamp moves to now or stays."""
    values: dict[str, str | None] = {**change}
    if moves:
        values["lastmodifieddate"] = stamp_text(world.now)
    if values:
        world.netsuite.update("transaction", {"id": order["id"] or ""}, values)
    world.drop(order)


def _change_line(world: Standing, line: Row, change: dict[str, str | None]) -> None:
    values = {**change, "linelastmodifieddate": stamp_text(world.now)}
    world.netsuite.update("transactionline", {"uniquekey": line["uniquekey"] or ""}, values)


def _settle(world: Standing, order: Row) -> None:
    """Brings header and balancing row back to what the lines add up to; that row's own stamp moves."""
    lines = world.lines(order)
    total = -sum((Decimal(row["foreignamount"] or 0) for row in lines if is_counted(row)), Decimal(0))
    text = amount_text(half_up(total.scaleb(world.exponent(order))), world.exponent(order))
    for row in lines:
        if row["mainline"] == "T":
            _change_line(world, row, {"foreignamount": text})
    _save(world, order, {"foreigntotal": text}, moves=world.switches.order_stamp_moves_on_line_edit)


def _write(world: Standing, document: shipments.Document) -> None:
    for table, rows in document.rows.items():
        world.netsuite.insert(table, rows)


def _add_missing_items(world: Standing, lines: list[Row]) -> None:
    """A folder's own catalogue need not know the made-up company's goods."""
    used = {row["item"] for row in lines}
    rows = [row for row in catalog.item_rows(stamp_text(world.now)) if row["id"] in used]
    for row in rows:
        if not world.netsuite.rows("item", id=row["id"] or ""):
            world.netsuite.insert("item", [row])


def _event(event: str, order: Row, detail: str) -> Event:
    return {"event": event, "order": order["tranid"] or "", "order_id": order["id"] or "", "detail": detail}
