"""Net sales as every view shows them: a row a currency, the bridges of returns and of net, groups, and each return.

Belongs here: names, their order, and amounts as text. Does not belong here: layout, or the sums themselves
(reconcile.net_sales, reconcile.net_groups).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.sales.net import named_period
from ns_hs_orders.reconcile.sales.net_groups import KINDS, all_in, net_groups
from ns_hs_orders.reconcile.sales.net_schema import (
    OVER_RETURN,
    RETURN_CAUSES,
    RETURN_NEXT_STEPS,
    GroupedBy,
    NetGroup,
    NetSales,
    NetSums,
    ReturnControl,
    ReturnSums,
)
from ns_hs_orders.reconcile.schema import NEXT_STEPS, Reconciliation
from ns_hs_orders.report.figures import signed, turns_red
from ns_hs_orders.report.sales_figures import OF_RETURNS, SalesStep, all_sums, rest_of, sales_bridge

NET_COLUMNS = (
    "currency",
    "gross in NetSuite",
    "returned in NetSuite",
    "net in NetSuite",
    "gross in HubSpot",
    "returned in HubSpot",
    "net in HubSpot",
    "difference",
    "unexplained",
)
SHORT_NET_COLUMNS = (
    "currency",
    "gross",
    "returned",
    "net in NetSuite",
    "net in HubSpot",
    "difference",
    "unexplained",
)
GROUP_COLUMNS = ("name", "orders", "returns", "gross", "returned", "net in NetSuite", "net in HubSpot")
RETURN_COLUMNS = ("return", "day", "its order", "what it is", "amount", "counts", "HubSpot", "cause")
ALL_RETURNS, RETURNED_IN_NETSUITE, RETURNED_IN_HUBSPOT = (
    "NetSuite, all returns", "returned in NetSuite", "returned in HubSpot",
)  # fmt: skip
GROSS, NET_IN_NETSUITE, NET_IN_HUBSPOT = (
    "gross sales in NetSuite",
    "net sales in NetSuite",
    "net sales in HubSpot",
)
NET_MEANINGS = {
    ALL_RETURNS: "Every return of the range, at its whole amount.",
    RETURNED_IN_NETSUITE: "What counts of the returns of the range in NetSuite, by the definition.",
    RETURNED_IN_HUBSPOT: "What HubSpot holds of it, read back.",
    GROSS: "Sales dollars in NetSuite, before returns.",
    NET_IN_NETSUITE: "Sales dollars less what was returned, in NetSuite.",
    NET_IN_HUBSPOT: "The same in HubSpot, read back.",
    "pending approval or cancelled": "Returns of which nothing counts.",
    "closed, not received": "What of closed returns never came back.",
    **RETURN_CAUSES,
}
"""Step of the bridges of returns and of net → what it is."""
WORDS: Mapping[GroupedBy, str] = {"day": "day", "rep": "sales rep", "company": "company", "store": "store"}


class Bridge(NamedTuple):
    """One bridge. view: a currency, or all in base currency, and whose bridge it is where it is not of gross sales."""

    view: str
    currency: str
    steps: list[SalesStep]


class ShownReturn(NamedTuple):
    """One return as people read it. is_red: it turns its day red."""

    number: str
    day: str
    order: str
    name: str
    amount: str
    counts: str
    hubspot: str
    cause: str
    is_red: bool


def all_net(result: Reconciliation) -> list[tuple[str, NetSums]]:
    """(name, sums) of each currency, then of all in base currency where there is more than one; none without returns."""
    if result.net is None:
        return []
    found = list(result.net.sums.items())
    if result.net.base is not None and len(found) > 1:
        found.append((all_in(result.net.base.currency), result.net.base))
    return found


def all_bridges(result: Reconciliation) -> list[Bridge]:
    """The bridges of gross sales; then those of returns and of net, of each view that has returns."""
    found = [Bridge(name, sums.currency, sales_bridge(sums)) for name, sums in all_sums(result)]
    for name, sums in all_net(result):
        if not has_returns(sums.returned):
            continue
        found += [
            Bridge(f"{name}, returns", sums.currency, returns_bridge(sums.returned)),
            Bridge(f"{name}, net", sums.currency, net_bridge(sums)),
        ]
    return found


def has_returns(sums: ReturnSums) -> bool:
    """Whether there is any return on either side."""
    return bool(sums.returns or sums.netsuite_minor or sums.steps or sums.returned_hubspot_minor)


def returns_bridge(sums: ReturnSums) -> list[SalesStep]:
    """All returns of NetSuite, what is left out of them, what counts, each cause, what HubSpot holds; positive amounts."""
    left_out = [SalesStep(one.cause, "left out", one.returns, one.amount_minor) for one in sums.not_counted]
    causes = [SalesStep(one.cause, "cause", one.returns, one.amount_minor) for one in sums.steps]
    ours, theirs = sums.returned_netsuite_minor, sums.returned_hubspot_minor
    return [
        SalesStep(ALL_RETURNS, "level", sums.returns, sums.netsuite_minor),
        *left_out,
        *rest_of("unexplained: counted, not read", sums.netsuite_minor, left_out, ours),
        SalesStep(RETURNED_IN_NETSUITE, "level", None, ours),
        *causes,
        *rest_of("unexplained", ours, causes, theirs),
        SalesStep(RETURNED_IN_HUBSPOT, "level", None, theirs),
    ]


def net_bridge(sums: NetSums) -> list[SalesStep]:
    """Gross sales, each kind of what was returned, net in NetSuite, the causes of orders and of returns, net in HubSpot."""
    returned = [
        SalesStep(one.cause, "left out", one.returns, -one.amount_minor) for one in sums.returned.named
    ]
    causes = [SalesStep(one.cause, "cause", one.orders, one.amount_minor) for one in sums.gross.steps]
    causes += [
        SalesStep(f"{OF_RETURNS}{one.cause}", "cause", one.returns, -one.amount_minor)
        for one in sums.returned.steps
    ]
    ours, theirs = sums.net_netsuite_minor, sums.net_hubspot_minor
    return [
        SalesStep(GROSS, "level", sums.orders, sums.gross.sales_netsuite_minor),
        *returned,
        SalesStep(NET_IN_NETSUITE, "level", None, ours),
        *causes,
        *rest_of("unexplained", ours, causes, theirs),
        SalesStep(NET_IN_HUBSPOT, "level", None, theirs),
    ]


def net_rows(result: Reconciliation) -> list[tuple[str, ...]]:
    """One row a currency under NET_COLUMNS, then one in base currency."""
    return [
        (
            name,
            *(
                _bare(minor, sums.currency)
                for minor in (
                    sums.gross.sales_netsuite_minor,
                    sums.returned.returned_netsuite_minor,
                    sums.net_netsuite_minor,
                    sums.gross.sales_hubspot_minor,
                    sums.returned.returned_hubspot_minor,
                    sums.net_hubspot_minor,
                    sums.difference_minor,
                    sums.unexplained_minor,
                )
            ),
        )
        for name, sums in all_net(result)
    ]


def short_net_rows(result: Reconciliation) -> list[tuple[str, ...]]:
    """The same under SHORT_NET_COLUMNS: gross and returned of NetSuite, net of both."""
    places = (0, 1, 2, 3, 6, 7, 8)
    return [tuple(row[at] for at in places) for row in net_rows(result)]


def elsewhere(result: Reconciliation) -> str:
    """What was returned of orders of the range on other days, in words; "" for nothing. It is in no sum."""
    found = [
        f"{one.orders:,} order{'s' if one.orders != 1 else ''}, {shown(one.amount_minor, code)}"
        for code, sums in (result.net.sums.items() if result.net else ())
        if (one := sums.returned.elsewhere) is not None
    ]
    if not found:
        return ""
    return f"Returned on other days, of orders of these days, and counted there: {'; '.join(found)}."


def groups_of(result: Reconciliation) -> tuple[NetGroup, ...]:
    """All groups of the result, none without returns."""
    if result.net is None:
        return ()
    return net_groups(result.net, result.orders, result.definition, result.first, result.last)


def main_view(result: Reconciliation) -> str:
    """The view with which people begin: all in base currency, or the currency with the most orders."""
    every = all_net(result)
    if not every:
        return ""
    if len(every) > 1 and result.net is not None and result.net.base is not None:
        return every[-1][0]
    return max(every, key=lambda one: (one[1].orders, one[0]))[0]


def group_tables(
    result: Reconciliation, most: int, kinds: Sequence[GroupedBy] = KINDS
) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """(title, rows under GROUP_COLUMNS) of each kind, in the main view; `most` rows of each, the rest in one row.

    Days begin with the newest.
    """
    view = main_view(result)
    every = [one for one in groups_of(result) if one.view == view]
    for kind in kinds:
        found = [one for one in every if one.by == kind]
        if kind == "day":
            found.reverse()
        if not found:
            continue
        table = [_group_row(one) for one in found[:most]]
        if len(found) > most:
            table.append(_group_row(_together(found[most:])))
        yield f"Net sales by {WORDS[kind]}, {view}", table


def _group_row(one: NetGroup) -> tuple[str, ...]:
    amounts = (
        one.gross_netsuite_minor,
        one.returned_netsuite_minor,
        one.net_netsuite_minor,
        one.net_hubspot_minor,
    )
    return (
        one.name,
        f"{one.orders:,}",
        f"{one.returns:,}",
        *(_bare(minor, one.currency) for minor in amounts),
    )


def _together(found: Sequence[NetGroup]) -> NetGroup:
    first = found[0]
    return NetGroup(
        first.by,
        first.view,
        first.currency,
        "",
        f"{len(found):,} more",
        sum(one.orders for one in found),
        sum(one.returns for one in found),
        sum(one.gross_netsuite_minor for one in found),
        sum(one.returned_netsuite_minor for one in found),
        sum(one.gross_hubspot_minor for one in found),
        sum(one.returned_hubspot_minor for one in found),
    )


def return_records(result: Reconciliation) -> Iterator[dict[str, Any]]:
    """Each return of the result as plain values, with `name` (of RETURN_CAUSES) and `next_step`."""
    if result.net is None:
        return
    returns = result.net.returns
    for row in rows(returns, list(returns.columns)):
        name = None
        if row["returned_netsuite_minor"]:
            name = named_period(row["without_order"], row["parent_order_on"], result.first, result.last)
        yield {**row, "name": name, "next_step": next_step_of_return(row["cause"], name, row["over_minor"])}


def next_step_of_return(cause: str | None, name: str | None, over_minor: int) -> str | None:
    """What to do about a return, None where nothing is to be done: its difference first, then what it is."""
    if cause is not None:
        return {**NEXT_STEPS, **RETURN_NEXT_STEPS}[cause]
    if over_minor:
        return RETURN_NEXT_STEPS[OVER_RETURN]
    step = RETURN_NEXT_STEPS.get(name or "", "")
    return step if not step.startswith("None") and step else None


def shown_returns(result: Reconciliation, most: int | None = None) -> list[ShownReturn]:
    """The returns that differ, are beyond their order's total or have no order: red ones first, then by amount."""
    found = [
        row for row in return_records(result) if row["cause"] or row["over_minor"] or row["without_order"]
    ]
    found.sort(
        key=lambda row: (
            not turns_red(row["cause"]),
            -(row["amount_minor"] or row["counted_hubspot_minor"] or 0),
        )
    )
    return [_shown(row) for row in found[:most]]


