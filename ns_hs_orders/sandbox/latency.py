"""How long an emulator takes to answer: always the same, or spread as real answers are.

Belongs here: the distribution. Does not belong here: waiting (the emulators), slow answers on demand (faults).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import NormalDist
from typing import Final

from ns_hs_orders.sandbox.switches import Switches

_P99: Final = NormalDist().inv_cdf(0.99)


class Latency:
    """Seconds before each answer of one emulator.

    With `latency_p99_ms` they are log-normal around the median `latency_ms`: of 100 answers one takes longer
    than that. Repeatable: the same seed gives the same seconds in the same order.
    """

    def __init__(self, switches: Callable[[], Switches], seed: int = 0) -> None:
        self._switches = switches
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def seconds(self) -> float:
        """Of the next answer."""
        switches = self._switches()
        median = switches.latency_ms / 1000
        if not median or switches.latency_p99_ms <= switches.latency_ms:
            return median
        spread = math.log(switches.latency_p99_ms / switches.latency_ms) / _P99
        return median * math.exp(self._random.gauss(0.0, spread))
