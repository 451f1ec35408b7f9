"""Upserts of any number of records: batches of 100, matched by key, bisected down to the bad ones.

Belongs here: which input was written, refused or not answered. Does not belong here: what that means
for the order (unit).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.calls.refusals import Refusal, refusal_of_call, refusal_of_input
from ns_hs_orders.push.calls.same_value import holds
from ns_hs_orders.push.calls.side_by_side import Each, one_after_another
from ns_hs_orders.push.ports import BatchAnswer, CrmObjects, CrmRecord, InputError, UpsertInput

BATCH = 100
NO_ANSWER = "no_answer"
_REFUSED = frozenset({400, 409, 413, 422})


@dataclass(frozen=True)
class Written:
    """HubSpot has taken the record. is_new: None where the answer did not say."""

    record_id: str
    is_new: bool | None


@dataclass(frozen=True)
class Unanswered:
    """Nobody knows whether HubSpot has taken the record, or it was not sent. reason: a code."""

    reason: str
    explanation: str
    was_sent: bool


Result = Written | Refusal | Unanswered


def is_refusal(error: RemoteError) -> bool:
    """Whether the call was refused for what was in it, so that a part of it may be taken."""
    return not error.transient and not error.outcome_unknown and error.status in _REFUSED


def has_no_answer(error: RemoteError) -> bool:
    """Whether a later try may do."""
    return error.transient or error.outcome_unknown


def no_answer(error: RemoteError) -> Unanswered:
    """What is known of a record after a call that failed for now; was_sent: it may yet be applied."""
    return Unanswered(NO_ANSWER, str(error), was_sent=error.outcome_unknown)


NOT_SENT = Unanswered(
    "lease_ended", "The time to write this order was over before it could be sent; it is tried again.", False
)


class Upserts:
    """Upserts records of one object type by one unique property.

    may_send: asked before each request; what may no longer be sent comes back `Unanswered`. each: how the
    batches are sent. results: what came back, also where `all` raised.
    """

    def __init__(
        self,
        crm: CrmObjects,
        object_type: str,
        key_property: str,
        may_send: Callable[[], bool],
        each: Each = one_after_another,
    ) -> None:
        self._crm = crm
        self._object_type = object_type
        self._key_property = key_property
        self._may_send = may_send
        self._each = each
        self.results: dict[str, Result] = {}

    def all(self, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, Result]:
        """Upserts key → properties; exactly one result a key.

        Raises RemoteError where HubSpot refuses the sync as such (credentials, scopes, paths).
        """
        inputs = [
            UpsertInput(key, properties, trace_id=f"t{number}")
            for number, (key, properties) in enumerate(wanted.items())
        ]
        batches = [inputs[start : start + BATCH] for start in range(0, len(inputs), BATCH)]
        answers, refused = self._each(self._sent, batches)
        self.results = {key: result for answer in answers for key, result in answer.items()}
        if refused is not None:
            raise refused
        return self.results

    def _sent(self, inputs: Sequence[UpsertInput]) -> dict[str, Result]:
        if not inputs:
            return {}
        if not self._may_send():
            return {one.key: NOT_SENT for one in inputs}
        try:
            answer = self._crm.batch_upsert(self._object_type, self._key_property, inputs)
        except RemoteError as error:
            if is_refusal(error):
                return self._split(inputs, error)
            if has_no_answer(error):
                return {one.key: no_answer(error) for one in inputs}
            raise
        return self._matched(inputs, answer)

    def _split(self, inputs: Sequence[UpsertInput], error: RemoteError) -> dict[str, Result]:
        """The refused batch in two parts: those that HubSpot names and the rest, else two halves."""
        refusal = refusal_of_call(error)
        if len(inputs) == 1 or refusal.same_for_all:
            return {one.key: refusal for one in inputs}
        names = _named_by(error)
        named = [one for one in inputs if one.key in names or one.trace_id in names]
        if 0 < len(named) < len(inputs):
            chosen = {one.key for one in named}
            first: Sequence[UpsertInput] = named
            rest: Sequence[UpsertInput] = [one for one in inputs if one.key not in chosen]
        else:
            middle = len(inputs) // 2
            first, rest = inputs[:middle], inputs[middle:]
        results = self._sent(first)
        if len(rest) > 1 and all(isinstance(one, Written) for one in results.values()):
            # refused together, and not for the first part: so it is known that the rest would be refused
            return results | self._split(rest, error)
        return results | self._sent(rest)

    def _matched(self, inputs: Sequence[UpsertInput], answer: BatchAnswer) -> dict[str, Result]:
        """Each input's own result; what the answer leaves out is read back."""
        by_key = {one.key: one for one in inputs}
        by_trace = {one.trace_id: one.key for one in inputs}
        results: dict[str, Result] = {}
        nameless: list[CrmRecord] = []
        for record in answer.results:
            key = record.properties.get(self._key_property) or by_trace.get(record.trace_id or "")
            if key in by_key:
                results[key] = Written(record.id, record.is_new)
            else:
                nameless.append(record)
        unnamed: list[InputError] = []
        for error in answer.errors:
            keys = {by_trace[one] for one in error.trace_ids if one in by_trace}
            keys |= {one for one in error.ids if one in by_key}
            if not keys:
                unnamed.append(error)
            for key in keys:
                results[key] = refusal_of_input(error) if key not in results else _contradiction(error)
        left = [one for one in inputs if one.key not in results]
        if left and not (unnamed and len(inputs) == 1):
            results |= self._read_back(left, nameless)
        left = [one for one in left if one.key not in results]
        return results | self._unaccounted(left, unnamed)

    def _read_back(self, inputs: Sequence[UpsertInput], nameless: Sequence[CrmRecord]) -> dict[str, Result]:
        """Finds by key what an answer did not name, or left out although it was written."""
        names = sorted({name for one in inputs for name in one.properties} | {self._key_property})
        try:
            answer = self._crm.batch_read(
                self._object_type, [one.key for one in inputs], names, key_property=self._key_property
            )
        except RemoteError as error:
            if is_refusal(error) and len(inputs) > 1:
                middle = len(inputs) // 2
                return self._read_back(inputs[:middle], nameless) | self._read_back(inputs[middle:], nameless)
            if has_no_answer(error) or is_refusal(error):
                return {}
            raise
        found = {record.properties.get(self._key_property): record for record in answer.results}
        answered = {record.id: record for record in nameless}
        results: dict[str, Result] = {}
        for one in inputs:
            record = found.get(one.key)
            if record is None:
                continue
            if record.id in answered:
                results[one.key] = Written(record.id, answered[record.id].is_new)
            elif holds(one.properties, record.properties):
                results[one.key] = Written(record.id, None)
        return results

    def _unaccounted(self, left: Sequence[UpsertInput], unnamed: Sequence[InputError]) -> dict[str, Result]:
        """What is neither written nor refused: sent again in halves while an error could be of any of them."""
        if not unnamed or not left:
            return {
                one.key: Unanswered("left_out", "HubSpot's answer left this record out.", was_sent=True)
                for one in left
            }
        refusals = [refusal_of_input(one) for one in unnamed]
        if len(left) == 1 or (len(left) == len(refusals) and len(set(refusals)) == 1):
            return {one.key: refusals[0] for one in left}
        middle = len(left) // 2
        return self._sent(left[:middle]) | self._sent(left[middle:])


def _contradiction(error: InputError) -> Unanswered:
    return Unanswered("contradiction", f"HubSpot called it written and refused: {error.message}", True)


def _named_by(error: RemoteError) -> set[str]:
    """The ids and trace ids that the body of a refused call names."""
    body = error.body if isinstance(error.body, Mapping) else {}
    context = body.get("context")
    if not isinstance(context, Mapping):
        return set()
    named: set[str] = set()
    for field in ("ids", "objectWriteTraceId", "propertyValue"):
        found = context.get(field)
        if isinstance(found, list):
            named.update(str(one) for one in found)
    return named
