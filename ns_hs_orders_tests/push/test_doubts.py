"""Every plausible answer to what nobody has documented about HubSpot: the sync ends right under each."""

from __future__ import annotations

from typing import Any

import pytest

from ns_hs_orders_tests.push.builders import order
from ns_hs_orders_tests.push.conftest import Bench

DOUBTS: list[dict[str, Any]] = [
    {"hubspot_upsert_echoes_key": "never"},
    {"hubspot_upsert_echoes_key": "when_sent"},
    {"hubspot_upsert_trace_ids_ignored": True},
    {"hubspot_results_left_out": 1},
    {"hubspot_results_left_out": 200},
    {"hubspot_results_left_out": 2, "hubspot_upsert_echoes_key": "never"},
    {"hubspot_stale_reads": 1},
    {"hubspot_stale_reads": 2, "hubspot_upsert_echoes_key": "never"},
    {"hubspot_stale_reads": 1, "hubspot_results_left_out": 1},
    {"hubspot_upsert_on_archived_key": "revive"},
    {"hubspot_merge_makes_new_record": False},
    {"hubspot_empty_as_null": False},
    {"hubspot_stamp_moves_without_change": True},
]


@pytest.mark.parametrize("switches", DOUBTS, ids=lambda one: ",".join(f"{k[8:]}={v}" for k, v in one.items()))
def test_the_sync_ends_right_whatever_hubspot_does(bench: Bench, switches: dict[str, Any]) -> None:
    bench.switch(**switches)
    bench.push([order(number) for number in range(1, 6)], wait_seconds=None)

    changed = [order(number, lines=2, company="9002", ticket=2) for number in range(1, 6)]
    for ticket in range(2, 7):  # until quiet: an answer that shows nothing is read back a sync later
        outcomes = bench.outcomes(
            [order(n, lines=2, company="9002", ticket=ticket) for n in range(1, 6)], wait_seconds=None
        )

    assert set(outcomes.values()) == {"unchanged"}
    found = bench.holds()
    assert set(found) == {one.order_id for one in changed}
    for key, one in found.items():
        assert set(one["lines"]) == {f"{key}-1", f"{key}-2"}
        assert one["primary"] == one["companies"] == {"9002"}
    assert bench.loose_lines() == set()


def test_a_bad_order_is_found_though_trace_ids_are_ignored(bench: Bench) -> None:
    bench.switch(hubspot_upsert_trace_ids_ignored=True)
    orders = [order(number, lines=0) for number in range(1, 101)]
    orders[41] = order(42, lines=0, currency="CHF")

    results: dict[str, str] = {}
    calls = bench.calls(lambda: results.update(bench.outcomes(orders)))

    assert [key for key, outcome in results.items() if outcome == "rejected"] == ["42"]
    assert len(bench.holds()) == 99
    assert sum("orders/batch/upsert" in one for one in calls) <= 15


@pytest.mark.parametrize("answer", ["new", "revive"])
def test_an_order_archived_in_hubspot_comes_back(bench: Bench, answer: str) -> None:
    bench.switch(hubspot_upsert_on_archived_key=answer)
    bench.push([order(1)])
    bench.store.archive("orders", bench.store.objects("orders")[0]["id"])

    results = bench.outcomes([order(1, ticket=2).having(memo="again")])

    assert results["1"] in ("created", "updated")
    assert set(bench.holds()["1"]["lines"]) == {"1-1", "1-2", "1-3"}
    assert bench.holds()["1"]["primary"] == {"9001"}


@pytest.mark.parametrize("answer", ["refused", "conflict"])
def test_an_archived_record_that_blocks_the_key_rejects_its_order_with_the_way_out(
    bench: Bench, answer: str
) -> None:
    bench.switch(hubspot_upsert_on_archived_key=answer)
    bench.push([order(1), order(2)])
    ids = {one["properties"]["netsuite_internal_id"]: one["id"] for one in bench.store.objects("orders")}
    bench.store.archive("orders", ids["1"])

    changed = [order(1, ticket=2).having(memo="again"), order(2, ticket=2).having(memo="again")]
    results = bench.push(changed).set_index("order_id_netsuite")

    assert results["outcome"].to_dict() == {"1": "rejected", "2": "updated"}
    assert results.loc["1", "reason"] in ("archived_in_hubspot", "key_taken")
    assert "archived" in str(results.loc["1", "explanation"])


@pytest.mark.parametrize("kind", ["reset_after", "truncated", "not_json", "reset"])
@pytest.mark.parametrize(
    "path", ["orders/batch/upsert", "line_items/batch/upsert", "orders/line_items/batch/create"]
)
def test_a_lost_answer_leaves_the_order_due_until_the_lease_is_over(
    bench: Bench, kind: str, path: str
) -> None:
    bench.sandbox.faults.add({"kind": kind, "app": "hubspot", "path": path, "times": 2})

    first = bench.push([order(1)])
    assert first["outcome"].tolist() == ["due"]
    assert bench.states.in_flight(["1"], bench.clock.now()) == {"1"}

    assert bench.outcomes([order(1)], wait_seconds=None)["1"] in ("created", "updated")
    assert set(bench.holds()["1"]["lines"]) == {"1-1", "1-2", "1-3"}
    assert bench.loose_lines() == set()


@pytest.mark.parametrize("status", [423, 429, 500, 503])
def test_a_hubspot_that_is_busy_costs_a_wait_and_no_order(bench: Bench, status: int) -> None:
    bench.sandbox.faults.add(
        {
            "kind": "status",
            "app": "hubspot",
            "path": "line_items/batch/upsert",
            "status": status,
            "times": 1 if status == 429 else 2,
        }
    )

    assert bench.outcomes([order(1), order(2)], wait_seconds=None) == {"1": "updated", "2": "updated"}
    assert all(len(one["lines"]) == 3 for one in bench.holds().values())
