"""Which order a return was last seen to be of is remembered, on both databases."""

from __future__ import annotations

from datetime import date

from ns_hs_orders.state.database import State
from ns_hs_orders.state.orders.returns_of_orders import ReturnsOfOrders
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders_tests.state.conftest import NOW


def test_the_last_word_on_each_return_is_remembered_and_is_no_stream(state: State) -> None:
    kept = ReturnsOfOrders(state)
    kept.keep({}, NOW)
    kept.keep({"31": "11", "32": "11"}, NOW)
    kept.keep({"32": "12"}, NOW)
    assert kept.find(["31", "32", "33"]) == {"31": "11", "32": "12"}
    assert kept.find([]) == {}
    assert WatermarkStore(state).all() == {}


def test_the_days_of_returns_that_changed_are_to_be_proven_and_those_of_others_not(state: State) -> None:
    kept, days = ReturnsOfOrders(state), Days(state)
    first, second, third = (date(2026, 3, n) for n in (1, 2, 3))
    both = {"11": [("31", first, "USD", 500), ("32", second, "USD", 700)], "12": []}
    kept.keep_counted(both, ticket=1, now=NOW)
    assert days.to_prove() == [first, second]
    days.record({first: True, second: True, third: True}, ticket=2)
    kept.keep_counted(both, ticket=3, now=NOW)
    assert days.to_prove() == []

    kept.keep_counted({"11": [("31", third, "USD", 500), ("32", second, "USD", 700)]}, ticket=4, now=NOW)
    assert days.to_prove() == [first, third]
    days.record({first: True, third: True}, ticket=5)
    kept.keep_counted({"11": []}, ticket=6, now=NOW)
    assert days.to_prove() == [second, third]
    assert kept.find(["11"]) == {}
    assert WatermarkStore(state).all() == {}
