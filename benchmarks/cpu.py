"""What one order costs of CPU and memory between the two APIs: `python -m benchmarks.cpu`.

Belongs here: the day lane's steps in a process of their own, and what each of them took. Does not belong here:
the orders (three_lines), or starting the emulators (stack).

The emulators run in another process, without limits or latency, so that nothing of theirs is counted; their own
CPU is told apart. CPU is that of the whole client process, user and system, all threads: HTTP (without TLS), both
readings of NetSuite, Parquet and the read-back of HubSpot included.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.cpu_samples import CpuSamples
from benchmarks.stack import BenchmarkError, Stack, machine, say
from benchmarks.three_lines import fill
from ns_hs_orders.defs.partitions import contiguous_ranges, days_between
from ns_hs_orders.defs.storage import ParquetStorage
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.checks import mapping_checks
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.push.checks import push_checks
from ns_hs_orders.sandbox.home import read_addresses
from ns_hs_orders.settings import Settings, load_settings
from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.state.database import open_state
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.patience import call_limits

GOAL_MICROSECONDS: Final = 600
GOAL_MEBIBYTES: Final = 1536
STEPS: Final = ("read NetSuite", "map", "push to HubSpot", "reconcile", "Parquet and checks")
LARGEST_PARTS: Final = 40
UNLIMITED: Final = 1_000_000
TICKS: Final = os.sysconf("SC_CLK_TCK")


class Meter:
    """CPU, time and memory of each step, summed over the ranges."""

    def __init__(self, emulator: int) -> None:
        self._emulator = emulator
        self.cpu: dict[str, float] = defaultdict(float)
        self.wall: dict[str, float] = defaultdict(float)
        self.emulator_cpu: dict[str, float] = defaultdict(float)
        self.peak: dict[str, int] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Everything in the block is the step's."""
        Path("/proc/self/clear_refs").write_text("5")  # the peak of this step alone
        emulator, wall, cpu = _cpu_of(self._emulator), time.monotonic(), time.process_time()
        yield
        self.cpu[name] += time.process_time() - cpu
        self.wall[name] += time.monotonic() - wall
        self.emulator_cpu[name] += _cpu_of(self._emulator) - emulator
        self.peak[name] = max(self.peak.get(name, 0), _peak_mebibytes())


def run_range(settings: Settings, meter: Meter, storage: ParquetStorage, first: date, last: date) -> int:
    """The day lane's steps over one range, its frames through Parquet; returns how many orders agree.

    Raises BenchmarkError where a day is red.
    """
    days = [day.isoformat() for day in days_between(first, last)]

    def stored(**frames: Any) -> None:
        with meter.step("Parquet and checks"):
            for asset, frame in frames.items():
                storage.save(asset, days, frame)

    def loaded(*assets: str) -> list[Any]:
        with meter.step("Parquet and checks"):
            return [storage.load(asset, days) for asset in assets]

    with meter.step("read NetSuite"), open_session(settings) as session:
        raw = session.read_days(first, last)
    stored(netsuite_raw_orders=raw.orders, netsuite_raw_lines=raw.lines)
    del raw
    raw_frames = loaded("netsuite_raw_orders", "netsuite_raw_lines")
    with meter.step("map"), open_session(settings) as session:
        mapped = session.map(RawRead(*raw_frames))
    del raw_frames
    with meter.step("Parquet and checks"):
        mapping_checks(mapped)
    stored(
        orders=mapped.orders,
        order_lines=mapped.lines,
        quarantined_orders=mapped.quarantined,
        skipped_orders=mapped.skipped,
    )
    del mapped
    raw_orders, *frames = loaded(
        "netsuite_raw_orders", "orders", "order_lines", "quarantined_orders", "skipped_orders"
    )
    with meter.step("push to HubSpot"), open_session(settings) as session:
        results = session.push(MappedOrders(*frames), run=f"cpu {first}")
    stored(hubspot_upsert_results=results)
    with meter.step("Parquet and checks"):
        push_checks(raw_orders, results)
    created = int((results["outcome"] == "created").sum())
    del raw_orders, frames, results
    with meter.step("reconcile"), open_session(settings) as session:
        result = session.reconcile(first, last)
        session.record(result)
    stored(reconciliation_report=result)
    agreeing = int((result.orders["finding"] == "agrees").sum())
    if not result.agrees or agreeing != created:
        raise BenchmarkError(
            f"{first} to {last}: {agreeing:,} orders agree, {created:,} were created, red days {result.red_days}"
        )
    return agreeing


