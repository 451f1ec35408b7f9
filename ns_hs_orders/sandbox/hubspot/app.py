"""The ASGI app: authentication, limits, scopes, one transaction a request, and the log of calls.

Belongs here: what is the same for every endpoint. Does not belong: endpoints (endpoints), servers and ports.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote
from uuid import uuid4
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ns_hs_orders.sandbox.hubspot import pages, routes, scopes
from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call, StaleReads
from ns_hs_orders.sandbox.hubspot.endpoints.shapes import shaped
from ns_hs_orders.sandbox.hubspot.errors import ApiError, bad_request, missing_scopes, unauthorized
from ns_hs_orders.sandbox.hubspot.limits import Limits
from ns_hs_orders.sandbox.hubspot.model.object_types import object_type
from ns_hs_orders.sandbox.hubspot.model.session import API_SOURCE
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.switches import Switches

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
MAX_URL = 16_300


class NumberText(str):
    """A JSON number with a fraction, kept as its digits: a float would lose some."""

    __slots__ = ()


class Emulator:
    """HubSpot over one store."""

    def __init__(
        self,
        store: HubSpotStore,
        switches: Callable[[], Switches],
        clock: Callable[[], datetime],
        token: str | None,
    ) -> None:
        self._store = store
        self._switches = switches
        self._clock = clock
        self._token = token
        self._limits = Limits()
        self._stale = StaleReads()

    async def api(self, request: Request) -> Response:
        """Any call of the API."""
        switches, now = self._switches(), self._clock()
        now_ms = int(now.timestamp() * 1000)
        correlation_id, body = str(uuid4()), await request.body()
        headers: dict[str, str] = {"X-HubSpot-Correlation-Id": correlation_id}
        inputs: int | None = None
        match: routes.Match | None = None
        try:
            match = self._routed(request)
            self._admit(match, switches, now, now_ms, headers)
            parsed = shaped(_json(body))
            if isinstance(parsed, dict) and isinstance(parsed.get("inputs"), list):
                inputs = len(parsed["inputs"])
            answer = self._handle(match, request, parsed, switches, now_ms, correlation_id)
        except ApiError as error:
            answer = Answer(error.status, error.body(correlation_id))
        writes = match.route.writes if match is not None else request.method != "GET"
        self._store.log_call(
            request.method, request.url.path, answer.status, now_ms, inputs=inputs, writes=writes
        )
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        content = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
        return Response(content, answer.status, headers, "application/json;charset=utf-8")

    def _routed(self, request: Request) -> routes.Match:
        """Where the request goes, once its token is known. Raises ApiError 401, 404, 405 or 414."""
        if self._token is not None and request.headers.get("authorization") != f"Bearer {self._token}":
            raise unauthorized()
        match = routes.find(request.method, request.url.path)
        if isinstance(match, int):
            raise ApiError(
                match, "OBJECT_NOT_FOUND" if match == 404 else "METHOD_NOT_ALLOWED", "resource not found"
            )
        if len(str(request.url)) > MAX_URL:
            raise ApiError(414, "URI_TOO_LONG", "URI Too Long")
        return match

    def _admit(
        self, match: routes.Match, switches: Switches, now: datetime, now_ms: int, headers: dict[str, str]
    ) -> None:
        day = now.astimezone(ZoneInfo(switches.hubspot_time_zone)).date().isoformat()
        refusal, told = self._limits.admit(match.route.limit, switches, now_ms, day)
        headers.update(told)
        if refusal is not None:
            raise refusal
        have = scopes.granted(switches)
        for group in match.route.scopes({name: unquote(value) for name, value in match.path.items()}):
            if not have.intersection(group):
                raise missing_scopes(group)
        if match.route.writes and "operation" in match.path:
            refusal = self._limits.lock(object_type(match.path["type"]).plural, switches, now_ms)
            if refusal is not None:
                raise refusal

    def _handle(
        self,
        match: routes.Match,
        request: Request,
        body: Any,
        switches: Switches,
        now_ms: int,
        correlation_id: str,
    ) -> Answer:
        with self._store.session(switches, API_SOURCE, now_ms, write=match.route.writes) as session:
            call = Call(
                session, request.method, match.version,
                {name: unquote(value) for name, value in match.path.items()}, dict(request.query_params),
                {name: request.query_params.getlist(name) for name in request.query_params}, body, self._stale,
                correlation_id,
            )  # fmt: skip
            answer = match.route.handler(call)
        self._stale.note(session)
        return answer

    async def home(self, request: Request) -> Response:
        """The orders that HubSpot holds, for people."""
        with self._store.session(self._switches(), API_SOURCE, 0, write=False) as session:
            return HTMLResponse(pages.orders_page(session, request.query_params.get("q", "")))

    async def order(self, request: Request) -> Response:
        """One order, for people."""
        with self._store.session(self._switches(), API_SOURCE, 0, write=False) as session:
            page = pages.order_page(session, request.path_params["id"])
        return HTMLResponse(page or "<p>There is no such order.</p>", 200 if page else 404)

    async def company(self, request: Request) -> Response:
        """One company, for people."""
        with self._store.session(self._switches(), API_SOURCE, 0, write=False) as session:
            page = pages.company_page(session, request.path_params["id"])
        return HTMLResponse(page or "<p>There is no such company.</p>", 200 if page else 404)


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body, parse_float=NumberText)
    except ValueError as error:
        raise bad_request(f"Invalid input JSON on line 1, column 1: {error}") from error


async def _no_such_path(_: Request, refused: Exception) -> Response:
    """Paths that no route can hold, such as one with a line end in it."""
    status = refused.status_code if isinstance(refused, HTTPException) else 404
    error = ApiError(
        status, "OBJECT_NOT_FOUND" if status == 404 else "METHOD_NOT_ALLOWED", "resource not found"
    )
    return Response(json.dumps(error.body(str(uuid4()))), status, media_type="application/json;charset=utf-8")


async def _internal_error(_: Request, __: Exception) -> Response:
    body = {"status": "error", "message": "internal error", "correlationId": str(uuid4())}
    return Response(json.dumps(body), 500, media_type="application/json")


def create_app(
    store: HubSpotStore,
    switches: Callable[[], Switches],
    clock: Callable[[], datetime],
    token: str | None = None,
) -> Starlette:
    """The emulator as an ASGI app.

    Args:
        store: what HubSpot holds; other processes may write to the same file meanwhile.
        switches: read at each request.
        clock: the time, aware.
        token: the one Bearer token that is let in; None lets everybody in.
    """
    emulator = Emulator(store, switches, clock, token)
    return Starlette(
        routes=[
            Route("/", emulator.home),
            Route("/orders/{id}", emulator.order),
            Route("/companies/{id}", emulator.company),
            Route("/{path:path}", emulator.api, methods=_METHODS),
        ],
        exception_handlers={404: _no_such_path, 405: _no_such_path, Exception: _internal_error},
    )
