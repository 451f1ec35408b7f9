"""Sales dollars as every view shows them: a row a currency, and the bridge from NetSuite to HubSpot.

Belongs here: names and order of the bridge's steps, and amounts as text. Does not belong here: layout, or the sums
themselves (reconcile.sales).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.sales.net_schema import NetSums
from ns_hs_orders.reconcile.schema import Reconciliation, SalesSums

SALES_COLUMNS = (
    "currency",
    "all orders",
    "not sales",
    "sales in NetSuite",
    "sales in HubSpot",
    "difference",
    "unexplained",
)
_CAUSES_NAMED = 3
OF_RETURNS = "returns: "
"""How the causes of returns begin where they stand beside those of orders."""
BRIDGE_COLUMNS = ("currency", "step", "orders", "amount")
Kind = Literal["level", "left out", "cause", "rest"]


class SalesStep(NamedTuple):
    """One step of the bridge, top to bottom. kind: level (where it stands), left out (by the definition), cause, rest.

    orders: None where they are not counted. amount_minor: the level, or by how much the step changes it.
    """

    name: str
    kind: Kind
    orders: int | None
    amount_minor: int


def sales_bridge(sums: SalesSums) -> list[SalesStep]:
    """NetSuite's total, what is left out of it, its sales, each cause, what HubSpot holds of it; each rest where it is."""
    left_out = [SalesStep(one.cause, "left out", one.orders, one.amount_minor) for one in sums.not_counted]
    causes = [SalesStep(one.cause, "cause", one.orders, one.amount_minor) for one in sums.steps]
    return [
        SalesStep("NetSuite, all orders", "level", sums.orders, sums.netsuite_minor),
        *left_out,
        *rest_of("unexplained: counted, not read", sums.netsuite_minor, left_out, sums.sales_netsuite_minor),
        SalesStep("sales in NetSuite", "level", None, sums.sales_netsuite_minor),
        *causes,
        *rest_of("unexplained", sums.sales_netsuite_minor, causes, sums.sales_hubspot_minor),
        SalesStep("sales in HubSpot", "level", None, sums.sales_hubspot_minor),
    ]


def rest_of(name: str, start: int, steps: Sequence[SalesStep], end: int) -> list[SalesStep]:
    """The step that is left over between two levels; none where nothing is."""
    rest = end - start - sum(step.amount_minor for step in steps)
    return [SalesStep(name, "rest", None, rest)] if rest else []


def all_sums(result: Reconciliation) -> list[tuple[str, SalesSums]]:
    """(name, sums) of each currency, then of all in base currency where there is more than one."""
    found = list(result.sales.items())
    if result.base is not None and len(found) > 1:
        found.append((f"all in {result.base.currency}", result.base))
    return found


def apart(result: Reconciliation) -> str:
    """How far HubSpot's sales are from NetSuite's in the sum over all currencies, why, and whether all of it is explained.

    Net sales, where returns are read.

    "" where they are equal, or there is no such sum. Dollars can agree and be apart: an order that is held back is
    explained, and not in HubSpot.
    """
    every = all_sums(result)
    if not every or (len(every) > 1 and result.base is None):
        return ""
    _, sums = every[-1]
    currency, rest = sums.currency, sums.unexplained_minor
    minor = sums.sales_hubspot_minor - sums.sales_netsuite_minor
    causes = [(one.cause, one.amount_minor) for one in sums.steps]
    what, without = "sales", sums.without_rate
    net = _net_beside(result, len(every))
    if net is not None:
        currency, rest, minor = net.currency, net.unexplained_minor, net.difference_minor
        causes += [(f"{OF_RETURNS}{one.cause}", -one.amount_minor) for one in net.returned.steps]
        what, without = "net sales", without + net.returned.without_rate
    if rest:
        return f"{shown(abs(rest), currency)} has no cause: call an engineer."
    if not minor:
        return ""
    side = "above" if minor > 0 else "below"
    steps = sorted(((cause, apart) for cause, apart in causes if apart), key=lambda one: -abs(one[1]))
    named = ", ".join(f"{cause} {_signed(apart, currency)}" for cause, apart in steps[:_CAUSES_NAMED])
    more = len(steps) - _CAUSES_NAMED
    named += f" and {more} more cause{'s' if more > 1 else ''}" if more > 0 else ""
    whole = " Every cent of it has a cause." if not without else ""
    return f"HubSpot's {what} are {shown(abs(minor), currency)} {side} NetSuite's: {named}.{whole}"


def _net_beside(result: Reconciliation, views: int) -> NetSums | None:
    """Net sums of the same currencies as the last of the views of gross sales."""
    if result.net is None or not result.net.sums:
        return None
    if len(result.net.sums) > 1:
        return result.net.base
    return next(iter(result.net.sums.values())) if views == 1 else None


def net_missing(result: Reconciliation) -> str:
    """Why there are no net sales, in words; "" where there are, or none are wanted."""
    if not result.net_missing:
        return ""
    return f"Net sales could not be told, and these are gross: {result.net_missing}"


def without_rate(result: Reconciliation) -> str:
    """How many orders and returns the sum over all currencies leaves out, for want of an exchange rate; "" for none."""
    every = all_sums(result)
    count = every[-1][1].without_rate if every else 0
    base = result.net.base if result.net is not None else None
    words = [(count, "order"), (base.returned.without_rate if base is not None else 0, "return")]
    name = f"“{every[-1][0]}”" if every else ""
    return " ".join(
        f"1 {what} has no exchange rate, and is not in {name}."
        if number == 1
        else f"{number:,} {what}s have no exchange rate, and are not in {name}."
        for number, what in words
        if number
    )


def sales_rows(result: Reconciliation) -> list[tuple[str, ...]]:
    """One row a currency under SALES_COLUMNS, then one in base currency."""
    rows = []
    for name, sums in all_sums(result):
        amounts = (
            sums.netsuite_minor,
            sum(step.amount_minor for step in sums.not_counted),
            sums.sales_netsuite_minor,
            sums.sales_hubspot_minor,
            sums.sales_hubspot_minor - sums.sales_netsuite_minor,
            sums.unexplained_minor,
        )
        rows.append((name, *(_bare(minor, sums.currency) for minor in amounts)))
    return rows


def sales_bridge_rows(result: Reconciliation) -> list[tuple[str, str, str, str]]:
    """Currency, step, orders, amount: the bridge of each currency, top to bottom."""
    return [
        (
            name,
            step.name,
            "" if step.orders is None else f"{step.orders:,}",
            shown(step.amount_minor, sums.currency)
            if step.kind == "level"
            else _signed(step.amount_minor, sums.currency),
        )
        for name, sums in all_sums(result)
        for step in sales_bridge(sums)
    ]


def _signed(minor: int, currency: str) -> str:
    return f"{'+' if minor > 0 else ''}{shown(minor, currency)}"


def _bare(minor: int, currency: str) -> str:
    return shown(minor, currency).removesuffix(f" {currency}")
