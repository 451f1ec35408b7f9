"""Whether each order is whole on both sides: its sum, its company, its lines, its owner, what
else it is associated with, and no line left loose.

Belongs here: the rules, over what the reconciliation read anyway. Does not belong here: reading (look, loose_lines),
whether both sides are the same (compare), or how it is shown (report).

An order of HubSpot that is exactly as NetSuite wants it is as whole as NetSuite's: it is not looked at again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping.schema import SKIP_REASONS, MappedOrders
from ns_hs_orders.money import (
    add_up,
    decimal_to_minor,
    exponent,
    half_up,
    multiply,
    parse_decimal,
    shown,
    to_minor,
)
from ns_hs_orders.push.schema import LINK_WARNINGS, WantedOrder
from ns_hs_orders.reconcile.causes import DELETED, DUPLICATES, ONLY_IN_HUBSPOT
from ns_hs_orders.reconcile.compare import CURRENCY, LINE_AMOUNT, ORDER_TO_CONTACT, PRIMARY_COMPANY, TOTAL
from ns_hs_orders.reconcile.compared import ComparedOrder
from ns_hs_orders.reconcile.loose_lines import LooseLine
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder
from ns_hs_orders.reconcile.read_back import HeldLine, HeldOrder
from ns_hs_orders.reconcile.schema import IntegrityFinding, NamedAmount

HEADER = "header equals its lines"
COMPANY = "has its company"
LINES = "has its lines"
OWNER = "has its owner"
LINKS = "has the deal, contact and products that it names"
ORPHANS = "no orphan line items"
MOST_LINES = 3

_OWNER_PROPERTY = "hubspot_owner_id"
_ADDED = ("hs_tax", "hs_shipping_cost", "netsuite_unclassified_amount")
_TAKEN_OFF = ("hs_order_discount", "netsuite_payment_applied")
_EXCUSED = frozenset({"skipped", "quarantined", "rejected", "due"})
"""Outcomes whose reason also says why HubSpot's copy is not whole."""
_OWNER_REASONS = {
    "no_rep": "NetSuite names no sales rep.",
    "unknown_rep": "The sales rep is no active owner in HubSpot.",
}
_RULE_OF_REASON = {
    "does_not_add_up": HEADER,
    "no_lines": LINES,
    "project_without_customer": COMPANY,
    "customer_not_in_hubspot": COMPANY,
    "company_not_in_hubspot": COMPANY,
}
"""Reason of an order that is held back → the rule that it would break."""


class Unlinked(NamedTuple):
    """Something that is not linked to what it names. sku, minor: of a line; None and zero for the whole order."""

    reason: str
    sku: str | None = None
    minor: int = 0


@dataclass(frozen=True)
class Evidence:
    """What the reconciliation read. held: of orders that do not agree, as are those of loose_lines.

    headers_apart: `headers_apart` of the mapped frames. without_owner: `without_owner` of the wanted orders.
    without_link: `without_link` of the wanted orders.
    """

    orders: Mapping[str, NetSuiteOrder]
    held: Mapping[str, HeldOrder]
    compared: Sequence[ComparedOrder]
    headers_apart: Mapping[str, int]
    without_owner: Mapping[str, str]
    loose_lines: Sequence[LooseLine]
    without_link: Mapping[str, Sequence[Unlinked]] = field(default_factory=dict)


def headers_apart(mapped: MappedOrders) -> dict[str, int]:
    """NetSuite's valid orders whose total is not the sum of their parts → what is apart, in minor units.

    The parts: goods lines − discount + shipping + tax − payment + what is unclassified.
    """
    orders, lines = mapped.orders, mapped.lines
    goods = lines[lines["line_class"] == "goods"].groupby("order_id_netsuite")["amount_minor"].sum()
    of_order = goods.reindex(orders["order_id_netsuite"].to_numpy()).fillna(0).to_numpy()
    apart = (
        orders["total_minor"]
        - of_order
        + orders["discount_minor"]
        - orders["shipping_cost_minor"]
        - orders["tax_minor"]
        + orders["payment_minor"]
        - orders["unclassified_minor"]
    )
    wrong = apart[apart != 0]
    return {
        str(key): int(minor)
        for key, minor in zip(orders.loc[wrong.index, "order_id_netsuite"], wrong, strict=True)
        if not pd.isna(minor)
    }


