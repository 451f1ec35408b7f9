"""One return judged: its signs, amounts, what was received and counts, and every problem that it has.

Belongs here: the reasons that hold a return, and which of them counts. Does not belong here: single lines (lines.py),
their sum (amounts.py), the sync criteria (eligibility.py), what becomes of the order (returns.of_orders).

In this account returns may have their totals and lines in either sign: a survey tells (extract/returns/survey.py), and
where it does not, the return itself: its lines must make its total in one of the two signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.extract.returns.signs import SIGNS
from ns_hs_orders.mapping.added import AddedValues, added_values
from ns_hs_orders.mapping.amounts import Amounts, amounts_of, tax_minor
from ns_hs_orders.mapping.eligibility import Eligibility, eligibility
from ns_hs_orders.mapping.lines import MappedLines, map_lines
from ns_hs_orders.mapping.problems import (
    PRIORITY,
    UNREADABLE_MONEY,
    check_exchange_rate,
    known_currency,
    read_value,
)
from ns_hs_orders.mapping.raw import RawLine, read_day, read_list, read_time
from ns_hs_orders.mapping.returns.raw import RawReturn
from ns_hs_orders.mapping.returns.schema import RETURN_QUARANTINE_REASONS
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import Problem
from ns_hs_orders.mapping.verdict import Judged, check_customer, outcome_of, read_status

RETURN_PRIORITY = (*PRIORITY, "signs_unclear", "unreadable_refund")
NOT_COUNTED = ("pending_approval", "cancelled")
"""Stages of returns that count nothing toward net."""
_PARENT_KINDS = {"SalesOrd": "order", "CustInvc": "invoice", "CashSale": "cash_sale", "RtnAuth": "return"}


@dataclass(frozen=True, slots=True)
class Received:
    """What was received, in minor units. by_line: of goods lines, None for others, in the order of the lines."""

    minor: int = 0
    by_line: tuple[int | None, ...] = ()
    above_quantity: bool = False


@dataclass(frozen=True, slots=True)
class ReturnJudgement(Judged):
    """Everything that is known of one raw return after mapping; a pure function of return, lines and rules.

    currency and amount_minor: both None where either is unreadable. amounts: None where money is unreadable.
    """

    raw: RawReturn
    warnings: tuple[str, ...]
    currency: str | None
    amount_minor: int | None
    amounts: Amounts | None
    lines: MappedLines
    received: Received
    counted_minor: int
    refund_minor: int
    status: str | None
    stage: str | None
    return_on: date | None
    created_at: datetime | None
    modified_at: datetime | None
    parent_kind: str
    parent_order_on: date | None
    belongs_to: Eligibility
    added: tuple[Any, ...] = ()


@dataclass(slots=True)
class _Reading:
    """A return's money read with one sign of its lines."""

    lines: MappedLines
    amounts: Amounts | None = None
    problems: list[Problem] = field(default_factory=list)

    def closes(self) -> bool:
        return self.amounts is not None and self.amounts.lines_make == self.amounts.total_minor


