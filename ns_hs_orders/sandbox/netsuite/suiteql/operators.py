"""Operators and functions that Oracle and SQLite share but for a detail: NULL as empty text, exact rounding.

Belongs here: one operator each, on one node of the tree.
Does not belong here: SuiteQL's own functions (builtin), conditions (expressions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ns_hs_orders.sandbox.netsuite.errors import unsupported
from ns_hs_orders.sandbox.netsuite.suiteql.scope import Typed
from ns_hs_orders.sandbox.netsuite.suiteql.values import NUMBERS, compare, unify

if TYPE_CHECKING:
    from ns_hs_orders.sandbox.netsuite.suiteql.expressions import Expressions


def joined(expressions: Expressions, node: exp.DPipe) -> Typed:
    # Oracle joins NULL as nothing.
    return Typed(
        f"(COALESCE({expressions.text(node.this)}, '') || COALESCE({expressions.text(node.expression)}, ''))",
        "text",
    )


def substring(expressions: Expressions, node: exp.Substring) -> Typed:
    parts = [expressions.text(node.this), expressions.value(node.args["start"]).sql]
    if node.args.get("length") is not None:
        parts.append(expressions.value(node.args["length"]).sql)
    return Typed(f"SUBSTR({', '.join(parts)})", "text")


def replace(expressions: Expressions, node: exp.Replace) -> Typed:
    new = expressions.text(node.args["replacement"]) if node.args.get("replacement") is not None else "''"
    # Oracle takes a NULL replacement as nothing.
    return Typed(
        f"REPLACE({expressions.text(node.this)}, {expressions.text(node.expression)}, COALESCE({new}, ''))",
        "text",
    )


def cast(expressions: Expressions, node: exp.Cast) -> Typed:
    target = node.to.sql().upper()
    if "CHAR" in target or target == "TEXT":
        return Typed(expressions.text(node.this), "text")
    if any(word in target for word in ("DECIMAL", "NUMERIC", "NUMBER", "INT")):
        return Typed(f"ns_number({expressions.value(node.this).sql})", "decimal")
    raise unsupported(f"CAST to {target} is not supported.")


def rounded(expressions: Expressions, node: exp.Round) -> Typed:
    digits = node.args.get("decimals")
    return Typed(
        f"ns_round({expressions.value(node.this).sql}, {expressions.value(digits).sql if digits else 0})",
        "decimal",
    )


def extreme(expressions: Expressions, node: exp.Expr) -> Typed:
    values = [expressions.value(part) for part in [node.this, *node.expressions]]
    sqls, kind = unify(values)
    name = type(node).__name__.lower()
    if kind in NUMBERS:
        return Typed(f"ns_{name}({', '.join(sqls)})", "decimal")
    return Typed(f"{'MAX' if name == 'greatest' else 'MIN'}({', '.join(sqls)})", kind)


def nullif(expressions: Expressions, node: exp.Nullif) -> Typed:
    value = expressions.value(node.this)
    test = compare(value, "=", expressions.paired(value, node.expression))
    return Typed(f"CASE WHEN {test} THEN NULL ELSE {value.sql} END", value.kind)
