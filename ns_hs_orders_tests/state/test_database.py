"""The store's file, its transactions, and what processes share through it."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.state.calls.slots import SharedSlots
from ns_hs_orders.state.database import State, open_existing_state, open_state, shown_address
from ns_hs_orders.state.work.lanes import Lanes
from ns_hs_orders.state.work.tickets import Tickets
from ns_hs_orders_tests.state.conftest import NOW, race


def test_the_file_is_readable_by_its_owner_only(sqlite_url: str) -> None:
    with closing(open_state(sqlite_url)) as state:
        Tickets(state).next_ticket()
        files = list(Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir())

        assert len(files) >= 2
        assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SyncError, match="cannot be opened"):
        open_state(f"sqlite:///{tmp_path / 'state.sqlite'}")
    assert not (tmp_path / "elsewhere").exists()


def test_opening_the_state_twice_in_a_process_leaves_its_locks_alone(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "home" / "state.sqlite"
    with closing(open_state(sqlite_url)) as first:
        first_ticket = Tickets(first).next_ticket()
        with closing(open_state(sqlite_url)):
            pass
        # Another process that finds no lock takes itself for the last one, and removes the journal that we use.
        looked = subprocess.run(
            [sys.executable, "-c", _LOOK, str(path)], capture_output=True, text=True, check=True
        )
        assert looked.stdout == f"{first_ticket}\n"
        assert path.with_name("state.sqlite-wal").exists()
        assert Tickets(first).next_ticket() == first_ticket + 1


_LOOK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT value FROM counters").fetchone()[0])
connection.close()
"""


@pytest.mark.parametrize("url", ["sqlite://", "mysql://h/d", "no url at all"])
def test_a_url_that_cannot_hold_the_state_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        open_state(url)


def test_a_store_of_a_newer_version_is_refused(url: str, state: State) -> None:
    with state.write() as connection:
        connection.exec_driver_sql("UPDATE state_revision SET version_num = '0099'")

    with pytest.raises(ConfigError, match="has schema 0099; this program knows"):
        open_state(url)


def test_looking_for_a_state_makes_none(url: str, tmp_path: Path) -> None:
    assert open_existing_state(url) is None
    assert open_existing_state(url) is None, "nor did the first look make any"
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_is_there_is_found_with_what_it_holds(url: str, state: State) -> None:
    ticket = Tickets(state).next_ticket()

    found = open_existing_state(url)

    assert found is not None
    assert Tickets(found).next_ticket() == ticket + 1
    found.close()


def test_a_state_of_a_newer_version_is_not_even_looked_at(url: str, state: State) -> None:
    with state.write() as connection:
        connection.exec_driver_sql("UPDATE state_revision SET version_num = '0099'")

    with pytest.raises(ConfigError, match="has schema 0099; this program knows"):
        open_existing_state(url)


def test_the_address_of_a_state_is_shown_without_its_password() -> None:
    url = "postgresql+psycopg://sync:canary@db.example/state?password=canary"
    assert shown_address(url) == "postgresql+psycopg://sync:***@db.example/state"


def test_a_failed_transaction_leaves_nothing(state: State) -> None:
    with pytest.raises(SyncError), state.write() as connection:
        connection.exec_driver_sql("INSERT INTO counters VALUES ('x', 1), ('y', 1), ('x', 1)")

    with state.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM counters").scalar() == 0


def test_a_full_disk_is_told_in_words(sqlite_url: str) -> None:
    with closing(open_state(sqlite_url)) as state:
        with state.write() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")

        with pytest.raises(SyncError, match="disk is not full"), state.write() as connection:
            connection.exec_driver_sql("CREATE TABLE big AS SELECT randomblob(1000000) AS x")


def _tickets(url: str, count: int) -> list[int]:
    tickets = Tickets(open_state(url))
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda _: tickets.next_ticket(), range(count)))


def test_no_ticket_is_given_twice(url: str) -> None:
    answers = race(_tickets, [(url, 60), (url, 60)])

    assert sorted(answers[0] + answers[1]) == list(range(1, 121))


def test_tickets_of_one_reader_rise(state: State) -> None:
    tickets = Tickets(state)
    assert [tickets.next_ticket() for _ in range(3)] == [1, 2, 3]


LIMITS = {"objects": (50, 10.0), "search": (5, 1.0)}


def _take(url: str, tries: int) -> int:
    budgets = Budgets(open_state(url), LIMITS, is_live=True)
    return sum(budgets.take("objects", NOW + timedelta(milliseconds=one)) == 0.0 for one in range(tries))


def test_two_processes_share_one_budget(url: str) -> None:
    open_state(url).close()
    assert sum(race(_take, [(url, 40), (url, 40)])) == 50


