"""Where things are printed: results on stdout, progress and messages on stderr.

Belongs here: the two consoles and the progress line. Does not belong here: what is printed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from ns_hs_orders.report.inert import inert

WIDTH_WITHOUT_TERMINAL = 120
LONGEST_LINE = 4000


def results() -> Console:
    """Stdout, without colour codes where it is no terminal."""
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


@contextmanager
def progress(enabled: bool = True) -> Iterator[Callable[[str], None]]:
    """Tells what goes on, on stderr: a line that changes on a terminal, else a line each.

    Dagster captures a step's stderr into its own log, so a copy of the real one is written to.
    """
    with os.fdopen(os.dup(2), "w", buffering=1) as stderr:
        console = Console(file=stderr, highlight=False)
        if not enabled:
            yield lambda _: None
        elif console.is_terminal:
            with console.status("starting") as status:
                yield lambda text: status.update(Text(inert(text, LONGEST_LINE)))
        else:
            yield lambda text: console.print(inert(text, LONGEST_LINE), markup=False, soft_wrap=True)
