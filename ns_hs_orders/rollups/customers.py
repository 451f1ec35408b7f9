"""Which entities of NetSuite buy for which HubSpot company.

Belongs here: customers with a HubSpot id, sub-customers that inherit one, and projects. Does not belong here: when a
customer is in HubSpot at all (mapping.eligibility), or what a company id became in HubSpot (companies).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ns_hs_orders.extract.orders import chunks
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.visibility import require_visible
from ns_hs_orders.extract.suiteql.keyset import Row, pages
from ns_hs_orders.extract.suiteql.literals import id_list
from ns_hs_orders.mapping.eligibility import home_of_customer
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.rollups.schema import CustomerHome

_COLUMNS = ("id", "parent_id", "is_person", "hubspot_id")
_IDS_A_QUERY = 1000


def read_homes(
    suiteql: SuiteQL, plan: SourcePlan, rules: MappingRules, company_ids: Sequence[str] | None = None
) -> list[CustomerHome]:
    """Every customer and project that is a company in HubSpot, or those of some companies, by the ids NetSuite holds.

    Customers that are contacts in HubSpot, or in HubSpot not at all, are left out. Raises ConfigError where the role
    no longer sees any customer, RemoteError where NetSuite could not be read.
    """
    holders = _holders(suiteql, plan, company_ids)
    if company_ids is None and not holders:
        require_visible(suiteql, "customer", "id")
    customers: dict[str, tuple[Row, str | None]] = {str(row["id"]): (row, None) for row in holders}
    if rules.inherit_parent_hubspot_id:
        parents = {str(row["id"]): row.get("hubspot_id") for row in holders}
        for row in _of_owner(suiteql, plan, "customer", ("c.parent",), list(parents)):
            customers.setdefault(str(row["id"]), (row, parents.get(row.get("parent_id") or "")))
    homes: dict[str, str] = {}
    for customer_id, (row, parents_id) in customers.items():
        found = home_of_customer(
            row.get("hubspot_id"), parents_id, is_person=row.get("is_person") == "T", rules=rules
        )
        if found and found.company_id:
            homes[customer_id] = found.company_id
    projects = _of_owner(suiteql, plan, "project", ("j.customer", "j.parent"), list(homes))
    for row in projects:
        owner = row.get("customer_id") or row.get("parent_id") or ""
        if owner in homes:
            homes.setdefault(str(row["id"]), homes[owner])
    return [CustomerHome(*pair) for pair in homes.items()]


def _holders(suiteql: SuiteQL, plan: SourcePlan, company_ids: Sequence[str] | None) -> list[Row]:
    """Customers that hold a HubSpot id of their own."""
    field = next(one.expression for one in plan.columns["customer"] if one.name == "hubspot_id")
    query = plan.query("customer", "id", only=_COLUMNS)
    if company_ids is None:
        asked = [replace(query, where=(*query.where, f"{field} IS NOT NULL"))]
    else:
        asked = [
            replace(
                query,
                where=(*query.where, f"TRIM({field}) IN ({', '.join('?' * len(part))})"),
                params=tuple(part),
            )
            for part in chunks(list(dict.fromkeys(company_ids)), _IDS_A_QUERY)
        ]
    return [row for one in asked for page in pages(suiteql, one, after=0) for row in page]


def _of_owner(
    suiteql: SuiteQL, plan: SourcePlan, source: str, columns: Iterable[str], ids: Sequence[str]
) -> list[Row]:
    """Rows of a table that name one of the ids in one of the columns; none where the account has no such table."""
    if not plan.has(source):
        return []
    there = [one for one in columns if any(one == c.expression for c in plan.columns[source])]
    found: list[Row] = []
    for part in chunks(ids, _IDS_A_QUERY) if there else ():
        condition = " OR ".join(f"{column} IN ({id_list(part)})" for column in there)
        only = _COLUMNS if source == "customer" else ("id", "customer_id", "parent_id")
        query = plan.query(source, "id", f"({condition})", only=only)
        found += [row for page in pages(suiteql, query, after=0) for row in page]
    return found
