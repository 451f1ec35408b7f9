"""Orders that NetSuite no longer has: whether they are really gone, and what becomes of them in HubSpot.

Belongs here: judging an absence, and archiving (or cancelling) an order with its lines in the safe order.
Does not belong here: noticing that an order is absent (live, reconcile), or asking NetSuite (extract).

Absence alone proves nothing: a role that lost a permission sees an empty table. An order counts as gone only
when it is absent by id while other known orders are there, NetSuite's list of deleted records names it (or
cannot be seen, while almost all other orders are there), and no more orders go than a set share, unless a person approved it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.push.associations.attachments import BATCH, Attachments
from ns_hs_orders.push.associations.leftovers import Leftovers, leftovers_apart
from ns_hs_orders.push.calls.bisection import Problem, problems_by_halves
from ns_hs_orders.push.calls.refusals import Refusal, refusal_of_call
from ns_hs_orders.push.calls.upserts import Upserts, Written, has_no_answer, no_answer
from ns_hs_orders.push.jobs import InFlight, Job, Tools
from ns_hs_orders.push.ports import Claim, OrderState, Verdict
from ns_hs_orders.push.schema import WantedOrder

DELETED = "deleted_in_netsuite"
NEEDS_APPROVAL = "needs_approval"
NOT_CONFIRMED = "absence_not_confirmed"
FEW = 5
ALMOST_ALL = 98
"""Percent of the witnesses that must be there where NetSuite does not show what was deleted."""
CANCELLED_STATUS = "Deleted in NetSuite"

DeletedOrders = Literal["archive", "cancel"]
_THERE = "NetSuite has this order, but the reading of it did not bring it; it is read again."


@dataclass(frozen=True)
class Absence:
    """What NetSuite answered about orders that a reading did not bring.

    present: of the absent ones, those that are there after all. witnesses: other orders that the state
    knows; witnesses_present: those of them that NetSuite has. listed_deleted: None where NetSuite does not
    show its list of deleted records. archived_lately, known_orders: orders archived in the last minutes,
    and held in HubSpot as far as the state knows. held_already: other orders that wait for a person for the same reason.
    approved: ids that a person let go.
    """

    present: frozenset[str]
    witnesses: frozenset[str]
    witnesses_present: frozenset[str]
    listed_deleted: frozenset[str] | None
    archived_lately: int
    known_orders: int
    held_already: int = 0
    approved: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AbsenceVerdict:
    """gone: to be archived. kept: order id → (reason, sentence), of those that stay as they are."""

    gone: tuple[str, ...]
    kept: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def judge_absence(
    absent: Collection[str], found: Absence, *, share_percent: int, records: str = "orders"
) -> AbsenceVerdict:
    """Which of the absent orders are gone. share_percent: of the known orders, at most so many at once.

    records: what people call them.
    """
    asked = sorted(set(absent) - found.present, key=lambda one: (len(one), one))
    kept = dict.fromkeys(found.present & set(absent), (NOT_CONFIRMED, _THERE))
    if found.witnesses and 2 * len(found.witnesses_present) < len(found.witnesses):
        words = (
            f"NetSuite shows only {len(found.witnesses_present)} of {len(found.witnesses)} other {records} that "
            "were there before, so the role may have lost a permission. Nothing is archived; check the role "
            "with `ns-hs-orders doctor`."
        )
        return AbsenceVerdict((), kept | dict.fromkeys(asked, (NOT_CONFIRMED, words)))
    gone = []
    all_there = 100 * len(found.witnesses_present) >= ALMOST_ALL * len(found.witnesses)
    for one in asked:
        is_listed = all_there if found.listed_deleted is None else one in found.listed_deleted
        if one in found.approved or is_listed:
            gone.append(one)
        else:
            words = (
                f"NetSuite does not have this {records.removesuffix('s')}, and does not list it as deleted. The role may have "
                "lost a subsidiary or a permission. If it is really gone, run `ns-hs-orders due approve ID --by NAME`."
            )
            kept[one] = (NEEDS_APPROVAL, words)
    limit = max(FEW, found.known_orders * share_percent // 100)
    free = [one for one in gone if one not in found.approved]
    if free and found.archived_lately + found.held_already + len(free) > limit:
        words = (
            f"{found.archived_lately + found.held_already + len(free)} {records} are gone from NetSuite at once; "
            f"more than {limit} ({share_percent} % of the {records} in HubSpot, at least {FEW}) are not archived without a person. "
            "If they are really gone, run `ns-hs-orders due approve --all --by NAME`."
        )
        kept |= dict.fromkeys(free, (NEEDS_APPROVAL, words))
        gone = [one for one in gone if one in found.approved]
    return AbsenceVerdict(tuple(gone), kept)


class Departure:
    """Takes orders out of HubSpot, with their lines: claim, lines, order, verdict.

    Where a person archived the order in HubSpot before, its lines are left there, loose: they are archived too.

    cancelled: None archives the order; else the properties that mark it as cancelled. fates: order id →
    outcome, `archived` or `due`, once `take_out` has returned. why: reason code and words of why they go. details: told in
    their stories.
    """

    def __init__(
        self,
        tools: Tools,
        ticket: int,
        cancelled: Mapping[str, str] | None,
        why: tuple[str, str] = (DELETED, "Deleted in NetSuite"),
        details: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._tools = tools
        self._why = why
        self._details = details
        self._ticket = ticket
        self._cancelled = cancelled
        self._until = tools.clock.now() + tools.lease
        self._attachments = Attachments(tools.crm, tools.associations, self._may_send)
        self.fates: dict[str, str] = {}

    def take_out(self, gone: Sequence[str], states: Mapping[str, OrderState], today: date) -> None:
        """Archives or cancels these orders. Raises RemoteError where HubSpot refuses the sync as such."""
        tools = self._tools
        now = tools.clock.now()
        self._until = now + tools.lease
        claims = [_claim(states[one], self._ticket, today) for one in gone if one in states]
        answers = tools.states.claim(claims, holder=tools.holder, lease_until=self._until, now=now)
        ours = [one for one in claims if answers[one.order_id] == "claimed"]
        self.fates |= dict.fromkeys((one.order_id for one in claims), "due")
        for start in range(0, len(ours), BATCH):
            self._take_out({one.order_id: one for one in ours[start : start + BATCH]}, states)

    def _take_out(self, claims: Mapping[str, Claim], states: Mapping[str, OrderState]) -> None:
        problems: dict[str, Problem] = {}
        try:
            held, problems = self._held(list(claims), states)
            by_record = {one.order_id: key for key, one in held.items()}
            left, found = leftovers_apart(self._attachments, list(held.values()))
            found |= self._attachments.archive_lines(left.former)
            found |= self._attachments.detach_lines(left.of_others)
            problems |= {by_record[record]: problem for record, problem in found.items()}
            ready = {key: one for key, one in held.items() if key not in problems}
            problems |= self._cancel(ready) if self._cancelled is not None else self._archive(ready)
            loose = self._loose_lines([states[key] for key in claims if key not in {*held, *problems}])
            problems |= self._attachments.archive_lines(loose)
        except RemoteError as error:
            if not has_no_answer(error):
                self._record(claims, dict.fromkeys(claims, no_answer(error)), {})
                raise
            problems = dict.fromkeys(claims, no_answer(error))
            left, loose, by_record = Leftovers(), {}, {}
        lines = {by_record[record]: len(ids) for record, ids in left.former.items() if record in by_record}
        lines |= {key: len(ids) for key, ids in loose.items()}
        self._record(claims, problems, lines)

    def _loose_lines(self, absent: Sequence[OrderState]) -> dict[str, set[str]]:
        """Order id → line items of ours that HubSpot has though a person archived their order there.

        Asked by key, since a link may have been noted for a line that was never written.
        """
        owner = {link.key: one.order_id for one in absent for link in one.links if link.kind == "line"}
        loose: dict[str, set[str]] = {}
        for line_key, line_id in self._attachments.line_ids(list(owner)).items():
            loose.setdefault(owner[line_key], set()).add(line_id)
        return loose

    def _held(
        self, keys: Sequence[str], states: Mapping[str, OrderState]
    ) -> tuple[dict[str, InFlight], dict[str, Problem]]:
        """The orders that HubSpot has, by key, and those that it does not let be asked about.

        Asked by key, since a merge changes record ids.
        """
        held: dict[str, InFlight] = {}

        def ask(part: Sequence[str]) -> dict[str, Problem]:
            answer = self._tools.crm.batch_read(
                "orders", part, [UNIQUE_ORDER_KEY], key_property=UNIQUE_ORDER_KEY
            )
            for record in answer.results:
                key = record.properties.get(UNIQUE_ORDER_KEY)
                if key is not None and key in states:
                    held[key] = InFlight(
                        _no_more(states[key], self._ticket), order_id=record.id, is_new=False
                    )
            return {}

        return held, problems_by_halves(keys, ask, str, lambda _, error: refusal_of_call(error))

    def _archive(self, orders: Mapping[str, InFlight]) -> dict[str, Problem]:
        found = self._attachments.archive_orders([one.order_id for one in orders.values()])
        return {key: found[one.order_id] for key, one in orders.items() if one.order_id in found}

    def _cancel(self, orders: Mapping[str, InFlight]) -> dict[str, Problem]:
        upserts = Upserts(self._tools.crm, "orders", UNIQUE_ORDER_KEY, self._may_send)
        results = upserts.all({key: {UNIQUE_ORDER_KEY: key, **(self._cancelled or {})} for key in orders})
        return {key: one for key, one in results.items() if not isinstance(one, Written)}

    def _record(
        self, claims: Mapping[str, Claim], problems: Mapping[str, Problem], lines: Mapping[str, int]
    ) -> None:
        tools = self._tools
        how = "cancelled" if self._cancelled is not None else "archived"
        verdicts = []
        for key, claim in claims.items():
            problem = problems.get(key)
            verdicts.append(
                Verdict(
                    order_id=key,
                    ticket=claim.ticket,
                    outcome="due" if problem else "archived",
                    reason=problem.reason if problem else self._why[0],
                    explanation=problem.explanation
                    if problem
                    else f"{self._why[1]}; {how} in HubSpot with {lines.get(key, 0)} lines.",
                    order_on=claim.order_on,
                    currency=claim.currency or None,
                    total_minor=claim.total_minor if claim.currency else None,
                    keep_lease=problem is not None and not isinstance(problem, Refusal),
                    details={} if problem else self._details,
                )
            )
            self.fates[key] = "due" if problem else "archived"
        tools.states.record(verdicts, holder=tools.holder, run=tools.run, now=tools.clock.now())

    def _may_send(self) -> bool:
        tools = self._tools
        return not tools.is_stopped() and tools.clock.now() + tools.request < self._until


def _claim(state: OrderState, ticket: int, today: date) -> Claim:
    return Claim(
        order_id=state.order_id,
        ticket=ticket,
        order_on=state.order_on or today,
        currency=state.currency or "",
        total_minor=state.total_minor or 0,
        line_keys=(),
        company_id=None,
        contact_id=None,
    )


def _no_more(state: OrderState, ticket: int) -> Job:
    """A job that wants nothing of the order: every line that hangs on it is a former one."""
    nothing = WantedOrder(
        key=state.order_id, properties={}, lines=(), company_id=None, contact_id=None,
        missing_target=None, unknown_rep=False, fingerprint="",
    )  # fmt: skip
    return Job(
        nothing, ticket, state.order_on or date.min, state.currency or "", state.total_minor or 0, state
    )
