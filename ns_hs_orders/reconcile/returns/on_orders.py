"""HubSpot's side of returns that stand on their orders alone (amounts_only): one amount an order, for all its returns.

Belongs here: what that amount says of each return of the range. Does not belong here: return records, or sums.

HubSpot's order tells what was returned of it in all, and not which return it means. So where the amount is not what
NetSuite has, the difference is put to the order's returns, whatever their day, the latest first: what is missing takes
from a return no more than counts of it, and what is too much stands on the latest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ns_hs_orders.mapping.returns.schema import MappedReturns
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.causes import DELETED, EDITED, NOT_YET_PUSHED
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.returns.sides import GoneReturn, HeldReturn, HeldReturnOnly, Parent, told_apart
from ns_hs_orders.reconcile.sales.net_schema import OTHER_CURRENCY, WITHOUT_ORDER

RETURNED_PROPERTY = "netsuite_returned_amount"
"""Of an order: what counts of all its returns, in its currency."""
_GONE = "NetSuite does not have this return any more; its order in HubSpot still tells it."
_NOT_ON_ITS_ORDER = "HubSpot tells returns on their orders alone, so it cannot hold this one."


def compare_on_orders(
    mapped: MappedReturns, parents: Mapping[str, Parent], gone: Sequence[GoneReturn] = ()
) -> tuple[dict[str, HeldReturn], Sequence[HeldReturnOnly]]:
    """What HubSpot's orders tell of each return, and those that NetSuite has no more and an order still tells.

    gone: returns of the range that NetSuite had.
    """
    only = list(_still_told(mapped, parents, gone))
    too_much: dict[str, int] = defaultdict(int)
    for one in only:
        too_much[one.order_id or ""] += one.held.counted_minor or 0
    found: dict[str, HeldReturn] = {}
    of_parent: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in _held_rows(mapped):
        counted = _on_its_order(row, parents)
        if counted is None:
            found[row["return_id_netsuite"]] = _held_back(row)
        else:  # its order tells it, whether or not the return itself is in the sync
            of_parent[row["parent_order_id"]].append({**row, "counted_minor": counted})
    for row in rows(mapped.returns, ("return_id_netsuite", "currency", "counted_minor", "parent_order_id")):
        parent = parents.get(row["parent_order_id"] or "")
        if parent is None or parent.record_id is None or parent.currency != row["currency"]:
            found[row["return_id_netsuite"]] = _nowhere(row, parent)
        else:
            of_parent[row["parent_order_id"]].append(row)
    for order, returns in of_parent.items():
        found |= _told(parents[order], returns, too_much[order])
    return found, only


def _still_told(
    mapped: MappedReturns, parents: Mapping[str, Parent], gone: Sequence[GoneReturn]
) -> Iterable[HeldReturnOnly]:
    """Each gone return with what its order tells beyond the returns that NetSuite has."""
    there = {
        row["return_id_netsuite"]
        for frame in (mapped.returns, mapped.quarantined, mapped.skipped)
        for row in rows(frame, ("return_id_netsuite",))
    }
    beyond = {order: told_apart(parent) for order, parent in parents.items()}
    for one in gone:
        parent = parents.get(one.order_id)
        if parent is None or one.return_id_netsuite in there or one.currency != parent.currency:
            continue
        if any(one.return_id_netsuite == other.return_id_netsuite for other in parent.returns):
            continue  # it has moved to another day
        told = min(one.counted_minor, beyond[one.order_id])
        if told > 0:
            beyond[one.order_id] -= told
            held = HeldReturn(
                "due",
                "only in HubSpot",
                DELETED,
                "not_in_netsuite",
                _GONE,
                told,
                one.currency,
                parent.record_id,
            )
            yield HeldReturnOnly(one.return_id_netsuite, one.return_number, one.return_on, held, one.order_id)


def _held_rows(mapped: MappedReturns) -> Iterable[Mapping[str, Any]]:
    names = ("return_id_netsuite", "outcome", "reason", "explanation", "currency", "parent_order_id")
    yield from rows(mapped.quarantined, names)
    yield from rows(mapped.skipped, names)


def _on_its_order(row: Mapping[str, Any], parents: Mapping[str, Parent]) -> int | None:
    """What counts of a return that is held back, where an order in HubSpot tells it all the same."""
    parent = parents.get(row["parent_order_id"] or "")
    if parent is None or parent.record_id is None:
        return None
    return next(
        (one.counted_minor for one in parent.returns if one.return_id_netsuite == row["return_id_netsuite"]),
        None,
    )


def _held_back(row: Mapping[str, Any]) -> HeldReturn:
    cause = NOT_YET_PUSHED if row["outcome"] == "due" else row["outcome"]
    return HeldReturn(
        row["outcome"], "missing in HubSpot", cause, row["reason"], row["explanation"], None, None
    )


def _nowhere(row: Mapping[str, Any], parent: Parent | None) -> HeldReturn:
    if not row["counted_minor"]:
        return HeldReturn("unchanged", "agrees", None, None, None, 0, row["currency"])
    cause, words = WITHOUT_ORDER, _NOT_ON_ITS_ORDER
    if parent is not None and parent.record_id is not None:
        cause = OTHER_CURRENCY
        words = f"It is in {row['currency']}, its order in {parent.currency}. {words}"
    return HeldReturn("unchanged", "missing in HubSpot", cause, None, words, None, None)


def _told(parent: Parent, returns: Sequence[Mapping[str, Any]], of_gone: int) -> dict[str, HeldReturn]:
    """What the order's amount says of its returns of the range. of_gone: what of it is of returns that are gone."""
    counted = {one.return_id_netsuite: one.counted_minor for one in parent.returns}
    # one that came between two reads is judged when it is looked at again
    counted |= {row["return_id_netsuite"]: int(row["counted_minor"]) for row in returns}
    expected = sum(counted.values())
    told = parent.returned_hubspot_minor
    same_currency = told is None or parent.currency_hubspot == parent.currency
    apart = (told or 0) - of_gone - expected if same_currency else -expected
    off: dict[str, int] = {}
    for key in reversed(counted):
        off[key] = max(apart, -counted[key]) if apart < 0 else apart
        apart -= off[key]
    return {
        key: _differs(row, parent, counted[key] + off[key], expected)
        if off[key]
        else HeldReturn(
            "unchanged", "agrees", None, None, None, counted[key], row["currency"], parent.record_id
        )
        for row in returns
        for key in [row["return_id_netsuite"]]
    }


def _differs(row: Mapping[str, Any], parent: Parent, held: int, expected: int) -> HeldReturn:
    state, currency = parent.state, row["currency"]
    told = parent.returned_hubspot_minor
    theirs = "none" if told is None else shown(told, parent.currency_hubspot or currency)
    words = f"Its order tells {theirs} as returned; NetSuite has {shown(expected, currency)}."
    is_due = state is None or state.fingerprint is None
    return HeldReturn(
        "due" if is_due else "unchanged",
        "amount differs" if told else "missing in HubSpot",
        NOT_YET_PUSHED if is_due else EDITED,
        None,
        words,
        held if held else None,
        currency if held else None,
        parent.record_id,
    )
