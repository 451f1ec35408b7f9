"""Where a sandbox keeps its things: paths under the home, its credentials and its published addresses.

Belongs here: file names, the addresses file.
Does not belong here: servers, tables, switches' meaning.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ns_hs_orders.files import private_folder, write_file

PROBE_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True)
class SandboxHome:
    """Paths of one sandbox, all under `<root>/sandbox/`. Two homes never share a file."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "sandbox"

    @property
    def netsuite_path(self) -> Path:
        return self.folder / "netsuite.sqlite"

    @property
    def hubspot_path(self) -> Path:
        return self.folder / "hubspot.sqlite"

    @property
    def addresses_path(self) -> Path:
        return self.folder / "addresses.json"

    @property
    def ports_path(self) -> Path:
        return self.folder / "ports.json"

    @property
    def switches_path(self) -> Path:
        return self.folder / "switches.json"

    @property
    def credentials_path(self) -> Path:
        return self.folder / "credentials.json"

    def create(self) -> None:
        """Makes the folder, readable by its owner alone."""
        private_folder(self.folder)


@dataclass(frozen=True)
class Credentials:
    """What a client needs to log in to both emulators. The private keys stay in files of their own."""

    account: str
    client_id: str
    certificate_id: str
    private_key_path: str
    ec_certificate_id: str
    ec_private_key_path: str
    consumer_key: str
    consumer_secret: str
    token_id: str
    token_secret: str
    hubspot_token: str

    def __repr__(self) -> str:
        return f"Credentials(account={self.account!r}, …)"


@dataclass(frozen=True)
class Addresses:
    """A running sandbox: where its two emulators listen, and as which process."""

    netsuite_url: str
    hubspot_url: str
    pid: int
    credentials: Credentials


def new_rsa_key() -> rsa.RSAPrivateKey:
    """An RSA key of the size that NetSuite asks for. Making one takes up to a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def ensure_credentials(home: SandboxHome) -> Credentials:
    """The home's credentials, made on the first call: an RSA and an EC key pair, and the keys of TBA."""
    home.create()
    if home.credentials_path.exists():
        return Credentials(**json.loads(home.credentials_path.read_text()))
    rsa_path, ec_path = home.folder / "netsuite_rsa.pem", home.folder / "netsuite_ec.pem"
    write_file(rsa_path, _pem(new_rsa_key()))
    write_file(ec_path, _pem(ec.generate_private_key(ec.SECP256R1())))
    credentials = Credentials(
        account=f"{secrets.randbelow(9_000_000) + 1_000_000}_SB1",
        client_id=secrets.token_hex(32),
        certificate_id=secrets.token_urlsafe(32),
        private_key_path=str(rsa_path.resolve()),
        ec_certificate_id=secrets.token_urlsafe(32),
        ec_private_key_path=str(ec_path.resolve()),
        consumer_key=secrets.token_hex(32),
        consumer_secret=secrets.token_hex(32),
        token_id=secrets.token_hex(32),
        token_secret=secrets.token_hex(32),
        hubspot_token=f"pat-sandbox-{secrets.token_hex(16)}",
    )
    write_file(home.credentials_path, json.dumps(asdict(credentials), indent=2).encode())
    return credentials


def write_addresses(home: SandboxHome, addresses: Addresses) -> None:
    """Publishes a running sandbox to every other process of the home."""
    write_file(home.addresses_path, json.dumps(asdict(addresses), indent=2).encode())


def read_addresses(root: Path) -> Addresses | None:
    """The sandbox that runs in the home `root`; None where none runs: no file, a dead process or a shut port."""
    try:
        raw: dict[str, Any] = json.loads(SandboxHome(root).addresses_path.read_text())
        found = Addresses(
            netsuite_url=raw["netsuite_url"],
            hubspot_url=raw["hubspot_url"],
            pid=int(raw["pid"]),
            credentials=Credentials(**raw["credentials"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if _is_alive(found.pid) and all(_answers(url) for url in (found.netsuite_url, found.hubspot_url)):
        return found
    return None


def last_ports(home: SandboxHome) -> tuple[int, int]:
    """The ports of NetSuite and HubSpot when a sandbox last ran here; zeros where none did."""
    try:
        netsuite, hubspot = json.loads(home.ports_path.read_text())
        return int(netsuite), int(hubspot)
    except (OSError, ValueError, TypeError):
        return 0, 0


def keep_ports(home: SandboxHome, netsuite: int, hubspot: int) -> None:
    """Notes the ports for the next start: links into a sandbox stay good."""
    write_file(home.ports_path, json.dumps([netsuite, hubspot]).encode())


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection(
            (parts.hostname or "127.0.0.1", parts.port or 80), PROBE_TIMEOUT_SECONDS
        ):
            return True
    except OSError:
        return False
