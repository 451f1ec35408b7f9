"""Both lanes as two processes at HubSpot's limit: together within it, and live orders first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ns_hs_orders_tests.end_to_end.company import TODAY
from ns_hs_orders_tests.live.world import (
    DAY_ONCE,
    LIVE_UNTIL_STOPPED,
    InProcess,
    World,
    running_world,
    until,
)

CALLS = 10
DAY_BUT_TODAY = DAY_ONCE.replace("read_days(FIRST, TODAY)", "read_days(FIRST, TODAY - timedelta(days=1))")


@pytest.fixture
def large_world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path, orders=150) as world:
        yield world


def test_both_lanes_keep_one_limit_and_live_orders_arrive_while_the_day_lane_is_at_work(
    large_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day lane has every order but today's to write anew; some of today's are saved in NetSuite meanwhile."""
    world, stop = large_world, tmp_path / "stop"
    world.company.sandbox.switches.change(
        limits="real",
        hubspot_calls_per_10_seconds=CALLS,
        hubspot_association_calls_per_10_seconds=CALLS,
    )
    world.company.sandbox.calls.clear()
    monkeypatch.setenv("NS_HS_HUBSPOT_CALLS_PER_10S", str(CALLS))
    monkeypatch.setenv("NS_HS_HUBSPOT_ASSOCIATION_CALLS_PER_10S", str(CALLS))
    live = InProcess.start(world, LIVE_UNTIL_STOPPED, stop)
    until(lambda: bool(world.company.sandbox.calls.calls()), live.is_alive)  # it looks already
    monkeypatch.setenv("NS_HS_SWITCHED_OFF_PROPERTIES", "netsuite_partner")
    day = InProcess.start(world, DAY_BUT_TODAY, stop)
    until(lambda: len(writes(world)) > 0, day.is_alive)
    of_today = {row["id"] for row in world.company.netsuite.rows("transaction", trandate=TODAY.isoformat())}
    saved = [one for one in world.orders if one in of_today][:3]
    assert saved
    for order in saved:
        world.edit(order, "saved meanwhile")

    until(lambda: all(world.memo(one) == "saved meanwhile" for one in saved), day.is_alive)
    day.kill()
    stop.touch()
    live.join()

    calls = [one for one in world.company.sandbox.calls.calls() if one.app == "hubspot"]
    assert [one.path for one in calls if one.status == 429] == []
    for family in (True, False):
        began = sorted(one.began_at for one in calls if ("/associations/" in one.path) is family)
        assert 0 < most_in_ten_seconds(began) <= CALLS


def writes(world: World) -> list[str]:
    return [one.path for one in world.company.sandbox.calls.calls() if "batch/upsert" in one.path]


def most_in_ten_seconds(began: list[float]) -> int:
    return max(sum(start <= one < start + 10.0 for one in began) for start in began)
