"""Names in a query: which tables and columns it may see, under which aliases.

Belongs here: the catalog as one role sees it (hidden tables, missing columns), sources, looking names up.
Does not belong here: expressions, SQL of clauses.
"""

# ruff: noqa: S608 - names come from the catalog, texts are quoted, values are bound
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ns_hs_orders.sandbox.netsuite.errors import NetSuiteRefusedError, invalid_query
from ns_hs_orders.sandbox.netsuite.suiteql.views import RowView
from ns_hs_orders.sandbox.netsuite.tables import NOT_EXPOSED, ONEWORLD_COLUMN, ONEWORLD_TABLE, Kind
from ns_hs_orders.sandbox.switches import Switches


class Typed(NamedTuple):
    """A piece of SQLite SQL and what it yields: a stored Kind, or wall (session time), utc, param, null."""

    sql: str
    kind: str
    computed: bool = True


class Catalog:
    """Tables and columns as the integration's role sees them."""

    def __init__(self, kinds: Mapping[str, Mapping[str, Kind]], switches: Switches) -> None:
        self._kinds = kinds
        self._hidden = {name.lower() for name in switches.hidden_tables}
        self._hidden_is_error = switches.hidden_tables_answer == "error"
        self._missing = {name.lower() for name in switches.missing_columns}
        self._missing_is_unexpected = switches.missing_columns_answer == "unexpected"
        self._oneworld = switches.oneworld
        self._view = RowView(
            switches.hidden_transaction_types, switches.return_line_amounts, switches.return_totals
        )

    def source(self, table: str, shown: str, alias: str) -> Source:
        """The table as a source of a FROM. Raises NetSuiteRefusedError where the role has no such table."""
        if table == "dual":
            return Source(alias, "(SELECT 'X' AS dummy)", {"dummy": "text"}, {}, shown)
        columns = self._kinds.get(table)
        if columns is None or (table == ONEWORLD_TABLE and not self._oneworld):
            raise invalid_query(f"Search error occurred: Invalid search type: {shown}.")
        from_sql = f'"{table}"'
        if table in self._hidden:
            if self._hidden_is_error:
                raise NetSuiteRefusedError(
                    400,
                    "INVALID_PARAMETER",
                    "Invalid search query. Detailed unprocessed description follows. "
                    f"Search error occurred: Record '{shown}' was not found.",
                    query_param="q",
                )
            from_sql = f'(SELECT * FROM "{table}" WHERE 0)'
        elif (view := self._view.of(table, columns)) is not None:
            from_sql = view
        refused = dict.fromkeys(
            NOT_EXPOSED.get(table, ()), "NOT_EXPOSED - Field is marked as internal for channel SEARCH"
        )
        visible: dict[str, str] = {
            name: kind
            for name, kind in columns.items()
            if f"{table}.{name}" not in self._missing and (self._oneworld or name != ONEWORLD_COLUMN)
        }
        if self._missing_is_unexpected:
            prefix = f"{table}."
            refused |= {name.removeprefix(prefix): "" for name in self._missing if name.startswith(prefix)}
        return Source(alias, from_sql, visible, refused, shown, table)


@dataclass
class Source:
    """One table or subselect of a FROM: its columns, and the columns that NetSuite knows but refuses."""

    alias: str
    sql: str
    columns: Mapping[str, str]
    refused: Mapping[str, str]
    shown: str
    table: str = ""
    optional: bool = False  # on the far side of a LEFT JOIN


# Keys without NULLs in a world: sorted by them, an index is enough.
_NEVER_NULL: Final = frozenset(
    {
        "id",
        "uniquekey",
        "transaction",
        "lastmodifieddate",
        "linelastmodifieddate",
        "nkey",
        "recordid",
        "deleteddate",
    }
)


@dataclass
class Scope:
    """The sources of one SELECT, and the scope around it."""

    parent: Scope | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    # After ROWNUM has cut the rows, columns are read from the cut rows: original SQL → name there.
    cut: dict[str, str] | None = None

    def add(self, source: Source) -> None:
        if source.alias in self.sources:
            raise invalid_query(f"Duplicate alias '{source.alias}'.")
        self.sources[source.alias] = source

    def column(self, name: str, qualifier: str | None) -> Typed:
        """The column's SQL. Raises NetSuiteRefusedError on unknown, refused or ambiguous names."""
        found = self._find(name, qualifier)
        if found is None:
            shown = f"{qualifier}.{name}" if qualifier and qualifier not in self._aliases() else name
            known = ", ".join(f"{source.alias}={source.shown}" for source in self.sources.values())
            raise invalid_query(
                f"Search error occurred: Unknown identifier '{shown}'. Available identifiers are: {{{known}}}."
            )
        return found

    def is_never_null(self, name: str, qualifier: str | None) -> bool:
        """Whether a column can be sorted without a thought about NULLs."""
        holders = [self.sources.get(qualifier)] if qualifier else list(self.sources.values())
        return name in _NEVER_NULL and all(holder is not None and not holder.optional for holder in holders)

    def source_of(self, name: str, qualifier: str | None) -> Source | None:
        if qualifier:
            found = self.sources.get(qualifier)
            return found or (self.parent.source_of(name, qualifier) if self.parent else None)
        for source in self.sources.values():
            if name in source.columns:
                return source
        return self.parent.source_of(name, None) if self.parent else None

    def _aliases(self) -> set[str]:
        return set(self.sources) | (self.parent._aliases() if self.parent else set())

    def _find(self, name: str, qualifier: str | None) -> Typed | None:
        holders = [self.sources[qualifier]] if qualifier in self.sources else []
        if qualifier is None:
            holders = list(self.sources.values())
        for source in holders:
            if name in source.refused and not source.refused[name]:
                raise NetSuiteRefusedError(
                    500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: sandbox"
                )
            if name in source.refused:
                raise invalid_query(
                    f"Search error occurred: Field '{name}' for record '{source.shown}' was not found. "
                    f"Reason: {source.refused[name]}."
                )
        matches = [source for source in holders if name in source.columns]
        if len(matches) > 1:
            raise invalid_query(f"Search error occurred: column ambiguously defined: '{name}'.")
        if not matches:
            return self.parent._find(name, qualifier) if self.parent else None
        sql = f'"{matches[0].alias}"."{name}"'
        if self.cut is not None:
            sql = f'"ns_cut"."{self.cut.setdefault(sql, f"c{len(self.cut)}")}"'
        return Typed(sql, matches[0].columns[name], computed=False)
