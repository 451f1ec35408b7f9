"""What hangs on an order in HubSpot: associations made, former lines and associations taken away.

Belongs here: the calls after orders and lines are written. Does not belong here: the order of the
steps and outcomes (unit).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY
from ns_hs_orders.push.associations.survivors import survivors
from ns_hs_orders.push.calls.bisection import Problem, problems_by_halves
from ns_hs_orders.push.calls.refusals import (
    association_not_shown,
    association_refused,
    not_archived,
    refusal_of_call,
    refusal_of_input,
)
from ns_hs_orders.push.calls.side_by_side import Each, one_after_another
from ns_hs_orders.push.calls.upserts import NOT_SENT, has_no_answer, is_refusal, no_answer
from ns_hs_orders.push.ports import (
    HUBSPOT_DEFINED,
    AssociatedRecord,
    AssociationInput,
    AssociationKind,
    Associations,
    CrmObjects,
    InputError,
)
from ns_hs_orders.push.schema import Linked

ORDER_TO_LINE = 513
ORDER_TO_PRIMARY_COMPANY = 509
ORDER_TO_CONTACT = 507
ORDER_TO_DEAL = 512

LINKED: Mapping[Linked, AssociationKind] = {
    "company": AssociationKind("companies", ORDER_TO_PRIMARY_COMPANY),
    "contact": AssociationKind("contacts", ORDER_TO_CONTACT),
    "deal": AssociationKind("deals", ORDER_TO_DEAL),
}
"""Kind → how an order is associated with its record, in the order in which associations are made."""

CREATE_BATCH = 2000
READ_BATCH = 1000
BATCH = 100


@dataclass(frozen=True)
class Pair:
    """An association that an order is to have, or to lose: HubSpot's record ids.

    labels: what others gave it, category and type id; a label that is sent takes the place of the pair's other labels.
    """

    order_id: str
    to_id: str
    labels: frozenset[tuple[str, int]] = frozenset()


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

    def associate(
        self, to_type: str, type_id: int, pairs: Sequence[Pair], category: str = HUBSPOT_DEFINED
    ) -> dict[str, Problem]:
        """Makes the associations order → `to_type`."""
        kind = AssociationKind(to_type, type_id, category)
        parts = [pairs[start : start + CREATE_BATCH] for start in range(0, len(pairs), CREATE_BATCH)]

        def made(part: Sequence[Pair]) -> dict[str, Problem]:
            return problems_by_halves(
                _by_order(part),
                lambda half: self._created(kind, _flat(half)),
                _order_of,
                lambda group, error: association_refused(to_type, group[0].to_id, refusal_of_call(error)),
                is_refused=_is_refusal_of_records,
            )

        found, refused = self._each(made, parts)
        if refused is not None:
            raise refused
        return {order_id: problem for part in found for order_id, problem in part.items()}

    def _created(self, kind: AssociationKind, pairs: Sequence[Pair]) -> dict[str, Problem]:
        to_type, type_id, category = kind
        if not self._may_send():
            return {one.order_id: NOT_SENT for one in pairs}
        errors = self._associations.create(
            "orders",
            to_type,
            [_input(one, type_id, category) for one in pairs],
        )
        if not errors:
            return {}
        # HubSpot's errors name ids in several ways, so what was made is read back
        try:
            made = self._attached(to_type, [one.order_id for one in pairs], type_id)
        except RemoteError as error:
            if not has_no_answer(error):
                raise
            return {one.order_id: no_answer(error) for one in pairs}
        return {
            one.order_id: association_refused(to_type, one.to_id, refusal_of_input(_error_of(one, errors)))
            for one in pairs
            if one.to_id not in made.get(one.order_id, set())
        }

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

    def ends(
        self, to_type: str, order_ids: Sequence[str]
    ) -> tuple[dict[tuple[str, str], AssociatedRecord], dict[str, Problem]]:
        """(HubSpot order id, record id) → what holds between the two; order id → problem, where HubSpot does not show it."""
        found: dict[tuple[str, str], AssociatedRecord] = {}

        def ask(part: Sequence[str]) -> dict[str, Problem]:
            for start in range(0, len(part), READ_BATCH):
                read = self._associations.read("orders", to_type, part[start : start + READ_BATCH])
                found.update(((one.from_id, one.to_id), one) for one in read)
            return {}

        problems = problems_by_halves(
            list(dict.fromkeys(order_ids)),
            ask,
            str,
            lambda _, error: association_not_shown(to_type, error),
            is_refused=_is_refusal_of_records,
        )
        return found, problems

    def survivors(self, object_type: str, record_ids: Sequence[str]) -> dict[str, str | None]:
        """Record id → the id it lives under now, None where there is none. Raises RemoteError."""
        return survivors(self._crm, object_type, record_ids)

    def remove(
        self, how: AssociationKind, pairs: Sequence[Pair], kept: Mapping[str, str]
    ) -> dict[str, Problem]:
        """Removes associations, except with what was merged into the record that the order keeps, and those that
        somebody gave a label: HubSpot cannot take the association away and leave the label.

        kept: HubSpot order id → the id of the record that stays associated.
        """
        to_type = how.to_type
        if not pairs:
            return {}
        try:
            living = survivors(self._crm, to_type, [one.to_id for one in pairs])
        except RemoteError as error:
            if not has_no_answer(error):
                raise
            return {one.order_id: no_answer(error) for one in pairs}
        # an association moves with a record that is merged into another
        former = [
            Pair(one.order_id, record_id)
            for one in pairs
            if (record_id := living[one.to_id]) not in (None, kept.get(one.order_id))
        ]
        held, problems = self.ends(to_type, [one.order_id for one in former])
        own = {how.label}
        return problems | self._detached(
            to_type,
            [
                one
                for one in former
                if one.order_id not in problems
                # what HubSpot does not show yet may have been made a moment ago
                and ((there := held.get((one.order_id, one.to_id))) is None or not there.labels - own)
            ],
        )

    def detach_lines(self, lines: Mapping[str, Set[str]]) -> dict[str, Problem]:
        """Takes line items off orders, and leaves the records: order → line item ids, which are another order's."""
        return self._detached(
            "line_items", [Pair(order_id, one) for order_id, ids in lines.items() for one in sorted(ids)]
        )

    def _detached(self, to_type: str, pairs: Sequence[Pair]) -> dict[str, Problem]:
        problems: dict[str, Problem] = {}
        for start in range(0, len(pairs), BATCH):
            problems |= problems_by_halves(
                _by_order(pairs[start : start + BATCH]),
                lambda part: self._removed(to_type, _flat(part)),
                _order_of,
                lambda group, error: association_refused(to_type, group[0].to_id, refusal_of_call(error)),
                is_refused=_is_refusal_of_records,
            )
        return problems

    def _removed(self, to_type: str, pairs: Sequence[Pair]) -> dict[str, Problem]:
        if not self._may_send():
            return {one.order_id: NOT_SENT for one in pairs}
        errors = self._associations.remove(
            "orders", to_type, [AssociationInput(one.order_id, one.to_id) for one in pairs]
        )
        named = [one for one in pairs if any(_names(error, one) for error in errors)]
        return {
            one.order_id: association_refused(to_type, one.to_id, refusal_of_input(_error_of(one, errors)))
            for one in (named or (pairs if errors else ()))
        }

    def archive_lines(self, lines: Mapping[str, Set[str]]) -> dict[str, Problem]:
        """Archives line items: order → line item ids; whatever names the orders names the problems."""
        pairs = [Pair(order_id, line_id) for order_id, ids in lines.items() for line_id in sorted(ids)]
        problems: dict[str, Problem] = {}
        for start in range(0, len(pairs), BATCH):
            problems |= problems_by_halves(
                _by_order(pairs[start : start + BATCH]),
                lambda part: self._archived("line_items", _flat(part)),
                _order_of,
                lambda _, error: not_archived("a line that NetSuite no longer has", error),
            )
        return problems

    def archive_orders(self, order_ids: Sequence[str]) -> dict[str, Problem]:
        """Archives at most 100 orders."""
        return problems_by_halves(
            _by_order([Pair(one, one) for one in order_ids]),
            lambda part: self._archived("orders", _flat(part)),
            _order_of,
            lambda _, error: not_archived("the order", error),
        )

    def _archived(self, object_type: str, pairs: Sequence[Pair]) -> dict[str, Problem]:
        if not self._may_send():
            return {one.order_id: NOT_SENT for one in pairs}
        self._crm.batch_archive(object_type, [one.to_id for one in pairs])
        return {}

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


