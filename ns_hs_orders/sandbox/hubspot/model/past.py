"""What a record was: its history, and its values at an earlier moment.

Belongs here: reading the history table. Does not belong: who sees an earlier version (endpoints).
"""

import json
from typing import Any

from ns_hs_orders.sandbox.hubspot.model.object_types import ObjectType
from ns_hs_orders.sandbox.hubspot.model.records import Record
from ns_hs_orders.sandbox.hubspot.model.session import Session
from ns_hs_orders.sandbox.hubspot.model.values import stamp


def property_history(session: Session, kind: ObjectType, record: Record, name: str) -> list[dict[str, Any]]:
    """Every value that the property had, newest first, with who wrote it."""
    entries = []
    rows = session.db.execute(
        "SELECT * FROM history WHERE type = ? AND id = ? ORDER BY seq DESC", (kind.plural, record.id)
    )
    for row in rows:
        changes = json.loads(row["changes"])
        if name not in changes:
            continue
        entry: dict[str, Any] = {
            "value": changes[name] or "",
            "timestamp": stamp(row["at"]),
            "sourceType": row["source_type"],
            "sourceId": row["source_id"],
        }
        if row["source_label"]:
            entry["sourceLabel"] = row["source_label"]
        if row["user_id"] is not None:
            entry["updatedByUserId"] = row["user_id"]
        entries.append(entry)
    return entries


def as_of(
    session: Session,
    kind: ObjectType,
    record: Record,
    *,
    at_ms: int | None = None,
    before_seq: int | None = None,
) -> Record | None:
    """The record as it was at `at_ms`, or before the write numbered `before_seq`; None if it wasn't there yet."""
    rows = session.db.execute(
        "SELECT at, changes FROM history WHERE type = ? AND id = ? AND (? IS NULL OR at <= ?)"
        " AND (? IS NULL OR seq < ?) ORDER BY seq",
        (kind.plural, record.id, at_ms, at_ms, before_seq, before_seq),
    ).fetchall()
    if not rows:
        return None
    values: dict[str, str] = {}
    for row in rows:
        for name, value in json.loads(row["changes"]).items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
    return Record(record.id, values, record.created_at, rows[-1]["at"], record.archived_at)
