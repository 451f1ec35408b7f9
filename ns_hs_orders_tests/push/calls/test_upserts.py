"""Matching, bisecting and counting of batch upserts, against a scripted HubSpot."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from typing import Any, Literal

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.calls.refusals import Refusal
from ns_hs_orders.push.calls.upserts import Unanswered, Upserts, Written
from ns_hs_orders.push.ports import BatchAnswer, CrmRecord, InputError, UpsertInput

KEY = "netsuite_internal_id"
Way = Literal["400", "409", "207", "nameless 207"]


class Scripted:
    """Refuses the bad keys in one of HubSpot's ways; answers unordered, doubled or short as told."""

    def __init__(self, bad: set[str], way: Way = "400") -> None:
        self.bad, self.way = bad, way
        self.written: dict[str, dict[str, str]] = {}
        self.upserts = self.reads = 0
        self.doubled = False
        self.left_out = 0
        self.echo = True

    def batch_upsert(self, _type: str, _key: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
        self.upserts += 1
        assert 0 < len(inputs) <= 100
        assert len({one.trace_id for one in inputs}) == len(inputs)
        bad = [one for one in inputs if one.key in self.bad]
        if bad and self.way in ("400", "409"):
            raise RemoteError(
                "refused", system="hubspot", status=int(self.way), body={"message": f"{bad[0].key} is bad"}
            )
        good = [one for one in inputs if one.key not in self.bad]
        self.written |= {one.key: dict(one.properties) for one in good}
        records = [
            CrmRecord(f"id-{one.key}", {KEY: one.key} if self.echo else {}, is_new=True) for one in good
        ]
        records += records if self.doubled else []
        random.Random(4).shuffle(records)
        named = self.way == "207"
        errors = [
            InputError("VALIDATION_ERROR", f"{one.key} is bad", (one.trace_id,) if named else ())
            for one in bad
        ]
        return BatchAnswer(tuple(records[self.left_out :]), tuple(errors))

    def batch_read(self, _type: str, ids: Sequence[str], _properties: Any, **_options: Any) -> BatchAnswer:
        self.reads += 1
        return BatchAnswer(
            tuple(
                CrmRecord(f"id-{one}", {KEY: one, **self.written[one]}) for one in ids if one in self.written
            )
        )


def upserted(crm: Any, keys: Sequence[str], may_send: Any = lambda: True) -> dict[str, Any]:
    return Upserts(crm, "orders", KEY, may_send).all({one: {"hs_order_name": one} for one in keys})


@pytest.mark.parametrize("way", ["400", "409", "207", "nameless 207"])
@pytest.mark.parametrize("count", [1, 3, 50, 100])
def test_exactly_the_bad_ones_are_refused_within_the_bound(way: Way, count: int) -> None:
    keys = [str(number) for number in range(100)]
    bad = set(random.Random(count).sample(keys, count))
    crm = Scripted(bad, way)

    results = upserted(crm, keys)

    assert {key for key, one in results.items() if isinstance(one, Refusal)} == bad
    assert {key for key, one in results.items() if isinstance(one, Written)} == set(keys) - bad
    assert set(crm.written) == set(keys) - bad
    assert all(f"{key} is bad" in results[key].explanation for key in bad)
    assert crm.upserts <= 2 * count * math.ceil(math.log2(100)) + 1
    if way == "207":
        assert crm.upserts == 1


def test_one_bad_order_costs_at_most_fifteen_calls_wherever_it_is() -> None:
    keys = [str(number) for number in range(100)]
    for bad in keys:
        crm = Scripted({bad})
        upserted(crm, keys)
        assert crm.upserts <= 15


def test_a_refused_call_that_names_its_bad_input_is_split_there() -> None:
    class Naming(Scripted):
        def batch_upsert(self, kind: str, key: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
            try:
                return super().batch_upsert(kind, key, inputs)
            except RemoteError as error:
                error.body = {"message": "bad", "context": {"ids": ["42"]}}
                raise

    crm = Naming({"42"})
    results = upserted(crm, [str(number) for number in range(100)])

    assert [key for key, one in results.items() if isinstance(one, Refusal)] == ["42"]
    assert crm.upserts == 3


@pytest.mark.parametrize("left_out", [0, 1, 100])
@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize("echo", [True, False])
def test_short_doubled_and_unordered_answers_end_with_the_right_ids(
    left_out: int, doubled: bool, echo: bool
) -> None:
    crm = Scripted(set())
    crm.left_out, crm.doubled, crm.echo = left_out, doubled, echo
    keys = [str(number) for number in range(100)]

    results = upserted(crm, keys)

    assert {key: one.record_id for key, one in results.items()} == {key: f"id-{key}" for key in keys}
    assert crm.upserts == 1


def test_what_was_not_written_and_not_refused_is_unanswered() -> None:
    class Forgetful(Scripted):
        def batch_upsert(self, kind: str, key: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
            return super().batch_upsert(kind, key, inputs[1:])

    results = upserted(Forgetful(set()), ["1", "2"])

    assert isinstance(results["2"], Written)
    assert isinstance(results["1"], Unanswered)
    assert results["1"].reason == "left_out"


def test_a_record_that_is_found_with_other_values_was_not_written() -> None:
    class Old(Scripted):
        def batch_upsert(self, _kind: str, _key: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
            self.written = {one.key: {"hs_order_name": "old"} for one in inputs}
            return BatchAnswer(())

    assert isinstance(upserted(Old(set()), ["1"])["1"], Unanswered)


def test_a_record_called_written_and_refused_is_not_believed() -> None:
    class Contradicting(Scripted):
        def batch_upsert(self, kind: str, key: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
            answer = super().batch_upsert(kind, key, inputs)
            return BatchAnswer(answer.results, (InputError("X", "no", (inputs[0].trace_id,)),))

    results = upserted(Contradicting(set()), ["1", "2"])

    assert isinstance(results["1"], Unanswered)
    assert isinstance(results["2"], Written)


@pytest.mark.parametrize("transient, unknown", [(True, False), (False, True)])
def test_a_call_without_an_answer_leaves_its_batch_unanswered_only(transient: bool, unknown: bool) -> None:
    class Lost(Scripted):
        def batch_upsert(self, kind: str, key: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
            if inputs[0].key == "0":
                raise RemoteError("lost", system="hubspot", transient=transient, outcome_unknown=unknown)
            return super().batch_upsert(kind, key, inputs)

    results = upserted(Lost(set()), [str(number) for number in range(150)])

    assert sum(isinstance(one, Unanswered) for one in results.values()) == 100
    assert sum(isinstance(one, Written) for one in results.values()) == 50


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_of_the_sync_itself_is_raised(status: int) -> None:
    class Forbidden(Scripted):
        def batch_upsert(self, *_given: Any) -> BatchAnswer:
            raise RemoteError("no", system="hubspot", status=status)

    with pytest.raises(RemoteError):
        upserted(Forbidden(set()), ["1"])


def test_nothing_is_sent_when_nothing_may_be_sent() -> None:
    crm = Scripted(set())

    results = upserted(crm, ["1"], may_send=lambda: False)

    assert results["1"] == Unanswered("lease_ended", results["1"].explanation, was_sent=False)
    assert crm.upserts == 0


def test_every_error_of_a_values_refusal_is_told() -> None:
    class Invalid(Scripted):
        def batch_upsert(self, *_given: Any) -> BatchAnswer:
            details = [
                {"name": "hs_currency_code", "error": "INVALID_OPTION", "message": "CHF was not one of the allowed options: [EUR]"},
                {"name": "hs_order_note", "error": "STRING_TOO_LONG", "message": "too long"},
            ]  # fmt: skip
            raise RemoteError(
                "refused",
                system="hubspot",
                status=400,
                body={"message": "Property values were not valid: " + json.dumps(details)},
            )

    refusal = upserted(Invalid(set()), ["1"])["1"]

    assert refusal.reason == "currency_not_enabled"
    assert "CHF" in refusal.explanation
    assert "“Memo”" in refusal.explanation
