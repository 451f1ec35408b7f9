"""Checks of the mapped orders: what was held back for its amounts, its tax and its currency.

Belongs here: judging a finished mapping as a whole. Does not belong here: judging one order.
"""

from __future__ import annotations

import pandas as pd

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.mapping.schema import MappedOrders

AMOUNT_REASONS = (
    "does_not_add_up",
    "amount_not_a_number",
    "amount_too_large",
    "currency_exponent_violated",
    "no_lines",
    "duplicate_line_keys",
    "negative_total",
)
TAX_WARNINGS = ("tax_rate_over_30_percent", "negative_tax")


def mapping_checks(mapped: MappedOrders) -> list[CheckResult]:
    """`totals_add_up`, `tax_is_plausible` and `currency_is_known`, with their numbers."""
    held, orders = mapped.quarantined, mapped.orders
    unbalanced = held[held["reason"].isin(AMOUNT_REASONS)]
    strange_currency = held[held["reason"] == "unknown_currency"]
    strange_tax = orders[orders["warnings"].str.contains("|".join(TAX_WARNINGS), regex=True)]
    return [
        _check(
            "totals_add_up",
            unbalanced,
            len(orders),
            "add up to their total in minor units",
            is_warning=False,
            by_reason=True,
        ),
        _check("tax_is_plausible", strange_tax, len(orders), "have plausible tax", is_warning=True),
        _check("currency_is_known", strange_currency, len(orders), "have a known currency", is_warning=False),
    ]


def _check(
    name: str,
    failing: pd.DataFrame,
    orders: int,
    words: str,
    *,
    is_warning: bool,
    by_reason: bool = False,
) -> CheckResult:
    numbers: dict[str, int | str] = {"valid orders": orders, "failing orders": len(failing)}
    if by_reason:
        numbers |= {str(k): int(v) for k, v in failing["reason"].value_counts().items()}
    if len(failing):
        numbers["order numbers"] = ", ".join(failing["order_number"].fillna("?").head(10))
    passed = failing.empty
    return CheckResult(
        name=name,
        passed=passed,
        summary=f"All {orders:,} orders {words}."
        if passed
        else f"{len(failing):,} orders fail: not all {words}.",
        numbers=numbers,
        red_days=tuple(sorted(set(failing["order_on"].dropna()))),
        is_warning=is_warning,
    )
