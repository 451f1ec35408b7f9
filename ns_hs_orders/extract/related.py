"""What belongs to orders and lives in other tables: customers, reps, partners, addresses, shipments, tax.

Belongs here: reading these by id, and following projects and parents to their customers. Does not belong
here: orders and lines (orders), or the frames (frames). Nothing is kept from one read to the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ns_hs_orders.extract.orders import chunks
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.visibility import require_still_there, require_visible
from ns_hs_orders.extract.suiteql.keyset import Row, pages
from ns_hs_orders.extract.suiteql.literals import id_list
from ns_hs_orders.extract.suiteql.side_by_side import Readers

_IDS_A_QUERY = 1000
Each = Callable[[Callable[[Sequence[str]], dict[str, Row]], list[Sequence[str]]], Iterable[dict[str, Row]]]


class Customer(NamedTuple):
    """The customer behind an order's entity, and the parent's HubSpot id."""

    id: str | None
    name: str | None
    is_person: str | None
    hubspot_id: str | None
    parent_id: str | None
    parent_hubspot_id: str | None
    is_project: str
    email: str | None = None


@dataclass(frozen=True)
class Related:
    """Records by their own ids; customers by the order's entity."""

    customers: dict[str, Customer] = field(default_factory=dict)
    reps: dict[str, Row] = field(default_factory=dict)
    partners: dict[str, Row] = field(default_factory=dict)
    addresses: dict[str, Row] = field(default_factory=dict)


def read_related(suiteql: SuiteQL, plan: SourcePlan, headers: Iterable[Row], readers: Readers) -> Related:
    """Everything that these orders refer to by id."""
    rows = list(headers)

    def named(column: str) -> list[str]:
        return list(dict.fromkeys(value for row in rows if (value := row.get(column)) is not None))

    related = Related()
    readers.begin(
        lambda ids: [read_customers(suiteql, plan, ids)], named("entity_id"), related.customers.update
    )
    for found, source, key, column in (
        (related.reps, "employee", "e.id", "rep_id"),
        (related.partners, "partner", "p.id", "partner_id"),
    ):
        readers.begin(
            lambda ids, source=source, key=key: [_by_id(suiteql, plan, source, key, ids)],  # type: ignore[misc]
            named(column),
            found.update,
        )
    addresses = _by_id(suiteql, plan, "address", "a.nkey", named("shipping_address_id"), readers.map)
    related.addresses.update(addresses)
    readers.wait()
    return related


def read_customers(suiteql: SuiteQL, plan: SourcePlan, entity_ids: Sequence[str]) -> dict[str, Customer]:
    """The customer of each entity: itself, or the parent customer of a project. Unknown ones are absent."""
    rows = _by_id(suiteql, plan, "customer", "c.id", entity_ids)
    if entity_ids and not rows:
        require_visible(suiteql, "customer", "id")
    projects = _by_id(suiteql, plan, "project", "j.id", [one for one in entity_ids if one not in rows])
    owners = {id_: row.get("customer_id") or row.get("parent_id") for id_, row in projects.items()}
    rows |= _by_id(suiteql, plan, "customer", "c.id", _unread(owners.values(), rows))
    parents = dict(rows)
    parents |= _by_id(
        suiteql, plan, "customer", "c.id", _unread((row.get("parent_id") for row in rows.values()), rows)
    )
    found: dict[str, Customer] = {}
    for entity_id in entity_ids:
        if entity_id in projects:
            row = rows.get(owners[entity_id] or "")
            found[entity_id] = _customer(row, parents, "T")
        elif entity_id in rows:
            found[entity_id] = _customer(rows[entity_id], parents, "F")
    return found


def read_tax_details(suiteql: SuiteQL, plan: SourcePlan, order_ids: Sequence[str]) -> dict[str, str]:
    """SuiteTax: the sum of each order's tax details, added by NetSuite, as decimal text."""
    found: dict[str, str] = {}
    if not plan.has("tax_detail"):
        return found
    for chunk in chunks(order_ids, plan.options.line_orders):
        query = replace(
            plan.query("tax_detail", "order_id", f"d.transaction IN ({id_list(chunk)})"),
            select={"order_id": "d.transaction", "tax": "SUM(d.taxamount)"},
            group_by="d.transaction",
        )
        for page in pages(suiteql, query, after=0):
            found |= {str(row["order_id"]): tax for row in page if (tax := row.get("tax")) is not None}
    return found