def without_owner(wanted: Iterable[WantedOrder], field_map: FieldMap) -> dict[str, str]:
    """Orders that are to have no owner in HubSpot → the named reason: `no_rep` or `unknown_rep`."""
    if not any(one.hubspot_property == _OWNER_PROPERTY for one in field_map.order_fields):
        return {}
    return {
        one.key: "unknown_rep" if one.unknown_rep else "no_rep"
        for one in wanted
        if not one.properties.get(_OWNER_PROPERTY)
    }


def without_link(wanted: Iterable[WantedOrder]) -> dict[str, tuple[Unlinked, ...]]:
    """Orders that name what HubSpot does not have, or what is not the one → what is not linked, lines by their SKU."""
    return {one.key: tuple(_unlinked(one)) for one in wanted if one.link_warnings}


def _unlinked(wanted: WantedOrder) -> Iterator[Unlinked]:
    of_lines = {line.problem for line in wanted.lines if line.problem}
    yield from (Unlinked(reason) for reason in wanted.link_warnings if reason not in of_lines)
    currency = wanted.properties.get(CURRENCY, "")
    for line in wanted.lines:
        if line.problem:
            minor = to_minor(line.properties.get(LINE_AMOUNT) or "0", currency)
            yield Unlinked(line.problem, line.properties.get("hs_sku", ""), minor)


def findings(evidence: Evidence) -> tuple[IntegrityFinding, ...]:
    """Every order that is not whole, and how many are not for a named reason, by day."""
    apart = {one.key: one for one in evidence.compared if one.verdict.finding != "agrees"}
    return (
        *_netsuite_headers(evidence),
        *_held_back(apart.values()),
        *_owners(evidence),
        *_links(evidence),
        *(
            found
            for key, held in sorted(evidence.held.items())
            if (order := apart.get(key)) is not None
            and order.verdict.cause not in (*DUPLICATES, ONLY_IN_HUBSPOT)
            for found in _of_held(held, order, evidence.without_owner)
        ),
        *_loose(evidence),
    )


def _netsuite_headers(evidence: Evidence) -> Iterator[IntegrityFinding]:
    for key, minor in sorted(evidence.headers_apart.items()):
        if (order := evidence.orders.get(key)) is not None:
            words = f"Total less its parts: {_amount(minor, order.currency)}."
            yield IntegrityFinding(key, order.order_on, "NetSuite", HEADER, words, minor, order.currency)


def _held_back(apart: Iterable[ComparedOrder]) -> Iterator[IntegrityFinding]:
    """Orders that are not sent since they would break a rule, by their reason."""
    counts: Counter[tuple[date, str, str]] = Counter()
    for order in apart:
        reason = order.verdict.reason
        if (
            order.verdict.outcome in _EXCUSED
            and reason in _RULE_OF_REASON
            and order.netsuite_minor is not None
        ):
            counts[order.order_on, _RULE_OF_REASON[reason], reason] += 1
    for (on, rule, reason), count in sorted(counts.items()):
        words = SKIP_REASONS.get(reason, f"Held back: {reason.replace('_', ' ')}.")
        yield IntegrityFinding(None, on, "NetSuite", rule, words, None, None, reason, count)


def _owners(evidence: Evidence) -> Iterator[IntegrityFinding]:
    counts: Counter[tuple[date, str]] = Counter()
    for key, reason in evidence.without_owner.items():
        if (order := evidence.orders.get(key)) is not None:
            counts[order.order_on, reason] += 1
    for (on, reason), count in sorted(counts.items()):
        yield IntegrityFinding(None, on, "HubSpot", OWNER, _OWNER_REASONS[reason], None, None, reason, count)


