"""One order as NetSuite wants it against the same order as HubSpot holds it, field by field.

Belongs here: which fields, lines and associations differ. Does not belong here: when two values are equal
(equality), why they differ (causes), or what it means in dollars (bridge). There are no tolerances.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY, HealPolicy, Kind
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.orders import ORDER_FIELDS
from ns_hs_orders.money import add, from_minor, nearest_minor, parse_decimal, shown, to_minor
from ns_hs_orders.push.schema import WantedLine, WantedOrder, order_of_line
from ns_hs_orders.reconcile.equality import NUMBERS, day_of, equal, unlike
from ns_hs_orders.reconcile.read_back import HeldLine, HeldOrder
from ns_hs_orders.reconcile.sales.dollars import HeldParts

PRIMARY_COMPANY = 509
ORDER_TO_CONTACT = 507
ORDER_TO_DEAL = 512
TOTAL = "hs_total_price"
CURRENCY = "hs_currency_code"
STAGE_PROPERTY = "hs_pipeline_stage"
ORDER_DATE = "netsuite_order_date"
ORDER_DATE_LABEL = next(f.label for f in ORDER_FIELDS if f.hubspot_property == ORDER_DATE)
TOTAL_LABEL = next(f.label for f in ORDER_FIELDS if f.hubspot_property == TOTAL)
LINE_AMOUNT = "netsuite_line_amount"
_FINDING_ORDER = ("amount differs", "lines differ", "field differs", "association missing")


@dataclass(frozen=True)
class FieldDifference:
    """One field, line or association that differs, both values as people read them.

    finding: one of FINDINGS. difference_minor: HubSpot minus NetSuite, for amounts in one currency.
    is_a_persons_line: a line item in HubSpot that the sync did not make, and so never removes. hubspot_property: of the
    order; empty for a whole order, line or association. line_item_id: HubSpot's record id, where a line item differs.
    is_rounding: an amount less than one minor unit apart. is_reported: an edit in HubSpot that the next sync
    leaves as it is. is_of_currency: the same number in another currency, so that the currency is what was changed.
    of_order: internal id of the order in NetSuite whose line item hangs on this one, as after a merge in HubSpot.
    changed_by, changed_at: who changed this very value in HubSpot and when (UTC), where HubSpot tells.
    """

    field: str
    finding: str
    netsuite: str | None
    hubspot: str | None
    difference_minor: int | None = None
    is_a_persons_line: bool = False
    hubspot_property: str | None = None
    line_item_id: str | None = None
    is_rounding: bool = False
    is_reported: bool = False
    is_of_currency: bool = False
    of_order: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None


_NO_STAGES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class FieldKinds:
    """Label and kind of each property, so that a comparison need not walk the field map.

    order_numbers, line_numbers: those whose texts are numbers, which HubSpot writes in its own way. left_when_edited:
    the order's properties whose edits in HubSpot stay, with their policy.
    """

    order: Mapping[str, tuple[str, Kind]]
    line: Mapping[str, tuple[str, Kind]]
    order_numbers: frozenset[str]
    line_numbers: frozenset[str]
    stage_of_id: Mapping[str, str]
    left_when_edited: Mapping[str, HealPolicy]

    @classmethod
    def of(cls, field_map: FieldMap, stage_of_id: Mapping[str, str] = _NO_STAGES) -> FieldKinds:
        """Those of a field map, with the pipeline and its stage. stage_of_id: HubSpot's stage id → stage."""
        order: dict[str, tuple[str, Kind]] = {
            f.hubspot_property: (f.label, f.kind) for f in field_map.order_fields
        }
        order["hs_pipeline"] = ("Pipeline", "text")
        order[STAGE_PROPERTY] = ("Pipeline stage", "text")
        line = {f.hubspot_property: (f.label, f.kind) for f in field_map.line_fields}
        return cls(order, line, _numbers(order), _numbers(line), stage_of_id, field_map.left_when_edited)

    def stage_name(self, stage_id: str | None) -> str:
        """A stage of HubSpot for people; one that is none of ours under its id."""
        return self.stage_of_id.get(stage_id or "", stage_id or "").replace("_", " ")


