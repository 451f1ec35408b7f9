"""Schedules: the daily run that writes and proves the last days again.

Belongs here: when jobs run. Does not belong here: what they do.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from ns_hs_orders.defs.jobs import SYNC_DAYS
from ns_hs_orders.defs.partitions import contiguous_ranges, days_between, range_tags


def daily_schedule(first_day: date, time_zone: str, resync_days: int) -> dg.ScheduleDefinition:
    """Each night at 02:00 of the account's zone: the last `resync_days` days, today included."""

    @dg.schedule(
        name="sync_last_days_daily",
        job_name=SYNC_DAYS,
        cron_schedule="0 2 * * *",
        execution_timezone=time_zone,
        description=f"Writes and proves the last {resync_days} days again.",
    )
    def sync_last_days_daily(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        tick = context.scheduled_execution_time
        today = tick.astimezone(ZoneInfo(time_zone)).date()
        earliest = max(first_day, today - timedelta(days=resync_days - 1))
        ranges = contiguous_ranges(days_between(earliest, today))
        if not ranges:
            return dg.SkipReason(f"The first day of the sync, {first_day}, is still to come.")
        return [
            dg.RunRequest(run_key=f"{tick.isoformat()} {first}", tags=range_tags(first, last))
            for first, last in ranges
        ]

    return sync_last_days_daily
