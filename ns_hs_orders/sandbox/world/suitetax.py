"""The same world as an account with SuiteTax would hold it: tax in details, not on lines.

Here: moving one regime's rows to the other's table. Not here: any amount that is new.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from ns_hs_orders.sandbox.world.model import Row, World, number_text


def with_suitetax(world: World) -> World:
    """A copy in which every legacy tax row of an order is two rows of `transactiontaxdetail` instead.

    The two parts have more decimals than the currency; their exact sum is the tax that the row had, so that
    totals stay as they are. The header's `taxtotal` holds the tax of the order.
    """
    lines: list[Row] = []
    details: list[Row] = []
    taxes: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in world.netsuite["transactionline"]:
        if line["taxline"] != "T":
            lines.append(line)
            continue
        tax = -Decimal(line["foreignamount"] or 0)
        taxes[line["transaction"]] += tax
        third = (tax / 3).quantize(Decimal("1e-6"))
        rate = line.get("ratepercent")
        details += [
            {
                "transaction": line["transaction"], "line": str(number), "linename": line.get("memo"),
                "taxtype": line.get("memo"), "taxrate": rate, "taxamount": number_text(part),
            }
            for number, part in enumerate((third, tax - third), 1)
        ]  # fmt: skip
    headers = [
        {**row, "taxtotal": number_text(taxes[row["id"]])} if row["id"] in taxes else row
        for row in world.netsuite["transaction"]
    ]
    netsuite = {
        **world.netsuite, "transaction": headers, "transactionline": lines, "transactiontaxdetail": details,
    }  # fmt: skip
    return World(netsuite, world.hubspot, world.planted)
