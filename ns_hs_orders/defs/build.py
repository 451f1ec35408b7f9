"""build_defs: the one place where assets, jobs, schedules and resources become a code location.

Belongs here: assembly. Tests and other locations build their own with other settings or resources.
"""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from ns_hs_orders.defs.alerts import alerts_sensor
from ns_hs_orders.defs.assets.company_rollups import company_rollups_asset
from ns_hs_orders.defs.assets.day_lane import day_lane_assets
from ns_hs_orders.defs.assets.order_changes import order_changes_asset
from ns_hs_orders.defs.assets.returns import return_assets
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.jobs import IN_MEMORY, jobs
from ns_hs_orders.defs.live_sensor import live_sensor
from ns_hs_orders.defs.partitions import order_days
from ns_hs_orders.defs.schedules import daily_schedule, due_rollups, nightly_rollups
from ns_hs_orders.defs.storage import ParquetStorage
from ns_hs_orders.settings import Settings
from ns_hs_orders.wiring.rollups import is_on
from ns_hs_orders.wiring.stage_options import first_day_of

EXECUTORS: dict[str, dg.ExecutorDefinition] = {
    "in_process": dg.in_process_executor,
    "multiprocess": dg.multiprocess_executor,
}


def build_defs(
    settings: Settings,
    *,
    resources: Mapping[str, object] | None = None,
    loggers: Mapping[str, dg.LoggerDefinition] | None = None,
) -> dg.Definitions:
    """The code location for these settings; `resources` and `loggers` replace ours by name.

    Raises ConfigError where the first day cannot be told.
    """
    first_day = first_day_of(settings)
    executor = EXECUTORS[settings.executor]
    days = order_days(first_day, settings.netsuite_time_zone)
    has_returns = settings.returns == "pipeline"
    return dg.Definitions(
        assets=[
            *day_lane_assets(days),
            *(return_assets(days) if has_returns else ()),
            order_changes_asset(settings.sweep_minutes),
            company_rollups_asset(),
        ],
        jobs=jobs(executor, has_returns=has_returns),
        schedules=[
            daily_schedule(first_day, settings.netsuite_time_zone, settings.resync_days),
            nightly_rollups(settings.netsuite_time_zone, is_on=is_on(settings)),
            due_rollups(is_on=is_on(settings)),
        ],
        sensors=[live_sensor(is_started=settings.mode == "sandbox"), alerts_sensor()],
        resources={
            "connections": Connections(home=str(settings.home_path), mode=settings.mode),
            "io_manager": ParquetStorage(base=settings.storage_address),
            IN_MEMORY: dg.mem_io_manager,
            **(resources or {}),
        },
        executor=executor,
        loggers=loggers,
    )
