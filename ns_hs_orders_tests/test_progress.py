"""The sentence of progress, and how times are said."""

from __future__ import annotations

import pytest

from ns_hs_orders.progress import duration, sentence


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (
            ("orders pushed", 1000, 50_000, 99.2),
            "orders pushed: 1,000 of 50,000 (2 %), about 1 min 40 s left",
        ),
        (("orders pushed", 50_000, 50_000, 0.0), "orders pushed: 50,000 of 50,000 (100 %)"),
        (("orders pushed", 999, 1000, None), "orders pushed: 999 of 1,000 (99 %)"),
        (("orders", 3000, 0, None), "orders: 3,000"),
        (("waiting for another run of the day lane", 0, 0, None), "waiting for another run of the day lane"),
    ],
)
def test_progress_is_one_sentence_with_the_time_left(
    told: tuple[str, int, int, float | None], text: str
) -> None:
    assert sentence(*told) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (59.0, "59 s"),
        (60.0, "1 min"),
        (100.0, "1 min 40 s"),
        (601.0, "11 min"),
        (3600.0, "1 h"),
        (7500.0, "2 h 5 min"),
    ],
)
def test_a_time_is_rounded_up_and_said_in_its_two_largest_parts(seconds: float, text: str) -> None:
    assert duration(seconds) == text
