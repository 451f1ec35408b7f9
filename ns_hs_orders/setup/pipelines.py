"""The pipeline in force, of orders or of returns: the one that the settings name, or ours by its label.

Belongs here: finding the pipeline and its stages, and what is wrong with them. Does not belong here: making
the pipeline (plan.py), or which stage an order is in (mapping).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.setup.ports import Pipeline, PipelineStage
from ns_hs_orders.setup.requirements import SALES_ORDERS, PipelineKind

WHERE = "HubSpot, Settings → Objects → Orders → Pipelines"


@dataclass(frozen=True)
class PipelineIds:
    """The pipeline in force. stage_ids: stage key → HubSpot stage id."""

    pipeline_id: str
    stage_ids: Mapping[str, str]


def find_pipeline(
    pipelines: Sequence[Pipeline],
    *,
    pipeline_id: str = "",
    stage_ids: Mapping[str, str] | None = None,
    kind: PipelineKind = SALES_ORDERS,
) -> PipelineIds:
    """The pipeline that the settings name, or ours by its label, with a stage id for each stage.

    Raises ConfigError where it, or one of its stages, does not exist, and says what to do.
    """
    chosen = _chosen(pipelines, pipeline_id, stage_ids or {}, kind)
    found = {key: _stage(chosen, key, stage_ids or {}, kind) for key in kind.stages}
    if missing := [key for key, stage in found.items() if stage is None]:
        named = ", ".join(f"{key} ({(stage_ids or {}).get(key) or kind.stages[key][0]})" for key in missing)
        raise ConfigError(
            f"Pipeline {chosen.label!r} lacks these stages: {named}. It has: {_listed(chosen.stages)}. Add "
            f"them in {WHERE}, or name existing ones in {kind.stages_setting}"
            + ("." if pipeline_id else f", with {kind.id_setting}={chosen.id}.")
        )
    return PipelineIds(str(chosen.id), {key: str(stage.id) for key, stage in found.items() if stage})


def pipeline_problems(
    pipelines: Sequence[Pipeline],
    *,
    pipeline_id: str = "",
    stage_ids: Mapping[str, str] | None = None,
    kind: PipelineKind = SALES_ORDERS,
) -> list[str]:
    """What a person must change, each with what to do; empty where the pipeline in force is as it must be.

    Stages that the settings name by id are the account's own choice: they are open or closed as it likes.
    """
    try:
        find_pipeline(pipelines, pipeline_id=pipeline_id, stage_ids=stage_ids, kind=kind)
    except ConfigError as error:
        return [str(error)]
    chosen = _chosen(pipelines, pipeline_id, stage_ids or {}, kind)
    problems = []
    for key, (label, state) in kind.stages.items():
        stage = _stage(chosen, key, stage_ids or {}, kind)
        if stage is not None and key not in (stage_ids or {}) and stage.state.upper() != state:
            problems.append(
                f"Stage {label!r} of pipeline {chosen.label!r} is {stage.state.lower() or 'neither open nor closed'}, "
                f"not {state.lower()}: change its status in {WHERE}, or name the stage by its id ({stage.id}) in "
                f"{kind.stages_setting} to keep it as it is."
            )
    return problems


def stages_in_order(
    pipelines: Sequence[Pipeline], found: PipelineIds, kind: PipelineKind = SALES_ORDERS
) -> bool:
    """Whether the stages in force stand in the order in which an order, or a return, passes through them."""
    chosen = next(pipeline for pipeline in pipelines if pipeline.id == found.pipeline_id)
    places = [stage.id for stage in chosen.stages]
    wanted = [places.index(found.stage_ids[key]) for key in kind.stages]
    return wanted == sorted(wanted)


def ours(pipelines: Sequence[Pipeline], kind: PipelineKind = SALES_ORDERS) -> Pipeline | None:
    """The pipeline with our label; HubSpot takes labels that differ in case for the same."""
    return next((p for p in pipelines if _same(p.label, kind.label)), None)


def _chosen(
    pipelines: Sequence[Pipeline], pipeline_id: str, stage_ids: Mapping[str, str], kind: PipelineKind
) -> Pipeline:
    if unknown := sorted(set(stage_ids) - set(kind.stages)):
        raise ConfigError(
            f"{kind.stages_setting} names unknown stages: {', '.join(unknown)}. Known: {', '.join(kind.stages)}."
        )
    if stage_ids and not pipeline_id:
        raise ConfigError(
            f"{kind.stages_setting} needs {kind.id_setting}, the pipeline of these stages. HubSpot has: "
            f"{_listed(pipelines)}."
        )
    if not pipeline_id:
        if found := ours(pipelines, kind):
            return found
        raise ConfigError(f"HubSpot has no order pipeline {kind.label!r}; run `ns-hs-orders setup`.")
    for pipeline in pipelines:
        if pipeline.id == pipeline_id:
            return pipeline
    raise ConfigError(
        f"{kind.id_setting} names {pipeline_id}, which HubSpot does not have. It has: {_listed(pipelines)}."
    )


def _stage(
    pipeline: Pipeline, key: str, stage_ids: Mapping[str, str], kind: PipelineKind
) -> PipelineStage | None:
    if named := stage_ids.get(key):
        return next((stage for stage in pipeline.stages if stage.id == named), None)
    return next((stage for stage in pipeline.stages if _same(stage.label, kind.stages[key][0])), None)


def _same(label: str, other: str) -> bool:
    return label.strip().casefold() == other.casefold()


def _listed(things: Sequence[Pipeline] | Sequence[PipelineStage]) -> str:
    return ", ".join(f"{one.label} ({one.id})" for one in things) or "none"
