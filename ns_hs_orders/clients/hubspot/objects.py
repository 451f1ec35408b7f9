"""HubSpot's CRM objects in batches of at most 100.

Belongs here: upsert, update, read and archive of any object type. Does not belong here: matching results to
inputs, bisecting refused batches (push).
"""

from __future__ import annotations

from collections.abc import Sequence

from ns_hs_orders.clients.hubspot.calls import (
    ApiVersions,
    check_size,
    ids,
    input_errors,
    records,
    segment,
    unreadable,
)
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.ports import BatchAnswer, UpsertInput
from ns_hs_orders.trust.ports import UpdateInput

MAX_BATCH = 100


_NEVER_MERGED = frozenset({"line_items"})
"""Two ids of other types may come back as one survivor, so that fewer results prove nothing, but none for one id do."""
_SEVERAL_KEYS = ("contacts", "email")
"""A merged contact answers to several e-mails, so that two of them may come back as one record, too."""


class HubSpotObjects:
    """Implements push.ports.CrmObjects, reconcile.ports.ReadBack and trust.ports.UpdatesById."""

    def __init__(self, transport: Transport, versions: ApiVersions) -> None:
        self._transport = transport
        self._root = f"/crm/objects/{versions.objects}"

    def batch_upsert(self, object_type: str, key_property: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
        """Creates or updates at most 100 records by the unique property; results in no particular order.

        The key also travels among the properties, so that the results show it. Raises RemoteError.
        """
        check_size("batch/upsert", len(inputs), MAX_BATCH)
        if not inputs:
            return BatchAnswer(())
        body = {
            "inputs": [
                {
                    "id": one.key,
                    "idProperty": key_property,
                    "objectWriteTraceId": one.trace_id,
                    "properties": {**one.properties, key_property: one.key},
                }
                for one in inputs
            ]
        }
        answer = self._transport.send(
            "POST",
            f"{self._root}/{segment(object_type)}/batch/upsert",
            json=body,
            family="objects",
            effect="keyed",
        )
        return BatchAnswer(records(answer, "keyed"), input_errors(answer))

    def batch_update(self, object_type: str, inputs: Sequence[UpdateInput]) -> BatchAnswer:
        """Updates at most 100 records by record id; results in no particular order.

        An id that is gone is in an error of the answer. Raises RemoteError.
        """
        check_size("batch/update", len(inputs), MAX_BATCH)
        if not inputs:
            return BatchAnswer(())
        body = {
            "inputs": [
                {
                    "id": one.record_id,
                    "objectWriteTraceId": one.trace_id,
                    "properties": dict(one.properties),
                }
                for one in inputs
            ]
        }
        answer = self._transport.send(
            "POST",
            f"{self._root}/{segment(object_type)}/batch/update",
            json=body,
            family="objects",
            effect="keyed",
        )
        return BatchAnswer(records(answer, "keyed"), input_errors(answer))

    def batch_read(
        self,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        key_property: str | None = None,
        archived: bool = False,
    ) -> BatchAnswer:
        """Reads at most 100 records by record id, or by a unique property; each asked once.

        What does not exist is not in the results, and its id is in an error of the answer. A merged
        record comes back under its survivor's id. Raises RemoteError, also where HubSpot could not
        read some of them, or neither brought nor named them, so that "not there" is never a guess.
        """
        asked = list(dict.fromkeys(ids))
        check_size("batch/read", len(asked), MAX_BATCH)
        if not asked:
            return BatchAnswer(())
        body: dict[str, object] = {
            "inputs": [{"id": one} for one in asked],
            "properties": list(properties),
            "propertiesWithHistory": [],
        }
        if key_property is not None:
            body["idProperty"] = key_property
        answer = self._transport.send(
            "POST",
            f"{self._root}/{segment(object_type)}/batch/read",
            json=body,
            params={"archived": "true" if archived else "false"},
            family="objects",
            effect="read",
        )
        found = BatchAnswer(records(answer, "read"), input_errors(answer))
        for error in found.errors:
            if error.category != "OBJECT_NOT_FOUND":
                raise RemoteError(
                    f"HubSpot could not read some {object_type}: {error.message} Try again later",
                    system="hubspot", status=answer.status, code=error.category, transient=True,
                )  # fmt: skip
        by_one_key = key_property is not None and (object_type, key_property) != _SEVERAL_KEYS
        if by_one_key or object_type in _NEVER_MERGED or (len(asked) == 1 and not archived):
            _require_all(asked, found, object_type, answer.status)
        return found

    def batch_archive(self, object_type: str, record_ids: Sequence[str]) -> None:
        """Archives at most 100 records by record id; absent ones are no error. Raises RemoteError."""
        check_size("batch/archive", len(record_ids), MAX_BATCH)
        if not record_ids:
            return
        answer = self._transport.send(
            "POST",
            f"{self._root}/{segment(object_type)}/batch/archive",
            json={"inputs": ids(record_ids)},
            family="objects",
            effect="keyed",
        )
        failed = [one for one in input_errors(answer) if one.category != "OBJECT_NOT_FOUND"]
        if failed:
            raise unreadable(answer, f"success for every input: {failed[0].message}", "keyed")


def _require_all(asked: Sequence[str], found: BatchAnswer, object_type: str, status: int) -> None:
    """Raises RemoteError where records are neither in the results nor named as missing."""
    missing = {one for error in found.errors for one in error.ids}
    left_out = len(asked) - len({one.id for one in found.results}) - len(missing)
    if left_out > 0 and all(error.ids for error in found.errors):
        raise RemoteError(
            f"HubSpot's answer left out {left_out} of {len(asked)} {object_type} without a word. Try again later",
            system="hubspot", status=status, transient=True,
        )  # fmt: skip
