"""Associations that are made and removed, against a scripted HubSpot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.associations.attachments import LINKED, ORDER_TO_PRIMARY_COMPANY, Attachments, Pair
from ns_hs_orders.push.calls.refusals import Refusal
from ns_hs_orders.push.ports import AssociatedRecord, AssociationInput, BatchAnswer, CrmRecord, InputError


class Scripted:
    """Resolves merged ids as HubSpot may do: what is removed by a former id goes from the survivor."""

    def __init__(self, merged: dict[str, str] | None = None, bad: set[str] | None = None) -> None:
        self.merged = merged or {}
        self.bad = bad or set()
        self.pairs: set[tuple[str, str]] = set()
        self.whole_call = False
        self.calls = 0

    def batch_read(self, _type: str, ids: Sequence[str], _properties: Any, **_options: Any) -> BatchAnswer:
        found: dict[str, list[str]] = {}
        for one in ids:
            found.setdefault(self.merged.get(one, one), []).append(one)
        return BatchAnswer(
            tuple(CrmRecord(one, {"hs_merged_object_ids": ";".join(former)}) for one, former in found.items())
        )

    def create(self, _from: str, _to: str, inputs: Sequence[AssociationInput]) -> tuple[InputError, ...]:
        self.calls += 1
        bad = [one for one in inputs if one.to_id in self.bad]
        if bad and self.whole_call:
            raise RemoteError("no", system="hubspot", status=400, body={"message": "no such company"})
        self.pairs |= {(one.from_id, one.to_id) for one in inputs if one not in bad}
        return (InputError("VALIDATION_ERROR", "no such company"),) if bad else ()

    def remove(self, _from: str, _to: str, inputs: Sequence[AssociationInput]) -> tuple[InputError, ...]:
        self.pairs -= {(one.from_id, self.merged.get(one.to_id, one.to_id)) for one in inputs}
        return ()

    def read(self, _from: str, _to: str, ids: Sequence[str]) -> list[AssociatedRecord]:
        return [
            AssociatedRecord(one, to, frozenset({509, 934})) for one, to in sorted(self.pairs) if one in ids
        ]


def test_a_former_company_that_was_merged_into_the_present_one_stays() -> None:
    hubspot = Scripted(merged={"1": "9"})
    hubspot.pairs = {("o1", "9"), ("o2", "9"), ("o2", "5")}
    attachments = Attachments(hubspot, hubspot, lambda: True)  # type: ignore[arg-type]

    problems = attachments.remove(
        LINKED["company"], [Pair("o1", "1"), Pair("o2", "1")], {"o1": "9", "o2": "5"}
    )

    assert problems == {}
    assert hubspot.pairs == {("o1", "9"), ("o2", "5")}


def test_an_association_that_hubspot_does_not_show_yet_is_removed_all_the_same() -> None:
    class Late(Scripted):
        def read(self, *_given: Any) -> list[AssociatedRecord]:
            return []

    hubspot = Late()
    hubspot.pairs = {("o1", "1"), ("o1", "9")}
    attachments = Attachments(hubspot, hubspot, lambda: True)  # type: ignore[arg-type]

    assert attachments.remove(LINKED["deal"], [Pair("o1", "1")], {"o1": "9"}) == {}
    assert hubspot.pairs == {("o1", "9")}


@pytest.mark.parametrize("whole_call", [True, False])
def test_a_refused_association_is_the_problem_of_its_order_only(whole_call: bool) -> None:
    hubspot = Scripted(bad={"404"})
    hubspot.whole_call = whole_call
    attachments = Attachments(hubspot, hubspot, lambda: True)  # type: ignore[arg-type]
    pairs = [Pair(f"o{number}", "404" if number == 7 else "1") for number in range(20)]

    problems = attachments.associate("companies", ORDER_TO_PRIMARY_COMPANY, pairs)

    assert set(problems) == {"o7"}
    assert isinstance(problems["o7"], Refusal)
    assert "no such company" in problems["o7"].explanation
    assert len(hubspot.pairs) == 19


def test_each_order_is_told_of_its_own_pair() -> None:
    class Naming(Scripted):
        def create(self, *given: Any) -> tuple[InputError, ...]:
            super().create(*given)
            return (
                InputError("VALIDATION_ERROR", "404 was merged", ids=("o2", "404")),
                InputError("VALIDATION_ERROR", "405 is gone", ids=("405",)),
            )

    hubspot = Naming(bad={"404", "405"})
    attachments = Attachments(hubspot, hubspot, lambda: True)  # type: ignore[arg-type]

    problems = attachments.associate(
        "companies", 509, [Pair("o1", "405"), Pair("o2", "404"), Pair("o3", "1")]
    )

    assert set(problems) == {"o1", "o2"}
    assert problems["o1"].explanation.endswith("its company (record 405). HubSpot said: 405 is gone")
    assert problems["o2"].explanation.endswith("its company (record 404). HubSpot said: 404 was merged")


def test_associations_go_two_thousand_at_a_time() -> None:
    hubspot = Scripted()
    attachments = Attachments(hubspot, hubspot, lambda: True)  # type: ignore[arg-type]

    attachments.associate("line_items", 513, [Pair("o1", str(number)) for number in range(4001)])

    assert hubspot.calls == 3
    assert len(hubspot.pairs) == 4001
