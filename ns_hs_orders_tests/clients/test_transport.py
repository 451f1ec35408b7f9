"""The transport against a real server: what is tried again, what is not, and what an error tells."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests
from requests.auth import AuthBase

from ns_hs_orders.clients.rate_limit import ProcessSlots, RollingWindow, WindowLimit
from ns_hs_orders.clients.retry import HUBSPOT_RETRIES, NETSUITE_RETRIES, Effect, RetryPolicy
from ns_hs_orders.clients.transport import Timeouts, Transport
from ns_hs_orders.errors import ConfigError, ContractError, RemoteError
from ns_hs_orders_tests.clients.conftest import FakeClock, Received, Scripted, ScriptedServer

CANARY = "canary-9f3c-secret-token"
OK = Scripted(200, {"results": []})


class Bearer(AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {CANARY}"
        return request

    def secrets(self) -> tuple[str, ...]:
        return (CANARY,)


@pytest.fixture
def transport(server: ScriptedServer, clock: FakeClock) -> Callable[..., Transport]:
    def make(**changes: Any) -> Transport:
        settings: dict[str, Any] = {"retries": HUBSPOT_RETRIES, "clock": clock, "jitter": lambda: 0.5}
        return Transport("hubspot", server.url, Bearer(), **(settings | changes))

    return make


def write(transport: Transport, effect: Effect = "keyed", **more: Any) -> Any:
    return transport.send("POST", "/crm/things", json={"a": 1}, effect=effect, **more)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 522, 523, 524, 408])
@pytest.mark.parametrize("effect", ["read", "keyed"])
def test_server_trouble_is_tried_again_where_twice_is_as_good_as_once(
    server: ScriptedServer, transport: Callable[..., Transport], status: int, effect: Effect
) -> None:
    server.script(Scripted(status), OK)
    assert write(transport(), effect).json == {"results": []}
    assert len(server.received) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 522, 523, 524, 408])
def test_a_write_without_a_key_is_tried_once_and_its_outcome_is_unknown(
    server: ScriptedServer, transport: Callable[..., Transport], status: int
) -> None:
    server.script(Scripted(status), OK)
    with pytest.raises(RemoteError) as caught:
        write(transport(), "unkeyed")
    assert (caught.value.outcome_unknown, caught.value.transient, caught.value.status) == (True, True, status)
    assert len(server.received) == 1
    assert "might then happen twice" in str(caught.value)


RETRIED_STATUSES = {408, 423, 429, 477, 500, 502, 503, 504, 521, 522, 523, 524}


@pytest.mark.parametrize("status", [*range(300, 309), *range(400, 600)])
def test_every_other_status_is_an_error_at_once(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock, status: int
) -> None:
    if status in RETRIED_STATUSES:
        server.script(Scripted(status), OK)
        write(transport())
        assert len(server.received) == 2
        return
    server.script(Scripted(status, {"message": "no"}), OK)
    with pytest.raises(RemoteError) as caught:
        write(transport())
    assert (len(server.received), clock.slept) == (1, [])
    assert caught.value.transient is (status >= 500)
    assert caught.value.outcome_unknown is (status >= 500)


@pytest.mark.parametrize(
    "body, headers, waits",
    [
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {}, [10.5, 21.0]),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {"X-HubSpot-RateLimit-Interval-Milliseconds": "4000"}, [4.2, 8.4]),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {"Retry-After": "3"}, [3.0, 3.0]),
        ({"policyName": "SECONDLY"}, {}, [1.05, 2.1]),
        ({}, {}, [10.5, 21.0]),
        (b"<html>slow down</html>", {}, [10.5, 21.0]),
    ],
    ids=["ten-secondly", "interval header", "retry-after", "secondly", "no policy", "not JSON"],
)  # fmt: skip
@pytest.mark.parametrize("effect", ["read", "keyed", "unkeyed"])
def test_a_rate_limit_is_waited_out_by_its_policy_whatever_the_call(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock,
    effect: Effect, body: Any, headers: dict[str, str], waits: list[float],
) -> None:  # fmt: skip
    server.script(Scripted(429, body, headers), Scripted(429, body, headers), OK)
    write(transport(), effect)
    assert clock.slept == pytest.approx(waits)


def test_the_daily_limit_stops_at_once_and_says_when_it_ends(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(Scripted(429, {"policyName": "DAILY", "message": "You have reached your daily limit."}))
    with pytest.raises(RemoteError, match="midnight in the account's time zone") as caught:
        write(transport())
    assert (caught.value.code, caught.value.transient, caught.value.outcome_unknown) == ("DAILY", True, False)
    assert (len(server.received), clock.slept) == (1, [])


def test_a_lock_is_waited_out_at_least_two_seconds_and_halves_the_budget(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    budget = RollingWindow({"objects": WindowLimit(8, 10.0)}, margin_seconds=0.0)
    server.script(Scripted(423), OK)
    write(transport(budget=budget, jitter=lambda: 0.0), "unkeyed")
    assert clock.slept == [2.0]
    taken = sum(budget.take("objects", clock.now()) == 0 for _ in range(8))
    assert taken == 2, "4 of 8 while halved, 2 of them taken by the two tries"


def test_a_data_centre_move_is_waited_out_when_it_is_short(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(Scripted(477, {}, {"Retry-After": "30"}), OK)
    write(transport())
    assert clock.slept == [30.0]


def test_a_wait_longer_than_the_call_may_last_is_not_shortened_but_named(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(Scripted(477, {}, {"Retry-After": "86400"}), OK)
    with pytest.raises(RemoteError, match="asks to wait 86400 s") as caught:
        write(transport())
    assert (caught.value.transient, len(server.received), clock.slept) == (True, 1, [])


def test_retry_after_may_be_a_date(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(Scripted(503, {}, {"Retry-After": "Sun, 01 Mar 2026 12:00:07 GMT"}), OK)
    write(transport())
    assert clock.slept == [7.0]


@pytest.mark.parametrize("nonsense", ["soon", "nan", "inf", "-5", ""])
def test_a_senseless_retry_after_does_no_harm(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock, nonsense: str
) -> None:
    server.script(Scripted(503, {}, {"Retry-After": nonsense}), OK)
    write(transport())
    assert clock.slept in ([0.25], [0.0])


def test_tries_are_bounded_in_number(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(Scripted(503, {"message": "down", "correlationId": "c-1"}))
    with pytest.raises(RemoteError, match="Given up after 6 tries") as caught:
        write(transport())
    assert (caught.value.attempts, len(server.received), caught.value.correlation_id) == (6, 6, "c-1")
    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0], "full jitter at one half of 0.5 s × 2^n"


def test_tries_are_bounded_in_time(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(Scripted(429, {"policyName": "TEN_SECONDLY_ROLLING"}))
    with pytest.raises(RemoteError, match="are left for this call"):
        write(transport(retries=replace(HUBSPOT_RETRIES, total_seconds=60.0)))
    assert clock.monotonic() < 60
    assert len(server.received) == 3


def test_netsuites_unexpected_error_is_tried_three_times_only(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(Scripted(500, {"title": "Internal Server Error", "o:errorDetails": [
        {"detail": "An unexpected error occurred.", "o:errorCode": "UNEXPECTED_ERROR"}]}))  # fmt: skip
    with pytest.raises(RemoteError, match="may not see") as caught:
        write(transport(retries=NETSUITE_RETRIES), "read")
    assert (caught.value.code, len(server.received)) == ("UNEXPECTED_ERROR", 3)


@pytest.mark.parametrize("effect, tries", [("read", 2), ("keyed", 2), ("unkeyed", 1)])
@pytest.mark.parametrize(
    "broken",
    [
        Scripted(act="reset"),
        Scripted(200, b'{"results": [1, 2', declared_length=5000),
        Scripted(200, b'{"results": [1, 2'),
        Scripted(200, b"<!doctype html><title>Sign in</title>", {"Content-Type": "text/html"}),
        Scripted(200, b"\xff\xfe\x00"),
        Scripted(200, b'{"a": NaN}'),
        Scripted(200, b"not gzip", {"Content-Encoding": "gzip"}),
        Scripted(200, b"[" * 100_000),
    ],
    ids=["reset", "cut off", "half JSON", "HTML", "not UTF-8", "NaN", "not gzip", "endless nesting"],
)
def test_a_broken_answer_is_never_taken_for_an_answer(
    server: ScriptedServer, transport: Callable[..., Transport], broken: Scripted, effect: Effect, tries: int
) -> None:
    server.script(broken, OK)
    if tries == 2:
        assert write(transport(), effect).json == {"results": []}
    else:
        with pytest.raises(RemoteError) as caught:
            write(transport(), effect)
        assert (caught.value.transient, caught.value.outcome_unknown) == (True, True)
    assert len(server.received) == tries


def test_a_broken_read_has_no_outcome_to_doubt(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(Scripted(act="reset"))
    with pytest.raises(RemoteError) as caught:
        write(transport(), "read")
    assert (caught.value.outcome_unknown, caught.value.transient, caught.value.status) == (False, True, None)


def test_doubt_about_an_early_try_outlives_a_clear_answer_to_a_later_one(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(Scripted(act="reset"), Scripted(400, {"message": "bad"}))
    with pytest.raises(RemoteError) as caught:
        write(transport())
    assert (caught.value.status, caught.value.outcome_unknown, caught.value.attempts) == (400, True, 2)


def test_a_silent_server_is_left_after_the_read_timeout(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(Scripted(act="silence"), OK)
    assert write(transport(timeouts=Timeouts(connect=1.0, read=0.1))).status == 200
    assert len(server.received) == 2


def test_a_closed_port_is_no_doubtful_write(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    unreachable = transport()
    server.stop()
    with pytest.raises(RemoteError, match="No connection") as caught:
        write(unreachable, "unkeyed")
    assert (caught.value.outcome_unknown, caught.value.transient, caught.value.attempts) == (False, True, 6)


def test_a_redirect_is_an_error_and_its_target_gets_no_token(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    other = ScriptedServer()
    try:
        other.script(OK)
        server.script(Scripted(307, {}, {"Location": f"{other.url}/elsewhere?token=x"}))
        with pytest.raises(RemoteError, match="never followed") as caught:
            write(transport())
        assert other.received == []
        assert "token=x" not in str(caught.value)
    finally:
        other.stop()


@pytest.mark.parametrize(
    "address",
    [
        "http://api.hubapi.com", "http://10.0.0.1:8080", "ftp://127.0.0.1", "api.hubapi.com", "",
        "https://user:hunter2@api.hubapi.com", "https://api.hubapi.com?x=hunter2", "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
    ],
)  # fmt: skip
def test_an_address_that_would_leak_credentials_is_refused(address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Transport("hubspot", address, Bearer())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["https://api.hubapi.com/", "http://127.0.0.1:8", "http://localhost:8", "http://[::1]:8"]
)
def test_https_and_loopback_are_taken(address: str) -> None:
    assert Transport("hubspot", address, Bearer()).base_url == address.rstrip("/")


def test_no_secret_is_in_an_error_its_body_its_cause_or_the_log(
    server: ScriptedServer, transport: Callable[..., Transport], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(request: Received) -> Scripted:
        told = request.headers["authorization"]
        return Scripted(400, {"message": f"Bad header {told}", "context": {"Authorization": [told]},
                              "errors": [{"message": f"curl -H 'Authorization: {told}'"}]})  # fmt: skip

    server.script(echo)
    with pytest.raises(RemoteError) as caught:
        write(transport(), params={"email": "someone@example.com"})
    error = caught.value
    everything = f"{error} {error!r} {error.body!r} {error.__cause__!r} {error.args!r} {caplog.text}"
    assert "Bad header" in str(error)
    assert CANARY not in everything
    assert "someone@example.com" not in f"{error}"
    assert CANARY not in repr(transport())


def test_a_long_error_page_is_cut(server: ScriptedServer, transport: Callable[..., Transport]) -> None:
    server.script(Scripted(502, b"<html>" + b"x" * 70_000))
    with pytest.raises(RemoteError) as caught:
        write(transport(retries=RetryPolicy(HUBSPOT_RETRIES.rules, attempts=1)))
    assert len(str(caught.value)) < 1000


def test_an_error_tells_system_status_code_and_correlation_id(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(Scripted(403, {"status": "error", "category": "MISSING_SCOPES", "correlationId": "abc-1",
        "message": "This app lacks scopes.",
        "errors": [{"message": "x", "context": {"requiredGranularScopes": ["crm.objects.orders.write"]}}]}))  # fmt: skip
    with pytest.raises(RemoteError) as caught:
        write(transport())
    error = caught.value
    assert (error.system, error.status, error.code, error.correlation_id) == (
        "hubspot",
        403,
        "MISSING_SCOPES",
        "abc-1",
    )
    assert "crm.objects.orders.write" in str(error)
    assert isinstance(error.body, dict)
    assert error.body["category"] == "MISSING_SCOPES"


@pytest.mark.parametrize(
    "body",
    [None, [], [1], "text", {"errors": "none"}, {"errors": [None, {"context": 3}]}, {"o:errorDetails": None, "title": 5},
     {"o:errorDetails": ["x", {"detail": 4}]}, {"message": None, "category": 3}],
)  # fmt: skip
def test_any_shape_of_error_body_is_survived(
    server: ScriptedServer, transport: Callable[..., Transport], body: Any
) -> None:
    server.script(Scripted(400, body))
    with pytest.raises(RemoteError) as caught:
        write(transport())
    assert caught.value.status == 400


def test_decimals_never_become_floats(server: ScriptedServer, transport: Callable[..., Transport]) -> None:
    server.script(Scripted(200, b'{"rate": 0.10, "big": 12345678901234567.01, "n": 3}'))
    assert write(transport()).json == {"rate": "0.10", "big": "12345678901234567.01", "n": 3}


def test_a_body_that_json_cannot_hold_is_refused_unsent(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(OK)
    with pytest.raises(ContractError, match="JSON"):
        transport().send("POST", "/x", json={"a": float("nan")}, effect="keyed")
    assert server.received == []


@pytest.mark.parametrize("text", ["מזל טוב", "🎉", "a\x00b", "\ud800"])
def test_any_text_travels_as_plain_ascii(
    server: ScriptedServer, transport: Callable[..., Transport], text: str
) -> None:
    server.script(OK)
    transport().send("POST", "/x", json={"a": text}, effect="keyed")
    assert server.received[0].json == {"a": text}
    assert server.received[0].body.isascii()


def test_every_try_sends_the_same_bytes(server: ScriptedServer, transport: Callable[..., Transport]) -> None:
    server.script(Scripted(503), Scripted(act="reset"), OK)
    write(transport())
    assert {request.body for request in server.received} == {b'{"a":1}'}
    assert len(server.received) == 3


def test_the_environments_proxy_does_not_stand_between_us_and_loopback(
    server: ScriptedServer, transport: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.script(OK)
    assert write(transport()).status == 200


def test_calls_share_connections(server: ScriptedServer, transport: Callable[..., Transport]) -> None:
    server.script(OK)
    one = transport()
    for _ in range(5):
        write(one)
    assert server.connections == 1


def test_cookies_are_not_kept(server: ScriptedServer, transport: Callable[..., Transport]) -> None:
    server.script(Scripted(200, {}, {"Set-Cookie": "JSESSIONID=1; Path=/"}), OK)
    one = transport()
    write(one)
    write(one)
    assert "cookie" not in server.received[1].headers


def test_the_budget_is_waited_for_before_a_call(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(OK)
    one = transport(budget=RollingWindow({"objects": WindowLimit(2, 10.0)}, margin_seconds=0.0))
    for _ in range(3):
        write(one)
    assert clock.slept == [10.0]


def test_a_budget_that_never_comes_ends_the_call_unsent(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(OK)
    one = transport(budget=RollingWindow({"objects": WindowLimit(1, 3600.0)}))
    write(one)
    with pytest.raises(RemoteError, match="budget for objects") as caught:
        write(one)
    assert (caught.value.transient, caught.value.outcome_unknown, len(server.received)) == (True, False, 1)


def test_the_budget_learns_from_hubspots_headers_but_not_for_associations(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    budget = RollingWindow({"objects": WindowLimit(2, 10.0), "associations": WindowLimit(2, 10.0)})
    server.script(Scripted(200, {}, {"X-HubSpot-RateLimit-Max": "5"}))
    one = transport(budget=budget)
    write(one)
    write(one, family="associations")
    assert [budget.take("objects", clock.now()) == 0 for _ in range(5)] == [True] * 4 + [False]
    assert [budget.take("associations", clock.now()) == 0 for _ in range(2)] == [True, False]


def test_slots_bound_the_calls_at_the_same_time_and_are_given_back_after_errors(
    server: ScriptedServer,
) -> None:
    lock, now, most = threading.Lock(), 0, 0
    gate = threading.Barrier(2)

    def answer(_: Received) -> Scripted:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        gate.wait(5)
        with lock:
            now -= 1
        return Scripted(400)

    server.script(answer)
    one = Transport("netsuite", server.url, Bearer(), slots=ProcessSlots(2))
    failures: list[int | None] = []

    def call() -> None:
        try:
            write(one)
        except RemoteError as error:
            failures.append(error.status)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2
    assert failures == [400] * 8


def test_slots_that_stay_taken_end_the_call_unsent(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    server.script(OK)
    slots = ProcessSlots(1)
    assert slots.take(clock.now(), 1.0)
    with pytest.raises(RemoteError, match="stayed taken") as caught:
        write(transport(slots=slots))
    assert (server.received, caught.value.outcome_unknown) == ([], False)


def test_an_answer_that_is_still_coming_in_at_the_end_of_the_calls_time_is_given_up(
    server: ScriptedServer, transport: Callable[..., Transport], clock: FakeClock
) -> None:
    def late(_: Received) -> Scripted:
        clock.advance(91)
        return OK

    server.script(late)
    with pytest.raises(RemoteError, match="did not come in time") as caught:
        write(transport())
    assert (caught.value.outcome_unknown, len(server.received)) == (True, 1)


def test_the_deadline_that_leases_must_outlast_follows_from_the_policy(server: ScriptedServer) -> None:
    one = Transport("hubspot", server.url, Bearer(), retries=replace(HUBSPOT_RETRIES, total_seconds=30.0))
    assert one.request_deadline == 90.0


def test_threads_get_their_own_answers_over_as_many_connections_as_threads(server: ScriptedServer) -> None:
    server.script(lambda request: Scripted(200, {"echo": request.json["n"]}))
    one = Transport("hubspot", server.url, Bearer(), threads=4)
    wrong: list[int] = []

    def calls(first: int) -> None:
        for n in range(first, first + 25):
            answer = one.send("POST", "/x", json={"n": n}, effect="keyed").json
            wrong.extend([] if answer == {"echo": n} else [n])

    threads = [threading.Thread(target=calls, args=(first,)) for first in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (one.calls, len(server.received)) == (100, 100)
    assert server.connections <= 4


def test_a_relative_redirect_is_named_whole(
    server: ScriptedServer, transport: Callable[..., Transport]
) -> None:
    server.script(Scripted(302, {}, {"Location": "/login?next=secret"}))
    with pytest.raises(RemoteError) as caught:
        write(transport())
    assert f"redirects to {server.url}/login, which" in str(caught.value)
