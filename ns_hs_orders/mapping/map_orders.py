"""All raw orders into frames: every one in exactly one of orders, quarantined and skipped.

Belongs here: which row an order makes, and their strict validation. Does not belong here: the rules by which an order is
judged (judgement.py), or what it shares with returns (verdict.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pandas as pd

from ns_hs_orders.columns import parts
from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.frames import broken_rows, made_frame
from ns_hs_orders.mapping.judgement import Judgement, judge
from ns_hs_orders.mapping.problems import PRIORITY
from ns_hs_orders.mapping.raw import orders_with_lines
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import (
    QUARANTINE_REASONS,
    HeldOrders,
    MappedOrders,
    OrderLines,
    Orders,
    Problem,
    with_added,
)
from ns_hs_orders.mapping.verdict import account_for_all, overruled, require_held
from ns_hs_orders.progress import Progress, quiet

if TYPE_CHECKING:
    from ns_hs_orders.columns import Contract

PART = 2000
"""Orders that are held as Python's own values at a time."""

_ID = "order_id_netsuite"
_REASON_OF_COLUMN = {
    "stage": "unknown_status",
    "status": "unknown_status",
    "currency": "unknown_currency",
    "total_minor": "negative_total",
    "order_on": "unreadable_date",
}
"""Quarantine reason of a column that fails its contract; every other one is `breaks_contract`."""


def map_orders(raw: RawRead, rules: MappingRules, progress: Progress = quiet) -> MappedOrders:
    """Maps, judges and validates every raw order; lines only of accepted ones.

    Raises ContractError where a frame as a whole breaks its contract, or where the outcomes do not add
    up to the orders read. What is wrong with one order holds that order only.
    """
    broken: dict[str, Problem] = {}
    while True:
        mapped = _mapped(raw, rules, broken, progress)
        found = _broken_rows(_of_orders(rules), mapped.orders) | _broken_rows(_of_lines(rules), mapped.lines)
        if not found:
            break
        broken |= found
    held = mapped.quarantined, mapped.skipped
    require_held(HeldOrders, held, _ID, QUARANTINE_REASONS, PRIORITY, "orders")
    account_for_all(raw.orders, (mapped.orders, *held), _ID, "orders")
    return mapped


def _mapped(
    raw: RawRead, rules: MappingRules, broken: Mapping[str, Problem], progress: Progress
) -> MappedOrders:
    """All orders judged, part by part, so that only one part is held as Python's own values at a time."""
    done: list[MappedOrders] = []
    count = 0
    for orders, lines in parts(raw.orders, raw.lines, _ID, PART):
        judged = [
            overruled(judge(order, of_order, rules), broken.get(order.order_id_netsuite))
            for order, of_order in orders_with_lines(RawRead(orders, lines), *rules.added_columns)
        ]
        done.append(_frames(judged, rules))
        count += len(orders)
        progress("orders mapped", count, len(raw.orders))
    if len(done) <= 1:
        return done[0] if done else _frames([], rules)
    return MappedOrders(
        *(
            pd.concat([getattr(part, field.name) for part in done], ignore_index=True)
            for field in fields(MappedOrders)
        )
    )


def _frames(judged: list[Judgement], rules: MappingRules) -> MappedOrders:
    accepted = [j for j in judged if j.outcome == "accepted"]
    return MappedOrders(
        orders=made_frame(_of_orders(rules), [_order_row(j, rules) for j in accepted]),
        lines=made_frame(_of_lines(rules), [row for j in accepted for row in _line_rows(j)]),
        quarantined=made_frame(
            HeldOrders, [_held_row(j) for j in judged if j.outcome in ("quarantined", "due")]
        ),
        skipped=made_frame(HeldOrders, [_held_row(j) for j in judged if j.outcome == "skipped"]),
    )


def _of_orders(rules: MappingRules) -> Contract:
    return with_added(Orders, rules.added_to_orders)


def _of_lines(rules: MappingRules) -> Contract:
    return with_added(OrderLines, rules.added_to_lines)


def _broken_rows(contract: Contract, frame: pd.DataFrame) -> dict[str, Problem]:
    return broken_rows(contract, frame, _ID, _REASON_OF_COLUMN, QUARANTINE_REASONS, PRIORITY)


def _order_row(j: Judgement, rules: MappingRules) -> tuple[Any, ...]:
    """The values of one row of Orders, in the order of its columns."""
    raw, amounts = j.raw, j.amounts
    if amounts is None:
        raise ContractError(f"Order {raw.order_id_netsuite} was accepted without amounts.")
    return (
        raw.order_id_netsuite,
        raw.order_number or raw.order_id_netsuite,
        j.order_on,
        j.status,
        raw.status_text,
        j.stage,
        j.currency,
        raw.exchange_rate,
        amounts.total_minor,
        amounts.subtotal_minor,
        amounts.discount_minor,
        amounts.shipping_minor,
        amounts.handling_minor,
        amounts.shipping_cost_minor,
        amounts.tax_minor,
        amounts.payment_minor,
        amounts.unclassified_minor,
        amounts.closed_minor,
        j.returns.returned_minor,
        j.returns.refunded_minor,
        j.returns.net_total_minor,
        j.returns.status,
        j.fulfillment_status,
        raw.memo,
        j.created_at,
        j.modified_at,
        j.tracking_numbers,
        j.tracking_url,
        raw.po_number,
        raw.deal_name,
        raw.deal_url,
        raw.deal_reference,
        raw.contact_reference,
        raw.order_email,
        raw.customer_email,
        raw.source_store,
        j.sales_effective_on,
        raw.partner_name,
        raw.buying_group,
        raw.payment_note,
        raw.ship_name,
        raw.ship_street,
        raw.ship_city,
        raw.ship_state,
        raw.ship_postal_code,
        raw.ship_country,
        raw.customer_id or raw.entity_id,
        raw.customer_name,
        j.belongs_to.company_id,
        j.belongs_to.contact_id,
        raw.rep_name,
        raw.rep_email,
        rules.order_url(raw.order_id_netsuite),
        ",".join(j.warnings),
        raw.cards_masked,
        raw.read_ticket,
        *j.added,
    )


def _line_rows(j: Judgement) -> Iterable[tuple[Any, ...]]:
    """The rows of OrderLines of one order, in the order of its columns."""
    raw = j.raw
    for line in j.lines.lines:
        yield (
            raw.order_id_netsuite,
            j.order_on,
            line.line_key,
            line.line_sequence,
            line.line_class,
            line.item_type,
            line.line_name,
            line.sku,
            line.line_description,
            line.quantity,
            line.unit_price,
            j.currency,
            line.amount_minor,
            line.is_closed,
            raw.read_ticket,
            *line.added,
        )


def _held_row(j: Judgement) -> tuple[Any, ...]:
    """The values of one row of HeldOrders, in the order of its columns."""
    raw = j.raw
    readable = j.total_minor is not None
    return (
        raw.order_id_netsuite,
        raw.order_number,
        j.order_on,
        raw.customer_id or raw.entity_id,
        raw.customer_name,
        raw.rep_name,
        j.status or raw.status,
        j.outcome,
        j.reason,
        j.explanation,
        j.currency,
        j.total_minor,
        None if readable else raw.currency,
        None if readable else raw.total,
        j.modified_at,
        raw.read_ticket,
    )
