"""`ns-hs-orders setup`: makes what HubSpot must have.

Belongs here: printing the plan and the manual steps. Does not belong here: what is needed (setup).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ns_hs_orders.cli.printing import LONGEST_LINE
from ns_hs_orders.errors import RemoteError
from ns_hs_orders.report.inert import inert
from ns_hs_orders.settings import Settings, load_settings

if TYPE_CHECKING:
    from ns_hs_orders.wiring.session import Session


@click.command()
@click.option("--plan", "plan_only", is_flag=True, help="Shows what would change, and changes nothing.")
def setup(*, plan_only: bool) -> int:
    """Makes the property groups, our properties, the pipelines of orders and returns, the label between a return and its
    order, and segments of orders in HubSpot. Writes no order. Safe to repeat.

    Exit 1 when HubSpot refused something that a person must make by hand; the steps are printed.
    """
    return provision(load_settings(), plan_only=plan_only)


def provision(settings: Settings, *, plan_only: bool = False) -> int:
    """The same for settings at hand; returns the exit code: 1 where manual steps are left."""
    from ns_hs_orders.setup.plan import Step, apply, wait_until_visible
    from ns_hs_orders.wiring.check_up import (
        check_rules,
        look_at_pipelines,
        reading_steps,
        setup_steps,
        what_settings_name,
    )
    from ns_hs_orders.wiring.opening import open_session
    from ns_hs_orders.wiring.patience import PROMPT

    # NetSuite is asked for notes alone, so nobody waits long where it does not answer
    with open_session(settings, patience=PROMPT) as session:
        check_rules(session)
        click.echo(f"Mode {session.mode}: HubSpot portal {session.definitions.account_details().portal_id}")

        def missing(problems: Sequence[str] = ()) -> list[Step]:
            needed = setup_steps(session, problems)
            optional, warnings = reading_steps(session)
            for warning in warnings:
                if warning not in warned:
                    _note(warning)
                    warned.append(warning)
            return [step for step in (*needed, *optional) if step.what not in left_out]

        left_out: set[str] = set()
        warned: list[str] = []
        problems, notes = what_settings_name(session)
        for note in notes:
            _note(note)
        steps = missing(problems)
        _tell_of_others(session)
        if not steps:
            click.echo("Nothing to change.")
            return 0
        if plan_only:
            for step in steps:
                click.echo(f"would make  {step.what}")
            click.echo(f"{_changes(len(steps))}; nothing was changed.")
            return 0
        session.check_portal()
        told: list[str] = []

        def tell(text: str) -> None:
            told.append(text)
            click.echo(inert(text, LONGEST_LINE))

        manual = apply(steps, tell)
        refused = [step for step in steps if any(one.startswith(f"not made {step.what}") for one in told)]
        left_out |= {step.what for step in refused}  # nobody waits for what the sync does without
        if manual:
            click.echo("\nHubSpot refused these; make them by hand, then run setup again:")
            for number, text in enumerate(manual, start=1):
                click.echo(f"{number}. {inert(text, LONGEST_LINE)}")
            return 1
        hidden = wait_until_visible(missing, session.hubspot.clock.sleep)
        look_at_pipelines(session)
    click.echo(f"{_changes(len(steps) - len(refused))} made.")
    if hidden:
        click.echo(
            f"HubSpot does not show these yet: {', '.join(step.what for step in hidden)}. Run doctor before the first sync."
        )
    return 0


def _tell_of_others(session: Session) -> None:
    """A note on stderr where something else wrote orders, or where that cannot be seen; never a reason to stop."""
    from ns_hs_orders.wiring.check_up import foreign_orders

    try:
        told = foreign_orders(session).sentence
    except RemoteError as error:
        told = f"Whether something else wrote orders in HubSpot cannot be seen: {error}"
    if told:
        _note(told)


def _note(text: str) -> None:
    click.echo(f"Note: {inert(text, LONGEST_LINE)}", err=True)


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"
