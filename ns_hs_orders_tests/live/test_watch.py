"""When the sensor asks for a live run: by the heartbeat and its own request, never by a run's status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ns_hs_orders.live.watch import STARTING, Watched, what_was_seen, why_not_now

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_it_is_time_to_look_while_nobody_was_asked_and_the_lane_is_empty() -> None:
    assert why_not_now(Watched(NOW)) is None


def test_a_run_with_a_fresh_heartbeat_is_left_to_its_work() -> None:
    seen = Watched(NOW, lane_run="0123456789ab", heartbeat=NOW - 3 * SECOND, is_fresh=True)
    assert why_not_now(seen) == "Live run 01234567 is at work, last heartbeat 3 s ago."


def test_a_run_that_left_the_lane_without_a_word_does_not_keep_it() -> None:
    assert why_not_now(Watched(NOW, lane_run="dead", heartbeat=NOW - 60 * SECOND, is_fresh=False)) is None


def test_a_run_that_was_asked_for_gets_time_to_start_and_no_second_one_is_asked_for() -> None:
    asked = Watched(NOW, requested_at=NOW - 4 * SECOND)
    assert why_not_now(asked) == "A live run was asked for 4 s ago and is starting."
    stale = Watched(NOW, requested_at=NOW - 4 * SECOND, lane_run="dead", heartbeat=NOW - 60 * SECOND)
    assert why_not_now(stale) == "A live run was asked for 4 s ago and is starting."


def test_a_run_that_never_came_is_asked_for_again() -> None:
    assert why_not_now(Watched(NOW, requested_at=NOW - STARTING)) is None


def test_a_request_of_a_process_that_has_ended_keeps_nobody_waiting() -> None:
    asked, begun = NOW - 4 * SECOND, NOW - 3 * SECOND
    assert why_not_now(Watched(NOW, requested_at=asked, watching_since=begun)) is None
    before = Watched(NOW, requested_at=asked, watching_since=asked - SECOND)
    assert why_not_now(before) == "A live run was asked for 4 s ago and is starting."


def test_a_run_that_came_and_ended_within_seconds_is_followed_by_another_at_once() -> None:
    """The lane row is gone when a run ends; only one that beat after the request has begun."""
    begun = Watched(
        NOW, requested_at=NOW - 9 * SECOND, lane_run="a", heartbeat=NOW - 8 * SECOND, is_fresh=False
    )
    assert why_not_now(begun) is None


def test_after_a_failed_run_it_rests_and_says_why() -> None:
    resting = Watched(NOW, resting_until=NOW + 20 * SECOND, failure="HubSpot did not answer.")
    assert why_not_now(resting) == "The last live run failed; trying again in 20 s. HubSpot did not answer."
    assert why_not_now(Watched(NOW, resting_until=NOW, failure="HubSpot did not answer.")) is None


def test_a_tick_says_in_words_what_it_saw() -> None:
    assert what_was_seen("nothing new", 0, sweep_due=False, left_lane=None) == (
        "NetSuite: nothing new. Nothing is due."
    )
    assert what_was_seen("orders 3", 1200, sweep_due=True, left_lane="0123456789") == (
        "NetSuite: orders 3. 1,200 orders due now. The open orders are to be swept. "
        "Live run 01234567 left the lane without a word; another takes over."
    )
