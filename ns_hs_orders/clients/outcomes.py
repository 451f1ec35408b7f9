"""What became of one try: an Answer, or a failure with all that the retry table and an error need.

Belongs here: judging status, headers and body, and wording the error. Does not belong here: sending and
waiting (transport), deciding about another try (retry).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import requests

from ns_hs_orders.clients.error_bodies import ErrorFacts, read_error
from ns_hs_orders.clients.redaction import needs_no_redaction, place, redact_body, shown
from ns_hs_orders.clients.retry import GARBLED, Failure
from ns_hs_orders.clients.wire import lost, milliseconds, parsed, retry_after_seconds
from ns_hs_orders.errors import RemoteError

_SNIPPET = 200


@dataclass(frozen=True)
class Answer:
    """A 2xx answer. json: parsed, decimals as their exact text; None without a body. headers: lower-case names."""

    status: int
    json: Any
    headers: Mapping[str, str]


class FailedTryError(Exception):
    """One try failed. failure: for the retry table; sentence, facts and body: for the error; body unredacted."""

    def __init__(
        self, failure: Failure, sentence: str, facts: ErrorFacts | None = None, body: object = None
    ) -> None:
        super().__init__(sentence)
        self.failure = failure
        self.sentence = sentence
        self.facts = facts or ErrorFacts()
        self.body = body


def broken(error: Exception, secrets: tuple[str, ...]) -> FailedTryError:
    """The failure of a try that ended in an exception of requests or urllib3."""
    kind, words = lost(error)
    return FailedTryError(Failure(kind), f"{words} ({shown(str(error), secrets, limit=_SNIPPET)})")


def judged(response: requests.Response, content: bytes, *, now: datetime, secrets: tuple[str, ...]) -> Answer:
    """The answer of a try whose whole content came. Raises FailedTryError unless it is 2xx with JSON or no body."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    status = response.status_code
    body, is_json = parsed(content)
    if 200 <= status < 300 and is_json:
        # one error for each order without a contact: as many as there are orders
        if isinstance(body, dict) and body.get("errors") and not needs_no_redaction(content, secrets):
            body["errors"] = redact_body(body["errors"], secrets)
        return Answer(status, body, headers)
    snippet = shown(content[:4096].decode("utf-8", "replace"), secrets, limit=_SNIPPET)
    if 200 <= status < 300:
        raise FailedTryError(
            Failure(GARBLED, status), f"The answer is not JSON: {snippet}", read_error(None, headers)
        )
    facts = read_error(body, headers)
    failure = Failure(
        f"HTTP {status}", status, facts.policy, retry_after_seconds(headers.get("retry-after"), now),
        milliseconds(headers.get("x-hubspot-ratelimit-interval-milliseconds")),
    )  # fmt: skip
    sentence = shown(facts.sentence, secrets) if facts.sentence else snippet
    if facts.scopes:
        sentence = f"{sentence} Missing scopes: {shown(', '.join(facts.scopes), secrets)}"
    if response.is_redirect:
        target = urljoin(response.url, response.headers["location"])
        sentence = f"It redirects to {shown(place(target), secrets)}, which is never followed"
    raise FailedTryError(failure, sentence or "no explanation", facts, body)


def remote_error(
    system: str,
    what: str,
    failed: FailedTryError,
    reason: str,
    *,
    attempts: int,
    outcome_unknown: bool,
    secrets: tuple[str, ...],
) -> RemoteError:
    """The error that a call ends with. what: method and address; reason: why it is not tried again."""
    facts = failed.facts
    code = facts.policy or facts.code
    correlation_id = facts.correlation_id
    return RemoteError(
        f"{what} failed: {failed.sentence.rstrip('.')}. {reason[:1].upper()}{reason[1:]}",
        system=system,
        status=failed.failure.status,
        code=code and shown(code, secrets, limit=_SNIPPET),
        correlation_id=correlation_id and shown(correlation_id, secrets, limit=_SNIPPET),
        attempts=max(attempts, 1),
        transient=failed.failure.transient,
        outcome_unknown=outcome_unknown,
        body=redact_body(failed.body, secrets) if isinstance(failed.body, (dict, list)) else None,
    )