def next_steps_of_returns(result: Reconciliation) -> list[tuple[str, str]]:
    """What to do about each cause that a return has, and about what some of them are."""
    if result.net is None:
        return []
    found = set(result.net.returns["cause"].dropna())
    steps = [(f"{OF_RETURNS}{cause}", step) for cause, step in NEXT_STEPS.items() if cause in found]
    named = {step.cause for sums in result.net.sums.values() for step in sums.returned.named} | found
    return steps + [
        (cause, step)
        for cause, step in RETURN_NEXT_STEPS.items()
        if cause in named and not step.startswith("None.")
    ]


def returns_that_differ(net: NetSales) -> int:
    """Returns that turn their day red."""
    return sum(turns_red(cause) for cause in net.returns["cause"].dropna())


def return_misses(result: Reconciliation) -> list[ReturnControl]:
    """Control totals of returns that disagree."""
    return [one for one in (result.net.control if result.net else ()) if not one.agrees]


def _shown(row: Mapping[str, Any]) -> ShownReturn:
    what = [row["name"] or ""]
    if row["over_minor"]:
        what.append(f"{OVER_RETURN} {_amount(row['over_minor'], row['currency'])}")
    order = row["parent_order_number"] or row["parent_order_id"]
    if order and row["without_order"]:
        order = f"{order} (not in HubSpot)"
    return ShownReturn(
        number=row["return_number"] or row["return_id_netsuite"],
        day=row["return_on"].isoformat(),
        order=order or "none",
        name=", ".join(filter(None, what)),
        amount=_amount(row["amount_minor"], row["currency"]),
        counts=_amount(row["returned_netsuite_minor"], row["currency"]),
        hubspot=_amount(row["returned_hubspot_minor"], row["currency_hubspot"]),
        cause=row["cause"] or "",
        is_red=turns_red(row["cause"]),
    )


def _amount(minor: int | None, currency: str | None) -> str:
    return "" if minor is None or currency is None else shown(int(minor), currency)


def _bare(minor: int, currency: str) -> str:
    return shown(minor, currency).removesuffix(f" {currency}")


def bridge_row(view: str, step: SalesStep, currency: str) -> tuple[str, str, str, str]:
    """A step as text: view, step, how many, amount; levels bare, changes with their sign."""
    amount = (
        shown(step.amount_minor, currency) if step.kind == "level" else signed(step.amount_minor, currency)
    )
    return view, step.name, "" if step.orders is None else f"{step.orders:,}", amount
