"""NetSuite's records in one SQLite file that any number of processes may read and write.

Belongs here: rows in and out as text, custom columns, the revision.
Does not belong here: SuiteQL (dialect, execute), what an edit means for other records (sandbox/world).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ns_hs_orders.files import private_file, private_folder
from ns_hs_orders.sandbox.netsuite.tables import (
    CUSTOM_FIELD_TYPES,
    CUSTOM_PREFIXES,
    INDEXES,
    STATUSES,
    TABLES,
    Kind,
)

# Ids compare and sort as integers; everything else is kept as the text it came in, decimals too.
_SQLITE_TYPE: Final[dict[Kind, str]] = {"id": "INTEGER"}
_KINDS: Final = ("id", "decimal", "date", "datetime", "bool", "text")
BUSY_SECONDS: Final = 60.0
_SMALL_TABLES: Final = frozenset(
    {"currency", "employee", "partner", "shipitem", "subsidiary", "transactionstatus"}
)
_KEYS: Final = frozenset({"id", "uniquekey", "nkey", "recordid", "tranid"})
_ROWS_OF_ONE: Final = {"type": 25_000, "trandate": 60, "entity": 50, "trantype": 8, "recordid": 5}


class StoreError(ValueError):
    """A table or column that the emulator does not have, or a custom column with a name that NetSuite refuses."""


class NetSuiteStore:
    """Tables with SuiteQL's names. Values are text: ids and decimals as decimal strings, booleans T or F,
    dates YYYY-MM-DD, date-times YYYY-MM-DD HH:MM:SS in UTC; None (or an empty string) is NULL.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._open_lock = threading.Lock()
        self._schema_version = -1
        self._schema: dict[str, dict[str, Kind]] = {}
        private_folder(path.parent)
        private_file(path)
        self._create()

    @property
    def path(self) -> Path:
        return self._path

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            found.execute("PRAGMA journal_mode = WAL")
            found.execute("PRAGMA synchronous = NORMAL")
            found.execute("PRAGMA case_sensitive_like = ON")
            found.execute("PRAGMA cache_size = -16000")
            self._local.connection = found
            self._local.depth = 0
            with self._open_lock:
                self._open.append(found)
        return found

    def close(self) -> None:
        """Closes every connection that this object opened, in all threads."""
        with self._open_lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; readers see none of them before the end."""
        connection = self.connection()
        if self._local.depth:
            self._local.depth += 1
            try:
                yield
            finally:
                self._local.depth -= 1
            return
        connection.execute("BEGIN IMMEDIATE")
        self._local.depth = 1
        try:
            yield
            connection.execute("UPDATE _meta SET value = value + 1 WHERE name = 'revision'")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        else:
            connection.execute("COMMIT")
        finally:
            self._local.depth = 0

    def insert(self, table: str, rows: Iterable[Mapping[str, str | None]]) -> int:
        """Adds rows and returns how many. Raises StoreError on an unknown table or column."""
        batches: dict[tuple[str, ...], list[list[str | None]]] = {}
        for row in rows:
            batches.setdefault(tuple(row), []).append([_text(value) for value in row.values()])
        with self.transaction():
            for columns, values in batches.items():
                self._check(table, columns)
                names = ", ".join(f'"{column}"' for column in columns)
                marks = ", ".join("?" * len(columns))
                self.connection().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)  # noqa: S608
        return sum(len(values) for values in batches.values())

    def update(self, table: str, key: Mapping[str, str], values: Mapping[str, str | None]) -> int:
        """Sets `values` on the rows where every column of `key` is equal; returns how many rows."""
        self._check(table, [*key, *values])
        sets = ", ".join(f'"{column}" = ?' for column in values)
        with self.transaction():
            done = self.connection().execute(
                f'UPDATE "{table}" SET {sets} WHERE {_where(key)}',  # noqa: S608
                [*(_text(value) for value in values.values()), *key.values()],
            )
        return done.rowcount

    def delete(self, table: str, key: Mapping[str, str]) -> int:
        """Removes the rows where every column of `key` is equal; returns how many. Writes no deletedrecord."""
        self._check(table, list(key))
        with self.transaction():
            done = self.connection().execute(
                f'DELETE FROM "{table}" WHERE {_where(key)}',  # noqa: S608
                list(key.values()),
            )
        return done.rowcount

    def rows(self, table: str, **equals: str) -> list[dict[str, str | None]]:
        """Rows in the order they were written, every column, NULL as None."""
        self._check(table, list(equals))
        found = self.connection().execute(
            f'SELECT * FROM "{table}" WHERE {_where(equals)} ORDER BY rowid',  # noqa: S608
            list(equals.values()),
        )
        names = [column[0] for column in found.description]
        return [
            {name: None if value is None else str(value) for name, value in zip(names, row, strict=True)}
            for row in found
        ]

    def highest(self, table: str, column: str) -> int:
        """The highest integer in a column of ids, 0 for none."""
        self._check(table, [column])
        found = self.connection().execute(f'SELECT max(CAST("{column}" AS INTEGER)) FROM "{table}"')  # noqa: S608
        return int(found.fetchone()[0] or 0)

    def kinds(self) -> Mapping[str, Mapping[str, Kind]]:
        """Table → column → what it holds, with the custom columns that exist now."""
        version = int(self.connection().execute("PRAGMA schema_version").fetchone()[0])
        if version != self._schema_version:
            schema = {table: dict(columns) for table, columns in TABLES.items()}
            for table, column, kind in self.connection().execute(
                "SELECT tbl, name, kind FROM _custom ORDER BY rowid"
            ):
                schema[table][column] = kind
            self._schema, self._schema_version = schema, version
        return self._schema

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """SuiteQL table → its columns, all in lower case."""
        return {table: tuple(columns) for table, columns in self.kinds().items()}

    def add_column(self, table: str, name: str, kind: Kind = "text") -> None:
        """Adds a custom column; one that exists already stays as it is. Raises StoreError on a bad name."""
        prefix = CUSTOM_PREFIXES.get(table)
        if prefix is None or not name.startswith(prefix) or not name.replace("_", "").isalnum():
            raise StoreError(
                f"{table}.{name} cannot be added: custom columns are named "
                + ", ".join(f"{start}… on {owner}" for owner, start in CUSTOM_PREFIXES.items())
                + "."
            )
        if kind not in _KINDS or name != name.lower():
            raise StoreError(f"{table}.{name}: the name must be lower case and the kind one of {_KINDS}.")
        if name in self.kinds()[table]:
            return
        with self.transaction():
            self.connection().execute(
                f'ALTER TABLE "{table}" ADD COLUMN "{name}" {_SQLITE_TYPE.get(kind, "TEXT")}'
            )
            self.connection().execute("INSERT INTO _custom VALUES (?, ?, ?)", (table, name, kind))
            self._list_custom_field(name)

    def clear(self) -> None:
        """Empties every table; custom columns stay, and the names of the statuses come back."""
        with self.transaction():
            for table in TABLES:
                self.connection().execute(f'DELETE FROM "{table}"')  # noqa: S608
            self._fill_statuses()
            for columns in self.kinds().values():
                for name in columns:
                    self._list_custom_field(name)

    def revision(self) -> int:
        """A number that grows with every write, whichever process made it."""
        return int(self.connection().execute("SELECT value FROM _meta WHERE name = 'revision'").fetchone()[0])

    def _check(self, table: str, columns: Iterable[str]) -> None:
        known = self.kinds().get(table)
        if known is None:
            raise StoreError(f"There is no table {table!r}. Tables: {', '.join(sorted(TABLES))}.")
        unknown = sorted(set(columns) - set(known))
        if unknown:
            raise StoreError(
                f"Table {table} has no column {', '.join(unknown)}. Columns: {', '.join(sorted(known))}."
            )

    def _create(self) -> None:
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_meta'").fetchone()
        if not made:
            connection.execute("CREATE TABLE _meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL)")
            connection.execute("INSERT INTO _meta VALUES ('revision', 0)")
            connection.execute("CREATE TABLE _custom (tbl TEXT, name TEXT, kind TEXT)")
            for table, columns in TABLES.items():
                body = ", ".join(
                    f'"{name}" {_SQLITE_TYPE.get(kind, "TEXT")}' for name, kind in columns.items()
                )
                connection.execute(f'CREATE TABLE "{table}" ({body})')
                for number, index in enumerate(INDEXES.get(table, ())):
                    names = ", ".join(f'"{column}"' for column in index)
                    connection.execute(f'CREATE INDEX "{table}_{number}" ON "{table}" ({names})')
            self._fill_statuses()
            self._describe_indexes()
        connection.execute("COMMIT")

    def _describe_indexes(self) -> None:
        """Tells SQLite's planner beforehand what a filled company looks like.

        Measuring later would reach only connections that open after it, and never a running server.
        """
        connection = self.connection()
        connection.execute("ANALYZE")
        connection.execute("DELETE FROM sqlite_stat1")
        connection.executemany(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
            [
                (table, f"{table}_{number}", _statistics(table, index))
                for table, indexes in INDEXES.items()
                for number, index in enumerate(indexes)
            ],
        )

    def _list_custom_field(self, column: str) -> None:
        """Tells of a custom column in `customfield`, once: fields of entities are on several tables."""
        prefix = next((one for one in CUSTOM_FIELD_TYPES if column.startswith(one)), None)
        if prefix is not None and not self.rows("customfield", scriptid=column.upper()):
            self.connection().execute(
                "INSERT INTO customfield (scriptid, name, fieldtype) VALUES (?, ?, ?)",
                (column.upper(), column, CUSTOM_FIELD_TYPES[prefix]),
            )

    def _fill_statuses(self) -> None:
        self.connection().executemany(
            "INSERT INTO transactionstatus (id, name, fullname, trantype) VALUES (?, ?, ?, ?)",
            [
                (letter, name, f"{type_name} : {name}", type_id)
                for type_id, (type_name, letters) in STATUSES.items()
                for letter, name in letters.items()
            ],
        )


def _text(value: str | None) -> str | None:
    # Oracle keeps an empty string as NULL.
    return None if value in (None, "") else str(value)


def _statistics(table: str, index: tuple[str, ...]) -> str:
    """Rows, then how many share each longer prefix of the index, as SQLite writes it."""
    rows = 50 if table in _SMALL_TABLES else 100_000
    shares = [min(_ROWS_OF_ONE.get(column, 3), rows) for column in index]
    if len(index) > 1 or index[0] in _KEYS:
        shares[-1] = 1
    return " ".join(str(number) for number in [rows, *shares])


def _where(equals: Mapping[str, str]) -> str:
    return " AND ".join(f'"{column}" = ?' for column in equals) or "1"
