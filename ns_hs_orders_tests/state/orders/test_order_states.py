"""Claims, confirmations and verdicts: who may write, what is remembered, and what survives a kill."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ns_hs_orders.live.ports import Noticed, Watermark
from ns_hs_orders.push.ports import Claim, Confirmation, Verdict
from ns_hs_orders.state.database import State, open_state
from ns_hs_orders.state.orders.due import DueOrders, pause_after
from ns_hs_orders.state.orders.events import Events
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.state.work.tickets import Tickets
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders_tests.state.conftest import NOW, race

DAY = date(2026, 3, 2)
LEASE = timedelta(minutes=4)


def claim(order_id: str = "1", ticket: int = 1, **more: Any) -> Claim:
    return replace(
        Claim(order_id, ticket, DAY, "USD", 3000, (f"{order_id}-1", f"{order_id}-2"), "9001", None), **more
    )


def confirmation(order_id: str = "1", ticket: int = 1, **more: Any) -> Confirmation:
    lines = {f"{order_id}-1": "71", f"{order_id}-2": "72"}
    return replace(
        Confirmation(order_id, ticket, f"print{ticket}", "created", "42", lines, "9001", None, NOW), **more
    )


def verdict(outcome: Any = "unchanged", ticket: int = 1, **more: Any) -> Verdict:
    return replace(Verdict("1", ticket, outcome, None, None, DAY, "USD", 3000), **more)


@pytest.fixture
def states(state: State) -> OrderStateStore:
    return OrderStateStore(state)


def claimed(states: OrderStateStore, ticket: int = 1, holder: str = "a", now: Any = NOW, **more: Any) -> str:
    return states.claim([claim(ticket=ticket, **more)], holder=holder, lease_until=now + LEASE, now=now)["1"]


def confirmed(states: OrderStateStore, ticket: int = 1, holder: str = "a", **more: Any) -> set[str]:
    return states.confirm([confirmation(ticket=ticket, **more)], holder=holder, run="run")


def recorded(states: OrderStateStore, one: Verdict, holder: str = "a", now: Any = NOW) -> set[str]:
    return states.record([one], holder=holder, run="run", now=now)


def written(states: OrderStateStore, ticket: int = 1) -> None:
    assert claimed(states, ticket) == "claimed"
    assert confirmed(states, ticket) == {"1"}


def test_a_claim_notes_what_is_about_to_be_sent_and_clears_the_fingerprint(states: OrderStateStore) -> None:
    written(states)
    assert claimed(states, 2, line_keys=("1-1", "1-9"), company_id="9002") == "claimed"

    found = states.load(["1"])["1"]
    assert found.fingerprint is None
    assert found.confirmed_ticket == 1
    assert found.lease_until == NOW + LEASE
    assert {(one.kind, one.key, one.hubspot_id, one.intended) for one in found.links} == {
        ("line", "1-1", "71", False),
        ("line", "1-2", "72", False),
        ("line", "1-9", None, True),
        ("company", "9001", "9001", False),
        ("company", "9002", None, True),
    }


def test_a_confirmation_makes_the_links_the_confirmed_set_and_ends_the_lease(states: OrderStateStore) -> None:
    claimed(states, line_keys=("1-1", "1-2", "1-3"))

    assert confirmed(states) == {"1"}

    found = states.load(["1"])["1"]
    assert (found.outcome, found.fingerprint, found.confirmed_ticket) == ("created", "print1", 1)
    assert (found.order_id_hubspot, found.total_minor, found.order_on) == ("42", 3000, DAY)
    assert found.lease_until is None
    assert {(one.key, one.hubspot_id, one.intended) for one in found.links} == {
        ("1-1", "71", False),
        ("1-2", "72", False),
        ("9001", "9001", False),
    }
    assert states.in_flight(["1"], NOW) == set()


@pytest.mark.parametrize(
    "ticket, holder, seconds, answer",
    [
        (6, "b", 0, "held"),
        (6, "b", 239, "held"),
        (6, "b", 240, "claimed"),
        (5, "a", 0, "claimed"),
        (4, "b", 240, "newer"),
        (4, "a", 0, "newer"),
    ],
)
def test_who_may_claim_a_claimed_order(
    states: OrderStateStore, ticket: int, holder: str, seconds: int, answer: str
) -> None:
    claimed(states, 5)

    assert claimed(states, ticket, holder, NOW + timedelta(seconds=seconds)) == answer


def test_a_confirmed_reading_is_not_claimed_again_unless_it_no_longer_stands(states: OrderStateStore) -> None:
    written(states, 5)
    assert claimed(states, 5, "b") == "newer"
    assert claimed(states, 4, "b") == "newer"

    states.mark_different(["1"], ticket=6, cause="edited in HubSpot", now=NOW)

    assert claimed(states, 4, "b") == "newer"
    assert claimed(states, 5, "b") == "claimed"


def test_a_lease_that_another_took_over_confirms_nothing(states: OrderStateStore) -> None:
    claimed(states, 1, "a")
    later = NOW + LEASE
    assert claimed(states, 2, "b", later) == "claimed"

    assert confirmed(states, 1, "a") == set()
    assert recorded(states, verdict("due"), "a", later) == set()
    assert confirmed(states, 2, "b") == {"1"}
    assert states.load(["1"])["1"].confirmed_ticket == 2


def test_two_runs_with_the_same_reading_do_not_confirm_for_each_other(states: OrderStateStore) -> None:
    claimed(states, 1, "a")
    assert claimed(states, 1, "b", NOW + LEASE) == "claimed"

    assert confirmed(states, 1, "a") == set()
    assert states.load(["1"])["1"].fingerprint is None
    assert confirmed(states, 1, "b") == {"1"}


def test_unchanged_is_believed_only_while_the_fingerprint_stands(states: OrderStateStore) -> None:
    written(states)

    assert recorded(states, verdict(ticket=2, fingerprint="other")) == set()
    assert recorded(states, verdict(ticket=2)) == set()
    assert recorded(states, verdict(ticket=2, fingerprint="print1")) == {"1"}
    assert states.load(["1"])["1"].confirmed_ticket == 2
    assert claimed(states, 3, "b") == "claimed"
    assert recorded(states, verdict(ticket=4, fingerprint="print1")) == set()
    assert recorded(states, verdict(ticket=4, fingerprint="print1"), now=NOW + LEASE) == set()


def test_a_newer_readings_outcome_wins(states: OrderStateStore) -> None:
    assert recorded(states, verdict("quarantined", 5, reason="does_not_add_up")) == {"1"}

    assert recorded(states, verdict("skipped", 4)) == set()
    assert claimed(states, 4) == "newer"
    assert states.load(["1"])["1"].outcome == "quarantined"
    assert recorded(states, verdict("skipped", 5)) == {"1"}


@pytest.mark.parametrize("outcome", ["skipped", "quarantined", "rejected"])
def test_an_order_that_is_held_back_keeps_what_hubspot_has_of_it(
    states: OrderStateStore, outcome: str
) -> None:
    written(states)

    recorded(states, verdict(outcome, 2, reason="x", total_minor=None, currency=None, order_on=None))

    found = states.load(["1"])["1"]
    assert (found.outcome, found.fingerprint, found.order_id_hubspot) == (outcome, "print1", "42")
    assert (found.total_minor, found.currency) == (None, None)
    assert found.order_on == DAY
    assert len(found.links) == 3


@pytest.mark.parametrize("keep, held", [(True, {"1"}), (False, set())])
def test_a_due_order_keeps_its_lease_when_the_write_may_still_happen(
    states: OrderStateStore, keep: bool, held: set[str]
) -> None:
    claimed(states)

    recorded(states, verdict("due", reason="no_answer", keep_lease=keep))

    assert states.in_flight(["1"], NOW) == held
    assert states.load(["1"])["1"].fingerprint is None


def test_due_orders_are_entered_counted_and_closed_by_newer_results_only(
    state: State, states: OrderStateStore
) -> None:
    due = DueOrders(state)
    claimed(states)
    assert [(one.order_id, one.cause, one.attempts) for one in due.all()] == [("1", "being_written", 0)]
    assert due.to_try(NOW + LEASE - timedelta(seconds=1)) == []
    assert [one.order_id for one in due.to_try(NOW + LEASE)] == ["1"]

    recorded(states, verdict("due", reason="no_answer"))
    recorded(states, verdict("due", 2, reason="no_answer"), now=NOW + timedelta(hours=1))
    (one,) = due.all()
    assert (one.cause, one.attempts, one.noticed_ticket, one.first_failed_at) == ("no_answer", 2, 1, NOW)
    assert one.next_try_at == NOW + timedelta(hours=1, seconds=10)

    claimed(states, 2, now=NOW + timedelta(hours=2))
    confirmed(states, 2)
    assert due.all() == []

    states.mark_different(["1"], ticket=7, cause="edited in HubSpot", now=NOW)
    assert claimed(states, 7) == "claimed"
    confirmed(states, 7)
    assert [one.noticed_ticket for one in due.all()] == [7]
    recorded(states, verdict(ticket=8, fingerprint="print7"))
    assert due.all() == []


def test_a_reading_that_will_not_do_asks_for_a_newer_one(state: State, states: OrderStateStore) -> None:
    recorded(states, verdict("due", 5, reason="changing_while_read", needs_newer=True))
    recorded(states, verdict("skipped", 5))
    assert [one.noticed_ticket for one in DueOrders(state).all()] == [5]

    recorded(states, verdict("skipped", 6))
    assert DueOrders(state).all() == []


def test_pauses_grow_to_five_minutes_and_to_six_hours_for_what_hubspot_refused() -> None:
    assert [pause_after(tries).total_seconds() for tries in (1, 2, 3, 6, 7, 500)] == [
        5, 10, 20, 160, 300, 300,
    ]  # fmt: skip
    assert [pause_after(tries, is_rejected=True).total_seconds() for tries in (6, 7, 12, 13, 500)] == [
        160, 320, 10240, 20480, 21600,
    ]  # fmt: skip


def test_a_difference_clears_the_fingerprint_unless_a_newer_write_or_a_running_one_is_there(
    states: OrderStateStore,
) -> None:
    written(states, 5)
    states.mark_different(["1", "2"], ticket=4, cause="x", now=NOW)
    assert states.load(["1"])["1"].fingerprint == "print5"
    assert states.load(["2"])["2"].fingerprint is None

    claimed(states, 6)
    states.mark_different(["1"], ticket=7, cause="x", now=NOW)
    assert confirmed(states, 6) == {"1"}
    assert states.load(["1"])["1"].fingerprint == "print6"


def test_a_moved_order_marks_both_days(state: State, states: OrderStateStore) -> None:
    other = date(2026, 3, 9)
    days = Days(state)
    written(states, 1)
    days.record({DAY: True, other: True}, ticket=2)
    assert days.to_prove() == []

    claimed(states, 3, order_on=other)
    assert days.to_prove() == [DAY, other]
    confirmed(states, 3)
    assert set(states.dated(other, other)) == {"1"}
    assert states.dated(DAY, DAY) == set()

    days.record({DAY: True, other: False}, ticket=4)
    assert days.to_prove() == [other]
    days.record({other: True}, ticket=3)
    assert days.to_prove() == [other]
    states.record_days({other: True}, ticket=5)
    assert days.to_prove() == []
    assert days.dated(DAY, other)[other].result == "proven"

    states.record_days({other: None}, ticket=6)
    assert (days.to_prove(), days.red()) == ([other], [])


def test_an_unchanged_order_leaves_its_day_proven(state: State, states: OrderStateStore) -> None:
    written(states)
    Days(state).record({DAY: True}, ticket=2)

    recorded(states, verdict(ticket=3, fingerprint="print1"))
    assert Days(state).to_prove() == []

    recorded(states, verdict("skipped", 4, reason="customer_not_in_hubspot"))
    assert Days(state).to_prove() == [DAY]


def test_the_story_of_an_order_is_told_in_order_without_repetition(
    state: State, states: OrderStateStore
) -> None:
    written(states)
    recorded(states, verdict(ticket=2, fingerprint="print1"))
    for ticket in (3, 4):
        recorded(states, verdict("quarantined", ticket, reason="no_lines", explanation="It has no lines."))
    states.mark_different(["1"], ticket=5, cause="edited in HubSpot", now=NOW)

    story = Events(state).story("1")

    assert [one.happened for one in story] == ["claimed", "created", "quarantined", "found different"]
    assert story[1].details["order_id_hubspot"] == "42"
    assert story[2].details["explanation"] == "It has no lines."
    assert Events(state).story("2") == []


def test_thousands_of_orders_go_through_at_once(states: OrderStateStore) -> None:
    ids = [str(number) for number in range(1, 2501)]

    answers = states.claim([claim(one) for one in ids], holder="a", lease_until=NOW + LEASE, now=NOW)
    assert set(answers.values()) == {"claimed"}
    assert states.in_flight(ids, NOW) == set(ids)
    assert states.confirm([confirmation(one) for one in ids], holder="a", run="run") == set(ids)
    same = [replace(verdict(ticket=2, fingerprint="print1"), order_id=one) for one in ids]
    assert states.record(same, holder="b", run="run", now=NOW) == set(ids)

    found = states.load(ids)
    assert len(found) == 2500
    assert {len(one.links) for one in found.values()} == {3}


def _claim_all(url: str, holder: str, ticket: int) -> list[str]:
    states = OrderStateStore(open_state(url))
    won = []
    for number in range(60):
        answers = states.claim([claim(str(number), ticket)], holder=holder, lease_until=NOW + LEASE, now=NOW)
        won += [one for one, answer in answers.items() if answer == "claimed"]
    return won


def test_an_order_is_claimed_by_one_process_only(url: str) -> None:
    open_state(url).close()

    first, second = race(_claim_all, [(url, "a", 1), (url, "b", 2)])

    assert sorted(first + second, key=int) == [str(number) for number in range(60)]
    assert not set(first) & set(second)


def _die_in_a_claim(url: str) -> None:
    state = open_state(url)
    states = OrderStateStore(state)
    states.claim([claim("1")], holder="dead", lease_until=NOW + LEASE, now=NOW)
    with state.write() as connection:
        connection.exec_driver_sql("UPDATE order_states SET fingerprint = 'half'")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_leaves_its_claim_and_nothing_half(url: str) -> None:
    import multiprocessing

    child = multiprocessing.get_context("forkserver").Process(target=_die_in_a_claim, args=(url,))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL

    states = OrderStateStore(open_state(url))
    found = states.load(["1"])["1"]
    assert found.fingerprint is None
    assert [one.intended for one in found.links] == [True, True, True]
    assert claimed(states, 2, "b") == "held"
    assert claimed(states, 2, "b", NOW + LEASE) == "claimed"


def test_an_order_edited_again_comes_before_an_import_and_a_mended_one_before_both(state: State) -> None:
    due, store = DueOrders(state), WatermarkStore(state)

    def notice(ids: list[str], at: datetime, *, is_news: bool = True) -> None:
        changed = at if is_news else None
        store.record(
            Watermark("orders", at, "1", at),
            noticed=[Noticed(one, "orders", changed, changed) for one in ids],
            seen=[],
            ticket=Tickets(state).next_ticket(),
            now=at,
        )

    imported = [str(one) for one in range(100, 400)]
    notice(imported, NOW)
    recorded(OrderStateStore(state), verdict("rejected", 1, reason="value_not_allowed"))
    notice(imported, NOW + timedelta(seconds=3), is_news=False)
    notice(["150"], NOW + timedelta(seconds=5))
    notice(["1"], NOW + timedelta(seconds=6))

    first = due.to_try(NOW + timedelta(seconds=7), limit=2)

    assert [one.order_id for one in first] == ["1", "150"]
    assert [one.attempts for one in first] == [0, 0]
    assert first[1].changed_at == NOW
