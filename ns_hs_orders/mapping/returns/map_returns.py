"""All raw returns into frames: every one in exactly one of returns, quarantined and skipped.

Belongs here: building the frames of returns and their strict validation. Does not belong here: the rules by which a
return is judged (returns.judgement), or orders (map_orders.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.returns.schema import RawReturnsRead
from ns_hs_orders.mapping.frames import broken_rows, made_frame
from ns_hs_orders.mapping.returns.judgement import RETURN_PRIORITY, ReturnJudgement, judge_return
from ns_hs_orders.mapping.returns.raw import returns_with_lines
from ns_hs_orders.mapping.returns.schema import (
    RETURN_QUARANTINE_REASONS,
    HeldReturns,
    MappedReturns,
    ReturnLines,
    Returns,
)
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import Problem, with_added
from ns_hs_orders.mapping.verdict import account_for_all, overruled, require_held
from ns_hs_orders.progress import Progress, quiet

if TYPE_CHECKING:
    from ns_hs_orders.columns import Contract

_ID = "return_id_netsuite"
_REASON_OF_COLUMN = {
    "stage": "unknown_status",
    "status": "unknown_status",
    "currency": "unknown_currency",
    "amount_minor": "negative_total",
    "return_on": "unreadable_date",
}
"""Quarantine reason of a column that fails its contract; every other one is `breaks_contract`."""


def map_returns(raw: RawReturnsRead, rules: MappingRules, progress: Progress = quiet) -> MappedReturns:
    """Maps, judges and validates every raw return; lines only of accepted ones.

    Raises ContractError where a frame as a whole breaks its contract, or where the outcomes do not add up to the
    returns read. What is wrong with one return holds that return only.
    """
    of_lines = replace(rules, added_to_lines=rules.added_to_return_lines)
    judged = [
        judge_return(one, lines, of_lines)
        for one, lines in returns_with_lines(raw, *rules.added_columns_of_returns)
    ]
    progress("returns mapped", len(judged), len(judged))
    broken: dict[str, Problem] = {}
    while True:
        mapped = _frames([overruled(one, broken.get(one.raw.return_id_netsuite)) for one in judged], rules)
        found = {
            key: problem
            for model, frame in ((_of_returns(rules), mapped.returns), (_of_lines(rules), mapped.lines))
            for key, problem in broken_rows(
                model, frame, _ID, _REASON_OF_COLUMN, RETURN_QUARANTINE_REASONS, RETURN_PRIORITY
            ).items()
        }
        if not found:
            break
        broken |= found
    held = mapped.quarantined, mapped.skipped
    require_held(HeldReturns, held, _ID, RETURN_QUARANTINE_REASONS, RETURN_PRIORITY, "returns")
    account_for_all(raw.returns, (mapped.returns, *held), _ID, "returns")
    return mapped


def _frames(judged: list[ReturnJudgement], rules: MappingRules) -> MappedReturns:
    accepted = [one for one in judged if one.outcome == "accepted"]
    held = [one for one in judged if one.outcome in ("quarantined", "due")]
    return MappedReturns(
        returns=made_frame(_of_returns(rules), [_return_row(one, rules) for one in accepted]),
        lines=made_frame(_of_lines(rules), [row for one in accepted for row in _line_rows(one)]),
        quarantined=made_frame(HeldReturns, [_held_row(one) for one in held]),
        skipped=made_frame(HeldReturns, [_held_row(one) for one in judged if one.outcome == "skipped"]),
    )


def _of_returns(rules: MappingRules) -> Contract:
    return with_added(Returns, rules.added_to_returns)


def _of_lines(rules: MappingRules) -> Contract:
    return with_added(ReturnLines, rules.added_to_return_lines)


def _return_row(j: ReturnJudgement, rules: MappingRules) -> tuple[Any, ...]:
    """The values of one row of Returns, in the order of its columns."""
    raw, amounts = j.raw, j.amounts
    if amounts is None:
        raise ContractError(f"Return {raw.return_id_netsuite} was accepted without amounts.")
    return (
        raw.return_id_netsuite,
        raw.return_number or raw.return_id_netsuite,
        j.return_on,
        j.status,
        raw.status_text,
        j.stage,
        j.currency,
        raw.exchange_rate,
        amounts.total_minor,
        amounts.subtotal_minor,
        amounts.discount_minor,
        amounts.tax_minor,
        amounts.shipping_cost_minor,
        j.received.minor,
        j.counted_minor,
        j.refund_minor,
        j.parent_kind,
        raw.order_id,
        raw.order_number if raw.order_id else None,
        j.parent_order_on if raw.order_id else None,
        raw.memo,
        j.created_at,
        j.modified_at,
        raw.customer_id or raw.entity_id,
        raw.customer_name,
        j.belongs_to.company_id,
        j.belongs_to.contact_id,
        raw.rep_name,
        raw.rep_email,
        raw.source_store,
        rules.return_url(raw.return_id_netsuite),
        ",".join(j.warnings),
        raw.read_ticket,
        *j.added,
    )


def _line_rows(j: ReturnJudgement) -> Iterable[tuple[Any, ...]]:
    """The rows of ReturnLines of one return, in the order of its columns."""
    for line, received in zip(j.lines.lines, j.received.by_line, strict=True):
        yield (
            j.raw.return_id_netsuite,
            j.return_on,
            line.line_key,
            line.line_class,
            line.line_name,
            line.sku,
            line.line_description,
            line.quantity,
            line.unit_price,
            j.currency,
            line.amount_minor,
            received,
            line.is_closed,
            j.raw.read_ticket,
            *line.added,
        )


def _held_row(j: ReturnJudgement) -> tuple[Any, ...]:
    """The values of one row of HeldReturns, in the order of its columns."""
    raw = j.raw
    readable = j.amount_minor is not None
    return (
        raw.return_id_netsuite,
        raw.return_number,
        j.return_on,
        raw.order_id,
        raw.customer_id or raw.entity_id,
        raw.customer_name,
        raw.rep_name,
        j.status or raw.status,
        j.outcome,
        j.reason,
        j.explanation,
        j.currency,
        j.amount_minor,
        None if readable else raw.currency,
        None if readable else raw.total,
        j.modified_at,
        raw.read_ticket,
    )
