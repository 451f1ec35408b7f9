"""One contender, once: a fresh HubSpot, the contender as a process of its own, and what it took.

Belongs here: starting, timing and ending a contender, and its figures. Does not belong here: which run when
(__main__), medians (figures), what HubSpot holds (end_state).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.peers.end_state import EndState, end_state
from benchmarks.peers.workload import Workload, fresh_home
from benchmarks.stack import ROOT, BenchmarkError, Stack
from ns_hs_orders.sandbox.home import Addresses
from ns_hs_orders.settings import Settings, child_environment

PROGRAMS: Final = Path(__file__).parent / "contenders"
ENDINGS: Final = {0: "load", 3: "load, some refused", -signal.SIGKILL: "time"}
"""Exit code → what ended a run."""
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Contender:
    """A program and its threads or workers. is_ours: it runs in our own environment."""

    name: str
    program: str
    threads: int = 1
    is_ours: bool = False


OUR_THREADS: Final[int] = Settings.model_fields["push_threads"].default
CONTENDERS: Final = (
    Contender(f"ours, {OUR_THREADS} threads (default)", "ours", OUR_THREADS, is_ours=True),
    Contender("ours, 10 threads", "ours", 10, is_ours=True),
    Contender("SDK, batch upsert, 1 thread", "sdk_batches", 1),
    Contender("SDK, batch upsert, 10 threads", "sdk_batches", 10),
    Contender("SDK, search then create", "sdk_one_by_one"),
    Contender("dlt, batches of 100, 1 worker", "dlt_destination", 1),
    Contender("dlt, batches of 100, 10 workers", "dlt_destination", 10),
)


@dataclass(frozen=True)
class Run:
    """What one run took: seconds of time and CPU from the go, calls at the emulator, and what HubSpot holds then.

    refused: calls answered 429. ended: one of ENDINGS, or `failed`; complaint: the end of what it wrote to stderr.
    """

    seconds: float
    cpu_seconds: float
    calls: int
    refused: int
    ended: str
    complaint: str
    state: EndState


def run(
    contender: Contender,
    workload: Workload,
    template: Path,
    python: Path,
    *,
    limits: str,
    latency_ms: int,
    seconds: float,
) -> Run:
    """Runs a contender over the orders, for at most so many seconds. Raises BenchmarkError where it does not start."""
    home = Path(tempfile.mkdtemp(prefix="ns-hs-peers-"))
    stack = Stack(home, {})
    try:
        fresh_home(template, home)
        addresses = stack.start_sandbox("--limits", limits, "--latency", str(latency_ms))
        stack.ask_sandbox("DELETE", "calls")
        command = _command(contender, workload, addresses, python, home, limits)
        taken, cpu, ended, complaint = _watched(command, _environment(contender, home), seconds)
        calls = stack.ask_sandbox("GET", "calls")
        stack.end("sandbox")
        with stack.stores() as (_, hubspot):
            state = end_state(hubspot, workload.expected, workload.bad)
        counted = sum(count for name, count in calls["counts"].items() if name.startswith("hubspot "))
        refused = sum(call["status"] == 429 for call in calls["calls"])
        return Run(taken, cpu, counted, refused, ended, complaint, state)
    finally:
        stack.close()
        shutil.rmtree(home, ignore_errors=True)


def _command(
    contender: Contender, workload: Workload, addresses: Addresses, python: Path, home: Path, limits: str
) -> list[str]:
    if contender.is_ours:
        module = f"benchmarks.peers.contenders.{contender.program}"
        return [sys.executable, "-m", module, str(workload.mapped), limits]
    return [
        str(python),
        str(PROGRAMS / f"{contender.program}.py"),
        addresses.hubspot_url,
        addresses.credentials.hubspot_token,
        str(workload.records),
        str(contender.threads),
        str(home / "peer"),
    ]


def _environment(contender: Contender, home: Path) -> dict[str, str]:
    if not contender.is_ours:
        return {
            "PATH": os.defpath,
            "HOME": str(home),
            "NO_PROXY": "127.0.0.1",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
        }
    return child_environment(
        PYTHONPATH=str(ROOT),
        NS_HS_MODE="sandbox",
        NS_HS_HOME=str(home),
        NS_HS_PUSH_THREADS=str(contender.threads),
    )


def _watched(
    command: Sequence[str], environment: dict[str, str], seconds: float
) -> tuple[float, float, str, str]:
    """Seconds, CPU seconds, how it ended, and what it complained of; all from the go, not from the start."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        try:
            if child.stdout is None or child.stdin is None or child.stdout.readline() != b"ready\n":
                raise BenchmarkError(f"{' '.join(command[:3])} did not get ready:\n{_tail(errors)}")
            before = _cpu_of(child.pid)
            began = time.monotonic()
            child.stdin.write(b"go\n")
            child.stdin.flush()
            timer = threading.Timer(seconds, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            taken = time.monotonic() - began
            timer.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if child.returncode is None:
                child.kill()
                child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
        ended = ENDINGS.get(child.returncode, "failed")
        return taken, usage.ru_utime + usage.ru_stime - before, ended, _tail(errors)


def _tail(file: object) -> str:
    file.seek(0)  # type: ignore[attr-defined]
    return str(file.read().decode(errors="replace")[-1500:])  # type: ignore[attr-defined]


def _cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
