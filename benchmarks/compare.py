"""What comparing both sides costs, ours beside datacompy on the same frames: `python -m benchmarks.compare`.

Belongs here: our compare and its CPU, datacompy's on the same order fields, and whether each finds what was planted.
Does not belong here: the orders (compare_sides), datacompy's own program (peers.contenders.datacompy_frames).

Ours goes range by range, as the day lane does, from the values that the two readings bring to the finished result: verdict
and cause of each order, differences, sums, bridge and red days. datacompy takes whole frames of text and says which
rows and columns differ.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.compare_sides import (
    NAMES,
    SidesOfARange,
    held_orders,
    netsuite_orders,
    order_parts,
    ranges,
    states,
)
from benchmarks.peers.environment import peers_python
from benchmarks.stack import ROOT, BenchmarkError, machine, say
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.fields.field_map import field_map
from ns_hs_orders.reconcile.compare import FieldKinds
from ns_hs_orders.reconcile.compared import ComparedOrder, compare_absent, compare_order
from ns_hs_orders.reconcile.merge import merge
from ns_hs_orders.reconcile.result import assemble
from ns_hs_orders.reconcile.sales.dollars import SalesRules
from ns_hs_orders.reconcile.schema import ControlTotal, Reconciliation
from ns_hs_orders.wiring.garbage import rarely_collected

GOAL_SECONDS: Final = 10.0
GOAL_ORDERS: Final = 1_000_000
PROGRAM: Final = Path(__file__).parent / "peers" / "contenders" / "datacompy_frames.py"
CAUSES_PLANTED: Final = {
    "total edited": ("amount differs", "edited in HubSpot"),
    "field edited": ("field differs", "edited in HubSpot"),
    "missing in HubSpot": ("missing in HubSpot", "deleted in HubSpot"),
    "newer in NetSuite": ("field differs", "edited in NetSuite"),
    "only in HubSpot": ("only in HubSpot", "only in HubSpot"),
}
"""Planted → finding and cause that ours must give it."""


def compare_ours(orders: int, seed: int, *, lines: bool) -> dict[str, Any]:
    """CPU seconds of comparing, and whether exactly what was planted was found with its cause."""
    kinds = FieldKinds.of(field_map({}), {})
    parts: list[Reconciliation] = []
    planted: dict[str, str] = {}
    cpu = 0.0
    for sides in ranges(orders, seed):
        netsuite, held = netsuite_orders(sides, lines=lines), held_orders(sides, lines=lines)
        known, counted, sales = states(sides), _control(sides), order_parts(sides)
        planted |= {key: kind for kind, keys in sides.planted.items() for key in keys}
        dates, first, last = sides.dates, sides.first, sides.last
        del sides
        with rarely_collected():  # as a session does
            began = time.process_time()
            compared: list[ComparedOrder] = []
            for key in sorted(netsuite.keys() | held.keys()):
                if (order := netsuite.get(key)) is not None:
                    found = compare_order(order, held.get(key), known.get(key), kinds, in_flight=False)
                else:
                    found = compare_absent(key, dates[key], held[key], known.get(key), kinds, elsewhere=None)
                compared.append(found)
            compared.sort(key=lambda one: (one.order_on, len(one.key), one.key))
            now = datetime.now(UTC)
            parts.append(
                assemble(
                    compared,
                    counted,
                    [sales],
                    SalesRules(),
                    mode="sandbox",
                    first=first,
                    last=last,
                    made_at=now,
                    ticket=1,
                )
            )
            cpu += time.process_time() - began
        del netsuite, held, known, compared
    began = time.process_time()
    result = merge(parts)
    cpu += time.process_time() - began
    return {
        "cpu": cpu,
        "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "orders": len(result.orders),
        "missed": _missed(result, planted),
    }


def _control(sides: SidesOfARange) -> list[ControlTotal]:
    counts: Counter[date] = Counter()
    totals: Counter[date] = Counter()
    for key in sides.wanted:
        counts[sides.dates[key]] += 1
        totals[sides.dates[key]] += sides.totals[key]
    return [ControlTotal(on, "USD", counts[on], counts[on], totals[on], totals[on]) for on in sorted(counts)]


def _missed(result: Reconciliation, planted: dict[str, str]) -> int:
    """Orders whose finding and cause are not those of what was planted, or of nothing."""
    differing = result.orders[result.orders["finding"] != "agrees"]
    found = dict(
        zip(
            differing["order_id_netsuite"],
            zip(differing["finding"], differing["cause"], strict=True),
            strict=True,
        )
    )
    expected = {key: CAUSES_PLANTED[kind] for key, kind in planted.items()}
    return len(set(found.items()) ^ set(expected.items()))


def write_frames(orders: int, seed: int, folder: Path) -> dict[str, int]:
    """Both sides as Parquet, all fields text, empty ones null; returns how many rows of each kind were planted."""
    counts: Counter[str] = Counter()
    schema = pa.schema([(name, pa.string()) for name in NAMES])
    with (
        pq.ParquetWriter(folder / "netsuite.parquet", schema) as netsuite,
        pq.ParquetWriter(folder / "hubspot.parquet", schema) as hubspot,
    ):
        for sides in ranges(orders, seed):
            for writer, side in ((netsuite, sides.wanted), (hubspot, sides.held)):
                columns = {name: [row[name] or None for row in side.values()] for name in NAMES}
                writer.write_table(pa.table(columns, schema=schema))
            counts.update({kind: len(keys) for kind, keys in sides.planted.items()})
    return dict(counts)


def run_apart(command: list[str]) -> dict[str, Any]:
    """The JSON that a process of its own prints. Raises BenchmarkError."""
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": tempfile.gettempdir()}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{' '.join(command[:4])} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Each contender once a round, in processes of their own; medians of all rounds."""
    python = peers_python()
    results: dict[str, Any] = {"machine": machine(), "runs": options.runs, "sizes": {}}
    for orders in options.orders:
        ours = [
            sys.executable,
            "-m",
            "benchmarks.compare",
            "--ours",
            str(orders),
            "--seed",
            str(options.seed),
        ]
        with tempfile.TemporaryDirectory(prefix="ns-hs-compare-") as name:
            say(f"{orders:,} orders, written as frames")
            planted = write_frames(orders, options.seed, Path(name))
            commands = {
                "ours": ours,
                "ours, 3 lines an order": [*ours, "--lines"],
                "datacompy, pandas": [str(python), str(PROGRAM), "pandas", name, UNIQUE_ORDER_KEY],
                "datacompy, polars": [str(python), str(PROGRAM), "polars", name, UNIQUE_ORDER_KEY],
            }
            runs: dict[str, list[dict[str, Any]]] = {one: [] for one in commands}
            for _ in range(options.runs):
                for one, command in commands.items():
                    runs[one].append(run_apart(command))
                    say(f"{one}: {runs[one][-1]}")
        results["sizes"][orders] = {
            "planted": planted,
            "contenders": {
                one: {**found[-1], "cpu": round(median(run["cpu"] for run in found), 2)}
                for one, found in runs.items()
            },
        }
    results["machine"] = machine()
    return results


