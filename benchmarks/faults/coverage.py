"""Which fault fired where, over a whole campaign.

Belongs here: counting, the table, and what a zero means. Does not belong here: which pairs there are (schedule).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from benchmarks.faults.schedule import CELLS, ENDPOINTS, KINDS, LAG, SHARE, Cell

LAG_CELL = Cell(LAG, "order search")
ROUNDS_FOR_PROOF = 10
SEEDS_FOR_PROOF = -(-len(CELLS) // SHARE) * ROUNDS_FOR_PROOF
"""From so many seeds on, each pair has been planned ten times, and one that never fired fails the campaign."""


def total(fired: Iterable[Mapping[Cell, int]]) -> Counter[Cell]:
    """The sum over seeds."""
    found: Counter[Cell] = Counter()
    for one in fired:
        found.update(one)
    return found


def never_fired(fired: Mapping[Cell, int]) -> list[Cell]:
    """Pairs that were planned and never came about."""
    return [cell for cell in (*CELLS, LAG_CELL) if not fired.get(cell)]


def table(fired: Mapping[Cell, int]) -> str:
    """Kinds down, endpoints across by number; a dot where the pair makes no sense."""
    names = [*dict.fromkeys(one.name for one in KINDS), LAG]
    width = max(len(name) for name in names)
    head = " " * width + "".join(f"{number:>5}" for number in range(1, len(ENDPOINTS) + 1))
    rows = [head]
    for name in names:
        shown = []
        for endpoint in ENDPOINTS:
            cell = Cell(name, endpoint.name)
            known = cell in CELLS or cell == LAG_CELL
            shown.append(f"{fired.get(cell, 0) if known else '·':>5}")
        rows.append(f"{name:<{width}}" + "".join(shown))
    legend = [f"{number:>3} {one.app} {one.name}" for number, one in enumerate(ENDPOINTS, 1)]
    return "\n".join([*rows, "", *legend])
