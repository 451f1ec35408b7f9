"""One HTTP call, with its login, limit, timeouts, retries and errors; the only place that sleeps.

Belongs here: sending, waiting, and turning what happened into an Answer or a RemoteError. Does not
belong here: which failures are retried (retry), logins (netsuite_auth, hubspot), or what a body means.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from ns_hs_orders.clients.error_bodies import ErrorFacts, read_error
from ns_hs_orders.clients.rate_limit import PENALTY_SECONDS, Budget, Slots, Unlimited
from ns_hs_orders.clients.redaction import place, redact_body, shown
from ns_hs_orders.clients.retry import GARBLED, UNCONNECTED, Effect, Failure, RetryPolicy
from ns_hs_orders.clients.wire import (
    checked_base_url,
    encoded,
    is_loopback,
    lost,
    milliseconds,
    parsed,
    retry_after_seconds,
)
from ns_hs_orders.errors import RemoteError

log = logging.getLogger(__name__)

USER_AGENT = "ns-hs-orders"
LOCKED = 423
SLOT_POLL_SECONDS = 0.05
SHORTEST_TIMEOUT_SECONDS = 0.05
_CHUNK_BYTES = 1 << 16


class Clock(Protocol):
    """Time, replaceable in tests."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: TID251 - the one place


@runtime_checkable
class RenewableAuth(Protocol):
    """A login that can get itself a new token after the server refused the old one."""

    def renew(self, rejected: str) -> bool:
        """Drops the token of this rejected Authorization header; True when a new try makes sense."""
        ...


@runtime_checkable
class SecretAuth(Protocol):
    """A login that knows what must never be shown."""

    def secrets(self) -> tuple[str, ...]:
        """Every secret text it holds now."""
        ...


@dataclass(frozen=True)
class Timeouts:
    """Seconds for one try: to connect, and between two bytes of the answer."""

    connect: float = 10.0
    read: float = 60.0


@dataclass(frozen=True)
class Answer:
    """A 2xx answer. json: parsed, decimals as their exact text; None without a body. headers: lower-case names."""

    status: int
    json: Any
    headers: Mapping[str, str]


@dataclass
class _Call:
    """One call over all its tries."""

    method: str
    url: str
    body: bytes | None
    params: Mapping[str, str] | None
    headers: dict[str, str]
    family: str
    effect: Effect
    ends: float
    attempt: int = 0
    sent: str = ""
    maybe_applied: bool = False


class _FailedTryError(Exception):
    """One try failed: what the retry table needs, and what an error would say."""

    def __init__(
        self, failure: Failure, sentence: str, facts: ErrorFacts | None = None, body: object = None
    ) -> None:
        super().__init__(sentence)
        self.failure = failure
        self.sentence = sentence
        self.facts = facts or ErrorFacts()
        self.body = body


