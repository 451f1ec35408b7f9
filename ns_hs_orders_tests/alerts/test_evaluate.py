"""What people get: evaluations over a real state, delivered to a real receiver."""

from __future__ import annotations

import json
import logging
import time as clock_time
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from ns_hs_orders.alerts.delivery import AppriseMessenger
from ns_hs_orders.alerts.digest import REPORT_NOTE
from ns_hs_orders.alerts.ports import Message, RedDay
from ns_hs_orders.live.ports import Noticed
from ns_hs_orders.state.alert_conditions import AlertConditions
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.due import DueOrders, note_changes
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders_tests.alerts.conftest import DAY, NOW, Desk
from ns_hs_orders_tests.alerts.receiver import Receiver


def test_several_changes_come_as_one_message_with_links_to_the_run_and_both_records(
    desk: Desk, receiver: Receiver
) -> None:
    desk.written("12", ticket=1)
    desk.rejected("12", minor=1_234_50)
    desk.runs.ended("run-1", desk.now, succeeded=False)
    desk.runs.why["run-1"] = "HubSpot does not accept the token."
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.runs.red[DAY] = RedDay("run-0", 2, {"USD": -1_200, "EUR": 0})
    words = desk.evaluate(minutes=31)
    assert words == "Told of 3 new and 0 over. 3 conditions open."
    assert receiver.titles == ["ns_hs_orders (sandbox): 3 new"]
    assert receiver.got[0]["type"] == "failure"
    assert receiver.bodies[0].splitlines() == [
        "**New**",
        "",
        (
            "- **Job sync_days failed.** HubSpot does not accept the token."
            " [Dagster run](http://127.0.0.1:3000/runs/run-1)"
        ),
        (
            "- **2026-11-19 does not agree: 2 orders differ.** HubSpot less NetSuite: -12.00 USD."
            " [reconciliation](http://127.0.0.1:3000/assets/reconciliation_report?partition=2026-11-19)"
            " [Dagster run](http://127.0.0.1:3000/runs/run-0)"
        ),
        (
            "- **Order 12 is stuck: 1,234.50 USD.** Rejected since 2026-11-20 12:00 UTC:"
            " HubSpot lacks a property (property_missing)."
            " [NetSuite](https://1234567.app.netsuite.com/app/accounting/transactions/salesord.nl?id=12)"
            " [HubSpot](https://app.hubspot.com/contacts/55/record/0-123/7712)"
        ),
    ]


def test_nothing_is_told_twice_while_nothing_changes(desk: Desk, receiver: Receiver) -> None:
    desk.rejected("12")
    desk.runs.ended("run-1", desk.now, succeeded=False)
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.evaluate(minutes=31)
    assert [desk.evaluate() for _ in range(3)] == ["Nothing changed. 3 conditions open."] * 3
    assert len(receiver.got) == 1


def test_the_end_of_each_condition_is_told_too_and_once(desk: Desk, receiver: Receiver) -> None:
    desk.rejected("12")
    desk.runs.ended("run-1", desk.now, succeeded=False)
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.evaluate(minutes=31)
    desk.written("12")
    desk.runs.ended("run-2", desk.now + timedelta(seconds=30), succeeded=True)
    Days(desk.state).record({DAY: True}, ticket=6)
    assert desk.evaluate() == "Told of 0 new and 3 over. All is well."
    assert desk.evaluate() == "Nothing changed. All is well."
    assert receiver.titles[1:] == ["ns_hs_orders (sandbox): 3 over"]
    assert receiver.got[1]["type"] == "success"
    assert receiver.bodies[1].splitlines() == [
        "**Over**",
        "",
        (
            "- **The dollars of 2026-11-19 agree again.**"
            " [reconciliation](http://127.0.0.1:3000/assets/reconciliation_report?partition=2026-11-19)"
        ),
        "- **Job sync_days succeeds again.** [Dagster run](http://127.0.0.1:3000/runs/run-2)",
        (
            "- **Order 12 is no longer stuck: created.**"
            " [NetSuite](https://1234567.app.netsuite.com/app/accounting/transactions/salesord.nl?id=12)"
            " [HubSpot](https://app.hubspot.com/contacts/55/record/0-123/7712)"
        ),
    ]


def test_what_comes_back_after_its_end_is_told_anew(desk: Desk, receiver: Receiver) -> None:
    for ticket, agrees in enumerate((False, True, False), start=1):
        Days(desk.state).record({DAY: agrees}, ticket=ticket)
        desk.evaluate()
    assert receiver.titles == [f"ns_hs_orders (sandbox): 1 {word}" for word in ("new", "over", "new")]


