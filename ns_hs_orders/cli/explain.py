"""`ns-hs-orders explain`: the story of one order, or return.

Belongs here: arguments and printing. Does not belong here: the story (report/story/of_order.py).
"""

from __future__ import annotations

import json

import click

from ns_hs_orders.cli.printing import results
from ns_hs_orders.settings import load_settings


@click.command()
@click.argument("order")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def explain(order: str, *, as_json: bool) -> int:
    """Tells the story of ORDER, a number or an internal id of an order or return: what NetSuite says, what was checked,
    what happened, and what HubSpot holds now, field by field. A number of several tells all of them.

    Exit 1 when HubSpot's copy differs or the order needs a person.
    """
    from ns_hs_orders.report.story.text import print_story
    from ns_hs_orders.wiring.opening import open_session
    from ns_hs_orders.wiring.order_stories import tell_stories

    with open_session(load_settings()) as session:
        stories = tell_stories(session, order.strip())
    if as_json:
        click.echo(json.dumps([story.as_json() for story in stories], indent=2, ensure_ascii=False))
    else:
        for story in stories:
            print_story(story, results())
    return 1 if any(story.needs_a_person for story in stories) else 0
