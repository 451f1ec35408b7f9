"""Schedules: the nightly run that writes and proves the last days again, and the runs of company roll-ups.

Belongs here: when jobs run, and for which days. Does not belong here: what they do.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from ns_hs_orders.defs.assets.company_rollups import STEP
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.jobs import ROLL_UP_COMPANIES, SYNC_DAYS
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


def nightly_rollups(time_zone: str, *, is_on: bool) -> dg.ScheduleDefinition:
    """Each night at 05:00 of the account's zone, all companies: the twelve months move by time alone, and what
    somebody changed in HubSpot is healed. is_on: whether it runs without anybody switching it on.
    """

    @dg.schedule(
        name="roll_up_companies_nightly",
        job_name=ROLL_UP_COMPANIES,
        cron_schedule="0 5 * * *",
        execution_timezone=time_zone,
        default_status=_started(is_on=is_on),
        description="Looks at what every company buys, and tells HubSpot where it changed.",
    )
    def roll_up_companies_nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if not is_on:
            return dg.SkipReason(_OFF)
        return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat())

    return roll_up_companies_nightly


def due_rollups(*, is_on: bool) -> dg.ScheduleDefinition:
    """Every five minutes, the companies of which an order changed: apart from the live lane, so that no order waits."""

    @dg.schedule(
        name="roll_up_changed_companies",
        job_name=ROLL_UP_COMPANIES,
        cron_schedule="*/5 * * * *",
        default_status=_started(is_on=is_on),
        description="Looks at the companies of which an order changed, all at once, where there are any.",
    )
    def roll_up_changed_companies(
        context: dg.ScheduleEvaluationContext, connections: Connections
    ) -> dg.RunRequest | dg.SkipReason:
        if not is_on:
            return dg.SkipReason(_OFF)
        if not connections.companies_due():
            return dg.SkipReason("No order of any company changed.")
        return dg.RunRequest(
            run_key=context.scheduled_execution_time.isoformat(),
            run_config={"ops": {STEP: {"config": {"due_only": True}}}},
        )

    return roll_up_changed_companies


def _started(*, is_on: bool) -> dg.DefaultScheduleStatus:
    return dg.DefaultScheduleStatus.RUNNING if is_on else dg.DefaultScheduleStatus.STOPPED


_OFF = "Company roll-ups are off (NS_HS_COMPANY_ROLLUPS)."
