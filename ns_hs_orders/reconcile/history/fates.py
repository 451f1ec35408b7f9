"""What became of records that HubSpot had and does not hold under our key any more.

Belongs here: the recycle bin, merges, keys taken away, and what is purged. Does not belong here: how histories are
read (histories), or the sentences (explanations). HubSpot does not tell who deleted a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.push.ports import PropertyVersion, RecordHistory
from ns_hs_orders.reconcile import explanations
from ns_hs_orders.reconcile.history.histories import Author, Histories, Trace

MERGED = "hs_merged_object_ids"


def fates_of(gone: Mapping[str, str], histories: Histories) -> dict[str, tuple[Author, str]]:
    """What became of records that HubSpot had: in the recycle bin, merged, without our key, or purged."""
    if not gone:
        return {}
    properties = frozenset({UNIQUE_ORDER_KEY, MERGED})
    traces = {key: Trace("orders", record_id, properties) for key, record_id in gone.items()}
    archived = histories.read(traces.values(), archived=True)
    left = {key: one for key, one in traces.items() if ("orders", one.record_id) not in archived}
    live = histories.read(left.values()) if left else {}
    survivors = live.get(("orders", ""), [])
    fates: dict[str, tuple[Author, str]] = {}
    for key, record_id in gone.items():
        place = ("orders", record_id)
        if place in archived:
            at = archived[place][0].archived_at
            fates[key] = (Author(None, at), explanations.archived(record_id, at))
        elif place in live:
            versions = live[place][0].versions.get(UNIQUE_ORDER_KEY, ())
            author = histories.author(versions[0] if versions else None)
            fates[key] = (author, explanations.key_lost(record_id, author.by, author.at))
        elif merged := _merge_of(record_id, survivors):
            survivor, version = merged
            author = histories.author(version)
            fates[key] = (author, explanations.merged(record_id, survivor, author.by, author.at))
        else:
            fates[key] = (Author(), explanations.purged(record_id))
    return fates


def _merge_of(record_id: str, survivors: Sequence[RecordHistory]) -> tuple[str, PropertyVersion] | None:
    """The survivor of a merge with this record, and its note of the merge."""
    for one in survivors:
        for version in one.versions.get(MERGED, ()):
            if record_id in version.value.split(";"):
                return one.id, version
    return None
