"""One order judged: its stage, dates and amounts, every problem it has, and which frame it belongs to.

Belongs here: the reasons that hold an order, and which of them counts. Does not belong here: single lines
(lines.py), their sum (amounts.py), the sync criteria (eligibility.py), frames (map_orders.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.mapping.added import AddedValues, added_values
from ns_hs_orders.mapping.amounts import Amounts, amounts_of, tax_minor, warnings_of
from ns_hs_orders.mapping.eligibility import Eligibility, eligibility
from ns_hs_orders.mapping.lines import MappedLines, map_lines, trimmed
from ns_hs_orders.mapping.problems import (
    PRIORITY,
    UNREADABLE_MONEY,
    check_exchange_rate,
    known_currency,
    read_value,
)
from ns_hs_orders.mapping.raw import RawLine, RawOrder, read_day, read_time
from ns_hs_orders.mapping.returns.of_orders import UNKNOWN, OrderReturns, order_returns
from ns_hs_orders.mapping.rules import BY_BILLING, MappingRules
from ns_hs_orders.mapping.schema import QUARANTINE_REASONS, Problem
from ns_hs_orders.mapping.tracking import tracking
from ns_hs_orders.mapping.verdict import Judged, check_customer, outcome_of, read_status


@dataclass(frozen=True, slots=True)
class Judgement(Judged):
    """Everything that is known of one raw order after mapping; a pure function of order, lines and rules.

    currency and total_minor: both None where either is unreadable. amounts: None where money is unreadable. status:
    the letter, None where unknown. added: values of the mapping file's fields, in their order.
    """

    raw: RawOrder
    warnings: tuple[str, ...]
    currency: str | None
    total_minor: int | None
    amounts: Amounts | None
    lines: MappedLines
    status: str | None
    stage: str | None
    fulfillment_status: str | None
    order_on: date | None
    created_at: datetime | None
    modified_at: datetime | None
    sales_effective_on: date | None
    tracking_numbers: str | None
    tracking_url: str | None
    belongs_to: Eligibility
    returns: OrderReturns = UNKNOWN
    added: tuple[Any, ...] = ()


def judge(raw: RawOrder, raw_lines: Sequence[RawLine], rules: MappingRules) -> Judgement:
    """Maps and judges one order. Never raises for what the order's texts hold.

    An order that was still changing is due; what lies outside the sync criteria is skipped whatever
    else is wrong with it; the rest is accepted or quarantined.
    """
    problems: list[Problem] = []
    order_on = read_value("order date", raw.order_on, read_day, problems)
    created_at = read_value("created date", raw.created_at, read_time, problems)
    modified_at = read_value("modified date", raw.modified_at, read_time, problems)
    sales_effective_on = read_value(
        "sales effective date", raw.sales_effective_on, read_day, problems, required=False
    )
    currency = known_currency(raw.currency, problems)
    total = None if currency is None else _total(raw, currency, problems)
    lines = map_lines(raw.order_id_netsuite, raw_lines, currency, rules)
    problems += lines.problems
    tax = tax_minor(raw.tax_details, lines, currency, rules, problems)
    letter, stage = _status(raw, lines, rules, problems)
    numbers, url = _tracking(raw, rules, problems)
    check_customer(raw, problems)
    amounts = None
    money_is_readable = not any(p.reason in UNREADABLE_MONEY for p in problems)
    if currency is not None and total is not None and tax is not None and money_is_readable:
        amounts = amounts_of(total, tax, lines, currency, rules, problems)
    check_exchange_rate(raw.exchange_rate, problems)
    returns = UNKNOWN
    if amounts is not None and currency is not None and total is not None:
        returns = order_returns(raw.returns, total, currency, rules, problems)
    added = AddedValues()
    if raw.added:
        added = added_values(rules.added_to_orders, raw.added, currency, "the order", problems)
    problems.sort(key=lambda problem: PRIORITY.index(problem.reason))

    left_empty = ("field_left_empty",) if added.is_left_empty or lines.is_left_empty else ()
    belongs_to = eligibility(raw, order_on, rules)
    outcome, reason, explanation = outcome_of(belongs_to, problems, QUARANTINE_REASONS, settled=raw.settled)
    return Judgement(
        raw=raw,
        outcome=outcome,
        reason=reason,
        explanation=explanation,
        problems=tuple(problems),
        warnings=() if amounts is None else (*warnings_of(amounts), *returns.warnings, *left_empty),
        currency=None if total is None else currency,
        total_minor=total,
        amounts=amounts,
        lines=lines,
        status=letter,
        stage=stage,
        fulfillment_status=_fulfillment(lines),
        order_on=order_on,
        created_at=created_at,
        modified_at=modified_at,
        sales_effective_on=sales_effective_on,
        tracking_numbers=numbers,
        tracking_url=url,
        belongs_to=belongs_to,
        returns=returns,
        added=added.values,
    )


def _total(raw: RawOrder, currency: str, problems: list[Problem]) -> int | None:
    if raw.total is None:
        problems.append(Problem("amount_not_a_number", "NetSuite has no total for the order."))
        return None
    try:
        total = money.to_minor(raw.total, currency)
    except MoneyError as error:
        problems.append(Problem(error.reason, f"The total: {error}"))
        return None
    if total < 0:
        problems.append(Problem("negative_total", f"The total is negative: {money.shown(total, currency)}."))
    return total


def _status(
    raw: RawOrder, lines: MappedLines, rules: MappingRules, problems: list[Problem]
) -> tuple[str | None, str | None]:
    """The letter and its stage; a closed order's stage is told by its lines."""
    letter, stage = read_status(raw.status, "SalesOrd", rules.stages, problems, stage_map="stage map")
    if stage == BY_BILLING:
        stage = "billed" if lines.anything_billed else "cancelled"
    return letter, stage


def _tracking(raw: RawOrder, rules: MappingRules, problems: list[Problem]) -> tuple[str | None, str | None]:
    try:
        return tracking(raw.shipments, rules.tracking_pages)
    except ValueError as error:
        problems.append(Problem("breaks_contract", f"The shipments cannot be read: {error}."))
        return None, None


def _fulfillment(lines: MappedLines) -> str | None:
    if lines.shipped is None:
        return None
    return f"{trimmed(lines.shipped)} of {trimmed(lines.ordered or Decimal(0))} units shipped"
