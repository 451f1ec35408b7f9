"""What an order's returns make of it, worked out from NetSuite's tables without a line of the product's mapping.

Belongs here: the rules of returns as the documents state them. Does not belong here: the order's own values (oracle).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from benchmarks.faults.expected import EXPONENTS
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore

Row = Mapping[str, str | None]
_STATUS: Final = {
    "A": "Pending Approval",
    "B": "Pending Receipt",
    "D": "Partially Received",
    "E": "Partially Received",
    "F": "Pending Refund",
    "G": "Refunded",
    "H": "Closed",
    "C": "Cancelled",
}
_NO_GOODS: Final = ("Discount", "ShipItem", "TaxItem", "TaxGroup", "Payment")


@dataclass
class Returned:
    """Of one order: amounts in its currency, and the stages of its returns in the pipeline's order."""

    amount: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    status: str = ""


def returned_of_orders(netsuite: NetSuiteStore) -> dict[str, Returned]:
    """Order → what its returns make, of the orders that have any."""
    headers = {row["id"] or "": row for row in netsuite.rows("transaction")}
    currencies = {row["id"]: row["symbol"] or "" for row in netsuite.rows("currency")}
    lines: dict[str, list[Row]] = defaultdict(list)
    made_from: dict[str, str] = {}
    for line in netsuite.rows("transactionline"):
        if line["mainline"] == "T" and line["createdfrom"]:
            made_from[line["transaction"] or ""] = line["createdfrom"]
        elif line["mainline"] != "T":
            lines[line["transaction"] or ""].append(line)
    refunds: dict[str, list[Row]] = defaultdict(list)
    for key, row in headers.items():
        if row["type"] in ("CustCred", "CashRfnd") and key in made_from:
            refunds[made_from[key]].append(row)
    found: dict[str, Returned] = defaultdict(Returned)
    letters: dict[str, set[str]] = defaultdict(set)
    for key, row in headers.items():
        if row["type"] != "RtnAuth":
            continue
        order = _order(key, headers, made_from)
        if order is None:
            continue
        letters[order["id"] or ""].add(row["status"] or "")
        told = found[order["id"] or ""]
        if row["currency"] != order["currency"]:
            continue
        exponent = EXPONENTS[currencies[row["currency"]]]
        told.amount += _counted(row, lines[key], exponent)
        told.refunded -= sum((Decimal(one["foreigntotal"] or 0) for one in refunds[key]), Decimal(0))
    for order_id, told in found.items():
        told.status = ", ".join(
            dict.fromkeys(text for one, text in _STATUS.items() if one in letters[order_id])
        )
    return dict(found)


def _order(key: str, headers: Mapping[str, Row], made_from: Mapping[str, str]) -> Row | None:
    parent = headers.get(made_from.get(key, ""))
    if parent is not None and parent["type"] in ("CustInvc", "CashSale"):
        parent = headers.get(made_from.get(parent["id"] or "", ""))
    return parent if parent is not None and parent["type"] == "SalesOrd" else None


def _counted(header: Row, lines: Sequence[Row], exponent: int) -> Decimal:
    total = -Decimal(header["foreigntotal"] or 0)
    if header["status"] in ("A", "C"):
        return Decimal(0)
    if header["status"] != "H":
        return total
    goods = [one for one in lines if one["itemtype"] not in _NO_GOODS and one["taxline"] != "T"]
    whole = sum((Decimal(one["foreignamount"] or 0) for one in goods), Decimal(0))
    came = sum(_received(goods, exponent), Decimal(0))
    if came == whole:
        return total
    return came + (_rounded((total - whole) * came / whole, exponent) if came else Decimal(0))


def _received(goods: Iterable[Row], exponent: int) -> Iterable[Decimal]:
    for one in goods:
        units, came = Decimal(one["quantity"] or 0), Decimal(one["quantityshiprecv"] or 0)
        yield _rounded(Decimal(one["foreignamount"] or 0) * min(came, units) / units, exponent)


def _rounded(value: Decimal, exponent: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-exponent), rounding=ROUND_HALF_UP)
