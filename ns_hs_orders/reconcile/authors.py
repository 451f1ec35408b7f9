"""Who changed an order in HubSpot and when, as HubSpot's property history tells.

Belongs here: which histories are asked for which cause, and whom they name. Does not belong here: the call
(clients), how an order got its cause (causes), or the sentence that tells it (explanations).

Asked are the orders with a cause of HubSpot's side or a reported edit, and of each the properties that differ:
where both sides agree, nothing is. HubSpot keeps no history of associations, and does not tell who deleted a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields import STAGE_PROPERTIES, UNIQUE_ORDER_KEY
from ns_hs_orders.progress import Progress
from ns_hs_orders.push.ports import PropertyVersion, RecordHistory
from ns_hs_orders.reconcile import explanations
from ns_hs_orders.reconcile.causes import (
    ASSOCIATION,
    DELETED_IN_HUBSPOT,
    DUPLICATE,
    EDITED_IN_NETSUITE,
    LINE_BY_A_PERSON,
    LINES,
    OF_HUBSPOTS_SIDE,
    ONLY_IN_HUBSPOT,
    ROUNDING,
    STAGE,
)
from ns_hs_orders.reconcile.compare import CURRENCY, FieldDifference
from ns_hs_orders.reconcile.compared import ComparedOrder
from ns_hs_orders.reconcile.ports import ReadHistory
from ns_hs_orders.reconcile.read_back import side_by_side

BATCH = 50
"""HubSpot's limit for a read with histories."""
TOLD = frozenset({*OF_HUBSPOTS_SIDE, DUPLICATE, EDITED_IN_NETSUITE, LINE_BY_A_PERSON, ONLY_IN_HUBSPOT})
"""Causes that are told in words: those that somebody brought about."""
_MERGED = "hs_merged_object_ids"
_NOT_TOLD = (400, 403, 404)
_SOURCES = {
    "AUTOMATION_PLATFORM": "a workflow",
    "CALCULATED": "HubSpot's own calculation",
    "IMPORT": "an import",
    "MERGE_OBJECTS": "a merge of two records",
}


class Author(NamedTuple):
    """Who and when, as far as HubSpot tells. at: aware UTC."""

    by: str | None = None
    at: datetime | None = None


class Trace(NamedTuple):
    """A record and the properties whose history tells of a difference.

    of_making: the first version counts, since the record itself is the difference; else the newest one.
    """

    object_type: str
    record_id: str
    properties: frozenset[str]
    of_making: bool = False


class Histories:
    """Asks HubSpot for histories, and for the names of users once somebody is to be named."""

    def __init__(
        self,
        history: ReadHistory,
        user_names: Callable[[], Mapping[str, str]],
        progress: Progress,
        *,
        threads: int,
    ) -> None:
        self._history = history
        self._user_names = user_names
        self._progress = progress
        self._threads = threads
        self._names: Mapping[str, str] | None = None

    def read(
        self, traces: Iterable[Trace], *, archived: bool = False
    ) -> dict[tuple[str, str], list[RecordHistory]]:
        """Histories by object type and record id; what HubSpot does not have or may not tell is not there.

        What came under another id than asked, after a merge, stands under the object type and "". Raises
        RemoteError where HubSpot could not be asked.
        """
        wanted: dict[str, dict[str, set[str]]] = {}
        for one in traces:
            wanted.setdefault(one.object_type, {}).setdefault(one.record_id, set()).update(one.properties)
        found: dict[tuple[str, str], list[RecordHistory]] = {}
        for object_type, records in wanted.items():
            # those that differ alike are asked together, so that each call asks for few properties
            ordered = sorted(records, key=lambda one: (sorted(records[one]), one))

            def read(
                batch: Sequence[str],
                object_type: str = object_type,
                records: Mapping[str, set[str]] = records,
            ) -> list[RecordHistory]:
                names = sorted(set().union(*(records[one] for one in batch)))
                try:
                    return self._history.read_history(object_type, batch, names, archived=archived)
                except RemoteError as error:
                    if error.status in _NOT_TOLD:
                        return []
                    raise

            for done, answer in side_by_side(read, ordered, BATCH, self._threads):
                for history in answer:
                    place = (object_type, history.id if history.id in records else "")
                    found.setdefault(place, []).append(history)
                self._progress("changes looked up in HubSpot's history", done, len(ordered))
        return found

    def author(self, version: PropertyVersion | None) -> Author:
        """Who wrote a version, in words, and when."""
        if version is None:
            return Author()
        return Author(self._named(version), version.at)

    def _named(self, version: PropertyVersion) -> str | None:
        if version.user_id is not None:
            if self._names is None:
                self._names = self._names_of_users()
            return self._names.get(version.user_id) or f"HubSpot user {version.user_id}"
        if version.source_label:
            return version.source_label
        if version.source_type == "INTEGRATION" and version.source_id:
            return f"integration {version.source_id}"
        return _SOURCES.get(version.source_type)

    def _names_of_users(self) -> Mapping[str, str]:
        try:
            return self._user_names()
        except RemoteError as error:
            if error.status in _NOT_TOLD:
                return {}
            raise


