"""How times look: stored in UTC, shown and read in the session's zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ns_hs_orders_tests.sandbox.netsuite.conftest import Ask

MASK = "'YYYY-MM-DD HH24:MI:SS'"


def shown(ask: Ask, expression: str, number: int = 9, **switches: str) -> str:
    (item,) = ask(f"SELECT {expression} AS x FROM transaction t WHERE t.id = {number}", **switches).items
    return str(item["x"])


@pytest.mark.parametrize(
    "zone, expected",
    [
        ("America/Los_Angeles", "2026-06-30 20:00:00"),
        ("UTC", "2026-07-01 03:00:00"),
        ("Asia/Tokyo", "2026-07-01 12:00:00"),
    ],
)
def test_to_char_shows_a_stamp_in_the_session_zone(ask: Ask, zone: str, expected: str) -> None:
    assert shown(ask, f"TO_CHAR(t.lastmodifieddate, {MASK})", session_time_zone=zone) == expected
    # The same instant, whatever the session.
    utc = 'TO_CHAR(SYS_EXTRACT_UTC(t.lastmodifieddate), \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')'
    assert shown(ask, utc, session_time_zone=zone) == "2026-07-01T03:00:00Z"


def test_a_bare_date_column_comes_in_the_display_format_and_loses_its_time(ask: Ask) -> None:
    assert shown(ask, "t.lastmodifieddate") == "6/30/2026"
    assert shown(ask, "t.trandate", 100) == "1/5/2026"
    assert shown(ask, "t.trandate", 100, display_date_format="DD.MM.YYYY") == "05.01.2026"


def test_a_date_without_a_time_is_the_same_in_every_zone(ask: Ask) -> None:
    for zone in ("Pacific/Auckland", "Pacific/Honolulu"):
        assert shown(ask, "TO_CHAR(t.trandate, 'YYYY-MM-DD')", session_time_zone=zone) == "2026-06-30"


def test_hh_is_the_twelve_hour_clock(ask: Ask) -> None:
    assert shown(ask, "TO_CHAR(t.lastmodifieddate, 'HH:MI:SS')") == "08:00:00"
    assert shown(ask, "TO_CHAR(t.lastmodifieddate, 'HH:MI AM')") == "08:00 PM"


def test_both_passes_of_the_repeated_hour_look_the_same(ask: Ask) -> None:
    # 08:30 UTC is 01:30 daylight time, 09:30 UTC is 01:30 standard time, on the night of 1 November 2026.
    assert shown(ask, f"TO_CHAR(t.lastmodifieddate, {MASK})", 10) == "2026-11-01 01:30:00"
    assert shown(ask, f"TO_CHAR(t.lastmodifieddate, {MASK})", 100) == "2026-11-01 01:30:00"


@pytest.mark.parametrize("reading, expected", [("standard", ["100"]), ("daylight", ["10", "100"])])
def test_a_bound_in_the_repeated_hour_is_read_as_one_of_its_passes(
    ask: Ask, reading: str, expected: list[str]
) -> None:
    query = f"SELECT id FROM transaction WHERE lastmodifieddate >= TO_DATE(?, {MASK}) ORDER BY id"
    found = ask(query, "2026-11-01 01:30:00", ambiguous_local_time=reading).items
    assert [item["id"] for item in found] == expected


def test_a_bound_is_read_in_the_session_zone(ask: Ask) -> None:
    query = (
        f"SELECT id FROM transaction WHERE lastmodifieddate = TO_TIMESTAMP(?, {MASK}) AND type = 'SalesOrd'"
    )
    assert [item["id"] for item in ask(query, "2026-06-30 20:00:00").items] == ["9"]
    assert ask(query, "2026-07-01 03:00:00").items == []
    assert len(ask(query, "2026-07-01 03:00:00", session_time_zone="UTC").items) == 1


def test_the_session_knows_its_zone_and_its_now(ask: Ask) -> None:
    query = f"SELECT SESSIONTIMEZONE AS tz, TO_CHAR(CURRENT_DATE, {MASK}) AS now, TO_CHAR(SYSDATE, {MASK}) AS server FROM DUAL"
    (item,) = ask(query, session_time_zone="Asia/Tokyo", now=datetime(2026, 1, 1, tzinfo=UTC)).items
    assert item == {
        "links": [],
        "tz": "Asia/Tokyo",
        "now": "2026-01-01 09:00:00",
        "server": "2025-12-31 16:00:00",
    }


def test_days_are_added_to_dates_and_dates_are_cut_to_the_day(ask: Ask) -> None:
    assert shown(ask, f"TO_CHAR(t.lastmodifieddate - 1.5, {MASK})") == "2026-06-29 08:00:00"
    assert shown(ask, f"TO_CHAR(TRUNC(t.lastmodifieddate), {MASK})") == "2026-06-30 00:00:00"
    assert shown(ask, "t.trandate - TO_DATE('2026-06-01', 'YYYY-MM-DD')") == "29"
