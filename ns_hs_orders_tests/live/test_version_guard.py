"""Both lanes on the same orders end in the newest version, whoever is held up, killed or late."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event

import dagster as dg
import pytest

from ns_hs_orders.clients.transport import SystemClock
from ns_hs_orders.defs.storage import ParquetStorage
from ns_hs_orders.live import look as looking
from ns_hs_orders.sandbox.world import happenings
from ns_hs_orders.sandbox.world.standing import read_standing
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders_tests.defs.company import running_company
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY
from ns_hs_orders_tests.live.lane import settle, stamped
from ns_hs_orders_tests.live.world import (
    AFTER_THE_LEASE,
    DAY_ONCE,
    DAY_UNTIL_STOPPED,
    LIVE_ONCE,
    LIVE_UNTIL_STOPPED,
    InProcess,
    InThread,
    World,
    until,
)

ORDERS, LINES, LINKS = (
    "orders/batch/upsert",
    "line_items/batch/upsert",
    "orders/line_items/batch/create",
)


def hold(world: World, path: str) -> None:
    world.faults.add({"kind": "hold", "app": "hubspot", "path": path})


@pytest.mark.parametrize("path", [ORDERS, LINES, LINKS])
def test_an_older_write_of_the_day_lane_that_is_held_up_ends_in_what_the_live_lane_read_meanwhile(
    world: World, path: str
) -> None:
    (order,) = world.fresh_orders()
    world.edit(order, "older")
    hold(world, path)
    day = InThread(world.sync)
    world.until_held(day.is_alive)

    world.edit(order, "newer")
    with world.lane() as lane:
        assert lane.look().news == 1
        assert settle(lane)["updated"] == 0
    assert order in world.due()
    assert world.memo(order) != "newer"
    world.faults.release()
    assert day.join()["updated"] == 1
    assert world.memo(order) == "older"

    assert world.arrive()["updated"] == 1
    assert world.memo(order) == "newer"
    assert order not in world.due()
    world.agree()


@pytest.mark.parametrize("path", [ORDERS, LINKS])
def test_an_older_write_of_the_live_lane_that_is_held_up_ends_in_what_the_day_lane_read_meanwhile(
    world: World, path: str
) -> None:
    (order,) = world.fresh_orders()
    world.edit(order, "older")
    hold(world, path)
    with world.lane() as lane:
        lane.look()
        live = InThread(lambda: lane.round(500))
        world.until_held(live.is_alive)
        world.edit(order, "newer")
        waits = Event()

        def progress(what: str, _done: int, _total: int, _left: float | None = None, /) -> None:
            if "wait" in what:
                waits.set()

        with world.session() as session:
            mapped = session.map(session.read_days(FIRST, TODAY))
            day = InThread(lambda: session.push(mapped, run="day-run", progress=progress))
            until(waits.is_set, day.is_alive)
            world.faults.release()
            assert live.join().outcomes == {"updated": 1}
            results = day.join()
        by_id = dict(zip(results["order_id_netsuite"], results["outcome"], strict=True))
    assert by_id[order] == "updated"
    assert world.memo(order) == "newer"
    world.arrive()
    assert order not in world.due()
    world.agree()


def test_what_the_day_lane_read_before_the_live_lane_wrote_a_newer_version_is_not_written(
    world: World,
) -> None:
    (order,) = world.fresh_orders()
    world.edit(order, "older")
    with world.session() as session:
        mapped = session.map(session.read_days(FIRST, TODAY))
        world.edit(order, "newer")
        assert world.arrive()["updated"] == 1
        results = session.push(mapped, run="day-run")
    told = results[results["order_id_netsuite"] == order]
    assert told[["outcome", "reason"]].to_numpy().tolist() == [["unchanged", "newer_version_written"]]
    assert told["explanation"].str.contains("newer version").all()
    assert world.memo(order) == "newer"
    world.agree()


@pytest.mark.parametrize(
    "script, path", [(DAY_ONCE, ORDERS), (LIVE_ONCE, LINES)], ids=["the day lane", "the live lane"]
)
def test_a_write_whose_sender_was_killed_and_that_hubspot_does_later_ends_in_the_newest_version(
    world: World, script: str, path: str
) -> None:
    (order,) = world.fresh_orders()
    world.edit(order, "older")
    hold(world, path)
    sender = InProcess.start(world, script, Path("none"))
    world.until_held(sender.is_alive)
    sender.kill()

    world.edit(order, "newer")
    with world.lane() as lane:
        lane.look()
        assert settle(lane)["updated"] == 0, "nobody writes what a dead run may still be writing"
    assert world.faults.release() == 1
    until(lambda: world.memo(order) == "older")
    world.pass_time(AFTER_THE_LEASE)

    assert world.arrive()["updated"] == 1
    assert world.memo(order) == "newer"
    assert order not in world.due()
    world.agree()


def test_an_order_changed_and_changed_back_around_a_killed_write_ends_as_netsuite_has_it(
    world: World,
) -> None:
    (order,) = world.fresh_orders()
    world.edit(order, "as it was")
    assert world.arrive()["updated"] == 1
    world.edit(order, "changed")
    hold(world, ORDERS)
    sender = InProcess.start(world, LIVE_ONCE, Path("none"))
    world.until_held(sender.is_alive)
    sender.kill()
    world.edit(order, "as it was")
    world.faults.release()
    until(lambda: world.memo(order) == "changed")
    world.pass_time(AFTER_THE_LEASE)

    assert world.arrive()["updated"] == 1
    assert world.memo(order) == "as it was"
    world.agree()


def test_a_second_edit_in_the_same_second_right_after_the_first_was_read_arrives(
    world: World,
) -> None:
    (order,) = world.fresh_orders()
    second = stamped(world.now())
    world.edit(order, "first", lastmodifieddate=second)
    with world.lane() as lane:
        lane.look()
        assert settle(lane)["updated"] == 1
        assert world.memo(order) == "first"
        world.edit(order, "second", lastmodifieddate=second)
        lane.look()
        settle(lane)
        world.pass_time(looking.SETTLED_AFTER.total_seconds())
        lane.look()
        settle(lane)
    assert world.memo(order) == "second"
    world.agree()


def test_both_lanes_in_two_processes_over_the_same_orders_while_netsuite_changes_end_equal(
    world: World, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    lanes = [InProcess.start(world, script, stop) for script in (DAY_UNTIL_STOPPED, LIVE_UNTIL_STOPPED)]
    company, rng = world.company, Random(5)
    begun = len(company.sandbox.calls.calls())
    for turn in range(600):
        with company.netsuite.transaction():
            standing = read_standing(
                company.netsuite, company.hubspot, turn, world.now(), company.sandbox.switches()
            )
            standing.rng = rng
            rng.choice([happenings.header_edit, happenings.line_edit, happenings.line_removal])(standing)
        Event().wait(0.1)
        assert all(one.is_alive() for one in lanes)
        calls = company.sandbox.calls.calls()[begun:]
        if sum(one.path.endswith(ORDERS) for one in calls) >= 8:
            break
    stop.touch()
    for one in lanes:
        one.join()

    world.arrive()
    with world.session() as session:
        states = session.states.load(list(world.due()))
    assert {one.outcome for one in states.values()} <= {"rejected"}
    world.agree()


def test_an_old_day_pushed_again_from_the_ui_leaves_what_the_live_lane_wrote_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC))  # not the other tests' world
    with running_company(tmp_path, 20) as company:
        result = company.sync().reconciliation
        assert result is not None
        agreeing = result.orders[result.orders["finding"] == "agrees"]
        day = agreeing["order_on"].astype(str).mode()[0]  # few orders come on a Sunday
        old = agreeing.loc[agreeing["order_on"].astype(str) == day, "order_id_netsuite"].tolist()
        edited, untouched = old[0], old[1]
        with open_session(company.settings, is_live=True) as session:
            lane = LiveLane(session, "live-run")
            lane.look()
            settle(lane)
            with company.netsuite.transaction():
                now = datetime.now(UTC)
                standing = read_standing(
                    company.netsuite, company.hubspot, 1, now, company.sandbox.switches()
                )
                before = set(standing.orders)
                standing.rng = Random(3)
                happenings.new_order(standing, 1)
            (created,) = {row["id"] for row in company.netsuite.rows("transaction", type="SalesOrd")} - before
            assert created is not None
            company.netsuite.update(
                "transaction", {"id": edited}, {"memo": "newer", "lastmodifieddate": stamped()}
            )
            lane.look()
            outcomes = settle(lane)
            assert (outcomes["updated"], outcomes["created"]) == (1, 1)
        held = {key: company.held(key) for key in (edited, untouched, created)}

        with company.instance() as instance:
            run = (
                company.definitions()
                .resolve_implicit_global_asset_job_def()
                .execute_in_process(
                    partition_key=day,
                    asset_selection=[dg.AssetKey("hubspot_upsert_results")],
                    instance=instance,
                )
            )
        assert run.success

        frame = ParquetStorage(base=company.settings.storage_address).load("hubspot_upsert_results", [day])
        results = frame.set_index("order_id_netsuite")
        assert results.loc[edited, ["outcome", "reason"]].tolist() == ["unchanged", "newer_version_written"]
        assert "newer version" in str(results.loc[edited, "explanation"])
        assert results.loc[untouched, "outcome"] == "unchanged"
        assert {key: company.held(key) for key in held} == held
        assert company.held(edited)["properties"]["hs_order_note"] == "newer"
        with open_session(company.settings) as session:
            state = session.states.load([created])[created]
            due = {one.order_id for one in session.due_orders.all()}
        assert state.outcome == "created", "an old reading tells nothing of an order that came after it"
        assert not {edited, created} & due
