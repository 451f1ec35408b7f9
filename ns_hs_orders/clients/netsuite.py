"""NetSuite over REST: one SuiteQL page a call, and the server's clock.

Belongs here: paths, the shape of answers, and refusing answers that contradict themselves. Does not
belong here: queries (extract), logins (netsuite_auth), retries (transport).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import random
from typing import Any

from requests.auth import AuthBase

from ns_hs_orders.clients.netsuite_auth import (
    TOKEN_PATH,
    Certificate,
    ClientCredentials,
    NoAuth,
    TokenBased,
    TokenKeys,
    account_host,
)
from ns_hs_orders.clients.rate_limit import ProcessSlots, Slots
from ns_hs_orders.clients.redaction import key_names, shown, word
from ns_hs_orders.clients.retry import NETSUITE_RETRIES, NETSUITE_RULES, NO_LOGIN, RetryPolicy
from ns_hs_orders.clients.transport import Clock, SystemClock, Timeouts, Transport
from ns_hs_orders.errors import ConfigError, ContractError, RemoteError
from ns_hs_orders.extract.ports import QueryPage

SUITEQL_PATH = "/services/rest/query/v1/suiteql"
SERVER_TIME_PATH = "/services/rest/system/v1/serverTime"
MAX_PAGE = 1000
ASK_AGAIN = 1
_PLAIN = frozenset({str, type(None)})
NETSUITE_TIMEOUTS = Timeouts(connect=10.0, read=120.0)
TOKEN_RETRIES = RetryPolicy(NETSUITE_RULES | {"400": NO_LOGIN}, attempts=4, total_seconds=60.0)


class NetSuiteClient:
    """NetSuite's REST API. Safe to share between threads; implements extract.ports.SuiteQL.

    tokens: the transport that logins go through, closed with the client.
    """

    def __init__(self, transport: Transport, tokens: Transport | None = None) -> None:
        self._transport = transport
        self._tokens = tokens

    def query(self, sql: str, params: Sequence[str] = (), *, limit: int = MAX_PAGE) -> QueryPage:
        """The first `limit` rows (1 to 1000) of a SuiteQL query; never an offset.

        Keys are lower-case, values text as NetSuite sent it. NetSuite leaves a column out of a row
        where it is null, so read rows with .get(). Raises RemoteError where NetSuite could not be
        read, ContractError where its answer contradicts itself, also when asked a second time.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise ContractError(f"A SuiteQL page has 1 to {MAX_PAGE} rows, not {limit}.")
        for _ in range(ASK_AGAIN):
            try:
                return self._page(sql, params, limit)
            except ContractError:
                # Reading again costs one call, and spares a run a stumble of the server.
                continue
        return self._page(sql, params, limit)

    def server_time(self) -> datetime:
        """NetSuite's clock, UTC. Raises RemoteError; ContractError if the answer holds no time."""
        answer = self._transport.send("GET", SERVER_TIME_PATH, family="system", effect="read")
        text = answer.json.get("serverTime") if isinstance(answer.json, dict) else None
        try:
            return datetime.fromisoformat(str(text)).astimezone(UTC)
        except ValueError:
            raise ContractError(
                f"NetSuite's serverTime is not a time: {shown(text or 'none', limit=40)!r}."
            ) from None

    @property
    def calls(self) -> int:
        """HTTP requests made so far, tries included, logins left out."""
        return self._transport.calls

    def close(self) -> None:
        """Closes all connections."""
        self._transport.close()
        if self._tokens is not None:
            self._tokens.close()

    def _page(self, sql: str, params: Sequence[str], limit: int) -> QueryPage:
        body: dict[str, Any] = {"q": sql}
        if params:
            body["params"] = list(params)
        answer = self._transport.send(
            "POST",
            SUITEQL_PATH,
            json=body,
            params={"limit": str(limit)},
            headers={"Prefer": "transient"},
            family="suiteql",
            effect="read",
        )
        return _checked_page(answer.json, answer.status, limit)


