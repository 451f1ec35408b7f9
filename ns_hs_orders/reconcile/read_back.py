"""HubSpot's side: what it holds of our orders now, read back by key.

Belongs here: batches of reads, put together to one value an order. Does not belong here: comparing,
and anything that writes. Search is only a hint which keys to read; what counts is the read by key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.orders import STAGE_PROPERTIES
from ns_hs_orders.fields.trust import VERIFICATION, VERIFICATION_REASON, VERIFIED_DIFFERENCE
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.ports import AssociatedRecord, BatchAnswer, CrmRecord
from ns_hs_orders.reconcile.ports import ReadAssociations, ReadBack

BATCH = 100
ASSOCIATION_BATCH = 1000

Answer = TypeVar("Answer")


class HeldLine(NamedTuple):
    """A line item that hangs on an order in HubSpot. key: empty on one that the sync did not make."""

    record_id: str
    key: str | None
    properties: Mapping[str, str | None]


class Told(NamedTuple):
    """What a record tells of its dollars (fields.TRUST_FIELDS), as HubSpot holds it; its moment left out."""

    verification: str | None
    difference: str | None
    reason: str | None


_TELLS_AGREES = Told("agrees", "0", None)


@dataclass(frozen=True)
class HeldOrder:
    """An order as HubSpot holds it. company_ids, contact_ids, deal_ids: record id → type ids of the association.

    contact_ids, deal_ids: empty where they were not asked for.
    """

    key: str
    record_id: str
    properties: Mapping[str, str | None]
    lines: tuple[HeldLine, ...] = ()
    company_ids: Mapping[str, frozenset[int]] = field(default_factory=dict)
    contact_ids: Mapping[str, frozenset[int]] = field(default_factory=dict)
    deal_ids: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def told(self) -> Told:
        """What the record tells of its dollars; one and the same value for all that agree, which are many."""
        names = (VERIFICATION, VERIFIED_DIFFERENCE, VERIFICATION_REASON)
        told = Told(*(self.properties.get(name) or None for name in names))
        return _TELLS_AGREES if told == _TELLS_AGREES else told


def read_held_orders(
    crm: ReadBack,
    associations: ReadAssociations,
    keys: Iterable[str],
    field_map: FieldMap,
    progress: Progress = quiet,
    *,
    threads: int = 1,
    with_deals: Collection[str] = (),
    with_contacts: bool = True,
) -> dict[str, HeldOrder]:
    """Those of the orders that HubSpot holds, by key, with lines and associations.

    with_deals: keys of the orders whose deals are read, so that a portal without deals is never asked for them.
    with_contacts: whether contacts are read, which takes a scope that only those need who associate contacts.

    threads: calls under way side by side, so that a slow answer leaves none of the budget unused.

    Raises RemoteError where HubSpot could not be read: an order that could not be read is never
    taken for one that is not there.
    """
    wanted_keys = sorted(set(keys))
    records: dict[str, CrmRecord] = {}
    properties = _order_properties(field_map)

    def read(batch: Sequence[str]) -> BatchAnswer:
        return crm.batch_read("orders", batch, properties, key_property=UNIQUE_ORDER_KEY)

    for done, answer in side_by_side(read, wanted_keys, BATCH, threads):
        for record in _results(answer, "orders"):
            key = record.properties.get(UNIQUE_ORDER_KEY)
            if key is not None and not record.archived:
                records[key] = record
        progress("orders read back from HubSpot", done, len(wanted_keys))
    record_ids = [record.id for record in records.values()]
    lines = _lines(crm, associations, record_ids, field_map, progress, threads)
    companies = _far_ends(associations, "companies", record_ids, threads)
    contacts = _far_ends(associations, "contacts", record_ids if with_contacts else [], threads)
    of_deals = [record.id for key, record in records.items() if key in with_deals]
    deals = _far_ends(associations, "deals", of_deals, threads)
    return {
        key: HeldOrder(
            key=key,
            record_id=record.id,
            properties=record.properties,
            lines=tuple(lines.get(record.id, ())),
            company_ids={a.to_id: a.type_ids for a in companies.get(record.id, ())},
            contact_ids={a.to_id: a.type_ids for a in contacts.get(record.id, ())},
            deal_ids={a.to_id: a.type_ids for a in deals.get(record.id, ())},
        )
        for key, record in records.items()
    }


def read_records(
    crm: ReadBack, record_ids: Iterable[str], field_map: FieldMap, also: Sequence[str], threads: int
) -> list[CrmRecord]:
    """Orders by record id, without lines and associations. also: properties beside those of the field map.

    Raises RemoteError where HubSpot could not be read.
    """
    properties = sorted({*_order_properties(field_map), *also})

    def read(batch: Sequence[str]) -> BatchAnswer:
        return crm.batch_read("orders", batch, properties)

    answers = side_by_side(read, sorted(set(record_ids)), BATCH, threads)
    return [record for _, answer in answers for record in _results(answer, "orders")]


def _lines(
    crm: ReadBack,
    associations: ReadAssociations,
    record_ids: Sequence[str],
    field_map: FieldMap,
    progress: Progress,
    threads: int,
) -> dict[str, list[HeldLine]]:
    ends = _far_ends(associations, "line_items", record_ids, threads)
    orders_of: dict[str, list[str]] = {}
    for order, found in ends.items():
        for end in found:
            orders_of.setdefault(end.to_id, []).append(order)  # after a merge a line item may hang on two
    line_ids = sorted(orders_of)
    properties = sorted({f.hubspot_property for f in field_map.line_fields})
    lines: dict[str, list[HeldLine]] = {}

    def read(batch: Sequence[str]) -> BatchAnswer:
        return crm.batch_read("line_items", batch, properties)

    for done, answer in side_by_side(read, line_ids, BATCH, threads):
        for record in _results(answer, "line items"):
            if record.archived:
                continue
            line = HeldLine(record.id, record.properties.get(UNIQUE_LINE_KEY) or None, record.properties)
            for order in orders_of.get(record.id, ()):
                lines.setdefault(order, []).append(line)
        progress("line items read back from HubSpot", done, len(line_ids))
    return lines


def _far_ends(
    associations: ReadAssociations, to_type: str, record_ids: Sequence[str], threads: int
) -> dict[str, list[AssociatedRecord]]:
    ends: dict[str, list[AssociatedRecord]] = {}

    def read(batch: Sequence[str]) -> list[AssociatedRecord]:
        return associations.read("orders", to_type, batch)

    for _, found in side_by_side(read, record_ids, ASSOCIATION_BATCH, threads):
        for end in found:
            ends.setdefault(end.from_id, []).append(end)
    return ends


def _results(answer: BatchAnswer, what: str) -> tuple[CrmRecord, ...]:
    failed = [error for error in answer.errors if error.category.upper() != "OBJECT_NOT_FOUND"]
    if failed:
        raise RemoteError(
            f"HubSpot could not read some {what} back: {failed[0].message} "
            "Reconcile again; without them nothing is proven.",
            system="hubspot",
            code=failed[0].category,
            transient=True,
        )
    return answer.results


def _order_properties(field_map: FieldMap) -> list[str]:
    ours = {f.hubspot_property for f in field_map.order_fields}
    told = {f.hubspot_property for f in field_map.trust_fields}
    return sorted(ours | told | set(STAGE_PROPERTIES) | {UNIQUE_ORDER_KEY})


def side_by_side(
    read: Callable[[Sequence[str]], Answer], ids: Sequence[str], size: int, threads: int
) -> Iterator[tuple[int, Answer]]:
    """How many ids are answered so far, and the next answer, in the order of the ids; `size` ids a call.

    After a call that raised, no further one starts.
    """
    batches = [ids[start : start + size] for start in range(0, len(ids), size)]
    pool = ThreadPoolExecutor(max(1, threads), thread_name_prefix="read-back")
    try:
        done = 0
        for batch, answer in zip(batches, pool.map(read, batches), strict=True):
            done += len(batch)
            yield done, answer
    finally:
        pool.shutdown(cancel_futures=True)
