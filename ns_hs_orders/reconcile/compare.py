"""One order as NetSuite wants it against the same order as HubSpot holds it, field by field.

Belongs here: when two values are equal, by kind of field. Does not belong here: why they differ
(causes), or what it means in dollars (bridge). There are no tolerances.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields import ORDER_FIELDS, UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY, FieldMap, HealPolicy, Kind
from ns_hs_orders.money import parse_decimal, shown, to_minor
from ns_hs_orders.push.schema import WantedLine, WantedOrder
from ns_hs_orders.reconcile.read_back import HeldLine, HeldOrder
from ns_hs_orders.reconcile.sales import HeldParts

PRIMARY_COMPANY = 509
ORDER_TO_CONTACT = 507
TOTAL = "hs_total_price"
CURRENCY = "hs_currency_code"
ORDER_DATE = "netsuite_order_date"
ORDER_DATE_LABEL = next(f.label for f in ORDER_FIELDS if f.hubspot_property == ORDER_DATE)
LINE_AMOUNT = "netsuite_line_amount"
NUMBERS = frozenset({"money", "decimal"})
_FINDING_ORDER = ("amount differs", "lines differ", "field differs", "association missing")


@dataclass(frozen=True)
class FieldDifference:
    """One field, line or association that differs, both values as people read them.

    finding: one of FINDINGS. difference_minor: HubSpot minus NetSuite, for amounts in one currency.
    is_a_persons_line: a line item in HubSpot that the sync did not make, and so never removes. hubspot_property: of the
    order. is_reported: an edit in HubSpot that the next sync leaves as it is.
    """

    field: str
    finding: str
    netsuite: str | None
    hubspot: str | None
    difference_minor: int | None = None
    is_a_persons_line: bool = False
    hubspot_property: str | None = None
    is_reported: bool = False


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
        order["hs_pipeline_stage"] = ("Pipeline stage", "text")
        line = {f.hubspot_property: (f.label, f.kind) for f in field_map.line_fields}
        return cls(order, line, _numbers(order), _numbers(line), stage_of_id, field_map.left_when_edited)


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
    """The one finding for an order with several differences; amounts come first."""
    findings = {difference.finding for difference in found}
    return next(finding for finding in _FINDING_ORDER if finding in findings)


def held_amount(held: HeldOrder) -> tuple[int | None, str | None]:
    """HubSpot's total in minor units of HubSpot's own currency code, and that code.

    The amount is None where the price or the currency cannot be read exactly.
    """
    currency = held.properties.get(CURRENCY) or None
    price = held.properties.get(TOTAL)
    if currency is None or not price:
        return None, currency
    try:
        return to_minor(price, currency), currency
    except MoneyError:
        return None, currency


def held_parts(held: HeldOrder, stage_of_id: Mapping[str, str]) -> HeldParts:
    """Stage and parts of the total as HubSpot holds them; a part is None where it is empty or unreadable."""
    currency = held.properties.get(CURRENCY) or ""
    stage_id = held.properties.get("hs_pipeline_stage") or None
    tax, shipping, closed = (
        _minor(held.properties.get(name), currency)
        for name in ("hs_tax", "hs_shipping_cost", "netsuite_closed_amount")
    )
    return HeldParts(stage_of_id.get(stage_id or "", stage_id), tax, shipping, closed)


def held_date(held: HeldOrder) -> date | None:
    """The order date that HubSpot holds, None where it is empty or unreadable."""
    return _date(held.properties.get(ORDER_DATE) or "")


def equal(kind: Kind, wanted: str, held: str | None) -> bool:
    """Whether HubSpot's text says the same as ours.

    Empty and absent are one: HubSpot reads "" back as null. Numbers are compared as exact decimals
    (`100` is `100.00`), times as instants (ISO 8601 or epoch milliseconds), all else to the letter.
    """
    held = held or ""
    if wanted == held:
        return True
    if not wanted or not held:
        return False
    if kind in NUMBERS:
        return _same_number(wanted, held)
    if kind == "datetime":
        instant = _instant(wanted)
        return instant is not None and instant == _instant(held)
    if kind == "date":
        day = _date(wanted)
        return day is not None and day == _date(held)
    return False


@lru_cache(maxsize=4096)
def _same_number(wanted: str, held: str) -> bool:
    # cached: HubSpot answers 0 for each 0.00, and most orders have several
    try:
        return parse_decimal(wanted) == parse_decimal(held)
    except MoneyError:
        return False


def _unlike(wanted: Mapping[str, str], held: Mapping[str, str | None], numbers: frozenset[str]) -> list[str]:
    """Properties whose texts differ, and not as numbers; empty and absent are one."""
    held_text = held.get
    return [
        name
        for name, value in wanted.items()
        if value != (text := held_text(name) or "") and not (name in numbers and _same_number(value, text))
    ]


def _order_fields(wanted: WantedOrder, held: HeldOrder, kinds: FieldKinds) -> list[FieldDifference]:
    found = []
    currency = wanted.properties.get(CURRENCY, "")
    held_currency = held.properties.get(CURRENCY) or ""
    for name in _unlike(wanted.properties, held.properties, kinds.order_numbers):
        if name == UNIQUE_ORDER_KEY:
            continue
        value, held_value = wanted.properties[name], held.properties.get(name)
        label, kind = kinds.order.get(name, (name, "text"))
        if not equal(kind, value, held_value):
            raw = _difference(label, kind, value, held_value, currency, held_currency)
            found.append(replace(raw, hubspot_property=name))
    if held_currency != currency and not any(d.field == kinds.order[TOTAL][0] for d in found):
        # the same number in another currency is another amount
        label, kind = kinds.order[TOTAL]
        value, held_value = wanted.properties.get(TOTAL, ""), held.properties.get(TOTAL)
        raw = _difference(label, kind, value, held_value, currency, held_currency)
        found.append(replace(raw, hubspot_property=TOTAL))
    return found


def _difference(
    label: str, kind: Kind, value: str, held_value: str | None, currency: str, held_currency: str
) -> FieldDifference:
    if kind != "money":
        return FieldDifference(label, "field differs", value or None, held_value or None)
    ours, theirs = _minor(value, currency), _minor(held_value, held_currency)
    apart = theirs - ours if None not in (ours, theirs) and currency == held_currency else None  # type: ignore[operator]
    return FieldDifference(
        label, "amount differs", _money(value, currency), _money(held_value, held_currency), apart
    )


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
                is_a_persons_line=not (line.key or "").startswith(f"{wanted.key}-"),
            )
        )
    return found


def _line_fields(
    wanted: WantedLine, held: HeldLine, kinds: FieldKinds, currency: str
) -> list[FieldDifference]:
    found = []
    for name in _unlike(wanted.properties, held.properties, kinds.line_numbers):
        if name == UNIQUE_LINE_KEY:
            continue
        value, held_value = wanted.properties[name], held.properties.get(name)
        label, kind = kinds.line.get(name, (name, "text"))
        if not equal(kind, value, held_value):
            raw = _difference(f"line {wanted.key}: {label}", kind, value, held_value, currency, currency)
            found.append(
                FieldDifference(raw.field, "lines differ", raw.netsuite, raw.hubspot, raw.difference_minor)
            )
    return found


def _line_text(properties: Mapping[str, str | None] | Mapping[str, str], currency: str) -> str:
    name = properties.get("name") or "line item"
    amount = _money(properties.get(LINE_AMOUNT) or properties.get("price"), currency)
    return f"{name}, {amount}" if amount else name


def _associations(wanted: WantedOrder, held: HeldOrder) -> list[FieldDifference]:
    found = []
    target = wanted.company_id or (None if wanted.contact_id else wanted.missing_target)
    if target is not None and PRIMARY_COMPANY not in held.company_ids.get(target, ()):
        found.append(_missing("company", target, held.company_ids, PRIMARY_COMPANY))
    contact = wanted.contact_id
    if contact is not None and ORDER_TO_CONTACT not in held.contact_ids.get(contact, ()):
        found.append(_missing("contact", contact, held.contact_ids, ORDER_TO_CONTACT))
    return found


def _missing(what: str, target: str, linked: Mapping[str, frozenset[int]], type_id: int) -> FieldDifference:
    instead = sorted(other for other, types in linked.items() if type_id in types)
    return FieldDifference(what, "association missing", target, ", ".join(instead) or None)


def _minor(text: str | None, currency: str) -> int | None:
    try:
        return to_minor(text or "", currency)
    except MoneyError:
        return None


def _money(text: str | None, currency: str) -> str | None:
    minor = _minor(text, currency)
    if minor is not None:
        return shown(minor, currency)
    return f"{text} {currency}".strip() if text else None


def _instant(text: str) -> datetime | None:
    if text.lstrip("-").isdigit():
        try:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        except (OverflowError, OSError, ValueError):
            return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        at = _instant(text)
        # HubSpot keeps a date as midnight UTC; any other time is no date
        return (
            at.date()
            if at is not None and at == at.replace(hour=0, minute=0, second=0, microsecond=0)
            else None
        )
