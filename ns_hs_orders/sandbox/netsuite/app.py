"""The NetSuite emulator's HTTP routes.

Belongs here: routes, headers, paging parameters, the concurrency gate.
Does not belong here: what a query means (execute), who may ask (auth).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ns_hs_orders.sandbox.home import Credentials
from ns_hs_orders.sandbox.latency import Latency
from ns_hs_orders.sandbox.netsuite.auth import TOKEN_PATH, Authority, TokenRefusedError
from ns_hs_orders.sandbox.netsuite.errors import NetSuiteRefusedError
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.netsuite.suiteql.execute import Page, SuiteQLEngine
from ns_hs_orders.sandbox.switches import Switches

SUITEQL_PATH: Final = "/services/rest/query/v1/suiteql"
SYSTEM_PATH: Final = "/services/rest/system/v1"
MAX_PAGE: Final = 1000
_COLLECTION: Final = "application/vnd.oracle.resource+json; type=collection"
_SINGULAR: Final = "application/vnd.oracle.resource+json; type=singular"
_ERROR: Final = "application/vnd.oracle.resource+json; type=error"


def create_app(
    store: NetSuiteStore,
    switches: Callable[[], Switches],
    clock: Callable[[], datetime],
    *,
    credentials: Credentials,
    public_base: str | None = None,
) -> ASGIApp:
    """The emulator over `store`. `public_base` is an address, besides the one used, that assertions may name."""
    return _Emulator(store, switches, clock, credentials, public_base).asgi()


class _Emulator:
    def __init__(
        self,
        store: NetSuiteStore,
        switches: Callable[[], Switches],
        clock: Callable[[], datetime],
        credentials: Credentials,
        public_base: str | None,
    ) -> None:
        self._engine = SuiteQLEngine(store)
        self._switches = switches
        self._clock = clock
        host = credentials.account.lower().replace("_", "-")
        self._bases = [f"https://{host}.suitetalk.api.netsuite.com", *([public_base] if public_base else [])]
        self._authority = Authority(credentials, self._now, lambda: switches().token_lifetime_seconds)

    def asgi(self) -> ASGIApp:
        routes = [
            Route(TOKEN_PATH, self._token, methods=["POST"]),
            Route(SUITEQL_PATH, self._guarded(self._suiteql), methods=["POST"]),
            Route(f"{SYSTEM_PATH}/serverTime", self._guarded(self._server_time), methods=["GET"]),
            Route(f"{SYSTEM_PATH}/governanceLimits", self._guarded(self._governance), methods=["GET"]),
        ]
        handlers: Any = {404: _no_such_resource, 405: _no_such_method}
        return _ConcurrencyGate(Starlette(routes=routes, exception_handlers=handlers), self._switches)

    def _now(self) -> datetime:
        return self._clock() + timedelta(seconds=self._switches().netsuite_clock_skew_seconds)

    def _addresses(self, request: Request) -> list[str]:
        """The server's own addresses as the client may have written them."""
        host = request.headers.get("host", "127.0.0.1")
        return [f"http://{host}", f"https://{host}", *self._bases]

    def _guarded(self, handle: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            try:
                self._authority.check(
                    request.method,
                    [f"{base}{path}" for base in self._addresses(request)],
                    request.headers.get("authorization", ""),
                )
                answer: Response = await handle(request)
            except NetSuiteRefusedError as refusal:
                return _refused(refusal)
            return answer

        return endpoint

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        try:
            issued = self._authority.issue(form, self._addresses(request))
        except TokenRefusedError as refusal:
            body = {"error": refusal.error, "error_description": refusal.description}
            return _json(body, refusal.status, "application/json")
        return _json(issued, 200, "application/json")

    async def _suiteql(self, request: Request) -> Response:
        if "transient" not in [part.strip().lower() for part in request.headers.get("prefer", "").split(",")]:
            raise NetSuiteRefusedError(
                400,
                "INVALID_HEADER",
                "Missing or invalid header Prefer. The value must be transient.",
                path="Prefer",
            )
        limit, offset = _paging(request)
        query, params = _query(await request.body())
        page = await run_in_threadpool(
            self._engine.page,
            query,
            params,
            limit=limit,
            offset=offset,
            switches=self._switches(),
            now=self._now(),
        )
        return _json(_page_body(page, str(request.url.replace(query="")), limit, offset), 200, _COLLECTION)

    async def _server_time(self, _request: Request) -> Response:
        now = self._now().astimezone(UTC)
        return _json({"links": [], "serverTime": now.strftime("%Y-%m-%dT%H:%M:%S.000Z")}, 200, _SINGULAR)

    async def _governance(self, _request: Request) -> Response:
        raise NetSuiteRefusedError(
            403,
            "INSUFFICIENT_PERMISSION",
            "Permission Violation: only an administrator may see the governance limits.",
        )


class _ConcurrencyGate:
    """One pool per account: a request above the limit is refused at once. Answer times count as use."""

    def __init__(self, app: ASGIApp, switches: Callable[[], Switches]) -> None:
        self._app = app
        self._switches = switches
        self._latency = Latency(switches)
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        switches = self._switches()
        if switches.limits == "real" and self._running >= switches.netsuite_concurrency:
            refusal = NetSuiteRefusedError(
                429, "CONCURRENCY_LIMIT_EXCEEDED",
                "Concurrent request limit exceeded. Request blocked.",
            )  # fmt: skip
            await _refused(refusal)(scope, receive, send)
            return
        self._running += 1
        try:
            await self._latency.answer(self._app, scope, receive, send)
        finally:
            self._running -= 1


def _paging(request: Request) -> tuple[int, int]:
    numbers = []
    for name, default in (("limit", MAX_PAGE), ("offset", 0)):
        text = request.query_params.get(name, str(default))
        if not text.isascii() or not text.isdigit():
            raise NetSuiteRefusedError(
                400, "INVALID_PARAMETER", f"Invalid query parameter {name}: '{text}'.", query_param=name
            )
        numbers.append(int(text))
    limit, offset = numbers
    if not 1 <= limit <= MAX_PAGE:
        raise NetSuiteRefusedError(
            400, "INVALID_PARAMETER",
            f"Invalid query parameter limit: the value must be between 1 and {MAX_PAGE}.", query_param="limit",
        )  # fmt: skip
    if offset % limit:
        raise NetSuiteRefusedError(
            400, "INVALID_PARAMETER",
            f"Invalid query parameter offset: {offset} must be divisible by limit {limit}.", query_param="offset",
        )  # fmt: skip
    return limit, offset


def _query(body: bytes) -> tuple[str, list[Any]]:
    try:
        # Numbers stay exact: a decimal parameter never becomes a binary float.
        content = json.loads(body, parse_float=str)
    except ValueError as error:
        raise NetSuiteRefusedError(
            400, "INVALID_CONTENT", "Invalid content in the request body: not JSON."
        ) from error
    query = content.get("q") if isinstance(content, dict) else None
    if not isinstance(query, str) or not query.strip():
        raise NetSuiteRefusedError(
            400, "INVALID_PARAMETER", "Missing the query: the body must hold it as q.", query_param="q"
        )
    params = content.get("params", [])
    simple = (str, int, type(None))
    if not isinstance(params, list) or not all(isinstance(value, simple) for value in params):
        raise NetSuiteRefusedError(
            400, "INVALID_PARAMETER", "params must be a list of values.", query_param="params"
        )
    return query, params


def _page_body(page: Page, url: str, limit: int, offset: int) -> dict[str, Any]:
    def link(rel: str, start: int) -> dict[str, str]:
        return {"rel": rel, "href": f"{url}?limit={limit}&offset={start}"}

    links = []
    if offset:
        links += [link("previous", offset - limit), link("first", 0)]
    if page.has_more:
        links += [link("next", offset + limit), link("last", max(page.total - 1, 0) // limit * limit)]
    links.append(link("self", offset))
    return {
        "links": links,
        "count": len(page.items),
        "hasMore": page.has_more,
        "items": page.items,
        "offset": offset,
        "totalResults": page.total,
    }


def _json(content: Any, status: int, media_type: str) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), status, media_type=media_type
    )


def _refused(refusal: NetSuiteRefusedError) -> Response:
    answer = _json(refusal.body(), refusal.status, _ERROR)
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return answer


async def _no_such_resource(request: Request, _error: Exception) -> Response:
    return _refused(
        NetSuiteRefusedError(
            404, "NONEXISTENT_ID", f"The resource {request.url.path} does not exist.", path="url"
        )
    )


async def _no_such_method(request: Request, _error: Exception) -> Response:
    return _refused(
        NetSuiteRefusedError(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here.", path="url")
    )
