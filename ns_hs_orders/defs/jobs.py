"""Jobs: the day lane for ranges of days, reconciliation alone, the live lane, company roll-ups, single orders by id.

Belongs here: job definitions. Does not belong here: when they run (schedules.py).
"""

from typing import Any

import dagster as dg

from ns_hs_orders.defs.assets.catalog import DAY_LANE_POOL
from ns_hs_orders.defs.assets.returns import COMPARED, RETURN_ASSETS
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.metadata import outcome_records
from ns_hs_orders.defs.progress import StepProgress
from ns_hs_orders.wiring.returns.session import find_both, open_returns
from ns_hs_orders.wiring.session import Session

SYNC_DAYS = "sync_days"
RECONCILE_DAYS = "reconcile_days"
SYNC_ORDERS = "sync_orders"
SYNC_CHANGES = "sync_changes"
ROLL_UP_COMPANIES = "company_rollups"
LIVE_RUN_TAGS = {
    "dagster/priority": "10",
    "dagster/max_runtime": "600",
    # the sensor asks for the next run, by the heartbeat
    "dagster/max_retries": "0",
}
IN_MEMORY = "in_memory_io_manager"
DAY_LANE = dg.AssetSelection.assets(
    "netsuite_raw_orders",
    "netsuite_raw_lines",
    "orders",
    "order_lines",
    "quarantined_orders",
    "skipped_orders",
    "hubspot_upsert_results",
    "reconciliation_report",
    "proven_days",
)


class OrdersToSync(dg.Config):
    """Which orders, or returns, the job syncs: NetSuite internal ids or numbers."""

    orders: list[str]


@dg.op(
    description="Reads these orders and returns from NetSuite, maps them and writes them to HubSpot.",
    out=dg.Out(list, io_manager_key=IN_MEMORY),
    pool=DAY_LANE_POOL,
)
def sync_single_orders(
    context: dg.OpExecutionContext, config: OrdersToSync, connections: Connections
) -> list[Any]:
    """One outcome an order, as plain records; never materializes or proves a day."""
    with connections.open() as session:
        progress = StepProgress(context)
        orders, returns = find_both(session, config.orders)
        outcomes = _synced(session, orders, context.run.run_id, progress) if orders else []
        if returns:
            with open_returns(session) as of_returns:
                outcomes += _synced(of_returns, returns, context.run.run_id, progress)
    context.add_output_metadata({"orders": dg.MetadataValue.json(outcomes)})
    return outcomes


def _synced(session: Session, ids: list[str], run: str, progress: StepProgress) -> list[Any]:
    mapped = session.map(session.read_ids(ids, progress), progress)
    return outcome_records(session.push(mapped, run=run, progress=progress, send_refused_again=True))


@dg.job(name=SYNC_ORDERS, description="Syncs single orders by id, outside the daily partitions.")
def sync_orders() -> None:
    """Single orders by id."""
    sync_single_orders()


def jobs(executor: dg.ExecutorDefinition, *, has_returns: bool) -> list[Any]:
    """All jobs of the code location. has_returns: whether returns are assets, too."""
    returns = dg.AssetSelection.assets(*RETURN_ASSETS) if has_returns else dg.AssetSelection.assets()
    compared = dg.AssetSelection.assets(*((COMPARED,) if has_returns else ()))
    return [
        dg.define_asset_job(
            SYNC_DAYS,
            selection=DAY_LANE | returns,
            executor_def=executor,
            description="Carries the orders of the chosen days into HubSpot and proves that both agree.",
        ),
        dg.define_asset_job(
            RECONCILE_DAYS,
            selection=dg.AssetSelection.assets("reconciliation_report", "proven_days") | compared,
            executor_def=executor,
            description="Reads both systems again and compares the chosen days; tells on each order whether its dollars are verified.",
        ),
        dg.define_asset_job(
            SYNC_CHANGES,
            selection=dg.AssetSelection.assets("order_changes"),
            executor_def=dg.in_process_executor,
            tags=LIVE_RUN_TAGS,
            description="The live lane: what changed in NetSuite, until NetSuite has been quiet for half a minute.",
        ),
        dg.define_asset_job(
            ROLL_UP_COMPANIES,
            selection=dg.AssetSelection.assets("company_rollups"),
            executor_def=dg.in_process_executor,
            description="Tells companies in HubSpot what they buy: all, those named, or those of which an order changed.",
        ),
        sync_orders,
    ]
