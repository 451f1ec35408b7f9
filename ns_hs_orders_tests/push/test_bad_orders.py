"""Bad orders in a full batch, in each way that HubSpot refuses: exactly they are rejected, and few calls are spent."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.push.calls.bisection import SILENT_IN_A_ROW
from ns_hs_orders.push.departed import Departure
from ns_hs_orders.push.jobs import Tools
from ns_hs_orders_tests.push.builders import DAY, Line, Order, order
from ns_hs_orders_tests.push.conftest import Bench

SIZE = 100
COUNTS = (1, 3, 50, 100)


def bound(bad: int) -> int:
    """Calls that one batch of a hundred may cost."""
    return 2 * bad * math.ceil(math.log2(SIZE)) + 1


def numbers(seed: int) -> range:
    """Ids of a batch of a hundred, other ones for each seed."""
    return range(1000 * (seed + 1), 1000 * (seed + 1) + SIZE)


def chosen(seed: int, count: int) -> set[str]:
    """Where the bad ones stand; the first placement of a single one is the costliest, the left end."""
    if seed == 0 and count == 1:
        return {str(numbers(0)[0])}
    return {str(one) for one in random.Random(f"{seed} {count}").sample(numbers(seed), count)}


def pushed(bench: Bench, orders: list[Order], **options: Any) -> tuple[pd.DataFrame, Counter[str]]:
    """The results by order id, and how often each path was called, refused and failed calls included."""
    bench.sandbox.calls.clear()
    results = bench.push(orders, **options).set_index("order_id_netsuite")
    calls = Counter(
        one.path.replace("2026-03/", "").removeprefix("/crm/") for one in bench.sandbox.calls.calls()
    )
    return results, calls


def rejected(results: pd.DataFrame) -> set[str]:
    return set(results.index[results["outcome"] == "rejected"])


def refusing(path: str, ids: set[str], *, status: int = 400, times: int = 0) -> dict[str, Any]:
    """HubSpot refuses every batch in which one of these ids is."""
    return {
        "kind": "status",
        "app": "hubspot",
        "path": f"{path}$|{path}\\?",
        "body": "|".join(f'"{one}"' for one in sorted(ids)),
        "status": status,
        "answer": {"status": "error", "category": "VALIDATION_ERROR", "message": "it is bad"},
        "times": times,
    }


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("way", ["400", "207"])
def test_bad_orders_are_rejected_and_all_others_written_within_the_bound(
    bench: Bench, way: str, count: int
) -> None:
    bench.switch(hubspot_upsert_trace_ids_ignored=way == "400")
    for seed in range(1 if count == SIZE else 2):
        bad = chosen(seed, count)
        orders = [order(one, 1, currency="CHF" if str(one) in bad else "USD") for one in numbers(seed)]

        results, calls = pushed(bench, orders)

        assert rejected(results) == bad
        assert set(results.loc[sorted(bad), "reason"]) == {"currency_not_enabled"}
        assert results.loc[sorted(bad), "explanation"].str.contains("does not have the currency CHF").all()
        assert set(results["outcome"].drop(list(bad))) <= {"created"}
        found = bench.holds()
        good = {str(one) for one in numbers(seed)} - bad
        assert {one for one in found if int(one) in numbers(seed)} == good
        assert all(found[one]["lines"] == {f"{one}-1": "10"} for one in good)
        spent = calls["objects/orders/batch/upsert"] + calls["objects/orders/batch/read"]
        assert spent <= bound(count)
        assert way == "400" or spent == 1
        steps = 5 if good else 2  # owners and companies asked, then lines, and two kinds of associations
        assert calls.total() - spent == steps
    assert bench.loose_lines() == set()


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("ignored", [True, False], ids=["409", "207"])
def test_keys_that_archived_records_hold_reject_their_orders_only(
    bench: Bench, count: int, *, ignored: bool
) -> None:
    bench.switch(hubspot_upsert_trace_ids_ignored=ignored, hubspot_upsert_on_archived_key="conflict")
    bad = chosen(1, count)
    bench.push([order(one, 0) for one in numbers(1) if str(one) in bad])
    for one in bench.store.objects("orders"):
        bench.store.archive("orders", one["id"])

    results, calls = pushed(bench, [order(one, 0, ticket=2).having(memo="new") for one in numbers(1)])

    assert rejected(results) == bad
    assert set(results.loc[sorted(bad), "reason"]) == {"key_taken"}
    assert results.loc[sorted(bad), "explanation"].str.contains("already exists. Existing ID:").all()
    assert set(bench.holds()) == {str(one) for one in numbers(1)} - bad
    spent = calls["objects/orders/batch/upsert"] + calls["objects/orders/batch/read"]
    assert spent <= (bound(count) if ignored else 1)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("way", ["400", "207"])
def test_bad_lines_reject_their_orders_only(bench: Bench, way: str, count: int) -> None:
    bench.switch(hubspot_negative_quantity_refused=True, hubspot_upsert_trace_ids_ignored=way == "400")
    bad = chosen(1, count)
    orders = [
        replace(order(one, 0), lines=(Line(f"{one}-1", quantity="-1" if str(one) in bad else "1"),))
        for one in numbers(1)
    ]

    results, calls = pushed(bench, orders)

    assert rejected(results) == bad
    assert results.loc[sorted(bad), "explanation"].str.contains("Line 'Tumbler").all()
    found = bench.holds()
    assert {one for one, held in found.items() if held["lines"]} == set(found) - bad
    assert calls["objects/line_items/batch/upsert"] <= (bound(count) if way == "400" else 1)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("way", ["400", "207"])
def test_companies_that_go_while_orders_are_written_reject_their_orders_only(
    bench: Bench, way: str, count: int
) -> None:
    bad = chosen(1, count)
    orders = [order(one, 1, company="9003" if str(one) in bad else "9001") for one in numbers(1)]
    if way == "400":
        bench.sandbox.faults.add(refusing("orders/companies/batch/create", {"9003"}))

    results, calls = pushed(bench, orders, meanwhile=lambda: bench.store.archive("companies", "9003"))

    assert rejected(results) == bad
    assert set(results.loc[sorted(bad), "reason"]) == {"association_refused"}
    assert results.loc[sorted(bad), "explanation"].str.contains(r"its company \(record 9003\)").all()
    found = bench.holds()
    assert {one for one, held in found.items() if held["primary"]} == set(found) - bad
    spent = calls["associations/orders/companies/batch/create"]
    assert spent <= (bound(count) if way == "400" else 1)


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize(
    "refused, path",
    [
        ("line", "objects/line_items/batch/archive"),
        ("order", "associations/orders/companies/batch/read"),
        ("order", "associations/orders/companies/batch/archive"),
        ("order", "associations/orders/line_items/batch/create"),
        ("order", "associations/orders/line_items/batch/read"),
    ],
)
def test_what_hangs_on_an_order_and_is_refused_rejects_that_order_only(
    bench: Bench, refused: str, path: str, count: int
) -> None:
    bad = chosen(1, count)
    bench.push([order(one, 2) for one in numbers(1)])
    ids = {one["properties"]["netsuite_internal_id"]: one["id"] for one in bench.store.objects("orders")}
    second_lines = {
        one["properties"]["netsuite_line_key"].removesuffix("-2"): one["id"]
        for one in bench.store.objects("line_items")
        if one["properties"]["netsuite_line_key"].endswith("-2")
    }
    by_order = second_lines if refused == "line" else ids
    bench.sandbox.faults.add(refusing(path.partition("/")[2], {by_order[one] for one in bad}))
    bench.states.mark_different(sorted(ids), ticket=1, cause="a test", now=bench.clock.now())

    results, calls = pushed(bench, [order(one, 1, company="9002", ticket=2) for one in numbers(1)])

    assert rejected(results) == bad
    assert results.loc[sorted(bad), "explanation"].str.contains("HubSpot said: it is bad").all()
    found = bench.holds()
    good = set(found) - bad
    assert all(set(found[one]["lines"]) == {f"{one}-1"} for one in good)
    assert all(found[one]["companies"] == {"9002"} for one in good)
    assert calls[path] <= bound(count)


@pytest.mark.parametrize("path", ["orders/batch/read", "orders/batch/archive", "line_items/batch/archive"])
def test_deleted_orders_that_hubspot_does_not_let_go_stay_due_alone(bench: Bench, path: str) -> None:
    bad = chosen(1, 3)
    bench.push([order(one, 1) for one in numbers(1)])
    keys = [str(one) for one in numbers(1)]
    of_order = {one["properties"]["netsuite_internal_id"]: one["id"] for one in bench.store.objects("orders")}
    of_line = {
        one["properties"]["netsuite_line_key"].partition("-")[0]: one["id"]
        for one in bench.store.objects("line_items")
    }
    named = {"orders/batch/read": dict(zip(keys, keys, strict=True)), "orders/batch/archive": of_order}
    ids = named.get(path, of_line)
    bench.sandbox.faults.add(refusing(path, {ids[one] for one in bad}))
    lease, request = timedelta(seconds=240), timedelta(seconds=150)
    tools = Tools(
        bench.crm, bench.associations, bench.states, bench.clock, "run-1/x", "run-1", "", lease, request, bool
    )
    departure = Departure(tools, 2, None)
    bench.sandbox.calls.clear()

    departure.take_out(keys, bench.states.load(keys), DAY)

    assert {one for one, outcome in departure.fates.items() if outcome == "due"} == bad
    assert set(bench.holds()) == bad
    assert {bench.states.load([one])[one].reason for one in bad} == {"hubspot_refused"}
    assert sum(path in one.path for one in bench.sandbox.calls.calls()) <= bound(3)


@pytest.mark.parametrize("path", ["objects/2026-03/orders/batch/upsert", "line_items/batch/upsert"])
@pytest.mark.parametrize("count", [1, 3])
def test_orders_over_which_hubspot_breaks_stay_due_alone(bench: Bench, path: str, count: int) -> None:
    bad = chosen(1, count)
    key = "{}-1" if "line_items" in path else "{}"
    bench.sandbox.faults.add(refusing(path, {key.format(one) for one in bad}, status=500))

    results, calls = pushed(bench, [order(one, 1) for one in numbers(1)], wait_seconds=165)

    assert set(results.index[results["outcome"] == "due"]) == bad
    assert set(results.loc[sorted(bad), "reason"]) == {"no_answer"}
    assert results.loc[sorted(bad), "explanation"].str.contains("it is bad").all()
    found = bench.holds()
    good = {str(one) for one in numbers(1)} - bad
    assert all(found[one]["lines"] == {f"{one}-1": "10"} for one in good)
    assert set(bench.states.load(sorted(good))) == good
    tries = 2
    assert calls[f"objects/{path.removeprefix('objects/2026-03/')}"] <= tries * bound(count)
    assert bench.clock.slept == 0


def test_a_hubspot_that_is_down_is_asked_a_few_times_more_and_no_oftener(bench: Bench) -> None:
    bench.sandbox.faults.add(refusing("orders/batch/upsert", {""}, status=500) | {"body": ""})

    results, calls = pushed(bench, [order(one, 1) for one in range(1, 501)], wait_seconds=1)

    assert set(results["outcome"]) == {"due"}
    assert bench.holds() == {}
    tries, batches = 2, 5
    assert calls["objects/orders/batch/upsert"] <= tries * (batches + 2 * SILENT_IN_A_ROW)
