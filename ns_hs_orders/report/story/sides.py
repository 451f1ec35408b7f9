"""The two sides of one order's story: what HubSpot should hold, beside what it holds now.

Belongs here: fields, line items and associations, side by side, whether or not they differ. Does not belong here:
reading either side (wiring), when two values are equal (compare), or layout (story.text).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, Kind
from ns_hs_orders.push.ports import AssociationKind
from ns_hs_orders.push.schema import WantedLine, WantedOrder
from ns_hs_orders.reconcile.compare import ORDER_TO_CONTACT, PRIMARY_COMPANY, FieldKinds
from ns_hs_orders.reconcile.equality import equal
from ns_hs_orders.reconcile.read_back import HeldLine, HeldOrder


@dataclass(frozen=True)
class StoryField:
    """One field on both sides. agrees: None where there is nothing to compare, as one side has no such record."""

    label: str
    hubspot_property: str
    wanted: str | None
    held: str | None
    agrees: bool | None


@dataclass(frozen=True)
class StoryLineItem:
    """One line item on both sides. line_item_id: None where HubSpot does not have it. agrees: None where the
    order is not to be in HubSpot, or is not there."""

    key: str | None
    line_item_id: str | None
    agrees: bool | None
    fields: tuple[StoryField, ...]


@dataclass(frozen=True)
class StoryLink:
    """One kind of association on both sides, by HubSpot's record ids."""

    label: str
    wanted: str | None
    held: tuple[str, ...]
    agrees: bool | None


def order_fields(
    wanted: WantedOrder | None,
    held: HeldOrder | None,
    kinds: FieldKinds,
    left: frozenset[str] = frozenset(),
) -> tuple[StoryField, ...]:
    """The fields of the order that HubSpot should hold, or where it should hold none, those that it holds.

    left: properties whose edits in HubSpot stay; what differs in them is not judged.
    """
    theirs = held.properties if held else None
    if wanted is None:
        return (
            _fields(None, {name: theirs[name] for name in theirs if name in kinds.order}, kinds.order)
            if theirs
            else ()
        )
    return _fields(wanted.properties, theirs, kinds.order, left=left)


def line_items(
    wanted: WantedOrder | None, held: HeldOrder | None, kinds: FieldKinds
) -> tuple[StoryLineItem, ...]:
    """The line items that should be there, in NetSuite's order, then those that only HubSpot has."""
    there = list(held.lines) if held else []
    found = []
    for line in wanted.lines if wanted else ():
        copy = next((one for one in there if one.key == line.key), None)
        if copy is not None:
            there.remove(copy)
        found.append(_line_item(line, copy, kinds, is_compared=held is not None))
    found += [_line_item(None, one, kinds, is_compared=wanted is not None) for one in there]
    return tuple(found)


def links(wanted: WantedOrder | None, held: HeldOrder | None) -> tuple[StoryLink, ...]:
    """Company, contact and deal of the order; what a person associated besides is shown, and never judged."""
    if wanted is None and held is None:
        return ()
    companies = held.company_ids if held else {}
    contacts = held.contact_ids if held else {}
    primary = sorted(one for one, types in companies.items() if PRIMARY_COMPANY in types)
    linked = sorted(one for one, types in contacts.items() if ORDER_TO_CONTACT in types)
    company = contact = None
    if wanted is not None:
        contact = wanted.contact_id
        company = wanted.company_id or wanted.missing_target
    is_compared = wanted is not None and held is not None
    found = [
        _link("Primary company", company, primary, is_compared),
        _link("Contact", contact, linked, is_compared),
    ]
    deals = sorted(held.deal_ids) if held else []
    found.append(_link("Deal", wanted.deal_id if wanted else None, deals, is_compared))
    others = sorted(set(companies) - set(primary))
    found.append(StoryLink("Other companies", None, tuple(others), None))
    return tuple(one for one in found if one.wanted or one.held)


def links_to_orders(
    wanted: WantedOrder | None,
    held: HeldOrder | None,
    orders: Mapping[str, frozenset[int]],
    kind: AssociationKind | None,
    label: str,
) -> tuple[StoryLink, ...]:
    """The order that a return is of, then what else it is associated with among orders.

    orders: order → type ids of its association with the return. kind: how a return is associated with its order, None
    where the portal does not allow it. label: what that association is labelled with, "" for nothing.
    """
    told = f"Returned order, labelled {label!r}" if label else "Returned order, without a label"
    as_its_order = sorted(one for one, types in orders.items() if kind is not None and kind.type_id in types)
    others = sorted(set(orders) - set(as_its_order))
    found = (
        _link(
            told, wanted.parent_id if wanted else None, as_its_order, wanted is not None and held is not None
        ),
        StoryLink("Other orders", None, tuple(others), None),
    )
    return tuple(one for one in found if one.wanted or one.held)


def _link(label: str, wanted: str | None, held: list[str], is_compared: bool) -> StoryLink:
    agrees = wanted in held if is_compared and wanted is not None else None
    return StoryLink(label, wanted, tuple(held), agrees)


def _line_item(
    wanted: WantedLine | None, held: HeldLine | None, kinds: FieldKinds, *, is_compared: bool
) -> StoryLineItem:
    fields = _fields(
        wanted.properties if wanted else None,
        held.properties if held else None,
        kinds.line,
        without=UNIQUE_LINE_KEY,
    )
    both = wanted is not None and held is not None
    return StoryLineItem(
        key=wanted.key if wanted else (held.key if held else None),
        line_item_id=held.record_id if held else None,
        agrees=both and all(one.agrees for one in fields) if is_compared else None,
        fields=fields,
    )


def _fields(
    wanted: Mapping[str, str] | None,
    held: Mapping[str, str | None] | None,
    kinds: Mapping[str, tuple[str, Kind]],
    *,
    without: str = "",
    left: frozenset[str] = frozenset(),
) -> tuple[StoryField, ...]:
    names: Iterable[str] = wanted if wanted is not None else (held or {})
    found = []
    for name in names:
        if name == without:
            continue
        label, kind = kinds.get(name, (name, "text"))
        ours = wanted[name] if wanted is not None else None
        theirs = held.get(name) if held is not None else None
        agrees = equal(kind, ours, theirs) if ours is not None and held is not None else None
        if name in left:
            agrees = agrees or None
        found.append(StoryField(label, name, ours, theirs, agrees))
    return tuple(found)
