"""What stands in front of both emulators: the log of calls, the faults, and the control routes.

Belongs here: the ASGI shell of each emulator, `/__sandbox__/…` on its port.
Does not belong here: the emulators, what a fault does (faults).
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ns_hs_orders.sandbox.faults import ANSWERED, FaultBook, FaultError, play, replay
from ns_hs_orders.sandbox.switches import SwitchBoard, SwitchError

CONTROL_PREFIX: Final = "/__sandbox__/"
_KEPT_CALLS: Final = 100_000


@dataclass
class Call:
    """One request that came in, at `began_at` (seconds since 1970).

    `status` and `ended_at` are None while it is open, and when no answer was given. `done_at`: when the emulator
    was done with it, whether or not anybody was there to hear of it.
    """

    order: int
    app: str
    method: str
    path: str
    query: str
    began_at: float
    status: int | None = None
    ended_at: float | None = None
    done_at: float | None = None


class CallLog:
    """The calls since the last clearing, both emulators in one order. The oldest are dropped, never the counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=_KEPT_CALLS)
        self._counts: Counter[str] = Counter()
        self._order = 0

    def begin(self, app: str, method: str, path: str, query: str) -> Call:
        with self._lock:
            self._order += 1
            call = Call(self._order, app, method, path, query, time.time())
            self._calls.append(call)
            self._counts[f"{app} {method} {path}"] += 1
        return call

    def calls(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    def counts(self) -> dict[str, int]:
        """How many calls per "app METHOD path"."""
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self._counts.clear()
            self._order = 0


class Shell:
    """One emulator with its log, faults and control routes around it."""

    def __init__(
        self, name: str, app: ASGIApp, faults: FaultBook, calls: CallLog, switches: SwitchBoard
    ) -> None:
        self._name = name
        self._app = app
        self._faults = faults
        self._calls = calls
        self._switches = switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        method, path = scope["method"], scope["path"]
        query = scope["query_string"].decode("latin-1")
        if path.startswith(CONTROL_PREFIX):
            await self._control(method, path.removeprefix(CONTROL_PREFIX), body, send)
            return
        call = self._calls.begin(self._name, method, path, query)
        try:
            await self._play(call, scope, body, receive, send)
        finally:
            call.done_at = time.time()

    async def _play(self, call: Call, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        path = f"{call.path}?{call.query}" if call.query else call.path
        rule = self._faults.take(self._name, call.method, path, body)
        if rule is not None:
            noted = _noting(send, call) if rule.kind in ANSWERED else send
            await play(rule, self._faults, self._app, scope, body, receive, noted)
            return
        await self._app(scope, replay(body, receive), _noting(send, call))

    async def _control(self, method: str, name: str, body: bytes, send: Send) -> None:
        try:
            status, content = self._answer(method, name, json.loads(body) if body else None)
        except (FaultError, SwitchError, ValueError, TypeError) as error:
            status, content = 400, {"error": str(error)}
        raw = json.dumps(content).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": raw})

    def _answer(self, method: str, name: str, content: Any) -> tuple[int, Any]:
        match (method, name):
            case ("GET", "faults"):
                return 200, self._faults.listing()
            case ("POST", "faults"):
                self._faults.add(*(content if isinstance(content, list) else [content]))
                return 200, self._faults.listing()
            case ("DELETE", "faults"):
                self._faults.clear()
                return 200, []
            case ("GET", "held"):
                return 200, {"held": self._faults.held()}
            case ("POST", "release"):
                return 200, {"released": self._faults.release()}
            case ("GET", "calls"):
                calls = self._calls.calls()
                return 200, {"counts": self._calls.counts(), "calls": [asdict(call) for call in calls]}
            case ("DELETE", "calls"):
                self._calls.clear()
                return 200, {"counts": {}, "calls": []}
            case ("GET", "switches"):
                return 200, self._switches().as_json()
            case ("PUT", "switches"):
                if not isinstance(content, dict):
                    raise SwitchError("Switches are sent as an object of names and values.")
                return 200, self._switches.change(**content).as_json()
        return 404, {"error": f"There is no {method} {CONTROL_PREFIX}{name}."}


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(chunks)


def _noting(send: Send, call: Call) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            call.status, call.ended_at = message["status"], time.time()
        await send(message)

    return noted
