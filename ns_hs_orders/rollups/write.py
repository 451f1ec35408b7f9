"""Writing figures to companies in HubSpot, and reading them back: only what changed, never a new record.

Belongs here: batches, what HubSpot took, and what it did not. Does not belong here: what a company is to tell (roll_up),
or when a run is made (wiring).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.calls.bisection import Problem, problems_by_halves
from ns_hs_orders.push.calls.refusals import Refusal, refusal_of_call, refusal_of_input
from ns_hs_orders.push.calls.upserts import Unanswered, has_no_answer, is_refusal
from ns_hs_orders.rollups.companies import COMPANIES, read_again
from ns_hs_orders.rollups.ports import CompanyRecords, ToldCompanies, ToldCompany
from ns_hs_orders.rollups.properties import as_of_held, fingerprint, holds
from ns_hs_orders.rollups.schema import BUYING_AS_OF, CompanyRollup
from ns_hs_orders.trust.ports import UpdateInput

BATCH = 100
LOOKS = 3
SECONDS_BETWEEN_LOOKS = 2.0
_GONE = "OBJECT_NOT_FOUND"
_NOT_SENT = "Not sent, since HubSpot did not answer before; the next run sends it."


def write_rollups(
    planned: Sequence[CompanyRollup],
    *,
    crm: CompanyRecords,
    told: ToldCompanies,
    now: datetime,
    sleep: Callable[[float], None],
    progress: Progress = quiet,
) -> list[CompanyRollup]:
    """Writes the planned figures, a hundred companies a call, and reads each call's companies back.

    What HubSpot took is kept as told, call by call, so that a run that is killed is taken up where it was. A company
    that HubSpot refuses stops no other. Stops sending at the first call without an answer. Raises RemoteError where
    HubSpot refuses the roll-ups as such, as for a missing scope.
    """
    done: list[CompanyRollup] = []
    is_silent = False
    for start in range(0, len(planned), BATCH):
        part = planned[start : start + BATCH]
        if is_silent:
            done += [replace(one, outcome="unanswered", reason=_NOT_SENT) for one in part]
            continue
        writer = _Writer(crm)
        problems = problems_by_halves(
            part, writer.send, _id_of, lambda _, error: refusal_of_call(error), is_refused=_is_of_records
        )
        is_silent = any(isinstance(one, Unanswered) for one in problems.values())
        sent = [one for one in part if one.company_id not in problems and one.company_id not in writer.gone]
        as_wanted = _read_back(sent, crm, sleep)
        told.keep([told_of(one) for one in sent if one.company_id in as_wanted], now)
        done += [_settled(one, problems.get(one.company_id), writer.gone, as_wanted) for one in part]
        progress("companies told what they bought", start + len(part), len(planned))
    return done


class _Writer:
    """The calls of one batch. gone: ids that HubSpot no longer has."""

    def __init__(self, crm: CompanyRecords) -> None:
        self._crm = crm
        self.gone: set[str] = set()

    def send(self, part: Sequence[CompanyRollup]) -> Mapping[str, Problem]:
        """One call; the problems of single companies."""
        inputs = [UpdateInput(one.company_id, one.wanted, f"r{n}") for n, one in enumerate(part)]
        try:
            answer = self._crm.batch_update(COMPANIES, inputs)
        except RemoteError as error:
            if error.status == 404 and len(part) == 1:
                self.gone.add(part[0].company_id)
                return {}
            raise
        by_trace = {one.trace_id: one.record_id for one in inputs}
        ids = {one.record_id for one in inputs}
        problems: dict[str, Problem] = {}
        for found in answer.errors:
            of = {by_trace[one] for one in found.trace_ids if one in by_trace} | (ids & set(found.ids))
            if found.category == _GONE:
                self.gone |= of
            else:
                problems |= dict.fromkeys(of or {part[0].company_id}, refusal_of_input(found))
        return problems


def _read_back(
    sent: Sequence[CompanyRollup], crm: CompanyRecords, sleep: Callable[[float], None]
) -> set[str]:
    """Those that HubSpot shows as they were written; it may take it a moment."""
    waiting = {one.company_id: one for one in sent}
    for look in range(LOOKS):
        if waiting and look:
            sleep(SECONDS_BETWEEN_LOOKS)
        records = read_again(crm, sorted(waiting)) if waiting else {}
        for company_id, record in records.items():
            one = waiting.get(company_id)
            if one and holds(one.wanted, record.properties) and as_of_held(record.properties) == _day(one):
                del waiting[company_id]
    return {one.company_id for one in sent} - set(waiting)


def _settled(
    one: CompanyRollup, problem: Problem | None, gone: set[str], as_wanted: set[str]
) -> CompanyRollup:
    if isinstance(problem, Refusal):
        return replace(one, outcome="refused", reason=problem.explanation)
    if problem is not None:
        return replace(one, outcome="unanswered", reason=problem.explanation)
    if one.company_id in gone:
        return replace(
            one, outcome="gone", reason="HubSpot deleted or merged this company while it was written."
        )
    if one.company_id not in as_wanted:
        return replace(
            one,
            outcome="differs",
            reason="HubSpot took the figures and does not show them; the next run looks again.",
        )
    return replace(one, outcome="healed" if one.reason else "written")


def told_of(one: CompanyRollup) -> ToldCompany:
    """What is kept of a company that HubSpot shows as wanted."""
    return ToldCompany(one.company_id, fingerprint(one.wanted), _day(one))


def _day(one: CompanyRollup) -> date:
    return date.fromisoformat(one.wanted[BUYING_AS_OF])


def _id_of(one: CompanyRollup) -> str:
    return one.company_id


def _is_of_records(error: RemoteError) -> bool:
    """Whether the call was refused for what was in it; a record that is gone may answer 404."""
    return is_refusal(error) or (error.status == 404 and not has_no_answer(error))
