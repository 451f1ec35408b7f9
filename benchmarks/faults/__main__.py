"""The fault campaign: `python -m benchmarks.faults --runs N --seed S`.

Belongs here: options, printing, exit codes. Does not belong here: what a seed is (play), workers (campaign).

Exit 0: every seed passed, and from enough seeds on every fault fired at every endpoint. With `--sabotage all`: every
planted bug was found. Exit 1: something was found; each failing seed is printed with the command that replays it.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final, NoReturn

from benchmarks.faults.campaign import campaign
from benchmarks.faults.coverage import SEEDS_FOR_PROOF, never_fired, table, total
from benchmarks.faults.sabotage import SABOTAGES
from benchmarks.faults.seed import Played, SeedOptions
from benchmarks.faults.world import SCALE
from benchmarks.stack import machine, say
from ns_hs_orders_tests.postgres import shared_postgres

DAGSTER_EVERY: Final = 20
MOST_SEEDS_OF_A_SABOTAGE: Final = 50
ALL: Final = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the campaign; returns the exit code."""
    options = read_options(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    if options.sabotage == ALL:
        return _sabotages(options)
    played = []
    for one in _played(options, options.sabotage, options.runs):
        played.append(one)
        _tell(one, len(played), options)
        if options.sabotage and one.problems:
            break
    return judge(played, options)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="seeds to play")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="seeds at once")
    parser.add_argument(
        "--sabotage",
        default="",
        choices=[ALL, *SABOTAGES],
        help="plant a known bug; `all`: each in turn until it is found",
    )
    parser.add_argument(
        "--postgres", action="store_true", help="the state on a real Postgres server, a database a seed"
    )
    parser.add_argument("--dagster", action="store_true", help="every seed's day runs through Dagster")
    parser.add_argument(
        "--scale", type=float, default=SCALE, help="how much faster time runs; lower it on a busy machine"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    parser.add_argument("--keep", action="store_true", help="leave the homes of failing seeds")
    return parser.parse_args(arguments)


def _played(options: argparse.Namespace, sabotage: str, runs: int) -> Iterator[Played]:
    seeds = range(options.seed, options.seed + runs)
    return campaign(
        [
            SeedOptions(
                seed,
                sabotage=sabotage,
                dagster=options.dagster or seed % DAGSTER_EVERY == 0,
                keep=options.keep,
                scale=options.scale,
                state_url=shared_postgres().new_database() if options.postgres else "",
            )
            for seed in seeds
        ],
        jobs=options.jobs,
        keep=options.keep,
    )


def _sabotages(options: argparse.Namespace) -> int:
    missed = []
    found: dict[str, int | None] = {}
    for name in SABOTAGES:
        found[name] = None
        for number, one in enumerate(_played(options, name, MOST_SEEDS_OF_A_SABOTAGE), 1):
            # a process that fell over its planted bug shows nothing of what HubSpot holds
            if shown := [problem for problem in one.problems if " ended with " not in problem]:
                found[name] = number
                say(f"{name}: found by seed {one.seed}, after {number} seeds: {shown[0]}")
                break
        else:
            say(f"{name}: not found in {MOST_SEEDS_OF_A_SABOTAGE} seeds")
            missed.append(name)
    if options.json:
        print(json.dumps({"found_after_seeds": found}, indent=2))
    return 1 if missed else 0


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """As Ctrl-C does: the workers end, and their homes go."""
    raise KeyboardInterrupt


_BEGAN: Final = time.monotonic()


def _tell(one: Played, count: int, options: argparse.Namespace) -> None:
    left = (time.monotonic() - _BEGAN) / count * (options.runs - count)
    say(
        f"{count}/{options.runs}  seed {one.seed}: {one.orders} orders, {one.faults} faults, {one.kills} kills during a"
        f" write and {one.blind_kills} more, {one.seconds:.1f} s; {left / 60:.0f} min left"
    )
    for problem in one.problems:
        say(f"    {problem}")
    if one.problems:
        say(f"    again: {_again(one.seed, options)}")
        if options.keep:
            say(f"    its home: {one.home}")


def _again(seed: int, options: argparse.Namespace) -> str:
    more = f" --sabotage {options.sabotage}" if options.sabotage else ""
    more += " --dagster" if options.dagster else ""
    more += " --postgres" if options.postgres else ""
    more += f" --scale {options.scale:g}" if options.scale != SCALE else ""
    return f"python -m benchmarks.faults --runs 1 --seed {seed} --jobs 1 --keep{more}"


def judge(played: Sequence[Played], options: argparse.Namespace) -> int:
    """Prints what came of the seeds; returns the exit code."""
    fired = total(one.fired for one in played)
    failed = sorted(one.seed for one in played if one.problems)
    missing = never_fired(fired)
    is_large = len(played) >= SEEDS_FOR_PROOF
    summary = {
        "seeds": len(played),
        "failed": failed,
        "faults": fired.total(),
        "kills_during_a_write": sum(one.kills for one in played),
        "other_kills": sum(one.blind_kills for one in played),
        "fewest": {
            "orders": min((one.orders for one in played), default=0),
            "faults": min((one.faults for one in played), default=0),
            "kills_during_a_write": min((one.kills for one in played), default=0),
        },
        "runs": dict(sum((one.runs for one in played), start=type(played[0].runs)())) if played else {},
        "pairs_that_never_fired": [f"{one.kind} × {one.endpoint}" for one in missing]
        if is_large
        else len(missing),
        "seconds": round(time.monotonic() - _BEGAN),
        "machine": machine(),
    }
    if options.json:
        cells = [{"fault": one.kind, "endpoint": one.endpoint, "fired": fired[one]} for one in fired]
        problems = {one.seed: one.problems for one in played if one.problems}
        print(json.dumps({**summary, "problems": problems, "table": cells}, indent=2))
    else:
        print(table(fired))
        print()
        for name, value in summary.items():
            print(f"{name.replace('_', ' ')}: {value}")
        if missing and not is_large:
            print(
                f"A pair that never fired fails a campaign of {SEEDS_FOR_PROOF} seeds or more; this one is smaller."
            )
        for seed in failed:
            print(f"seed {seed} failed; again: {_again(seed, options)}")
    return 1 if failed or (missing and is_large) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
