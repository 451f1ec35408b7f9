"""Records: reading, checking, writing, archiving, merging, and what they were at an earlier moment.

Belongs here: every rule about one record. Does not belong: batches and HTTP (endpoints), associations (links).
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ns_hs_orders.sandbox.hubspot.errors import (
    ValueRefused,
    bad_request,
    invalid_values,
    property_does_not_exist,
    required_missing,
    unique_conflict,
)
from ns_hs_orders.sandbox.hubspot.model import links
from ns_hs_orders.sandbox.hubspot.model.computed import computed
from ns_hs_orders.sandbox.hubspot.model.object_types import ObjectType
from ns_hs_orders.sandbox.hubspot.model.pipelines import fill_pipeline
from ns_hs_orders.sandbox.hubspot.model.session import Session, Source
from ns_hs_orders.sandbox.hubspot.model.values import RefusedValueError, normalise, stamp

FIRST_ID = 42_000_000_001


@dataclass
class Record:
    """One record as stored: the properties that have a value."""

    id: int
    properties: dict[str, str]
    created_at: int
    updated_at: int
    archived_at: int | None = None
    merged_into: int | None = None

    def values(self, kind: ObjectType) -> dict[str, str]:
        """All its values, the system's own included."""
        created, changed = stamp(self.created_at), stamp(self.updated_at)
        return self.properties | {
            "hs_object_id": str(self.id),
            "hs_createdate": created,
            "createdate": created,
            "hs_lastmodifieddate": changed,
            kind.modified: changed,
        }


def _record(row: sqlite3.Row) -> Record:
    return Record(
        row["id"], json.loads(row["properties"]), row["created_at"], row["updated_at"], row["archived_at"],
        row["merged_into"],
    )  # fmt: skip


def get_many(
    session: Session, kind: ObjectType, ids: Iterable[int], *, archived: bool | None = False
) -> dict[int, Record]:
    """Records by the id asked for; one that was merged away gives its survivor. `archived=None` takes both."""
    wanted = list(dict.fromkeys(ids))
    found: dict[int, Record] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        sql = f"SELECT * FROM records WHERE type = ? AND id IN ({marks})"  # noqa: S608 - marks only
        for row in session.db.execute(sql, (kind.plural, *part)):
            found[row["id"]] = _record(row)
    merged = {old: record.merged_into for old, record in found.items() if record.merged_into is not None}
    if merged:
        survivors = get_many(session, kind, merged.values(), archived=None)
        for old, new in merged.items():
            found[old] = survivors[new]
    if archived is None:
        return found
    return {asked: record for asked, record in found.items() if (record.archived_at is not None) == archived}


def ids_by_key(
    session: Session, kind: ObjectType, name: str, values: Sequence[str], *, archived: bool = False
) -> dict[str, int]:
    """Record ids by value of a unique property, among live or among archived records."""
    found: dict[str, int] = {}
    for start in range(0, len(values), 500):
        part = values[start : start + 500]
        marks = ",".join("?" * len(part))
        sql = (
            "SELECT value, id FROM unique_values WHERE type = ? AND property = ? AND archived = ?"  # noqa: S608
            f" AND value IN ({marks}) ORDER BY id"
        )
        found.update(session.db.execute(sql, (kind.plural, name, int(archived), *part)).fetchall())
    return found


def checked(
    session: Session,
    kind: ObjectType,
    given: Mapping[str, Any],
    held: Mapping[str, str],
    *,
    system: bool = False,
) -> dict[str, str | None]:
    """What a write would store, by property; None clears.

    Raises:
        ApiError: 400, naming every value that is refused.
    """
    definitions = session.schema.properties(kind.plural)
    accepted: dict[str, str | None] = {}
    refused: list[ValueRefused] = []
    for name, value in given.items():
        definition = definitions.get(name)
        if definition is None or not session.visible(kind.plural, name):
            refused.append(property_does_not_exist(name))
            continue
        if definition.read_only and not system:
            refused.append(
                ValueRefused(
                    name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.'
                )
            )
            continue
        if value is None or value == "":
            accepted[name] = None
            continue
        if not isinstance(value, str):
            value = _text(name, value)
        try:
            accepted[name] = normalise(
                definition, value, session.schema.options(session.db, kind.plural, definition)
            )
        except RefusedValueError as error:
            refused.append(error.refused)
            continue
        if definition.options_from == "owner" and not _owner_exists(session, value):
            refused.append(ValueRefused(name, "INVALID_OWNER_ID", f"Owner {value} does not exist"))
    refused += fill_pipeline(session, kind.plural, accepted, held)
    switches = session.switches
    for plural, name, is_refused in (
        ("line_items", "quantity", switches.hubspot_negative_quantity_refused),
        ("orders", "hs_total_price", switches.hubspot_negative_total_refused),
    ):
        number = accepted.get(name) if kind.plural == plural else None
        if number is not None and number.startswith("-") and is_refused:
            refused.append(
                ValueRefused(name, "NEGATIVE_VALUE", f"{name} must not be negative, was {number}.")
            )
    if refused:
        raise invalid_values(refused, session.switches.hubspot_portal_id)
    return accepted


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise bad_request(f"Invalid input JSON: property {name} takes a string.")


def _owner_exists(session: Session, owner_id: str) -> bool:
    known = session.known_owners.get(owner_id)
    if known is None:
        row = session.db.execute("SELECT archived FROM owners WHERE id = ?", (owner_id,)).fetchone()
        known = row is not None and not (row[0] and session.switches.hubspot_inactive_owner_refused)
        session.known_owners[owner_id] = known
    return known


