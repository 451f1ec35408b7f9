"""A whole SuiteQL query as one SQLite query.

Belongs here: FROM and joins, the select list and its keys, grouping, ordering, ROWNUM, FETCH, set operations.
Does not belong here: single expressions (expressions), running it (execute).
"""

# ruff: noqa: S608 - names come from the catalog, texts are quoted, values are bound
from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlglot import exp

from ns_hs_orders.sandbox.netsuite.errors import invalid_query, unsupported
from ns_hs_orders.sandbox.netsuite.suiteql.dialect import parse
from ns_hs_orders.sandbox.netsuite.suiteql.expressions import Expressions, Statement
from ns_hs_orders.sandbox.netsuite.suiteql.rows import aggregates, conjuncts, rownum_limit
from ns_hs_orders.sandbox.netsuite.suiteql.scope import Catalog, Scope, Source, Typed
from ns_hs_orders.sandbox.switches import Switches

_SELECT_PARTS: Final = frozenset(
    {
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "order",
        "limit",
        "offset",
        "distinct",
        "kind",
    }
)


class OutputColumn(NamedTuple):
    """A key of the answer's items, and what its values are."""

    key: str
    kind: str
    computed: bool


@dataclass(frozen=True)
class Translated:
    """A query ready to run: `sql` in order, `count_sql` its number of rows, kinds of `?` by their place."""

    sql: str
    count_sql: str
    columns: tuple[OutputColumn, ...]
    parameter_kinds: dict[int, str]
    parameters: int


@dataclass(frozen=True)
class _Query:
    sql: str
    columns: tuple[OutputColumn, ...]
    count_sql: str
    is_limited: bool


def translate(query: str, catalog: Catalog, switches: Switches) -> Translated:
    """Parses, checks and translates. Raises NetSuiteRefusedError."""
    tree = parse(query)
    places = sorted(int(str(node.this)) for node in tree.find_all(exp.Placeholder))
    statement = Statement(
        catalog,
        {str(position): number for number, position in enumerate(places, start=1)},
        bound_to_date_refused=switches.bound_to_date_refused,
        bound_number_refused=switches.bound_number_refused,
        sys_extract_utc_refused=switches.sys_extract_utc_refused,
    )
    found = _query(statement, tree, None)
    sql = f"SELECT * FROM ({found.sql})" if found.is_limited else found.sql
    columns = _answer_keys(found.columns, drop_computed=switches.drop_computed_aliases)
    return Translated(sql, found.count_sql, columns, statement.parameter_kinds, len(places))


def _answer_keys(columns: tuple[OutputColumn, ...], *, drop_computed: bool) -> tuple[OutputColumn, ...]:
    keys: dict[str, None] = {}
    answered, computed = [], 0
    for column in columns:
        key = column.key
        if column.computed:
            computed += 1
            key = f"expr{computed}" if drop_computed or not key else key
        base, number = key, 0
        while key in keys:
            key, number = f"{base}_{number}", number + 1
        keys[key] = None
        answered.append(column._replace(key=key))
    return tuple(answered)


def _query(statement: Statement, tree: exp.Expr, parent: Scope | None) -> _Query:
    while isinstance(tree, exp.Subquery | exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.SetOperation):
        return _set_operation(statement, tree, parent)
    if isinstance(tree, exp.Select):
        return _Select(statement, tree, parent).translate()
    raise unsupported("Only SELECT is allowed.")


def _fetch(tree: exp.Expr) -> str:
    """FETCH FIRST and OFFSET as SQLite's LIMIT, empty where the query has neither."""
    fetch, offset = tree.args.get("limit"), tree.args.get("offset")
    if fetch is None and offset is None:
        return ""
    numbers = []
    for node in (fetch.args.get("count") if fetch else None, offset.expression if offset else None):
        if node is not None and (not isinstance(node, exp.Literal) or not node.name.isdigit()):
            raise unsupported("FETCH FIRST and OFFSET take a plain number.")
        numbers.append(node.name if node is not None else None)
    return f" LIMIT {numbers[0] or -1} OFFSET {numbers[1] or 0}"


