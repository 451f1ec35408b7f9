"""What hangs on an order in HubSpot: associations made, former lines and associations taken away.

Belongs here: the calls after orders and lines are written. Does not belong here: the order of the
steps and outcomes (unit).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields import UNIQUE_LINE_KEY
from ns_hs_orders.push.directory import survivors
from ns_hs_orders.push.ports import AssociationInput, Associations, CrmObjects
from ns_hs_orders.push.refusals import Refusal, refusal_of_call, refusal_of_input
from ns_hs_orders.push.side_by_side import Each, one_after_another
from ns_hs_orders.push.upserts import NOT_SENT, Unanswered, has_no_answer, is_refusal, no_answer

ORDER_TO_LINE = 513
ORDER_TO_PRIMARY_COMPANY = 509
ORDER_TO_CONTACT = 507

CREATE_BATCH = 2000
READ_BATCH = 1000
BATCH = 100

Problem = Refusal | Unanswered


@dataclass(frozen=True)
class Pair:
    """An association that an order is to have, or to lose: HubSpot's record ids."""

    order_id: str
    to_id: str


class Attachments:
    """Makes and removes what hangs on orders.

    may_send: asked before each request. Methods answer HubSpot order id → problem, for orders that
    did not get what was asked; they raise RemoteError where HubSpot refuses the sync as such.
    each: how the calls that make associations are made.
    """

    def __init__(
        self,
        crm: CrmObjects,
        associations: Associations,
        may_send: Callable[[], bool],
        each: Each = one_after_another,
    ) -> None:
        self._crm = crm
        self._associations = associations
        self._may_send = may_send
        self._each = each

    def associate(self, to_type: str, type_id: int, pairs: Sequence[Pair]) -> dict[str, Problem]:
        """Makes the associations order → `to_type`."""
        parts = [pairs[start : start + CREATE_BATCH] for start in range(0, len(pairs), CREATE_BATCH)]
        found, refused = self._each(lambda part: self._created(to_type, type_id, part), parts)
        if refused is not None:
            raise refused
        return {order_id: problem for part in found for order_id, problem in part.items()}

    def _created(self, to_type: str, type_id: int, pairs: Sequence[Pair]) -> dict[str, Problem]:
        if not self._may_send():
            return {one.order_id: NOT_SENT for one in pairs}
        inputs = [AssociationInput(one.order_id, one.to_id, (type_id,)) for one in pairs]
        try:
            errors = self._associations.create("orders", to_type, inputs)
        except RemoteError as error:
            if has_no_answer(error):
                return {one.order_id: no_answer(error) for one in pairs}
            if not is_refusal(error) and error.status != 404:
                raise
            if len(pairs) == 1:
                return {pairs[0].order_id: _association_refused(refusal_of_call(error))}
            middle = len(pairs) // 2
            return self._created(to_type, type_id, pairs[:middle]) | self._created(
                to_type, type_id, pairs[middle:]
            )
        if not errors:
            return {}
        # HubSpot's errors name ids in several ways, so what was made is read back
        refusal = _association_refused(refusal_of_input(errors[0]))
        try:
            made = self._attached(to_type, [one.order_id for one in pairs], type_id)
        except RemoteError as error:
            if not has_no_answer(error):
                raise
            return {one.order_id: no_answer(error) for one in pairs}
        return {one.order_id: refusal for one in pairs if one.to_id not in made.get(one.order_id, set())}

    def attached(self, to_type: str, order_ids: Sequence[str]) -> dict[str, set[str]]:
        """HubSpot order id → record ids that are associated with it. Raises RemoteError."""
        return self._attached(to_type, order_ids, None)

    def _attached(self, to_type: str, order_ids: Sequence[str], type_id: int | None) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        asked = list(dict.fromkeys(order_ids))
        for start in range(0, len(asked), READ_BATCH):
            for one in self._associations.read("orders", to_type, asked[start : start + READ_BATCH]):
                if type_id is None or type_id in one.type_ids:
                    found.setdefault(one.from_id, set()).add(one.to_id)
        return found

    def remove(self, to_type: str, pairs: Sequence[Pair], kept: Mapping[str, str]) -> dict[str, Problem]:
        """Removes associations, except with what was merged into the record that the order keeps.

        kept: HubSpot order id → the id of the record that stays associated.
        """
        if not pairs:
            return {}
        problems: dict[str, Problem] = {}
        try:
            living = survivors(self._crm, to_type, [one.to_id for one in pairs])
        except RemoteError as error:
            if not has_no_answer(error):
                raise
            return {one.order_id: no_answer(error) for one in pairs}
        former = [one for one in pairs if living[one.to_id] not in (None, kept.get(one.order_id))]
        for start in range(0, len(former), BATCH):
            part = former[start : start + BATCH]
            if not self._may_send():
                problems |= {one.order_id: NOT_SENT for one in part}
                continue
            try:
                errors = self._associations.remove(
                    "orders", to_type, [AssociationInput(one.order_id, one.to_id) for one in part]
                )
            except RemoteError as error:
                if not has_no_answer(error):
                    raise
                problems |= {one.order_id: no_answer(error) for one in part}
                continue
            if errors:
                problems |= {one.order_id: _association_refused(refusal_of_input(errors[0])) for one in part}
        return problems

    def archive_lines(self, lines: Mapping[str, Set[str]]) -> dict[str, Problem]:
        """Archives line items: order → line item ids; whatever names the orders names the problems."""
        pairs = [Pair(order_id, line_id) for order_id, ids in lines.items() for line_id in sorted(ids)]
        problems: dict[str, Problem] = {}
        for start in range(0, len(pairs), BATCH):
            part = pairs[start : start + BATCH]
            if not self._may_send():
                problems |= {one.order_id: NOT_SENT for one in part}
                continue
            try:
                self._crm.batch_archive("line_items", [one.to_id for one in part])
            except RemoteError as error:
                if not has_no_answer(error):
                    raise
                problems |= {one.order_id: no_answer(error) for one in part}
        return problems

    def line_ids(self, line_keys: Sequence[str]) -> dict[str, str]:
        """Line key → line item id, of those that exist. Raises RemoteError."""
        found: dict[str, str] = {}
        for start in range(0, len(line_keys), BATCH):
            answer = self._crm.batch_read(
                "line_items",
                line_keys[start : start + BATCH],
                [UNIQUE_LINE_KEY],
                key_property=UNIQUE_LINE_KEY,
            )
            found |= {str(one.properties.get(UNIQUE_LINE_KEY)): one.id for one in answer.results}
        return found

    def line_keys(self, line_ids: Sequence[str]) -> dict[str, str]:
        """Line item id → line key, of those that carry one. Raises RemoteError."""
        found: dict[str, str] = {}
        for start in range(0, len(line_ids), BATCH):
            answer = self._crm.batch_read("line_items", line_ids[start : start + BATCH], [UNIQUE_LINE_KEY])
            for one in answer.results:
                if key := one.properties.get(UNIQUE_LINE_KEY):
                    found[one.id] = key
        return found


def _association_refused(refusal: Refusal) -> Refusal:
    return Refusal("association_refused", f"HubSpot refused to associate the order. {refusal.explanation}")
