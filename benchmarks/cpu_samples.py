"""Where a process spends its CPU, over all its threads, told by samples that are weighed by CPU time.

Belongs here: taking the samples. Does not belong here: what is measured (cpu).

A thread of the process looks at the others every few milliseconds and adds the CPU that each has used since to
where it is now. A wait costs nothing, so it counts nothing; C code counts for the line that called it.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

EVERY_SECONDS: Final = 0.002
ROOT: Final = f"{Path(__file__).parents[1]}/"


class CpuSamples:
    """Samples this process from `start` to `stop`. own, ours: seconds of CPU by the function that ran, and by the
    innermost function of ns_hs_orders that it ran for. collecting: seconds of garbage collection, in both of them too."""

    def __init__(self) -> None:
        self.own: dict[str, float] = defaultdict(float)
        self.ours: dict[str, float] = defaultdict(float)
        self.collecting = 0.0
        self._collects_since = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="samples", daemon=True)

    def start(self) -> None:
        """From now on."""
        sys.setswitchinterval(EVERY_SECONDS / 4)  # else a busy thread keeps this one from looking
        gc.callbacks.append(self._note_collection)
        self._thread.start()

    def stop(self) -> None:
        """No more."""
        gc.callbacks.remove(self._note_collection)
        self._ended.set()
        self._thread.join()

    def _look_on(self) -> None:
        before = {thread.ident: _used(thread.ident) for thread in threading.enumerate() if thread.ident}
        while not self._ended.wait(EVERY_SECONDS):
            frames = sys._current_frames()
            for thread in threading.enumerate():
                ident = thread.ident
                if ident is None or ident not in frames or thread is self._thread:
                    continue
                used = _used(ident)
                spent = used - before.get(ident, 0.0)
                before[ident] = used
                if spent > 0:
                    self._add(frames[ident], spent)

    def _note_collection(self, phase: str, _facts: dict[str, int]) -> None:
        if phase == "start":
            self._collects_since = time.thread_time()
        else:
            self.collecting += time.thread_time() - self._collects_since

    def _add(self, frame: FrameType, seconds: float) -> None:
        self.own[_shown(frame)] += seconds
        ours = next((one for one in _outwards(frame) if _file(one).startswith("ns_hs_orders/")), None)
        self.ours["(others)" if ours is None else _shown(ours)] += seconds


def _used(thread: int) -> float:
    """CPU seconds of a thread, 0 where it has ended."""
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    except OSError:
        return 0.0


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename.removeprefix(ROOT).rpartition("site-packages/")[2]


def _shown(frame: FrameType) -> str:
    return f"{_file(frame)}:{frame.f_code.co_firstlineno} {frame.f_code.co_qualname}"
