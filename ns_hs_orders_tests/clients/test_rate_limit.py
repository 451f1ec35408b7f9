"""Rolling windows: never more starts in any window than allowed, and none lost."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_hs_orders.clients.rate_limit import HUBSPOT_LIMITS, ProcessSlots, RollingWindow, WindowLimit

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def starts(limit: WindowLimit, gaps: list[float], budget: RollingWindow) -> list[float]:
    """When calls start that are wished after these gaps, each waiting as it is told."""
    now, started = 0.0, []
    for gap in gaps:
        now += gap
        while (wait := budget.take("objects", at(now))) > 0:
            assert wait <= limit.seconds
            now += wait
        started.append(now)
    return started


def most_in_a_window(started: list[float], seconds: float) -> int:
    return max(sum(first <= other < first + seconds for other in started) for first in started)


@settings(max_examples=200, deadline=None)
@given(
    calls=st.integers(1, 7),
    seconds=st.sampled_from([1.0, 10.0]),
    gaps=st.lists(st.integers(0, 12000).map(lambda ms: ms / 1000), min_size=1, max_size=40),
)
def test_no_window_ever_holds_more_starts_than_the_limit(
    calls: int, seconds: float, gaps: list[float]
) -> None:
    limit = WindowLimit(calls, seconds)
    started = starts(limit, gaps, RollingWindow({"objects": limit}, margin_seconds=0.0))
    assert len(started) == len(gaps)
    # Timestamps have microseconds, so the window's edge is judged to the microsecond.
    assert most_in_a_window(started, seconds - 2e-6) <= calls


def test_a_greedy_caller_gets_the_whole_budget_and_not_one_call_more() -> None:
    limit = WindowLimit(100, 10.0)
    started = starts(limit, [0.0] * 1000, RollingWindow({"objects": limit}, margin_seconds=0.0))
    assert most_in_a_window(started, 10.0) == 100
    assert started[-1] == pytest.approx(90.0)


def test_the_margin_makes_windows_longer() -> None:
    budget = RollingWindow({"objects": WindowLimit(1, 10.0)}, margin_seconds=0.25)
    assert budget.take("objects", at(0)) == 0
    assert budget.take("objects", at(10)) == pytest.approx(0.25)


def test_a_penalty_halves_the_limit_and_ends() -> None:
    budget = RollingWindow({"objects": WindowLimit(9, 10.0)}, margin_seconds=0.0)
    budget.penalise("objects", 60.0, at(0))
    assert [budget.take("objects", at(1)) == 0 for _ in range(9)] == [True] * 4 + [False] * 5
    assert [budget.take("objects", at(61)) == 0 for _ in range(10)] == [True] * 9 + [False]


def test_a_shorter_penalty_does_not_end_a_longer_one() -> None:
    budget = RollingWindow({"objects": WindowLimit(2, 1.0)}, margin_seconds=0.0)
    budget.penalise("objects", 60.0, at(0))
    budget.penalise("objects", 5.0, at(1))
    assert [budget.take("objects", at(30)) == 0 for _ in range(2)] == [True, False]


def test_a_limit_of_one_stays_one_when_halved() -> None:
    budget = RollingWindow({"objects": WindowLimit(1, 1.0)})
    budget.penalise("objects", 60.0, at(0))
    assert budget.take("objects", at(1)) == 0


def test_a_lowered_limit_counts_the_calls_already_made() -> None:
    budget = RollingWindow({"objects": WindowLimit(5, 10.0)}, margin_seconds=0.0)
    for second in range(5):
        assert budget.take("objects", at(second)) == 0
    budget.learn("objects", 2)
    assert budget.take("objects", at(9)) == pytest.approx(4.0), "two calls of second 3 and 4 must have left"


def test_families_do_not_share_a_budget_and_an_unknown_one_is_an_error() -> None:
    budget = RollingWindow({"objects": WindowLimit(1, 10.0), "search": WindowLimit(1, 1.0)})
    assert budget.take("objects", at(0)) == 0
    assert budget.take("search", at(0)) == 0
    with pytest.raises(KeyError):
        budget.take("webhooks", at(0))


@pytest.mark.parametrize("back, free", [(0.001, False), (9.0, False), (11.0, True), (3600.0, True)])
def test_a_clock_that_is_set_back_neither_adds_calls_at_once_nor_blocks_for_ever(
    back: float, free: bool
) -> None:
    budget = RollingWindow({"objects": WindowLimit(1, 10.0)}, margin_seconds=0.0)
    assert budget.take("objects", at(5000)) == 0
    assert (budget.take("objects", at(5000 - back)) == 0) is free


def test_threads_together_take_no_more_than_the_limit() -> None:
    budget = RollingWindow({"objects": WindowLimit(50, 10.0)})
    granted: list[int] = []

    def greedy() -> None:
        granted.append(sum(budget.take("objects", at(0)) == 0 for _ in range(40)))

    threads = [threading.Thread(target=greedy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 50


def test_hubspots_budgets_start_at_what_the_smallest_tier_allows() -> None:
    assert {
        "objects": WindowLimit(100, 10.0),
        "associations": WindowLimit(100, 10.0),
        "search": WindowLimit(5, 1.0),
    } == HUBSPOT_LIMITS


def test_slots_are_as_many_as_said_and_come_back() -> None:
    slots = ProcessSlots(2)
    first, second = slots.take(at(0), 1.0), slots.take(at(0), 1.0)
    assert first is not None
    assert {first, second} == {"slot 1", "slot 2"}
    assert slots.take(at(0), 1.0) is None
    slots.give_back(first)
    assert slots.take(at(0), 1.0) == first