class Transport:
    """Sends calls to one system. Safe to share between threads; close() when done.

    base_url: https, or http to this machine. retries: what is tried again, how often and how long.
    threads: how many calls at once the connection pool is meant for. Raises ConfigError for an address
    that would send credentials in the clear.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        auth: AuthBase,
        *,
        budget: Budget | None = None,
        slots: Slots | None = None,
        retries: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        threads: int = 8,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        user_agent: str = USER_AGENT,
    ) -> None:
        self.system = system
        self.base_url = checked_base_url(system, base_url)
        self._auth = auth
        self._budget: Budget = budget or Unlimited()
        self._slots = slots
        self._retries = retries or RetryPolicy()
        self._timeouts = timeouts or Timeouts()
        self._clock: Clock = clock or SystemClock()
        self._jitter = jitter
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": user_agent, "Accept": "application/json"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        # A proxy of the environment must not come between us and a sandbox on this machine.
        self._session.trust_env = not is_loopback(urlsplit(self.base_url).hostname or "")
        self._session.mount(
            self.base_url, HTTPAdapter(pool_connections=1, pool_maxsize=threads, max_retries=0)
        )

    @property
    def request_deadline(self) -> float:
        """Seconds after the start of a call by which send() has returned, all waits and tries included.

        No try starts after the policy's total_seconds; a server that sends byte by byte may still hold
        the last one for one read timeout.
        """
        return self._retries.total_seconds + self._timeouts.read

    def close(self) -> None:
        """Closes all connections."""
        self._session.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        family: str = "objects",
        effect: Effect,
    ) -> Answer:
        """One call, tried again as the retry table says, ended within `request_deadline` seconds.

        path: from the root of the system, starting with "/". json or form: the body. family: whose
        budget it takes from. effect: what a second try can do (see retry). Raises RemoteError, with
        `outcome_unknown` where a write may have been applied; ContractError for a body that JSON
        cannot hold.
        """
        body, extra = encoded(json, form)
        call = _Call(
            method, self.base_url + path, body, params, extra | dict(headers or {}), family, effect,
            ends=self._clock.monotonic() + self._retries.total_seconds,
        )  # fmt: skip
        renewed = False
        while True:
            self._wait_for_budget(call)
            call.attempt += 1
            try:
                return self._try(call)
            except _FailedTryError as failed:
                call.maybe_applied |= failed.failure.may_have_happened(effect)
                if failed.failure.status == requests.codes.unauthorized and not renewed:
                    renewed = True
                    if isinstance(self._auth, RenewableAuth) and self._auth.renew(call.sent):
                        continue
                self._wait_or_raise(call, failed)

    def _wait_for_budget(self, call: _Call) -> None:
        while (wait := self._budget.take(call.family, self._clock.now())) > 0:
            remaining = call.ends - self._clock.monotonic()
            if wait >= remaining:
                sentence = f"The budget for {call.family} calls allows none for another {wait:.0f} s"
                raise self._error(
                    call, _FailedTryError(Failure(UNCONNECTED), sentence), "lower the load or raise the limit"
                )
            self._clock.sleep(wait)

    def _wait_or_raise(self, call: _Call, failed: _FailedTryError) -> None:
        if failed.failure.status == LOCKED:
            self._budget.penalise(call.family, PENALTY_SECONDS, self._clock.now())
        decision = self._retries.decide(
            failed.failure, call.effect, attempt=call.attempt,
            remaining=call.ends - self._clock.monotonic(), jitter=self._jitter,
        )  # fmt: skip
        if not decision.again:
            raise self._error(call, failed, decision.reason) from None
        log.info(
            "%s %s: %s, try %d follows in %.1f s", call.method, place(call.url), failed.sentence,
            call.attempt + 1, decision.wait,
        )  # fmt: skip
        self._clock.sleep(decision.wait)

    def _try(self, call: _Call) -> Answer:
        with self._slot(call):
            started = self._clock.monotonic()
            remaining = max(call.ends - started, SHORTEST_TIMEOUT_SECONDS)
            connect = min(self._timeouts.connect, remaining / 2)
            try:
                response = self._session.request(
                    call.method, call.url, params=call.params, data=call.body, headers=call.headers,
                    auth=_Noted(self._auth, call), allow_redirects=False, verify=True, stream=True,
                    timeout=(connect, min(self._timeouts.read, remaining - connect)),
                )  # fmt: skip
                with response:
                    content = self._read(response, call)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                kind, words = lost(error)
                detail = shown(str(error), self._secrets(), limit=200)
                raise _FailedTryError(Failure(kind), f"{words} ({detail})") from None
        log.debug(
            "%s %s: HTTP %d after %.3f s", call.method, place(call.url), response.status_code,
            self._clock.monotonic() - started,
        )  # fmt: skip
        return self._judged(call, response, content)

    def _read(self, response: requests.Response, call: _Call) -> bytes:
        chunks = []
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            chunks.append(chunk)
            if self._clock.monotonic() > call.ends:
                raise requests.ReadTimeout("it was still coming in when the call's time was over")
        return b"".join(chunks)

    def _judged(self, call: _Call, response: requests.Response, content: bytes) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._learn(call.family, headers)
        status = response.status_code
        body, is_json = parsed(content)
        if 200 <= status < 300:
            if not is_json:
                sentence = f"The answer is not JSON: {self._shown(content) or 'empty'}"
                raise _FailedTryError(Failure(GARBLED, status), sentence, read_error(None, headers))
            return Answer(status, body, headers)
        facts = read_error(body, headers)
        failure = Failure(
            f"HTTP {status}", status, facts.policy, retry_after_seconds(headers.get("retry-after"), self._clock.now()),
            milliseconds(headers.get("x-hubspot-ratelimit-interval-milliseconds")),
        )  # fmt: skip
        sentence = shown(facts.sentence, self._secrets()) if facts.sentence else self._shown(content)
        if facts.scopes:
            sentence = f"{sentence} Missing scopes: {', '.join(facts.scopes)}"
        if response.is_redirect:
            sentence = f"It redirects to {place(response.headers['location'])}, which is never followed"
        raise _FailedTryError(failure, sentence or "no explanation", facts, body)

    def _error(self, call: _Call, failed: _FailedTryError, reason: str) -> RemoteError:
        path = place(call.url)
        facts = failed.facts
        return RemoteError(
            f"{call.method} {path} failed: {failed.sentence.rstrip('.')}. {reason[:1].upper()}{reason[1:]}",
            system=self.system,
            status=failed.failure.status,
            code=facts.policy or facts.code,
            correlation_id=facts.correlation_id,
            attempts=max(call.attempt, 1),
            transient=failed.failure.transient,
            outcome_unknown=call.maybe_applied,
            body=redact_body(failed.body, self._secrets()) if isinstance(failed.body, (dict, list)) else None,
        )

    @contextmanager
    def _slot(self, call: _Call) -> Iterator[None]:
        if self._slots is None:
            yield
            return
        while (slot := self._slots.take(self._clock.now(), self._retries.total_seconds)) is None:
            if self._clock.monotonic() + SLOT_POLL_SECONDS >= call.ends:
                raise _FailedTryError(
                    Failure(UNCONNECTED), "All slots for calls at the same time stayed taken"
                )
            self._clock.sleep(SLOT_POLL_SECONDS * (1 + self._jitter()))
        try:
            yield
        finally:
            self._slots.give_back(slot)

    def _learn(self, family: str, headers: Mapping[str, str]) -> None:
        # Association calls have a limit of their own, which no header tells.
        text = headers.get("x-hubspot-ratelimit-max", "")
        if family == "objects" and text.isdecimal() and int(text) > 0:
            self._budget.learn(family, int(text))

    def _shown(self, content: bytes) -> str:
        return shown(content[:4096].decode("utf-8", "replace"), self._secrets(), limit=200)

    def _secrets(self) -> tuple[str, ...]:
        return self._auth.secrets() if isinstance(self._auth, SecretAuth) else ()

    def __repr__(self) -> str:
        return f"Transport({self.system!r}, {self.base_url!r})"


class _Noted(AuthBase):
    """Signs each try anew and notes the Authorization header, which a 401 is then about."""

    def __init__(self, auth: AuthBase, call: _Call) -> None:
        self._auth = auth
        self._call = call

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        signed: requests.PreparedRequest = self._auth(request)
        header = signed.headers.get("Authorization", "")
        self._call.sent = header.decode("ascii", "replace") if isinstance(header, bytes) else header
        return signed
