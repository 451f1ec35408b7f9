"""`status` and `due` over a state that the real stores filled, with nothing else running."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.extract.change_sources import OPEN_ORDERS
from ns_hs_orders.live.delay import delays
from ns_hs_orders.live.ports import Noticed, Watermark
from ns_hs_orders.money import shown
from ns_hs_orders.push import departed
from ns_hs_orders.push.ports import Claim, Confirmation, Verdict
from ns_hs_orders.report import ports
from ns_hs_orders.settings import load_settings
from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.state.calls.slots import SharedSlots
from ns_hs_orders.state.database import State, open_state
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.arrivals import ArrivalLog
from ns_hs_orders.state.orders.departures import Departures
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.orders.events import Events
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.overview import PIPELINE_PROBLEM
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.state.work.lanes import Lanes
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders_tests.docs.generated import ROOT

DAY = date(2026, 3, 2)
Run = Callable[..., tuple[int, str, str]]


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home in the environment, and no way out: neither remote, Dagster nor sandbox can be asked."""

    def refuse(*_: object) -> None:
        raise AssertionError("status asked somebody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def state(home: Path) -> Iterator[State]:
    opened = open_state(load_settings().state_address)
    yield opened
    opened.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; gives its exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def document(run: Run) -> Callable[[], tuple[int, Any]]:
    def document() -> tuple[int, Any]:
        code, out, _ = run("status", "--json")
        return code, json.loads(out)

    return document


Document = Callable[[], tuple[int, Any]]


def judged(state: State, order_id: str, outcome: Any, reason: str, at: datetime, **more: Any) -> None:
    said: dict[str, Any] = {
        "explanation": f"In words, {reason}.",
        "currency": "USD",
        "total_minor": 1000,
    } | more
    one = Verdict(order_id, 3, outcome, reason, order_on=DAY, **said)
    assert OrderStateStore(state).record([one], holder="a", run="run", now=at) == {order_id}


def looked(state: State, stream: str, at: datetime, *noticed: Noticed) -> None:
    mark = Watermark(stream, at - timedelta(minutes=1), "7", at)
    WatermarkStore(state).record(mark, noticed=noticed, seen=[], ticket=1, now=at)


def arrived(state: State, order_id: str, seconds: float, at: datetime) -> None:
    changed = at - timedelta(seconds=seconds)
    looked(state, "orders", at, Noticed(order_id, "order changed", changed, changed))
    store = OrderStateStore(state)
    store.claim(
        [Claim(order_id, 2, DAY, "USD", 1000, (), "9", None)], holder="a", lease_until=at, now=changed
    )
    assert store.confirm(
        [Confirmation(order_id, 2, "print", "created", "42", {}, "9", None, at)], holder="a", run="run"
    )


def codes(document: Any) -> list[str]:
    return [need["code"] for need in document["needs"]]


def test_a_home_without_a_state_says_so_and_stays_empty(run: Run, home: Path) -> None:
    code, out, err = run("status")
    assert (code, err) == (0, "")
    assert "Nothing ran yet in this home" in out
    assert str(home) in out

    code, out, _ = run("status", "--json")
    assert (code, json.loads(out)["nothing_ran"], json.loads(out)["needs"]) == (0, True, [])
    assert "Nothing ran yet" in run("due")[1]
    assert json.loads(run("due", "--json")[1])["orders"] == []
    assert run("due", "close", "1", "--by", "Ann")[0] == 2
    assert not home.exists()


def test_a_file_that_holds_no_state_is_left_as_it_is(run: Run, home: Path) -> None:
    (home / "state").mkdir(parents=True)
    (home / "state" / "state.sqlite").touch()

    assert "Nothing ran yet" in run("status")[1]
    assert (home / "state" / "state.sqlite").read_bytes() == b""


def test_a_file_that_is_no_database_ends_in_a_sentence(run: Run, home: Path) -> None:
    (home / "state").mkdir(parents=True)
    (home / "state" / "state.sqlite").write_text("not a database, but longer than a header is " * 40)

    code, out, err = run("status")
    assert (code, out) == (2, "")
    assert "state store" in err
    assert "Traceback" not in err


def test_all_is_well_exits_0(state: State, document: Document, run: Run) -> None:
    arrived(state, "1", 9.4, ago(seconds=20))
    looked(state, "invoices and cash sales", ago(seconds=5))
    Lanes(state).acquire("live", "run-1", ago(seconds=3))
    Days(state).record({DAY: True}, ticket=9)

    code, found = document()

    assert (code, found["needs_a_person"], found["needs"]) == (0, False, [])
    assert "Nothing needs a person" in run("status")[1]


def test_the_lanes_tell_who_is_in_them(state: State, document: Document, run: Run) -> None:
    Lanes(state).acquire("live", "run-1", ago(seconds=45))

    code, found = document()

    day, live = found["lanes"]
    assert (day["lane"], day["condition"], day["run"]) == ("day", "not running", None)
    assert (live["lane"], live["condition"], live["run"]) == ("live", "left", "run-1")
    assert live["heartbeat_age_seconds"] == pytest.approx(45, abs=5)
    assert code == 0  # left for less than two minutes: the next run may be on its way
    assert re.search(r"live +left without a word +run-1 +4\d s ago", run("status")[1])

    Lanes(state).acquire("live", "run-2", ago(seconds=1))
    assert document()[1]["lanes"][1]["condition"] == "running"


@pytest.mark.parametrize("lane", ["day", "live"])
def test_a_lane_left_for_two_minutes_needs_a_person(state: State, document: Document, lane: str) -> None:
    Lanes(state).acquire(lane, "run-1", ago(minutes=3))

    code, found = document()

    assert (code, codes(found)) == (1, ["lane_left"])
    assert f"`{lane}`" in found["needs"][0]["what"]
    assert "run-1" in found["needs"][0]["what"]


def test_each_stream_tells_its_newest_change_and_when_it_was_looked_at(
    state: State, document: Document, run: Run
) -> None:
    looked(state, "orders", ago(seconds=30))
    looked(state, "open orders", ago(minutes=14))

    code, found = document()

    sweep, orders = found["streams"]
    assert (sweep["stream"], orders["stream"]) == ("open orders", "orders")
    assert sweep["looked_age_seconds"] == pytest.approx(14 * 60, abs=5)
    assert datetime.fromisoformat(orders["looked_at"]) - datetime.fromisoformat(
        orders["newest_at"]
    ) == timedelta(minutes=1)
    assert code == 0  # the sweep comes seldom, and the others are looked at
    assert re.search(r"open orders .* 14 min", run("status")[1])


def test_a_live_lane_that_stopped_looking_needs_a_person_and_tells_why(
    state: State, document: Document, run: Run
) -> None:
    looked(state, "orders", ago(minutes=11))
    retry = ago(minutes=-1)
    failures = {"count": 7, "summary": "NetSuite does not accept the login", "retry_at": retry.isoformat()}
    Notes(state).keep("live_failures", failures, ago(minutes=1))

    code, found = document()

    assert (code, codes(found)) == (1, ["live_lane_not_looking"])
    assert "7 times in a row: NetSuite does not accept the login" in found["needs"][0]["what"]
    assert found["live_failures"] == failures
    assert f"next try {retry:%Y-%m-%d %H:%M:%S} UTC" in run("status")[1]


def test_a_live_lane_that_failed_once_is_told_so(state: State, document: Document) -> None:
    looked(state, "orders", ago(minutes=11))
    Notes(state).keep("live_failures", {"count": 1, "summary": "NetSuite is down"}, ago(minutes=1))

    assert "It failed once: NetSuite is down." in document()[1]["needs"][0]["what"]


@pytest.mark.parametrize("minutes, code", [(9, 0), (12, 1)])
def test_a_stream_that_is_not_read_while_others_are_needs_a_person(
    state: State, document: Document, minutes: int, code: int
) -> None:
    assert ports.OPEN_ORDERS == OPEN_ORDERS
    looked(state, "deleted records", ago(minutes=minutes))
    looked(state, "orders", ago(seconds=5))

    found_code, found = document()

    assert (found_code, codes(found)) == (code, ["stream_not_read"] * code)
    if code:
        assert "deleted records were last read 12 min" in found["needs"][0]["what"]
        assert "check the role with `ns-hs-orders doctor`" in found["needs"][0]["do"]


def test_a_stream_that_a_person_leaves_unread_is_told_again_once_it_came_back_and_was_lost(
    state: State, document: Document, run: Run
) -> None:
    looked(state, "deleted records", ago(days=3))
    looked(state, "orders", ago(seconds=5))

    code, out, err = run("due", "unread", "deleted records", "orders", "--by", "Ann")

    assert (code, out) == (2, "Left unread: deleted records\n")
    assert "orders. `ns-hs-orders status` names" in err
    found_code, found = document()
    assert (found_code, codes(found)) == (0, [])
    assert {one["stream"]: one["left_unread_by"] for one in found["streams"]} == {
        "deleted records": "Ann",
        "orders": None,
    }
    assert "left unread by Ann" in run("status")[1]
    assert run("due", "unread", "deleted records", "--by", "Ann")[0] == 2
    looked(state, "deleted records", ago(minutes=12))
    assert codes(document()[1]) == ["stream_not_read"]


@pytest.mark.parametrize("minutes, code", [(9, 0), (12, 1)])
def test_an_order_that_nobody_tries_for_ten_minutes_needs_a_person(
    state: State, document: Document, minutes: int, code: int
) -> None:
    late = Noticed("2", "order changed", ago(days=1), ago(minutes=minutes))
    unknown = Noticed("3", "open orders", None, None)
    looked(state, "orders", ago(seconds=5), late, unknown)

    found_code, found = document()

    assert (found_code, codes(found)) == (code, ["orders_waiting"] * code)
    if code:
        assert found["needs"][0]["what"].startswith(
            "1 order (1 of unknown amount) waits to be written for 12 min"
        )


def test_failures_of_a_live_lane_that_looked_just_now_are_shown_only(
    state: State, document: Document
) -> None:
    looked(state, "orders", ago(minutes=1))
    Notes(state).keep("live_failures", {"count": 1, "summary": "HubSpot is down"}, ago(minutes=1))

    code, found = document()

    assert (code, found["live_failures"]["count"], found["live_failures"]["retry_at"]) == (0, 1, None)


def test_a_live_lane_that_never_looked_is_nobodys_concern(state: State, document: Document) -> None:
    Days(state).record({DAY: True}, ticket=1)
    assert document()[0] == 0


def test_the_delay_is_that_of_the_last_day_and_counts_what_is_over_the_limit(
    state: State, document: Document, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 101):
        arrived(state, str(number), number + 0.5, ago(minutes=1))
    arrived(state, "of yesterday", 5000.0, ago(hours=25))
    looked(state, "orders", ago(seconds=1))

    code, found = document()

    assert found["delay"] == {
        "arrivals": 100,
        "p50_seconds": 50.5,
        "p95_seconds": 95.5,
        "max_seconds": 100.5,
        "limit_seconds": 60,
        "over_limit": 41,
    }
    assert code == 0
    told = "100 arrived, p50 50.5 s, p95 95.5 s, max 100.5 s; 41 over the limit of 60 s"
    assert told in run("status")[1]

    same = delays(ArrivalLog(state).since(ago(hours=24)))
    assert (same.arrived, same.p50, same.p95, same.longest) == (100, 50.5, 95.5, 100.5)

    monkeypatch.setenv("NS_HS_ARRIVAL_LIMIT_SECONDS", "90")
    assert document()[1]["delay"]["over_limit"] == 11


def test_due_orders_are_told_apart_with_their_dollars_per_currency(
    state: State, document: Document, run: Run
) -> None:
    looked(state, "orders", ago(minutes=1), Noticed("never read", "order changed", ago(minutes=1), None))
    judged(state, "4", "due", "hubspot_failed", ago(minutes=5), total_minor=123450)
    judged(state, "5", "due", "hubspot_failed", ago(minutes=6), currency="JPY", total_minor=9000)
    judged(state, "6", "rejected", "key_taken", ago(minutes=7), total_minor=50)
    judged(state, "7", "rejected", "text_too_long", ago(minutes=7), currency=None, total_minor=None)
    judged(state, "8", "rejected", "key_taken", ago(minutes=7), currency="EUR")
    DueOrders(state).close(["8"], by="Ann", now=ago(minutes=1))

    _, found = document()

    due = found["due"]
    assert (due["waiting"]["orders"], due["waiting"]["amount_unknown"]) == (1, 1)
    assert (due["failing"]["orders"], due["failing"]["amounts_minor"]) == (2, {"USD": 123450, "JPY": 9000})
    assert (due["refused"]["orders"], due["refused"]["amounts_minor"]) == (2, {"USD": 50})
    assert due["refused"]["amount_unknown"] == 1
    assert (due["stuck"]["orders"], due["stuck"]["amounts_minor"]) == (4, {"USD": 123500, "JPY": 9000})
    assert (due["closed"]["orders"], due["closed"]["amounts_minor"]) == (1, {"EUR": 1000})
    assert due["held"] == {"orders": 0, "amounts_minor": {}, "amount_unknown": 0, "oldest_at": None}
    assert [line["order_id"] for line in found["oldest_stuck"]] == ["6", "7", "5", "4"]
    out = run("status")[1]
    assert (
        "Orders stuck: 4 (2 refused by HubSpot, 2 failing; 9,000 JPY, 1,235.00 USD, 1 of unknown amount)"
        in out
    )
    assert "Orders closed by a person: 1 (10.00 EUR)" in out
    assert re.search(r"5 +hubspot_failed +9,000 JPY +6 min( 1 s)? +1 +now", out)


def test_the_ten_that_are_stuck_longest_are_named(state: State, document: Document, run: Run) -> None:
    for number in range(12):
        judged(state, str(number), "due", "hubspot_failed", ago(minutes=20 - number))

    _, found = document()

    assert [line["order_id"] for line in found["oldest_stuck"]] == [str(number) for number in range(10)]
    assert found["due"]["stuck"]["orders"] == 12
    assert "the 10 oldest of 12" in run("status")[1]


def test_an_order_that_hubspot_refused_needs_a_person_at_once(state: State, document: Document) -> None:
    judged(state, "6", "rejected", "currency_not_enabled", ago(seconds=1), currency="CHF")

    code, found = document()

    assert (code, codes(found)) == (1, ["orders_refused"])
    assert "1 order (10.00 CHF)" in found["needs"][0]["what"]
    assert "In words, currency_not_enabled." in found["needs"][0]["what"]
    assert "`ns-hs-orders sync --orders 6`" in found["needs"][0]["do"]


@pytest.mark.parametrize("minutes, code", [(29, 0), (31, 1)])
def test_an_order_that_keeps_failing_needs_a_person_after_half_an_hour(
    state: State, document: Document, minutes: int, code: int
) -> None:
    judged(state, "4", "due", "hubspot_failed", ago(minutes=minutes))

    found_code, found = document()

    assert (found_code, codes(found)) == (code, ["orders_stuck"] * code)


def test_how_long_an_order_may_fail_is_a_setting(
    state: State, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(state, "4", "due", "hubspot_failed", ago(minutes=10))
    assert document()[0] == 0

    monkeypatch.setenv("NS_HS_ALERT_STUCK_MINUTES", "5")
    assert document()[0] == 1


def test_failing_orders_are_told_of_even_where_the_ten_oldest_are_refused(
    state: State, document: Document
) -> None:
    for number in range(12):
        judged(state, str(number), "rejected", "key_taken", ago(hours=2))
    judged(state, "99", "due", "hubspot_failed", ago(hours=1))

    assert codes(document()[1]) == ["orders_refused", "orders_stuck"]


def test_orders_held_for_approval_need_a_person(state: State, document: Document) -> None:
    judged(state, "4", "due", "needs_approval", ago(seconds=1))
    judged(state, "6", "due", "hubspot_failed", ago(minutes=1))
    asked = [Noticed(one, "needs_approval", None, None) for one in ("5", "6")]
    looked(state, "deleted records", ago(seconds=1), *asked)

    code, found = document()

    assert (code, codes(found)) == (1, ["orders_need_approval"])
    assert found["due"]["held"]["orders"] == 3
    assert "hubspot_failed" not in json.dumps(found)


def test_what_a_person_approves_is_tried_at_once_and_told_in_its_story(state: State, run: Run) -> None:
    assert ports.NEEDS_APPROVAL == departed.NEEDS_APPROVAL
    for order_id in ("4", "5", "6"):
        judged(state, order_id, "due", "needs_approval", ago(seconds=1))
    judged(state, "7", "due", "hubspot_failed", ago(seconds=1))
    assert DueOrders(state).to_try(ago()) == []

    code, out, err = run("due", "approve", "5", "7", "--by", "Ann")

    assert (code, out) == (2, "Approved: 5\n")
    assert "Not held for approval: 7." in err
    assert Departures(state).approved(ago()) == {"5"}
    assert [one.order_id for one in DueOrders(state).to_try(ago())] == ["5"]
    assert Events(state).story("5")[-1].details == {"by": "Ann"}

    assert run("due", "approve", "--all", "--by", "Ann")[:2] == (0, "Approved: 4, 5, 6\n")
    assert Departures(state).approved(ago()) == {"4", "5", "6"}


def test_nothing_held_is_told(state: State, run: Run) -> None:
    assert run("due", "approve", "--all", "--by", "Ann")[:2] == (0, "No order is held for approval.\n")


@pytest.mark.parametrize(
    "arguments", [("--by", "Ann"), ("4", "--all", "--by", "Ann"), ("4",), ("4", "--by", "")]
)
def test_approving_takes_orders_or_all_and_a_name(state: State, run: Run, arguments: tuple[str, ...]) -> None:
    judged(state, "4", "due", "needs_approval", ago(seconds=1))

    assert run("due", "approve", *arguments)[0] == 2
    assert Departures(state).approved(ago()) == frozenset()


def test_a_closed_order_needs_nobody_until_netsuite_changes_it(
    state: State, document: Document, run: Run
) -> None:
    judged(state, "6", "rejected", "key_taken", ago(hours=2))
    assert document()[0] == 1

    code, out, err = run("due", "close", "6", "--by", "Ann")

    assert (code, err) == (0, "")
    assert out == "Closed until NetSuite changes them: 6\n"
    code, found = document()
    assert (code, found["due"]["closed"]["orders"], found["due"]["stuck"]["orders"]) == (0, 1, 0)
    (event,) = [one for one in Events(state).story("6") if one.happened == "closed"]
    assert event.details == {"by": "Ann"}

    looked(state, "orders", ago(seconds=1), Noticed("6", "order changed", ago(seconds=2), None))
    assert document()[1]["due"]["closed"]["orders"] == 0


def test_red_days_need_a_person_and_the_others_are_counted(
    state: State, document: Document, run: Run
) -> None:
    arrived(state, "1", 1.0, ago(seconds=9))  # marks its day as changed by ticket 2
    Days(state).record({DAY: True}, ticket=1)
    Days(state).record({date(2026, 3, 3): True, date(2026, 3, 4): True, date(2026, 3, 5): False}, ticket=5)

    code, found = document()

    assert (code, codes(found)) == (1, ["red_days"])
    assert found["days"] == {
        "red": ["2026-03-05"],
        "changed": 1,
        "proven": 2,
        "newest_proven": "2026-03-04",
    }
    assert "sync --from 2026-03-05 --to 2026-03-05" in found["needs"][0]["do"]
    told = "2 days proven, the newest 2026-03-04; 1 red (2026-03-05); 1 changed since they were proven"
    assert told in run("status")[1]


def test_the_api_budget_shows_the_calls_of_the_window_and_a_penalty(
    state: State, document: Document, run: Run
) -> None:
    budgets = Budgets(state, {"objects": (100, 10.0), "search": (4, 1.0)})
    for at in (ago(seconds=60), ago(seconds=2), ago(seconds=1)):
        budgets.take("objects", at)
    budgets.penalise("objects", 60, ago(seconds=1))
    SharedSlots(state, "netsuite", 2).take(ago(seconds=1), 60)

    found = {one["family"]: one for one in document()[1]["budgets"]}

    assert (found["objects"]["used"], found["objects"]["allowed"]) == (2, 50)
    assert found["objects"]["halved_until"]
    assert (found["associations"]["used"], found["associations"]["allowed"]) == (0, 100)
    assert (found["search"]["allowed"], found["search"]["window_seconds"]) == (4, 1.0)
    assert (found["netsuite"]["used"], found["netsuite"]["allowed"]) == (1, 2)
    assert "objects 2 of 50 in 10 s, halved for 5" in run("status")[1]


def everything(state: State) -> None:
    """A state with something in every part of the status."""
    arrived(state, "1", 9.4, ago(minutes=30))
    looked(state, "customers", ago(minutes=12), Noticed("2", "order changed", ago(minutes=12), None))
    judged(state, "3", "due", "hubspot_failed", ago(hours=1), currency="JPY", total_minor=1234567)
    judged(state, "4", "rejected", "key_taken", ago(hours=2), total_minor=654321)
    judged(state, "5", "due", "needs_approval", ago(minutes=9), currency="KWD", total_minor=1)
    judged(state, "6", "due", "hubspot_failed", ago(minutes=9))
    DueOrders(state).close(["6"], by="Ann", now=ago(minutes=1))
    Lanes(state).acquire("live", "run-1", ago(minutes=12))
    Days(state).record({DAY: False, date(2026, 3, 3): True}, ticket=9)
    Notes(state).keep("live_failures", {"count": 3, "summary": "NetSuite is down"}, ago(minutes=1))
    seen = {"what": "HubSpot has no order pipeline.", "at": ago(minutes=3).isoformat()}
    Notes(state).keep(PIPELINE_PROBLEM, seen, ago(minutes=3))


def test_both_views_tell_the_same(state: State, document: Document, run: Run) -> None:
    everything(state)

    code, found = document()
    text_code, out, _ = run("status")

    assert code == text_code == 1
    assert codes(found) == [
        "red_days",
        "pipeline_missing",
        "orders_refused",
        "orders_stuck",
        "orders_need_approval",
        "orders_waiting",
        "lane_left",
        "stream_not_read",
        "live_lane_not_looking",
    ]
    for need in found["needs"]:
        assert need["do"] in out
    for line in found["oldest_stuck"]:
        amount = re.escape(shown(line["total_minor"], line["currency"]))
        assert re.search(rf"{line['order_id']} +{line['reason']} +{amount} .* {line['attempts']} ", out)
    for name, words in (("waiting", "due, no try failed"), ("stuck", "stuck"), ("closed", "closed by")):
        total = found["due"][name]
        (told,) = [row for row in out.splitlines() if row.startswith(f"Orders {words}")]
        assert f": {total['orders']}" in told
        assert all(shown(minor, code) in told for code, minor in total["amounts_minor"].items())
    for one in found["budgets"]:
        assert f"{one['family']} {one['used']} of {one['allowed']}" in out
    assert f"max {found['delay']['max_seconds']} s" in out
    assert found["streams"][0]["stream"] in out


def keys(document: Any) -> set[str]:
    """Every key of a document, at any depth, but the currencies."""
    if isinstance(document, list):
        return set().union(*(keys(one) for one in document))
    if not isinstance(document, dict):
        return set()
    found = {key for key in document if not re.fullmatch("[A-Z]{3}", key)}
    return found.union(*(keys(one) for one in document.values()))


def test_every_key_and_every_need_is_in_the_docs(state: State, document: Document, run: Run) -> None:
    everything(state)
    page = re.sub(r"```.*?```", "", (ROOT / "docs" / "commands.md").read_text(), flags=re.DOTALL)
    status = document()[1]
    printed = keys(status) | keys(json.loads(run("due", "--json")[1]))

    assert printed <= {part for quoted in re.findall("`([^`]+)`", page) for part in re.split(r"\W+", quoted)}
    table = page.partition("| `needs[].code` |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == codes(status)


def test_the_status_fits_a_screen_and_no_text_of_an_order_moves_the_cursor(state: State, run: Run) -> None:
    everything(state)
    judged(state, "9", "rejected", "key_taken", ago(hours=3), explanation="\x1b[2J[bold]gone[/bold]\nnext")

    out = run("status")[1]

    assert len(out.splitlines()) <= 60
    assert "\x1b" not in out
    assert "[bold]" in out or "In words" in out


def test_a_state_that_somebody_writes_to_can_be_read(state: State, document: Document) -> None:
    with state.write():
        assert document()[0] == 0


def test_no_password_of_the_state_is_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in (
        "postgresql+psycopg://sync:canary@127.0.0.1:1/state?password=canary",
        "postgresql+nodriver://sync:canary@127.0.0.1:1/state",
        "sqlite://sync:canary@/state.sqlite",
        "mysql://sync:canary@host/state",
    ):
        monkeypatch.setenv("NS_HS_STATE_URL", url)
        for command in ("status", "due"):
            code, out, err = run(command)
            assert code == (0 if url.startswith("sqlite") else 2), url
            assert "canary" not in out + err
            assert "Traceback" not in err


def test_no_secret_of_the_settings_is_shown(state: State, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUBSPOT_TOKEN", "NETSUITE_CONSUMER_SECRET", "NETSUITE_TOKEN_SECRET"):
        monkeypatch.setenv(f"NS_HS_{name}", "canary")
    everything(state)
    for arguments in (("status",), ("status", "--json"), ("due",), ("due", "--json")):
        assert "canary" not in "".join(run(*arguments)[1:])


def test_due_lists_every_due_order_with_its_cause_and_tries(state: State, run: Run) -> None:
    everything(state)

    code, out, _ = run("due", "--json")

    found = {one["order_id"]: one for one in json.loads(out)["orders"]}
    assert code == 0
    assert list(found) == ["4", "3", "5", "2", "6"]
    assert {key: one["kind"] for key, one in found.items()} == {
        "4": "refused",
        "3": "failing",
        "5": "held",
        "2": "waiting",
        "6": "closed",
    }
    assert (found["4"]["reason"], found["4"]["attempts"], found["4"]["closed_at"]) == ("key_taken", 1, None)
    assert (found["2"]["reason"], found["2"]["attempts"], found["2"]["first_failed_at"]) == (
        "order changed",
        0,
        None,
    )
    assert found["6"]["closed_by"] == "Ann"
    text = run("due")[1]
    assert re.search(r"3 +failing +hubspot_failed +1,234,567 JPY +1 +1 h ago +now", text)
    assert re.search(r"6 +closed .* on a change +1 min ago by Ann", text)


def test_nothing_due_is_told(state: State, run: Run) -> None:
    assert run("due")[:2] == (0, "No order is due.\n")


def test_closing_what_is_not_due_is_an_error_and_the_others_are_closed(state: State, run: Run) -> None:
    judged(state, "6", "rejected", "key_taken", ago(hours=2))
    judged(state, "7", "rejected", "key_taken", ago(hours=2))

    code, out, err = run("due", "close", "77", "6", "6", "78", "--by", "Ann")

    assert code == 2
    assert out == "Closed until NetSuite changes them: 6\n"
    assert "Not due, or closed already: 77, 78." in err
    assert {one.order_id for one in DueOrders(state).all() if one.closed_at} == {"6"}
    assert run("due", "close", "6", "--by", "Bob")[0] == 2


@pytest.mark.parametrize("arguments", [("6",), ("6", "--by", " "), ("--by", "Ann")])
def test_closing_takes_an_order_and_a_name(state: State, run: Run, arguments: tuple[str, ...]) -> None:
    judged(state, "6", "rejected", "key_taken", ago(hours=2))

    assert run("due", "close", *arguments)[0] == 2
    assert DueOrders(state).all()[0].closed_at is None
