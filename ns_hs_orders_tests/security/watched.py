"""A company in live mode over the emulators, with a canary for every secret, and a home of its own to search.

Belongs here: planting secrets and card numbers, running what the product runs, searching what it left. Does not
belong here: failures and assertions (test_canaries).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.cli.sandbox import account_today
from ns_hs_orders.clients.transport import SystemClock
from ns_hs_orders.defs.build import build_defs
from ns_hs_orders.defs.instance import open_instance
from ns_hs_orders.files import write_file
from ns_hs_orders.sandbox.home import SandboxHome, ensure_credentials
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world import World, generate
from ns_hs_orders.sandbox.world.load import load_world
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders_tests.alerts.receiver import Receiver
from ns_hs_orders_tests.security.leftovers import files, found_in

DAYS = 2
CANARIES = {
    "consumer key": "c4n4ry-consumer-key+/=x",
    "consumer secret": "c4n4ry-consumer-secret+/=x",
    "token id": "c4n4ry-token-id+/=x",
    "token secret": "c4n4ry-token-secret+/=x",
    "HubSpot token": "c4n4ry-hubspot-token+/=x",
    "access token": "c4n4ry-access-token+/=x",
    "proxy password": "c4n4ry-proxy-password",
    "state password": "c4n4ry-state-password",
    "storage password": "c4n4ry-storage-password",
    "address password": "c4n4ry-address-password",
    "alert password": "canary-password",
    "alert path": "canary-path",
    "bytes of a wrong key": "c4n4ry-wrong-key",
}
CARDS = {
    "memo": "4111111111111111",
    "otherrefnum": "5500 0055 5555 5559",
    "custbody_payment_note": "3782-822463-10005",
    "line": "6011 1111 1111 1117",
}


@dataclass(frozen=True)
class Watched:
    """home: what is searched. order: the number of one that HubSpot takes."""

    home: Path
    sandbox: Sandbox
    netsuite: NetSuiteStore
    receiver: Receiver
    planted: dict[str, str]
    first: date
    last: date
    order: str

    @property
    def days(self) -> list[str]:
        return ["--from", self.first.isoformat(), "--to", self.last.isoformat()]

    def unsynced(self) -> str:
        """The number of an order, changed in NetSuite a moment ago, so that it is written again."""
        row = next(
            one for one in self.netsuite.rows("transaction", type="SalesOrd") if one["tranid"] == self.order
        )
        self.netsuite.update("transaction", {"id": row["id"] or ""}, {"memo": f"{row['memo']}!"})
        return self.order

    def save_all(self) -> None:
        """Every order is saved in NetSuite now."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        self.netsuite.update("transaction", {"type": "SalesOrd"}, {"lastmodifieddate": now})

    def leaks(self) -> set[str]:
        """What of the planted is anywhere in the home, or in what HubSpot holds or people were told."""
        hubspot = self.sandbox.home.hubspot_path
        told = [("an alert", str(body).encode()) for body in self.receiver.got]
        told.append(("the debug log", (self.home.parent / "debug.log").read_bytes()))
        held = (one for one in files(hubspot.parent) if one[0].startswith(hubspot.name))
        return (
            found_in(files(self.home), self.planted)
            | found_in(held, self.planted)
            | found_in(iter(told), self.planted)
        )

    def run_live_lane(self) -> bool:
        """One live run; whether it succeeded."""
        job = build_defs(load_settings()).resolve_job_def("sync_changes")
        with open_instance(self.home) as instance:
            return job.execute_in_process(instance=instance, raise_on_error=False).success

    def tick(self, sensor: str) -> str:
        """What one tick of a sensor says."""
        definitions = build_defs(load_settings())
        with open_instance(self.home) as instance:
            context = dg.build_sensor_context(
                instance=instance, repository_def=definitions.get_repository_def(),
                resources={"connections": (definitions.resources or {})["connections"]},
            )  # fmt: skip
            return definitions.resolve_sensor_def(sensor).evaluate_tick(context).skip_message or ""


