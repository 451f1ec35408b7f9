"""Which rows a SELECT is about: conditions taken apart, ROWNUM, aggregates.

Belongs here: questions to the query's tree that yield no SQL.
Does not belong here: the translation itself (translate).
"""

from __future__ import annotations

from sqlglot import exp

from ns_hs_orders.sandbox.netsuite.errors import unsupported


def conjuncts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Paren) and isinstance(node.this, exp.And | exp.Paren):
        return conjuncts(node.this)
    if isinstance(node, exp.And):
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return [node]


def is_rownum(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() == "rownum" and not node.table


def rownum_limit(node: exp.Expr) -> int | None:
    """How many rows `ROWNUM <= n` lets through; None for another condition."""
    if not any(
        is_rownum(column)
        for column in node.find_all(exp.Column)
        if column.find_ancestor(exp.Select) is node.find_ancestor(exp.Select)
    ):
        return None
    bound = node.args.get("expression")
    if is_rownum(node.this) and isinstance(bound, exp.Literal) and bound.name.isdigit():
        number = int(bound.name)
        if isinstance(node, exp.LTE) or (isinstance(node, exp.EQ) and number == 1):
            return number
        if isinstance(node, exp.LT):
            return max(number - 1, 0)
    raise unsupported("ROWNUM is compared by < or <= with a plain number.")


def aggregates(node: exp.Expr) -> bool:
    return any(
        not found.find_ancestor(exp.Window, exp.Subquery)
        for found in node.find_all(exp.AggFunc)
        if not isinstance(found, exp.RowNumber | exp.Rank | exp.DenseRank)
    )
