"""Text that is safe to show: no credential, no query string, never longer than a reader wants.

Belongs here: taking secrets out of text and JSON, cutting, the `Secret` text type. Does not belong here:
masking card numbers (mapping does that to data), or deciding what is logged.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "‹hidden›"
MAX_TEXT = 500
MAX_BODY_TEXT = 10_000

_CREDENTIAL_NAMES = (
    "authorization|client_assertion|access_token|refresh_token|id_token|client_secret|consumer_?secret"
    "|token_?secret|consumer_?key|token_?key|token_?id|oauth_[a-z_]+|private_?key|password|hapikey|api_?key|secret"
)
_SECRET_KEY = re.compile(rf"^({_CREDENTIAL_NAMES})$", re.IGNORECASE)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"\b(authorization\"?\s*[:=]\s*\"?)(?:bearer|oauth|basic)?\s*[^\r\n]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\b(bearer\s+)[^\s\"',;]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"\bpat-[a-z0-9]+-[\w-]{8,}", re.IGNORECASE), HIDDEN),
    (
        re.compile(rf"\b({_CREDENTIAL_NAMES})(\\?[\"']?\s*[=:]\s*\\?[\"']?)[^\s\"'&,;\\}}]+", re.IGNORECASE),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/]+@", re.IGNORECASE), rf"\1{HIDDEN}@"),
)  # fmt: skip
_HINT = re.compile(rf"-----BEGIN|bearer|eyJ|pat-|@|{_CREDENTIAL_NAMES}", re.IGNORECASE)
_SHORTEST_SECRET = 4
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")
_QUERY = re.compile(r"(https?://[^\s?#\"']+|(?<=\s)/[^\s?#\"']+)\?[^\s\"')]*")


class Secret:
    """A credential that shows itself only through `reveal()`: not in str, repr or logs."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The credential itself, for a header or a signature and nothing else."""
        return self._text

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets and without anything that looks like a credential or a query."""
    for secret in secrets:
        for form in _forms(secret):
            text = text.replace(form, HIDDEN)
    if _HINT.search(text):
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
    return _QUERY.sub(r"\1", text)


@lru_cache(maxsize=64)
def _forms(secret: str) -> tuple[str, ...]:
    """A secret as it may come back: as it is, in a URL, in JSON, in Base64; the longest first."""
    if len(secret) < _SHORTEST_SECRET:
        return ()
    plain = unquote(secret)
    forms = {form for one in (secret, plain) for form in (one, quote(one, safe=""), json.dumps(one)[1:-1])}
    forms |= {b64encode(one.encode("utf-8", "replace")).decode().rstrip("=") for one in (secret, plain)}
    return tuple(sorted(forms, key=len, reverse=True))


def shown(text: str, secrets: Iterable[str] = (), limit: int = MAX_TEXT) -> str:
    """`text` for people: redacted, on one line, and cut at `limit` characters."""
    flat = " ".join(redact(text, secrets).split())
    return flat if len(flat) <= limit else f"{flat[:limit]}… ({len(flat)} characters)"


def redact_body(body: Any, secrets: Iterable[str] = ()) -> Any:
    """A parsed JSON body with every credential hidden and every text cut, its structure kept."""
    known = tuple(secrets)
    if isinstance(body, Mapping):
        return {
            redact(str(key), known): HIDDEN if _SECRET_KEY.match(str(key)) else redact_body(value, known)
            for key, value in body.items()
        }
    if isinstance(body, list):
        return [redact_body(value, known) for value in body]
    if isinstance(body, str):
        text = redact(body, known)
        return text if len(text) <= MAX_BODY_TEXT else f"{text[:MAX_BODY_TEXT]}…"
    return body


def needs_no_redaction(content: bytes, secrets: Iterable[str] = ()) -> bool:
    """Whether `redact_body` would leave the JSON of this content as it is, seen at one look."""
    if b"\\" in content or b"?" in content:
        return False  # what is written with escapes is not what it says
    text = content.decode("utf-8", "replace")
    return not (
        _HINT.search(text)
        or any(form in text for secret in secrets for form in _forms(secret))
        or max(map(len, text.split('"'))) > MAX_BODY_TEXT
    )


def word(name: str) -> str:
    """The name of somebody's key or column where it reads as a word; hidden otherwise."""
    return name if _WORD.fullmatch(name) else HIDDEN


def key_names(names: Iterable[object], most: int = 10) -> str:
    """Keys of somebody's JSON, those that read as words: `keys count, items and 2 others`."""
    known = list(names)
    words = sorted(name for name in known if isinstance(name, str) and word(name) == name)[:most]
    others = len(known) - len(words)
    told = ", ".join(words) or "none that reads as a word"
    return f"keys {told}{f' and {others} others' if others and words else ''}"


def place(url: str) -> str:
    """Scheme, host and path of an address: no user, no query, no fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{port}{parts.path}"
