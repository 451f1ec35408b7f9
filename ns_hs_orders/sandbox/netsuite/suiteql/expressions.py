"""SuiteQL expressions as SQLite SQL with exact decimals and session time.

Belongs here: conditions and values, dispatched on the kind of tree node; whatever is not listed is refused.
Does not belong here: FROM, GROUP BY, ORDER BY (translate), NetSuite's own functions (builtin).
"""

# ruff: noqa: S608 - names come from the catalog, texts are quoted, values are bound
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import exp

from ns_hs_orders.sandbox.netsuite.errors import invalid_query, unsupported
from ns_hs_orders.sandbox.netsuite.suiteql import builtin, operators
from ns_hs_orders.sandbox.netsuite.suiteql.scope import Catalog, Scope, Typed
from ns_hs_orders.sandbox.netsuite.suiteql.values import (
    NUMBERS,
    arithmetic,
    as_text,
    as_wall,
    compare,
    literal,
    unify,
)

_COMPARISONS: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_ARITHMETIC: Final[dict[type[exp.Expr], str]] = {
    exp.Add: "add",
    exp.Sub: "sub",
    exp.Mul: "mul",
    exp.Div: "div",
    exp.Mod: "mod",
}
_SESSION: Final[dict[str, Typed]] = {
    "sessiontimezone": Typed("ns_zone()", "text"),
    "current_date": Typed("ns_now()", "wall"),
    "current_timestamp": Typed("ns_now()", "wall"),
    "sysdate": Typed("ns_sysdate()", "wall"),
    "systimestamp": Typed("ns_sysdate()", "wall"),
}
_TEXT_FUNCTIONS: Final[dict[type[exp.Expr], str]] = {exp.Upper: "UPPER", exp.Lower: "LOWER"}
_NUMBER_FUNCTIONS: Final[dict[type[exp.Expr], str]] = {
    exp.Abs: "ns_abs",
    exp.Floor: "ns_floor",
    exp.Ceil: "ns_ceil",
    exp.Sign: "ns_sign",
}


@dataclass
class Statement:
    """What one translation knows and learns: the catalog, refusals by switch, the kinds of its parameters."""

    catalog: Catalog
    places: dict[str, int]
    bound_to_date_refused: bool = False
    bound_number_refused: bool = False
    sys_extract_utc_refused: bool = False
    parameter_kinds: dict[int, str] = field(default_factory=dict)


