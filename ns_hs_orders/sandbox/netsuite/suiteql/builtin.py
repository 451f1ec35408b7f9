"""Functions with a meaning of their own in SuiteQL: dates with masks, NVL, BUILTIN.DF and BUILTIN.CF.

Belongs here: one function of SuiteQL each.
Does not belong here: SQL operators and Oracle functions that SQLite has as well (expressions).
"""

# ruff: noqa: S608 - names come from the catalog, texts are quoted, values are bound
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from ns_hs_orders.sandbox.netsuite.errors import invalid_query, unsupported
from ns_hs_orders.sandbox.netsuite.suiteql.scope import Typed
from ns_hs_orders.sandbox.netsuite.suiteql.values import DATES, TEXTS, as_text, as_wall, quote, unify
from ns_hs_orders.sandbox.netsuite.tables import STATUSES

if TYPE_CHECKING:
    from ns_hs_orders.sandbox.netsuite.suiteql.expressions import Expressions

# What BUILTIN.DF shows for a column that holds an id: (table, key, shown column), first hit wins.
_SHOWN_AS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "entity": (
        ("customer", "id", "COALESCE(altname, companyname, entityid)"),
        ("job", "id", "entityid"),
        ("partner", "id", "entityid"),
        ("employee", "id", "entityid"),
    ),
    "customer": (("customer", "id", "COALESCE(altname, companyname, entityid)"),),
    "parent": (("customer", "id", "COALESCE(altname, companyname, entityid)"),),
    "employee": (("employee", "id", "entityid"),),
    "salesrep": (("employee", "id", "entityid"),),
    "supervisor": (("employee", "id", "entityid"),),
    "createdby": (("employee", "id", "entityid"),),
    "partner": (("partner", "id", "COALESCE(companyname, entityid)"),),
    "currency": (("currency", "id", "name"),),
    "item": (("item", "id", "itemid"), ("shipitem", "id", "itemid")),
    "shipmethod": (("shipitem", "id", "itemid"), ("item", "id", "itemid")),
    "subsidiary": (("subsidiary", "id", "COALESCE(fullname, name)"),),
    "trackingnumber": (("trackingnumber", "id", "trackingnumber"),),
}


def call(expressions: Expressions, name: str, arguments: list[exp.Expr]) -> Typed:
    """A function by name. Raises NetSuiteRefusedError on unknown ones and wrong arguments."""
    found = _FUNCTIONS.get(name)
    if found is None:
        raise unsupported(f"Function {name} is not supported.")
    low, high, function = found
    if not low <= len(arguments) <= high:
        raise invalid_query(f"Search error occurred: invalid number of arguments for {name}.")
    return function(expressions, arguments)


def netsuite_call(expressions: Expressions, name: str, arguments: list[exp.Expr]) -> Typed:
    """A BUILTIN function. Raises NetSuiteRefusedError on one that is not imitated."""
    if name not in ("DF", "CF") or len(arguments) != 1:
        raise unsupported(f"BUILTIN.{name} is not supported.")
    (column,) = arguments
    if not isinstance(column, exp.Column):
        raise unsupported(f"BUILTIN.{name} takes one field.")
    value = expressions.value(column)
    field, qualifier = column.name.lower(), column.table.lower() or None
    source = expressions.scope.source_of(field, qualifier)
    if field == "status" and source is not None and source.table == "transaction":
        type_id = expressions.scope.column("type", source.alias)
        if name == "CF":
            return Typed(f"({type_id.sql} || ':' || {value.sql})", "text")
        lookup = (
            f"(SELECT fullname FROM transactionstatus ns_df WHERE ns_df.trantype = {type_id.sql} "
            f"AND ns_df.id = {value.sql} LIMIT 1)"
        )
        return Typed(f"COALESCE({lookup}, {value.sql})", "text")
    if name == "CF":
        return Typed(as_text(value), "text")
    if field == "type" and source is not None and source.table == "transaction":
        whens = " ".join(f"WHEN {quote(key)} THEN {quote(shown)}" for key, (shown, _) in STATUSES.items())
        return Typed(f"CASE {value.sql} {whens} ELSE {value.sql} END", "text")
    lookups = [
        f"(SELECT {shown} FROM {table} ns_df WHERE ns_df.{key} = {value.sql} LIMIT 1)"
        for table, key, shown in _SHOWN_AS.get(field, ())
    ]
    if value.kind in DATES:
        return Typed(value.sql, value.kind)
    if value.kind == "bool":
        return Typed(f"CASE {value.sql} WHEN 'T' THEN 'Yes' WHEN 'F' THEN 'No' END", "text")
    return Typed(f"COALESCE({', '.join([*lookups, as_text(value), 'NULL'])})", "text")


