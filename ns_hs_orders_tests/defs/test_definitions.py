"""The code location as a whole: what it offers, and that it loads fast and without a mistake."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ns_hs_orders.defs.build import build_defs
from ns_hs_orders.defs.instance import DAGSTER_YAML, dagster_home, open_instance, workspace_file
from ns_hs_orders.settings import child_environment, load_settings

ROOT = Path(__file__).parents[2]
FLOW = {
    "netsuite_raw_orders": set(),
    "netsuite_raw_lines": set(),
    "orders": {"netsuite_raw_orders", "netsuite_raw_lines"},
    "order_lines": {"netsuite_raw_orders", "netsuite_raw_lines"},
    "quarantined_orders": {"netsuite_raw_orders", "netsuite_raw_lines"},
    "skipped_orders": {"netsuite_raw_orders", "netsuite_raw_lines"},
    "hubspot_upsert_results": {
        "netsuite_raw_orders",
        "orders",
        "order_lines",
        "quarantined_orders",
        "skipped_orders",
    },
    "reconciliation_report": {"hubspot_upsert_results"},
    "proven_days": {"reconciliation_report"},
}
_RAW_RETURNS = {"netsuite_raw_returns", "netsuite_raw_return_lines"}
_MAPPED_RETURNS = {"returns", "return_lines", "quarantined_returns", "skipped_returns"}
RETURNS_FLOW = {
    **{name: set[str]() for name in _RAW_RETURNS},
    **dict.fromkeys(_MAPPED_RETURNS, _RAW_RETURNS),
    "hubspot_return_results": {"netsuite_raw_returns", *_MAPPED_RETURNS, "hubspot_upsert_results"},
    "return_reconciliation": {"hubspot_return_results"},
}
CHECKS = {
    ("orders", "totals_add_up", False),
    ("orders", "tax_is_plausible", False),
    ("orders", "currency_is_known", False),
    ("hubspot_upsert_results", "every_order_is_accounted_for", True),
    ("hubspot_upsert_results", "hubspot_accepted_every_order", False),
    ("reconciliation_report", "nothing_was_missed", False),
    ("reconciliation_report", "dollars_agree", False),
    ("reconciliation_report", "closed_periods_are_unchanged", False),
    ("reconciliation_report", "header_equals_its_lines", False),
    ("reconciliation_report", "orders_have_company_lines_owner", False),
    ("reconciliation_report", "no_orphan_line_items", False),
    ("hubspot_return_results", "every_return_is_accounted_for", True),
    ("hubspot_return_results", "hubspot_accepted_every_return", False),
    ("return_reconciliation", "return_records_agree", False),
    ("order_changes", "every_change_is_accounted_for", False),
    ("order_changes", "orders_arrive_in_time", False),
    ("company_rollups", "companies_tell_their_buying", False),
}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    home = tmp_path_factory.mktemp("home")
    return build_defs(load_settings(home=home, mode="sandbox", first_day=date(2026, 9, 1)))


def test_the_assets_flow_from_netsuite_to_the_proven_day(definitions: dg.Definitions) -> None:
    assert flow_of(definitions) == {**FLOW, **RETURNS_FLOW, "order_changes": set(), "company_rollups": set()}


def flow_of(definitions: dg.Definitions) -> dict[str, set[str]]:
    """Asset → the assets that it is made from."""
    graph = definitions.resolve_asset_graph()
    return {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }


@pytest.mark.parametrize("setting", ["amounts_only", "off"])
def test_without_return_records_there_is_no_asset_of_returns(tmp_path: Path, setting: str) -> None:
    settings = load_settings(home=tmp_path, mode="sandbox", first_day=date(2026, 9, 1), returns=setting)
    definitions = build_defs(settings)
    assert flow_of(definitions) == {**FLOW, "order_changes": set(), "company_rollups": set()}
    for job in ("sync_days", "reconcile_days"):
        nodes = {node.name for node in definitions.resolve_job_def(job).nodes}
        assert not [name for name in nodes if "return" in name]


def test_every_asset_says_what_it_is_and_whose_it_is(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description is not None
        assert len(node.description) > 40
        assert node.owners == ["team:revops"]
        assert node.kinds
        assert node.tags["domain"] == "sales_orders"
        assert node.group_name in {"netsuite", "mapping", "hubspot", "reconciliation", "live"}


def test_every_asset_of_a_day_runs_in_the_day_lane(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for name in (*FLOW, *RETURNS_FLOW):
        node = graph.get(dg.AssetKey(name))
        assert node.pools == {"day_lane"}
        assert node.backfill_policy == dg.BackfillPolicy.multi_run(max_partitions_per_run=31)
        assert node.partitions_def == dg.DailyPartitionsDefinition(
            "2026-09-01", timezone="America/Los_Angeles", end_offset=1
        )


def test_the_live_lane_waits_in_no_pool_and_must_stay_fresh(definitions: dg.Definitions) -> None:
    """A killed run keeps its place in a pool for as long as Dagster believes that it runs."""
    node = definitions.resolve_asset_graph().get(dg.AssetKey("order_changes"))
    assert (node.pools, node.partitions_def) == (set(), None)
    spec = definitions.resolve_assets_def("order_changes").get_asset_spec(dg.AssetKey("order_changes"))
    assert spec.freshness_policy == dg.FreshnessPolicy.time_window(
        fail_window=timedelta(minutes=45), warn_window=timedelta(minutes=30)
    )


def test_the_report_of_the_night_is_stale_when_it_is_not_there_in_the_morning(
    definitions: dg.Definitions,
) -> None:
    key = dg.AssetKey("reconciliation_report")
    spec = definitions.resolve_assets_def(key).get_asset_spec(key)
    assert spec.freshness_policy == dg.FreshnessPolicy.cron(
        deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=8), timezone="America/Los_Angeles"
    )


def test_the_sensors_start_by_themselves_in_the_sandbox_only(tmp_path: Path) -> None:
    of_sandbox = build_defs(load_settings(home=tmp_path, mode="sandbox"))
    watch = of_sandbox.resolve_sensor_def("watch_netsuite")
    assert (watch.job_name, watch.minimum_interval_seconds) == ("sync_changes", 3)
    assert watch.default_status == dg.DefaultSensorStatus.RUNNING
    live = load_settings(
        home=tmp_path,
        mode="live",
        netsuite_account="1",
        netsuite_client_id="c",
        netsuite_certificate_id="i",
        netsuite_private_key_path="k",
        hubspot_token="t",
    )
    assert build_defs(live).resolve_sensor_def("watch_netsuite").default_status == (
        dg.DefaultSensorStatus.STOPPED
    )


def test_the_checks_are_sentences_and_only_the_accounting_blocks(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    assert {(spec.asset_key.to_user_string(), spec.name, spec.blocking) for spec in specs} == CHECKS
    assert all(spec.description and spec.description.endswith(".") for spec in specs)
    assert all(spec.partitions_def is None for spec in specs)


def test_the_jobs_and_the_schedule_are_these(definitions: dg.Definitions) -> None:
    names = {job.name for job in definitions.resolve_all_job_defs()} - {"__ASSET_JOB"}
    assert names == {"sync_days", "reconcile_days", "sync_orders", "sync_changes", "company_rollups"}
    steps = {
        job: {node.name for node in definitions.resolve_job_def(job).nodes}
        for job in ("sync_days", "reconcile_days")
    }
    of_returns = {"read_returns", "map_returns", "push_returns", "reconcile_returns"}
    assert steps["sync_days"] - of_returns == {"read_netsuite", "map_orders", "push_to_hubspot", "reconcile"}
    assert steps["sync_days"] >= of_returns
    assert steps["reconcile_days"] == {"reconcile", "reconcile_returns"}
    schedule = definitions.resolve_schedule_def("sync_last_days_daily")
    assert (schedule.job_name, schedule.cron_schedule) == ("sync_days", "0 2 * * *")
    assert schedule.execution_timezone == "America/Los_Angeles"
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED


@pytest.mark.parametrize(
    "executor, expected",
    [("in_process", dg.in_process_executor), ("multiprocess", dg.multiprocess_executor)],
)
def test_the_executor_is_a_setting(executor: str, expected: dg.ExecutorDefinition, tmp_path: Path) -> None:
    definitions = build_defs(load_settings(home=tmp_path, mode="sandbox", executor=executor))
    assert definitions.executor is expected
    assert definitions.resolve_job_def("sync_days").executor_def is expected


def test_the_first_day_is_that_of_the_sandboxs_world(tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "world.json").write_text('{"first_order_date": "2026-10-05"}')
    graph = build_defs(load_settings(home=tmp_path, mode="sandbox")).resolve_asset_graph()
    partitions = graph.get(dg.AssetKey("orders")).partitions_def
    assert partitions is not None
    assert partitions.get_first_partition_key() == "2026-10-05"


def test_the_code_location_its_sensors_and_reading_load_without_pandas_and_leave_pandera_judging_in_full(
    tmp_path: Path,
) -> None:
    code = (
        "import os, sys, ns_hs_orders.definitions, ns_hs_orders.extract.read\n"
        "from ns_hs_orders.settings import load_settings\n"
        "from ns_hs_orders.wiring.alerting import open_alerts\n"
        "with open_alerts(load_settings(alert_urls='json://127.0.0.1:9'), None) as alerts: assert alerts\n"
        "heavy = {'pandas', 'pandera', 'pyarrow', 'numpy', 'sqlglot', 'starlette'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "from ns_hs_orders.defs import contracts; contracts.model('orders')\n"
        "from pandera.config import CONFIG, ValidationDepth, get_config_context\n"
        "assert CONFIG.validation_enabled and 'PANDERA_VALIDATION_DEPTH' not in os.environ\n"
        "assert get_config_context().validation_depth in (None, ValidationDepth.SCHEMA_AND_DATA)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=child_environment(NS_HS_HOME=str(tmp_path), NS_HS_MODE="sandbox"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_home_has_one_instance_with_our_configuration_and_a_workspace(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        assert instance.root_directory == str(tmp_path / "dagster")
        assert instance.telemetry_enabled is False
        assert instance.nux_enabled is False
        pools = instance.get_concurrency_config().pool_config
        assert pools.default_pool_limit == 1
        assert pools.pool_granularity is not None
        assert pools.pool_granularity.value == "run"
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_poll_interval_seconds == 10
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 1)
        assert instance.get_settings("run_retries")["retry_on_asset_or_op_failure"] is False
    assert "location_name: ns_hs_orders" in workspace_file(tmp_path).read_text()
    assert "location_name: ns_hs_orders" in (ROOT / "workspace.yaml").read_text()


def test_a_dagster_yaml_of_ones_own_is_kept(tmp_path: Path) -> None:
    folder = dagster_home(tmp_path)
    assert (folder / "dagster.yaml").read_text() == DAGSTER_YAML
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    dagster_home(tmp_path)
    assert (folder / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"
