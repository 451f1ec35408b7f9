"""A bounded soak with outages and kills, and the proof afterwards: `python -m benchmarks.soak`.

Belongs here: what is injected when, healing as a supervisor would, and the judgement at the end.
Does not belong here: the processes themselves (stack).

The world takes eight steps each two seconds (the demo: one each five seconds, so twenty times the usual rate).
NetSuite's tokens live two minutes. Outages follow each other, one at a time; meanwhile processes are ended by
`kill -9` at random moments, and started again as a supervisor would.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import func, select

from benchmarks.stack import (
    CODE_SERVER,
    DAEMON,
    RUN,
    WEBSERVER,
    BenchmarkError,
    Stack,
    machine,
    percentile,
    running_stack,
    say,
)
from ns_hs_orders.state.orders.arrivals import ArrivalLog
from ns_hs_orders.state.tables import arrivals, due_orders, order_states, watermarks

USUAL_SECONDS: Final = 5.0
STEPS_AT_ONCE: Final = 8
EVERY_SECONDS: Final = 2
EVENTS_A_STEP: Final = 13.0
TOKEN_SECONDS: Final = 120
ARCHIVE_SHARE: Final = "100"
OUTAGE_SECONDS: Final = 60.0
RESTART_AFTER_SECONDS: Final = 3.0
CODE_SERVER_AWAY_SECONDS: Final = 20.0
QUIET_SECONDS: Final = 900.0
KILLED: Final = (WEBSERVER, DAEMON, CODE_SERVER, RUN, RUN)
REFUSED: Final = ("rejected", "quarantined", "skipped")
OUTAGES: Final[dict[str, list[dict[str, Any]]]] = {
    "NetSuite answers 503": [{"kind": "status", "app": "netsuite", "status": 503, "times": 0}],
    "HubSpot answers 503": [{"kind": "status", "app": "hubspot", "status": 503, "times": 0}],
    "HubSpot resets connections, before and after the work": [
        {"kind": "reset_after", "app": "hubspot", "times": 0, "probability": 0.3, "seed": 1},
        {"kind": "reset", "app": "hubspot", "times": 0, "probability": 0.5, "seed": 2},
    ],
    "HubSpot does a write and never answers": [
        {
            "kind": "timeout_after",
            "app": "hubspot",
            "method": "POST",
            "path": "batch/(upsert|create|archive)",
            "times": 0,
            "probability": 0.2,
            "seed": 3,
        }
    ],
    "NetSuite cuts answers and empties pages": [
        {"kind": "truncated", "app": "netsuite", "times": 0, "probability": 0.2, "seed": 4},
        {"kind": "reset_mid_body", "app": "netsuite", "times": 0, "probability": 0.2, "seed": 5},
    ],
}


@dataclass
class Injected:
    """What was done to the stack."""

    outages: list[str] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)


class Mischief:
    """Outages and kills over the time of the soak, and the healing of what was killed."""

    def __init__(self, stack: Stack, random: Random, outage_seconds: float) -> None:
        self._stack = stack
        self._random = random
        self._outage_seconds = outage_seconds
        self._bag: list[str] = []
        self._victims: list[str] = []
        self._outage: str | None = None
        self._next_turn = time.monotonic() + random.uniform(15, 30)
        self._next_kill = time.monotonic() + random.uniform(20, 40)
        self._dead_since: dict[str, float] = {}
        self.done = Injected()

    def step(self) -> None:
        """One second's worth."""
        now = time.monotonic()
        if now >= self._next_turn:
            if self._outage is None:
                self._begin_outage()
                self._next_turn = now + self._outage_seconds
            else:
                self.end_outage()
                self._next_turn = now + self._random.uniform(20, 40)
        if now >= self._next_kill:
            self._kill()
            self._next_kill = now + self._random.uniform(20, 60)
        self.heal()

    def end_outage(self) -> None:
        """Lets both systems answer again."""
        if self._outage is None:
            return
        fired = sum(rule["fired"] for rule in self._stack.ask_sandbox("GET", "faults"))
        self._stack.ask_sandbox("DELETE", "faults")
        self.done.fired[self._outage] += fired
        say(f"over: {self._outage} ({fired} requests hit)")
        self._outage = None

    def heal(self) -> None:
        """Starts again what is dead, as a supervisor would; a lost code server costs its owner a restart."""
        now = time.monotonic()
        kinds = set(self._stack.processes().values())
        missing = [one for one in (WEBSERVER, DAEMON) if not self._stack.is_running(one)]
        if CODE_SERVER not in kinds and not missing:
            missing = [CODE_SERVER]
        for gone in list(self._dead_since):
            if gone not in missing:
                del self._dead_since[gone]
        for one in missing:
            since = self._dead_since.setdefault(one, now)
            patience = CODE_SERVER_AWAY_SECONDS if one == CODE_SERVER else RESTART_AFTER_SECONDS
            if now - since < patience:
                continue
            which = DAEMON if one == CODE_SERVER else one
            self._stack.end(which)
            self._stack.start_dagster(which)
            self.done.restarts[which] += 1
            say(f"started again: {which}")
            del self._dead_since[one]

    def _begin_outage(self) -> None:
        if not self._bag:
            self._bag = list(OUTAGES)
            self._random.shuffle(self._bag)
        self._outage = self._bag.pop()
        self._stack.ask_sandbox("POST", "faults", OUTAGES[self._outage])
        self.done.outages.append(self._outage)
        say(f"now: {self._outage}")

    def _kill(self) -> None:
        if not self._victims:
            self._victims = list(KILLED)
            self._random.shuffle(self._victims)
        victim = self._victims.pop()
        found = [pid for pid, kind in self._stack.processes().items() if kind == victim]
        if not found:
            say(f"no {victim} to kill just now")
            return
        chosen = found if victim == RUN else [self._random.choice(found)]
        for pid in chosen:
            self._stack.kill(pid)
        self.done.kills[victim] += 1
        say(f"kill -9: {victim}")


