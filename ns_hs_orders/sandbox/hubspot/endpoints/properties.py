"""Property definitions and groups over HTTP.

Belongs here: shapes, codes and what a definition may say. Does not belong: how values are checked (model.values).
"""

import re
from dataclasses import replace
from typing import Any

from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call, batch_answer
from ns_hs_orders.sandbox.hubspot.errors import ApiError, bad_request, missing_scopes, not_found
from ns_hs_orders.sandbox.hubspot.model import schema
from ns_hs_orders.sandbox.hubspot.model.native_properties import Definition
from ns_hs_orders.sandbox.hubspot.model.values import stamp

TYPES = {
    "string": {"text", "textarea", "html", "file", "phonenumber"},
    "number": {"number", "calculation_equation"},
    "bool": {"booleancheckbox", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox"},
    "phone_number": {"phonenumber"},
}
_KEPT = (
    "calculationFormula", "currencyPropertyName", "dataSensitivity", "externalOptions", "numberDisplayHint",
    "referencedObjectType", "showCurrencySymbol", "textDisplayHint",
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
NATIVE_SINCE_MS = 1_577_836_800_000


def rendered(
    call: Call, object_type: str, definition: Definition, *, archived: bool = False
) -> dict[str, Any]:
    """HubSpot's shape of a definition."""
    created = call.session.schema.created_at(object_type, definition.name) or NATIVE_SINCE_MS
    return {
        "name": definition.name, "label": definition.label, "type": definition.type,
        "fieldType": definition.field_type, "description": definition.description, "groupName": definition.group,
        "options": schema.options_of(call.session.db, object_type, definition),
        "displayOrder": definition.display_order, "calculated": definition.calculated,
        "externalOptions": definition.options_from == "owner", "archived": archived,
        "hasUniqueValue": definition.unique, "hidden": definition.hidden, "formField": definition.form_field,
        "hubspotDefined": definition.native, "dataSensitivity": "non_sensitive",
        "modificationMetadata": {
            "archivable": not definition.native, "readOnlyDefinition": definition.native,
            "readOnlyOptions": definition.native, "readOnlyValue": definition.read_only,
        },
        "createdAt": stamp(created), "updatedAt": stamp(created),
    } | ({"referencedObjectType": "OWNER"} if definition.options_from == "owner" else {}) | dict(definition.extra)  # fmt: skip


def list_all(call: Call) -> Answer:
    """GET every definition, or the archived ones."""
    name = call.kind.plural
    if call.flag("archived"):
        gone = schema.archived_definitions(call.session.db, name).values()
        return Answer(200, {"results": [rendered(call, name, one, archived=True) for one in gone]})
    shown = [
        one for one in call.session.schema.properties(name).values() if call.session.visible(name, one.name)
    ]
    return Answer(200, {"results": [rendered(call, name, one) for one in shown]})


def read(call: Call) -> Answer:
    """GET one definition."""
    return Answer(200, _read(call, call.path["name"], archived=call.flag("archived")))


def _read(call: Call, name: str, *, archived: bool = False) -> dict[str, Any]:
    kind = call.kind
    if archived:
        found = schema.archived_definitions(call.session.db, kind.plural).get(name)
    else:
        found = call.session.schema.properties(kind.plural).get(name)
    if found is None or not call.session.visible(kind.plural, found.name):
        raise not_found(f"Property {name} of {kind.plural} does not exist", {"propertyName": [name]})
    return rendered(call, kind.plural, found, archived=archived)


def create(call: Call) -> Answer:
    """POST one definition: 201."""
    return Answer(201, _create(call, call.mapping()))


def _create(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    kind = call.kind
    if kind.plural == "line_items" and call.session.switches.hubspot_line_item_property_refused:
        raise missing_scopes(["e-commerce"])
    missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if missing:
        raise bad_request(f"Invalid input JSON: required fields are missing: {missing}", {"fields": missing})
    name = body["name"]
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise bad_request(f"Property name {name!r} may hold lower-case letters, digits and underscores only.")
    if name in call.session.schema.properties(kind.plural):
        raise ApiError(
            409, "OBJECT_ALREADY_EXISTS",
            f"A property named '{name}' already exists.",
            sub_category="Properties.PROPERTY_WITH_NAME_EXISTS",
        )  # fmt: skip
    _check_group(call, body["groupName"])
    _check_types(body["type"], body["fieldType"])
    unique = body.get("hasUniqueValue") is True
    if unique:
        _check_unique(call, body["type"])
    options = _options(body["type"], body.get("options") or [])
    definition = Definition(
        name=name, type=body["type"], field_type=body["fieldType"], label=body["label"], group=body["groupName"],
        description=body.get("description") or "", unique=unique, native=False, options=tuple(options),
        display_order=body.get("displayOrder", -1), hidden=body.get("hidden") is True,
        form_field=body.get("formField") is True, read_only=body["fieldType"] == "calculation_equation",
        calculated=body["fieldType"] == "calculation_equation",
        extra=tuple((key, body[key]) for key in _KEPT if key in body),
    )  # fmt: skip
    schema.write_definition(call.session.db, kind.plural, definition, call.session.now_ms)
    call.session.schema.refresh(call.session.db)
    return rendered(call, kind.plural, definition)


def _check_group(call: Call, name: Any) -> None:
    if name not in schema.groups(call.session.db, call.kind.plural):
        raise bad_request(f"Property group {name} does not exist", {"groupName": [str(name)]})


def _check_types(type_: Any, field_type: Any) -> None:
    if type_ not in TYPES:
        raise bad_request(f"Invalid property type: {type_}", {"type": [str(type_)]})
    if field_type not in TYPES[type_]:
        raise bad_request(
            f"fieldType {field_type} does not go with type {type_}", {"fieldType": [str(field_type)]}
        )


def _check_unique(call: Call, type_: str) -> None:
    if type_ not in {"string", "number"}:
        raise bad_request(f"A property of type {type_} cannot have unique values.")
    own = [
        one
        for one in call.session.schema.properties(call.kind.plural).values()
        if one.unique and not one.native
    ]
    if len(own) >= schema.MAX_UNIQUE_PER_TYPE:
        raise bad_request(
            f"At most {schema.MAX_UNIQUE_PER_TYPE} unique properties are allowed per object type."
        )


def _options(type_: str, options: Any) -> list[dict[str, Any]]:
    required = {"label", "value", "displayOrder", "hidden"}
    for option in options:
        if not isinstance(option, dict) or not required <= option.keys():
            raise bad_request("Invalid input JSON: an option takes label, value, displayOrder and hidden.")
    values = [option["value"] for option in options]
    if len(set(values)) != len(values):
        raise bad_request("Option values must be unique.")
    if type_ == "bool" and set(values) != {"true", "false"}:
        raise bad_request("A bool property needs exactly the options true and false.")
    return list(options)


def update(call: Call) -> Answer:
    """PATCH: options replace the list; hasUniqueValue is passed over in silence."""
    kind, body = call.kind, call.mapping()
    if call.session.switches.hubspot_property_update_refused:
        raise missing_scopes([f"crm.schemas.{kind.scope}.write"])
    found = call.session.schema.properties(kind.plural).get(call.path["name"])
    if found is None:
        raise not_found(f"Property {call.path['name']} of {kind.plural} does not exist")
    if found.native and body.keys() - {"hidden", "displayOrder", "groupName", "label", "description"}:
        raise bad_request(f"The definition of {found.name} is read only.")
    if "groupName" in body:
        _check_group(call, body["groupName"])
    type_, field_type = body.get("type", found.type), body.get("fieldType", found.field_type)
    _check_types(type_, field_type)
    options = found.options
    if "options" in body:
        options = tuple(_options(type_, body["options"]))
    changed = replace(
        found, label=body.get("label", found.label), group=body.get("groupName", found.group), type=type_,
        field_type=field_type, description=body.get("description", found.description), options=options,
        display_order=body.get("displayOrder", found.display_order), hidden=body.get("hidden", found.hidden),
        form_field=body.get("formField", found.form_field),
        extra=tuple((dict(found.extra) | {key: body[key] for key in _KEPT if key in body}).items()),
    )  # fmt: skip
    schema.write_definition(call.session.db, kind.plural, changed, call.session.now_ms)
    call.session.schema.refresh(call.session.db)
    return Answer(200, rendered(call, kind.plural, changed))


def archive(call: Call) -> Answer:
    """DELETE: 204; a native property can't go."""
    _archive(call, call.path["name"])
    return Answer(204)


def _archive(call: Call, name: str) -> None:
    kind = call.kind
    found = call.session.schema.properties(kind.plural).get(name)
    if found is not None and found.native:
        raise bad_request(f"Property {name} cannot be archived.")
    schema.archive_definition(call.session.db, kind.plural, name, call.session.now_ms)
    call.session.schema.refresh(call.session.db)


def _each(call: Call, one: Any, status: int) -> Answer:
    results, errors = [], []
    for given in call.inputs():
        try:
            results.append(one(given))
        except ApiError as error:
            error.context.setdefault("name", [str(given.get("name"))])
            errors.append(error.item(None))
    return batch_answer(call, status, results, errors)


def batch_create(call: Call) -> Answer:
    """201, 207 with errors; 2026-09 says 200."""
    answer = _each(call, lambda given: _create(call, given), 201)
    return Answer(200, answer.body) if call.version == "2026-09" else answer


def batch_read(call: Call) -> Answer:
    """200, 207 with errors."""
    archived = call.mapping().get("archived") is True
    return _each(call, lambda given: _read(call, str(given.get("name")), archived=archived), 200)


def batch_archive(call: Call) -> Answer:
    """204."""
    for given in call.inputs():
        _archive(call, str(given.get("name")))
    return Answer(204)


def _group_body(name: str, label: str, order: int) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": order, "archived": False}


def list_groups(call: Call) -> Answer:
    """GET every group."""
    found = schema.groups(call.session.db, call.kind.plural)
    return Answer(200, {"results": [_group_body(name, *rest) for name, rest in found.items()]})


def _group(call: Call) -> tuple[str, tuple[str, int]]:
    name = call.path["name"]
    found = schema.groups(call.session.db, call.kind.plural).get(name)
    if found is None:
        raise not_found(f"Property group {name} does not exist", {"groupName": [name]})
    return name, found


def read_group(call: Call) -> Answer:
    """GET one group."""
    name, found = _group(call)
    return Answer(200, _group_body(name, *found))


def create_group(call: Call) -> Answer:
    """POST: 201, or 409 if the name is taken."""
    body, kind = call.mapping(), call.kind
    name, label = body.get("name"), body.get("label")
    if not isinstance(name, str) or not label:
        raise bad_request("Invalid input JSON: a group needs name and label")
    if name in schema.groups(call.session.db, kind.plural):
        raise ApiError(
            409, "OBJECT_ALREADY_EXISTS",
            f"A property group named '{name}' already exists.",
            sub_category="PropertyGroups.PROPERTY_GROUP_WITH_NAME_EXISTS",
        )  # fmt: skip
    order = body.get("displayOrder", -1)
    call.session.db.execute(
        "INSERT INTO property_groups VALUES (?, ?, ?, ?)", (kind.plural, name, label, order)
    )
    return Answer(201, _group_body(name, label, order))


def update_group(call: Call) -> Answer:
    """PATCH label or order."""
    (name, (label, order)), body = _group(call), call.mapping()
    changed = (body.get("label", label), body.get("displayOrder", order))
    call.session.db.execute(
        "INSERT OR REPLACE INTO property_groups VALUES (?, ?, ?, ?)", (call.kind.plural, name, *changed)
    )
    return Answer(200, _group_body(name, *changed))


def archive_group(call: Call) -> Answer:
    """DELETE an empty group: 204."""
    name, _ = _group(call)
    used = [
        one.name for one in call.session.schema.properties(call.kind.plural).values() if one.group == name
    ]
    if used:
        raise bad_request(f"Property group {name} still has properties.", {"propertyName": used})
    call.session.db.execute(
        "DELETE FROM property_groups WHERE type = ? AND name = ?", (call.kind.plural, name)
    )
    return Answer(204)
