"""What an order adds up to, written again from NetSuite's sign rules and sharing no code with the generator.

Goods, shipping and tax rows are negative, discounts and payments positive; the balancing row, repeats, kit
components and cost rows do not count.
"""

from collections import defaultdict
from decimal import Decimal

from ns_hs_orders.sandbox.world import World


def parts_of(lines) -> dict[str, Decimal]:
    """Goods, discount, shipping, tax and payment as people see them: all positive in the normal case."""
    parts: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line["mainline"] == "T" or line["iscogs"] == "T" or line["kitcomponent"] == "T":
            continue
        kind = line["itemtype"]
        if kind in ("Subtotal", "Group", "EndGroup", "Description"):
            continue
        amount = Decimal(line["foreignamount"])
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


def total_of(lines) -> Decimal:
    parts = parts_of(lines)
    return parts["goods"] - parts["discount"] + parts["shipping"] + parts["tax"] - parts["payment"]


def lines_by_order(world: World) -> dict[str | None, list]:
    found = defaultdict(list)
    for line in world.netsuite["transactionline"]:
        found[line["transaction"]].append(line)
    return found


def good_orders(world: World):
    bad = {number for numbers in world.planted.values() for number in numbers}
    return [order for order in world.orders() if order["tranid"] not in bad]
