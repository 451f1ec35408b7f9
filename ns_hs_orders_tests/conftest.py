"""Where tests keep their files, and what tests of all folders share: databases, and one RSA key for all sandboxes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ns_hs_orders.sandbox import home
from ns_hs_orders_tests.postgres import ThrowawayPostgres, new_database, shared_postgres

IN_MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 * 2**30


def pytest_configure() -> None:
    """Temporary files go to memory where there is room: nobody needs them after a power cut, and disks make tests wait."""
    if "TMPDIR" not in os.environ and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)


@pytest.fixture(scope="session", autouse=True)
def one_rsa_key() -> Iterator[None]:
    """One RSA key for the sandboxes of all tests: making one, and checking it on both sides, takes a second a sandbox."""
    key = home.new_rsa_key()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "new_rsa_key", lambda: key)
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
