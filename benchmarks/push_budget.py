"""An initial load at HubSpot's real limits: `python -m benchmarks.push_budget --orders 50000`.

Belongs here: the load in a process of its own, the emulator's log of calls against the budget, the fewest
calls that it could have been. Does not belong here: the world (plain_world), processes (stack).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.plain_world import put_plain_world
from benchmarks.stack import ROOT, BenchmarkError, Stack, machine, percentile, say
from ns_hs_orders.progress import sentence
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring.opening import open_session

MEDIAN_MS: Final = 150
P99_MS: Final = 600
WINDOW: Final = 10.0
OBJECT_CALLS: Final = 190
ASSOCIATION_CALLS: Final = 150
DAYS: Final = 25
LEAST_SHARE: Final = 0.95
MOST_429: Final = 1 / 1000
MOST_CALLS: Final = 1.05
WRITES: Final = {
    "orders": "/orders/batch/upsert",
    "lines": "/line_items/batch/upsert",
    "associations": "/batch/create",
}


@dataclass(frozen=True)
class Call:
    """One call as the emulator saw it; at: seconds since 1970."""

    at: float
    family: str
    kind: str
    status: int | None
    seconds: float


def load(first: date, last: date) -> dict[str, Any]:
    """The whole day lane's sync but for the proof, in this process: seconds of each stage, outcomes."""
    told_at = 0.0

    def progress(what: str, done: int, total: int, left: float | None = None, /) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > 5:
            told_at = time.monotonic()
            say(sentence(what, done, total, left))

    stages: dict[str, float] = {}
    with open_session(load_settings()) as session:
        marks = [time.monotonic()]
        raw = session.read_days(first, last, progress)
        marks.append(time.monotonic())
        mapped = session.map(raw, progress)
        marks.append(time.monotonic())
        results = session.push(mapped, run=f"load {time.time():.0f}", progress=progress)
        marks.append(time.monotonic())
    for name, start, end in zip(("read", "map", "push"), marks, marks[1:], strict=False):
        stages[name] = end - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "stages": stages,
        "outcomes": Counter(results["outcome"].tolist()),
        "cpu_seconds": used.ru_utime + used.ru_stime,
    }


def calls(stack: Stack) -> list[Call]:
    """HubSpot's calls since the log was cleared, in order."""
    return [
        Call(
            one["began_at"],
            _family(one["path"]),
            _kind(one["path"]),
            one["status"],
            (one["ended_at"] or one["began_at"]) - one["began_at"],
        )
        for one in stack.ask_sandbox("GET", "calls")["calls"]
        if one["app"] == "hubspot"
    ]


def _family(path: str) -> str:
    if path.endswith("/search"):
        return "search"
    return "associations" if "/associations/" in path else "objects"


def _kind(path: str) -> str:
    for kind, part in WRITES.items():
        if part in path and (kind != "associations" or "/associations/" in path):
            return kind
    if path.endswith("/batch/read"):
        return f"read {path.split('/')[-3]}"
    return "other"


def windows(times: Sequence[float], step: float) -> list[int]:
    """Calls in each full window of ten seconds from the first call to the last, one each `step` seconds."""
    found, start = [], times[0]
    while start + WINDOW <= times[-1]:
        found.append(sum(start <= at < start + WINDOW for at in times))
        start += step
    return found


