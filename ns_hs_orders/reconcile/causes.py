"""The verdict on one order: its outcome, what was found, and the one cause.

Belongs here: the rules that turn differences and the state of an order into a verdict. Does not belong here: finding
the differences (compare), both sides of an order (compared), who changed it (authors), or sums (bridge).

Rules, in the order in which they are asked:
- HubSpot holds a valid order exactly as wanted, but for edits that stay by policy: it agrees and counts as
  accepted, whatever the state says; the read-back is the proof. Reported edits are listed all the same.
- The same but for a line item that a person added in HubSpot: accepted too, but different; nobody but a
  person can mend it.
- NetSuite has it, but it is skipped, quarantined, rejected or due: the cause is that outcome (`not yet pushed`
  for due), or `earlier version still in HubSpot` where HubSpot holds one.
- An accepted order that a sync is writing right now: `not yet pushed`.
- An accepted order that HubSpot had and does not hold: `deleted in HubSpot`, also where NetSuite changed since.
- An accepted order of which NetSuite wants another version than the last confirmed one: `edited in NetSuite`; but
  `edited in HubSpot` where HubSpot's total is not even the one that was written last, and `not yet pushed` where only HubSpot's own ids (owner, stage, company) are others, or a write was interrupted.
- Else somebody changed it in HubSpot, and the kind of what differs decides, the weightiest first: amounts
  (`edited in HubSpot`), lines (`lines differ`), pipeline and stage (`stage differs`), other fields (`edited in
  HubSpot`), associations (`association missing`), and last an amount less than a minor unit apart (`rounding`).
  A line item that a person added counts for nothing beside any of these.
- Only HubSpot has it, with our key: `moved to another day`, `deleted in NetSuite` where the sync knows it (red until
  it is taken out; red for nobody once it is kept as cancelled, by setting), or never ours: `only in HubSpot`.
- Only HubSpot has it, without our key, for an order of NetSuite: `duplicate in HubSpot`; for a return authorization:
  `duplicate return in HubSpot` (duplicates).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ns_hs_orders.fields.orders import STAGE_PROPERTIES
from ns_hs_orders.money import shown
from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES, OrderState
from ns_hs_orders.reconcile.compare import TOTAL, FieldDifference, held_amount, worst
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder
from ns_hs_orders.reconcile.read_back import HeldOrder
from ns_hs_orders.reconcile.schema import NEXT_STEPS

NOT_YET_PUSHED = "not yet pushed"
EDITED = "edited in HubSpot"
EDITED_IN_NETSUITE = "edited in NetSuite"
DELETED_IN_HUBSPOT = "deleted in HubSpot"
DELETED = "deleted in NetSuite"
DUPLICATE = "duplicate in HubSpot"
DUPLICATE_RETURN = "duplicate return in HubSpot"
DUPLICATES = frozenset({DUPLICATE, DUPLICATE_RETURN})
"""Causes of records that something else wrote, and that stand for an order or a return of NetSuite."""
LINE_BY_A_PERSON = "line added in HubSpot by a person"
LINES = "lines differ"
STAGE = "stage differs"
ASSOCIATION = "association missing"
ROUNDING = "rounding"
ONLY_IN_HUBSPOT = "only in HubSpot"
EARLIER = "earlier version still in HubSpot"
MOVED = "moved to another day"

MUST_BE_HELD = frozenset({*ACCEPTED_OUTCOMES, "due"})
"""Outcomes of orders that HubSpot has to hold."""
OF_HUBSPOTS_SIDE = frozenset({EDITED, DELETED_IN_HUBSPOT, LINES, STAGE, ASSOCIATION, ROUNDING})
"""Causes of accepted orders that somebody brought about in HubSpot."""
_MODIFIED = "hs_external_modified_date"
_OF_NETSUITES_SIDE = frozenset({EDITED_IN_NETSUITE, MOVED})
_HUBSPOTS_OWN_IDS = frozenset({*STAGE_PROPERTIES, "hubspot_owner_id"})
_BEING_WRITTEN = (
    "The sync is writing it right now, or was interrupted while it did; the next sync settles it."
)
_OTHER_IDS = "HubSpot's ids for its owner, stage, company or deal are others than at the last write; the next sync sets them."


class Verdict(NamedTuple):
    """Outcome, finding and cause of one order. cause: None where it agrees."""

    outcome: str
    finding: str
    cause: str | None
    reason: str | None
    explanation: str | None


_AGREES = {outcome: Verdict(outcome, "agrees", None, None, None) for outcome in ACCEPTED_OUTCOMES}
GONE = Verdict("archived", "agrees", None, "not_in_netsuite", "Neither system has this order any more.")


def verdict(
    order: NetSuiteOrder,
    held: HeldOrder | None,
    state: OrderState | None,
    found: list[FieldDifference],
    *,
    same_amount: bool,
    in_flight: bool,
) -> Verdict:
    """The verdict on an order that NetSuite has in the range.

    found: differences of a valid order that HubSpot holds. same_amount: both totals are equal.
    in_flight: a sync holds the order right now.
    """
    if order.wanted is not None and held is not None and not found:
        return agreement(state)
    if found and all(one.is_a_persons_line for one in found):
        words = NEXT_STEPS[LINE_BY_A_PERSON]
        return Verdict(_accepted(state) or "unchanged", worst(found), LINE_BY_A_PERSON, None, words)
    outcome, reason, explanation = _outcome(order, state)
    if state is not None and outcome in ACCEPTED_OUTCOMES:
        cause, explanation = _cause_of_accepted(
            order,
            state,
            found,
            in_flight=in_flight,
            held_total=held_amount(held) if held is not None else None,
        )
    elif held is not None:
        cause = EARLIER
    else:
        cause = NOT_YET_PUSHED if outcome == "due" else outcome
    if held is None:
        finding = "missing in HubSpot"
    elif found:
        finding = worst(found)
    else:
        finding = "field differs" if same_amount else "amount differs"
    return Verdict(outcome, finding, cause, reason, explanation)


def verdict_only_in_hubspot(
    state: OrderState | None, *, elsewhere: date | None, is_cancelled: bool = False
) -> Verdict:
    """The verdict on an order that HubSpot dates in the range and NetSuite does not.

    elsewhere: its order date in NetSuite, None where NetSuite does not have it at all. is_cancelled: the
    sync has marked it as deleted in NetSuite.
    """
    if elsewhere is not None:
        words = f"NetSuite dates it {elsewhere}; both days are proven again."
        return Verdict("due", "only in HubSpot", MOVED, "moved_to_another_day", words)
    if state is None or state.outcome is None:
        words = f"NetSuite does not have this order; HubSpot holds it. {NEXT_STEPS[ONLY_IN_HUBSPOT]}"
        return Verdict("archived", "only in HubSpot", ONLY_IN_HUBSPOT, "not_in_netsuite", words)
    if state.outcome == "archived" and is_cancelled:
        words = "NetSuite deleted this order; HubSpot keeps it as cancelled."
        return Verdict("archived", "only in HubSpot", DELETED, state.reason, words)
    words = "NetSuite does not have this order any more; HubSpot still holds it."
    if state.outcome == "due" and state.explanation:
        words = f"{words} {state.explanation}"
    return Verdict("due", "only in HubSpot", DELETED, "not_in_netsuite", words)


def agreement(state: OrderState | None) -> Verdict:
    """The verdict on an order that HubSpot holds exactly as wanted."""
    return _AGREES[_accepted(state) or "unchanged"]


def _outcome(order: NetSuiteOrder, state: OrderState | None) -> tuple[str, str | None, str | None]:
    if order.wanted is None:
        return order.standing, order.reason, order.explanation
    if state is not None and state.outcome == "rejected":
        return "rejected", state.reason, state.explanation
    if accepted := _accepted(state):
        return accepted, None, None
    reason = state.reason if state is not None and state.outcome == "due" else None
    return "due", reason or "not_yet_pushed", "The sync has not written this version yet."


def _accepted(state: OrderState | None) -> str | None:
    return state.outcome if state is not None and state.outcome in ACCEPTED_OUTCOMES else None


def _cause_of_accepted(
    order: NetSuiteOrder,
    state: OrderState,
    found: Sequence[FieldDifference],
    *,
    in_flight: bool,
    held_total: tuple[int | None, str | None] | None,
) -> tuple[str, str | None]:
    """Cause, and its words where they do not follow from what differs.

    held_total: HubSpot's total and currency, None where HubSpot does not hold the order.
    """
    if in_flight:
        return NOT_YET_PUSHED, _BEING_WRITTEN
    if held_total is None:
        if state.order_id_hubspot is not None:
            return DELETED_IN_HUBSPOT, None
        return NOT_YET_PUSHED, _BEING_WRITTEN
    # A reconciliation clears the fingerprint and notes its cause, so that the next one tells the same.
    if state.fingerprint is None and state.reason not in OF_HUBSPOTS_SIDE | _OF_NETSUITES_SIDE:
        return NOT_YET_PUSHED, _BEING_WRITTEN
    is_other_version = (
        state.reason in _OF_NETSUITES_SIDE or any(one.hubspot_property == _MODIFIED for one in found)
        if state.fingerprint is None
        else order.wanted is None or state.fingerprint != order.wanted.fingerprint
    )
    if not is_other_version:
        return _cause_by_kind(found), None
    if any(_is_netsuites(one) for one in found):
        # only a fingerprint proves that the total of the state has reached HubSpot
        is_written = state.fingerprint is not None or state.reason == EDITED
        if is_written and held_total != (state.total_minor, state.currency) and _is_of_total(found):
            return EDITED, _edited_on_both_sides(state)
        return EDITED_IN_NETSUITE, None
    return NOT_YET_PUSHED, _OTHER_IDS


def _cause_by_kind(found: Sequence[FieldDifference]) -> str:
    ours = [one for one in found if not (one.is_a_persons_line or one.is_rounding)]
    findings = {one.finding for one in ours}
    if "amount differs" in findings:
        return EDITED
    if "lines differ" in findings:
        return LINES
    if any(one.hubspot_property in STAGE_PROPERTIES for one in ours):
        return STAGE
    if "field differs" in findings:
        return EDITED
    return ASSOCIATION if "association missing" in findings else ROUNDING


def _is_of_total(found: Sequence[FieldDifference]) -> bool:
    return any(one.hubspot_property == TOTAL and not one.is_rounding for one in found)


def _edited_on_both_sides(state: OrderState) -> str:
    was = ""
    if state.fingerprint is not None and state.total_minor is not None and state.currency is not None:
        was = f", when the total was {shown(state.total_minor, state.currency)}"
    return f"NetSuite changed the order after the last write{was}, too; the next sync writes NetSuite's new values."


def _is_netsuites(one: FieldDifference) -> bool:
    """Whether a difference can come of NetSuite's values, not only of the ids that HubSpot gives to them."""
    return one.finding != "association missing" and one.hubspot_property not in _HUBSPOTS_OWN_IDS
