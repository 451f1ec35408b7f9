"""One order after both sides were looked at: values of both, verdict and differences.

Belongs here: comparing one order, whichever side has it. Does not belong here: comparing fields (compare), the rules
of a verdict (causes), records that are nobody's copy (duplicates), or reading either side (look).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from ns_hs_orders.money import shown
from ns_hs_orders.push.departed import CANCELLED_STATUS
from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.reconcile.causes import (
    EARLIER,
    GONE,
    MUST_BE_HELD,
    Verdict,
    agreement,
    verdict,
    verdict_only_in_hubspot,
)
from ns_hs_orders.reconcile.compare import (
    CURRENCY,
    ORDER_DATE_LABEL,
    TOTAL,
    TOTAL_LABEL,
    FieldDifference,
    FieldKinds,
    amount_text,
    differences,
    held_amount,
    held_parts,
)
from ns_hs_orders.reconcile.history.edits import sorted_out
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder
from ns_hs_orders.reconcile.read_back import HeldOrder
from ns_hs_orders.reconcile.sales.dollars import HeldParts
from ns_hs_orders.reconcile.schema import UnknownAmount


class ComparedOrder(NamedTuple):
    """One order after both sides were looked at; names as in ComparedOrders and UnknownAmount.

    held_parts: where HubSpot holds it otherwise than NetSuite.
    """

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
    changed_by: str | None = None
    changed_at: datetime | None = None


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
    reported: list[FieldDifference] = []
    if order.wanted and found:
        found, reported = sorted_out(found, order.wanted, state, kinds)
    if order.wanted and held and not found and not reported:
        # every field agrees, and so does the total
        amount, currency = order.total_minor, order.currency
        judged = agreement(state)
    elif order.wanted and held and not found:
        amount, currency = held_amount(held)
        judged = agreement(state)
    else:
        amount, currency = held_amount(held) if held else (None, None)
        same_amount = (amount, currency) == (order.total_minor, order.currency)
        judged = verdict(order, held, state, found, same_amount=same_amount, in_flight=in_flight)
        if not found and judged.cause is not None and (held or judged.outcome in MUST_BE_HELD):
            found = [_whole_order(order, judged, amount, currency, is_held=held is not None)]
    unknown = _unreadable(order.key, order.order_number, order.order_on, held, amount)
    if order.total_minor is None:
        unknown = UnknownAmount(
            order.key, order.order_number, order.order_on, order.raw_total, order.raw_currency, "NetSuite"
        )
    parts = held_parts(held, kinds.stage_of_id) if held and judged.finding != "agrees" else None
    return ComparedOrder(
        order.key,
        order.order_number,
        order.order_on,
        order.customer_name,
        order.rep_name,
        order.currency,
        order.total_minor,
        amount,
        currency,
        held.record_id if held else None,
        judged,
        (*found, *reported),
        unknown,
        parts,
    )


def _unreadable(
    key: str, order_number: str | None, on: date, held: HeldOrder | None, amount: int | None
) -> UnknownAmount | None:
    """HubSpot's amount of an order that it holds, where it cannot be read."""
    if held is None or amount is not None:
        return None
    total, currency = held.properties.get(TOTAL), held.properties.get(CURRENCY)
    return UnknownAmount(key, order_number, on, total, currency, "HubSpot")


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
        return ComparedOrder(key, None, on, None, None, None, None, None, None, None, GONE)
    amount, currency = held_amount(held)
    cancelled = held.properties.get("hs_external_order_status") == CANCELLED_STATUS
    text = amount_text(amount, currency)
    moved_to = elsewhere.order_on if elsewhere is not None else None
    if elsewhere is not None and elsewhere.wanted is None:
        words = f"NetSuite dates it {moved_to}, where it is {elsewhere.standing}: {elsewhere.explanation}"
        judged = Verdict(elsewhere.standing, "field differs", EARLIER, elsewhere.reason, words)
        found = [FieldDifference("order", judged.finding, f"{moved_to} ({elsewhere.standing})", text)]
    else:
        judged = verdict_only_in_hubspot(state, elsewhere=moved_to, is_cancelled=cancelled)
        found = (
            [FieldDifference(ORDER_DATE_LABEL, judged.finding, str(moved_to), str(on))]
            if moved_to is not None
            else [FieldDifference("order", judged.finding, None, text, amount)]
        )
        if elsewhere is not None and (amount, currency) != (elsewhere.total_minor, elsewhere.currency):
            found.append(_total(elsewhere, amount, currency))
    order_number = held.properties.get("hs_order_name")
    return ComparedOrder(
        key=key,
        order_number=order_number,
        order_on=on,
        customer_name=None,
        rep_name=None,
        currency=None,
        netsuite_minor=None,
        hubspot_minor=amount,
        currency_hubspot=currency,
        order_id_hubspot=held.record_id,
        verdict=judged,
        found=tuple(found),
        unknown=_unreadable(key, order_number, on, held, amount),
        held_parts=held_parts(held, kinds.stage_of_id),
    )


def _total(order: NetSuiteOrder, amount: int | None, currency: str | None) -> FieldDifference:
    """The total of an order that is dated otherwise in NetSuite, and is another one there."""
    ours, apart = order.raw_total, None
    if order.total_minor is not None and order.currency is not None:
        ours = shown(order.total_minor, order.currency)
        if amount is not None and currency == order.currency:
            apart = amount - order.total_minor
    text = amount_text(amount, currency)
    return FieldDifference(TOTAL_LABEL, "amount differs", ours, text, apart, hubspot_property=TOTAL)


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
    theirs = amount_text(amount, currency)
    apart = None
    if amount is not None and order.total_minor is not None and currency == order.currency:
        apart = amount - order.total_minor
    return FieldDifference("order", judged.finding, f"{ours} ({judged.outcome})", theirs, apart)
