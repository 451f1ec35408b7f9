"""Whatever the real systems do where nobody knows: the sync ends with both sides equal."""

from __future__ import annotations

from typing import Any

import pytest

from ns_hs_orders_tests.end_to_end.conftest import Make

DOUBTS: list[dict[str, Any]] = [
    {},
    {"hubspot_upsert_echoes_key": "when_sent"},
    {"hubspot_upsert_echoes_key": "never"},
    {"hubspot_upsert_trace_ids_ignored": True},
    {"hubspot_results_left_out": 1},
    {"hubspot_stale_reads": 1},
    {"hubspot_negative_quantity_refused": True},
    {"hubspot_empty_as_null": False},
    {"hubspot_stamp_moves_without_change": True},
    {"bound_to_date_refused": True},
    {"bound_number_refused": True},
    {"sys_extract_utc_refused": True},
    {"drop_computed_aliases": True},
    {"short_decimals": True},
    {"session_time_zone": "Europe/Berlin"},
    {"session_time_zone": "UTC"},
    {"session_time_zone": "Asia/Kolkata", "sys_extract_utc_refused": True},
    {"oneworld": False},
    {
        "missing_columns": [
            "transaction.saleseffectivedate",
            "transaction.partner",
            "transactionline.itemtype",
        ]
    },
    {"missing_columns": ["transaction.partner"], "missing_columns_answer": "unexpected"},
    {"hidden_tables": ["trackingnumber", "partner", "job"]},
    {"hidden_tables": ["trackingnumbermap", "transactionshippingaddress"], "hidden_tables_answer": "empty"},
]


@pytest.mark.parametrize(
    "switches", DOUBTS, ids=lambda switches: str(switches) if switches else "as expected"
)
def test_both_sides_agree_whatever_the_systems_do(make: Make, switches: dict[str, Any]) -> None:
    company = make(24, **switches)

    first = company.sync()
    written = company.hubspot.write_calls()
    second = company.sync()

    assert first.reconciliation.agrees, first.reconciliation.differences
    assert first.outcomes.get("created", 0) > 10
    assert first.outcomes.get("due", 0) == 0
    assert set(second.outcomes) <= {"unchanged", "skipped", "quarantined", "rejected"}
    assert company.hubspot.write_calls() == written
    assert company.loose_lines() == set()


@pytest.mark.parametrize("answer", ["new", "revive"])
def test_an_order_archived_in_hubspot_comes_back(make: Make, answer: str) -> None:
    company = make(24, hubspot_upsert_on_archived_key=answer)
    company.carry_over()
    key, held = next(iter(company.held().items()))
    company.hubspot.archive("orders", held["id"])

    found = company.reconcile()
    healed = company.sync()

    assert not found.agrees
    assert found.differences["order_id_netsuite"].tolist() == [key]
    assert healed.reconciliation.agrees
    assert company.order(key)["lines"].keys() == held["lines"].keys()


@pytest.mark.parametrize("answer", ["refused", "conflict"])
def test_an_archived_record_that_blocks_its_key_is_said_and_stops_no_other_order(
    make: Make, answer: str
) -> None:
    company = make(24, hubspot_upsert_on_archived_key=answer)
    company.carry_over()
    key, held = next(iter(company.held().items()))
    company.hubspot.archive("orders", held["id"])
    company.reconcile()

    again = company.sync()

    assert again.outcome_of(key) in (("rejected", "archived_in_hubspot"), ("rejected", "key_taken"))
    assert again.outcomes["rejected"] == 1
