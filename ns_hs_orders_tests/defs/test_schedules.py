"""The nightly schedule: for which days it asks, at which hour, and once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.schedules import daily_schedule
from ns_hs_orders.settings import load_settings
from ns_hs_orders.state.database import open_state
from ns_hs_orders.state.proof.days import Days, mark_changed

ZONE = "America/Los_Angeles"
TICK = datetime(2026, 11, 20, 2, 0, tzinfo=ZoneInfo(ZONE))


def asked(tick: datetime, home: Path, *, first_day: date = date(2026, 1, 1), days: int = 35) -> list[str]:
    """The ranges that a tick asks for, as text."""
    return [
        f"{tags['dagster/asset_partition_range_start']} {tags['dagster/asset_partition_range_end']}"
        for tags in (request.tags for request in requests(tick, home, first_day=first_day, days=days))
    ]


def requests(tick: datetime, home: Path, *, first_day: date, days: int) -> Sequence[dg.RunRequest]:
    schedule = daily_schedule(first_day, ZONE, days)
    context = dg.build_schedule_context(
        scheduled_execution_time=tick,
        resources={"connections": Connections(home=str(home), mode="sandbox")},
    )
    return schedule.evaluate_tick(context).run_requests or []


def test_the_last_35_days_are_asked_for_in_ranges_of_at_most_31(tmp_path: Path) -> None:
    assert asked(TICK, tmp_path) == ["2026-10-17 2026-11-16", "2026-11-17 2026-11-20"]


def test_the_first_day_of_the_sync_is_the_earliest(tmp_path: Path) -> None:
    assert asked(TICK, tmp_path, first_day=date(2026, 11, 18)) == ["2026-11-18 2026-11-20"]
    assert asked(TICK, tmp_path, first_day=date(2026, 11, 20)) == ["2026-11-20 2026-11-20"]


def test_nothing_is_asked_for_before_the_first_day_has_come(tmp_path: Path) -> None:
    assert asked(TICK, tmp_path, first_day=date(2026, 11, 21)) == []


def test_today_is_the_day_of_the_accounts_zone(tmp_path: Path) -> None:
    late_in_london = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)  # still the 19th in Los Angeles
    assert asked(late_in_london, tmp_path, days=1) == ["2026-11-19 2026-11-19"]


def test_a_tick_names_its_runs_by_its_time_and_their_first_day(tmp_path: Path) -> None:
    made = requests(TICK, tmp_path, first_day=date(2026, 1, 1), days=35)
    assert [request.run_key for request in made] == [
        "2026-11-20T02:00:00-08:00 2026-10-17",
        "2026-11-20T02:00:00-08:00 2026-11-17",
    ]


def test_older_days_that_are_red_or_changed_are_asked_for_too(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, mode="sandbox")
    state = open_state(settings.state_address)
    proven, red, changed, after = (date(2026, 3, n) for n in (1, 2, 3, 5))
    Days(state).record({proven: True, red: False, changed: True, after: True}, ticket=5)
    with state.write() as connection:
        mark_changed(state, connection, [(changed, 6), (after, 5), (date(2025, 12, 31), 9)])
    state.close()
    assert asked(TICK, tmp_path, days=2) == ["2026-03-02 2026-03-03", "2026-11-19 2026-11-20"]


@pytest.mark.parametrize(
    "around", [datetime(2026, 3, 7, 12, tzinfo=UTC), datetime(2026, 10, 31, 12, tzinfo=UTC)]
)
def test_each_night_has_one_tick_also_when_the_clocks_change(around: datetime) -> None:
    schedule = daily_schedule(date(2026, 1, 1), ZONE, 35)
    ticks = schedule_execution_time_iterator(
        around.timestamp(), schedule.cron_schedule, schedule.execution_timezone
    )
    nights = [next(ticks).astimezone(ZoneInfo(ZONE)).date() for _ in range(4)]
    assert nights == [nights[0] + timedelta(days=n) for n in range(4)]
