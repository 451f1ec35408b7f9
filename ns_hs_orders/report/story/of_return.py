"""The story of one return: the same as an order's, from the mapped return in place of its judgement.

Belongs here: putting it together. Does not belong here: the story's form (story), reading anything, or layout
(story.text).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping.returns.schema import RETURN_WARNINGS
from ns_hs_orders.money import shown
from ns_hs_orders.push.ports import AssociationKind, OrderState
from ns_hs_orders.push.schema import LINK_WARNINGS, WantedOrder
from ns_hs_orders.push.written import left_as_edited
from ns_hs_orders.reconcile.compare import FieldKinds, differences
from ns_hs_orders.reconcile.history.edits import sorted_out
from ns_hs_orders.reconcile.read_back import HeldOrder
from ns_hs_orders.reconcile.returns.one_return import parent_missing
from ns_hs_orders.reconcile.schema import POLICIES
from ns_hs_orders.report.story.of_order import Story, StoryEvent, StoryLine, both_values
from ns_hs_orders.report.story.sides import line_items, links, links_to_orders, order_fields


def tell_return(
    return_id: str,
    *,
    mode: str,
    field_map: FieldMap,
    row: Mapping[str, Any] | None,
    lines: Sequence[Mapping[str, Any]],
    wanted: WantedOrder | None,
    held: HeldOrder | None,
    orders: Mapping[str, frozenset[int]],
    parent_kind: AssociationKind | None,
    parent_label: str,
    state: OrderState | None,
    last_number: str | None,
    events: Sequence[StoryEvent],
    due: str | None,
    link_netsuite: str | None,
    url_hubspot: str,
) -> Story:
    """row: of a mapped frame of returns under the names of orders, None where NetSuite does not have the return.

    wanted: None where it is not valid. lines: of its frame of lines. url_hubspot: address of a record with `{id}` in it.
    orders, parent_kind, parent_label: as for story_sides.links_to_orders. last_number: that a reconciliation reported it
    with, for a return that is on neither side any more.
    """
    kinds = FieldKinds.of(field_map)
    found = differences(wanted, held, kinds) if wanted and held else []
    if wanted and held:
        found += parent_missing(wanted, orders, parent_kind)
    written, reported = sorted_out(found, wanted, state, kinds) if wanted else (found, [])
    difference = [both_values(one) for one in written]
    if row is None and held is not None:
        difference.append("HubSpot holds a return that NetSuite does not have.")
    outcome, reason, explanation = _outcome(row, wanted, held, state)
    record_id = held.record_id if held else (state.order_id_hubspot if state else None)
    codes = [code for code in str((row or {}).get("warnings") or "").split(",") if code]
    codes += wanted.link_warnings if wanted else ()
    words = {**RETURN_WARNINGS, **LINK_WARNINGS}
    return Story(
        mode=mode,
        order_id=return_id,
        order_number=(row or {}).get("order_number")
        or (held.properties.get("hs_order_name") if held else None)
        or last_number,
        outcome=outcome,
        reason=reason,
        explanation=explanation,
        netsuite=_netsuite(row) if row else {},
        lines=tuple(_line(one) for one in lines),
        identity=None,
        adds_up=None,
        eligible_for=(row or {}).get("company_id_hubspot") or (row or {}).get("contact_id_hubspot"),
        problems=(),
        warnings=tuple(words.get(code, code) for code in codes),
        fields=order_fields(
            wanted,
            held,
            kinds,
            left_as_edited(wanted, state, kinds.left_when_edited) if wanted else frozenset(),
        ),
        line_items=line_items(wanted, held, kinds),
        links=(*links(wanted, held), *links_to_orders(wanted, held, orders, parent_kind, parent_label)),
        difference=tuple(difference),
        left=tuple(f"{both_values(one)}. {POLICIES['report']}" for one in reported),
        company=(wanted.company_id or wanted.contact_id) if wanted else None,
        events=tuple(events),
        due=due,
        link_netsuite=link_netsuite,
        order_id_hubspot=record_id,
        link_hubspot=url_hubspot.replace("{id}", record_id) if record_id else None,
        what="return",
    )


def _outcome(
    row: Mapping[str, Any] | None,
    wanted: WantedOrder | None,
    held: HeldOrder | None,
    state: OrderState | None,
) -> tuple[str, str | None, str | None]:
    if row is None:
        return "archived", "not_in_netsuite", "NetSuite does not have this return."
    if wanted is None:
        return str(row["outcome"]), row["reason"], row["explanation"]
    if state is None:
        return (
            "due",
            "never_synced",
            "The return is valid and was never synced; the next sync of its day writes it.",
        )
    if state.outcome in ("rejected", "due"):
        return state.outcome, state.reason, state.explanation
    if state.fingerprint != wanted.fingerprint:
        return "due", "not_yet_pushed", "NetSuite has a newer version, or HubSpot's copy was found different."
    if held is None:
        return "due", "missing_in_hubspot", "It was synced before, but HubSpot does not hold it any more."
    return state.outcome or "due", state.reason, state.explanation


def _netsuite(row: Mapping[str, Any]) -> dict[str, str]:
    """What NetSuite says, amounts with their currency; what is empty is left out."""
    told = {}
    for name, value in row.items():
        if value is None or name in (
            "outcome",
            "reason",
            "explanation",
            "warnings",
            "read_ticket",
            "price_minor",
        ):
            continue
        label = "amount" if name == "total_minor" else name.removesuffix("_minor")
        if name.endswith("_minor") and row.get("currency"):
            told[label] = shown(int(value), row["currency"])
        else:
            told[label] = str(value)
    return told


def _line(row: Mapping[str, Any]) -> StoryLine:
    amount = row["amount_minor"]
    return StoryLine(
        key=row["line_key"],
        line_class=row["line_class"],
        sku=row["sku"],
        name=row["line_name"],
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        amount=shown(int(amount), row["currency"]) if amount is not None else None,
    )
