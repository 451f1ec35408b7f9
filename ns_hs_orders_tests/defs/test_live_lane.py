"""The live lane in Dagster: the sensor's ticks in words, the asset's figures, and all killed and started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import dagster as dg
import pytest

from ns_hs_orders.defs.instance import workspace_file
from ns_hs_orders.sandbox.world import happenings
from ns_hs_orders.sandbox.world.standing import read_standing
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders_tests.defs.company import Company, running_company
from ns_hs_orders_tests.defs.dagster_server import script, started, waited
from ns_hs_orders_tests.defs.test_backfill import environment_of


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with running_company(tmp_path, orders=20) as company:
        company.push()
        yield company


def save_order(company: Company) -> str:
    """A new order, saved in NetSuite now by a customer that HubSpot has; its internal id."""
    with company.netsuite.transaction():
        world = read_standing(
            company.netsuite, company.hubspot, 7, datetime.now(UTC), company.sandbox.switches()
        )
        world.people.buyers = [one for one in world.people.buyers if one.synced]
        world.rng = Random(world.number)
        return str(happenings.new_order(world, 1)["order_id"])


def in_hubspot(company: Company, order_id: str) -> bool:
    keys = {one["properties"].get("netsuite_internal_id") for one in company.hubspot.objects("orders")}
    return order_id in keys


def tick(company: Company, cursor: str | None = None) -> tuple[str, str | None, int]:
    """One tick of the sensor: what it said, its cursor then, and how many runs it asked for."""
    definitions = company.definitions()
    with company.instance() as instance:
        context = dg.build_sensor_context(
            instance=instance, cursor=cursor, repository_def=definitions.get_repository_def(),
            resources={"connections": (definitions.resources or {})["connections"]},
        )  # fmt: skip
        found = definitions.resolve_sensor_def("watch_netsuite").evaluate_tick(context)
    said = found.skip_message or (found.run_requests or [])[0].tags["noticed"]
    return said, found.cursor, len(found.run_requests or [])


def run_job(company: Company) -> dg.ExecuteInProcessResult:
    job = company.definitions().resolve_job_def("sync_changes")
    with company.instance() as instance:
        return job.execute_in_process(instance=instance)


def test_a_tick_says_what_it_saw_asks_for_one_run_and_waits_for_it(company: Company) -> None:
    save_order(company)
    said, cursor, asked = tick(company)
    assert asked == 1
    assert said.startswith("NetSuite: orders ")
    assert "orders due now." in said
    said, _, asked = tick(company, cursor)
    assert asked == 0
    assert "and is starting." in said


def test_a_tick_leaves_a_lane_at_work_alone_and_asks_no_system(company: Company) -> None:
    with open_session(company.settings) as session:
        assert session.lanes.acquire("live", "0123456789abcdef", session.now())
        company.sandbox.calls.clear()
        said, _, asked = tick(company)
        assert (asked, company.sandbox.calls.calls()) == (0, [])
        assert said.startswith("Live run 01234567 is at work, last heartbeat ")


def test_an_idle_tick_costs_one_small_query_a_stream(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveLane, "quiet", timedelta(seconds=3))
    run_job(company)
    company.sandbox.calls.clear()
    said, _, asked = tick(company)
    assert (said, asked) == ("NetSuite: nothing new. Nothing is due.", 0)
    calls = company.sandbox.calls.calls()
    assert {call.app for call in calls} == {"netsuite"}
    assert len([call for call in calls if call.path.endswith("/suiteql")]) == 6 + 2, (
        "two of them are of returns"
    )
    assert len(calls) <= 10


def test_netsuite_that_does_not_answer_is_told_in_words_and_asks_for_no_run(company: Company) -> None:
    company.sandbox.faults.add({"kind": "status", "app": "netsuite", "status": 503, "times": 0})
    said, _, asked = tick(company)
    assert asked == 0
    assert "HTTP 503" in said
    assert said.endswith("What is due stays due; the next tick looks again.")


def test_a_refused_stream_that_the_sync_can_do_without_is_told_and_a_run_is_asked_for(
    company: Company,
) -> None:
    tick(company)
    save_order(company)
    company.sandbox.switches.change(hidden_tables=("deletedrecord",), hidden_tables_answer="error")
    said, _, asked = tick(company)
    assert asked == 1
    assert "deleted records cannot be read" in said
    said, _, asked = tick(company)
    assert asked == 1
    assert "cannot be read" not in said


def test_the_asset_tells_its_delays_and_its_checks_show_numbers(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveLane, "quiet", timedelta(seconds=3))
    run_job(company)
    order_id = save_order(company)
    result = run_job(company)
    assert result.success
    assert in_hubspot(company, order_id)
    (event,) = result.get_asset_materialization_events()
    metadata: Mapping[str, Any] = {
        name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()
    }
    assert metadata["changes that arrived"] == 1
    assert 0 <= metadata["delay p50 in seconds"] == metadata["delay max in seconds"] < 60
    assert metadata["created"] == 1
    assert metadata["mode"] == "sandbox"
    checks = {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}
    assert checks["orders_arrive_in_time"].passed
    assert checks["orders_arrive_in_time"].metadata["arrived"].value == 1
    assert checks["every_change_is_accounted_for"].passed


def test_a_second_live_run_does_nothing_while_the_first_is_at_work(company: Company) -> None:
    order_id = save_order(company)
    with open_session(company.settings) as session:
        assert session.lanes.acquire("live", "another", session.now())
        result = run_job(company)
    assert result.success
    assert not in_hubspot(company, order_id)
    (event,) = result.get_asset_materialization_events()
    summary = event.step_materialization_data.materialization.metadata["summary"].value
    assert summary == "Another live run is at work; this one did nothing."


def test_with_everything_killed_and_started_again_the_lane_works_within_a_minute(company: Company) -> None:
    home = company.settings.home_path
    location = ["-w", str(workspace_file(home))]
    commands = {
        "daemon": [script("dagster-daemon"), "run", *location],
        "webserver": [script("dagster-webserver"), *location, "-h", "127.0.0.1", "-p", "0"],
    }
    environment = environment_of(company)
    with ExitStack() as first:
        for name, command in commands.items():
            first.enter_context(started(command, home / f"{name}.log", environment))
        before = save_order(company)
        waited(lambda: in_hubspot(company, before) or None, 60, "the first order")
        with open_session(company.settings) as session:
            waited(lambda: session.lanes.find("live"), 30, "the live run")
        kill_all(environment["DAGSTER_HOME"])
    after = save_order(company)
    with ExitStack() as second:
        for name, command in commands.items():
            second.enter_context(started(command, home / f"{name}.2.log", environment))
        waited(lambda: in_hubspot(company, after) or None, 60, "the order after everything was killed")
    held = [one["properties"]["netsuite_internal_id"] for one in company.hubspot.objects("orders")]
    assert len(held) == len(set(held))


def kill_all(dagster_home: str) -> None:
    """`kill -9` of every process of the home: webserver, daemon, code servers and runs, at once."""
    wanted = f"DAGSTER_HOME={dagster_home}".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    os.kill(int(folder.name), signal.SIGKILL)
            except (OSError, ProcessLookupError):
                continue
