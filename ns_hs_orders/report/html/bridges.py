"""The dollar bridges: from NetSuite's dollars to HubSpot's, step by step, as tables whose last column is drawn.

Belongs here: levels, the scale, and the bars of a waterfall beside their numbers. Does not belong here: which
steps there are (reconcile), or the orders behind one (data, report.js).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.schema import BridgeStep, Reconciliation, SalesSums
from ns_hs_orders.report.figures import signed
from ns_hs_orders.report.html.first_screen import every_sums
from ns_hs_orders.report.html.markup import Markup, element, scrollable

WIDE = 1000
"""Units of the scale; the picture is stretched to its column."""
_THINNEST = 5
_CUT_ABOVE_PERCENT = 60
Kind = Literal["total", "up", "down", "none", "unexplained"]


@dataclass(frozen=True)
class Bar:
    """One row of a waterfall. low and high: the levels between which its bar lies; after: the level it leaves.

    opens_to: which orders are behind it, "left_out" or "steps" of the page's data; None where there are none.
    """

    label: str
    orders: int | None
    amount_minor: int
    low: int
    high: int
    after: int
    kind: Kind
    opens_to: str | None = None


def bars(sums: SalesSums) -> list[Bar]:
    """NetSuite's total, what the definition leaves out, NetSuite's sales, the causes, any rest, HubSpot's sales."""
    found = [_total("All orders in NetSuite", sums.orders, sums.netsuite_minor)]
    level = sums.netsuite_minor
    for step in sums.not_counted:
        found.append(_step(step, level, "left_out"))
        level += step.amount_minor
    if sums.not_counted:
        found.append(_total("Sales in NetSuite", None, sums.sales_netsuite_minor))
    for step in sums.steps:
        found.append(_step(step, level, "steps"))
        level += step.amount_minor
    if sums.unexplained_minor:
        rest = BridgeStep("unexplained", 0, -sums.unexplained_minor)
        found.append(replace(_step(rest, level, None), orders=None, kind="unexplained"))
    found.append(_total("Sales in HubSpot", None, sums.sales_hubspot_minor))
    return found


def beginning(found: list[Bar]) -> int:
    """Where the scale begins: at zero, or below the lowest level where steps would be too thin to see."""
    levels = [level for bar in found for level in (bar.after, bar.high if bar.kind == "total" else bar.low)]
    low, high = min(levels), max(levels)
    if low <= 0 or high == low or 100 * low < _CUT_ABOVE_PERCENT * high:
        return min(0, low)
    return max(0, low - (high - low) // 2)


def bridges(result: Reconciliation) -> Markup:
    """One bridge a currency; open are the first and every one whose dollars are not explained."""
    every = every_sums(result)
    return Markup.joined(
        [
            _bridge(
                sums, is_base=sums is result.base, is_open=sums is every[0] or bool(sums.unexplained_minor)
            )
            for sums in every
        ]
    )


def _bridge(sums: SalesSums, *, is_base: bool, is_open: bool) -> Markup:
    code = sums.currency
    found = bars(sums)
    start = beginning(found)
    panel = f"orders-of-{'base' if is_base else code}"
    name = f"All currencies, in {code}" if is_base else code
    head = element(
        "tr",
        element("th", "Step", scope="col"),
        element("th", "Orders", scope="col", class_="number"),
        element("th", "Amount", scope="col", class_="number"),
        element("th", element("span", "Drawn", class_="unseen"), scope="col", class_="drawn"),
    )
    high = max(start + 1, *(bar.high for bar in found))
    rows = [_row(bar, code, "" if is_base else code, panel, start, high) for bar in found]
    caption = f"{name}: from NetSuite's dollars to HubSpot's"
    notes = [
        f"Bars begin at {shown(start, code)}, so that the steps can be seen." if start > 0 else "",
        f"{sums.without_rate:,} orders without an exchange rate are in no sum here."
        if sums.without_rate
        else "",
    ]
    return element(
        "details",
        element(
            "summary",
            element("h3", name),
            element(
                "span",
                f"{shown(sums.sales_netsuite_minor, code)} → {shown(sums.sales_hubspot_minor, code)}",
                class_="small",
            ),
            _rest(sums),
        ),
        scrollable(
            caption,
            element(
                "table",
                element("caption", caption),
                element("thead", head),
                element("tbody", *rows),
                class_="bridge",
            ),
        ),
        element("p", " ".join(filter(None, notes)), class_="small") if any(notes) else None,
        element("div", id=panel, class_="panel", hidden=True),
        open=is_open,
    )


def _rest(sums: SalesSums) -> Markup:
    if sums.unexplained_minor:
        return element(
            "strong", f"unexplained {signed(sums.unexplained_minor, sums.currency)}", class_="chip red"
        )
    return element("span", "fully explained", class_="chip green")


def _row(bar: Bar, code: str, data_currency: str, panel: str, start: int, high: int) -> Markup:
    is_total = bar.kind == "total"
    amount = shown(bar.amount_minor, code) if is_total else signed(bar.amount_minor, code)
    return element(
        "tr",
        element("th", bar.label, scope="row"),
        element("td", "" if bar.orders is None else f"{bar.orders:,}", class_="number"),
        element("td", amount, class_="number"),
        element("td", _drawn(bar, start, high), class_="drawn"),
        class_=bar.kind,
        data_opens=bar.opens_to,
        data_step=bar.label if bar.opens_to else None,
        data_currency=data_currency if bar.opens_to else None,
        data_panel=panel if bar.opens_to else None,
    )


def _drawn(bar: Bar, start: int, high: int) -> Markup:
    def at(level: int) -> int:
        return min(WIDE, max(0, (level - start) * WIDE // (high - start)))

    left, right = at(bar.low), at(bar.high)
    if right - left < _THINNEST:
        left = max(0, min(left, WIDE - _THINNEST))
        right = left + _THINNEST
    return element(
        "svg",
        element("rect", x=left, y=2, width=right - left, height=6),
        element("line", x1=at(bar.after), x2=at(bar.after), y1=8, y2=12),
        viewBox=f"0 0 {WIDE} 10",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )


def _total(label: str, orders: int | None, amount: int) -> Bar:
    return Bar(label, orders, amount, min(0, amount), max(0, amount), amount, "total")


def _step(step: BridgeStep, level: int, opens_to: str | None) -> Bar:
    after = level + step.amount_minor
    kind: Kind = "up" if step.amount_minor > 0 else "down" if step.amount_minor else "none"
    return Bar(
        step.cause,
        step.orders,
        step.amount_minor,
        min(level, after),
        max(level, after),
        after,
        kind,
        opens_to,
    )
