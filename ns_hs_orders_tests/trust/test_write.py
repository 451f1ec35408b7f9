"""Writing marks to HubSpot's emulator: by id, only what changed, never a new record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.state.proof.trust_marks import TrustMarkStore
from ns_hs_orders.trust.ports import TrustMark
from ns_hs_orders.trust.write import TrustWritten, to_be_written, write_marks
from ns_hs_orders_tests.push.conftest import Bench

AT = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)


def hold(bench: Bench, count: int) -> list[TrustMark]:
    """So many orders in HubSpot, and a mark for each."""
    ids = [str(700_000 + number) for number in range(count)]
    bench.store.load(
        "orders", [{"id": one, "netsuite_internal_id": f"1{one}", "hs_order_name": f"SO{one}"} for one in ids]
    )
    return [TrustMark(f"1{one}", one, "agrees", "0.00", "") for one in ids]


def write(bench: Bench, marks: Sequence[TrustMark], at: datetime = AT) -> TrustWritten:
    """Writes those of the marks that changed."""
    known = TrustMarkStore(bench.state)
    changed = to_be_written(marks, known)
    return write_marks(changed, crm=bench.client.objects, known=known, verified_at=at, now=bench.clock.now())


def says(bench: Bench) -> dict[str, tuple[Any, ...]]:
    """Record id → what HubSpot holds of its verification."""
    names = ("verification", "verified_difference", "verification_reason", "verified_at")
    return {
        one["id"]: tuple(one["properties"].get(f"netsuite_{name}") for name in names)
        for one in bench.store.objects("orders")
    }


def test_each_order_is_told_once_and_again_when_its_state_changes(bench: Bench) -> None:
    marks = hold(bench, 2)
    assert write(bench, marks) == TrustWritten(2)
    assert set(says(bench).values()) == {("agrees", "0", None, "2026-03-04T06:00:00.000Z")}
    assert bench.calls(lambda: write(bench, marks)) == []

    later = AT.replace(day=5)
    changed = [marks[0], marks[1]._replace(verification="differs", difference="-10.00", reason="Edited.")]
    assert write(bench, changed, later) == TrustWritten(1)
    assert says(bench) == {
        "700000": ("agrees", "0", None, "2026-03-04T06:00:00.000Z"),
        "700001": ("differs", "-10", "Edited.", "2026-03-05T06:00:00.000Z"),
    }
    assert write(bench, marks, later) == TrustWritten(1)
    assert says(bench)["700001"][:3] == ("agrees", "0", None)


def test_an_order_that_came_back_under_another_record_is_told_anew(bench: Bench) -> None:
    first, second = hold(bench, 2)
    write(bench, [first])
    assert write(bench, [first._replace(record_id=second.record_id)]) == TrustWritten(1)
    assert says(bench)[second.record_id][0] == "agrees"


def test_a_hundred_orders_are_told_in_one_call(bench: Bench) -> None:
    marks = hold(bench, 101)
    calls = bench.calls(lambda: write(bench, marks))
    assert calls == ["objects/2026-03/orders/batch/update"] * 2
    assert {one[0] for one in says(bench).values()} == {"agrees"}


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_record_that_is_gone_is_passed_over_and_never_made_anew(bench: Bench, is_alone: bool) -> None:
    marks = hold(bench, 3)
    bench.store.archive("orders", marks[1].record_id)
    chosen = marks[1:2] if is_alone else marks
    assert write(bench, chosen) == TrustWritten(len(chosen) - 1, gone=1)
    assert len(bench.store.objects("orders")) == 2
    assert to_be_written(chosen, TrustMarkStore(bench.state)) == [marks[1]]


def test_a_value_that_hubspot_refuses_stops_no_other_order_and_is_told(bench: Bench) -> None:
    marks = hold(bench, 3)
    wrong = [marks[0], marks[1]._replace(difference="ten"), marks[2]]
    done = write(bench, wrong)
    assert done.written == 2
    assert "HubSpot refused it for 1 orders, such as 1700001" in done.warnings[0]
    assert [one[0] for one in says(bench).values()] == ["agrees", None, "agrees"]


def test_what_had_no_answer_is_told_next_time(bench: Bench) -> None:
    marks = hold(bench, 101)
    path = "orders/batch/update"
    bench.sandbox.faults.add({"kind": "status", "app": "hubspot", "path": path, "status": 503, "times": 0})
    done = write(bench, marks)
    assert done.written == 0
    assert "HubSpot did not answer for 100 orders, such as 1700000" in done.warnings[0]
    bench.sandbox.faults.clear()
    assert write(bench, marks) == TrustWritten(101)


def test_credentials_that_hubspot_refuses_are_an_error(bench: Bench) -> None:
    marks = hold(bench, 1)
    path = "orders/batch/update"
    bench.sandbox.faults.add({"kind": "status", "app": "hubspot", "path": path, "status": 401})
    with pytest.raises(RemoteError, match="401"):
        write(bench, marks)