def _set_operation(statement: Statement, tree: exp.SetOperation, parent: Scope | None) -> _Query:
    word = {"Union": "UNION", "Intersect": "INTERSECT", "Except": "EXCEPT"}[type(tree).__name__]
    if tree.args.get("distinct") is False:
        if word != "UNION":
            raise unsupported(f"{word} ALL is not supported.")
        word = "UNION ALL"
    left, right = _query(statement, tree.left, parent), _query(statement, tree.right, parent)
    if len(left.columns) != len(right.columns):
        raise invalid_query("Search error occurred: query block has incorrect number of result columns.")
    sql = f"SELECT * FROM ({left.sql}) {word} SELECT * FROM ({right.sql})"
    order = tree.args.get("order")
    if order is not None:
        names = [column.key for column in left.columns]
        keys = []
        for node in order.expressions:
            column = node.this
            number = int(column.name) if isinstance(column, exp.Literal) and column.name.isdigit() else 0
            if not number and isinstance(column, exp.Column) and column.name.lower() in names:
                number = names.index(column.name.lower()) + 1
            if not 1 <= number <= len(names):
                raise invalid_query("Search error occurred: ORDER BY item must be a column of the UNION.")
            collation = " COLLATE ns_number" if left.columns[number - 1].kind == "decimal" else ""
            nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
            keys.append(f"{number}{collation}{' DESC' if node.args.get('desc') else ''} NULLS {nulls}")
        sql += " ORDER BY " + ", ".join(keys)
    limit = _fetch(tree)
    return _Query(f"{sql}{limit}", left.columns, f"SELECT COUNT(*) FROM ({sql}{limit})", bool(limit))