def _input(pair: Pair, type_id: int, category: str) -> AssociationInput:
    labels = tuple(sorted(pair.labels))
    if category == HUBSPOT_DEFINED:
        return AssociationInput(pair.order_id, pair.to_id, (type_id,), labels)
    return AssociationInput(pair.order_id, pair.to_id, label_ids=((category, type_id), *labels))


def _by_order(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs of each order, which share its fate and so are sent together."""
    groups: dict[str, list[Pair]] = {}
    for one in pairs:
        groups.setdefault(one.order_id, []).append(one)
    return list(groups.values())


def _flat(groups: Sequence[Sequence[Pair]]) -> list[Pair]:
    return [one for group in groups for one in group]


def _order_of(group: Sequence[Pair]) -> str:
    return group[0].order_id


def _is_refusal_of_records(error: RemoteError) -> bool:
    """Whether the call was refused for what was in it; a record that is not there may answer 404."""
    return is_refusal(error) or (error.status == 404 and not has_no_answer(error))


def _names(error: InputError, pair: Pair) -> bool:
    """Whether the error names this very pair, or one end of it alone."""
    return bool(error.ids) and set(error.ids) <= {pair.order_id, pair.to_id}


def _error_of(pair: Pair, errors: Sequence[InputError]) -> InputError:
    """The error that names the most of a pair that was not made."""
    return max(errors, key=lambda one: len({pair.order_id, pair.to_id}.intersection(one.ids)))
