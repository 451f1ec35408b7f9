"""One seed: processes that sync while both systems fail, NetSuite changes and `kill -9` comes; then the proof.

Belongs here: what happens when. Does not belong here: worlds (world), faults (schedule), assertions (proof).

A kill comes while a write is under way: a rule in front of the emulator catches the first write of an endpoint and
keeps it (before the work, after it, or with the work still to come), and tells that it did.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.faults import proof
from benchmarks.faults.oracle import Expected, Oracle
from benchmarks.faults.schedule import LAG, WRITES, Cell, Planned, plan
from benchmarks.faults.syncing import DAGSTER, DAY, LIVE, TOLD, Syncing, Task
from benchmarks.faults.world import Template, World
from ns_hs_orders.sandbox.faults import FaultRule
from ns_hs_orders.state.database import open_state
from ns_hs_orders.state.due import DueOrders

FEWEST_FAULTS: Final = 20
FEWEST_KILLS: Final = 2
_MOST_ACTS: Final = 16
_RULES_AT_ONCE: Final = 9
_LONGEST_RUN_SECONDS: Final = 90.0
_LATE_SECONDS: Final = 50.0
"""How long, by the scaled clock, a write may still come after its sender was killed: well within its lease."""
_AFTER_LEASES_SECONDS: Final = 400.0
_SETTLING_RUNS: Final = 14
_TRAPS: Final = {"before": "timeout_before", "after": "timeout_after", "late": "hold"}
_TIGHT_CALLS: Final = 8
_WINDOW_SECONDS: Final = 5.0


class SeedError(Exception):
    """The seed cannot be judged, or a run ended as none may."""


@dataclass(frozen=True)
class Orders:
    """What to play. state_url: home → URL of an empty state, None for SQLite in the home."""

    seed: int
    sabotage: str = ""
    dagster: bool = False
    keep: bool = False
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
        return self.fired.total()


def play(orders: Orders, folder: Path, template: Template, context: ForkServerContext) -> Played:
    """Plays one seed in `folder`/<seed>, which is removed afterwards unless it failed and is to be kept."""
    began = time.monotonic()
    home = folder / f"seed-{orders.seed}"
    shutil.rmtree(home, ignore_errors=True)
    played = Played(orders.seed, home=str(home))
    world = World(home, template, orders.seed)
    try:
        with world.sandbox:
            _Seed(orders, world, context, played).play()
    except SeedError as error:
        played.problems.append(str(error))
    finally:
        world.close()
    played.seconds = time.monotonic() - began
    if not (orders.keep and played.problems):
        shutil.rmtree(home, ignore_errors=True)
    return played


class _Seed:
    def __init__(self, orders: Orders, world: World, context: ForkServerContext, played: Played) -> None:
        self._orders = orders
        self._world = world
        self._context = context
        self._played = played
        self._rng = Random(f"play {orders.seed}")
        self._faults = plan(orders.seed)
        self._loose: list[Planned] = []
        self._running: list[Syncing] = []
        self._turn = 0
        self._is_live_proof = self._rng.random() < 0.6 and not (orders.dagster or world.is_tight)
        self._held_since: float | None = None
        self._settings = self._made_settings()

    def _made_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "home": self._world.home,
            "archive_share_percent": 100,
            "tax_regime": "suitetax" if self._world.suitetax else "legacy",
            "push_threads": self._rng.choice((1, 2, 4)),
            "netsuite_concurrency": self._rng.choice((1, 2, 4)),
            # the sweep would heal what a look missed
            "sweep_minutes": 1440 if self._is_live_proof else self._rng.choice((1, 15)),
        }
        if self._world.is_tight:
            settings |= {
                "hubspot_calls_per_10s": _TIGHT_CALLS,
                "hubspot_association_calls_per_10s": _TIGHT_CALLS,
            }
        if self._orders.state_url is not None:
            settings["state_url"] = self._orders.state_url(self._world.home)
        return settings

    def play(self) -> None:
        """The whole seed."""
        try:
            self._first_days()
            self._acts()
        finally:
            for one in self._running:
                one.kill()
        self._stop_faults()
        self._settle()
        self._prove()

    def _first_days(self) -> None:
        """The world is synced for the first time, faults and all; a live lane alone would not bring old orders."""
        self._act([self._day_kind()])
        if self._is_live_proof:
            self._let_loose(0)
            self._clean_run(DAY)

    def _acts(self) -> None:
        for turn in range(_MOST_ACTS):
            enough = self._fired() >= FEWEST_FAULTS and self._played.kills >= FEWEST_KILLS and turn >= 3
            if enough:
                return
            self._act(
                self._rng.choice(
                    ([LIVE],) if self._is_live_proof else ([LIVE], [DAY], [DAY, LIVE], [self._day_kind()])
                )
            )
        raise SeedError(
            f"only {self._fired()} faults fired and {self._played.kills} kills came during a write in {_MOST_ACTS} acts"
        )

    def _kinds_of_acts(self) -> Sequence[Sequence[str]]:
        if self._is_live_proof:
            return ([LIVE],)
        if self._world.is_tight:
            return ([DAY, LIVE], [DAY, LIVE], [LIVE])
        return ([LIVE], [DAY], [DAY, LIVE], [self._day_kind()])

    def _day_kind(self) -> str:
        return DAGSTER if self._orders.dagster else DAY

    def _act(self, kinds: Sequence[str]) -> None:
        """One or two processes, faults, perhaps a kill; afterwards no process runs and nothing is under way."""
        self._let_loose(_RULES_AT_ONCE)
        way = self._rng.choices(("trap", "sight", "both"), (5, 3 if LIVE in kinds else 0, 2))[0]
        trap = self._set_trap() if way != "sight" else None
        sight = self._set_sight() if way == "sight" else None
        blind = way == "both"
        self._world.nudge(4)
        self._world.change(4)
        self._running = [self._start(kind) for kind in kinds]
        ends = time.monotonic() + _LONGEST_RUN_SECONDS
        blind_at = time.monotonic() + self._rng.uniform(0.05, 1.5) if blind else None
        next_change = time.monotonic() + self._rng.uniform(0.05, 0.4)
        while any(one.is_alive() for one in self._running):
            now = time.monotonic()
            if now > ends:
                stuck = next(one for one in self._running if one.is_alive())
                raise SeedError(f"{stuck.task.run} did not end: {stuck.stacks()}")
            if trap is not None and trap[1].fired:
                self._kill(trap[0])
                trap = None
            if sight is not None and sight.fired:
                blind_at, sight = now + self._rng.uniform(0.0, 0.5), None
            if blind_at is not None and now >= blind_at:
                blind_at = None
                self._played.blind_kills += self._rng.choice(self._running).kill()
            if now >= next_change:
                self._world.change(self._rng.randint(1, 4))
                next_change = now + self._rng.uniform(0.3, 1.0)
            self._release_late()
            time.sleep(0.003)
        self._end_act(trap)

    def _kill(self, flavour: str) -> None:
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
        kinds = [LIVE] if self._is_live_proof else self._rng.choice(([LIVE], [DAY]))
        self._running = [self._start(kind) for kind in kinds]

    def _being_written(self) -> list[str]:
        """A few of the orders that somebody holds."""
        with closing(open_state(self._state_address())) as state, state.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT order_id FROM order_states WHERE lease_holder IS NOT NULL ORDER BY order_id"
            ).fetchall()
        ids = [row[0] for row in rows]
        return self._rng.sample(ids, min(len(ids), 12))

    def _release_late(self, *, now: bool = False) -> None:
        if self._held_since is None:
            return
        if now or (time.monotonic() - self._held_since) * self._world.clock.scale >= _LATE_SECONDS:
            self._held_since = None
            self._world.sandbox.faults.release()

    def _end_act(self, trap: tuple[str, FaultRule] | None) -> None:
        if trap is not None:
            trap[1].times, trap[1].fired = 1, 1
        self._release_late(now=True)
        self._judge_ends()
        self._running = []
        self._wait_for_emulators()
        if self._rng.random() < 0.5:
            self._world.take_back()
        if self._rng.random() < 0.6:
            self._world.skip(self._rng.choice((20.0, 130.0, _AFTER_LEASES_SECONDS)))

    def _set_trap(self) -> tuple[str, FaultRule]:
        flavour = self._rng.choice(list(_TRAPS))
        endpoint = self._rng.choice(WRITES[:4] if self._rng.random() < 0.85 else WRITES)
        rule = FaultRule(
            _TRAPS[flavour], app=endpoint.app, method=endpoint.method, path=endpoint.path,
            after=self._rng.choice((0, 0, 0, 0, 1)),
        )  # fmt: skip
        self._world.sandbox.faults.add(rule)
        return flavour, rule

    def _set_sight(self) -> FaultRule:
        """Tells when a look has asked for changes, so that a kill can come while it notes them."""
        rule = FaultRule(
            "slow",
            app="netsuite",
            path="suiteql",
            body="AS record_id.*>= TO_DATE",
            after=self._rng.randrange(6),
        )
        self._world.sandbox.faults.add(rule)
        return rule

    def _let_loose(self, count: int) -> None:
        """The book has so many rules that have not fired yet; the first ones planned stay until they have."""
        book = self._world.sandbox.faults
        book.clear()
        open_ones = [one for one in self._loose if one.rule.fired < one.rule.times]
        fresh = [next(self._faults) for _ in range(max(0, count - len(open_ones) // 3))]
        self._loose += fresh if count else []
        book.add(*(one.rule for one in [*open_ones, *fresh] if count))

    def _fired(self) -> int:
        return sum(one.rule.fired for one in self._loose)

    def _start(self, kind: str, *, proves: bool = False) -> Syncing:
        self._turn += 1
        self._played.runs[kind] += 1
        world = self._world
        return Syncing.start(
            self._context,
            Task(
                kind, f"{kind}-{self._turn}", world.clock, self._settings, world.first, world.last,
                proves=proves or self._rng.random() < 0.5, sabotage=self._orders.sabotage,
            ),
        )  # fmt: skip

    def _judge_ends(self) -> None:
        """A run may fail while faults last, but only with an error that tells what happened."""
        for one in self._running:
            if one.exit_code not in (0, TOLD, -9, None):
                raise SeedError(f"{one.task.run} ended with {one.exit_code}: {one.log_tail()}")

    def _wait_for_emulators(self) -> None:
        """Until no request is under way: what was held has been done by then."""
        calls = self._world.sandbox.calls
        until = time.monotonic() + 2.0
        while any(one.done_at is None for one in calls.calls()) and time.monotonic() < until:
            time.sleep(0.005)

    def _stop_faults(self) -> None:
        for one in self._loose:
            self._played.fired[one.cell] += one.rule.fired
        self._world.sandbox.faults.clear()
        searches = sum(
            call.path.endswith("/search") for call in self._world.sandbox.calls.calls() if call.status == 200
        )
        if self._world.sandbox.switches().hubspot_search_lag_seconds:
            self._played.fired[Cell(LAG, "order search")] += searches
        self._world.change(3)

    def _clean_run(self, kind: str, *, proves: bool = False) -> Syncing:
        """A run that nothing disturbs and that must end well."""
        self._world.skip(_AFTER_LEASES_SECONDS)
        run = self._start(kind, proves=proves)
        run.process.join(_LONGEST_RUN_SECONDS)
        if run.exit_code != 0:
            run.kill()
            raise SeedError(
                f"{run.task.run}, which nothing disturbed, ended with {run.exit_code}: {run.log_tail()}"
            )
        return run

    def _settle(self) -> None:
        """Runs until nothing is due any more but what HubSpot refuses."""
        if not self._is_live_proof:
            self._clean_run(self._day_kind())
        due: set[str] = set()
        for _ in range(_SETTLING_RUNS):
            before = self._world.hubspot.write_calls()
            self._clean_run(LIVE)
            refused = {key for key, fate in self._expected().held.items() if fate == "rejected"}
            with closing(open_state(self._state_address())) as state:
                due = {one.order_id for one in DueOrders(state).all()} - refused
            if not due and self._world.hubspot.write_calls() == before:
                return
        raise SeedError(f"after {_SETTLING_RUNS} quiet runs these are still due: {sorted(due)[:10]}")

    def _expected(self) -> Expected:
        return self._oracle().expected()

    def _oracle(self) -> Oracle:
        world = self._world
        return Oracle(world.netsuite, world.hubspot, suitetax=world.suitetax, cards=world.cards)

    def _prove(self) -> None:
        problems = self._played.problems
        oracle, hubspot = self._oracle(), self._world.hubspot
        expected, held = oracle.expected(), proof.Held.read(hubspot)
        self._played.orders = len(oracle.totals())
        problems += proof.shortened(proof.mapping_faults(expected, held))
        problems += proof.shortened(proof.history_faults(hubspot))
        with closing(open_state(self._state_address())) as state:
            problems += proof.shortened(proof.state_faults(state, expected, held))
        problems += self._limit_faults()
        before = hubspot.write_calls()
        last = self._clean_run(DAY, proves=True)
        rows = json.loads(last.task.outcomes_path.read_text())
        problems += proof.shortened(proof.outcome_faults(rows, oracle.totals(), expected))
        if not problems and hubspot.write_calls() != before:
            problems.append(f"a day run over settled orders wrote {hubspot.write_calls() - before} times")
        problems += proof.shortened(proof.card_faults(self._world.home, self._world.cards))
        if self._played.orders < 100:
            problems.append(f"only {self._played.orders} orders are left in NetSuite")

    def _limit_faults(self) -> list[str]:
        """Whether all processes together kept to the budget that they were given."""
        if not self._world.is_tight:
            return []
        families: Mapping[str, list[float]] = {"objects": [], "associations": []}
        for call in self._world.sandbox.calls.calls():
            if call.app == "hubspot" and not call.path.endswith("/search"):
                family = "associations" if "/associations/" in call.path else "objects"
                families[family].append(call.began_at * self._world.clock.scale)
        found = []
        for family, moments in families.items():
            most = proof.most_calls(moments, _WINDOW_SECONDS)
            if most > _TIGHT_CALLS * 5 // 4:
                found.append(
                    f"{most} calls of {family} within {_WINDOW_SECONDS:.0f} s, and {_TIGHT_CALLS} in 10 s were allowed"
                )
        return found

    def _state_address(self) -> str:
        given: str | None = self._settings.get("state_url")
        return given or f"sqlite:///{self._world.home / 'state' / 'state.sqlite'}"
