"""What setup would change in HubSpot, and changing it.

Belongs here: comparing what exists with what is wanted, the steps, carrying them out, and the manual
steps where HubSpot refuses. Does not belong here: what is wanted (requirements.py). Running it twice
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.fields import PROPERTY_GROUP, PROPERTY_GROUP_LABEL, FieldMap
from ns_hs_orders.setup.ports import CrmDefinitions, Pipeline, PropertyDefinition
from ns_hs_orders.setup.requirements import (
    PIPELINE_LABEL,
    STAGE_LABELS,
    native_properties,
    wanted_pipeline,
    wanted_properties,
)

REFUSED = (402, 403)


@dataclass(frozen=True)
class Step:
    """One change: what it makes, and how a person makes it where HubSpot refuses."""

    what: str
    by_hand: str
    apply: Callable[[], object]


@dataclass(frozen=True)
class PipelineIds:
    """The pipeline in force. stage_ids: stage key → HubSpot stage id."""

    pipeline_id: str
    stage_ids: Mapping[str, str]


def plan(
    crm: CrmDefinitions,
    field_map: FieldMap,
    *,
    pipeline_id: str = "",
    stage_ids: Mapping[str, str] | None = None,
) -> list[Step]:
    """The steps that are missing, in the order in which they must be made; empty when nothing is.

    Raises ConfigError naming every property that exists but differs (type, uniqueness), every one of
    HubSpot's own that the account lacks, and a pipeline or stage that does not exist or differs.
    """
    problems: list[str] = []
    steps: list[Step] = []
    for object_type, wanted in wanted_properties(field_map).items():
        existing = crm.properties(object_type)
        lacking = [p for p in wanted if p.name not in existing]
        if lacking and PROPERTY_GROUP not in crm.property_groups(object_type):
            steps.append(_group_step(crm, object_type))
        steps += [_property_step(crm, object_type, definition) for definition in lacking]
        for definition in wanted:
            if found := existing.get(definition.name):
                problems += _differences(object_type, definition, found)
        problems += [
            f"{object_type} has no property {name}, which HubSpot itself should have; switch it off with "
            "NS_HS_SWITCHED_OFF_PROPERTIES, or ask HubSpot to enable the object."
            for name in native_properties(field_map)[object_type]
            if name not in existing
        ]
    pipelines = crm.pipelines("orders")
    if not pipeline_id and not _ours(pipelines):
        steps.append(_pipeline_step(crm))
    else:
        try:
            find_pipeline(pipelines, pipeline_id=pipeline_id, stage_ids=stage_ids)
        except ConfigError as error:
            problems.append(str(error))
    if problems:
        raise ConfigError("HubSpot is not as the sync needs it:\n  " + "\n  ".join(problems))
    return steps


def apply(steps: list[Step], told: Callable[[str], None]) -> list[str]:
    """Carries out the steps; returns the manual steps for those that HubSpot refused (tier, scope).

    Raises RemoteError for any other failure; running setup again goes on from there.
    """
    manual = []
    for step in steps:
        try:
            step.apply()
        except RemoteError as error:
            if error.status not in REFUSED:
                raise
            manual.append(f"{step.by_hand} (HubSpot refused: {error.message})")
            told(f"refused  {step.what}")
        else:
            told(f"made     {step.what}")
    return manual


def find_pipeline(
    pipelines: list[Pipeline], *, pipeline_id: str = "", stage_ids: Mapping[str, str] | None = None
) -> PipelineIds:
    """The pipeline that the settings name, or ours by its label, with a stage id for each stage.

    Raises ConfigError where it, or one of its stages, does not exist, and says what to do.
    """
    chosen = next((p for p in pipelines if p.id == pipeline_id), None) if pipeline_id else _ours(pipelines)
    if chosen is None or chosen.id is None:
        if pipeline_id:
            known = ", ".join(f"{p.label} ({p.id})" for p in pipelines) or "none"
            raise ConfigError(
                f"NS_HS_HUBSPOT_PIPELINE_ID names {pipeline_id}, which HubSpot does not have. It has: {known}."
            )
        raise ConfigError(f"HubSpot has no order pipeline {PIPELINE_LABEL!r}; run `ns-hs-orders setup`.")
    ids = {stage.id for stage in chosen.stages}
    by_label = {stage.label.casefold(): stage.id for stage in chosen.stages}
    found: dict[str, str] = {}
    problems = []
    for key, (label, _) in STAGE_LABELS.items():
        named = (stage_ids or {}).get(key)
        stage_id = named if named in ids else None if named else by_label.get(label.casefold())
        if stage_id is None:
            problems.append(f"{key} ({named or label})")
        else:
            found[key] = stage_id
    if unknown := set(stage_ids or {}) - set(STAGE_LABELS):
        problems += [f"unknown stage {name}" for name in sorted(unknown)]
    if problems:
        raise ConfigError(
            f"Pipeline {chosen.label!r} lacks these stages: {', '.join(problems)}. It has: "
            + ", ".join(f"{s.label} ({s.id})" for s in chosen.stages)
            + ". Add them in HubSpot, or name existing ones in NS_HS_HUBSPOT_STAGE_IDS."
        )
    return PipelineIds(chosen.id, found)


def _ours(pipelines: list[Pipeline]) -> Pipeline | None:
    return next((p for p in pipelines if p.label == PIPELINE_LABEL), None)


def _differences(object_type: str, wanted: PropertyDefinition, found: PropertyDefinition) -> list[str]:
    where = f"{object_type}.{found.name}"
    if found.type != wanted.type:
        return [
            (
                f"{where} is of type {found.type}, not {wanted.type}; a type cannot be changed: delete or "
                "rename it in HubSpot (Settings → Properties), then run setup again."
            )
        ]
    if wanted.has_unique_value and not found.has_unique_value:
        return [
            (
                f"{where} does not require unique values, and HubSpot cannot add that later: delete it in "
                "HubSpot (Settings → Properties), then run setup again."
            )
        ]
    return []


def _group_step(crm: CrmDefinitions, object_type: str) -> Step:
    return Step(
        f"property group {PROPERTY_GROUP} on {object_type}",
        f"In HubSpot, Settings → Properties → {object_type}: add the group {PROPERTY_GROUP_LABEL!r}.",
        lambda: crm.create_property_group(object_type, PROPERTY_GROUP, PROPERTY_GROUP_LABEL),
    )


def _property_step(crm: CrmDefinitions, object_type: str, definition: PropertyDefinition) -> Step:
    unique = ", requiring unique values" if definition.has_unique_value else ""
    return Step(
        f"property {object_type}.{definition.name} ({definition.type}{unique})",
        f"In HubSpot, Settings → Properties → {object_type}: add {definition.label!r} with the internal name "
        f"{definition.name}, type {definition.type}{unique}.",
        lambda: crm.create_property(object_type, definition),
    )


def _pipeline_step(crm: CrmDefinitions) -> Step:
    wanted = wanted_pipeline()
    stages = ", ".join(f"{stage.label} ({stage.state.lower()})" for stage in wanted.stages)
    return Step(
        f"order pipeline {wanted.label!r} with {stages}",
        f"In HubSpot, Settings → Objects → Orders → Pipelines: add {wanted.label!r} with the stages {stages}; "
        "or name an existing pipeline and its stages in NS_HS_HUBSPOT_PIPELINE_ID and NS_HS_HUBSPOT_STAGE_IDS.",
        lambda: crm.create_pipeline("orders", wanted),
    )
