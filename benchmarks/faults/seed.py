"""What a seed is played with, and what came of it.

Belongs here: plain values. Does not belong here: playing (play, acts).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.schedule import Cell
from benchmarks.faults.world import SCALE


class SeedError(Exception):
    """The seed cannot be judged, or a run ended as none may."""


@dataclass(frozen=True)
class SeedOptions:
    """What to play. scale: seconds of the campaign's clock for each of the machine's. state_url: home → URL of an empty state, None for SQLite in the home; a module's function,
    since it goes to other processes."""

    seed: int
    sabotage: str = ""
    dagster: bool = False
    keep: bool = False
    scale: float = SCALE
    state_url: Callable[[Path], str] | None = None


@dataclass
class Played:
    """What came of a seed. fired: pair → times. kills: during a write, and at any other moment."""

    seed: int
    problems: list[str] = field(default_factory=list)
    fired: Counter[Cell] = field(default_factory=Counter)
    kills: int = 0
    blind_kills: int = 0
    orders: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    home: str = ""

    @property
    def faults(self) -> int:
        """How often any fault fired."""
        return self.fired.total()
