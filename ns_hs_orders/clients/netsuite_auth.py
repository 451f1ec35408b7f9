"""Logging in to NetSuite: OAuth 2.0 client credentials with a certificate, or token-based authentication.

Belongs here: keys, assertions, tokens and signatures. Does not belong here: sending and retrying
(transport), or where credentials come from (settings).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import jwt
import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from requests.auth import AuthBase
from requests_oauthlib import OAuth1

from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import ConfigError, RemoteError

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPES = ["rest_webservices"]
ASSERTION_BACKDATED = timedelta(minutes=5)
ASSERTION_LIFE = timedelta(minutes=10)
TOKEN_MARGIN = timedelta(minutes=2)
SMALLEST_RSA_BITS = 2048
TOKENS_REMEMBERED = 4

# At level DEBUG they write down the Authorization header and what it was made of.
for _talkative in ("oauthlib", "requests_oauthlib"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey
Algorithm = Literal["PS256", "ES256"]


def account_host(account: str) -> str:
    """The account's host: `1234567_SB1` → `1234567-sb1.suitetalk.api.netsuite.com`."""
    return f"{account.strip().lower().replace('_', '-')}.suitetalk.api.netsuite.com"


def account_realm(account: str) -> str:
    """The account as a realm: `1234567-sb1` → `1234567_SB1`."""
    return account.strip().upper().replace("-", "_")


