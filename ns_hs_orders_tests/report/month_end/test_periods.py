"""What keeps a month open, and the check of closed ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ns_hs_orders.reconcile.ports import FoundException, KnownException, ReportedDay
from ns_hs_orders.report.month_end.changes import Changes, CurrencyChange
from ns_hs_orders.report.month_end.periods import (
    Month,
    Obstacle,
    PeriodNow,
    closed_periods_are_unchanged,
    obstacles,
)
from ns_hs_orders.report.ports import DayJudged, MonthSeen, Period

FIRST, LAST = date(2026, 10, 29), date(2026, 10, 31)
DAYS = (FIRST, date(2026, 10, 30), LAST)
TODAY = date(2026, 11, 3)
NOW = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)


def sums(on: date, **more: Any) -> ReportedDay:
    return replace(ReportedDay(on, "USD", 1000, 1000, 0, True, "sales-1"), **more)


def wrong(
    order_id: str, until: date | None = None, on: date = LAST, cause: str = "rejected"
) -> KnownException:
    found = FoundException(
        order_id, on, cause, "missing in HubSpot", "a", f"SO{order_id}", None, None, "USD", 100, -100, "", None, None
    )  # fmt: skip
    if until is None:
        return KnownException(found, NOW, NOW)
    return KnownException(found, NOW, NOW, "Ann", "known", until, "a")


def month(*exceptions: KnownException, **changes: Any) -> MonthSeen:
    """A month of three days that is ready to be closed, but for what is changed of it."""
    days = {on: DayJudged(on, "proven", has_changed=False) for on in DAYS} | changes.pop("days", {})
    kept = tuple(sums(on) for on in DAYS)
    return replace(MonthSeen(FIRST, LAST, days, kept, exceptions), **changes)


OTHERS = (sums(FIRST), sums(DAYS[1]))


def codes(seen: MonthSeen) -> list[str]:
    return [one.code for one in obstacles(seen, TODAY)]


def test_a_month_that_is_proven_and_explained_can_be_closed() -> None:
    assert codes(month()) == []


def test_a_red_day_is_no_obstacle_where_each_of_its_exceptions_is_acknowledged() -> None:
    red = {LAST: DayJudged(LAST, "red", has_changed=False)}

    assert codes(month(wrong("1", TODAY), days=red)) == []
    assert codes(month(days=red)) == ["red_days"]


@pytest.mark.parametrize(
    "seen, code",
    [
        (month(days={LAST: DayJudged(LAST, None, has_changed=True)}), "not_reconciled"),
        (month(days={LAST: DayJudged(LAST, "proven", has_changed=True)}), "changed_since"),
        (month(sums=(sums(FIRST), sums(DAYS[1]))), "not_reconciled"),
        (month(sums=(*OTHERS, sums(LAST, definition="sales-2"))), "other_definition"),
        (month(sums=(*OTHERS, sums(LAST, unexplained_minor=5))), "unexplained"),
        (month(sums=(*OTHERS, sums(LAST, counts_agree=False))), "orders_missed"),
        (month(wrong("1")), "not_acknowledged"),
        (month(wrong("1", TODAY - timedelta(days=1))), "not_acknowledged"),
    ],
)
def test_each_thing_that_is_missing_keeps_the_month_open(seen: MonthSeen, code: str) -> None:
    assert codes(seen) == [code]


def test_a_day_that_nobody_reconciled_is_named_with_the_command_that_does() -> None:
    without = month()
    seen = replace(without, days={on: day for on, day in without.days.items() if on != FIRST})

    assert obstacles(seen, TODAY) == [
        Obstacle(
            "not_reconciled",
            "1 day without a reconciliation whose numbers are kept: 2026-10-29.",
            "ns-hs-orders reconcile --from 2026-10-29 --to 2026-10-29",
        )
    ]


def test_what_is_not_acknowledged_is_named_by_cause_with_the_command_that_does() -> None:
    exceptions = [wrong(str(n)) for n in range(7)]

    found = obstacles(month(*exceptions, wrong("9", cause="quarantined"), wrong("8", TODAY)), TODAY)

    assert [one.what for one in found] == [
        "1 order not right and not acknowledged, quarantined: SO9.",
        "7 orders not right and not acknowledged, rejected: SO0, SO1, SO2, SO3, SO4 and 2 more.",
    ]
    assert found[0].do == "Mend it, or: ns-hs-orders exceptions ack --by NAME --reason TEXT SO9"


def test_a_command_to_copy_holds_no_name_that_a_shell_would_run() -> None:
    odd = "SO1; $(touch /tmp/x) `id`"
    ids = {"7": odd, "$(id)": odd, "8": "-rf", "9": "SO-9/2"}
    exceptions = [
        replace(one := wrong(key), found=replace(one.found, order_number=name)) for key, name in ids.items()
    ]

    (found,) = obstacles(month(*exceptions), TODAY)

    assert odd in found.what
    assert found.do.endswith("exceptions ack --by NAME --reason TEXT 7 '$(id)' 8 SO-9/2")
    of_hubspot = wrong("-1; ls")
    (found,) = obstacles(
        month(replace(of_hubspot, found=replace(of_hubspot.found, order_number=None))), TODAY
    )
    assert found.do.endswith("--reason TEXT -- '-1; ls'")


def test_rests_of_two_days_that_cancel_are_not_explained_all_the_same() -> None:
    rests = (sums(FIRST, unexplained_minor=5), sums(DAYS[1]), sums(LAST, unexplained_minor=-5))

    (one,) = obstacles(month(sums=rests), TODAY)

    assert (one.code, one.what) == (
        "unexplained",
        "2 days with dollars that no cause explains (0.05 USD, -0.05 USD): 2026-10-29, 2026-10-31.",
    )


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "october", "2026-10-01", "0000-01"])
def test_only_a_month_is_a_month(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month such as 2026-10"):
        Month.parse(text)


def test_a_month_knows_its_days() -> None:
    assert (Month.parse("2026-10").first, Month.parse("2026-10").last) == (date(2026, 10, 1), LAST)
    assert Month.parse("2028-02").last == date(2028, 2, 29)
    assert str(Month.parse("2026-02")) == "2026-02"


def closed(changed: int, redefined: int = 0) -> PeriodNow:
    currency = CurrencyChange(
        "USD", 5000, int(bool(changed)), changed, 0, redefined, 0, 0, 5000 + changed + redefined
    )
    changes = Changes(NOW, NOW, date(2026, 10, 1), LAST, (), (currency,))
    return PeriodNow(Period("2026-10", NOW, "Ann", {"USD": 5000}, "{}", 2), changes)


def test_the_check_of_closed_months_shows_its_numbers_when_it_is_green() -> None:
    check = closed_periods_are_unchanged([closed(0, redefined=-30)])

    assert (check.passed, check.is_warning) == (True, True)
    assert check.summary == "2026-10: as closed."
    assert check.numbers == {
        "closed months": 1,
        "orders changed after closing": 0,
        "2026-10 USD as closed": "50.00 USD",
        "2026-10 USD changed since": "0.00 USD",
    }
    nothing = closed_periods_are_unchanged([])
    assert (nothing.passed, nothing.numbers) == (
        True,
        {"closed months": 0, "orders changed after closing": 0},
    )


def test_the_check_of_closed_months_warns_with_month_and_net_effect() -> None:
    check = closed_periods_are_unchanged([closed(-125)])

    assert (check.passed, check.is_warning) == (False, True)
    assert "2026-10: 0 orders, net effect -1.25 USD" in check.summary
    assert "`ns-hs-orders close 2026-10 --show`" in check.summary
    assert check.numbers["2026-10 USD changed since"] == "-1.25 USD"
