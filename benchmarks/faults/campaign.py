"""Many seeds, shared among worker processes.

Belongs here: workers, and their ends. Does not belong here: what a seed is (play), or options and printing.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from benchmarks.faults.play import play
from benchmarks.faults.seed import Played, SeedOptions
from benchmarks.faults.syncing import context
from benchmarks.faults.world import Template
from benchmarks.stack import BenchmarkError


def campaign(seeds: Sequence[SeedOptions], *, jobs: int, keep: bool = False) -> Iterator[Played]:
    """The seeds as they end, over `jobs` processes; ends these when it is closed. keep: leave the homes.

    Raises BenchmarkError where a worker died.
    """
    spawn = multiprocessing.get_context("spawn")
    todo, done = spawn.Queue(), spawn.Queue()
    for options in seeds:
        todo.put(options)
    jobs = min(jobs, len(seeds))
    for _ in range(jobs):
        todo.put(None)
    folder = Path(tempfile.mkdtemp(prefix="ns-hs-faults-", dir=fast_folder()))
    workers = [
        spawn.Process(target=_work, args=(folder / f"worker-{number}", todo, done)) for number in range(jobs)
    ]
    try:
        for one in workers:
            one.start()
        for _ in seeds:
            yield _next(done, workers)
    finally:
        for one in workers:
            one.terminate()
            one.join()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def fast_folder() -> Path | None:
    """A folder in memory where there is one, None for the usual place: a killed process loses nothing of either."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else None


def _next(done: Any, workers: Sequence[Any]) -> Played:
    while True:
        with suppress(Empty):
            found: Played = done.get(timeout=5)
            return found
        if any(one.exitcode not in (None, 0) for one in workers):
            raise BenchmarkError("A worker of the campaign died; see its error above.")


def _work(folder: Path, todo: Any, done: Any) -> None:
    """One worker: seed after seed, with a server of its own for the processes that sync; ends with its parent."""
    parent = multiprocessing.parent_process()
    template = Template(folder / "template")
    processes = context()
    while (options := todo.get()) is not None and parent is not None and parent.is_alive():
        done.put(play(options, folder, template, processes))
