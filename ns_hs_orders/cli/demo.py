"""`ns-hs-orders demo`: the whole thing on your own machine, in one command.

Belongs here: the order of the steps, and the processes that they start. Does not belong here: the steps.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from ns_hs_orders.cli import sandbox as sandbox_commands
from ns_hs_orders.cli.printing import progress
from ns_hs_orders.cli.reconcile import show
from ns_hs_orders.cli.setup import provision
from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.settings import Settings, child_environment, load_settings

if TYPE_CHECKING:
    from ns_hs_orders.sandbox.world import World

Found = TypeVar("Found")
START_SECONDS = 60
FIRST_PORT = 3000


@click.command()
@click.option("--once", is_flag=True, help="Ends after the table, with the reconciliation's exit code.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder that `sandbox load` takes, in place of the made-up company.",
)
@click.option(
    "--tick",
    "every",
    default="5s",
    show_default=True,
    metavar="SECONDS",
    help="While the UI is served, the world moves a step each so many seconds; 0 leaves it still.",
)
@click.option("--orders", type=click.IntRange(1, 100_000), default=2000, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
def demo(data: Path | None, every: str, orders: int, seed: int, *, once: bool) -> int:
    """Starts both emulators, fills them, syncs every day, proves it, then serves Dagster's UI until Ctrl-C.

    Meanwhile the world goes on, and the live lane brings each change to HubSpot within seconds.
    """
    settings = load_settings()
    if settings.mode != "sandbox":
        raise ConfigError("The demo runs on the sandbox only; leave out NS_HS_MODE.")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    with ExitStack() as stack:
        _fill(settings, data, orders, seed)
        first, last = _days()
        stack.enter_context(_running_sandbox(settings))
        click.echo("Setting up HubSpot …", err=True)
        if code := provision(settings):
            return code
        code = _sync(settings, first, last)
        if once:
            return code
        stack.enter_context(_serving_ui(settings))
        if every.strip("0s"):
            stack.enter_context(_moving_world(settings, every, seed))
        threading.Event().wait()
    return code


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _fill(settings: Settings, data: Path | None, orders: int, seed: int) -> None:
    """Puts the asked world into the sandbox, unless it is there; another world's leavings are cleared first."""
    from ns_hs_orders.sandbox.home import read_addresses

    home = settings.home_path
    if running := read_addresses(home):
        raise ConfigError(
            f"A sandbox runs in {home} already (process {running.pid}). Stop it, or set NS_HS_HOME to another "
            "folder to have two side by side."
        )
    today = sandbox_commands.account_today()
    source = _fingerprint(data) if data else f"seed {seed}, {orders} orders up to {today}"
    if _noted().get("source") == source:
        click.echo(f"The home holds this world already ({source}).", err=True)
        return
    if any((home / name).exists() for name in ("sandbox/netsuite.sqlite", "state")):
        click.echo("The home holds another world: starting afresh.", err=True)
        for name in _LEAVINGS:
            shutil.rmtree(home / name, ignore_errors=True)
    click.echo(f"Filling the sandbox with {data or 'a made-up company'} …", err=True)
    sandbox_commands.put_world(_world(data, orders, seed, today), source, reset=False)


_LEAVINGS = ("sandbox", "state", "storage", "dagster")


def _world(data: Path | None, orders: int, seed: int, today: date) -> World:
    from ns_hs_orders.sandbox.world import generate, read_folder

    return read_folder(data) if data else generate(orders, seed, today)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.csv")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return f"folder {folder.name} {digest.hexdigest()[:16]}"


def _noted() -> dict[str, str]:
    try:
        noted: dict[str, str] = json.loads(sandbox_commands.world_file().read_text())
    except (OSError, ValueError):
        return {}
    return noted


def _days() -> tuple[date, date]:
    noted = _noted()
    if not noted.get("first_order_date"):
        raise ConfigError("The world has no orders, so there is nothing to show.")
    last = date.fromisoformat(noted["last_order_date"])
    return date.fromisoformat(noted["first_order_date"]), min(last, sandbox_commands.account_today())


def _sync(settings: Settings, first: date, last: date) -> int:
    from ns_hs_orders.defs import in_process

    click.echo(f"Syncing {first} to {last} through Dagster's job …", err=True)
    with progress() as told:
        runs = list(in_process.sync_days(settings, first, last, told))
    return show(runs, as_json=False)


@contextmanager
def _running_sandbox(settings: Settings) -> Iterator[None]:
    from ns_hs_orders.sandbox.home import read_addresses

    command = [sys.executable, "-m", "ns_hs_orders", "sandbox", "serve"]
    with _child(command, settings, "sandbox.log") as process:
        addresses = _waited(lambda: read_addresses(settings.home_path), process, "the sandbox")
        click.echo(f"NetSuite emulator  {addresses.netsuite_url}", err=True)
        click.echo(
            f"HubSpot emulator   {addresses.hubspot_url}   (open it to see what HubSpot holds)", err=True
        )
        yield


@contextmanager
def _serving_ui(settings: Settings) -> Iterator[None]:
    from ns_hs_orders.defs.instance import workspace_file

    port = _free_port(FIRST_PORT)
    url = f"http://127.0.0.1:{port}"
    location = ["-w", str(workspace_file(settings.home_path))]
    scripts = Path(sys.executable).parent
    web = [str(scripts / "dagster-webserver"), *location, "-h", "127.0.0.1", "-p", str(port)]
    daemon = [str(scripts / "dagster-daemon"), "run", *location]
    with (
        _child(web, settings, "webserver.log") as webserver,
        _child(daemon, settings, "daemon.log"),
    ):
        _waited(lambda: _answers(f"{url}/server_info"), webserver, "Dagster's webserver")
        click.echo(f"\nDagster UI         {url}   (Ctrl-C stops everything)", err=True)
        yield


@contextmanager
def _moving_world(settings: Settings, every: str, seed: int) -> Iterator[None]:
    command = [sys.executable, "-m", "ns_hs_orders", "sandbox", "tick", "--every", every, "--seed", str(seed)]
    with _child(command, settings, "tick.log"):
        click.echo(
            f"The company goes on: a step every {every} (logs/tick.log in the home); asset order_changes shows "
            "how fast its changes arrive in HubSpot.",
            err=True,
        )
        yield


@contextmanager
def _child(command: list[str], settings: Settings, log_name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own session, so that Ctrl-C reaches it through us, ended with all that it started."""
    from ns_hs_orders.defs.instance import dagster_home

    logs = settings.home_path / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    environment = child_environment(
        NS_HS_HOME=str(settings.home_path), DAGSTER_HOME=str(dagster_home(settings.home_path))
    )
    with (logs / log_name).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _waited(look: Callable[[], Found | None], process: subprocess.Popen[bytes], what: str) -> Found:
    for _ in range(START_SECONDS * 10):
        if found := look():
            return found
        if process.poll() is not None:
            break
        threading.Event().wait(0.1)
    raise SyncError(f"{what.capitalize()} did not start; its log is in the home's folder logs.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port(first: int) -> int:
    for port in range(first, first + 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SyncError(f"No port from {first} on is free.")