def test_a_budget_is_a_rolling_window(state: State) -> None:
    budgets = Budgets(state, LIMITS, margin_seconds=0.0)
    assert [budgets.take("search", NOW + timedelta(seconds=at / 10)) for at in range(5)] == [0.0] * 5

    assert budgets.take("search", NOW + timedelta(seconds=0.5)) == pytest.approx(0.5, abs=1e-3)
    assert budgets.take("search", NOW + timedelta(seconds=1.0)) == 0.0
    assert budgets.take("search", NOW + timedelta(seconds=1.05)) == pytest.approx(0.05, abs=1e-3)
    assert budgets.take("objects", NOW) == 0.0


def test_a_penalty_halves_a_budget_for_its_time(state: State) -> None:
    budgets = Budgets(state, LIMITS, margin_seconds=0.0)
    budgets.penalise("search", 60.0, NOW)
    budgets.penalise("search", 1.0, NOW)

    taken = [budgets.take("search", NOW + timedelta(seconds=30)) for _ in range(3)]
    assert [one == 0.0 for one in taken] == [True, True, False]
    later = [budgets.take("search", NOW + timedelta(seconds=61)) for _ in range(6)]
    assert [one == 0.0 for one in later] == [True] * 5 + [False]


def test_a_learned_limit_holds_for_all(url: str, state: State) -> None:
    Budgets(state, LIMITS).learn("search", 2)

    other = Budgets(open_state(url), LIMITS, margin_seconds=0.0)
    assert [other.take("search", NOW) == 0.0 for _ in range(3)] == [True, True, False]


def test_a_clock_that_is_set_back_does_not_close_a_budget_for_ever(state: State) -> None:
    budgets = Budgets(state, LIMITS, margin_seconds=0.0)
    for _ in range(5):
        budgets.take("search", NOW)

    assert budgets.take("search", NOW - timedelta(hours=1)) == 0.0


def test_slots_are_as_many_as_there_are_and_a_dead_holder_loses_its_own(state: State) -> None:
    slots = SharedSlots(state, "netsuite", 2)
    first = slots.take(NOW, 60)
    assert first is not None
    assert slots.take(NOW, 30) is not None
    assert slots.take(NOW, 60) is None
    assert SharedSlots(state, "other", 1).take(NOW, 60) is not None

    slots.give_back(first)
    assert slots.take(NOW, 60) is not None
    assert slots.take(NOW + timedelta(seconds=29), 60) is None
    assert slots.take(NOW + timedelta(seconds=30), 60) is not None


def _slots(url: str) -> int:
    slots = SharedSlots(open_state(url), "netsuite", 5)
    with ThreadPoolExecutor(4) as pool:
        return sum(one is not None for one in pool.map(lambda _: slots.take(NOW, 60), range(8)))


def test_processes_share_the_slots(url: str) -> None:
    open_state(url).close()
    assert sum(race(_slots, [(url,), (url,)])) == 5


def test_one_run_holds_a_lane_until_its_heart_stops(state: State) -> None:
    lanes = Lanes(state)
    assert lanes.acquire("live", "a", NOW)
    assert not lanes.acquire("live", "b", NOW + timedelta(seconds=29))
    assert lanes.acquire("day", "b", NOW)
    assert lanes.beat("live", "a", NOW + timedelta(seconds=20))
    assert not lanes.acquire("live", "b", NOW + timedelta(seconds=49))
    assert lanes.acquire("live", "b", NOW + timedelta(seconds=50))

    assert not lanes.beat("live", "a", NOW + timedelta(seconds=51))
    lanes.release("live", "a")
    found = lanes.find("live")
    assert found is not None
    assert (found.run, found.is_fresh(NOW + timedelta(seconds=79))) == ("b", True)
    lanes.release("live", "b")
    assert lanes.find("live") is None


def _acquire(url: str, run: str) -> bool:
    return Lanes(open_state(url)).acquire("live", run, NOW)


def test_of_two_runs_that_start_at_once_one_gets_the_lane(url: str) -> None:
    open_state(url).close()
    assert sorted(race(_acquire, [(url, "a"), (url, "b")])) == [False, True]


def test_a_held_lane_is_left_at_the_end_and_refused_to_others(state: State) -> None:
    lanes = Lanes(state)
    with lanes.held("live", "a", lambda: NOW) as mine:
        assert mine
        with lanes.held("live", "b", lambda: NOW) as theirs:
            assert not theirs
        assert lanes.find("live") is not None
    assert lanes.find("live") is None
    assert not any(one.name.startswith("heartbeat") for one in threading.enumerate())
