"""The Dagster instance of a home: `<home>/dagster`, with our own dagster.yaml.

Belongs here: making and opening it. Production sets DAGSTER_HOME and a dagster.yaml of its own.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from ns_hs_orders.files import private_folder, write_file

DAGSTER_YAML = """\
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  pools: {default_limit: 1, granularity: run}
run_queue: {dequeue_interval_seconds: 1}
run_monitoring: {enabled: true, poll_interval_seconds: 10}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}
retention:
  sensor: {purge_after_days: {skipped: 3}}
"""

WORKSPACE_YAML = """\
load_from:
  - python_module: {module_name: ns_hs_orders.definitions, location_name: ns_hs_orders}
"""


def dagster_home(home: Path) -> Path:
    """The folder of the home's instance, made with its dagster.yaml where there is none."""
    folder = home / "dagster"
    private_folder(folder)
    config = folder / "dagster.yaml"
    if not config.exists():
        write_file(config, DAGSTER_YAML.encode())
    return folder


def open_instance(home: Path) -> dg.DagsterInstance:
    """The home's instance; use it as a context manager."""
    return dg.DagsterInstance.from_config(str(dagster_home(home)))


def workspace_file(home: Path) -> Path:
    """The workspace for the home's webserver and daemon: one code location, under one name for both."""
    path = dagster_home(home) / "workspace.yaml"
    write_file(path, WORKSPACE_YAML.encode())
    return path
