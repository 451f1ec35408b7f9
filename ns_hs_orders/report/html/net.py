"""Net sales on the page: a picture of gross, returned and net by day, the bridges of returns and of net, the tables.

Belongs here: that section. Does not belong here: figures (net_figures), rows of the tables (data), or the bridges of
gross sales (bridges).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.sales.net_schema import NetGroup
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.html.bridges import waterfall
from ns_hs_orders.report.html.markup import Markup, element, table
from ns_hs_orders.report.net_figures import (
    NET_COLUMNS,
    all_bridges,
    all_net,
    elsewhere,
    groups_of,
    main_view,
    net_rows,
    return_misses,
)
from ns_hs_orders.report.sales_figures import all_sums

TALL = 240
SLOT = 12
"""Units of the picture: height, and width of a day; it is stretched to its place."""
_BARS = (
    ("gross", "gross_netsuite_minor"),
    ("returned", "returned_netsuite_minor"),
    ("net", "net_netsuite_minor"),
)


def pictures(result: Reconciliation) -> Markup:
    """Gross, returned and net of NetSuite by day in the main view, as bars; the table below has the numbers."""
    view = main_view(result)
    by_day = {one.key: one for one in groups_of(result) if (one.by, one.view) == ("day", view)}
    if not by_day:
        return element("p", "No order and no return on any day.")
    days = _days(result)
    found = [by_day.get(on.isoformat()) for on in days]
    low, high = _scale([one for one in found if one is not None])
    bars = [
        element(
            "rect",
            x=at * SLOT + 1 + place * 3,
            y=_at(max(0, minor), low, high),
            width=3,
            height=max(1, _at(min(0, minor), low, high) - _at(max(0, minor), low, high)),
            class_=name,
        )
        for at, one in enumerate(found)
        if one is not None
        for place, (name, source) in enumerate(_BARS)
        if (minor := int(getattr(one, source)))
    ]
    zero = _at(0, low, high)
    drawn = element(
        "svg",
        *bars,
        element("line", x1=0, x2=len(days) * SLOT, y1=zero, y2=zero),
        viewBox=f"0 0 {len(days) * SLOT} {TALL}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"Gross, returned and net sales by day, {view}; the table below has the numbers",
    )
    legend = [element("span", name, class_=f"key {name}") for name, _ in _BARS]
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    largest = next(one.currency for one in by_day.values())
    return element(
        "div",
        element(
            "p", *legend, element("span", f" {view}, {span}, up to {shown(high, largest)}"), class_="small"
        ),
        drawn,
        class_="by-day",
    )


def net_bridges(result: Reconciliation) -> Markup:
    """The bridges of returns and of net, those of the main view open."""
    view = main_view(result)
    rest = dict(all_net(result))
    of_net = all_bridges(result)[len(all_sums(result)) :]
    ordered = sorted(of_net, key=lambda one: not one.view.startswith(f"{view}, "))
    return Markup.joined(
        [
            waterfall(
                one.view,
                one.currency,
                one.steps,
                is_open=one.view.startswith(f"{view}, ")
                or bool(rest[one.view.rpartition(", ")[0]].unexplained_minor),
            )
            for one in ordered
        ]
    )


def both_sides(result: Reconciliation) -> Markup | None:
    """Gross, returned and net of both systems, a row a currency."""
    columns = [(name[:1].upper() + name[1:], at > 0) for at, name in enumerate(NET_COLUMNS)]
    rows = [list(row) for row in net_rows(result)]
    return table("Gross, returned and net by currency", columns, rows) if rows else None


def notes(result: Reconciliation) -> Markup | None:
    """What was returned on other days, and what NetSuite counts and nobody read."""
    words = [elsewhere(result)]
    if misses := return_misses(result):
        words.append(
            f"NetSuite counts other returns than were read, in {len(misses):,} sums by day, currency and status."
        )
    told = " ".join(filter(None, words))
    return element("p", told) if told else None


def missed(result: Reconciliation) -> Markup | None:
    """Control totals of returns that disagree."""
    rows = [
        [
            one.return_on.isoformat(),
            one.currency or "none",
            one.status,
            f"{one.returns_counted:,}",
            f"{one.returns_read:,}",
        ]
        for one in return_misses(result)
    ]
    if not rows:
        return None
    columns = [("Day", False), ("Currency", False), ("Status", False), ("Counted", True), ("Read", True)]
    return table("Returns that NetSuite counts, and that were read", columns, rows)


def _days(result: Reconciliation) -> list[date]:
    return [result.first + timedelta(days=n) for n in range((result.last - result.first).days + 1)]


def _scale(found: Sequence[NetGroup]) -> tuple[int, int]:
    values = [int(getattr(one, source)) for one in found for _, source in _BARS]
    return min(0, *values), max(1, *values)


def _at(minor: int, low: int, high: int) -> int:
    """How far from the top an amount is."""
    return (high - minor) * TALL // (high - low)
