"""How long the emulators take to answer: constant, or spread as real answers are."""

from __future__ import annotations

import pytest

from ns_hs_orders.sandbox.latency import Latency
from ns_hs_orders.sandbox.switches import Switches

REAL = Switches(latency_ms=150, latency_p99_ms=600)


def test_answers_have_the_median_and_the_ninety_ninth_percentile_of_the_switches() -> None:
    latency = Latency(lambda: REAL)
    seconds = sorted(latency.seconds() for _ in range(10_000))

    assert seconds[5000] == pytest.approx(0.150, rel=0.03)
    assert seconds[9900] == pytest.approx(0.600, rel=0.10)


def test_a_seed_gives_the_same_times_again() -> None:
    first, again, other = (Latency(lambda: REAL, seed) for seed in (1, 1, 2))
    times = [one.seconds() for one in (first, again, other)]

    assert times[0] == times[1]
    assert times[0] != times[2]


@pytest.mark.parametrize("switches", [Switches(latency_ms=150), Switches(latency_ms=150, latency_p99_ms=100)])
def test_without_a_higher_percentile_every_answer_takes_the_same(switches: Switches) -> None:
    latency = Latency(lambda: switches)

    assert {latency.seconds() for _ in range(5)} == {0.15}


def test_no_latency_is_none_whatever_the_percentile() -> None:
    assert Latency(lambda: Switches(latency_p99_ms=600)).seconds() == 0
