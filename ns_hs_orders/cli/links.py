"""`ns-hs-orders links`: each order's address in HubSpot, as a file that NetSuite's own CSV import takes.

Belongs here: arguments and the file's form. Does not belong here: addresses (wiring).
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import click

from ns_hs_orders.cli.days import range_options
from ns_hs_orders.cli.paths import LocalPath
from ns_hs_orders.files import private_folder, write_file
from ns_hs_orders.settings import load_settings

COLUMNS = ("Internal ID", "HubSpot link")


@click.command()
@range_options(required=True)
@click.option(
    "--csv",
    "target",
    type=LocalPath(dir_okay=False),
    help="File to write; without it, stdout. Folders are made.",
)
def links(*, first: date, last: date, target: Path | None) -> int:
    """Tells where the orders of these days stand in HubSpot: internal id and link, as CSV.

    NetSuite's CSV import puts the links on the orders, in a field of your own; nothing is written to NetSuite from here.
    Orders that the sync has not written yet have no link.
    """
    from ns_hs_orders.wiring.opening import open_session
    from ns_hs_orders.wiring.record_links import links_to_hubspot

    if target is not None:
        private_folder(target.parent)
    with open_session(load_settings()) as session:
        rows = links_to_hubspot(session, first, last)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    if target is None:
        click.echo(text.getvalue(), nl=False)
    else:
        write_file(target, text.getvalue().encode())
        told = "1 link" if len(rows) == 1 else f"{len(rows):,} links"
        click.echo(f"{told} written to {target}.", err=True)
    if not rows:
        click.echo("No order of these days is in HubSpot: `ns-hs-orders sync` writes them.", err=True)
    return 0
