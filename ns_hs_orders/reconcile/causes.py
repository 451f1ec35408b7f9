"""The verdict on one order: its outcome, what was found, and the one cause.

Belongs here: the rules that turn both sides and the state of an order into a verdict. Does not
belong here: reading either side, comparing fields (compare), or sums (bridge).

Rules, in the order in which they are asked:
- HubSpot holds a valid order exactly as wanted, but for edits that stay by policy: it agrees and counts as
  accepted, whatever the state says; the read-back is the proof. Reported edits are listed all the same.
- The same but for a line item that a person added in HubSpot: accepted too, but different; nobody but a
  person can mend it.
- NetSuite has it, but it is skipped, quarantined, rejected or due: the cause is that outcome, or
  `earlier version still in HubSpot` where HubSpot holds one.
- An accepted order differs: `not yet pushed` where NetSuite changed since the last confirmed write
  (or one is under way), else `edited in HubSpot`.
- Only HubSpot has it: moved to another day, deleted in NetSuite (and cancelled by setting, which is red for
  nobody), deleted in NetSuite and not taken out yet, or never ours.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ns_hs_orders.money import shown
from ns_hs_orders.push.departed import CANCELLED_STATUS
from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES, OrderState
from ns_hs_orders.reconcile.compare import (
    ORDER_DATE_LABEL,
    FieldDifference,
    FieldKinds,
    differences,
    held_amount,
    held_parts,
    worst,
)
from ns_hs_orders.reconcile.edits import sorted_out
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder
from ns_hs_orders.reconcile.read_back import HeldOrder
from ns_hs_orders.reconcile.sales import HeldParts
from ns_hs_orders.reconcile.schema import NEXT_STEPS, UnknownAmount

NOT_YET_PUSHED = "not yet pushed"
EDITED = "edited in HubSpot"
LINE_BY_A_PERSON = "line added in HubSpot by a person"
EARLIER = "earlier version still in HubSpot"
MOVED = "moved to another day"
DELETED = "deleted in NetSuite"
ONLY_IN_HUBSPOT = "only in HubSpot"


MUST_BE_HELD = frozenset({*ACCEPTED_OUTCOMES, "due"})
"""Outcomes of orders that HubSpot has to hold."""


class Verdict(NamedTuple):
    """Outcome, finding and cause of one order. cause: None where it agrees."""

    outcome: str
    finding: str
    cause: str | None
    reason: str | None
    explanation: str | None


_AGREES = {outcome: Verdict(outcome, "agrees", None, None, None) for outcome in ACCEPTED_OUTCOMES}
_GONE = Verdict("archived", "agrees", None, "not_in_netsuite", "Neither system has this order any more.")


class ComparedOrder(NamedTuple):
    """One order after both sides were looked at; names as in ComparedOrders and UnknownAmount."""

    key: str
    order_number: str | None
    order_on: date
    customer_name: str | None
    rep_name: str | None
    currency: str | None
    netsuite_minor: int | None
    hubspot_minor: int | None
    currency_hubspot: str | None
    order_id_hubspot: str | None
    verdict: Verdict
    found: tuple[FieldDifference, ...] = ()
    unknown: UnknownAmount | None = None
    held_parts: HeldParts | None = None


def compare_order(
    order: NetSuiteOrder,
    held: HeldOrder | None,
    state: OrderState | None,
    kinds: FieldKinds,
    *,
    in_flight: bool,
) -> ComparedOrder:
    """An order that NetSuite has in the range, against what HubSpot holds of it.

    in_flight: a sync is writing the order right now.
    """
    found = differences(order.wanted, held, kinds) if order.wanted and held else []
    found, reported = sorted_out(found, order.wanted, state, kinds) if order.wanted else (found, [])
    amount, currency = held_amount(held) if held else (None, None)
    if order.wanted and held and not found:
        judged = _agrees(state)
    else:
        same_amount = (amount, currency) == (order.total_minor, order.currency)
        judged = verdict(order, held, state, found, same_amount=same_amount, in_flight=in_flight)
        if not found and judged.cause is not None and (held or judged.outcome in MUST_BE_HELD):
            found = [_whole_order(order, judged, amount, currency, is_held=held is not None)]
    unknown = None
    if order.total_minor is None:
        unknown = UnknownAmount(
            order.key, order.order_number, order.order_on, order.raw_total, order.raw_currency
        )
    return ComparedOrder(
        key=order.key,
        order_number=order.order_number,
        order_on=order.order_on,
        customer_name=order.customer_name,
        rep_name=order.rep_name,
        currency=order.currency,
        netsuite_minor=order.total_minor,
        hubspot_minor=amount,
        currency_hubspot=currency,
        order_id_hubspot=held.record_id if held else None,
        verdict=judged,
        found=(*found, *reported),
        unknown=unknown,
        held_parts=held_parts(held, kinds.stage_of_id) if held and judged.finding != "agrees" else None,
    )


def compare_absent(
    key: str,
    on: date,
    held: HeldOrder | None,
    state: OrderState | None,
    kinds: FieldKinds,
    *,
    elsewhere: NetSuiteOrder | None,
) -> ComparedOrder:
    """An order that HubSpot, or only the state, dates on a day of the range, and NetSuite does not.

    elsewhere: the order on its day in NetSuite, None where NetSuite does not have it at all. One that is held
    back there will not be written, so HubSpot keeps its earlier version here, red for nobody.
    """
    if held is None:
        return ComparedOrder(key, None, on, None, None, None, None, None, None, None, _GONE)
    amount, currency = held_amount(held)
    cancelled = held.properties.get("hs_external_order_status") == CANCELLED_STATUS
    text = shown(amount, currency) if amount is not None and currency else "amount unreadable"
    moved_to = elsewhere.order_on if elsewhere is not None else None
    if elsewhere is not None and elsewhere.wanted is None:
        words = f"NetSuite dates it {moved_to}, where it is {elsewhere.standing}: {elsewhere.explanation}"
        judged = Verdict(elsewhere.standing, "field differs", EARLIER, elsewhere.reason, words)
        found = FieldDifference("order", judged.finding, f"{moved_to} ({elsewhere.standing})", text)
    else:
        judged = verdict_only_in_hubspot(state, elsewhere=moved_to, is_cancelled=cancelled)
        found = (
            FieldDifference(ORDER_DATE_LABEL, judged.finding, str(moved_to), str(on))
            if moved_to is not None
            else FieldDifference("order", judged.finding, None, text, amount)
        )
    return ComparedOrder(
        key=key,
        order_number=held.properties.get("hs_order_name"),
        order_on=on,
        customer_name=None,
        rep_name=None,
        currency=None,
        netsuite_minor=None,
        hubspot_minor=amount,
        currency_hubspot=currency,
        order_id_hubspot=held.record_id,
        verdict=judged,
        found=(found,),
        held_parts=held_parts(held, kinds.stage_of_id),
    )


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
        return _agrees(state)
    if found and all(one.is_a_persons_line for one in found):
        words = NEXT_STEPS[LINE_BY_A_PERSON]
        return Verdict(_accepted(state) or "unchanged", worst(found), LINE_BY_A_PERSON, None, words)
    outcome, reason, explanation = _outcome(order, state)
    if outcome in ACCEPTED_OUTCOMES:
        cause = _cause_of_accepted(order, state, in_flight=in_flight)
    elif held is not None:
        cause = _noted_cause(state) or EARLIER
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
    if state is not None and state.outcome == "archived" and is_cancelled:
        words = "NetSuite deleted this order; HubSpot keeps it as cancelled."
        return Verdict("archived", "only in HubSpot", DELETED, state.reason, words)
    cause = EARLIER if state is not None and state.outcome is not None else ONLY_IN_HUBSPOT
    words = f"NetSuite does not have this order; HubSpot holds it. {NEXT_STEPS[cause]}"
    return Verdict("archived", "only in HubSpot", cause, "not_in_netsuite", words)


def _outcome(order: NetSuiteOrder, state: OrderState | None) -> tuple[str, str | None, str | None]:
    if order.wanted is None:
        return order.standing, order.reason, order.explanation
    if state is not None and state.outcome == "rejected":
        return "rejected", state.reason, state.explanation
    if accepted := _accepted(state):
        return accepted, None, None
    reason = state.reason if state is not None and state.outcome == "due" else None
    return "due", reason or "not_yet_pushed", "The sync has not written this version yet."


def _agrees(state: OrderState | None) -> Verdict:
    return _AGREES[_accepted(state) or "unchanged"]


def _accepted(state: OrderState | None) -> str | None:
    return state.outcome if state is not None and state.outcome in ACCEPTED_OUTCOMES else None


def _cause_of_accepted(order: NetSuiteOrder, state: OrderState | None, *, in_flight: bool) -> str:
    if noted := _noted_cause(state):
        return noted
    changed = state is None or order.wanted is None or state.fingerprint != order.wanted.fingerprint
    return NOT_YET_PUSHED if changed or in_flight else EDITED


def _noted_cause(state: OrderState | None) -> str | None:
    """The cause that an earlier reconciliation noted, while nothing was written since."""
    if state is not None and state.fingerprint is None and state.reason == EDITED:
        return EDITED
    return None


def _whole_order(
    order: NetSuiteOrder, judged: Verdict, amount: int | None, currency: str | None, *, is_held: bool
) -> FieldDifference:
    """The one row of an order that is there on one side only, or that should not be held as it is."""
    ours = f"{order.raw_total or 'no amount'} {order.raw_currency or ''}".strip()
    if order.total_minor is not None and order.currency is not None:
        ours = shown(order.total_minor, order.currency)
    if not is_held:
        minus = -order.total_minor if order.total_minor is not None else None
        return FieldDifference("order", judged.finding, ours, None, minus)
    theirs = shown(amount, currency) if amount is not None and currency else "amount unreadable"
    apart = None
    if amount is not None and order.total_minor is not None and currency == order.currency:
        apart = amount - order.total_minor
    return FieldDifference("order", judged.finding, f"{ours} ({judged.outcome})", theirs, apart)
