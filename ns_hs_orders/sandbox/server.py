"""Both emulators in one process, each on its own loopback port.

Belongs here: starting and stopping, ports, the published addresses, running in the foreground.
Does not belong here: what the emulators answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, BinaryIO, Final, Literal

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from ns_hs_orders.files import private_file
from ns_hs_orders.sandbox.control import CallLog, Shell
from ns_hs_orders.sandbox.faults import FaultBook
from ns_hs_orders.sandbox.home import (
    Addresses,
    SandboxHome,
    ensure_credentials,
    keep_ports,
    last_ports,
    read_addresses,
    write_addresses,
)
from ns_hs_orders.sandbox.latency import Latency
from ns_hs_orders.sandbox.netsuite.app import create_app as create_netsuite
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.switches import SwitchBoard

HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 30.0


class SandboxError(Exception):
    """The sandbox cannot start: it runs already, or a port is taken."""


class Sandbox:
    """A NetSuite and a HubSpot on this machine, with their state in `<home>/sandbox/`.

    `switches` are set, and kept, at the start; `public_base` is one more address that OAuth assertions for
    NetSuite may name. Use it as a context manager, or call start and stop.
    """

    def __init__(
        self,
        home: Path,
        *,
        latency_ms: int | None = None,
        limits: Literal["real", "off"] | None = None,
        netsuite_port: int = 0,
        hubspot_port: int = 0,
        switches: dict[str, Any] | None = None,
        clock: Callable[[], datetime] | None = None,
        public_base: str | None = None,
    ) -> None:
        self.home = SandboxHome(home)
        self.home.create()
        self.switches = SwitchBoard(self.home.switches_path)
        self.faults = FaultBook()
        self.calls = CallLog()
        try:
            self.credentials = ensure_credentials(self.home)
        except (ValueError, TypeError) as error:
            raise SandboxError(
                f"{self.home.credentials_path} holds no credentials. Remove it; new ones are made."
            ) from error
        self._ports = (netsuite_port, hubspot_port)
        self._clock = clock or (lambda: datetime.now(UTC))
        self._public_base = public_base
        self._settings = {
            **(switches or {}),
            **({"latency_ms": latency_ms} if latency_ms is not None else {}),
            **({"limits": limits} if limits is not None else {}),
        }
        self._servers: list[uvicorn.Server] = []
        self._thread: threading.Thread | None = None
        self._urls = ("", "")
        self._lock: BinaryIO | None = None
        self._closers: list[Callable[[], None]] = []

    @property
    def netsuite_url(self) -> str:
        return self._urls[0]

    @property
    def hubspot_url(self) -> str:
        return self._urls[1]

    @property
    def netsuite_credentials(self) -> dict[str, str]:
        """account, client_id, certificate_id, private_key_path, their ec_ twins, and the keys of TBA."""
        return {name: value for name, value in asdict(self.credentials).items() if name != "hubspot_token"}

    @property
    def hubspot_token(self) -> str:
        return self.credentials.hubspot_token

    def start(self) -> None:
        """Listens on both ports, then publishes the addresses. Raises SandboxError."""
        running = read_addresses(self.home.root)
        if running is not None:
            raise SandboxError(
                f"A sandbox runs in {self.home.root} already (process {running.pid}, {running.netsuite_url}). "
                "Stop it, or choose another home."
            )
        self._lock_home()
        try:
            self._start()
        except BaseException:
            self._unlock_home()
            raise

    def _lock_home(self) -> None:
        path = self.home.folder / "serve.lock"
        private_file(path)
        lock = path.open("rb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise SandboxError(f"A sandbox is starting in {self.home.root} already.") from error
        self._lock = lock

    def _unlock_home(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _start(self) -> None:
        if self._settings:
            self.switches.change(**self._settings)
        # records hold links into the sandbox, so that a port of its own choice is taken again
        sockets = [
            self._listen_again(last) if port == 0 else self._listen(port)
            for port, last in zip(self._ports, last_ports(self.home), strict=True)
        ]
        keep_ports(self.home, *(one.getsockname()[1] for one in sockets))
        self._urls = (_url(sockets[0]), _url(sockets[1]))
        apps = [
            Shell(name, app, self.faults, self.calls, self.switches)
            for name, app in (("netsuite", self._netsuite()), ("hubspot", self._hubspot()))
        ]
        self._servers = [uvicorn.Server(_config(app)) for app in apps]
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(sockets, started), name="sandbox", daemon=True
        )
        self._thread.start()
        if not started.wait(_START_SECONDS):
            raise SandboxError(f"The sandbox did not start within {_START_SECONDS:.0f} s.")
        write_addresses(
            self.home, Addresses(self.netsuite_url, self.hubspot_url, os.getpid(), self.credentials)
        )

    def stop(self) -> None:
        """Closes both ports and withdraws the addresses. State stays on disk."""
        if self._thread is None:
            return
        self.home.addresses_path.unlink(missing_ok=True)
        self.faults.clear()
        for server in self._servers:
            server.should_exit = True
        self._thread.join()
        self._thread = None
        for close in self._closers:
            close()
        self._closers.clear()
        self._unlock_home()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _netsuite(self) -> ASGIApp:
        store = NetSuiteStore(self.home.netsuite_path)
        self._closers.append(store.close)
        return create_netsuite(
            store, self.switches, self._clock, credentials=self.credentials, public_base=self._public_base
        )

    def _hubspot(self) -> ASGIApp:
        from ns_hs_orders.sandbox.hubspot.app import create_app
        from ns_hs_orders.sandbox.hubspot.store import HubSpotStore

        store = HubSpotStore(self.home.hubspot_path, self._clock)
        self._closers.append(store.close)
        app = create_app(store, self.switches, self._clock, self.credentials.hubspot_token)
        return _with_latency(app, self.switches)

    def _listen_again(self, port: int) -> socket.socket:
        """On this port, or on a free one where something else has it meanwhile."""
        try:
            return self._listen(port)
        except SandboxError:
            return self._listen(0)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            listener.close()
            raise SandboxError(
                f"Port {port} on {HOST} is taken: {error}. Choose another, or 0 for a free one."
            ) from error
        listener.listen(512)
        return listener

    def _serve(self, sockets: list[socket.socket], started: threading.Event) -> None:
        async def both() -> None:
            tasks = [
                asyncio.ensure_future(server.serve(sockets=[listener]))
                for server, listener in zip(self._servers, sockets, strict=True)
            ]
            while not all(server.started for server in self._servers):
                await asyncio.sleep(0.005)
            started.set()
            await asyncio.gather(*tasks)

        factory = self._servers[0].config.get_loop_factory()
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(both())


def run_forever(sandbox: Sandbox, on_started: Callable[[Sandbox], None] | None = None) -> int:
    """Serves until SIGINT or SIGTERM, then stops cleanly; returns the signal's number. Main thread only."""
    ended, received = threading.Event(), [0]

    def stop(number: int, _frame: FrameType | None) -> None:
        received[0] = number
        ended.set()

    # A shell that runs its jobs in the background has them ignore SIGINT; both are set here in any case.
    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with sandbox:
            if on_started is not None:
                on_started(sandbox)
            ended.wait()
    finally:
        for number, handler in former.items():
            with contextlib.suppress(TypeError):
                signal.signal(number, handler)
    return received[0]


def _config(app: Shell) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=600,
        timeout_graceful_shutdown=1,
    )


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _with_latency(app: ASGIApp, switches: SwitchBoard) -> ASGIApp:
    latency = Latency(switches)

    async def delayed(scope: Scope, receive: Receive, send: Send) -> None:
        await latency.answer(app, scope, receive, send)

    return delayed
