"""What happens to an order after it was placed: fulfilments with tracking, invoices, cash sales, closing, returns.

Here: the documents that follow an order, their links, and the marks that they leave on its lines. Not here: the
order itself (orders.py), the passing of time in a world that runs (tick.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from ns_hs_orders.sandbox.world.model import Ids, Row, amount_text, half_up, number_text, stamp_text

SHIPPED_TYPES = ("InvtPart", "Assembly", "NonInvtPart", "Kit")
_BILLED_TYPES = (*SHIPPED_TYPES, "OthCharge", "Service")
_ALPHABET = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True)
class Document:
    """A transaction that follows another: its rows by table."""

    header: Row
    rows: Mapping[str, list[Row]]


def goods_rows(lines: Sequence[Row], types: Sequence[str] = _BILLED_TYPES) -> list[Row]:
    """The item lines that can be shipped or billed: no kit components, cost rows or goods taken back."""
    return [
        row
        for row in lines
        if row["itemtype"] in types
        and row["mainline"] == "F"
        and row.get("iscogs") != "T"
        and row.get("kitcomponent") != "T"
        and (row["quantity"] or "").startswith("-")
    ]


def ordered(row: Mapping[str, str | None]) -> Decimal:
    """The units ordered on a line, positive."""
    return -Decimal(row["quantity"] or 0)


def mark(lines: Sequence[Row], column: str, part: Decimal, types: Sequence[str] = _BILLED_TYPES) -> None:
    """Sets quantityshiprecv or quantitybilled to a part of what was ordered, in whole units unless it is all.

    With a part between 0 and 1 at least one unit is done and at least one left, as far as there are two.
    """
    rows = goods_rows(lines, types)
    for row in rows:
        units = ordered(row)
        row[column] = number_text(units if part == 1 else Decimal(int(units * part)))
    if 0 < part < 1 and rows and not any(Decimal(row[column] or 0) for row in rows):
        rows[0][column] = "1"


def tracking_number(rng: Random) -> str:
    """A number in the form of UPS, FedEx or the US mail."""
    carrier = rng.randrange(3)
    if carrier == 0:
        return "1Z" + "".join(rng.choices(_ALPHABET, k=16))
    if carrier == 1:
        return "".join(rng.choices("0123456789", k=12))
    return "9400" + "".join(rng.choices("0123456789", k=18))


def follow(kind: str, order: Mapping[str, str | None], ids: Ids, at: datetime, *, status: str, total: str | None = None,
           origin: str | None = None) -> tuple[Row, Row]:  # fmt: skip
    """Header and mainline row of a transaction of type `kind` that was created from the order (or `origin`)."""
    prefix, record = {
        "ItemShip": ("IF", "itemfulfillment"),
        "CustInvc": ("INV", "invoice"),
        "CashSale": ("CS", "cashsale"),
        "RtnAuth": ("RMA", "returnauthorization"),
        "ItemRcpt": ("IR", "itemreceipt"),
        "CustCred": ("CM", "creditmemo"),
        "CashRfnd": ("RFD", "cashrefund"),
    }[kind]
    document = ids.next("transaction")
    number = ids.next(f"{kind} number")
    stamped = stamp_text(at)
    header: Row = {
        "id": document, "tranid": f"{prefix}{number}", "transactionnumber": f"{kind.upper()}{number}", "type": kind,
        "recordtype": record, "status": status, "trandate": at.astimezone(UTC).date().isoformat(),
        "createddate": stamped, "lastmodifieddate": stamped, "entity": order["entity"],
        "currency": order["currency"], "exchangerate": order["exchangerate"], "foreigntotal": total,
        "employee": order.get("employee"), "shippingaddress": order.get("shippingaddress"), "voided": "F",
    }  # fmt: skip
    main = document_line(header, ids, 0, createdfrom=origin or order["id"], mainline="T", foreignamount=total)
    return header, main


def document_line(header: Row, ids: Ids, number: int, **more: str | None) -> Row:
    """A line of a following document."""
    return {
        "uniquekey": ids.next("line"), "transaction": header["id"], "id": str(number),
        "linesequencenumber": str(number), "mainline": "F", "taxline": "F", "subsidiary": "1", "isclosed": "F",
        "iscogs": "F", "kitcomponent": "F", "linelastmodifieddate": header["lastmodifieddate"], **more,
    }  # fmt: skip


def fulfil(order: Row, units: Sequence[tuple[Row, Decimal]], ids: Ids, rng: Random, at: datetime, *,
           status: str = "C") -> Document:  # fmt: skip
    """An item fulfilment of `units` (order line, how many); shipped (C) ones carry one or two tracking numbers."""
    header, main = follow("ItemShip", order, ids, at, status=status)
    lines = [main]
    for number, (line, count) in enumerate(units, 1):
        lines.append(
            document_line(
                header, ids, number, item=line["item"], itemtype=line["itemtype"], quantity=number_text(-count),
                createdfrom=order["id"],
            )
        )  # fmt: skip
    numbers: list[Row] = [
        {"id": ids.next("tracking"), "trackingnumber": tracking_number(rng)}
        for _ in range(rng.choice((1, 1, 1, 2)) if status == "C" else 0)
    ]
    return Document(
        header,
        {
            "transaction": [header],
            "transactionline": lines,
            "nexttransactionlink": [link(order, header, "ShipRcpt", ids)],
            "trackingnumber": numbers,
            "trackingnumbermap": [
                {"transaction": header["id"], "trackingnumber": row["id"]} for row in numbers
            ],
        },
    )


def bill(
    order: Row, minor: int, exponent: int, ids: Ids, at: datetime, *, kind: str = "CustInvc"
) -> Document:
    """An invoice or cash sale over an amount."""
    total = amount_text(minor, exponent)
    header, main = follow(kind, order, ids, at, status="A" if kind == "CustInvc" else "C", total=total)
    return Document(
        header,
        {
            "transaction": [header],
            "transactionline": [main],
            "nexttransactionlink": [link(order, header, "OrdBill", ids)],
        },
    )


def give_back(order: Row, line: Row, units: Decimal, minor: int, exponent: int, ids: Ids, at: datetime, *,
              status: str, origin: str | None) -> Document:  # fmt: skip
    """A return authorization: negative total, line signs the other way round, tied by its mainline's createdfrom."""
    header, main = follow(
        "RtnAuth", order, ids, at, status=status, total=amount_text(-minor, exponent), origin=origin
    )
    back = document_line(
        header, ids, 1, item=line["item"], itemtype=line["itemtype"], quantity=number_text(units), rate=line["rate"],
        foreignamount=amount_text(minor, exponent), memo=line["memo"],
    )  # fmt: skip
    return Document(header, {"transaction": [header], "transactionline": [main, back]})


