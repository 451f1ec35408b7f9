"""Return records: what NetSuite says of each return against what HubSpot holds of it, one row a return.

Belongs here: reading both sides again, and making due what differs. Does not belong here: the finding and the cause of one
return (one_return), what is told of them (checks), or net sales (they are NetSuite's amounts on orders). Nothing here
writes to HubSpot.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from ns_hs_orders.columns import plain
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.ports import AssociationKind
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.reconcile.compare import FieldKinds
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder, rows
from ns_hs_orders.reconcile.ports import KnownOrders, ReadAssociations, ReadBack
from ns_hs_orders.reconcile.read_back import ASSOCIATION_BATCH, HeldOrder, read_held_orders, side_by_side
from ns_hs_orders.reconcile.returns.compared import (
    WRITTEN_AGAIN,
    ReturnComparison,
    comparisons,
    written_again,
)
from ns_hs_orders.reconcile.returns.one_return import NetSuiteReturn, compared_row


class ReturnSearch(Protocol):
    """HubSpot's search index, which lags behind writes."""

    def returns_dated(self, first: date, last: date) -> list[str]:
        """Keys of all returns of ours whose date lies in the range."""
        ...


@dataclass(frozen=True)
class ReturnSides:
    """Both systems and the state of returns. Frames are those of push.returns.as_orders.

    read: returns dated in a range. read_by_id: these, those that NetSuite does not have left out. wanted: what HubSpot
    should hold for the valid ones. parent: how a return is associated with its order, None where the portal has none.
    orders: those of the keys that are orders of the sync. with_contacts: whether contacts are read.
    """

    next_ticket: Callable[[], int]
    read: Callable[[date, date], MappedOrders]
    read_by_id: Callable[[Sequence[str]], MappedOrders]
    wanted: Callable[[MappedOrders], Iterable[WantedOrder]]
    crm: ReadBack
    associations: ReadAssociations
    search: ReturnSearch
    known: KnownOrders
    parent: Callable[[], AssociationKind | None]
    orders: Callable[[Sequence[str]], Collection[str]]
    threads: int = 1
    with_contacts: bool = True


def compare_returns(
    sides: ReturnSides,
    field_map: FieldMap,
    first: date,
    last: date,
    *,
    clock: Callable[[], datetime],
    progress: Progress = quiet,
) -> ReturnComparison:
    """Compares both systems for the returns dated from `first` to `last`; what differs is looked at twice.

    Raises RemoteError where either system could not be read; then nothing is told.
    """
    ticket = sides.next_ticket()
    kinds = FieldKinds.of(field_map)
    found = _returns(sides, sides.read(first, last), first)
    keys = found.keys() | sides.known.dated(first, last) | set(sides.search.returns_dated(first, last))
    looked = _look(sides, field_map, kinds, found, sorted(keys), (first, last), clock, progress)
    again = [key for key, row in looked.items() if row["finding"] != "agrees" or key not in found]
    if again:
        numbers = [key for key in again if key.isascii() and key.isdigit()]
        renewed = _returns(sides, sides.read_by_id(numbers), first)
        found = {key: one for key, one in found.items() if key not in again} | renewed
        for key in again:
            looked.pop(key)
        looked |= _look(sides, field_map, kinds, found, again, (first, last), clock, quiet)
    ordered = sorted(looked.values(), key=lambda row: (row["return_on"], len(row["return_id_netsuite"]), row["return_id_netsuite"]))  # fmt: skip
    return ReturnComparison(comparisons(ordered), ticket)


def after_compare(found: ReturnComparison, known: KnownOrders, now: datetime) -> None:
    """Makes due what the next sync mends."""
    frame = found.frame[written_again(found.frame)]
    for cause in sorted(WRITTEN_AGAIN):
        ids = plain(frame.loc[frame["cause"] == cause, "return_id_netsuite"])
        if ids:
            known.mark_different(ids, ticket=found.ticket, cause=cause, now=now)


def _returns(sides: ReturnSides, mapped: MappedOrders, undated: date) -> dict[str, NetSuiteReturn]:
    """Every return that was read, by key. undated: the day of one whose date cannot be read."""
    wanted = {one.key: one for one in sides.wanted(mapped)}
    found: dict[str, NetSuiteReturn] = {}
    for frame, valid in ((mapped.orders, True), (mapped.quarantined, False), (mapped.skipped, False)):
        names = ["order_id_netsuite", "order_number", "order_on", "customer_name", "rep_name", "currency"]
        names += ["total_minor", "parent_order_id"]
        names += (
            ["counted_minor"] if valid else ["outcome", "reason", "explanation", "raw_total", "raw_currency"]
        )
        for row in rows(frame, names):
            key = row["order_id_netsuite"]
            order = NetSuiteOrder(
                key=key,
                order_number=row["order_number"],
                order_on=row["order_on"] or undated,
                customer_name=row["customer_name"],
                rep_name=row["rep_name"],
                standing="valid" if valid else row["outcome"],
                reason=row.get("reason"),
                explanation=row.get("explanation"),
                currency=row["currency"],
                total_minor=row["total_minor"],
                raw_total=row.get("raw_total"),
                raw_currency=row.get("raw_currency"),
                fingerprint=wanted[key].fingerprint if valid else None,
                wanted=wanted[key] if valid else None,
            )
            found[key] = NetSuiteReturn(order, row.get("counted_minor"), row["parent_order_id"])
    return found


def _look(
    sides: ReturnSides,
    field_map: FieldMap,
    kinds: FieldKinds,
    found: Mapping[str, NetSuiteReturn],
    keys: Sequence[str],
    days: tuple[date, date],
    clock: Callable[[], datetime],
    progress: Progress,
) -> dict[str, dict[str, Any]]:
    """One row a return, by key; what neither side dates in the range is left out."""
    states = sides.known.load(keys)
    flying = sides.known.in_flight(keys, clock())
    held = read_held_orders(
        sides.crm,
        sides.associations,
        keys,
        field_map,
        progress,
        threads=sides.threads,
        with_contacts=sides.with_contacts,
    )
    parents = _parents(sides, found, held)
    orders = sides.orders([key for key in held if key not in found])
    looked = {}
    for key in keys:
        row = compared_row(
            key,
            found.get(key),
            held.get(key),
            states.get(key),
            kinds,
            days,
            parents,
            is_flying=key in flying,
            is_order=key in orders,
        )
        if row is not None:
            looked[key] = row
    return looked


def _parents(
    sides: ReturnSides, found: Mapping[str, NetSuiteReturn], held: Mapping[str, HeldOrder]
) -> dict[str, set[str]]:
    """HubSpot id of a return → ids of the orders that it is associated with as it should be."""
    asked = [
        one.record_id
        for key, one in held.items()
        if key in found and (wanted := found[key].order.wanted) and wanted.parent_id
    ]
    kind = sides.parent() if asked else None
    ends: dict[str, set[str]] = {}
    if kind is None:
        return ends
    for _, answer in side_by_side(
        lambda batch: sides.associations.read("orders", "orders", batch),
        asked,
        ASSOCIATION_BATCH,
        sides.threads,
    ):
        for end in answer:
            if kind.type_id in end.type_ids:
                ends.setdefault(end.from_id, set()).add(end.to_id)
    return ends
