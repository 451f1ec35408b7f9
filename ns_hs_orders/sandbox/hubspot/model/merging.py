"""Merging two records into one.

Belongs here: which values, keys and associations survive. Does not belong: HTTP.
"""

from ns_hs_orders.sandbox.hubspot.model import links
from ns_hs_orders.sandbox.hubspot.model.object_types import CONTACTS, ObjectType
from ns_hs_orders.sandbox.hubspot.model.records import FIRST_ID, Record, store_changes
from ns_hs_orders.sandbox.hubspot.model.session import Session


def merge(session: Session, kind: ObjectType, primary: Record, other: Record) -> Record:
    """The survivor: the primary's values, filled up from the other. By switch it has a new id of its own."""
    db, survivor_id = session.db, primary.id
    if session.switches.hubspot_merge_makes_new_record:
        survivor_id = session.next_id("record", FIRST_ID)
        db.execute(
            "INSERT INTO records SELECT type, ?, properties, created_at, updated_at, NULL, NULL FROM records"
            " WHERE type = ? AND id = ?",
            (survivor_id, kind.plural, primary.id),
        )
    survivor = Record(survivor_id, dict(primary.properties), primary.created_at, primary.updated_at)
    for merged in (primary, other):
        if merged.id == survivor_id:
            continue
        links.move_all(session, kind.plural, merged.id, survivor_id)
        db.execute("DELETE FROM unique_values WHERE type = ? AND id = ?", (kind.plural, merged.id))
        db.execute(
            "UPDATE records SET merged_into = ? WHERE type = ? AND (id = ? OR merged_into = ?)",
            (survivor_id, kind.plural, merged.id, merged.id),
        )
    for name in session.schema.unique_names(kind.plural):
        if name in survivor.properties:
            db.execute(
                "INSERT OR IGNORE INTO unique_values VALUES (?, ?, ?, ?, 0)",
                (kind.plural, name, survivor.properties[name], survivor_id),
            )
    before = ";".join(
        filter(None, (survivor.properties.get("hs_merged_object_ids"), str(primary.id), str(other.id)))
    )
    filled = {name: value for name, value in other.properties.items() if name not in survivor.properties}
    filled["hs_merged_object_ids"] = before
    email = other.properties.get("email") if kind is CONTACTS else None
    if email and email != survivor.properties.get("email"):
        # the survivor is found by the other's address too
        more = (
            survivor.properties.get("hs_additional_emails"),
            other.properties.get("hs_additional_emails"),
            email,
        )
        filled["hs_additional_emails"] = ";".join(filter(None, more))
        db.execute(
            "INSERT OR IGNORE INTO unique_values VALUES (?, 'email', ?, ?, 0)",
            (kind.plural, email, survivor_id),
        )
    return store_changes(session, kind, survivor, dict[str, str | None](filled))
