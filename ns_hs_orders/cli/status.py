"""`ns-hs-orders status`: one screen for whoever is on call.

Belongs here: arguments, printing and the exit code. Does not belong here: what needs a person (report/status/condition.py).
"""

from __future__ import annotations

import json

import click

from ns_hs_orders.cli.printing import results
from ns_hs_orders.settings import load_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(*, as_json: bool) -> int:
    """Tells what runs, how far behind it is, what is stuck with its dollars, and what to do next.

    Reads the state alone, so it works while NetSuite, HubSpot and Dagster are down. Exit 1 when something
    needs a person.
    """
    from ns_hs_orders.report.status.text import print_status
    from ns_hs_orders.wiring.on_call import status_now

    found = status_now(load_settings())
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        print_status(found, results())
    return 1 if found.needs_a_person else 0
