"""What an order adds up to, written again from NetSuite's sign rules and sharing no code with the generator.

Goods, shipping and tax rows are negative, discounts and payments positive; the balancing row, repeats, kit
components and cost rows do not count.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ns_hs_orders.sandbox.world import World

# Values are text or None; Any, so that a test may say Decimal(row["…"]) and fail there if it is neither.
Row = dict[str, Any]


def parts_of(lines: Iterable[Row]) -> dict[str, Decimal]:
    """Goods, discount, shipping, tax and payment as people see them: all positive in the normal case."""
    parts: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line["mainline"] == "T" or line["iscogs"] == "T" or line["kitcomponent"] == "T":
            continue
        kind = line["itemtype"]
        if kind in ("Subtotal", "Group", "EndGroup", "Description"):
            continue
        amount = Decimal(line["foreignamount"] or "x")
        if line["taxline"] == "T":
            parts["tax"] -= amount
        elif kind == "Discount":
            parts["discount"] += amount
        elif kind in ("Payment", "GiftCert"):
            parts["payment"] += amount
        elif kind == "ShipItem":
            parts["shipping"] -= amount
        else:
            parts["goods"] -= amount
    return parts


def total_of(lines: Iterable[Row]) -> Decimal:
    parts = parts_of(lines)
    return parts["goods"] - parts["discount"] + parts["shipping"] + parts["tax"] - parts["payment"]


def lines_by_order(world: World) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for line in world.netsuite["transactionline"]:
        found[line["transaction"] or ""].append(line)
    return found


def good_orders(world: World) -> list[Row]:
    bad = {number for numbers in world.planted.values() for number in numbers}
    return [order for order in world.orders() if order["tranid"] not in bad]
