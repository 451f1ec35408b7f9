"""What an error answer says: code, sentence, correlation id, in both systems' shapes.

Belongs here: reading NetSuite's, HubSpot's and OAuth's error bodies, where every part may be missing.
Does not belong here: retrying (retry), hiding secrets (redaction).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CORRELATION_HEADERS = ("x-hubspot-correlation-id", "x-n-operationid", "x-request-id")


@dataclass(frozen=True)
class ErrorFacts:
    """What could be read. policy: HubSpot's policyName of a 429. scopes: those that a 403 asks for."""

    code: str | None = None
    sentence: str | None = None
    correlation_id: str | None = None
    policy: str | None = None
    scopes: tuple[str, ...] = ()


def read_error(body: object, headers: Mapping[str, str]) -> ErrorFacts:
    """The facts of an error body, parsed JSON or anything else; never raises."""
    correlation = next((headers[name] for name in _CORRELATION_HEADERS if headers.get(name)), None)
    if not isinstance(body, dict):
        return ErrorFacts(correlation_id=correlation)
    if "o:errorDetails" in body or "title" in body:
        return _netsuite(body, correlation)
    if isinstance(body.get("error"), str):
        return ErrorFacts(body["error"], _text(body.get("error_description")), correlation)
    return _hubspot(body, correlation)


def _netsuite(body: dict[str, Any], correlation: str | None) -> ErrorFacts:
    details = [one for one in _list(body.get("o:errorDetails")) if isinstance(one, dict)]
    code = next((_text(one.get("o:errorCode")) for one in details if one.get("o:errorCode")), None)
    sentence = " ".join(text for one in details if (text := _text(one.get("detail"))))
    return ErrorFacts(code, sentence or _text(body.get("title")), correlation)


def _hubspot(body: dict[str, Any], correlation: str | None) -> ErrorFacts:
    scopes: dict[str, None] = {}
    for one in _list(body.get("errors")):
        context = one.get("context") if isinstance(one, dict) else None
        if isinstance(context, dict):
            scopes.update(dict.fromkeys(str(scope) for scope in _list(context.get("requiredGranularScopes"))))
    return ErrorFacts(
        code=_text(body.get("category")) or _text(body.get("errorType")),
        sentence=_text(body.get("message")),
        correlation_id=_text(body.get("correlationId")) or correlation,
        policy=_text(body.get("policyName")),
        scopes=tuple(scopes),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
