"""The live lane goes first, and nothing lies idle for it: budgets and slots in simulated time."""

from __future__ import annotations

import heapq
import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.state.calls.pacing import Window, until_others_may
from ns_hs_orders.state.calls.slots import SharedSlots
from ns_hs_orders.state.database import State, open_state
from ns_hs_orders_tests.state.conftest import NOW, race

GREEDY = [0.0] * 10_000
HUBSPOT = (100, 10.25)
MICROSECOND = 1e-6

with_one_store = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass
class Caller:
    """One thread that makes a call at each of these seconds, each waiting as it is told, one after another."""

    budgets: Budgets
    wishes: Sequence[float]
    lateness: float = 0.0
    started: list[float] = field(default_factory=list)


def opened(state: State, limit: tuple[int, float], *, is_live: bool = False) -> Budgets:
    return Budgets(state, {"objects": limit}, margin_seconds=0.0, is_live=is_live)


def play(callers: Sequence[Caller], end: float, family: str = "objects") -> None:
    """Lets the callers live until this second."""
    asks = [(one.wishes[0], place) for place, one in enumerate(callers) if one.wishes]
    heapq.heapify(asks)
    while asks and asks[0][0] <= end:
        at, place = heapq.heappop(asks)
        caller = callers[place]
        wait = caller.budgets.take(family, NOW + timedelta(seconds=at))
        if wait > 0:
            heapq.heappush(asks, (at + wait + caller.lateness, place))
            continue
        caller.started.append(at)
        if len(caller.started) < len(caller.wishes):
            heapq.heappush(asks, (max(at + MICROSECOND, caller.wishes[len(caller.started)]), place))


def most_in_a_window(started: Sequence[float], seconds: float) -> int:
    # moments have microseconds, so the window's edge is judged to a few of them
    return max((sum(a <= b < a + seconds - 4e-6 for b in started) for a in started), default=0)


moments = st.lists(st.integers(0, 25_000).map(lambda ms: ms / 1000), max_size=12).map(sorted)


@with_one_store
@given(
    calls=st.integers(1, 7),
    seconds=st.sampled_from([1.0, 1.25, 10.0]),
    live=st.lists(moments, min_size=1, max_size=2),
    others=st.lists(moments, min_size=1, max_size=2),
)
def test_no_window_ever_holds_more_calls_of_both_kinds_than_the_limit(
    state: State, calls: int, seconds: float, live: list[list[float]], others: list[list[float]]
) -> None:
    family = uuid4().hex
    users = [
        Caller(Budgets(state, {family: (calls, seconds)}, margin_seconds=0.0, is_live=is_live), wishes)
        for is_live, several in ((True, live), (False, others))
        for wishes in several
    ]
    play(users, end=1000.0, family=family)

    assert [len(one.started) for one in users] == [len(one.wishes) for one in users], "nobody starves"
    assert most_in_a_window([at for one in users for at in one.started], seconds) <= calls


