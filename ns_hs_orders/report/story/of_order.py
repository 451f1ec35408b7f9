"""The story of one order, from NetSuite's values to what HubSpot holds now.

Belongs here: the frozen story, how it is put together, and whether it needs a person. Does not belong
here: reading either system (wiring), or layout (story.text). Text of the order is kept as it is; the views
make it inert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping.judgement import Judgement
from ns_hs_orders.mapping.schema import WARNINGS
from ns_hs_orders.money import plain, shown
from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.push.schema import LINK_WARNINGS, WantedOrder
from ns_hs_orders.push.written import left_as_edited
from ns_hs_orders.reconcile.causes import DELETED, LINE_BY_A_PERSON, ONLY_IN_HUBSPOT
from ns_hs_orders.reconcile.compare import FieldDifference, FieldKinds, differences
from ns_hs_orders.reconcile.history.edits import sorted_out
from ns_hs_orders.reconcile.read_back import HeldOrder
from ns_hs_orders.reconcile.schema import NEXT_STEPS, POLICIES
from ns_hs_orders.report.story.sides import (
    StoryField,
    StoryLineItem,
    StoryLink,
    line_items,
    links,
    order_fields,
)

NEEDS_A_PERSON = ("quarantined", "rejected", "due")


@dataclass(frozen=True)
class StoryLine:
    """One transaction line: its class, and what it adds to the order, as people read it."""

    key: str
    line_class: str
    sku: str | None
    name: str | None
    quantity: str | None
    unit_price: str | None
    amount: str | None


@dataclass(frozen=True)
class StoryEvent:
    """Something that happened to the order. at: UTC. details: as in the state's OrderEvent."""

    at: datetime
    run: str
    happened: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """Everything that is known of one order, or of one return (`what`). Amounts are formatted with their currency.

    netsuite: NetSuite's own values, empty where it does not have the order. identity: the sum that the
    order must satisfy, in figures. problems, warnings: in words. due: why and since when it is due.
    fields, line_items, links: what HubSpot should hold beside what it holds, also where nothing differs.
    difference: what HubSpot holds otherwise, in words; left: edits in HubSpot that stay by policy, likewise.
    """

    mode: str
    order_id: str
    order_number: str | None
    outcome: str
    reason: str | None
    explanation: str | None
    netsuite: Mapping[str, str]
    lines: tuple[StoryLine, ...]
    identity: str | None
    adds_up: bool | None
    eligible_for: str | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    fields: tuple[StoryField, ...]
    line_items: tuple[StoryLineItem, ...]
    links: tuple[StoryLink, ...]
    difference: tuple[str, ...]
    left: tuple[str, ...]
    company: str | None
    events: tuple[StoryEvent, ...]
    due: str | None
    link_netsuite: str | None
    order_id_hubspot: str | None
    link_hubspot: str | None = None
    what: Literal["order", "return"] = "order"

    @property
    def needs_a_person(self) -> bool:
        """Whether HubSpot's copy differs, or the order is held back for a reason that a person must mend."""
        return bool(self.difference) or self.outcome in NEEDS_A_PERSON

    def as_json(self) -> dict[str, Any]:
        """The story as plain values; times in ISO 8601."""
        document = asdict(self)
        for event in document["events"]:
            event["at"] = event["at"].isoformat()
        return document | {"needs_a_person": self.needs_a_person}


