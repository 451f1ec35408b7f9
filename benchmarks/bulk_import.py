"""What a CSV import that changes every order at once does to the others: `python -m benchmarks.bulk_import`.

Belongs here: the import, orders saved while it lasts, and what became of both. Does not belong here: the
processes (stack), how an order's way is watched and divided (latency).

HubSpot holds none of the orders before, so that the live lane has to create each of them: the dearest import
there is.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from benchmarks.latency import (
    LATENCY_MS,
    LONGEST_WAIT_SECONDS,
    SETTLED_SECONDS,
    Saved,
    Watch,
    divide,
    judged,
    save_order,
    settle,
)
from benchmarks.stack import BenchmarkError, Stack, machine, running_stack, say, waited
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.work.watermarks import WatermarkStore

BETWEEN_SECONDS: Final = (10.0, 20.0)
NOTICED_SECONDS: Final = 300.0
LONGEST_SECONDS: Final = 3600.0
DAYS: Final = 60
EXPLAINED: Final = """\
fresh orders: saved while the import was being worked off; 'wait for a look' and 'NetSuite' hold their wait for the
rounds of the import before them."""


def import_over_every_order(stack: Stack) -> int:
    """Sets a memo on every sales order in one statement, as a CSV import that is saved now; returns how many."""
    with stack.stores() as (netsuite, _):
        orders = netsuite.connection().execute("SELECT count(*) FROM \"transaction\" WHERE type = 'SalesOrd'")
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        netsuite.update("transaction", {"type": "SalesOrd"}, {"memo": "import", "lastmodifieddate": stamp})
        return int(orders.fetchone()[0])


def has_looked(stack: Stack) -> bool:
    """Whether the live lane has noted where its streams stand."""
    with stack.state() as state:
        return bool(WatermarkStore(state).all())


def open_orders(stack: Stack) -> int:
    """Orders that are due and were never tried: what is left of the import."""
    with stack.state() as state:
        return sum(not one.attempts for one in DueOrders(state).all())


def measure(stack: Stack, imported: int, random: Random) -> tuple[list[Saved], dict[str, Any]]:
    """Saves fresh orders until nothing of the import is left, and waits for each of them."""
    began = time.monotonic()
    saved: list[Saved] = []
    most = left = 0
    worked_off = 0.0
    with stack.stores() as (netsuite, hubspot), stack.state() as state:
        watch = Watch(hubspot, state)
        with watch.looking():
            while time.monotonic() - began < LONGEST_SECONDS:
                time.sleep(random.uniform(*BETWEEN_SECONDS))
                left = open_orders(stack)
                most = max(most, left)
                worked_off = time.monotonic() - began
                if not left and (most or worked_off > NOTICED_SECONDS):
                    break
                order = save_order(netsuite, hubspot, random.randrange(10**9), "import")
                saved.append(order)
                watch.add(order)
                last = ", ".join(f"{one.seconds:.1f}" for one in saved[-6:-1] if one.arrived_at)
                say(f"{left:,} of {imported:,} left after {worked_off:.0f} s; fresh ones came after {last} s")
            end = time.monotonic() + LONGEST_WAIT_SECONDS + 2 * SETTLED_SECONDS
            while watch.waiting() and time.monotonic() < end:
                time.sleep(0.5)
    return saved, {"imported": imported, "most_due": most, "left": left, "seconds": round(worked_off)}


def printed(result: dict[str, Any]) -> str:
    """The result for people."""
    import_, fresh = result["import"], result["fresh"]
    rate = import_["imported"] / max(1, import_["seconds"])
    lines = [
        f"machine: {result['machine']}",
        f"emulators answer in {LATENCY_MS} ms, real limits",
        "",
        f"import: {import_['imported']:,} orders changed in one second",
        f"  {import_['left']:,} left after {import_['seconds']:,} s, {rate:.0f} orders/s",
        f"fresh orders meanwhile: {fresh['orders']}",
        f"  p50 {fresh['p50']:6.2f} s    p95 {fresh['p95']:6.2f} s    max {fresh['max']:6.2f} s"
        + (f"    NOT ARRIVED {fresh['not_arrived']}" if fresh["not_arrived"] else ""),
        *(
            f"  {name:18}{part['share']:>5}%{part['mean']:>7.2f} s{part['p95']:>7.2f} s"
            for name, part in fresh["parts"].items()
        ),
        *(
            f"  goal {name} < {goal['below']:.0f} s: {'ok' if goal['ok'] else 'MISSED'}"
            for name, goal in fresh["goals"].items()
        ),
        "",
        EXPLAINED,
        f"reconciliation of all days afterwards: exit code {result['reconciled']}",
    ]
    return "\n".join(lines)


def main() -> int:
    """Measures, prints, and returns 1 where a goal is missed or something is left."""
    options = _options()
    random = Random(options.seed)
    result: dict[str, Any] = {"machine": machine(), "seed": options.seed}
    with running_stack(
        ["--latency", str(LATENCY_MS), "--limits", "real"],
        orders=options.orders,
        days=DAYS,
        seed=options.seed,
        keep=options.keep,
        first_sync=False,
    ) as stack:
        say("the lane looks for the first time")
        waited(lambda: has_looked(stack), NOTICED_SECONDS, "the live lane's first look")
        say("every order is changed at once")
        imported = import_over_every_order(stack)
        saved, result["import"] = measure(stack, imported, random)
        divide(stack, saved)
        result["fresh"] = judged("import", saved)
        result["load"] = os.getloadavg()[0]
        say("the lane settles after the import")
        settle(stack)
        waited(lambda: not open_orders(stack), 600.0, "the end of the import")
        first, _ = stack.days()
        until = datetime.now(UTC).date() + timedelta(days=1)
        say("all days are reconciled")
        done = stack.command(
            "reconcile", "--from", str(first), "--to", str(until), "--json", allowed=(0, 1, 2)
        )
        result["reconciled"] = done.returncode
        if done.returncode:
            say(done.stdout[-3000:] + done.stderr[-2000:])
    print(json.dumps(result, indent=2) if options.json else printed(result))
    met = all(goal["ok"] for goal in result["fresh"]["goals"].values()) and not result["import"]["left"]
    return 0 if met and result["reconciled"] == 0 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bulk_import", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--orders", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--keep", action="store_true", help="leaves the home in place")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        say(str(error))
        sys.exit(2)
