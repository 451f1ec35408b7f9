"""One unit of orders in the safe order: claim, orders, lines, associations, removals, confirm.

Belongs here: the order of the steps, and what a step's failure means for an order. Does not belong
here: single calls (upserts, attachments), or which orders are written at all (push_orders).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from ns_hs_orders.errors import RemoteError, SyncError
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY
from ns_hs_orders.push.associations.attachments import ORDER_TO_LINE, Attachments, Pair
from ns_hs_orders.push.associations.leftovers import leftovers_apart
from ns_hs_orders.push.associations.links import left_to_make, persons_own
from ns_hs_orders.push.calls.bisection import Problem
from ns_hs_orders.push.calls.refusals import Refusal
from ns_hs_orders.push.calls.upserts import NO_ANSWER, Result, Upserts, Written, has_no_answer
from ns_hs_orders.push.jobs import Fate, InFlight, Job, Tools
from ns_hs_orders.push.ports import AssociationKind, Claim, ClaimAnswer, Confirmation, Verdict
from ns_hs_orders.push.schema import Linked, WantedLine
from ns_hs_orders.push.written import digests, left_as_edited

ORDERS_A_TRANSACTION = 200
Item = TypeVar("Item")


class Unit:
    """Writes one unit of orders. fates: order id → fate, of every order once `push` has returned."""

    def __init__(self, tools: Tools, jobs: Sequence[Job]) -> None:
        self._tools = tools
        self._jobs = {one.wanted.key: one for one in jobs}
        self.fates: dict[str, Fate] = {}
        self._verdicts: list[Verdict] = []
        self._open: dict[str, InFlight] = {}
        self._lease_until = tools.clock.now() + tools.lease
        self._attachments = Attachments(tools.crm, tools.associations, self._may_send, tools.each)

    def push(self) -> None:
        """Goes through all steps.

        Raises RemoteError where HubSpot refuses the sync as such, ContractError where an answer
        contradicts itself, after the unit's open orders were recorded as due.
        """
        self._leave_persons_own()
        self._claim()
        try:
            for step in (
                self._write_orders,
                self._write_lines,
                self._associate,
                self._remove_former,
                self._confirm,
            ):
                if self._open:
                    step()
        except SyncError as error:
            was_answered = isinstance(error, RemoteError)
            for one in list(self._open.values()):
                self._hold_back(one, "sync_refused", str(error), keep_lease=not was_answered, retry=False)
            raise
        finally:
            self._record_verdicts()

    def _may_send(self) -> bool:
        tools = self._tools
        return not tools.is_stopped() and tools.clock.now() + tools.request < self._lease_until

    def _leave_persons_own(self) -> None:
        """Associations that a person made before are left as they are, and never noted as ours."""
        try:
            found = persons_own(self._attachments, list(self._jobs.values()), self._tools.linked)
        except RemoteError as error:
            if not has_no_answer(error):
                raise
            for job in self._jobs.values():
                self._open[job.wanted.key] = InFlight(job)
            self._jobs = {}
            for one in list(self._open.values()):
                self._hold_back(one, NO_ANSWER, str(error), keep_lease=False, retry=True)
        else:
            for key, kinds in found.items():
                self._jobs[key] = replace(self._jobs[key], persons_own=kinds)

    def _claim(self) -> None:
        tools = self._tools
        now = tools.clock.now()
        self._lease_until = now + tools.lease
        claims = [
            Claim(
                order_id=key,
                ticket=job.ticket,
                order_on=job.order_on,
                currency=job.currency,
                total_minor=job.total_minor,
                line_keys=tuple(one.key for one in job.wanted.lines),
                company_id=job.to_link("company"),
                contact_id=job.to_link("contact"),
                deal_id=job.to_link("deal"),
                parent_id=job.to_link("parent"),
                written=digests(job.wanted.properties, tools.left_when_edited),
            )
            for key, job in self._jobs.items()
        ]
        answers: dict[str, ClaimAnswer] = {}
        for part in _parts(claims):
            answers |= tools.states.claim(part, holder=tools.holder, lease_until=self._lease_until, now=now)
        passed_over = []
        for key, job in self._jobs.items():
            if answers[key] == "claimed":
                self._open[key] = InFlight(job, before=job.state)
            elif answers[key] == "held":
                self.fates[key] = Fate(
                    "due",
                    "held_by_another_run",
                    "Another run is writing this order, or was stopped while it did.",
                    retry=True,
                )
            else:
                passed_over.append(key)
        if passed_over:
            self._pass_over(passed_over)
        self._take_current_states()

    def _pass_over(self, keys: Sequence[str]) -> None:
        """Orders that a newer reading is known of: written already, or to be read again."""
        known = self._tools.states.load(keys)
        for key in keys:
            state = known.get(key)
            hubspot_id = None if state is None else state.order_id_hubspot
            if state is not None and state.fingerprint is not None:
                self.fates[key] = Fate(
                    "unchanged",
                    "newer_version_written",
                    "HubSpot already holds a newer version of this order.",
                    hubspot_id,
                )
            else:
                self.fates[key] = Fate(
                    "due",
                    "newer_version_known",
                    "A newer reading of this order is known; it must be read again from NetSuite.",
                    hubspot_id,
                )

    def _take_current_states(self) -> None:
        """The links as they were when the order was claimed: another run may have written in between."""
        current = self._tools.states.load(list(self._open))
        for key, one in self._open.items():
            one.job = replace(one.job, state=current.get(key))

    def _write_orders(self) -> None:
        names = self._tools.left_when_edited
        for one in self._open.values():
            if one.job.state is not None and one.job.state.order_id_hubspot is not None:
                one.left = left_as_edited(one.job.wanted, one.job.state, names)
        self._upsert_orders({key: one.sent for key, one in self._open.items()})
        # what was made anew in HubSpot holds nobody's edits: it lacks what was left
        anew = [one for one in self._open.values() if one.left and one.is_another_record]
        self._upsert_orders(
            {one.key: {name: one.job.wanted.properties[name] for name in sorted(one.left)} for one in anew}
        )
        for one in anew:
            one.left = frozenset()

    def _upsert_orders(self, wanted: Mapping[str, Mapping[str, str]]) -> None:
        upserts = Upserts(self._tools.crm, "orders", UNIQUE_ORDER_KEY, self._may_send, self._tools.each)
        try:
            upserts.all(wanted)
        finally:
            self._take_orders(upserts.results)

    def _take_orders(self, results: Mapping[str, Result]) -> None:
        for key, result in results.items():
            one = self._open[key]
            if isinstance(result, Written):
                one.order_id, one.is_new = result.record_id, one.is_new or result.is_new
            else:
                self._give_up(one, result)

    def _write_lines(self) -> None:
        lines = {line.key: (one, line) for one in self._open.values() for line in one.job.wanted.lines}
        upserts = Upserts(self._tools.crm, "line_items", UNIQUE_LINE_KEY, self._may_send, self._tools.each)
        try:
            upserts.all({key: line.properties for key, (_, line) in lines.items()})
        finally:
            self._take_lines(lines, upserts.results)

    def _take_lines(
        self, lines: Mapping[str, tuple[InFlight, WantedLine]], results: Mapping[str, Result]
    ) -> None:
        problems: dict[str, Problem] = {}
        for line_key, result in results.items():
            one, line = lines[line_key]
            if isinstance(result, Written):
                one.line_ids[line_key] = result.record_id
            elif one.key not in problems or _weight(result) > _weight(problems[one.key]):
                problems[one.key] = (
                    result.of_line(line.properties.get("name") or line_key)
                    if isinstance(result, Refusal)
                    else result
                )
        for key, problem in problems.items():
            self._give_up(self._open[key], problem)

    def _associate(self) -> None:
        lines = [Pair(one.order_id, to_id) for one in self._open.values() for to_id in one.line_ids.values()]
        self._give_up_all(self._made(AssociationKind("line_items", ORDER_TO_LINE), lines))
        for kind, how in self._tools.linked.items():
            left = left_to_make(self._attachments, kind, how, list(self._open.values()))
            for one in left.of_others:
                one.job = replace(one.job, persons_own=one.job.persons_own | {kind})
            problems = self._made(how, left.pairs)
            refused = {key for key, problem in problems.items() if isinstance(problem, Refusal)}
            full = [one for one in self._open.values() if one.order_id in refused and one.has_former(kind)]
            if full:
                # the portal may limit how many an order has: the former one makes room
                removed = self._removed(how, kind, full)
                freed = {one.order_id for one in full} - removed.keys()
                again = self._made(how, [pair for pair in left.pairs if pair.order_id in freed])
                problems = {key: one for key, one in problems.items() if key not in freed} | removed | again
            self._give_up_all(left.problems)
            self._give_up_all(problems)

    def _made(self, how: AssociationKind, pairs: Sequence[Pair]) -> dict[str, Problem]:
        if not pairs:
            return {}
        return self._attachments.associate(how.to_type, how.type_id, pairs, how.category)

    def _remove_former(self) -> None:
        left, problems = leftovers_apart(self._attachments, list(self._open.values()))
        self._give_up_all(problems)
        for one in self._open.values():
            one.lines_archived = len(left.former.get(one.order_id, ()))
        self._give_up_all(self._attachments.archive_lines(left.former))
        self._give_up_all(self._attachments.detach_lines(left.of_others))
        for kind, how in self._tools.linked.items():
            self._give_up_all(self._removed(how, kind, list(self._open.values())))

    def _removed(self, how: AssociationKind, kind: Linked, orders: Sequence[InFlight]) -> dict[str, Problem]:
        pairs: list[Pair] = []
        kept: dict[str, str] = {}
        for one in orders:
            stays = one.job.wanted.linked(kind)
            gone = [key for key, _ in one.former(kind) if key != stays]
            pairs += [Pair(one.order_id, key) for key in gone]
            if stays is not None:
                kept[one.order_id] = stays
        return self._attachments.remove(how, pairs, kept)

    def _confirm(self) -> None:
        tools = self._tools
        now = tools.clock.now()
        confirmations = []
        for key, one in self._open.items():
            known = one.job.state is not None and one.job.state.order_id_hubspot is not None
            is_new = one.is_new if one.is_new is not None else not known
            confirmations.append(
                Confirmation(
                    order_id=key,
                    ticket=one.job.ticket,
                    fingerprint=one.job.wanted.fingerprint,
                    outcome="created" if is_new else "updated",
                    order_id_hubspot=one.order_id,
                    line_ids=one.line_ids,
                    company_id=self._stays_linked(one, "company"),
                    contact_id=self._stays_linked(one, "contact"),
                    deal_id=self._stays_linked(one, "deal"),
                    parent_id=self._stays_linked(one, "parent"),
                    confirmed_at=now,
                    sent=one.sent,
                    written=digests(one.job.wanted.properties, tools.left_when_edited),
                )
            )
        confirmed: set[str] = set()
        for part in _parts(confirmations):
            confirmed |= tools.states.confirm(part, holder=tools.holder, run=tools.run)
        for confirmation in confirmations:
            one = self._open[confirmation.order_id]
            if confirmation.order_id in confirmed:
                self.fates[one.key] = Fate(
                    confirmation.outcome,
                    order_id_hubspot=one.order_id,
                    lines_archived=one.lines_archived,
                    confirmed_at=now,
                )
                del self._open[one.key]
            else:
                self._hold_back(
                    one,
                    "lease_lost",
                    "Another run took the order over while it was written.",
                    keep_lease=False,
                    retry=True,
                )

    def _stays_linked(self, one: InFlight, kind: Linked) -> str | None:
        """What is noted as associated by the sync; of a kind that is switched off, what was noted before."""
        if kind in self._tools.linked:
            return one.job.to_link(kind)
        return next((key for key, record_id in one.former(kind) if record_id is not None), None)

    def _give_up_all(self, problems: Mapping[str, Problem]) -> None:
        by_id = {one.order_id: one for one in self._open.values()}
        for order_id, problem in problems.items():
            if order_id in by_id:
                self._give_up(by_id[order_id], problem)

    def _give_up(self, one: InFlight, problem: Problem) -> None:
        if isinstance(problem, Refusal):
            refused = self._tools.refused_fingerprint(one.job.wanted) if problem.would_repeat else None
            self._close(
                one,
                "rejected",
                problem.reason,
                problem.explanation,
                keep_lease=False,
                retry=False,
                fingerprint=refused,
            )
        else:
            self._hold_back(one, problem.reason, problem.explanation, keep_lease=problem.was_sent, retry=True)

    def _hold_back(
        self, one: InFlight, reason: str, explanation: str, *, keep_lease: bool, retry: bool
    ) -> None:
        self._close(one, "due", reason, explanation, keep_lease=keep_lease, retry=retry)

    def _close(
        self,
        one: InFlight,
        outcome: Literal["rejected", "due"],
        reason: str,
        explanation: str,
        *,
        keep_lease: bool,
        retry: bool,
        fingerprint: str | None = None,
    ) -> None:
        known = None if one.job.state is None else one.job.state.order_id_hubspot
        self.fates[one.key] = Fate(outcome, reason, explanation, one.order_id or known, retry=retry)
        self._verdicts.append(
            Verdict(
                order_id=one.key,
                ticket=one.job.ticket,
                outcome=outcome,
                reason=reason,
                explanation=explanation,
                order_on=one.job.order_on,
                currency=one.job.currency,
                total_minor=one.job.total_minor,
                keep_lease=keep_lease,
                fingerprint=fingerprint,
            )
        )
        del self._open[one.key]

    def _record_verdicts(self) -> None:
        if self._verdicts:
            tools = self._tools
            tools.states.record(self._verdicts, holder=tools.holder, run=tools.run, now=tools.clock.now())


def _weight(problem: Problem) -> int:
    """Which of an order's problems counts: what may yet be applied keeps the claim, whatever else was refused."""
    if isinstance(problem, Refusal):
        return 1
    return 2 if problem.was_sent else 0


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Runs that one transaction takes, so that calls, which take from the same store, need not wait long."""
    for start in range(0, len(items), ORDERS_A_TRANSACTION):
        yield items[start : start + ORDERS_A_TRANSACTION]
