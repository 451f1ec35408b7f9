"""A process that syncs: what it runs, with the campaign's clock, and how it is started and killed.

Belongs here: the work of such a process, and its life as seen from outside. Does not belong here: when it is
started or killed (play).

Processes are forked from a server that has imported everything already, so that each costs milliseconds.
"""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Final

from benchmarks.faults.clock import ScaledClock
from benchmarks.faults.sabotage import plant
from ns_hs_orders.errors import SyncError
from ns_hs_orders.settings import PREFIX, Settings, load_settings
from ns_hs_orders.wiring.departures import DepartureDesk
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.patience import PROMPT

DAY, LIVE, DAGSTER = "day", "live", "dagster"
TOLD: Final = 3
"""Exit code of a run that ended with an error of the sync's own, as it may while faults last."""
_PRELOADED: Final = [
    "pandas", "ns_hs_orders.extract.frames", "ns_hs_orders.mapping.map_orders", "ns_hs_orders.push.associations.directory",
    "ns_hs_orders.push.push_orders", "ns_hs_orders.reconcile.reconcile", "ns_hs_orders.defs.in_process",
    "benchmarks.faults.syncing", "benchmarks.faults.preloaded",
]  # fmt: skip
_QUIET: Final = timedelta(seconds=5)


@dataclass(frozen=True)
class Task:
    """One run. settings: overrides of the settings, the home among them. proves: whether a day run reconciles."""

    kind: str
    run: str
    clock: ScaledClock
    settings: Mapping[str, Any]
    first: date
    last: date
    proves: bool = False
    sabotage: str = ""

    @property
    def outcomes_path(self) -> Path:
        """Where a day run leaves its outcomes: [order id, outcome, currency, minor units], one an order."""
        return Path(self.settings["home"]) / "logs" / f"{self.run}.outcomes.json"

    @property
    def log_path(self) -> Path:
        return Path(self.settings["home"]) / "logs" / f"{self.run}.log"


def context() -> ForkServerContext:
    """What starts the processes; the first start imports everything once."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(_PRELOADED)
    return made


@dataclass
class Syncing:
    """A process that syncs, seen from outside."""

    task: Task
    process: Any = field(repr=False)

    @classmethod
    def start(cls, context: ForkServerContext, task: Task) -> Syncing:
        """Starts the run of a task."""
        process = context.Process(target=work, args=(task,), daemon=True)
        process.start()
        return cls(task, process)

    def is_alive(self) -> bool:
        return bool(self.process.is_alive())

    def kill(self) -> bool:
        """`kill -9`; False where it had ended before."""
        alive = self.is_alive()
        self.process.kill()
        self.process.join()
        return alive

    def stacks(self) -> str:
        """Where each of its threads is, after what it printed: of a process that does not end."""
        os.kill(self.process.pid, signal.SIGUSR1)
        time.sleep(0.5)
        return self.log_tail()

    @property
    def exit_code(self) -> int | None:
        return self.process.exitcode  # type: ignore[no-any-return]

    def log_tail(self) -> str:
        """The end of what it printed."""
        try:
            return self.task.log_path.read_text(errors="replace")[-3000:]
        except OSError:
            return ""


def work(task: Task) -> None:
    """The whole life of the process."""
    task.log_path.parent.mkdir(parents=True, exist_ok=True)
    with task.log_path.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    faulthandler.register(signal.SIGUSR1)
    task.clock.install()
    if task.sabotage:
        plant(task.sabotage)
    # in the environment, where Dagster's resources read them again
    os.environ.update({f"{PREFIX}{name.upper()}": str(value) for name, value in task.settings.items()})
    settings = load_settings()
    try:
        _RUNS[task.kind](task, settings)
    except SyncError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        sys.exit(TOLD)
    except BaseException:
        traceback.print_exc()
        sys.stdout.flush()
        raise


def _day(task: Task, settings: Settings) -> None:
    with open_session(settings, patience=PROMPT) as session:
        raw = session.read_days(task.first, task.last)
        results = session.push(session.map(raw), run=task.run)
        DepartureDesk(session, task.run, print).settle_days(task.first, task.last, raw.orders)
        if task.proves:
            session.record(session.reconcile(task.first, task.last))
    columns = ("order_id_netsuite", "outcome", "reason", "currency", "total_minor")
    rows = results[list(columns)].astype(object)
    task.outcomes_path.write_text(json.dumps(rows.where(rows.notna(), None).to_numpy().tolist()))


def _live(task: Task, settings: Settings) -> None:
    with open_session(settings, patience=PROMPT, is_live=True) as session:
        lane = LiveLane(session, task.run, print)
        lane.quiet = _QUIET
        lane.drain()


def _dagster(task: Task, settings: Settings) -> None:
    from ns_hs_orders.defs import in_process

    for _ in in_process.sync_days(settings, task.first, task.last, print):
        pass


_RUNS: Final = {DAY: _day, LIVE: _live, DAGSTER: _dagster}