def link(before: Row, after: Row, kind: str, ids: Ids) -> Row:
    """A row of the header-level link table."""
    return {
        "id": ids.next("link"), "previousdoc": before["id"], "nextdoc": after["id"], "linktype": kind,
        "previoustype": before["type"], "nexttype": after["type"], "lastmodifieddate": after["lastmodifieddate"],
    }  # fmt: skip


def live_through(
    order: Row, lines: list[Row], exponent: int, ids: Ids, rng: Random, latest: datetime
) -> list[Document]:
    """Everything that an order of its status has behind it: marks its lines, moves its stamp, returns its documents."""
    status = order["status"] or ""
    shipped, billed = _parts(status, rng)
    mark(lines, "quantityshiprecv", shipped, SHIPPED_TYPES)
    mark(lines, "quantitybilled", billed)
    if status == "H":
        _close(lines)
    placed = datetime.strptime(order["createddate"] or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    made = _fulfilments(order, lines, ids, rng, placed, latest)
    if status in "BD" and rng.random() < 0.12:
        # Picked or packed, and not out of the door.
        open_rows = [(row, Decimal(1)) for row in goods_rows(lines, SHIPPED_TYPES)[:1]]
        at = _later(rng, placed, latest)
        made.append(fulfil(order, open_rows, ids, rng, at, status=rng.choice("AB")))
    if billed and any(Decimal(row["quantitybilled"] or 0) for row in goods_rows(lines)):
        total = half_up(Decimal(order["foreigntotal"] or 0).scaleb(exponent) * billed)
        kind = "CashSale" if rng.random() < 0.15 else "CustInvc"
        made.append(bill(order, total, exponent, ids, _later(rng, placed, latest, days=9), kind=kind))
        if status == "G" and rng.random() < 0.06:
            made.append(_return(order, lines, exponent, ids, rng, made[-1], latest))
    for document in made:
        order["lastmodifieddate"] = max(
            order["lastmodifieddate"] or "", document.header["lastmodifieddate"] or ""
        )
    return made


def _parts(status: str, rng: Random) -> tuple[Decimal, Decimal]:
    """How much of the order is shipped and billed."""
    none, some, all_ = Decimal(0), Decimal(rng.choice(("0.25", "0.5", "0.75"))), Decimal(1)
    return {
        "D": (some, none),
        "E": (some, some),
        "F": (all_, rng.choice((none, some))),
        "G": (all_, all_),
        "H": rng.choice(((none, none), (some, some))),
    }.get(status, (none, none))


def _close(lines: list[Row]) -> None:
    for row in goods_rows(lines):
        if Decimal(row["quantitybilled"] or 0) < ordered(row):
            row["isclosed"] = "T"


def _fulfilments(
    order: Row, lines: list[Row], ids: Ids, rng: Random, placed: datetime, latest: datetime
) -> list[Document]:
    """One or two fulfilments for what was shipped."""
    units = [
        (row, Decimal(row["quantityshiprecv"] or 0))
        for row in goods_rows(lines, SHIPPED_TYPES)
        if Decimal(row["quantityshiprecv"] or 0)
    ]
    if not units:
        return []
    parcels = [units]
    if len(units) > 1 and rng.random() < 0.3:
        parcels = [units[:1], units[1:]]
    return [fulfil(order, parcel, ids, rng, _later(rng, placed, latest)) for parcel in parcels]


def _return(
    order: Row, lines: list[Row], exponent: int, ids: Ids, rng: Random, bill_: Document, latest: datetime
) -> Document:
    line = goods_rows(lines, SHIPPED_TYPES)[0]
    units = min(ordered(line), Decimal(rng.choice((1, 2))))
    minor = half_up(Decimal(line["rate"] or 0).scaleb(exponent) * units)
    # Two hops at times: made from the invoice, which was made from the order.
    origin = bill_.header["id"] if rng.random() < 0.3 else None
    at = min(latest, datetime.strptime(bill_.header["createddate"] or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) + timedelta(days=rng.randrange(1, 12)))  # fmt: skip
    return give_back(
        order, line, units, minor, exponent, ids, at, status=rng.choice("ABDEFGH"), origin=origin
    )


def _later(rng: Random, after: datetime, latest: datetime, *, days: int = 5) -> datetime:
    """A moment up to `days` days after, never later than `latest`."""
    return min(latest, after + timedelta(seconds=rng.randrange(3600, days * 86400)))
