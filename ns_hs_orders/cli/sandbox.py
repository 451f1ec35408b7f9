"""`ns-hs-orders sandbox`: both remote systems on your own machine.

Belongs here: the commands serve, seed, load, tick, edit, reset and status. Does not belong here: what the
emulators do (sandbox).
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ns_hs_orders.cli.paths import LocalPath
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.files import write_file
from ns_hs_orders.settings import PREFIX, SANDBOX_SETTINGS, load_settings

if TYPE_CHECKING:
    from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
    from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
    from ns_hs_orders.sandbox.server import Sandbox
    from ns_hs_orders.sandbox.world import Summary, World


@click.group()
def sandbox() -> None:
    """A NetSuite and a HubSpot on this machine: emulators over real HTTP, on loopback only."""


@sandbox.command()
@click.option("--latency", type=click.IntRange(0, 60_000), metavar="MS", help="Time each answer takes.")
@click.option(
    "--limits", type=click.Choice(["real", "off"]), help="Rate and concurrency limits. [default: real]"
)
@click.option("--netsuite-port", type=click.IntRange(0, 65535), default=0, help="Port; 0 takes a free one.")
@click.option("--hubspot-port", type=click.IntRange(0, 65535), default=0, help="Port; 0 takes a free one.")
@click.option("--set", "switches", multiple=True, metavar="NAME=VALUE", help="Sets a switch; kept for later.")
def serve(
    latency: int | None, limits: Any, netsuite_port: int, hubspot_port: int, switches: tuple[str, ...]
) -> None:
    """Serves both emulators until Ctrl-C. State stays on disk and survives restarts."""
    from ns_hs_orders.sandbox.server import Sandbox, run_forever

    server = Sandbox(
        home(),
        latency_ms=latency,
        limits=limits,
        netsuite_port=netsuite_port,
        hubspot_port=hubspot_port,
        switches=dict(parse_switch(text) for text in switches),
    )
    with _files_told(server.home.folder):
        run_forever(server, on_started=_announce)


def _announce(server: Sandbox) -> None:
    click.echo(f"NetSuite  {server.netsuite_url}")
    click.echo(f"HubSpot   {server.hubspot_url}")
    click.echo(f"home      {server.home.root}   (Ctrl-C stops both)", err=True)


def parse_switch(text: str) -> tuple[str, Any]:
    """`name=value` with the value as JSON where it is JSON, else as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