def read_shipments(suiteql: SuiteQL, plan: SourcePlan, order_ids: Sequence[str]) -> dict[str, str]:
    """The item fulfillments of each order as JSON: one object a tracking number, or one without.

    Orders without fulfillments are absent. Where an account hides the links between documents, the
    fulfillments' own lines tell their order.
    """
    source, alias = ("shipment", "l.previousdoc")
    if not plan.has(source):
        source, alias = ("shipment_by_line", "l.createdfrom")
    if not plan.has(source):
        return {}
    shipments: list[Row] = []
    for chunk in chunks(order_ids, plan.options.line_orders):
        query = plan.query(source, "id", f"{alias} IN ({id_list(chunk)})", distinct=True)
        for page in pages(suiteql, query, after=0, repeats=True):
            shipments += page
    numbers = _tracking_numbers(suiteql, plan, list(dict.fromkeys(str(row["id"]) for row in shipments)))
    found: dict[str, list[dict[str, str | None]]] = {}
    for row in shipments:
        told = found.setdefault(str(row["order_id"]), [])
        told += [
            {
                "fulfillment": row["id"],
                # `C` over REST, `ItemShip:C` in other channels.
                "status": (row.get("status") or "").rpartition(":")[2] or None,
                "tracking": number,
                "carrier": row.get("carrier"),
                "method": row.get("method"),
            }
            for number in numbers.get(str(row["id"]), [None])
        ]
    return {order_id: json.dumps(told, ensure_ascii=False) for order_id, told in found.items()}


def _tracking_numbers(
    suiteql: SuiteQL, plan: SourcePlan, shipment_ids: Sequence[str]
) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    if not plan.has("tracking"):
        return found
    for chunk in chunks(shipment_ids, plan.options.line_orders):
        query = plan.query("tracking", "id", f"m.transaction IN ({id_list(chunk)})", distinct=True)
        for page in pages(suiteql, query, after=0, repeats=True):
            for row in page:
                found.setdefault(str(row["shipment_id"]), []).append(row.get("number"))
    if shipment_ids and not found:
        require_still_there(suiteql, plan, "tracking")
    return found


def _by_id(
    suiteql: SuiteQL, plan: SourcePlan, source: str, key: str, ids: Sequence[str], each: Each = map
) -> dict[str, Row]:
    """Rows by id; none where the account has no such table. each: how the chunks are read."""
    if not plan.has(source):
        return {}

    def read(chunk: Sequence[str]) -> dict[str, Row]:
        query = plan.query(source, "id", f"{key} IN ({id_list(chunk)})")
        return {str(row["id"]): row for page in pages(suiteql, query) for row in page}

    parts = each(read, list(chunks(ids, _IDS_A_QUERY)))
    found = {record_id: row for part in parts for record_id, row in part.items()}
    if ids and not found:
        require_still_there(suiteql, plan, source)
    return found


def _unread(ids: Iterable[str | None], rows: dict[str, Row]) -> list[str]:
    return list(dict.fromkeys(one for one in ids if one is not None and one not in rows))


def _customer(row: Row | None, parents: dict[str, Row], is_project: str) -> Customer:
    if row is None:
        return Customer(None, None, None, None, None, None, is_project)
    parent_id = row.get("parent_id")
    return Customer(
        id=row["id"],
        name=row.get("company_name")
        or person_name(row)
        or row.get("alternative_name")
        or row.get("entity_name"),
        is_person=row.get("is_person"),
        hubspot_id=row.get("hubspot_id"),
        parent_id=parent_id,
        parent_hubspot_id=parents.get(parent_id or "", {}).get("hubspot_id"),
        is_project=is_project,
        email=row.get("customer_email"),
    )


def person_name(row: Row) -> str | None:
    """First and last name, or None where there is neither."""
    return " ".join(part for part in (row.get("first_name"), row.get("last_name")) if part) or None
