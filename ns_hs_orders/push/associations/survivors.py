"""Records of HubSpot looked up before they are used: merged ones are followed, missing ones are named.

Belongs here: asking by record id or by a unique property. Does not belong here: what is done about a missing one, or
what an order names (deals, contacts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.ports import BatchAnswer, CrmObjects, CrmRecord

BATCH = 100
REFUSED = (400, 404, 409, 422)
"""Statuses of a call that was refused for what was asked in it."""
MERGED_IDS = "hs_merged_object_ids"


def survivors(crm: CrmObjects, object_type: str, ids: Iterable[str]) -> dict[str, str | None]:
    """Record id → the id it lives under now (another one after a merge), None where there is none.

    Raises RemoteError where HubSpot could not be asked.
    """
    found = living_records(crm, object_type, ids)
    return {asked: record.id if record else None for asked, record in found.items()}


def living_records(
    crm: CrmObjects, object_type: str, ids: Iterable[str], properties: Sequence[str] = ()
) -> dict[str, CrmRecord | None]:
    """Record id → the record that it lives in now, with these properties and MERGED_IDS; None where there is none.

    Raises RemoteError where HubSpot could not be asked.
    """
    asked = sorted(set(ids))
    numbers = [one for one in asked if one.isascii() and one.isdigit()]
    wanted = ["hs_object_id", MERGED_IDS, *properties]
    found: dict[str, CrmRecord | None] = dict.fromkeys(asked)
    for start in range(0, len(numbers), BATCH):
        found.update(_resolved(crm, object_type, numbers[start : start + BATCH], wanted))
    return found


def former_ids(record: CrmRecord) -> tuple[str, ...]:
    """The ids that a record had before it was merged, as far as HubSpot tells."""
    return tuple(one for one in (record.properties.get(MERGED_IDS) or "").split(";") if one)


def _resolved(
    crm: CrmObjects, object_type: str, ids: Sequence[str], properties: Sequence[str]
) -> dict[str, CrmRecord | None]:
    def halves() -> dict[str, CrmRecord | None]:
        middle = len(ids) // 2
        first = _resolved(crm, object_type, ids[:middle], properties)
        return first | _resolved(crm, object_type, ids[middle:], properties)

    try:
        answer = crm.batch_read(object_type, ids, properties)
    except RemoteError as error:
        if error.transient or error.status not in REFUSED:
            raise
        return {ids[0]: None} if len(ids) == 1 else halves()
    if len(ids) == 1:
        return {ids[0]: answer.results[0] if answer.results else None}
    found = _matched(answer)
    missing = {one for error in answer.errors for one in error.ids}
    resolved = {one: found.get(one) for one in ids if one in found or one in missing}
    for one in ids:
        if one not in resolved:
            resolved |= _resolved(crm, object_type, [one], properties)
    return resolved


def _matched(answer: BatchAnswer) -> dict[str, CrmRecord]:
    found = {former: record for record in answer.results for former in former_ids(record)}
    return found | {record.id: record for record in answer.results}


def records_by_key(
    crm: CrmObjects,
    object_type: str,
    keys: Sequence[str],
    key_property: str,
    properties: Sequence[str],
    refused: Callable[[RemoteError], None] = lambda _: None,
    keys_of: Callable[[CrmRecord], Iterable[str]] | None = None,
) -> list[CrmRecord]:
    """The records that exist, by a unique property; a key that HubSpot refuses is found by halves, and has none.

    refused: told each refusal, and raises where it is no fault of a key. keys_of: the keys of a record, where it may
    have several; a key that an answer neither brings nor names as missing is then asked for alone. Raises RemoteError
    where HubSpot could not be asked.
    """
    found: list[CrmRecord] = []
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        try:
            answer = crm.batch_read(object_type, part, properties, key_property=key_property)
        except RemoteError as error:
            if error.transient or error.status not in REFUSED:
                raise
            refused(error)
            middle = len(part) // 2
            again: list[Sequence[str]] = [part[:middle], part[middle:]] if middle else []
        else:
            found += answer.results
            again = [[key] for key in _left_open(part, answer, keys_of)]
        for some in again:
            found += records_by_key(crm, object_type, some, key_property, properties, refused, keys_of)
    return found


def _left_open(
    asked: Sequence[str], answer: BatchAnswer, keys_of: Callable[[CrmRecord], Iterable[str]] | None
) -> list[str]:
    if keys_of is None or len(asked) == 1:
        return []
    told = {key for record in answer.results for key in keys_of(record)}
    told |= {key for error in answer.errors for key in error.ids}
    return [key for key in asked if key not in told]
