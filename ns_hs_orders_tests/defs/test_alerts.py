"""The sensor on a real Dagster instance, with real runs, a real state and a real receiver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ns_hs_orders.defs.alerts import InstanceRuns, alerts_sensor
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.in_process import sync_orders
from ns_hs_orders.defs.instance import WORKSPACE_YAML
from ns_hs_orders.errors import SyncError
from ns_hs_orders_tests.alerts.receiver import Receiver
from ns_hs_orders_tests.defs.company import Company
from ns_hs_orders_tests.defs.dagster_server import GraphQL, free_port, script, started, waited

LAUNCH = """mutation($params: ExecutionParams!) {
  launchRun(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } }
}"""

WITHOUT_QUEUE = """\
telemetry: {enabled: false}
run_coordinator: {module: dagster._core.run_coordinator, class: DefaultRunCoordinator}
"""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    opened = Receiver().start()
    monkeypatch.setenv("NS_HS_ALERT_URLS", opened.url)
    monkeypatch.setenv("NS_HS_ALERT_DIGEST_AT", "off")
    monkeypatch.setenv("NS_HS_ALERT_STUCK_AMOUNT", "1000000")  # the world's bad orders are no subject here
    yield opened
    opened.stop()


def tick(company: Company) -> str:
    """What one tick of the sensor says."""
    with company.instance() as instance:
        context = dg.build_sensor_context(
            instance=instance,
            resources={"connections": Connections(home=str(company.settings.home_path), mode="sandbox")},
        )
        data = alerts_sensor().evaluate_tick(context)
    assert not data.run_requests
    return data.skip_message or ""


def test_without_an_address_a_tick_says_so(company: Company) -> None:
    assert tick(company) == "No address is set to tell anybody (NS_HS_ALERT_URLS)."


def test_the_sensor_runs_by_default_once_a_minute_and_is_part_of_the_code_location(company: Company) -> None:
    sensor = company.definitions().resolve_sensor_def("alerts")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 60


def test_a_failed_job_and_a_red_day_are_told_in_one_message_and_their_end_too(
    company: Company, receiver: Receiver
) -> None:
    company.sync()
    assert tick(company) == "Nothing changed. All is well."
    key = next(order["properties"]["netsuite_internal_id"] for order in company.hubspot.objects("orders"))
    company.edit(key, hs_total_price="0.01")
    run = company.reconcile()
    assert tick(company) == "Told of 2 new and 0 over. 2 conditions open."
    (body,) = receiver.bodies
    failed, red = body.splitlines()[2:]
    assert failed.startswith("- **Job reconcile_days failed.** The dollars of ")
    assert failed.endswith(f"[Dagster run](http://127.0.0.1:3000/runs/{run.run_id})")
    assert " does not agree: 1 order differs.** HubSpot less NetSuite: -" in red
    assert red.endswith(f"[Dagster run](http://127.0.0.1:3000/runs/{run.run_id})")
    assert tick(company) == "Nothing changed. 2 conditions open."
    company.push()
    company.reconcile()
    assert tick(company) == "Told of 0 new and 2 over. All is well."
    assert len(receiver.got) == 2


def test_a_run_that_dagster_will_try_again_is_not_told_of(company: Company, receiver: Receiver) -> None:
    tick(company)
    with pytest.raises(SyncError):
        sync_orders(company.settings, ["no such order"], lambda _: None)
    with company.instance() as instance:
        (run,) = instance.get_runs(dg.RunsFilter(job_name="sync_orders"), limit=1)
        assert run.tags["dagster/will_retry"] == "false"
        instance.add_run_tags(run.run_id, {"dagster/will_retry": "true"})
        assert tick(company) == "Nothing changed. All is well."
        instance.add_run_tags(run.run_id, {"dagster/will_retry": "false"})
    assert tick(company) == "Told of 1 new and 0 over. 1 condition open."
    assert "Job sync_orders failed.** NetSuite has no sales order no such order" in receiver.bodies[0]


def test_a_failure_that_nobody_expected_is_told_without_its_text() -> None:
    @dg.op
    def broken() -> None:
        raise RuntimeError("canary-secret")

    @dg.job
    def broken_job() -> None:
        broken()

    with dg.DagsterInstance.ephemeral() as instance:
        result = broken_job.execute_in_process(instance=instance, raise_on_error=False)
        runs = InstanceRuns(instance, "ns_hs_orders")
        (run,) = runs.finished(datetime.now(UTC) - timedelta(minutes=1))
        assert (run.run_id, run.job, run.succeeded) == (result.run_id, "broken_job", False)
        assert runs.failure(run.run_id) == "Step broken failed with RuntimeError."
        assert runs.finished(datetime.now(UTC) + timedelta(minutes=1)) == []


def test_the_daemon_tells_of_a_run_that_failed_from_the_ui(
    company: Company, receiver: Receiver, tmp_path: Path
) -> None:
    company.push()
    held = company.hubspot.objects("orders")[0]["properties"]["netsuite_internal_id"]
    sync_orders(company.settings, [held], lambda _: None)
    tick(company)  # whatever an earlier test left open is over
    told = len(receiver.got)
    (tmp_path / "dagster.yaml").write_text(WITHOUT_QUEUE)
    (tmp_path / "workspace.yaml").write_text(WORKSPACE_YAML)
    port, location = free_port(), ["-w", str(tmp_path / "workspace.yaml")]
    environment = {
        "NS_HS_HOME": str(company.settings.home_path),
        "NS_HS_MODE": "sandbox",
        "NS_HS_FIRST_DAY": company.first.isoformat(),
        "DAGSTER_HOME": str(tmp_path),
    }
    webserver = [script("dagster-webserver"), *location, "-h", "127.0.0.1", "-p", f"{port}"]
    with started(webserver, tmp_path / "webserver.log", environment):
        dagster = GraphQL(f"http://127.0.0.1:{port}")
        waited(dagster.loaded, 60, "the code location")
        launched = dagster.ask(
            LAUNCH,
            params={
                "selector": {
                    "repositoryName": "__repository__",
                    "repositoryLocationName": "ns_hs_orders",
                    "jobName": "sync_orders",
                },
                "runConfigData": {"ops": {"sync_single_orders": {"config": {"orders": ["nothing"]}}}},
            },
        )["launchRun"]
        run_id = launched["run"]["runId"]
        waited(lambda: has_ended(tmp_path, run_id), 60, "the run's end")
    with started([script("dagster-daemon"), "run", *location], tmp_path / "daemon.log", environment):
        waited(lambda: receiver.got[told:], 90, "the message")
    assert "Job sync_orders failed.** NetSuite has no sales order nothing" in receiver.bodies[told]
    assert f"/runs/{run_id})" in receiver.bodies[told]


def has_ended(home: Path, run_id: str) -> bool:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = instance.get_run_by_id(run_id)
    return run is not None and run.is_finished
