"""One order's transaction lines: what each one is, its amount as people read it, and its unit price.

Belongs here: the class of every row, turned signs, the sums by class, closed and shipped shares. Does not
belong here: whether the order is valid (judgement.py) or who gets it (eligibility.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.mapping.added import AddedValues, added_values
from ns_hs_orders.mapping.raw import RawLine
from ns_hs_orders.mapping.rules import BY_SIGN, MappingRules
from ns_hs_orders.mapping.schema import Problem

PRICE_DECIMALS = 8
_ZERO = Decimal(0)


class MappedLine(NamedTuple):
    """A row of OrderLines without what it shares with its order.

    amount_minor: as people read it, a discount or payment negative; None where it is unreadable or does
    not count. unit_price: goods only. added: values of the mapping file's fields.
    """

    line_key: str
    line_sequence: int | None
    line_class: str
    item_type: str | None
    line_name: str | None
    sku: str | None
    line_description: str | None
    quantity: str | None
    unit_price: str | None
    amount_minor: int | None
    is_closed: bool
    added: tuple[Any, ...] = ()


@dataclass(slots=True)
class MappedLines:
    """All lines of one order and what they add up to; `sums` holds amounts by class as people read them.

    closed_minor: over closed goods lines, amount × unbilled share. ordered, shipped: units of the goods
    lines that NetSuite tells a shipped quantity of, None where it tells none. without_amount: lines that
    count and have no amount in NetSuite. is_left_empty: whether a goods line has a field that cannot be read.
    """

    lines: list[MappedLine] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    closed_minor: int = 0
    anything_billed: bool = False
    ordered: Decimal | None = None
    shipped: Decimal | None = None
    without_amount: list[str] = field(default_factory=list)
    is_left_empty: bool = False
    problems: list[Problem] = field(default_factory=list)


def line_class(line: RawLine, rules: MappingRules) -> str:
    """The one class of a row other than the mainline row: an entry of LINE_CLASSES.

    Rows that repeat or explain other rows are `ignored`: cost rows, components of kits and assemblies,
    subtotals, groups, texts; legacy tax rows under SuiteTax; closed lines where they do not count.
    """
    if line.is_closed == "T" and rules.closed_lines == "not_counted":
        return "ignored"
    return _class_while_open(line, rules)


def _class_while_open(line: RawLine, rules: MappingRules) -> str:
    if line.is_cogs == "T" or line.kit_component == "T" or line.assembly_component == "T":
        return "ignored"
    by_type = rules.class_of_item_type.get((line.item_type or "").strip().lower(), "goods")
    if line.taxline == "T" or by_type == "tax":
        return "tax" if rules.tax_regime == "legacy" else "ignored"
    if by_type == BY_SIGN:
        return "payment" if _lowers_the_order(line.amount) else "goods"
    if by_type == "shipping" and _is_handling(line):
        return "handling"
    return by_type


def _is_handling(line: RawLine) -> bool:
    """NetSuite keeps handling as a shipping item: the line type tells, or else the item's name."""
    if line.line_type is not None:
        return "HANDLING" in line.line_type.upper()
    return any(text is not None and text.strip().lower() == "handling" for text in (line.sku, line.item_name))


def _lowers_the_order(amount: str | None) -> bool:
    """In NetSuite's signs, what lowers a sales order is positive."""
    try:
        return amount is not None and money.parse_decimal(amount) > 0
    except MoneyError:
        return False


def map_lines(
    order_id: str,
    raw_lines: Sequence[RawLine],
    currency: str | None,
    rules: MappingRules,
    *,
    of: str = "order",
) -> MappedLines:
    """Maps all rows but the mainline row. Bad values become problems; nothing is raised.

    currency: None where it is unknown; amounts are then left out. of: what the lines are of, for people.
    """
    mapped = MappedLines()
    keys: set[str] = set()
    for raw in raw_lines:
        if raw.mainline == "T":
            continue
        key = raw.line_unique_key
        if key is None:
            mapped.problems.append(Problem("breaks_contract", "A line has no unique key in NetSuite."))
            key = f"row {len(mapped.lines) + 1}"
        elif key in keys:
            mapped.problems.append(Problem("duplicate_line_keys", f"More than one line has the key {key}."))
        keys.add(key)
        mapped.lines.append(_map_line(f"{order_id}-{key}", raw, currency, rules, mapped))
    if not mapped.lines:
        mapped.problems.append(Problem("no_lines", f"NetSuite has no lines for the {of}."))
    return mapped


