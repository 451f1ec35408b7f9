"""Property definitions as one account has them now: native ones, custom ones, and options that depend on data.

Belongs here: reading and writing definitions and groups. Does not belong: HTTP shapes (endpoints.properties).
"""

import json
import sqlite3
from dataclasses import asdict

from ns_hs_orders.sandbox.hubspot.model.native_properties import NATIVE_PROPERTIES, Definition, group_of

MAX_UNIQUE_PER_TYPE = 10


def read_definition(text: str) -> Definition:
    """A definition from its stored JSON."""
    fields = json.loads(text)
    fields["options"] = tuple(fields["options"])
    fields["extra"] = tuple((name, value) for name, value in fields["extra"])
    return Definition(**fields)


def write_definition(db: sqlite3.Connection, object_type: str, definition: Definition, at_ms: int) -> None:
    """Creates or replaces a definition; one that was archived comes back."""
    db.execute(
        "INSERT INTO properties VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE"
        " SET definition = excluded.definition, archived_at = NULL",
        (object_type, definition.name, json.dumps(asdict(definition)), at_ms),
    )
    bump(db, "schema")


def archive_definition(db: sqlite3.Connection, object_type: str, name: str, at_ms: int) -> None:
    """Takes a custom definition away; its values stay in the records, unseen."""
    db.execute(
        "UPDATE properties SET archived_at = ? WHERE type = ? AND name = ?", (at_ms, object_type, name)
    )
    bump(db, "schema")


def bump(db: sqlite3.Connection, counter: str) -> int:
    """Adds one to a counter and answers its new value."""
    row = db.execute(
        "INSERT INTO counters VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value",
        (counter,),
    ).fetchone()
    return int(row[0])


def groups(db: sqlite3.Connection, object_type: str) -> dict[str, tuple[str, int]]:
    """Property groups: name → (label, display order); the native one first."""
    name, label = group_of(object_type)
    found = {name: (label, 0)}
    for row in db.execute(
        "SELECT * FROM property_groups WHERE type = ? ORDER BY display_order", (object_type,)
    ):
        found[row["name"]] = (row["label"], row["display_order"])
    return found


def archived_definitions(db: sqlite3.Connection, object_type: str) -> dict[str, Definition]:
    """Custom definitions that were archived."""
    rows = db.execute(
        "SELECT definition FROM properties WHERE type = ? AND archived_at IS NOT NULL", (object_type,)
    )
    return {found.name: found for found in (read_definition(row[0]) for row in rows)}


class Schema:
    """The definitions of one account, cached until a counter in the database says that they changed."""

    def __init__(self) -> None:
        self._revision = -1
        self._definitions: dict[str, dict[str, Definition]] = {}
        self._options: dict[tuple[str, str], frozenset[str] | None] = {}
        self._created: dict[tuple[str, str], int] = {}

    def refresh(self, db: sqlite3.Connection) -> None:
        """Reads the definitions again if any process has changed them."""
        row = db.execute("SELECT value FROM counters WHERE name = 'schema'").fetchone()
        revision = row[0] if row else 0
        if revision == self._revision:
            return
        self._definitions = {kind: dict(native) for kind, native in NATIVE_PROPERTIES.items()}
        self._created = {}
        for row in db.execute("SELECT * FROM properties WHERE archived_at IS NULL"):
            self._definitions[row["type"]][row["name"]] = read_definition(row["definition"])
            self._created[row["type"], row["name"]] = row["created_at"]
        self._options = {}
        self._revision = revision

    def properties(self, object_type: str) -> dict[str, Definition]:
        """Every live definition of the object type, by name."""
        return self._definitions[object_type]

    def created_at(self, object_type: str, name: str) -> int:
        """When a custom property was created, in epoch milliseconds; 0 for a native one."""
        return self._created.get((object_type, name), 0)

    def unique_names(self, object_type: str) -> list[str]:
        """Names of the properties whose values are unique."""
        return [name for name, definition in self._definitions[object_type].items() if definition.unique]

    def options(
        self, db: sqlite3.Connection, object_type: str, definition: Definition
    ) -> frozenset[str] | None:
        """Allowed values of an enumeration; None where HubSpot's list isn't imitated, or the type has none."""
        if definition.type != "enumeration":
            return None
        key = (object_type, definition.name)
        if key not in self._options:
            self._options[key] = _read_options(db, definition)
        return self._options[key]


def _read_options(db: sqlite3.Connection, definition: Definition) -> frozenset[str] | None:
    if definition.options_from == "currency":
        return frozenset(currencies(db))
    if definition.options_from:
        return None
    return frozenset(option["value"] for option in definition.options)


def currencies(db: sqlite3.Connection) -> list[str]:
    """The account's currencies, the company's own first."""
    row = db.execute("SELECT value FROM meta WHERE key = 'currencies'").fetchone()
    return list(json.loads(row[0])) if row else ["USD"]


def set_currencies(db: sqlite3.Connection, home: str, additional: list[str]) -> None:
    """The account's currencies from now on."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('currencies', ?)", (json.dumps([home, *additional]),))
    bump(db, "schema")


def options_of(db: sqlite3.Connection, object_type: str, definition: Definition) -> list[dict[str, object]]:
    """The options list that a property definition shows."""
    if definition.options_from == "currency":
        pairs = [(code, code) for code in currencies(db)]
    elif definition.options_from == "pipeline":
        pairs = [(row["label"], row["id"]) for row in _pipelines(db, object_type)]
    elif definition.options_from == "stage":
        pairs = [
            (row["label"], row["id"])
            for row in db.execute(
                "SELECT * FROM stages WHERE type = ? ORDER BY display_order", (object_type,)
            )
        ]
    else:
        return [
            {"label": option["label"], "value": option["value"], "hidden": option.get("hidden", False),
             "displayOrder": option.get("displayOrder", place)}
            for place, option in enumerate(definition.options)
        ]  # fmt: skip
    return [
        {"label": label, "value": value, "hidden": False, "displayOrder": place}
        for place, (label, value) in enumerate(pairs)
    ]


def _pipelines(db: sqlite3.Connection, object_type: str) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM pipelines WHERE type = ? ORDER BY display_order", (object_type,)
    ).fetchall()
