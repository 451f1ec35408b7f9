"""`ns-hs-orders sync`: carries orders into HubSpot, by days or by id.

Belongs here: arguments and printing. Does not belong here: how it is done (Dagster's jobs do it).
"""

from __future__ import annotations

import json
from datetime import date

import click

from ns_hs_orders.cli.days import range_options
from ns_hs_orders.cli.printing import progress, results
from ns_hs_orders.cli.reconcile import show
from ns_hs_orders.settings import load_settings


@click.command()
@range_options(required=False)
@click.option(
    "--orders", help="Single orders or returns by id or number, separated by commas, in place of days."
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def sync(first: date | None, last: date | None, orders: str | None, *, as_json: bool) -> int:
    """Makes HubSpot match NetSuite, then proves it. Runs Dagster's job in this process.

    Days are synced and proven in ranges of at most 31, orders and returns by their own dates; single ones are written
    without proving a day. Exit 1 when dollars differ afterwards, return records differ or could not be written, or a
    single order was not accepted.
    """
    from ns_hs_orders.defs import in_process

    settings = load_settings()
    if (orders is None) == (first is None and last is None) or (orders is None and not (first and last)):
        raise click.UsageError("Give either --from and --to, or --orders.")
    with progress(not as_json) as told:
        if orders is not None:
            wanted = [part.strip() for part in orders.split(",") if part.strip()]
            outcomes = in_process.sync_orders(settings, wanted, told)
        elif first and last:
            runs = list(in_process.sync_days(settings, first, last, told))
    if orders is None:
        return show(runs, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"mode": settings.mode, "orders": outcomes}, indent=2))
    else:
        from ns_hs_orders.report.tables import print_table

        names = ("number", "id", "outcome", "amount", "explanation")
        print_table(
            results(),
            f"mode {settings.mode}",
            ("order", "id", "outcome", "amount", "why"),
            [[str(row[name] or "") for name in names] for row in outcomes],
            right={"amount"},
            whole={"id", "outcome"},
            prose={"why"},
            longest=1000,
        )
    accepted = ("created", "updated", "unchanged", "skipped")
    return 0 if all(row["outcome"] in accepted for row in outcomes) else 1
