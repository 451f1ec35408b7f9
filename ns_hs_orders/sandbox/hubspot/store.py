"""What the emulated HubSpot holds, as its callers see it: load, read, edit by hand, count calls.

Belongs here: the API of the store for the server, the seed, `sandbox load` and tests, from any process.
Does not belong: HTTP, and the rules of records (model).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ns_hs_orders.sandbox.hubspot.database import TABLES_OF_DATA, Database
from ns_hs_orders.sandbox.hubspot.errors import ApiError, HubSpotSandboxError, LoadRefusedError
from ns_hs_orders.sandbox.hubspot.model import links, merging, pipelines, records
from ns_hs_orders.sandbox.hubspot.model.native_properties import Definition
from ns_hs_orders.sandbox.hubspot.model.object_types import COMPANIES, ObjectType, object_type
from ns_hs_orders.sandbox.hubspot.model.schema import Schema, bump, currencies, set_currencies
from ns_hs_orders.sandbox.hubspot.model.session import OTHER_INTEGRATION, PERSON_SOURCE, Session, Source
from ns_hs_orders.sandbox.switches import Switches

KEPT_CALLS = 50_000
_LOAD_CHUNK = 2000
_OF_HUBSPOT = {"hs_object_id", "hs_createdate", "createdate", "hs_lastmodifieddate", "lastmodifieddate"}
_OWNER_COLUMNS = {"id", "email", "firstName", "lastName", "userId", "archived"}


class LoggedCall(NamedTuple):
    """One call that the emulator answered."""

    method: str
    path: str
    status: int
    inputs: int | None


class HubSpotStore:
    """One HubSpot account on disk. Safe to use from several threads and processes at once."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._database = Database(path)
        self._schemas = threading.local()
        with self._database.transaction(write=True) as db:
            if db.execute("SELECT 1 FROM pipelines LIMIT 1").fetchone() is None:
                pipelines.plant_defaults(db, self._now_ms())

    @contextmanager
    def session(self, switches: Switches, source: Source, now_ms: int, *, write: bool) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any exception."""
        schema: Schema | None = getattr(self._schemas, "schema", None)
        if schema is None:
            schema = self._schemas.schema = Schema()
        try:
            with self._database.transaction(write=write) as db:
                schema.refresh(db)
                yield Session(db, schema, switches, now_ms, source)
        except BaseException:
            # The cached definitions may have come from what was rolled back.
            self._schemas.schema = None
            raise

    def _own(self, source: Source, *, write: bool) -> AbstractContextManager[Session]:
        return self.session(Switches(), source, self._now_ms(), write=write)

    def load(self, object_type_name: str, rows: Iterable[Mapping[str, str | None]]) -> int:
        """Puts records in, as another integration would have; answers how many.

        Rows are `{"id": …, property: value…}`; contacts may carry `company_id`, which makes that company
        their primary one. A row whose id is there already replaces the values it names.

        Raises:
            LoadRefusedError: for a column that isn't a property, a bad id, a refused value, a missing company.
        """
        kind = object_type(object_type_name)
        pending: list[Mapping[str, str | None]] = []
        count = 0
        for row in rows:
            pending.append(row)
            if len(pending) == _LOAD_CHUNK:
                count += self._load(kind, pending)
                pending = []
        return count + self._load(kind, pending)

    def _load(self, kind: ObjectType, rows: list[Mapping[str, str | None]]) -> int:
        with self._own(OTHER_INTEGRATION, write=True) as session:
            for row in rows:
                try:
                    self._load_one(session, kind, row)
                except ApiError as error:
                    column, reason = error.first_refusal
                    raise _refused(kind.plural, row, reason, column) from error
        return len(rows)

    def _load_one(self, session: Session, kind: ObjectType, row: Mapping[str, str | None]) -> None:
        text = row.get("id") or ""
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise _refused(kind.plural, row, f"id must be a whole number, was {text!r}.", "id")
        known = session.schema.properties(kind.plural)
        extra = {"id", "company_id"} if kind.plural == "contacts" else {"id"}
        unknown = [name for name in row if name not in known and name not in extra]
        if unknown:
            raise _refused(
                kind.plural, row, f"{unknown[0]!r} is not a property of HubSpot's {kind.plural}. Leave it out, or "
                f"create the property first. Native ones: {', '.join(sorted(known))}.", unknown[0],
            )  # fmt: skip
        own = sorted(_OF_HUBSPOT.intersection(row))
        if own:
            raise _refused(kind.plural, row, f"HubSpot sets {own[0]} itself. Leave that column out.", own[0])
        values = {name: value for name, value in row.items() if name in known}
        record_id = int(text)
        held = records.get_many(session, kind, [record_id], archived=None).get(record_id)
        if held is None:
            values = {name: value for name, value in values.items() if value not in {None, ""}}
            records.create(session, kind, values, record_id=record_id, system=True)
            session.db.execute(
                "INSERT INTO counters VALUES ('record', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
                (max(record_id, records.FIRST_ID),),
            )
        else:
            records.update(session, kind, held, values, system=True)
        company = row.get("company_id") if kind.plural == "contacts" else None
        if company:
            self._link_company(session, row, record_id, company)

    @staticmethod
    def _link_company(session: Session, row: Mapping[str, str | None], contact_id: int, company: str) -> None:
        company_id = int(company) if company.isascii() and company.isdigit() else 0
        if company_id not in records.get_many(session, COMPANIES, [company_id]):
            raise _refused(
                "contacts", row, f"company_id {company!r} is not the id of a company. Load companies first.",
                "company_id",
            )  # fmt: skip
        primary = links.association_type(session, "contacts", "companies", 1)
        links.associate(session, contact_id, company_id, [primary])

    def load_owners(self, rows: Iterable[Mapping[str, str | None]]) -> int:
        """Puts owners in: `id, email, firstName, lastName`, optionally `userId` and `archived` (true or T).

        Raises:
            LoadRefusedError: for an unknown column or an id that isn't a number.
        """
        count = 0
        with self._own(OTHER_INTEGRATION, write=True) as session:
            for row in rows:
                unknown = sorted(set(row) - _OWNER_COLUMNS)
                if unknown:
                    raise _refused(
                        "owners", row, f"column {unknown[0]!r} is not known. Columns: "
                        f"{', '.join(sorted(_OWNER_COLUMNS))}.", unknown[0],
                    )  # fmt: skip
                text = row.get("id") or ""
                if not (text.isascii() and text.isdigit()):
                    raise _refused("owners", row, f"id must be a whole number, was {text!r}.", "id")
                session.db.execute(
                    "INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        int(text), (row.get("email") or "").lower() or None, row.get("firstName"),
                        row.get("lastName"), int(row.get("userId") or text),
                        int((row.get("archived") or "").lower() in {"true", "t"}), session.now_ms,
                    ),
                )  # fmt: skip
                count += 1
        return count

    def set_currencies(self, home: str, additional: list[str]) -> None:
        """The account's currencies: the company's own, and the others that are enabled."""
        with self._own(PERSON_SOURCE, write=True) as session:
            set_currencies(session.db, home, additional)

    def currencies(self) -> list[str]:
        """The account's currencies, the company's own first."""
        with self._own(PERSON_SOURCE, write=False) as session:
            return currencies(session.db)

    def objects(self, object_type_name: str, archived: bool = False) -> list[dict[str, Any]]:
        """Every record by ascending id: `{"id", "properties", "archived"}`; merged ones are not there."""
        kind = object_type(object_type_name)
        with self._own(PERSON_SOURCE, write=False) as session:
            rows = session.db.execute(
                "SELECT id FROM records WHERE type = ? AND merged_into IS NULL AND (archived_at IS NOT NULL) = ?"
                " ORDER BY id",
                (kind.plural, int(archived)),
            ).fetchall()
            found = records.get_many(session, kind, [row[0] for row in rows], archived=archived)
        return [
            {"id": str(one), "properties": found[one].values(kind), "archived": archived}
            for one in sorted(found)
        ]

    def associations(self) -> list[tuple[str, str, str, str, int]]:
        """Every association, in both directions: (from type, from id, to type, to id, type id)."""
        with self._own(PERSON_SOURCE, write=False) as session:
            rows = session.db.execute("SELECT * FROM associations").fetchall()
        return [(row[0], str(row[1]), row[2], str(row[3]), row[4]) for row in rows]

    def edit(
        self,
        object_type_name: str,
        record_id: str | int,
        properties: Mapping[str, str],
        *,
        user_id: int = 70001,
    ) -> None:
        """Changes a record as a person does in HubSpot's own pages.

        Raises:
            HubSpotSandboxError: if there is no such record or HubSpot refuses a value.
        """
        kind = object_type(object_type_name)
        person = Source("CRM_UI", f"userId:{user_id}", None, user_id)
        with self._own(person, write=True) as session:
            found = records.get_many(session, kind, [int(record_id)])
            if int(record_id) not in found:
                raise HubSpotSandboxError(f"There is no {kind.singular} {record_id} in the HubSpot emulator.")
            try:
                records.update(session, kind, found[int(record_id)], properties)
            except ApiError as error:
                raise HubSpotSandboxError(f"{kind.singular} {record_id}: {error.message}") from error

    def archive(self, object_type_name: str, record_id: str | int) -> None:
        """Deletes a record as a person does: it goes to the recycle bin."""
        with self._own(PERSON_SOURCE, write=True) as session:
            records.archive(session, object_type(object_type_name), [int(record_id)])

    def merge(self, object_type_name: str, primary_id: str | int, other_id: str | int) -> str:
        """Merges two records as a person does; answers the survivor's id.

        Raises:
            HubSpotSandboxError: if either isn't there.
        """
        kind = object_type(object_type_name)
        with self._own(PERSON_SOURCE, write=True) as session:
            found = records.get_many(session, kind, [int(primary_id), int(other_id)])
            if len(found) != 2:
                raise HubSpotSandboxError(
                    f"There are no two {kind.plural} {primary_id} and {other_id} to merge."
                )
            return str(merging.merge(session, kind, found[int(primary_id)], found[int(other_id)]).id)

    def properties(self, object_type_name: str) -> dict[str, Definition]:
        """The property definitions of an object type, native and custom."""
        with self._own(PERSON_SOURCE, write=False) as session:
            return dict(session.schema.properties(object_type(object_type_name).plural))

    def clear(self) -> None:
        """Back to an empty account: no records, owners or custom properties, the default pipelines."""
        with self._database.transaction(write=True) as db:
            revision = db.execute("SELECT value FROM counters WHERE name = 'schema'").fetchone()
            for table in TABLES_OF_DATA:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names
            db.execute("INSERT INTO counters VALUES ('schema', ?)", ((revision[0] if revision else 0) + 1,))
            pipelines.plant_defaults(db, self._now_ms())

    def log_call(
        self, method: str, path: str, status: int, at_ms: int, *, inputs: int | None, writes: bool
    ) -> None:
        """Notes one answered call; the log keeps the last ones, the count of writes all."""
        with self._database.transaction(write=True) as db:
            seq = db.execute(
                "INSERT INTO calls (at, method, path, status, inputs) VALUES (?, ?, ?, ?, ?)",
                (at_ms, method, path, status, inputs),
            ).lastrowid
            if writes:
                bump(db, "write_calls")
            if seq and seq % 1000 == 0:
                db.execute("DELETE FROM calls WHERE seq <= ?", (seq - KEPT_CALLS,))

    def write_calls(self) -> int:
        """How many calls that write were ever answered, refused ones included; reads and searches don't count."""
        with self._database.transaction(write=False) as db:
            row = db.execute("SELECT value FROM counters WHERE name = 'write_calls'").fetchone()
        return int(row[0]) if row else 0

    def calls(self, last: int = 1000) -> list[LoggedCall]:
        """The last calls, oldest first."""
        with self._database.transaction(write=False) as db:
            rows = db.execute(
                "SELECT method, path, status, inputs FROM calls ORDER BY seq DESC LIMIT ?", (last,)
            ).fetchall()
        return [LoggedCall(*row) for row in reversed(rows)]

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)

    def close(self) -> None:
        """Closes the file; the next use opens it again."""
        self._database.close()


def _refused(
    plural: str, row: Mapping[str, str | None], reason: str, column: str | None = None
) -> LoadRefusedError:
    record_id = row.get("id")
    named = f"{plural} {record_id or ''}".rstrip()
    text = f"{named}: {reason}" if column is None or column in reason else f"{named}, {column}: {reason}"
    return LoadRefusedError(text, plural=plural, record_id=record_id, column=column, reason=reason)
