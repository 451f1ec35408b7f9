"""What goes wrong where: kinds of faults, endpoints, every pair that makes sense, and one seed's share of them.

Belongs here: the table, and planning so that each pair comes up again and again. Does not belong here: counting
what fired (coverage), kills (play).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from ns_hs_orders.sandbox.faults import FaultRule

NETSUITE, HUBSPOT = "netsuite", "hubspot"
LAG: Final = "index lags"
_HTML: Final = "<html><head><title>Gateway</title></head><body><h1>Bad gateway</h1></body></html>"


@dataclass(frozen=True)
class Endpoint:
    """Some requests of one system. traits: what kinds of faults look for."""

    name: str
    app: str
    path: str
    traits: frozenset[str]
    method: str = "POST"
    body: str = ""


def _hubspot(name: str, path: str, *traits: str, method: str = "POST") -> Endpoint:
    return Endpoint(name, HUBSPOT, path, frozenset(traits), method)


def _query(name: str, body: str) -> Endpoint:
    return Endpoint(name, NETSUITE, "suiteql", frozenset({"rows", "login"}), "POST", body)


ENDPOINTS: Final = (
    _hubspot("order upsert", "/orders/batch/upsert", "write", "rows", "upsert", "divisible"),
    _hubspot("line upsert", "/line_items/batch/upsert", "write", "rows", "upsert", "divisible"),
    _hubspot("line links", "/orders/line_items/batch/create", "write", "rows", "divisible", "answers all"),
    _hubspot("company link", "/orders/companies/batch/create", "write", "rows", "divisible", "answers all"),
    _hubspot("unlink", "/orders/companies/batch/archive", "write"),
    _hubspot("line archive", "/objects/.*/line_items/batch/archive", "write"),
    _hubspot("order archive", "/objects/.*/orders/batch/archive", "write"),
    _hubspot("company read", "/companies/batch/read", "rows", "answers all"),
    _hubspot("order read", "/objects/.*/orders/batch/read", "rows", "answers all"),
    _hubspot("line read", "/objects/.*/line_items/batch/read", "rows", "answers all"),
    _hubspot("links read", "/associations/.*/batch/read", "rows"),
    _hubspot("order search", "/orders/search", "rows", "search"),
    _hubspot("owners", "/crm/owners", "rows", method="GET"),
    _hubspot("pipelines", "/crm/pipelines", "rows", method="GET"),
    _hubspot("properties", "/crm/properties", "rows", method="GET"),
    _hubspot("account", "/account-info", method="GET"),
    Endpoint("login", NETSUITE, "oauth2/v1/token", frozenset()),
    Endpoint("server time", NETSUITE, "serverTime", frozenset({"login"}), "GET"),
    _query("orders", r"cur\.symbol AS currency.*t\.id > "),
    _query("order stamps", r"SELECT t\.id AS order_id_netsuite, t\.status AS status, TO_CHAR"),
    _query("lines", r"tl\.transaction IN"),
    _query("shipments", r"l\.previousdoc IN|m\.transaction IN"),
    _query("customers", r"FROM customer c WHERE c\.id IN"),
    _query("change streams", r"AS record_id.*>= TO_DATE"),
    _query("presence", r"SELECT t\.id AS id FROM transaction t WHERE|d\.recordid IN"),
)


@dataclass(frozen=True)
class Kind:
    """A kind of fault. fields: of the rule. app: empty for both systems. needs: a trait, empty for any endpoint."""

    name: str
    fields: Mapping[str, Any]
    app: str = ""
    needs: str = ""
    without: str = ""

    def fits(self, endpoint: Endpoint) -> bool:
        """Whether it can happen there."""
        return (
            self.app in ("", endpoint.app)
            and (not self.needs or self.needs in endpoint.traits)
            and (not self.without or self.without not in endpoint.traits)
        )


def _status(status: int, answer: Any = None, **headers: str) -> dict[str, Any]:
    return {"kind": "status", "status": status, "answer": answer, "headers": headers}


def _html(status: int) -> dict[str, Any]:
    return {"kind": "status", "status": status, "answer": _HTML, "headers": {"content-type": "text/html"}}


def _rate(policy: str) -> dict[str, Any]:
    return _status(
        429,
        {
            "status": "error",
            "message": "You have reached your limit.",
            "errorType": "RATE_LIMIT",
            "category": "RATE_LIMITS",
            "policyName": policy,
        },
    )


_EXPIRED: Final = {
    "title": "Unauthorized",
    "status": 401,
    "o:errorDetails": [{"detail": "Invalid login attempt.", "o:errorCode": "INVALID_LOGIN"}],
}
_BUSY: Final = {
    "title": "Too Many Requests",
    "status": 429,
    "o:errorDetails": [
        {"detail": "Concurrent request limit exceeded.", "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED"}
    ],
}
KINDS: Final = (
    Kind("429 in 10 s", _rate("TEN_SECONDLY_ROLLING"), HUBSPOT, without="search"),
    Kind("429 in 1 s", _rate("SECONDLY"), HUBSPOT, "search"),
    Kind("429 of the day", _rate("DAILY"), HUBSPOT),
    Kind("429 concurrency", _status(429, _BUSY), NETSUITE),
    Kind("401 expired", _status(401, _EXPIRED), NETSUITE, "login"),
    Kind("423 locked", _status(423, {"status": "error", "message": "locked"}), HUBSPOT, "write"),
    Kind(
        "477 moving",
        _status(477, {"status": "error", "message": "migration"}, **{"retry-after": "2"}),
        HUBSPOT,
    ),
    Kind("500", _status(500, {"status": "error", "message": "internal error"})),
    Kind("502 html", _html(502)),
    Kind("503", _status(503, {"status": "error", "message": "unavailable"})),
    Kind("504 html", _html(504)),
    Kind("524 html", _html(524)),
    Kind("time-out before", {"kind": "timeout_before"}),
    Kind("time-out after", {"kind": "timeout_after"}, HUBSPOT, "write"),
    Kind("reset before", {"kind": "reset"}),
    Kind("reset after", {"kind": "reset_after"}, HUBSPOT, "write"),
    Kind("reset mid body", {"kind": "reset_mid_body"}),
    Kind("truncated", {"kind": "truncated"}),
    Kind("not json", {"kind": "not_json"}),
    Kind("duplicated", {"kind": "duplicated"}, needs="rows"),
    Kind("unordered", {"kind": "unordered"}, needs="rows"),
    Kind("fewer", {"kind": "fewer"}, NETSUITE, "rows"),
    Kind("fewer", {"kind": "fewer"}, HUBSPOT, "upsert"),
    Kind("fewer", {"kind": "fewer"}, HUBSPOT, "answers all"),
    Kind("207 mixed", {"kind": "mixed"}, HUBSPOT, "divisible"),
)
SLOW: Final = frozenset({"time-out before", "time-out after"})
"""Kinds that cost a whole time-out of waiting; a seed takes few of them."""


@dataclass(frozen=True)
class Cell:
    """One pair of the table."""

    kind: str
    endpoint: str


CELLS: Final[Mapping[Cell, tuple[Kind, Endpoint]]] = {
    Cell(kind.name, endpoint.name): (kind, endpoint)
    for kind in KINDS
    for endpoint in ENDPOINTS
    if kind.fits(endpoint)
}
WRITES: Final = tuple(one for one in ENDPOINTS if "write" in one.traits)
RARE: Final = frozenset({"unlink", "line archive", "order archive", "order read", "links read", "presence"})
"""Endpoints that few runs ask: their faults wait for the first request."""


@dataclass
class Planned:
    """A fault of this seed, in the emulator's book once its turn has come."""

    cell: Cell
    rule: FaultRule


