"""What all families of HubSpot calls share: versions, safe paths, and reading answers defensively.

Belongs here: path pieces, records and errors of batch answers, cursors. Does not belong here: any call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ns_hs_orders.clients.outcomes import Answer
from ns_hs_orders.clients.redaction import key_names
from ns_hs_orders.clients.retry import Effect
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import ConfigError, ContractError, RemoteError
from ns_hs_orders.push.ports import CrmRecord, InputError

DEFAULT_VERSION = "2026-03"
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}(-beta)?")
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = frozenset({str, type(None)})


@dataclass(frozen=True)
class ApiVersions:
    """The dated version of each API family. Raises ConfigError for one that is not YYYY-MM."""

    objects: str = DEFAULT_VERSION
    associations: str = DEFAULT_VERSION
    properties: str = DEFAULT_VERSION
    pipelines: str = DEFAULT_VERSION
    owners: str = DEFAULT_VERSION
    account_info: str = DEFAULT_VERSION
    object_library: str = DEFAULT_VERSION
    lists: str = DEFAULT_VERSION

    def __post_init__(self) -> None:
        for one in fields(self):
            version = getattr(self, one.name)
            if not _VERSION.fullmatch(version):
                raise ConfigError(
                    f"HubSpot's API version for {one.name} must be a dated one as {DEFAULT_VERSION}; got {version!r}."
                )

    @classmethod
    def all(cls, version: str) -> ApiVersions:
        """The same version for every family."""
        return cls(**{one.name: version for one in fields(cls)})


def segment(text: str) -> str:
    """One piece of a path: an object type, a property name, an id. Raises ContractError for anything else."""
    if not _SEGMENT.fullmatch(text):
        raise ContractError(f"{text!r} cannot stand in a HubSpot path: letters, digits, _ and - only.")
    return text


def check_size(what: str, count: int, limit: int) -> None:
    """Raises ContractError for more inputs than one call takes."""
    if count > limit:
        raise ContractError(f"{what} takes at most {limit} inputs a call, not {count}.")


def unreadable(answer: Answer, what: str, effect: Effect) -> RemoteError:
    """A 2xx answer of another shape than agreed: whatever was asked may or may not have happened."""
    came = key_names(answer.json) if isinstance(answer.json, dict) else type(answer.json).__name__
    return RemoteError(
        f"HubSpot's answer has no {what} ({came}). Try again later",
        system="hubspot",
        status=answer.status,
        correlation_id=answer.headers.get("x-hubspot-correlation-id"),
        transient=True,
        outcome_unknown=effect != "read",
    )


def mapping(answer: Answer, effect: Effect) -> dict[str, Any]:
    """The JSON object of an answer. Raises RemoteError if it is none."""
    if not isinstance(answer.json, dict):
        raise unreadable(answer, "object", effect)
    return answer.json


def results(answer: Answer, effect: Effect) -> list[dict[str, Any]]:
    """The `results` of an answer. Raises RemoteError if there are none to speak of."""
    found = mapping(answer, effect).get("results")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise unreadable(answer, "list of results", effect)
    return found


def records(answer: Answer, effect: Effect) -> tuple[CrmRecord, ...]:
    """The CRM records of an answer."""
    return tuple(_record(one, answer, effect) for one in results(answer, effect))


def _record(raw: dict[str, Any], answer: Answer, effect: Effect) -> CrmRecord:
    properties = raw.get("properties")
    if "id" not in raw or not isinstance(properties, dict):
        raise unreadable(answer, "id or properties in a result", effect)
    new = raw.get("new")
    return CrmRecord(
        id=str(raw["id"]),
        properties=properties
        if _PLAIN.issuperset(map(type, properties.values()))
        else {name: None if value is None else _text(value) for name, value in properties.items()},
        is_new=new if isinstance(new, bool) else None,
        archived=raw.get("archived") is True,
        trace_id=raw.get("objectWriteTraceId"),
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def input_errors(answer: Answer) -> tuple[InputError, ...]:
    """The errors about single inputs in a 2xx answer, whatever its status."""
    found = answer.json.get("errors") if isinstance(answer.json, dict) else None
    return tuple(_input_error(one) for one in found or () if isinstance(one, dict))


def _input_error(raw: Mapping[str, Any]) -> InputError:
    context = raw.get("context")
    context = context if isinstance(context, dict) else {}
    ids = _texts(context.get("ids")) + _texts(context.get("fromObjectId")) + _texts(context.get("toObjectId"))
    return InputError(
        category=str(raw.get("category") or "UNKNOWN"),
        message=str(raw.get("message") or "HubSpot gave no reason."),
        trace_ids=_texts(context.get("objectWriteTraceId")),
        ids=ids or _texts(context.get("id")),
    )


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


def next_cursor(body: Mapping[str, Any]) -> str | None:
    """`paging.next.after`, None on the last page."""
    paging = body.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    after = following.get("after") if isinstance(following, dict) else None
    return None if after is None else str(after)


def all_pages(transport: Transport, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Every result of a GET with a cursor. Raises ContractError if the cursor stands still."""
    seen: set[str] = set()
    after: str | None = None
    while True:
        asked = dict(params) if after is None else {**params, "after": after}
        answer = transport.send("GET", path, params=asked, family="objects", effect="read")
        yield from results(answer, "read")
        after = next_cursor(answer.json)
        if after is None:
            return
        if after in seen:
            raise ContractError(f"HubSpot's pages of {path} come back to cursor {after!r}.")
        seen.add(after)


def ids(values: Sequence[str]) -> list[dict[str, str]]:
    """Inputs that hold an id only."""
    return [{"id": value} for value in values]
