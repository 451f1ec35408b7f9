"""What happened to an order, in one or two sentences for people.

Belongs here: words. Does not belong here: finding out (authors, causes, duplicates), or how a view lays them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ns_hs_orders.extract.card_numbers import mask_card_numbers
from ns_hs_orders.reconcile.causes import (
    ASSOCIATION,
    DUPLICATES,
    EDITED_IN_NETSUITE,
    LINE_BY_A_PERSON,
    LINES,
    ONLY_IN_HUBSPOT,
    ROUNDING,
)
from ns_hs_orders.reconcile.compare import FieldDifference
from ns_hs_orders.reconcile.compared import ComparedOrder
from ns_hs_orders.reconcile.schema import NEXT_STEPS

MOST_FIELDS = 3
LONGEST_VALUE = 60
GONE = "HubSpot does not hold the order any more."


def of_difference(
    order: ComparedOrder, found: Sequence[FieldDifference], by: str | None, at: datetime | None
) -> str:
    """What happened, and who did it when. found: the differences that gave the order its cause."""
    cause = order.verdict.cause
    if cause == EDITED_IN_NETSUITE:
        return _edited_in_netsuite(found)
    if cause == ASSOCIATION:
        links = " ".join(_link(one, order.customer_name) for one in found)
        return f"{links} HubSpot does not tell who changes associations."
    if cause == ROUNDING:
        amounts = "; ".join(_apart(one) for one in found)
        return f"Less than the smallest unit apart: {amounts}. Written{_who_and_when(by, at)}."
    if cause == LINE_BY_A_PERSON:
        lines = ", ".join(_short(one.hubspot or one.field) for one in found[:MOST_FIELDS])
        return f"Line item added{_who_and_when(by, at)}: {lines}. {NEXT_STEPS[LINE_BY_A_PERSON]}"
    if cause in (*DUPLICATES, ONLY_IN_HUBSPOT):
        return f"Made in HubSpot{_who_and_when(by, at)}. {order.verdict.explanation}"
    if cause == LINES and found[0].of_order is not None:
        return _of_other_orders(found, by, at)
    words = f"Changed in HubSpot{_who_and_when(by, at)}: {_fields(found)}."
    return f"{words} {order.verdict.explanation}" if order.verdict.explanation else words


def archived(record_id: str, at: datetime | None) -> str:
    """Somebody put the record into the recycle bin."""
    when = f" since {at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
    return f"HubSpot's record {record_id} has been in the recycle bin{when}. HubSpot does not tell who deleted it."


def key_lost(record_id: str, by: str | None, at: datetime | None) -> str:
    """Somebody changed the record's key, so that it is nobody's copy."""
    return f"HubSpot's record {record_id} has lost its NetSuite Internal ID: changed{_who_and_when(by, at)}."


def key_emptied(record_id: str, key: str, by: str | None, at: datetime | None) -> str:
    """A record that doubles an order was the sync's own copy, until somebody took its key away."""
    return (
        f"HubSpot's record {record_id} was made by this sync, as the copy of NetSuite's order {key}; its NetSuite "
        f"Internal ID was emptied{_who_and_when(by, at)}. The sync makes the order anew beside it. Archive this record "
        "in HubSpot."
    )


def merged(record_id: str, survivor: str, by: str | None, at: datetime | None) -> str:
    """Somebody merged the record into another one, whose key it has now."""
    return f"HubSpot's record {record_id} was merged into {survivor}{_who_and_when(by, at)}."


def purged(record_id: str) -> str:
    """The record is nowhere."""
    return f"HubSpot has no record {record_id} any more, not in the recycle bin either."


def by_number(order_number: str | None, name: str = "") -> str:
    """What a record of somebody else carries: the order's number. name: of the property, "" for the record's own name."""
    return f"the order number {order_number}{f' in {name}' if name else ''}"


def by_key(key: str, name: str) -> str:
    """What a record of somebody else carries: NetSuite's internal id."""
    where = "as its Order ID" if name == "hs_external_order_id" else f"in {name}"
    return f"NetSuite's internal id {key} {where}"


def duplicate(record_id: str, carries: str, *, is_return: bool = False) -> str:
    """Another record stands for the same order of NetSuite, or for a return."""
    what = ", of a return," if is_return else ","
    return f"HubSpot's record {record_id} carries {carries}{what} but is not the one that the sync writes."


def _edited_in_netsuite(found: Sequence[FieldDifference]) -> str:
    """NetSuite has a newer version than the last one that was sent."""
    shown = [one for one in found if not one.is_a_persons_line]
    fields = "; ".join(
        f"{one.field} {_short(one.netsuite)}, HubSpot still {_short(one.hubspot)}"
        for one in shown[:MOST_FIELDS]
    )
    return f"NetSuite changed it after the last write: {fields}{_more(len(shown))}."


def _of_other_orders(found: Sequence[FieldDifference], by: str | None, at: datetime | None) -> str:
    """Line items of other orders hang on the order, as a merge leaves them."""
    orders = ", ".join(sorted({one.of_order or "" for one in found}))
    lines = ", ".join(one.field for one in found[:MOST_FIELDS])
    merged = f" HubSpot's records were merged{_who_and_when(by, at)}." if at is not None else ""
    return (
        f"Line items of another order hang on this one (NetSuite's internal id {orders}), as after a merge in HubSpot: "
        f"{lines}{_more(len(found))}.{merged} The next sync takes them off this order; they stay with their own."
    )


def _who_and_when(by: str | None, at: datetime | None) -> str:
    who = f" by {by}" if by else ""
    when = f" on {at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
    return f"{who}{when}" or " by somebody whom its history does not tell"


def _fields(found: Sequence[FieldDifference]) -> str:
    fields = "; ".join(
        f"{one.field} {_short(one.netsuite)} → {_short(one.hubspot)}" for one in found[:MOST_FIELDS]
    )
    return f"{fields}{_more(len(found))}"


def _short(text: str | None) -> str:
    """A value as part of a sentence: card numbers masked, never longer than a reader takes in."""
    shown = " ".join(mask_card_numbers(text or "")[0].split()) or "nothing"
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[: LONGEST_VALUE - 1]}…"


def _more(count: int) -> str:
    return f"; and {count - MOST_FIELDS} more" if count > MOST_FIELDS else ""


def _apart(one: FieldDifference) -> str:
    return f"{one.field} is {one.netsuite} in NetSuite and {one.hubspot} in HubSpot"


def _link(one: FieldDifference, customer_name: str | None) -> str:
    instead = f"; it is linked to {one.hubspot} instead" if one.hubspot else ""
    name = f" ({customer_name})" if customer_name else ""
    return f"HubSpot's order is not linked to {one.field} {one.netsuite}{name}{instead}."
