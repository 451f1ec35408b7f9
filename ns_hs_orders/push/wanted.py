"""Mapped orders as HubSpot should hold them: the strings of the wire, and one fingerprint an order.

Belongs here: turning mapped values into property values. Does not belong here: computing them
(mapping), looking up HubSpot's ids (directory) or sending anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
import pandas as pd

from ns_hs_orders import money
from ns_hs_orders.columns import plain, texts, utc_texts
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY, Field
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.push.associations.directory import contacts_named, deals_named, parents_named
from ns_hs_orders.push.schema import NO_LINK, Directory, LinkTarget, WantedLine, WantedOrder

MAPPING_VERSION = "1"
"""Part of every fingerprint: raised when the same mapped values are to be written differently."""

_PIPELINE, _STAGE = "hs_pipeline", "hs_pipeline_stage"
_ENCODER = msgspec.json.Encoder(order="deterministic")  # keys sorted


def wanted_orders(
    orders: pd.DataFrame, lines: pd.DataFrame, field_map: FieldMap, directory: Directory
) -> list[WantedOrder]:
    """The orders of `orders` (frame Orders) with their goods lines (frame OrderLines), in frame order.

    Text is sent as it is, except NUL characters, which HubSpot cannot store and which are left out.
    Nothing is cut: what is too long, HubSpot refuses by name.
    """
    lines_by_order = _wanted_lines(lines, field_map, directory)
    fields = _known(field_map.order_fields, orders)
    columns = [_values(orders, one, directory) for one in fields]
    names = [one.hubspot_property for one in fields]
    key_at = names.index(UNIQUE_ORDER_KEY)
    owner_at = next((at for at, one in enumerate(fields) if one.kind == "owner"), None)
    added = _properties_added(field_map)
    stages = [directory.stage_ids[one] for one in plain(orders["stage"])]
    reps = zip(texts(orders["rep_email"]), texts(orders["rep_name"]), strict=True)
    companies, contacts = texts(orders["company_id_hubspot"]), texts(orders["contact_id_hubspot"])

    wanted = []
    named = zip(deals_named(orders), contacts_named(orders), parents_named(orders), strict=True)
    for values, stage, (email, rep), company, contact, (named_deal, named_contact, named_parent) in zip(
        zip(*columns, strict=True), stages, reps, companies, contacts, named, strict=True
    ):
        properties = dict(zip(names, values, strict=True))
        properties[_PIPELINE], properties[_STAGE] = directory.pipeline_id, stage
        company_id, missing_company = _target(company, directory.company_ids)
        contact_id, missing_contact = _target(contact, directory.contact_ids)
        deal = directory.deals.get(named_deal, NO_LINK)
        # a customer that is a contact is the order's contact
        person = NO_LINK if contact else directory.contacts.get(named_contact, NO_LINK)
        contact_id = contact_id or person.record_id
        parent = _parent(named_parent, directory)
        order_lines = lines_by_order.get(values[key_at], ())
        has_owner = owner_at is not None and values[owner_at] != ""
        wanted.append(
            WantedOrder(
                key=values[key_at],
                properties=properties,
                lines=order_lines,
                company_id=company_id,
                contact_id=contact_id,
                missing_target=missing_company or missing_contact,
                unknown_rep=owner_at is not None and not has_owner and bool(email or rep),
                fingerprint=_fingerprint(
                    properties,
                    order_lines,
                    company_id,
                    contact_id,
                    added,
                    ("deal", deal.record_id),
                    ("parent", parent.record_id, directory.parent_type_id),
                ),
                deal_id=deal.record_id,
                link_warnings=_problems(deal, person, parent, *order_lines),
                parent_id=parent.record_id if directory.parent_type_id else None,
            )
        )
    return wanted


def _wanted_lines(
    lines: pd.DataFrame, field_map: FieldMap, directory: Directory
) -> dict[str, tuple[WantedLine, ...]]:
    goods = lines[lines["line_class"] == "goods"]
    fields = _known(field_map.line_fields, lines)
    names = [one.hubspot_property for one in fields]
    key_at = names.index(UNIQUE_LINE_KEY)
    columns = [_values(goods, one, directory) for one in fields]
    has_products = any(one.kind == "product" for one in fields)
    problems = [
        directory.products.get(sku, NO_LINK).problem if has_products else None for sku in texts(goods["sku"])
    ]
    by_order: dict[str, list[WantedLine]] = {}
    for order_id, values, problem in zip(
        plain(goods["order_id_netsuite"]), zip(*columns, strict=True), problems, strict=True
    ):
        by_order.setdefault(order_id, []).append(
            WantedLine(values[key_at], dict(zip(names, values, strict=True)), problem)
        )
    return {order_id: tuple(found) for order_id, found in by_order.items()}


def _known(fields: Sequence[Field], frame: pd.DataFrame) -> list[Field]:
    """Those that the frame tells of: one that was mapped before the mapping file named a field does not have it."""
    return [one for one in fields if one.reading is None or one.name in frame]


def _properties_added(field_map: FieldMap) -> frozenset[str]:
    """What the mapping file's fields are written to."""
    return frozenset(
        one.hubspot_property for one in (*field_map.added_order_fields, *field_map.added_line_fields)
    )


