"""Running the code location's jobs in this process, on the home's instance, so that the UI shows them.

Belongs here: what the command line needs of Dagster. Does not belong here: arguments or printing (cli).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg

from ns_hs_orders.defs.assets.returns import COMPARED
from ns_hs_orders.defs.build import build_defs
from ns_hs_orders.defs.instance import open_instance
from ns_hs_orders.defs.jobs import RECONCILE_DAYS, SYNC_DAYS, SYNC_ORDERS
from ns_hs_orders.defs.partitions import contiguous_ranges, days_between, range_tags
from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.settings import Settings
from ns_hs_orders.wiring.opening import check_settings
from ns_hs_orders.wiring.stage_options import first_day_of

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.returns.compared import ReturnComparison
    from ns_hs_orders.reconcile.schema import Reconciliation

Told = Callable[[str], None]
OF_DAGSTER = "Dependencies for step"
"""How Dagster's own message for each step behind a failed one begins; it is no event of its."""
_LOGGERS: dict[str, Any] = {"console": {}}


@dataclass(frozen=True)
class DaysRun:
    """One run of a range of days. reconciliation: None where the run ended before it.

    returns: the comparison of return records, None where they are none or it could not be made; returns_failed: why.
    """

    run_id: str
    first: date
    last: date
    reconciliation: Reconciliation | None
    returns: ReturnComparison | None = None
    returns_failed: str | None = None

    @property
    def returns_agree(self) -> bool:
        """Whether return records are as they should be, or there are none."""
        return self.returns_failed is None and (self.returns is None or self.returns.agrees)


def sync_days(settings: Settings, first: date, last: date, told: Told) -> Iterator[DaysRun]:
    """Runs job sync_days for the range, at most 31 days a run; yields each run as it ends.

    Raises ConfigError, without a run, for a range outside the partitions or where no session could be opened;
    SyncError naming the step where a run failed.
    """
    return _run_days(settings, SYNC_DAYS, first, last, told)


def reconcile_days(settings: Settings, first: date, last: date, told: Told) -> Iterator[DaysRun]:
    """Runs job reconcile_days for the range, which changes no order in HubSpot; else as `sync_days`."""
    return _run_days(settings, RECONCILE_DAYS, first, last, told)


def sync_orders(settings: Settings, orders: list[str], told: Told) -> list[dict[str, Any]]:
    """Runs job sync_orders; one outcome an order. Raises SyncError where the run failed.

    Raises ConfigError, without a run, where no session could be opened.
    """
    check_settings(settings)
    with _job(settings, SYNC_ORDERS, told) as (job, instance):
        result = job.execute_in_process(
            instance=instance,
            run_config={
                "loggers": _LOGGERS,
                "ops": {"sync_single_orders": {"config": {"orders": orders}}},
            },
            raise_on_error=False,
        )
        _raise_failure(result)
        outcomes: list[dict[str, Any]] = result.output_for_node("sync_single_orders")
        return outcomes


def _run_days(settings: Settings, job_name: str, first: date, last: date, told: Told) -> Iterator[DaysRun]:
    earliest = first_day_of(settings)
    if last < first:
        raise ConfigError(f"{first} to {last} is no range of days: its last day is before its first.")
    if first < earliest:
        raise ConfigError(
            f"{first} to {last} begins before {earliest}, the first day of the sync (NS_HS_FIRST_DAY). Older orders "
            "are outside the sync: no day of theirs is read, written or counted. Begin the range there, or set an "
            "earlier first day."
        )
    today = datetime.now(ZoneInfo(settings.netsuite_time_zone)).date()
    if last > today:
        raise ConfigError(
            f"{first} to {last} ends after today, which is {today} in NetSuite's time zone. A day that has not come "
            f"is not proven; orders dated later are proven when their day comes. End the range on {today} at the latest."
        )
    check_settings(settings)
    with _job(settings, job_name, told) as (job, instance):
        for start, end in contiguous_ranges(days_between(first, last)):
            told(f"{job_name}: {start} to {end}")
            result = job.execute_in_process(
                instance=instance,
                tags=range_tags(start, end),
                run_config={"loggers": _LOGGERS},
                raise_on_error=False,
            )
            found = _reconciliation(result)
            if found is None:
                _raise_failure(result)
            run = DaysRun(result.run_id, start, end, found, _returns(result), _returns_failed(result))
            _tell_returns(run, told)
            yield run


@contextmanager
def _job(settings: Settings, name: str, told: Told) -> Iterator[tuple[dg.JobDefinition, dg.DagsterInstance]]:
    definitions = build_defs(settings, loggers={"console": _telling(told)})
    with open_instance(settings.home_path) as instance:
        yield definitions.resolve_job_def(name), instance


def _reconciliation(result: dg.ExecuteInProcessResult) -> Reconciliation | None:
    try:
        found: Reconciliation = result.output_for_node("reconcile", "reconciliation_report")
    except dg.DagsterInvariantViolationError:
        return None
    return found


def _returns(result: dg.ExecuteInProcessResult) -> ReturnComparison | None:
    try:
        found: ReturnComparison = result.output_for_node("reconcile_returns", COMPARED)
    except dg.DagsterInvariantViolationError:
        return None
    return found


def _returns_failed(result: dg.ExecuteInProcessResult) -> str | None:
    """Why returns were not carried over, None where nothing of theirs failed."""
    for event in result.get_step_failure_events():
        failed = event.step_failure_data
        if str(event.step_key).endswith("_returns"):
            told = failed.user_failure_data
            return (told and told.description) or (
                failed.error.message.strip() if failed.error else "unknown"
            )
    return None


def _tell_returns(run: DaysRun, told: Told) -> None:
    if run.returns_failed is not None:
        told(f"Returns of {run.first} to {run.last} were not carried over: {run.returns_failed} Orders were.")
    elif run.returns is not None and len(run.returns.frame):
        from ns_hs_orders.reconcile.returns.checks import summary

        told(f"Returns of {run.first} to {run.last}: {summary(run.returns)}")


def _raise_failure(result: dg.ExecuteInProcessResult) -> None:
    if result.success:
        return
    for event in result.get_step_failure_events():
        told = event.step_failure_data.user_failure_data
        if told is not None and told.description:
            raise SyncError(f"{told.description} (step {event.step_key} of run {result.run_id})")
        cause = event.step_failure_data.error
        while cause is not None and cause.cause is not None:
            cause = cause.cause
        if cause is not None and cause.cls_name == dg.DagsterExecutionInterruptedError.__name__:
            raise KeyboardInterrupt
        message = cause.message.strip() if cause is not None else "no error was told"
        raise SyncError(
            f"Step {event.step_key} of run {result.run_id} failed: {message} "
            "Nothing is lost: run the same command again once it is mended."
        )
    raise SyncError(f"Run {result.run_id} failed before its first step; see the run in the UI.")


def _telling(told: Told) -> dg.LoggerDefinition:
    """A logger that hands the run's own messages to `told`, and leaves out Dagster's."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            meta = getattr(record, "dagster_meta", None) or {}
            text = str(meta.get("orig_message") or record.getMessage())
            is_ours = meta.get("dagster_event") is None and not text.startswith(OF_DAGSTER)
            if is_ours and record.levelno >= logging.INFO:
                told(text)

    @dg.logger
    def console(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("ns_hs_orders.console", level=logging.INFO)
        logger.addHandler(Handler())
        return logger

    return console
