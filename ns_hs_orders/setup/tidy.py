"""Properties of ours that an earlier setup made elsewhere: moved to their group, and labelled and described as the field map
says.

Belongs here: which properties that is, and the steps. Does not belong here: what they should be (requirements, groups), or
properties that are missing (plan.py). Nothing is deleted, and what a person moved or renamed in HubSpot stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.orders import LINE_FIELDS, ORDER_FIELDS, RETURN_FIELDS
from ns_hs_orders.fields.returns import RECORD_FIELDS, RECORD_LINE_FIELDS
from ns_hs_orders.fields.trust import TRUST_FIELDS
from ns_hs_orders.rollups.schema import ROLLUP_FIELDS
from ns_hs_orders.setup.groups import FORMER_GROUPS, GROUP_LABELS
from ns_hs_orders.setup.plan import Step, group_step
from ns_hs_orders.setup.ports import CrmDefinitions, PropertyDefinition
from ns_hs_orders.setup.requirements import COMPANIES, of_mapping_file, wanted_properties

REFUSED = (400, 402, 403, 404, 405)

FORMER_LABELS: Mapping[str, frozenset[str]] = {}
"""Property → labels that an earlier setup gave it."""

FORMER_DESCRIPTION = "From NetSuite: "
"""How an earlier setup began the description of a property that it had no other words for."""


def tidy_steps(crm: CrmDefinitions, field_map: FieldMap, returns: FieldMap | None = None) -> list[Step]:
    """The steps, each optional: the sync works without them. returns: as for wanted_properties. Raises RemoteError."""
    steps: list[Step] = []
    of_file = of_mapping_file(field_map)
    for object_type, wanted in wanted_properties(field_map, returns).items():
        try:
            existing = crm.properties(object_type)
        except RemoteError as error:
            if object_type != COMPANIES or error.status not in REFUSED:
                raise
            continue  # planning tells it
        named_in_file = {field.hubspot_property for field in of_file.get(object_type, ())}
        groups: set[str] | None = None
        for definition in wanted:
            found = existing.get(definition.name)
            if found and definition.name in named_in_file and found.group != definition.group:
                continue  # a property of the account's own, which the mapping file only writes to
            changes = dict(_changes(definition, found)) if found is not None else {}
            if found is None or not changes:
                continue
            if "group" in changes:
                groups = crm.property_groups(object_type) if groups is None else groups
                if definition.group not in groups:
                    made = group_step(crm, object_type, definition.group)
                    steps.append(replace(made, refusals=REFUSED, is_optional=True))
                    groups.add(definition.group)
            steps.append(_step(crm, object_type, definition, found, changes))
    return steps


def _changes(wanted: PropertyDefinition, found: PropertyDefinition) -> Iterator[tuple[str, str]]:
    if found.group != wanted.group and found.group in FORMER_GROUPS:
        yield "group", wanted.group
    if found.label != wanted.label and (
        found.label in FORMER_LABELS.get(wanted.name, ())
        or wanted.label != _default_labels().get(wanted.name)
    ):
        yield "label", wanted.label
    if found.description != wanted.description and found.description.startswith(FORMER_DESCRIPTION):
        yield "description", wanted.description


def _default_labels() -> dict[str, str]:
    """Label of each property in the field map that comes with the package; another one is the account's own choice."""
    of_returns = (*RECORD_FIELDS, *RECORD_LINE_FIELDS)
    of_orders = (*ORDER_FIELDS, *RETURN_FIELDS, *LINE_FIELDS)
    return {f.hubspot_property: f.label for f in (*of_returns, *of_orders, *TRUST_FIELDS, *ROLLUP_FIELDS)}


def _step(
    crm: CrmDefinitions,
    object_type: str,
    wanted: PropertyDefinition,
    found: PropertyDefinition,
    changes: Mapping[str, str],
) -> Step:
    told = []
    if "group" in changes:
        told.append(f"moved to the group {GROUP_LABELS.get(wanted.group, wanted.group)!r}")
    if "label" in changes:
        told.append(f"label changed from {found.label!r} to {wanted.label!r}")
    if "description" in changes:
        told.append("description changed")

    def is_there() -> bool:
        now = crm.properties(object_type).get(wanted.name)
        return now is not None and not dict(_changes(wanted, now))

    return Step(
        f"property {object_type}.{wanted.name}: {', '.join(told)}",
        "Nothing fails without it; in HubSpot, Settings → Properties, it can be done by hand.",
        f"tidy {object_type} {wanted.group}",
        lambda: crm.update_property(object_type, wanted.name, changes),
        is_there,
        refusals=REFUSED,
        is_optional=True,
    )
