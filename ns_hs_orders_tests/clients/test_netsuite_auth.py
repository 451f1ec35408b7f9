"""Logins: the assertion judged with the public key, the signature judged by oauthlib, tokens kept and renewed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

from ns_hs_orders.clients.netsuite import NetSuiteClient, open_netsuite
from ns_hs_orders.clients.netsuite_auth import (
    TOKEN_PATH,
    Certificate,
    ClientCredentials,
    NoAuth,
    TokenBased,
    TokenKeys,
    account_host,
    account_realm,
)
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders_tests.clients.conftest import FakeClock, Received, Scripted, ScriptedServer

ACCOUNT = "1234567_SB1"
AUDIENCE = f"https://1234567-sb1.suitetalk.api.netsuite.com{TOKEN_PATH}"
PAGE = {"count": 0, "hasMore": False, "items": [], "totalResults": 0}
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
KEYS = TokenKeys(
    Secret("consumer-key"), Secret("consumer-secret"), Secret("token-id"), Secret("token-secret")
)


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, password: str = ""
) -> bytes:
    lock = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


class TokenServer:
    """Issues numbered tokens, and takes the last one only."""

    def __init__(self, life: str = "3600") -> None:
        self.issued = 0
        self.life = life
        self.valid: str | None = None
        self._lock = threading.Lock()

    def __call__(self, request: Received) -> Scripted:
        with self._lock:
            if request.path == TOKEN_PATH:
                self.issued += 1
                self.valid = f"token-number-{self.issued}"
                return Scripted(
                    200, {"access_token": self.valid, "expires_in": self.life, "token_type": "bearer"}
                )
            if request.headers.get("authorization") == f"Bearer {self.valid}":
                return Scripted(200, PAGE)
            return Scripted(401, {"title": "Unauthorized", "status": 401, "o:errorDetails": [
                {"detail": "Invalid login attempt.", "o:errorCode": "INVALID_LOGIN"}]})  # fmt: skip

    def revoke(self) -> None:
        with self._lock:
            self.valid = None


@pytest.fixture
def tokens(server: ScriptedServer) -> TokenServer:
    issuing = TokenServer()
    server.script(issuing)
    return issuing


@pytest.fixture
def m2m(server: ScriptedServer, clock: FakeClock) -> Callable[..., NetSuiteClient]:
    def make(certificate: Certificate | None = None, threads: int = 2) -> NetSuiteClient:
        login = certificate or Certificate("cert-1", EC_KEY, "ES256")
        return open_netsuite(
            ACCOUNT, login, client_id="client-1", base_url=server.url, clock=clock, threads=threads
        )

    return make


@pytest.mark.parametrize("key, algorithm", [(RSA_KEY, "PS256"), (EC_KEY, "ES256")], ids=["RSA", "EC"])
def test_the_assertion_holds_what_netsuite_asks_for(
    server: ScriptedServer, tokens: TokenServer, m2m: Callable[..., NetSuiteClient], tmp_path: Path,
    clock: FakeClock, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: str,
) -> None:  # fmt: skip
    path = tmp_path / "key.pem"
    path.write_bytes(pem(key))
    m2m(Certificate.read("cert-7", path)).query("SELECT id FROM transaction")
    request = server.received[0]
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assertion = form.pop("client_assertion")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert form == {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert jwt.get_unverified_header(assertion) == {"typ": "JWT", "alg": algorithm, "kid": "cert-7"}
    now = int(clock.now().timestamp())  # issued before now, since our clock may be ahead
    assert jwt.decode(assertion, key.public_key(), algorithms=[algorithm], options={"verify_signature": True,
        "verify_aud": False, "verify_exp": False, "verify_iat": False}) == {
        "iss": "client-1", "scope": ["rest_webservices"], "aud": AUDIENCE, "iat": now - 300, "exp": now + 600,
    }  # fmt: skip
    assert "authorization" not in request.headers
    assert server.received[1].headers["authorization"] == "Bearer token-number-1"


def test_a_token_serves_until_shortly_before_its_end(
    tokens: TokenServer, m2m: Callable[..., NetSuiteClient], clock: FakeClock
) -> None:
    client = m2m()
    client.query("SELECT 1 FROM dual")
    clock.advance(3479)
    client.query("SELECT 1 FROM dual")
    assert tokens.issued == 1
    clock.advance(1)
    client.query("SELECT 1 FROM dual")
    assert tokens.issued == 2


def test_a_short_lived_token_is_still_used_more_than_once(
    tokens: TokenServer, m2m: Callable[..., NetSuiteClient], clock: FakeClock
) -> None:
    tokens.life = "60"
    client = m2m()
    client.query("SELECT 1 FROM dual")
    clock.advance(29)
    client.query("SELECT 1 FROM dual")
    assert tokens.issued == 1


def test_a_refused_token_is_renewed_once_and_the_call_made_again(
    server: ScriptedServer, tokens: TokenServer, m2m: Callable[..., NetSuiteClient], clock: FakeClock
) -> None:
    client = m2m()
    client.query("SELECT 1 FROM dual")
    tokens.revoke()
    client.query("SELECT 1 FROM dual")
    assert [request.path == TOKEN_PATH for request in server.received] == [True, False, False, True, False]
    assert clock.slept == []


def test_a_login_refused_with_a_new_token_too_is_final(
    server: ScriptedServer, m2m: Callable[..., NetSuiteClient]
) -> None:
    issuing = TokenServer()

    def refusing(request: Received) -> Scripted:
        answer = issuing(request)
        issuing.revoke()
        return answer

    server.script(refusing)
    with pytest.raises(RemoteError) as caught:
        m2m().query("SELECT 1 FROM dual")
    assert (caught.value.status, caught.value.code, caught.value.transient) == (401, "INVALID_LOGIN", False)
    assert len(server.received) == 4
    assert "token-number" not in str(caught.value)


def test_threads_share_one_token_and_renew_it_once(
    tokens: TokenServer, m2m: Callable[..., NetSuiteClient]
) -> None:
    client = m2m(threads=8)
    failures: list[BaseException] = []

    def calls() -> None:
        try:
            for _ in range(5):
                client.query("SELECT 1 FROM dual")
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    for _ in range(2):
        threads = [threading.Thread(target=calls) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tokens.revoke()
    assert failures == []
    assert tokens.issued == 2


def test_a_late_refusal_of_an_old_token_does_not_throw_the_new_one_away(
    server: ScriptedServer, tokens: TokenServer, clock: FakeClock
) -> None:
    login = ClientCredentials(
        "client-1",
        Certificate("cert-1", EC_KEY, "ES256"),
        Transport("netsuite", server.url, NoAuth(), clock=clock),
        audience=AUDIENCE,
        now=clock.now,
    )

    def header() -> str:
        return login(requests.Request("GET", server.url).prepare()).headers["Authorization"]

    old = header()
    assert login.renew(old)
    new = header()
    assert login.renew(old)
    assert (old, new, header()) == ("Bearer token-number-1", "Bearer token-number-2", new)
    assert tokens.issued == 2


def test_a_refused_assertion_names_oauths_reason_and_not_the_assertion(
    server: ScriptedServer, m2m: Callable[..., NetSuiteClient]
) -> None:
    def refuse(request: Received) -> Scripted:
        told = request.body.decode()
        return Scripted(400, {"error": "invalid_grant", "error_description": f"Refused: {told}"})

    server.script(refuse)
    with pytest.raises(RemoteError) as caught:
        m2m().query("SELECT 1 FROM dual")
    sent = parse_qs(server.received[0].body.decode())["client_assertion"][0]
    assert (caught.value.code, caught.value.status) == ("invalid_grant", 400)
    assert sent not in f"{caught.value} {caught.value.body}"
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "body", [{}, {"access_token": ""}, {"access_token": "x"}, {"access_token": "x", "expires_in": "soon"}, []]
)
def test_a_token_answer_without_a_token_is_an_error(
    server: ScriptedServer, m2m: Callable[..., NetSuiteClient], body: object
) -> None:
    server.script(Scripted(200, body))
    with pytest.raises(RemoteError, match="without a token"):
        m2m().query("SELECT 1 FROM dual")


def test_each_try_is_signed_anew_and_rightly(server: ScriptedServer, clock: FakeClock) -> None:
    server.script(Scripted(503), Scripted(200, PAGE))
    open_netsuite(ACCOUNT, KEYS, base_url=server.url, clock=clock).query("SELECT id FROM t", ["1"], limit=7)
    nonces = set()
    for request in server.received:
        header = request.headers["authorization"]
        assert header.startswith('OAuth realm="1234567_SB1"')
        signed = dict(
            signature.collect_parameters(headers={"Authorization": header}, exclude_oauth_signature=False)
        )
        assert signed["oauth_signature_method"] == "HMAC-SHA256"
        nonces.add(signed["oauth_nonce"])
        check: Any = Request(request.url, http_method="POST", headers={"Authorization": header})
        check.params = signature.collect_parameters(uri_query="limit=7", headers={"Authorization": header})
        check.signature = signed["oauth_signature"]
        assert signature.verify_hmac_sha256(check, "consumer-secret", "token-secret")
        check.signature = signed["oauth_signature"][:-4] + "AAA="
        assert not signature.verify_hmac_sha256(check, "consumer-secret", "token-secret")
    assert len(nonces) == 2


def test_no_login_shows_its_secrets() -> None:
    text = f"{KEYS!r} {TokenBased(ACCOUNT, KEYS)!r} {Certificate('cert-1', EC_KEY, 'ES256')!r}"
    assert not any(one in text for one in ("consumer-key", "consumer-secret", "token-id", "token-secret"))


@pytest.mark.parametrize("account", ["1234567_SB1", "1234567-sb1", " 1234567_sb1 "])
def test_an_account_has_a_host_and_a_realm(account: str) -> None:
    assert account_host(account) == "1234567-sb1.suitetalk.api.netsuite.com"
    assert account_realm(account) == "1234567_SB1"


@pytest.mark.parametrize(
    "content, words",
    [
        (None, "does not exist"),
        (b"", "not a private key in PEM form"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a private key in PEM form"),
        (pem(RSA_KEY, "password"), "is encrypted"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "RSA and EC"),
        (pem(ec.generate_private_key(ec.SECP521R1())), "P-256"),
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "1024 bits"),
    ],
    ids=["missing", "empty", "certificate", "encrypted", "ed25519", "wrong curve", "small"],
)
def test_an_unusable_key_file_is_named_with_what_is_wrong(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "netsuite.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        Certificate.read("cert-1", path)
    assert str(path) in str(caught.value)


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Certificate.read("cert-1", tmp_path)


def test_a_certificate_needs_a_client_id() -> None:
    with pytest.raises(ConfigError, match="client id"):
        open_netsuite(ACCOUNT, Certificate("cert-1", EC_KEY, "ES256"))
