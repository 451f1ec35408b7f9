"""One HTTP call, with its login, limit, timeouts, retries and errors; the only place that sleeps.

Belongs here: sending and waiting. Does not belong here: which failures are retried (retry), what
became of a try (outcomes), logins (netsuite_auth, hubspot).
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from ns_hs_orders.clients.outcomes import Answer, FailedTryError, broken, judged, remote_error
from ns_hs_orders.clients.rate_limit import PENALTY_SECONDS, Budget, Slots, Unlimited
from ns_hs_orders.clients.redaction import place
from ns_hs_orders.clients.retry import UNCONNECTED, Effect, Failure, RetryPolicy
from ns_hs_orders.clients.wire import checked_base_url, encoded, is_loopback, proxy_secrets
from ns_hs_orders.errors import RemoteError

log = logging.getLogger(__name__)

USER_AGENT = "ns-hs-orders"
LOCKED = 423
SLOT_POLL_SECONDS = 0.01
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


class Transport:
    """Sends calls to one system. Safe to share between threads; close() when done.

    base_url: https, or http to this machine. retries: what is tried again, how often and how long.
    threads: how many calls at once the connection pool is meant for. calls: tries made so far.
    Raises ConfigError for an address that would send credentials in the clear.
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
        self._secret_auth = auth if isinstance(auth, SecretAuth) else None
        self._budget: Budget = budget or Unlimited()
        self._slots = slots
        self._retries = retries or RetryPolicy()
        self._timeouts = timeouts or Timeouts()
        self.clock: Clock = clock or SystemClock()
        self.calls = 0
        self._counting = threading.Lock()
        self._turns_lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._slot_turn = threading.Lock()
        self._jitter = jitter
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": user_agent, "Accept": "application/json"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        # A proxy of the environment must not come between us and a sandbox on this machine.
        self._session.trust_env = not is_loopback(urlsplit(self.base_url).hostname or "")
        self._of_proxy = proxy_secrets(self.base_url) if self._session.trust_env else ()
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
            ends=self.clock.monotonic() + self._retries.total_seconds,
        )  # fmt: skip
        renewed = False
        while True:
            taken_at = self._wait_for_budget(call)
            call.attempt += 1
            try:
                try:
                    return self._try(call)
                finally:
                    self._budget.answered(family, taken_at, self.clock.now())
            except FailedTryError as failed:
                call.maybe_applied |= failed.failure.may_have_happened(effect)
                if failed.failure.status == requests.codes.unauthorized and not renewed:
                    renewed = True
                    if isinstance(self._auth, RenewableAuth) and self._auth.renew(call.sent):
                        continue
                self._wait_or_raise(call, failed)

    def _wait_for_budget(self, call: _Call) -> datetime:
        """When the call was taken from the budget. One thread a family asks, so that the others need not."""
        with self._turns_lock:
            turn = self._turns.setdefault(call.family, threading.Lock())
        if not turn.acquire(timeout=max(0.0, call.ends - self.clock.monotonic())):
            raise self._over_budget(call, 0.0)
        try:
            while (wait := self._budget.take(call.family, now := self.clock.now())) > 0:
                if wait >= call.ends - self.clock.monotonic():
                    raise self._over_budget(call, wait)
                self.clock.sleep(wait)
            return now
        finally:
            turn.release()

    def _over_budget(self, call: _Call, wait: float) -> RemoteError:
        sentence = f"The budget for {call.family} calls allows none for another {wait:.0f} s"
        return self._error(
            call, FailedTryError(Failure(UNCONNECTED), sentence), "lower the load or raise the limit"
        )

    def _wait_or_raise(self, call: _Call, failed: FailedTryError) -> None:
        if failed.failure.status == LOCKED:
            self._budget.penalise(call.family, PENALTY_SECONDS, self.clock.now())
        decision = self._retries.decide(
            failed.failure, call.effect, attempt=call.attempt,
            remaining=call.ends - self.clock.monotonic(), jitter=self._jitter,
        )  # fmt: skip
        if not decision.again:
            raise self._error(call, failed, decision.reason) from None
        log.info(
            "%s %s: %s, try %d follows in %.1f s", call.method, place(call.url), failed.sentence,
            call.attempt + 1, decision.wait,
        )  # fmt: skip
        self.clock.sleep(decision.wait)

    def _try(self, call: _Call) -> Answer:
        with self._slot(call):
            with self._counting:
                self.calls += 1
            started = self.clock.monotonic()
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
                raise broken(error, self._secrets()) from None
        log.debug(
            "%s %s: HTTP %d after %.3f s", call.method, place(call.url), response.status_code,
            self.clock.monotonic() - started,
        )  # fmt: skip
        self._learn(call.family, response.headers.get("X-HubSpot-RateLimit-Max", ""))
        return judged(response, content, now=self.clock.now(), secrets=self._secrets())

    def _read(self, response: requests.Response, call: _Call) -> bytes:
        chunks = []
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            chunks.append(chunk)
            if self.clock.monotonic() > call.ends:
                raise requests.ReadTimeout("it was still coming in when the call's time was over")
        return b"".join(chunks)

    def _error(self, call: _Call, failed: FailedTryError, reason: str) -> RemoteError:
        return remote_error(
            self.system, f"{call.method} {place(call.url)}", failed, reason,
            attempts=call.attempt, outcome_unknown=call.maybe_applied, secrets=self._secrets(),
        )  # fmt: skip

    @contextmanager
    def _slot(self, call: _Call) -> Iterator[None]:
        if self._slots is None:
            yield
            return
        slot = self._wait_for_slot(self._slots, call)
        try:
            yield
        finally:
            self._slots.give_back(slot)

    def _wait_for_slot(self, slots: Slots, call: _Call) -> str:
        """A slot's name. One thread asks, so that it may ask often and the others need not."""
        longest_try = self._timeouts.connect + self._timeouts.read
        taken = FailedTryError(Failure(UNCONNECTED), "All slots for calls at the same time stayed taken")
        if not self._slot_turn.acquire(timeout=max(0.0, call.ends - self.clock.monotonic())):
            raise taken
        try:
            while (slot := slots.take(self.clock.now(), longest_try)) is None:
                if self.clock.monotonic() + SLOT_POLL_SECONDS >= call.ends:
                    raise taken
                self.clock.sleep(SLOT_POLL_SECONDS * (1 + self._jitter()))
            return slot
        finally:
            self._slot_turn.release()

    def _learn(self, family: str, maximum: str) -> None:
        # Association calls have a limit of their own, which no header tells.
        if family == "objects" and maximum.isdecimal() and int(maximum) > 0:
            self._budget.learn(family, int(maximum))

    def _secrets(self) -> tuple[str, ...]:
        own = () if self._secret_auth is None else self._secret_auth.secrets()
        return (*own, *self._of_proxy)

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
