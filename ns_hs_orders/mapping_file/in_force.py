"""The field map in force: the default one, what the settings say of it, and what the mapping file makes of it.

Belongs here: all entries together, and what they contradict. Does not belong here: one entry alone (additions.py,
changes.py), or reading the file (document.py).
"""

from __future__ import annotations

from dataclasses import replace

from ns_hs_orders.fields.field import Field, HealPolicy, Kind, SourceColumn
from ns_hs_orders.fields.field_map import FieldMap, field_map
from ns_hs_orders.fields.orders import (
    KEY_AND_DAY,
    LINE_FIELDS,
    ORDER_FIELDS,
    PRODUCT_FIELD,
    RETURN_FIELDS,
    STAGE_PROPERTIES,
)
from ns_hs_orders.fields.returns import (
    RECORD_FIELDS,
    RECORD_LINE_FIELDS,
    RETURN_NEEDED,
    SHARED,
    record_fields,
)
from ns_hs_orders.fields.trust import TRUST_FIELDS
from ns_hs_orders.mapping_file.additions import added
from ns_hs_orders.mapping_file.changes import NEVER_OFF, Account, changed, column_of_entry
from ns_hs_orders.mapping_file.document import Document, Problem, refusal
from ns_hs_orders.mapping_file.entries import Entry, entries_of, near

DEFAULTS: dict[str, dict[str, Field]] = {
    "orders": {f.mapping_name: f for f in ORDER_FIELDS + RETURN_FIELDS},
    "lines": {f.mapping_name: f for f in (*LINE_FIELDS, PRODUCT_FIELD)},
    "returns": {f.mapping_name: f for f in RECORD_FIELDS},
}
"""Section → the default fields by their names in the file."""

_OF_RETURN_RECORDS = {
    "orders": RETURN_NEEDED - SHARED,
    "lines": {f.hubspot_property for f in RECORD_LINE_FIELDS} - SHARED,
}
"""What tells a return from an order: no order and no line of one has these, where returns are records."""

_HELD_AS: dict[Kind, Kind] = {"long_text": "text", "url": "text", "order_link": "text", "money": "decimal"}
"""Type → the type that HubSpot holds in the same way."""

_OF_ORDERS_ALONE = (
    KEY_AND_DAY | {f.hubspot_property for f in ORDER_FIELDS + RETURN_FIELDS if f.kind == "money"}
) - SHARED
"""What searches and sums of orders go by: no return has these."""


def field_map_of(account: Account, document: Document | None = None) -> FieldMap:
    """The field map of an account, with its mapping file where it has one.

    Raises ConfigError that names everything wrong with the file by line and column, or what is wrong with the settings.
    """
    if document is None:
        return _by_settings(account, account.heal_policy or {})
    entries, problems = entries_of(document)
    whole = _Whole(account, document.name, entries, problems)
    found = whole.field_map()
    if problems:
        raise refusal(document.name, problems)
    return found


def _by_settings(account: Account, policies: dict[str, HealPolicy] | object) -> FieldMap:
    found = field_map(
        account.columns,
        switched_off=account.switched_off,
        heal_policy=policies,  # type: ignore[arg-type]
        has_trust_fields=account.has_trust_fields,
        has_products=account.has_products,
        has_returns=account.has_returns,
    )
    return replace(found, return_fields=record_fields(found)) if account.has_return_records else found


