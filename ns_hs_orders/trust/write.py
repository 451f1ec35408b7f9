"""Writing to orders in HubSpot whether their dollars are verified: only what changed, never a new record.

Belongs here: batches, what HubSpot took, and what it did not. Does not belong here: what an order says (marks), or
when the stage runs (wiring).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.trust import VERIFICATION, VERIFICATION_REASON, VERIFIED_AT, VERIFIED_DIFFERENCE
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.calls.bisection import Problem, problems_by_halves
from ns_hs_orders.push.calls.refusals import Refusal, refusal_of_call, refusal_of_input
from ns_hs_orders.push.calls.upserts import Unanswered, has_no_answer, is_refusal
from ns_hs_orders.reconcile.equality import equal
from ns_hs_orders.reconcile.read_back import Told
from ns_hs_orders.trust.ports import TrustMark, TrustMarks, UpdateInput, UpdatesById

BATCH = 100
_NOTHING: Mapping[str, Told] = MappingProxyType({})
GONE = "OBJECT_NOT_FOUND"


@dataclass(frozen=True)
class TrustWritten:
    """What the stage did: orders that were told anew, and those that HubSpot no longer has. warnings: sentences."""

    written: int = 0
    gone: int = 0
    warnings: tuple[str, ...] = ()


def to_be_written(
    marks: Sequence[TrustMark], known: TrustMarks, told: Mapping[str, Told] = _NOTHING
) -> list[TrustMark]:
    """Those that differ from what their record was told last, or tells now because somebody edited it there.

    told: what the records were read to tell, by order id; an order that is absent is judged by the former alone.
    """
    last = known.load([one.order_id for one in marks])
    return [one for one in marks if last.get(one.order_id) != one or not _tells(told.get(one.order_id), one)]


def _tells(told: Told | None, mark: TrustMark) -> bool:
    return told is None or (
        (told.verification or "") == mark.verification
        and equal("decimal", mark.difference, told.difference)
        and mark.reason.split() == (told.reason or "").split()  # HubSpot may keep blanks in its own way
    )


def write_marks(
    marks: Sequence[TrustMark],
    *,
    crm: UpdatesById,
    known: TrustMarks,
    verified_at: datetime,
    now: datetime,
    progress: Progress = quiet,
) -> TrustWritten:
    """Tells each order in HubSpot what its mark says; what HubSpot took is kept as told, call by call.

    Stops at the first call without an answer: what is left is told next time. Raises RemoteError where HubSpot
    refuses the sync as such.
    """
    writer = _Writer(crm, verified_at)
    for start in range(0, len(marks), BATCH):
        part = marks[start : start + BATCH]
        problems = problems_by_halves(
            part, writer.send, _order_of, lambda _, error: refusal_of_call(error), is_refused=_is_of_records
        )
        known.keep([one for one in part if one.record_id in writer.written], now)
        writer.warn(problems)
        progress("orders told whether their dollars are verified", start + len(part), len(marks))
        if any(isinstance(one, Unanswered) for one in problems.values()):
            break
    return TrustWritten(len(writer.written), writer.gone, tuple(dict.fromkeys(writer.warnings)))


class _Writer:
    """Calls of one stage. written: record ids that HubSpot took."""

    def __init__(self, crm: UpdatesById, verified_at: datetime) -> None:
        self._crm = crm
        self._verified_at = (
            verified_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
        self.written: set[str] = set()
        self.gone = 0
        self.warnings: list[str] = []

    def send(self, marks: Sequence[TrustMark]) -> Mapping[str, Problem]:
        """One call; the problems of single orders."""
        inputs = [UpdateInput(one.record_id, self._properties(one), f"t{n}") for n, one in enumerate(marks)]
        try:
            answer = self._crm.batch_update("orders", inputs)
        except RemoteError as error:
            if error.status == 404 and len(marks) == 1:
                self.gone += 1
                return {}
            raise
        self.written |= {one.id for one in answer.results}
        by_trace = {one.trace_id: mark.order_id for one, mark in zip(inputs, marks, strict=True)}
        by_record = {one.record_id: one.order_id for one in marks}
        problems: dict[str, Problem] = {}
        for found in answer.errors:
            keys = {by_trace[one] for one in found.trace_ids if one in by_trace}
            keys |= {by_record[one] for one in found.ids if one in by_record}
            if found.category == GONE:
                self.gone += len(keys)
            else:
                problems |= dict.fromkeys(keys or {marks[0].order_id}, refusal_of_input(found))
        return problems

    def warn(self, problems: Mapping[str, Problem]) -> None:
        """Puts problems in words, the first of each kind."""
        for kind, what in ((Refusal, "HubSpot refused it for"), (Unanswered, "HubSpot did not answer for")):
            found = {key: one for key, one in problems.items() if isinstance(one, kind)}
            if found:
                first = next(iter(found.values()))
                self.warnings.append(
                    f"Whether dollars are verified was not written: {what} {len(found)} orders, such as "
                    f"{next(iter(found))}: {first.explanation} It is tried again after the next reconciliation."
                )

    def _properties(self, mark: TrustMark) -> dict[str, str]:
        return {
            VERIFICATION: mark.verification,
            VERIFIED_AT: self._verified_at,
            VERIFIED_DIFFERENCE: mark.difference,
            VERIFICATION_REASON: mark.reason,
        }


def _order_of(mark: TrustMark) -> str:
    return mark.order_id


def _is_of_records(error: RemoteError) -> bool:
    """Whether the call was refused for what was in it; a record that is gone may answer 404."""
    return is_refusal(error) or (error.status == 404 and not has_no_answer(error))
