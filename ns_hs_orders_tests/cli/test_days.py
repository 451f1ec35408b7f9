"""The days that a command is for: two dates, a month or a quarter."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner

from ns_hs_orders.cli.days import range_options


@click.command()
@range_options(required=True)
def days(first: date, last: date) -> None:
    click.echo(f"{first} {last}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "2026-01-05", "--to", "2026-01-07"], "2026-01-05 2026-01-07"),
        (["--month", "2024-02"], "2024-02-01 2024-02-29"),
        (["--quarter", "2025-Q4"], "2025-10-01 2025-12-31"),
        (["--quarter", "2025-Q1"], "2025-01-01 2025-03-31"),
    ],
)
def test_days_are_two_dates_or_a_month_or_a_quarter(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(days, arguments)
    assert (result.exit_code, result.output.strip()) == (0, told)


@pytest.mark.parametrize(
    ("month", "told"),
    [
        ("2024-02", "2024-02-10 2024-02-29"),
        ("2024-03", "2024-03-01 2024-03-31"),
        ("2024-01", "2024-01-01 2024-01-31"),
    ],
)
def test_a_month_in_which_the_sync_begins_begins_with_its_first_day(
    monkeypatch: pytest.MonkeyPatch, month: str, told: str
) -> None:
    monkeypatch.setenv("NS_HS_FIRST_DAY", "2024-02-10")
    assert CliRunner().invoke(days, ["--month", month]).output.strip() == told


def test_a_month_that_is_not_over_ends_today() -> None:
    def today() -> date:
        return datetime.now(ZoneInfo("America/Los_Angeles")).date()  # the default zone

    before = today()
    told = CliRunner().invoke(days, ["--month", f"{before:%Y-%m}"]).output.split()
    first, last = map(date.fromisoformat, told)
    assert first == before.replace(day=1)
    assert before <= last <= today()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Give both --from and --to, or --month, or --quarter."),
        (["--from", "2026-01-05"], "Give both"),
        (["--month", "2024-02", "--to", "2024-02-03"], "Give --from and --to, or --month, or --quarter."),
        (["--month", "2024-02", "--quarter", "2024-Q1"], "Give --from and --to"),
        (["--month", "2024-13"], "is not a month such as 2026-11"),
        (["--month", "0000-01"], "is not a month"),
        (["--quarter", "2024-Q5"], "is not a quarter such as 2026-Q4"),
        (["--quarter", "٢٠٢٤-Q1"], "is not a quarter"),
        (["--month", "2999-01"], "is after today"),
    ],
)
def test_days_that_are_none_are_refused_in_words(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(days, arguments)
    assert result.exit_code == 2
    assert told in result.output
