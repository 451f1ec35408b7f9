"""The line items of an adopted record: which becomes which line of NetSuite, and what becomes of the others.

Belongs here: matching lines, and the keys that they get. Does not belong here: writing them (act), or archiving them,
which the push does once NetSuite's own lines hang on the order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from ns_hs_orders.adopt.schema import PlannedLine
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY
from ns_hs_orders.money import exponent, half_up, multiply, parse_decimal
from ns_hs_orders.push.ports import CrmRecord
from ns_hs_orders.push.schema import WantedOrder, order_of_line

LINE_PROPERTIES = (UNIQUE_LINE_KEY, "hs_sku", "quantity", "price", "amount")
_AMOUNT = "netsuite_line_amount"
_RETURN_AMOUNT = "netsuite_return_line_amount"

What = tuple[str, Decimal, Decimal]
"""SKU, quantity and amount of a line."""


def planned_lines(
    wanted: WantedOrder,
    held: Sequence[CrmRecord],
    *,
    shared: Collection[str],
    keep_unmatched: bool,
    taken: Collection[str] = (),
    of_return: bool = False,
) -> tuple[PlannedLine, ...]:
    """What becomes of each line item of the record.

    A line item becomes a line of NetSuite where both alone have this SKU, quantity and amount. shared: ids of line items
    that hang on another order or a deal too; they are never given a key, since the sync writes what it has keyed.
    keep_unmatched: line items that match nothing stay. taken: line keys that another line item holds already.
    of_return: signs tell nothing then, since integrations keep what came back below zero or above it.
    """
    currency = wanted.properties.get("hs_currency_code", "")
    ours: dict[What, list[str]] = defaultdict(list)
    for line in wanted.lines:
        amount = _RETURN_AMOUNT if of_return else _AMOUNT
        if (
            line.key not in taken
            and (what := _what(line.properties, amount, currency, of_return)) is not None
        ):
            ours[what].append(line.key)
    theirs: dict[What, list[str]] = defaultdict(list)
    for one in held:
        is_free = not one.properties.get(UNIQUE_LINE_KEY) and one.id not in shared
        if is_free and (what := _what(one.properties, "amount", currency, of_return)) is not None:
            theirs[what].append(one.id)
    keys = {ids[0]: ours[what][0] for what, ids in theirs.items() if len(ids) == len(ours.get(what, ())) == 1}
    return tuple(
        _planned(one, wanted, keys, shared=shared, keep_unmatched=keep_unmatched)
        for one in sorted(held, key=lambda line: (len(line.id), line.id))
    )


def _planned(
    line: CrmRecord,
    wanted: WantedOrder,
    keys: Mapping[str, str],
    *,
    shared: Collection[str],
    keep_unmatched: bool,
) -> PlannedLine:
    if held := line.properties.get(UNIQUE_LINE_KEY):
        # given by a run that was killed, or a line of another order that somebody hung here: the push detaches that
        if order_of_line(held) != wanted.key:
            return PlannedLine(line.id, "leave")
        is_wanted = any(one.key == held for one in wanted.lines)
        return PlannedLine(line.id, "key" if is_wanted else "take out", held)
    if line.id in shared:
        return PlannedLine(line.id, "detach")
    if line.id in keys:
        return PlannedLine(line.id, "key", keys[line.id])
    if keep_unmatched:
        return PlannedLine(line.id, "leave")
    return PlannedLine(line.id, "take out", former_key(wanted.key, line.id))


def former_key(order_id: str, line_id: str) -> str:
    """A key of the order that no line of NetSuite has, so that the push takes the line item out in its safe order.

    NetSuite's line keys have no leading zero.
    """
    return f"{order_id}-0{line_id}"


def is_former(key: str) -> bool:
    """Whether a line key is one that no line of NetSuite has."""
    return key.partition("-")[2].startswith("0")


def _what(
    properties: Mapping[str, str | None], amount_property: str, currency: str, of_return: bool
) -> What | None:
    """None where a part cannot be read: then it matches nothing."""
    try:
        quantity = parse_decimal(properties.get("quantity") or "1")
        amount = properties.get(amount_property)
        price = properties.get("price")
        if not amount and not price:
            return None
        value = parse_decimal(amount) if amount else multiply(parse_decimal(price or "0"), quantity)
        if of_return:
            quantity, value = quantity.copy_abs(), value.copy_abs()
        return (
            (properties.get("hs_sku") or "").strip(),
            quantity.normalize(),
            half_up(value, exponent(currency)),
        )
    except MoneyError:
        return None
