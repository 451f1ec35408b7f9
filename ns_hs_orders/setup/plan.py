"""What setup would change in HubSpot, and changing it.

Belongs here: comparing what exists with what is wanted, the steps, carrying them out, and the manual
steps where HubSpot refuses. Does not belong here: what is wanted (requirements.py), or choosing the pipeline
(pipelines.py). Running it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.setup.groups import label_of, place_of
from ns_hs_orders.setup.mapped_properties import field_problems
from ns_hs_orders.setup.pipelines import WHERE, ours, pipeline_problems
from ns_hs_orders.setup.ports import CrmDefinitions, PropertyDefinition
from ns_hs_orders.setup.requirements import (
    COMPANIES,
    PARENT_LABEL,
    RETURNS,
    SALES_ORDERS,
    PipelineKind,
    ReturnsWanted,
    native_properties,
    of_mapping_file,
    wanted_pipeline,
    wanted_properties,
)

FORBIDDEN = (402, 403)
COMPANIES_REFUSED = (400, 404, *FORBIDDEN)
"""No order waits for what companies tell, so whatever HubSpot refuses of it stops nothing else."""
WITHOUT_ROLLUPS = (
    "Or give the token crm.schemas.companies.write (to look: crm.objects.companies.read), or set "
    "NS_HS_COMPANY_ROLLUPS=off: orders do without."
)
LABEL_REFUSED = (400, 404, 437, *FORBIDDEN)
"""Among them 437: the pair has as many labels as it may have."""
ALREADY_THERE = 409
VISIBLE_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True)
class Step:
    """One change: what it makes, and how a person makes it where HubSpot refuses.

    part_of: steps of one part depend on each other, in their order. there: whether it is there by now,
    whoever made it. refusals: HTTP statuses with which HubSpot says that this account cannot have it. is_optional:
    the sync does without it, so nobody has to make it by hand. instead: what else can be done, told once where several
    steps are refused.
    """

    what: str
    by_hand: str
    part_of: str
    apply: Callable[[], object]
    there: Callable[[], bool]
    refusals: tuple[int, ...] = FORBIDDEN
    is_optional: bool = False
    instead: str = ""


def plan(
    crm: CrmDefinitions,
    field_map: FieldMap,
    *,
    pipeline_id: str = "",
    stage_ids: Mapping[str, str] | None = None,
    returns: ReturnsWanted | None = None,
    known_problems: Sequence[str] = (),
) -> list[Step]:
    """The steps that are missing, in the order in which they must be made; empty when nothing is.

    returns: what they need, where they are records of their own. known_problems: what else is wrong, in words, told with
    the rest.

    Raises ConfigError naming everything that exists but differs (type, uniqueness, a stage), every one of
    HubSpot's own properties that the account lacks, and a named pipeline or stage that does not exist.
    """
    steps, problems = plan_properties(crm, field_map, returns.field_map if returns else None)
    problems = [*known_problems, *problems]
    pipelines = crm.pipelines("orders")
    wanted = [(SALES_ORDERS, pipeline_id, stage_ids or {})]
    if returns is not None:
        wanted.append((RETURNS, returns.pipeline_id, returns.stage_ids))
    for kind, of_settings, stages in wanted:
        if not (of_settings or stages or ours(pipelines, kind)):
            steps.append(_pipeline_step(crm, kind))
        else:
            problems += pipeline_problems(pipelines, pipeline_id=of_settings, stage_ids=stages, kind=kind)
    if returns is not None and not _has_parent_label(crm):
        steps.append(_parent_label_step(crm))
    if problems:
        raise ConfigError(
            "HubSpot and the settings are not as the sync needs them:\n  " + "\n  ".join(problems)
        )
    return steps


def plan_properties(
    crm: CrmDefinitions, field_map: FieldMap, returns: FieldMap | None = None
) -> tuple[list[Step], list[str]]:
    """The steps for the groups and properties that are missing, and what is wrong with those that exist."""
    problems: list[str] = []
    steps: list[Step] = []
    of_file = of_mapping_file(field_map)
    for object_type, wanted in wanted_properties(field_map, returns).items():
        named_in_file = {field.hubspot_property: field for field in of_file.get(object_type, ())}
        try:
            existing = crm.properties(object_type)
            lacking = [p for p in wanted if p.name not in existing]
            groups = crm.property_groups(object_type) if lacking else set()
        except RemoteError as error:
            if object_type != COMPANIES or error.status not in COMPANIES_REFUSED:
                raise
            steps.append(_unseen_companies_step(crm))
            continue
        made: list[Step] = []
        for group in dict.fromkeys(p.group for p in lacking):
            if group not in groups:
                made.append(group_step(crm, object_type, group))
            made += [_property_step(crm, object_type, p) for p in lacking if p.group == group]
        if object_type == COMPANIES:
            made = [replace(one, refusals=COMPANIES_REFUSED, instead=WITHOUT_ROLLUPS) for one in made]
        steps += made
        for definition in wanted:
            found = existing.get(definition.name)
            if found and definition.name not in named_in_file:
                problems += _differences(object_type, definition, found)
        native = native_properties(field_map).get(object_type, ())
        problems += _native_problems(
            object_type, [one for one in native if one not in named_in_file], existing
        )
        for field in named_in_file.values():
            problems += field_problems(object_type, field, existing)
    return steps, problems


def apply(steps: Sequence[Step], told: Callable[[str], None]) -> list[str]:
    """Carries out the steps; returns the manual steps for those that HubSpot refused (tier, scope).

    A step that somebody else made in the meantime counts as made. Raises RemoteError for any other
    failure; running setup again goes on from there.
    """
    manual: list[str] = []
    refused_groups: set[str] = set()
    said: set[str] = set()

    def by_hand(step: Step) -> str:
        more = "" if step.instead in said else f" {step.instead}"
        said.add(step.instead)
        return f"{step.by_hand}{more}".rstrip()

    for step in steps:
        if step.part_of in refused_groups:
            manual.append(by_hand(step))
            told(f"left     {step.what}")
            continue
        try:
            step.apply()
        except ConfigError as error:
            if not step.is_optional:
                raise
            told(f"not made {step.what}: {error}")
        except RemoteError as error:
            if step.there() or error.status == ALREADY_THERE:
                told(f"is there {step.what}")
                continue
            if error.status not in step.refusals:
                raise
            if step.is_optional:
                told(f"not made {step.what}: {step.by_hand} HubSpot said: {error}")
                continue
            manual.append(f"{by_hand(step)}\n   HubSpot refused it: {error}")
            told(f"refused  {step.what}")
            if step.what.startswith("property group"):
                refused_groups.add(step.part_of)
        else:
            told(f"made     {step.what}")
    return manual


def wait_until_visible(
    look: Callable[[], list[Step]], sleep: Callable[[float], None], *, seconds: float = VISIBLE_SECONDS
) -> list[Step]:
    """Plans again until HubSpot shows what was made, which takes it a moment; returns what it still hides.

    Raises what planning raises: what somebody else made first may differ.
    """
    hidden = look()
    for _ in range(int(seconds / LOOK_AGAIN_SECONDS)):
        if not hidden:
            break
        sleep(LOOK_AGAIN_SECONDS)
        hidden = look()
    return hidden


def _differences(object_type: str, wanted: PropertyDefinition, found: PropertyDefinition) -> list[str]:
    where = f"{object_type}.{found.name}"
    remedy = "delete it in HubSpot (Settings → Properties), then run setup again"
    if found.type != wanted.type:
        return [
            f"{where} is of type {found.type}, not {wanted.type}; HubSpot does not change types: {remedy}."
        ]
    if wanted.has_unique_value and not found.has_unique_value:
        return [f"{where} does not require unique values, and HubSpot cannot add that later: {remedy}."]
    if found.has_unique_value and not wanted.has_unique_value:
        return [
            f"{where} requires unique values, so HubSpot would refuse a second order with the same one: {remedy}."
        ]
    if missing := [one for one in wanted.options if one not in found.options]:
        return [
            f"{where} lacks the options {', '.join(missing)}: add them in HubSpot (Settings → Properties)."
        ]
    if found.read_only:
        return [f"{where} can only be read, not written: {remedy}."]
    return []


def _native_problems(
    object_type: str, names: Sequence[str], existing: Mapping[str, PropertyDefinition]
) -> list[str]:
    problems = []
    for name in names:
        found = existing.get(name)
        if found is None:
            problems.append(
                f"{object_type} has no property {name}, which HubSpot itself should have; switch it off with "
                "NS_HS_SWITCHED_OFF_PROPERTIES, or ask HubSpot to enable the object."
            )
        elif found.read_only:
            problems.append(
                f"{object_type}.{name} can only be read in this account; switch it off with "
                "NS_HS_SWITCHED_OFF_PROPERTIES."
            )
    return problems


def group_step(crm: CrmDefinitions, object_type: str, group: str) -> Step:
    """The step that makes a property group."""
    label = label_of(group)
    return Step(
        f"property group {group} on {object_type}",
        f"In HubSpot, Settings → Properties → {object_type}: add the group {label!r}.",
        f"{object_type} {group}",
        lambda: crm.create_property_group(object_type, group, label, place_of(group)),
        lambda: group in crm.property_groups(object_type),
    )


def _property_step(crm: CrmDefinitions, object_type: str, definition: PropertyDefinition) -> Step:
    more = ", requiring unique values" if definition.has_unique_value else ""
    if definition.options:
        more += f", with the options {', '.join(definition.options)}"
    return Step(
        f"property {object_type}.{definition.name} ({definition.type}{more})",
        f"In HubSpot, Settings → Properties → {object_type}: add {definition.label!r} with the internal name "
        f"{definition.name}, type {definition.type}{more}.",
        f"{object_type} {definition.group}",
        lambda: crm.create_property(object_type, definition),
        lambda: definition.name in crm.properties(object_type),
    )


def _unseen_companies_step(crm: CrmDefinitions) -> Step:
    """In place of what companies lack, where HubSpot does not let us see it."""

    def look() -> None:
        crm.properties(COMPANIES)
        crm.property_groups(COMPANIES)

    return Step(
        "the properties of companies, which HubSpot does not let this token see",
        f"In HubSpot, Settings → Properties → {COMPANIES}: add what the docs' field map lists of companies.",
        COMPANIES,
        look,
        lambda: False,
        refusals=COMPANIES_REFUSED,
        instead=WITHOUT_ROLLUPS,
    )


def _has_parent_label(crm: CrmDefinitions) -> bool:
    return PARENT_LABEL.label in crm.association_types("orders", "orders")


def _parent_label_step(crm: CrmDefinitions) -> Step:
    return Step(
        f"association label {PARENT_LABEL.label!r} (and {PARENT_LABEL.inverse!r}) between orders",
        "Returns do without it: they hold the key and a link of their order, and are associated with it without a "
        "label where the portal has that.",
        "label",
        lambda: crm.create_association_label("orders", "orders", PARENT_LABEL),
        lambda: _has_parent_label(crm),
        refusals=LABEL_REFUSED,
        is_optional=True,
    )


def _pipeline_step(crm: CrmDefinitions, kind: PipelineKind) -> Step:
    wanted = wanted_pipeline(kind)
    stages = ", ".join(f"{stage.label} ({stage.state.lower()})" for stage in wanted.stages)
    without = f"; {kind.without}" if kind.without else ""
    return Step(
        f"{kind.holds} pipeline {wanted.label!r} with {stages}",
        f"In {WHERE}: add {wanted.label!r} with the stages {stages}; "
        f"or name an existing pipeline and its stages in {kind.id_setting} and {kind.stages_setting}{without}.",
        f"{kind.holds} pipeline",
        lambda: crm.create_pipeline("orders", wanted),
        lambda: ours(crm.pipelines("orders"), kind) is not None,
        # The number of pipelines by tier is refused as a bad request.
        refusals=(400, *FORBIDDEN),
    )
