"""The emulator's SQLite file: its tables, connections and transactions.

Belongs here: DDL, pragmas, how a transaction begins and ends. Does not belong: what any table's rows mean.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ns_hs_orders.files import private_file, private_folder

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    type TEXT NOT NULL, id INTEGER NOT NULL, properties TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    archived_at INTEGER, merged_into INTEGER,
    PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_updated ON records (type, updated_at);
CREATE TABLE IF NOT EXISTS unique_values (
    type TEXT NOT NULL, property TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    PRIMARY KEY (type, property, value, archived, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unique_values_record ON unique_values (type, id);
CREATE TABLE IF NOT EXISTS history (
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL,
    source_type TEXT NOT NULL, source_id TEXT NOT NULL, source_label TEXT, user_id INTEGER,
    changes TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS history_record ON history (type, id, seq);
CREATE TABLE IF NOT EXISTS associations (
    from_type TEXT NOT NULL, from_id INTEGER NOT NULL, to_type TEXT NOT NULL, to_id INTEGER NOT NULL,
    type_id INTEGER NOT NULL,
    PRIMARY KEY (from_type, from_id, to_type, to_id, type_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS labels (
    from_type TEXT NOT NULL, to_type TEXT NOT NULL, type_id INTEGER NOT NULL, inverse_id INTEGER NOT NULL,
    name TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (from_type, to_type, type_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS properties (
    type TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, created_at INTEGER NOT NULL,
    archived_at INTEGER, PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS property_groups (
    type TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, display_order INTEGER NOT NULL,
    PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pipelines (
    type TEXT NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL, display_order INTEGER NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stages (
    type TEXT NOT NULL, pipeline_id TEXT NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL,
    display_order INTEGER NOT NULL, metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (type, pipeline_id, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pipeline_audit (
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, identifier TEXT NOT NULL, action TEXT NOT NULL,
    at INTEGER NOT NULL, raw TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS owners (
    id INTEGER PRIMARY KEY, email TEXT, first_name TEXT, last_name TEXT, user_id INTEGER,
    archived INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS exchange_rates (
    id INTEGER PRIMARY KEY, from_code TEXT NOT NULL, to_code TEXT NOT NULL, rate TEXT NOT NULL,
    at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS lists (
    id INTEGER PRIMARY KEY, object_type TEXT NOT NULL, name TEXT NOT NULL UNIQUE, processing TEXT NOT NULL,
    filters TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    status INTEGER NOT NULL, inputs INTEGER);
"""

TABLES_OF_DATA = (
    "records", "unique_values", "history", "associations", "labels", "properties", "property_groups",
    "pipelines", "stages", "pipeline_audit", "owners", "exchange_rates", "lists", "calls", "counters", "meta",
)  # fmt: skip


class Database:
    """One SQLite file in WAL mode; a connection per thread, so that threads and processes share it safely."""

    def __init__(self, path: Path) -> None:
        self.path = path
        private_folder(path.parent)
        private_file(path)
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with self.transaction(write=True) as db:
            for statement in SCHEMA.split(";"):
                if statement.strip():
                    db.execute(statement)

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened on first use."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            # A server thread opens it, the thread that stops the server closes it.
            db = sqlite3.connect(self.path, isolation_level=None, timeout=60, check_same_thread=False)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")
            self._local.db = db
            with self._lock:
                self._open.append(db)
        return db

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, rolled back on any exception."""
        db = self.connection()
        if db.in_transaction:
            raise sqlite3.ProgrammingError("a transaction of the emulator may not hold another one")
        db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def close(self) -> None:
        """Closes every thread's connection; the next use opens new ones."""
        with self._lock:
            for db in self._open:
                db.close()
            self._open.clear()
        self._local = threading.local()
