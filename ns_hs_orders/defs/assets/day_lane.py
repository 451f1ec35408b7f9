"""The assets of the day lane: NetSuite's orders of a day, mapped, pushed, reconciled and proven.

Belongs here: wiring of assets to the session's functions. Does not belong here: any rule.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg

from ns_hs_orders.defs import checks, metadata
from ns_hs_orders.defs.assets import catalog
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.day_parts import Days
from ns_hs_orders.defs.partitions import MOST_DAYS_PER_RUN
from ns_hs_orders.defs.progress import StepProgress
from ns_hs_orders.defs.readings import require_one_reading
from ns_hs_orders.errors import SyncError
from ns_hs_orders.wiring.departures import DepartureDesk
from ns_hs_orders.wiring.periods import closed_periods
from ns_hs_orders.wiring.reports import delays_by_day, publish, recorded_review
from ns_hs_orders.wiring.session import Session
from ns_hs_orders.wiring.trust import write_trust

BACKFILL = dg.BackfillPolicy.multi_run(max_partitions_per_run=MOST_DAYS_PER_RUN)


def day_lane_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The day lane's assets over these partitions; its nightly report is stale when it is not there by eight."""
    proven_by_morning = dg.FreshnessPolicy.cron(
        deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=8), timezone=days.timezone
    )
    shared: dict[str, Any] = {
        "partitions_def": days,
        "backfill_policy": BACKFILL,
        "pool": catalog.DAY_LANE_POOL,
    }

    @dg.multi_asset(
        name="read_netsuite",
        outs={name: catalog.out(name) for name in ("netsuite_raw_orders", "netsuite_raw_lines")},
        **shared,
    )
    def read_netsuite(
        context: dg.AssetExecutionContext, connections: Connections
    ) -> Iterator[dg.Output[Any]]:
        first, last = days_of_run(context)
        with connections.open() as session:
            progress = StepProgress(context, "netsuite_raw_orders")
            raw = session.read_days(first, last, progress)
            told = told_of(session, progress)
        for warning in raw.warnings:
            context.log.warning(warning)
        if raw.warnings:
            told["warnings"] = "\n".join(raw.warnings)
        for name, frame in (("netsuite_raw_orders", raw.orders), ("netsuite_raw_lines", raw.lines)):
            metadata.add_day_metadata(context, name, frame, told)
            yield dg.Output(frame, output_name=name)

    mapped_names = ("orders", "order_lines", "quarantined_orders", "skipped_orders")

    @dg.multi_asset(
        name="map_orders",
        ins={name: dg.AssetIn(name) for name in ("netsuite_raw_orders", "netsuite_raw_lines")},
        outs={name: catalog.out(name) for name in mapped_names},
        check_specs=checks.specs("orders"),
        **shared,
    )
    def map_orders(
        context: dg.AssetExecutionContext,
        connections: Connections,
        netsuite_raw_orders: Any,
        netsuite_raw_lines: Any,
    ) -> Iterator[dg.Output[Any] | dg.AssetCheckResult]:
        from ns_hs_orders.extract.schema import RawRead
        from ns_hs_orders.mapping.checks import mapping_checks
        from ns_hs_orders.mapping.schema import MappedOrders

        with connections.open() as session:
            require_one_reading(netsuite_raw_orders, netsuite_raw_lines=netsuite_raw_lines)
            progress = StepProgress(context, "orders")
            mapped = session.map(RawRead(netsuite_raw_orders, netsuite_raw_lines), progress)
            told = told_of(session, progress)
        frames = (mapped.orders, mapped.lines, mapped.quarantined, mapped.skipped)
        for name, frame in zip(mapped_names, frames, strict=True):
            by_day = metadata.notes_of(name)
            metadata.add_day_metadata(context, name, frame, told, by_day=by_day)
            yield dg.Output(frame, output_name=name)
        cut = Days(frames)
        yield from checks.emit(
            context, mapping_checks(mapped), lambda day: mapping_checks(MappedOrders(*cut.of(day)))
        )

    @dg.multi_asset(
        name="push_to_hubspot",
        ins={name: dg.AssetIn(name) for name in ("netsuite_raw_orders", *mapped_names)},
        outs={"hubspot_upsert_results": catalog.out("hubspot_upsert_results")},
        check_specs=checks.specs("hubspot_upsert_results"),
        **shared,
    )
    def push_to_hubspot(
        context: dg.AssetExecutionContext,
        connections: Connections,
        netsuite_raw_orders: Any,
        orders: Any,
        order_lines: Any,
        quarantined_orders: Any,
        skipped_orders: Any,
    ) -> Iterator[dg.Output[Any] | dg.AssetCheckResult]:
        from ns_hs_orders.mapping.schema import MappedOrders
        from ns_hs_orders.push.checks import push_checks

        mapped = MappedOrders(orders, order_lines, quarantined_orders, skipped_orders)
        with connections.open() as session:
            require_one_reading(
                netsuite_raw_orders,
                orders=orders,
                order_lines=order_lines,
                quarantined_orders=quarantined_orders,
                skipped_orders=skipped_orders,
            )
            progress = StepProgress(context, "hubspot_upsert_results")
            results = session.push(mapped, run=context.run.run_id, progress=progress)
            desk = DepartureDesk(session, context.run.run_id, context.log.info)
            gone = desk.settle_days(*days_of_run(context), netsuite_raw_orders)
            told = {
                **told_of(session, progress),
                **{f"gone from NetSuite: {what}": n for what, n in gone.items()},
            }
        metadata.add_day_metadata(
            context, "hubspot_upsert_results", results, told, by_day=metadata.outcome_notes
        )
        yield dg.Output(results, output_name="hubspot_upsert_results")
        cut = Days((netsuite_raw_orders, results))
        yield from checks.emit(
            context, push_checks(netsuite_raw_orders, results), lambda day: push_checks(*cut.of(day))
        )

    @dg.multi_asset(
        name="reconcile",
        # returns, whose failure it does not wait for, are written before it in one process; Dagster has no dependency that
        # a failure does not end
        op_tags={"dagster/priority": "-1"},
        outs={
            "reconciliation_report": catalog.out("reconciliation_report", proven_by_morning),
            "proven_days": catalog.out_without_data("proven_days"),
        },
        deps=["hubspot_upsert_results"],
        internal_asset_deps={
            "reconciliation_report": {dg.AssetKey("hubspot_upsert_results")},
            "proven_days": {dg.AssetKey("reconciliation_report")},
        },
        check_specs=checks.specs("reconciliation_report"),
        **shared,
    )
    def reconcile(
        context: dg.AssetExecutionContext, connections: Connections
    ) -> Iterator[dg.Output[Any] | dg.AssetCheckResult]:
        from ns_hs_orders.reconcile.result import by_day
        from ns_hs_orders.report.checks import checks as reconciliation_checks
        from ns_hs_orders.report.month_end.periods import closed_periods_are_unchanged

        first, last = days_of_run(context)
        with connections.open() as session:
            progress = StepProgress(context, "reconciliation_report")
            result = session.reconcile(first, last, progress)
            session.record(result)
            closed = closed_periods(session.state, first, last)
            delays = delays_by_day(session, first, last)
            trust = write_trust(session, result, run=context.run.run_id, progress=progress)
            review = recorded_review(session, result)
            report = _published(context, session, review)
            told = {
                **told_of(session, progress),
                **metadata.verification_notes(context, trust),
            }
        of_days = by_day(result)
        metadata.add_day_metadata(
            context,
            "reconciliation_report",
            result.differences,
            told,
            by_day=lambda day, _: metadata.reconciliation_notes(
                of_days[day], result, review.risks, delays.get(day, ()), report
            ),
        )
        yield dg.Output(result, output_name="reconciliation_report")
        yield from checks.emit(
            context,
            [*reconciliation_checks(result), closed_periods_are_unchanged(closed)],
            lambda day: [
                *reconciliation_checks(of_days[day]),
                closed_periods_are_unchanged([one for one in closed if one.has(day)]),
            ],
        )
        _prove(context, result)

    return [read_netsuite, map_orders, push_to_hubspot, reconcile]


