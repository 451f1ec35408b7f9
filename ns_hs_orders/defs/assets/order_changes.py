"""The live lane's asset: what changed in NetSuite is read, written and measured, in one step and one process.

Belongs here: wiring of the asset to the live lane. Does not belong here: any rule.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from ns_hs_orders.defs import checks, metadata
from ns_hs_orders.defs.assets import catalog
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.live.drain import Drained


def order_changes_asset(sweep_minutes: int) -> dg.AssetsDefinition:
    """The asset `order_changes`. sweep_minutes: at least so often it is materialized while the lane works."""

    @dg.multi_asset(
        name="sync_changed_orders",
        specs=[
            catalog.spec("order_changes").replace_attributes(
                freshness_policy=dg.FreshnessPolicy.time_window(
                    fail_window=timedelta(minutes=3 * sweep_minutes),
                    warn_window=timedelta(minutes=2 * sweep_minutes),
                )
            )
        ],
        check_specs=checks.specs("order_changes"),
    )
    def sync_changed_orders(
        context: dg.AssetExecutionContext, connections: Connections
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with connections.live(context.run.run_id, context.log.info) as lane:

            def tell(so_far: Drained) -> None:
                notes = metadata.change_notes(lane.report(so_far))
                context.log_event(dg.AssetMaterialization("order_changes", metadata=notes))

            found = lane.report(lane.drain(tell))
        yield dg.MaterializeResult("order_changes", metadata=metadata.change_notes(found))
        yield from (checks.result("order_changes", one) for one in found.checks)

    return sync_changed_orders
