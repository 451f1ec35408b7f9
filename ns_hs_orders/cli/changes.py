"""`ns-hs-orders changes`: what changed since a number was reported.

Belongs here: arguments and printing. Does not belong here: what a change is (report/month_end/changes.py), or what is kept of
each report (state/proof/reported.py).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import click

from ns_hs_orders.cli.days import range_options
from ns_hs_orders.cli.printing import results
from ns_hs_orders.settings import load_settings


class Moment(click.ParamType[datetime]):
    """A date, that is the end of it, or a time; without a zone, in NetSuite's. The time zone is added later."""

    name = "YYYY-MM-DD[THH:MM]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, or a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            if "T" not in value and " " not in value:
                return datetime.combine(date.fromisoformat(value), time.max)
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a date such as 2026-11-20 or a time such as 2026-11-20T08:00.", param, ctx
            )


@click.command()
@click.option(
    "--since",
    required=True,
    type=Moment(),
    help="When the number was reported: a date (its end), or a time, in NetSuite's zone.",
)
@click.option("--until", type=Moment(), help="The later report, likewise. Default: the newest.")
@range_options(required=False)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def changes(
    since: datetime, until: datetime | None, first: date | None, last: date | None, *, as_json: bool
) -> int:
    """Tells which orders and returns are reported otherwise since then: amount, stage, date, owner, new or vanished.

    The number then, plus the net effect of the changes, is the number now, per currency; --from and --to choose
    order dates. Reads the state alone.
    """
    from ns_hs_orders.report.month_end.changes_text import print_changes
    from ns_hs_orders.report.status.text import NOTHING_RAN
    from ns_hs_orders.wiring.periods import changes_since

    settings = load_settings()
    zone = ZoneInfo(settings.netsuite_time_zone)
    now = datetime.now(UTC)
    start, end = _aware(since, zone), _aware(until, zone) if until else now
    if start > now:
        raise click.UsageError(
            f"--since is still to come: {start.astimezone(zone):%Y-%m-%d %H:%M %Z}, and a date is its end. Now is "
            f"{now.astimezone(zone):%Y-%m-%d %H:%M %Z}; for today's reports give a time, such as "
            f"{now.astimezone(zone):%Y-%m-%dT00:00}."
        )
    if end < start:
        raise click.UsageError("--until is before --since.")
    found = changes_since(settings, start, end, first, last)
    if as_json:
        document = {"mode": settings.mode} | (found.as_json() if found else {"currencies": [], "orders": []})
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif found is None:
        click.echo(NOTHING_RAN)
    else:
        print_changes(found, results(), zone)
    return 0


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
