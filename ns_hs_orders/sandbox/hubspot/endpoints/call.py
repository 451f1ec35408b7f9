"""One request as a handler sees it, and its answer.

Belongs here: reading parameters and bodies the way HubSpot does. Does not belong: what an endpoint does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

from ns_hs_orders.sandbox.hubspot.errors import bad_request, too_many_inputs
from ns_hs_orders.sandbox.hubspot.model.object_types import ObjectType, object_type
from ns_hs_orders.sandbox.hubspot.model.past import as_of
from ns_hs_orders.sandbox.hubspot.model.records import Record
from ns_hs_orders.sandbox.hubspot.model.session import Session
from ns_hs_orders.sandbox.hubspot.model.values import stamp

MAX_INPUTS = 100
MAX_INPUTS_WITH_HISTORY = 50


class Answer(NamedTuple):
    """Status and JSON body; None sends no body."""

    status: int
    body: Any = None


@dataclass
class StaleReads:
    """How often a record is still to be shown as it was before its last write. Kept by the running server."""

    pending: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)

    def note(self, session: Session) -> None:
        """Remembers what a finished transaction wrote."""
        times = session.switches.hubspot_stale_reads
        for object_type_, record_id, seq in session.written if times else ():
            self.pending[object_type_, record_id] = (times, seq)

    def take(self, object_type_: str, record_id: int) -> int | None:
        """The write that one more read must not see yet, if any."""
        left, seq = self.pending.pop((object_type_, record_id), (0, 0))
        if left > 1:
            self.pending[object_type_, record_id] = (left - 1, seq)
        return seq if left else None


@dataclass
class Call:
    """A request inside its transaction."""

    session: Session
    method: str
    version: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    repeated: Mapping[str, list[str]]
    body: Any
    stale: StaleReads
    correlation_id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def kind(self) -> ObjectType:
        """The object type in the path."""
        return object_type(self.path["type"])

    @property
    def dated(self) -> bool:
        """Whether a dated version was called, not v3 or v4."""
        return not self.version.startswith("v")

    def mapping(self) -> dict[str, Any]:
        """The body as an object. Raises ApiError 400 otherwise."""
        if not isinstance(self.body, dict):
            raise bad_request("Invalid JSON input: a request body was expected, but none found")
        return self.body

    def inputs(self, limit: int = MAX_INPUTS) -> list[dict[str, Any]]:
        """The inputs of a batch. Raises ApiError 400 for none at all, or more than `limit`."""
        inputs = self.mapping().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
            raise bad_request("Invalid input JSON: inputs must be a list of objects")
        if len(inputs) > limit:
            raise too_many_inputs(limit, len(inputs))
        return inputs

    def names(self, parameter: str) -> list[str]:
        """A list parameter: repeated, comma-separated, or both."""
        return [name for text in self.repeated.get(parameter, ()) for name in text.split(",") if name]

    def flag(self, parameter: str) -> bool:
        """A boolean parameter, false if absent."""
        return self.query.get(parameter, "false").lower() == "true"

    def number(self, parameter: str, default: int, most: int) -> int:
        """A positive number parameter. Raises ApiError 400 outside 1..most."""
        text = self.query.get(parameter, str(default))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise bad_request(f"{parameter} must be between 1 and {most}, was {text}", {parameter: [text]})
        return int(text)

    def seen(self, kind: ObjectType, record: Record) -> Record | None:
        """The record as this read shows it: the last state, or an earlier one where a switch says so."""
        seq = self.stale.take(kind.plural, record.id)
        if seq is not None:
            return as_of(self.session, kind, record, before_seq=seq)
        age = self.session.switches.hubspot_stale_read_ms
        if age and record.updated_at > self.session.now_ms - age:
            return as_of(self.session, kind, record, at_ms=self.session.now_ms - age)
        return record


def record_id(value: Any) -> int:
    """The id of a record, which must be a JSON string of digits; 0, which no record has, for another text.

    Raises:
        ApiError: 400 if it isn't a JSON string.
    """
    if type(value) is not str:
        raise bad_request("Invalid input JSON: id must be a string")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


def reference_id(value: Any) -> int:
    """The id inside a from/to reference; HubSpot's own examples send numbers too."""
    if not isinstance(value, dict) or "id" not in value:
        raise bad_request("Invalid input JSON: from and to take an object with an id")
    given = value["id"]
    return given if type(given) is int else record_id(given)


def rendered(
    call: Call,
    kind: ObjectType,
    record: Record,
    names: list[str] | None,
    *,
    echo: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """HubSpot's shape of a record: the default properties, those asked for, those just written."""
    values = record.values(kind)
    known = call.session.schema.properties(kind.plural)
    shown: dict[str, str | None] = {}
    for name in (*kind.default_properties, *(names or ()), *echo):
        if name not in known:
            continue
        value = values.get(name)
        if value is not None or call.session.switches.hubspot_empty_as_null:
            shown[name] = value
    body: dict[str, Any] = {
        "id": str(record.id),
        "properties": shown,
        "createdAt": stamp(record.created_at),
        "updatedAt": stamp(record.updated_at),
        "archived": record.archived_at is not None,
    }
    if record.archived_at is not None:
        body["archivedAt"] = stamp(record.archived_at)
    body["url"] = (
        f"https://app.hubspot.com/contacts/{call.session.switches.hubspot_portal_id}"
        f"/record/{kind.type_id}/{record.id}"
    )
    return body


def batch_answer(call: Call, status: int, results: list[Any], errors: list[dict[str, Any]]) -> Answer:
    """The envelope of a batch: 207 and the errors if there are any."""
    moment = stamp(call.session.now_ms)
    body: dict[str, Any] = {
        "status": "COMPLETE", "results": results, "startedAt": moment, "completedAt": moment,
    }  # fmt: skip
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
        status = 207
    return Answer(status, body)


def paged(results: list[Any], after: str | None) -> dict[str, Any]:
    """The envelope of a page."""
    body: dict[str, Any] = {"results": results}
    if after is not None:
        body["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
    return body
