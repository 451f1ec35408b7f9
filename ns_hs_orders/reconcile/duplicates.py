"""Orders and returns of NetSuite that HubSpot holds twice: records that somebody else made for the same one.

Belongs here: finding them, and each as one compared order. Does not belong here: the search itself (clients), or
records with our key, which are compared by it (compared).

A record counts as a duplicate that carries no key of ours, and as its name the number of an order or return of the
range, or as its external order id (or in the property that NS_HS_ADOPT_KEY_PROPERTY names) the internal id or the number.
Search finds it, the read by record id proves it. What stands in its price is in HubSpot's sums of orders, whatever it
stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import pandas as pd

from ns_hs_orders.columns import dtypes, plain, typed
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.progress import Progress
from ns_hs_orders.push.ports import CrmRecord
from ns_hs_orders.reconcile import explanations
from ns_hs_orders.reconcile.causes import DUPLICATE, DUPLICATE_RETURN, Verdict
from ns_hs_orders.reconcile.compare import FieldDifference, FieldKinds, amount_text, held_amount, held_parts
from ns_hs_orders.reconcile.compared import ComparedOrder
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder, rows
from ns_hs_orders.reconcile.ports import OrderSearch, ReadBack
from ns_hs_orders.reconcile.read_back import HeldOrder, read_records
from ns_hs_orders.reconcile.schema import ComparedOrders

KEY_PREFIX = "hubspot:"
"""Before the record id, in place of NetSuite's internal id."""
NAME = "hs_order_name"
EXTERNAL_ID = "hs_external_order_id"


class Original(NamedTuple):
    """An order or a return of NetSuite that a record of HubSpot may stand for beside ours.

    exchange_rate: of a return, since no other part of it is among those of orders.
    """

    key: str
    number: str | None
    dated_on: date
    customer_name: str | None
    rep_name: str | None
    currency: str | None
    exchange_rate: str | None = None
    is_return: bool = False


def originals_of_orders(orders: Iterable[NetSuiteOrder]) -> list[Original]:
    """These orders, as records may stand for them."""
    return [
        Original(one.key, one.order_number, one.order_on, one.customer_name, one.rep_name, one.currency)
        for one in orders
    ]


def originals_of_returns(returns: pd.DataFrame) -> list[Original]:
    """The returns of a frame ComparedReturns that NetSuite has, as records may stand for them."""
    names = (
        "return_id_netsuite", "return_number", "return_on", "customer_name", "rep_name", "currency", "exchange_rate",
    )  # fmt: skip
    theirs_alone = returns["finding"] == "only in HubSpot"
    return [Original(*row.values())._replace(is_return=True) for row in rows(returns[~theirs_alone], names)]


def find_duplicates(
    originals: Iterable[Original],
    search: OrderSearch,
    crm: ReadBack,
    field_map: FieldMap,
    kinds: FieldKinds,
    progress: Progress,
    *,
    threads: int,
    key_property: str = "",
) -> list[tuple[ComparedOrder, Original]]:
    """Every duplicate of these orders and returns, on the day of each, with what it doubles; orders go before returns.

    key_property: property of another integration that names a NetSuite order, "" for none. Raises RemoteError where HubSpot could not be asked.
    """
    by_number: dict[str, Original] = {}
    by_key: dict[str, Original] = {}
    for one in originals:
        by_key[one.key] = one
        if number := _fold(one.number):
            by_number.setdefault(number, one)
    progress("orders looked for twice in HubSpot", 0, len(by_key))
    named_by = (EXTERNAL_ID, *([key_property] if key_property else []))
    suspects = search.orders_without_key(list(by_number), [*by_key, *by_number], *named_by[1:])
    records = read_records(crm, suspects, field_map, (NAME, *named_by), threads) if suspects else ()
    progress("orders looked for twice in HubSpot", len(by_key), len(by_key))
    return [
        (_compared(record, original, kinds, carries), original)
        for record in sorted(records, key=lambda one: (len(one.id), one.id))
        for original, carries in _original(record, by_number, by_key, named_by)
    ]


def parts_of_duplicates(
    parts: Sequence[pd.DataFrame], originals: Sequence[tuple[str, Original]]
) -> pd.DataFrame:
    """Rate and sales effective date of records that double an order or a return: those of it, in its currency.

    parts: as `order_parts` gives them. originals: key of the duplicate, and what it stands for.
    """
    known = pd.concat(parts, ignore_index=True).drop_duplicates("order_id_netsuite", keep="last")
    columns = ["order_id_netsuite", "exchange_rate", "sales_on"]
    # a return is no order, so that none of the parts is found for it
    asked = [f"return {of.key}" if of.is_return else of.key for _, of in originals]
    found = known.set_index("order_id_netsuite").reindex(asked).reset_index()[columns]
    dtype = dtypes(ComparedOrders)["order_id_netsuite"]
    rates = [
        of.exchange_rate if of.is_return else rate
        for (_, of), rate in zip(originals, plain(found["exchange_rate"]), strict=True)
    ]
    return found.assign(
        order_id_netsuite=typed([key for key, _ in originals], dtype),
        exchange_rate=typed(rates, found["exchange_rate"].dtype),
    )


def _original(
    record: CrmRecord,
    by_number: Mapping[str, Original],
    by_key: Mapping[str, Original],
    named_by: Sequence[str],
) -> Sequence[tuple[Original, str]]:
    """What the record stands for, and what tells so in words; nothing where it stands for none.

    named_by: properties beside its name that may hold the internal id or number.
    """
    if record.archived or record.properties.get(UNIQUE_ORDER_KEY):
        return ()
    if found := by_number.get(_fold(record.properties.get(NAME))):
        return ((found, explanations.by_number(found.number)),)
    for name in named_by:
        text = _fold(record.properties.get(name))
        if found := by_key.get(text):
            return ((found, explanations.by_key(found.key, name)),)
        if text and (found := by_number.get(text)):
            return ((found, explanations.by_number(found.number, name)),)
    return ()


def _compared(record: CrmRecord, original: Original, kinds: FieldKinds, carries: str) -> ComparedOrder:
    held = HeldOrder(f"{KEY_PREFIX}{record.id}", record.id, record.properties)
    amount, currency = held_amount(held)
    words = explanations.duplicate(record.id, carries, is_return=original.is_return)
    finding, cause = "only in HubSpot", DUPLICATE_RETURN if original.is_return else DUPLICATE
    return ComparedOrder(
        key=held.key,
        order_number=original.number,
        order_on=original.dated_on,
        customer_name=original.customer_name,
        rep_name=original.rep_name,
        currency=None,
        netsuite_minor=None,
        hubspot_minor=amount,
        currency_hubspot=currency,
        order_id_hubspot=record.id,
        verdict=Verdict("archived", finding, cause, cause.replace(" ", "_").lower(), words),
        found=(FieldDifference("order", finding, None, amount_text(amount, currency), amount),),
        held_parts=held_parts(held, kinds.stage_of_id),
    )


def _fold(text: str | None) -> str:
    """As HubSpot's search compares: without regard to case and outer blanks."""
    return (text or "").strip().lower()
