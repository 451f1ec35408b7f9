"""Order dates on the command line.

Belongs here: --from, --to, --month and --quarter, which several commands share.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Literal
from zoneinfo import ZoneInfo

import click

from ns_hs_orders.settings import load_settings


class OrderDate(click.ParamType[date]):
    """A date, YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or a usage error."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-11-20.", param, ctx)


class Period(click.ParamType[tuple[date, date]]):
    """A calendar month, YYYY-MM, or a quarter, YYYY-Qn, as its first and last day."""

    def __init__(self, name: Literal["YYYY-MM", "YYYY-Qn"]) -> None:
        self.name = name

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, date]:
        """Both days, or a usage error."""
        if isinstance(value, tuple):
            return value
        form = r"(?P<year>[0-9]{4})-" + (
            "(?P<month>0[1-9]|1[0-2])" if self.name == "YYYY-MM" else "Q(?P<quarter>[1-4])"
        )
        found = re.fullmatch(form, value, re.ASCII)
        if found is None or not int(found["year"]):
            example = "month such as 2026-11" if self.name == "YYYY-MM" else "quarter such as 2026-Q4"
            self.fail(f"{value!r} is not a {example}.", param, ctx)
        year = int(found["year"])
        if self.name == "YYYY-MM":
            start = end = int(found["month"])
        else:
            start = int(found["quarter"]) * 3 - 2
            end = start + 2
        return date(year, start, 1), date(year, end, monthrange(year, end)[1])


def range_options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds --from and --to, or in their place --month or --quarter; the command gets `first` and `last`.

    Order dates in the account's zone, both included. A month or quarter that is not over ends today; one in which the
    sync begins, begins with its first day.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_range(
            *arguments: Any,
            first: date | None,
            last: date | None,
            month: tuple[date, date] | None,
            quarter: tuple[date, date] | None,
            **options: Any,
        ) -> Any:
            period = month or quarter
            if (month and quarter) or (period and (first or last)):
                raise click.UsageError("Give --from and --to, or --month, or --quarter.")
            if period:
                first, last = _within_the_sync(*period)
            if (first is None) != (last is None) or (required and first is None):
                raise click.UsageError("Give both --from and --to, or --month, or --quarter.")
            if first and last and last < first:
                raise click.UsageError(
                    f"{first} to {last} is no range of days: its last day is before its first."
                )
            return command(*arguments, first=first, last=last, **options)

        for name, target, kind, words in reversed(
            (
                ("--from", "first", OrderDate(), "First order date."),
                ("--to", "last", OrderDate(), "Last order date."),
                ("--month", "month", Period("YYYY-MM"), "A whole month, or its days in the sync so far."),
                (
                    "--quarter",
                    "quarter",
                    Period("YYYY-Qn"),
                    "A whole quarter, or its days in the sync so far.",
                ),
            )
        ):
            with_range = click.option(name, target, type=kind, help=words)(with_range)
        return with_range

    return add


def _within_the_sync(first: date, last: date) -> tuple[date, date]:
    from ns_hs_orders.wiring.stage_options import first_day_of

    settings = load_settings()
    today = datetime.now(ZoneInfo(settings.netsuite_time_zone)).date()
    if first > today:
        raise click.UsageError(f"{first} is after today, {today} in NetSuite's time zone.")
    begins = first_day_of(settings)
    return begins if first < begins <= last else first, min(last, today)
