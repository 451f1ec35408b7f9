"""Dagster's own processes over the code location: it loads, and the daemon runs a backfill."""

from __future__ import annotations

import dagster as dg

from ns_hs_orders.cli.demo import knows_run
from ns_hs_orders.defs.assets.returns import RETURN_ASSETS
from ns_hs_orders.defs.instance import dagster_home, workspace_file
from ns_hs_orders_tests.defs.company import Company
from ns_hs_orders_tests.defs.dagster_server import ROOT, GraphQL, free_port, script, started, waited
from ns_hs_orders_tests.defs.test_definitions import FLOW

LAUNCH = """mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  }
}"""


def environment_of(company: Company) -> dict[str, str]:
    home = company.settings.home_path
    return {
        "NS_HS_HOME": str(home),
        "NS_HS_MODE": "sandbox",
        "NS_HS_FIRST_DAY": company.first.isoformat(),
        "DAGSTER_HOME": str(dagster_home(home)),
    }


def test_dagster_dev_loads_the_workspace_of_the_repository(company: Company) -> None:
    port = free_port()
    command = [
        script("dagster"),
        "dev",
        "-w",
        str(ROOT / "workspace.yaml"),
        "-h",
        "127.0.0.1",
        "-p",
        f"{port}",
    ]
    with started(command, company.settings.home_path / "dev.log", environment_of(company)):
        dagster = GraphQL(f"http://127.0.0.1:{port}")
        assert waited(dagster.loaded, 60, "the code location") == {"ns_hs_orders": "LOADED"}


def test_a_backfill_from_the_ui_is_one_run_that_proves_every_day(company: Company) -> None:
    port, home = free_port(), company.settings.home_path
    location = ["-w", str(workspace_file(home))]
    webserver = [script("dagster-webserver"), *location, "-h", "127.0.0.1", "-p", f"{port}"]
    daemon = [script("dagster-daemon"), "run", *location]
    dagster = GraphQL(f"http://127.0.0.1:{port}")
    with started(webserver, home / "webserver.log", environment_of(company)):
        waited(dagster.loaded, 60, "the code location")
        launched = dagster.ask(
            LAUNCH,
            params={
                "assetSelection": [{"path": [asset]} for asset in (*FLOW, *RETURN_ASSETS)],
                "partitionNames": company.days,
                "fromFailure": False,
                "tags": [],
            },
        )["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        with started(daemon, home / "daemon.log", environment_of(company)):
            (run,) = waited(lambda: ended_runs(company, launched["backfillId"]), 90, "the backfill's run")
        assert knows_run(dagster.url, run.run_id)
        assert not knows_run(dagster.url, "00000000-0000-0000-0000-000000000000")
    assert not knows_run(dagster.url, run.run_id)
    assert run.status == dg.DagsterRunStatus.SUCCESS
    assert run.tags["dagster/asset_partition_range_start"] == company.days[0]
    assert run.tags["dagster/asset_partition_range_end"] == company.days[-1]
    for asset in (*FLOW, *RETURN_ASSETS):
        assert company.statuses(asset) == dict.fromkeys(company.days, "MATERIALIZED")
    assert list(company.materializations("proven_days", run.run_id)) == company.days[::-1]
    held = [order["properties"]["netsuite_internal_id"] for order in company.hubspot.objects("orders")]
    assert len(held) == len(set(held)) > 20


def ended_runs(company: Company, backfill: str) -> list[dg.DagsterRun] | None:
    """The runs of a backfill once there are some and all have ended."""
    with company.instance() as instance:
        runs = list(instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": backfill})))
    return runs if runs and all(run.is_finished for run in runs) else None