class _Select:
    """The translation of one SELECT."""

    def __init__(self, statement: Statement, tree: exp.Select, parent: Scope | None) -> None:
        unknown = {name for name, part in tree.args.items() if part} - _SELECT_PARTS
        if unknown:
            raise unsupported(f"Clause {', '.join(sorted(unknown)).upper()} is not supported.")
        self.statement = statement
        self.tree = tree
        self.scope = Scope(parent)
        self.expressions = Expressions(statement, self.scope, self._nested)
        self._projections: list[tuple[str, Typed, exp.Expr]] = []

    def _nested(self, tree: exp.Expr) -> tuple[str, str]:
        found = _query(self.statement, tree, self.scope)
        return found.sql, found.columns[0].kind

    def translate(self) -> _Query:
        from_sql = self._from()
        where, cut = self._where()
        if cut is not None:
            self.scope.cut = {}
        self._project()
        group, having = self._group()
        order = self._order()
        select = ", ".join(
            f'{typed.sql} AS "k{number}"' for number, (_, typed, _) in enumerate(self._projections)
        )
        distinct = "DISTINCT " if self.tree.args.get("distinct") else ""
        if cut is not None:
            inner = ", ".join(f'{sql} AS "{name}"' for sql, name in (self.scope.cut or {}).items()) or "1"
            body = f"FROM (SELECT {inner} {from_sql}{where} LIMIT {cut}) AS ns_cut"
        else:
            body = f"{from_sql}{where}"
        limit = _fetch(self.tree)
        sql = f"SELECT {distinct}{select} {body}{group}{having}{order}{limit}"
        plain = not (distinct or group or having or limit or self._has_aggregate())
        count = f"SELECT COUNT(*) {body}" if plain else f"SELECT COUNT(*) FROM ({sql})"
        columns = tuple(OutputColumn(key, typed.kind, typed.computed) for key, typed, _ in self._projections)
        return _Query(sql, columns, count, bool(limit))

    # FROM

    def _from(self) -> str:
        first = self.tree.args.get("from_")
        if first is None:
            raise unsupported("A query needs a FROM; use DUAL.")
        sql = f"FROM {self._source(first.this)}"
        for join in self.tree.args.get("joins") or []:
            left = join.side == "LEFT"
            on = join.args.get("on")
            if on is None and (left or join.kind == "INNER"):
                raise unsupported("A JOIN needs ON.")
            piece = self._source(join.this, optional=left)
            condition = f" ON {self.expressions.condition(on)}" if on is not None else ""
            sql += f" {'LEFT JOIN' if left else 'JOIN'} {piece}{condition}"
        return sql

    def _source(self, node: exp.Expr, *, optional: bool = False) -> str:
        if isinstance(node, exp.Table):
            if node.db or node.args.get("joins"):
                raise invalid_query(f"Search error occurred: Invalid search type: {node.sql()}.")
            table, alias = node.name.lower(), (node.alias or node.name).lower()
            source = self.statement.catalog.source(table, node.name, alias)
        elif isinstance(node, exp.Subquery):
            found = _query(self.statement, node, self.scope.parent)
            names = _answer_keys(found.columns, drop_computed=False)
            renamed = ", ".join(f'"k{number}" AS "{column.key}"' for number, column in enumerate(names))
            alias = (node.alias or f"ns_q{len(self.scope.sources)}").lower()
            kinds = {column.key: column.kind for column in names}
            source = Source(alias, f"(SELECT {renamed} FROM ({found.sql}))", kinds, {}, alias)
        else:
            raise unsupported("A FROM holds tables and subselects.")
        source.optional = optional
        self.scope.add(source)
        return f'{source.sql} AS "{source.alias}"'

    # WHERE, with ROWNUM taken out

    def _where(self) -> tuple[str, int | None]:
        where = self.tree.args.get("where")
        if where is None:
            return "", None
        rest, cut = [], None
        for node in conjuncts(where.this):
            limit = rownum_limit(node)
            if limit is None:
                rest.append(self.expressions.condition(node))
            else:
                cut = limit if cut is None else min(cut, limit)
        return (f" WHERE {' AND '.join(rest)}" if rest else ""), cut

    # SELECT list

    def _project(self) -> None:
        for node in self.tree.expressions:
            if isinstance(node, exp.Star) or (
                isinstance(node, exp.Column) and isinstance(node.this, exp.Star)
            ):
                self._project_all(node)
                continue
            inner = node.this if isinstance(node, exp.Alias) else node
            typed = self.expressions.value(inner)
            key = (
                node.alias.lower()
                if isinstance(node, exp.Alias)
                else (inner.name.lower() if isinstance(inner, exp.Column) else "")
            )
            self._projections.append((key, typed, inner))
        if not self._projections:
            raise unsupported("The select list is empty.")

    def _project_all(self, node: exp.Expr) -> None:
        qualifier = node.table.lower() if isinstance(node, exp.Column) else ""
        if qualifier and qualifier not in self.scope.sources:
            raise invalid_query(f"Search error occurred: Unknown identifier '{qualifier}'.")
        for source in self.scope.sources.values():
            if qualifier in ("", source.alias):
                for name in source.columns:
                    column = exp.column(name, table=source.alias)
                    self._projections.append((name, self.scope.column(name, source.alias), column))

    # GROUP BY

    def _has_aggregate(self) -> bool:
        return any(aggregates(node) for _, _, node in self._projections)

    def _group(self) -> tuple[str, str]:
        group, having = self.tree.args.get("group"), self.tree.args.get("having")
        keys = list(group.expressions) if group else []
        if group or having or self._has_aggregate():
            # Sent as SQL text, so that t.id and T.ID are the same key.
            grouped = {self.expressions.value(key).sql for key in keys}
            for _, _, node in self._projections:
                self._check_grouped(node, grouped)
        sqls = []
        for key in keys:
            if isinstance(key, exp.Literal):
                raise invalid_query("Search error occurred: GROUP BY takes expressions, not positions.")
            typed = self.expressions.value(key)
            sqls.append(f"ns_canon({typed.sql})" if typed.kind == "decimal" else typed.sql)
        having_sql = f" HAVING {self.expressions.condition(having.this)}" if having else ""
        return (f" GROUP BY {', '.join(sqls)}" if sqls else ""), having_sql

    def _check_grouped(self, node: exp.Expr, grouped: set[str]) -> None:
        if isinstance(node, exp.AggFunc | exp.Window | exp.Subquery | exp.Literal | exp.Placeholder):
            return
        is_value = isinstance(node, exp.Column | exp.Func | exp.Binary | exp.Dot | exp.Paren)
        if is_value and not isinstance(node, exp.Connector | exp.Predicate):
            typed = self.expressions.value(node)
            if typed.sql in grouped or (isinstance(node, exp.Column) and "." not in typed.sql):
                return
            if isinstance(node, exp.Column):
                raise invalid_query(f"Search error occurred: not a GROUP BY expression: '{node.sql()}'.")
        for child in node.iter_expressions():
            if not isinstance(child, exp.Identifier | exp.DataType):
                self._check_grouped(child, grouped)

    # ORDER BY

    def _order(self) -> str:
        order = self.tree.args.get("order")
        if order is None:
            return ""
        keys = [
            self.expressions.sort_key(node, self._sorted_projection(node.this)) for node in order.expressions
        ]
        return " ORDER BY " + ", ".join(keys)

    def _sorted_projection(self, node: exp.Expr) -> Typed | None:
        """The projection that an ORDER BY item names by position or alias."""
        if isinstance(node, exp.Literal) and not node.is_string:
            number = int(node.name) if node.name.isdigit() else 0
            if not 1 <= number <= len(self._projections):
                raise invalid_query(
                    "Search error occurred: ORDER BY item must be the number of a SELECT-list expression."
                )
            return self._projections[number - 1][1]
        if isinstance(node, exp.Column) and not node.table:
            for key, typed, _ in self._projections:
                if key == node.name.lower():
                    return typed
        return None
