"""What the HubSpot account must have: our properties, their groups, and the order pipeline.

Belongs here: the wanted definitions, derived from the field map. Does not belong here: what the account
has, or making it so (plan.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from ns_hs_orders.fields import PROPERTY_GROUP, TRUST_GROUP, Field, FieldMap, Kind
from ns_hs_orders.rollups.schema import ROLLUP_GROUP
from ns_hs_orders.setup.groups import group_of
from ns_hs_orders.setup.ports import Pipeline, PipelineStage, PropertyDefinition

PIPELINE_LABEL = "NetSuite Sales Orders"
STAGE_LABELS: dict[str, tuple[str, str]] = {
    "pending_approval": ("Pending Approval", "OPEN"),
    "pending_fulfillment": ("Pending Fulfillment", "OPEN"),
    "fulfilled": ("Fulfilled", "OPEN"),
    "billed": ("Billed", "CLOSED"),
    "cancelled": ("Cancelled", "CLOSED"),
}
"""Stage key → label and state, in the pipeline's order."""

_TYPES: dict[Kind, tuple[str, str]] = {
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "url": ("string", "text"),
    "money": ("number", "number"),
    "decimal": ("number", "number"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "boolean": ("bool", "booleancheckbox"),
    "enumeration": ("enumeration", "select"),
}

_ALSO: dict[Kind, tuple[str, ...]] = {"text": ("phone_number",), "boolean": ("enumeration",)}
YES_OR_NO = ("true", "false")


def wanted_properties(field_map: FieldMap) -> dict[str, list[PropertyDefinition]]:
    """Our own properties by object type, orders first, in the field map's order; what is verified comes last.

    Companies are among them where the account has roll-ups.
    """
    wanted = {
        "orders": [
            *(_definition(f, f.group or group_of(f)) for f in _own(field_map.order_fields)),
            *(_definition(f, TRUST_GROUP) for f in field_map.trust_fields),
        ],
        "line_items": [_definition(f, f.group or PROPERTY_GROUP) for f in _own(field_map.line_fields)],
    }
    if field_map.company_fields:
        wanted["companies"] = [_definition(f, ROLLUP_GROUP) for f in field_map.company_fields]
    return wanted


def native_properties(field_map: FieldMap) -> dict[str, list[str]]:
    """HubSpot's own properties that the sync writes, by object type; the account must have them."""
    return {
        "orders": [f.hubspot_property for f in field_map.order_fields if not f.own]
        + ["hs_pipeline", "hs_pipeline_stage"],
        "line_items": [f.hubspot_property for f in field_map.line_fields if not f.own],
    }


def wanted_pipeline() -> Pipeline:
    """The order pipeline with its five stages."""
    return Pipeline(
        id=None,
        label=PIPELINE_LABEL,
        stages=tuple(PipelineStage(None, label, state) for label, state in STAGE_LABELS.values()),
    )


def of_mapping_file(field_map: FieldMap) -> dict[str, list[Field]]:
    """Fields that the mapping file adds or writes to another property, by object type."""
    return {
        "orders": [f for f in field_map.order_fields if f.origin],
        "line_items": [f for f in field_map.line_fields if f.origin],
    }


def types_of(kind: Kind) -> tuple[str, ...]:
    """Types of a HubSpot property that holds such a value, ours first."""
    return (_TYPES[kind][0], *_ALSO.get(kind, ()))


def _own(fields: Iterable[Field]) -> list[Field]:
    return [field for field in fields if field.own]


def _definition(field: Field, group: str) -> PropertyDefinition:
    kind, field_type = _TYPES[field.kind]
    return PropertyDefinition(
        name=field.hubspot_property,
        label=field.label,
        type=kind,
        field_type=field_type,
        group=group,
        has_unique_value=field.unique,
        description=field.description or f"From NetSuite: {field.source}.",
        options=YES_OR_NO if field.kind == "boolean" else field.options,
    )