class Expressions:
    """Expressions of one SELECT. `subselect` translates a nested query in this scope: (sql, kind of column 1)."""

    def __init__(
        self, statement: Statement, scope: Scope, subselect: Callable[[exp.Expr], tuple[str, str]]
    ) -> None:
        self.statement = statement
        self.scope = scope
        self._subselect = subselect

    # Conditions

    def condition(self, node: exp.Expr) -> str:
        """SQL of a condition. Raises NetSuiteRefusedError."""
        if isinstance(node, exp.And | exp.Or):
            word = "AND" if isinstance(node, exp.And) else "OR"
            return f"({self.condition(node.left)} {word} {self.condition(node.right)})"
        if isinstance(node, exp.Not):
            return f"(NOT {self.condition(node.this)})"
        if isinstance(node, exp.Paren):
            return f"({self.condition(node.this)})"
        if type(node) in _COMPARISONS:
            return self._comparison(node)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return f"({self.value(node.this).sql} IS NULL)"
        if isinstance(node, exp.Exists):
            return f"EXISTS ({self._subselect(node.this)[0]})"
        if isinstance(node, exp.In):
            return self._membership(node)
        if isinstance(node, exp.Between):
            value = self.value(node.this)
            low, high = self.paired(value, node.args["low"]), self.paired(value, node.args["high"])
            return f"({compare(value, '>=', low)} AND {compare(value, '<=', high)})"
        if isinstance(node, exp.Like):
            return f"({as_text(self.value(node.this))} LIKE {self.text(node.expression)})"
        if isinstance(node, exp.Escape):
            return f"({self.condition(node.this)[1:-1]} ESCAPE {self.text(node.expression)})"
        raise unsupported(f"{type(node).__name__} is not a condition.")

    def _comparison(self, node: exp.Expr) -> str:
        left, right = self.value(node.this), self.value(node.expression)
        left, right = self._bind(left, right), self._bind(right, left)
        return f"({compare(left, _COMPARISONS[type(node)], right)})"

    def _membership(self, node: exp.In) -> str:
        value = self.value(node.this)
        query = node.args.get("query")
        if query is not None:
            sql, kind = self._subselect(query)
            if value.kind == "id" or value.kind == kind:
                return f"({value.sql} IN ({sql}))"
            return f"({as_text(value)} IN (SELECT CAST(k0 AS TEXT) FROM ({sql})))"
        members = [self.paired(value, member) for member in node.expressions]
        if all(member.kind == value.kind and value.kind != "decimal" for member in members):
            return f"({value.sql} IN ({', '.join(member.sql for member in members)}))"
        return f"({' OR '.join(compare(value, '=', member) for member in members)})"

    def paired(self, value: Typed, other: exp.Expr) -> Typed:
        return self._bind(self.value(other), value)

    def _bind(self, value: Typed, other: Typed) -> Typed:
        """A parameter takes the kind of what it is compared with."""
        if value.kind != "param":
            return value
        if other.kind in NUMBERS and self.statement.bound_number_refused:
            raise unsupported("A bound parameter cannot be compared with a number.")
        kind = other.kind if other.kind in NUMBERS else "text"
        self.statement.parameter_kinds[int(value.sql.removeprefix(":p"))] = kind
        return Typed(value.sql, kind if other.kind in NUMBERS or other.kind != "param" else "param")

    # Values

    def value(self, node: exp.Expr) -> Typed:
        """A value's SQL and kind. Raises NetSuiteRefusedError."""
        found = _VALUES.get(type(node))
        if found is not None:
            return found(self, node)
        if type(node) in _ARITHMETIC:
            return arithmetic(_ARITHMETIC[type(node)], self.value(node.this), self.value(node.expression))
        if type(node) in _TEXT_FUNCTIONS:
            return Typed(f"{_TEXT_FUNCTIONS[type(node)]}({self.text(node.this)})", "text")
        if type(node) in _NUMBER_FUNCTIONS:
            return Typed(f"{_NUMBER_FUNCTIONS[type(node)]}({self.value(node.this).sql})", "decimal")
        name = node.sql_name() if isinstance(node, exp.Func) else type(node).__name__.upper()
        raise unsupported(f"Function {name} is not supported.")

    def text(self, node: exp.Expr) -> str:
        value = self.value(node)
        if value.kind in ("date", "datetime", "wall", "utc"):
            return f"ns_render({as_wall(value)}, 'MM/DD/YYYY')"
        return as_text(value)

    def _column(self, node: exp.Column) -> Typed:
        name, qualifier = node.name.lower(), node.table.lower() or None
        if qualifier is None and name in _SESSION:
            return _SESSION[name]
        if qualifier is None and name == "rownum":
            return Typed("ROW_NUMBER() OVER ()", "id")
        return self.scope.column(name, qualifier)

    def _placeholder(self, node: exp.Placeholder) -> Typed:
        place = self.statement.places[str(node.this)]
        self.statement.parameter_kinds.setdefault(place, "text")
        return Typed(f":p{place}", "param")

    def _negative(self, node: exp.Neg) -> Typed:
        value = self.value(node.this)
        if isinstance(node.this, exp.Literal) and value.kind == "id":
            return Typed(f"-{value.sql}", "id")
        return Typed(f"ns_neg({value.sql})", "decimal")

    def _case(self, node: exp.Case) -> Typed:
        branches = [self.value(branch.args["true"]) for branch in node.args["ifs"]]
        default = self.value(node.args["default"]) if node.args.get("default") else Typed("NULL", "null")
        sqls, kind = unify([*branches, default])
        conditions = []
        for branch in node.args["ifs"]:
            test = branch.this if node.this is None else exp.EQ(this=node.this.copy(), expression=branch.this)
            conditions.append(self.condition(test))
        whens = " ".join(f"WHEN {test} THEN {sql}" for test, sql in zip(conditions, sqls[:-1], strict=True))
        return Typed(f"CASE {whens} ELSE {sqls[-1]} END", kind)

    def _decode(self, node: exp.Expr) -> Typed:
        subject, *rest = node.expressions
        value = self.value(subject)
        default = self.value(rest.pop()) if len(rest) % 2 else Typed("NULL", "null")
        sqls, kind = unify([*(self.value(result) for result in rest[1::2]), default])
        whens = []
        for search, sql in zip(rest[::2], sqls[:-1], strict=True):
            other = self.paired(value, search)
            test = f"{value.sql} IS NULL" if other.kind == "null" else compare(value, "=", other)
            whens.append(f"WHEN {test} THEN {sql}")
        return Typed(f"CASE {' '.join(whens)} ELSE {sqls[-1]} END", kind)

    def coalesce(self, nodes: list[exp.Expr]) -> Typed:
        sqls, kind = unify([self.value(node) for node in nodes])
        return Typed(f"COALESCE({', '.join(sqls)})", kind)

    def _count(self, node: exp.Count) -> Typed:
        inner = node.this
        if isinstance(inner, exp.Star):
            return Typed("COUNT(*)", "id")
        if isinstance(inner, exp.Distinct):
            return Typed(f"COUNT(DISTINCT {self.value(inner.expressions[0]).sql})", "id")
        return Typed(f"COUNT({self.value(inner).sql})", "id")

    def _aggregate(self, node: exp.Expr) -> Typed:
        inner, distinct = node.this, ""
        if isinstance(inner, exp.Distinct):
            inner, distinct = inner.expressions[0], "DISTINCT "
        value, name = self.value(inner), type(node).__name__.lower()
        if name in ("sum", "avg"):
            return Typed(f"ns_{name}({distinct}{value.sql})", "decimal")
        if value.kind == "decimal":
            return Typed(f"ns_{name}({value.sql})", "decimal")
        return Typed(f"{name.upper()}({value.sql})", value.kind)

    def _window(self, node: exp.Window) -> Typed:
        if not isinstance(node.this, exp.RowNumber | exp.Rank | exp.DenseRank):
            raise unsupported("Only ROW_NUMBER, RANK and DENSE_RANK take OVER here.")
        name = {"RowNumber": "ROW_NUMBER", "Rank": "RANK", "DenseRank": "DENSE_RANK"}[
            type(node.this).__name__
        ]
        parts = []
        if node.args.get("partition_by"):
            parts.append(
                "PARTITION BY " + ", ".join(self.value(key).sql for key in node.args["partition_by"])
            )
        order = node.args.get("order")
        if order is not None:
            parts.append("ORDER BY " + ", ".join(self.sort_key(key) for key in order.expressions))
        return Typed(f"{name}() OVER ({' '.join(parts)})", "id")

    def sort_key(self, node: exp.Ordered, value: Typed | None = None) -> str:
        """One key of an ORDER BY: numbers by value, NULLs last going up and first going down."""
        value = value or self.value(node.this)
        down = bool(node.args.get("desc"))
        collation = " COLLATE ns_number" if value.kind == "decimal" else ""
        column = node.this
        bare = isinstance(column, exp.Column) and not value.computed
        if (
            bare
            and self.scope.cut is None
            and self.scope.is_never_null(column.name.lower(), column.table.lower() or None)
        ):
            return f"{value.sql}{' DESC' if down else ''}"
        # sqlglot has filled in Oracle's default.
        first = bool(node.args.get("nulls_first"))
        return f"{value.sql}{collation}{' DESC' if down else ''} NULLS {'FIRST' if first else 'LAST'}"

    def _function(self, node: exp.Anonymous) -> Typed:
        return builtin.call(self, str(node.this).upper(), node.expressions)

    def _dotted(self, node: exp.Dot) -> Typed:
        if not isinstance(node.expression, exp.Anonymous) or node.this.name.upper() != "BUILTIN":
            raise invalid_query(f"Search error occurred: Unknown identifier '{node.sql()}'.")
        return builtin.netsuite_call(self, str(node.expression.this).upper(), node.expression.expressions)

    def _scalar(self, node: exp.Subquery) -> Typed:
        sql, kind = self._subselect(node)
        return Typed(f"({sql})", kind)


