"""The drain: rounds before looks, quiet before the end, failures waited out, rounds that take five seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.live.drain import LARGEST_ROUND, SMALLEST_ROUND, Drained, Round, drain
from ns_hs_orders.live.look import LookAround, StreamLook
from ns_hs_orders.live.sweep import Sweep

BEGAN = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = BEGAN

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Steps:
    """A lane whose looks find what a script says by second since the start, and whose orders take their time."""

    def __init__(
        self,
        clock: Clock,
        finds: dict[int, int] | None = None,
        *,
        due: int = 0,
        seconds_an_order: float = 0.0,
        fails: Callable[[float], RemoteError | None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._finds = dict(finds or {})
        self.due = due
        self._seconds_an_order = seconds_an_order
        self._fails = fails
        self.limits: list[int] = []
        self.looked_at: list[float] = []
        self.order: list[str] = []

    @property
    def _second(self) -> float:
        return (self._clock.at - BEGAN).total_seconds()

    def look(self) -> LookAround:
        self.order.append("look")
        self.looked_at.append(self._second)
        if error := self._fails(self._second):
            raise error
        self._clock.sleep(0.5)
        found = sum(self._finds.pop(at) for at in [one for one in self._finds if one <= self._second])
        self.due += found
        return LookAround((StreamLook("orders", found, found),))

    def sweep_if_due(self) -> Sweep | None:
        return None

    def round(self, limit: int) -> Round:
        if not self.due:
            return Round(0)
        self.order.append("round")
        if error := self._fails(self._second):
            raise error
        self.limits.append(limit)
        taken = min(limit, self.due)
        self.due -= taken
        self._clock.sleep(taken * self._seconds_an_order)
        return Round(taken, Counter({"updated": taken}))


def run(steps: Steps, clock: Clock) -> Drained:
    return drain(steps, clock, lambda _: None)


def refused(transient: bool) -> RemoteError:
    return RemoteError("HubSpot did not answer.", system="hubspot", transient=transient)


def test_what_is_due_already_is_written_before_the_first_look() -> None:
    clock = Clock()
    steps = Steps(clock, due=3)
    assert run(steps, clock).outcomes == {"updated": 3}
    assert steps.order[:2] == ["round", "look"]


def test_it_looks_every_two_seconds_and_ends_when_nothing_was_found_for_thirty() -> None:
    clock = Clock()
    steps = Steps(clock, {5: 2})
    done = run(steps, clock)
    assert done.news == 2
    assert done.outcomes == {"updated": 2}
    gaps = {round(later - earlier, 1) for earlier, later in pairwise(steps.looked_at)}
    assert gaps <= {0.5, 2.5}
    assert 35 <= (clock.at - BEGAN).total_seconds() <= 40


def test_it_ends_after_five_minutes_however_much_goes_on() -> None:
    clock = Clock()
    steps = Steps(clock, dict.fromkeys(range(0, 1000, 10), 1))
    run(steps, clock)
    assert 300 <= (clock.at - BEGAN).total_seconds() <= 305


def test_rounds_shrink_to_what_takes_five_seconds_so_that_an_import_delays_nobody() -> None:
    clock = Clock()
    steps = Steps(clock, due=3000, seconds_an_order=0.05)
    run(steps, clock)
    assert steps.limits[0] == 200
    assert set(steps.limits[1:]) == {100}


def test_rounds_grow_where_they_are_quick_and_stay_within_their_bounds() -> None:
    clock = Clock()
    quick = Steps(clock, due=20_000, seconds_an_order=0.0001)
    run(quick, clock)
    assert max(quick.limits) == LARGEST_ROUND
    slow = Steps(clock, due=1000, seconds_an_order=1.0)
    run(slow, clock)
    assert min(slow.limits) == SMALLEST_ROUND


def test_a_system_that_does_not_answer_is_waited_for_and_nothing_is_lost() -> None:
    clock = Clock()
    steps = Steps(clock, {1: 4}, fails=lambda second: refused(transient=True) if 5 < second < 60 else None)
    steps.due = 2
    done = run(steps, clock)
    assert done.failures > 0
    assert done.outcomes == {"updated": 6}
    assert done.asked == 6


def test_a_system_that_stays_away_fails_the_run_when_its_time_is_over() -> None:
    clock = Clock()
    with pytest.raises(RemoteError, match="HubSpot did not answer"):
        run(Steps(clock, due=1, fails=lambda _: refused(transient=True)), clock)
    assert (clock.at - BEGAN).total_seconds() >= 300


def test_refused_credentials_end_the_run_at_once() -> None:
    clock = Clock()
    with pytest.raises(RemoteError):
        run(Steps(clock, due=1, fails=lambda _: refused(transient=False)), clock)
    assert clock.at == BEGAN


def test_a_long_run_tells_what_it_did_so_far_at_most_three_times_a_minute() -> None:
    clock = Clock()
    steps = Steps(clock, dict.fromkeys(range(0, 1000, 5), 1))
    told: list[tuple[float, int]] = []
    drain(
        steps,
        clock,
        lambda _: None,
        tell=lambda so_far: told.append(((clock.at - BEGAN).total_seconds(), so_far.asked)),
    )
    at = [second for second, _ in told]
    assert len(told) >= 10
    assert all(later - earlier >= 20 for earlier, later in pairwise(at))
    assert [orders for _, orders in told] == sorted({orders for _, orders in told})
