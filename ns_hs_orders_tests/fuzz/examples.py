"""How hard the fuzz tests try: quick and the same each time, or as many examples as FUZZ_EXAMPLES says.

Belongs here: the profile of Hypothesis that all of them share. Does not belong here: what is tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

ASKED = int(os.environ.get("FUZZ_EXAMPLES") or 0)
"""Examples of each fuzz test; 0 for the quick run of the test suite."""


def fuzzed(quick: int) -> Callable[[Any], Any]:
    """The settings of a fuzz test that tries `quick` examples in the suite."""
    return settings(
        max_examples=ASKED or quick,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
