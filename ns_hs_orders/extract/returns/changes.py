"""Which return, and which orders, a changed record is about: a return, a receipt of one, or a refund.

Belongs here: following changed records to their returns and orders. Does not belong here: reading the streams
(changes), or what follows from a change (live).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ns_hs_orders.extract.orders import chunks
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.refusals import answered_unless_refused
from ns_hs_orders.extract.returns.authorizations import made_from, read_documents, read_origins
from ns_hs_orders.extract.suiteql.keyset import Query, pages
from ns_hs_orders.extract.suiteql.literals import MOST_MEMBERS, id_list

RETURN_TYPE = "RtnAuth"


@dataclass(frozen=True)
class ChangedReturn:
    """A return that a changed record is about. order_ids: by its mainline row and by the links between documents."""

    return_id: str
    order_ids: frozenset[str]


def read_orders_of_returns(
    suiteql: SuiteQL, plan: SourcePlan, record_ids: Sequence[str]
) -> dict[str, ChangedReturn]:
    """Record → its return and that one's orders; receipts and refunds of something else are absent.

    Raises RemoteError where NetSuite could not be read.
    """
    documents = read_documents(suiteql, plan, record_ids)
    return_of = {one: one for one, row in documents.items() if row.get("type") == RETURN_TYPE}
    followers = [one for one in documents if one not in return_of]
    if followers:
        parents = made_from(suiteql, plan, followers)
        kinds = read_documents(suiteql, plan, parents.values())
        return_of |= {
            one: parent for one, parent in parents.items() if kinds.get(parent, {}).get("type") == RETURN_TYPE
        }
    return_ids = list(dict.fromkeys(return_of.values()))
    origins = read_origins(suiteql, plan, return_ids)
    orders: dict[str, set[str]] = {
        one: {str(origin.order["id"])} if origin.order else set() for one, origin in origins.items()
    }
    for return_id, order_id in _linked(suiteql, return_ids):
        orders[return_id].add(order_id)
    return {one: ChangedReturn(found, frozenset(orders[found])) for one, found in return_of.items()}


def _linked(suiteql: SuiteQL, return_ids: Sequence[str]) -> list[tuple[str, str]]:
    """(return, order) of the links between documents; none where the account hides these."""
    found: list[tuple[str, str]] = []
    for chunk in chunks(return_ids, MOST_MEMBERS):
        query = Query(
            select={"id": "l.nextdoc", "order_id": "l.previousdoc"},
            source="NextTransactionLink l INNER JOIN transaction o ON o.id = l.previousdoc",
            where=(f"l.nextdoc IN ({id_list(chunk)})", "o.type = 'SalesOrd'"),
            key="id",
            distinct=True,
        )

        def ask(query: Query = query) -> list[tuple[str, str]]:
            rows = [row for page in pages(suiteql, query, after=0, repeats=True) for row in page]
            return [(str(row["id"]), str(row["order_id"])) for row in rows]

        found += answered_unless_refused(suiteql, ask) or []
    return found
