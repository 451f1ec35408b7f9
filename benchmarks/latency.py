"""How long an order takes from NetSuite to HubSpot: `python -m benchmarks.latency`.

Belongs here: saving orders at random moments, watching HubSpot's store for them, and where the time went.
Does not belong here: the processes (stack).

An order has arrived when HubSpot's store holds it with its company and all its lines. Which lines those are
is told by the store itself at the end: the moment counts at which the order reached its final lines, and the
reconciliation of all days afterwards proves those complete.
"""

from __future__ import annotations

import argparse
import bisect
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import dagster as dg
from sqlalchemy import select

from benchmarks.stack import BenchmarkError, Stack, machine, percentile, running_stack, say, waited
from ns_hs_orders.defs.instance import open_instance
from ns_hs_orders.defs.partitions import range_tags
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.sandbox.hubspot.model.session import PERSON_SOURCE
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders.sandbox.world import happenings
from ns_hs_orders.sandbox.world.standing import Standing, read_standing
from ns_hs_orders.state.database import State
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.tables import order_events, seen_changes
from ns_hs_orders.state.work.lanes import Lanes
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders.wiring.live import LIVE_LANE

LATENCY_MS: Final = 150
MEAN_SECONDS: Final = {"busy": 5.0, "idle": 60.0, "backfill": 5.0}
GOALS: Final[dict[str, dict[str, float]]] = {
    "busy": {"p50": 10.0, "p95": 16.0},
    "idle": {"p95": 20.0},
    "backfill": {"p50": 10.0, "p95": 16.0},
    "import": {"p50": 25.0, "p95": 31.0},  # an import may delay a fresh order by 15 s
}
BACKFILL_RUNS: Final = 36
LAUNCH: Final = """mutation($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}"""
LONGEST_WAIT_SECONDS: Final = 180.0
LOOK_SECONDS: Final = 0.2
SETTLED_SECONDS: Final = 10.0
PARTS: Final = ("wait for a look", "run start", "NetSuite", "HubSpot")
EXPLAINED: Final = """\
The parts follow each other and add up to each order's total:
  wait for a look   saved -> the look that noticed it began: a sensor tick, or a live run's own look
  run start         a tick's look -> the live run's first call (queue, process, imports, session);
                    0 where a run was at work
  NetSuite          -> the last answer of NetSuite before the order was claimed: the rest of the look, the
                    round before, and reading the order
  HubSpot           -> mapping, and all writes up to the complete order in HubSpot's store"""


