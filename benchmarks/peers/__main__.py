"""Our push against others on the same emulator in the same run: `python -m benchmarks.peers`.

Belongs here: which contenders run, when, and what is printed. Does not belong here: a single run (contest), the
orders (workload), medians (figures).
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from benchmarks.peers.contest import CONTENDERS, Contender, Run, run
from benchmarks.peers.environment import peers_python
from benchmarks.peers.figures import as_json, figures, rates_table, states_table
from benchmarks.peers.workload import Workload, prepare
from benchmarks.stack import BenchmarkError, machine, say

LIMITS: Final = {"real": "with HubSpot's limits", "off": "without limits"}


def measure(options: argparse.Namespace, chosen: list[Contender]) -> dict[str, Any]:
    """Every contender in turn, round after round, then once more with bad orders."""
    python = peers_python()
    template = Path(tempfile.mkdtemp(prefix="ns-hs-peers-world-"))
    try:
        say(f"a world of {options.orders:,} orders in {template}")
        every, with_bad = prepare(template, options.orders, min(options.orders, options.bad_orders))

        def one(contender: Contender, workload: Workload, limits: str) -> Run:
            found = run(
                contender,
                workload,
                template,
                python,
                limits=limits,
                latency_ms=options.latency,
                seconds=options.seconds,
            )
            say(
                f"{contender.name}: {found.state.complete:,} orders in {found.seconds:.1f} s, {found.calls:,} calls, "
                f"{found.cpu_seconds:.1f} s CPU, ended by {found.ended}"
            )
            if found.ended == "failed" and not workload.bad:
                say(found.complaint)
            return found

        runs: dict[str, dict[str, list[Run]]] = {limits: defaultdict(list) for limits in options.limits}
        for number in range(options.runs):
            for limits in options.limits:
                say(f"round {number + 1} of {options.runs}, {LIMITS[limits]}")
                for contender in chosen:
                    runs[limits][contender.name].append(one(contender, every, limits))
        say(f"{len(with_bad.bad)} bad orders among {with_bad.orders:,}, without limits")
        bad = {contender.name: one(contender, with_bad, "off") for contender in chosen}
    finally:
        shutil.rmtree(template, ignore_errors=True)
    return {
        "machine": machine(),
        "orders": every.orders,
        "lines": every.lines,
        "latency_ms": options.latency,
        "seconds": options.seconds,
        "rates": {
            limits: {name: figures(found) for name, found in of_limits.items()}
            for limits, of_limits in runs.items()
        },
        "bad": bad,
        "bad_orders": len(with_bad.bad),
        "good_orders": len(with_bad.expected),
    }


def printed(result: dict[str, Any]) -> str:
    """The result for people, in Markdown."""
    lines = [
        f"machine: {result['machine']}",
        f"load: {result['orders']:,} orders, {result['lines']:,} lines, or {result['seconds']:.0f} s",
        f"the emulator answers in {result['latency_ms']} ms",
    ]
    for limits, found in result["rates"].items():
        runs = next(iter(found.values())).runs
        lines += ["", f"{LIMITS[limits]}, medians of {runs} runs", "", *rates_table(found)]
    lines += [
        "",
        f"{result['bad_orders']} bad orders among {result['good_orders']:,} good ones",
        "",
        *states_table(result["bad"], result["good_orders"]),
    ]
    return "\n".join(lines)


def main() -> int:
    """Measures and prints."""
    options = _options()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    chosen = [one for one in CONTENDERS if one.is_ours or options.only in one.program]
    result = measure(options, chosen)
    if options.json:
        result["rates"] = {limits: as_json(found) for limits, found in result["rates"].items()}
        result["bad"] = as_json(result["bad"])
        print(json.dumps(result, indent=2))
    else:
        print(printed(result))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, default=5000, help="the load, three lines an order")
    parser.add_argument(
        "--bad-orders", type=int, default=2000, help="orders of the run with one bad in 1,000"
    )
    parser.add_argument("--seconds", type=float, default=120.0, help="a run ends after these at the latest")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", type=int, default=150, metavar="MS", help="time each answer takes")
    parser.add_argument("--limits", nargs="+", choices=list(LIMITS), default=list(LIMITS))
    parser.add_argument(
        "--only", default="", metavar="PROGRAM", help="ours, and others whose program says so"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        say(str(error))
        sys.exit(2)
