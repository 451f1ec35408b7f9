"""Single records: list, create, read, update, archive, merge.

Belongs here: the endpoints of one record at a time. Does not belong: batches, search.
"""

from typing import Any

from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call, paged, record_id, reference_id, rendered
from ns_hs_orders.sandbox.hubspot.errors import bad_request, non_unique_upsert, not_found
from ns_hs_orders.sandbox.hubspot.model import links, merging, records
from ns_hs_orders.sandbox.hubspot.model.object_types import ORDERS, ObjectType, object_type
from ns_hs_orders.sandbox.hubspot.model.past import property_history
from ns_hs_orders.sandbox.hubspot.model.records import Record

MAX_PAGE = 100
_MAX_INLINE_ASSOCIATIONS = 100


def list_records(call: Call) -> Answer:
    """GET: a page in ascending order of id."""
    kind = call.kind
    limit = call.number("limit", 10, MAX_PAGE)
    after = call.query.get("after", "0")
    archived = call.flag("archived")
    rows = call.session.db.execute(
        "SELECT id FROM records WHERE type = ? AND id > ? AND merged_into IS NULL AND (archived_at IS NOT NULL) = ?"
        " ORDER BY id LIMIT ?",
        (kind.plural, record_id(after), int(archived), limit + 1),
    ).fetchall()
    page = records.get_many(call.session, kind, [row[0] for row in rows[:limit]], archived=archived)
    return Answer(
        200,
        paged(
            [
                described(call, kind, seen)
                for record in sorted(page.values(), key=lambda record: record.id)
                if (seen := call.seen(kind, record)) is not None
            ],
            str(rows[limit - 1][0]) if len(rows) > limit else None,
        ),
    )


def create(call: Call) -> Answer:
    """POST: one record, with associations to records that exist."""
    kind, body = call.kind, call.mapping()
    record = create_from(call, kind, body)
    return Answer(201, rendered(call, kind, record, list(record.properties)))


def create_from(call: Call, kind: ObjectType, body: dict[str, Any]) -> Record:
    """Creates a record and its inline associations from a create input."""
    given = properties_of(body)
    wanted = [_inline(call, kind, one) for one in body.get("associations") or ()]
    record = records.create(call.session, kind, given)
    for to_id, kinds in wanted:
        links.associate(call.session, record.id, to_id, kinds)
    return record


def _inline(call: Call, kind: ObjectType, given: Any) -> tuple[int, list[Any]]:
    if not isinstance(given, dict) or not given.get("types"):
        raise bad_request("Invalid input JSON: associations take a list of {to, types}")
    to_id = reference_id(given.get("to"))
    for spec in given["types"]:
        for candidate in _targets(kind):
            types = links.types_between(call.session, kind.plural, candidate)
            match = next((one for one in types if one.type_id == spec.get("associationTypeId")), None)
            if match is None:
                continue
            if to_id not in records.get_many(call.session, object_type(candidate), [to_id]):
                raise invalid_association(candidate, to_id)
            return to_id, [
                links.specified_type(call.session, kind.plural, candidate, one) for one in given["types"]
            ]
    raise bad_request(f"No association type {given['types']} exists from {kind.plural}")


def _targets(kind: ObjectType) -> list[str]:
    return [one for one in ("contacts", "companies", "deals", "line_items", "orders") if one != kind.plural]


def invalid_association(plural: str, *ids: int) -> Exception:
    """400: an association to a record that isn't there."""
    label = object_type(plural).label
    return bad_request(
        "One or more associations are invalid",
        {
            "INVALID_OBJECT_IDS": [f"{label}={one} is not valid" for one in ids],
            "objectId": [str(one) for one in ids],
            "objectType": [label],
        },
    )


def properties_of(body: dict[str, Any]) -> dict[str, Any]:
    """The properties of an input. Raises ApiError 400 if they aren't an object."""
    given = body.get("properties")
    if not isinstance(given, dict):
        raise bad_request("Invalid input JSON: properties must be an object")
    return given


def read(call: Call) -> Answer:
    """GET by id or by a unique property; a merged id gives the survivor."""
    kind = call.kind
    record = _find(call, kind, archived=call.flag("archived"))
    seen = call.seen(kind, record)
    if seen is None:
        raise not_found()
    return Answer(200, described(call, kind, seen))


