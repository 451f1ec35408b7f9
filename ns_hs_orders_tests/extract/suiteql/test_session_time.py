"""Session wall-clock text and UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.extract.suiteql.session_time import agrees, session_text, utc_text, zone_named

PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    "session, utc",
    [
        ("2026-01-05 16:30:00", "2026-01-06T00:30:00Z"),
        ("2026-07-05 16:30:00", "2026-07-05T23:30:00Z"),
        ("2025-11-02 00:59:59", "2025-11-02T07:59:59Z"),
        ("2025-11-02 01:30:00", "2025-11-02T08:30:00Z"),
        ("2025-11-02 02:00:00", "2025-11-02T10:00:00Z"),
    ],
)
def test_session_time_becomes_utc_and_a_repeated_hour_is_read_as_the_earlier(session: str, utc: str) -> None:
    assert utc_text(session, PACIFIC) == utc


def test_text_that_is_no_date_time_has_no_utc() -> None:
    assert utc_text("2/3/2026 4:30 pm", PACIFIC) is None


@pytest.mark.parametrize(
    "text, hours",
    [("-08:00", -8.0), ("+5:30", 5.5), ("Europe/Berlin", 1.0), ("US/Pacific", -8.0), (" UTC ", 0.0)],
)
def test_zones_come_by_name_or_offset(text: str, hours: float) -> None:
    zone = zone_named(text)
    offset = datetime(2026, 1, 1, tzinfo=zone).utcoffset()
    assert offset is not None
    assert offset.total_seconds() / 3600 == hours


@pytest.mark.parametrize("text", ["", "nothing", "Mars/Base", "../etc/passwd", "-08"])
def test_an_unknown_zone_is_none(text: str) -> None:
    assert zone_named(text) is None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_reading_back_a_session_text_never_comes_out_later(at: datetime) -> None:
    moment = at.replace(microsecond=0, tzinfo=UTC)
    session = session_text(moment, PACIFIC)
    read = utc_text(session, PACIFIC)
    assert read is not None
    assert datetime.fromisoformat(read) <= moment
    assert agrees(session, moment.strftime("%Y-%m-%dT%H:%M:%SZ"), PACIFIC)
    assert not agrees(session, moment.strftime("%Y-%m-%dT%H:%M:%SZ"), ZoneInfo("Asia/Tokyo"))