def judge_return(raw: RawReturn, raw_lines: Sequence[RawLine], rules: MappingRules) -> ReturnJudgement:
    """Maps and judges one return. Never raises for what the return's texts hold."""
    problems: list[Problem] = []
    return_on = read_value("return date", raw.return_on, read_day, problems, of="return")
    created_at = read_value("created date", raw.created_at, read_time, problems, of="return")
    modified_at = read_value("modified date", raw.modified_at, read_time, problems, of="return")
    currency = known_currency(raw.currency, problems, of="return")
    total = None if currency is None else _total(raw, currency, problems)
    reading = _read_money(raw, raw_lines, total, currency, rules)
    problems += reading.problems
    letter, stage = read_status(
        raw.status, "RtnAuth", rules.return_stages, problems, stage_map="stage map of returns"
    )
    check_customer(raw, problems)
    check_exchange_rate(raw.exchange_rate, problems)
    received = _received(reading, raw_lines)
    refund, refund_warnings = _refunds(raw, currency, problems)
    amounts = reading.amounts
    if any(one.reason in UNREADABLE_MONEY for one in problems):
        amounts = None
    added = AddedValues()
    if raw.added:
        added = added_values(rules.added_to_returns, raw.added, currency, "the return", problems)
    problems.sort(key=lambda problem: RETURN_PRIORITY.index(problem.reason))
    kind = _parent_kind(raw)
    belongs_to = eligibility(raw, return_on, rules)
    outcome, reason, explanation = outcome_of(
        belongs_to, problems, RETURN_QUARANTINE_REASONS, settled=raw.settled
    )
    return ReturnJudgement(
        raw=raw,
        outcome=outcome,
        reason=reason,
        explanation=explanation,
        problems=tuple(problems),
        warnings=tuple(
            code
            for code, holds in (
                ("zero_total", total == 0),
                ("field_left_empty", added.is_left_empty or reading.lines.is_left_empty),
                ("received_above_quantity", received.above_quantity),
                *_of_parent(raw, kind, total, currency),
                *refund_warnings,
                ("refunded_above_amount", total is not None and refund > total),
                ("refund_not_seen", stage == "refunded" and raw.refunds == "[]" and bool(total)),
            )
            if holds
        ),
        currency=None if total is None else currency,
        amount_minor=total,
        amounts=amounts,
        lines=reading.lines,
        received=received,
        counted_minor=_counted(stage, total or 0, received.minor),
        refund_minor=refund,
        status=letter,
        stage=stage,
        return_on=return_on,
        created_at=created_at,
        modified_at=modified_at,
        parent_kind=kind,
        parent_order_on=_day_or_none(raw.order_on),
        belongs_to=belongs_to,
        added=added.values,
    )


def _total(raw: RawReturn, currency: str, problems: list[Problem]) -> int | None:
    """The total, positive as people read it."""
    if raw.total is None:
        problems.append(Problem("amount_not_a_number", "NetSuite has no total for the return."))
        return None
    try:
        total = money.to_minor(raw.total, currency)
    except MoneyError as error:
        problems.append(Problem(error.reason, f"The total: {error}"))
        return None
    if raw.total_sign is None:
        return abs(total)
    total = -total if raw.total_sign == "negative" else total
    if total < 0:
        problems.append(
            Problem(
                "negative_total",
                f"The total is {money.shown(-total, currency)} the other way round: this account's returns have "
                f"{raw.total_sign} totals.",
            )
        )
    return total


def _read_money(
    raw: RawReturn, raw_lines: Sequence[RawLine], total: int | None, currency: str | None, rules: MappingRules
) -> _Reading:
    """The reading whose lines make the total; where none does, the first, with what is wrong with it."""
    signs = (raw.line_sign,) if raw.line_sign else SIGNS
    readings: list[_Reading] = []
    for sign in signs:
        for tax_sign in SIGNS:
            found = _with_sign(raw, raw_lines, total, currency, rules, sign, tax_sign)
            if found.closes():
                return found
            readings.append(found)
            if raw.tax_details == "[]":
                break
    first = readings[0]
    if len(signs) > 1 and any(one.reason == "does_not_add_up" for one in first.problems):
        sentences = " ".join(one.sentence for one in first.problems if one.reason == "does_not_add_up")
        first.problems = [
            *(one for one in first.problems if one.reason != "does_not_add_up"),
            Problem("signs_unclear", f"{RETURN_QUARANTINE_REASONS['signs_unclear']} {sentences}"),
        ]
    return first


def _with_sign(
    raw: RawReturn,
    raw_lines: Sequence[RawLine],
    total: int | None,
    currency: str | None,
    rules: MappingRules,
    sign: str,
    tax_sign: str,
) -> _Reading:
    lines = map_lines(
        raw.return_id_netsuite,
        [_as_of_an_order(line, sign) for line in raw_lines],
        currency,
        rules,
        of="return",
    )
    reading = _Reading(lines, problems=list(lines.problems))
    tax = tax_minor(raw.tax_details, lines, currency, rules, reading.problems)
    if tax is not None and rules.tax_regime == "suitetax" and tax_sign == "negative":
        tax = -tax
    unreadable = any(one.reason in UNREADABLE_MONEY for one in reading.problems)
    if total is not None and currency is not None and tax is not None and not unreadable:
        reading.amounts = amounts_of(total, tax, lines, currency, rules, reading.problems)
    return reading


