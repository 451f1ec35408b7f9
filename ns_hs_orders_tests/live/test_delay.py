"""Delays: percentiles of orders that there are, and the check against the limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ns_hs_orders.live.delay import Delays, arrive_in_time, delays
from ns_hs_orders.live.ports import Arrival, DueOrder

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LIMIT = timedelta(seconds=60)


def arrival(seconds: float, *, committed_late_by: float = 0.0, order_id: str = "1") -> Arrival:
    changed = NOW - timedelta(seconds=seconds + committed_late_by)
    return Arrival(order_id, "orders", changed, changed + timedelta(seconds=committed_late_by), NOW, "run")


def waiting(seconds: float | None) -> DueOrder:
    since = None if seconds is None else NOW - timedelta(seconds=seconds)
    return DueOrder("9", "orders", 1, 0, None, NOW, since, since)


def test_percentiles_are_delays_of_orders_that_there_are() -> None:
    found = delays([arrival(second) for second in range(1, 101)])
    assert found == Delays(100, 50.0, 95.0, 100.0)
    assert delays([arrival(7)]) == Delays(1, 7.0, 7.0, 7.0)
    assert delays([]) == Delays(0, None, None, None)


def test_time_before_netsuite_committed_is_not_counted() -> None:
    late_commit = arrival(5, committed_late_by=300)
    assert late_commit.delay == timedelta(seconds=5)
    assert arrive_in_time([late_commit], [], LIMIT, NOW).passed


def test_an_order_at_the_limit_is_in_time_and_one_beyond_it_is_named() -> None:
    assert arrive_in_time([arrival(60)], [], LIMIT, NOW).passed
    found = arrive_in_time([arrival(60), arrival(61, order_id="77")], [], LIMIT, NOW)
    assert not found.passed
    assert found.summary == "1 of 2 changes arrived late, 0 are still on their way."
    assert found.numbers["order 77"] == "61 s (orders)"
    assert found.numbers["late"] == 1


def test_a_change_that_waits_beyond_the_limit_is_late_before_it_arrives() -> None:
    found = arrive_in_time([], [waiting(61)], LIMIT, NOW)
    assert (found.passed, found.numbers["still waiting beyond the limit"]) == (False, 1)


def test_what_hubspot_refused_waits_for_a_person_and_not_for_the_lane() -> None:
    """Its time is taken off the due list when the refusal is recorded."""
    assert arrive_in_time([], [waiting(None)], LIMIT, NOW).passed


def test_a_green_check_shows_its_numbers() -> None:
    found = arrive_in_time([arrival(2), arrival(4)], [waiting(10)], LIMIT, NOW)
    assert found.passed
    assert found.numbers == {
        "arrived": 2,
        "limit in seconds": 60,
        "late": 0,
        "still waiting beyond the limit": 0,
        "p50": "2.0 s",
        "p95": "4.0 s",
        "max": "4.0 s",
    }
