"""Rates, medians and ratios of runs, and the tables that people read.

Belongs here: arithmetic over runs. Does not belong here: running anything (contest).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.peers.contest import Run


@dataclass(frozen=True)
class Figures:
    """Medians over the runs of one contender; an order counts once HubSpot holds it complete.

    slowest, fastest: orders a second of these runs. A contender without one complete order has no figures an order.
    """

    runs: int
    orders_per_second: float
    slowest: float
    fastest: float
    calls_per_order: float | None
    refused_calls: float
    cpu_microseconds: float | None
    complete: float
    ended: tuple[str, ...]


def figures(runs: Sequence[Run]) -> Figures:
    """The figures of one contender's runs, at least one."""
    rates = [run.state.complete / run.seconds for run in runs]
    some = [run for run in runs if run.state.complete]
    return Figures(
        runs=len(runs),
        orders_per_second=median(rates),
        slowest=min(rates),
        fastest=max(rates),
        calls_per_order=median(run.calls / run.state.complete for run in some) if some else None,
        refused_calls=median(run.refused for run in runs),
        cpu_microseconds=(
            median(run.cpu_seconds / run.state.complete * 1e6 for run in some) if some else None
        ),
        complete=median(run.state.complete for run in runs),
        ended=tuple(run.ended for run in runs),
    )


def rates_table(found: Mapping[str, Figures]) -> list[str]:
    """A Markdown table; ratios are to the first contender."""
    base = next(iter(found.values())).orders_per_second
    rows = [
        "| contender | orders/s | slowest–fastest | ratio | calls an order | CPU µs an order | 429 | ended by |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for name, one in found.items():
        calls = "–" if one.calls_per_order is None else f"{one.calls_per_order:.3f}"
        cpu = "–" if one.cpu_microseconds is None else f"{one.cpu_microseconds:,.0f}"
        ratio = f"{one.orders_per_second / base:.2f}" if base else "–"
        ended = ", ".join(sorted(set(one.ended)))
        rows.append(
            f"| {name} | {one.orders_per_second:,.1f} | {one.slowest:,.1f}–{one.fastest:,.1f} | {ratio} "
            f"| {calls} | {cpu} | {one.refused_calls:,.0f} | {ended} ({one.complete:,.0f} orders) |"
        )
    return rows


def states_table(found: Mapping[str, Run], good: int) -> list[str]:
    """A Markdown table of what each contender left behind with bad orders among the good ones."""
    rows = [
        f"| contender | of {good:,} good ones complete | incomplete | bad ones there | loose lines | twice | ended by |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for name, run in found.items():
        state = run.state
        rows.append(
            f"| {name} | {state.complete:,} | {state.incomplete:,} | {state.bad:,} | {state.loose_lines:,} "
            f"| {state.duplicates:,} | {run.ended} after {run.seconds:.0f} s |"
        )
    return rows


def as_json(found: Mapping[str, Any]) -> dict[str, Any]:
    """Named dataclasses as plain values."""
    return {name: asdict(one) for name, one in found.items()}
