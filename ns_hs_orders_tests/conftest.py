"""Where tests keep their files, and what tests of all folders share: databases, a key, engines of Dagster's."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from sqlalchemy import Engine, create_engine

from ns_hs_orders.sandbox import home
from ns_hs_orders_tests.postgres import ThrowawayPostgres, new_database, shared_postgres

IN_MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 * 2**30
SELDOM = (50_000, 10, 10)


def pytest_configure() -> None:
    """Temporary files go to memory where there is room: nobody needs them after a power cut, and disks make tests wait."""
    if "TMPDIR" not in os.environ and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)
    # Else all that was imported and collected is looked through again and again between sessions.
    gc.set_threshold(*SELDOM)


@pytest.fixture(scope="session", autouse=True)
def one_rsa_key() -> Iterator[None]:
    """One RSA key for the sandboxes of all tests: making one, and checking it on both sides, takes a second a sandbox."""
    key = home.new_rsa_key()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "new_rsa_key", lambda: key)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_engine_a_database() -> Iterator[None]:
    """Dagster makes an engine for each event that it stores, and compiles its statements anew: an eighth of a run's time.

    Connections are opened and closed as before.
    """
    kept: dict[tuple[str, str], Engine] = {}

    def engine(url: str, **options: Any) -> Engine:
        key = (url, repr(options))
        if key not in kept:
            kept[key] = create_engine(url, **options)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_event_log, "create_engine", engine)
        patch.setattr(sqlite_run_storage, "create_engine", engine)
        yield


@pytest.fixture(scope="session")
def postgres() -> ThrowawayPostgres:
    """The session's Postgres server, started when the first test asks for it."""
    try:
        return shared_postgres()
    except Exception as error:  # noqa: BLE001 whatever it is, the other tests can run
        pytest.skip(f"No Postgres server can be started on this machine: {error}")


@pytest.fixture
def postgres_url(postgres: ThrowawayPostgres) -> Iterator[str]:
    """An empty database of the test's own."""
    with new_database() as url:
        yield url