def test_a_receiver_that_is_down_gets_the_message_at_the_next_evaluation(
    desk: Desk, receiver: Receiver
) -> None:
    receiver.stop()
    Days(desk.state).record({DAY: False}, ticket=5)
    words = desk.evaluate()
    assert words == (
        "No address took the message of 1 changes; it is tried again. 1 condition open."
        " Not reached: address 1 (json) of NS_HS_ALERT_URLS."
    )
    assert [one.told_at for one in AlertConditions(desk.state).all().values()] == [None]
    receiver.start()
    Days(desk.state).record({date(2026, 11, 18): False}, ticket=5)
    assert desk.evaluate() == "Told of 2 new and 0 over. 2 conditions open."
    assert receiver.titles == ["ns_hs_orders (sandbox): 2 new"]
    assert desk.evaluate() == "Nothing changed. 2 conditions open."


def test_a_receiver_that_refuses_is_tried_again_too(desk: Desk, receiver: Receiver) -> None:
    receiver.status = 500
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.evaluate()
    receiver.status = 200
    desk.evaluate()
    assert (len(receiver.paths), len(receiver.got)) == (2, 1)


def test_nobody_hears_of_the_end_of_what_nobody_heard_of(desk: Desk, receiver: Receiver) -> None:
    receiver.stop()
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.evaluate()
    receiver.start()
    Days(desk.state).record({DAY: True}, ticket=6)
    assert desk.evaluate() == "Nothing changed. All is well."
    assert receiver.got == []
    assert AlertConditions(desk.state).all() == {}


def test_an_end_that_could_not_be_told_is_forgotten_when_it_begins_again(
    desk: Desk, receiver: Receiver
) -> None:
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.evaluate()
    receiver.stop()
    Days(desk.state).record({DAY: True}, ticket=6)
    desk.evaluate()
    receiver.start()
    Days(desk.state).record({DAY: False}, ticket=7)
    assert desk.evaluate() == "Nothing changed. 1 condition open."
    assert len(receiver.got) == 1


def test_of_two_addresses_the_one_that_was_down_gets_its_message_later_and_the_other_no_second(
    desk_of: Callable[[str], Desk], receiver: Receiver, second_receiver: Receiver
) -> None:
    desk = desk_of(f"{receiver.url}, {second_receiver.url}")
    second_receiver.stop()
    Days(desk.state).record({DAY: False}, ticket=5)
    assert "Not reached: address 2 (json)" in desk.evaluate()
    Days(desk.state).record({DAY: True}, ticket=6)
    assert "Not reached: address 2 (json)" in desk.evaluate()
    assert len(receiver.got) == 2
    second_receiver.start()
    assert desk.evaluate() == "Nothing changed. All is well."
    assert second_receiver.titles == receiver.titles
    assert desk.evaluate() == "Nothing changed. All is well."
    assert (len(receiver.got), len(second_receiver.got)) == (2, 2)


def test_an_address_that_apprise_does_not_know_stops_no_other(
    desk_of: Callable[[str], Desk], receiver: Receiver
) -> None:
    desk = desk_of(f"nosuchkind://canary-token {receiver.url}")
    Days(desk.state).record({DAY: False}, ticket=5)
    words = desk.evaluate()
    assert words.endswith("Not reached: address 1 (nosuchkind) of NS_HS_ALERT_URLS.")
    assert len(receiver.got) == 1


def test_a_job_that_failed_and_succeeded_within_a_minute_is_told_of(desk: Desk, receiver: Receiver) -> None:
    desk.evaluate()
    desk.runs.ended("run-1", desk.now + timedelta(seconds=10), succeeded=False)
    desk.runs.ended("run-2", desk.now + timedelta(seconds=20), succeeded=True)
    desk.evaluate()
    desk.evaluate()
    desk.evaluate()
    assert receiver.titles == ["ns_hs_orders (sandbox): 1 new", "ns_hs_orders (sandbox): 1 over"]


def test_the_first_look_does_not_tell_of_failures_that_are_over(desk: Desk, receiver: Receiver) -> None:
    desk.runs.ended("run-1", NOW - timedelta(hours=3), succeeded=False)
    desk.runs.ended("run-2", NOW - timedelta(hours=2), succeeded=True)
    desk.runs.ended("run-3", NOW - timedelta(hours=1), succeeded=False, job="reconcile_days")
    desk.evaluate()
    assert "Job reconcile_days failed." in receiver.bodies[0]
    assert "sync_days" not in receiver.bodies[0]


def test_runs_that_failed_while_nobody_evaluated_are_told_of(desk: Desk, receiver: Receiver) -> None:
    desk.evaluate()
    desk.runs.ended("run-1", desk.now + timedelta(days=3), succeeded=False)
    desk.evaluate(minutes=5 * 24 * 60)
    assert len(receiver.got) == 1


