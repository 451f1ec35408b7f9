"""NetSuite over HTTP: logins, headers, pages, limits, error bodies."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests_oauthlib import OAuth1

from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders_tests.sandbox.netsuite.conftest import SUITEQL_PATH, TOKEN_PATH, Client

COUNT = "SELECT COUNT(*) AS n FROM transaction"


@pytest.mark.parametrize("algorithm", ["PS256", "PS384", "PS512", "ES256"])
def test_a_signed_assertion_opens_the_door(client: Client, algorithm: str) -> None:
    answer = client.ask_token(client.assertion(algorithm))
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (
        200,
        "bearer",
        "3600",
    )
    client.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    assert client.query(COUNT).json()["items"] == [{"links": [], "n": "4"}]


@pytest.mark.parametrize(
    "scope", ["rest_webservices", "restlets rest_webservices", "restlets,rest_webservices"]
)
def test_the_scope_may_be_one_text(client: Client, scope: str) -> None:
    assert client.ask_token(client.assertion(scope=scope)).status_code == 200


def test_the_audience_may_be_the_accounts_own_address(client: Client) -> None:
    host = client.sandbox.netsuite_credentials["account"].lower().replace("_", "-")
    address = f"https://{host}.suitetalk.api.netsuite.com{TOKEN_PATH}"
    assert client.ask_token(client.assertion(aud=address)).status_code == 200


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"iss": "somebody else"}, "invalid_client"),
        ({"kid": "unknown"}, "invalid_client"),
        ({"aud": "https://other.example/token"}, "invalid_grant"),
        ({"iat": 1, "exp": 100}, "invalid_grant"),
        ({"exp": int(time.time()) + 36_000}, "invalid_grant"),
        ({"iat": int(time.time()) + 36_000, "exp": int(time.time()) + 36_300}, "invalid_grant"),
        ({"scope": ["restlets"]}, "invalid_scope"),
        ({"scope": 7}, "invalid_scope"),
    ],
)
def test_a_wrong_assertion_is_refused(client: Client, changes: dict[str, Any], error: str) -> None:
    answer = client.ask_token(client.assertion(**changes))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_another_key_does_not_open_the_door(client: Client, tmp_path: Any) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "other.pem"
    path.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    answer = client.ask_token(client.assertion(key_path=str(path)))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "form, error",
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"client_assertion": "not.a.jwt"}, "invalid_request"),
    ],
)
def test_a_wrong_form_is_refused(client: Client, form: dict[str, str], error: str) -> None:
    assertion = form.pop("client_assertion", None) or client.assertion()
    assert client.ask_token(assertion, **form).json()["error"] == error


def test_rs256_is_not_accepted(client: Client) -> None:
    assert client.ask_token(client.assertion("RS256")).json()["error"] == "invalid_grant"


def test_a_token_expires(client: Client, running: Sandbox) -> None:
    running.switches.change(token_lifetime_seconds=0)
    client.sign_in()
    answer = client.query(COUNT)
    assert answer.status_code == 401
    assert answer.json()["o:errorDetails"][0]["o:errorCode"] == "INVALID_LOGIN"


def tba(sandbox: Sandbox, **changes: str) -> OAuth1:
    known = {**sandbox.netsuite_credentials, **changes}
    return OAuth1(
        known["consumer_key"], known["consumer_secret"], known["token_id"], known["token_secret"],
        signature_method=known.get("method", "HMAC-SHA256"), realm=known["account"],
    )  # fmt: skip


def test_token_based_authentication_works_with_a_query_string(client: Client, running: Sandbox) -> None:
    url = f"{running.netsuite_url}{SUITEQL_PATH}?limit=2&offset=2"
    answer = requests.post(
        url, json={"q": "SELECT id FROM transaction ORDER BY id"}, headers={"Prefer": "transient"},
        auth=tba(running), timeout=10,
    )  # fmt: skip
    assert [item["id"] for item in answer.json()["items"]] == ["100", "101"]


@pytest.mark.parametrize(
    "changes",
    [
        {"consumer_secret": "wrong"},
        {"token_secret": "wrong"},
        {"consumer_key": "wrong"},
        {"account": "9999999"},
        {"method": "HMAC-SHA1"},
    ],
)
def test_a_wrong_signature_is_an_invalid_login(running: Sandbox, changes: dict[str, str]) -> None:
    answer = requests.get(
        f"{running.netsuite_url}/services/rest/system/v1/serverTime", auth=tba(running, **changes), timeout=10
    )
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (401, "INVALID_LOGIN")


def test_a_nonce_serves_once(running: Sandbox) -> None:
    url = f"{running.netsuite_url}/services/rest/system/v1/serverTime"
    request = requests.Request("GET", url, auth=tba(running)).prepare()
    with requests.Session() as session:
        assert session.send(request, timeout=10).status_code == 200
        assert session.send(request, timeout=10).status_code == 401


@pytest.mark.parametrize("header", [None, "Bearer nothing", "Basic abc"])
def test_no_login_no_answer(running: Sandbox, header: str | None) -> None:
    answer = requests.post(
        f"{running.netsuite_url}{SUITEQL_PATH}", json={"q": COUNT},
        headers={"Prefer": "transient", **({"Authorization": header} if header else {})}, timeout=10,
    )  # fmt: skip
    assert answer.status_code == 401
    assert answer.json()["title"] == "Unauthorized"


def test_a_page_has_the_documented_shape(client: Client) -> None:
    first = client.query("SELECT id FROM transaction ORDER BY id", path=f"{SUITEQL_PATH}?limit=2").json()
    assert {key: first[key] for key in ("count", "hasMore", "offset", "totalResults")} == {
        "count": 2, "hasMore": True, "offset": 0, "totalResults": 4,
    }  # fmt: skip
    links = {link["rel"]: link["href"] for link in first["links"]}
    assert links["next"].endswith(f"{SUITEQL_PATH}?limit=2&offset=2")
    last = client.session.post(
        links["next"], json={"q": "SELECT id FROM transaction ORDER BY id"}, timeout=10
    ).json()
    assert last["hasMore"] is False
    assert "next" not in {link["rel"] for link in last["links"]}
    assert [item["id"] for item in first["items"] + last["items"]] == ["9", "10", "100", "101"]


@pytest.mark.parametrize(
    "query, param",
    [
        ("limit=1001", "limit"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("limit=10&offset=5", "offset"),
        ("offset=1", "offset"),
    ],
)
def test_paging_outside_the_rules_is_refused(client: Client, query: str, param: str) -> None:
    answer = client.query(COUNT, path=f"{SUITEQL_PATH}?{query}")
    assert answer.status_code == 400
    assert answer.json()["o:errorDetails"][0]["o:errorQueryParam"] == param


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_the_prefer_header_is_needed(client: Client, prefer: str) -> None:
    answer = client.query(COUNT, headers={"Prefer": prefer})
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (400, "INVALID_HEADER")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"q": ""}', b'{"q": 5}', b'{"q": "SELECT 1 FROM dual", "params": {}}']
)
def test_a_body_that_is_no_query_is_refused(client: Client, body: bytes) -> None:
    answer = client.session.post(f"{client.sandbox.netsuite_url}{SUITEQL_PATH}", data=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["o:errorDetails"][0]["detail"]


def test_a_refusal_has_the_documented_shape(client: Client) -> None:
    answer = client.query("SELECT nothing FROM transaction").json()
    assert set(answer) == {"type", "title", "status", "o:errorDetails"}
    assert set(answer["o:errorDetails"][0]) == {"detail", "o:errorCode", "o:errorQueryParam"}


def test_text_of_every_script_survives(client: Client, running: Sandbox) -> None:
    text = "Grüße 🙂 שלום \x00 end"
    answer = client.query("SELECT ? AS x FROM dual", text)
    assert answer.json()["items"] == [{"links": [], "x": text}]


def test_a_decimal_parameter_stays_exact(client: Client) -> None:
    body = b'{"q": "SELECT id FROM transaction WHERE foreigntotal = ?", "params": [100.00000001]}'
    answer = client.session.post(f"{client.sandbox.netsuite_url}{SUITEQL_PATH}", data=body, timeout=10)
    assert [item["id"] for item in answer.json()["items"]] == ["9"]


def test_the_server_tells_its_time_with_its_skew(client: Client, running: Sandbox) -> None:
    running.switches.change(netsuite_clock_skew_seconds=600)
    answer = client.session.get(
        f"{running.netsuite_url}/services/rest/system/v1/serverTime", timeout=10
    ).json()
    told = datetime.strptime(answer["serverTime"], "%Y-%m-%dT%H:%M:%S.000Z").replace(tzinfo=UTC)
    assert 595 < (told - datetime.now(UTC)).total_seconds() < 605


def test_only_an_administrator_sees_the_governance_limits(client: Client, running: Sandbox) -> None:
    answer = client.session.get(
        f"{running.netsuite_url}/services/rest/system/v1/governanceLimits", timeout=10
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "method, path, status", [("GET", "/services/rest/record/v1/salesOrder", 404), ("GET", SUITEQL_PATH, 405)]
)
def test_other_resources_do_not_exist(client: Client, method: str, path: str, status: int) -> None:
    answer = client.session.request(method, f"{client.sandbox.netsuite_url}{path}", timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


@pytest.mark.parametrize("limits, refused", [("real", True), ("off", False)])
def test_requests_above_the_concurrency_limit_are_refused(
    client: Client, running: Sandbox, limits: str, refused: bool
) -> None:
    running.switches.change(netsuite_concurrency=2, latency_ms=200, limits=limits)
    with ThreadPoolExecutor(6) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: client.query(COUNT), range(6))]
    if refused:
        assert statuses.count(429) >= 1
        assert statuses.count(200) >= 2
        assert set(statuses) == {200, 429}
        running.switches.change(latency_ms=0)
        assert client.query(COUNT).status_code == 200
    else:
        assert statuses == [200] * 6
