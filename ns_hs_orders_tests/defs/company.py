"""A small company in a running sandbox, and this package's jobs over it, for tests of Dagster's side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from ns_hs_orders.cli.sandbox import account_today
from ns_hs_orders.defs import in_process
from ns_hs_orders.defs.build import build_defs
from ns_hs_orders.defs.in_process import DaysRun
from ns_hs_orders.defs.instance import open_instance
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world import generate
from ns_hs_orders.sandbox.world.load import load_world
from ns_hs_orders.settings import Settings, load_settings
from ns_hs_orders.setup.plan import apply
from ns_hs_orders.wiring.check_up import setup_steps
from ns_hs_orders.wiring.opening import open_session

DAYS = 3


@dataclass
class Company:
    """`first` to `last` are the days with orders. told: what the runs said to people."""

    settings: Settings
    sandbox: Sandbox
    netsuite: NetSuiteStore
    hubspot: HubSpotStore
    first: date
    last: date
    told: list[str] = field(default_factory=list)

    @property
    def days(self) -> list[str]:
        return [
            (self.first + timedelta(days=n)).isoformat() for n in range((self.last - self.first).days + 1)
        ]

    def sync(self, first: date | None = None, last: date | None = None) -> DaysRun:
        (run,) = in_process.sync_days(self.settings, first or self.first, last or self.last, self.told.append)
        return run

    def push(self) -> None:
        """Carries over the orders of all days without Dagster, which costs a tenth of a run."""
        with open_session(self.settings) as session:
            session.push(session.map(session.read_days(self.first, self.last)), run="without Dagster")

    def reconcile(self) -> DaysRun:
        (run,) = in_process.reconcile_days(self.settings, self.first, self.last, self.told.append)
        return run

    def edit(self, key: str, **properties: str) -> None:
        """Changes an order in HubSpot by hand."""
        self.hubspot.edit("orders", self.held(key)["id"], properties)

    def held(self, key: str) -> dict[str, Any]:
        """The order in HubSpot, by its NetSuite id."""
        orders = self.hubspot.objects("orders")
        return next(order for order in orders if order["properties"]["netsuite_internal_id"] == key)

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        with open_instance(self.settings.home_path) as instance:
            yield instance

    def definitions(self) -> dg.Definitions:
        return build_defs(self.settings)

    def statuses(self, asset: str) -> dict[str, str]:
        """Partition → its status in the UI, for the days of the company."""
        partitions = self.definitions().resolve_asset_graph().get(dg.AssetKey(asset)).partitions_def
        assert partitions is not None
        with self.instance() as instance:
            found = instance.get_status_by_partition(dg.AssetKey(asset), self.days, partitions) or {}
        return {day: status.value if status else "none" for day, status in found.items()}

    def materializations(self, asset: str, run_id: str) -> dict[str, Mapping[str, Any]]:
        """Day → metadata of what a run materialized."""
        with self.instance() as instance:
            records = instance.fetch_materializations(
                dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset)), limit=1000
            ).records
        return {
            str(record.partition_key): record.asset_materialization.metadata
            for record in records
            if record.run_id == run_id and record.asset_materialization
        }

    def evaluations(self, check: str, run_id: str) -> list[dg.AssetCheckEvaluation]:
        """What a run said of a check, in order: the days first, then the run."""
        with self.instance() as instance:
            logs = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        found = [
            entry.dagster_event.asset_check_evaluation_data
            for entry in logs
            if entry.dagster_event is not None
        ]
        return [evaluation for evaluation in found if evaluation.check_name == check]


@contextmanager
def running_company(home: Path, orders: int = 40, last: date | None = None) -> Iterator[Company]:
    """A seeded, provisioned company in `home`, nothing synced yet. last: its last day with orders; today."""
    today = last or account_today()
    with Sandbox(home, limits="off") as sandbox:
        netsuite, hubspot = NetSuiteStore(sandbox.home.netsuite_path), HubSpotStore(sandbox.home.hubspot_path)
        load_world(generate(orders, 7, today, days=DAYS), netsuite, hubspot)
        first = today - timedelta(days=DAYS - 1)
        settings = load_settings(home=home, mode="sandbox", first_day=first)
        with open_session(settings) as session:
            apply(setup_steps(session), lambda _: None)
        yield Company(settings, sandbox, netsuite, hubspot, first, today)
        netsuite.close()
        hubspot.close()
