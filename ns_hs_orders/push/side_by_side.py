"""Calls of one step side by side: as many at once as the push has threads, over all its units.

Belongs here: running them and waiting for all. Does not belong here: what the calls are (upserts, attachments).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
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


class SideBySide:
    """As Each, over the threads of a pool. A call may not use it in turn. made: calls that ended so far."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._counting = threading.Lock()
        self.made = 0

    def __call__(
        self, call: Callable[[Item], Answer], items: Sequence[Item]
    ) -> tuple[list[Answer], SyncError | None]:
        running = [self._pool.submit(self._counted, call, one) for one in items]
        failed: SyncError | None = None
        answers: list[Answer] = []
        _, open_ones = wait(running, return_when=FIRST_EXCEPTION)
        for one in open_ones:
            one.cancel()
        wait(running)
        for one in running:
            if one.cancelled():
                continue
            try:
                answers.append(one.result())
            except SyncError as error:
                failed = failed or error
        return answers, failed

    def _counted(self, call: Callable[[Item], Answer], item: Item) -> Answer:
        try:
            return call(item)
        finally:
            with self._counting:
                self.made += 1
