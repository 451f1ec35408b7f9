"""`ns-hs-orders setup`: makes what HubSpot must have.

Belongs here: printing the plan and the manual steps. Does not belong here: what is needed (setup).
"""

from __future__ import annotations

import click

from ns_hs_orders.settings import Settings, load_settings


@click.command()
@click.option("--plan", "plan_only", is_flag=True, help="Shows what would change, and changes nothing.")
def setup(*, plan_only: bool) -> int:
    """Makes the property group, our properties and the order pipeline in HubSpot. Safe to repeat."""
    return provision(load_settings(), plan_only=plan_only)


def provision(settings: Settings, *, plan_only: bool = False) -> int:
    """The same for settings at hand; returns the exit code: 1 where manual steps are left."""
    from ns_hs_orders.setup.plan import apply, plan
    from ns_hs_orders.wiring import open_session

    with open_session(settings) as session:
        steps = plan(
            session.definitions,
            session.field_map,
            pipeline_id=settings.hubspot_pipeline_id,
            stage_ids=settings.hubspot_stage_ids,
        )
        if plan_only:
            for step in steps:
                click.echo(f"would make  {step.what}")
            click.echo(f"{len(steps)} changes; nothing was changed." if steps else "Nothing to change.")
            return 0
        if steps:
            session.check_portal()
        manual = apply(steps, click.echo)
    if manual:
        click.echo("\nHubSpot refused these; make them by hand, then run setup again:")
        for number, text in enumerate(manual, start=1):
            click.echo(f"{number}. {text}")
        return 1
    click.echo(f"{len(steps)} changes made." if steps else "Nothing to change.")
    return 0