def _as_of_an_order(line: RawLine, sign: str) -> RawLine:
    """The line with the signs of an order's: what raises the document is negative, quantities too."""
    quantity = None if line.quantity is None else f"-{line.quantity.lstrip('+-')}"
    return line._replace(
        amount=_turned(line.amount) if sign == "positive" else line.amount,
        quantity=quantity,
    )


def _turned(text: str | None) -> str | None:
    if text is None:
        return None
    return text[1:] if text.startswith("-") else f"-{text}"


def _received(reading: _Reading, raw_lines: Sequence[RawLine]) -> Received:
    """Per goods line the received share; of discounts, tax and shipping the share that these goods have in all goods."""
    by_line: list[int | None] = []
    above = False
    own = [line for line in raw_lines if line.mainline != "T"]
    for line, mapped in zip(own, reading.lines.lines, strict=True):
        if mapped.line_class != "goods" or mapped.amount_minor is None:
            by_line.append(None)
            continue
        ordered, came = _size(line.quantity), _size(line.quantity_shipped)
        above = above or came > ordered
        by_line.append(_share(mapped.amount_minor, min(came, ordered), ordered, anything=bool(came)))
    amounts = reading.amounts
    goods = sum(one for one in by_line if one is not None)
    if amounts is None:
        return Received(0, tuple(by_line), above)
    rest = amounts.total_minor - amounts.subtotal_minor
    if goods == amounts.subtotal_minor and goods:
        total = amounts.total_minor
    else:
        total = goods + (_share(rest, Decimal(goods), Decimal(amounts.subtotal_minor)) if goods else 0)
    return Received(total, tuple(by_line), above)


def _share(minor: int, part: Decimal, whole: Decimal, *, anything: bool = False) -> int:
    """minor × part ÷ whole, rounded half-up; without a whole all or nothing."""
    if not whole:
        return minor if anything else 0
    return int(money.divide(money.multiply(Decimal(minor), part), whole, 0))


def _size(text: str | None) -> Decimal:
    try:
        return Decimal(0) if text is None else abs(money.parse_decimal(text))
    except MoneyError:
        return Decimal(0)


def _counted(stage: str | None, amount: int, received: int) -> int:
    if stage is None or stage in NOT_COUNTED:
        return 0
    return received if stage == "closed" else amount


def _refunds(
    raw: RawReturn, currency: str | None, problems: list[Problem]
) -> tuple[int, list[tuple[str, bool]]]:
    """The sum of the refunds in the return's currency, positive, and which warnings hold."""
    found, elsewhere = 0, False
    for amount, of_currency in _refunds_of(raw, problems):
        if currency is None or of_currency != currency:
            elsewhere = True
            continue
        try:
            minor = money.to_minor(amount, currency)
        except MoneyError as error:
            problems.append(Problem("unreadable_refund", f"A refund: {error}"))
            continue
        found += {"positive": minor, "negative": -minor}.get(raw.refund_sign or "", abs(minor))
    return found, [("refund_in_other_currency", elsewhere)]


def _refunds_of(raw: RawReturn, problems: list[Problem]) -> Iterator[tuple[str, str | None]]:
    try:
        for row in read_list(raw.refunds):
            yield str(row["total"]) if row.get("total") is not None else "", row.get("currency")
    except (ValueError, KeyError, TypeError, AttributeError):
        problems.append(Problem("breaks_contract", "The refunds are not a list of amounts."))


def _parent_kind(raw: RawReturn) -> str:
    if raw.parent_id is None:
        return "none"
    return "missing" if raw.parent_type is None else _PARENT_KINDS.get(raw.parent_type, "none")


def _of_parent(raw: RawReturn, kind: str, amount: int | None, currency: str | None) -> list[tuple[str, bool]]:
    same = raw.order_id is not None and raw.order_currency == currency
    return [
        ("order_missing", kind == "missing"),
        ("return_of_a_return", kind == "return"),
        ("parent_of_other_type", kind == "none" and raw.parent_id is not None),
        ("order_in_other_currency", raw.order_id is not None and not same),
        ("above_order_total", same and amount is not None and _is_above(amount, raw.order_total, currency)),
    ]


def _is_above(amount: int, order_total: str | None, currency: str | None) -> bool:
    try:
        return order_total is not None and amount > money.to_minor(order_total, currency or "")
    except MoneyError:
        return False


def _day_or_none(text: str | None) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None
