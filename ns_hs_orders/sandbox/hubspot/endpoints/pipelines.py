"""Pipelines and stages over HTTP.

Belongs here: shapes, codes and what a pipeline may hold. Does not belong: which stage a record may stand in.
"""

import json
import sqlite3
from typing import Any

from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call
from ns_hs_orders.sandbox.hubspot.errors import ApiError, bad_request, missing_scopes, not_found
from ns_hs_orders.sandbox.hubspot.model import pipelines as rules
from ns_hs_orders.sandbox.hubspot.model import schema
from ns_hs_orders.sandbox.hubspot.model.values import stamp

MAX_PIPELINES = 50
_FIRST_ID = 700_000_001


def _stage_body(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"], "label": row["label"], "displayOrder": row["display_order"],
        "metadata": json.loads(row["metadata"]), "createdAt": stamp(row["created_at"]),
        "updatedAt": stamp(row["updated_at"]), "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }  # fmt: skip


def _body(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    found = rules.stages(call.session, row["type"], row["id"])
    return {
        "id": row["id"], "label": row["label"], "displayOrder": row["display_order"],
        "stages": [_stage_body(stage) for stage in found], "createdAt": stamp(row["created_at"]),
        "updatedAt": stamp(row["updated_at"]), "archived": False,
    }  # fmt: skip


def _pipeline(call: Call) -> sqlite3.Row:
    for row in rules.pipelines(call.session, call.kind.plural):
        if row["id"] == call.path["pipeline"]:
            return row
    raise not_found(
        f"Pipeline {call.path['pipeline']} does not exist", {"pipelineId": [call.path["pipeline"]]}
    )


def _stage(call: Call) -> sqlite3.Row:
    for row in rules.stages(call.session, call.kind.plural, _pipeline(call)["id"]):
        if row["id"] == call.path["stage"]:
            return row
    raise not_found(f"Stage {call.path['stage']} does not exist", {"stageId": [call.path["stage"]]})


def _audit(call: Call, action: str, identifier: str, raw: Any) -> None:
    call.session.db.execute(
        "INSERT INTO pipeline_audit (type, identifier, action, at, raw) VALUES (?, ?, ?, ?, ?)",
        (call.kind.plural, identifier, action, call.session.now_ms, json.dumps(raw)),
    )
    schema.bump(call.session.db, "schema")


def list_all(call: Call) -> Answer:
    """GET every pipeline with its stages."""
    found = rules.pipelines(call.session, call.kind.plural)
    return Answer(200, {"results": [_body(call, row) for row in found]})


def read(call: Call) -> Answer:
    """GET one."""
    return Answer(200, _body(call, _pipeline(call)))


def _label(body: dict[str, Any], taken: list[str], what: str) -> str:
    label = body.get("label")
    if not isinstance(label, str) or not label.strip():
        raise bad_request(f"A {what} needs a label.")
    if label.lower() in {one.lower() for one in taken}:
        error = bad_request(f"A {what} with the label '{label}' already exists.", {"label": [label]})
        error.sub_category = "PipelineError.DUPLICATE_LABEL"
        raise error
    return label


def _check_stages(stages: Any) -> list[dict[str, Any]]:
    if not isinstance(stages, list) or not all(isinstance(one, dict) for one in stages):
        raise bad_request("Invalid input JSON: stages must be a list of stages")
    if len(stages) > rules.MAX_STAGES:
        raise bad_request(f"A pipeline has at most {rules.MAX_STAGES} stages.")
    labels: list[str] = []
    for one in stages:
        labels.append(_label(one, labels, "stage"))
    return stages


def create(call: Call) -> Answer:
    """POST: 201, with ids honoured where they are given, else generated."""
    kind, body = call.kind, call.mapping()
    if call.session.switches.hubspot_pipelines_refused:
        raise missing_scopes([f"crm.pipelines.{kind.scope}.write"])
    existing = rules.pipelines(call.session, kind.plural)
    if len(existing) >= MAX_PIPELINES:
        raise bad_request(f"At most {MAX_PIPELINES} pipelines are allowed.")
    label = _label(body, [row["label"] for row in existing], "pipeline")
    stages = _check_stages(body.get("stages"))
    given = body.get("pipelineId")
    pipeline_id = _own_id(given, 36) or str(call.session.next_id("pipeline", _FIRST_ID))
    if any(row["id"] == pipeline_id for row in existing):
        raise ApiError(409, "CONFLICT", f"A pipeline with the id {pipeline_id} already exists.")
    call.session.db.execute(
        "INSERT INTO pipelines VALUES (?, ?, ?, ?, ?, ?)",
        (kind.plural, pipeline_id, label, _order(body), call.session.now_ms, call.session.now_ms),
    )
    for stage in stages:
        _insert_stage(call, pipeline_id, stage)
    _audit(call, "CREATE", pipeline_id, body)
    return Answer(201, _body(call, _row(call, pipeline_id)))


def _own_id(given: Any, longest: int) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not given or len(given) > longest:
        raise bad_request(f"An id is a text of at most {longest} characters.")
    return given


def _order(body: dict[str, Any]) -> int:
    order = body.get("displayOrder")
    if type(order) is not int:
        raise bad_request("displayOrder must be an integer.")
    return order


def _row(call: Call, pipeline_id: str) -> sqlite3.Row:
    row: sqlite3.Row = call.session.db.execute(
        "SELECT * FROM pipelines WHERE type = ? AND id = ?", (call.kind.plural, pipeline_id)
    ).fetchone()
    return row


def _insert_stage(call: Call, pipeline_id: str, body: dict[str, Any]) -> str:
    kind = call.kind.plural
    stage_id = _own_id(body.get("stageId"), 100) or str(call.session.next_id("stage", _FIRST_ID))
    metadata = rules.metadata(kind, body.get("metadata"))
    now = call.session.now_ms
    call.session.db.execute(
        "INSERT INTO stages VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET label = excluded.label,"
        " display_order = excluded.display_order, metadata = excluded.metadata, updated_at = excluded.updated_at",
        (kind, pipeline_id, stage_id, body["label"], _order(body), json.dumps(metadata), now, now),
    )
    return stage_id


def _refuse_use(call: Call, stage_ids: list[str]) -> None:
    error = rules.in_use(call.session, call.kind.plural, call.path["pipeline"], stage_ids)
    if error is not None:
        raise error


def replace(call: Call) -> Answer:
    """PUT: stages left out are dropped; validateReferencesBeforeDelete guards those in use."""
    row, body = _pipeline(call), call.mapping()
    others = [
        one["label"] for one in rules.pipelines(call.session, call.kind.plural) if one["id"] != row["id"]
    ]
    label, stages = _label(body, others, "pipeline"), _check_stages(body.get("stages"))
    kept = {one["stageId"] for one in stages if "stageId" in one}
    dropped = [
        one["id"] for one in rules.stages(call.session, row["type"], row["id"]) if one["id"] not in kept
    ]
    if call.flag("validateReferencesBeforeDelete"):
        _refuse_use(call, dropped)
    call.session.db.executemany(
        "DELETE FROM stages WHERE type = ? AND pipeline_id = ? AND id = ?",
        [(row["type"], row["id"], one) for one in dropped],
    )
    for stage in stages:
        _insert_stage(call, row["id"], stage)
    return _change(call, row, label, _order(body), body)


def update(call: Call) -> Answer:
    """PATCH label or order."""
    row, body = _pipeline(call), call.mapping()
    others = [
        one["label"] for one in rules.pipelines(call.session, call.kind.plural) if one["id"] != row["id"]
    ]
    label = _label(body, others, "pipeline") if "label" in body else row["label"]
    return _change(call, row, label, body.get("displayOrder", row["display_order"]), body)


def _change(call: Call, row: sqlite3.Row, label: str, order: int, body: dict[str, Any]) -> Answer:
    call.session.db.execute(
        "UPDATE pipelines SET label = ?, display_order = ?, updated_at = ? WHERE type = ? AND id = ?",
        (label, order, call.session.now_ms, row["type"], row["id"]),
    )
    _audit(call, "UPDATE", row["id"], body)
    return Answer(200, _body(call, _row(call, row["id"])))


def delete(call: Call) -> Answer:
    """DELETE: 204."""
    row = _pipeline(call)
    stage_ids = [one["id"] for one in rules.stages(call.session, row["type"], row["id"])]
    if call.flag("validateReferencesBeforeDelete"):
        _refuse_use(call, stage_ids)
    call.session.db.execute("DELETE FROM stages WHERE type = ? AND pipeline_id = ?", (row["type"], row["id"]))
    call.session.db.execute("DELETE FROM pipelines WHERE type = ? AND id = ?", (row["type"], row["id"]))
    _audit(call, "DELETE", row["id"], {})
    return Answer(204)


def list_stages(call: Call) -> Answer:
    """GET the stages of a pipeline."""
    found = rules.stages(call.session, call.kind.plural, _pipeline(call)["id"])
    return Answer(200, {"results": [_stage_body(row) for row in found]})


def read_stage(call: Call) -> Answer:
    """GET one stage."""
    return Answer(200, _stage_body(_stage(call)))


def create_stage(call: Call) -> Answer:
    """POST: 201."""
    pipeline, body = _pipeline(call), call.mapping()
    existing = rules.stages(call.session, call.kind.plural, pipeline["id"])
    if len(existing) >= rules.MAX_STAGES:
        raise bad_request(f"A pipeline has at most {rules.MAX_STAGES} stages.")
    _label(body, [row["label"] for row in existing], "stage")
    stage_id = _insert_stage(call, pipeline["id"], body)
    _audit(call, "CREATE", stage_id, body)
    return Answer(201, _stage_body(_stage_row(call, stage_id)))


def _stage_row(call: Call, stage_id: str) -> sqlite3.Row:
    row: sqlite3.Row = call.session.db.execute(
        "SELECT * FROM stages WHERE type = ? AND pipeline_id = ? AND id = ?",
        (call.kind.plural, call.path["pipeline"], stage_id),
    ).fetchone()
    return row


def change_stage(call: Call) -> Answer:
    """PUT and PATCH of a stage."""
    row, body = _stage(call), call.mapping()
    if call.method == "PUT" and not {"label", "displayOrder", "metadata"} <= body.keys():
        raise bad_request("A stage needs label, displayOrder and metadata.")
    if "label" in body:
        found = rules.stages(call.session, row["type"], row["pipeline_id"])
        _label(body, [one["label"] for one in found if one["id"] != row["id"]], "stage")
    held = json.loads(row["metadata"])
    changed = {
        "stageId": row["id"], "label": body.get("label", row["label"]),
        "displayOrder": body.get("displayOrder", row["display_order"]), "metadata": body.get("metadata", held),
    }  # fmt: skip
    _insert_stage(call, row["pipeline_id"], changed)
    _audit(call, "UPDATE", row["id"], body)
    return Answer(200, _stage_body(_stage_row(call, row["id"])))


def delete_stage(call: Call) -> Answer:
    """DELETE: 204, or 400 STAGE_ID_IN_USE."""
    row = _stage(call)
    _refuse_use(call, [row["id"]])
    call.session.db.execute(
        "DELETE FROM stages WHERE type = ? AND pipeline_id = ? AND id = ?",
        (row["type"], row["pipeline_id"], row["id"]),
    )
    _audit(call, "DELETE", row["id"], {})
    return Answer(204)


def audit(call: Call) -> Answer:
    """GET what was done to a pipeline or a stage, newest first."""
    identifier = call.path.get("stage", call.path["pipeline"])
    rows = call.session.db.execute(
        "SELECT * FROM pipeline_audit WHERE type = ? AND identifier = ? ORDER BY seq DESC",
        (call.kind.plural, identifier),
    )
    results = [
        {
            "portalId": call.session.switches.hubspot_portal_id, "identifier": identifier, "action": row["action"],
            "timestamp": stamp(row["at"]), "rawObject": json.loads(row["raw"]),
        }
        for row in rows
    ]  # fmt: skip
    return Answer(200, {"results": results})
