"""Everything that a demo runs, in a home of its own: sandbox, Dagster's webserver and daemon.

Belongs here: starting, finding, killing and ending processes, and asking the sandbox's control routes.
Does not belong here: what is measured (latency, soak).
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ns_hs_orders.defs.instance import dagster_home, workspace_file
from ns_hs_orders.sandbox.home import Addresses, SandboxHome, read_addresses
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.settings import child_environment
from ns_hs_orders.state.database import State, open_state

ROOT = Path(__file__).parents[1]
START_SECONDS = 90.0
WEBSERVER, DAEMON, CODE_SERVER, RUN = "webserver", "daemon", "code server", "run"
Found = TypeVar("Found")


class BenchmarkError(Exception):
    """Something did not start, or did not end as it must."""


class Stack:
    """One home with its processes; made by `running_stack`."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.place = SandboxHome(home)
        self.environment = child_environment(
            **{
                "PYTHONPATH": str(ROOT),
                # empty is unset: without it our own modules would be compiled anew at each start
                "PYTHONDONTWRITEBYTECODE": "",
                "NS_HS_MODE": "sandbox",
                "NS_HS_HOME": str(home),
                "DAGSTER_HOME": str(dagster_home(home)),
                **environment,
            }
        )
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._port = _free_port()

    def command(self, *arguments: str, allowed: Sequence[int] = (0,)) -> subprocess.CompletedProcess[str]:
        """Runs `ns-hs-orders …` to its end. Raises BenchmarkError on another exit code than those allowed."""
        return self.run("ns_hs_orders", *arguments, allowed=allowed)

    def run(
        self, module: str, *arguments: str, allowed: Sequence[int] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """Runs a module in the home to its end. Raises as `command`."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in allowed:
            raise BenchmarkError(
                f"{module} {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        return done

    def start_sandbox(self, *options: str) -> Addresses:
        """Starts both emulators and waits for their addresses."""
        self._start("sandbox", [sys.executable, "-m", "ns_hs_orders", "sandbox", "serve", *options])
        return waited(lambda: read_addresses(self.home), START_SECONDS, "the sandbox")

    def start_world(self, every: str, steps: int, seed: int) -> None:
        """Lets the company go on, in a process of its own."""
        options = ["--every", every, "--steps", str(steps), "--seed", str(seed)]
        self._start("tick", [sys.executable, "-m", "ns_hs_orders", "sandbox", "tick", *options])

    def start_dagster(self, which: str) -> None:
        """Starts the webserver or the daemon, as the demo does."""
        scripts = Path(sys.executable).parent
        location = ["-w", str(workspace_file(self.home))]
        if which == WEBSERVER:
            self._start(
                which,
                [
                    str(scripts / "dagster-webserver"),
                    *location,
                    "-h",
                    "127.0.0.1",
                    "-p",
                    str(self._port),
                ],
            )
        else:
            self._start(which, [str(scripts / "dagster-daemon"), "run", *location])

    def wait_for_webserver(self) -> None:
        """Until the webserver answers."""
        waited(lambda: _answers(f"http://127.0.0.1:{self._port}/server_info"), START_SECONDS, "the webserver")

    def ask_dagster(self, query: str, **variables: Any) -> Any:
        """The data of Dagster's GraphQL. Raises BenchmarkError with its errors."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = json.load(answer)
        if body.get("errors"):
            raise BenchmarkError(f"Dagster's GraphQL answers {body['errors']}")
        return body["data"]

    def is_running(self, which: str) -> bool:
        """Whether a child lives."""
        child = self._children.get(which)
        return child is not None and child.poll() is None

    def end(self, which: str) -> None:
        """Ends a child as Ctrl-C does."""
        child = self._children.pop(which, None)
        if child is None or child.poll() is not None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def processes(self) -> dict[int, str]:
        """Every living process of this home, and what it is."""
        found: dict[int, str] = {}
        mark = f"NS_HS_HOME={self.home}\0".encode()
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                if mark not in (folder / "environ").read_bytes():
                    continue
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            found[int(folder.name)] = _kind(words)
        return found

    def kill(self, pid: int) -> None:
        """`kill -9`."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def close(self) -> None:
        """Ends every child, and whatever they left behind."""
        for which in reversed(list(self._children)):
            self.end(which)
        for _ in range(20):
            left = self.processes()
            if not left:
                return
            for pid in left:
                self.kill(pid)
            time.sleep(0.25)

    def ask_sandbox(self, method: str, name: str, content: Any = None) -> Any:
        """One control route of the sandbox; both emulators share them."""
        addresses = read_addresses(self.home)
        if addresses is None:
            raise BenchmarkError("The sandbox does not answer; its log is in the home's folder logs.")
        request = urllib.request.Request(
            f"{addresses.netsuite_url}/__sandbox__/{name}",
            None if content is None else json.dumps(content).encode(),
            {"content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def days(self) -> tuple[date, date]:
        """First and last order date of the world that was seeded."""
        noted = json.loads((self.place.folder / "world.json").read_text())
        return date.fromisoformat(noted["first_order_date"]), date.fromisoformat(noted["last_order_date"])

    def log_tail(self, which: str, characters: int = 2000) -> str:
        """The end of a child's log."""
        try:
            return (self.home / "logs" / f"{which}.log").read_text(errors="replace")[-characters:]
        except OSError:
            return ""

    @contextmanager
    def stores(self) -> Iterator[tuple[NetSuiteStore, HubSpotStore]]:
        """Both emulators' stores, straight from their files."""
        netsuite, hubspot = NetSuiteStore(self.place.netsuite_path), HubSpotStore(self.place.hubspot_path)
        try:
            yield netsuite, hubspot
        finally:
            netsuite.close()
            hubspot.close()

    @contextmanager
    def state(self) -> Iterator[State]:
        """The product's state store."""
        state = open_state(f"sqlite:///{self.home / 'state' / 'state.sqlite'}")
        try:
            yield state
        finally:
            state.close()

    def _start(self, which: str, command: list[str]) -> None:
        logs = self.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{which}.log").open("ab") as log:
            self._children[which] = subprocess.Popen(
                command,
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@contextmanager
def running_stack(
    sandbox_options: Sequence[str],
    *,
    orders: int,
    days: int,
    seed: int,
    keep: bool,
    first_sync: bool = True,
    **environment: str,
) -> Iterator[Stack]:
    """A world with everything running, synced before by default; all ended and (unless `keep`) deleted at the end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    home = Path(tempfile.mkdtemp(prefix="ns-hs-bench-"))
    stack = Stack(home, environment)
    try:
        say(f"home {home}: a world of {orders} orders over {days} days")
        stack.command("sandbox", "seed", "--orders", str(orders), "--days", str(days), "--seed", str(seed))
        stack.start_sandbox(*sandbox_options)
        stack.command("setup")
        if first_sync:
            first, last = stack.days()
            say(f"first sync, {first} to {last}")
            stack.command("sync", "--from", str(first), "--to", str(last), allowed=(0, 1))
        for which in (WEBSERVER, DAEMON):
            stack.start_dagster(which)
        stack.wait_for_webserver()
        yield stack
    finally:
        stack.close()
        if keep:
            say(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)


def waited(look: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """Asks until there is an answer. Raises BenchmarkError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise BenchmarkError(f"{what.capitalize()} did not come within {seconds:.0f} s.")


def say(text: str) -> None:
    """Progress, on stderr."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def machine() -> str:
    """What the numbers were measured on."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load average {load}"
    )


def percentile(seconds: Sequence[float], percent: int) -> float:
    """By nearest rank, so that it is a value that there is."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _kind(command: bytes) -> str:
    marks = {
        b"dagster-webserver": WEBSERVER,
        b"dagster-daemon": DAEMON,
        b"dagster api grpc": CODE_SERVER,
        b"multiprocessing.spawn": RUN,  # a code server starts each run as a spawned child
    }
    return next((kind for mark, kind in marks.items() if mark in command), "other")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
