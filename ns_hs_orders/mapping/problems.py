"""What keeps an order or a return from HubSpot: the order of the reasons, and values that are read with problems.

Belongs here: what orders and returns are judged by alike. Does not belong here: judging either (judgement.py,
returns.judgement), or the reason codes (schema.py, returns.schema).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.mapping.schema import Problem

Outcome = Literal["accepted", "quarantined", "due", "skipped"]

PRIORITY = (
    "project_without_customer",
    "unreadable_date",
    "unknown_status",
    "unknown_currency",
    "amount_not_a_number",
    "amount_too_large",
    "currency_exponent_violated",
    "no_lines",
    "duplicate_line_keys",
    "breaks_contract",
    "negative_total",
    "does_not_add_up",
    "unreadable_field",
)
"""Which of several reasons an order is filed under: causes before their effects."""

UNREADABLE_MONEY = (
    "unknown_currency",
    "amount_not_a_number",
    "amount_too_large",
    "currency_exponent_violated",
)
"""Reasons after which an order or a return has no amounts."""

MOST_SENTENCES = 5

T = TypeVar("T")


def explain(problems: Sequence[Problem]) -> str:
    """The sentences of the problems, the first few of many, none twice."""
    sentences = list(dict.fromkeys(problem.sentence for problem in problems))
    more = len(sentences) - MOST_SENTENCES
    return " ".join([*sentences[:MOST_SENTENCES], *([f"And {more} more problems."] if more > 0 else [])])


def read_value(
    what: str,
    text: str | None,
    read: Callable[[str | None], T | None],
    problems: list[Problem],
    *,
    required: bool = True,
    of: str = "order",
) -> T | None:
    """A date or time of an order or a return; None, with a problem, where it cannot be read."""
    try:
        value = read(text)
    except (ValueError, OverflowError):
        problems.append(Problem("unreadable_date", f"The {what} {str(text)[:40]!r} cannot be read."))
        return None
    if value is None and required:
        problems.append(Problem("unreadable_date", f"NetSuite has no {what} for the {of}."))
    return value


def known_currency(text: str | None, problems: list[Problem], *, of: str = "order") -> str | None:
    """The currency of an order or a return; None, with a problem, where it is none."""
    if text is None:
        problems.append(Problem("unknown_currency", f"NetSuite has no currency for the {of}."))
        return None
    try:
        money.exponent(text)
    except MoneyError as error:
        problems.append(Problem(error.reason, str(error)))
        return None
    return text


def check_exchange_rate(text: str | None, problems: list[Problem]) -> None:
    """A rate that is there must be a number."""
    if text is not None:
        try:
            money.parse_decimal(text)
        except MoneyError as error:
            problems.append(Problem(error.reason, f"The exchange rate: {error}"))
