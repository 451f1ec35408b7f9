"""What the HubSpot account must have: our properties, their groups, the pipelines of orders and of returns, a label.

Belongs here: the wanted definitions, derived from the field map. Does not belong here: what the account
has, or making it so (plan.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ns_hs_orders.fields.field import PROPERTY_GROUP, Field, Kind
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.trust import TRUST_GROUP
from ns_hs_orders.mapping.returns.schema import RETURN_STAGE_LABELS
from ns_hs_orders.rollups.schema import ROLLUP_GROUP
from ns_hs_orders.setup.groups import RETURN_GROUP, group_of
from ns_hs_orders.setup.ports import AssociationLabel, Pipeline, PipelineStage, PropertyDefinition

PIPELINE_LABEL = "NetSuite Sales Orders"
STAGE_LABELS: dict[str, tuple[str, str]] = {
    "pending_approval": ("Pending Approval", "OPEN"),
    "pending_fulfillment": ("Pending Fulfillment", "OPEN"),
    "fulfilled": ("Fulfilled", "OPEN"),
    "billed": ("Billed", "CLOSED"),
    "cancelled": ("Cancelled", "CLOSED"),
}
"""Stage key → label and state, in the pipeline's order."""
COMPANIES = "companies"
_CLOSED_RETURNS = ("refunded", "closed", "cancelled")


@dataclass(frozen=True)
class PipelineKind:
    """A pipeline of the Orders object. stages: key → label and state, in order. The names are those of its settings.

    without: what can be done where the portal has no room for it; empty where nothing can.
    """

    label: str
    stages: Mapping[str, tuple[str, str]]
    id_setting: str
    stages_setting: str
    holds: str
    without: str = ""


SALES_ORDERS = PipelineKind(
    PIPELINE_LABEL, STAGE_LABELS, "NS_HS_HUBSPOT_PIPELINE_ID", "NS_HS_HUBSPOT_STAGE_IDS", "order"
)
RETURNS = PipelineKind(
    "NetSuite Returns",
    {
        key: (label, "CLOSED" if key in _CLOSED_RETURNS else "OPEN")
        for key, label in RETURN_STAGE_LABELS.items()
    },
    "NS_HS_HUBSPOT_RETURN_PIPELINE_ID",
    "NS_HS_HUBSPOT_RETURN_STAGE_IDS",
    "return",
    "or set NS_HS_RETURNS=amounts_only, which keeps the amounts of returns on their orders and makes no records of them",
)

PARENT_LABEL = AssociationLabel("netsuite_return_of", "Returned order", "Return")
"""From a return to its order, and back."""


@dataclass(frozen=True)
class ReturnsWanted:
    """What returns need in HubSpot beside what orders need. pipeline_id, stage_ids: of an existing pipeline."""

    field_map: FieldMap
    pipeline_id: str = ""
    stage_ids: Mapping[str, str] = field(default_factory=dict)


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
    "order_link": ("string", "text"),
}

_ALSO: dict[Kind, tuple[str, ...]] = {"text": ("phone_number",), "boolean": ("enumeration",)}
YES_OR_NO = ("true", "false")


def wanted_properties(
    field_map: FieldMap, returns: FieldMap | None = None
) -> dict[str, list[PropertyDefinition]]:
    """Our own properties by object type, orders first, in the field map's order; then what is verified; then returns'.

    returns: their field map, where they are records of their own. Companies are among them where the account has
    roll-ups.
    """
    of_returns = _beside(field_map.order_fields, returns.order_fields) if returns else []
    of_return_lines = _beside(field_map.line_fields, returns.line_fields) if returns else []
    wanted = {
        "orders": [
            *(_definition(f, f.group or group_of(f)) for f in _own(field_map.order_fields)),
            *(_definition(f, TRUST_GROUP) for f in field_map.trust_fields),
            *(_definition(f, f.group or RETURN_GROUP) for f in _own(of_returns)),
        ],
        "line_items": [
            *(_definition(f, f.group or PROPERTY_GROUP) for f in _own(field_map.line_fields)),
            *(_definition(f, f.group or RETURN_GROUP) for f in _own(of_return_lines)),
        ],
    }
    if field_map.company_fields:
        wanted[COMPANIES] = [_definition(f, ROLLUP_GROUP) for f in field_map.company_fields]
    return wanted


def _beside(of_orders: Iterable[Field], of_returns: Iterable[Field]) -> list[Field]:
    """Those that returns alone have: a property that orders have, too, is made as theirs."""
    there = {one.hubspot_property for one in of_orders}
    return [one for one in of_returns if one.hubspot_property not in there]


def native_properties(field_map: FieldMap) -> dict[str, list[str]]:
    """HubSpot's own properties that the sync writes, by object type; the account must have them."""
    of_returns = _beside(field_map.order_fields, field_map.return_fields)
    return {
        "orders": [f.hubspot_property for f in (*field_map.order_fields, *of_returns) if not f.own]
        + ["hs_pipeline", "hs_pipeline_stage"],
        "line_items": [f.hubspot_property for f in field_map.line_fields if not f.own],
    }


def wanted_pipeline(kind: PipelineKind = SALES_ORDERS) -> Pipeline:
    """The pipeline with its stages."""
    return Pipeline(
        id=None,
        label=kind.label,
        stages=tuple(PipelineStage(None, label, state) for label, state in kind.stages.values()),
    )


def of_mapping_file(field_map: FieldMap) -> dict[str, list[Field]]:
    """Fields that the mapping file adds or writes to another property, by object type; returns are records of orders."""
    return {
        # a field of returns that follows one of orders is named in the file once
        "orders": list(
            {f.origin: f for f in (*field_map.order_fields, *field_map.return_fields) if f.origin}.values()
        ),
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
