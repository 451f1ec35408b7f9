"""Associations over HTTP: batches, single ones, labels; v4 and dated versions differ in status codes.

Belongs here: shapes and codes. Does not belong: what associating does (model.links).
"""

from collections.abc import Callable
from typing import Any

from ns_hs_orders.sandbox.hubspot.endpoints.call import (
    Answer,
    Call,
    batch_answer,
    paged,
    record_id,
    reference_id,
)
from ns_hs_orders.sandbox.hubspot.endpoints.objects import invalid_association
from ns_hs_orders.sandbox.hubspot.errors import ApiError, bad_request, not_found
from ns_hs_orders.sandbox.hubspot.model import links, records
from ns_hs_orders.sandbox.hubspot.model.object_types import AssociationType, ObjectType, object_type

MAX_CREATE = 2000
MAX_READ = 1000
MAX_ARCHIVE = 100
MAX_PAGE = 500
MAX_LABELS = 50
CATEGORIES = ("HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED", "WORK")
_FIRST_LABEL_ID = 1001

Pair = tuple[ObjectType, ObjectType]


def _pair(call: Call) -> Pair:
    return object_type(call.path["from"]), object_type(call.path["to"])


def _live(call: Call, kind: ObjectType, ids: set[int]) -> dict[int, int]:
    """Asked id → id of the live record, which differs for a merged one."""
    return {asked: record.id for asked, record in records.get_many(call.session, kind, ids).items()}


def _ends(
    call: Call, pair: Pair, inputs: list[dict[str, Any]]
) -> Callable[[dict[str, Any]], tuple[int, int]]:
    """A function that finds both records of an input, or raises ApiError for that input."""
    asked = [(reference_id(one.get("from")), reference_id(one.get("to"))) for one in inputs]
    from_ids = _live(call, pair[0], {one for one, _ in asked})
    to_ids = _live(call, pair[1], {one for _, one in asked})

    def find(given: dict[str, Any]) -> tuple[int, int]:
        from_id, to_id = reference_id(given["from"]), reference_id(given["to"])
        for kind, one, known in ((pair[0], from_id, from_ids), (pair[1], to_id, to_ids)):
            if one not in known:
                error = invalid_association(kind.plural, one)
                if isinstance(error, ApiError):
                    error.context |= {"fromObjectId": [str(from_id)], "toObjectId": [str(to_id)]}
                raise error
        return from_ids[from_id], to_ids[to_id]

    return find


def _each(inputs: list[dict[str, Any]], one: Callable[[dict[str, Any]], Any]) -> tuple[list[Any], list[Any]]:
    results, errors = [], []
    for given in inputs:
        try:
            results.append(one(given))
        except ApiError as error:
            errors.append(error.item(None))
    return results, errors


def _specs(call: Call, pair: Pair, given: Any) -> list[AssociationType]:
    _require_specs(given)
    return [links.specified_type(call.session, pair[0].plural, pair[1].plural, spec) for spec in given]


def _require_specs(given: Any) -> None:
    if not isinstance(given, list) or not given or not all(isinstance(spec, dict) for spec in given):
        raise bad_request(
            "Invalid input JSON: types must be a list of {associationCategory, associationTypeId}"
        )
    for spec in given:
        if "associationTypeId" not in spec or spec.get("associationCategory") not in CATEGORIES:
            raise bad_request(
                "Invalid input JSON: a type needs associationTypeId, and as associationCategory one of "
                + ", ".join(CATEGORIES)
            )


def _labels_body(call: Call, pair: Pair, from_id: int, to_id: int) -> dict[str, Any]:
    held = links.associated(call.session, pair[0].plural, from_id, pair[1].plural).get(to_id, [])
    return {
        "fromObjectTypeId": pair[0].type_id, "fromObjectId": str(from_id),
        "toObjectTypeId": pair[1].type_id, "toObjectId": str(to_id),
        "labels": [one.label for one in held if one.label is not None],
    }  # fmt: skip


def batch_create(call: Call) -> Answer:
    """201, 207 with errors; 2026-09 says 200."""
    pair, inputs = _pair(call), call.inputs(MAX_CREATE)
    for given in inputs:
        _require_specs(given.get("types"))
    find = _ends(call, pair, inputs)

    def one(given: dict[str, Any]) -> dict[str, Any]:
        kinds = _specs(call, pair, given.get("types"))
        from_id, to_id = find(given)
        links.associate(call.session, from_id, to_id, kinds)
        return _labels_body(call, pair, from_id, to_id)

    results, errors = _each(inputs, one)
    answer = batch_answer(call, 201, results, errors)
    return Answer(200, answer.body) if call.version == "2026-09" else answer


