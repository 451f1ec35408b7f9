"""One seed: processes that sync while both systems fail, NetSuite changes and `kill -9` comes; then the proof.

Belongs here: which acts a seed has, settling, and collecting the proof. Does not belong here: an act (acts),
worlds (world), assertions (proof).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.faults import proof
from benchmarks.faults.acts import AFTER_LEASES_SECONDS, LONGEST_RUN_SECONDS, Acts, Faults
from benchmarks.faults.expected import Expected
from benchmarks.faults.oracle import Oracle
from benchmarks.faults.sabotage import NEEDS_FEW_CALLS
from benchmarks.faults.schedule import LAG, Cell
from benchmarks.faults.seed import Played, SeedError, SeedOptions
from benchmarks.faults.syncing import DAGSTER, DAY, LIVE, Syncing, Task
from benchmarks.faults.world import Template, World
from ns_hs_orders.state.database import open_state
from ns_hs_orders.state.orders.due import DueOrders

FEWEST_FAULTS: Final = 20
FEWEST_KILLS: Final = 2
_FEWEST_ACTS: Final = 3
_MOST_ACTS: Final = 30
_SETTLING_RUNS: Final = 14
_TIGHT_CALLS: Final = 6
_WINDOW_SECONDS: Final = 5.0


def play(options: SeedOptions, folder: Path, template: Template, context: ForkServerContext) -> Played:
    """Plays one seed in `folder`/<seed>, which is removed afterwards unless it failed and is to be kept."""
    began = time.monotonic()
    home = folder / f"seed-{options.seed}"
    shutil.rmtree(home, ignore_errors=True)
    played = Played(options.seed, home=str(home))
    # Dagster's runs have the longest waits of all; they would take minutes where time runs slower
    is_tight = True if options.sabotage in NEEDS_FEW_CALLS else False if options.dagster else None
    world = World(home, template, options.seed, scale=options.scale, is_tight=is_tight)
    try:
        with world.sandbox:
            _Seed(options, world, context, played).play()
    except SeedError as error:
        played.problems.append(str(error))
    finally:
        world.close()
    played.seconds = time.monotonic() - began
    if not (options.keep and played.problems):
        shutil.rmtree(home, ignore_errors=True)
    return played


class _Seed:
    def __init__(
        self, options: SeedOptions, world: World, context: ForkServerContext, played: Played
    ) -> None:
        self._options = options
        self._world = world
        self._context = context
        self._played = played
        self._rng = Random(f"play {options.seed}")
        self._turn = 0
        self._is_live_proof = self._rng.random() < 0.6 and not (options.dagster or world.is_tight)
        self._day_kind = DAGSTER if options.dagster else DAY
        self._settings = self._made_settings()
        own = f"sqlite:///{world.home / 'state' / 'state.sqlite'}"
        self._state_address: str = self._settings.get("state_url", own)
        self._faults = Faults(options.seed, world)
        self._acts = Acts(
            world, self._rng, self._faults, self._start, self._state_address, played,
            live_only=self._is_live_proof,
        )  # fmt: skip

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
        if self._options.state_url:
            settings["state_url"] = self._options.state_url
        return settings

    def play(self) -> None:
        """The whole seed."""
        try:
            self._first_days()
            self._all_acts()
        finally:
            self._faults.stop()
            self._count_fired()
        self._world.change(3)
        self._settle()
        self._prove()

    def _first_days(self) -> None:
        """The world is synced for the first time, faults and all; a live lane alone would not bring old orders."""
        self._acts.play([self._day_kind])
        if self._is_live_proof:
            self._faults.stop()
            self._clean_run(DAY)

    def _all_acts(self) -> None:
        for turn in range(_MOST_ACTS):
            enough = self._faults.fired() >= FEWEST_FAULTS and self._played.kills >= FEWEST_KILLS
            if enough and turn >= _FEWEST_ACTS:
                return
            self._acts.play(self._rng.choice(self._kinds_of_acts()))
        raise SeedError(
            f"only {self._faults.fired()} faults fired and {self._played.kills} kills came during a write in "
            f"{_MOST_ACTS} acts"
        )

    def _kinds_of_acts(self) -> Sequence[Sequence[str]]:
        if self._is_live_proof:
            return ([LIVE],)
        if self._world.is_tight:
            return ([DAY, LIVE], [DAY, LIVE], [LIVE])
        return ([LIVE], [DAY], [DAY, LIVE], [self._day_kind])

    def _start(self, kind: str) -> Syncing:
        self._turn += 1
        self._played.runs[kind] += 1
        world = self._world
        proves = self._rng.random() < 0.5
        return Syncing.start(
            self._context,
            Task(
                kind, f"{kind}-{self._turn}", world.clock, self._settings, world.first, world.last, proves,
                self._options.sabotage,
            ),
        )  # fmt: skip

    def _count_fired(self) -> None:
        for one in self._faults.loose:
            if one.rule.fired:
                self._played.fired[one.cell] += one.rule.fired
        if self._world.sandbox.switches().hubspot_search_lag_seconds:
            calls = self._world.sandbox.calls.calls()
            searches = [one for one in calls if one.path.endswith("/search") and one.status == 200]
            self._played.fired[Cell(LAG, "order search")] += len(searches)

    def _clean_run(self, kind: str) -> Syncing:
        """A run that nothing disturbs and that must end well."""
        self._world.skip(AFTER_LEASES_SECONDS)
        run = self._start(kind)
        run.process.join(LONGEST_RUN_SECONDS)
        if run.exit_code != 0:
            run.kill()
            raise SeedError(
                f"{run.task.run}, which nothing disturbed, ended with {run.exit_code}: {run.log_tail()}"
            )
        return run

    def _settle(self) -> None:
        """Runs until nothing is due any more but what HubSpot refuses."""
        if not self._is_live_proof:
            self._clean_run(self._day_kind)
        due: set[str] = set()
        for _ in range(_SETTLING_RUNS):
            before = self._world.hubspot.write_calls()
            self._clean_run(LIVE)
            refused = {key for key, fate in self._expected().held.items() if fate == "rejected"}
            with closing(open_state(self._state_address)) as state:
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
        with closing(open_state(self._state_address)) as state:
            problems += proof.shortened(proof.state_faults(state, expected, held))
        problems += self._limit_faults()
        before = hubspot.write_calls()
        last = self._clean_run(DAY)
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
                families[family].append(self._world.seconds_at(call.began_at))
        found = []
        for family, moments in families.items():
            most = proof.most_calls(moments, _WINDOW_SECONDS)
            if most > _TIGHT_CALLS * 5 // 4:
                found.append(
                    f"{most} calls of {family} within {_WINDOW_SECONDS:.0f} s, and {_TIGHT_CALLS} in 10 s were allowed"
                )
        return found