def soak(stack: Stack, minutes: float, seed: int) -> Mischief:
    """The world runs wild for so many minutes; ends with the world still and both systems well."""
    mischief = Mischief(stack, Random(seed), min(OUTAGE_SECONDS, minutes * 60 / 8))
    stack.start_world(f"{EVERY_SECONDS}s", STEPS_AT_ONCE, seed)
    end = time.monotonic() + minutes * 60
    told = time.monotonic()
    while time.monotonic() < end:
        time.sleep(1)
        mischief.step()
        if not stack.is_running("tick"):
            raise BenchmarkError(f"The world stopped by itself:\n{stack.log_tail('tick')}")
        if time.monotonic() - told > 60:
            told = time.monotonic()
            say(f"{(end - told) / 60:.0f} minutes left; {standing(stack)}")
    stack.end("tick")
    mischief.end_outage()
    return mischief


def standing(stack: Stack) -> str:
    """Where the lane is, in words."""
    with stack.state() as state, state.read() as connection:
        due = connection.execute(select(func.count()).select_from(due_orders)).scalar_one()
        came = connection.execute(select(func.count()).select_from(arrivals)).scalar_one()
    return f"{due:,} orders due, {came:,} changes arrived"


def due_still(stack: Stack) -> list[dict[str, Any]]:
    """Open due orders that HubSpot or the mapping did not refuse."""
    with stack.state() as state, state.read() as connection:
        rows = connection.execute(
            select(
                due_orders.c.order_id,
                due_orders.c.cause,
                due_orders.c.attempts,
                due_orders.c.next_try_at,
                order_states.c.outcome,
                order_states.c.reason,
                order_states.c.explanation,
            )
            .outerjoin(order_states, order_states.c.order_id == due_orders.c.order_id)
            .where(due_orders.c.closed_at.is_(None))
        ).all()
    return [dict(row._mapping) for row in rows if row.outcome not in REFUSED or row.attempts == 0]


def wait_until_quiet(stack: Stack, heal: Callable[[], None]) -> float | None:
    """Seconds until every stream was looked at after the world stopped and nothing is due; None: never."""
    began = time.monotonic()
    stopped_at = datetime.now(UTC)
    calm = 0
    while time.monotonic() - began < QUIET_SECONDS:
        time.sleep(2)
        heal()
        with stack.state() as state, state.read() as connection:
            looked = [row.looked_at for row in connection.execute(select(watermarks))]
        # the sweep of open orders has its own, longer pace
        fresh = sum(one is not None and one > stopped_at + timedelta(seconds=5) for one in looked)
        is_quiet = fresh >= len(looked) - 1 and not due_still(stack)
        calm = calm + 1 if is_quiet else 0
        if calm == 5:
            return time.monotonic() - began
    return None


