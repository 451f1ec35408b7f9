"""The assets of returns as records: NetSuite's returns of a day, mapped, pushed and compared.

Belongs here: wiring of assets to the functions of returns. Does not belong here: any rule, or the assets of orders. No
asset of orders waits for one of these.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ns_hs_orders.defs import checks, metadata
from ns_hs_orders.defs.assets import catalog
from ns_hs_orders.defs.assets.day_lane import BACKFILL, days_of_run, told_of
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.day_parts import Days
from ns_hs_orders.defs.progress import StepProgress
from ns_hs_orders.defs.readings import require_one_reading
from ns_hs_orders.wiring.departures import DepartureDesk
from ns_hs_orders.wiring.returns.session import open_returns

RAW = ("netsuite_raw_returns", "netsuite_raw_return_lines")
MAPPED = ("returns", "return_lines", "quarantined_returns", "skipped_returns")
RESULTS = "hubspot_return_results"
COMPARED = "return_reconciliation"
RETURN_ASSETS = (*RAW, *MAPPED, RESULTS, COMPARED)


def return_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The assets of returns over these partitions, which are dates of returns."""
    shared: dict[str, Any] = {
        "partitions_def": days,
        "backfill_policy": BACKFILL,
        "pool": catalog.DAY_LANE_POOL,
    }

    @dg.multi_asset(name="read_returns", outs={name: catalog.out(name) for name in RAW}, **shared)
    def read_returns(context: dg.AssetExecutionContext, connections: Connections) -> Iterator[dg.Output[Any]]:
        with connections.open() as session, open_returns(session) as returns:
            progress = StepProgress(context, RAW[0])
            raw = returns.read_raw_days(*days_of_run(context), progress)
            told = told_of(session, progress)
        for warning in raw.warnings:
            context.log.warning(warning)
        if raw.warnings:
            told["warnings"] = "\n".join(raw.warnings)
        for name, frame in zip(RAW, (raw.returns, raw.lines), strict=True):
            metadata.add_day_metadata(context, name, frame, told)
            yield dg.Output(frame, output_name=name)

    @dg.multi_asset(
        name="map_returns",
        ins={name: dg.AssetIn(name) for name in RAW},
        outs={name: catalog.out(name) for name in MAPPED},
        **shared,
    )
    def map_returns(
        context: dg.AssetExecutionContext,
        connections: Connections,
        netsuite_raw_returns: Any,
        netsuite_raw_return_lines: Any,
    ) -> Iterator[dg.Output[Any]]:
        from ns_hs_orders.extract.returns.schema import RawReturnsRead

        require_one_reading(
            netsuite_raw_returns,
            key="return_id_netsuite",
            raw=RAW[0],
            netsuite_raw_return_lines=netsuite_raw_return_lines,
        )
        with connections.open() as session, open_returns(session) as returns:
            progress = StepProgress(context, MAPPED[0])
            mapped = returns.map_raw(RawReturnsRead(netsuite_raw_returns, netsuite_raw_return_lines))
            told = told_of(session, progress)
        frames = (mapped.returns, mapped.lines, mapped.quarantined, mapped.skipped)
        for name, frame in zip(MAPPED, frames, strict=True):
            metadata.add_day_metadata(context, name, frame, told, by_day=metadata.notes_of(name))
            yield dg.Output(frame, output_name=name)

    @dg.multi_asset(
        name="push_returns",
        ins={name: dg.AssetIn(name) for name in (RAW[0], *MAPPED)},
        outs={RESULTS: catalog.out(RESULTS)},
        # an order is there before its returns, where both come in one run
        deps=["hubspot_upsert_results"],
        check_specs=checks.specs(RESULTS),
        **shared,
    )
    def push_returns(
        context: dg.AssetExecutionContext,
        connections: Connections,
        netsuite_raw_returns: Any,
        returns: Any,
        return_lines: Any,
        quarantined_returns: Any,
        skipped_returns: Any,
    ) -> Iterator[dg.Output[Any] | dg.AssetCheckResult]:
        from ns_hs_orders.mapping.returns.schema import MappedReturns
        from ns_hs_orders.push.returns.as_orders import raw_ids_as_orders, return_results
        from ns_hs_orders.push.returns.checks import return_push_checks

        require_one_reading(
            netsuite_raw_returns,
            key="return_id_netsuite",
            raw=RAW[0],
            returns=returns,
            return_lines=return_lines,
            quarantined_returns=quarantined_returns,
            skipped_returns=skipped_returns,
        )
        run = context.run.run_id
        with connections.open() as session, open_returns(session) as of_returns:
            progress = StepProgress(context, RESULTS)
            mapped = of_returns.as_orders(
                MappedReturns(returns, return_lines, quarantined_returns, skipped_returns)
            )
            results = return_results(of_returns.push(mapped, run=run, progress=progress), mapped)
            desk = DepartureDesk(of_returns, run, context.log.info)
            gone = desk.settle_days(*days_of_run(context), raw_ids_as_orders(netsuite_raw_returns))
            of_returns.notice_arrived_orders()
            told = {
                **told_of(session, progress),
                **{f"gone from NetSuite: {what}": n for what, n in gone.items()},
            }
        metadata.add_day_metadata(context, RESULTS, results, told, by_day=metadata.outcome_notes)
        yield dg.Output(results, output_name=RESULTS)
        cut = Days((netsuite_raw_returns, results))
        yield from checks.emit(
            context,
            return_push_checks(netsuite_raw_returns, results),
            lambda day: return_push_checks(*cut.of(day)),
        )

    @dg.multi_asset(
        name="reconcile_returns",
        outs={COMPARED: catalog.out(COMPARED)},
        deps=[RESULTS],
        check_specs=checks.specs(COMPARED),
        **shared,
    )
    def reconcile_returns(
        context: dg.AssetExecutionContext, connections: Connections
    ) -> Iterator[dg.Output[Any] | dg.AssetCheckResult]:
        from ns_hs_orders.reconcile.returns.checks import return_checks
        from ns_hs_orders.reconcile.returns.compared import ReturnComparison

        with connections.open() as session, open_returns(session) as returns:
            progress = StepProgress(context, COMPARED)
            found = returns.compare(*days_of_run(context), progress)
            told = told_of(session, progress)
        metadata.add_day_metadata(context, COMPARED, found.frame, told)
        yield dg.Output(found, output_name=COMPARED)
        cut = Days((found.frame,))
        yield from checks.emit(
            context,
            return_checks(found),
            lambda day: return_checks(ReturnComparison(cut.of(day)[0], found.ticket)),
        )

    return [read_returns, map_returns, push_returns, reconcile_returns]
