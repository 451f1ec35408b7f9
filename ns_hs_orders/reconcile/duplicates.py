"""Orders of NetSuite that HubSpot holds twice: records that somebody else made for the same order.

Belongs here: finding them, and each as one compared order. Does not belong here: the search itself (clients), or
records with our key, which are compared by it (compared).

A record counts as a duplicate that carries no key of ours, and as its name the order number of an order of the
range, or as its external order id (or in the property that NS_HS_ADOPT_KEY_PROPERTY names) the internal id or the number.
Search finds it, the read by record id proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ns_hs_orders.fields import UNIQUE_ORDER_KEY, FieldMap
from ns_hs_orders.progress import Progress
from ns_hs_orders.push.ports import CrmRecord
from ns_hs_orders.reconcile import explanations
from ns_hs_orders.reconcile.causes import DUPLICATE, Verdict
from ns_hs_orders.reconcile.compare import FieldDifference, FieldKinds, amount_text, held_amount, held_parts
from ns_hs_orders.reconcile.compared import ComparedOrder
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder
from ns_hs_orders.reconcile.ports import OrderSearch, ReadBack
from ns_hs_orders.reconcile.read_back import HeldOrder, read_records

KEY_PREFIX = "hubspot:"
"""Before the record id, in place of NetSuite's internal id."""
NAME = "hs_order_name"
EXTERNAL_ID = "hs_external_order_id"


def find_duplicates(
    orders: Iterable[NetSuiteOrder],
    search: OrderSearch,
    crm: ReadBack,
    field_map: FieldMap,
    kinds: FieldKinds,
    progress: Progress,
    *,
    threads: int,
    key_property: str = "",
) -> list[tuple[ComparedOrder, NetSuiteOrder]]:
    """Every duplicate of these orders, on the day of its order, with the order that it doubles.

    key_property: property of another integration that names a NetSuite order, "" for none. Raises RemoteError where HubSpot could not be asked.
    """
    by_number: dict[str, NetSuiteOrder] = {}
    by_key: dict[str, NetSuiteOrder] = {}
    for order in orders:
        by_key[order.key] = order
        if number := _fold(order.order_number):
            by_number.setdefault(number, order)
    progress("orders looked for twice in HubSpot", 0, len(by_key))
    named_by = (EXTERNAL_ID, *([key_property] if key_property else []))
    suspects = search.orders_without_key(list(by_number), [*by_key, *by_number], *named_by[1:])
    records = read_records(crm, suspects, field_map, (NAME, *named_by), threads) if suspects else ()
    progress("orders looked for twice in HubSpot", len(by_key), len(by_key))
    return [
        (_compared(record, order, kinds, carries), order)
        for record in sorted(records, key=lambda one: (len(one.id), one.id))
        for order, carries in _original(record, by_number, by_key, named_by)
    ]


def _original(
    record: CrmRecord,
    by_number: Mapping[str, NetSuiteOrder],
    by_key: Mapping[str, NetSuiteOrder],
    named_by: Sequence[str],
) -> Sequence[tuple[NetSuiteOrder, str]]:
    """The order that the record stands for, and what tells so in words; nothing where it stands for none.

    named_by: properties beside its name that may hold the order's internal id or number.
    """
    if record.archived or record.properties.get(UNIQUE_ORDER_KEY):
        return ()
    if order := by_number.get(_fold(record.properties.get(NAME))):
        return ((order, explanations.by_number(order.order_number)),)
    for name in named_by:
        text = _fold(record.properties.get(name))
        if order := by_key.get(text):
            return ((order, explanations.by_key(order.key, name)),)
        if text and (order := by_number.get(text)):
            return ((order, explanations.by_number(order.order_number, name)),)
    return ()


def _compared(record: CrmRecord, order: NetSuiteOrder, kinds: FieldKinds, carries: str) -> ComparedOrder:
    held = HeldOrder(f"{KEY_PREFIX}{record.id}", record.id, record.properties)
    amount, currency = held_amount(held)
    words = explanations.duplicate(record.id, carries)
    finding = "only in HubSpot"
    return ComparedOrder(
        key=held.key,
        order_number=order.order_number,
        order_on=order.order_on,
        customer_name=order.customer_name,
        rep_name=order.rep_name,
        currency=None,
        netsuite_minor=None,
        hubspot_minor=amount,
        currency_hubspot=currency,
        order_id_hubspot=record.id,
        verdict=Verdict("archived", finding, DUPLICATE, "duplicate_in_hubspot", words),
        found=(FieldDifference("order", finding, None, amount_text(amount, currency), amount),),
        held_parts=held_parts(held, kinds.stage_of_id),
    )


def _fold(text: str | None) -> str:
    """As HubSpot's search compares: without regard to case and outer blanks."""
    return (text or "").strip().lower()
