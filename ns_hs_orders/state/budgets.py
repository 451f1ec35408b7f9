"""Call budgets: calls per rolling window and API family, shared by all processes.

Belongs here: an exact log of the calls of the last window. Does not belong here: waiting (the
transport does), or which call belongs to which family (clients).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import budgets

MARGIN_SECONDS = 0.25


class Budgets:
    """At most so many calls of a family in any window, whoever makes them.

    limits: family → (calls, seconds of the window) to start with; the store may have learned more
    calls since. margin_seconds: windows are longer by this, since calls arrive at the server later
    than they start here, and not all equally late.
    """

    def __init__(
        self,
        state: State,
        limits: Mapping[str, tuple[int, float]],
        *,
        margin_seconds: float = MARGIN_SECONDS,
    ) -> None:
        self._state = state
        self._limits = dict(limits)
        self._margin = margin_seconds

    def take(self, family: str, now: datetime) -> float:
        """Takes one call; answers 0.0 when taken, else the seconds after which to ask again.

        Raises KeyError for a family that has no limit.
        """
        at = now.timestamp()
        window = self._limits[family][1] + self._margin
        with self._state.write() as connection:
            row = connection.execute(
                select(budgets).where(budgets.c.family == family).with_for_update()
            ).first()
            if row is None:
                connection.execute(self._begin(family))
                row = connection.execute(
                    select(budgets).where(budgets.c.family == family).with_for_update()
                ).one()
            taken = _in_window(row, at, window)
            allowed = row.calls_per_window
            if at < row.halved_until:
                allowed = max(1, allowed // 2)
            if len(taken) >= allowed:
                return max(0.001, float(taken[-allowed]) + window - at)
            taken.append(at)
            connection.execute(
                update(budgets)
                .where(budgets.c.family == family)
                .values(taken=array("d", sorted(taken)).tobytes())
            )
            return 0.0

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


def _in_window(row: Row[Any], now: float, window: float) -> list[float]:
    taken = array("d")
    taken.frombytes(row.taken)
    # a call from the future was noted before the clock was set back
    return [at for at in taken if abs(now - at) < window]
