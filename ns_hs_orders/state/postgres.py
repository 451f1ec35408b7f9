"""What Postgres needs to be a state store: a driver, connections that never wait for ever, one writer at a time.

Belongs here: settings of connections and transactions. Does not belong here: statements about what is kept.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

DRIVER = "postgresql+psycopg"
LOCK_SECONDS = 30.0
STATEMENT_SECONDS = 120.0
# a process that stopped within a transaction loses it before those that wait for it give up
IDLE_IN_TRANSACTION_SECONDS = 20.0
CONNECT_SECONDS = 10

_WRITERS = 7_305_011  # any number; whoever writes holds this advisory lock
_CLIENT_SETTINGS = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "ns-hs-orders",
    # a server that is gone without a word is noticed
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_SERVER_SETTINGS = {
    # a client that is gone without a word loses its transaction
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


def with_driver(address: URL) -> URL:
    """The address with the driver that this program uses, where it names none."""
    return address.set(drivername=DRIVER) if address.drivername in ("postgres", "postgresql") else address


def postgres_engine(address: URL, part: str = "", *, make: bool = False) -> Engine:
    """Connections to the server, made when first needed. Raises ModuleNotFoundError without a driver.

    part: the tables are those of a schema of its own, named for the schema in use and the part. make: where it is
    missing, it is made.

    Writers wait for one another before their first statement, so that none ever fails for what another
    wrote (no deadlock, no serialisation failure). Readers see one moment, and wait for nobody.
    """
    given = {name: value for name, value in _CLIENT_SETTINGS.items() if name not in address.query}
    engine = create_engine(address, connect_args=given, pool_pre_ping=True, pool_size=5, max_overflow=55)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        settings = {
            "lock_timeout": _milliseconds(LOCK_SECONDS),
            "statement_timeout": _milliseconds(STATEMENT_SECONDS),
            "idle_in_transaction_session_timeout": _milliseconds(IDLE_IN_TRANSACTION_SECONDS),
            **_SERVER_SETTINGS,
        }
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT " + ", ".join(["set_config(%s, %s, false)"] * len(settings)),
                [text for one in settings.items() for text in one],
            )
            if part:
                _use_schema_of_its_own(cursor, part, make=make)
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("takes_write_lock", False):
            # of its own: the next statement must see what the writer before this one left
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")

    return engine


def _use_schema_of_its_own(cursor: Any, part: str, *, make: bool) -> None:
    cursor.execute("SELECT current_schema()")
    (schema,) = cursor.fetchone()
    name = f"{schema}_{part}"
    if make:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS])
            cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
    cursor.execute("SELECT set_config('search_path', %s, false)", [f'"{name}"'])


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
