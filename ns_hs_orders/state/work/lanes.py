"""Lanes: one run per lane, held by a heartbeat and not by anybody's run status.

Belongs here: taking, keeping and leaving a lane. Does not belong here: what a lane does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from ns_hs_orders.errors import SyncError
from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import lanes

FRESH = timedelta(seconds=30)
BEAT_SECONDS = 8.0


@dataclass(frozen=True)
class Lane:
    """A lane that is taken, or was left without a word."""

    lane: str
    run: str
    heartbeat: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether its run is alive, as far as anybody can tell."""
        return now - self.heartbeat < FRESH


class Lanes:
    """Takes and leaves lanes."""

    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, lane: str) -> Lane | None:
        """Who is in the lane, fresh or not."""
        with self._state.read() as connection:
            row = connection.execute(select(lanes).where(lanes.c.lane == lane)).first()
        return None if row is None else Lane(*row)

    def acquire(self, lane: str, run: str, now: datetime) -> bool:
        """Takes the lane; False while another run's heartbeat is fresh. Taking one's own again is a beat."""
        with self._state.write() as connection:
            connection.execute(self._state.insert_or_ignore(lanes).values(lane=lane, run=run, heartbeat=now))
            taken = connection.execute(
                update(lanes)
                .where(lanes.c.lane == lane, (lanes.c.run == run) | (lanes.c.heartbeat <= now - FRESH))
                .values(run=run, heartbeat=now)
            )
            return taken.rowcount == 1

    def beat(self, lane: str, run: str, now: datetime) -> bool:
        """Says that the run is alive; False where the lane is no longer its own."""
        with self._state.write() as connection:
            beaten = connection.execute(
                update(lanes).where(lanes.c.lane == lane, lanes.c.run == run).values(heartbeat=now)
            )
            return beaten.rowcount == 1

    def release(self, lane: str, run: str) -> None:
        """Leaves the lane; another run's is left alone."""
        with self._state.write() as connection:
            connection.execute(delete(lanes).where(lanes.c.lane == lane, lanes.c.run == run))

    @contextmanager
    def held(self, lane: str, run: str, now: Callable[[], datetime]) -> Iterator[bool]:
        """The lane for the time of the block, its heart beating in a thread; yields False where it is taken."""
        if not self.acquire(lane, run, now()):
            yield False
            return
        left = threading.Event()

        def keep_beating() -> None:
            while not left.wait(BEAT_SECONDS):
                with suppress(SyncError):  # the next beat may come through in time
                    self.beat(lane, run, now())

        heart = threading.Thread(target=keep_beating, name=f"heartbeat of {lane}", daemon=True)
        heart.start()
        try:
            yield True
        finally:
            left.set()
            heart.join()
            self.release(lane, run)
