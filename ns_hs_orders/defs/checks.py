"""Checks in Dagster's form: specs, one result a step, and one evaluation a day.

Belongs here: translating checks.CheckResult. Does not belong here: what is checked. Checks are emitted by
the asset itself, since a separate check step on a partitioned asset loads every partition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import dagster as dg

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.report.inert import inert

LONGEST = 2000

DESCRIPTIONS: dict[str, tuple[str, str]] = {
    "totals_add_up": (
        "orders",
        "Goods − discount + shipping + handling + tax − payment = NetSuite's total, for every order.",
    ),
    "tax_is_plausible": ("orders", "No order's tax is negative or over 30 % of what is taxed."),
    "currency_is_known": ("orders", "Every order's currency is an ISO 4217 currency."),
    "every_order_is_accounted_for": (
        "hubspot_upsert_results",
        "Every order read has exactly one outcome; outcomes add up in rows and in minor units per currency.",
    ),
    "hubspot_accepted_every_order": (
        "hubspot_upsert_results",
        "HubSpot refused no order, and none is due.",
    ),
    "nothing_was_missed": (
        "reconciliation_report",
        "As many orders and returns with the same sums were read as NetSuite itself counts, by currency and day; returns also by status.",
    ),
    "every_change_is_accounted_for": (
        "order_changes",
        "Every order that was due in the run ended in exactly one outcome.",
    ),
    "orders_arrive_in_time": (
        "order_changes",
        "Every change of this run reached HubSpot within the set time after NetSuite saved it, and none waits longer.",
    ),
    "companies_tell_their_buying": (
        "company_rollups",
        "Every company that bought something is in HubSpot, and tells what it bought. A warning: no order waits for it.",
    ),
    "header_equals_its_lines": (
        "reconciliation_report",
        "Each order's total is its lines + tax + shipping − discount − payment, in NetSuite and in HubSpot.",
    ),
    "orders_have_company_lines_owner": (
        "reconciliation_report",
        "Each order has its company or contact, its lines and its owner, or a named reason why not.",
    ),
    "no_orphan_line_items": (
        "reconciliation_report",
        "Each line item that the sync made hangs on its order in HubSpot.",
    ),
    "dollars_agree": (
        "reconciliation_report",
        "Every accepted order and return has the same amount in NetSuite and HubSpot, and nothing is unexplained.",
    ),
    "every_return_is_accounted_for": (
        "hubspot_return_results",
        "Every return read has exactly one outcome; outcomes add up in rows and in minor units per currency.",
    ),
    "hubspot_accepted_every_return": (
        "hubspot_return_results",
        "HubSpot refused no return, and none is due.",
    ),
    "return_records_agree": (
        "return_reconciliation",
        "HubSpot holds every return that it has to hold, with the amount and all else as NetSuite has it.",
    ),
    "closed_periods_are_unchanged": (
        "reconciliation_report",
        "The closed months that the run has days of are reported as they were closed. A warning: nothing is held up.",
    ),
}
"""Check name → (asset, what it means when green)."""

BLOCKING = ("every_order_is_accounted_for", "every_return_is_accounted_for")


def specs(asset: str) -> list[dg.AssetCheckSpec]:
    """The check specs of an asset."""
    return [
        dg.AssetCheckSpec(name=name, asset=asset, description=text, blocking=name in BLOCKING)
        for name, (of, text) in DESCRIPTIONS.items()
        if of == asset
    ]


def result(asset: str, of: CheckResult) -> dg.AssetCheckResult:
    """A check of an asset without partitions."""
    return dg.AssetCheckResult(
        passed=of.passed,
        asset_key=asset,
        check_name=of.name,
        severity=_severity(of),
        description=inert(of.summary, LONGEST),
        metadata=_numbers(of),
    )


def emit(
    context: dg.AssetExecutionContext,
    results: list[CheckResult],
    of_day: Callable[[date], list[CheckResult]],
) -> Iterator[dg.AssetCheckResult]:
    """One result a check for the step; on a range run, also one evaluation a day in the event log.

    `of_day` judges a single day of the run: the same checks, with that day's numbers.
    """
    days = [date.fromisoformat(key) for key in context.partition_keys]
    by_day: dict[date, dict[str, CheckResult]] = {}
    if len(days) > 1:
        by_day = {day: {result.name: result for result in of_day(day)} for day in days}
    for result in results:
        red = {day for day, of in by_day.items() if not of[result.name].passed}
        if (
            not result.passed and not red
        ):  # what is wrong shows only across days, so no day is known to be right
            red = set(by_day)
        for day, of in by_day.items():
            context.log_event(_evaluation(of[result.name], day, passed=day not in red))
        metadata = _numbers(result)
        if red:
            metadata["red days"] = ", ".join(day.isoformat() for day in sorted(red))
        yield dg.AssetCheckResult(
            passed=result.passed,
            asset_key=DESCRIPTIONS[result.name][0],
            check_name=result.name,
            severity=_severity(result),
            description=inert(result.summary, LONGEST),
            metadata=metadata,
        )


def _numbers(result: CheckResult) -> dict[str, int | str]:
    """The numbers of a check; texts may hold NetSuite's own, such as order numbers."""
    return {
        label: inert(value, LONGEST) if isinstance(value, str) else value
        for label, value in result.numbers.items()
    }


def _evaluation(result: CheckResult, day: date, *, passed: bool) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(DESCRIPTIONS[result.name][0]),
        check_name=result.name,
        passed=passed,
        severity=_severity(result),
        description=inert(result.summary, LONGEST),
        metadata={"day": day.isoformat(), **_numbers(result)},
        partition=day.isoformat(),
    )


def _severity(result: CheckResult) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.WARN if result.is_warning else dg.AssetCheckSeverity.ERROR
