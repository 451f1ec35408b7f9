"""An act: one or two processes sync while both systems fail, NetSuite changes and `kill -9` comes.

Belongs here: what happens while a process runs. Does not belong here: which acts a seed has, and the proof (play).

A kill comes while a write is under way: a rule in front of the emulator catches the first write of an endpoint and
keeps it (before the work, after it, or with the work still to come), and tells that it did.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import Final

from sqlalchemy import select

from benchmarks.faults.schedule import WRITES, Planned, plan
from benchmarks.faults.seed import Played, SeedError
from benchmarks.faults.syncing import DAY, LIVE, TOLD, Syncing
from benchmarks.faults.world import World
from ns_hs_orders.sandbox.faults import FaultRule
from ns_hs_orders.state.database import open_state
from ns_hs_orders.state.tables import order_states

LONGEST_RUN_SECONDS: Final = 120.0
AFTER_LEASES_SECONDS: Final = 400.0
_RULES_AT_ONCE: Final = 9
_LATE_SECONDS: Final = 50.0
"""How long, by the scaled clock, a write may still come after its sender was killed: well within its lease."""
_TRAPS: Final = {"before": "timeout_before", "after": "timeout_after", "late": "hold"}
_USUAL_WRITES: Final = WRITES[:4]
_MOST_CHANGED: Final = 12
_MOST_CHANGES: Final = 6
"""How often NetSuite changes in an act; then it rests, so that a live run can end."""


class Faults:
    """The seed's faults: those let loose so far, in the emulators' book and out of it."""

    def __init__(self, seed: int, world: World) -> None:
        self._book = world.sandbox.faults
        self._planned = plan(seed)
        self.loose: list[Planned] = []

    def let_loose(self, count: int) -> None:
        """So many new ones join those that still wait for their request; fewer where many wait."""
        waiting = [one for one in self.loose if one.rule.fired < one.rule.times]
        fresh = [next(self._planned) for _ in range(max(2, count - len(waiting) // 3))]
        self.loose += fresh
        self._book.clear()
        self._book.add(*(one.rule for one in [*waiting, *fresh]))

    def stop(self) -> None:
        """No fault any more, and nothing is held."""
        self._book.clear()

    def fired(self) -> int:
        """How often any of them fired."""
        return sum(one.rule.fired for one in self.loose)


@dataclass
class _Trap:
    """A rule that keeps a write, so that its sender can be killed there."""

    flavour: str
    rule: FaultRule


class Acts:
    """Plays acts. start: kind of a run → the process. state_address: of the state that they share."""

    def __init__(
        self,
        world: World,
        rng: Random,
        faults: Faults,
        start: Callable[[str], Syncing],
        state_address: str,
        played: Played,
        *,
        live_only: bool,
    ) -> None:
        self._world = world
        self._rng = rng
        self._faults = faults
        self._start = start
        self._state_address = state_address
        self._played = played
        self._after_kill = ([LIVE],) if live_only else ([LIVE], [DAY])
        self._running: list[Syncing] = []
        self._trap: _Trap | None = None
        self._sight: FaultRule | None = None
        self._kill_at: float | None = None
        self._held_since: float | None = None

    def play(self, kinds: Sequence[str]) -> None:
        """One act; afterwards no process runs and no request is under way. Raises SeedError."""
        self._faults.let_loose(_RULES_AT_ONCE)
        self._prepare_kills(can_look=LIVE in kinds)
        self._world.nudge(4)
        self._world.change(4)
        self._running = [self._start(kind) for kind in kinds]
        ends = time.monotonic() + LONGEST_RUN_SECONDS
        changes = self._rng.randint(1, _MOST_CHANGES)
        next_change = time.monotonic() + self._pause(1.0)
        try:
            while any(one.is_alive() for one in self._running):
                now = time.monotonic()
                if now > ends:
                    stuck = next(one for one in self._running if one.is_alive())
                    raise SeedError(f"{stuck.task.run} did not end: {stuck.stacks()}")
                self._kill_if_due(now)
                if changes and now >= next_change:
                    changes -= 1
                    self._world.change(self._rng.randint(1, 4))
                    next_change = now + self._pause(6.0)
                self._release_late(now)
                time.sleep(0.003)
        finally:
            for one in self._running:
                one.kill()
        self._end()

    def _pause(self, shortest: float) -> float:
        """The machine's seconds until NetSuite changes again."""
        return self._rng.uniform(shortest, shortest + 14.0) / self._world.clock.scale

    def _prepare_kills(self, *, can_look: bool) -> None:
        way = self._rng.choices(("trap", "sight", "both"), (5, 3 if can_look else 0, 2))[0]
        self._trap = self._set_trap() if way != "sight" else None
        self._sight = self._set_sight() if way == "sight" else None
        self._kill_at = time.monotonic() + self._rng.uniform(0.05, 1.5) if way == "both" else None

    def _set_trap(self) -> _Trap:
        flavour = self._rng.choice(list(_TRAPS))
        endpoint = self._rng.choice(_USUAL_WRITES if self._rng.random() < 0.85 else WRITES)
        rule = FaultRule(
            _TRAPS[flavour], app=endpoint.app, method=endpoint.method, path=endpoint.path,
            after=self._rng.choice((0, 0, 0, 0, 1)),
        )  # fmt: skip
        self._world.sandbox.faults.add(rule)
        return _Trap(flavour, rule)

    def _set_sight(self) -> FaultRule:
        """Tells when a look has asked for changes, so that a kill can come while it notes them."""
        after = self._rng.randrange(6)
        rule = FaultRule("slow", app="netsuite", path="suiteql", body="AS record_id.*>= TO_DATE", after=after)
        self._world.sandbox.faults.add(rule)
        return rule

    def _kill_if_due(self, now: float) -> None:
        if self._trap is not None and self._trap.rule.fired:
            self._kill_writers(self._trap.flavour)
            self._trap = None
        if self._sight is not None and self._sight.fired:
            self._kill_at, self._sight = now + self._rng.uniform(0.0, 0.5), None
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            self._played.blind_kills += self._rng.choice(self._running).kill()

    def _kill_writers(self, flavour: str) -> None:
        """The processes whose write is kept are killed; what it was about changes, and another process comes."""
        for one in self._running:
            one.kill()
        self._judge_ends()
        self._played.kills += 1
        if flavour == "late":
            self._held_since = time.monotonic()
        if self._rng.random() < 0.5:
            self._world.take_back()
        self._world.change_orders(self._being_written())
        self._running = [self._start(kind) for kind in self._rng.choice(self._after_kill)]

    def _being_written(self) -> list[str]:
        """A few of the orders that somebody holds."""
        held = select(order_states.c.order_id).where(order_states.c.lease_holder.is_not(None))
        with closing(open_state(self._state_address)) as state, state.read() as connection:
            ids = sorted(connection.scalars(held))
        return self._rng.sample(ids, min(len(ids), _MOST_CHANGED))

    def _release_late(self, now: float) -> None:
        if self._held_since is not None:
            passed = (now - self._held_since) * self._world.clock.scale
            if passed >= _LATE_SECONDS:
                self._held_since = None
                self._world.sandbox.faults.release()

    def _end(self) -> None:
        self._held_since = None
        self._world.sandbox.faults.release()
        self._judge_ends()
        self._wait_for_emulators()
        if self._rng.random() < 0.5:
            self._world.take_back()
        if self._rng.random() < 0.6:
            self._world.skip(self._rng.choice((20.0, 130.0, AFTER_LEASES_SECONDS)))

    def _judge_ends(self) -> None:
        """A run may fail while faults last, but only with an error that tells what happened."""
        for one in self._running:
            if one.exit_code not in (0, TOLD, -9):
                raise SeedError(f"{one.task.run} ended with {one.exit_code}: {one.log_tail()}")

    def _wait_for_emulators(self) -> None:
        """Until no request is under way: what was held has been done by then."""
        calls = self._world.sandbox.calls
        until = time.monotonic() + 20.0
        while any(one.done_at is None for one in calls.calls()):
            if time.monotonic() > until:
                raise SeedError("an emulator goes on with a request whose sender is gone")
            time.sleep(0.005)
