"""How long an emulator takes to answer: always the same, or spread as real answers are.

Belongs here: the distribution, and holding an answer back until its time. Does not belong here: slow answers on
demand (faults).
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable
from statistics import NormalDist
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ns_hs_orders.sandbox.switches import Switches

_P99: Final = NormalDist().inv_cdf(0.99)


class Latency:
    """Seconds that each answer of one emulator takes, its own work included; longer only where that takes longer.

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

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """The app's answer, begun when its time has come."""
        clock = asyncio.get_running_loop().time
        due = clock() + self.seconds()

        async def in_time(message: Message) -> None:
            if message["type"] == "http.response.start" and (left := due - clock()) > 0:
                await asyncio.sleep(left)
            await send(message)

        await app(scope, receive, in_time)
