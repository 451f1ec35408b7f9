"""A store of its own beside the main one: the same tables, none of the same rows, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from ns_hs_orders.state.database import open_existing_state, open_state
from ns_hs_orders.state.notes import Notes

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_a_part_keeps_its_own_rows_beside_those_of_the_whole(url: str) -> None:
    assert open_existing_state(url, "returns") is None
    whole, part = open_state(url), open_state(url, "returns")
    try:
        Notes(whole).keep("seen", "by orders", NOW)
        assert Notes(part).find("seen", now=NOW) is None
        Notes(part).keep("seen", "by returns", NOW)
        assert (Notes(whole).find("seen", now=NOW), Notes(part).find("seen", now=NOW)) == (
            "by orders",
            "by returns",
        )
    finally:
        whole.close()
        part.close()
    again = open_existing_state(url, "returns")
    assert again is not None
    assert Notes(again).find("seen", now=NOW) == "by returns"
    again.close()
