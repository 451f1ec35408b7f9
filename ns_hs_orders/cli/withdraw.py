"""`ns-hs-orders withdraw`: takes out of HubSpot what returns left there after NS_HS_RETURNS was changed.

Belongs here: arguments and printing. Does not belong here: what is left (withdraw/left.py), or how it goes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ns_hs_orders.cli.person import person
from ns_hs_orders.cli.printing import LONGEST_LINE, progress
from ns_hs_orders.report.inert import inert
from ns_hs_orders.settings import load_settings

if TYPE_CHECKING:
    from ns_hs_orders.wiring.returns.withdrawal import Withdrawn


@click.command()
@click.option("--plan", "is_plan", is_flag=True, help="Shows what would go, and writes nothing.")
@click.option("--by", help="Who decides it; told in the story of each order and return.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def withdraw(*, is_plan: bool, by: str | None, as_json: bool) -> int:
    """Takes out of HubSpot what NS_HS_RETURNS put there before it was changed, and keeps up no more.

    With `amounts_only` and `off` the return records are archived with their lines; with `off` the return amounts on
    orders are emptied, too. Exit 1 when some of it is still there.
    """
    from uuid import uuid4

    from ns_hs_orders.progress import sentence
    from ns_hs_orders.wiring.opening import open_session
    from ns_hs_orders.wiring.returns.session import open_returns
    from ns_hs_orders.wiring.returns.withdrawal import Withdrawn, left_in_hubspot
    from ns_hs_orders.wiring.returns.withdrawal import withdraw as take_out

    if is_plan == bool(by):
        raise click.UsageError("Give --plan to look, or --by NAME to take out.")
    settings = load_settings()
    with progress(not as_json) as told, open_session(settings) as session:

        def tell(what: str, done: int, total: int, seconds_left: float | None = None) -> None:
            told(sentence(what, done, total, seconds_left))

        if is_plan:
            done = Withdrawn(left_in_hubspot(session), planned=True)
        else:
            with open_returns(session) as returns:
                run = f"withdraw {uuid4().hex[:8]}"
                done = take_out(session, returns, by=person(by or ""), run=run, progress=tell)
    if as_json:
        click.echo(json.dumps(_document(done, settings.mode), indent=2, ensure_ascii=False))
    else:
        _print(done)
    return 1 if done.problems else 0


def _print(done: Withdrawn) -> None:
    if done.planned:
        click.echo(done.left.what + (" Nothing was written." if done.left else ""))
        return
    click.echo(
        f"{done.records:,} return records were archived with their lines; return amounts were emptied on "
        f"{done.orders:,} orders."
    )
    for problem in done.problems:
        click.echo(inert(f"{problem} Run it again; HubSpot's index may lag behind.", LONGEST_LINE))


def _document(done: Withdrawn, mode: str) -> dict[str, object]:
    return {
        "mode": mode,
        "setting": done.left.setting,
        "planned_only": done.planned,
        "found": {"records": done.left.records, "orders": done.left.orders},
        "archived_records": done.records,
        "emptied_orders": done.orders,
        "problems": list(done.problems),
    }
