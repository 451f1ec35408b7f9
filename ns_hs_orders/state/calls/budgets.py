"""Call budgets: calls per rolling window and API family, shared by all processes.

Belongs here: an exact log of the calls of the last window. Does not belong here: who may go first
(pacing), waiting (the transport does), or which call belongs to which family (clients).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Update, bindparam, select, update

from ns_hs_orders.state.calls.pacing import Window, until_live_may, until_others_may
from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import budgets

MARGIN_SECONDS = 0.05
SHORTEST_WAIT_SECONDS = 0.001
ASKS_AGAIN_SECONDS = 0.5
"""How soon to ask again where a call is under way for longer than a window."""
_FIND = select(budgets).where(budgets.c.family == bindparam("of")).with_for_update()


@cache
def _change(*names: str) -> Update:
    """Sets these columns of a family; made once, since making a statement costs more than running it."""
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(budgets).where(budgets.c.family == bindparam("of")).values(values)


class Budgets:
    """At most so many calls of a family in any window, whoever makes them; the live lane's go first.

    A call counts from its start until a window after its answer, since the server counts it somewhere in
    between: so no window of the server holds more than the limit, however long answers take.

    limits: family → (calls, seconds of the window) to start with; the store may have learned more
    calls since. margin_seconds: windows are longer by this, for clocks that do not run alike.
    longest_call_seconds: a call without an answer counts for so long, and for a window more, since its
    process may have been killed. is_live: whether its calls are the live lane's.

    Live is bound by the window alone. Others keep two more rules, over the calls of all:

    - Promise: at any moment they leave live its rate, calls ÷ window. Within s whole seconds, at least
      ⌊s × rate⌋ calls are free or become free, up to half of the window's. Of 100 calls in 10.05 s
      that is 9 within one second, 19 within two. Half of an empty window may be spent at once; then
      calls are spread so that the promise holds. In `evenly` they are spread from the first on.
      Live can have its next call within one second then too, and nearly its rate.
    - Way: for a second after live asked and got none, they take none; for a second after it asked and
      got its call, they leave a tenth of the window free (at least one call).

    The promise is no more than the window's own rate, so others use the whole budget while live is
    idle, and again one second after it asked last. A budget of less than one call per second promises
    its first call later than within one second; a budget of one call promises nothing.
    """

    def __init__(
        self,
        state: State,
        limits: Mapping[str, tuple[int, float]],
        *,
        margin_seconds: float = MARGIN_SECONDS,
        longest_call_seconds: float = 0.0,
        is_live: bool = False,
    ) -> None:
        self._state = state
        self._limits = dict(limits)
        self._margin = margin_seconds
        self._longest = longest_call_seconds
        self._is_live = is_live
        self._evenly = False
        self._learned: dict[str, int] = {}

    @contextmanager
    def evenly(self) -> Iterator[None]:
        """For work of many windows: its calls are spread, so that no window is used less than another."""
        self._evenly = True
        try:
            yield
        finally:
            self._evenly = False

    def calls_a_second(self, family: str) -> float:
        """What the family's whole budget allows."""
        with self._state.read() as connection:
            calls = connection.scalar(select(budgets.c.calls_per_window).where(budgets.c.family == family))
        first, seconds = self._limits[family]
        return (calls or first) / (seconds + self._margin)

    def take(self, family: str, now: datetime) -> float:
        """Takes one call; answers 0.0 when taken, else the seconds after which to ask again.

        Raises KeyError for a family that has no limit.
        """
        at = now.timestamp()
        seconds = self._limits[family][1] + self._margin
        with self._state.write(survives_power_cut=False) as connection:
            row = connection.execute(_FIND, {"of": family}).first()
            if row is None:
                connection.execute(self._begin(family))
                row = connection.execute(_FIND, {"of": family}).one()
            log = _counting(row, at, seconds, self._longest)
            taken = sorted(_moment(one, at, seconds) for one in log)
            window = Window(_allowed(row, at), seconds, self._evenly)
            changes: dict[str, Any] = {}
            if self._is_live:
                wait = until_live_may(taken, at, window)
                changes["live_asked_at"] = at
            else:
                wait = until_others_may(taken, at, window, row.live_asked_at)
            if wait == 0:
                changes["taken"] = array("d", [*log, -at]).tobytes()
            if changes:
                connection.execute(_change(*changes), {"of": family, **changes})
        return max(SHORTEST_WAIT_SECONDS, wait) if wait else 0.0

    def answered(self, family: str, taken_at: datetime, now: datetime) -> None:
        """As Budget.answered."""
        start, at = taken_at.timestamp(), now.timestamp()
        with self._state.write(survives_power_cut=False) as connection:
            row = connection.execute(_FIND, {"of": family}).one()
            log = _counting(row, at, self._limits[family][1] + self._margin, self._longest)
            if -start in log:
                log.remove(-start)
            changes: dict[str, Any] = {"taken": array("d", [*log, at]).tobytes()}
            if row.live_asked_at == start:
                changes["live_asked_at"] = at  # live goes on being the one that got its call
            connection.execute(_change(*changes), {"of": family, **changes})

    def penalise(self, family: str, seconds: float, now: datetime) -> None:
        """Halves the family's budget for so many seconds; a longer penalty stays."""
        until = now.timestamp() + seconds
        with self._state.write() as connection:
            connection.execute(self._begin(family))
            connection.execute(
                update(budgets)
                .where(budgets.c.family == family, budgets.c.halved_until < until)
                .values(halved_until=until)
            )

    def learn(self, family: str, max_per_window: int) -> None:
        """Sets the family's calls per window, as HubSpot's headers or a setting tell them."""
        if self._learned.get(family) == max_per_window:
            return
        self._learned[family] = max_per_window
        with self._state.write() as connection:
            connection.execute(self._begin(family))
            connection.execute(
                update(budgets)
                .where(budgets.c.family == family)
                .values(calls_per_window=max(1, max_per_window))
            )

    def _begin(self, family: str) -> Any:
        return self._state.insert_or_ignore(budgets).values(
            family=family,
            calls_per_window=self._limits[family][0],
            halved_until=0.0,
            taken=b"",
        )


def _allowed(row: Row[Any], at: float) -> int:
    calls: int = row.calls_per_window
    return max(1, calls // 2) if at < row.halved_until else calls


def calls_noted(taken: bytes) -> list[float]:
    """What a family's log holds: the moment of each call's answer; less than 0, of its start, without one."""
    log = array("d")
    log.frombytes(taken)
    return list(log)


def _counting(row: Row[Any], now: float, window: float, longest: float) -> list[float]:
    """The calls of the log that still count: those of the last window, and those that may be under way."""
    # a call from the future was noted before the clock was set back
    return [
        one
        for one in calls_noted(row.taken)
        if abs(now - abs(one)) < (window if one >= 0 else window + longest)
    ]


def _moment(noted: float, now: float, window: float) -> float:
    """When a call counts as made. One that is under way for longer than a window has not left it yet."""
    at = abs(noted)
    return now - window + min(ASKS_AGAIN_SECONDS, window / 2) if noted < 0 and now - at >= window else at
