"""The two checks of the reconciliation as plain data.

Belongs here: name, verdict, sentence and numbers, shown also when green. Does not belong here: Dagster.
"""

from __future__ import annotations

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.figures import control_misses, days, orders_that_differ, period, sentence


def checks(result: Reconciliation) -> list[CheckResult]:
    """`dollars_agree` and `nothing_was_missed`, for a range or for one day."""
    return [dollars_agree(result), nothing_was_missed(result)]


def dollars_agree(result: Reconciliation) -> CheckResult:
    """Every accepted order agrees in HubSpot to the cent, judged order by order."""
    numbers: dict[str, int | str] = {}
    for code, sums in result.currencies.items():
        numbers[f"{code} accepted"] = shown(sums.accepted_minor, code)
        numbers[f"{code} HubSpot"] = shown(sums.hubspot_minor, code)
        numbers[f"{code} difference"] = shown(sums.difference_minor, code)
        numbers[f"{code} unexplained"] = shown(sums.unexplained_minor, code)
    numbers["orders that differ"] = orders_that_differ(result)
    numbers["red days"] = days(result)
    return CheckResult("dollars_agree", result.agrees, sentence(result), numbers, result.red_days)


def nothing_was_missed(result: Reconciliation) -> CheckResult:
    """As many orders with the same sums were read as NetSuite counts by itself."""
    misses = list(control_misses(result))
    counted = sum(total.orders_counted for total in result.control)
    read = sum(total.orders_read for total in result.control)
    numbers: dict[str, int | str] = {"orders counted by NetSuite": counted, "orders read": read}
    for code in sorted({total.currency for total in result.control}):
        of_code = [total for total in result.control if total.currency == code]
        if all(t.total_counted_minor is not None and t.total_read_minor is not None for t in of_code):
            numbers[f"{code} summed by NetSuite"] = shown(
                sum(t.total_counted_minor or 0 for t in of_code), code
            )
            numbers[f"{code} read"] = shown(sum(t.total_read_minor or 0 for t in of_code), code)
    if misses:
        named = ", ".join(f"{on} {code}" for on, code, _, _ in misses[:5])
        words = f"NetSuite counts {counted:,} orders of {period(result)}, {read:,} were read; not the same: {named}."
    else:
        words = f"All {read:,} orders of {period(result)} that NetSuite counts were read, with the same sums."
    missed_days = tuple(sorted({on for on, _, _, _ in misses}))
    return CheckResult("nothing_was_missed", not misses, words, numbers, missed_days)


def exit_code(result: Reconciliation) -> int:
    """0 when every accepted order agrees and nothing is unexplained, else 1."""
    return 0 if result.agrees else 1
