"""Reconciliation: both systems read again, compared order by order, and one frozen result.

Belongs here: the two things that others call. Does not belong here: reading (look), rules (compare,
causes) and sums (bridge, result). Nothing here writes to HubSpot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from ns_hs_orders.errors import SyncError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.reconcile.bridge import amounts
from ns_hs_orders.reconcile.causes import DUPLICATES, LINE_BY_A_PERSON, ONLY_IN_HUBSPOT
from ns_hs_orders.reconcile.history.authors import name_authors
from ns_hs_orders.reconcile.history.edits import edits_found
from ns_hs_orders.reconcile.history.histories import Histories
from ns_hs_orders.reconcile.look import Look, Sides
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.owner_names import name_owners
from ns_hs_orders.reconcile.ports import KnownOrders
from ns_hs_orders.reconcile.result import assemble, days_named
from ns_hs_orders.reconcile.returns.look import look_at_returns
from ns_hs_orders.reconcile.returns.sides import FoundReturns
from ns_hs_orders.reconcile.sales.net_schema import RED_FOR_NOBODY
from ns_hs_orders.reconcile.schema import Reconciliation

MOST_LOOKS_AGAIN = 3
FOR_A_PERSON = frozenset({*DUPLICATES, LINE_BY_A_PERSON, ONLY_IN_HUBSPOT})
"""Causes that no write of ours can mend."""


def reconcile(
    sides: Sides,
    field_map: FieldMap,
    first: date,
    last: date,
    *,
    mode: str,
    clock: Callable[[], datetime],
    progress: Progress = quiet,
) -> Reconciliation:
    """Compares both systems for the orders dated from `first` to `last`.

    Each difference is looked at twice on both sides before it counts, and once or twice more while the
    two looks tell different things; a control total that disagrees is read again. Who changed what is asked of
    HubSpot's history once it counts. clock: aware UTC now.

    Raises RemoteError where the orders of either system could not be read; then nothing is proven. Where only returns
    could not, the result says why it has no net sales.
    """
    ticket = sides.next_ticket()
    look = Look(sides, field_map, first, last, clock, progress)
    look.read_netsuite(first, last)
    if days := [total.order_on for total in look.control() if not total.agrees]:
        look.read_netsuite(min(days), max(days))
    look.read_hubspot(look.candidates())
    suspects = look.suspects()
    for _ in range(MOST_LOOKS_AGAIN):
        before = look.seen(suspects)
        look.look_again(suspects)
        if look.seen(suspects) == before:
            break
        # Something still moves, or HubSpot's reads lag behind its writes.
        suspects = look.suspects()
    histories = Histories(sides.history, sides.user_names, progress, threads=sides.threads)
    returns, net_missing = _returns(sides, first, last, progress)
    named = name_owners(look.compared(look.duplicates(returns)), sides.owner_names)
    compared = name_authors(named, look.former_ids(), histories)
    rules = sides.sales
    if net_missing:
        rules = replace(rules, definition=replace(rules.definition, less_returns=False))
    return assemble(
        compared,
        look.control(),
        look.parts,
        rules,
        returns=returns,
        net_missing=net_missing,
        integrity=look.integrity(compared),
        told=look.told,
        mode=mode,
        first=first,
        last=last,
        made_at=clock(),
        ticket=ticket,
    )


def _returns(sides: Sides, first: date, last: date, progress: Progress) -> tuple[FoundReturns | None, str]:
    """The returns of the range, or why they could not be compared: what fails of them holds no order back."""
    if sides.returns is None:
        return None, ""
    try:
        return look_at_returns(sides, sides.returns, first, last, progress), ""
    except SyncError as error:
        return None, str(error)


def after_reconcile(result: Reconciliation, known: KnownOrders, now: datetime) -> None:
    """Notes the result in the state, so that the next sync writes what differs and red days are known.

    An order that was never ours is not made due, nor a duplicate: there is nothing to write. Nor is one whose only
    difference is a line item that a person added: writing it again would change nothing. What was changed in HubSpot
    is kept, so that the write that overwrites it can tell. Where returns stand on their orders alone, the order of a
    return that differs is made due, also one of another day. Where net sales could not be told, no day is proven.
    """
    known.note_edits(
        edits_found(result),
        looked_at=result.orders["order_id_netsuite"].tolist(),
        ticket=result.ticket,
        now=now,
    )
    by_cause: dict[str, list[str]] = {}
    keys = result.orders["order_id_netsuite"].tolist()
    for key, order in zip(keys, amounts(result.orders), strict=True):
        if order.is_red and order.cause and order.cause not in FOR_A_PERSON:
            by_cause.setdefault(order.cause, []).append(key)
    for cause, order_ids in _orders_of_returns(result).items():
        by_cause.setdefault(cause, []).extend(one for one in order_ids if one not in by_cause[cause])
    for cause, order_ids in sorted(by_cause.items()):
        known.mark_different(order_ids, ticket=result.ticket, cause=cause, now=now)
    count = (result.last - result.first).days + 1
    agrees = None if result.net_missing else True
    days: dict[date, bool | None] = {result.first + timedelta(days=n): agrees for n in range(count)}
    days |= dict.fromkeys(days_named(result.differences) | set(result.red_days), False)
    known.record_days(days, ticket=result.ticket)


def _orders_of_returns(result: Reconciliation) -> dict[str, list[str]]:
    """Cause → orders that do not tell their returns of the range as NetSuite has them."""
    found: dict[str, list[str]] = {}
    if result.net is None or result.net.held_in != "amounts_only":
        return found
    returns = result.net.returns
    chosen = returns[returns["cause"].notna() & returns["parent_order_id"].notna()]
    for row in rows(chosen, ("cause", "parent_order_id")):
        if row["cause"] not in RED_FOR_NOBODY and row["parent_order_id"] not in found.get(row["cause"], ()):
            found.setdefault(row["cause"], []).append(row["parent_order_id"])
    return found
