"""The fault campaign, short: seeds that pass, a planted bug that is found, and what the campaign promises of itself."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from benchmarks.faults.__main__ import judge, read_options
from benchmarks.faults.coverage import LAG_CELL, SEEDS_FOR_PROOF, never_fired, table
from benchmarks.faults.play import FEWEST_FAULTS, FEWEST_KILLS, play
from benchmarks.faults.proof import most_calls
from benchmarks.faults.schedule import CELLS, SHARE, plan
from benchmarks.faults.seed import Played, SeedOptions
from benchmarks.faults.syncing import context
from benchmarks.faults.world import Template

SEED = 4


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    return context()


def test_after_faults_and_kills_hubspot_equals_netsuite(
    tmp_path: Path, template: Template, processes: ForkServerContext
) -> None:
    played = play(SeedOptions(SEED), tmp_path, template, processes)
    assert played.problems == []
    assert played.orders >= 100
    assert played.faults >= FEWEST_FAULTS
    assert played.kills >= FEWEST_KILLS


def test_a_planted_bug_is_found(tmp_path: Path, template: Template, processes: ForkServerContext) -> None:
    played = play(SeedOptions(SEED, sabotage="by-position"), tmp_path, template, processes)
    assert any("is in HubSpot and must not be" in one or "lines are" in one for one in played.problems)


def test_a_failing_seed_is_told_with_the_command_that_replays_it(capsys: pytest.CaptureFixture[str]) -> None:
    options = read_options(["--runs", "2", "--sabotage", "no-lease"])
    assert judge([Played(8), Played(9, problems=["order 1 is in HubSpot 2 times"])], options) == 1
    assert (
        "seed 9 failed; again: python -m benchmarks.faults --runs 1 --seed 9 --jobs 1 --keep --sabotage no-lease"
        in capsys.readouterr().out
    )
    assert judge([Played(8)], options) == 0


def test_a_large_campaign_in_which_a_pair_never_fired_fails() -> None:
    fired = Counter(dict.fromkeys([*CELLS, LAG_CELL], 1))
    options = read_options(["--json"])
    all_of_them = [Played(seed, fired=fired) for seed in range(SEEDS_FOR_PROOF)]
    assert judge(all_of_them, options) == 0
    fired.pop(next(iter(CELLS)))
    assert judge(all_of_them, options) == 1
    assert judge(all_of_them[1:], options) == 0


def test_seeds_that_follow_each_other_plan_every_pair() -> None:
    rounds = -(-len(CELLS) // SHARE)
    planned = Counter(one.cell for seed in range(7, 7 + rounds) for one in islice(plan(seed), SHARE))
    assert set(planned) == set(CELLS)
    assert rounds <= 12


def test_a_seed_is_planned_the_same_each_time() -> None:
    def first(seed: int) -> list[object]:
        return [(one.cell, one.rule.after, one.rule.times) for one in islice(plan(seed), 80)]

    assert first(5) == first(5)
    assert first(5) != first(6)


def test_a_pair_that_never_fired_is_named_and_shows_as_a_zero() -> None:
    fired = dict.fromkeys(CELLS, 4)
    missing = next(iter(CELLS))
    del fired[missing]
    assert missing in never_fired(fired)
    row = next(line for line in table(fired).splitlines() if line.startswith(missing.kind))
    assert row.removeprefix(missing.kind).split()[0] == "0"
    assert SEEDS_FOR_PROOF < 500


def test_calls_are_counted_over_windows_that_begin_anywhere() -> None:
    assert most_calls([0.0, 4.0, 4.5, 5.0, 9.1, 20.0], 5.0) == 3
    assert most_calls([], 5.0) == 0