def update(call: Call) -> Answer:
    """PATCH by id or by a unique property."""
    kind = call.kind
    given = properties_of(call.mapping())
    record = records.update(call.session, kind, _find(call, kind, archived=False), given)
    return Answer(200, rendered(call, kind, record, list(given)))


def archive(call: Call) -> Answer:
    """DELETE: 204 even if there is no such record."""
    records.archive(call.session, call.kind, [record_id(call.path["id"])])
    return Answer(204)


def merge(call: Call) -> Answer:
    """POST merge: two live records into one. v3 has none for orders."""
    kind, body = call.kind, call.mapping()
    if kind is ORDERS and not call.dated:
        raise not_found()
    primary_id, other_id = record_id(body.get("primaryObjectId")), record_id(body.get("objectIdToMerge"))
    if primary_id == other_id:
        raise bad_request("Cannot merge a record with itself.")
    found = records.get_many(call.session, kind, [primary_id, other_id])
    missing = [one for one in (primary_id, other_id) if one not in found]
    if missing:
        raise not_found(
            f"No {kind.singular} exists with ids {missing}", {"ids": [str(one) for one in missing]}
        )
    survivor = merging.merge(call.session, kind, found[primary_id], found[other_id])
    return Answer(200, rendered(call, kind, survivor, list(survivor.properties)))


def _find(call: Call, kind: ObjectType, *, archived: bool) -> Record:
    key = call.query.get("idProperty")
    if key is None or key == "hs_object_id":
        wanted = record_id(call.path["id"])
    else:
        wanted = records.ids_by_key(
            call.session, kind, key, [key_value(call, kind, key, call.path["id"])], archived=archived
        ).get(key_value(call, kind, key, call.path["id"]), 0)
    record = records.get_many(call.session, kind, [wanted], archived=archived).get(wanted)
    if record is None:
        raise not_found()
    return record


def key_value(call: Call, kind: ObjectType, key: str, value: str) -> str:
    """A key value in HubSpot's form.

    Raises:
        ApiError: 400 if `key` isn't a unique property, or the value can't be one of its values.
    """
    definition = call.session.schema.properties(kind.plural).get(key)
    if definition is None:
        raise bad_request(f"Property {key} does not exist: PROPERTY_DOESNT_EXIST", {"propertyName": [key]})
    if not definition.unique:
        raise non_unique_upsert(kind.type_id, key)
    return definition_value(call, kind, key, value)


def definition_value(call: Call, kind: ObjectType, key: str, value: str) -> str:
    """One value of one property in HubSpot's form. Raises ApiError 400 if it isn't valid."""
    held = {"": ""}  # keeps pipelines out of it
    return records.checked(call.session, kind, {key: value}, held, system=True)[key] or ""


def described(
    call: Call,
    kind: ObjectType,
    record: Record,
    names: list[str] | None = None,
    history: list[str] | None = None,
) -> dict[str, Any]:
    """A record with what the query asks for: properties, history, associations."""
    asked = call.names("properties") if names is None else names
    with_history = call.names("propertiesWithHistory") if history is None else history
    body = rendered(call, kind, record, [*asked, *with_history])
    if with_history:
        known = call.session.schema.properties(kind.plural)
        body["propertiesWithHistory"] = {
            name: property_history(call.session, kind, record, name) for name in with_history if name in known
        }
    wanted = call.names("associations")
    if wanted:
        found = {}
        for name in wanted:
            other = object_type(name)
            results = _associated_ids(call, kind, record, other)
            if results:
                found[other.plural.replace("_", " ")] = {"results": results}
        body["associations"] = found
    return body


def _associated_ids(call: Call, kind: ObjectType, record: Record, other: ObjectType) -> list[dict[str, str]]:
    name = f"{kind.singular}_to_{other.singular}"
    results = []
    for to_id, types in links.associated(call.session, kind.plural, record.id, other.plural).items():
        for one in types[:_MAX_INLINE_ASSOCIATIONS]:
            plain = one.label is None and len(types) > 1
            results.append({"id": str(to_id), "type": f"{name}_unlabeled" if plain else name})
    return results
