"""The field map in force for one account: the default fields, less and more what settings and the mapping file say.

Belongs here: putting it together, and what may be switched off or kept. Does not belong here: reading the mapping file
(mapping_file).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.fields.columns import HEADER_COLUMNS, LINE_COLUMNS
from ns_hs_orders.fields.field import Field, HealPolicy, SourceColumn
from ns_hs_orders.fields.orders import (
    KEY_AND_DAY,
    LINE_FIELDS,
    NEEDED,
    ORDER_FIELDS,
    PRODUCT_FIELD,
    RETURN_FIELDS,
)
from ns_hs_orders.fields.trust import TRUST_FIELDS


@dataclass(frozen=True)
class FieldMap:
    """The field map in force for one account: sources and fields that are not switched off.

    return_fields: of return records, where returns are records (return_fields). return_columns: what the mapping file
    adds to return authorizations.
    company_fields: what a company tells of its buying, where the account has roll-ups.
    """

    header_columns: tuple[SourceColumn, ...] = HEADER_COLUMNS
    line_columns: tuple[SourceColumn, ...] = LINE_COLUMNS
    order_fields: tuple[Field, ...] = ORDER_FIELDS
    line_fields: tuple[Field, ...] = LINE_FIELDS
    trust_fields: tuple[Field, ...] = TRUST_FIELDS
    return_columns: tuple[SourceColumn, ...] = ()
    return_fields: tuple[Field, ...] = ()

    @property
    def added_order_fields(self) -> tuple[Field, ...]:
        """Those of orders that the mapping file adds."""
        return tuple(f for f in self.order_fields if f.reading)

    @property
    def added_line_fields(self) -> tuple[Field, ...]:
        """Those of lines that the mapping file adds."""
        return tuple(f for f in self.line_fields if f.reading)

    @property
    def added_return_line_fields(self) -> tuple[Field, ...]:
        """Those of lines that the lines of returns have, too: no amounts, which reports on line items would add up."""
        return tuple(f for f in self.added_line_fields if f.kind != "money")

    @property
    def added_return_fields(self) -> tuple[Field, ...]:
        """Those of return records that the mapping file adds."""
        return tuple(f for f in self.return_fields if f.reading)

    @property
    def of_mapping_file(self) -> tuple[Field, ...]:
        """Fields of orders and lines that the mapping file adds or writes to another property."""
        return tuple(f for f in (*self.order_fields, *self.line_fields) if f.origin)

    company_fields: tuple[Field, ...] = ()

    @property
    def left_when_edited(self) -> dict[str, HealPolicy]:
        """The order's properties whose edits in HubSpot are not healed, with their policy."""
        return {f.hubspot_property: f.when_edited for f in self.order_fields if f.when_edited != "heal"}

    def without(self, source_names: frozenset[str]) -> FieldMap:
        """The same map without raw columns that the account does not have; mapped fields stay, empty."""
        return replace(
            self,
            header_columns=tuple(c for c in self.header_columns if c.name not in source_names),
            line_columns=tuple(c for c in self.line_columns if c.name not in source_names),
        )


def field_map(
    account_columns: Mapping[str, str],
    *,
    switched_off: frozenset[str] = frozenset(),
    heal_policy: Mapping[str, HealPolicy] | None = None,
    has_trust_fields: bool = True,
    has_products: bool = False,
    has_returns: bool = False,
) -> FieldMap:
    """The field map of an account.

    account_columns: setting name → NetSuite column, "" where the account has none. switched_off:
    HubSpot properties that are not to be written; the unique keys and amounts cannot be. heal_policy: property →
    policy, where it is not the field's own. has_trust_fields: whether orders tell if their dollars are verified.
    has_products: whether lines are linked to products. has_returns: whether orders tell of their returns.

    Raises ConfigError naming an unknown property, one that cannot be switched off, or one that must be healed.
    """
    policies = heal_policy or {}
    _check_policies(policies)
    known = {f.hubspot_property for f in ORDER_FIELDS + RETURN_FIELDS + LINE_FIELDS}
    if unknown := switched_off - known:
        raise ConfigError(
            f"NS_HS_SWITCHED_OFF_PROPERTIES names what the sync does not write: {', '.join(sorted(unknown))}. "
            f"It writes, and can do without: {', '.join(sorted(known - NEEDED))}."
        )
    if kept := switched_off & NEEDED:
        raise ConfigError(
            f"NS_HS_SWITCHED_OFF_PROPERTIES: {', '.join(sorted(kept))} cannot be switched off: orders are found and proven by it."
        )

    columns = []
    for column in HEADER_COLUMNS:
        if column.setting is None:
            columns.append(column)
        elif account_columns.get(column.setting):
            columns.append(
                replace(
                    column,
                    expression=column.expression.format(**{column.setting: account_columns[column.setting]}),
                )
            )
    return FieldMap(
        header_columns=tuple(columns),
        order_fields=tuple(
            replace(f, when_edited=policies.get(f.hubspot_property, f.when_edited))
            for f in (*ORDER_FIELDS, *(RETURN_FIELDS if has_returns else ()))
            if f.hubspot_property not in switched_off
        ),
        line_fields=tuple(
            f
            for f in (*LINE_FIELDS, *([PRODUCT_FIELD] if has_products else []))
            if f.hubspot_property not in switched_off
        ),
        trust_fields=TRUST_FIELDS if has_trust_fields else (),
    )


def may_be_left(field: Field) -> bool:
    """Whether an edit in HubSpot of this field of an order may stay: not of keys, amounts, currency and days."""
    return field.kind != "money" and field.hubspot_property not in KEY_AND_DAY


def _check_policies(policies: Mapping[str, HealPolicy]) -> None:
    """Raises ConfigError for a property that has no policy of its own, and for one that must be healed."""
    of_orders = ORDER_FIELDS + RETURN_FIELDS
    free = [f.hubspot_property for f in of_orders if may_be_left(f)]
    always = {f.hubspot_property for f in of_orders} - set(free)
    always |= {f.hubspot_property for f in LINE_FIELDS} | KEY_AND_DAY
    allowed = f"A policy of their own may have: {', '.join(free)}."
    if unknown := sorted(set(policies) - set(free) - always):
        raise ConfigError(
            f"NS_HS_HEAL_POLICY names what the sync does not write: {', '.join(unknown)}. {allowed}"
        )
    if healed := sorted(name for name, one in policies.items() if name in always and one != "heal"):
        raise ConfigError(
            f"NS_HS_HEAL_POLICY: {', '.join(healed)} must be healed, since keys, amounts, days, stages and line items are NetSuite's. "
            f"{allowed}"
        )