@settings(max_examples=300, deadline=None)
@given(
    calls=st.integers(1, 60),
    seconds=st.sampled_from([1.25, 3.0, 10.0, 10.25]),
    asks=st.lists(st.integers(0, 1500), min_size=1, max_size=150),
)
def test_whatever_others_take_live_can_have_its_rate_from_any_moment_on(
    calls: int, seconds: float, asks: list[int]
) -> None:
    window = Window(calls, seconds)
    taken: list[float] = []
    at = 0.0
    for milliseconds in asks:
        at += milliseconds / 1000 if milliseconds > 500 else 0
        if until_others_may(taken, at, window, live_asked_at=-100.0) == 0:
            taken.append(at)
        for ahead in range(1, int(seconds)):
            still_there = sum(one > at + ahead - seconds + MICROSECOND for one in taken)
            assert calls - still_there >= min(calls // 2, int(ahead * calls / seconds))


@pytest.mark.parametrize("limit", [HUBSPOT, (4, 1.25), (30, 10.25)])
@pytest.mark.parametrize("asked", [0.5, 3.7, 5.2, 9.1, 10.24, 33.3])
def test_live_gets_its_call_within_a_second_while_others_take_all_they_can(
    state: State, limit: tuple[int, float], asked: float
) -> None:
    others = [Caller(opened(state, limit), GREEDY, lateness) for lateness in (0.0, 0.0, 0.013)]
    live = Caller(opened(state, limit, is_live=True), [asked])
    play([*others, live], end=asked + 2.0)

    assert live.started[0] - asked <= 1.002


@pytest.mark.parametrize("asked", [0.5, 3.7, 9.1, 33.3])
def test_live_gets_its_call_within_a_second_while_others_go_evenly(state: State, asked: float) -> None:
    budgets = opened(state, HUBSPOT)
    live = Caller(opened(state, HUBSPOT, is_live=True), [asked])
    with budgets.evenly():
        play([*(Caller(budgets, GREEDY) for _ in range(3)), live], end=asked + 2.0)

    assert live.started[0] - asked <= 1.002


def test_a_live_run_gets_the_whole_rate_while_others_take_all_they_can(state: State) -> None:
    others = [Caller(opened(state, HUBSPOT), GREEDY) for _ in range(3)]
    live = Caller(opened(state, HUBSPOT, is_live=True), [33.3] * 48)
    play([*others, live], end=40.0)

    waited = [at - 33.3 for at in live.started]
    assert [
        waited[count - 1] <= ahead + 0.01 for ahead, count in enumerate((9, 19, 29, 39, 48), start=1)
    ] == [True] * 5


def test_others_get_the_whole_budget_while_live_is_idle(state: State) -> None:
    others = [Caller(opened(state, (20, 10.0)), GREEDY) for _ in range(3)]
    play(others, end=99.9)

    assert sum(len(one.started) for one in others) == 200


@pytest.mark.parametrize("limit, burst", [((100, 10.25), 50), ((4, 1.25), 2), ((1, 10.25), 1)])
def test_a_burst_of_half_a_window_is_not_held_back(
    state: State, limit: tuple[int, float], burst: int
) -> None:
    budgets = opened(state, limit)
    assert [budgets.take("objects", NOW) for _ in range(burst)] == [0.0] * burst
    assert budgets.take("objects", NOW) > 0


def test_evenly_others_use_every_window_alike_and_the_whole_budget(state: State) -> None:
    budgets = opened(state, (60, 10.0))
    others = [Caller(budgets, GREEDY) for _ in range(3)]
    with budgets.evenly():
        play(others, end=24.0)
    started = sorted(at for one in others for at in one.started)

    assert most_in_a_window(started, 10.0) == 60
    assert min(sum(start <= at < start + 10 for at in started) for start in (0, 10)) >= 60
    least = min(sum(start / 10 <= at < start / 10 + 10 for at in started) for start in range(140))
    assert least >= 50, "a burst of a sixth is what a window may lack"


def test_a_call_counts_until_a_window_after_its_answer(state: State) -> None:
    """The server counted the second call late, just before it answered."""
    budgets = opened(state, (2, 10.0), is_live=True)
    assert budgets.take("objects", NOW) == 0.0
    budgets.answered("objects", NOW, seconds_later(0.1))
    assert budgets.take("objects", seconds_later(1.0)) == 0.0
    budgets.answered("objects", seconds_later(1.0), seconds_later(4.0))

    assert budgets.take("objects", seconds_later(10.05)) == pytest.approx(0.05)
    assert budgets.take("objects", seconds_later(10.2)) == 0.0
    assert budgets.take("objects", seconds_later(13.9)) == pytest.approx(0.1)
    assert budgets.take("objects", seconds_later(14.1)) == 0.0


def test_a_call_whose_process_was_killed_counts_until_the_server_cannot_take_it_any_more(
    state: State,
) -> None:
    budgets = Budgets(
        state, {"objects": (1, 10.0)}, margin_seconds=0.0, longest_call_seconds=35.0, is_live=True
    )
    assert budgets.take("objects", NOW) == 0.0

    assert budgets.take("objects", seconds_later(20.0)) == pytest.approx(0.5)
    assert budgets.take("objects", seconds_later(44.9)) == pytest.approx(0.5)
    assert budgets.take("objects", seconds_later(45.0)) == 0.0


def test_live_whose_call_was_answered_does_not_count_as_waiting(state: State) -> None:
    others, live = opened(state, (20, 10.0)), opened(state, (20, 10.0), is_live=True)
    assert live.take("objects", NOW) == 0.0
    live.answered("objects", NOW, seconds_later(0.2))

    assert others.take("objects", seconds_later(0.3)) == 0.0


@with_one_store
@given(
    calls=st.integers(1, 6),
    asks=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 25_000), st.integers(0, 100)), max_size=20),
)
def test_whenever_the_server_counts_a_call_no_window_of_its_holds_more_than_the_limit(
    state: State, calls: int, asks: list[tuple[int, int, int]]
) -> None:
    """Each ask: milliseconds since the last, until the answer, and the share of that when the server counts."""
    family = uuid4().hex
    budgets = Budgets(
        state, {family: (calls, 10.0)}, margin_seconds=0.0, longest_call_seconds=30.0, is_live=True
    )
    at, counted = 0.0, list[float]()
    open_calls: list[tuple[float, float]] = []
    for gap, takes, share in asks:
        at += gap / 1000
        while True:
            for end, begin in sorted(open_calls):
                if end <= at:
                    budgets.answered(family, seconds_later(begin), seconds_later(end))
                    open_calls.remove((end, begin))
            if (wait := budgets.take(family, seconds_later(at))) == 0:
                break
            at += wait + MICROSECOND
        open_calls.append((at + takes / 1000 + MICROSECOND, at))
        counted.append(at + takes / 1000 * share / 100)

    assert most_in_a_window(sorted(counted), 10.0) <= calls