def batch_default(call: Call) -> Answer:
    """200: the unlabelled association of each pair, both directions in the results."""
    pair, inputs = _pair(call), call.inputs(MAX_CREATE)
    kind = links.unlabelled(call.session, pair[0].plural, pair[1].plural)
    find = _ends(call, pair, inputs)

    def one(given: dict[str, Any]) -> list[dict[str, Any]]:
        from_id, to_id = find(given)
        links.associate(call.session, from_id, to_id, [kind])
        return _default_body(kind, from_id, to_id)

    results, errors = _each(inputs, one)
    return Answer(200, batch_answer(call, 200, [item for both in results for item in both], errors).body)


def _default_body(kind: AssociationType, from_id: int, to_id: int) -> list[dict[str, Any]]:
    return [
        {
            "from": {"id": str(start)},
            "to": {"id": str(end)},
            "associationSpec": {"associationCategory": kind.category, "associationTypeId": type_id},
        }
        for start, end, type_id in ((from_id, to_id, kind.type_id), (to_id, from_id, kind.inverse_id))
    ]


def batch_archive(call: Call) -> Answer:
    """Takes every type of the pairs away: 204 in v4, 200 with a body in dated versions."""
    pair, inputs = _pair(call), call.inputs(MAX_CREATE)
    if len({reference_id(given.get("from")) for given in inputs}) > MAX_ARCHIVE:
        raise bad_request(f"At most {MAX_ARCHIVE} distinct from ids can be archived in one request.")
    for given in inputs:
        from_id, targets = reference_id(given.get("from")), given.get("to")
        if not isinstance(targets, list):
            raise bad_request("Invalid input JSON: to must be a list of objects with an id")
        for target in targets:
            links.disassociate(call.session, pair[0].plural, from_id, pair[1].plural, reference_id(target))
    return batch_answer(call, 200, [], []) if call.dated else Answer(204)


def batch_archive_labels(call: Call) -> Answer:
    """Takes single types away: 204 in v4, 200 with a body in dated versions."""
    pair, inputs = _pair(call), call.inputs(MAX_CREATE)
    for given in inputs:
        for kind in _specs(call, pair, given.get("types")):
            links.remove_label(
                call.session, reference_id(given.get("from")), reference_id(given.get("to")), kind
            )
    return batch_answer(call, 200, [], []) if call.dated else Answer(204)


def _multi(found: dict[int, list[AssociationType]]) -> list[dict[str, Any]]:
    return [
        {
            "toObjectId": str(to_id),
            "associationTypes": [
                {"category": one.category, "typeId": one.type_id, "label": one.label} for one in kinds
            ],
        }
        for to_id, kinds in found.items()
    ]


def batch_read(call: Call) -> Answer:
    """200; a record without associations gives an error of its own in a 207."""
    pair, inputs = _pair(call), call.inputs(MAX_READ)
    live = _live(call, pair[0], {record_id(given.get("id")) for given in inputs})

    def one(given: dict[str, Any]) -> dict[str, Any]:
        asked = record_id(given.get("id"))
        found = links.associated(call.session, pair[0].plural, live.get(asked, 0), pair[1].plural)
        if not found:
            error = not_found(
                f"No {pair[1].singular} is associated with {pair[0].singular} {asked}.",
                {
                    "fromObjectId": [str(asked)],
                    "fromObjectType": [pair[0].singular],
                    "toObjectType": [pair[1].singular],
                },
            )
            error.sub_category = "crm.associations.NO_ASSOCIATIONS_FOUND"
            raise error
        after = record_id(given.get("after") or "0")
        page = {to_id: kinds for to_id, kinds in found.items() if to_id > after}
        kept = dict(list(page.items())[:MAX_PAGE])
        body: dict[str, Any] = {"from": {"id": str(asked)}, "to": _multi(kept)}
        if len(page) > len(kept):
            body["paging"] = {"next": {"after": str(list(kept)[-1])}}
        return body

    results, errors = _each(inputs, one)
    answer = batch_answer(call, 200, results, errors)
    return Answer(200, answer.body) if call.version == "2026-09" else answer


def list_one(call: Call) -> Answer:
    """GET the associations of one record to one object type."""
    kind, other = call.kind, object_type(call.path["to"])
    asked = record_id(call.path["id"])
    live = _live(call, kind, {asked})
    if asked not in live:
        raise not_found()
    limit, after = call.number("limit", MAX_PAGE, MAX_PAGE), record_id(call.query.get("after", "0"))
    found = links.associated(call.session, kind.plural, live[asked], other.plural)
    page = {to_id: kinds for to_id, kinds in found.items() if to_id > after}
    kept = dict(list(page.items())[:limit])
    return Answer(200, paged(_multi(kept), str(list(kept)[-1]) if len(page) > len(kept) else None))


