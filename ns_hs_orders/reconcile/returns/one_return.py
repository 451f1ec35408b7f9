"""One return on both sides: its finding, its cause and what differs.

Belongs here: judging a return that was read on both sides. Does not belong here: reading either (compare.py), the
comparison of fields or the causes, which are those of orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.returns import RETURN_AMOUNT, RETURN_COUNTED_AMOUNT, RETURN_DATE
from ns_hs_orders.money import nearest_minor
from ns_hs_orders.push.departed import CANCELLED_STATUS
from ns_hs_orders.push.ports import AssociationKind, OrderState
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.reconcile.causes import (
    ONLY_IN_HUBSPOT,
    Verdict,
    agreement,
    verdict,
    verdict_only_in_hubspot,
)
from ns_hs_orders.reconcile.compare import FieldDifference, FieldKinds, differences
from ns_hs_orders.reconcile.equality import day_of
from ns_hs_orders.reconcile.history.edits import sorted_out
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder
from ns_hs_orders.reconcile.read_back import HeldOrder

CURRENCY = "hs_currency_code"
PARENT_LABEL = "returned order"
_NOT_IN_NETSUITE = (
    "NetSuite does not have this return; HubSpot holds it. Archive it in HubSpot, or empty its Return date and Return amount "
    "where it is a record of your own; if it is to be in NetSuite, enter it there and archive this one."
)
_IS_AN_ORDER = (
    "This record is an order, and HubSpot tells a return of it, as after a merge of a return into it: the return has a record "
    "of its own again. Empty its Return date, Return amount and Return amount that counts in HubSpot; do not archive it."
)


@dataclass(frozen=True)
class NetSuiteReturn:
    """A return as NetSuite has it now, and what counts of it."""

    order: NetSuiteOrder
    counted_minor: int | None
    parent_order_id: str | None


def compared_row(
    key: str,
    found: NetSuiteReturn | None,
    held: HeldOrder | None,
    state: OrderState | None,
    kinds: FieldKinds,
    days: tuple[date, date],
    parents: Mapping[str, set[str]],
    *,
    is_flying: bool,
    is_order: bool,
) -> dict[str, Any] | None:
    """The row of a return, None where neither side dates it in the range.

    parents: HubSpot id → its orders there. is_order: the key is an order's, on which HubSpot holds a return's date.
    """
    order = None if found is None else found.order
    held_on = day_of(held.properties.get(RETURN_DATE) or "") if held else None
    if order is not None and days[0] <= order.order_on <= days[1]:
        judged, apart = _judged(order, held, state, kinds, parents, is_flying=is_flying)
        on = order.order_on
    elif held is not None and held_on is not None and days[0] <= held_on <= days[1]:
        judged = verdict_only_in_hubspot(
            state,
            elsewhere=order.order_on if order else None,
            is_cancelled=held.properties.get("hs_external_order_status") == CANCELLED_STATUS,
        )
        if judged.cause == ONLY_IN_HUBSPOT:
            judged = judged._replace(explanation=_IS_AN_ORDER if is_order else _NOT_IN_NETSUITE)
        apart, on = [], held_on
    else:
        return None
    currency = (
        (order.currency if order else None) or (held.properties.get(CURRENCY) if held else None) or None
    )
    return {
        "return_id_netsuite": key,
        "return_number": order.order_number
        if order
        else (held.properties.get("hs_order_name") if held else None),
        "return_on": on,
        "parent_order_id": found.parent_order_id if found else None,
        "customer_name": order.customer_name if order else None,
        "rep_name": order.rep_name if order else None,
        "outcome": judged.outcome,
        "currency": currency,
        "amount_minor": order.total_minor if order else None,
        "counted_minor": found.counted_minor if found else None,
        "hubspot_amount_minor": _held_minor(held, RETURN_AMOUNT),
        "hubspot_counted_minor": _held_minor(held, RETURN_COUNTED_AMOUNT),
        "hubspot_currency": (held.properties.get(CURRENCY) or None) if held else None,
        "finding": judged.finding,
        "cause": judged.cause,
        "explanation": judged.explanation,
        "fields": "; ".join(dict.fromkeys(one.field for one in apart)) or None,
        "return_id_hubspot": held.record_id if held else None,
    }


def _judged(
    order: NetSuiteOrder,
    held: HeldOrder | None,
    state: OrderState | None,
    kinds: FieldKinds,
    parents: Mapping[str, set[str]],
    *,
    is_flying: bool,
) -> tuple[Verdict, list[FieldDifference]]:
    apart: list[FieldDifference] = []
    reported: list[FieldDifference] = []
    wanted = order.wanted
    if wanted is not None and held is not None:
        apart = differences(wanted, held, kinds)
        if wanted.parent_id not in parents.get(held.record_id, ()):
            apart += _no_parent(wanted)
        apart, reported = sorted_out(apart, wanted, state, kinds)
        if not apart:
            return agreement(state), reported
    same = held is not None and _held_minor(held, RETURN_AMOUNT) == order.total_minor
    judged = verdict(order, held, state, apart, same_amount=same, in_flight=is_flying)
    return judged, [*apart, *reported]


def parent_missing(
    wanted: WantedOrder, orders: Mapping[str, frozenset[int]], kind: AssociationKind | None
) -> list[FieldDifference]:
    """What differs where a return is not associated with its order as it should be.

    orders: order → type ids of its association with the return. kind: None where the portal allows none.
    """
    types = orders.get(wanted.parent_id or "", frozenset())
    return [] if kind is not None and kind.type_id in types else _no_parent(wanted)


def _no_parent(wanted: WantedOrder) -> list[FieldDifference]:
    if wanted.parent_id is None:
        return []
    return [FieldDifference(PARENT_LABEL, "association missing", wanted.parent_id, None)]


def _held_minor(held: HeldOrder | None, name: str) -> int | None:
    if held is None:
        return None
    try:
        return nearest_minor(held.properties.get(name) or "", held.properties.get(CURRENCY) or "")
    except MoneyError:
        return None