def name_authors(
    compared: Sequence[ComparedOrder], former_ids: Mapping[str, str], histories: Histories
) -> list[ComparedOrder]:
    """The same orders; those that somebody changed say who, when and what, in words.

    former_ids: order → record id that HubSpot had for it, of orders that it does not hold any more. Raises
    RemoteError where HubSpot could not be asked.
    """
    told = [
        order
        for order in compared
        if order.verdict.cause in TOLD or any(one.is_reported for one in order.found)
    ]
    if not told:
        return list(compared)
    traces = {order.key: list(_traces(order)) for order in told}
    found = histories.read(trace for of_order in traces.values() for trace in of_order)
    gone = {
        order.key: former_ids[order.key]
        for order in told
        if order.verdict.cause == DELETED_IN_HUBSPOT and order.key in former_ids
    }
    fates = _fates(gone, histories)
    renewed: dict[str, ComparedOrder] = {}
    for order in told:
        if order.verdict.cause == DELETED_IN_HUBSPOT:
            author, words = fates.get(order.key, (Author(), explanations.GONE))
        else:
            author = histories.author(_version(traces[order.key], found))
            words = explanations.of_difference(order, deciding(order), author.by, author.at)
        renewed[order.key] = order._replace(
            verdict=order.verdict._replace(explanation=words), changed_by=author.by, changed_at=author.at
        )
    return [renewed.get(order.key, order) for order in compared]


def deciding(order: ComparedOrder) -> list[FieldDifference]:
    """The differences that gave the order its cause."""
    cause = order.verdict.cause
    if cause in (LINES, LINE_BY_A_PERSON):
        return [one for one in order.found if one.finding == "lines differ"]
    if cause == STAGE:
        return [one for one in order.found if one.hubspot_property in STAGE_PROPERTIES]
    if cause == ASSOCIATION:
        return [one for one in order.found if one.finding == "association missing"]
    if cause == EDITED_IN_NETSUITE:
        return list(order.found)
    amounts = [one for one in order.found if one.finding == "amount differs"]
    exact = [one for one in amounts if not one.is_rounding]
    if cause == ROUNDING:
        return amounts
    if exact:
        changed = [one for one in exact if not one.is_of_currency]
        exact = [*changed, *(one for one in order.found if one.hubspot_property == CURRENCY)] or exact
    return exact or [one for one in order.found if one.finding == "field differs"] or list(order.found)


def _traces(order: ComparedOrder) -> Iterator[Trace]:
    cause, record_id = order.verdict.cause, order.order_id_hubspot
    if cause == DUPLICATE and record_id is not None:
        yield Trace("orders", record_id, frozenset({"hs_order_name"}), of_making=True)
    elif cause == EDITED_IN_NETSUITE:
        return
    elif cause == ONLY_IN_HUBSPOT and record_id is not None:
        yield Trace("orders", record_id, frozenset({UNIQUE_ORDER_KEY}))
    else:
        for one in deciding(order):
            if one.line_item_id is not None:
                name = one.hubspot_property or "name"
                made = one.hubspot_property is None
                yield Trace("line_items", one.line_item_id, frozenset({name}), of_making=made)
            elif one.hubspot_property is not None and record_id is not None:
                yield Trace("orders", record_id, frozenset({one.hubspot_property}))


def _version(
    traces: Sequence[Trace], found: Mapping[tuple[str, str], list[RecordHistory]]
) -> PropertyVersion | None:
    """The newest change of what differs."""
    versions = [
        versions[-1 if trace.of_making else 0]
        for trace in traces
        for history in found.get((trace.object_type, trace.record_id), ())
        for name in trace.properties
        if (versions := history.versions.get(name))
    ]
    return max(versions, key=lambda one: one.at, default=None)


def _fates(gone: Mapping[str, str], histories: Histories) -> dict[str, tuple[Author, str]]:
    """What became of records that HubSpot had: in the recycle bin, merged, without our key, or purged."""
    if not gone:
        return {}
    properties = frozenset({UNIQUE_ORDER_KEY, _MERGED})
    traces = {key: Trace("orders", record_id, properties) for key, record_id in gone.items()}
    archived = histories.read(traces.values(), archived=True)
    left = {key: one for key, one in traces.items() if ("orders", one.record_id) not in archived}
    live = histories.read(left.values()) if left else {}
    survivors = live.get(("orders", ""), [])
    fates: dict[str, tuple[Author, str]] = {}
    for key, record_id in gone.items():
        place = ("orders", record_id)
        if place in archived:
            at = archived[place][0].archived_at
            fates[key] = (Author(None, at), explanations.archived(record_id, at))
        elif place in live:
            versions = live[place][0].versions.get(UNIQUE_ORDER_KEY, ())
            author = histories.author(versions[0] if versions else None)
            fates[key] = (author, explanations.key_lost(record_id, author.by, author.at))
        elif merged := _merge_of(record_id, survivors):
            survivor, version = merged
            author = histories.author(version)
            fates[key] = (author, explanations.merged(record_id, survivor, author.by, author.at))
        else:
            fates[key] = (Author(), explanations.purged(record_id))
    return fates


def _merge_of(record_id: str, survivors: Sequence[RecordHistory]) -> tuple[str, PropertyVersion] | None:
    """The survivor of a merge with this record, and its note of the merge."""
    for one in survivors:
        for version in one.versions.get(_MERGED, ()):
            if record_id in version.value.split(";"):
                return one.id, version
    return None