def test_live_may_spend_a_whole_window_at_once_and_asks_again_twice_a_second(state: State) -> None:
    live = opened(state, (20, 10.0), is_live=True)
    assert [live.take("objects", NOW) for _ in range(20)] == [0.0] * 20

    assert live.take("objects", NOW) == 0.5
    assert live.take("objects", NOW + timedelta(seconds=9.75)) == pytest.approx(0.25)


def test_others_leave_a_tenth_to_live_that_asks_now_and_then_and_use_the_rest(state: State) -> None:
    others = Caller(opened(state, (20, 10.0)), GREEDY)
    live = Caller(opened(state, (20, 10.0), is_live=True), [step * 0.9 for step in range(100)])
    play([others, live], end=90.0)

    late = [at - wish for at, wish in zip(live.started, live.wishes, strict=False)]
    assert max(late) <= 1.002
    assert max(late[20:]) == 0.0, "live never waits once the others' first burst is over"
    settled = [at for one in (others, live) for at in one.started if 20.0 <= at < 80.0]
    assert len(settled) >= 18 * 6


def test_others_wait_while_live_waits_and_have_all_again_a_second_after_it_asked_last(state: State) -> None:
    others = [Caller(opened(state, (20, 10.0)), GREEDY) for _ in range(3)]
    live = Caller(opened(state, (20, 10.0), is_live=True), [40.0] * 40)
    play([*others, live], end=100.0)

    first, last = live.started[0], live.started[-1]
    theirs = sorted(at for one in others for at in one.started)
    assert not [at for at in theirs if first <= at < last]
    everything = [*theirs, *live.started]
    # from then on no window has room that nobody uses for longer than a second or two
    for end in range(int(last) + 2, 100):
        assert sum(end - 10.0 < at <= end for at in everything) >= 18


def test_others_take_nothing_of_what_becomes_free_while_live_waits_for_it(state: State) -> None:
    others, live = opened(state, (20, 10.0)), opened(state, (20, 10.0), is_live=True)
    for _ in range(20):
        live.take("objects", NOW)
    assert live.take("objects", NOW + timedelta(seconds=9.7)) == pytest.approx(0.3)

    all_free_again = NOW + timedelta(seconds=10.0)
    assert others.take("objects", all_free_again) == pytest.approx(0.7)
    assert live.take("objects", all_free_again + timedelta(milliseconds=5)) == 0.0
    assert others.take("objects", all_free_again + timedelta(milliseconds=9)) == 0.0


def test_live_that_got_its_call_does_not_count_as_waiting_once_a_short_window_forgot_it(state: State) -> None:
    others, live = opened(state, (20, 0.2)), opened(state, (20, 0.2), is_live=True)
    assert live.take("objects", NOW) == 0.0

    assert others.take("objects", NOW + timedelta(seconds=0.3)) == 0.0


def test_a_budget_of_one_call_is_open_to_others_once_live_is_idle(state: State) -> None:
    others, live = opened(state, (1, 10.0)), opened(state, (1, 10.0), is_live=True)
    assert live.take("objects", NOW) == 0.0
    live.take("objects", NOW + timedelta(seconds=9.5))

    assert others.take("objects", NOW + timedelta(seconds=10.0)) == pytest.approx(0.5)
    assert others.take("objects", NOW + timedelta(seconds=10.5)) == 0.0


def test_families_give_way_each_for_itself(state: State) -> None:
    limits = {"objects": (1, 10.0), "search": (1, 10.0)}
    Budgets(state, limits, is_live=True).take("objects", NOW)

    assert Budgets(state, limits).take("search", NOW) == 0.0


@pytest.mark.parametrize("back", [3600.0, 15.0])
def test_a_clock_that_is_set_back_does_not_leave_others_waiting_for_live(state: State, back: float) -> None:
    opened(state, (1, 10.0), is_live=True).take("objects", NOW)

    assert opened(state, (1, 10.0)).take("objects", NOW - timedelta(seconds=back)) == 0.0


def test_a_penalty_halves_what_others_may_burst(state: State) -> None:
    budgets = opened(state, HUBSPOT)
    budgets.penalise("objects", 60.0, NOW)

    assert sum(budgets.take("objects", NOW) == 0.0 for _ in range(60)) == 25