def printed(result: dict[str, Any]) -> str:
    """The result for people, in Markdown."""
    lines = [f"machine: {result['machine']}", f"medians of {result['runs']} runs, {len(NAMES)} order fields"]
    for orders, found in result["sizes"].items():
        planted = sum(found["planted"].values())
        base = found["contenders"]["ours"]["cpu"]
        lines += [
            "",
            f"{orders:,} orders, {planted} planted differences",
            "",
            "| contender | CPU s | ratio | peak MiB | rows differing | missed or too many | names the cause |",
            "|---|--:|--:|--:|--:|--:|---|",
        ]
        for one, run in found["contenders"].items():
            is_ours = one.startswith("ours")
            differing = planted if is_ours else run["differing"]
            missed = run["missed"] if is_ours else abs(run["differing"] - planted)
            lines.append(
                f"| {one} | {run['cpu']:.1f} | {run['cpu'] / base:.2f} | {run['peak_mebibytes']:,} "
                f"| {differing:,} | {missed:,} | {'yes' if is_ours else 'no'} |"
            )
    return "\n".join(lines)


def main() -> int:
    """Measures, prints, and returns 1 where the goal or a planted difference is missed."""
    options = _options()
    if options.ours:
        print(json.dumps(compare_ours(options.ours, options.seed, lines=options.lines)))
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    result = measure(options)
    print(json.dumps(result, indent=2) if options.json else printed(result))
    ours = [(orders, found["contenders"]["ours"]) for orders, found in result["sizes"].items()]
    met = all(run["cpu"] < GOAL_SECONDS * orders / GOAL_ORDERS for orders, run in ours)
    if not options.json:
        verdict = "met" if met else "MISSED"
        print(f"\ngoal: {GOAL_ORDERS:,} orders in under {GOAL_SECONDS:.0f} s of CPU: {verdict}")
    return 0 if met and not any(run["missed"] for _, run in ours) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--ours", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--lines", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        say(str(error))
        sys.exit(2)
