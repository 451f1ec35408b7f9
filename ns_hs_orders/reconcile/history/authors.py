"""Who changed an order in HubSpot and when, as HubSpot's property history tells.

Belongs here: which histories are asked for which cause, and whom they name. Does not belong here: reading histories
(histories), records that are gone (fates), how an order got its cause (causes), or the sentence that tells it
(explanations).

Asked are the orders with a cause of HubSpot's side or a reported edit, and of each the properties that differ:
where both sides agree, nothing is. Each difference has an author of its own; the order's is the newest of those that
gave it its cause. HubSpot keeps no history of associations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.fields.orders import STAGE_PROPERTIES
from ns_hs_orders.push.ports import PropertyVersion, RecordHistory
from ns_hs_orders.reconcile import explanations
from ns_hs_orders.reconcile.causes import (
    ASSOCIATION,
    DELETED_IN_HUBSPOT,
    DUPLICATES,
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
from ns_hs_orders.reconcile.history.fates import MERGED, fates_of
from ns_hs_orders.reconcile.history.histories import Author, Histories, Trace

TOLD = frozenset({*OF_HUBSPOTS_SIDE, *DUPLICATES, EDITED_IN_NETSUITE, LINE_BY_A_PERSON, ONLY_IN_HUBSPOT})
"""Causes that are told in words: those that somebody brought about."""

Found = Mapping[tuple[str, str], list[RecordHistory]]


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
    found = histories.read(
        trace for order in told for one in order.found if (trace := _trace(order, one)) is not None
    )
    gone = {
        order.key: former_ids[order.key]
        for order in told
        if order.verdict.cause == DELETED_IN_HUBSPOT and order.key in former_ids
    }
    fates = fates_of(gone, histories)
    renewed: dict[str, ComparedOrder] = {}
    for order in told:
        if order.verdict.cause == DELETED_IN_HUBSPOT:
            author, words = fates.get(order.key, (Author(), explanations.GONE))
            renewed[order.key] = _told(order, author, words, [author] * len(order.found))
        else:
            renewed[order.key] = _with_authors(order, found, histories)
    return [renewed.get(order.key, order) for order in compared]


def _with_authors(order: ComparedOrder, found: Found, histories: Histories) -> ComparedOrder:
    """The order with an author of each difference, and the newest of those that decided."""
    versions = [_version(_trace(order, one), found) for one in order.found]
    authors = [histories.author(version) for version in versions]
    if order.verdict.cause not in (None, *TOLD):
        return _told(order, Author(), order.verdict.explanation, authors)
    if key_versions := _of_former_key(order, found):
        author = histories.author(key_versions[0])
        former = next(one.value for one in key_versions if one.value)
        words = explanations.key_emptied(order.order_id_hubspot or "", former, author.by, author.at)
        return _told(order, author, words, [author] * len(order.found))
    decided = deciding(order)
    of_decided = [
        version
        for one, version in zip(order.found, versions, strict=True)
        if version is not None and one in decided
    ]
    author = histories.author(max(of_decided, key=lambda one: one.at, default=None))
    words = explanations.of_difference(order, decided, author.by, author.at)
    return _told(order, author, words, authors)


def _of_former_key(order: ComparedOrder, found: Found) -> tuple[PropertyVersion, ...]:
    """Versions of the key that a duplicate once had, as the sync's own copy has it; none for a stranger's record."""
    if order.verdict.cause not in DUPLICATES:
        return ()
    for history in found.get(("orders", order.order_id_hubspot or ""), ()):
        versions = history.versions.get(UNIQUE_ORDER_KEY, ())
        if any(one.value for one in versions):
            return versions
    return ()


def _told(
    order: ComparedOrder, author: Author, words: str | None, authors: Sequence[Author]
) -> ComparedOrder:
    return order._replace(
        verdict=order.verdict._replace(explanation=words),
        changed_by=author.by,
        changed_at=author.at,
        found=tuple(
            replace(one, changed_by=by, changed_at=at)
            for one, (by, at) in zip(order.found, authors, strict=True)
        ),
    )


def deciding(order: ComparedOrder) -> list[FieldDifference]:
    """The differences that gave the order its cause."""
    cause = order.verdict.cause
    if cause in (LINES, LINE_BY_A_PERSON):
        lines = [one for one in order.found if one.finding == "lines differ"]
        return [one for one in lines if one.of_order is not None] or lines
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


def _trace(order: ComparedOrder, one: FieldDifference) -> Trace | None:
    """Where HubSpot tells who brought a difference about; None where it does not, or NetSuite did."""
    cause, record_id = order.verdict.cause, order.order_id_hubspot
    if cause in DUPLICATES and record_id is not None:
        return Trace("orders", record_id, frozenset({"hs_order_name", UNIQUE_ORDER_KEY}), of_making=True)
    if cause == ONLY_IN_HUBSPOT and record_id is not None:
        return Trace("orders", record_id, frozenset({UNIQUE_ORDER_KEY}))
    if not (one.is_reported or (cause in TOLD and cause != EDITED_IN_NETSUITE)):
        return None
    if one.of_order is not None and record_id is not None:
        return Trace("orders", record_id, frozenset({MERGED}))
    if one.line_item_id is not None:
        name = one.hubspot_property or "name"
        return Trace(
            "line_items", one.line_item_id, frozenset({name}), of_making=one.hubspot_property is None
        )
    if one.hubspot_property is None or record_id is None:
        return None
    name = CURRENCY if one.is_of_currency else one.hubspot_property
    return Trace("orders", record_id, frozenset({name}))


def _version(trace: Trace | None, found: Found) -> PropertyVersion | None:
    """The change that a trace tells of."""
    if trace is None:
        return None
    versions = [
        versions[-1 if trace.of_making else 0]
        for history in found.get((trace.object_type, trace.record_id), ())
        for name in trace.properties
        if (versions := history.versions.get(name))
    ]
    return max(versions, key=lambda one: one.at, default=None)
