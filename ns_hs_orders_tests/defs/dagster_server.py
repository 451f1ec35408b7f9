"""Dagster's own processes over a home, as a user starts them, and its GraphQL."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ns_hs_orders.settings import child_environment

ROOT = Path(__file__).parents[2]
Found = TypeVar("Found")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def waited(look: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """Asks until there is an answer. A subprocess's progress cannot be waited for in any other way."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


@contextmanager
def started(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, with all that it starts ended at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=child_environment(**(environment or {})),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def script(name: str) -> str:
    """A console script of this environment."""
    return str(Path(sys.executable).parent / name)


@dataclass(frozen=True)
class GraphQL:
    """Dagster's GraphQL at a base address."""

    url: str

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of the answer. Raises AssertionError with GraphQL's errors."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            body = json.load(answer)
        assert not body.get("errors"), body["errors"]
        return body["data"]

    def locations(self) -> dict[str, str] | None:
        """Code location → its load status, or its error; None while there is no answer."""
        try:
            found = self.ask(
                "{workspaceOrError{... on Workspace{locationEntries{name loadStatus "
                "locationOrLoadError{__typename ... on PythonError{message}}}}}}"
            )
        except (urllib.error.URLError, OSError):
            return None
        entries = found["workspaceOrError"]["locationEntries"]
        return {
            entry["name"]: (entry["locationOrLoadError"] or {}).get("message", entry["loadStatus"])
            for entry in entries
        }

    def loaded(self) -> dict[str, str] | None:
        """The locations once none of them is loading."""
        locations = self.locations()
        return locations if locations and "LOADING" not in locations.values() else None
