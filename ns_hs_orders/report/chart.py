"""A small picture of one currency's bridge of sales dollars, as a data address for markdown.

Belongs here: one SVG of bars. Does not belong here: figures, or a picture with text in it: the table
beside it has the numbers. Dagster's page shows `data:` images in markdown, needs width and height set,
and hides markdown of 1,000 characters or more behind a link; so the picture stays well below.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from ns_hs_orders.reconcile.schema import Reconciliation, SalesSums
from ns_hs_orders.report.sales_figures import SalesStep, sales_bridge

WIDTH, HEIGHT = 240, 40
_MOST_BARS = 6
_SYSTEM, _LEFT_OUT, _GAIN, _LOSS = "#48c", "#999", "#3a6", "#c54"


def chart(result: Reconciliation) -> str:
    """Markdown with the bridge of the currency with the most orders, "" where there is no currency."""
    if not result.sales:
        return ""
    sums = max(result.sales.values(), key=lambda one: (one.orders, one.currency))
    return (
        f"![{sums.currency}: NetSuite to HubSpot](data:image/svg+xml;base64,{b64encode(_svg(sums)).decode()})"
    )


def bars(sums: SalesSums) -> list[tuple[int, int, str]]:
    """Bottom, top and colour of each bar, in minor units: the levels, and the steps between them.

    Steps of no amount have no bar; the smallest causes share the last one's bar where there are many.
    """
    found: list[tuple[int, int, str]] = []
    level = 0
    for step in _few(sales_bridge(sums)):
        if step.kind == "level":
            level = step.amount_minor
            found.append((min(0, level), max(0, level), _SYSTEM))
        elif step.amount_minor:
            after = level + step.amount_minor
            colour = _LEFT_OUT if step.kind == "left out" else _GAIN if step.amount_minor > 0 else _LOSS
            found.append((min(level, after), max(level, after), colour))
            level = after
    return found


def _few(steps: Sequence[SalesStep]) -> list[SalesStep]:
    causes = [step for step in steps if step.kind == "cause" and step.amount_minor]
    if len(causes) <= _MOST_BARS:
        return list(steps)
    shared = causes[_MOST_BARS - 1 :]
    last = shared[0]._replace(amount_minor=sum(step.amount_minor for step in shared))
    return [last if step is shared[0] else step for step in steps if step not in shared[1:]]


def _svg(sums: SalesSums) -> bytes:
    found = bars(sums)
    low = min(0, *(bottom for bottom, _, _ in found))
    high = max(1, *(top for _, top, _ in found))
    wide = WIDTH // len(found)
    shapes = []
    for at, (bottom, top, colour) in enumerate(found):
        above = (high - top) * HEIGHT // (high - low)
        tall = max(1, (top - bottom) * HEIGHT // (high - low))
        shapes.append(
            f'<path fill="{colour}" d="M{at * wide} {min(above, HEIGHT - tall)}h{wide - 2}v{tall}h-{wide - 2}"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{"".join(shapes)}</svg>'
    ).encode()
