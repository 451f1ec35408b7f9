"""A small picture of one currency's dollar bridge, as a data address for markdown.

Belongs here: one SVG of bars. Does not belong here: figures, or a picture with text in it: the table
beside it has the numbers. Dagster's page shows `data:` images in markdown, needs width and height set,
and hides markdown of 1,000 characters or more behind a link; so the picture stays well below.
"""

from __future__ import annotations

from base64 import b64encode

from ns_hs_orders.reconcile.schema import CurrencySums, Reconciliation

WIDTH, HEIGHT = 240, 40
_MOST_BARS = 8
_SYSTEM, _GAIN, _LOSS = "#48c", "#3a6", "#c54"


def chart(result: Reconciliation) -> str:
    """Markdown with the bridge of the currency with the most orders, "" where there is no currency."""
    if not result.currencies:
        return ""
    sums = max(result.currencies.values(), key=lambda one: (one.orders_netsuite, one.currency))
    return (
        f"![{sums.currency}: NetSuite to HubSpot](data:image/svg+xml;base64,{b64encode(_svg(sums)).decode()})"
    )


def bars(sums: CurrencySums) -> list[tuple[int, int, str]]:
    """Bottom, top and colour of each bar, in minor units: NetSuite, the steps, what HubSpot holds.

    Steps of no amount have no bar; the smallest ones share the last step's bar where there are many.
    """
    steps = [step.amount_minor for step in sums.bridge if step.amount_minor]
    if sums.unexplained_minor:
        steps.append(-sums.unexplained_minor)
    if len(steps) > _MOST_BARS:
        steps = [*steps[: _MOST_BARS - 1], sum(steps[_MOST_BARS - 1 :])]
    found = [(0, sums.netsuite_minor, _SYSTEM)]
    level = sums.netsuite_minor
    for step in steps:
        found.append((min(level, level + step), max(level, level + step), _GAIN if step > 0 else _LOSS))
        level += step
    found.append((0, sums.held_minor, _SYSTEM))
    return found


def _svg(sums: CurrencySums) -> bytes:
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
