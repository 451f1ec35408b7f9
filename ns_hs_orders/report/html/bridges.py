"""The dollar bridges: from NetSuite's dollars to HubSpot's, step by step, as tables whose last column is drawn.

Belongs here: levels, the scale, and the bars of a waterfall beside their numbers. Does not belong here: which
steps there are (reconcile), or the orders behind one (data, report.js).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.schema import Reconciliation, SalesSums
from ns_hs_orders.report.figures import signed
from ns_hs_orders.report.html.markup import Markup, element, scrollable
from ns_hs_orders.report.sales_figures import SalesStep, all_sums, sales_bridge

WIDE = 1000
"""Units of the scale; the picture is stretched to its column."""
_THINNEST = 5
_CUT_ABOVE_PERCENT = 60


@dataclass(frozen=True)
class Bar:
    """One row of a waterfall. low and high: the levels between which its bar lies; after: the level it leaves."""

    step: SalesStep
    low: int
    high: int
    after: int


def bars(sums: SalesSums) -> list[Bar]:
    """The bars of a bridge of sales dollars."""
    return bars_of(sales_bridge(sums))


def bars_of(steps: Sequence[SalesStep]) -> list[Bar]:
    """The steps with their bars: those of levels begin at zero, the others where the one above ends."""
    found: list[Bar] = []
    level = 0
    for step in steps:
        before = 0 if step.kind == "level" else level
        level = before + step.amount_minor
        found.append(Bar(step, min(before, level), max(before, level), level))
    return found


def beginning(found: list[Bar]) -> int:
    """Where the scale begins: at zero, or below the lowest level where steps would be too thin to see."""
    levels = [bar.after if bar.step.kind == "level" else bar.low for bar in found]
    low, high = min(levels), max(bar.high for bar in found)
    if low <= 0 or high == low or 100 * low < _CUT_ABOVE_PERCENT * high:
        return min(0, low)
    return max(0, low - (high - low) // 2)


def bridges(result: Reconciliation) -> Markup:
    """One bridge a currency, all currencies together first; open are the first and every one that is not explained."""
    every = sorted(all_sums(result), key=lambda one: one[1] is not result.base)
    return Markup.joined(
        [
            _bridge(
                name,
                sums,
                data_currency="" if sums is result.base else name,
                is_open=at == 0 or bool(sums.unexplained_minor),
            )
            for at, (name, sums) in enumerate(every)
        ]
    )


def waterfall(name: str, code: str, steps: Sequence[SalesStep], *, is_open: bool) -> Markup:
    """A bridge whose steps open to nothing: a heading, its first and last level, and the table."""
    found = bars_of(steps)
    start, high = beginning(found), max(1, *(bar.high for bar in found))
    caption = f"{name}: from NetSuite's dollars to HubSpot's"
    rest = sum(step.amount_minor for step in steps if step.kind == "rest")
    chip = (
        element("strong", f"unexplained {signed(rest, code)}", class_="chip red")
        if any(step.kind == "rest" for step in steps)
        else element("span", "fully explained", class_="chip green")
    )
    levels = f"{shown(steps[0].amount_minor, code)} → {shown(steps[-1].amount_minor, code)}"
    rows = [_row(bar, code, "", "", start, max(start + 1, high), can_open=False) for bar in found]
    return element(
        "details",
        element("summary", element("h3", name), element("span", levels, class_="small"), chip),
        scrollable(
            caption,
            element(
                "table",
                element("caption", caption),
                element("thead", _head()),
                element("tbody", *rows),
                class_="bridge",
            ),
        ),
        element("p", f"Bars begin at {shown(start, code)}, so that the steps can be seen.", class_="small")
        if start > 0
        else None,
        open=is_open,
    )


def _head() -> Markup:
    return element(
        "tr",
        element("th", "Step", scope="col"),
        element("th", "Orders", scope="col", class_="number"),
        element("th", "Amount", scope="col", class_="number"),
        element("th", element("span", "Drawn", class_="unseen"), scope="col", class_="drawn"),
    )


def _bridge(name: str, sums: SalesSums, *, data_currency: str, is_open: bool) -> Markup:
    code = sums.currency
    found = bars(sums)
    start = beginning(found)
    panel = f"orders-of-{data_currency or 'all'}"
    high = max(start + 1, *(bar.high for bar in found))
    rows = [_row(bar, code, data_currency, panel, start, high) for bar in found]
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
                element("thead", _head()),
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
    if sums.without_rate:
        return element("strong", f"{sums.without_rate:,} orders without a rate", class_="chip red")
    return element("span", "fully explained", class_="chip green")


_OPENS = {"left out": "left_out", "cause": "steps"}
"""Kind of a step → which orders of the page's data are behind it."""


def _row(
    bar: Bar, code: str, data_currency: str, panel: str, start: int, high: int, *, can_open: bool = True
) -> Markup:
    step = bar.step
    opens = _OPENS.get(step.kind) if step.orders and can_open else None
    amount = shown(step.amount_minor, code) if step.kind == "level" else signed(step.amount_minor, code)
    return element(
        "tr",
        element("th", step.name, scope="row"),
        element("td", "" if step.orders is None else f"{step.orders:,}", class_="number"),
        element("td", amount, class_="number"),
        element("td", _drawn(bar, start, high), class_="drawn"),
        class_=_look(step),
        data_opens=opens,
        data_step=step.name if opens else None,
        data_currency=data_currency if opens else None,
        data_panel=panel if opens else None,
    )


def _look(step: SalesStep) -> str:
    if step.kind in ("level", "rest"):
        return step.kind
    return "up" if step.amount_minor > 0 else "down" if step.amount_minor else "none"


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