def least_calls(orders: int, lines: int) -> dict[str, int]:
    """The fewest calls that write so many new orders."""
    return {
        "orders": -(-orders // 100),
        "lines": -(-orders * lines // 100),
        "associations": -(-orders * lines // 2000) + -(-orders // 2000),
    }


def judged(made: list[Call], orders: int, lines: int, budget: int) -> bool:
    """Prints the figures of the first load; whether every goal is met."""
    answered = [one for one in made if one.status != 429]
    refused = len(made) - len(answered)
    writes = [one.at for one in answered if one.kind in ("orders", "lines")]
    times = sorted(
        one.at for one in answered if one.family == "objects" and writes[0] <= one.at <= max(writes)
    )
    full, rolling = windows(times, WINDOW), windows(times, 0.5)
    if not full:
        print(
            "The load was over within one window of 10 s, so that no share can be told: give more --orders."
        )
        return False
    share = sum(full) / (len(full) * budget)
    print(f"\nobject budget of {budget} calls per 10 s, {len(full)} full windows one after another:")
    print(f"  used               {share:7.1%}   goal {LEAST_SHARE:.0%} or more")
    print(f"  each window        {', '.join(f'{one / budget:.1%}' for one in full)}")
    print(
        f"  any 10 s           least {min(rolling) / budget:.1%}, mean {sum(rolling) / len(rolling) / budget:.1%}"
    )
    print(
        f"  429 per 1,000      {refused / len(made) * 1000:7.2f}   goal 1 or fewer ({refused} of {len(made):,})"
    )
    took = [one.seconds for one in answered if one.kind in ("orders", "lines")]
    print(
        f"  answers            median {percentile(took, 50) * 1000:.0f} ms, p99 {percentile(took, 99) * 1000:.0f} ms; "
        f"{sum(took) / (max(writes) - writes[0]):.1f} under way on average"
    )
    counts = Counter(one.kind for one in answered)
    least = least_calls(orders, lines)
    print("\ncalls that write       made   fewest")
    for kind, fewest in least.items():
        print(f"  {kind:<18}{counts[kind]:>9,}{fewest:>9,}")
    writing, fewest = sum(counts[kind] for kind in least), sum(least.values())
    print(
        f"  together          {writing:>9,}{fewest:>9,}   {writing / fewest:.3f} ×, goal {MOST_CALLS} or fewer"
    )
    for kind in sorted(counts.keys() - least.keys()):
        print(f"  beside: {kind:<18}{counts[kind]:>5,}")
    print(
        f"\n{orders / (max(writes) - writes[0]):.0f} orders/s while writing, {max(writes) - writes[0]:.0f} s"
    )
    return share >= LEAST_SHARE and refused <= len(made) * MOST_429 and writing <= fewest * MOST_CALLS


def _run_load(stack: Stack, first: date, last: date) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.push_budget", "--child", str(first), str(last)],
        env=stack.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchmarkError(f"The load ended with {done.returncode}.")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(orders: int, lines: int, budget: int, *, with_proof: bool, keep: bool) -> bool:
    """The whole measurement; whether every goal is met."""
    home = Path(tempfile.mkdtemp(prefix="ns-hs-bench-"))
    stack = Stack(home, {"NS_HS_HUBSPOT_ASSOCIATION_CALLS_PER_10S": str(ASSOCIATION_CALLS)})
    try:
        say(f"home {home}: {orders:,} orders with {lines} lines")
        first, last = put_plain_world(stack, orders, lines, DAYS, datetime.now(UTC).date())
        addresses = stack.start_sandbox()
        stack.command("setup")
        stack.ask_sandbox(
            "PUT",
            "switches",
            {
                "latency_ms": MEDIAN_MS,
                "latency_p99_ms": P99_MS,
                "hubspot_calls_per_10_seconds": budget,
                "hubspot_association_calls_per_10_seconds": ASSOCIATION_CALLS,
            },
        )
        stack.ask_sandbox("DELETE", "calls")
        before = cpu_seconds(addresses.pid)
        result = _run_load(stack, first, last)
        emulator = cpu_seconds(addresses.pid) - before
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}")
        print(
            f"answers: median {MEDIAN_MS} ms, 99th percentile {P99_MS} ms; {orders:,} orders, {lines} lines each"
        )
        print("seconds: " + ", ".join(f"{name} {seconds:.0f}" for name, seconds in result["stages"].items()))
        print(f"CPU seconds: sync {result['cpu_seconds']:.0f}, emulators {emulator:.0f}")
        met = judged(calls(stack), orders, lines, budget)
        met &= result["outcomes"] == {"created": orders}
        print(f"outcomes: {result['outcomes']}")
        stack.ask_sandbox("DELETE", "calls")
        again = _run_load(stack, first, last)
        writes = sum(one.kind in WRITES for one in calls(stack))
        print(f"again, nothing changed: {again['outcomes']}, {writes} calls that write, goal 0")
        met &= writes == 0 and again["outcomes"] == {"unchanged": orders}
        if with_proof:
            stack.ask_sandbox("DELETE", "calls")
            began = time.monotonic()
            stack.command("reconcile", "--from", str(first), "--to", str(last))
            print(
                f"proof: agrees to the cent, {time.monotonic() - began:.0f} s, {len(calls(stack)):,} HubSpot calls"
            )
        return bool(met)
    finally:
        stack.close()
        if keep:
            say(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--orders", type=int, default=50_000)
    options.add_argument("--lines", type=int, default=3)
    options.add_argument("--budget", type=int, default=OBJECT_CALLS, help="Object calls per 10 s.")
    options.add_argument("--proof", action="store_true", help="Reads both systems back and compares them.")
    options.add_argument("--keep", action="store_true", help="Leaves the home.")
    options.add_argument("--child", nargs=2, metavar="DAY", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.child:
        first, last = (date.fromisoformat(one) for one in chosen.child)
        print(json.dumps(load(first, last)))
        return 0
    try:
        met = run(chosen.orders, chosen.lines, chosen.budget, with_proof=chosen.proof, keep=chosen.keep)
    except BenchmarkError as error:
        say(str(error))
        return 2
    print("\nall goals met" if met else "\na goal is missed")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
