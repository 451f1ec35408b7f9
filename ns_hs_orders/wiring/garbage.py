"""How often Python looks for cyclic garbage while rows come by the hundred thousand.

Belongs here: the collector's settings, for the time of a session. Does not belong here: anything else.

Rows, records and frames make no cycles: they are freed as soon as nobody holds them. Looking through all of
them, and through all that was ever imported, each time a few hundred were made, cost a fifth of a sync's CPU.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

RARELY: Final = (50_000, 50, 1_000)
_lock = threading.Lock()
_open = 0
_usual = gc.get_threshold()


@contextmanager
def rarely_collected() -> Iterator[None]:
    """What is there already is left out of the search, and new objects are searched rarely; until the last such
    block of the process ends."""
    global _open, _usual
    with _lock:
        if _open == 0:
            _usual = gc.get_threshold()
            gc.freeze()
            gc.set_threshold(*RARELY)
        _open += 1
    try:
        yield
    finally:
        with _lock:
            _open -= 1
            if _open == 0:
                gc.set_threshold(*_usual)
                gc.unfreeze()