def _links(evidence: Evidence) -> Iterator[IntegrityFinding]:
    """What cannot be linked to what it names, with its dollars, by day, reason and currency."""
    groups: dict[tuple[date, str, str], list[tuple[str, Unlinked]]] = {}
    for key, unlinked in evidence.without_link.items():
        if (order := evidence.orders.get(key)) is not None and order.total_minor is not None:
            for one in unlinked:
                groups.setdefault((order.order_on, one.reason, order.currency or ""), []).append((key, one))
    for (on, reason, currency), found in sorted(groups.items()):
        worth: Counter[str] = Counter()
        for key, one in found:
            order = evidence.orders[key]
            name = (order.order_number or key) if one.sku is None else one.sku
            worth[name] += (order.total_minor or 0) if one.sku is None else one.minor
        minor = worth.total()
        what = "Orders" if found[0][1].sku is None else "SKUs"
        largest = worth.most_common()
        first = ", ".join(f"{name} ({_amount(of_name, currency)})" for name, of_name in largest[:MOST_LINES])
        more = f" and {len(worth) - MOST_LINES:,} more" if len(worth) > MOST_LINES else ""
        words = f"{LINK_WARNINGS[reason]} Together {_amount(minor, currency)}. {what}: {first}{more}."
        count = len({key for key, _ in found})
        named = tuple(NamedAmount(*one) for one in largest)
        yield IntegrityFinding(None, on, "HubSpot", LINKS, words, minor, currency, reason, count, named)


def _of_held(held: HeldOrder, order: ComparedOrder, ownerless: Collection[str]) -> Iterator[IntegrityFinding]:
    """The rules that HubSpot's copy of an order breaks."""
    reason = _named_reason(order)

    def found(rule: str, words: str, minor: int | None = None) -> IntegrityFinding:
        currency = held.properties.get(CURRENCY) or None
        return IntegrityFinding(order.key, order.order_on, "HubSpot", rule, words, minor, currency, reason)

    currency = held.properties.get(CURRENCY) or ""
    try:
        if minor := _header_apart(held, currency):
            yield found(HEADER, f"Total less its parts: {_amount(minor, currency)}.", minor)
    except MoneyError as error:
        yield found(HEADER, f"An amount cannot be read: {error}")
    has_company = any(PRIMARY_COMPANY in types for types in held.company_ids.values())
    if not has_company and not any(ORDER_TO_CONTACT in types for types in held.contact_ids.values()):
        yield found(COMPANY, "It is linked to no company or contact.")
    if not held.lines:
        yield found(LINES, "It has no line items.")
    if (
        _OWNER_PROPERTY in held.properties
        and not held.properties[_OWNER_PROPERTY]
        and order.key not in ownerless
    ):
        yield found(OWNER, "It has no owner.")


def _header_apart(held: HeldOrder, currency: str) -> int:
    """HubSpot's total less lines, tax, shipping and unclassified, plus discount and payment. Raises MoneyError."""
    parts = [parse_decimal(held.properties.get(TOTAL) or "0")]
    parts += [parse_decimal(held.properties.get(name) or "0").copy_negate() for name in _ADDED]
    parts += [parse_decimal(held.properties.get(name) or "0") for name in _TAKEN_OFF]
    digits = exponent(currency)
    sums = [half_up(part, digits) for part in parts]
    sums += [half_up(_line_amount(line), digits).copy_negate() for line in held.lines]
    return decimal_to_minor(add_up(sums), currency)


def _line_amount(line: HeldLine) -> Decimal:
    """The exact amount that the sync wrote; of a line that it did not make, price × quantity."""
    if amount := line.properties.get(LINE_AMOUNT):
        return parse_decimal(amount)
    price = parse_decimal(line.properties.get("price") or "0")
    return multiply(price, parse_decimal(line.properties.get("quantity") or "1"))


def _loose(evidence: Evidence) -> Iterator[IntegrityFinding]:
    loose: dict[str, list[LooseLine]] = {}
    for line in evidence.loose_lines:
        loose.setdefault(line.order_key, []).append(line)
    for order in evidence.compared:
        if lines := loose.get(order.key):
            named = ", ".join(f"{one.record_id} ({one.line_key})" for one in lines[:MOST_LINES])
            more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
            words = f"Line items that hang on no order: {named}{more}."
            yield IntegrityFinding(
                order.key, order.order_on, "HubSpot", ORPHANS, words, None, None, _named_reason(order)
            )


def _named_reason(order: ComparedOrder) -> str | None:
    """Why HubSpot's copy need not be whole."""
    if order.verdict.outcome in _EXCUSED or order.verdict.cause == DELETED:
        return order.verdict.reason or order.verdict.outcome
    return None


def _amount(minor: int, currency: str | None) -> str:
    return shown(minor, currency) if currency else "of an unknown currency"
