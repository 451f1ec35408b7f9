"""Stores of every released program come forward, all of it or nothing, on both databases."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from multiprocessing import get_context
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.state import schema
from ns_hs_orders.state.alert_conditions import AlertConditions
from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.state.database import State, open_existing_state, open_state
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.arrivals import ArrivalLog
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.orders.events import Events
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.portal import PortalNote
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.state.tables import REVISION, metadata, state_revision
from ns_hs_orders.state.work.lanes import Lanes
from ns_hs_orders.state.work.tickets import Tickets
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders_tests.state.conftest import NOW, race
from ns_hs_orders_tests.state.old_stores import STORES, make_store
from ns_hs_orders_tests.state.orders.test_order_states import claimed, confirmed

DAY = date(2026, 3, 2)


def differences(state: State) -> list[Any]:
    """How the store's schema differs from the tables that the program knows."""
    with state.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": state_revision.name})
        return list(compare_metadata(context, metadata))


def longest_texts(state: State) -> set[Any]:
    """Lengths that Postgres would hold texts to."""
    with state.read() as connection:
        found = inspect(connection)
        return {
            getattr(column["type"], "length", None)
            for table in metadata.tables
            if table != state_revision.name
            for column in found.get_columns(table)
        }


@pytest.mark.parametrize("name", STORES)
def test_a_store_of_each_released_program_comes_forward_with_all_its_rows(url: str, name: str) -> None:
    make_store(url, name)

    with closing(open_state(url)) as state:
        assert differences(state) == []
        if url.startswith("postgresql"):
            assert longest_texts(state) == {None}
        states = OrderStateStore(state)
        found = states.load(["1", "2"])
        assert (found["1"].outcome, found["1"].fingerprint, found["1"].total_minor) == (
            "created",
            "print1",
            3000,
        )
        assert (found["1"].order_on, found["1"].order_id_hubspot) == (DAY, "42")
        assert [(one.key, one.hubspot_id, one.intended) for one in found["2"].links] == [("2-1", None, True)]
        assert found["2"].lease_until == NOW
        (due,) = DueOrders(state).all()
        assert (due.order_id, due.attempts, due.next_try_at, due.changed_at) == ("2", 3, NOW, None)
        assert Days(state).dated(DAY, DAY)[DAY].proven_ticket == 6
        assert [one.happened for one in Events(state).story("1")] == ["created"]
        assert PortalNote(state).find() == "8675309"
        assert (WatermarkStore(state).all()["orders"].stamp, Lanes(state).find("day") is None) == (NOW, False)
        budgets = Budgets(state, {"search": (5, 1.0)}, margin_seconds=0.0)
        assert [budgets.take("search", NOW) == 0.0 for _ in range(5)] == [True] * 4 + [False]
        if name != "schema_1":
            seen = WatermarkStore(state).seen("orders")["12"]
            assert (seen.version, seen.first_seen_at, seen.settled) == ("a", NOW, True)
            assert Notes(state).find("n", now=NOW) == [1]
        if name in ("schema_2", "schema_3"):
            assert due.closed_by == "Ann"
            assert [one.confirmed_at for one in ArrivalLog(state).since(NOW)] == [NOW]
            assert AlertConditions(state).all()["c"].since == NOW
        assert Tickets(state).next_ticket() == 8
        assert claimed(states, 8) == "claimed"
        assert confirmed(states, 8) == {"1"}

    with closing(open_state(url)) as again:
        assert Tickets(again).next_ticket() == 9


def test_a_new_store_and_the_migrations_alone_make_the_same_tables(
    url: str, state: State, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    assert differences(state) == []
    with state.write() as connection:
        metadata.drop_all(connection)
        schema._migrate(connection)

    assert differences(state) == []
    with closing(open_state(url)) as again:
        assert Tickets(again).next_ticket() == 1


def test_the_newest_migration_is_the_one_that_the_program_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    script = ScriptDirectory.from_config(config)

    assert script.get_heads() == [REVISION]
    assert [one.revision for one in script.walk_revisions()] == [
        "0008",
        "0007",
        "0005",
        "0004",
        "0003",
        "0002",
        "0001",
    ]


def test_programs_from_before_the_migrations_refuse_a_store_of_today(url: str) -> None:
    make_store(url, "schema_2")
    with closing(open_state(url)) as state, state.read() as connection:
        numbers = connection.exec_driver_sql("SELECT version FROM schema_version").scalars().all()

    assert numbers == [3]


def test_a_new_store_has_the_number_that_old_programs_refuse(state: State) -> None:
    with state.read() as connection:
        assert connection.exec_driver_sql("SELECT version FROM schema_version").scalars().all() == [3]


def test_a_store_with_a_number_that_no_program_gave_is_refused_and_left_alone(url: str) -> None:
    make_store(url, "schema_2")
    _change_number(url, 9)

    for opened in (open_state, open_existing_state):
        with pytest.raises(ConfigError, match="has schema 9; this program knows"):
            opened(url)
    _change_number(url, 2)
    with closing(open_state(url)) as state:
        assert Tickets(state).next_ticket() == 8


def _change_number(url: str, number: int) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    from ns_hs_orders.state.postgres import with_driver

    engine = create_engine(with_driver(make_url(url)))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE schema_version SET version = {number}")
    engine.dispose()


def test_looking_at_an_older_store_changes_nothing_and_says_what_brings_it_forward(url: str) -> None:
    make_store(url, "schema_1")

    for _ in range(2):
        with pytest.raises(ConfigError, match=r"older program \(schema 0001.*doctor. brings it forward"):
            open_existing_state(url)


def _die_at(url: str, statement: str) -> None:
    def kill(_c: object, _cursor: object, sent: str, *_more: object) -> None:
        if sent.strip().startswith(statement):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", kill)
    open_state(url)


@pytest.mark.parametrize("statement", ["CREATE TABLE notes", "INSERT INTO schema_version"])
def test_a_killed_migration_leaves_the_old_store_and_the_next_process_migrates(
    url: str, statement: str
) -> None:
    make_store(url, "schema_1")
    child = get_context("forkserver").Process(target=_die_at, args=(url, statement))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL

    with pytest.raises(ConfigError, match="schema 0001"):
        open_existing_state(url)
    with closing(open_state(url)) as state:
        assert differences(state) == []
        assert Tickets(state).next_ticket() == 8


def _first_ticket(url: str) -> int:
    with closing(open_state(url)) as state:
        return Tickets(state).next_ticket()


def test_of_processes_that_open_an_older_store_at_once_one_migrates_it(url: str) -> None:
    make_store(url, "schema_1")

    assert sorted(race(_first_ticket, [(url,)] * 3)) == [8, 9, 10]


def test_alembic_is_not_even_imported_for_a_store_that_is_new_or_up_to_date(sqlite_url: str) -> None:
    program = (
        "import json, sys\n"
        "from ns_hs_orders.state.database import open_state\n"
        f"for _ in range(2): open_state({sqlite_url!r}).close()\n"
        "print(json.dumps(sorted(name for name in sys.modules if name in ('alembic', 'psycopg'))))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == []


def test_a_lease_of_an_older_store_still_holds(url: str) -> None:
    make_store(url, "schema_2")
    with closing(open_state(url)) as state:
        assert OrderStateStore(state).in_flight(["1", "2"], NOW - timedelta(seconds=1)) == {"2"}
