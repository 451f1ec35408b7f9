"""The result of a check, as plain data: a sentence that is true when green, and its numbers.

Belongs here: the shape. Does not belong here: what is checked (each stage's own checks) or Dagster's
form of it (defs/checks.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class CheckResult:
    """One check of one run.

    name: a sentence with underscores, true when it passes. summary: what was found, in words.
    numbers: label → figure or formatted amount, shown also when green. red_days: the order dates that
    fail it. is_warning: somebody should look, but no dollars of accepted orders are wrong.
    """

    name: str
    passed: bool
    summary: str
    numbers: Mapping[str, int | str] = field(default_factory=dict)
    red_days: tuple[date, ...] = ()
    is_warning: bool = False
