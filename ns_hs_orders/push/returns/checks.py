"""Checks of the push of returns: nothing disappeared, and HubSpot took everything.

Belongs here: judging a finished push of returns. Does not belong here: outcomes of single returns (push_orders).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.money import shown
from ns_hs_orders.push.accounting import accounting


def return_push_checks(raw_returns: pd.DataFrame, results: pd.DataFrame) -> list[CheckResult]:
    """`every_return_is_accounted_for` and `hubspot_accepted_every_return`, from RawReturns and ReturnResults."""
    return [_accounted_for(raw_returns, results), _accepted(results)]


def _accounted_for(raw_returns: pd.DataFrame, results: pd.DataFrame) -> CheckResult:
    # amounts are compared without their signs: which one a return has differs between accounts
    raw = pd.DataFrame(
        {
            "order_id_netsuite": raw_returns["return_id_netsuite"],
            "currency": raw_returns["currency"],
            "total": raw_returns["total"].str.removeprefix("-"),
        }
    )
    outcomes = pd.DataFrame(
        {
            "order_id_netsuite": results["return_id_netsuite"],
            "outcome": results["outcome"],
            "currency": results["currency"],
            "total_minor": results["amount_minor"].abs(),
        }
    )
    found = accounting(raw, outcomes)
    numbers: dict[str, int | str] = {"returns read": found.orders_read, **found.outcomes}
    for currency, read in sorted(found.read_minor.items()):
        parts = found.outcome_minor.get(currency, {})
        numbers[f"{currency} read"] = shown(read, currency)
        numbers[f"{currency} by outcome"] = " · ".join(
            f"{outcome} {shown(minor, currency)}" for outcome, minor in sorted(parts.items())
        )
    for name, ids in (
        ("without outcome", found.without_outcome),
        ("with an outcome but not read", found.not_read),
        ("with more than one outcome", found.more_than_once),
    ):
        if ids:
            numbers[f"returns {name}"] = ", ".join(ids[:10])
    summary = (
        f"All {found.orders_read:,} returns read have exactly one outcome, and their dollars add up."
        if found.adds_up
        else "Returns or dollars that were read are missing among the outcomes."
    )
    return CheckResult("every_return_is_accounted_for", found.adds_up, summary, numbers)


def _accepted(results: pd.DataFrame) -> CheckResult:
    refused = results[results["outcome"].isin(("rejected", "due"))]
    numbers: dict[str, int | str] = {str(k): int(v) for k, v in results["outcome"].value_counts().items()}
    numbers |= _warnings(results)
    shown_ones = zip(refused["return_number"].fillna("?"), refused["explanation"].fillna(""), strict=True)
    numbers |= {str(number): str(explanation)[:300] for number, explanation in list(shown_ones)[:10]}
    return CheckResult(
        name="hubspot_accepted_every_return",
        passed=refused.empty,
        summary="HubSpot accepted every return that was sent."
        if refused.empty
        else f"{len(refused):,} returns were refused by HubSpot or are due.",
        numbers=numbers,
        red_days=tuple(sorted(set(refused["return_on"].dropna()))),
    )


def _warnings(results: pd.DataFrame) -> dict[str, Any]:
    codes = results["warnings"].str.split(",").explode()
    return {f"with warning {code}": int(n) for code, n in codes[codes != ""].value_counts().items()}