class _Whole:
    """Everything that a file says, over the map that the settings make."""

    def __init__(self, account: Account, where: str, entries: list[Entry], problems: list[Problem]) -> None:
        self._account = account
        self._where = where
        self._entries = {(entry.section, entry.name): entry for entry in entries}
        self._problems = problems
        self._columns: dict[str, list[SourceColumn]] = {"orders": [], "lines": [], "returns": []}
        self._fields: dict[str, list[Field]] = {"orders": [], "lines": [], "returns": []}

    def field_map(self) -> FieldMap:
        """The map in force; what is wrong is among the problems."""
        policies = self._account.heal_policy or {}
        named_here = {entry.values.get("hubspot") for entry in self._entries.values()} - {
            field.hubspot_property for fields in DEFAULTS.values() for field in fields.values()
        }
        base = _by_settings(self._account, {k: v for k, v in policies.items() if k not in named_here})
        self._columns["orders"] = list(base.header_columns)
        self._columns["lines"] = list(base.line_columns)
        for section, fields in (("orders", base.order_fields), ("lines", base.line_fields)):
            for field in fields:
                self._default_field(section, field)
        if self._account.has_return_records:
            orders = replace(base, order_fields=tuple(self._fields["orders"]))
            kept = {
                entry.name
                for entry in self._entries.values()
                if entry.section == "returns" and not entry.is_off
            }
            for field in record_fields(orders, kept):
                self._default_field("returns", field)
        self._check_switched_off(base)
        for entry in self._entries.values():
            if entry.name not in DEFAULTS[entry.section]:
                self._added_field(entry)
        self._check_properties()
        self._check_shared()
        self._check_columns()
        return replace(
            base,
            header_columns=tuple(self._columns["orders"]),
            line_columns=tuple(self._columns["lines"]),
            order_fields=tuple(self._fields["orders"]),
            line_fields=tuple(self._fields["lines"]),
            return_columns=tuple(self._columns["returns"]),
            return_fields=tuple(self._fields["returns"]),
        )

    def _default_field(self, section: str, field: Field) -> None:
        entry = self._entries.get((section, field.mapping_name))
        if entry is None:
            self._fields[section].append(field)
            return
        if entry.is_off:
            if field.hubspot_property in NEVER_OFF[section]:
                found_by_it = "returns" if section == "returns" else "orders"
                self._problems.append(
                    entry.problem(
                        f"{field.hubspot_property} cannot be switched off: {found_by_it} are found and proven by it.",
                        "off",
                    )
                )
            if section != "returns" and self._policy_by_setting(field):
                self._problems.append(
                    entry.problem(
                        f"NS_HS_HEAL_POLICY says what becomes of edits of {field.hubspot_property}, which is off here.",
                        "off",
                    )
                )
            return
        found = changed(field, entry, self._account, self._where, self._problems)
        if found.hubspot_property != field.hubspot_property:
            found = self._renamed(field, found, entry)
        taken_from = column_of_entry(field, entry, self._account, self._where, self._problems)
        if taken_from is not None:
            column, source = taken_from
            found = replace(found, source=source)
            others = [one for one in self._columns[section] if one.name != column.name]
            self._columns[section] = [*others, column]
        self._fields[section].append(found)

    def _renamed(self, field: Field, found: Field, entry: Entry) -> Field:
        if entry.section != "returns" and self._policy_by_setting(field):
            self._problems.append(
                entry.problem(
                    f"NS_HS_HEAL_POLICY names {field.hubspot_property}, which is {found.hubspot_property} here.",
                    "hubspot",
                )
            )
        return self._with_policy_of_settings(found, entry)

    def _with_policy_of_settings(self, field: Field, entry: Entry) -> Field:
        by_setting = self._policy_by_setting(field)
        if by_setting is None:
            return field
        if "heal" in entry.values and entry.values["heal"] != by_setting:
            self._problems.append(
                entry.problem(
                    f"{entry.values['heal']} contradicts NS_HS_HEAL_POLICY, which says "
                    f"{field.hubspot_property}={by_setting}; take one of them out.",
                    "heal",
                )
            )
        return replace(field, when_edited=by_setting)

    def _policy_by_setting(self, field: Field) -> HealPolicy | None:
        return (self._account.heal_policy or {}).get(field.hubspot_property)

    def _added_field(self, entry: Entry) -> None:
        known = list(DEFAULTS[entry.section])
        if entry.is_off and not set(entry.values) - {"off"}:
            self._problems.append(
                entry.problem(
                    f"there is no field {entry.written_name} to switch off{near(entry.name, known)}", "off"
                )
            )
            return
        if entry.section == "returns" and not entry.is_off and not self._account.has_return_records:
            self._problems.append(
                entry.problem(
                    "NS_HS_RETURNS leaves return records out; take one of them out, or write off = true."
                )
            )
        found = added(entry, known, self._where, self._problems)
        if found is None or entry.is_off:
            return
        column, field = found
        if field.hubspot_property in self._account.switched_off:
            self._problems.append(
                entry.problem(
                    f"NS_HS_SWITCHED_OFF_PROPERTIES switches {field.hubspot_property} off; take one of them out.",
                    "hubspot",
                )
            )
        self._columns[entry.section].append(column)
        self._fields[entry.section].append(self._with_policy_of_settings(field, entry))

    def _check_switched_off(self, base: FieldMap) -> None:
        """Entries of default fields that the settings have taken out of the map already."""
        left = {
            "orders": {field.mapping_name for field in base.order_fields},
            "lines": {field.mapping_name for field in base.line_fields},
            "returns": {field.mapping_name for field in base.return_fields},
        }
        for (section, name), entry in self._entries.items():
            field = DEFAULTS[section].get(name)
            if field is None or name in left[section] or entry.is_off:
                continue
            setting = f"NS_HS_SWITCHED_OFF_PROPERTIES switches {field.hubspot_property} off"
            if section == "returns" and not self._account.has_return_records:
                setting = "NS_HS_RETURNS leaves return records out"
            elif field.hubspot_property not in self._account.switched_off:
                of = "NS_HS_PRODUCT_ASSOCIATION" if field.kind == "product" else "NS_HS_RETURNS"
                setting = f"{of} leaves it out"
            self._problems.append(entry.problem(f"{setting}; take one of them out, or write off = true."))

    def _check_properties(self) -> None:
        """No property is written by two fields, or by a field and by the sync itself."""
        itself = [*STAGE_PROPERTIES]
        if self._account.has_trust_fields:
            itself += [field.hubspot_property for field in TRUST_FIELDS]
        taken = {"orders": dict.fromkeys(itself, "the sync itself"), "lines": dict[str, str]()}
        taken["returns"] = dict(taken["orders"])
        if self._account.has_return_records:
            for section, properties in _OF_RETURN_RECORDS.items():
                taken[section] |= dict.fromkeys(properties, "return records")
            taken["returns"] |= dict.fromkeys(_OF_ORDERS_ALONE - set(STAGE_PROPERTIES), "orders alone")
        for section, fields in self._fields.items():
            # those that nobody changed come first, so that the file is told of what it does
            for field in sorted(fields, key=lambda one: bool(one.origin)):
                other = taken[section].setdefault(field.hubspot_property, f"{section}.{field.mapping_name}")
                if other == f"{section}.{field.mapping_name}":
                    continue
                entry = self._entries.get((section, field.mapping_name))
                if entry is None:  # a field of returns that follows one of orders
                    if not other.startswith("returns."):
                        continue  # which is told of orders already
                    entry = self._entries[("orders", field.mapping_name)]
                self._problems.append(
                    entry.problem(
                        f"{field.hubspot_property} is written by {other} already; two fields cannot have one property.",
                        "hubspot",
                    )
                )

    def _check_shared(self) -> None:
        """A property that orders and returns both write is one: it has one type, and the options of orders."""
        of_orders = {field.hubspot_property: field for field in self._fields["orders"]}
        for field in self._fields["returns"]:
            other, entry = (
                of_orders.get(field.hubspot_property),
                self._entries.get(("returns", field.mapping_name)),
            )
            if other is None or entry is None:
                continue
            theirs = f"{field.hubspot_property} is written by orders.{other.mapping_name}, too,"
            if _HELD_AS.get(field.kind, field.kind) != _HELD_AS.get(other.kind, other.kind):
                self._problems.append(
                    entry.problem(
                        f"{theirs} as {other.kind}, and not as {field.kind}: one property has one type.",
                        "type",
                    )
                )
            elif field.own and (missing := [one for one in field.options if one not in other.options]):
                self._problems.append(
                    entry.problem(
                        f"{theirs} without the options {', '.join(missing[:10])}; add them there, since setup makes it "
                        "as orders have it.",
                        "options",
                    )
                )

    def _check_columns(self) -> None:
        for section, fields in self._fields.items():
            names: dict[str, str] = {}
            for field in fields:
                if field.reading and names.setdefault(field.name, field.mapping_name) != field.mapping_name:
                    self._problems.append(
                        self._entries[(section, field.mapping_name)].problem(
                            f"its column is {field.name}, as that of {section}.{names[field.name]}; give it another name."
                        )
                    )