_Handler = Callable[[Expressions, Any], Typed]
_VALUES: Final[dict[type[exp.Expr], _Handler]] = {
    exp.Column: Expressions._column,
    exp.Literal: lambda _, node: literal(node.name, is_string=node.is_string),
    exp.Null: lambda *_: Typed("NULL", "null"),
    exp.Placeholder: Expressions._placeholder,
    exp.Paren: lambda self, node: self.value(node.this)._replace(computed=True),
    exp.Neg: Expressions._negative,
    exp.Case: Expressions._case,
    exp.DecodeCase: Expressions._decode,
    exp.Coalesce: lambda self, node: self.coalesce([node.this, *node.expressions]),
    exp.Count: Expressions._count,
    exp.Sum: Expressions._aggregate,
    exp.Avg: Expressions._aggregate,
    exp.Min: Expressions._aggregate,
    exp.Max: Expressions._aggregate,
    exp.Window: Expressions._window,
    exp.DPipe: operators.joined,
    exp.Substring: operators.substring,
    exp.Length: lambda self, node: Typed(f"LENGTH({self.text(node.this)})", "id"),
    exp.Trim: lambda self, node: Typed(f"TRIM({self.text(node.this)})", "text"),
    exp.StrPosition: lambda self, node: Typed(
        f"INSTR({self.text(node.this)}, {self.text(node.args['substr'])})", "id"
    ),
    exp.Replace: operators.replace,
    exp.ToNumber: lambda self, node: Typed(f"ns_number({self.value(node.this).sql})", "decimal"),
    exp.Cast: operators.cast,
    exp.Anonymous: Expressions._function,
    exp.Dot: Expressions._dotted,
    exp.Subquery: Expressions._scalar,
    exp.Round: operators.rounded,
    exp.Greatest: operators.extreme,
    exp.Least: operators.extreme,
    exp.Nullif: operators.nullif,
    exp.CurrentTimestamp: lambda *_: _SESSION["sysdate"],
}
