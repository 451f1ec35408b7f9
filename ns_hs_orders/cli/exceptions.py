"""`ns-hs-orders exceptions`: the orders that are not right, and what a person says about them.

Belongs here: arguments and printing. Does not belong here: what is an exception (reconcile/risk.py), or what is kept
of it (state/proof/exceptions.py).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import click

from ns_hs_orders.cli.days import OrderDate, range_options
from ns_hs_orders.cli.person import person
from ns_hs_orders.cli.printing import results
from ns_hs_orders.errors import SyncError
from ns_hs_orders.settings import load_settings

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.ports import KnownException

HOLDS = timedelta(days=30)
MOST_NAMED = 50


@click.group()
def exceptions() -> None:
    """Orders that the last reconciliation of their day found not right, and what people said about them.

    Reads the state alone, so it works while NetSuite, HubSpot and Dagster are down.
    """


@exceptions.command(name="list")
@click.option("--cause", help="Only those with this cause, such as 'edited in HubSpot'.")
@click.option("--owner", help="Only those of this sales rep; 'no owner' for those without one.")
@click.option(
    "--status",
    type=click.Choice(("open", "acknowledged", "all")),
    default="all",
    help="open: nobody has acknowledged it, or it changed or ran out since. Default: all.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def list_(
    cause: str | None, owner: str | None, status: Literal["open", "acknowledged", "all"], *, as_json: bool
) -> int:
    """Lists them by amount × age, with sums by cause and by owner; amounts of two currencies are never added."""
    from ns_hs_orders.report.exceptions import chosen, exceptions_json
    from ns_hs_orders.report.exceptions_text import print_exceptions
    from ns_hs_orders.report.status.text import NOTHING_RAN
    from ns_hs_orders.wiring.exceptions import risks_now

    settings = load_settings()
    _check_cause(cause)
    risks = risks_now(settings)
    found = chosen(risks or (), status=status, cause=cause, owner=owner)
    if as_json:
        click.echo(json.dumps(exceptions_json(found, settings.mode), indent=2, ensure_ascii=False))
    elif risks is None:
        click.echo(NOTHING_RAN)
    else:
        print_exceptions(found, results(), of_all=len(risks))
    return 0


@exceptions.command()
@click.argument("orders", nargs=-1, metavar="[ORDER…]")
@click.option("--by", required=True, help="Who acknowledges it; told in the order's story.")
@click.option("--reason", required=True, help="Why it may stay as it is for now.")
@click.option("--cause", help="Only while this is what is wrong with the order.")
@click.option("--all-of-cause", is_flag=True, help="All with the cause, in place of naming orders.")
@click.option("--until", type=OrderDate(), help="Last day that it holds, in UTC. Default: in 30 days.")
@range_options(required=False)
def ack(
    orders: tuple[str, ...],
    by: str,
    reason: str,
    cause: str | None,
    *,
    all_of_cause: bool,
    until: date | None,
    first: date | None,
    last: date | None,
) -> int:
    """Acknowledges what is wrong with these orders, by number or internal id; or all with a cause, of a month:
    --cause CAUSE --all-of-cause --month YYYY-MM.

    They are shown all the same, and come back as `reopened` when what is wrong changes, or after the last day.
    An acknowledgement that held until now is replaced, and told.
    Exit 2 when one of them is not wrong, or not in this way; the others are acknowledged all the same.
    """
    from ns_hs_orders.wiring.exceptions import acknowledge

    if all_of_cause == bool(orders) or (all_of_cause and cause is None):
        raise click.UsageError("Name the orders, or give --cause CAUSE --all-of-cause.")
    if not reason.strip():
        raise click.UsageError("Say why: --reason TEXT.")
    _check_cause(cause)
    today = datetime.now(UTC).date()
    holds_until = until or today + HOLDS
    if holds_until < today:
        raise click.UsageError(f"--until {holds_until} is over; give a day that is to come.")
    wanted = list(dict.fromkeys(orders))
    days = (first, last) if first and last else None
    found = acknowledge(
        load_settings(),
        None if all_of_cause else wanted,
        cause=cause,
        days=days,
        by=person(by),
        because=reason.strip(),
        until=holds_until,
    )
    _tell(f"Acknowledged until {holds_until}", found)
    _tell_replaced(found, today)
    which = "" if days is None else f" on {first} to {last}"
    _refuse_unknown(
        wanted, found, f"Not known to be wrong{which}" if cause is None else f"Not wrong by {cause!r}{which}"
    )
    if all_of_cause and not found:
        click.echo(f"No order has this cause{which}.")
    return 0


@exceptions.command()
@click.argument("orders", nargs=-1, required=True, metavar="ORDER…")
@click.option("--by", required=True, help="Who decides it; told in the order's story.")
def reopen(orders: tuple[str, ...], by: str) -> int:
    """Takes acknowledgements back, of orders by number or internal id.

    Exit 2 when one of them is not acknowledged; the others are reopened all the same.
    """
    from ns_hs_orders.wiring.exceptions import reopen as reopen_exceptions

    wanted = list(dict.fromkeys(orders))
    found = reopen_exceptions(load_settings(), wanted, person(by))
    _tell("Reopened", found)
    _refuse_unknown(wanted, found, "Not acknowledged")
    return 0


def _check_cause(cause: str | None) -> None:
    if cause is None:
        return
    from ns_hs_orders.reconcile.schema import CAUSES  # brings pandas, which takes its time

    if cause not in CAUSES:
        raise click.UsageError(f"There is no cause {cause!r}; causes are: {', '.join(CAUSES)}.")


def _tell(what: str, found: list[KnownException]) -> None:
    from ns_hs_orders.report.inert import inert

    names = sorted({one.found.order_number or one.found.order_id for one in found})
    if len(names) > MOST_NAMED:
        click.echo(f"{what}: {len(names):,} orders")
    elif names:
        click.echo(f"{what}: {', '.join(inert(name, 60) for name in names)}")


def _tell_replaced(found: list[KnownException], today: date) -> None:
    """Whose acknowledgements held until now, and until when; found: as they were before."""
    from ns_hs_orders.report.inert import inert

    before: dict[tuple[str, date], list[KnownException]] = {}
    for one in found:
        if one.acknowledged_by and one.acknowledged_until and one.status(today) == "acknowledged":
            before.setdefault((one.acknowledged_by, one.acknowledged_until), []).append(one)
    for (by, until), of_person in sorted(before.items()):
        _tell(f"In place of the acknowledgement by {inert(by, 60)} until {until}", of_person)


def _refuse_unknown(wanted: list[str], found: list[KnownException], what: str) -> None:
    known = {name for one in found for name in (one.found.order_id, one.found.order_number)}
    if others := [one for one in wanted if one not in known]:
        raise SyncError(f"{what}: {', '.join(others)}. `ns-hs-orders exceptions list` tells what is wrong.")
