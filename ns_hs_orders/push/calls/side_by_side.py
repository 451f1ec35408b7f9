"""Calls of one step side by side: as many at once as the push has threads, over all its units.

Belongs here: running them, whose go first, and waiting for all. Does not belong here: what the calls are (upserts, attachments).
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Protocol, TypeVar

from ns_hs_orders.errors import SyncError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Each(Protocol):
    """Makes a call for each item; returns when no call of them is under way any more."""

    def __call__(
        self, call: Callable[[Item], Answer], items: Sequence[Item]
    ) -> tuple[list[Answer], SyncError | None]:
        """The answers of the calls that came back, and the first error that stops the step, if any.

        After an error no further call starts; what was called is answered or not, and is told.
        """
        ...


def one_after_another(
    call: Callable[[Item], Answer], items: Sequence[Item]
) -> tuple[list[Answer], SyncError | None]:
    """As Each, in the caller's own thread."""
    answers: list[Answer] = []
    for one in items:
        try:
            answers.append(call(one))
        except SyncError as error:
            return answers, error
    return answers, None


class CallThreads:
    """Threads for the calls of several units; those of the unit that began first go first.

    So units end one after the other, and while one is claimed or confirmed the next ones' calls go on. Were
    the threads shared alike, all units would end at once, and nothing would be called meanwhile.
    made: calls that ended so far.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(max(1, threads), thread_name_prefix="push")
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self.made = 0

    def of_unit(self, unit: int) -> Each:
        """Calls for this unit; units are numbered as they begin. A call may not use it in turn."""
        return partial(self._each, unit)

    def shutdown(self) -> None:
        """Waits for the calls that are under way."""
        self._pool.shutdown()

    def _each(
        self, unit: int, call: Callable[[Item], Answer], items: Sequence[Item]
    ) -> tuple[list[Answer], SyncError | None]:
        is_stopped = threading.Event()
        running = [self._submit(unit, is_stopped, call, one) for one in items]
        failed: SyncError | None = None
        answers: list[Answer] = []
        wait(running)
        for one in running:
            if one.cancelled():
                continue
            try:
                answers.append(one.result())
            except SyncError as error:
                failed = failed or error
        return answers, failed

    def _submit(
        self, unit: int, is_stopped: threading.Event, call: Callable[[Item], Answer], item: Item
    ) -> Future[Answer]:
        future = Future[Answer]()
        make: Callable[[], None] = partial(self._make, future, is_stopped, call, item)
        with self._lock:
            heapq.heappush(self._waiting, (unit, next(self._number), make))
        self._pool.submit(self._make_first)
        return future

    def _make_first(self) -> None:
        with self._lock:
            _, _, make = heapq.heappop(self._waiting)
        make()

    def _make(
        self,
        future: Future[Answer],
        is_stopped: threading.Event,
        call: Callable[[Item], Answer],
        item: Item,
    ) -> None:
        if is_stopped.is_set():
            future.cancel()
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(call(item))
        except BaseException as error:  # noqa: BLE001 - it is raised again where the answer is asked for
            is_stopped.set()
            future.set_exception(error)
        finally:
            with self._lock:
                self.made += 1
