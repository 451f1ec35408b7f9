"""Who may call: OAuth 2.0 client credentials with a signed assertion, and token-based authentication.

Belongs here: checking assertions and signatures as NetSuite does, issuing tokens and letting them expire.
Does not belong here: routes, roles and permissions (the switches hide tables and columns).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

from ns_hs_orders.sandbox.home import Credentials
from ns_hs_orders.sandbox.netsuite.errors import NetSuiteRefusedError

TOKEN_PATH: Final = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE: Final = "rest_webservices"
MAX_ASSERTION_LIFE: Final = timedelta(minutes=60)
CLOCK_LEEWAY: Final = timedelta(seconds=30)
TBA_LEEWAY: Final = timedelta(seconds=300)
_ALGORITHMS: Final = {"PS": ("PS256", "PS384", "PS512"), "ES": ("ES256", "ES384", "ES512")}


class TokenRefusedError(Exception):
    """The token endpoint's refusal: an OAuth 2.0 error code and why."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


def invalid_login(detail: str = "Invalid login attempt.") -> NetSuiteRefusedError:
    return NetSuiteRefusedError(401, "INVALID_LOGIN", detail)


class Authority:
    """Checks logins against one home's credentials. Tokens are kept in memory: a restart ends them."""

    def __init__(
        self, credentials: Credentials, clock: Callable[[], datetime], token_life: Callable[[], int]
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._token_life = token_life
        self._lock = threading.Lock()
        self._tokens: dict[str, datetime] = {}
        self._nonces: dict[str, datetime] = {}
        self._keys = {
            credentials.certificate_id: ("PS", _public_key(Path(credentials.private_key_path).read_bytes())),
            credentials.ec_certificate_id: (
                "ES",
                _public_key(Path(credentials.ec_private_key_path).read_bytes()),
            ),
        }

    # OAuth 2.0

    def issue(self, form: Mapping[str, str], bases: Sequence[str]) -> dict[str, str]:
        """A bearer token for a good assertion. `bases` are the addresses that this server is known by.

        Raises TokenRefusedError.
        """
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusedError("unsupported_grant_type", "grant_type must be client_credentials.")
        if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
            raise TokenRefusedError("invalid_request", "client_assertion or its type is missing.")
        self._check_assertion(form["client_assertion"], [f"{base}{TOKEN_PATH}" for base in bases])
        token, life = secrets.token_urlsafe(48), self._token_life()
        now = self._clock()
        with self._lock:
            self._tokens = {known: end for known, end in self._tokens.items() if end > now}
            self._tokens[token] = now + timedelta(seconds=life)
        return {"access_token": token, "expires_in": str(life), "token_type": "bearer"}

    def _check_assertion(self, assertion: str, audiences: Sequence[str]) -> None:
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.PyJWTError as error:
            raise TokenRefusedError("invalid_request", "The assertion is not a JWT.") from error
        family, key = self._keys.get(str(header.get("kid")), ("", None))
        if key is None:
            raise TokenRefusedError("invalid_client", "kid is not the id of a certificate of this account.")
        algorithm = str(header.get("alg"))
        if algorithm not in _ALGORITHMS[family]:
            raise TokenRefusedError(
                "invalid_grant", f"alg {algorithm} does not fit the certificate, or is none of PS and ES."
            )
        if header.get("typ", "JWT") != "JWT":
            raise TokenRefusedError("invalid_grant", "typ must be JWT.")
        try:
            claims = jwt.decode(
                assertion,
                key,
                algorithms=[algorithm],
                audience=audiences,
                # The account's own clock decides, below.
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "require": ["iss", "aud", "iat", "exp", "scope"],
                },
            )
        except jwt.PyJWTError as error:
            raise TokenRefusedError("invalid_grant", f"The assertion was refused: {error}.") from error
        self._check_claims(claims)

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        if claims["iss"] != self._credentials.client_id:
            raise TokenRefusedError("invalid_client", "iss is not the client id of this integration.")
        scopes = claims["scope"]
        asked = scopes.replace(",", " ").split() if isinstance(scopes, str) else scopes
        if not isinstance(asked, list) or SCOPE not in asked:
            raise TokenRefusedError("invalid_scope", f"scope must hold {SCOPE}.")
        now = self._clock().timestamp()
        try:
            issued, expires = float(claims["iat"]), float(claims["exp"])
        except (TypeError, ValueError) as error:
            raise TokenRefusedError("invalid_grant", "iat and exp must be numbers.") from error
        if expires - issued > MAX_ASSERTION_LIFE.total_seconds():
            raise TokenRefusedError("invalid_grant", "exp is more than 60 minutes after iat.")
        if expires <= now:
            raise TokenRefusedError("invalid_grant", "The assertion has expired.")
        if issued > now + CLOCK_LEEWAY.total_seconds():
            raise TokenRefusedError("invalid_grant", "The assertion was issued in the future.")

    # Every other request

    def check(self, method: str, urls: Sequence[str], authorization: str) -> None:
        """Lets a request pass, by its Authorization header. Raises NetSuiteRefusedError 401."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() == "bearer":
            with self._lock:
                end = self._tokens.get(rest.strip())
            if end is None or end <= self._clock():
                raise invalid_login("Invalid login attempt: the access token is unknown or has expired.")
        elif scheme.lower() == "oauth":
            self._check_signature(method, urls, authorization)
        else:
            raise invalid_login()

    def _check_signature(self, method: str, urls: Sequence[str], authorization: str) -> None:
        headers = {"Authorization": authorization}
        pairs = signature.collect_parameters(headers=headers, exclude_oauth_signature=False, with_realm=True)
        sent = dict(pairs)
        known = self._credentials
        if sent.get("realm") != known.account.upper().replace("-", "_"):
            raise invalid_login("Invalid login attempt: the realm is not this account.")
        if (sent.get("oauth_consumer_key"), sent.get("oauth_token")) != (known.consumer_key, known.token_id):
            raise invalid_login()
        if sent.get("oauth_signature_method") != "HMAC-SHA256":
            raise invalid_login("Invalid login attempt: the signature method must be HMAC-SHA256.")
        if not any(self._signed(method, url, headers, sent) for url in urls):
            raise invalid_login("Invalid login attempt: the signature does not match.")
        self._check_nonce(sent)

    def _signed(self, method: str, url: str, headers: Mapping[str, str], sent: Mapping[str, str]) -> bool:
        query = url.partition("?")[2]
        request: Any = Request(url, http_method=method)  # type: ignore[arg-type]
        request.params = [
            (name, value)
            for name, value in signature.collect_parameters(uri_query=query, headers=dict(headers))
            if name != "realm"
        ]
        request.signature = sent.get("oauth_signature", "")
        return bool(
            signature.verify_hmac_sha256(
                request,
                client_secret=self._credentials.consumer_secret,
                resource_owner_secret=self._credentials.token_secret,
            )
        )

    def _check_nonce(self, sent: Mapping[str, str]) -> None:
        now, stamp = self._clock(), sent.get("oauth_timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) - now.timestamp()) > TBA_LEEWAY.total_seconds():
            raise invalid_login("Invalid login attempt: the timestamp is too far from the server's clock.")
        with self._lock:
            self._nonces = {known: end for known, end in self._nonces.items() if end > now}
            key = f"{stamp}/{sent.get('oauth_nonce', '')}"
            if key in self._nonces:
                raise invalid_login("Invalid login attempt: the nonce was used before.")
            self._nonces[key] = now + 2 * TBA_LEEWAY


@lru_cache(maxsize=8)
def _public_key(content: bytes) -> Any:
    """Of a PEM file; checking an RSA key takes a tenth of a second."""
    return load_pem_private_key(content, password=None).public_key()
