"""The contest's arithmetic, and that a contender's end state is told as it is."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers.contest import Run
from benchmarks.peers.end_state import EndState, end_state
from benchmarks.peers.figures import figures
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore


def a_run(seconds: float, complete: int) -> Run:
    state = EndState(complete, 0, 0, 3 * complete, 0, 0)
    return Run(seconds, complete * 0.002, complete * 4, 1, "load", "", state)


def test_figures_are_medians_of_rates_and_count_complete_orders_only():
    found = figures([a_run(10, 100), a_run(5, 100), a_run(10, 0)])
    assert (found.orders_per_second, found.slowest, found.fastest) == (10.0, 0.0, 20.0)
    assert (found.calls_per_order, round(found.cpu_microseconds or 0)) == (4.0, 2000)


def test_an_order_without_its_lines_is_incomplete_and_its_lines_are_loose(tmp_path: Path):
    store = HubSpotStore(tmp_path / "hubspot.sqlite")
    store.load("orders", [{"id": "71", "hs_order_name": "SO1"}, {"id": "72", "hs_order_name": "SO2"}])
    store.load("line_items", [{"id": "51", "name": "Tumbler"}])
    found = end_state(store, {"1": (frozenset({"1-1"}), "9")}, frozenset())
    store.close()
    # both orders lack the same key, so one of them counts as a copy of the other
    assert found == EndState(complete=0, incomplete=2, bad=0, lines=1, loose_lines=1, duplicates=1)
