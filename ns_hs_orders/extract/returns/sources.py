"""What is read of return authorizations, and from which NetSuite table.

Belongs here: tables, joins and columns of returns, of what they were made from and of their refunds. Does not
belong here: which of them an account has (plan, returns.plan), or which rows are asked for (returns).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ns_hs_orders.extract import sources
from ns_hs_orders.extract.sources import ORDER_TYPE, Source
from ns_hs_orders.extract.suiteql.keyset import Query
from ns_hs_orders.fields.field import SourceColumn
from ns_hs_orders.fields.field_map import FieldMap

if TYPE_CHECKING:
    from ns_hs_orders.extract.probing.plan import SourcePlan

RETURN = "return"
ORIGIN = "origin"
ADDED = "added_to_returns"
RETURN_TYPE = "t.type = 'RtnAuth'"
RETURN_COSTS = (
    "returned amount (netsuite_returned_amount), refund amount (netsuite_refund_amount), net total "
    "(netsuite_net_total) and return status (netsuite_return_status) of orders, and the returns themselves"
)

_OF_A_RETURN = frozenset(
    {
        "order_id_netsuite",
        "order_number",
        "status",
        "status_text",
        "order_on",
        "created_at",
        "modified_at",
        "entity_id",
        "currency",
        "exchange_rate",
        "total",
        "memo",
        "rep_id",
        "source_store",
        "criterion",
    }
)
"""Columns of a transaction's header that a return has too, by their names among orders."""

MADE_FROM = Source(
    ORIGIN,
    "transactionline ml",
    (
        SourceColumn("id", "ml.transaction", required=True),
        SourceColumn("origin_id", "ml.createdfrom", required=True),
    ),
    where=("ml.mainline = 'T'",),
    costs=f"which order a return belongs to, and with it {RETURN_COSTS}",
)
"""What a transaction was made from: its mainline row alone tells."""


def added_to_returns(fields: FieldMap) -> Source:
    """The columns of returns that the mapping file names, to see which of them the account has."""
    return replace(
        sources.header(fields),
        name=ADDED,
        columns=(SourceColumn("order_id_netsuite", "t.id", required=True), *fields.return_columns),
        where=(RETURN_TYPE,),
    )


def return_header(fields: FieldMap, known: frozenset[str], added: tuple[SourceColumn, ...] = ()) -> Source:
    """Headers of returns, with those columns that the account's orders have (`known`), and those that the mapping file
    adds."""
    like = sources.header(fields)
    return replace(
        like,
        name=RETURN,
        columns=(*(c for c in like.columns if c.name in _OF_A_RETURN & known), *added),
        where=(RETURN_TYPE,),
        required=False,
        costs=RETURN_COSTS,
    )


class Way(NamedTuple):
    """A way from orders to their returns: joins in which `rl` is the return's mainline row and `t` the order."""

    tables: str
    where: tuple[str, ...]


BY_ORDER = Way(
    "transactionline rl INNER JOIN transaction r ON r.id = rl.transaction "
    "INNER JOIN transaction t ON t.id = rl.createdfrom",
    ("r.type = 'RtnAuth'", "rl.mainline = 'T'", ORDER_TYPE),
)
BY_BILL = Way(
    "transactionline rl INNER JOIN transaction r ON r.id = rl.transaction "
    "INNER JOIN transactionline il ON il.transaction = rl.createdfrom "
    "INNER JOIN transaction i ON i.id = il.transaction "
    "INNER JOIN transaction t ON t.id = il.createdfrom",
    (
        "r.type = 'RtnAuth'",
        "rl.mainline = 'T'",
        "il.mainline = 'T'",
        "i.type IN ('CustInvc', 'CashSale')",
        ORDER_TYPE,
    ),
)


def way_query(plan: SourcePlan, way: Way, *where: str) -> Query:
    """Returns with the orders that they are of (`id`, `order_id`); where: conditions on the order, `t`."""
    return Query(
        select={"id": "rl.transaction", "order_id": "t.id"},
        source=way.tables,
        where=(*way.where, *where),
        key="id",
        wrapped=plan.wrapped,
    )
