"""Columns and paths of NetSuite as a mapping file writes them, and the columns behind the default fields.

Belongs here: `memo`, `entity.custentity_x` ↔ an expression of SuiteQL. Does not belong here: whether the account has
the column (extract probes it), or what becomes of its value (in_force.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ns_hs_orders.fields.columns import HEADER_COLUMNS, LINE_COLUMNS
from ns_hs_orders.fields.field import Field, SourceColumn
from ns_hs_orders.mapping_file.entries import near
from ns_hs_orders.mapping_file.vocabulary import JOINS, TABLES

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_LIST_NAME = re.compile(r"BUILTIN\.DF\((.+)\)")
_ON_THE_MAIN_LINE = frozenset({"createdfrom", "subsidiary", "location", "department", "class"})
_COMPUTED_LINE_COLUMNS = frozenset({"quantity"})


@dataclass(frozen=True)
class Path:
    """A column of NetSuite. expression: with its alias. shown: for people, with its table."""

    expression: str
    shown: str


def path_of(section: str, text: str) -> Path | str:
    """The path in a text of the mapping file, or what is wrong with it, in words."""
    join, dot, column = text.strip().lower().rpartition(".")
    alias, table = TABLES[section]
    if not _IDENTIFIER.fullmatch(column) or (dot and not _IDENTIFIER.fullmatch(join)):
        return (
            f"{text!r:.80} is neither a column of NetSuite, as custbody_x, nor a path, as "
            f"{next(iter(JOINS[section]))}.name: letters, digits and underscores only."
        )
    if not dot:
        if section != "lines" and column in _ON_THE_MAIN_LINE:
            return f"{column} is not on the header in NetSuite; write mainline.{column}."
        return Path(f"{alias}.{column}", f"{table}.{column}")
    if join == table:
        return Path(f"{alias}.{column}", f"{table}.{column}")
    if join not in JOINS[section]:
        return f"there is no join {join!r} for {section}{near(join, JOINS[section])} Joins: {', '.join(JOINS[section])}."
    return Path(f"{JOINS[section][join][0]}.{column}", f"{join}.{column}")


def written_path(section: str, column: SourceColumn, account_columns: Mapping[str, str]) -> str:
    """The path of a column of the field map as the file writes it; empty where the account has no such column."""
    expression = column.expression
    if column.setting is not None and "{" in expression:
        if not account_columns.get(column.setting):
            return ""
        expression = expression.format(**{column.setting: account_columns[column.setting]})
    named = _LIST_NAME.fullmatch(expression)
    alias, _, name = (named[1] if named else expression).partition(".")
    joins = {alias: join for join, (alias, _) in JOINS[section].items() if join != "customer"}
    return name if alias == TABLES[section][0] else f"{joins[alias]}.{name}"


def direct_column(section: str, field: Field) -> SourceColumn | None:
    """The one column that a default field takes its value from as it is; None where the value is computed."""
    columns = {"orders": HEADER_COLUMNS, "lines": LINE_COLUMNS}.get(section, ())
    if field.kind in ("money", "owner", "product") or (
        section == "lines" and field.name in _COMPUTED_LINE_COLUMNS
    ):
        return None
    return next((column for column in columns if column.name == field.name), None)


def default_transform(column: SourceColumn, field: Field) -> str:
    """The transform that stands for what the default map does with a column."""
    if _LIST_NAME.fullmatch(column.expression):
        return "list_name"
    if column.kind != "text":
        return column.kind
    return "url" if field.kind == "url" else "text"
