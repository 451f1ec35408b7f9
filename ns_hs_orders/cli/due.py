"""`ns-hs-orders due`: the orders that are still to be written, and what a person decides about them.

Belongs here: arguments and printing. Does not belong here: what is due (state/orders/due.py).
"""

from __future__ import annotations

import json

import click

from ns_hs_orders.cli.person import person
from ns_hs_orders.cli.printing import results
from ns_hs_orders.errors import SyncError
from ns_hs_orders.settings import load_settings


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def due(context: click.Context, *, as_json: bool) -> int:
    """Lists the orders and returns that are still to be written: why, how often it failed, when it is tried next.

    They are named by NetSuite's internal id; `explain` tells the rest.
    """
    from datetime import UTC, datetime

    from ns_hs_orders.report.status.condition import line_json
    from ns_hs_orders.report.status.text import NOTHING_RAN, print_due
    from ns_hs_orders.wiring.on_call import due_orders, due_returns

    if context.invoked_subcommand is not None:
        return 0
    settings = load_settings()
    lines, returns = due_orders(settings), due_returns(settings)
    if as_json:
        document = {
            "mode": settings.mode,
            "orders": [line_json(line) for line in lines or ()],
            "returns": [line_json(line) for line in returns],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif lines is None:
        click.echo(NOTHING_RAN)
    else:
        print_due(lines, datetime.now(UTC), results())
        if returns:
            print_due(returns, datetime.now(UTC), results(), what="return")
    return 0


@due.command()
@click.argument("orders", nargs=-1, required=True, metavar="ORDER…")
@click.option("--by", required=True, help="Who decides it; told in the order's story.")
def close(orders: tuple[str, ...], by: str) -> int:
    """Gives up on these due orders or returns, by internal id, until NetSuite changes them again.

    Nothing in HubSpot is touched. Exit 2 when one of them is not due; the others are closed all the same.
    """
    from ns_hs_orders.wiring.on_call import close_due_orders

    wanted = list(dict.fromkeys(orders))
    closed = close_due_orders(load_settings(), wanted, person(by))
    if closed:
        click.echo(f"Closed until NetSuite changes them: {', '.join(one for one in wanted if one in closed)}")
    if others := [one for one in wanted if one not in closed]:
        raise SyncError(
            f"Not due, or closed already: {', '.join(others)}. `ns-hs-orders due` lists what is due, by internal id."
        )
    return 0


@due.command()
@click.argument("orders", nargs=-1, metavar="[ORDER…]")
@click.option("--all", "is_all", is_flag=True, help="All that are held now.")
@click.option("--by", required=True, help="Who decides it; told in the order's story.")
def approve(orders: tuple[str, ...], is_all: bool, by: str) -> int:
    """Lets held orders or returns go, by internal id: NetSuite really no longer has them, so HubSpot's copy may go too.

    They are taken out by the next round of the live lane; the approval holds for a day. Exit 2 when one of
    them is not held; the others are approved all the same.
    """
    from ns_hs_orders.wiring.on_call import approve_departures

    if is_all == bool(orders):
        raise click.UsageError("Name the orders, or give --all.")
    wanted = list(dict.fromkeys(orders))
    approved = approve_departures(load_settings(), None if is_all else wanted, person(by))
    if approved:
        click.echo(f"Approved: {', '.join(sorted(approved, key=lambda one: (len(one), one)))}")
    if others := [one for one in wanted if one not in approved]:
        raise SyncError(f"Not held for approval: {', '.join(others)}. `ns-hs-orders due` lists what is held.")
    if is_all and not approved:
        click.echo("No order is held for approval.")
    return 0


@due.command()
@click.argument("streams", nargs=-1, required=True, metavar="STREAM…")
@click.option("--by", required=True, help="Who decides it; told in `status`.")
def unread(streams: tuple[str, ...], by: str) -> int:
    """Leaves change streams unread that NetSuite no longer shows for good, so that `status` is silent about them.

    It holds until a stream is read again: when NetSuite shows it and loses it anew, `status` tells it anew.
    Exit 2 when one of them is read, or left unread already; the others are left all the same.
    """
    from ns_hs_orders.wiring.on_call import leave_streams_unread

    wanted = list(dict.fromkeys(streams))
    left = leave_streams_unread(load_settings(), wanted, person(by))
    if left:
        click.echo(f"Left unread: {', '.join(one for one in wanted if one in left)}")
    if others := [one for one in wanted if one not in left]:
        raise SyncError(
            f"Read, unknown, or left unread already: {', '.join(others)}. `ns-hs-orders status` names the streams "
            "that are not read."
        )
    return 0