def tell(
    order_id: str,
    *,
    mode: str,
    field_map: FieldMap,
    judgement: Judgement | None,
    wanted: WantedOrder | None,
    held: HeldOrder | None,
    state: OrderState | None,
    last_number: str | None,
    events: Sequence[StoryEvent],
    due: str | None,
    link_netsuite: str | None,
    url_hubspot: str = "",
) -> Story:
    """Puts a story together. judgement: None where NetSuite does not have the order; wanted: None where it is not valid.

    url_hubspot: address of a record with `{id}` in it, "" for none. last_number: that a reconciliation reported it with, for an order that is on neither side any more.
    """
    kinds = FieldKinds.of(field_map)
    found = differences(wanted, held, kinds) if wanted and held else []
    written, reported = sorted_out(found, wanted, state, kinds) if wanted else (found, [])
    difference = [
        both_values(d) + (f". {NEXT_STEPS[LINE_BY_A_PERSON]}" if d.is_a_persons_line else "") for d in written
    ]
    outcome, reason, explanation = _outcome(judgement, wanted, held, state)
    if judgement is None and held is not None:
        difference.append("HubSpot holds an order that NetSuite does not have.")
    raw = judgement.raw if judgement else None
    record_id = held.record_id if held else (state.order_id_hubspot if state else None)
    return Story(
        mode=mode,
        order_id=order_id,
        order_number=raw.order_number
        if raw
        else (held.properties.get("hs_order_name") if held else None) or last_number,
        outcome=outcome,
        reason=reason,
        explanation=explanation,
        netsuite={name: str(value) for name, value in raw._asdict().items() if value is not None}
        if raw
        else {},
        lines=_lines(judgement) if judgement else (),
        identity=_identity(judgement) if judgement else None,
        adds_up=judgement.amounts.unclassified_minor == 0
        and judgement.amounts.lines_make == judgement.amounts.total_minor
        if judgement and judgement.amounts
        else None,
        eligible_for=judgement.belongs_to.company_id or judgement.belongs_to.contact_id
        if judgement
        else None,
        problems=tuple(problem.sentence for problem in judgement.problems) if judgement else (),
        warnings=(
            *(WARNINGS[code] for code in (judgement.warnings if judgement else ())),
            *(LINK_WARNINGS[code] for code in (wanted.link_warnings if wanted else ())),
        ),
        fields=order_fields(
            wanted,
            held,
            kinds,
            left_as_edited(wanted, state, kinds.left_when_edited) if wanted else frozenset(),
        ),
        line_items=line_items(wanted, held, kinds),
        links=links(wanted, held),
        difference=tuple(difference),
        left=tuple(f"{both_values(d)}. {POLICIES['report']}" for d in reported),
        company=(wanted.company_id or wanted.contact_id) if wanted else None,
        events=tuple(events),
        due=due,
        link_netsuite=link_netsuite,
        order_id_hubspot=record_id,
        link_hubspot=url_hubspot.replace("{id}", record_id) if url_hubspot and record_id else None,
    )


def both_values(found: FieldDifference) -> str:
    """A difference in one line, both values as people read them."""
    return f"{found.field}: NetSuite {found.netsuite or 'nothing'}, HubSpot {found.hubspot or 'nothing'}"


def _outcome(
    judgement: Judgement | None, wanted: WantedOrder | None, held: HeldOrder | None, state: OrderState | None
) -> tuple[str, str | None, str | None]:
    if judgement is None:
        known = state is not None and state.outcome is not None
        step = NEXT_STEPS[DELETED if known else ONLY_IN_HUBSPOT] if held else ""
        return "archived", "not_in_netsuite", f"NetSuite does not have this order. {step}".rstrip()
    if judgement.outcome != "accepted":
        return judgement.outcome, judgement.reason, judgement.explanation
    if state is None:
        return (
            "due",
            "never_synced",
            "The order is valid and was never synced; the next sync of its day writes it.",
        )
    if state.outcome in ("rejected", "due"):
        return state.outcome, state.reason, state.explanation
    if wanted and state.fingerprint != wanted.fingerprint:
        return "due", "not_yet_pushed", "NetSuite has a newer version, or HubSpot's copy was found different."
    if held is None:
        return "due", "missing_in_hubspot", "It was synced before, but HubSpot does not hold it any more."
    return state.outcome or "due", state.reason, state.explanation


def _lines(judgement: Judgement) -> tuple[StoryLine, ...]:
    currency = judgement.currency
    return tuple(
        StoryLine(
            key=line.line_key,
            line_class=line.line_class,
            sku=line.sku,
            name=line.line_name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=shown(line.amount_minor, currency) if line.amount_minor is not None and currency else None,
        )
        for line in judgement.lines.lines
    )


def _identity(judgement: Judgement) -> str | None:
    amounts, currency = judgement.amounts, judgement.currency
    if amounts is None or currency is None:
        return None
    parts = (
        ("goods", amounts.subtotal_minor),
        ("− discount", amounts.discount_minor),
        ("+ shipping", amounts.shipping_minor),
        ("+ handling", amounts.handling_minor),
        ("+ tax", amounts.tax_minor),
        ("− payment", amounts.payment_minor),
    )
    sum_text = " ".join(f"{name} {plain(minor, currency)}" for name, minor in parts)
    return f"{sum_text} = {plain(amounts.lines_make, currency)}; NetSuite's total is {shown(amounts.total_minor, currency)}"
