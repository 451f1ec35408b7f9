"""Bad days of both systems, of the machine and of single orders: nothing is lost, doubled or kept waiting."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ns_hs_orders.errors import RemoteError, SyncError
from ns_hs_orders.state import database
from ns_hs_orders.state.orders.due import LONGEST_PAUSE, pause_after
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders_tests.live.lane import settle, stamped
from ns_hs_orders_tests.live.world import AFTER_THE_LEASE, InThread, World, running_world

UPSERT = "orders/batch/upsert"
UNAVAILABLE = {"kind": "status", "status": 503, "times": 0}
REFUSED = {
    "kind": "status",
    "status": 400,
    "times": 0,
    "answer": {
        "status": "error",
        "category": "VALIDATION_ERROR",
        "message": "Property values were not valid",
    },
}
UNAUTHORIZED = {
    "kind": "status",
    "status": 401,
    "times": 0,
    "answer": {
        "status": "error",
        "category": "INVALID_AUTHENTICATION",
        "message": "Authentication credentials not found.",
    },
}


def edited(world: World, count: int, memo: str) -> list[str]:
    """Orders that somebody has just saved."""
    orders = world.fresh_orders(count)
    for one in orders:
        world.edit(one, memo)
    return orders


def all_arrived(world: World, orders: list[str], memo: str) -> None:
    assert {world.memo(one) for one in orders} == {memo}
    world.arrive()
    assert not set(orders) & set(world.due())
    world.agree()


@pytest.mark.parametrize("fault", [UNAVAILABLE, {"kind": "reset", "times": 0}], ids=["503", "resets"])
def test_netsuite_that_is_down_for_a_look_and_a_round_loses_nothing(
    world: World, fault: dict[str, Any]
) -> None:
    memo = f"saved while it was down: {fault['kind']}"
    noticed = edited(world, 1, memo)
    with world.lane() as lane:
        lane.look()
        world.faults.add(fault | {"app": "netsuite"})
        saved = edited(world, 2, memo)
        for step in (lane.look, lambda: lane.round(500)):
            with pytest.raises(RemoteError) as error:
                step()
            assert error.value.system == "netsuite"
            assert error.value.transient
    assert (world.due()[noticed[0]].attempts, world.due()[noticed[0]].first_failed_at) == (0, None)
    world.faults.clear()
    assert world.drain().outcomes["updated"] == 3
    all_arrived(world, noticed + saved, memo)


def test_a_live_run_outlasts_an_outage_of_netsuite_by_itself(world: World) -> None:
    orders = edited(world, 2, "outlasted")
    world.faults.add(UNAVAILABLE | {"app": "netsuite", "path": "suiteql", "times": 30})
    done = world.drain()
    assert done.failures > 0
    assert done.outcomes["updated"] == 2
    all_arrived(world, orders, "outlasted")


def test_hubspot_that_is_down_leaves_orders_due_with_attempts_and_the_first_failures_time(
    world: World,
) -> None:
    orders = edited(world, 3, "at last")
    world.faults.add(UNAVAILABLE | {"app": "hubspot", "path": UPSERT})
    seen = []
    with world.lane() as lane:
        lane.look()
        for _ in range(2):
            settle(lane)
            seen.append({one: world.due()[one] for one in orders})
            world.pass_time(AFTER_THE_LEASE)
    first, second = seen
    for one in orders:
        assert (first[one].attempts, second[one].attempts) == (1, 2)
        assert first[one].first_failed_at == second[one].first_failed_at is not None
    world.faults.clear()
    world.drain()
    all_arrived(world, orders, "at last")


def test_hubspot_that_is_down_altogether_fails_nothing_but_the_time(world: World) -> None:
    orders = edited(world, 2, "after the outage")
    world.faults.add(UNAVAILABLE | {"app": "hubspot"})
    with world.lane() as lane:
        lane.look()
        with pytest.raises(RemoteError, match="503"):
            lane.round(500)
    assert set(orders) <= set(world.due())
    world.faults.clear()
    assert world.drain().outcomes["updated"] == 2
    all_arrived(world, orders, "after the outage")


def test_a_login_to_netsuite_that_expires_again_and_again_is_renewed_in_the_middle(world: World) -> None:
    switches = world.company.sandbox.switches
    switches.change(token_lifetime_seconds=1)
    orders = edited(world, 2, "renewed")
    with world.lane() as lane:
        for _ in range(3):
            lane.look()
            world.pass_time(2)
            settle(lane)
    switches.change(token_lifetime_seconds=3600)
    all_arrived(world, orders, "renewed")


@pytest.mark.parametrize("path", ["", UPSERT], ids=["from the start", "in the middle"])
def test_a_token_that_hubspot_refuses_ends_the_run_with_what_to_do_and_the_next_one_finishes(
    world: World, path: str
) -> None:
    memo = f"with a new token {path}"
    orders = edited(world, 2, memo)
    world.faults.add(UNAUTHORIZED | {"app": "hubspot", "path": path})
    with pytest.raises(RemoteError, match="check NS_HS_HUBSPOT_TOKEN"):
        world.drain()
    assert set(orders) <= set(world.due())
    with world.lane() as lane:
        assert "NS_HS_HUBSPOT_TOKEN" in str(lane.watched(None).failure)
    world.faults.clear()
    world.pass_time(10)
    assert world.drain().outcomes["updated"] == 2
    with world.lane() as lane:
        assert lane.watched(None).failure is None
    all_arrived(world, orders, memo)


@pytest.mark.parametrize("answer", ["error", "empty"])
@pytest.mark.parametrize("table", ["transaction", "transactionline", "customer"])
def test_a_role_that_loses_a_table_in_the_middle_changes_nothing_in_hubspot_and_says_so(
    world: World, table: str, answer: str
) -> None:
    switches = world.company.sandbox.switches
    memo = f"seen again: {table}, {answer}"
    (order,) = edited(world, 1, memo)
    before = world.company.held()
    with world.lane() as lane:
        lane.look()
        switches.change(hidden_tables=(table,), hidden_tables_answer=answer)
        if (table, answer) == ("transaction", "empty"):
            assert settle(lane) == {"due": 1}
            with world.session() as session:
                explained = str(session.states.load([order])[order].explanation)
            assert "the role may have lost a permission" in explained
        else:
            with pytest.raises(SyncError, match=rf"(?i){table}|permission"):
                lane.round(500)
    assert world.company.held() == before
    assert order in world.due()
    switches.change(hidden_tables=(), hidden_tables_answer="error")
    world.pass_time(10)
    world.drain()
    all_arrived(world, [order], memo)


def test_a_new_order_that_is_out_of_sight_when_it_is_read_stays_due(world: World) -> None:
    (order,) = copies(world, world.fresh_orders()[0], 1)
    switches = world.company.sandbox.switches
    with world.lane() as lane:
        lane.look()
        assert order in world.due()
        switches.change(hidden_tables=("transaction",), hidden_tables_answer="empty")
        assert settle(lane) == {"due": 1}
    assert world.due()[order].attempts == 1
    switches.change(hidden_tables=(), hidden_tables_answer="error")
    world.pass_time(10)
    world.drain()
    assert order in world.company.held()
    world.agree()


def test_an_order_that_hubspot_always_refuses_keeps_nobody_waiting(world: World) -> None:
    poisoned, early, late = world.fresh_orders(3)
    world.faults.add(REFUSED | {"app": "hubspot", "path": UPSERT, "body": "refused"})
    world.edit(poisoned, "refused")
    world.edit(early, "let by")
    with world.lane() as lane:
        lane.look()
        assert settle(lane) == {"rejected": 1, "updated": 1}
        assert world.memo(early) == "let by"
        world.edit(late, "let by")
        lane.look()
        assert settle(lane)["updated"] == 1
        assert world.memo(late) == "let by"
        for _ in range(2):
            before = world.due()[poisoned]
            world.pass_time((before.next_try_at - world.now()).total_seconds() + 1)
            tried_at = world.now()
            settle(lane)
            after = world.due()[poisoned]
            assert after.attempts > before.attempts
            assert after.next_try_at - tried_at >= pause_after(after.attempts, is_rejected=True)
    world.faults.clear()
    world.edit(poisoned, "cured")
    world.arrive()
    assert world.memo(poisoned) == "cured"
    world.agree()


def test_an_order_over_which_hubspot_always_fails_is_left_alone_in_the_end(world: World) -> None:
    """HTTP 500 tells nothing of which order of a batch it is about."""
    poisoned, *others = world.fresh_orders(6)
    world.faults.add(
        {"kind": "status", "status": 500, "times": 0, "app": "hubspot", "path": UPSERT, "body": "poison"}
    )
    world.edit(poisoned, "poison")
    for one in others[:4]:
        world.edit(one, "fresh")
    with world.lane() as lane:
        lane.look()
        lane.round(8)
        world.pass_time(AFTER_THE_LEASE)
        world.edit(others[4], "fresh")
        lane.look()
        lane.round(8)
        assert world.memo(others[4]) == "fresh", "a fresh order never shares a call with one that failed"
        for _ in range(4):
            world.pass_time(AFTER_THE_LEASE)
            lane.round(8)
    assert {world.memo(one) for one in others} == {"fresh"}
    left = world.due()[poisoned]
    assert left.attempts >= 3
    assert left.next_try_at - world.now() <= LONGEST_PAUSE
    world.faults.clear()
    world.pass_time(LONGEST_PAUSE.total_seconds())
    world.drain()
    all_arrived(world, [poisoned], "poison")


@pytest.mark.parametrize("kind", ["contradicts itself", "fails"])
def test_an_order_that_spoils_every_reading_of_it_is_held_back_alone(world: World, kind: str) -> None:
    poisoned, *others = world.fresh_orders(4)
    rules: dict[str, dict[str, Any]] = {
        "contradicts itself": {"kind": "empty_page"},
        "fails": {
            "kind": "status",
            "status": 500,
            "answer": {
                "title": "An unexpected error occurred.",
                "o:errorDetails": [{"o:errorCode": "UNEXPECTED_ERROR"}],
            },
        },
    }
    memo = f"readable although it {kind}"
    for one in (poisoned, *others[:2]):
        world.edit(one, memo)
    with world.lane() as lane:
        lane.look()
        world.faults.add(
            rules[kind]
            | {"times": 0, "app": "netsuite", "path": "suiteql", "body": rf"SELECT.*\b{poisoned}\b"}
        )
        found = settle(lane)  # the world's refused orders may be tried once more beside them
        assert (found["updated"], found["due"]) == (2, 1)
        assert {world.memo(one) for one in others[:2]} == {memo}
        with world.session() as session:
            assert session.states.load([poisoned])[poisoned].reason == "unreadable"
        world.edit(others[2], memo)
        lane.look()
        assert settle(lane)["updated"] == 1
        first = world.due()[poisoned]
        world.pass_time(10)
        settle(lane)
        assert world.due()[poisoned].attempts > first.attempts
        assert world.due()[poisoned].first_failed_at == first.first_failed_at
    world.faults.clear()
    world.pass_time(LONGEST_PAUSE.total_seconds())
    world.drain()
    all_arrived(world, [poisoned, *others], memo)


def test_a_line_number_that_is_there_twice_quarantines_its_order_alone(world: World) -> None:
    poisoned, other = edited(world, 2, "two lines, one number")
    netsuite = world.company.netsuite
    line = next(
        row for row in netsuite.rows("transactionline", transaction=poisoned) if row["mainline"] == "F"
    )
    netsuite.insert("transactionline", [line])
    with world.lane() as lane:
        lane.look()
        found = settle(lane)
        assert (found["updated"], found["quarantined"]) == (1, 1)
    assert world.memo(other) == "two lines, one number"
    netsuite.delete("transactionline", {"uniquekey": str(line["uniquekey"])})
    netsuite.insert("transactionline", [line])
    world.pass_time(3)  # not in the second of the first save, which would be read once more later
    world.edit(poisoned, "two lines, one number")
    world.drain()
    all_arrived(world, [poisoned, other], "two lines, one number")


def test_an_import_of_thousands_of_orders_lets_a_fresh_one_by_and_arrives_whole(
    tmp_path: Path,
) -> None:
    many = 2000
    with running_world(tmp_path, 12) as world:
        netsuite = world.company.netsuite
        template = min(world.orders, key=lambda one: len(netsuite.rows("transactionline", transaction=one)))
        imported = copies(world, template, many)
        fresh = world.orders[0]
        told: list[str] = []
        with world.lane(told.append) as lane:
            lane.look()
            assert len([one for one in world.due() if one in imported]) == many
            lane.round(200)
            world.pass_time(1)
            world.edit(fresh, "fresh")
            lane.look()
            assert lane.round(200).outcomes["updated"] == 1
            assert world.memo(fresh) == "fresh"
            lane.quiet = timedelta(seconds=0.2)
            done = lane.drain()
            assert done is not None
            assert any("orders read and judged" in one and "more are due" in one for one in told)
        held = world.company.held()
        assert imported <= set(held)
        world.pass_time(10)
        world.company.sandbox.calls.clear()
        again = world.drain()
        assert set(again.outcomes) <= {"unchanged", "rejected"}
        assert not any(UPSERT in call for call in world.company.sandbox.calls.counts())
        world.agree()


def copies(world: World, template: str, many: int) -> set[str]:
    """An import: as many new orders like this one, all saved in this second. Ids."""
    netsuite = world.company.netsuite
    (header,) = netsuite.rows("transaction", id=template)
    lines = netsuite.rows("transactionline", transaction=template)
    highest = max(int(row["id"] or 0) for row in netsuite.rows("transaction"))
    highest_line = max(int(row["uniquekey"] or 0) for row in netsuite.rows("transactionline"))
    now = stamped(world.now())
    ids = [str(highest + 1 + turn) for turn in range(many)]
    with netsuite.transaction():
        netsuite.insert(
            "transaction",
            [header | {"id": one, "tranid": f"IMP{one}", "lastmodifieddate": now} for one in ids],
        )
        netsuite.insert(
            "transactionline",
            [
                line
                | {
                    "transaction": one,
                    "uniquekey": str(highest_line + 1 + turn * len(lines) + place),
                    "linelastmodifieddate": now,
                }
                for turn, one in enumerate(ids)
                for place, line in enumerate(lines)
            ],
        )
    return set(ids)


@contextmanager
def full_disk(lane: LiveLane) -> Iterator[None]:
    """SQLite may take no more pages, as on a full disk."""
    engine = lane._session.state._engine

    def limit(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # the file keeps what it has

    engine.dispose()
    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()


def go_on(world: World, lane: LiveLane, orders: list[str]) -> None:
    for turn in range(50):
        for one in orders:
            world.edit(one, f"edit {turn}")
        lane.look()
        settle(lane)
        world.pass_time(3)


def test_a_full_disk_is_a_clear_error_and_nothing_is_lost_once_there_is_space(world: World) -> None:
    orders = edited(world, 6, "there is space")
    with world.lane() as lane:
        lane.look()
        with full_disk(lane), pytest.raises(SyncError, match="full"):
            go_on(world, lane, orders)
    for one in orders:
        world.edit(one, "there is space")
    world.pass_time(AFTER_THE_LEASE)
    world.drain()
    all_arrived(world, orders, "there is space")


LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Another process keeps the state's database locked."""
    path = world.company.home / "state" / "state.sqlite"
    assert path.exists()
    with subprocess.Popen(
        [sys.executable, "-c", LOCKER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        yield
        process.communicate()


def test_a_state_that_stays_locked_is_a_clear_error_and_the_next_run_finishes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    orders = edited(world, 2, "unlocked")
    with world.lane() as lane, locked(world), pytest.raises(SyncError, match="nothing keeps it locked"):
        lane.drain()
    world.drain()
    all_arrived(world, orders, "unlocked")


def test_a_state_locked_between_a_write_and_its_confirmation_ends_with_it_written_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    orders = edited(world, 2, "confirmed")
    world.faults.add({"kind": "hold", "app": "hubspot", "path": "orders/companies/batch/read"})
    with world.lane() as lane:
        lane.look()
        live = InThread(lambda: lane.round(500))
        world.until_held(live.is_alive)
        with locked(world):
            world.faults.release()
            with pytest.raises(SyncError, match="locked"):
                live.join()
    world.pass_time(AFTER_THE_LEASE)
    world.drain()
    all_arrived(world, orders, "confirmed")
