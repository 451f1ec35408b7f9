"""The asset of company roll-ups: what customers buy, told on their companies in HubSpot, in one step.

Belongs here: wiring of the asset to the roll-ups. Does not belong here: any rule, or when it runs (schedules).
"""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from ns_hs_orders.defs import checks
from ns_hs_orders.defs.assets import catalog
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.metadata import rollup_notes
from ns_hs_orders.defs.progress import StepProgress
from ns_hs_orders.wiring.rollups import roll_up

ASSET = "company_rollups"
STEP = "roll_up_companies"


class RollupScope(dg.Config):
    """Which companies. due_only: those of which an order changed since they were last looked at."""

    due_only: bool = False
    companies: list[str] = Field(default_factory=list)


def company_rollups_asset() -> dg.AssetsDefinition:
    """The asset `company_rollups`, which holds no data of its own."""

    @dg.multi_asset(name=STEP, specs=[catalog.spec(ASSET)], check_specs=checks.specs(ASSET))
    def roll_up_companies(
        context: dg.AssetExecutionContext, config: RollupScope, connections: Connections
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with connections.open() as session:
            run = roll_up(
                session,
                run=context.run.run_id,
                company_ids=config.companies or None,
                due_only=config.due_only,
                progress=StepProgress(context),
            )
            calls = session.calls()
        yield dg.MaterializeResult(ASSET, metadata=rollup_notes(run, calls))
        yield checks.result(ASSET, run.check())

    return roll_up_companies
