"""What goes over the wire and comes back: addresses, request bytes, parsed answers, waits in headers.

Belongs here: pure functions of text and bytes, and what an exception of requests means. Does not belong
here: sending (transport), the meaning of error bodies (error_bodies).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import requests
import urllib3

from ns_hs_orders.clients.redaction import place
from ns_hs_orders.clients.retry import GARBLED, NO_ANSWER, UNCONNECTED, UNTRUSTED
from ns_hs_orders.errors import ConfigError, ContractError

_DECODER = msgspec.json.Decoder(float_hook=str)


def checked_base_url(system: str, base_url: str) -> str:
    """The address without a trailing slash. Raises ConfigError unless it is https, or http on loopback."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if not host or port == 0 or parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            f"The base URL of {system} must be scheme, host and path only, as https://host; got {place(base_url)!r}."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ConfigError(
            f"The base URL of {system} must be https, or http to this machine (127.0.0.1), "
            f"since credentials travel on it; got {place(base_url)!r}."
        )
    return base_url.rstrip("/")


def proxy_secrets(base_url: str) -> tuple[str, ...]:
    """User and password of the proxy that the environment names for an address, whole and in their parts."""
    proxies = requests.utils.get_environ_proxies(base_url)
    logins = [
        url.rpartition("@")[0].rpartition("://")[2] or url.rpartition("@")[0] for url in proxies.values()
    ]
    return tuple(part for login in logins if login for part in (login, login.partition(":")[2]) if part)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def lost(error: Exception) -> tuple[str, str]:
    """(kind for the retry table, words) for a try that ended in an exception of requests or urllib3."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return UNTRUSTED, "The server's certificate is not trusted"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.ConnectTimeout) or isinstance(
        reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    ):
        return UNCONNECTED, "No connection"
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return NO_ANSWER, "The answer did not come in time"
    if isinstance(error, (urllib3.exceptions.IncompleteRead, urllib3.exceptions.DecodeError)):
        return GARBLED, "The answer broke off or cannot be decoded"
    return NO_ANSWER, "The connection broke before the answer was complete"


def encoded(body: object, form: Mapping[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
    """The bytes that every try sends, and their type."""
    if form is not None:
        return urlencode(form).encode("ascii"), {"Content-Type": "application/x-www-form-urlencoded"}
    if body is None:
        return None, {}
    try:
        text = json.dumps(body, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ContractError(f"A request body cannot be written as JSON: {error}.") from error
    return text.encode("ascii"), {"Content-Type": "application/json"}


def parsed(content: bytes) -> tuple[Any, bool]:
    """The body, and whether it is JSON or absent. Decimals stay text, so that no float is ever made."""
    if not content.strip():
        return None, True
    try:
        return _DECODER.decode(content), True
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass  # msgspec refuses a byte order mark and half a surrogate pair, which JSON's own parser takes
    try:
        text = content.decode("utf-8-sig")
        body = json.loads(text, parse_float=str, parse_constant=_no_constant)
        return (_whole(body) if _HALF_PAIR.search(text) else body), True
    except (ValueError, RecursionError):
        return None, False


_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


def _whole(value: Any) -> Any:
    """The value with `?` for each half of a surrogate pair, which no file, database or terminal takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def retry_after_seconds(text: str | None, now: datetime) -> float | None:
    """Retry-After: seconds, or an HTTP date; None where there is none or it says nothing."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text).astimezone(UTC) - now).total_seconds()
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def milliseconds(text: str | None) -> float | None:
    """A header in milliseconds, as seconds."""
    return int(text) / 1000 if text and text.isdecimal() else None
