"""The product library of the company's HubSpot: most of what is sold, kept by hand, and so not quite right.

Here: HubSpot's products by the SKUs of NetSuite's items. Not here: the items (catalog.py), or which product a line is of
(that is the sync's work).
"""

from __future__ import annotations

from random import Random

from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.model import Row

# Below the ids that HubSpot hands out itself, so that no record made later has another id for it.
FIRST_PRODUCT = 8_000_000_000
MISSING = 7


def products(rng: Random) -> list[Row]:
    """A product for most goods and the kit, by ascending id.

    MISSING goods have none, one has two, one is written in small letters, and one product has no SKU.
    """
    sold = [*catalog.GOODS, catalog.KIT]
    missing = set(rng.sample(range(len(catalog.GOODS)), MISSING))
    kept = [item for place, item in enumerate(sold) if place not in missing]
    doubled, small = rng.sample([item for item in kept if item.itemtype == "InvtPart"], 2)
    rows = [
        _product(int(item.id), item.name, item.sku.lower() if item is small else item.sku, f"{item.price:f}")
        for item in kept
    ]
    rows.append(_product(9001, f"{doubled.name} (old)", doubled.sku, f"{doubled.price:f}"))
    rows.append(_product(9002, "Gift wrapping", None, "4.00"))
    return rows


def _product(number: int, name: str, sku: str | None, price: str) -> Row:
    return {"id": str(FIRST_PRODUCT + number), "name": name, "hs_sku": sku, "price": price}