def test_a_run_that_was_under_way_when_another_failed_is_no_recovery(desk: Desk, receiver: Receiver) -> None:
    desk.evaluate()
    desk.runs.ended("run-1", desk.now, succeeded=False)
    desk.runs.ended("run-2", desk.now + timedelta(seconds=1), succeeded=True)
    desk.evaluate()
    assert desk.evaluate() == "Nothing changed. 1 condition open."


def test_an_order_that_a_person_closed_is_no_longer_stuck(desk: Desk, receiver: Receiver) -> None:
    desk.rejected("12")
    desk.evaluate(minutes=31)
    DueOrders(desk.state).close(["12"], by="Ann", now=desk.now)
    desk.evaluate()
    assert "Order 12 is no longer stuck: a person closed it." in receiver.bodies[1]


def test_a_change_that_no_run_brought_over_is_stuck_after_the_set_time(
    desk: Desk, receiver: Receiver
) -> None:
    with desk.state.write() as connection:
        noticed = [Noticed("12", "changed", desk.now, desk.now), Noticed("13", "changed", None, None)]
        note_changes(desk.state, connection, noticed, 1, desk.now)
    assert desk.evaluate(minutes=29) == "Nothing changed. All is well."
    assert desk.evaluate(minutes=1) == "Told of 1 new and 0 over. 1 condition open."
    assert "Order 12 is stuck: amount unknown." in receiver.bodies[0]


def test_a_valuable_order_that_fails_is_told_of_at_once_in_its_own_currency(
    desk: Desk, receiver: Receiver
) -> None:
    desk.rejected("12", minor=1_000_001)
    desk.rejected("13", minor=1_000_000)
    desk.rejected("14", minor=10_001, currency="JPY")
    desk.evaluate(minutes=0)
    assert receiver.bodies[0].count("is stuck") == 2
    assert "Order 12 is stuck: 10,000.01 USD." in receiver.bodies[0]
    assert "Order 14 is stuck: 10,001 JPY." in receiver.bodies[0]


def test_hundreds_of_stuck_orders_come_as_one_message_that_lists_the_worthiest(
    desk: Desk, receiver: Receiver
) -> None:
    for number in range(300):
        desk.rejected(str(number), minor=number)
    desk.evaluate(minutes=31)
    assert receiver.titles == ["ns_hs_orders (sandbox): 300 new"]
    listed = [line for line in receiver.bodies[0].splitlines() if line.startswith("- ")]
    assert listed[0].startswith("- **Order 299 is stuck: 2.99 USD.**")
    assert listed[15:] == ["- … and 285 more"]


def test_while_many_orders_are_stuck_further_ones_are_told_together_every_ten_minutes(
    desk: Desk, receiver: Receiver
) -> None:
    desk.amount = None
    for number in range(20):
        desk.rejected(str(number))
    desk.evaluate(minutes=31)
    for number in range(20, 25):
        desk.now -= timedelta(minutes=31)
        desk.rejected(str(number))
        desk.now += timedelta(minutes=31)
        desk.evaluate()
    assert len(receiver.got) == 1
    desk.evaluate(minutes=6)
    assert receiver.titles[1:] == ["ns_hs_orders (sandbox): 5 new"]


def test_other_changes_and_valuable_orders_do_not_wait_for_a_storm_to_end(
    desk: Desk, receiver: Receiver
) -> None:
    for number in range(20):
        desk.rejected(str(number))
    desk.evaluate(minutes=31)
    desk.rejected("90", minor=5_000_000)
    desk.evaluate()
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.evaluate()
    assert receiver.titles[1:] == ["ns_hs_orders (sandbox): 1 new"] * 2


def test_no_credential_of_an_address_is_told_logged_or_kept(
    desk: Desk,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    Days(desk.state).record({DAY: False}, ticket=5)
    desk.digest_at = time(0, 0)
    said = [desk.evaluate()]
    receiver.status = 500
    Days(desk.state).record({DAY: True}, ticket=6)
    said.append(desk.evaluate())
    receiver.stop()
    said.append(desk.evaluate())
    output = capfd.readouterr()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("state.sqlite*"))
    everything = [*said, caplog.text, output.out, output.err, json.dumps(receiver.got), str(kept)]
    assert receiver.paths  # it was spoken to with the credentials, so there was something to leak
    assert [text for text in everything if "canary" in text] == []


