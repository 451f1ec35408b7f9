"""Which product of HubSpot a line item is: the one product with the line's SKU.

Belongs here: looking products up. Does not belong here: writing the product's id on a line item (wanted). Products are
never made, and where several carry one SKU none is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable

from ns_hs_orders.push.associations.survivors import BATCH
from ns_hs_orders.push.ports import CrmObjects, ProductSearch
from ns_hs_orders.push.schema import LinkTarget

NOT_THERE = "product_not_in_hubspot"
SEVERAL = "several_products"
_SKU = "hs_sku"


def find_products(skus: Iterable[str], *, crm: CrmObjects, search: ProductSearch) -> dict[str, LinkTarget]:
    """SKU as NetSuite holds it → the product in HubSpot, or the problem.

    The search index is a hint which products to read; what counts is their SKU as read by id. An equal SKU goes before
    one that differs in case. Raises RemoteError where HubSpot could not be asked.
    """
    asked = sorted({one for one in skus if one.strip()})
    if not asked:
        return {}
    ids = sorted(set(search.products_with_sku(asked)))
    exact: dict[str, list[str]] = {}
    alike: dict[str, list[str]] = {}
    for start in range(0, len(ids), BATCH):
        for record in crm.batch_read("products", ids[start : start + BATCH], [_SKU]).results:
            sku = record.properties.get(_SKU) or ""
            exact.setdefault(sku, []).append(record.id)
            alike.setdefault(_folded(sku), []).append(record.id)
    return {sku: _target(exact.get(sku) or alike.get(_folded(sku), [])) for sku in asked}


def _folded(sku: str) -> str:
    return sku.strip().casefold()


def _target(ids: list[str]) -> LinkTarget:
    if len(ids) > 1:
        return LinkTarget(None, SEVERAL)
    return LinkTarget(ids[0]) if ids else LinkTarget(None, NOT_THERE)
