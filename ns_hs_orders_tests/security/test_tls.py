"""Credentials go over checked TLS or to this machine, nowhere else, whatever the environment says."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ns_hs_orders.alerts.delivery import AppriseMessenger
from ns_hs_orders.alerts.ports import Message
from ns_hs_orders.clients.hubspot.client import open_hubspot
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.clients.retry import HUBSPOT_RULES, RetryPolicy
from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.settings import load_settings

ONCE = RetryPolicy(HUBSPOT_RULES, attempts=1, total_seconds=5)


class Stranger:
    """An HTTPS server whose certificate nobody vouches for; keeps what reached it."""

    def __init__(self, folder: Path) -> None:
        self.reached: list[str] = []
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        self.certificate = folder / "certificate.pem"
        self.certificate.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stranger.reached.append(str(self.headers))
                self.send_response(200)
                self.end_headers()

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    opened = Stranger(tmp_path_factory.mktemp("stranger"))
    yield opened
    opened.stop()


@pytest.mark.parametrize(
    "name, value",
    [
        ("PYTHONHTTPSVERIFY", "0"), ("CURL_CA_BUNDLE", ""), ("REQUESTS_CA_BUNDLE", ""), ("REQUESTS_CA_BUNDLE", "False"),
        ("CURL_CA_BUNDLE", "0"), ("SSL_CERT_FILE", ""), ("NODE_TLS_REJECT_UNAUTHORIZED", "0"), ("NS_HS_MODE", "live"),
    ],
)  # fmt: skip
def test_no_variable_makes_a_stranger_trusted(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    client = open_hubspot(Secret("canary-token"), base_url=f"https://127.0.0.1:{stranger.port}", retries=ONCE)
    with pytest.raises(RemoteError, match="certificate is not trusted"):
        client.objects.batch_read("orders", ["1"], ["hs_object_id"])
    client.close()
    assert stranger.reached == []


@pytest.mark.parametrize("option", ["verify=no", "verify=false", "verify=0"])
def test_an_alert_address_cannot_take_the_check_off(stranger: Stranger, option: str) -> None:
    messenger = AppriseMessenger(f"jsons://u:canary@127.0.0.1:{stranger.port}/?{option}")
    assert messenger.send(Message("title", "body", "info"), messenger.targets) == set()
    assert stranger.reached == []


@pytest.mark.parametrize(
    "name, value",
    [
        ("NS_HS_HUBSPOT_BASE_URL", "http://api.hubapi.com"),
        ("NS_HS_HUBSPOT_BASE_URL", "http://127.0.0.1.evil.example"),
        ("NS_HS_HUBSPOT_BASE_URL", "http://127.0.0.1@evil.example"),
        ("NS_HS_HUBSPOT_BASE_URL", "https://@evil.example"),
        ("NS_HS_HUBSPOT_BASE_URL", "https://host:99999"),
        ("NS_HS_HUBSPOT_BASE_URL", "https://"),
        ("NS_HS_NETSUITE_BASE_URL", "http://[::1"),
        ("NS_HS_NETSUITE_ACCOUNT", "evil.example/x"),
        ("NS_HS_NETSUITE_ACCOUNT", "1234567@evil.example"),
        ("NS_HS_NETSUITE_ACCOUNT", "1234567.evil.example#"),
        ("NS_HS_STORAGE_URL", "ftp://user:canary@files.example/orders"),
        ("NS_HS_REPORTS", "ftp://user:canary@files.example/reports"),
        ("NS_HS_NETSUITE_TIME_ZONE", "America"),
        ("NS_HS_HUBSPOT_API_VERSION", "٢٠٢٦-٠٣"),
        ("NS_HS_HOME", "~nobody-here/x"),
    ],
)
def test_a_setting_that_would_lead_credentials_astray_is_refused_by_name_without_its_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        load_settings()
    assert "canary" not in str(caught.value)


def test_the_states_password_is_in_no_representation_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_STATE_URL", "postgresql+psycopg://user:canary@db.example/state")
    settings = load_settings()
    assert "canary" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert "canary" in settings.state_address


def test_both_emulators_listen_on_loopback_alone(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        ports = {int(url.rpartition(":")[2]) for url in (sandbox.netsuite_url, sandbox.hubspot_url)}
        listening = {}
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                address, _, port = local.rpartition(":")
                if state == "0A" and int(port, 16) in ports:
                    listening[int(port, 16)] = address
    assert listening == dict.fromkeys(ports, "0100007F")
