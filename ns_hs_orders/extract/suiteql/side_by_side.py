"""Reads side by side: a few threads that ask NetSuite at the same time.

Belongs here: running reads and handing their answers on. Does not belong here: what is read (orders,
related), or how many requests NetSuite allows (the transport's slots).
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Readers:
    """Threads that read; use as a context manager. With one, everything is read in the caller's own thread.

    At the end, and after an error, nothing more is begun, and what is under way is waited for.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="read") if threads > 1 else None
        self._running: set[Future[None]] = set()
        self._came: queue.SimpleQueue[Callable[[], None] | Future[None]] = queue.SimpleQueue()

    def __enter__(self) -> Readers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def begin(
        self, read: Callable[[Item], Iterable[Answer]], item: Item, take: Callable[[Answer], None]
    ) -> None:
        """Reads the answers to an item; each is given to `take` in the caller's thread, in `wait` at the latest."""
        if self._pool is None:
            for answer in read(item):
                take(answer)
            return

        def run() -> None:
            for answer in read(item):
                self._came.put(lambda answer=answer: take(answer))  # type: ignore[misc]

        running = self._pool.submit(run)
        self._running.add(running)
        running.add_done_callback(self._came.put)

    def wait(self) -> None:
        """Until everything that was begun, also by `take`, is read and taken. Raises the first error of a read."""
        while self._running:
            came = self._came.get()
            if isinstance(came, Future):
                self._running.discard(came)
                came.result()
            else:
                came()

    def map(self, read: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
        """The answer to each item, in their order. Raises the first error of a read."""
        if self._pool is None or len(items) < 2:
            return map(read, items)
        running = [self._pool.submit(read, one) for one in items]
        return (one.result() for one in running)
