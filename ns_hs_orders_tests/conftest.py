"""Databases that tests of all folders may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ns_hs_orders_tests.postgres import ThrowawayPostgres, new_database, shared_postgres


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