def _single(call: Call) -> tuple[Pair, int, int]:
    pair = call.kind, object_type(call.path["to"])
    given = {"from": {"id": call.path["id"]}, "to": {"id": call.path["to_id"]}}
    return pair, *_ends(call, pair, [given])(given)


def put_one(call: Call) -> Answer:
    """PUT: 201 with the labels of the pair."""
    pair, from_id, to_id = _single(call)
    if call.body is None:
        raise bad_request("Invalid JSON input: a request body was expected, but none found")
    links.associate(call.session, from_id, to_id, _specs(call, pair, call.body))
    return Answer(201, _labels_body(call, pair, from_id, to_id))


def put_default(call: Call) -> Answer:
    """PUT: the unlabelled association of one pair."""
    pair, from_id, to_id = _single(call)
    kind = links.unlabelled(call.session, pair[0].plural, pair[1].plural)
    links.associate(call.session, from_id, to_id, [kind])
    return batch_answer(call, 200, _default_body(kind, from_id, to_id), [])


def delete_one(call: Call) -> Answer:
    """DELETE every type of one pair; 204 even if there was none."""
    links.disassociate(
        call.session, call.kind.plural, record_id(call.path["id"]), object_type(call.path["to"]).plural,
        record_id(call.path["to_id"]),
    )  # fmt: skip
    return Answer(204)


def list_labels(call: Call) -> Answer:
    """GET the association types of a pair."""
    pair = _pair(call)
    kinds = links.types_between(call.session, pair[0].plural, pair[1].plural)
    return Answer(200, {"results": [_type_body(one) for one in kinds]})


def _type_body(kind: AssociationType) -> dict[str, Any]:
    return {"category": kind.category, "typeId": kind.type_id, "label": kind.label}


def create_label(call: Call) -> Answer:
    """POST a label of one's own: both directions in the answer."""
    pair, body = _pair(call), call.mapping()
    if not body.get("label") or not body.get("name"):
        raise bad_request("A label needs label and name.")
    links.unlabelled(call.session, pair[0].plural, pair[1].plural)
    _refuse_too_many(call, pair)
    type_id = call.session.next_id("label", _FIRST_LABEL_ID)
    inverse_id = call.session.next_id("label", _FIRST_LABEL_ID)
    label, inverse = body["label"], body.get("inverseLabel") or body["label"]
    call.session.db.executemany(
        "INSERT INTO labels VALUES (?, ?, ?, ?, ?, ?)",
        (
            (pair[0].plural, pair[1].plural, type_id, inverse_id, body["name"], label),
            (pair[1].plural, pair[0].plural, inverse_id, type_id, body["name"], inverse),
        ),
    )
    made = AssociationType(
        pair[0].plural, pair[1].plural, type_id, inverse_id, label, "USER_DEFINED", body["name"]
    )
    back = AssociationType(
        pair[1].plural, pair[0].plural, inverse_id, type_id, inverse, "USER_DEFINED", body["name"]
    )
    return Answer(200, {"results": [_type_body(made), _type_body(back)]})


def _refuse_too_many(call: Call, pair: Pair) -> None:
    """437 at the limit of labels of a pair; 403 where the tier has none for orders among themselves, by switch."""
    kinds = links.types_between(call.session, pair[0].plural, pair[1].plural)
    names = {one.name for one in kinds if one.category == "USER_DEFINED"}
    among_orders = pair[0].plural == pair[1].plural == "orders"
    if among_orders and call.session.switches.hubspot_order_to_order == "plain":
        raise ApiError(403, "FORBIDDEN", "This account cannot make association labels for this pair.")
    if len(names) >= MAX_LABELS or (
        among_orders and call.session.switches.hubspot_order_to_order == "label_limit"
    ):
        raise ApiError(
            437, "LIMIT_EXCEEDED", f"The limit of {MAX_LABELS} association labels of this pair is reached."
        )


def delete_label(call: Call) -> Answer:
    """DELETE a label of one's own, and its use."""
    pair, text = _pair(call), call.path["type_id"]
    kind = links.association_type(
        call.session, pair[0].plural, pair[1].plural, int(text) if text.isdigit() else text
    )
    if kind.category == "HUBSPOT_DEFINED":
        raise bad_request("HubSpot-defined association types cannot be deleted.")
    for type_id in (kind.type_id, kind.inverse_id):
        call.session.db.execute("DELETE FROM labels WHERE type_id = ?", (type_id,))
        call.session.db.execute("DELETE FROM associations WHERE type_id = ?", (type_id,))
    return Answer(204)


def configurations(_: Call) -> Answer:
    """GET the admin's caps of pairs: none here."""
    return Answer(200, {"results": []})
