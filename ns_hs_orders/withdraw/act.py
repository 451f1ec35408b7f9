"""Emptying what orders in HubSpot tell of returns: by record id, so that no record is ever made.

Belongs here: batches, and what HubSpot did not take. Does not belong here: which orders, or return records
(push.departed).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.calls.bisection import Problem, problems_by_halves
from ns_hs_orders.push.calls.refusals import Refusal, refusal_of_call, refusal_of_input
from ns_hs_orders.push.calls.upserts import Unanswered
from ns_hs_orders.push.ports import CrmRecord
from ns_hs_orders.trust.ports import UpdateInput, UpdatesById

BATCH = 100
_GONE = "OBJECT_NOT_FOUND"


@dataclass
class Emptied:
    """records: of orders that HubSpot emptied. left: those that it did not. problems: record id → what it said of them."""

    records: int = 0
    left: int = 0
    problems: dict[str, str] = field(default_factory=dict)


def empty_amounts(
    records: Sequence[CrmRecord],
    properties: Sequence[str],
    *,
    crm: UpdatesById,
    before: Callable[[Sequence[str]], None],
    progress: Progress = quiet,
) -> Emptied:
    """Empties the properties of these orders, a hundred a call. before: told the keys of each call before it is sent.

    Stops at the first call without an answer: the next run takes the rest. Raises RemoteError where HubSpot refuses the
    sync as such.
    """
    nothing = dict.fromkeys(properties, "")
    done = Emptied(left=len(records))

    def send(part: Sequence[CrmRecord]) -> Mapping[str, Problem]:
        inputs = [UpdateInput(one.id, nothing, f"t{n}") for n, one in enumerate(part)]
        answer = crm.batch_update("orders", inputs)
        done.records += len({one.id for one in answer.results})
        by_trace = {one.trace_id: one.record_id for one in inputs}
        problems: dict[str, Problem] = {}
        for found in answer.errors:
            if found.category == _GONE:
                continue  # an order that is gone tells nothing of returns any more
            ids = {by_trace[one] for one in found.trace_ids if one in by_trace} | set(found.ids)
            problems |= dict.fromkeys(ids or {part[0].id}, refusal_of_input(found))
        return problems

    for start in range(0, len(records), BATCH):
        part = records[start : start + BATCH]
        before([key for one in part if (key := one.properties.get(UNIQUE_ORDER_KEY))])
        problems = problems_by_halves(part, send, _id_of, _refused)
        done.left -= len(part) - len(problems)
        done.problems |= {key: one.explanation for key, one in problems.items()}
        progress("return amounts emptied on orders", start + len(part), len(records))
        if any(isinstance(one, Unanswered) for one in problems.values()):
            break
    return done


def _id_of(record: CrmRecord) -> str:
    return record.id


def _refused(_: CrmRecord, error: RemoteError) -> Refusal:
    return refusal_of_call(error)
