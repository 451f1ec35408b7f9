"""Scripted and seeded faults: what goes wrong, when, how often.

Belongs here: the rules, matching a request to one, counting firings, and doing each kind of fault on the wire.
Does not belong here: the emulators' own refusals, the control routes (control).
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import struct
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ns_hs_orders.sandbox.altered import ALTERED, alter, divide, emptied, refused

KINDS: Final = (
    "status",  # answer `status` with `body` and `headers`, without doing anything
    "timeout_before",  # never answer, do nothing
    "timeout_after",  # do it, never answer
    "reset",  # reset the connection, do nothing
    "reset_after",  # do it, reset the connection
    "reset_mid_body",  # do it, reset in the middle of the answer
    "truncated",  # do it, close in the middle of the answer
    "not_json",  # do it, answer 200 with a page of HTML
    "slow",  # wait `ms`, then do it
    "hold",  # wait until released, then do it, even if the client has left
    "empty_page",  # do it, answer with the rows taken out
    "fewer",  # do it, leave some of the rows out of the answer
    "duplicated",  # do it, give each row of the answer twice
    "unordered",  # do it, give the rows of the answer in another order
    "mixed",  # do it for some of the inputs, refuse the others: 207
)
ANSWERED: Final = frozenset({"status", "slow", "hold", "not_json", "empty_page", "mixed", *ALTERED})
"""Kinds that end in an answer; the others end in none, or in half of one."""
_LOOKS_AT_THE_END: Final = 100
_HTML: Final = b"<html><body><h1>Service maintenance</h1></body></html>"
_RESET: Final = struct.pack("ii", 1, 0)


class FaultError(ValueError):
    """A rule that names no known kind, or something that is no rule."""


@dataclass
class FaultRule:
    """One rule. Empty matches match everything; `times` 0 is for ever; `after` skips the first matches."""

    kind: str
    app: str = ""  # netsuite | hubspot
    method: str = ""
    path: str = ""  # regular expression on the path with its query
    body: str = ""  # regular expression on the request's body
    status: int = 503
    answer: Any = None  # the body of `status`: text as it is, everything else as JSON
    headers: dict[str, str] = field(default_factory=dict)
    ms: int = 0
    times: int = 1
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    matched: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise FaultError(f"There is no fault {self.kind!r}. Faults: {', '.join(KINDS)}.")
        try:
            self._path, self._body = re.compile(self.path), re.compile(self.body)
        except re.error as error:
            raise FaultError(f"A fault's path or body is no regular expression: {error}.") from error
        self.random = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    @classmethod
    def from_json(cls, content: Any) -> FaultRule:
        """A rule as the control route takes it. Raises FaultError."""
        known = {part.name for part in fields(cls)} - {"matched", "fired"}
        if not isinstance(content, Mapping) or "kind" not in content or set(content) - known:
            raise FaultError(f"A fault is an object with `kind` and any of {', '.join(sorted(known))}.")
        return cls(**content)

    def fires(self, app: str, method: str, path: str, body: str) -> bool:
        """Whether this request is hit; counts it."""
        if self.times and self.fired >= self.times:
            return False
        if (self.app not in ("", app)) or (self.method.upper() not in ("", method)):
            return False
        if not self._path.search(path) or not self._body.search(body):
            return False
        self.matched += 1
        if self.matched <= self.after:
            return False
        if self.probability < 1.0 and self.random.random() >= self.probability:
            return False
        self.fired += 1
        return True


class FaultBook:
    """The rules in force, in the order they were added; the first that fires wins. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[FaultRule] = []
        self._held: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def add(self, *rules: FaultRule | Mapping[str, Any]) -> None:
        """Adds rules. Raises FaultError, and then adds none."""
        made = [rule if isinstance(rule, FaultRule) else FaultRule.from_json(rule) for rule in rules]
        with self._lock:
            self._rules.extend(made)

    def clear(self) -> None:
        """Removes every rule and lets held requests go."""
        with self._lock:
            self._rules.clear()
        self.release()

    def listing(self) -> list[dict[str, Any]]:
        """The rules with how often each matched and fired."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]

    def take(self, app: str, method: str, path: str, body: bytes) -> FaultRule | None:
        """The rule that hits this request."""
        with self._lock:
            if not self._rules:
                return None
            text = body.decode("utf-8", "replace")
            return next((rule for rule in self._rules if rule.fires(app, method, path, text)), None)

    async def hold(self) -> None:
        """Waits until somebody releases."""
        event = asyncio.Event()
        with self._lock:
            self._held.append((asyncio.get_running_loop(), event))
        await event.wait()

    def held(self) -> int:
        """How many requests wait."""
        with self._lock:
            return len(self._held)

    def release(self) -> int:
        """Lets every held request go; returns how many."""
        with self._lock:
            held, self._held = self._held, []
        for loop, event in held:
            loop.call_soon_threadsafe(event.set)
        return len(held)


async def play(
    rule: FaultRule, book: FaultBook, app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send
) -> None:
    """Does what the rule says with one request."""
    if rule.kind == "status":
        raw = rule.answer.encode() if isinstance(rule.answer, str) else json.dumps(rule.answer or {}).encode()
        await _answer(send, rule.status, {"content-type": "application/json", **rule.headers}, raw)
    elif rule.kind == "timeout_before":
        await _silence(book, receive)
        await _cut(send, reset=False)
    elif rule.kind == "reset":
        await _cut(send, reset=True)
    elif rule.kind in ("slow", "hold"):
        await (asyncio.sleep(rule.ms / 1000) if rule.kind == "slow" else book.hold())
        await app(scope, replay(body, receive), send)
    elif rule.kind == "mixed":
        await _mixed(rule, app, scope, body, receive, send)
    else:
        await _done(rule, book, app, scope, body, receive, send)


async def _done(
    rule: FaultRule, book: FaultBook, app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send
) -> None:
    """The kinds that do it first."""
    status, headers, answer = await _run(app, scope, body, receive)
    if rule.kind in ALTERED:
        content_type = headers.get("content-type", "application/json")
        await _answer(send, status, {"content-type": content_type}, alter(rule.kind, answer, rule.random))
    elif rule.kind == "timeout_after":
        await _silence(book, receive)
        await _cut(send, reset=False)
    elif rule.kind == "reset_after":
        await _cut(send, reset=True)
    elif rule.kind == "not_json":
        await _answer(send, 200, {"content-type": "text/html"}, _HTML)
    elif rule.kind == "empty_page":
        await _answer(
            send, status, {"content-type": headers.get("content-type", "application/json")}, emptied(answer)
        )
    else:
        await _half(send, status, headers, answer)
        await _cut(send, reset=rule.kind == "reset_mid_body")


def replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives a body that was read already, then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _mixed(
    rule: FaultRule, app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send
) -> None:
    rest, left_out = divide(body, rule.random)
    status, answer = 200, b""
    if rest is not None:
        status, _, answer = await _run(app, scope, rest, receive)
    as_json = {"content-type": "application/json"}
    if status < 300:
        await _answer(send, 207, as_json, refused(answer, left_out))
    else:
        await _answer(send, status, as_json, answer)


async def _run(
    app: ASGIApp, scope: Scope, body: bytes, receive: Receive
) -> tuple[int, dict[str, str], bytes]:
    status, headers, chunks = 500, dict[str, str](), list[bytes]()

    async def keep(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update(
                {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
            )
        else:
            chunks.append(message.get("body", b""))

    await app(scope, replay(body, receive), keep)
    return status, headers, b"".join(chunks)


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    merged = {**headers, "content-length": str(len(body))}
    await send({"type": "http.response.start", "status": status, "headers": _raw(merged.items())})
    await send({"type": "http.response.body", "body": body})


async def _half(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    merged = {**headers, "content-length": str(max(len(body), 2))}
    await send({"type": "http.response.start", "status": status, "headers": _raw(merged.items())})
    await send(
        {"type": "http.response.body", "body": body[: max(len(body) // 2, 1)] or b"{", "more_body": True}
    )
    # The half must be on the wire before the connection ends.
    await asyncio.sleep(0.02)


def _raw(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _silence(book: FaultBook, receive: Receive) -> None:
    """Until the client gives up or somebody releases."""
    left = asyncio.ensure_future(_until_gone(receive))
    released = asyncio.ensure_future(book.hold())
    await asyncio.wait({left, released}, return_when=asyncio.FIRST_COMPLETED)
    left.cancel()
    released.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cut(send: Send, *, reset: bool) -> None:
    """Ends the connection under the request; uvicorn's request cycle holds its transport."""
    cycle: Any = getattr(send, "__self__", None)
    transport: Any = getattr(cycle, "transport", None)
    if transport is None:
        raise RuntimeError("The server under the sandbox gives no access to its connection.")
    if transport.is_closing():  # the client was faster
        reset = False
    if reset:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    else:
        transport.close()
    # uvicorn complains of a request without an answer unless it has seen the connection end.
    for _ in range(_LOOKS_AT_THE_END):
        await asyncio.sleep(0.01)
        if cycle.disconnected:
            return
