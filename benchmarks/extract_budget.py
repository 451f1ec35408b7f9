"""Reading NetSuite at the requests that it allows: `python -m benchmarks.extract_budget --orders 100000`.

Belongs here: one read of a range of days, and the emulator's log of its pages against concurrency and
answer time. Does not belong here: the world (plain_world), processes (stack).
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.plain_world import put_plain_world
from benchmarks.push_budget import cpu_seconds
from benchmarks.stack import ROOT, BenchmarkError, Stack, machine, say
from ns_hs_orders.extract.suiteql.keyset import PAGE_ROWS
from ns_hs_orders.progress import sentence
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring.opening import open_session

CONCURRENCY: Final = 5
ANSWER_MS: Final = 300
DAYS: Final = 25
LEAST_SHARE: Final = 0.90
PATH: Final = "/services/rest/query/v1/suiteql"


def read(first: date, last: date) -> dict[str, Any]:
    """One read in this process; the account is probed before."""
    told_at = 0.0

    def progress(what: str, done: int, total: int, left: float | None = None, /) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > 5:
            told_at = time.monotonic()
            say(sentence(what, done, total, left))

    with open_session(load_settings()) as session:
        _ = session.source_plan
        began_at = time.time()
        raw = session.read_days(first, last, progress)
        ids = raw.orders["order_id_netsuite"]
        lines = raw.lines["line_unique_key"]
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "began_at": began_at,
        "orders": len(ids),
        "repeated": int(ids.duplicated().sum() + lines.duplicated().sum()),
        "lines": len(lines),
        "cpu_seconds": used.ru_utime + used.ru_stime,
    }


def run(orders: int, lines: int, *, keep: bool) -> bool:
    """The whole measurement; whether every goal is met."""
    home = Path(tempfile.mkdtemp(prefix="ns-hs-bench-"))
    stack = Stack(home, {"NS_HS_NETSUITE_CONCURRENCY": str(CONCURRENCY)})
    try:
        say(f"home {home}: {orders:,} orders with {lines} lines")
        first, last = put_plain_world(stack, orders, lines, DAYS, datetime.now(UTC).date())
        addresses = stack.start_sandbox()
        stack.ask_sandbox("PUT", "switches", {"latency_ms": ANSWER_MS, "netsuite_concurrency": CONCURRENCY})
        before = cpu_seconds(addresses.pid)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.extract_budget", "--child", str(first), str(last)],
            env=stack.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchmarkError(f"The read ended with {done.returncode}.")
        result = json.loads(done.stdout.splitlines()[-1])
        emulator = cpu_seconds(addresses.pid) - before
        log = [one for one in stack.ask_sandbox("GET", "calls")["calls"] if one["path"] == PATH]
        return judged(result, log, orders, lines, emulator)
    finally:
        stack.close()
        if keep:
            say(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)


def judged(
    result: dict[str, Any], log: list[dict[str, Any]], orders: int, lines: int, emulator: float
) -> bool:
    """Prints the figures; whether every goal is met."""
    ours = [one for one in log if one["began_at"] >= result["began_at"]]
    refused = sum(one["status"] == 429 for one in ours)
    pages = [one for one in ours if one["status"] == 200]
    seconds = max(one["ended_at"] for one in pages) - min(one["began_at"] for one in pages)
    most = CONCURRENCY / (ANSWER_MS / 1000)
    rate = len(pages) / seconds
    busy = sum(one["ended_at"] - one["began_at"] for one in pages) / seconds
    answer = sum(one["ended_at"] - one["began_at"] for one in pages) / len(pages)
    # headers, lines with the balancing one, and the headers' stamps
    rows = result["orders"] * 2 + result["lines"]
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}")
    print(f"{orders:,} orders with {lines} lines, {CONCURRENCY} requests at once, answers in {ANSWER_MS} ms")
    print(f"CPU seconds: read {result['cpu_seconds']:.0f}, emulators {emulator:.0f}")
    print(f"pages             {len(pages):,} in {seconds:.1f} s, {refused} answers 429")
    print(f"pages a second    {rate:.1f} of {most:.1f}: {rate / most:.1%}, goal {LEAST_SHARE:.0%} or more")
    print(f"requests at once  {busy:.2f} of {CONCURRENCY} on average; an answer took {answer * 1000:.0f} ms")
    print(f"rows a page       {rows / len(pages):.0f} of {PAGE_ROWS}")
    print(
        f"orders {result['orders']:,}, lines {result['lines']:,}, rows that came twice {result['repeated']}"
    )
    whole = result["orders"] == orders and result["lines"] == orders * (lines + 1) and not result["repeated"]
    return whole and rate >= most * LEAST_SHARE


def main() -> int:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--orders", type=int, default=100_000)
    options.add_argument("--lines", type=int, default=3)
    options.add_argument("--keep", action="store_true", help="Leaves the home.")
    options.add_argument("--child", nargs=2, metavar="DAY", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.child:
        first, last = (date.fromisoformat(one) for one in chosen.child)
        print(json.dumps(read(first, last)))
        return 0
    try:
        met = run(chosen.orders, chosen.lines, keep=chosen.keep)
    except BenchmarkError as error:
        say(str(error))
        return 2
    print("\nall goals met" if met else "\na goal is missed")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
