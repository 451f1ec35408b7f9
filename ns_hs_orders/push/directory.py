"""HubSpot's own ids, resolved before anything is written: owners, companies, contacts, stages.

Belongs here: looking ids up, following merges. Does not belong here: what is done about a missing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.ports import BatchAnswer, CrmObjects, Owners
from ns_hs_orders.push.schema import Directory

BATCH = 100
_MERGED = "hs_merged_object_ids"
_REFUSED = (400, 404, 409, 422)


def resolve_directory(
    orders: pd.DataFrame,
    *,
    crm: CrmObjects,
    owners: Owners,
    pipeline_id: str,
    stage_ids: Mapping[str, str],
) -> Directory:
    """The directory for the orders of a run (frame Orders), each id asked for once.

    Raises RemoteError where HubSpot could not be asked: nothing is called missing that was not read.
    """
    return Directory(
        pipeline_id=pipeline_id,
        stage_ids=dict(stage_ids),
        owner_ids={email.lower(): owner_id for email, owner_id in owners.active().items()},
        company_ids=survivors(crm, "companies", _distinct(orders["company_id_hubspot"])),
        contact_ids=survivors(crm, "contacts", _distinct(orders["contact_id_hubspot"])),
    )


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
        if error.transient or error.status not in _REFUSED:
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


def _distinct(column: pd.Series[Any]) -> list[str]:
    return [str(one) for one in column.dropna().unique().tolist()]