def plan(seed: int) -> Iterator[Planned]:
    """The faults of a seed, in the order in which they are let loose; never ends.

    The first dozens are the seed's share of all pairs: seeds that follow each other take what comes next in one
    long round, so that every pair is planned again after some seeds. The others are drawn.
    """
    rng = Random(f"faults {seed}")
    cells = list(CELLS)
    Random("order").shuffle(cells)
    share = [cells[(seed * SHARE + at) % len(cells)] for at in range(SHARE)]
    rng.shuffle(share)
    slow = 0
    while True:
        for cell in share:
            if cell.kind in SLOW:
                slow += 1
            yield _planned(cell, rng)
        share = [one for one in rng.sample(cells, SHARE) if one.kind not in SLOW or slow < 4]


SHARE: Final = 36


def _planned(cell: Cell, rng: Random) -> Planned:
    kind, endpoint = CELLS[cell]
    return Planned(
        cell,
        FaultRule(
            **kind.fields,
            app=endpoint.app,
            method=endpoint.method,
            path=endpoint.path,
            body=endpoint.body,
            after=0 if endpoint.name in RARE else rng.choice((0, 0, 1, 2)),
            times=rng.choice((1, 1, 2)) if cell.kind not in SLOW else 1,
            seed=rng.randrange(2**31),
        ),
    )
