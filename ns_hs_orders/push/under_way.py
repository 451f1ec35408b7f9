"""Units under way: orders gathered until their batches are full, a few units at once, and what is left.

Belongs here: how large a unit is, when it starts, waiting, the calls left. Does not belong here: which
orders are written (push_orders), a unit's own steps (unit).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType

from ns_hs_orders.errors import SyncError
from ns_hs_orders.push.associations.attachments import CREATE_BATCH
from ns_hs_orders.push.calls.side_by_side import CallThreads
from ns_hs_orders.push.calls.upserts import BATCH
from ns_hs_orders.push.jobs import Fate, Job, Tools
from ns_hs_orders.push.unit import Unit

LARGEST_UNIT = 2000
"""Orders whose associations with their companies fill one call."""
UNITS_AT_ONCE = 3
"""While one unit waits for the last answers of a step, the others keep the threads busy."""
_TELL_SECONDS = 1.0


class UnderWay:
    """Writes jobs in units; use as a context manager.

    fates: order id → fate; every order of a unit that ended is put in. threads: calls at once. calls_a_second: the budget; so many records a unit that those under way at once
    are sent in half of the time for which their claims allow it (`tools.lease` − `tools.request`).
    told: called about once a second while units are waited for.
    """

    def __init__(
        self,
        tools: Tools,
        stop: threading.Event,
        fates: dict[str, Fate],
        *,
        threads: int,
        calls_a_second: float,
        told: Callable[[], None],
    ) -> None:
        self._stop = stop
        self._told = told
        self._calls_a_second = calls_a_second
        sending = (tools.lease - tools.request).total_seconds() / 2
        self._most_records = int(BATCH * calls_a_second * sending / UNITS_AT_ONCE)
        self._calls = CallThreads(threads)
        self._unit_threads = ThreadPoolExecutor(UNITS_AT_ONCE, thread_name_prefix="unit")
        self._tools = tools
        self._begun = 0
        self._gathered: list[Job] = []
        self._running: set[Future[tuple[Unit, SyncError | None]]] = set()
        self._failed: SyncError | None = None
        self._planned = 0
        self._fates = fates

    def __enter__(self) -> UnderWay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stop.set()
        self._unit_threads.shutdown()
        self._calls.shutdown()

    def add(self, jobs: Sequence[Job]) -> None:
        """Takes jobs; starts the units that are full, once fewer than UNITS_AT_ONCE are under way.

        Raises the first error that stops the sync, when all have stopped.
        """
        self._gathered += jobs
        while (size := self._full_unit()) is not None:
            self._start(size)

    def finish(self) -> None:
        """Starts what is left and waits for all. Raises as `add`."""
        while self._gathered:
            self._start(self._full_unit() or len(self._gathered))
        self._wait_until_fewer_than(1)

    def seconds_left(self, more_orders: float = 0.0, more_lines: float = 0.0) -> float:
        """How long the calls that are left take at the budget.

        more_orders, more_lines: what will probably have to be written beside the jobs taken so far.
        """
        waiting = _calls_of(len(self._gathered), sum(len(one.wanted.lines) for one in self._gathered))
        left = self._planned - self._calls.made + waiting + _calls_of(more_orders, more_lines)
        return max(0.0, left) / self._calls_a_second

    def _full_unit(self) -> int | None:
        """How many of the gathered jobs fill a unit; None where they don't."""
        records = 0
        for number, job in enumerate(self._gathered):
            records += 1 + len(job.wanted.lines)
            if number == LARGEST_UNIT or (records > self._most_records and number >= BATCH):
                return number // BATCH * BATCH
        return LARGEST_UNIT if len(self._gathered) == LARGEST_UNIT else None

    def _start(self, size: int) -> None:
        self._wait_until_fewer_than(UNITS_AT_ONCE)
        jobs, self._gathered = self._gathered[:size], self._gathered[size:]
        self._planned += int(_calls_of(len(jobs), sum(len(one.wanted.lines) for one in jobs)))
        self._begun += 1
        tools = self._tools.calling(self._calls.of_unit(self._begun))
        self._running.add(self._unit_threads.submit(self._write, Unit(tools, jobs)))

    def _write(self, unit: Unit) -> tuple[Unit, SyncError | None]:
        try:
            if not self._stop.is_set():
                unit.push()
        except SyncError as error:
            self._stop.set()
            return unit, error
        return unit, None

    def _wait_until_fewer_than(self, units: int) -> None:
        if self._failed is not None:
            units = 1
        while len(self._running) >= units:
            ended, self._running = wait(self._running, timeout=_TELL_SECONDS, return_when=FIRST_COMPLETED)
            for one in ended:
                unit, error = one.result()
                self._fates.update(unit.fates)
                if error is not None:
                    self._failed = self._failed or error
                    units = 1
            self._told()
        if self._failed is not None:
            raise self._failed


def _calls_of(orders: float, lines: float) -> float:
    """The fewest calls that write so many orders with their lines and companies."""
    return -(-orders // BATCH) + -(-lines // BATCH) + -(-lines // CREATE_BATCH) + -(-orders // CREATE_BATCH)
