"""No secret and no card number is in anything that a run leaves, prints, logs or sends, whatever went wrong.

Each secret is a canary. A run of every kind is made, in success and in each failure; what it printed is searched at once,
and last of all every file of the home, what was logged and told, and what HubSpot holds, for each canary in every spelling.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.clients.transport import Timeouts
from ns_hs_orders.wiring import opening
from ns_hs_orders_tests.security.leftovers import found_in
from ns_hs_orders_tests.security.watched import CANARIES, Watched, watched_company


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched_company(tmp_path_factory.mktemp("watched")) as company:
        yield company


def printed(capfd: pytest.CaptureFixture[str], planted: dict[str, str]) -> set[str]:
    said = capfd.readouterr()
    return found_in(iter([("stdout", said.out.encode()), ("stderr", said.err.encode())]), planted)


def test_a_full_run_in_success_leaves_no_secret_and_no_card(
    watched: Watched, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    for command in (
        ["sync", *watched.days],
        ["reconcile", *watched.days, "--json"],
        ["doctor", "--json"],
    ):
        assert main(command) in (0, 1), command
    order = next(row for row in watched.netsuite.rows("transaction", type="SalesOrd"))["tranid"] or ""
    for command in (
        ["status"],
        ["status", "--json"],
        ["due", "--json"],
        ["explain", order, "--json"],
    ):
        assert main(command) in (0, 1), command
    assert watched.run_live_lane()
    for sensor in ("watch_netsuite", "alerts"):
        assert watched.tick(sensor)
    said = capfd.readouterr()
    assert "************1111" in said.out, "the masked number is told, so the cards were really there"
    assert (
        found_in(iter([("stdout", said.out.encode()), ("stderr", said.err.encode())]), watched.planted)
        == set()
    )
    assert watched.leaks() == set()
    assert (watched.home / "dagster").exists()
    assert any((watched.home / "storage").rglob("*.parquet"))


def test_what_customers_or_secrets_may_be_in_is_for_its_owner_alone(watched: Watched) -> None:
    modes = {
        name: oct((watched.home / name).stat().st_mode & 0o777)
        for name in ("", "dagster", "state", "storage")
    }
    assert set(modes.values()) == {"0o700"}, modes
    open_to_others = [
        str(path.relative_to(watched.home))
        for path in (*(watched.home / "storage").rglob("*"), *(watched.home / "state").rglob("*"))
        if path.stat().st_mode & 0o077
    ]
    assert open_to_others == []


TBA = ("consumer key", "consumer secret", "token id", "token secret")
WITHOUT_M2M = {
    "NS_HS_NETSUITE_CLIENT_ID": "",
    "NS_HS_NETSUITE_CERTIFICATE_ID": "",
    "NS_HS_NETSUITE_PRIVATE_KEY_PATH": "",
}


def echo(*names: str) -> str:
    """The secrets as a careless server or a proxy in between would show them."""
    said = []
    for name in names:
        secret = CANARIES[name]
        said += [
            secret, quote(secret, safe=""), f"Authorization: Bearer {secret}", b64encode(secret.encode()).decode(),
            json.dumps({"authorization": f"Bearer {secret}"}), f"?hapikey={secret}",
        ]  # fmt: skip
    return " ; ".join(said)


def answer(app: str, status: int, body: Any, path: str = "", **headers: str) -> dict[str, Any]:
    return {
        "kind": "status", "app": app, "status": status, "answer": body, "times": 0, "path": path, "headers": headers,
    }  # fmt: skip


def hubspot_error(text: str) -> dict[str, Any]:
    return {
        "status": "error", "message": text, "category": text, "policyName": text, "correlationId": text,
        "errors": [{"message": text, "context": {"requiredGranularScopes": [text], text: [text]}}],
    }  # fmt: skip


def netsuite_error(text: str) -> dict[str, Any]:
    return {"title": text, "o:errorDetails": [{"detail": text, "o:errorCode": text}], text: text}


@dataclass(frozen=True)
class Bad:
    """What goes wrong: faults of the emulators, other settings. tba: NetSuite by token-based login.

    days: the whole day lane is run, in place of a single order. code: how the command ends.
    """

    faults: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    tba: bool = False
    days: bool = False
    code: int = 2


HUB, OWN, ACCESS = echo("HubSpot token"), echo(*TBA), echo("access token")
TOKEN = answer(
    "netsuite", 200, {"access_token": CANARIES["access token"], "expires_in": "3600"}, "oauth2/v1/token"
)
FAILURES = {
    "HubSpot 401": Bad([answer("hubspot", 401, hubspot_error(HUB))], days=True),
    "HubSpot 401 in HTML": Bad([answer("hubspot", 401, f"<html>{HUB}</html>", **{"content-type": "text/html"})]),
    "HubSpot 403": Bad([answer("hubspot", 403, hubspot_error(HUB), **{"x-hubspot-correlation-id": CANARIES["HubSpot token"]})]),
    "HubSpot 429": Bad([answer("hubspot", 429, hubspot_error(HUB), **{"retry-after": "0"})]),
    "HubSpot 500": Bad([answer("hubspot", 500, hubspot_error(HUB))]),
    "HubSpot refuses each batch": Bad([answer("hubspot", 400, hubspot_error(HUB), "batch/(upsert|create|update)")], code=1),
    "HubSpot redirects": Bad([answer("hubspot", 302, "", location=f"https://evil.example/{CANARIES['HubSpot token']}")]),
    "HubSpot answers another shape": Bad([answer("hubspot", 200, {HUB: HUB}, "batch/")]),
    "HubSpot answers no JSON": Bad([answer("hubspot", 200, HUB)]),
    "HubSpot resets": Bad([{"kind": "reset", "app": "hubspot", "times": 0}]),
    "HubSpot is silent": Bad([{"kind": "timeout_before", "app": "hubspot", "times": 0, "path": "batch/read"}]),
    "NetSuite 401": Bad([TOKEN, answer("netsuite", 401, netsuite_error(ACCESS))], days=True),
    "NetSuite 401 by TBA": Bad([answer("netsuite", 401, netsuite_error(OWN))], tba=True),
    "NetSuite 403 in HTML by TBA": Bad([answer("netsuite", 403, f"<html>{OWN}</html>")], tba=True),
    "NetSuite 429 by TBA": Bad([answer("netsuite", 429, netsuite_error(OWN))], tba=True),
    "NetSuite 500 by TBA": Bad([answer("netsuite", 500, netsuite_error(OWN))], tba=True),
    "NetSuite answers no page": Bad([TOKEN, answer("netsuite", 200, {ACCESS: ACCESS, "items": ACCESS})]),
    "NetSuite contradicts itself": Bad([TOKEN, answer("netsuite", 200, {"items": [], "hasMore": ACCESS, "count": ACCESS})]),
    "NetSuite sends odd rows": Bad([TOKEN, answer("netsuite", 200, {"items": [{ACCESS: [ACCESS]}], "hasMore": False})]),
    "NetSuite gives no token": Bad([answer("netsuite", 401, {"error": "invalid_grant", "error_description": "no"}, "token")]),
    "NetSuite resets": Bad([{"kind": "reset", "app": "netsuite", "times": 0}]),
    "NetSuite is silent": Bad([{"kind": "timeout_before", "app": "netsuite", "times": 0}]),
    "a wrong key": Bad(settings={"NS_HS_NETSUITE_PRIVATE_KEY_PATH": "wrong.pem"}),
    "no key": Bad(settings={"NS_HS_NETSUITE_PRIVATE_KEY_PATH": "none.pem"}),
    "a password in an address": Bad(
        settings={"NS_HS_HUBSPOT_BASE_URL": f"https://u:{CANARIES['address password']}@proxy.example"}
    ),
    "a password in the storage": Bad(
        settings={"NS_HS_STORAGE_URL": f"ftp://u:{CANARIES['storage password']}@files.example/x"}
    ),
    "a state that cannot be reached": Bad(
        settings={"NS_HS_STATE_URL": f"postgresql+psycopg://u:{CANARIES['state password']}@127.0.0.1:9/x"}
    ),
    "a state of another kind": Bad(
        settings={"NS_HS_STATE_URL": f"mysql://u:{CANARIES['state password']}@127.0.0.1:9/x"}
    ),
    "a state address that cannot be read": Bad(
        settings={"NS_HS_STATE_URL": f"//u:{CANARIES['state password']}@127.0.0.1"}
    ),
    "a state that is a folder": Bad(
        settings={"NS_HS_STATE_URL": f"sqlite:////dev/null/x?password={CANARIES['state password']}"}
    ),
    "alert addresses without a scheme": Bad(settings={"NS_HS_ALERT_URLS": "bot:canary-password@host/canary-path"}),
    "a refused proxy": Bad(settings={
        "NS_HS_HUBSPOT_BASE_URL": "https://hubspot.example", "NS_HS_NETSUITE_BASE_URL": "https://netsuite.example",
        "HTTPS_PROXY": f"http://u:{CANARIES['proxy password']}@127.0.0.1:9",
    }),
    "a proxy address that cannot be read": Bad(settings={
        "NS_HS_HUBSPOT_BASE_URL": "https://hubspot.example", "NS_HS_NETSUITE_BASE_URL": "https://netsuite.example",
        "HTTPS_PROXY": f"http://u:{CANARIES['proxy password']}@127.0.0.1:port",
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_prints_no_secret_and_no_card(
    watched: Watched, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = FAILURES[name]
    for setting, value in {**(WITHOUT_M2M if bad.tba else {}), **bad.settings}.items():
        monkeypatch.setenv(setting, value)
    Path("wrong.pem").write_text(f"-----BEGIN PRIVATE KEY-----\n{CANARIES['bytes of a wrong key']}\n")
    timeouts = Timeouts(0.3, 0.3)
    monkeypatch.setattr(opening, "Timeouts", lambda **_: timeouts)
    watched.sandbox.faults.add(*bad.faults)
    capfd.readouterr()
    try:
        code = main(["sync", *(watched.days if bad.days else ["--orders", watched.unsynced()])])
    finally:
        watched.sandbox.faults.clear()
    assert code == bad.code
    assert printed(capfd, watched.planted) == set()


@pytest.mark.parametrize("side, text", [("hubspot", HUB), ("netsuite", ACCESS)])
def test_a_live_lane_that_fails_prints_no_secret(
    watched: Watched, side: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    watched.save_all()
    watched.sandbox.faults.add(
        TOKEN, answer(side, 401, hubspot_error(text) | netsuite_error(text), "(objects|suiteql)")
    )
    try:
        assert not watched.run_live_lane()
        assert watched.tick("watch_netsuite")
    finally:
        watched.sandbox.faults.clear()
    assert printed(capfd, watched.planted) == set()


def test_all_that_the_failures_left_and_the_alerts_of_them_hold_no_secret_and_no_card(
    watched: Watched, capfd: pytest.CaptureFixture[str]
) -> None:
    """Searches once, last, since it takes as long as all the failures: each left its runs, logs and state in the home."""
    watched.sandbox.faults.add(answer("hubspot", 401, hubspot_error(HUB)))
    try:
        assert main(["sync", "--orders", watched.unsynced()]) == 2
    finally:
        watched.sandbox.faults.clear()
    before = len(watched.receiver.got)
    assert watched.tick("alerts").startswith("Told of ")
    assert len(watched.receiver.got) > before
    assert printed(capfd, watched.planted) == set()
    assert watched.leaks() == set()
