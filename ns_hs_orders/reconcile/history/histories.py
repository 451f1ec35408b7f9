"""HubSpot's property histories of records that differ, and the names of those who wrote the versions.

Belongs here: batches of histories, and a version's author in words. Does not belong here: which histories are asked
for which cause (authors, fates), or the call (clients).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.progress import Progress
from ns_hs_orders.push.ports import PropertyVersion, RecordHistory
from ns_hs_orders.reconcile.ports import ReadHistory
from ns_hs_orders.reconcile.read_back import side_by_side

BATCH = 50
"""HubSpot's limit for a read with histories."""
_NOT_TOLD = (400, 403, 404)
_SOURCES = {
    "AUTOMATION_PLATFORM": "a workflow",
    "CALCULATED": "HubSpot's own calculation",
    "IMPORT": "an import",
    "MERGE_OBJECTS": "a merge of two records",
}


class Author(NamedTuple):
    """Who and when, as far as HubSpot tells. at: aware UTC."""

    by: str | None = None
    at: datetime | None = None


class Trace(NamedTuple):
    """A record and the properties whose history tells of a difference.

    of_making: the first version counts, since the record itself is the difference; else the newest one.
    """

    object_type: str
    record_id: str
    properties: frozenset[str]
    of_making: bool = False


class Histories:
    """Asks HubSpot for histories, and for the names of users once somebody is to be named."""

    def __init__(
        self,
        history: ReadHistory,
        user_names: Callable[[], Mapping[str, str]],
        progress: Progress,
        *,
        threads: int,
    ) -> None:
        self._history = history
        self._user_names = user_names
        self._progress = progress
        self._threads = threads
        self._names: Mapping[str, str] | None = None

    def read(
        self, traces: Iterable[Trace], *, archived: bool = False
    ) -> dict[tuple[str, str], list[RecordHistory]]:
        """Histories by object type and record id; what HubSpot does not have or may not tell is not there.

        What came under another id than asked, after a merge, stands under the object type and "". Raises
        RemoteError where HubSpot could not be asked.
        """
        wanted: dict[str, dict[str, set[str]]] = {}
        for one in traces:
            wanted.setdefault(one.object_type, {}).setdefault(one.record_id, set()).update(one.properties)
        found: dict[tuple[str, str], list[RecordHistory]] = {}
        for object_type, records in wanted.items():
            # those that differ alike are asked together, so that each call asks for few properties
            ordered = sorted(records, key=lambda one: (sorted(records[one]), one))

            def read(
                batch: Sequence[str],
                object_type: str = object_type,
                records: Mapping[str, set[str]] = records,
            ) -> list[RecordHistory]:
                names = sorted(set().union(*(records[one] for one in batch)))
                try:
                    return self._history.read_history(object_type, batch, names, archived=archived)
                except RemoteError as error:
                    if error.status in _NOT_TOLD:
                        return []
                    raise

            for done, answer in side_by_side(read, ordered, BATCH, self._threads):
                for history in answer:
                    place = (object_type, history.id if history.id in records else "")
                    found.setdefault(place, []).append(history)
                self._progress("changes looked up in HubSpot's history", done, len(ordered))
        return found

    def author(self, version: PropertyVersion | None) -> Author:
        """Who wrote a version, in words, and when."""
        if version is None:
            return Author()
        return Author(self._named(version), version.at)

    def _named(self, version: PropertyVersion) -> str | None:
        if version.user_id is not None:
            if self._names is None:
                self._names = self._names_of_users()
            return self._names.get(version.user_id) or f"HubSpot user {version.user_id}"
        if version.source_label:
            return version.source_label
        if version.source_type == "INTEGRATION" and version.source_id:
            return f"integration {version.source_id}"
        return _SOURCES.get(version.source_type)

    def _names_of_users(self) -> Mapping[str, str]:
        try:
            return self._user_names()
        except RemoteError as error:
            if error.status in _NOT_TOLD:
                return {}
            raise
