"""Whether HubSpot's properties can take what the mapping file writes to them.

Belongs here: a field of the file against the property that exists, or against those near its name. Does not belong here:
making properties (plan.py), or the file's own rules (mapping_file).
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from ns_hs_orders.fields.field import Field
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.setup.ports import CrmDefinitions, PropertyDefinition
from ns_hs_orders.setup.requirements import YES_OR_NO, of_mapping_file, types_of

MOST_NEAR = 5


def mapping_problems(crm: CrmDefinitions, field_map: FieldMap) -> list[str]:
    """Why the properties that the mapping file names cannot be written now, in words; empty where all can be.

    HubSpot is asked only where the file names one. Raises RemoteError.
    """
    problems: list[str] = []
    for object_type, fields in of_mapping_file(field_map).items():
        existing = crm.properties(object_type) if fields else {}
        for field in fields:
            problems += field_problems(object_type, field, existing)
            if field.own and field.hubspot_property not in existing:
                problems.append(
                    f"{object_type} has no property {field.hubspot_property} yet ({field.origin}): run `ns-hs-orders "
                    "setup`, which makes it."
                )
    return problems


def field_problems(object_type: str, field: Field, existing: Mapping[str, PropertyDefinition]) -> list[str]:
    """What is wrong with the property of a field of the mapping file. One that setup will make is right."""
    name = field.hubspot_property
    found = existing.get(name)
    if found is None:
        return [] if field.own else [_unknown(object_type, field, existing)]
    wanted = YES_OR_NO if field.kind == "boolean" and found.type != "bool" else field.options
    problem = ""
    if found.type not in types_of(field.kind):
        problem = (
            f"is of type {found.type} in HubSpot, and the field is of type {field.kind}, which needs "
            f"{' or '.join(types_of(field.kind))}: name another property, or give the field another type"
        )
    elif found.read_only:
        problem = "can only be read, not written: name another property"
    elif found.has_unique_value and not field.unique:
        problem = "requires unique values, so HubSpot would refuse a second record with the same one: name another property"
    elif missing := [one for one in wanted if one not in found.options]:
        problem = f"lacks the options {', '.join(missing)}: add them in HubSpot (Settings → Properties), or change the field's"
    return [f"{object_type}.{name} ({field.origin}) {problem}."] if problem else []


def _unknown(object_type: str, field: Field, existing: Mapping[str, PropertyDefinition]) -> str:
    name = field.hubspot_property
    near = get_close_matches(name, list(existing), n=MOST_NEAR, cutoff=0.6)
    why = (
        "HubSpot keeps names that begin so to itself, so setup cannot make it"
        if name.startswith(("hs_", "hubspot_"))
        else "the file says that setup must not make it"
    )
    there = f"there are {', '.join(near)}" if near else "nothing there is named like it"
    return f"{object_type} has no property {name} ({field.origin}): {why}; {there}."
