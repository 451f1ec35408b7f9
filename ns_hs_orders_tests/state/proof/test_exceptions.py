"""Exceptions in the state: new, still there, changed, gone and back, and what people said about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import event

from ns_hs_orders.reconcile.ports import FoundException
from ns_hs_orders.state.database import State
from ns_hs_orders.state.orders.events import Events
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.state.proof.exceptions import ExceptionLog
from ns_hs_orders_tests.state.conftest import NOW

DAY, NEXT_DAY = date(2026, 3, 2), date(2026, 3, 3)
LATER = NOW + timedelta(days=1)
UNTIL = NOW.date() + timedelta(days=30)


def wrong(order_id: str, on: date = DAY, signature: str = "a", **more: object) -> FoundException:
    made = FoundException(
        order_id, on, "rejected", "missing in HubSpot", signature, f"SO{order_id}", "Ünal", "Rep", "USD", 1000, -1000,
        "HubSpot says no.", None, None,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_reconciliation_tells_what_is_new_still_there_and_gone_of_its_own_days(state: State) -> None:
    log = ExceptionLog(state)
    log.record([wrong("1"), wrong("2"), wrong("3", NEXT_DAY)], DAY, NEXT_DAY, ticket=1, now=NOW)

    log.record([wrong("1"), wrong("4")], DAY, DAY, ticket=2, now=LATER)

    seen = {one.found.order_id: (one.first_seen_at, one.last_seen_at) for one in log.all()}
    assert seen == {"1": (NOW, LATER), "3": (NOW, NOW), "4": (LATER, LATER)}
    assert log.dated(NEXT_DAY, NEXT_DAY)[("3", NEXT_DAY)].found == wrong("3", NEXT_DAY)


def test_what_is_gone_and_comes_back_is_seen_for_the_first_time_again(state: State) -> None:
    log = ExceptionLog(state)
    log.record([wrong("1")], DAY, DAY, ticket=1, now=NOW)
    log.acknowledge(["1"], cause=None, by="Ann", because="known", until=UNTIL, now=NOW)
    log.record([], DAY, DAY, ticket=2, now=LATER)
    assert log.all() == []

    log.record([wrong("1")], DAY, DAY, ticket=3, now=LATER)

    (back,) = log.all()
    assert (back.first_seen_at, back.status(NOW.date()), back.acknowledged_by) == (LATER, "reopened", "Ann")


def test_a_days_older_reconciliation_that_ends_late_changes_nothing(state: State) -> None:
    log = ExceptionLog(state)
    log.record([wrong("1")], DAY, NEXT_DAY, ticket=5, now=NOW)
    Days(state).record({DAY: False}, ticket=5)

    log.record([wrong("2", NEXT_DAY)], DAY, NEXT_DAY, ticket=4, now=LATER)

    assert {one.found.order_id: one.last_seen_at for one in log.all()} == {"1": NOW, "2": LATER}


def test_an_acknowledgement_is_lost_when_something_else_is_wrong_and_the_story_tells_so(state: State) -> None:
    log = ExceptionLog(state)
    log.record([wrong("1"), wrong("2")], DAY, DAY, ticket=1, now=NOW)
    found = log.acknowledge(["SO1", "2", "99"], cause=None, by="Ann", because="known", until=UNTIL, now=NOW)
    assert sorted(one.found.order_id for one in found) == ["1", "2"]

    log.record([wrong("1", signature="b"), wrong("2", rep_name="Another")], DAY, DAY, ticket=2, now=LATER)

    today = LATER.date()
    assert {one.found.order_id: one.status(today) for one in log.all()} == {
        "1": "reopened",
        "2": "acknowledged",
    }
    assert {one.found.rep_name for one in log.all()} == {"Rep", "Another"}
    assert {one.first_seen_at for one in log.all()} == {NOW}
    acknowledged, reopened = Events(state).story("1")
    assert (acknowledged.happened, acknowledged.run) == ("exception acknowledged", "by hand")
    assert acknowledged.details == {
        "cause": "rejected", "by": "Ann", "because": "known", "until": UNTIL.isoformat(),
    }  # fmt: skip
    assert (reopened.happened, reopened.details["since acknowledged"]) == ("exception reopened", "it changed")
    assert len(Events(state).story("2")) == 1


def test_only_those_of_a_cause_are_acknowledged_where_it_is_named(state: State) -> None:
    log = ExceptionLog(state)
    log.record([wrong("1"), wrong("2"), wrong("3", cause="quarantined")], DAY, DAY, ticket=1, now=NOW)

    def ack(orders: list[str] | None, cause: str) -> list[str]:
        found = log.acknowledge(orders, cause=cause, by="Ann", because="known", until=UNTIL, now=NOW)
        return sorted(one.found.order_id for one in found)

    assert ack(["1", "3"], "quarantined") == ["3"]
    assert ack(None, "rejected") == ["1", "2"]
    assert {one.status(NOW.date()) for one in log.all()} == {"acknowledged"}


def test_an_acknowledgement_is_taken_back_once(state: State) -> None:
    log = ExceptionLog(state)
    log.record([wrong("1"), wrong("2")], DAY, DAY, ticket=1, now=NOW)
    log.acknowledge(["1"], cause=None, by="Ann", because="known", until=UNTIL, now=NOW)

    assert [one.found.order_id for one in log.reopen(["SO1", "2"], by="Bo", now=LATER)] == ["1"]

    assert log.reopen(["1"], by="Bo", now=LATER) == []
    assert {one.found.order_id: one.status(NOW.date()) for one in log.all()} == {"1": "reopened", "2": "open"}
    assert Events(state).story("1")[-1].details == {"cause": "rejected", "by": "Bo"}


def test_recording_many_exceptions_takes_as_many_statements_as_recording_one(state: State) -> None:
    statements: list[str] = []
    event.listen(state._engine, "before_execute", lambda _c, clause, *_: statements.append(str(clause)))
    counts = []
    for many in (1, 1000):
        log, ticket = ExceptionLog(state), 2 * many
        log.record([wrong(str(n)) for n in range(many)], DAY, DAY, ticket=ticket, now=NOW)
        statements.clear()
        changed = [wrong(str(n), signature="b") for n in range(many // 2)]
        log.record([*changed, wrong("new")], DAY, DAY, ticket=ticket + 1, now=LATER)
        counts.append(len(statements))
        assert len(log.all()) == many // 2 + 1

    assert counts[0] == counts[1]


def test_a_text_that_no_database_keeps_is_no_change_each_time(state: State) -> None:
    log = ExceptionLog(state)
    for ticket in (1, 2):
        log.record([wrong("1", customer_name="Ü\x00nal")], DAY, DAY, ticket=ticket, now=NOW)

    (one,) = log.all()
    assert one.found.customer_name == "Ü\ufffdnal"