@sandbox.command()
@click.option("--orders", type=click.IntRange(1, 1_000_000), default=2000, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same world.")
@click.option("--days", type=click.IntRange(1, 3660), default=60, show_default=True, help="Days up to today.")
@click.option("--reset", is_flag=True, help="Replaces the world that is there.")
def seed(orders: int, seed: int, days: int, *, reset: bool) -> None:
    """Builds a believable company: orders of all kinds, and a known list of bad ones."""
    from ns_hs_orders.sandbox.world import generate

    put_world(generate(orders, seed, account_today(), days), f"seed {seed}, {orders} orders", reset=reset)


@sandbox.command()
@click.argument("folder", type=LocalPath(exists=True, file_okay=False))
@click.option("--reset", is_flag=True, help="Replaces the world that is there.")
def load(folder: Path, *, reset: bool) -> None:
    """Loads anybody's data: FOLDER/netsuite/<table>.csv and FOLDER/hubspot/<objects>.csv."""
    from ns_hs_orders.sandbox.world import read_folder

    put_world(read_folder(folder), f"folder {folder.name}", reset=reset)


@sandbox.command()
@click.option("--every", metavar="SECONDS", help="Goes on until Ctrl-C, a step each so many seconds (5s).")
@click.option("--steps", type=click.IntRange(1, 1000), default=1, show_default=True, help="Steps at once.")
@click.option("--seed", type=int, default=7, show_default=True)
def tick(every: str | None, steps: int, seed: int) -> None:
    """Lets time pass: new orders, edits, shipments, invoices, deletions. Prints what happened."""
    from ns_hs_orders.sandbox.switches import SwitchBoard
    from ns_hs_orders.sandbox.world import tick as one_step

    pause = _seconds(every) if every else 0.0
    switches = SwitchBoard(sandbox_folder() / "switches.json")
    never = threading.Event()
    with stores() as (netsuite, hubspot):
        while True:
            began = time.monotonic()
            for event in one_step(netsuite, hubspot, seed, datetime.now(UTC), switches(), steps=steps):
                click.echo("  ".join(str(value) for value in event.values()))
            if not pause or never.wait(max(0.0, pause - (time.monotonic() - began))):
                return


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)?", text.strip())
    if not match or not float(match[1]):
        raise click.BadParameter(f"{text!r} is not a time such as 5s, 500ms or 1m.")
    return float(match[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[match[2] or "s"]


@sandbox.command()
@click.argument("order")
@click.argument("values", nargs=-1, required=True, metavar="PROPERTY=VALUE…")
@click.option("--user", type=int, default=70001, show_default=True, help="HubSpot's id of the person.")
def edit(order: str, values: tuple[str, ...], user: int) -> None:
    """Changes an order in HubSpot as a person does in its pages. ORDER: its number, NetSuite id or record id."""
    properties = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r} is not PROPERTY=VALUE.")
        properties[name.strip()] = value
    with stores() as (_, hubspot):
        names = ("hs_order_name", "netsuite_internal_id")
        found = [
            one["id"]
            for one in hubspot.objects("orders")
            if order in (one["id"], *(one["properties"].get(name) for name in names))
        ]
        if len(found) != 1:
            raise ConfigError(
                f"HubSpot's emulator has {len(found)} orders {order!r}; name one by its record id."
            )
        hubspot.edit("orders", found[0], properties, user_id=user)
    click.echo(f"Order {order} (record {found[0]}) was edited by user {user}.")


@sandbox.command()
def reset() -> None:
    """Empties both emulators: world, records, properties, pipelines and switches."""
    from ns_hs_orders.sandbox.switches import SwitchBoard

    with stores() as (netsuite, hubspot):
        netsuite.clear()
        hubspot.clear()
    SwitchBoard(sandbox_folder() / "switches.json").reset()
    world_file().unlink(missing_ok=True)
    _settings_file().unlink(missing_ok=True)
    click.echo("The sandbox is empty.")
    if (home() / "state").exists():
        click.echo(
            f"What the sync knows of the former world stays in {home() / 'state'}: for another world take another home "
            f"({PREFIX}HOME), or remove state, storage and dagster there.",
            err=True,
        )


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(*, as_json: bool) -> None:
    """Tells whether the sandbox runs, and what both emulators hold."""
    from ns_hs_orders.sandbox.home import read_addresses

    addresses = read_addresses(home())
    with stores() as (netsuite, hubspot):
        figures = _figures(netsuite, hubspot)
    facts = {
        "running": addresses is not None,
        "netsuite_url": addresses.netsuite_url if addresses else None,
        "hubspot_url": addresses.hubspot_url if addresses else None,
        **figures,
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name.replace('_', ' '):24} {_shown(value)}")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items()) or "none"
    return (
        {True: "yes", False: "no", None: "-"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )


def _figures(netsuite: NetSuiteStore, hubspot: HubSpotStore) -> dict[str, Any]:
    from ns_hs_orders.sandbox.world import summarize

    found = summarize(
        netsuite.rows("transaction"),
        netsuite.rows("customer"),
        netsuite.rows("job"),
        netsuite.rows("currency"),
        len(hubspot.objects("companies")),
    )
    return {
        "orders": found.orders,
        "first_order_date": found.first_day.isoformat() if found.first_day else None,
        "last_order_date": found.last_day.isoformat() if found.last_day else None,
        "orders_by_status": found.statuses,
        "orders_by_currency": {code: s.orders for code, s in found.currencies.items()},
        "totals_by_currency": {code: f"{s.total:f}" for code, s in found.currencies.items()},
        "hubspot_orders": len(hubspot.objects("orders")),
        "hubspot_line_items": len(hubspot.objects("line_items")),
        "hubspot_companies": found.companies,
        **{f"hubspot_{name}": len(hubspot.objects(name)) for name in ("contacts", "deals", "products")},
    }


def home() -> Path:
    """The home in force."""
    return load_settings().home_path


def account_today() -> date:
    """Today in the NetSuite account's zone, where order dates live."""
    return datetime.now(ZoneInfo(load_settings().netsuite_time_zone)).date()


def sandbox_folder() -> Path:
    """Where the sandbox keeps its files, made if missing."""
    from ns_hs_orders.sandbox.home import SandboxHome

    place = SandboxHome(home())
    place.create()
    return place.folder


def world_file() -> Path:
    """Where it is told which world the sandbox holds; wiring reads its first day."""
    return sandbox_folder() / "world.json"


def _settings_file() -> Path:
    return sandbox_folder() / SANDBOX_SETTINGS.name


@contextmanager
def stores() -> Iterator[tuple[NetSuiteStore, HubSpotStore]]:
    """Both stores of the home, whether or not the sandbox runs."""
    from ns_hs_orders.sandbox.home import SandboxHome
    from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
    from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore

    place = SandboxHome(home())
    place.create()
    with _files_told(place.folder):
        netsuite, hubspot = NetSuiteStore(place.netsuite_path), HubSpotStore(place.hubspot_path)
    try:
        yield netsuite, hubspot
    finally:
        netsuite.close()
        hubspot.close()


@contextmanager
def _files_told(folder: Path) -> Iterator[None]:
    """Raises ConfigError where a file of the sandbox is no database, or cannot be opened as one."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise ConfigError(
            f"The sandbox's files in {folder} cannot be used: {error}. Remove that folder to start afresh."
        ) from error


def _told(found: Summary) -> str:
    if not found.orders:
        return "The world has no orders."
    sums = ", ".join(f"{s.orders:,} {code} ({s.total:,f})" for code, s in found.currencies.items())
    unknown = len(found.amount_unknown)
    rest = f"; {unknown:,} of them without a readable total" if unknown else ""
    return f"{found.orders:,} orders from {found.first_day} to {found.last_day}: {sums}{rest}"


def put_world(
    world: World, source: str, *, reset: bool, settings: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Loads a world into the home's stores, notes its days and settings that go with it, and prints what it holds."""
    from ns_hs_orders.sandbox.world import load_world, summary

    with stores() as (netsuite, hubspot):
        load_world(world, netsuite, hubspot, reset=reset)
    found = summary(world)
    noted = {
        "source": source,
        "first_order_date": found.first_day.isoformat() if found.first_day else None,
        "last_order_date": found.last_day.isoformat() if found.last_day else None,
        "days": [day.isoformat() for day in world.days() or ()],
        "planted": world.planted,
    }
    write_file(world_file(), json.dumps(noted, indent=2).encode())
    _settings_file().unlink(missing_ok=True)
    if settings:
        lines = (f"{PREFIX}{name.upper()}={value}\n" for name, value in settings.items())
        write_file(_settings_file(), "".join(lines).encode())
    click.echo(_told(found), err=True)
    if world.planted:
        bad = sum(len(numbers) for numbers in world.planted.values())
        click.echo(f"{bad} of them are bad on purpose, in {len(world.planted)} ways.", err=True)
