"""Goods that come back: return authorizations of every status and origin, their receipts and refunds.

Here: whole returns with NetSuite's signs, and the returns of the made-up company. Not here: the orders that they are
of (orders.py, shipments.py), the passing of time (happenings_of_returns.py).

A return's total is negative; its lines have the signs of an order's the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.shipments import (
    SHIPPED_TYPES,
    Document,
    document_line,
    follow,
    goods_rows,
    ordered,
)
from ns_hs_orders.sandbox.world.model import Ids, Row, World, amount_text, half_up, number_text

FEWEST_ORDERS = 40
"""Smaller worlds hold no returns beyond those that their billed orders happen to have."""
_ONE_IN = 40
_STATUSES = "ABCDEFGH"
_RETURNABLE = "DEFGH"
_RESTOCKING_PERCENT = 10


@dataclass
class _Shelf:
    """What returns are made of: the world's sound orders with their lines and bills, and who hands out ids."""

    ids: Ids
    rng: Random
    latest: datetime
    orders: list[tuple[Row, list[Row], int]]
    bills: Mapping[str | None, Row]
    exponents: Mapping[str | None, int]
    made: list[Document] = field(default_factory=list)

    def order(self, *, billed: str = "") -> tuple[Row, list[Row], int]:
        """A sound order; billed: by a bill of this type."""
        fit = [
            one for one in self.orders if not billed or self.bills.get(one[0]["id"], {}).get("type") == billed
        ]
        return self.rng.choice(fit or self.orders)

    def moment(self, after: Row) -> datetime:
        """Some days after a document, not beyond the world's end."""
        began = datetime.strptime(after["lastmodifieddate"] or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        return min(self.latest, began + timedelta(seconds=self.rng.randrange(3600, 12 * 86400)))


def add_returns(world: World, ids: Ids, rng: Random, latest: datetime) -> None:
    """Gives the returns of the world what follows from their statuses; from 40 orders on adds one of every kind
    (each status, by invoice, by cash sale, standing alone, of a deleted order, of another return, worth more than its
    order, a second one of an order, in another currency), and one for each 40 orders."""
    shelf = _shelf(world, ids, rng, latest)
    lines = _by_transaction(world.netsuite["transactionline"])
    for row in world.netsuite["transaction"]:
        if row["type"] == "RtnAuth":
            shelf.made += live_through(row, lines.get(row["id"], []), shelf.exponents, ids, rng, latest)
    orders = sum(1 for _ in world.orders())
    if orders >= FEWEST_ORDERS and shelf.orders:
        for status in _STATUSES:
            _of_order(shelf, shelf.order(), status)
        _odd_ones(shelf)
        for _ in range(orders // _ONE_IN):
            _of_order(shelf, shelf.order(), rng.choice(_STATUSES))
    for document in shelf.made:
        for table, rows in document.rows.items():
            world.netsuite[table].extend(rows)


def live_through(
    header: Row,
    lines: Sequence[Row],
    exponents: Mapping[str | None, int],
    ids: Ids,
    rng: Random,
    latest: datetime,
) -> list[Document]:
    """What a return of its status has behind it: marks its lines, returns its receipt and refund."""
    status = header["status"] or ""
    at = datetime.strptime(header["lastmodifieddate"] or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    later = min(latest, at + timedelta(seconds=rng.randrange(3600, 5 * 86400)))
    made = []
    part = {"D": Decimal("0.5"), "E": Decimal("0.5"), "F": Decimal(1), "G": Decimal(1), "H": Decimal("0.5")}
    if status in part and (units := receive(lines, part[status])):
        made.append(receipt(header, units, ids, later))
    if status == "G":
        exponent = exponents.get(header["currency"], 2)
        minor = -half_up(Decimal(header["foreigntotal"] or 0).scaleb(exponent))
        kind = "CashRfnd" if rng.random() < 0.3 else "CustCred"
        made.append(refund(header, minor, exponent, ids, later, kind=kind))
    if status == "H":
        for row in lines:
            if row["mainline"] != "T":
                row["isclosed"] = "T"
    return made


def receive(lines: Sequence[Row], part: Decimal) -> list[tuple[Row, Decimal]]:
    """Sets quantityshiprecv of the goods to a part of what is authorized, in whole units unless it is all."""
    units = []
    for row in lines:
        if row["mainline"] == "T" or row["itemtype"] not in SHIPPED_TYPES:
            continue
        whole = abs(Decimal(row["quantity"] or 0))
        count = whole if part == 1 else Decimal(int(whole * part))
        row["quantityshiprecv"] = number_text(count)
        if count:
            units.append((row, count))
    return units


def receipt(header: Row, units: Sequence[tuple[Row, Decimal]], ids: Ids, at: datetime) -> Document:
    """An item receipt of a return."""
    document, main = follow("ItemRcpt", header, ids, at, status="B")
    lines = [main] + [
        document_line(document, ids, number, item=row["item"], itemtype=row["itemtype"], quantity=number_text(count),
                      createdfrom=header["id"])
        for number, (row, count) in enumerate(units, 1)
    ]  # fmt: skip
    return Document(document, {"transaction": [document], "transactionline": lines})


def refund(
    header: Row, minor: int, exponent: int, ids: Ids, at: datetime, *, kind: str = "CustCred"
) -> Document:
    """A credit memo or cash refund of a return over an amount, its total negative as the return's is."""
    document, main = follow(
        kind, header, ids, at, status="B" if kind == "CustCred" else "C", total=amount_text(-minor, exponent)
    )
    return Document(document, {"transaction": [document], "transactionline": [main]})


def authorize(
    order: Row,
    goods: Sequence[tuple[Row, Decimal]],
    exponent: int,
    ids: Ids,
    at: datetime,
    *,
    status: str,
    origin: str | None,
    taxes: Sequence[Row] = (),
    restocking: bool = False,
) -> Document:
    """A return of units of an order's lines, with the tax that they carried and at times a restocking fee.

    origin: what it is made from, None for nothing. The header's currency is that of `order`.
    """
    header, main = follow("RtnAuth", order, ids, at, status=status, origin=origin)
    main["createdfrom"] = origin
    header["custbody_source_store"] = order.get("custbody_source_store")
    lines, total = [main], 0

    def add(minor: int, **columns: str | None) -> None:
        nonlocal total
        total += minor
        amount = amount_text(minor, exponent)
        lines.append(document_line(header, ids, len(lines), foreignamount=amount, **columns))

    for row, units in goods:
        minor = half_up(Decimal(row["rate"] or 0).scaleb(exponent) * units)
        add(minor, item=row["item"], itemtype=row["itemtype"], quantity=number_text(units), rate=row["rate"],
            memo=row.get("memo"), quantityshiprecv="0")  # fmt: skip
    base = total
    if restocking:
        fee = half_up(Decimal(base) * _RESTOCKING_PERCENT / 100)
        add(-fee, item=catalog.DISCOUNT_PERCENT.id, itemtype="Discount", quantity=None,
            rate=number_text(Decimal(-_RESTOCKING_PERCENT)), memo="Restocking fee")  # fmt: skip
    for row in taxes:
        if row.get("ratepercent"):
            add(half_up(Decimal(total if restocking else base) * Decimal(row["ratepercent"] or 0) / 100),
                item=row["item"], itemtype=row["itemtype"], quantity="1", taxline="T", ratepercent=row["ratepercent"])  # fmt: skip
    header["foreigntotal"] = main["foreignamount"] = amount_text(-total, exponent)
    return Document(header, {"transaction": [header], "transactionline": lines})


def _of_order(
    shelf: _Shelf,
    order: tuple[Row, list[Row], int],
    status: str,
    *,
    origin: str | None = None,
    times: int = 1,
) -> Document:
    """A return of up to three lines of an order, with everything that its status has behind it."""
    header, lines, exponent = order
    rows = [row for row in goods_rows(lines, SHIPPED_TYPES) if row["rate"]][: shelf.rng.randrange(1, 4)]
    goods = [(row, ordered(row) * times if times > 1 else _some(shelf.rng, ordered(row))) for row in rows]
    taxes = [row for row in lines if row["taxline"] == "T"][:1]
    document = authorize(
        header,
        goods,
        exponent,
        shelf.ids,
        shelf.moment(header),
        status=status,
        origin=origin or header["id"],
        taxes=taxes,
        restocking=shelf.rng.random() < 0.2,
    )
    _keep(shelf, document)
    return document


def _some(rng: Random, units: Decimal) -> Decimal:
    """Whole units up to all; all of what is less than one."""
    return min(units, Decimal(rng.randrange(1, max(1, int(units)) + 1)))


def _odd_ones(shelf: _Shelf) -> None:
    for kind, status in (("CustInvc", "F"), ("CashSale", "G"), ("CustInvc", "H")):
        order = shelf.order(billed=kind)
        _of_order(shelf, order, status, origin=shelf.bills.get(order[0]["id"], order[0])["id"])
    _of_order(shelf, shelf.order(), "G", times=3)
    twice = shelf.order()
    first = _of_order(shelf, twice, "D")
    _of_order(shelf, twice, "G")
    _of_order(shelf, twice, "B", origin=first.header["id"])
    _of_order(shelf, shelf.order(), "F", origin=shelf.ids.next("transaction"))
    header, lines, exponent = shelf.order()
    goods = [(row, Decimal(1)) for row in goods_rows(lines, SHIPPED_TYPES) if row["rate"]][:2]
    _keep(
        shelf,
        authorize(header, goods, exponent, shelf.ids, shelf.moment(header), status="E", origin=None),
    )
    other = catalog.USD if header["currency"] != catalog.USD.id else catalog.TRADED[1]
    abroad = {**header, "currency": other.id, "exchangerate": f"{other.rate:f}"}
    _keep(
        shelf,
        authorize(
            abroad, goods, other.exponent, shelf.ids, shelf.moment(header), status="F", origin=header["id"]
        ),
    )


def _keep(shelf: _Shelf, document: Document) -> None:
    lines = document.rows["transactionline"]
    shelf.made.append(document)
    shelf.made += live_through(document.header, lines, shelf.exponents, shelf.ids, shelf.rng, shelf.latest)


def _shelf(world: World, ids: Ids, rng: Random, latest: datetime) -> _Shelf:
    planted = {number for numbers in world.planted.values() for number in numbers}
    exponents: dict[str | None, int] = {one.id: one.exponent for one in catalog.CURRENCIES}
    lines = _by_transaction(world.netsuite["transactionline"])
    kinds = {row["id"]: row for row in world.netsuite["transaction"]}
    bills: dict[str | None, Row] = {}
    for link in world.netsuite["nexttransactionlink"]:
        if link["linktype"] == "OrdBill":
            bills[link["previousdoc"]] = kinds[link["nextdoc"]]
    orders = [
        (row, lines[row["id"]], exponents[row["currency"]])
        for row in world.orders()
        if (row["status"] or "-") in _RETURNABLE
        and row["tranid"] not in planted
        and any(one["rate"] for one in goods_rows(lines[row["id"]], SHIPPED_TYPES))
    ]
    return _Shelf(ids, rng, latest, orders, bills, exponents)


def _by_transaction(rows: Sequence[Row]) -> dict[str | None, list[Row]]:
    found: dict[str | None, list[Row]] = {}
    for row in rows:
        found.setdefault(row["transaction"], []).append(row)
    return found
