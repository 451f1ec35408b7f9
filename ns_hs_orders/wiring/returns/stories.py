"""The story of a return, over a session: what both systems and the state of returns know of it.

Belongs here: gathering what the story needs. Does not belong here: the story (report.return_story).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ns_hs_orders.wiring.order_stories import due_text
from ns_hs_orders.wiring.remotes import hubspot_record_url
from ns_hs_orders.wiring.returns.session import ReturnsSession

if TYPE_CHECKING:
    from ns_hs_orders.report.story.of_order import Story


def tell_return_stories(session: ReturnsSession, named: str) -> list[Story]:
    """The story of each return with this number or internal id, known to NetSuite or the state; none where there is none."""
    from ns_hs_orders.extract.lookups import find_orders
    from ns_hs_orders.extract.returns.sources import RETURN_TYPE
    from ns_hs_orders.reconcile.netsuite_side import rows
    from ns_hs_orders.reconcile.read_back import read_held_orders
    from ns_hs_orders.report.story.of_order import StoryEvent
    from ns_hs_orders.report.story.of_return import tell_return
    from ns_hs_orders.setup.requirements import PARENT_LABEL
    from ns_hs_orders.state.proof.reported import ReportLog

    reports = ReportLog(session.home_state)
    ids = list(find_orders(session.netsuite, [named], RETURN_TYPE)[named])
    states = session.states.load(ids or [named, *reports.ids_numbered(named, returns=True)])
    ids = ids or list(states)
    if not ids:
        return []
    numbers = reports.numbers(ids)
    mapped = session.map(session.read_ids(ids))
    wanted = {one.key: one for one in session.wanted(mapped)}
    found = {
        row["order_id_netsuite"]: row
        for frame in (mapped.orders, mapped.quarantined, mapped.skipped)
        for row in rows(frame, list(frame.columns))
    }
    held = read_held_orders(
        session.hubspot.objects,
        session.hubspot.associations,
        ids,
        session.field_map,
        with_contacts=session.has_contacts,
    )
    orders: dict[str, dict[str, frozenset[int]]] = {}
    for end in session.hubspot.associations.read(
        "orders", "orders", [one.record_id for one in held.values()]
    ):
        orders.setdefault(end.from_id, {})[end.to_id] = end.type_ids
    kind = session.parent_kind
    due = {one.order_id: one for one in session.due_orders.all()}
    return [
        tell_return(
            one,
            mode=session.mode,
            field_map=session.field_map,
            row=found.get(one),
            lines=[
                line
                for line in rows(mapped.lines, list(mapped.lines.columns))
                if line["order_id_netsuite"] == one
            ],
            wanted=wanted.get(one),
            held=held.get(one),
            orders=orders.get(held[one].record_id, {}) if one in held else {},
            parent_kind=kind,
            parent_label=PARENT_LABEL.label if kind and kind.category == "USER_DEFINED" else "",
            state=states.get(one),
            last_number=numbers.get(one),
            events=[
                StoryEvent(event.at, event.run, event.happened, event.details)
                for event in session.events.story(one)
            ],
            due=due_text(due[one]) if one in due else None,
            link_netsuite=session.rules.return_url(one),
            url_hubspot=hubspot_record_url(session.settings, session.definitions.account_details()),
        )
        for one in ids
    ]