def open_netsuite(
    account: str,
    login: Certificate | TokenKeys,
    *,
    client_id: str = "",
    base_url: str | None = None,
    audience: str | None = None,
    slots: Slots | None = None,
    retries: RetryPolicy = NETSUITE_RETRIES,
    timeouts: Timeouts = NETSUITE_TIMEOUTS,
    threads: int = 2,
    clock: Clock | None = None,
    jitter: Callable[[], float] = random,
) -> NetSuiteClient:
    """A client ready for use, with OAuth 2.0 (login is a Certificate) or token-based (TokenKeys).

    base_url: where calls go, the account's own host unless given. audience: the token URL as NetSuite
    knows it; the account's own unless given. slots: shared by processes where the state gives them,
    else `threads` slots of this process. Raises ConfigError for an address that is neither https nor
    loopback, or a certificate without a client id.
    """
    own = f"https://{account_host(account)}"
    clock = clock or SystemClock()
    auth: AuthBase
    tokens: Transport | None = None
    if isinstance(login, TokenKeys):
        auth = TokenBased(account, login)
    else:
        if not client_id:
            raise ConfigError("OAuth 2.0 needs the client id of NetSuite's integration record.")
        tokens = Transport(
            "netsuite", base_url or own, NoAuth(), retries=TOKEN_RETRIES, timeouts=timeouts, threads=1,
            clock=clock, jitter=jitter,
        )  # fmt: skip
        auth = ClientCredentials(
            client_id, login, tokens, audience=audience or own + TOKEN_PATH, now=clock.now
        )
    transport = Transport(
        "netsuite", base_url or own, auth, slots=slots or ProcessSlots(threads), retries=retries,
        timeouts=timeouts, threads=threads, clock=clock, jitter=jitter,
    )  # fmt: skip
    return NetSuiteClient(transport, tokens)


def _checked_page(body: Any, status: int, limit: int) -> QueryPage:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        came = key_names(body) if isinstance(body, dict) else type(body).__name__
        raise RemoteError(
            f"NetSuite answered a query with JSON that is no page of rows ({came}). Try again later",
            system="netsuite", status=status, transient=True,
        )  # fmt: skip
    has_more = body.get("hasMore")
    if not isinstance(has_more, bool):
        raise ContractError(
            f"NetSuite's page does not say whether there are more rows (hasMore is {has_more and type(has_more).__name__})."
        )
    count = _number(body, "count")
    if count is not None and count != len(items):
        raise ContractError(f"NetSuite's page says it has {count} rows and holds {len(items)}.")
    if len(items) > limit:
        raise ContractError(f"NetSuite was asked for {limit} rows and sent {len(items)}.")
    if has_more and not items:
        raise ContractError("NetSuite's page is empty and says that more rows follow.")
    total = _number(body, "totalResults")
    if not has_more and total is not None and total > len(items):
        raise ContractError(
            f"NetSuite's last page holds {len(items)} rows of {total} that it says there are."
        )
    return QueryPage(_rows(items), has_more)


def _number(body: dict[str, Any], key: str) -> int | None:
    value = body.get(key)
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise ContractError(f"NetSuite's page has a {key} that is not a number.") from None


def _rows(items: list[Any]) -> list[dict[str, str | None]]:
    lower: set[str] = set()  # the same few columns come in every row
    return [_row(item, lower) for item in items]


def _row(item: Any, lower: set[str]) -> dict[str, str | None]:
    """lower: column names known to be in lower case; those of this row are added."""
    if not isinstance(item, dict):
        raise ContractError(f"NetSuite's page holds a row that is not an object: {type(item).__name__}.")
    item.pop("links", None)
    if not item.keys() <= lower:
        lower.update(key for key in item if key == key.lower())
    if item.keys() <= lower and _PLAIN.issuperset(map(type, item.values())):
        return item
    return {key.lower(): _text(key, value) for key, value in item.items()}


def _text(column: str, value: Any) -> str | None:
    """NetSuite's documents show text for every type; other JSON types become the same text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, (int, str)):
        return str(value)
    raise ContractError(f"NetSuite's column {word(column)} holds a {type(value).__name__}, not a value.")
