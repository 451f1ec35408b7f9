"""Lists (segments) over HTTP: made, found by name or id, and their members.

Belongs here: active lists whose filters are on properties. Does not belong: manual lists, folders, filters on events.
"""

import json
import sqlite3
from decimal import Decimal, InvalidOperation
from typing import Any

from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call
from ns_hs_orders.sandbox.hubspot.errors import ApiError, bad_request, not_found
from ns_hs_orders.sandbox.hubspot.model import records
from ns_hs_orders.sandbox.hubspot.model.object_types import ORDERS, ObjectType, object_type
from ns_hs_orders.sandbox.hubspot.model.values import stamp

PROCESSING_TYPES = {"DYNAMIC", "MANUAL", "SNAPSHOT"}


def create(call: Call) -> Answer:
    """POST: 200 with the list; 400 for a name that is taken or a filter that HubSpot does not know."""
    body = call.mapping()
    missing = [name for name in ("name", "objectTypeId", "processingType") if not body.get(name)]
    if missing:
        raise bad_request(f"Invalid input JSON: required fields are missing: {missing}", {"fields": missing})
    if body["processingType"] not in PROCESSING_TYPES:
        raise bad_request(f"processingType must be one of {sorted(PROCESSING_TYPES)}.")
    kind = _kind(call, body["objectTypeId"])
    branch = body.get("filterBranch")
    if body["processingType"] != "MANUAL":
        _check_branch(call, kind, branch)
    if call.session.db.execute("SELECT 1 FROM lists WHERE name = ?", (body["name"],)).fetchone():
        raise ApiError(
            400, "VALIDATION_ERROR", f"A list named '{body['name']}' already exists.",
            sub_category="ILS.DUPLICATE_LIST_NAMES",
        )  # fmt: skip
    list_id = call.session.next_id("list", 1)
    call.session.db.execute(
        "INSERT INTO lists VALUES (?, ?, ?, ?, ?, ?)",
        (
            list_id,
            kind.type_id,
            body["name"],
            body["processingType"],
            json.dumps(branch),
            call.session.now_ms,
        ),
    )
    return Answer(200, {"list": _shape(_row(call, list_id))})


def read(call: Call) -> Answer:
    """GET by id."""
    return Answer(200, {"list": _shape(_row(call, _id(call)))})


def read_by_name(call: Call) -> Answer:
    """GET by object type and name: 404 where there is none."""
    kind = _kind(call, call.path["type"])
    row = call.session.db.execute(
        "SELECT * FROM lists WHERE object_type = ? AND name = ?", (kind.type_id, call.path["name"])
    ).fetchone()
    if row is None:
        raise not_found(f"List {call.path['name']} does not exist")
    return Answer(200, {"list": _shape(row)})


def remove(call: Call) -> Answer:
    """DELETE: 204."""
    call.session.db.execute("DELETE FROM lists WHERE id = ?", (_id(call),))
    return Answer(204)


def members(call: Call) -> Answer:
    """GET the records that pass the list's filters now."""
    row = _row(call, _id(call))
    kind = object_type(row["object_type"])
    ids = [
        one[0]
        for one in call.session.db.execute(
            "SELECT id FROM records WHERE type = ? AND archived_at IS NULL AND merged_into IS NULL ORDER BY id",
            (kind.plural,),
        )
    ]
    branch = json.loads(row["filters"])
    found = records.get_many(call.session, kind, ids)
    results = [
        {"recordId": str(one.id), "membershipTimestamp": stamp(call.session.now_ms)}
        for one in found.values()
        if branch and _passes(one.values(kind), branch)
    ]
    return Answer(200, {"total": len(results), "results": results})


def _id(call: Call) -> int:
    text = call.path["list"]
    return int(text) if text.isascii() and text.isdigit() else 0


def _row(call: Call, list_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = call.session.db.execute(
        "SELECT * FROM lists WHERE id = ?", (list_id,)
    ).fetchone()
    if row is None:
        raise not_found(f"List {list_id} does not exist")
    return row


def _kind(call: Call, type_id: Any) -> ObjectType:
    kind = object_type(str(type_id))
    if kind is ORDERS and call.session.switches.hubspot_order_lists_refused:
        raise bad_request(f"Lists of object type {type_id} are not supported in this account.")
    return kind


def _shape(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "listId": str(row["id"]), "listVersion": 1, "name": row["name"], "objectTypeId": row["object_type"],
        "processingType": row["processing"], "processingStatus": "COMPLETE",
        "filterBranch": json.loads(row["filters"]), "createdAt": stamp(row["at"]), "updatedAt": stamp(row["at"]),
    }  # fmt: skip


def _check_branch(call: Call, kind: ObjectType, branch: Any) -> None:
    """An OR of ANDs of filters on properties that exist."""
    if (
        not isinstance(branch, dict)
        or branch.get("filterBranchType") != "OR"
        or not branch.get("filterBranches")
    ):
        raise bad_request("Invalid filterBranch: the root must be an OR branch with at least one AND branch.")
    known = call.session.schema.properties(kind.plural)
    for inner in branch["filterBranches"]:
        if inner.get("filterBranchType") != "AND":
            raise bad_request("Invalid filterBranch: the branches of the root must be AND branches.")
        for one in inner.get("filters") or ():
            if one.get("filterType") != "PROPERTY" or one.get("property") not in known:
                raise bad_request(f"Invalid filter: property {one.get('property')} does not exist.")
            _test(one["operation"])


def _passes(values: dict[str, str], branch: dict[str, Any]) -> bool:
    return any(
        all(_test(one["operation"])(values.get(one["property"])) for one in inner.get("filters") or ())
        for inner in branch["filterBranches"]
    )


def _test(operation: dict[str, Any]) -> Any:
    kind, operator = operation.get("operationType"), operation.get("operator")
    if (kind, operator) == ("ENUMERATION", "IS_ANY_OF"):
        values = operation.get("values") or []
        return lambda held: held in values
    if kind == "ALL_PROPERTY" and operator in {"IS_KNOWN", "IS_UNKNOWN"}:
        return lambda held: (held is not None) == (operator == "IS_KNOWN")
    if (kind, operator) == ("NUMBER", "IS_GREATER_THAN"):
        limit = Decimal(str(operation.get("value")))
        return lambda held: held is not None and _number(held) > limit
    raise bad_request(f"Invalid filter operation: {kind} {operator}")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("-Infinity")
