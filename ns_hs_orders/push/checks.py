"""Checks of the push: nothing disappeared, and HubSpot took everything.

Belongs here: judging a finished push. Does not belong here: outcomes of single orders (push_orders).
"""

from __future__ import annotations

import pandas as pd

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.money import shown
from ns_hs_orders.push.accounting import accounting


def push_checks(raw_orders: pd.DataFrame, results: pd.DataFrame) -> list[CheckResult]:
    """`every_order_is_accounted_for` and `hubspot_accepted_every_order`, from RawOrders and UpsertResults."""
    return [_accounted_for(raw_orders, results), _accepted(results)]


def _accounted_for(raw_orders: pd.DataFrame, results: pd.DataFrame) -> CheckResult:
    found = accounting(raw_orders, results)
    numbers: dict[str, int | str] = {"orders read": found.orders_read, **found.outcomes}
    for currency, read in sorted(found.read_minor.items()):
        parts = found.outcome_minor.get(currency, {})
        numbers[f"{currency} read"] = shown(read, currency)
        numbers[f"{currency} by outcome"] = " · ".join(
            f"{outcome} {shown(minor, currency)}" for outcome, minor in sorted(parts.items())
        )
    if found.unknown_amounts:
        numbers["orders without a readable amount"] = found.unknown_amounts
    for name, orders in (
        ("without outcome", found.without_outcome),
        ("with an outcome but not read", found.not_read),
        ("with more than one outcome", found.more_than_once),
    ):
        if orders:
            numbers[f"orders {name}"] = ", ".join(orders[:10])
    summary = (
        f"All {found.orders_read:,} orders read have exactly one outcome, and their dollars add up."
        if found.adds_up
        else "Orders or dollars that were read are missing among the outcomes."
    )
    return CheckResult("every_order_is_accounted_for", found.adds_up, summary, numbers)


def _accepted(results: pd.DataFrame) -> CheckResult:
    refused = results[results["outcome"].isin(("rejected", "due"))]
    numbers: dict[str, int | str] = {str(k): int(v) for k, v in results["outcome"].value_counts().items()}
    for number, explanation in list(
        zip(refused["order_number"].fillna("?"), refused["explanation"].fillna(""), strict=True)
    )[:10]:
        numbers[str(number)] = str(explanation)[:300]
    return CheckResult(
        name="hubspot_accepted_every_order",
        passed=refused.empty,
        summary="HubSpot accepted every order that was sent."
        if refused.empty
        else f"{len(refused):,} orders were refused by HubSpot or are due.",
        numbers=numbers,
        red_days=tuple(sorted(set(refused["order_on"].dropna()))),
    )
