"""The checks of the reconciliation as plain data.

Belongs here: name, verdict, sentence and numbers, shown also when green. Does not belong here: Dagster.
"""

from __future__ import annotations

from collections import Counter

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.columns import plain
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.integrity import COMPANY, HEADER, LINES, LINKS, ORPHANS, OWNER
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.figures import control_misses, days, orders_that_differ, period, sentence
from ns_hs_orders.report.net_figures import return_misses, returns_that_differ

_MOST_NAMED = 3


def checks(result: Reconciliation) -> list[CheckResult]:
    """Every check of the reconciliation, for a range or for one day."""
    return [
        dollars_agree(result),
        nothing_was_missed(result),
        header_equals_its_lines(result),
        orders_have_company_lines_owner(result),
        no_orphan_line_items(result),
    ]


def dollars_agree(result: Reconciliation) -> CheckResult:
    """Every accepted order agrees in HubSpot to the cent, judged order by order."""
    numbers: dict[str, int | str] = {}
    for code, sums in result.currencies.items():
        numbers[f"{code} accepted"] = shown(sums.accepted_minor, code)
        numbers[f"{code} HubSpot"] = shown(sums.hubspot_minor, code)
        numbers[f"{code} difference"] = shown(sums.difference_minor, code)
        numbers[f"{code} unexplained"] = shown(sums.unexplained_minor, code)
    numbers["orders that differ"] = orders_that_differ(result)
    if result.net is not None:
        numbers["returns that differ"] = returns_that_differ(result.net)
        for code, net in result.net.sums.items():
            numbers[f"{code} returned in NetSuite"] = shown(net.returned.returned_netsuite_minor, code)
            numbers[f"{code} returned in HubSpot"] = shown(net.returned.returned_hubspot_minor, code)
            numbers[f"{code} net in NetSuite"] = shown(net.net_netsuite_minor, code)
            numbers[f"{code} net in HubSpot"] = shown(net.net_hubspot_minor, code)
            numbers[f"{code} returns unexplained"] = shown(net.returned.unexplained_minor, code)
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
    missed_days = {on for on, _, _, _ in misses}
    if result.net is not None:
        of_returns = return_misses(result)
        counted = sum(one.returns_counted for one in result.net.control)
        read = sum(one.returns_read for one in result.net.control)
        numbers |= {"returns counted by NetSuite": counted, "returns read": read}
        if of_returns:
            named = ", ".join(f"{one.return_on} {one.currency} {one.status}" for one in of_returns[:5])
            words += f" NetSuite counts {counted:,} returns, {read:,} were read; not the same: {named}."
        else:
            words += f" So were all {read:,} returns."
        missed_days |= {one.return_on for one in of_returns}
    return CheckResult("nothing_was_missed", not missed_days, words, numbers, tuple(sorted(missed_days)))


def header_equals_its_lines(result: Reconciliation) -> CheckResult:
    """Total = lines + tax + shipping − discount − payment, in both systems."""
    green = (
        f"The total of each order of {period(result)} is its lines + tax + shipping − discount − payment, in NetSuite "
        "and in HubSpot"
    )
    return _integrity(
        result, "header_equals_its_lines", (HEADER,), green, "Total is not the sum of its parts"
    )


def orders_have_company_lines_owner(result: Reconciliation) -> CheckResult:
    """Each order is linked to its company or contact, has its lines and its owner, or a reason says why not."""
    green = (
        f"Each order of {period(result)} has its company, its lines and its owner, or a named reason why not"
    )
    rules = (COMPANY, LINES, OWNER, LINKS)
    return _integrity(
        result, "orders_have_company_lines_owner", rules, green, "Company, lines or owner are missing"
    )


def no_orphan_line_items(result: Reconciliation) -> CheckResult:
    """Each line item of ours hangs on its order."""
    green = f"Each line item of the orders of {period(result)} hangs on its order"
    return _integrity(result, "no_orphan_line_items", (ORPHANS,), green, "Line items hang on no order")


def _integrity(
    result: Reconciliation, name: str, rules: tuple[str, ...], green: str, red: str
) -> CheckResult:
    of_rules = [one for one in result.integrity if one.rule in rules]
    broken = [one for one in of_rules if one.reason is None]
    orders = result.orders
    numbers: dict[str, int | str] = {
        "orders in NetSuite": int(orders["netsuite_minor"].notna().sum()),
        "orders in HubSpot": int(orders["order_id_hubspot"].notna().sum()),
    }
    for rule in rules:
        numbers[f"not so: {rule}"] = sum(one.orders for one in broken if one.rule == rule)
    reasons = Counter[str]()
    for one in of_rules:
        if one.reason is not None:
            reasons[one.reason] += one.orders
    dollars = Counter[tuple[str, str]]()
    for one in of_rules:
        if one.reason is not None and one.amount_minor is not None and one.currency and one.order is None:
            dollars[one.reason, one.currency] += one.amount_minor
    for reason, count in sorted(reasons.items()):
        numbers[f"for a named reason: {reason}"] = count
        for (_, code), minor in sorted((k, v) for k, v in dollars.items() if k[0] == reason):
            numbers[f"{code}: {reason}"] = shown(minor, code)
    if not broken:
        excused = reasons.total()
        words = f"{green}{f' ({excused:,} with a named reason why not)' if excused else ''}."
        return CheckResult(name, passed=True, summary=words, numbers=numbers)
    known = dict(zip(plain(orders["order_id_netsuite"]), plain(orders["order_number"]), strict=True))
    few = " ".join(
        f"{known.get(one.order) or one.order} in {one.system}: {one.words}" for one in broken[:_MOST_NAMED]
    )
    count = len({one.order for one in broken})
    words = f"{red}: {count:,} order{'s' if count != 1 else ''} of {period(result)}. {few}"
    red_days = tuple(sorted({one.order_on for one in broken}))
    return CheckResult(name, passed=False, summary=words, numbers=numbers, red_days=red_days)


def exit_code(result: Reconciliation) -> int:
    """0 when every accepted order and return agrees, nothing is unexplained, and net sales are told; else 1."""
    return 0 if result.agrees and not result.net_missing else 1