def _values(frame: pd.DataFrame, field: Field, directory: Directory) -> list[str]:
    """One field's column as the strings of the wire."""
    column = frame[field.name]
    if field.kind == "money":
        return [
            "" if minor is None else money.plain(minor, currency)
            for minor, currency in zip(plain(column), plain(frame["currency"]), strict=True)
        ]
    if field.kind == "owner":
        return [directory.owner_ids.get(email.strip().lower(), "") for email in texts(column)]
    if field.kind == "order_link":
        return [
            directory.order_url + directory.parents[one] if one in directory.parents else ""
            for one in texts(column)
        ]
    if field.kind == "product":
        return [directory.products.get(sku, NO_LINK).record_id or "" for sku in texts(column)]
    if field.kind == "datetime":
        return utc_texts(column)
    found = texts(column)
    if "\x00" in "".join(found):
        return [one.replace("\x00", "") for one in found]
    return found


def _without_empty(properties: Mapping[str, str], added: frozenset[str]) -> Mapping[str, str]:
    if not added:
        return properties
    return {name: value for name, value in properties.items() if value or name not in added}


def _problems(*links: LinkTarget | WantedLine) -> tuple[str, ...]:
    """Why something is not linked, each reason once."""
    return tuple(dict.fromkeys(one.problem for one in links if one.problem))


def _parent(order_id: str, directory: Directory) -> LinkTarget:
    if not order_id:
        return NO_LINK
    record_id = directory.parents.get(order_id)
    return LinkTarget(record_id, None if record_id else "parent_not_in_hubspot")


def _target(netsuite_id: str, known: Mapping[str, str | None]) -> tuple[str | None, str | None]:
    """(surviving id, None), or (None, the id that HubSpot does not have), or (None, None) for none."""
    if not netsuite_id:
        return None, None
    survivor = known.get(netsuite_id)
    return (survivor, None) if survivor is not None else (None, netsuite_id)


def _fingerprint(
    properties: Mapping[str, str],
    lines: Sequence[WantedLine],
    company_id: str | None,
    contact_id: str | None,
    added: frozenset[str],
    *more: tuple[str, str | None] | tuple[str, str | None, int],
) -> str:
    """added: properties of the mapping file; empty ones count as absent, so that only orders that have a value are
    written anew for them. more: further associations (kind, record id, …); nothing without a record, so that orders
    without stay the same.
    """
    content = [
        MAPPING_VERSION,
        _without_empty(properties, added),
        [_without_empty(one.properties, added) for one in sorted(lines, key=lambda one: one.key)],
        company_id,
        contact_id,
        *(text for one in more if one[1] for text in one),
    ]
    return hashlib.sha256(_ENCODER.encode(content)).hexdigest()