def _numbers(kinds: Mapping[str, tuple[str, Kind]]) -> frozenset[str]:
    return frozenset(name for name, (_, kind) in kinds.items() if kind in NUMBERS)


def differences(wanted: WantedOrder, held: HeldOrder, kinds: FieldKinds) -> list[FieldDifference]:
    """Everything in which HubSpot's copy is not what NetSuite wants, in the order of the field map."""
    return [
        *_order_fields(wanted, held, kinds),
        *_lines(wanted, held, kinds),
        *_associations(wanted, held),
    ]


def worst(found: list[FieldDifference]) -> str:
    """The one finding for an order with several differences; amounts come first, mere rounding last."""
    findings = {difference.finding for difference in found if not difference.is_rounding}
    return next((finding for finding in _FINDING_ORDER if finding in findings), _FINDING_ORDER[0])


def held_amount(held: HeldOrder) -> tuple[int | None, str | None]:
    """HubSpot's total in minor units of HubSpot's own currency code, and that code.

    A price of more decimals than its currency has is rounded half-up; the comparison of fields minds them all. The
    amount is None where the price or the currency cannot be read.
    """
    currency = held.properties.get(CURRENCY) or None
    price = held.properties.get(TOTAL)
    if currency is None or not price:
        return None, currency
    try:
        return nearest_minor(price, currency), currency
    except MoneyError:
        return None, currency


def amount_text(minor: int | None, currency: str | None) -> str:
    """HubSpot's total for people."""
    return shown(minor, currency) if minor is not None and currency else "amount unreadable"


def held_parts(held: HeldOrder, stage_of_id: Mapping[str, str]) -> HeldParts:
    """Stage and parts of the total as HubSpot holds them; a part is None where it is empty or unreadable."""
    currency = held.properties.get(CURRENCY) or ""
    stage_id = held.properties.get(STAGE_PROPERTY) or None
    tax, shipping, closed = (
        _nearest(held.properties.get(name), currency)
        for name in ("hs_tax", "hs_shipping_cost", "netsuite_closed_amount")
    )
    return HeldParts(stage_of_id.get(stage_id or "", stage_id), tax, shipping, closed)


def held_date(held: HeldOrder) -> date | None:
    """The order date that HubSpot holds, None where it is empty or unreadable."""
    return day_of(held.properties.get(ORDER_DATE) or "")


def _order_fields(wanted: WantedOrder, held: HeldOrder, kinds: FieldKinds) -> list[FieldDifference]:
    found = []
    currency = wanted.properties.get(CURRENCY, "")
    held_currency = held.properties.get(CURRENCY) or ""
    for name in unlike(wanted.properties, held.properties, kinds.order_numbers):
        if name == UNIQUE_ORDER_KEY:
            continue
        value, held_value = wanted.properties[name], held.properties.get(name)
        label, kind = kinds.order.get(name, (name, "text"))
        if not equal(kind, value, held_value):
            if name == STAGE_PROPERTY:
                value, held_value = (kinds.stage_name(one) for one in (value, held_value))
            found.append(_difference(name, label, kind, value, held_value, currency, held_currency))
    if held_currency != currency and not any(d.field == kinds.order[TOTAL][0] for d in found):
        # the same number in another currency is another amount
        label, kind = kinds.order[TOTAL]
        value, held_value = wanted.properties.get(TOTAL, ""), held.properties.get(TOTAL)
        raw = _difference(TOTAL, label, kind, value, held_value, currency, held_currency)
        found.append(replace(raw, is_of_currency=True))
    return found


def _difference(
    name: str, label: str, kind: Kind, value: str, held_value: str | None, currency: str, held_currency: str
) -> FieldDifference:
    if kind != "money":
        return FieldDifference(
            label, "field differs", value or None, held_value or None, hubspot_property=name
        )
    ours, theirs = _nearest(value, currency), _nearest(held_value, held_currency)
    apart = theirs - ours if None not in (ours, theirs) and currency == held_currency else None  # type: ignore[operator]
    return FieldDifference(
        label,
        "amount differs",
        _money(value, currency),
        _money(held_value, held_currency),
        apart,
        hubspot_property=name,
        is_rounding=apart is not None and _within_a_minor_unit(value, held_value or "", currency),
    )


