"""Pipelines and their stages: what exists, and which stage belongs to which pipeline.

Belongs here: rows of pipelines and stages, the default order pipeline. Does not belong: HTTP shapes.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from ns_hs_orders.sandbox.hubspot.errors import ApiError, ValueRefused, bad_request, invalid_option
from ns_hs_orders.sandbox.hubspot.model.native_properties import PIPELINE_PROPERTIES
from ns_hs_orders.sandbox.hubspot.model.session import Session

DEFAULT_ORDER_PIPELINE = "14a2e10e-5471-408a-906e-c51f3b04369e"
# The same ids in every portal seen; which of them are closed differs, these follow a live portal.
DEFAULT_ORDER_STAGES = (
    ("4b27b500-f031-4927-9811-68a0b525cbae", "Open", "OPEN"),
    ("937ea84d-0a4f-4dcf-9028-3f9c2aafbf03", "Processed", "CLOSED"),
    ("aa99e8d0-c1d5-4071-b915-d240bbb1aed9", "Shipped", "CLOSED"),
    ("3725360f-519b-4b18-a593-494d60a29c9f", "Delivered", "CLOSED"),
    ("3c85a297-e9ce-400b-b42e-9f16853d69d6", "Cancelled", "CLOSED"),
)
MAX_STAGES = 30
_METADATA_KEYS = {"orders": "state", "deals": "probability"}
_DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)


def plant_defaults(db: sqlite3.Connection, now_ms: int) -> None:
    """The pipelines that a new account has."""
    planted = (
        ("orders", DEFAULT_ORDER_PIPELINE, "Order Pipeline", "state", DEFAULT_ORDER_STAGES),
        ("deals", "default", "Sales Pipeline", "probability", _DEAL_STAGES),
    )
    for object_type, pipeline_id, label, key, stages in planted:
        db.execute(
            "INSERT OR IGNORE INTO pipelines VALUES (?, ?, ?, 0, ?, ?)",
            (object_type, pipeline_id, label, now_ms, now_ms),
        )
        for place, (stage_id, stage_label, value) in enumerate(stages):
            db.execute(
                "INSERT OR IGNORE INTO stages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    object_type,
                    pipeline_id,
                    stage_id,
                    stage_label,
                    place,
                    json.dumps({key: value}),
                    now_ms,
                    now_ms,
                ),
            )


def pipelines(session: Session, object_type: str) -> list[sqlite3.Row]:
    """The object type's pipelines in display order; the switch may hide the default order pipeline."""
    rows = session.db.execute(
        "SELECT * FROM pipelines WHERE type = ? ORDER BY display_order, id", (object_type,)
    ).fetchall()
    if session.switches.hubspot_default_pipeline:
        return rows
    return [row for row in rows if row["id"] != DEFAULT_ORDER_PIPELINE]


def stages(session: Session, object_type: str, pipeline_id: str) -> list[sqlite3.Row]:
    """The stages of a pipeline in display order."""
    return session.db.execute(
        "SELECT * FROM stages WHERE type = ? AND pipeline_id = ? ORDER BY display_order, id",
        (object_type, pipeline_id),
    ).fetchall()


def stage_state(
    session: Session, object_type: str, pipeline_id: str | None, stage_id: str | None
) -> str | None:
    """OPEN or CLOSED, of an order's stage."""
    row = session.db.execute(
        "SELECT metadata FROM stages WHERE type = ? AND pipeline_id = ? AND id = ?",
        (object_type, pipeline_id, stage_id),
    ).fetchone()
    return json.loads(row[0]).get("state") if row else None


def metadata(object_type: str, given: Any) -> dict[str, str]:
    """The metadata that HubSpot keeps of a stage: unknown keys are dropped without a word.

    Raises:
        ApiError: 400 if the one key that matters is missing or has a value that isn't allowed.
    """
    key = _METADATA_KEYS.get(object_type)
    if key is None:
        return {}
    value = given.get(key) if isinstance(given, Mapping) else None
    if key == "state" and value not in {"OPEN", "CLOSED"}:
        raise bad_request(
            "A stage of an order pipeline needs metadata state OPEN or CLOSED.", {"metadata": [key]}
        )
    if value is None:
        raise bad_request(f"A stage of this pipeline needs metadata {key}.", {"metadata": [key]})
    return {key: str(value)}


def fill_pipeline(
    session: Session, object_type: str, given: dict[str, str | None], held: Mapping[str, str]
) -> list[ValueRefused]:
    """Completes pipeline and stage of a write in place, and says what is wrong with them.

    A stage without a pipeline is looked for in the default pipeline; a record without either starts in the
    default pipeline's first stage.
    """
    names = PIPELINE_PROPERTIES.get(object_type)
    if names is None or (held and not given.keys() & set(names)):
        return []
    pipeline_name, stage_name = names
    available = pipelines(session, object_type)
    if not available and not given.keys() & set(names):
        return []
    pipeline = given.get(pipeline_name, held.get(pipeline_name))
    if pipeline is None and available:
        pipeline = available[0]["id"]
    ids = [row["id"] for row in available]
    if pipeline is None or pipeline not in ids:
        return [invalid_option(pipeline_name, str(pipeline), ids)]
    stage_ids = [row["id"] for row in stages(session, object_type, pipeline)]
    stage = given.get(stage_name, held.get(stage_name))
    if stage is None and stage_ids:
        stage = stage_ids[0]
    if stage not in stage_ids:
        return [invalid_option(stage_name, str(stage), stage_ids)]
    given[pipeline_name], given[stage_name] = pipeline, stage
    return []


def in_use(session: Session, object_type: str, pipeline_id: str, stage_ids: list[str]) -> ApiError | None:
    """400 STAGE_ID_IN_USE if a live record stands in one of these stages."""
    names = PIPELINE_PROPERTIES.get(object_type)
    if names is None or not stage_ids:
        return None
    marks = ", ".join("?" * len(stage_ids))
    row = session.db.execute(
        "SELECT id FROM records WHERE type = ? AND archived_at IS NULL"  # noqa: S608 - names and marks are ours
        f" AND json_extract(properties, '$.{names[0]}') = ?"
        f" AND json_extract(properties, '$.{names[1]}') IN ({marks}) LIMIT 1",
        (object_type, pipeline_id, *stage_ids),
    ).fetchone()
    if row is None:
        return None
    error = bad_request(
        "Stage IDs are in use by live records.", {"stageIds": stage_ids, "objectIds": [str(row[0])]}
    )
    error.sub_category = "PipelineError.STAGE_ID_IN_USE"
    return error
