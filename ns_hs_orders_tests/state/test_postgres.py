"""What only a database server can do to the state: locks, lost connections, refused roles, strange texts."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe

import psycopg
import pytest
from sqlalchemy import update
from sqlalchemy.engine import make_url

from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.state import postgres as settings
from ns_hs_orders.state.database import State, open_state, shown_address
from ns_hs_orders.state.tables import counters
from ns_hs_orders.state.work.tickets import Tickets
from ns_hs_orders_tests.state.conftest import race


@contextmanager
def admin(url: str) -> Iterator[psycopg.Connection]:
    """Somebody else in the same database, as the superuser."""
    with psycopg.connect(url) as connection:
        yield connection


def test_a_url_without_a_driver_means_psycopg(postgres_url: str) -> None:
    assert shown_address("postgresql://sync:canary@db/state") == "postgresql+psycopg://sync:***@db/state"
    assert shown_address("postgres://sync:canary@db/state") == "postgresql+psycopg://sync:***@db/state"
    for prefix in ("postgres", "postgresql+psycopg"):
        with closing(open_state(postgres_url.replace("postgresql", prefix, 1))) as state:
            assert Tickets(state).next_ticket() >= 1


def test_a_driver_that_nobody_tried_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"names the driver postgresql\+psycopg2") as refused:
        open_state("postgresql+psycopg2://sync:canary@127.0.0.1:1/state")
    assert "canary" not in str(refused.value)


def test_without_psycopg_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ConfigError, match=r"pip install 'ns-hs-orders\[postgres\]'"):
        open_state("postgresql://sync:canary@127.0.0.1:1/state")


def test_a_password_with_an_at_sign_is_not_taken_for_a_host() -> None:
    with pytest.raises(ConfigError, match="%40") as refused:
        open_state("postgresql://sync:cana@ry@127.0.0.1:1/state")
    assert "ry" not in str(refused.value)


@pytest.mark.parametrize(
    "url, told",
    [
        ("postgresql://sync:canary@127.0.0.1:1/state", "Connection refused"),
        ("postgresql://sync:canary@127.0.0.1:1/state?canary=canary", "failed"),
        ("postgresql://sync:canary@127.0.0.1:port/state", "cannot be read"),
    ],
)
def test_a_server_that_cannot_be_reached_is_told_without_the_password(url: str, told: str) -> None:
    with pytest.raises((SyncError, ConfigError), match=told) as failed:
        open_state(url)
    assert "sync:canary" not in str(failed.value)
    assert ":canary" not in repr(failed.value)


def test_a_role_that_may_not_make_tables_or_write_is_told(postgres_url: str) -> None:
    role = f"reader_{os.urandom(6).hex()}"
    with admin(postgres_url) as other:
        other.execute(f"CREATE ROLE {role} LOGIN".encode())
    as_reader = make_url(postgres_url).set(username=role).render_as_string(hide_password=False)

    with pytest.raises(SyncError, match=r"permission denied for schema public.*the role may write"):
        open_state(as_reader)

    open_state(postgres_url).close()
    with admin(postgres_url) as other:
        other.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}".encode())
    with (
        closing(open_state(as_reader)) as state,
        pytest.raises(SyncError, match="permission denied for table counters"),
    ):
        Tickets(state).next_ticket()
    with admin(postgres_url) as other:
        other.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_a_role_that_owns_its_schema_needs_no_other_right(postgres_url: str) -> None:
    role = f"sync_{os.urandom(6).hex()}"
    with admin(postgres_url) as other:
        other.execute(f"CREATE ROLE {role} LOGIN; CREATE SCHEMA AUTHORIZATION {role}".encode())
    as_role = make_url(postgres_url).set(username=role).render_as_string(hide_password=False)

    with closing(open_state(as_role)) as state:
        assert Tickets(state).next_ticket() == 1
    with closing(open_state(as_role)) as state:
        assert Tickets(state).next_ticket() == 2
    with admin(postgres_url) as other:
        found = other.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'counters'")
        assert found.fetchall() == [(role,)]
        other.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}".encode())


def test_a_table_that_somebody_locked_is_waited_for_only_so_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_state(postgres_url).close()
    monkeypatch.setattr(settings, "LOCK_SECONDS", 0.2)
    with closing(open_state(postgres_url)) as state, admin(postgres_url) as other:
        other.execute("LOCK TABLE counters")

        with pytest.raises(SyncError, match=r"lock timeout.*nothing keeps it locked"):
            Tickets(state).next_ticket()
        other.rollback()
        assert Tickets(state).next_ticket() == 1


def test_a_writer_is_waited_for_and_what_it_wrote_is_seen(postgres_url: str) -> None:
    numbers: list[int] = []
    with closing(open_state(postgres_url)) as state, closing(open_state(postgres_url)) as second:
        Tickets(state).next_ticket()
        waiting = threading.Thread(target=lambda: numbers.append(Tickets(second).next_ticket()), daemon=True)
        with state.write() as connection:
            waiting.start()
            until_somebody_waits_for_the_advisory_lock(postgres_url)
            connection.execute(update(counters).values(value=41))
        waiting.join(30)

    assert numbers == [42]


def until_somebody_waits_for_the_advisory_lock(url: str) -> None:
    waits = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with admin(url) as other:
        for _ in range(10_000):
            if other.execute(waits).fetchone() == (1,):
                return
            other.rollback()
    raise AssertionError("nobody waits")


def test_a_reader_sees_one_moment_and_may_not_write(postgres_url: str) -> None:
    with closing(open_state(postgres_url)) as state:
        Tickets(state).next_ticket()
        with state.read() as connection:
            before = connection.exec_driver_sql("SELECT value FROM counters").scalar()
            Tickets(state).next_ticket()
            after = connection.exec_driver_sql("SELECT value FROM counters").scalar()
        assert (before, after) == (1, 1)
        with pytest.raises(SyncError, match="read-only transaction"), state.read() as connection:
            connection.exec_driver_sql("DELETE FROM counters")
        assert Tickets(state).next_ticket() == 3


def test_a_connection_lost_between_two_transactions_is_replaced(postgres_url: str) -> None:
    with closing(open_state(postgres_url)) as state:
        Tickets(state).next_ticket()
        end_all_others(postgres_url)

        assert Tickets(state).next_ticket() == 2


def test_a_connection_lost_within_a_transaction_leaves_nothing_and_the_next_one_works(
    postgres_url: str,
) -> None:
    with closing(open_state(postgres_url)) as state:
        Tickets(state).next_ticket()
        with pytest.raises(SyncError, match="the server answers"):
            write_and_lose_the_connection(state, postgres_url)

        assert Tickets(state).next_ticket() == 2


def write_and_lose_the_connection(state: State, url: str) -> None:
    with state.write() as connection:
        connection.execute(update(counters).values(value=99))
        end_all_others(url)
        connection.execute(update(counters).values(value=100))


def end_all_others(url: str) -> None:
    with admin(url) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _stay_in_a_transaction(url: str, told: Pipe, seconds: float) -> None:
    settings.IDLE_IN_TRANSACTION_SECONDS = seconds
    with open_state(url).write() as connection:
        connection.execute(update(counters).values(value=99))
        told.send("in it")
        signal.pause()


@pytest.mark.parametrize("sent, seconds", [(signal.SIGKILL, 600.0), (signal.SIGSTOP, 0.3)])
def test_a_process_that_ends_or_freezes_within_a_transaction_holds_up_nobody(
    postgres_url: str, sent: signal.Signals, seconds: float
) -> None:
    with closing(open_state(postgres_url)) as state:
        Tickets(state).next_ticket()
        ours, theirs = get_context("forkserver").Pipe()
        child = get_context("forkserver").Process(
            target=_stay_in_a_transaction, args=(postgres_url, theirs, seconds)
        )
        child.start()
        try:
            assert ours.recv() == "in it"
            assert child.pid is not None
            os.kill(child.pid, sent)

            assert Tickets(state).next_ticket() == 2
        finally:
            child.kill()
            child.join(30)


def _first_ticket(url: str) -> int:
    with closing(open_state(url)) as state:
        return Tickets(state).next_ticket()


def test_processes_that_open_an_empty_database_at_once_make_it_once(postgres_url: str) -> None:
    assert sorted(race(_first_ticket, [(postgres_url,)] * 3)) == [1, 2, 3]


def test_connections_of_ours_never_wait_for_ever(postgres_url: str) -> None:
    with closing(open_state(postgres_url)) as state, state.read() as connection:
        shown = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        }

    assert shown == {
        "lock_timeout": "30s",
        "statement_timeout": "2min",
        "idle_in_transaction_session_timeout": "20s",
    }
    assert timedelta(seconds=settings.IDLE_IN_TRANSACTION_SECONDS) < timedelta(seconds=settings.LOCK_SECONDS)
