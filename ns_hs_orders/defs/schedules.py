"""Schedules: the nightly run that writes and proves the last days again, and older ones that need it.

Belongs here: when jobs run, and for which days. Does not belong here: what they do.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.jobs import SYNC_DAYS
from ns_hs_orders.defs.partitions import contiguous_ranges, days_between, range_tags


def daily_schedule(first_day: date, time_zone: str, resync_days: int) -> dg.ScheduleDefinition:
    """Each night at 02:00 of the account's zone: the last `resync_days` days, today included, and each older
    day that is red or changed since it was last proven. One run a contiguous range of at most 31 days.
    """

    @dg.schedule(
        name="sync_last_days_daily",
        job_name=SYNC_DAYS,
        cron_schedule="0 2 * * *",
        execution_timezone=time_zone,
        description=(
            f"Writes and proves the last {resync_days} days again, and each older day that is red or changed "
            "since it was last proven."
        ),
    )
    def sync_last_days_daily(
        context: dg.ScheduleEvaluationContext, connections: Connections
    ) -> list[dg.RunRequest] | dg.SkipReason:
        tick = context.scheduled_execution_time
        today = tick.astimezone(ZoneInfo(time_zone)).date()
        last_days = days_between(max(first_day, today - timedelta(days=resync_days - 1)), today)
        if not last_days:
            return dg.SkipReason(f"The first day of the sync, {first_day}, is still to come.")
        older = [day for day in connections.days_to_prove() if first_day <= day < last_days[0]]
        return [
            dg.RunRequest(run_key=f"{tick.isoformat()} {first}", tags=range_tags(first, last))
            for first, last in contiguous_ranges([*older, *last_days])
        ]

    return sync_last_days_daily