def client(*, profiled: bool) -> dict[str, Any]:
    """Every range of the world, once; in this process."""
    settings = load_settings()
    addresses = read_addresses(settings.home_path)
    if addresses is None:
        raise BenchmarkError("The sandbox does not answer.")
    _lift_limits(settings)
    world = json.loads((settings.home_path / "sandbox" / "world.json").read_text())
    first, last = (date.fromisoformat(world[name]) for name in ("first_order_date", "last_order_date"))
    meter = Meter(addresses.pid)
    storage = ParquetStorage(base=settings.storage_address)
    samples = CpuSamples()
    if profiled:
        samples.start()
    orders = 0
    for start, end in contiguous_ranges(days_between(first, last)):
        orders += run_range(settings, meter, storage, start, end)
        say(f"{start} to {end}: {orders:,} orders agree")
    if profiled:
        samples.stop()
    return {
        "orders": orders,
        "steps": {
            name: {
                "microseconds": round(meter.cpu[name] / orders * 1e6, 1),
                "cpu": round(meter.cpu[name], 2),
                "seconds": round(meter.wall[name], 1),
                "emulator_cpu": round(meter.emulator_cpu[name], 1),
                "peak_mebibytes": meter.peak[name],
            }
            for name in STEPS
        },
        "microseconds": round(sum(meter.cpu.values()) / orders * 1e6, 1),
        "peak_mebibytes": max(meter.peak.values()),
        "profile": _largest_parts(samples, orders) if profiled else {},
    }


def _lift_limits(settings: Settings) -> None:
    """The emulator has no limits; the client's own budgets are told so, as HubSpot's headers would."""
    state = open_state(settings.state_address)
    try:
        for family in call_limits(settings):
            Budgets(state, call_limits(settings)).learn(family, UNLIMITED)
    finally:
        state.close()


def _largest_parts(samples: CpuSamples, orders: int) -> dict[str, dict[str, float]]:
    """µs an order of the largest parts, by the function that ran and by the function of ours that it ran for."""
    return {
        what: {
            part: round(seconds / orders * 1e6, 1)
            for part, seconds in sorted(found.items(), key=lambda one: -one[1])[:LARGEST_PARTS]
        }
        for what, found in (
            ("for a function of ours, libraries included", samples.ours),
            ("own time", samples.own),
            ("of these", {"garbage collection": samples.collecting}),
        )
    }


def _peak_mebibytes() -> int:
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def _cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(orders: int, days: int, *, profiled: bool, keep: bool) -> dict[str, Any]:
    """Makes the world, starts the emulators, and runs the client in a process of its own."""
    home = Path(tempfile.mkdtemp(prefix="ns-hs-cpu-"))
    stack = Stack(home, {})
    try:
        first = datetime.now(UTC).date() - timedelta(days=days)
        say(f"home {home}: {orders:,} orders of three lines over {days} days")
        with stack.stores() as (netsuite, hubspot):
            fill(netsuite, hubspot, orders=orders, first=first, days=days)
        last = first + timedelta(days=days - 1)
        (stack.place.folder / "world.json").write_text(
            json.dumps({"first_order_date": first.isoformat(), "last_order_date": last.isoformat()})
        )
        stack.start_sandbox("--limits", "off", "--latency", "0")
        stack.command("setup")
        say("the client begins")
        answer = home / "answer.json"
        stack.run("benchmarks.cpu", "--client", str(answer), *(["--profile"] if profiled else []))
        found: dict[str, Any] = json.loads(answer.read_text())
        return found
    finally:
        stack.close()
        if keep:
            say(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)


def printed(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [
        f"machine: {result['machine']}",
        f"{result['orders']:,} orders with 3 lines",
        "",
        f"{'step':22}{'µs an order':>12}{'CPU s':>9}{'wall s':>9}{'emulator s':>12}{'peak MiB':>10}",
    ]
    lines += [
        f"{name:22}{step['microseconds']:12.1f}{step['cpu']:9.1f}{step['seconds']:9.1f}"
        f"{step['emulator_cpu']:12.1f}{step['peak_mebibytes']:10}"
        for name, step in result["steps"].items()
    ]
    lines += [
        f"{'all':22}{result['microseconds']:12.1f}{'':30}{result['peak_mebibytes']:10}",
        f"goal: at most {GOAL_MICROSECONDS} µs an order: {'met' if result['cpu_met'] else 'MISSED'}",
        f"goal: at most {GOAL_MEBIBYTES} MiB: {'met' if result['memory_met'] else 'MISSED'}",
    ]
    for what, parts in result["profile"].items():
        lines += [
            "",
            f"{'µs an order':>12}  {what}",
            *(f"{part:12.1f}  {name}" for name, part in parts.items()),
        ]
    return "\n".join(lines)


def main() -> int:
    """Measures, prints, and returns 1 where a goal is missed."""
    options = _options()
    if options.client:
        options.client.write_text(json.dumps(client(profiled=options.profile)))
        return 0
    result = measure(options.orders, options.days, profiled=options.profile, keep=options.keep)
    result["machine"] = machine()
    result["cpu_met"] = result["microseconds"] <= GOAL_MICROSECONDS
    result["memory_met"] = result["peak_mebibytes"] <= GOAL_MEBIBYTES
    print(json.dumps(result, indent=2) if options.json else printed(result))
    return 0 if result["cpu_met"] and result["memory_met"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cpu", description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=31, help="order dates; a range has at most 31 of them")
    parser.add_argument(
        "--profile", action="store_true", help="the largest parts too; sampling costs some CPU itself"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--keep", action="store_true", help="leaves the home in place")
    parser.add_argument("--client", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        say(str(error))
        sys.exit(2)
