"""Notes: one that several processes add to loses nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ns_hs_orders.state.database import State, open_state
from ns_hs_orders.state.notes import Notes
from ns_hs_orders_tests.state.conftest import race

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def add(url: str, who: str) -> None:
    state = open_state(url)
    for n in range(20):

        def added(before: Any, key: str = f"{who} {n}") -> Any:
            return (before or {}) | {key: True}

        Notes(state).change("both", added, NOW)
    state.close()


def test_what_two_processes_add_to_one_note_is_all_there(state: State, url: str) -> None:
    race(add, [(url, "day"), (url, "live")])
    assert len(Notes(state).find("both", now=NOW)) == 40
