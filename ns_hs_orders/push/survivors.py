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
_MERGED = "hs_merged_object_ids"


def survivors(crm: CrmObjects, object_type: str, ids: Iterable[str]) -> dict[str, str | None]:
    """Record id → the id it lives under now (another one after a merge), None where there is none.

    Raises RemoteError where HubSpot could not be asked.
    """
    asked = sorted(set(ids))
    numbers = [one for one in asked if one.isascii() and one.isdigit()]
    found: dict[str, str | None] = dict.fromkeys(asked)
    for start in range(0, len(numbers), BATCH):
        found.update(_resolved(crm, object_type, numbers[start : start + BATCH]))
    return found


def _resolved(crm: CrmObjects, object_type: str, ids: Sequence[str]) -> dict[str, str | None]:
    try:
        answer = crm.batch_read(object_type, ids, ["hs_object_id", _MERGED])
    except RemoteError as error:
        if error.transient or error.status not in REFUSED:
            raise
        if len(ids) == 1:
            return {ids[0]: None}
        middle = len(ids) // 2
        return _resolved(crm, object_type, ids[:middle]) | _resolved(crm, object_type, ids[middle:])
    if len(ids) == 1:
        return {ids[0]: answer.results[0].id if answer.results else None}
    found = _matched(answer)
    missing = {one for error in answer.errors for one in error.ids}
    resolved = {one: found.get(one) for one in ids if one in found or one in missing}
    for one in ids:
        if one not in resolved:
            resolved |= _resolved(crm, object_type, [one])
    return resolved


def _matched(answer: BatchAnswer) -> dict[str, str]:
    found = {}
    for record in answer.results:
        for former in (record.properties.get(_MERGED) or "").split(";"):
            found[former] = record.id
    return found | {record.id: record.id for record in answer.results}


def records_by_key(
    crm: CrmObjects,
    object_type: str,
    keys: Sequence[str],
    key_property: str,
    properties: Sequence[str],
    refused: Callable[[RemoteError], None] = lambda _: None,
) -> list[CrmRecord]:
    """The records that exist, by a unique property; a key that HubSpot refuses is found by halves, and has none.

    refused: told each refusal, and raises where it is no fault of a key. Raises RemoteError where HubSpot could not be
    asked.
    """
    found: list[CrmRecord] = []
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        try:
            found += crm.batch_read(object_type, part, properties, key_property=key_property).results
        except RemoteError as error:
            if error.transient or error.status not in REFUSED:
                raise
            refused(error)
            middle = len(part) // 2
            for half in (part[:middle], part[middle:]) if middle else ():
                found += records_by_key(crm, object_type, half, key_property, properties, refused)
    return found
