"""Which order or return of NetSuite a record of another integration stands for: the rules, in order, each exact.

Belongs here: the rules, and when a record is left rather than guessed at. Does not belong here: reading either system
(find), or what becomes of lines and associations (lines, moves).

Rules, the first that names an order is told as the reason: the property of NS_HS_ADOPT_KEY_PROPERTY (an internal id or an
order number), `hs_external_order_id` (likewise), `hs_order_name` (an order number). All of them count: a record that names
two orders by two rules is left. As HubSpot's search does, no rule minds case or outer blanks. Return authorizations are
named by the same rules: an internal id is of one transaction, whatever its type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ns_hs_orders.adopt.schema import NEXT_STEPS, REASONS, ForeignRecord, PlanRow, Rule
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.money import parse_decimal, plain, shown
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder


@dataclass(frozen=True)
class Named:
    """What NetSuite answered: internal ids that exist, and folded number → internal ids. returns: those of returns."""

    ids: frozenset[str]
    numbers: Mapping[str, Sequence[str]]
    returns: frozenset[str] = frozenset()


def fold(text: str | None) -> str:
    """As HubSpot's search compares: without regard to case and outer blanks."""
    return (text or "").strip().lower()


def asked_ids(records: Sequence[ForeignRecord]) -> list[str]:
    """Texts of the records that may be internal ids."""
    texts = (text.strip() for one in records for text in (one.key_value, one.external_id))
    return list(dict.fromkeys(text for text in texts if is_id(text)))


def asked_numbers(records: Sequence[ForeignRecord]) -> list[str]:
    """Texts of the records that may be order numbers, as they are and in capitals, as NetSuite writes them."""
    texts = [text.strip() for one in records for text in (one.key_value, one.external_id, one.name)]
    return list(dict.fromkeys(form for text in texts if text for form in (text, text.upper())))


def is_id(text: str) -> bool:
    """Whether the text has the form of an internal id."""
    return text.isascii() and text.isdigit() and not text.startswith("0") and len(text) <= 18


def named_by(record: ForeignRecord, named: Named) -> tuple[Rule | None, tuple[str, ...]]:
    """The first rule that names an order, and all orders that the rules name together."""
    rules: tuple[tuple[Rule, str, bool], ...] = (
        ("key property", record.key_value, True),
        ("external order id", record.external_id, True),
        ("order name", record.name, False),
    )
    first: Rule | None = None
    found: dict[str, None] = {}
    for rule, text, may_be_id in rules:
        of_rule = list(named.numbers.get(fold(text), ()) if text.strip() else ())
        if may_be_id and text.strip() in named.ids:
            of_rule.append(text.strip())
        if of_rule and first is None:
            first = rule
        found |= dict.fromkeys(of_rule)
    return first, tuple(sorted(found, key=lambda one: (len(one), one)))


def rows_of(
    records: Sequence[ForeignRecord],
    named: Named,
    orders: Mapping[str, NetSuiteOrder],
    ours: Mapping[str, str],
) -> list[PlanRow]:
    """A row a record. orders: those that the records name, returns among them where the sync keeps records of returns.

    ours: internal id → our record's id, of those that exist.
    """
    rows = []
    for record in records:
        rule, names = named_by(record, named)
        names = tuple(one for one in names if one in orders or one in named.returns)
        rows.append(_row(record, rule, names, orders, ours, named.returns))
    # beside our own record, each of several goes the same way: which of them to keep is no question
    standing = Counter(row.order_id for row in rows if row.our_record_id is None)
    return [
        left(
            row, "two_records", f"{standing[row.order_id]} records name {row.stands_for} {row.order_number}."
        )
        if row.order_id in orders and row.our_record_id is None and standing[row.order_id] > 1
        else row
        for row in rows
    ]


def _row(
    record: ForeignRecord,
    rule: Rule | None,
    names: tuple[str, ...],
    orders: Mapping[str, NetSuiteOrder],
    ours: Mapping[str, str],
    returns: frozenset[str],
) -> PlanRow:
    if not names:
        return left(PlanRow(record, "leave"), "no_match")
    if len(names) > 1:
        numbers = ", ".join(
            f"{orders[one].order_number} ({one})" if one in orders else f"return {one}" for one in names
        )
        return left(PlanRow(record, "leave", orders=names, by=rule), "two_orders", f"Named: {numbers}.")
    order, is_return = orders.get(names[0]), names[0] in returns
    if order is None:
        row = PlanRow(
            record, "leave", order_id=names[0], orders=names, by=rule, is_synced=False, stands_for="return"
        )
        return left(row, "is_a_return")
    row = PlanRow(
        record, "adopt", order_id=order.key, order_number=order.order_number, orders=names, by=rule,
        our_record_id=ours.get(order.key), is_synced=order.wanted is not None,
        stands_for="return" if is_return else "order",
    )  # fmt: skip
    if contradiction := _contradiction(record, order, is_return=is_return):
        return left(row, *contradiction)
    if row.our_record_id is not None:
        return replace(row, action="archive")
    if order.wanted is None:
        return left(row, "not_synced", order.explanation or f"It is {order.standing}.")
    return row


def _contradiction(record: ForeignRecord, order: NetSuiteOrder, *, is_return: bool) -> tuple[str, str] | None:
    """Reason and words where the record's currency or amount is not the order's; an empty one contradicts nothing.

    Of a return neither its sign nor zero does: integrations keep returns below zero, above it, or without a price.
    """
    if record.currency and order.currency and record.currency != order.currency:
        return "currency_differs", f"{record.currency}, NetSuite {order.currency}."
    if not record.total:
        return None
    if order.total_minor is None or order.currency is None:
        return "amount_unreadable", f"NetSuite's amount {order.raw_total or 'nothing'} cannot be read."
    try:
        held, wanted = parse_decimal(record.total), parse_decimal(plain(order.total_minor, order.currency))
        is_same = held.copy_abs() in (wanted.copy_abs(), 0) if is_return else held == wanted
    except MoneyError:
        return "amount_unreadable", f"HubSpot holds {record.total[:40]!r}."
    if is_same:
        return None
    held_in = record.currency or "without a currency"
    return (
        "amount_differs",
        f"{record.total[:40]} {held_in}, NetSuite {shown(order.total_minor, order.currency)}.",
    )


def left(row: PlanRow, reason: str, found: str = "") -> PlanRow:
    """The row as one that is left, with the reason, what was found, and what to do next."""
    words = " ".join(part for part in (REASONS[reason], found, NEXT_STEPS[reason]) if part)
    return replace(row, action="leave", reason=reason, why=words)
