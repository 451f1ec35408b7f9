"""A synced company with both lanes, a clock that can be set forward, and senders in processes of their own.

Belongs here: driving the lanes, breaking things, looking at what HubSpot holds. Does not belong here:
assertions of a single test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ns_hs_orders.clients.transport import SystemClock
from ns_hs_orders.live.drain import Drained
from ns_hs_orders.live.ports import DueOrder
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.patience import PROMPT
from ns_hs_orders.wiring.session import Session
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY, Company, accepted
from ns_hs_orders_tests.end_to_end.conftest import maker
from ns_hs_orders_tests.live.lane import save, settle, stamped

AFTER_THE_LEASE = 130

# Runs in a process of its own, whose clock is as far ahead as ours.
PROLOGUE = f"""
import sys, time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from ns_hs_orders.clients.transport import SystemClock
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.opening import open_session
AHEAD, STOP = timedelta(seconds=float(sys.argv[1])), Path(sys.argv[2])
SystemClock.now = lambda _: datetime.now(UTC) + AHEAD
FIRST, TODAY = date.fromisoformat({FIRST.isoformat()!r}), date.fromisoformat({TODAY.isoformat()!r})
"""
DAY_ONCE = f"""{PROLOGUE}
with open_session(load_settings()) as session:
    session.push(session.map(session.read_days(FIRST, TODAY)), run="day-process")
"""
LIVE_ONCE = f"""{PROLOGUE}
with open_session(load_settings(first_day=FIRST), is_live=True) as session:
    lane = LiveLane(session, "live-process")
    lane.look()
    lane.round(500)
"""
DAY_UNTIL_STOPPED = f"""{PROLOGUE}
while not STOP.exists():
    with open_session(load_settings()) as session:
        session.push(session.map(session.read_days(FIRST, TODAY)), run="day-process")
"""
LIVE_UNTIL_STOPPED = f"""{PROLOGUE}
while not STOP.exists():
    with open_session(load_settings(first_day=FIRST), is_live=True) as session:
        lane = LiveLane(session, "live-process")
        lane.quiet = timedelta(seconds=1)
        lane.drain()
"""


@dataclass
class World:
    """orders: ids of orders that HubSpot held when the world was made."""

    company: Company
    orders: list[str]
    ahead: timedelta = timedelta()
    _turn: int = 0

    @property
    def faults(self) -> Any:
        return self.company.sandbox.faults

    def fresh_orders(self, count: int = 1) -> list[str]:
        """The orders that were touched the longest ago."""
        chosen, rest = self.orders[:count], self.orders[count:]
        self.orders = [*rest, *chosen]
        return chosen

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_time(self, seconds: float) -> None:
        """Both systems' clocks and ours go forward."""
        self.ahead += timedelta(seconds=seconds)
        self.company.sandbox.switches.change(netsuite_clock_skew_seconds=int(self.ahead.total_seconds()))

    def edit(self, order: str, memo: str, **values: str | None) -> None:
        """Somebody saves the order in NetSuite."""
        save(
            self.company,
            "transaction",
            {"id": order},
            **{"lastmodifieddate": stamped(self.now()), "memo": memo, **values},
        )

    def memo(self, order: str) -> str | None:
        """The order's memo in HubSpot."""
        note: str | None = self.company.order(order)["properties"].get("hs_order_note")
        return note

    @contextmanager
    def session(self, *, is_live: bool = False, **overrides: Any) -> Iterator[Session]:
        settings = self.company.settings(first_day=FIRST, **overrides)
        with open_session(settings, patience=PROMPT, is_live=is_live) as session:
            yield session

    @contextmanager
    def lane(self, told: Callable[[str], None] = lambda _: None, **overrides: Any) -> Iterator[LiveLane]:
        self._turn += 1
        with self.session(is_live=True, **overrides) as session:
            yield LiveLane(session, f"live-run-{self._turn}", told)

    def arrive(self) -> Counter[str]:
        """The live lane looks and writes until everything is settled; outcome → orders."""
        outcomes: Counter[str] = Counter()
        for _ in range(2):
            with self.lane() as lane:
                lane.look()
                outcomes += settle(lane)
            self.pass_time(5)
        return outcomes

    def drain(self) -> Drained:
        """A whole live run; raises what it raises."""
        with self.lane() as lane:
            lane.quiet = timedelta(seconds=0.2)
            done = lane.drain()
        assert done is not None
        return done

    def sync(self) -> Counter[str]:
        """The day lane over all days; outcome → orders."""
        with self.session() as session:
            results = session.push(session.map(session.read_days(FIRST, TODAY)), run="day-run")
        return Counter(results["outcome"].tolist())

    def due(self) -> dict[str, DueOrder]:
        with self.session() as session:
            return {one.order_id: one for one in session.due_orders.all()}

    def agree(self) -> None:
        """Both systems agree to the cent and in every field; nothing is doubled or loose."""
        # a history may move an order to a day before the first
        result = self.company.reconcile(first=FIRST - timedelta(days=9), last=TODAY)
        assert result.red_days == (), result.differences.to_dict("records")
        assert all(sums.unexplained_minor == 0 for sums in result.currencies.values())
        assert set(self.orders) <= set(self.company.held())
        assert self.company.loose_lines() == set()

    def until_held(self, is_alive: Callable[[], bool]) -> None:
        """Until a request is held inside HubSpot's emulator."""
        until(lambda: self.faults.held() > 0, is_alive)


def until(is_so: Callable[[], bool], is_alive: Callable[[], bool] = lambda: True) -> None:
    for _ in range(1200):
        if is_so():
            return
        assert is_alive(), "it ended before"
        time.sleep(0.05)
    raise AssertionError("it never came to that")


class InThread:
    """Something that goes on beside the test; its error is raised when it is joined."""

    def __init__(self, what: Callable[[], Any]) -> None:
        self._what = what
        self._error: BaseException | None = None
        self.result: Any = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._what()
        except BaseException as error:  # noqa: BLE001 - it is raised in the test
            self._error = error

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> Any:
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self._error is not None:
            raise self._error
        return self.result


@dataclass
class InProcess:
    """A script in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, world: World, script: str, stop: Path) -> InProcess:
        log = world.company.home / f"{stop.name}-{time.monotonic_ns()}.log"
        ahead = str(world.ahead.total_seconds())
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", script, ahead, str(stop)], env=dict(os.environ), stdout=out, stderr=out
            )
        return cls(process, log)

    def is_alive(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return True

    def kill(self) -> None:
        """kill -9"""
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait() == -signal.SIGKILL

    def join(self) -> None:
        assert self.process.wait(60) == 0, self.log.read_text()


@contextmanager
def running_world(folder: Path, orders: int = 40) -> Iterator[World]:
    """A synced company whose live lane has looked once."""
    with pytest.MonkeyPatch.context() as patch, maker(folder, patch) as make:
        company = make(orders)
        world = World(company, [])
        patch.setattr(SystemClock, "now", lambda _: world.now())
        patch.setattr(SystemClock, "sleep", lambda _, seconds: time.sleep(min(seconds, 0.05)))
        world.orders = accepted(company.sync().reconciliation)
        world.arrive()
        with world.session() as session:  # the world's bad orders are tried again at times that no test knows
            refused = [one.order_id for one in session.due_orders.all()]
            session.due_orders.close(refused, by="the test", now=world.now())
        yield world
