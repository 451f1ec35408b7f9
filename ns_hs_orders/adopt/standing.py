"""Which orders a record of another integration stands for already, asked just before the sync would make them.

Belongs here: the question, by the same rules as a plan's. Does not belong here: what becomes of the orders (push).
Search finds the records and lags behind writes; the read by record id proves them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ns_hs_orders.adopt.find import foreign_record, holders, read_orders
from ns_hs_orders.adopt.match import Named, fold, named_by
from ns_hs_orders.adopt.ports import CrmRecords
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.reconcile.ports import OrderSearch


def standing_for(
    orders: Mapping[str, str], search: OrderSearch, crm: CrmRecords, key_property: str
) -> dict[str, str]:
    """Internal id → record id, of the orders that a record without a key of ours names. orders: internal id → number.

    Raises RemoteError where HubSpot could not be asked.
    """
    if not orders:
        return {}
    numbers: dict[str, tuple[str, ...]] = {}
    for order_id, number in orders.items():
        numbers[fold(number)] = (*numbers.get(fold(number), ()), order_id)
    named = Named(frozenset(orders), numbers)
    more = [key_property] if key_property else []
    suspects = search.orders_without_key(list(numbers), [*orders, *numbers], *more)
    found: dict[str, str] = {}
    for record in read_orders(crm, suspects, key_property).values():
        if not record.properties.get(UNIQUE_ORDER_KEY):
            _, names = named_by(foreign_record(record, key_property), named)
            for order_id in names:
                found.setdefault(order_id, record.id)
    ours = holders(crm, list(found))  # an order of ours that the state forgot is updated, not made
    return {order_id: record_id for order_id, record_id in found.items() if order_id not in ours}
