"""The push end to end against the emulator: what HubSpot then holds, and what it cost."""

from __future__ import annotations

from ns_hs_orders_tests.push.builders import Line, held, mapped, order
from ns_hs_orders_tests.push.conftest import Bench


def test_new_orders_are_in_hubspot_with_lines_and_primary_company(bench: Bench) -> None:
    assert bench.outcomes([order(1001), order(1002, company="9002")]) == {
        "1001": "created",
        "1002": "created",
    }

    found = bench.holds()
    assert found["1001"]["total"] == "30"
    assert found["1001"]["lines"] == {"1001-1": "10", "1001-2": "10", "1001-3": "10"}
    assert found["1001"]["primary"] == {"9001"}
    assert found["1002"]["primary"] == {"9002"}
    assert bench.loose_lines() == set()


def test_a_second_run_makes_no_write_call(bench: Bench) -> None:
    orders = [order(number) for number in range(1, 131)]
    bench.push(orders)
    written = bench.store.write_calls()

    again = bench.push([order(number, ticket=2) for number in range(1, 131)])

    assert set(again["outcome"]) == {"unchanged"}
    assert again["order_id_hubspot"].notna().all()
    assert bench.store.write_calls() == written
