"""A live session's calls are known to every other session of the home."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import func, select

from ns_hs_orders.state.database import open_state
from ns_hs_orders.state.tables import budgets
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders_tests.end_to_end.conftest import Make


@pytest.mark.parametrize("is_live", [True, False])
def test_only_a_live_session_notes_that_live_asked(make: Make, is_live: bool) -> None:
    settings = make(3).settings()
    with open_session(settings, is_live=is_live) as session:
        session.check_portal()

    with closing(open_state(settings.state_address)) as state, state.read() as connection:
        assert (connection.scalar(select(func.max(budgets.c.live_asked_at))) > 0) is is_live