def _map_line(
    key: str, raw: RawLine, currency: str | None, rules: MappingRules, mapped: MappedLines
) -> MappedLine:
    kind = line_class(raw, rules)
    counts = kind != "ignored"
    problems = mapped.problems if counts else []
    amount = _amount(key, raw.amount, currency, problems)
    quantity = _number(key, "quantity", raw.quantity, problems)
    billed = _number(key, "billed quantity", raw.quantity_billed, problems)
    quantity = None if quantity is None else -quantity
    mapped.anything_billed = mapped.anything_billed or bool(billed)
    if counts:
        mapped.sums[kind] = mapped.sums.get(kind, 0) + (amount or 0)
        if raw.amount is None:
            mapped.without_amount.append(key)

    price: str | None = None
    quantity_text = None if quantity is None else trimmed(quantity)
    if kind == "goods":
        _count_units(quantity, _number(key, "shipped quantity", raw.quantity_shipped, problems), mapped)
        if currency is not None:
            amount = amount or 0
            quantity_text, price = quantity_and_price(quantity, raw.rate, amount, currency)
    added = AddedValues()
    if raw.added:
        of_goods = mapped.problems if kind == "goods" else []
        added = added_values(rules.added_to_lines, raw.added, currency, f"line {key}", of_goods)
        mapped.is_left_empty = mapped.is_left_empty or (kind == "goods" and added.is_left_empty)
    closed = raw.is_closed == "T"
    if closed and amount and _class_while_open(raw, rules) == "goods":
        mapped.closed_minor += unbilled_minor(amount, quantity, billed)
    return MappedLine(
        line_key=key,
        line_sequence=_sequence(raw.line_sequence),
        line_class=kind,
        item_type=raw.item_type,
        line_name=raw.item_name or raw.sku or raw.line_memo or raw.item_type or f"Line {key}",
        sku=raw.sku,
        line_description=raw.line_memo,
        quantity=quantity_text,
        unit_price=price,
        amount_minor=amount,
        is_closed=closed,
        added=added.values,
    )


def quantity_and_price(
    quantity: Decimal | None, rate: str | None, amount_minor: int, currency: str
) -> tuple[str, str]:
    """The quantity and unit price of a goods line as decimal texts that HubSpot takes.

    The price is NetSuite's rate where quantity × rate rounds half-up to the amount, else amount ÷
    quantity to eight decimals. An empty or zero quantity becomes 1 at the amount. HubSpot refuses
    negative prices, so a negative line has price 0; its amount stays in `amount_minor`. A quantity
    against the usual direction keeps its size only.
    """
    if not quantity:
        return "1", money.plain(max(amount_minor, 0), currency)
    units = abs(quantity)
    if amount_minor < 0:
        return trimmed(units), "0"
    amount = money.from_minor(amount_minor, currency)
    per_unit = _rate(rate)
    if per_unit is not None and amount == money.half_up(
        money.multiply(units, per_unit), money.exponent(currency)
    ):
        return trimmed(units), money.decimal_text(per_unit)
    return trimmed(units), trimmed(money.divide(amount, units, PRICE_DECIMALS))


def unbilled_minor(amount_minor: int, quantity: Decimal | None, billed: Decimal | None) -> int:
    """amount × unbilled share of the quantity, rounded half-up; without a quantity all or nothing."""
    invoiced = abs(billed or _ZERO)
    if not quantity:
        return 0 if invoiced else amount_minor
    units = abs(quantity)
    unbilled = max(units - invoiced, _ZERO)
    return int(money.divide(money.multiply(Decimal(amount_minor), unbilled), units, 0))


@lru_cache(maxsize=16_384)
def trimmed(value: Decimal) -> str:
    """A decimal as plain text without trailing zeros: `3`, `2.5`."""
    text = money.decimal_text(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(key: str, text: str | None, currency: str | None, problems: list[Problem]) -> int | None:
    """The amount with its sign turned. NetSuite leaves out what is empty: no amount counts as none."""
    if text is None or currency is None:
        return None
    try:
        return -money.to_minor(text, currency)
    except MoneyError as error:
        problems.append(Problem(error.reason, f"Amount of line {key}: {error}"))
        return None


def _number(key: str, what: str, text: str | None, problems: list[Problem]) -> Decimal | None:
    if text is None:
        return None
    try:
        return money.parse_decimal(text)
    except MoneyError as error:
        problems.append(Problem(error.reason, f"The {what} of line {key}: {error}"))
        return None


def _rate(text: str | None) -> Decimal | None:
    """A rate may be a percentage; it then says nothing of the price of one unit."""
    try:
        rate = None if text is None else money.parse_decimal(text)
    except MoneyError:
        return None
    return rate if rate is not None and rate >= 0 else None


def _count_units(ordered: Decimal | None, shipped: Decimal | None, mapped: MappedLines) -> None:
    if shipped is None:
        return
    mapped.ordered = money.add(mapped.ordered or _ZERO, abs(ordered or _ZERO))
    mapped.shipped = money.add(mapped.shipped or _ZERO, abs(shipped))


def _sequence(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 19 else None
