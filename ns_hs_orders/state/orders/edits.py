"""What people changed in HubSpot and a reconciliation found, until a write overwrites it.

Belongs here: keeping the edits, and the `healed` event of the write that ends them. Does not belong here: what counts
as an edit (reconcile), or that write (order_states).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select

from ns_hs_orders.push.ports import Confirmation
from ns_hs_orders.reconcile.ports import HubSpotEdit
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.orders.events import OrderEvent, append_events
from ns_hs_orders.state.orders.rows import locked_rows
from ns_hs_orders.state.tables import hubspot_edits

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(list[HubSpotEdit])


def note_edits(
    state: State,
    edits: Mapping[str, Sequence[HubSpotEdit]],
    looked_at: Sequence[str],
    ticket: int,
    now: datetime,
) -> None:
    """Keeps the edits of each order that was looked at in place of what was kept of it before.

    An order confirmed with a higher ticket was written since it was looked at, so its edits are gone.
    """
    with state.read() as connection:
        kept = set(connection.scalars(select(hubspot_edits.c.order_id)))
    over = [one for one in looked_at if one in kept and one not in edits]
    for part in chunks([*over, *edits]):
        with state.write() as connection:
            rows = locked_rows(state, connection, part, make=False)
            connection.execute(delete(hubspot_edits).where(hubspot_edits.c.order_id.in_(part)))
            _keep(
                connection,
                {
                    one: edits[one]
                    for one in part
                    if one in edits and one in rows and rows[one].confirmed_ticket <= ticket
                },
                now,
            )


def heal_edits(connection: Connection, done: Sequence[Confirmation], run: str) -> None:
    """Tells in the story of each order which edits a write has overwritten; those that it left stay kept."""
    by_id = {one.order_id: one for one in done}
    rows = connection.execute(
        select(hubspot_edits.c.order_id, hubspot_edits.c.edits, hubspot_edits.c.found_at).where(
            hubspot_edits.c.order_id.in_(list(by_id))
        )
    ).all()
    if not rows:
        return
    connection.execute(
        delete(hubspot_edits).where(hubspot_edits.c.order_id.in_([row.order_id for row in rows]))
    )
    events = []
    for row in rows:
        one, edits = by_id[row.order_id], _DECODER.decode(row.edits)
        left = [
            edit
            for edit in edits
            if edit.hubspot_property is not None and edit.hubspot_property not in one.sent
        ]
        healed = {edit.field: _before_and_after(edit, one.sent) for edit in edits if edit not in left}
        if left:
            _keep(connection, {row.order_id: left}, row.found_at)
        if healed:
            events.append(
                OrderEvent(
                    row.order_id, one.confirmed_at, run, "healed", {"ticket": one.ticket, "fields": healed}
                )
            )
    append_events(connection, events)


def _before_and_after(edit: HubSpotEdit, sent: Mapping[str, str]) -> dict[str, str | None]:
    after = edit.netsuite
    if edit.is_reported:  # it was overwritten since NetSuite's value has become another one
        after = sent[edit.hubspot_property or ""] or None
    return {"before": edit.hubspot, "after": after}


def _keep(connection: Connection, edits: Mapping[str, Sequence[HubSpotEdit]], found_at: datetime) -> None:
    if edits:
        connection.execute(
            hubspot_edits.insert(),
            [
                {"order_id": order_id, "edits": _ENCODER.encode(list(found)).decode(), "found_at": found_at}
                for order_id, found in edits.items()
            ],
        )
