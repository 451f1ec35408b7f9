"""SuiteQL pages: what is sent, what is made of an answer, and which answers are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ns_hs_orders.clients.netsuite import NetSuiteClient, open_netsuite
from ns_hs_orders.errors import ContractError, RemoteError
from ns_hs_orders_tests.clients.conftest import FakeClock, Scripted, ScriptedServer
from ns_hs_orders_tests.clients.test_netsuite_auth import KEYS

KEYSET = "SELECT id FROM transaction WHERE (lastmodifieddate > ?) OR (lastmodifieddate = ? AND id > ?) ORDER BY lastmodifieddate, id"


def page(items: list[Any], **changes: Any) -> Scripted:
    body = {
        "links": [],
        "count": len(items),
        "hasMore": False,
        "items": items,
        "offset": 0,
        "totalResults": len(items),
    }
    return Scripted(200, body | changes)


@pytest.fixture
def client(server: ScriptedServer, clock: FakeClock) -> NetSuiteClient:
    return open_netsuite("1234567", KEYS, base_url=server.url, clock=clock, jitter=lambda: 0.5)


def test_a_query_is_sent_with_its_parameters_and_without_an_offset(
    server: ScriptedServer, client: NetSuiteClient
) -> None:
    server.script(page([]))
    client.query(KEYSET, ["2026-01-01 00:00:00", "2026-01-01 00:00:00", "17"], limit=500)
    request = server.received[0]
    assert (request.method, request.path) == ("POST", "/services/rest/query/v1/suiteql")
    assert request.query == {"limit": ["500"]}
    assert request.headers["prefer"] == "transient"
    assert request.json == {"q": KEYSET, "params": ["2026-01-01 00:00:00", "2026-01-01 00:00:00", "17"]}


def test_a_query_without_parameters_sends_none(server: ScriptedServer, client: NetSuiteClient) -> None:
    server.script(page([]))
    client.query("SELECT COUNT(*) AS n FROM transaction")
    assert server.received[0].json == {"q": "SELECT COUNT(*) AS n FROM transaction"}
    assert server.received[0].query == {"limit": ["1000"]}


def test_rows_are_text_by_lower_case_column_without_links_and_nulls(
    server: ScriptedServer, client: NetSuiteClient
) -> None:
    server.script(page([
        {"links": [], "ID": "12", "ForeignTotal": ".10", "memo": "x"},
        {"links": [], "id": 13, "foreigntotal": 1.50, "isclosed": True, "void": False, "memo": None},
    ], hasMore=True, totalResults=2345))  # fmt: skip
    found = client.query("SELECT …")
    assert found.rows == [
        {"id": "12", "foreigntotal": ".10", "memo": "x"},
        {"id": "13", "foreigntotal": "1.5", "isclosed": "T", "void": "F", "memo": None},
    ]
    assert found.has_more is True


def test_decimals_keep_every_digit(server: ScriptedServer, client: NetSuiteClient) -> None:
    server.script(
        Scripted(
            200, b'{"count": 1, "hasMore": false, "totalResults": 1, "items": [{"a": 12345678901234567.10}]}'
        )
    )
    assert client.query("SELECT …").rows == [{"a": "12345678901234567.10"}]


def test_numbers_about_the_page_may_be_text(server: ScriptedServer, client: NetSuiteClient) -> None:
    server.script(page([{"id": "1"}], count="1", totalResults="1"))
    assert client.query("SELECT …").rows == [{"id": "1"}]


CONTRADICTIONS = {
    "fewer rows than counted": (page([{"id": "1"}], count=2), "says it has 2 rows and holds 1"),
    "more rows than asked": (page([{"id": str(n)} for n in range(11)]), "asked for 10 rows and sent 11"),
    "empty page in the middle": (
        page([], hasMore=True, totalResults=500),
        "empty and says that more rows follow",
    ),
    "last page short of the total": (page([{"id": "1"}], totalResults=2), "holds 1 rows of 2"),
    "silent about more": (page([{"id": "1"}], hasMore=None), "hasMore is None"),
    "count is no number": (page([{"id": "1"}], count="many"), "not a number"),
    "row is no object": (page(["x"]), "not an object"),
    "value is a list": (page([{"id": ["1"]}]), "column id holds a list"),
}


@pytest.mark.parametrize("answer, words", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_page_that_contradicts_itself_is_refused_when_it_does_so_twice(
    server: ScriptedServer, client: NetSuiteClient, answer: Scripted, words: str
) -> None:
    server.script(answer)
    with pytest.raises(ContractError, match=words):
        client.query("SELECT …", limit=10)
    assert len(server.received) == 2


@pytest.mark.parametrize("answer, words", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_page_that_contradicts_itself_once_is_read_again(
    server: ScriptedServer, client: NetSuiteClient, answer: Scripted, words: str
) -> None:
    server.script(answer, page([{"id": "5"}]))
    assert client.query("SELECT …", limit=10).rows == [{"id": "5"}]


def test_an_empty_last_page_is_read_and_nothing_there(server: ScriptedServer, client: NetSuiteClient) -> None:
    server.script(page([]))
    found = client.query("SELECT …")
    assert (found.rows, found.has_more, len(server.received)) == ([], False, 1)


@pytest.mark.parametrize("body", [[], {}, {"items": None}, {"error_": 1}, "x", b""])
def test_json_that_is_no_page_is_could_not_read(
    server: ScriptedServer, client: NetSuiteClient, body: Any
) -> None:
    server.script(Scripted(200, body))
    with pytest.raises(RemoteError, match="no page of rows") as caught:
        client.query("SELECT …")
    assert caught.value.transient


def test_an_answer_that_is_not_json_is_could_not_read_with_what_came(
    server: ScriptedServer, client: NetSuiteClient
) -> None:
    server.script(Scripted(200, b"<html><body>Scheduled maintenance</body></html>"))
    with pytest.raises(RemoteError, match="not JSON: <html><body>Scheduled maintenance") as caught:
        client.query("SELECT …")
    assert (caught.value.transient, caught.value.attempts) == (True, 6)


def test_a_refused_query_tells_netsuites_code_and_words(
    server: ScriptedServer, client: NetSuiteClient
) -> None:
    server.script(Scripted(400, {"type": "https://x", "title": "Bad Request", "status": 400, "o:errorDetails": [
        {"detail": "Invalid search query. Unknown identifier 'subsidiary'.", "o:errorCode": "INVALID_PARAMETER",
         "o:errorQueryParam": "q"}]}))  # fmt: skip
    with pytest.raises(RemoteError, match="Unknown identifier 'subsidiary'") as caught:
        client.query("SELECT subsidiary FROM transaction")
    assert (caught.value.system, caught.value.status, caught.value.code) == (
        "netsuite",
        400,
        "INVALID_PARAMETER",
    )
    assert (caught.value.transient, caught.value.attempts) == (False, 1)


def test_the_accounts_concurrency_is_waited_for(
    server: ScriptedServer, client: NetSuiteClient, clock: FakeClock
) -> None:
    server.script(
        Scripted(429, {"o:errorDetails": [{"o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED", "detail": "x"}]}),
        page([]),
    )
    client.query("SELECT …")
    assert clock.slept == [0.5]


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_size_that_netsuite_does_not_know_is_refused_unsent(
    server: ScriptedServer, client: NetSuiteClient, limit: int
) -> None:
    with pytest.raises(ContractError):
        client.query("SELECT …", limit=limit)
    assert server.received == []


def test_the_servers_clock_is_utc(server: ScriptedServer, client: NetSuiteClient) -> None:
    server.script(Scripted(200, {"serverTime": "2026-03-26T16:21:00.000Z"}))
    assert client.server_time() == datetime(2026, 3, 26, 16, 21, tzinfo=UTC)
    assert server.received[0].path == "/services/rest/system/v1/serverTime"


@pytest.mark.parametrize("body", [{}, {"serverTime": "now"}, []])
def test_a_clock_without_a_time_is_refused(server: ScriptedServer, client: NetSuiteClient, body: Any) -> None:
    server.script(Scripted(200, body))
    with pytest.raises(ContractError, match="serverTime"):
        client.server_time()
