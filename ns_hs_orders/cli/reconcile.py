"""`ns-hs-orders reconcile`: both systems compared, to the cent.

Belongs here: arguments and printing. Does not belong here: the comparison (reconcile) or its views (report).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from ns_hs_orders.cli.days import range_options
from ns_hs_orders.cli.printing import LONGEST_LINE, progress, results
from ns_hs_orders.cli.report_files import ReportFiles, file_options
from ns_hs_orders.report.inert import inert
from ns_hs_orders.settings import load_settings

if TYPE_CHECKING:
    from ns_hs_orders.defs.in_process import DaysRun
    from ns_hs_orders.reconcile.sales.definition import SalesDefinition
    from ns_hs_orders.reconcile.schema import Reconciliation


@click.command()
@range_options(required=True)
@file_options
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option(
    "--definition",
    metavar="VERSION",
    help="Sales dollars by the definition of a number reported before, such as sales-1-3f9a0c.",
)
def reconcile(first: date, last: date, *, files: ReportFiles, as_json: bool, definition: str | None) -> int:
    """Reads both systems again and compares every order of the days; changes no order in HubSpot.

    What it tells on each order there is whether its dollars are verified (NS_HS_TRUST_PROPERTIES).

    What differs is made due, so that the next sync writes it; return records are compared, too. Exit 0 when every
    accepted order agrees, nothing is unexplained, and return records agree, 1 otherwise. Files are replaced whole, or left as they were.
    """
    from ns_hs_orders.defs import in_process
    from ns_hs_orders.wiring.definitions import find_definition

    settings = load_settings()
    chosen = None if definition is None else find_definition(settings, definition)
    files.prepare()
    with progress(not as_json) as told:
        runs = list(in_process.reconcile_days(settings, first, last, told))
    return show(runs, as_json=as_json, definition=chosen, files=files)


def show(
    runs: Sequence[DaysRun],
    *,
    as_json: bool,
    definition: SalesDefinition | None = None,
    files: ReportFiles | None = None,
) -> int:
    """Prints the runs' reconciliations as one, writes its files, and returns its exit code."""
    from ns_hs_orders.errors import SyncError
    from ns_hs_orders.reconcile.merge import merge
    from ns_hs_orders.reconcile.result import redefined
    from ns_hs_orders.report.as_json import as_json as to_json
    from ns_hs_orders.report.checks import exit_code
    from ns_hs_orders.report.text import print_report
    from ns_hs_orders.wiring.on_call import left_by_state

    made = [run.reconciliation for run in runs if run.reconciliation is not None]
    if not made:
        raise SyncError("No day was reconciled; see the run in the UI.")
    result = merge(made)
    if len(made) > 1:
        _publish_whole(result)
    if definition is not None:
        result = redefined(result, definition)
    if as_json:
        click.echo(json.dumps(to_json(result), indent=2, ensure_ascii=False))
    else:
        print_report(result, results())
    if left := left_by_state(load_settings()):
        click.echo(f"ns-hs-orders: {left.what} {left.what_to_do}", err=True)
    if files is not None and files.are_wanted:
        from ns_hs_orders.wiring.reports import review_of

        for path in files.write(review_of(load_settings(), result)):
            click.echo(f"written: {path}", err=True)
    return max(exit_code(result), *(0 if run.returns_agree else 1 for run in runs))


def _publish_whole(result: Reconciliation) -> None:
    """The report of a range of several runs; one that cannot be written is told, since the proof holds without it."""
    from ns_hs_orders.errors import SyncError
    from ns_hs_orders.wiring.reports import publish_whole

    try:
        click.echo(f"report of the whole range: {publish_whole(load_settings(), result)}", err=True)
    except SyncError as error:
        click.echo(f"ns-hs-orders: no report of the whole range: {inert(str(error), LONGEST_LINE)}", err=True)
