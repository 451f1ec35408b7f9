"""HubSpot's associations in batches, and the labels that a pair of object types has.

Belongs here: create, remove, read. Does not belong here: which associations an order should have (push).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ns_hs_orders.clients.hubspot.calls import (
    ApiVersions,
    check_size,
    input_errors,
    next_cursor,
    results,
    segment,
    unreadable,
)
from ns_hs_orders.clients.outcomes import Answer
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import ContractError, RemoteError
from ns_hs_orders.push.ports import HUBSPOT_DEFINED, AssociatedRecord, AssociationInput, InputError

MAX_CREATE = 2000
MAX_READ = 1000
MAX_REMOVE = 100
NOTHING_THERE = frozenset({"OBJECT_NOT_FOUND"})
NO_ASSOCIATIONS = "NO_ASSOCIATIONS_FOUND"


class HubSpotAssociations:
    """Implements push.ports.Associations and reconcile.ports.ReadAssociations."""

    def __init__(self, transport: Transport, versions: ApiVersions) -> None:
        self._transport = transport
        self._root = f"/crm/associations/{versions.associations}"

    def create(
        self, from_type: str, to_type: str, inputs: Sequence[AssociationInput]
    ) -> tuple[InputError, ...]:
        """Makes at most 2,000 labelled associations; making an existing one changes nothing.

        Returns the errors of single inputs; their ids are the from-id and the to-id where HubSpot
        names them. Raises RemoteError for the whole call, ContractError for an input without a type.
        """
        check_size("Creating associations", len(inputs), MAX_CREATE)
        if not inputs:
            return ()
        body = {"inputs": [_created(one) for one in inputs]}
        answer = self._send(from_type, to_type, "batch/create", body, effect_is_read=False)
        results(answer, "keyed")
        return input_errors(answer)

    def remove(
        self, from_type: str, to_type: str, inputs: Sequence[AssociationInput]
    ) -> tuple[InputError, ...]:
        """Removes all associations of the pairs, whatever their types; at most 100 distinct from-ids.

        Returns and raises as create; a pair that is not associated is no error.
        """
        targets: dict[str, list[dict[str, str]]] = {}
        for one in inputs:
            targets.setdefault(one.from_id, []).append({"id": one.to_id})
        check_size("Removing associations", len(targets), MAX_REMOVE)
        if not targets:
            return ()
        body = {"inputs": [{"from": {"id": from_id}, "to": to} for from_id, to in targets.items()]}
        answer = self._send(from_type, to_type, "batch/archive", body, effect_is_read=False)
        return tuple(one for one in input_errors(answer) if one.category not in NOTHING_THERE)

    def read(self, from_type: str, to_type: str, from_ids: Sequence[str]) -> list[AssociatedRecord]:
        """All associated records of at most 1,000 records, further pages included.

        Raises RemoteError where HubSpot could not read one of them; a record without associations is
        simply not in the list.
        """
        check_size("Reading associations", len(from_ids), MAX_READ)
        found: list[AssociatedRecord] = []
        pending: list[dict[str, str]] = [{"id": one} for one in dict.fromkeys(from_ids)]
        seen: set[tuple[str, str]] = set()
        while pending:
            answer = self._send(from_type, to_type, "batch/read", {"inputs": pending}, effect_is_read=True)
            self._refuse_errors(answer, from_type, to_type)
            pending = []
            for one in results(answer, "read"):
                from_id = _id(one.get("from"), answer)
                found.extend(_associated(from_id, one, answer))
                after = next_cursor(one)
                if after is None:
                    continue
                if (from_id, after) in seen:
                    raise ContractError(
                        f"HubSpot's associations of {from_type} {from_id} come back to page {after!r}."
                    )
                seen.add((from_id, after))
                pending.append({"id": from_id, "after": after})
        return found

    def labels(self, from_type: str, to_type: str) -> list[dict[str, Any]]:
        """The association types of a pair: category, typeId, label. Raises RemoteError."""
        path = f"{self._root}/{segment(from_type)}/{segment(to_type)}/labels"
        return results(self._transport.send("GET", path, family="objects", effect="read"), "read")

    def _send(
        self, from_type: str, to_type: str, operation: str, body: object, *, effect_is_read: bool
    ) -> Answer:
        return self._transport.send(
            "POST",
            f"{self._root}/{segment(from_type)}/{segment(to_type)}/{operation}",
            json=body,
            family="associations",
            effect="read" if effect_is_read else "keyed",
        )

    def _refuse_errors(self, answer: Answer, from_type: str, to_type: str) -> None:
        raw = answer.json.get("errors") if isinstance(answer.json, dict) else None
        for one in raw or ():
            kind = f"{one.get('category')} {one.get('subCategory')}" if isinstance(one, dict) else str(one)
            if NO_ASSOCIATIONS not in kind and not kind.startswith("OBJECT_NOT_FOUND"):
                raise RemoteError(
                    f"HubSpot could not read associations from {from_type} to {to_type}. Try again later",
                    system="hubspot", status=answer.status, code=kind, transient=True,
                )  # fmt: skip


def _created(one: AssociationInput) -> dict[str, Any]:
    if not (one.type_ids or one.label_ids):
        raise ContractError(f"The association from {one.from_id} to {one.to_id} has no type.")
    return {
        "from": {"id": one.from_id},
        "to": {"id": one.to_id},
        "types": [
            {"associationCategory": category, "associationTypeId": type_id}
            for category, type_id in (*((HUBSPOT_DEFINED, each) for each in one.type_ids), *one.label_ids)
        ],
    }


def _id(end: object, answer: Answer) -> str:
    if not isinstance(end, dict) or "id" not in end:
        raise unreadable(answer, "from id in a result", "read")
    return str(end["id"])


def _associated(from_id: str, result: dict[str, Any], answer: Answer) -> list[AssociatedRecord]:
    try:
        return [
            AssociatedRecord(
                from_id,
                str(one["toObjectId"]),
                frozenset([int(kind["typeId"]) for kind in one["associationTypes"]]),
                frozenset(
                    [
                        (str(category), int(kind["typeId"]))
                        for kind in one["associationTypes"]
                        if (category := kind.get("category", HUBSPOT_DEFINED)) != HUBSPOT_DEFINED
                    ]
                ),
            )
            for one in result["to"]
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise unreadable(answer, "toObjectId and associationTypes in a result", "read") from None
