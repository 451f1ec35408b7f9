"""Line items of ours that hang on no order in HubSpot.

Belongs here: which line items are asked for, and the read. Does not belong here: what it means (integrity), or taking
them away (push).

Asked are only orders that may not agree: of one that agrees, exactly the wanted lines hang on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ns_hs_orders.fields.field import UNIQUE_LINE_KEY
from ns_hs_orders.push.ports import BatchAnswer, OrderState
from ns_hs_orders.reconcile.ports import ReadAssociations, ReadBack
from ns_hs_orders.reconcile.read_back import ASSOCIATION_BATCH, BATCH, HeldOrder, side_by_side


class LooseLine(NamedTuple):
    """A line item that carries a key of ours and hangs on no order. order_key: NetSuite's id of the order it was for."""

    order_key: str
    line_key: str
    record_id: str


def find_loose_lines(
    states: Iterable[OrderState],
    held: Mapping[str, HeldOrder],
    crm: ReadBack,
    associations: ReadAssociations,
    *,
    threads: int,
) -> list[LooseLine]:
    """Loose lines of these orders. states: with links. Raises RemoteError where HubSpot could not be read."""
    order_of: dict[str, str] = {}
    for state in states:
        order = held.get(state.order_id)
        hanging = {line.key for line in order.lines} if order is not None else set()
        for link in state.links:
            if link.kind == "line" and link.key not in hanging:
                order_of[link.key] = state.order_id

    def read(batch: Sequence[str]) -> BatchAnswer:
        return crm.batch_read("line_items", batch, [UNIQUE_LINE_KEY], key_property=UNIQUE_LINE_KEY)

    found = {
        record.id: key
        for _, answer in side_by_side(read, sorted(order_of), BATCH, threads)
        for record in answer.results
        if (key := record.properties.get(UNIQUE_LINE_KEY)) in order_of and not record.archived
    }
    ids = sorted(found)
    hangs = {
        one.from_id
        for start in range(0, len(ids), ASSOCIATION_BATCH)
        for one in associations.read("line_items", "orders", ids[start : start + ASSOCIATION_BATCH])
    }
    return sorted(
        LooseLine(order_of[key], key, record_id)
        for record_id, key in found.items()
        if key is not None and record_id not in hangs
    )
