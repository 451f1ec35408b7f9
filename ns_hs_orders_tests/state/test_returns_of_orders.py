"""Which order a return was last seen to be of is remembered, on both databases."""

from __future__ import annotations

from ns_hs_orders.state.database import State
from ns_hs_orders.state.returns_of_orders import ReturnsOfOrders
from ns_hs_orders.state.watermarks import WatermarkStore
from ns_hs_orders_tests.state.conftest import NOW


def test_the_last_word_on_each_return_is_remembered_and_is_no_stream(state: State) -> None:
    kept = ReturnsOfOrders(state)
    kept.keep({}, NOW)
    kept.keep({"31": "11", "32": "11"}, NOW)
    kept.keep({"32": "12"}, NOW)
    assert kept.find(["31", "32", "33"]) == {"31": "11", "32": "12"}
    assert kept.find([]) == {}
    assert WatermarkStore(state).all() == {}
