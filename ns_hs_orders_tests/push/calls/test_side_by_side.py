"""Whose calls go first, and what becomes of the others after an error."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ns_hs_orders.errors import SyncError
from ns_hs_orders.push.calls.side_by_side import CallThreads


def test_calls_of_the_unit_that_began_first_go_first() -> None:
    calls = CallThreads(1)
    made: list[str] = []
    is_blocking, may_end = threading.Event(), threading.Event()

    def block(_: str) -> None:
        is_blocking.set()
        may_end.wait(10)

    with ThreadPoolExecutor(3) as units:
        units.submit(calls.of_unit(2), block, ["blocks the only thread"])
        assert is_blocking.wait(10)
        waiting = [units.submit(calls.of_unit(2), made.append, ["second 1", "second 2"])]
        while len(calls._waiting) < 2:
            threading.Event().wait(0.001)
        waiting.append(units.submit(calls.of_unit(1), made.append, ["first 1", "first 2"]))
        while len(calls._waiting) < 4:
            threading.Event().wait(0.001)
        may_end.set()
        assert [one.result(10) for one in waiting] == [([None, None], None)] * 2
    calls.shutdown()

    assert made == ["first 1", "first 2", "second 1", "second 2"]
    assert calls.made == 5


def test_after_an_error_no_further_call_of_the_step_starts() -> None:
    calls = CallThreads(1)
    made: list[int] = []

    def refuse_the_second(number: int) -> int:
        if number == 2:
            raise SyncError("refused")
        made.append(number)
        return number

    answers, error = calls.of_unit(1)(refuse_the_second, [1, 2, *range(3, 50)])
    calls.shutdown()

    assert answers == [1]
    assert str(error) == "refused"
    assert made == [1]


def test_an_error_that_is_no_answer_is_raised() -> None:
    calls = CallThreads(2)
    with pytest.raises(ZeroDivisionError):
        calls.of_unit(1)(lambda number: 1 // number, [1, 0])
    calls.shutdown()
