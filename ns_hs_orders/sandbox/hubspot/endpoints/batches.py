"""Batches of records: create, read, update, upsert, archive.

Belongs here: limits, duplicates, what fails alone and what fails the whole batch. Does not belong: one record's
rules (model.records).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from ns_hs_orders.sandbox.hubspot.endpoints.call import (
    MAX_INPUTS_WITH_HISTORY,
    Answer,
    Call,
    batch_answer,
    record_id,
    rendered,
)
from ns_hs_orders.sandbox.hubspot.endpoints.objects import create_from, described, key_value, properties_of
from ns_hs_orders.sandbox.hubspot.errors import (
    ApiError,
    bad_request,
    duplicate_ids,
    objects_not_found,
    too_many_histories,
)
from ns_hs_orders.sandbox.hubspot.model import records
from ns_hs_orders.sandbox.hubspot.model.object_types import ObjectType
from ns_hs_orders.sandbox.hubspot.model.records import Record


@dataclass(frozen=True)
class _Written:
    record: Record
    given: dict[str, Any]
    new: bool | None = None
    key: str | None = None


def create(call: Call) -> Answer:
    """201; without trace ids one bad input fails all of them."""
    kind = call.kind

    def one(given: dict[str, Any]) -> _Written:
        record = create_from(call, kind, given)
        return _Written(record, dict(record.properties))

    return _write(call, kind, 201, call.inputs(), one, [])


def update(call: Call) -> Answer:
    """200; unknown ids are always errors of their own, a merged id is left out without a word."""
    kind, inputs = call.kind, call.inputs()
    addresses = [_address(call, kind, given) for given in inputs]
    _refuse_duplicates(addresses)
    ids = _resolve(call, kind, addresses)
    found = records.get_many(call.session, kind, [one for one in ids if one])
    unknown, known = [], []
    for given, address, one in zip(inputs, addresses, ids, strict=True):
        if one in found:
            known.append((given, one))
        else:
            unknown.append((given.get("objectWriteTraceId"), address[1]))
    by_input = {id(given): found[one] for given, one in known if found[one].id == one}

    def write(given: dict[str, Any]) -> _Written:
        values = properties_of(given)
        return _Written(records.update(call.session, kind, by_input[id(given)], values), values)

    live = [given for given, _ in known if id(given) in by_input]
    return _write(call, kind, 200, live, write, _unknown(kind, unknown))


def upsert(call: Call) -> Answer:
    """200, each result saying whether it is new; keyed by a property with unique values."""
    kind, inputs = call.kind, call.inputs()
    addresses = [_address(call, kind, given, keyed=True) for given in inputs]
    _refuse_duplicates(addresses)
    places = {id(given): address for given, address in zip(inputs, addresses, strict=True)}
    ids = _resolve(call, kind, addresses)
    found = records.get_many(call.session, kind, [one for one in ids if one])
    by_input = {id(given): found.get(one) for given, one in zip(inputs, ids, strict=True)}

    def write(given: dict[str, Any]) -> _Written:
        key, value = places[id(given)]
        values = {key: value} | properties_of(given)
        record = by_input[id(given)] or _archived_holder(call, kind, key, value)
        if record is None:
            return _Written(records.create(call.session, kind, values), values, new=True, key=key)
        return _Written(records.update(call.session, kind, record, values), values, new=False, key=key)

    return _write(call, kind, 200, inputs, write, [])


def _archived_holder(call: Call, kind: ObjectType, key: str, value: str) -> Record | None:
    """What an archived record with this key means for an upsert: nobody has documented it, so a switch says."""
    choice = call.session.switches.hubspot_upsert_on_archived_key
    holder = records.ids_by_key(call.session, kind, key, [value], archived=True).get(value)
    if choice == "new" or holder is None:
        return None
    if choice == "refused":
        raise bad_request(f"Record with {key} {value} is archived", {"ids": [str(holder)]})
    if choice == "conflict":
        raise ApiError(409, "CONFLICT", f"{kind.label} already exists. Existing ID: {holder}")
    record = records.get_many(call.session, kind, [holder], archived=True)[holder]
    records.revive(call.session, kind, record)
    return record


def _address(call: Call, kind: ObjectType, given: dict[str, Any], *, keyed: bool = False) -> tuple[str, str]:
    """(unique property or "", value) of an input."""
    value, key = given.get("id"), given.get("idProperty")
    if type(value) is not str:
        raise bad_request("Invalid input JSON: id must be a string")
    if key == "hs_object_id":
        raise bad_request(
            f"hs_object_id is not accepted as idProperty of {kind.plural}; leave idProperty out."
        )
    if key is None:
        if keyed:
            raise bad_request("idProperty is required for each input of a batch upsert.")
        return "", value
    return key, key_value(call, kind, key, value)


def _refuse_duplicates(addresses: list[tuple[str, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    twice: dict[str, None] = {}
    for address in addresses:
        if address in seen:
            twice[address[1]] = None
        seen.add(address)
    if twice:
        raise duplicate_ids(list(twice))


def _resolve(call: Call, kind: ObjectType, addresses: list[tuple[str, str]]) -> list[int]:
    """Record ids of addresses; 0 where there is none."""
    found = {}
    for key in dict.fromkeys(key for key, _ in addresses if key):
        values = [value for one, value in addresses if one == key]
        for value, one_id in records.ids_by_key(call.session, kind, key, values).items():
            found[key, value] = one_id
    return [found.get(address, 0) if address[0] else record_id(address[1]) for address in addresses]


def _unknown(kind: ObjectType, unknown: list[tuple[str | None, str]]) -> list[dict[str, Any]]:
    plain = [value for trace, value in unknown if trace is None]
    errors = [
        objects_not_found(kind.label, [value]).item(trace) for trace, value in unknown if trace is not None
    ]
    if plain:
        errors.append(objects_not_found(kind.label, plain).item(None))
    return errors


def _write(
    call: Call, kind: ObjectType, status: int, inputs: list[dict[str, Any]],
    one: Callable[[dict[str, Any]], _Written], errors: list[dict[str, Any]],
) -> Answer:  # fmt: skip
    """Writes input by input; an error counts alone only where every input has a trace id of its own."""
    traces = [given.get("objectWriteTraceId") for given in inputs]
    traced = all(traces) and len(set(traces)) == len(traces)
    ignored = call.session.switches.hubspot_upsert_trace_ids_ignored and call.path["operation"] == "upsert"
    written = []
    for given in inputs:
        call.session.db.execute("SAVEPOINT input")
        noted = len(call.session.written)
        try:
            written.append(one(given))
        except ApiError as error:
            if not traced or ignored:
                raise
            call.session.db.execute("ROLLBACK TO input")
            del call.session.written[noted:]
            errors.append(error.item(given["objectWriteTraceId"]))
        call.session.db.execute("RELEASE input")
    results = [_result(call, kind, item) for item in _out_of_order(written)]
    left_out = call.session.switches.hubspot_results_left_out
    return batch_answer(call, status, results[left_out:], errors)


def _out_of_order(written: list[_Written]) -> list[_Written]:
    """Not the order of the inputs, yet the same order each time."""
    return sorted(written, key=lambda item: crc32(str(item.record.id).encode()))


def _result(call: Call, kind: ObjectType, item: _Written) -> dict[str, Any]:
    body = rendered(call, kind, item.record, list(item.given))
    if item.new is not None:
        body["new"] = item.new
    echo = call.session.switches.hubspot_upsert_echoes_key
    if item.key is not None and (echo == "never" or (echo == "when_sent" and not _sent(call, item))):
        body["properties"].pop(item.key, None)
    return body


def _sent(call: Call, item: _Written) -> bool:
    value = item.record.properties.get(item.key or "")
    return any(
        str(given["properties"].get(item.key)) == value
        for given in call.body["inputs"]
        if given.get("properties")
    )


def archive(call: Call) -> Answer:
    """204, whatever was there."""
    ids = [record_id(given.get("id")) for given in call.inputs()]
    records.archive(call.session, call.kind, ids)
    return Answer(204)


def read(call: Call) -> Answer:
    """200, or 207 with one error that lists every id that isn't there."""
    kind, body, inputs = call.kind, call.mapping(), call.inputs()
    archived = call.flag("archived")
    key = body.get("idProperty")
    values = []
    for given in inputs:
        if type(given.get("id")) is not str:
            raise bad_request("Invalid input JSON: id must be a string")
        values.append(
            given["id"] if key in {None, "hs_object_id"} else key_value(call, kind, key, given["id"])
        )
    if key in {None, "hs_object_id"}:
        ids = {value: record_id(value) for value in values}
    else:
        ids = records.ids_by_key(call.session, kind, key, values, archived=archived)
    found = records.get_many(call.session, kind, ids.values(), archived=archived)
    names, history = list(body.get("properties") or ()), list(body.get("propertiesWithHistory") or ())
    if history and len(inputs) > MAX_INPUTS_WITH_HISTORY:
        raise too_many_histories(MAX_INPUTS_WITH_HISTORY)
    shown: dict[int, Record] = {}
    missing = []
    for value in dict.fromkeys(values):
        record = found.get(ids.get(value, 0))
        if record is not None and record.id not in shown:
            record = call.seen(kind, record)
        if record is None:
            missing.append(value)
        else:
            shown[record.id] = record
    results = [
        described(call, kind, item.record, names, history)
        for item in _out_of_order([_Written(record, {}) for record in shown.values()])
    ]
    errors = [objects_not_found(kind.label, missing).item(None)] if missing else []
    return batch_answer(call, 200, results, errors)


OPERATIONS = {"create": create, "read": read, "update": update, "upsert": upsert, "archive": archive}
