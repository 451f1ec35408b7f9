"""Opening the state store: SQLite in a file by default, Postgres by URL.

Belongs here: addresses, transactions, and what SQLite needs to be a state store. Does not belong here: what
Postgres needs (postgres), the schema and its migrations (schema), or any statement about what is kept.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.files import private_file, private_folder
from ns_hs_orders.state.postgres import DRIVER, postgres_engine, with_driver
from ns_hs_orders.state.schema import bring_forward, found_revision
from ns_hs_orders.state.tables import REVISION

BUSY_SECONDS = 30
IN_CHUNK = 1000
STATE_OF_RETURNS = "returns"
"""Names the store of return records beside that of orders, so that nothing about orders counts a return."""

Item = TypeVar("Item")


class State:
    """The state store of one home; safe to use from many threads and processes.

    After a fork, the child opens its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_postgres = engine.dialect.name == "postgresql"
        self._writing = threading.Lock()

    def __repr__(self) -> str:
        return f"State({_shown(self._engine.url)!r})"

    @contextmanager
    def write(self, *, survives_power_cut: bool = True) -> Iterator[Connection]:
        """One write transaction: all of it or nothing, one writer at a time.

        survives_power_cut: False for what is worth nothing a minute later; it is then not waited until the disk
        has it. Raises SyncError where the database cannot be written (locked, full, read-only, gone).
        """
        with (
            self._writing,
            self._told(),
            self._engine.connect() as connection,
            connection.execution_options(
                takes_write_lock=True, synchronous="FULL" if survives_power_cut else "NORMAL"
            ).begin(),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read transaction: everything in it is seen as of one moment."""
        options: dict[str, Any] = (
            {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self._is_postgres else {}
        )
        with (
            self._told(),
            self._engine.connect() as connection,
            connection.execution_options(**options).begin(),
        ):
            yield connection

    def insert_or_ignore(self, table: Table) -> Any:
        """An INSERT that leaves a row with the same primary key alone."""
        return self._insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))

    def insert_seen_free(self, table: Table) -> Any:
        """An INSERT of a row whose primary key no row had, seen in the same write transaction.

        On Postgres it leaves one alone that another transaction put there meanwhile. SQLite has one writer at a time; what
        it is asked is compiled once then, and not each time, as an INSERT with ON CONFLICT is.
        """
        return self.insert_or_ignore(table) if self._is_postgres else insert(table)

    def insert_or_update(self, table: Table, changes: Any) -> Any:
        """An INSERT that updates a row with the same primary key.

        changes: function of the statement's `excluded` row → column name → expression.
        """
        statement = self._insert(table)
        return statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns), set_=changes(statement.excluded)
        )

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    def _insert(self, table: Table) -> Any:
        if self._is_postgres:
            return postgresql.insert(table)
        return sqlite.insert(table)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, NoConnectionError) as error:
            cause = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
            advice = (
                "Check that the server answers, that the role may write, and that nothing keeps it locked."
                if self._is_postgres
                else "Check that its disk is not full, that it can be written, and that nothing keeps it locked."
            )
            raise SyncError(
                f"The state store {_shown(self._engine.url)} failed: {cause.rstrip('.')}. {advice}"
            ) from error


def open_state(url: str, part: str = "") -> State:
    """Opens the state store; makes the file (mode 0600) and the tables where they are missing.

    A store of an older program is brought forward, by one process, all of it or nothing.
    url: `sqlite:///path/to/state.sqlite` or `postgresql://…`. part: names a store of its own beside that one, with the
    same tables for other records: the file `state-PART.sqlite`, or the schema `public_PART` of the database. Raises
    ConfigError on another kind of URL or a store made by a newer program, SyncError where it cannot be opened.
    """
    state = State(_engine(_address(url, part), part, make=True))
    with _closed_on_error(state):
        with state.read() as connection:
            found = found_revision(connection)
        if found != REVISION:
            with state.write() as connection:
                bring_forward(connection)
    return state


def open_existing_state(url: str, part: str = "") -> State | None:
    """Opens the state store that is there, None where there is none; makes neither file nor table.

    part: as in `open_state`. Raises as `open_state` does, and ConfigError on a store of an older program.
    """
    address = _address(url, part)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        return None
    state = State(_engine(address, part, make=False))
    with _closed_on_error(state), state.read() as connection:
        found = found_revision(connection)
    if found == REVISION:
        return state
    state.close()
    if found is None:
        return None
    raise ConfigError(
        f"The state store {_shown(address)} is of an older program (schema {found}, now {REVISION}). "
        "The next sync, live run or `ns-hs-orders doctor` brings it forward."
    )


@contextmanager
def _closed_on_error(state: State) -> Iterator[None]:
    try:
        yield
    except BaseException:
        state.close()
        raise


def shown_address(url: str) -> str:
    """A state URL as people may see it: without its password, and without options that may hold one."""
    return _shown(_address(url))


def _shown(address: URL) -> str:
    return address.set(query={}).render_as_string(hide_password=True)


def _address(url: str, part: str = "") -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError(
            "NS_HS_STATE_URL cannot be read; expected sqlite:///FILE or postgresql://ROLE:PASSWORD@HOST/DATABASE."
        ) from None  # the cause quotes the URL
    if "@" in (address.host or ""):
        raise ConfigError("The state URL's password holds an @; write it as %40.")
    if part and address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        path = Path(address.database or "")
        address = address.set(database=str(path.with_name(f"{path.stem}-{part}{path.suffix}")))
    return with_driver(address)


def _engine(address: URL, part: str, *, make: bool) -> Engine:
    try:
        if address.get_backend_name() == "sqlite":
            return _sqlite(address, make=make)
        if address.get_backend_name() == "postgresql":
            if address.drivername != DRIVER:
                raise ConfigError(
                    f"The state store {_shown(address)} names the driver {address.drivername}, which was never "
                    "tried; write postgresql://…, which uses psycopg."
                )
            return postgres_engine(address, part, make=make)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"The state store {_shown(address)} cannot be opened: psycopg is not installed. "
            "Install it with: pip install 'ns-hs-orders[postgres]'"
        ) from error
    raise ConfigError(
        f"NS_HS_STATE_URL: the state runs on SQLite or Postgres, not on {address.get_backend_name()}."
    )


def chunks(items: Sequence[Item], size: int = IN_CHUNK) -> Iterator[Sequence[Item]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _sqlite(address: URL, *, make: bool) -> Engine:
    if not address.database or address.database == ":memory:":
        raise ConfigError("The state store must outlive a run: give sqlite:/// a file.")
    path = Path(address.database)
    if make:
        try:
            private_folder(path.parent)
            _make_file(path)
        except (OSError, sqlite3.Error) as error:
            raise SyncError(f"The state store {path} cannot be opened: {error}.") from error
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS}, pool_size=10, max_overflow=50)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to take the write lock

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("takes_write_lock", False):
            wanted, known = options["synchronous"], connection.connection.info
            if known.get("synchronous") != wanted:
                connection.connection.execute(f"PRAGMA synchronous = {wanted}")
                known["synchronous"] = wanted
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _make_file(path: Path) -> None:
    """The file, private and in WAL mode.

    SQLite does not wait for others while it changes the mode, so one process at a time does it.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        private_file(path)
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode = WAL")
    finally:
        os.close(folder)
