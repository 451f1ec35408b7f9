"""What an entry changes of a default field: property, label, group, description, heal policy, column of NetSuite.

Belongs here: which of these a field lets be changed. Does not belong here: fields that the file adds (additions.py), or
switching off (in_force.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ns_hs_orders.fields.field import Field, HealPolicy, SourceColumn
from ns_hs_orders.fields.field_map import may_be_left
from ns_hs_orders.fields.orders import NEEDED
from ns_hs_orders.fields.returns import ALWAYS_HEALED, RETURN_NEEDED
from ns_hs_orders.mapping_file.additions import group_name, heal_policy, is_own, property_name
from ns_hs_orders.mapping_file.document import Problem
from ns_hs_orders.mapping_file.entries import Entry, shown
from ns_hs_orders.mapping_file.sources import default_transform, direct_column, path_of, written_path
from ns_hs_orders.mapping_file.vocabulary import OF_ADDED_FIELDS

NEVER_RENAMED = NEEDED | {
    "hs_external_order_id",
    "hs_external_order_status",
    "hs_external_modified_date",
    "netsuite_order_date",
    "netsuite_return_status",
    "hubspot_owner_id",
    "hs_sku",
    "quantity",
    "price",
    "hs_line_item_currency_code",
    "hs_product_id",
}
"""Properties that the sync also finds orders by, or tells from: these names are fixed."""

NEVER_RENAMED_ON_RETURNS = RETURN_NEEDED | {"hubspot_owner_id"}

NEVER_OFF = {"orders": NEEDED, "lines": NEEDED, "returns": RETURN_NEEDED}
"""Section → default properties that it cannot switch off."""

_OF_YOUR_OWN = "switch the field off and add one of your own"


@dataclass(frozen=True)
class Account:
    """What the settings say of the field map.

    columns: setting → column of NetSuite. set_by_hand: names of the settings that are not left at their defaults.
    heal_policy: by property. has_trust_fields, has_products, has_returns: as for `field_map`.
    has_return_records: whether returns are records of their own in HubSpot.
    """

    columns: Mapping[str, str]
    set_by_hand: frozenset[str] = frozenset()
    switched_off: frozenset[str] = frozenset()
    heal_policy: Mapping[str, HealPolicy] | None = None
    has_trust_fields: bool = True
    has_products: bool = False
    has_returns: bool = False
    has_return_records: bool = True


def changed(field: Field, entry: Entry, account: Account, where: str, problems: list[Problem]) -> Field:
    """The default field as an entry has it."""
    problems += [
        entry.problem(f"{key} is for fields that the file adds.", key)
        for key in OF_ADDED_FIELDS
        if key in entry.values and not (key == "optional" and "netsuite" in entry.values)
    ]
    if (kind := entry.values.get("type", field.kind)) != field.kind:
        problems.append(
            entry.problem(
                f"its type is {field.kind}, not {shown(kind)}; for another one, {_OF_YOUR_OWN}.", "type"
            )
        )
    group_name(entry, problems)
    name = property_name(entry, problems, field.hubspot_property)
    is_renamed = name != field.hubspot_property
    fixed = NEVER_RENAMED_ON_RETURNS if entry.section == "returns" else NEVER_RENAMED
    if is_renamed and field.hubspot_property in fixed:
        found_by_it = "returns" if entry.section == "returns" else "orders"
        problems.append(
            entry.problem(
                f"{field.hubspot_property} cannot be renamed, since the sync finds and proves {found_by_it} by it.",
                "hubspot",
            )
        )
    found = replace(
        field,
        hubspot_property=name,
        label=entry.values.get("label", field.label),
        description=entry.values.get("description", field.description),
        group=entry.values.get("group", field.group),
        when_edited=_policy(field, entry, account, problems),
        origin=f"{where}, {entry.place('hubspot')}: [{entry.section}.{entry.name}]"
        if is_renamed
        else field.origin,
    )
    if is_renamed:
        return replace(found, own=is_own(name, entry))
    return replace(found, own=field.own and is_own(name, entry))


def column_of_entry(
    field: Field, entry: Entry, account: Account, where: str, problems: list[Problem]
) -> tuple[SourceColumn, str] | None:
    """The raw column in place of the field map's own, and what it is for people; None where it stays as it is."""
    column = direct_column(entry.section, field)
    _check_transform(field, column, entry, problems)
    text = entry.values.get("netsuite")
    if text is None:
        return None
    if column is None:
        problems.append(
            entry.problem(
                f"its value is computed ({field.source}); for another one, {_OF_YOUR_OWN}.", "netsuite"
            )
        )
        return None
    path = path_of(entry.section, text)
    if isinstance(path, str):
        problems.append(entry.problem(path, "netsuite"))
        return None
    now = written_path(entry.section, column, account.columns)
    known = path_of(entry.section, now) if now else None
    if known == path:
        return None
    if column.setting is None and not column.masked:
        problems.append(
            entry.problem(f"it is always taken from {now}; for another column, {_OF_YOUR_OWN}.", "netsuite")
        )
        return None
    if column.setting in account.set_by_hand:
        problems.append(
            entry.problem(
                f"{shown(text)} contradicts NS_HS_{str(column.setting).upper()}, which is {now or 'empty'}; take one of "
                "them out.",
                "netsuite",
            )
        )
        return None
    found = replace(
        column,
        expression=path.expression,
        setting=None,
        required=entry.values.get("optional") is not True,
        origin=f"{where}, {entry.place('netsuite')}: [{entry.section}.{entry.name}]",
    )
    return found, path.shown


def _check_transform(
    field: Field, column: SourceColumn | None, entry: Entry, problems: list[Problem]
) -> None:
    transform = entry.values.get("transform")
    fixed = default_transform(column, field) if column else "text"
    if transform not in (None, fixed):
        problems.append(
            entry.problem(f"its transform is fixed; for another one, {_OF_YOUR_OWN}.", "transform")
        )


def _policy(field: Field, entry: Entry, account: Account, problems: list[Problem]) -> HealPolicy:
    if "heal" not in entry.values:
        return field.when_edited
    policy = heal_policy(entry, problems)
    is_fixed = entry.section == "returns" and field.hubspot_property in ALWAYS_HEALED
    if policy != "heal" and (entry.section == "lines" or is_fixed or not may_be_left(field)):
        problems.append(
            entry.problem(
                "edits of it are always healed, since keys, amounts, days and line items are NetSuite's.",
                "heal",
            )
        )
        return field.when_edited
    by_setting = (account.heal_policy or {}).get(field.hubspot_property)
    if (
        entry.section == "returns"
        and entry.values.get("hubspot", field.hubspot_property) != field.hubspot_property
    ):
        by_setting = None  # the setting is of the property that orders keep
    if by_setting not in (None, policy):
        problems.append(
            entry.problem(
                f"{policy} contradicts NS_HS_HEAL_POLICY, which says {field.hubspot_property}={by_setting}; take one of "
                "them out.",
                "heal",
            )
        )
    return policy