@contextmanager
def watched_company(folder: Path) -> Iterator[Watched]:
    """Provisioned, with cards in its orders; nothing synced yet. All that is logged at DEBUG is kept."""
    home, remote = folder / "home", SandboxHome(folder / "remote")
    credentials = replace(
        ensure_credentials(remote),
        consumer_key=CANARIES["consumer key"], consumer_secret=CANARIES["consumer secret"],
        token_id=CANARIES["token id"], token_secret=CANARIES["token secret"],
        hubspot_token=CANARIES["HubSpot token"],
    )  # fmt: skip
    write_file(remote.credentials_path, json.dumps(asdict(credentials)).encode())
    today = account_today()
    receiver = Receiver().start()
    with pytest.MonkeyPatch.context() as patch, Sandbox(remote.root, limits="off") as sandbox:
        netsuite, hubspot = NetSuiteStore(sandbox.home.netsuite_path), HubSpotStore(sandbox.home.hubspot_path)
        world = generate(16, 7, today, days=DAYS)
        load_world(world, netsuite, hubspot)
        _plant_cards(netsuite)
        first = today - timedelta(days=DAYS - 1)
        patch.chdir(folder)
        environment = {
            "NS_HS_MODE": "live", "NS_HS_HOME": str(home), "NS_HS_FIRST_DAY": first.isoformat(),
            "NS_HS_NETSUITE_ACCOUNT": credentials.account, "NS_HS_NETSUITE_BASE_URL": sandbox.netsuite_url,
            "NS_HS_NETSUITE_CLIENT_ID": credentials.client_id,
            "NS_HS_NETSUITE_CERTIFICATE_ID": credentials.certificate_id,
            "NS_HS_NETSUITE_PRIVATE_KEY_PATH": credentials.private_key_path,
            "NS_HS_NETSUITE_CONSUMER_KEY": credentials.consumer_key,
            "NS_HS_NETSUITE_CONSUMER_SECRET": credentials.consumer_secret,
            "NS_HS_NETSUITE_TOKEN_ID": credentials.token_id,
            "NS_HS_NETSUITE_TOKEN_SECRET": credentials.token_secret,
            "NS_HS_HUBSPOT_TOKEN": credentials.hubspot_token, "NS_HS_HUBSPOT_BASE_URL": sandbox.hubspot_url,
            "NS_HS_HUBSPOT_CALLS_PER_10S": "250", "NS_HS_HUBSPOT_ASSOCIATION_CALLS_PER_10S": "200",
            "NS_HS_ALERT_URLS": f"{receiver.url}, json://bot:canary-password@127.0.0.1:9/canary-path/",
            "NS_HS_ALERT_DIGEST_AT": "00:00",
        }  # fmt: skip
        for name, value in environment.items():
            patch.setenv(name, value)
        # A failure is met again at once, in place of after half a minute.
        patch.setattr(SystemClock, "sleep", lambda _self, _seconds: None)
        patch.setattr(LiveLane, "quiet", timedelta(0))
        key = Path(credentials.private_key_path).read_text().splitlines()
        planted = CANARIES | CARDS | {"private key": key[len(key) // 2]}
        with _everything_logged(folder / "debug.log"):
            assert main(["setup"]) == 0
            yield Watched(home, sandbox, netsuite, receiver, planted, first, today, _taken(world))
        netsuite.close()
        hubspot.close()
    receiver.stop()


def _taken(world: World) -> str:
    """The number of an order that nothing is wrong with."""
    bad = {number for numbers in world.planted.values() for number in numbers}
    synced = {row["id"] for row in world.netsuite["customer"] if row.get("custentity_celigo_hubspot_id")}
    return next(
        row["tranid"] or ""
        for row in world.netsuite["transaction"]
        if row["type"] == "SalesOrd" and row["tranid"] not in bad and row["entity"] in synced
    )


def _plant_cards(netsuite: NetSuiteStore) -> None:
    for row in netsuite.rows("transaction", type="SalesOrd"):
        netsuite.update(
            "transaction",
            {"id": row["id"] or ""},
            {
                name: f"Card {CARDS[name]} exp 12/28"
                for name in ("memo", "otherrefnum", "custbody_payment_note")
            },
        )
        netsuite.update(
            "transactionline", {"transaction": row["id"] or ""}, {"memo": f"paid by {CARDS['line']}"}
        )


@contextmanager
def _everything_logged(path: Path) -> Iterator[None]:
    root, handler = logging.getLogger(), logging.FileHandler(path)
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()
