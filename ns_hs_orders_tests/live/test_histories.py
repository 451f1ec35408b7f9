"""Random histories of edits against the emulator: after the last look HubSpot equals NetSuite.

Stamps are NetSuite's own: the emulator's clock is moved to where a history happens, such as the night in
which the session's zone repeats an hour.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ns_hs_orders.clients.transport import SystemClock
from ns_hs_orders.sandbox.world import happenings
from ns_hs_orders.sandbox.world.standing import Standing, read_standing
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.session import Session
from ns_hs_orders_tests.end_to_end.company import FIRST, Company

EVENTS: tuple[Callable[[Standing], Any], ...] = (
    lambda world: happenings.new_order(world, 1),
    happenings.header_edit,
    happenings.line_edit,
    happenings.line_removal,
    happenings.approval,
    happenings.fulfilment,
    happenings.billing,
    happenings.tracking_edit,
    happenings.cancellation,
    happenings.customer_change,
    happenings.customer_joins_hubspot,
    happenings.deletion,
)
LATEST_COMMIT_SECONDS = 9 * 60

# What happens, as (event, seconds that pass before it, seconds by which it commits late, whether a look follows).
Step = tuple[int, int, int, bool]
histories = st.lists(
    st.tuples(
        st.integers(0, len(EVENTS) - 1),
        st.sampled_from([0, 0, 1, 7, 90]),
        st.sampled_from([0, 0, 0, 5, LATEST_COMMIT_SECONDS]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)

# account → (switches, when the history happens by NetSuite's clock, minutes that our clock is ahead)
NIGHT_OF_TWO_ONES = datetime(2025, 11, 2, 8, 45, tzinfo=UTC)  # 01:45 PDT, the first of two
ACCOUNTS: dict[str, tuple[dict[str, Any], datetime, int]] = {
    "stamps move": (
        {"order_stamp_moves_on_tracking_edit": True, "order_stamp_moves_on_line_edit": True},
        datetime(2025, 11, 20, 18, tzinfo=UTC),
        4,
    ),
    "stamps stay": (
        {
            "order_stamp_moves_on_fulfilment": False,
            "order_stamp_moves_on_billing": False,
            "order_stamp_moves_on_tracking_edit": False,
            "order_stamp_moves_on_line_edit": False,
        },
        datetime(2025, 11, 20, 18, tzinfo=UTC),
        -4,
    ),
    "an hour comes twice": ({}, NIGHT_OF_TWO_ONES, 0),
    "an hour comes twice, in session time": (
        {"sys_extract_utc_refused": True, "order_stamp_moves_on_fulfilment": False},
        NIGHT_OF_TWO_ONES,
        3,
    ),
}


OUR_CLOCK = [datetime(2025, 11, 20, tzinfo=UTC)]


def wait_in_our_time(seconds: float) -> None:
    """Moves our clock on, so that a budget whose window has to pass is not waited for in vain."""
    OUR_CLOCK[0] += timedelta(seconds=seconds)


class History:
    """A company whose NetSuite clock stands where we put it, and the lane's looks at it."""

    def __init__(self, company: Company, session: Session, began: datetime, off: timedelta) -> None:
        self.company = company
        self._off = off
        self.session = session
        self._lane = LiveLane(session, "live")
        self.at = began
        self._turn = count(1)
        self._set_clock()

    def _set_clock(self) -> None:
        """NetSuite's clock; ours is minutes off."""
        self._lane.__dict__.pop("_clocks", None)  # NetSuite's clock is asked for again: it has jumped
        self.company.sandbox.switches.change(
            netsuite_clock_skew_seconds=int((self.at - datetime.now(UTC)).total_seconds())
        )
        OUR_CLOCK[0] = self.at + self._off

    def pass_time(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self._set_clock()

    def happen(self, event: Callable[[Standing], Any], commits_late_by: int) -> None:
        """The event gets its stamp now and is seen only after it has committed."""
        stamped = self.at
        self.pass_time(commits_late_by)
        turn = next(self._turn)
        netsuite = self.company.netsuite
        with netsuite.transaction():
            world = read_standing(
                netsuite, self.company.hubspot, turn, stamped, self.company.sandbox.switches()
            )
            world.rng = Random(turn)
            event(world)

    def look(self) -> None:
        self._lane.look()
        while self._lane.round(500).orders:
            pass

    def settle(self) -> None:
        """The looks of the next minutes, until every row has been seen twice and late ones are in."""
        for _ in range(3):
            self.pass_time(20)
            self.look()


@pytest.fixture(scope="module", params=list(ACCOUNTS))
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    switches, began, off = ACCOUNTS[request.param]
    folder: Path = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        makers = make_fixture(folder, patch)
        company: Company = next(makers)(24, **switches)
        company.sync(FIRST, date(2025, 11, 20))
        OUR_CLOCK[0] = began + timedelta(minutes=off)
        company.sandbox.switches.change(
            netsuite_clock_skew_seconds=int((began - datetime.now(UTC)).total_seconds())
        )
        patch.setattr(SystemClock, "now", lambda _: OUR_CLOCK[0])
        patch.setattr(SystemClock, "sleep", lambda _, seconds: wait_in_our_time(seconds))
        with company.session(first_day=FIRST, archive_share_percent=100) as session:
            made = History(company, session, began, timedelta(minutes=off))
            made.look()
            yield made
        makers.close()


def make_fixture(folder: Path, patch: pytest.MonkeyPatch) -> Any:
    from ns_hs_orders_tests.end_to_end import conftest

    function = getattr(conftest.make, "__wrapped__", None) or conftest.make.__pytest_wrapped__.obj  # type: ignore[attr-defined]
    return function(folder, patch)


@settings(
    phases=(Phase.explicit, Phase.generate),
    max_examples=int(os.environ.get("HISTORIES", "3")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=histories)
def test_after_the_last_look_hubspot_equals_netsuite_and_nothing_was_missed(
    history: History, steps: list[Step]
) -> None:
    for event, seconds, late, look_follows in steps:
        history.pass_time(seconds)
        history.happen(EVENTS[event], late)
        if look_follows:
            history.look()
    history.settle()
    result = history.session.reconcile(FIRST - timedelta(days=3), date(2025, 11, 20))
    assert result.red_days == (), result.differences.to_dict("records")
    assert all(sums.unexplained_minor == 0 for sums in result.currencies.values())
