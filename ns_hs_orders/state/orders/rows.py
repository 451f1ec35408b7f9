"""Rows of orders and links: locking them for a write, and reading them whole.

Belongs here: SELECTs of order_states and order_links. Does not belong here: what may be written (order_states).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from ns_hs_orders.push.ports import Claim, Confirmation, Link, LinkKind, OrderState
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.orders.verdicts import StateRow
from ns_hs_orders.state.tables import order_links, order_states

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(dict[str, str])

_ROW = (
    order_states.c.order_id,
    order_states.c.outcome,
    order_states.c.reason,
    order_states.c.fingerprint,
    order_states.c.confirmed_ticket,
    order_states.c.newest_ticket,
    order_states.c.order_on,
    order_states.c.total_minor,
    order_states.c.currency,
    order_states.c.lease_holder,
    order_states.c.lease_until,
    order_states.c.written,
)


def written_digests(text: str | None) -> dict[str, str]:
    """Digests of written values, from the text in which they are kept."""
    return _DECODER.decode(text) if text else {}


def written_text(digests: Mapping[str, str]) -> str | None:
    """The text in which digests of written values are kept, None for none."""
    return _ENCODER.encode(digests).decode() if digests else None


def locked_rows(
    state: State, connection: Connection, order_ids: Sequence[str], *, make: bool = True
) -> dict[str, StateRow]:
    """The rows of these orders, locked until the transaction ends; missing ones are made first."""
    rows: dict[str, StateRow] = {}
    for ids in chunks(order_ids):
        rows.update(_rows(connection, ids))
        if make and (missing := [one for one in ids if one not in rows]):
            connection.execute(
                state.insert_or_ignore(order_states),
                [{"order_id": one, "confirmed_ticket": 0, "newest_ticket": 0} for one in missing],
            )
            rows.update(_rows(connection, missing))
    return rows


def _rows(connection: Connection, ids: Sequence[str]) -> dict[str, StateRow]:
    query = (
        select(*_ROW)
        .where(order_states.c.order_id.in_(ids))
        .order_by(
            order_states.c.order_id
        )  # one order of locking, so that two writers never wait for each other
        .with_for_update()
    )
    return {row[0]: StateRow(*row[1:]) for row in connection.execute(query)}


def link_row(order_id: str, kind: str, key: str, hubspot_id: str | None, intended: bool) -> dict[str, Any]:
    """The parameters of an INSERT into order_links."""
    return {"order_id": order_id, "kind": kind, "key": key, "hubspot_id": hubspot_id, "intended": intended}


def load_states(
    connection: Connection, chosen: Callable[[Any], Any], *, links: bool = True
) -> dict[str, OrderState]:
    """The states, with or without links, of the orders whose id column meets the condition."""
    links_of: dict[str, list[Link]] = {}
    if links:
        link_query: Select[Any] = select(order_links).where(chosen(order_links.c.order_id))
        for order_id, *link in connection.execute(link_query):
            links_of.setdefault(order_id, []).append(Link(*link))
    query = select(
        order_states.c.order_id,
        order_states.c.outcome,
        order_states.c.reason,
        order_states.c.fingerprint,
        order_states.c.confirmed_ticket,
        order_states.c.order_id_hubspot,
        order_states.c.total_minor,
        order_states.c.currency,
        order_states.c.order_on,
        order_states.c.lease_until,
        order_states.c.explanation,
        order_states.c.refused_fingerprint,
        order_states.c.written,
    ).where(chosen(order_states.c.order_id))
    states: dict[str, OrderState] = {}
    for order_id, *values, explanation, refused, written in connection.execute(query):
        of_order = tuple(links_of.get(order_id, ()))
        states[order_id] = OrderState(
            *(order_id, *values, of_order, explanation, refused, written_digests(written))
        )
    return states


def intended_links(claim: Claim) -> list[tuple[LinkKind, str]]:
    """(kind, key) of what a claim is about to send."""
    links: list[tuple[LinkKind, str]] = [("line", key) for key in claim.line_keys]
    if claim.company_id is not None:
        links.append(("company", claim.company_id))
    if claim.contact_id is not None:
        links.append(("contact", claim.contact_id))
    if claim.deal_id is not None:
        links.append(("deal", claim.deal_id))
    if claim.parent_id is not None:
        links.append(("parent", claim.parent_id))
    return links


def confirmed_links(one: Confirmation) -> list[tuple[LinkKind, str, str]]:
    """(kind, key, HubSpot id) of the complete set that a confirmation leaves."""
    links: list[tuple[LinkKind, str, str]] = [("line", key, line_id) for key, line_id in one.line_ids.items()]
    if one.company_id is not None:
        links.append(("company", one.company_id, one.company_id))
    if one.contact_id is not None:
        links.append(("contact", one.contact_id, one.contact_id))
    if one.deal_id is not None:
        links.append(("deal", one.deal_id, one.deal_id))
    if one.parent_id is not None:
        links.append(("parent", one.parent_id, one.parent_id))
    return links