def _mask(arguments: list[exp.Expr]) -> str:
    mask = arguments[1]
    if not isinstance(mask, exp.Literal) or not mask.is_string:
        raise unsupported("A date format is a text literal.")
    return quote(mask.name)


def _to_char(expressions: Expressions, arguments: list[exp.Expr]) -> Typed:
    value = expressions.value(arguments[0])
    if len(arguments) == 1:
        shown = f"ns_render({as_wall(value)}, 'DD-MON-YY')" if value.kind in DATES else as_text(value)
        return Typed(shown, "text")
    if value.kind in DATES or value.kind in TEXTS or value.kind == "null":
        return Typed(f"ns_render({as_wall(value)}, {_mask(arguments)})", "text")
    raise unsupported("TO_CHAR of a number with a format is not imitated by this emulator.")


def _to_date(expressions: Expressions, arguments: list[exp.Expr]) -> Typed:
    if isinstance(arguments[0], exp.Placeholder) and expressions.statement.bound_to_date_refused:
        raise unsupported("A bound parameter is not accepted inside TO_DATE.")
    return Typed(f"ns_parse({expressions.value(arguments[0]).sql}, {_mask(arguments)})", "wall")


def _to_number(expressions: Expressions, arguments: list[exp.Expr]) -> Typed:
    return Typed(f"ns_number({expressions.value(arguments[0]).sql})", "decimal")


def _trunc(expressions: Expressions, arguments: list[exp.Expr]) -> Typed:
    value = expressions.value(arguments[0])
    if value.kind in DATES:
        if len(arguments) > 1 and not (
            isinstance(arguments[1], exp.Literal) and arguments[1].name.upper() == "DD"
        ):
            raise unsupported("TRUNC of a date to anything but the day is not imitated by this emulator.")
        return Typed(f"ns_day({as_wall(value)})", "wall")
    digits = expressions.value(arguments[1]).sql if len(arguments) > 1 else "0"
    return Typed(f"ns_trunc({value.sql}, {digits})", "decimal")


def _sys_extract_utc(expressions: Expressions, arguments: list[exp.Expr]) -> Typed:
    if expressions.statement.sys_extract_utc_refused:
        raise unsupported("Function SYS_EXTRACT_UTC is not supported for this field.")
    value = expressions.value(arguments[0])
    if value.kind == "datetime":
        return Typed(value.sql, "utc")
    if value.kind == "wall":
        return Typed(f"ns_utc({value.sql})", "utc")
    raise invalid_query("Search error occurred: inconsistent datatypes: SYS_EXTRACT_UTC takes a timestamp.")


def _nvl(expressions: Expressions, arguments: list[exp.Expr]) -> Typed:
    return expressions.coalesce(arguments)


def _nvl2(expressions: Expressions, arguments: list[exp.Expr]) -> Typed:
    test = expressions.value(arguments[0])
    sqls, kind = unify([expressions.value(argument) for argument in arguments[1:]])
    return Typed(f"CASE WHEN {test.sql} IS NOT NULL THEN {sqls[0]} ELSE {sqls[1]} END", kind)


_Function = Callable[["Expressions", list[exp.Expr]], Typed]
_FUNCTIONS: Final[dict[str, tuple[int, int, _Function]]] = {
    "TO_CHAR": (1, 2, _to_char),
    "TO_DATE": (2, 2, _to_date),
    "TO_TIMESTAMP": (2, 2, _to_date),
    "TO_NUMBER": (1, 1, _to_number),
    "TRUNC": (1, 2, _trunc),
    "SYS_EXTRACT_UTC": (1, 1, _sys_extract_utc),
    "NVL": (2, 2, _nvl),
    "NVL2": (3, 3, _nvl2),
}
