"""`ns-hs-orders demo`: the whole thing on your own machine, in one command.

Belongs here: the order of the steps, and which processes they start. Does not belong here: the steps, or how
processes are watched (children).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ns_hs_orders.cli import sandbox as sandbox_commands
from ns_hs_orders.cli.adopt import adopt
from ns_hs_orders.cli.children import HOST, Child, child, listening, waited, watch
from ns_hs_orders.cli.paths import LocalPath
from ns_hs_orders.cli.printing import progress
from ns_hs_orders.cli.reconcile import show
from ns_hs_orders.cli.setup import provision
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.settings import PREFIX, Settings, child_environment, load_settings

if TYPE_CHECKING:
    from ns_hs_orders.sandbox.world import World

FIRST_PORT = 3000


@click.command()
@click.option("--once", is_flag=True, help="Ends after the table, with the reconciliation's exit code.")
@click.option(
    "--data",
    type=LocalPath(exists=True, file_okay=False),
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
        settings = load_settings()
        first, last = _days()
        children = [stack.enter_context(_running_sandbox(settings))]
        click.echo("Setting up HubSpot …", err=True)
        if code := provision(settings):
            return code
        if data is None:
            click.echo("Adopting what a shop connector wrote for orders of NetSuite …", err=True)
            adopt.main(["--yes", "--by", "the demo"], standalone_mode=False)
        code, run_id = _sync(settings, first, last)
        if settings.company_rollups == "on":
            click.echo(f"Companies told what they buy: {_rolled_up(settings)}", err=True)
        if once:
            return code
        children += stack.enter_context(_serving_ui(settings, run_id))
        if every.strip("0s"):
            children.append(stack.enter_context(_moving_world(settings, every, seed)))
        watch(children, lambda text: click.echo(text, err=True))
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
    source = _fingerprint(data) if data else f"seed {seed}, {orders} orders up to {today}, lived in"
    if _noted().get("source") == source:
        click.echo(f"The home holds this world already ({source}).", err=True)
        return
    world = _world(data, orders, seed, today)  # before anything is cleared: a folder may hold no world
    if any((home / name).exists() for name in ("sandbox/netsuite.sqlite", "state")):
        click.echo("The home holds another world: starting afresh.", err=True)
        for name in _LEAVINGS:
            shutil.rmtree(home / name, ignore_errors=True)
    click.echo(f"Filling the sandbox with {data or 'a made-up company'} …", err=True)
    switched_on = _SHOWN_OF_PRODUCTS if world.hubspot.get("products") else {}
    if data is None:
        switched_on = switched_on | _SHOWN_OF_PEOPLE
    sandbox_commands.put_world(world, source, reset=False, settings=switched_on)
    if switched_on:
        names = ", ".join(f"{PREFIX}{name.upper()}={value}" for name, value in switched_on.items())
        click.echo(f"Switched on in this home: {names}", err=True)


# Off by default, and on in the home of a world that has something to show of it.
_SHOWN_OF_PRODUCTS = {"product_association": "on"}
_SHOWN_OF_PEOPLE = {"contact_by": "email,primary", "company_rollups": "on"}
_LEAVINGS = ("sandbox", "state", "storage", "dagster")


def _world(data: Path | None, orders: int, seed: int, today: date) -> World:
    from ns_hs_orders.sandbox.world import generate, lived_in, read_folder

    return read_folder(data) if data else lived_in(generate(orders, seed, today), seed)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.csv")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return f"folder {folder.name} {digest.hexdigest()[:16]}"


def _noted() -> dict[str, Any]:
    try:
        noted: dict[str, Any] = json.loads(sandbox_commands.world_file().read_text())
    except (OSError, ValueError):
        return {}
    return noted


def _days() -> tuple[date, date]:
    noted = _noted()
    if not noted.get("first_order_date"):
        raise ConfigError("The world has no orders, so there is nothing to show.")
    first, last = (date.fromisoformat(day) for day in noted["days"])
    return first, min(last, sandbox_commands.account_today())


def _sync(settings: Settings, first: date, last: date) -> tuple[int, str]:
    """The reconciliation's exit code, and the id of the last run."""
    from ns_hs_orders.defs import in_process

    click.echo(f"Syncing {first} to {last} through Dagster's job …", err=True)
    with progress() as told:
        runs = list(in_process.sync_days(settings, first, last, told))
    return show(runs, as_json=False), runs[-1].run_id


def _rolled_up(settings: Settings) -> str:
    from ns_hs_orders.wiring.opening import open_session
    from ns_hs_orders.wiring.rollups import roll_up

    with open_session(settings) as session:
        return roll_up(session, run="demo").sentence


@contextmanager
def _running_sandbox(settings: Settings) -> Iterator[Child]:
    from ns_hs_orders.sandbox.home import read_addresses

    command = [sys.executable, "-m", "ns_hs_orders", "sandbox", "serve"]
    with _child("The sandbox", command, settings, "sandbox.log") as process:
        addresses = waited(lambda: read_addresses(settings.home_path), process)
        click.echo(f"NetSuite emulator  {addresses.netsuite_url}", err=True)
        click.echo(
            f"HubSpot emulator   {addresses.hubspot_url}   (open it to see what HubSpot holds)", err=True
        )
        yield process


@contextmanager
def _serving_ui(settings: Settings, run_id: str) -> Iterator[list[Child]]:
    """Dagster's webserver and daemon. run_id: a run that this home's webserver knows, and no other."""
    from ns_hs_orders.defs.instance import workspace_file

    location = ["-w", str(workspace_file(settings.home_path))]
    scripts = Path(sys.executable).parent

    def webserver(port: int) -> AbstractContextManager[Child]:
        command = [str(scripts / "dagster-webserver"), *location, "-h", HOST, "-p", str(port)]
        return _child("Dagster's webserver", command, settings, "webserver.log")

    with (
        _child(
            "Dagster's daemon", [str(scripts / "dagster-daemon"), "run", *location], settings, "daemon.log"
        ) as daemon,
        listening(webserver, lambda url: knows_run(url, run_id), FIRST_PORT) as (web, url),
    ):
        click.echo(f"\nDagster UI         {url}   (Ctrl-C stops everything)", err=True)
        yield [web, daemon]


@contextmanager
def _moving_world(settings: Settings, every: str, seed: int) -> Iterator[Child]:
    command = [sys.executable, "-m", "ns_hs_orders", "sandbox", "tick", "--every", every, "--seed", str(seed)]
    with _child("The company's daily life", command, settings, "tick.log", is_needed=False) as process:
        click.echo(
            f"The company goes on: a step every {every} (logs/tick.log in the home); asset order_changes shows "
            "how fast its changes arrive in HubSpot.",
            err=True,
        )
        yield process


def _child(
    name: str, command: list[str], settings: Settings, log_name: str, *, is_needed: bool = True
) -> AbstractContextManager[Child]:
    from ns_hs_orders.defs.instance import dagster_home

    home = settings.home_path
    environment = child_environment(NS_HS_HOME=str(home), DAGSTER_HOME=str(dagster_home(home)))
    return child(name, command, environment, home / "logs" / log_name, is_needed=is_needed)


def knows_run(url: str, run_id: str) -> bool:
    """Whether a Dagster webserver answers at the address, and its instance has this run."""
    query = {"query": "query($id: ID!){runOrError(runId: $id){__typename}}", "variables": {"id": run_id}}
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{url}/graphql", json.dumps(query).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(json.load(answer)["data"]["runOrError"]["__typename"] == "Run")
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError, KeyError, TypeError):
        return False
