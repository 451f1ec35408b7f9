"""The story of an order, over a session: what both systems and the state know of it.

Belongs here: gathering what the story needs. Does not belong here: the story (report.story).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.live.ports import DueOrder
from ns_hs_orders.state.proof.reported import ReportLog
from ns_hs_orders.wiring.remotes import hubspot_record_url
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    from ns_hs_orders.report.story.of_order import Story


def tell_stories(session: Session, order: str) -> list[Story]:
    """The story of each order, or return, with this number or internal id, known to NetSuite, the state or HubSpot.

    Raises ConfigError where none of them knows it.
    """
    stories = _stories_of_orders(session, order)
    if session.settings.returns == "pipeline":
        from ns_hs_orders.wiring.returns.session import open_returns
        from ns_hs_orders.wiring.returns.stories import tell_return_stories

        with open_returns(session) as returns:
            told = tell_return_stories(returns, order)
        # a record that a return stands for is told as that
        ids = {story.order_id for story in told}
        stories = [story for story in stories if story.order_id not in ids] + told
    if not stories:
        if session.settings.returns == "amounts_only" and (where := _told_on_an_order(session, order)):
            raise ConfigError(where)
        if session.settings.returns == "off":
            raise ConfigError(
                f"Neither NetSuite, nor HubSpot, nor the state knows an order {order!r}. Returns are not looked for with "
                "NS_HS_RETURNS=off; `ns-hs-orders withdraw --plan` tells how many HubSpot still holds."
            )
        raise ConfigError(f"Neither NetSuite, nor HubSpot, nor the state knows an order or return {order!r}.")
    return stories


def _told_on_an_order(session: Session, named: str) -> str:
    """Where to look for a return that is no record of its own; "" where nothing of that name is a return."""
    from ns_hs_orders.extract.lookups import find_orders
    from ns_hs_orders.extract.returns.sources import RETURN_TYPE

    returns = find_orders(session.netsuite, [named], RETURN_TYPE)[named]
    if not returns:
        return ""
    orders = dict.fromkeys(session.returns_of_orders.find(returns).values())
    told = (
        " and ".join(f"`ns-hs-orders explain {one}`" for one in orders) or "the sync knows of no order of it"
    )
    return f"{named} is a return, and NS_HS_RETURNS=amounts_only tells returns on their orders alone: {told}."


def _stories_of_orders(session: Session, order: str) -> list[Story]:
    from ns_hs_orders.extract.lookups import find_orders
    from ns_hs_orders.mapping.judgement import judge
    from ns_hs_orders.mapping.raw import orders_with_lines
    from ns_hs_orders.reconcile.read_back import read_held_orders
    from ns_hs_orders.report.story.of_order import StoryEvent, tell

    reports = ReportLog(session.state)
    ids = list(find_orders(session.netsuite, [order])[order]) or [order, *reports.ids_numbered(order)]
    raw = session.read_ids([one for one in ids if one.isascii() and one.isdigit()])
    judged = {
        o.order_id_netsuite: judge(o, lines, session.rules)
        for o, lines in orders_with_lines(raw, *session.rules.added_columns)
    }
    wanted = {one.key: one for one in session.wanted(session.map(raw))}
    held = read_held_orders(
        session.hubspot.objects,
        session.hubspot.associations,
        ids,
        session.field_map,
        with_deals=ids if session.settings.deal_association == "on" else (),
        with_contacts=session.has_contacts,
    )
    states = session.states.load(ids)
    known = [one for one in ids if one in judged or one in held or one in states]
    numbers = reports.numbers(known)
    due = {one.order_id: one for one in session.due_orders.all()}
    url_hubspot = hubspot_record_url(session.settings, session.definitions.account_details())
    return [
        tell(
            one,
            mode=session.mode,
            field_map=session.field_map,
            judgement=judged.get(one),
            wanted=wanted.get(one),
            held=held.get(one),
            state=states.get(one),
            last_number=numbers.get(one),
            events=[
                StoryEvent(event.at, event.run, event.happened, event.details)
                for event in session.events.story(one)
            ],
            due=due_text(due[one]) if one in due else None,
            link_netsuite=session.rules.order_url(one),
            url_hubspot=url_hubspot,
        )
        for one in known
    ]


def due_text(due: DueOrder) -> str:
    """Why an order is due, and what becomes of it."""
    if due.closed_at:
        return f"{due.cause}, closed by {due.closed_by} on {due.closed_at:%Y-%m-%d %H:%M:%S} UTC until NetSuite changes it"
    return f"{due.cause}, {due.attempts} failed attempts, next try {due.next_try_at:%Y-%m-%d %H:%M:%S} UTC"
