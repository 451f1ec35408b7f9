"""What hangs on a record that is archived and that our own record of the order lacks.

Belongs here: which associations are moved, with which types. Does not belong here: making them (act).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ns_hs_orders.adopt.ports import RecordAssociations
from ns_hs_orders.adopt.schema import MovedRecord
from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.associations.attachments import (
    ORDER_TO_CONTACT,
    ORDER_TO_DEAL,
    ORDER_TO_PRIMARY_COMPANY,
)
from ns_hs_orders.push.ports import AssociatedRecord

READ_BATCH = 1000
ORDER_TO_COMPANY = 934
MOVED_TYPES: Mapping[str, int] = {
    "contacts": ORDER_TO_CONTACT,
    "companies": ORDER_TO_COMPANY,
    "deals": ORDER_TO_DEAL,
    "notes": 764,
    "tasks": 726,
    "calls": 772,
    "emails": 776,
    "meetings": 768,
    "tickets": 525,
    "communications": 784,
    "postal_mail": 789,
    "invoices": 518,
    "commerce_payments": 523,
    "quotes": 730,
    "carts": 593,
    "subscriptions": 516,
}
"""Object type → HubSpot's unlabelled association type of an order with it."""
SELDOM = frozenset(
    {"communications", "postal_mail", "invoices", "commerce_payments", "quotes", "carts", "subscriptions"}
)
"""What few tokens may read: where HubSpot does not show it, that is told and stops nothing."""
_MAY_BE_SHUT = SELDOM | frozenset({"notes", "tasks", "calls", "emails", "meetings", "tickets"})
_SHUT = (400, 403, 404)
LABEL_CATEGORIES = frozenset({"USER_DEFINED", "INTEGRATOR_DEFINED", "WORK"})


class Moves:
    """Reads associations of orders once. shut: object types that the token may not read → what HubSpot said.

    hides_activities: whether one is among them that is not SELDOM.
    """

    def __init__(self, associations: RecordAssociations) -> None:
        self._associations = associations
        self._labels: dict[str, dict[int, str]] = {}
        self.shut: dict[str, str] = {}

    @property
    def hides_activities(self) -> bool:
        """Whether something is not shown that people leave on many orders."""
        return bool(self.shut.keys() - SELDOM)

    def of(self, pairs: Mapping[str, str]) -> dict[str, tuple[MovedRecord, ...]]:
        """Record id → what is moved from it. pairs: record that is archived → our record of its order.

        Raises RemoteError where HubSpot could not be asked; an activity or ticket that it does not show is in `shut`.
        """
        found: dict[str, list[MovedRecord]] = {one: [] for one in pairs}
        for to_type in MOVED_TYPES:
            ends = self._ends(to_type, [*pairs, *pairs.values()])
            for theirs, ours in pairs.items():
                there = {one.to_id for one in ends.get(ours, ())}
                found[theirs] += [
                    self._moved(to_type, one) for one in ends.get(theirs, ()) if one.to_id not in there
                ]
        return {record: tuple(moved) for record, moved in found.items()}

    def _ends(self, to_type: str, record_ids: Iterable[str]) -> dict[str, list[AssociatedRecord]]:
        ends: dict[str, list[AssociatedRecord]] = {}
        asked: Sequence[str] = list(dict.fromkeys(record_ids))
        if to_type in self.shut:
            return ends
        try:
            for start in range(0, len(asked), READ_BATCH):
                for one in self._associations.read("orders", to_type, asked[start : start + READ_BATCH]):
                    ends.setdefault(one.from_id, []).append(one)
        except RemoteError as error:
            if to_type not in _MAY_BE_SHUT or error.transient or error.status not in _SHUT:
                raise
            self.shut[to_type] = str(error)
            return {}
        return ends

    def _moved(self, to_type: str, one: AssociatedRecord) -> MovedRecord:
        """Our record has its own primary company: of a company, only what is no such claim is moved."""
        labels = self._labels_of(to_type) if one.type_ids - {MOVED_TYPES[to_type]} else {}
        defined = one.type_ids - labels.keys() - {ORDER_TO_PRIMARY_COMPANY}
        return MovedRecord(
            to_type,
            one.to_id,
            tuple(sorted(defined or {MOVED_TYPES[to_type]})),
            tuple((labels[each], each) for each in sorted(one.type_ids & labels.keys())),
        )

    def _labels_of(self, to_type: str) -> dict[int, str]:
        """Type id → category, of the labels that HubSpot did not define."""
        if to_type not in self._labels:
            self._labels[to_type] = {
                int(one["typeId"]): str(one["category"])
                for one in self._associations.labels("orders", to_type)
                if one.get("category") in LABEL_CATEGORIES and "typeId" in one
            }
        return self._labels[to_type]