def create(
    session: Session, kind: ObjectType, given: Mapping[str, Any], *, record_id: int | None = None,
    system: bool = False,
) -> Record:  # fmt: skip
    """A new record.

    Raises:
        ApiError: 400 for values or a missing required property, 409 for a unique value that another one holds.
    """
    accepted = checked(session, kind, given, {}, system=system)
    missing = [name for name in kind.required if accepted.get(name) is None]
    if missing:
        raise required_missing(kind.label, missing)
    _refuse_taken(session, kind, accepted, 0)
    if record_id is None:
        record_id = session.next_id("record", FIRST_ID)
    values = {name: value for name, value in accepted.items() if value is not None}
    source = session.source
    values = {
        "hs_object_source": source.type, "hs_object_source_id": source.id,
        "hs_object_source_label": source.label or source.type,
    } | values  # fmt: skip
    if source.user_id is not None:
        values["hs_created_by_user_id"] = values["hs_updated_by_user_id"] = str(source.user_id)
    values |= {n: v for n, v in computed(session, kind.plural, values).items() if v is not None}
    record = Record(record_id, values, session.now_ms, session.now_ms)
    session.db.execute(
        "INSERT INTO records VALUES (?, ?, ?, ?, ?, NULL, NULL)",
        (kind.plural, record.id, _dump(values), record.created_at, record.updated_at),
    )
    _note(session, kind, record, dict(values))
    _index_keys(session, kind, record, values.keys())
    return record


def update(
    session: Session, kind: ObjectType, record: Record, given: Mapping[str, Any], *, system: bool = False
) -> Record:
    """Writes `given` over the record in place. A write that changes nothing leaves the stamp, by default.

    Raises:
        ApiError: 400 for values, 409 for a unique value that another record holds.
    """
    accepted = checked(session, kind, given, record.properties, system=system)
    changes = {name: value for name, value in accepted.items() if record.properties.get(name) != value}
    _refuse_taken(session, kind, changes, record.id)
    return store_changes(session, kind, record, changes)


def store_changes(
    session: Session, kind: ObjectType, record: Record, changes: dict[str, str | None]
) -> Record:
    """Stores changes that were checked, and what follows from them."""
    values = {name: value for name, value in (record.properties | changes).items() if value is not None}
    for name, value in computed(session, kind.plural, values).items():
        if values.get(name) != value:
            changes[name] = value
            values.pop(name, None)
            if value is not None:
                values[name] = value
        elif name in changes:
            del changes[name]  # a value sent for a computed property counts for nothing
    if not {n for n, v in changes.items() if record.properties.get(n) != v}:
        if not session.switches.hubspot_stamp_moves_without_change:
            return record
    elif session.source.user_id is not None:
        values["hs_updated_by_user_id"] = str(session.source.user_id)
    record.properties = values
    record.updated_at = max(session.now_ms, record.updated_at + 1)
    session.db.execute(
        "UPDATE records SET properties = ?, updated_at = ? WHERE type = ? AND id = ?",
        (_dump(values), record.updated_at, kind.plural, record.id),
    )
    _note(session, kind, record, changes)
    _index_keys(session, kind, record, changes.keys())
    return record


def _dump(values: Mapping[str, str | None]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _refuse_taken(session: Session, kind: ObjectType, values: Mapping[str, str | None], own_id: int) -> None:
    for name in session.schema.unique_names(kind.plural):
        value = values.get(name)
        if value is None:
            continue
        holder = ids_by_key(session, kind, name, [value]).get(value)
        if holder is not None and holder != own_id:
            raise unique_conflict(kind.label, name, value, holder)


def _index_keys(session: Session, kind: ObjectType, record: Record, changed: Iterable[str]) -> None:
    for name in set(session.schema.unique_names(kind.plural)) & set(changed):
        session.db.execute(
            "DELETE FROM unique_values WHERE type = ? AND id = ? AND property = ?",
            (kind.plural, record.id, name),
        )
        if name in record.properties:
            session.db.execute(
                "INSERT INTO unique_values VALUES (?, ?, ?, ?, 0)",
                (kind.plural, name, record.properties[name], record.id),
            )


def _note(session: Session, kind: ObjectType, record: Record, changes: Mapping[str, str | None]) -> None:
    source: Source = session.source
    cursor = session.db.execute(
        "INSERT INTO history (type, id, at, source_type, source_id, source_label, user_id, changes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            kind.plural, record.id, record.updated_at, source.type, source.id, source.label, source.user_id,
            _dump(changes),
        ),
    )  # fmt: skip
    session.written.append((kind.plural, record.id, cursor.lastrowid or 0))


def archive(session: Session, kind: ObjectType, ids: Iterable[int]) -> None:
    """Archives what is there; what isn't, or is archived already, is no error. Associations go with it."""
    for record in get_many(session, kind, ids).values():
        session.db.execute(
            "UPDATE records SET archived_at = ? WHERE type = ? AND id = ?",
            (session.now_ms, kind.plural, record.id),
        )
        session.db.execute(
            "UPDATE unique_values SET archived = 1 WHERE type = ? AND id = ?", (kind.plural, record.id)
        )
        links.remove_all(session, kind.plural, record.id)


def revive(session: Session, kind: ObjectType, record: Record) -> None:
    """Brings an archived record back, without its associations."""
    record.archived_at = None
    session.db.execute(
        "UPDATE records SET archived_at = NULL WHERE type = ? AND id = ?", (kind.plural, record.id)
    )
    session.db.execute(
        "UPDATE unique_values SET archived = 0 WHERE type = ? AND id = ?", (kind.plural, record.id)
    )