def delays_of(stack: Stack) -> dict[str, float | int]:
    """How long changes took, over the whole soak."""
    with stack.state() as state:
        found = ArrivalLog(state).since(datetime(2000, 1, 1, tzinfo=UTC))
    seconds = [one.delay.total_seconds() for one in found] or [0.0]
    return {
        "arrivals": len(found),
        "p50": round(percentile(seconds, 50), 1),
        "p95": round(percentile(seconds, 95), 1),
        "max": round(max(seconds), 1),
    }


def outcomes_of(stack: Stack) -> dict[str, int]:
    """Outcome → orders, as the state knows them."""
    with stack.state() as state, state.read() as connection:
        rows = connection.execute(
            select(order_states.c.outcome, func.count()).group_by(order_states.c.outcome)
        ).all()
    return {str(row[0]): int(row[1]) for row in rows}


def happened(log: Path) -> Counter[str]:
    """Event → times, from the world's own log."""
    try:
        return Counter(line.split("  ")[0] for line in log.read_text().splitlines() if "  " in line)
    except OSError:
        return Counter()


def main() -> int:
    """Soaks, proves, prints; 0 where nothing was lost."""
    options = _options()
    result: dict[str, Any] = {"machine": machine(), "minutes": options.minutes, "seed": options.seed}
    with running_stack(
        ["--limits", "real", "--set", f"token_lifetime_seconds={TOKEN_SECONDS}"],
        orders=options.world,
        days=20,
        seed=options.seed,
        keep=options.keep,
        NS_HS_ARCHIVE_SHARE_PERCENT=ARCHIVE_SHARE,
    ) as stack:
        time.sleep(10)
        mischief = soak(stack, options.minutes, options.seed)
        say("the world is still; the lane goes on until it is quiet")
        quiet_after = wait_until_quiet(stack, mischief.heal)
        events = happened(stack.home / "logs" / "tick.log")
        usual = 60 / USUAL_SECONDS * options.minutes * EVENTS_A_STEP
        result |= {
            "world": {
                "events": sum(events.values()),
                "times_the_usual_rate": round(sum(events.values()) / usual, 1),
                **dict(events.most_common()),
            },
            "outages": mischief.done.outages,
            "requests_hit": dict(mischief.done.fired),
            "kills": dict(mischief.done.kills),
            "started_again": dict(mischief.done.restarts),
            "quiet_after_seconds": None if quiet_after is None else round(quiet_after),
            "due_still": [{key: str(value) for key, value in one.items()} for one in due_still(stack)[:20]],
            "delays": delays_of(stack),
            "outcomes": outcomes_of(stack),
        }
        first, _ = stack.days()
        span = ("--from", str(first), "--to", str(datetime.now(UTC).date() + timedelta(days=1)))
        say("reconciliation of all days")
        for command in ("reconcile", "sync", "reconcile"):
            done = stack.command(command, *span, "--json", allowed=(0, 1, 2))
            result.setdefault("proof", []).append(f"{command}: exit code {done.returncode}")
            if done.returncode == 0:
                break
            say(f"{command} ended with {done.returncode}: {done.stdout[:6000]}{done.stderr[-2000:]}")
        result["status"] = _status(stack)
        result["machine_afterwards"] = machine()
    print(json.dumps(result, indent=2, ensure_ascii=False))
    proven_at_once = result["proof"] == ["reconcile: exit code 0"]
    is_green = result["status"]["exit_code_then"] == 0
    return 0 if proven_at_once and quiet_after is not None and not result["due_still"] and is_green else 1


def _status(stack: Stack) -> dict[str, Any]:
    """What `ns-hs-orders status` says at the end, before and after a person closed what HubSpot refuses.

    The world's bad orders are refused for ever; nothing else may need a person.
    """
    said = json.loads(stack.command("status", "--json", allowed=(0, 1)).stdout)
    due = json.loads(stack.command("due", "--json").stdout)["orders"]
    refused = [one["order_id"] for one in due if one["kind"] == "refused"]
    if refused:
        stack.command("due", "close", *refused, "--by", "the soak")
    green = stack.command("status", "--json", allowed=(0, 1))
    return {
        "needs": [one["code"] for one in said["needs"]],
        "closed_by_a_person": len(refused),
        "exit_code_then": green.returncode,
        "needs_then": json.loads(green.stdout)["needs"],
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--world", type=int, default=500, help="orders that are there before")
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