def _within_a_minor_unit(one: str, other: str, currency: str) -> bool:
    apart = add(parse_decimal(one), parse_decimal(other).copy_negate())
    return apart.copy_abs() < from_minor(1, currency)


def _lines(wanted: WantedOrder, held: HeldOrder, kinds: FieldKinds) -> list[FieldDifference]:
    if not wanted.lines and not held.lines:
        return []
    by_key: dict[str, list[HeldLine]] = {}
    foreign = []
    for line in held.lines:
        if line.key is None:
            foreign.append(line)
        else:
            by_key.setdefault(line.key, []).append(line)
    currency = wanted.properties.get(CURRENCY, "")
    found = []
    for wanted_line in wanted.lines:
        copies = by_key.pop(wanted_line.key, [])
        if not copies:
            found.append(
                FieldDifference(
                    f"line {wanted_line.key}",
                    "lines differ",
                    _line_text(wanted_line.properties, currency),
                    None,
                )
            )
            continue
        found += _line_fields(wanted_line, copies[0], kinds, currency)
        foreign += copies[1:]
    foreign += [line for copies in by_key.values() for line in copies]
    for line in foreign:
        name = f"line {line.key}" if line.key else f"line without key (HubSpot line item {line.record_id})"
        found.append(
            FieldDifference(
                name,
                "lines differ",
                None,
                _line_text(line.properties, currency),
                is_a_persons_line=order_of_line(line.key) is None,
                line_item_id=line.record_id,
                of_order=_another(order_of_line(line.key), wanted.key),
            )
        )
    return found


def _another(order: str | None, key: str) -> str | None:
    return None if order == key else order


def _line_fields(
    wanted: WantedLine, held: HeldLine, kinds: FieldKinds, currency: str
) -> list[FieldDifference]:
    found = []
    for name in unlike(wanted.properties, held.properties, kinds.line_numbers):
        if name == UNIQUE_LINE_KEY:
            continue
        value, held_value = wanted.properties[name], held.properties.get(name)
        label, kind = kinds.line.get(name, (name, "text"))
        if not equal(kind, value, held_value):
            raw = _difference(
                name, f"line {wanted.key}: {label}", kind, value, held_value, currency, currency
            )
            found.append(replace(raw, finding="lines differ", line_item_id=held.record_id, is_rounding=False))
    return found


def _line_text(properties: Mapping[str, str | None] | Mapping[str, str], currency: str) -> str:
    name = properties.get("name") or "line item"
    amount = _money(properties.get(LINE_AMOUNT) or properties.get("price"), currency)
    return f"{name}, {amount}" if amount else name


def _associations(wanted: WantedOrder, held: HeldOrder) -> list[FieldDifference]:
    found = []
    target = wanted.company_id or wanted.missing_target
    if target is not None and PRIMARY_COMPANY not in held.company_ids.get(target, ()):
        found.append(_missing("company", target, held.company_ids, PRIMARY_COMPANY))
    contact = wanted.contact_id
    if contact is not None and ORDER_TO_CONTACT not in held.contact_ids.get(contact, ()):
        found.append(_missing("contact", contact, held.contact_ids, ORDER_TO_CONTACT))
    if wanted.deal_id is not None and ORDER_TO_DEAL not in held.deal_ids.get(wanted.deal_id, ()):
        found.append(_missing("deal", wanted.deal_id, held.deal_ids, ORDER_TO_DEAL))
    return found


def _missing(what: str, target: str, linked: Mapping[str, frozenset[int]], type_id: int) -> FieldDifference:
    instead = sorted(other for other, types in linked.items() if type_id in types)
    return FieldDifference(what, "association missing", target, ", ".join(instead) or None)


def _nearest(text: str | None, currency: str) -> int | None:
    try:
        return nearest_minor(text or "", currency)
    except MoneyError:
        return None


def _money(text: str | None, currency: str) -> str | None:
    """An amount for people; one that is not exact in its currency as it is."""
    try:
        return shown(to_minor(text or "", currency), currency)
    except MoneyError:
        return f"{text} {currency}".strip() if text else None
