"""A home with both emulators running, commands run in it, and HubSpot's own definitions to look at and change."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from ns_hs_orders.cli import main
from ns_hs_orders.cli.setup import provision
from ns_hs_orders.clients.hubspot.client import HubSpotClient, open_hubspot
from ns_hs_orders.clients.hubspot.definitions import HubSpotDefinitions
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world import World, generate, load_world
from ns_hs_orders.settings import load_settings

ORDERS = 60


@dataclass(frozen=True)
class Ran:
    """A command that has run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def line(self, name: str) -> str:
        """The one line of the doctor about a check."""
        (line,) = [line for line in self.out.splitlines() if line[6:].startswith(f"{name}  ")]
        return line


@dataclass(frozen=True)
class Home:
    """A running sandbox with its stores."""

    sandbox: Sandbox
    netsuite: NetSuiteStore
    hubspot: HubSpotStore
    client: HubSpotClient

    @property
    def definitions(self) -> HubSpotDefinitions:
        return HubSpotDefinitions(self.client.settings)

    def writes(self) -> int:
        """Calls to HubSpot that wrote something."""
        return self.hubspot.write_calls()

    def switch(self, **changes: Any) -> None:
        self.sandbox.switches.change(**changes)

    def stage(self, label: str, pipeline: str = "NetSuite Sales Orders") -> str:
        """The path of a stage."""
        found = next(one for one in self.definitions.pipelines("orders") if one.label == pipeline)
        stage = next(one for one in found.stages if one.label == label)
        return f"/crm/pipelines/2026-03/orders/{found.id}/stages/{stage.id}"

    def call(self, method: str, path: str, body: Any = None) -> None:
        """What an administrator does by hand in HubSpot."""
        answer = requests.request(
            method,
            self.sandbox.hubspot_url + path,
            json=body,
            headers={"Authorization": f"Bearer {self.sandbox.hubspot_token}"},
            timeout=10,
        )
        assert answer.ok, answer.text


Command = Callable[..., Ran]


def world() -> World:
    """Small, with every kind of planted bad order."""
    return generate(ORDERS, 3, date(2026, 3, 20))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    root: Path = tmp_path_factory.mktemp("home")
    with Sandbox(root, limits="off") as sandbox:
        netsuite = NetSuiteStore(sandbox.home.netsuite_path)
        hubspot = HubSpotStore(sandbox.home.hubspot_path)
        client = open_hubspot(Secret(sandbox.hubspot_token), base_url=sandbox.hubspot_url)
        yield Home(sandbox, netsuite, hubspot, client)
        client.close()
        hubspot.close()
        netsuite.close()


@pytest.fixture
def home(running: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    """The running home as after its start, and the environment that leads to it."""
    running.sandbox.switches.reset()
    running.sandbox.switches.change(limits="off")
    running.sandbox.faults.clear()
    for name in [name for name in os.environ if name.startswith("NS_HS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(running.sandbox.home.root))
    # A state of its own: no budget used up, and no portal noted, by the test before.
    monkeypatch.setenv("NS_HS_STATE_URL", f"sqlite:///{tmp_path / 'state.sqlite'}")
    return running


@pytest.fixture
def empty(home: Home) -> Home:
    """Both accounts empty."""
    home.netsuite.clear()
    home.hubspot.clear()
    return home


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: str) -> Ran:
        capfd.readouterr()
        code = main(list(arguments))
        told = capfd.readouterr()
        assert "Traceback" not in told.out + told.err
        return Ran(code, told.out, told.err)

    return command


@pytest.fixture
def live(home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Mode live, with the emulators in place of the real accounts. login: m2m or tba; others override."""

    def set_up(login: str = "m2m", **changes: str) -> None:
        keys = home.sandbox.netsuite_credentials
        names = {
            "m2m": ("client_id", "certificate_id", "private_key_path"),
            "tba": ("consumer_key", "consumer_secret", "token_id", "token_secret"),
        }[login]
        values = {
            "mode": "live",
            "netsuite_account": keys["account"],
            "netsuite_base_url": home.sandbox.netsuite_url,
            "hubspot_base_url": home.sandbox.hubspot_url,
            "hubspot_token": home.sandbox.hubspot_token,
            **{f"netsuite_{name}": keys[name] for name in names},
            **changes,
        }
        for name, value in values.items():
            monkeypatch.setenv(f"NS_HS_{name.upper()}", value)

    return set_up


@pytest.fixture(scope="module")
def company(running: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The world in both accounts, HubSpot set up, every currency of its orders enabled. Leave it as it is."""
    running.sandbox.switches.reset()
    running.sandbox.switches.change(limits="off")
    load_world(world(), running.netsuite, running.hubspot, reset=True)
    running.hubspot.set_currencies("USD", ["EUR", "CAD", "JPY", "CHF", "XQZ"])
    state = tmp_path_factory.mktemp("state") / "state.sqlite"
    root = running.sandbox.home.root
    assert provision(load_settings(home=root, state_url=f"sqlite:///{state}")) == 0
    return running