class NoAuth(AuthBase):
    """No Authorization header, and none from a netrc file either."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@lru_cache(maxsize=8)
def _private_key(content: bytes) -> PrivateKeyTypes:
    """The key of a PEM file; checking an RSA key takes a tenth of a second, and every session needs one."""
    return load_pem_private_key(content, password=None)


@dataclass(frozen=True, repr=False)
class Certificate:
    """The private half of a certificate that NetSuite knows. algorithm: PS256 for RSA, ES256 for EC keys."""

    certificate_id: str
    key: PrivateKey
    algorithm: Algorithm

    @classmethod
    def read(cls, certificate_id: str, path: Path) -> Certificate:
        """From an unencrypted PEM file. Raises ConfigError that names the file and what is wrong with it."""
        where = f"The private key of the NetSuite certificate, {path},"
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ConfigError(
                f"{where} does not exist. Set NS_HS_NETSUITE_PRIVATE_KEY_PATH to its path."
            ) from None
        except OSError as error:
            raise ConfigError(f"{where} cannot be read: {error.strerror}. Check its permissions.") from None
        try:
            key = _private_key(content)
        except TypeError:
            raise ConfigError(
                f"{where} is encrypted. Store it without a password, readable only by its user."
            ) from None
        except (ValueError, UnsupportedAlgorithm):
            raise ConfigError(
                f"{where} is not a private key in PEM form. Give the file that was made with the certificate, "
                "not the certificate itself."
            ) from None
        if isinstance(key, RSAPrivateKey):
            if key.key_size < SMALLEST_RSA_BITS:
                raise ConfigError(
                    f"{where} has {key.key_size} bits; NetSuite takes RSA keys of 3072 or 4096."
                )
            return cls(certificate_id, key, "PS256")
        if isinstance(key, EllipticCurvePrivateKey):
            if not isinstance(key.curve, SECP256R1):
                raise ConfigError(
                    f"{where} is on curve {key.curve.name}; ES256 needs a P-256 (prime256v1) key."
                )
            return cls(certificate_id, key, "ES256")
        raise ConfigError(f"{where} is a {type(key).__name__}; NetSuite takes RSA and EC keys.")

    def __repr__(self) -> str:
        return f"Certificate({self.certificate_id!r}, {self.algorithm})"


class ClientCredentials(AuthBase):
    """OAuth 2.0 machine to machine: a bearer token for a signed assertion, kept until shortly before its end.

    tokens: a transport of its own with NoAuth, to the same address. audience: the token URL as NetSuite
    knows it, which is the account's own also where a proxy stands in between. Safe to share between
    threads: one asks for a token, the others wait for it. Raises what the transport raises.
    """

    def __init__(
        self,
        client_id: str,
        certificate: Certificate,
        tokens: Transport,
        *,
        audience: str,
        now: Callable[[], datetime],
    ) -> None:
        self._client_id = client_id
        self._certificate = certificate
        self._tokens = tokens
        self._audience = audience
        self._now = now
        self._lock = threading.Lock()
        self._token: Secret | None = None
        self._fresh_until: datetime | None = None
        self._tokens_seen: deque[str] = deque(maxlen=TOKENS_REMEMBERED)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._current().reveal()}"
        return request

    def renew(self, rejected: str) -> bool:
        """Forgets the token of this Authorization header, unless another thread already has a newer one."""
        with self._lock:
            if self._token is not None and rejected == f"Bearer {self._token.reveal()}":
                self._token = None
        return True

    def secrets(self) -> tuple[str, ...]:
        """The latest tokens: an answer to an older one may still come in after a renewal."""
        return tuple(self._tokens_seen)

    def assertion(self) -> str:
        """A new signed JWT for the token endpoint; good also where our clock is off by minutes."""
        now = self._now()
        claims = {
            "iss": self._client_id,
            "scope": SCOPES,
            "aud": self._audience,
            "iat": int((now - ASSERTION_BACKDATED).timestamp()),
            "exp": int((now + ASSERTION_LIFE).timestamp()),
        }
        return jwt.encode(
            claims,
            self._certificate.key,
            algorithm=self._certificate.algorithm,
            headers={"typ": "JWT", "kid": self._certificate.certificate_id},
        )

    def _current(self) -> Secret:
        with self._lock:
            if self._token is None or self._fresh_until is None or self._now() >= self._fresh_until:
                self._token, self._fresh_until = self._ask()
            return self._token

    def _ask(self) -> tuple[Secret, datetime]:
        asked_at = self._now()
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        answer = self._tokens.send("POST", TOKEN_PATH, form=form, family="token", effect="read")
        body = answer.json if isinstance(answer.json, dict) else {}
        token, life = body.get("access_token"), str(body.get("expires_in", ""))
        if not isinstance(token, str) or not token or not life.isdecimal():
            raise RemoteError(
                "NetSuite's token endpoint answered without a token or its lifetime. Check the address",
                system="netsuite", status=answer.status, transient=True,
            )  # fmt: skip
        lifetime = timedelta(seconds=int(life))
        # A margin of at most half the life, so that a short-lived token is used at all.
        self._tokens_seen.append(token)
        return Secret(token), asked_at + lifetime - min(TOKEN_MARGIN, lifetime / 2)

    def __repr__(self) -> str:
        return f"ClientCredentials({self._certificate!r})"


@dataclass(frozen=True)
class TokenKeys:
    """The four values of token-based authentication."""

    consumer_key: Secret
    consumer_secret: Secret
    token_id: Secret
    token_secret: Secret


class TokenBased(AuthBase):
    """OAuth 1.0a with HMAC-SHA256; each try is signed anew, with its own nonce and timestamp."""

    def __init__(self, account: str, keys: TokenKeys) -> None:
        self._keys = keys
        self._realm = account_realm(account)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        keys = self._keys
        sign = OAuth1(
            keys.consumer_key.reveal(),
            keys.consumer_secret.reveal(),
            keys.token_id.reveal(),
            keys.token_secret.reveal(),
            signature_method="HMAC-SHA256",
            realm=self._realm,
        )
        signed: requests.PreparedRequest = sign(request)
        return signed

    def secrets(self) -> tuple[str, ...]:
        """All four."""
        keys = self._keys
        return tuple(
            key.reveal()
            for key in (keys.consumer_key, keys.consumer_secret, keys.token_id, keys.token_secret)
        )

    def __repr__(self) -> str:
        return f"TokenBased({self._realm!r})"