def _in_step(url: str, is_live: bool, barrier: threading.Barrier) -> list[float]:
    """When this process's calls start, if it asks for many each half second, together with the other."""
    state = open_state(url)
    budgets = opened(state, (20, 5.0), is_live=is_live)
    started = []
    for step in range(60):
        barrier.wait(timeout=60)
        asks = [] if is_live and step % 30 < 15 else [step / 2 + number * MICROSECOND for number in range(6)]
        started += [at for at in asks if budgets.take("objects", NOW + timedelta(seconds=at)) == 0.0]
    state.close()
    return started


def test_two_processes_of_both_kinds_keep_one_limit(url: str) -> None:
    open_state(url).close()
    with multiprocessing.get_context("forkserver").Manager() as manager:
        barrier: Any = manager.Barrier(2)
        others, live = race(_in_step, [(url, False, barrier), (url, True, barrier)])

    assert most_in_a_window(others + live, 5.0) == 20
    assert sum(2.5 <= at < 7.5 for at in others) >= 18, "others have all of it while live is idle"
    assert sum(9.5 <= at < 14.5 for at in live) >= 18, "live has all of it while it wants all"


def seconds_later(seconds: float) -> Any:
    return NOW + timedelta(seconds=seconds)


def test_live_gets_the_next_free_slot_before_others_that_wait(state: State) -> None:
    others, live = SharedSlots(state, "netsuite", 1), SharedSlots(state, "netsuite", 1, is_live=True)
    held = others.take(NOW, 60)
    assert held is not None
    assert live.take(NOW, 60) is None
    others.give_back(held)

    assert others.take(seconds_later(0.1), 60) is None
    got = live.take(seconds_later(0.2), 60)
    assert got is not None
    live.give_back(got)
    assert others.take(seconds_later(0.3), 60) is not None, "the mark went when live got its slot"


def test_others_take_a_slot_that_is_free_beside_the_one_kept_for_live(state: State) -> None:
    others, live = SharedSlots(state, "netsuite", 2), SharedSlots(state, "netsuite", 2, is_live=True)
    held = [others.take(NOW, 60), others.take(NOW, 60)]
    assert live.take(NOW, 60) is None
    for slot in held:
        assert slot is not None
        others.give_back(slot)

    assert others.take(NOW, 60) is not None
    assert others.take(NOW, 60) is None
    assert live.take(NOW, 60) is not None


def test_each_live_thread_that_waits_keeps_a_slot(state: State) -> None:
    others, live = SharedSlots(state, "netsuite", 2), SharedSlots(state, "netsuite", 2, is_live=True)
    held = [others.take(NOW, 60), others.take(NOW, 60)]
    with ThreadPoolExecutor(1) as another_thread:
        assert live.take(NOW, 60) is None
        assert live.take(NOW, 60) is None, "and asking twice doesn't keep two"
        assert another_thread.submit(live.take, NOW, 60).result() is None
        assert held[0] is not None
        assert held[1] is not None
        others.give_back(held[0])
        assert live.take(NOW, 60) is not None
        others.give_back(held[1])

        assert others.take(NOW, 60) is None
        assert another_thread.submit(live.take, NOW, 60).result() is not None


def test_the_mark_of_a_killed_live_run_ends_by_itself(state: State) -> None:
    others = SharedSlots(state, "netsuite", 1)
    held = others.take(NOW, 60)
    assert held is not None
    assert SharedSlots(state, "netsuite", 1, is_live=True).take(NOW, 60) is None
    others.give_back(held)

    assert others.take(seconds_later(0.9), 60) is None
    assert others.take(seconds_later(1.0), 60) is not None


def test_a_mark_from_before_the_clock_was_set_back_keeps_nothing(state: State) -> None:
    others = SharedSlots(state, "netsuite", 1)
    held = others.take(NOW, 60)
    assert held is not None
    assert SharedSlots(state, "netsuite", 1, is_live=True).take(NOW, 60) is None
    others.give_back(held)

    assert others.take(seconds_later(-3600), 60) is not None


def test_a_mark_is_no_slot_and_counts_in_its_own_pool_only(state: State) -> None:
    live = SharedSlots(state, "netsuite", 2, is_live=True)
    held = [live.take(NOW, 60), live.take(NOW, 60)]
    assert live.take(NOW, 60) is None
    assert SharedSlots(state, "other", 1).take(NOW, 60) is not None

    assert held[0] is not None
    live.give_back(held[0])
    assert live.take(NOW, 60) is not None
    assert live.take(NOW, 60) is None
