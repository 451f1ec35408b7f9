"""The sensor that tells people: failed jobs, red days, stuck orders, and a daily digest.

Belongs here: Dagster's runs as alerts ask for them, and the sensor. Does not belong here: what is told, and
when (alerts).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg

from ns_hs_orders.alerts.ports import FinishedRun, RedDay
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.failures import told_plainly
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring.alerting import open_alerts

REPORT = dg.AssetKey("reconciliation_report")
WILL_RETRY = "dagster/will_retry"
SETTLED_AFTER = timedelta(seconds=30)
_DIFFERENCE = re.compile(r"([A-Z]{3}) difference in minor units")
"""Of orders: that of net sales is named otherwise, and holds the same dollars again."""


def alerts_sensor() -> dg.SensorDefinition:
    """Looks once a minute; tells what changed in one message, once, and when it is over."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Tells the addresses of NS_HS_ALERT_URLS of failed jobs, days whose dollars differ and stuck orders, "
            "once per change of state, and sends a daily digest. It starts no runs: its ticks say what it did."
        ),
    )
    def alerts(context: dg.SensorEvaluationContext, connections: Connections) -> dg.SkipReason:
        origin = context.code_location_origin
        runs = InstanceRuns(context.instance, origin.location_name if origin else None)
        with told_plainly():
            settings = load_settings(home=connections.home, mode=connections.mode)
            with open_alerts(settings, runs) as opened:
                if opened is None:
                    return dg.SkipReason("No address is set to tell anybody (NS_HS_ALERT_URLS).")
                return dg.SkipReason(opened.evaluate())

    return alerts


class InstanceRuns:
    """Implements the alerts' `Runs` by Dagster's storage. location: leaves out other locations' runs."""

    def __init__(self, instance: dg.DagsterInstance, location: str | None) -> None:
        self._instance = instance
        self._location = location

    def finished(self, since: datetime) -> list[FinishedRun]:
        """Runs that ended for good from this moment on, in the order of their ends."""
        records = self._instance.get_run_records(
            dg.RunsFilter(
                statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE], updated_after=since
            )
        )
        found = [
            FinishedRun(
                run.run_id,
                run.job_name,
                datetime.fromtimestamp(record.start_time or record.end_time, UTC),
                datetime.fromtimestamp(record.end_time, UTC),
                run.status is dg.DagsterRunStatus.SUCCESS,
            )
            for record in records
            if record.end_time is not None
            and self._is_ours(run := record.dagster_run)
            and self._is_settled(run, record.end_time)
        ]
        return sorted(found, key=lambda run: (run.ended_at, run.run_id))

    def failure(self, run_id: str) -> str:
        """The sentence of the step that failed, else its name: other texts may hold anything."""
        entries = self._instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        for entry in entries:
            event = entry.dagster_event
            if event is None:
                continue
            failed = event.step_failure_data
            told = failed.user_failure_data
            if told is not None and told.description:
                return str(told.description)
            cause = failed.error
            while cause is not None and cause.cause is not None:
                cause = cause.cause
            return f"Step {event.step_key} failed{f' with {cause.cls_name}' if cause else ''}."
        return "It ended without a failed step."

    def red_day(self, day: date) -> RedDay:
        """What the last materialization of the day's report says."""
        found = self._instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=REPORT, asset_partitions=[day.isoformat()]), limit=1
        ).records
        if not found or found[0].asset_materialization is None:
            return RedDay()
        metadata: Mapping[str, Any] = found[0].asset_materialization.metadata
        values = {name: getattr(value, "value", None) for name, value in metadata.items()}
        return RedDay(
            found[0].run_id,
            values.get("orders that differ"),
            {
                found_in[1]: int(value)
                for name, value in values.items()
                if value is not None and (found_in := _DIFFERENCE.fullmatch(name))
            },
        )

    def _is_ours(self, run: dg.DagsterRun) -> bool:
        origin = run.remote_job_origin
        return origin is None or self._location in (None, origin.location_name)

    def _is_settled(self, run: dg.DagsterRun, end_time: float) -> bool:
        """Dagster notes a moment after a failure whether it will try again."""
        if run.status is dg.DagsterRunStatus.SUCCESS:
            return True
        will_retry = run.tags.get(WILL_RETRY)
        if will_retry is None and self._instance.run_retries_enabled:
            return datetime.now(UTC) - datetime.fromtimestamp(end_time, UTC) > SETTLED_AFTER
        return will_retry != "true"