@dataclass
class Saved:
    """One order of the benchmark; times are seconds since 1970."""

    order_id: str
    number: str
    pace: str
    at: float
    arrived_at: float | None = None
    held: tuple[int, int] = (0, 0)
    noticed_at: float | None = None
    run: str | None = None
    claimed_at: float | None = None
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From saved to complete in HubSpot."""
        return (self.arrived_at or self.at + LONGEST_WAIT_SECONDS) - self.at


class Watch:
    """Watches HubSpot's store for the saved orders, in a thread of its own."""

    def __init__(self, store: HubSpotStore, state: State) -> None:
        self._store = store
        self._state = state
        self._lock = threading.Lock()
        self._open: dict[str, Saved] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="watch", daemon=True)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """For the time of the block."""
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def add(self, order: Saved) -> None:
        """One more order to look for."""
        with self._lock:
            self._open[order.order_id] = order

    def waiting(self) -> int:
        """Orders that are not settled and not given up."""
        with self._lock:
            return len(self._open)

    def _look_on(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            with self._lock:
                orders = list(self._open.values())
            for order in orders:
                self._look_at(order)

    def _look_at(self, order: Saved) -> None:
        lines, companies = self._held(order.order_id)
        now = time.time()
        if lines and companies and (lines, companies) != order.held:
            order.held, order.arrived_at = (lines, companies), now
        settled = order.arrived_at is not None and now - order.arrived_at > SETTLED_SECONDS
        if settled or now - order.at > LONGEST_WAIT_SECONDS:
            self._note_the_way(order)
            with self._lock:
                del self._open[order.order_id]

    def _held(self, order_id: str) -> tuple[int, int]:
        """Lines and primary companies that hang on the order in HubSpot."""
        with self._store.session(Switches(), PERSON_SOURCE, int(time.time() * 1000), write=False) as session:
            row = session.db.execute(
                "SELECT sum(a.to_type = 'line_items'), sum(a.to_type = 'companies' AND a.type_id = 509)"
                " FROM unique_values u JOIN associations a ON a.from_type = 'orders' AND a.from_id = u.id"
                " WHERE u.type = 'orders' AND u.property = ? AND u.value = ? AND u.archived = 0",
                (UNIQUE_ORDER_KEY, order_id),
            ).fetchone()
        return int(row[0] or 0), int(row[1] or 0)

    def _note_the_way(self, order: Saved) -> None:
        """What the state tells, before it forgets the rows of its streams."""
        with self._state.read() as connection:
            seen = connection.execute(
                select(seen_changes.c.first_seen_at).where(
                    seen_changes.c.row_key.like(f"{order.order_id} %"),
                    seen_changes.c.stream.in_(("orders", "order lines")),
                )
            ).scalars()
            order.noticed_at = min((one.timestamp() for one in seen), default=None)
            claimed = connection.execute(
                select(order_events.c.at, order_events.c.run)
                .where(order_events.c.order_id == order.order_id, order_events.c.happened == "claimed")
                .order_by(order_events.c.event_id)
            ).first()
        if claimed is not None:
            order.claimed_at, order.run = claimed.at.timestamp(), claimed.run.partition("/")[0]


def save_order(netsuite: NetSuiteStore, hubspot: HubSpotStore, seed: int, pace: str) -> Saved:
    """A customer that HubSpot knows orders, now."""
    at = time.time()
    with netsuite.transaction():
        world = read_standing(netsuite, hubspot, seed, datetime.now(UTC), Switches())
        _keep_eligible(world)
        event = happenings.new_order(world, 1)
    return Saved(event["order_id"], event["order"], pace, at)


def _keep_eligible(world: Standing) -> None:
    world.people.buyers = [buyer for buyer in world.people.buyers if buyer.synced]


def measure(stack: Stack, pace: str, orders: int, random: Random) -> list[Saved]:
    """Saves the orders and waits until each has arrived, or has been waited for too long."""
    mean = MEAN_SECONDS[pace]
    saved: list[Saved] = []
    with stack.stores() as (netsuite, hubspot), stack.state() as state:
        watch = Watch(hubspot, state)
        with watch.looking():
            for number in range(1, orders + 1):
                time.sleep(random.uniform(0.5, 1.5) * mean)
                order = save_order(netsuite, hubspot, random.randrange(10**9), pace)
                saved.append(order)
                watch.add(order)
                if number % 10 == 0 or pace == "idle":
                    arrived = [f"{one.seconds:.1f}" for one in saved[-11:-1] if one.arrived_at]
                    say(f"{pace}: {number} of {orders} saved; last arrivals after {', '.join(arrived)} s")
            end = time.monotonic() + LONGEST_WAIT_SECONDS + 2 * SETTLED_SECONDS
            while watch.waiting() and time.monotonic() < end:
                time.sleep(0.5)
    return saved


def queue_backfill(stack: Stack) -> None:
    """A backfill of 36 runs of the day lane, one day each, behind which the live lane's runs come too."""
    first, last = stack.days()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for number in range(BACKFILL_RUNS):
        tags = range_tags(*(days[number % len(days)],) * 2)
        launched = stack.ask_dagster(
            LAUNCH,
            params={
                "selector": {
                    "repositoryLocationName": "ns_hs_orders",
                    "repositoryName": "__repository__",
                    "jobName": "sync_days",
                },
                "mode": "default",
                "runConfigData": {},
                "executionMetadata": {"tags": [{"key": k, "value": v} for k, v in tags.items()]},
            },
        )["launchRun"]
        if launched["__typename"] != "LaunchRunSuccess":
            raise BenchmarkError(f"The backfill was not launched: {launched}")


def runs_left(stack: Stack) -> int:
    """Runs of the day lane that are queued or at work."""
    with open_instance(stack.home) as instance:
        return instance.get_runs_count(
            dg.RunsFilter(
                job_name="sync_days", statuses=[dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTED]
            )
        )


def settle(stack: Stack) -> None:
    """Until the live lane has looked, has nothing left to do, and has been left.

    The world's bad orders are closed as a person would: each new try of one starts a live run, which orders
    saved meanwhile would find at work.
    """

    def is_quiet() -> bool:
        now = datetime.now(UTC)
        with stack.state() as state:
            due = DueOrders(state)
            due.close([one.order_id for one in due.all() if one.attempts], by="the benchmark", now=now)
            is_free = Lanes(state).find(LIVE_LANE) is None
            return is_free and bool(WatermarkStore(state).all()) and not due.to_try(now)

    waited(is_quiet, 400.0, "a quiet live lane")


def divide(stack: Stack, orders: Sequence[Saved]) -> None:
    """Fills each order's parts from the emulators' call log and Dagster's run records."""
    logged = stack.ask_sandbox("GET", "calls")["calls"]
    (stack.home / "calls.json").write_text(json.dumps(logged))
    calls = [call for call in logged if call["app"] == "netsuite" and call["ended_at"] is not None]
    began = sorted(call["began_at"] for call in calls)
    ended = sorted(call["ended_at"] for call in calls)
    starts = _run_starts(stack, {one.run for one in orders if one.run})
    for one in orders:
        if one.arrived_at is None or one.noticed_at is None or one.claimed_at is None:
            continue
        noticed = min(max(one.noticed_at, one.at), one.arrived_at)
        start = starts.get(one.run or "", 0.0)
        at_work = noticed
        if start > noticed:
            place = bisect.bisect_left(began, start)
            at_work = began[place] if place < len(began) else start
        place = bisect.bisect_right(ended, one.claimed_at)
        read = max(at_work, ended[place - 1] if place else at_work)
        one.parts = dict(
            zip(
                PARTS,
                (noticed - one.at, at_work - noticed, read - at_work, one.arrived_at - read),
                strict=True,
            )
        )


def _run_starts(stack: Stack, runs: set[str]) -> dict[str, float]:
    found = {}
    with open_instance(stack.home) as instance:
        for run in runs:
            record = instance.get_run_record_by_id(run)
            if record is not None and record.start_time is not None:
                found[run] = record.start_time
    return found


def judged(pace: str, orders: Sequence[Saved]) -> dict[str, Any]:
    """The distribution of one pace, its parts and its goals."""
    seconds = [one.seconds for one in orders]
    figures: dict[str, Any] = {
        "orders": len(orders),
        "not_arrived": sum(one.arrived_at is None for one in orders),
        "p50": round(percentile(seconds, 50), 2),
        "p95": round(percentile(seconds, 95), 2),
        "max": round(max(seconds), 2),
    }
    divided = [one.parts for one in orders if one.parts]
    whole = sum(sum(parts.values()) for parts in divided) or 1.0
    figures["parts"] = {
        name: {
            "share": round(100 * sum(parts[name] for parts in divided) / whole),
            "mean": round(sum(parts[name] for parts in divided) / max(1, len(divided)), 2),
            "p95": round(percentile([parts[name] for parts in divided] or [0.0], 95), 2),
        }
        for name in PARTS
    }
    figures["orders_that_waited_for_a_run"] = sum(parts["run start"] > 0 for parts in divided)
    figures["goals"] = {
        name: {"below": limit, "ok": not figures["not_arrived"] and figures[name] < limit}
        for name, limit in GOALS[pace].items()
    }
    return figures


def printed(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [f"machine: {result['machine']}", f"emulators answer in {LATENCY_MS} ms, real limits", ""]
    for pace, found in result["paces"].items():
        lines += [
            f"{pace}: {found['orders']} orders, one every {MEAN_SECONDS[pace]:.0f} s on average",
            f"  p50 {found['p50']:6.2f} s    p95 {found['p95']:6.2f} s    max {found['max']:6.2f} s"
            + (f"    NOT ARRIVED {found['not_arrived']}" if found["not_arrived"] else ""),
            "  load average {before:.1f} before, {afterwards:.1f} afterwards".format(**found["load"]),
            f"  {'part':18}{'share':>6}{'mean':>9}{'p95':>9}",
            *(
                f"  {name:18}{part['share']:>5}%{part['mean']:>7.2f} s{part['p95']:>7.2f} s"
                for name, part in found["parts"].items()
            ),
            f"  {found['orders_that_waited_for_a_run']} orders found no live run at work and waited for one",
            *(
                f"  goal {name} < {goal['below']:.0f} s: {'ok' if goal['ok'] else 'MISSED'}"
                for name, goal in found["goals"].items()
            ),
            "",
        ]
    if "runs_left" in result:
        lines += [
            f"{result['runs_left']} of {BACKFILL_RUNS} runs of the backfill were left when the last order arrived",
            "",
        ]
    lines += [EXPLAINED, "", f"reconciliation of all days afterwards: exit code {result['reconciled']}"]
    return "\n".join(lines)


def main() -> int:
    """Measures, prints, and returns 1 where a goal is missed."""
    options = _options()
    paces = ("busy", "idle") if options.pace == "both" else (options.pace,)
    random = Random(options.seed)
    result: dict[str, Any] = {"machine": machine(), "seed": options.seed, "paces": {}}
    with running_stack(
        ["--latency", str(LATENCY_MS), "--limits", "real"],
        orders=options.world,
        days=10,
        seed=options.seed,
        keep=options.keep,
    ) as stack:
        say("the lane settles before the first order is saved")
        settle(stack)
        everything: list[Saved] = []
        for pace in paces:
            wanted = {
                "busy": options.orders,
                "idle": options.idle_orders,
                "backfill": options.backfill_orders,
            }[pace]
            if everything:
                settle(stack)
            if pace == "backfill":
                queue_backfill(stack)
            before = os.getloadavg()[0]
            saved = measure(stack, pace, wanted, random)
            divide(stack, saved)
            everything += saved
            loads = {"before": before, "afterwards": os.getloadavg()[0]}
            result["paces"][pace] = {**judged(pace, saved), "load": loads}
            if pace == "backfill":
                result["runs_left"] = runs_left(stack)
                waited(lambda: not runs_left(stack), 900.0, "the end of the backfill")
        first, _ = stack.days()
        until = datetime.now(UTC).date() + timedelta(days=1)
        done = stack.command(
            "reconcile", "--from", str(first), "--to", str(until), "--json", allowed=(0, 1, 2)
        )
        result["reconciled"] = done.returncode
        result["machine_afterwards"] = machine()
        if done.returncode:
            say(done.stdout[-3000:] + done.stderr[-2000:])
    if options.json:
        result["orders"] = [asdict(one) for one in everything]
        print(json.dumps(result, indent=2))
    else:
        print(printed(result))
    met = all(goal["ok"] for found in result["paces"].values() for goal in found["goals"].values())
    return 0 if met and result["reconciled"] == 0 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, default=100, help="orders of the busy pace (one every 5 s)")
    parser.add_argument(
        "--idle-orders", type=int, default=15, help="orders of the idle pace (one every 60 s)"
    )
    parser.add_argument(
        "--backfill-orders", type=int, default=30, help="orders of the busy pace during a backfill of 36 runs"
    )
    parser.add_argument("--pace", choices=("busy", "idle", "both", "backfill"), default="both")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--world", type=int, default=200, help="orders that are there before")
    parser.add_argument("--json", action="store_true", help="for machines, with every order")
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
