"""The rules alone: what changed, when a digest is due, addresses, links."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ns_hs_orders.alerts.changes import compare
from ns_hs_orders.alerts.conditions import Condition, Places
from ns_hs_orders.alerts.delivery import addresses
from ns_hs_orders.alerts.digest import Digest, begin, is_due
from ns_hs_orders.alerts.inert import inert
from ns_hs_orders.alerts.messages import digest_message
from ns_hs_orders.alerts.ports import KeptCondition, Synced

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")


def kept(state: str, told_at: datetime | None = NOW, since: datetime = NOW) -> dict[str, KeptCondition]:
    return {"a": KeptCondition("a", state, "A.", since, told_at)}  # type: ignore[arg-type]


def test_what_is_over_and_told_is_forgotten_after_a_month() -> None:
    assert compare(kept("over"), {}, NOW).dropped == ()
    assert compare(kept("over", since=NOW - timedelta(days=31)), {}, NOW).dropped == ("a",)
    assert compare(kept("over", None, NOW - timedelta(days=31)), {}, NOW).dropped == ()


def test_what_holds_still_is_not_written_again() -> None:
    changes = compare(kept("open"), {"a": Condition("a", "A, worse.")}, NOW + timedelta(hours=1))
    assert (changes.written, changes.dropped) == ((), ())


@pytest.mark.parametrize(
    "last_day, moment, due",
    [
        (None, "2026-11-20 07:59", False),
        (None, "2026-11-20 08:00", True),
        ("2026-11-19", "2026-11-20 08:00", True),
        ("2026-11-20", "2026-11-20 23:59", False),
        ("2026-11-20", "2026-11-21 00:30", False),
        ("2026-10-31", "2026-11-01 08:00", True),  # the day has 25 hours
    ],
)
def test_a_digest_is_due_once_a_day_of_the_zone(last_day: str | None, moment: str, due: bool) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    last = datetime.fromisoformat(last_day).date() if last_day else None
    assert is_due(time(8), ZONE, last, now) is due
    assert is_due(None, ZONE, last, now) is False


def test_a_digest_counts_from_the_last_one_a_month_at_most() -> None:
    assert begin(None, NOW) == NOW - timedelta(days=1)
    assert begin(NOW - timedelta(days=3), NOW) == NOW - timedelta(days=3)
    assert begin(NOW - timedelta(days=300), NOW) == NOW - timedelta(days=31)


def test_addresses_are_parted_by_commas_and_whitespace_and_known_by_place_and_kind() -> None:
    urls = " slack://a/b/c,mailto://u:p@host?to=x@y,z@y\n\tJSONS://host/ , "
    assert addresses(urls) == {
        "1 (slack)": "slack://a/b/c",
        "2 (mailto)": "mailto://u:p@host?to=x@y,z@y",
        "3 (jsons)": "JSONS://host/",
    }
    assert addresses(" , ") == {}


def test_a_link_holds_an_id_of_any_form_without_being_led_elsewhere() -> None:
    places = Places("https://dagster.example", "https://n.example/?id={id}", "")
    (link,) = places.order("1&x=../)[", "7")
    assert link.url == "https://n.example/?id=1%26x%3D..%2F%29%5B"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("plain 1.5 at 10:00, sync_days", "plain 1.5 at 10:00, sync_days"),
        ("see https://evil.example", "see https：//evil․example"),
        ("mailto:a@b.example", "mailto：a＠b․example"),
        ("a\r\n\u2028b\u200b", "a b"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_inert_text_stays_readable(text: str, expected: str) -> None:
    assert inert(text) == expected


def test_the_digest_lists_stuck_returns_apart_from_stuck_orders() -> None:
    digest = Digest(
        since=NOW - timedelta(days=1),
        until=NOW,
        synced=Synced({}, {}, ()),
        red_days=(),
        stuck=(),
        stuck_minor={},
        stuck_returns=[Condition("return stuck: 71", "Return 71 is stuck: 30.00 USD.")],
    )
    body = digest_message("sandbox", digest, ZoneInfo("UTC")).body
    assert body.splitlines()[-3:] == [
        "- **Stuck orders:** none",
        "- **Stuck returns:** 1",
        "- **Return 71 is stuck: 30.00 USD.**",
    ]
