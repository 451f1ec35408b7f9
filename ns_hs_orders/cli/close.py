"""`ns-hs-orders close`: month's end.

Belongs here: arguments and printing. Does not belong here: when a month may be closed (report/month_end/periods.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ns_hs_orders.cli.person import person
from ns_hs_orders.cli.printing import results
from ns_hs_orders.errors import SyncError
from ns_hs_orders.settings import Settings, load_settings

if TYPE_CHECKING:
    from ns_hs_orders.report.month_end.periods import Month, Obstacle, PeriodNow
    from ns_hs_orders.report.ports import PeriodEvent


@click.command()
@click.argument("month", required=False, metavar="[YYYY-MM]")
@click.option("--list", "is_list", is_flag=True, help="The closed months, and what changed in each since.")
@click.option(
    "--show",
    "is_show",
    is_flag=True,
    help="The month as closed and what changed since; of an open one, what is missing.",
)
@click.option("--reopen", "is_reopen", is_flag=True, help="Opens a closed month again.")
@click.option("--by", help="Who closes or reopens it.")
@click.option("--reason", help="Why it is reopened.")
@click.option("--json", "as_json", is_flag=True, help="--list and --show for machines.")
def close(
    month: str | None,
    by: str | None,
    reason: str | None,
    *,
    is_list: bool,
    is_show: bool,
    is_reopen: bool,
    as_json: bool,
) -> int:
    """Closes a month of order dates for finance: `close 2026-10 --by NAME`.

    It must be over, each day of it reconciled, no dollars unexplained, and each exception acknowledged; else exit 1
    and a list of what is missing. Later changes to it are kept apart as post-close adjustments: --show tells them.
    """
    if sum((is_list, is_show, is_reopen)) > 1 or (month is None) != is_list:
        raise click.UsageError(
            "Give a month such as 2026-10, with at most one of --show and --reopen; or --list."
        )
    if as_json and not (is_list or is_show):
        raise click.UsageError("--json goes with --list or --show.")
    settings = load_settings()
    if month is None:
        return _list(settings, as_json=as_json)
    chosen = _month(month)
    if is_show:
        return _show(settings, chosen, as_json=as_json)
    if is_reopen:
        return _reopen(settings, chosen, by or "", reason or "")
    return _close(settings, chosen, person(by or ""))


def _close(settings: Settings, month: Month, by: str) -> int:
    from ns_hs_orders.report.month_end.periods_text import print_obstacles
    from ns_hs_orders.wiring.periods import close_month

    if missing := close_month(settings, month, by):
        print_obstacles(month, missing, results())
        return 1
    return _show(settings, month)


def _show(settings: Settings, month: Month, *, as_json: bool = False) -> int:
    from ns_hs_orders.report.month_end.periods_text import print_closed, print_obstacles, print_story
    from ns_hs_orders.wiring.periods import months_now, what_is_missing

    closed, story = months_now(settings, month)
    missing = [] if closed else what_is_missing(settings, month)
    if as_json:
        _print_json(closed, story, missing)
    elif closed:
        print_closed(closed[0], story, results())
    else:
        print_obstacles(month, missing, results())
        print_story(story, results())
    return 0


def _reopen(settings: Settings, month: Month, by: str, reason: str) -> int:
    from ns_hs_orders.wiring.periods import reopen_month

    if not reason.strip():
        raise click.UsageError("Say why it is reopened: --reason TEXT.")
    if not reopen_month(settings, month, by=person(by), because=reason.strip()):
        raise SyncError(f"{month} is not closed. `ns-hs-orders close --list` lists the closed months.")
    click.echo(f"{month} is open again.")
    return 0


def _list(settings: Settings, *, as_json: bool) -> int:
    from ns_hs_orders.report.month_end.periods_text import print_months
    from ns_hs_orders.wiring.periods import months_now

    closed, story = months_now(settings)
    if as_json:
        _print_json(closed, story)
    else:
        print_months(closed, story, results())
    return 0


def _print_json(
    closed: Sequence[PeriodNow], story: Sequence[PeriodEvent], missing: Sequence[Obstacle] = ()
) -> None:
    from ns_hs_orders.report.month_end.periods import months_json

    click.echo(json.dumps(months_json(closed, story, missing), indent=2, ensure_ascii=False))


def _month(text: str) -> Month:
    from ns_hs_orders.report.month_end.periods import Month

    try:
        return Month.parse(text)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