def test_text_of_others_is_inert_in_a_message(desk: Desk, receiver: Receiver) -> None:
    hostile = (
        "<script>alert(1)</script> [pay](http://evil.example/x) @everyone <!channel> ![i](//evil.example)"
        " *bold* `code` evil.example\nNext line\u202e"
    )
    desk.runs.ended("run-1", desk.now, succeeded=False)
    desk.runs.why["run-1"] = hostile
    desk.rejected("](http://evil.example)", currency="<b>", reason="[x](javascript:1)")
    desk.evaluate(minutes=31)
    (body,) = receiver.bodies
    assert "salesord.nl?id=%5D%28http%3A%2F%2Fevil.example%29)" in body  # within our own link
    body = body.replace("evil.example%29)", "")
    for part in ("<", "](http://evil", "[pay]", "@everyone", "evil.example", "`", "javascript:", "\u202e"):
        assert part not in body
    assert len(body.splitlines()) == 4


def test_a_message_longer_than_a_service_takes_comes_in_parts(receiver: Receiver) -> None:
    messenger = AppriseMessenger(receiver.url)
    lines = [f"- line {number}" for number in range(4_000)]
    message = Message("long", "\n".join(lines), "info")
    assert messenger.send(message, messenger.targets) == {"1 (json)"}
    assert len(receiver.got) == 2
    assert "\n".join(receiver.bodies).splitlines() == lines


def test_a_failing_address_takes_no_longer_than_a_tick_may(
    desk_of: Callable[[str], Desk], receiver: Receiver
) -> None:
    desk = desk_of("json://127.0.0.1:1/ json://127.0.0.1:2/ json://127.0.0.1:3/")
    Days(desk.state).record({DAY: False}, ticket=5)
    began = clock_time.monotonic()
    desk.evaluate()
    assert clock_time.monotonic() - began < 20


def test_the_digest_is_sent_once_a_day_after_its_time_in_the_accounts_zone(
    desk: Desk, receiver: Receiver
) -> None:
    desk.digest_at = time(8, 0)  # 16:00 UTC in November
    desk.written("1", minor=1_000)
    desk.written("2", minor=2_050)
    desk.written("3", minor=700, currency="JPY")
    desk.rejected("4", minor=99_00)
    assert desk.evaluate(minutes=3 * 60 + 59) == "Told of 1 new and 0 over. 1 condition open."
    assert desk.evaluate(minutes=1) == "Sent the daily digest. 1 condition open."
    assert desk.evaluate() == "Nothing changed. 1 condition open."
    assert receiver.titles[1] == "ns_hs_orders (sandbox): daily digest of 2026-11-20"
    assert receiver.got[1]["type"] == "info"
    lines = receiver.bodies[1].splitlines()
    assert lines[:7] == [
        "Since 2026-11-19 08:00 (America/Los_Angeles):",
        "",
        "- **Orders:** 3 created, 1 rejected",
        "- **Written to HubSpot and confirmed:** 700 JPY · 30.50 USD",
        "- **From saved in NetSuite to confirmed:** no change arrived",
        "- **Days whose dollars differ:** none",
        "- **Stuck orders:** 1, worth 99.00 USD",
    ]
    assert lines[7].startswith("- **Order 4 is stuck: 99.00 USD.**")
    desk.written("5", ticket=9)
    assert desk.evaluate(minutes=24 * 60) == "Sent the daily digest. 1 condition open."
    assert "- **Orders:** 1 created\n" in receiver.bodies[2]


def test_the_digest_names_where_the_last_report_is(desk: Desk, receiver: Receiver) -> None:
    desk.digest_at = time(0, 0)
    address = "s3://reports/reconciliation_2026-11-19_2026-11-19.html"
    Notes(desk.state).keep(REPORT_NOTE, address, desk.now)
    desk.evaluate()
    assert f"- **Last report:** `{address}`\n" in receiver.bodies[0]


def test_the_digest_tells_how_long_changes_took(desk: Desk, receiver: Receiver) -> None:
    desk.digest_at = time(0, 0)
    with desk.state.write() as connection:
        noticed = [Noticed(str(n), "changed", NOW - timedelta(seconds=n), None) for n in range(1, 101)]
        note_changes(desk.state, connection, noticed, 1, NOW)
    for n in range(1, 101):
        desk.written(str(n))
    desk.evaluate()
    assert "p50 50.0 s, p95 95.0 s, longest 100.0 s (100 changes)" in receiver.bodies[0]


def test_a_digest_that_nobody_took_is_sent_at_the_next_evaluation(desk: Desk, receiver: Receiver) -> None:
    desk.digest_at = time(0, 0)
    receiver.stop()
    assert desk.evaluate().startswith("No address took the daily digest; it is tried again.")
    receiver.start()
    assert desk.evaluate() == "Sent the daily digest. All is well."