def _prove(context: dg.AssetExecutionContext, result: Any) -> None:
    """Tells which days of the run are proven; raises dg.Failure where one is not."""
    red = {day.isoformat() for day in result.red_days}
    for day in context.partition_keys:
        if day not in red and not result.net_missing:
            context.log_event(
                dg.AssetMaterialization(
                    "proven_days", partition=day, metadata={"proven in run": context.run.run_id}
                )
            )
    if red:
        raise dg.Failure(
            f"The dollars of {', '.join(sorted(red))} do not agree. The reconciliation_report of each day "
            "tells which orders and why; run job sync_days for the day to write and prove it again.",
            allow_retries=False,
        )
    if result.net_missing:
        raise dg.Failure(
            f"Net sales could not be told, so that no day is proven: {result.net_missing} Orders were compared and "
            "agree; the days are proven again by the next run of job sync_days for them.",
            allow_retries=False,
        )


def _published(context: dg.AssetExecutionContext, session: Session, review: Any) -> dict[str, Any]:
    """Where the report is; one that cannot be written is a warning, since the proof holds without it."""
    try:
        return {"report": metadata.place(publish(session, review))}
    except SyncError as error:
        context.log.warning(str(error))
        return {"report not written": str(error)}


def told_of(session: Session, progress: StepProgress) -> dict[str, Any]:
    """What the metadata of a step tells of the session: mode, calls, how long it took."""
    calls = {f"{what} of the step": count for what, count in session.calls().items()}
    return {"mode": session.mode, **calls, **progress.took()}


def days_of_run(context: dg.AssetExecutionContext) -> tuple[date, date]:
    """First and last day of the run."""
    keys = context.partition_keys
    return date.fromisoformat(keys[0]), date.fromisoformat(keys[-1])
