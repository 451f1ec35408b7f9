"""How much of HubSpot's budget reading back uses: `python -m benchmarks.read_back`.

Belongs here: orders in the emulator, reading them back by key, and the calls that came of it. Does not belong here:
comparing them (compare).

The emulator has its real limits. The share is the object calls made, of those that its limit allows in that time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.compare_sides import NAMES, ranges
from benchmarks.stack import BenchmarkError, Stack, machine, say
from ns_hs_orders.fields.orders import STAGE_PROPERTIES
from ns_hs_orders.reconcile.read_back import read_held_orders
from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders.settings import Settings
from ns_hs_orders.wiring.opening import open_session

CALLS_OF_A_WINDOW: Final = Switches().hubspot_calls_per_10_seconds
WINDOW_SECONDS: Final = 10.0
NOT_LOADED: Final = {*STAGE_PROPERTIES, "hubspot_owner_id"}


def load_orders(stack: Stack, orders: int) -> list[str]:
    """Puts orders into the emulator's store; returns their keys."""
    keys: list[str] = []
    names = [name for name in NAMES if name not in NOT_LOADED]
    with stack.stores() as (_, hubspot):
        for sides in ranges(orders, seed=7):
            hubspot.load(
                "orders",
                (
                    {"id": f"7{key}"} | {name: texts[name] for name in names}
                    for key, texts in sides.wanted.items()
                ),
            )
            keys += sides.wanted
    return keys


def read_once(stack: Stack, keys: list[str], threads: int) -> dict[str, Any]:
    """Reads every order back over so many threads; calls and seconds of the read by key."""
    stack.ask_sandbox("DELETE", "calls")
    settings = Settings(_env_file=None, mode="sandbox", home=stack.home, push_threads=threads)
    ended: list[float] = []

    def noted(what: str, done: int, total: int, _left: float | None = None) -> None:
        if what.startswith("orders") and done == total:
            ended.append(time.monotonic())

    with open_session(settings) as session:
        began, cpu = time.monotonic(), time.process_time()
        hubspot = session.hubspot
        found = read_held_orders(
            hubspot.objects, hubspot.associations, keys, session.field_map, noted, threads=threads
        )
        whole, cpu = time.monotonic() - began, time.process_time() - cpu
    if len(found) != len(keys):
        raise BenchmarkError(f"{len(found):,} of {len(keys):,} orders were read back.")
    seconds = ended[0] - began
    calls = stack.ask_sandbox("GET", "calls")["calls"]
    reads = [
        call for call in calls if call["path"].endswith("orders/batch/read") and "objects" in call["path"]
    ]
    answered = sum(call["status"] != 429 for call in reads)
    return {
        "threads": threads,
        "calls": len(reads),
        "refused": len(reads) - answered,
        "seconds": round(seconds, 1),
        "seconds_with_associations": round(whole, 1),
        "share_percent": round(100 * answered / (CALLS_OF_A_WINDOW * seconds / WINDOW_SECONDS)),
        "cpu_microseconds": round(cpu / len(keys) * 1e6),
    }


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """One read-back for each number of threads, the emulator's windows empty before each."""
    home = Path(tempfile.mkdtemp(prefix="ns-hs-read-back-"))
    stack = Stack(home, {})
    found = []
    try:
        stack.start_sandbox("--limits", "off", "--latency", "0")
        stack.command("setup")
        stack.end("sandbox")
        say(f"{options.orders:,} orders in {home}")
        keys = load_orders(stack, options.orders)
        for threads in options.threads:
            stack.start_sandbox("--limits", "real", "--latency", str(options.latency))
            found.append(read_once(stack, keys, threads))
            say(str(found[-1]))
            stack.end("sandbox")
            (home / "sandbox" / "addresses.json").unlink(missing_ok=True)
            time.sleep(WINDOW_SECONDS)
    finally:
        stack.close()
        shutil.rmtree(home, ignore_errors=True)
    return found


def printed(found: list[dict[str, Any]], orders: int) -> str:
    """The result for people, in Markdown."""
    return "\n".join(
        [
            f"machine: {machine()}",
            f"{orders:,} orders read back by key, limit {CALLS_OF_A_WINDOW} object calls in 10 s",
            "",
            "| threads | calls | 429 | s | share of the budget | CPU µs an order |",
            "|--:|--:|--:|--:|--:|--:|",
            *(
                f"| {one['threads']} | {one['calls']} | {one['refused']} | {one['seconds']} | {one['share_percent']} % "
                f"| {one['cpu_microseconds']} |"
                for one in found
            ),
        ]
    )


def main() -> int:
    """Measures and prints."""
    options = _options()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    found = measure(options)
    print(json.dumps(found, indent=2) if options.json else printed(found, options.orders))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.read_back", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument(
        "--threads", type=int, nargs="+", default=[1, Settings.model_fields["push_threads"].default]
    )
    parser.add_argument("--latency", type=int, default=150, metavar="MS", help="time each answer takes")
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
