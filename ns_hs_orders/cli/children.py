"""Processes that a command starts: each with its log, watched while they serve, ended with the command.

Belongs here: starting, waiting for a sign of life, finding a port, noticing a death, ending. Does not belong
here: which processes there are, and what they do (demo).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

from ns_hs_orders.errors import SyncError
from ns_hs_orders.files import new_log

Found = TypeVar("Found")
START_SECONDS = 60.0
LOOK_SECONDS = 0.1
WATCH_SECONDS = 0.5
MOST_PORTS = 1000
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Child:
    """A process of ours. name: for people. is_needed: without it, going on makes no sense."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    is_needed: bool = True

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    @property
    def ending(self) -> str:
        """How it ended, in a sentence that names its log."""
        return f"{self.name} ended with exit code {self.process.poll()}; its log is {self.log}."


@contextmanager
def child(
    name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, *, is_needed: bool = True
) -> Iterator[Child]:
    """A process of its own session, so that Ctrl-C reaches it through us; ended at the end, with all that it started."""
    with new_log(log) as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield Child(name, process, log, is_needed)
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            # What it started in its turn, such as Dagster's runs, would live on.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGTERM)


def waited(look: Callable[[], Found | None], one: Child, seconds: float = START_SECONDS) -> Found:
    """What `look` finds, once it finds something. Raises SyncError where the child ended or took too long."""
    for _ in range(int(seconds / LOOK_SECONDS)):
        found = look()
        if not one.is_alive:
            raise SyncError(f"{one.name} did not start: {one.ending}")
        if found:
            return found
        threading.Event().wait(LOOK_SECONDS)
    raise SyncError(f"{one.name} did not start within {seconds:.0f} s; its log is {one.log}.")


@contextmanager
def listening(
    start: Callable[[int], AbstractContextManager[Child]], is_ours: Callable[[str], bool], first_port: int
) -> Iterator[tuple[Child, str]]:
    """A child that listens on a port, the first that it gets from `first_port` on, and its address.

    is_ours: whether what answers at an address is this child, and not another that was quicker to take the
    port: a port that was free a moment ago proves nothing.

    Raises SyncError where the child ends although the port is free, or no port is left.
    """
    for port in range(first_port, first_port + MOST_PORTS):
        if is_taken(port):
            continue
        url = f"http://{HOST}:{port}"
        with start(port) as one:
            try:
                waited(lambda: is_ours(url), one)  # noqa: B023 - called before the next round
            except SyncError:
                if one.is_alive or not is_taken(port):
                    raise
                continue
            yield one, url
            return
    raise SyncError(f"No port from {first_port} on is free.")


def is_taken(port: int) -> bool:
    """Whether somebody has the port."""
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


def watch(children: Sequence[Child], told: Callable[[str], None]) -> NoReturn:
    """Waits for ever. Raises SyncError when a needed child ends; of another's end it tells once."""
    watched = list(children)
    while True:
        for one in [one for one in watched if not one.is_alive]:
            if one.is_needed:
                raise SyncError(one.ending)
            told(one.ending)
            watched.remove(one)
        threading.Event().wait(WATCH_SECONDS)
