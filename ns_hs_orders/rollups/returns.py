"""What came back: return authorizations of some entities in the twelve months, as pieces.

Belongs here: which returns count, and with how much. Does not belong here: a return as a record (mapping), or the rate
that returns make (figures).

Pending approval and cancelled count nothing; closed ones count the received part; all others count whole, as on the
returns of orders; without tax and shipping where these are no sales, as in net sales. Amounts are positive here, whatever
sign the account's returns have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.extract.suiteql.keyset import Row
from ns_hs_orders.extract.suiteql.literals import literal
from ns_hs_orders.mapping.lines import line_class
from ns_hs_orders.rollups.not_sales import Part, parts_not_sales
from ns_hs_orders.rollups.pieces import Piece
from ns_hs_orders.rollups.selection import (
    CLASSING,
    HEADER,
    LINES,
    READABLE,
    BuyingSource,
    Selection,
    decimal_of,
    letter_of,
    line_of,
)

COUNT_NOTHING = ("pending_approval", "cancelled")
COUNTS_RECEIVED = "closed"


def read_returns(source: BuyingSource, entity_ids: Sequence[str], *, each: bool = False) -> Iterator[Piece]:
    """Pieces of the returns of at most a thousand entities, dated in the twelve months. each: return by return, with its exchange rate.

    Raises RemoteError where NetSuite could not be read.
    """
    span = source.span
    dated = (
        f"t.trandate >= {literal(span.first)}",
        f"t.trandate < {literal(span.as_of + timedelta(days=1))}",
    )
    stages = source.rules.return_stages
    closed = [letter for letter, stage in stages.items() if stage == COUNTS_RECEIVED]
    whole = [one for one, stage in stages.items() if stage not in (*COUNT_NOTHING, COUNTS_RECEIVED)]
    chosen = Selection(source, entity_ids, "RtnAuth", "t.trandate")
    asked = {
        "orders": "COUNT(*)",
        "readable": READABLE,
        "total": "SUM(ABS(t.foreigntotal))",
    }
    if whole:
        where = (*dated, chosen.status(whole))
        for row in chosen.groups(asked, HEADER, where, chosen.shared(each=each)):
            is_whole = row.get("readable") == row.get("orders")
            yield _piece(row, decimal_of(row.get("total")) if is_whole else None)
        for _, row, amount in parts_not_sales(chosen, where, chosen.shared(each=each), sizes=True):
            yield _piece(row, None if amount is None else -amount)
    if closed:
        yield from _closed(source, chosen, (*dated, chosen.status(closed)))


def _closed(source: BuyingSource, chosen: Selection, where: Sequence[str]) -> Iterator[Piece]:
    """The received part of each closed return: of its goods line by line, of all else in the same proportion."""
    totals = {
        str(row["order_id"]): row
        for row in chosen.groups({"total": "SUM(t.foreigntotal)"}, HEADER, where, chosen.shared(each=True))
    }
    names = (*CLASSING, "amount", "quantity", "quantity_shipped")
    select = {**chosen.shared(each=True), **source.line_columns(names)}
    lines = list(
        chosen.rows(
            {**select, "line_unique_key": "tl.uniquekey"},
            LINES,
            ("tl.mainline = 'F'", *where),
            key="line_unique_key",
        )
    )
    parts: dict[str, dict[Part, Decimal | None]] = defaultdict(dict)
    for part, row, amount in parts_not_sales(chosen, where, chosen.shared(each=True), sizes=True):
        before = parts[_return_of(row)].get(part, Decimal(0))
        parts[_return_of(row)][part] = (
            None if amount is None or before is None else money.add_up((before, amount))
        )
    by_return = groupby(sorted(lines, key=_return_of), key=_return_of)
    of_return = {return_id: list(rows) for return_id, rows in by_return}
    for return_id, row in totals.items():
        goods = [
            one for one in of_return.get(return_id, ()) if line_class(line_of(one), source.rules) == "goods"
        ]
        received = received_part(row.get("total"), goods, row.get("currency"))
        yield _piece(row, _sales_of(received, row, list(parts[return_id].values())))


def _sales_of(received: Decimal | None, row: Row, parts: Sequence[Decimal | None]) -> Decimal | None:
    """What was received without the parts that are no sales: of each the share that came back, half-up."""
    known = [one for one in parts if one is not None]
    if received is None or len(known) < len(parts):
        return None
    whole, code = decimal_of(row.get("total")), row.get("currency")
    if not whole or code is None:
        return received
    try:
        shares = [
            money.divide(money.multiply(one, received), abs(whole), money.exponent(code)) for one in known
        ]
        return money.add_up((received, *(-one for one in shares)))
    except MoneyError:
        return None


def received_part(
    total: str | None, goods: Sequence[Mapping[str, str | None]], currency: str | None
) -> Decimal | None:
    """What of a closed return was received, positive; None where its money cannot be read.

    total: with NetSuite's sign. goods: the goods lines, `amount`, `quantity` and `quantity_shipped` (received) as
    NetSuite tells them. Of each line amount × received share, half-up; of discount, tax and shipping the share that
    these goods have in all goods, half-up.
    """
    try:
        if total is None or currency is None:
            return None
        amount = abs(money.to_minor(total, currency))
        all_goods, received = 0, 0
        for line in goods:
            minor = money.to_minor(line.get("amount") or "0", currency)
            all_goods += minor
            received += _received_minor(minor, line.get("quantity"), line.get("quantity_shipped"))
        if not all_goods:
            return Decimal(0)
        share = money.divide(Decimal((amount - abs(all_goods)) * received), Decimal(all_goods), 0)
        turned = -received if all_goods < 0 else received
        return money.from_minor(turned + int(share), currency)
    except MoneyError:
        return None


def _received_minor(minor: int, quantity: str | None, received: str | None) -> int:
    """Without a quantity all or nothing."""
    authorized, came = (abs(money.parse_decimal(text or "0")) for text in (quantity, received))
    if not authorized:
        return minor if came else 0
    return int(money.divide(money.multiply(Decimal(minor), min(came, authorized)), authorized, 0))


def _piece(row: Row, amount: Decimal | None) -> Piece:
    return Piece(
        entity_id=str(row["entity"]),
        currency=row.get("currency"),
        stage=letter_of(row),
        when="within",
        orders=0,
        amount=amount,
        order_id=row.get("order_id"),
        rate=row.get("rate"),
        kind="return",
    )


def _return_of(row: Mapping[str, str | None]) -> str:
    return str(row["order_id"])
