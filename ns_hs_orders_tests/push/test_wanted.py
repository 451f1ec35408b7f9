"""What is sent: the strings of the wire, and fingerprints that change when and only when they do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.orders import ORDER_FIELDS
from ns_hs_orders.push.accounting import accounting
from ns_hs_orders.push.calls.same_value import is_same
from ns_hs_orders.push.schema import Directory, UpsertResults, WantedOrder
from ns_hs_orders.push.wanted import wanted_orders
from ns_hs_orders_tests.push.builders import Line, Order, frame, mapped, order

DIRECTORY = Directory(
    pipeline_id="p1",
    stage_ids={"pending_fulfillment": "s2", "billed": "s4"},
    owner_ids={"rep@example.com": "501"},
    company_ids={"9001": "9001", "9002": "9009", "9003": None},
)


def wanted(one: Order) -> WantedOrder:
    content = mapped([one])
    (found,) = wanted_orders(content.orders, content.lines, FieldMap(), DIRECTORY)
    return found


def test_each_kind_of_value_has_its_wire_form() -> None:
    found = wanted(
        order(1).having(
            rep_email="Rep@Example.com",
            sales_effective_on=date(2026, 3, 5),
            created_at=datetime(2026, 3, 2, 9, 30, 1, tzinfo=UTC),
        )
    ).properties

    assert found["netsuite_internal_id"] == "1"
    assert found["hs_total_price"] == "30.00"
    assert found["netsuite_order_date"] == "2026-03-02"
    assert found["netsuite_sales_effective_date"] == "2026-03-05"
    assert found["hs_external_created_date"] == "2026-03-02T09:30:01.000Z"
    assert found["hubspot_owner_id"] == "501"
    assert (found["hs_pipeline"], found["hs_pipeline_stage"]) == ("p1", "s2")
    assert found["netsuite_po_number"] == ""
    assert set(found) == {one.hubspot_property for one in ORDER_FIELDS} | {"hs_pipeline", "hs_pipeline_stage"}


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert wanted(order(1, currency="JPY")).properties["hs_total_price"] == "3000"
    assert wanted(order(1, currency="KWD")).properties["hs_total_price"] == "3.000"
    line = replace(order(1), lines=(Line("1-1", -250),)).having(total_minor=0, discount_minor=-250)
    assert wanted(line).lines[0].properties["netsuite_line_amount"] == "-2.50"


def test_a_merged_company_is_replaced_and_a_missing_one_named() -> None:
    assert wanted(order(1, company="9002")).company_id == "9009"
    missing = wanted(order(1, company="9003"))
    assert (missing.company_id, missing.missing_target) == (None, "9003")


CHANGES: list[dict[str, Any]] = [
    {"memo": "other"},
    {"stage": "billed"},
    {"tax_minor": 100, "discount_minor": 100},
    {"rep_email": "rep@example.com"},
    {"order_on": date(2026, 3, 3)},
]


@pytest.mark.parametrize("values", CHANGES, ids=lambda one: next(iter(one)))
def test_the_fingerprint_changes_with_every_property(values: dict[str, Any]) -> None:
    assert wanted(order(1)).fingerprint != wanted(order(1).having(**values)).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        order(1, lines=2),
        order(1, company="9002"),
        replace(order(1), lines=(Line("1-1"), Line("1-2", values={"sku": "X"}), Line("1-3"))),
    ],
)
def test_the_fingerprint_changes_with_lines_and_company(other: Order) -> None:
    assert wanted(order(1)).fingerprint != wanted(other).fingerprint


def test_the_fingerprint_ignores_reading_line_order_and_what_is_not_sent() -> None:
    lines = (Line("1-3"), Line("1-1"), Line("1-2"), Line("1-4", 500, "tax"))

    same = wanted(replace(order(1, ticket=9), lines=lines).having(customer_name="Renamed"))

    assert same.fingerprint == wanted(order(1)).fingerprint


@pytest.mark.parametrize(
    "sent, held, same",
    [
        ("10.00", "10", True),
        ("", "", True),
        ("", "0", False),
        ("1000", "1000.0", True),
        ("2026-03-02T09:30:00.000Z", "2026-03-02T09:30:00Z", True),
        ("a", "A", False),
        ("10.00", "10.01", False),
    ],
)
def test_a_value_is_recognised_in_the_form_that_hubspot_keeps(sent: str, held: str, same: bool) -> None:
    assert is_same(sent, held) is same


def results(*rows: dict[str, Any]) -> Any:
    filled = [{"lines": 0, "lines_archived": 0, "warnings": "", "read_ticket": 1} | one for one in rows]
    return frame(UpsertResults, filled)


def raw(*rows: tuple[str, str | None, str | None]) -> Any:
    import pandas as pd

    return pd.DataFrame(rows, columns=["order_id_netsuite", "total", "currency"], dtype="str")


READ = raw(("1", "10.00", "USD"), ("2", "5", "JPY"), ("3", "x", "USD"), ("4", None, None))
RESULTS: list[dict[str, Any]] = [
    {"order_id_netsuite": "1", "outcome": "created", "currency": "USD", "total_minor": 1000},
    {"order_id_netsuite": "2", "outcome": "skipped", "currency": "JPY", "total_minor": 5},
    {"order_id_netsuite": "3", "outcome": "quarantined", "currency": "USD"},
    {"order_id_netsuite": "4", "outcome": "quarantined"},
]


def test_outcomes_add_up_in_rows_and_minor_units() -> None:
    found = accounting(READ, results(*RESULTS))

    assert found.adds_up
    assert found.orders_read == 4
    assert found.outcomes == {"created": 1, "skipped": 1, "quarantined": 2}
    assert found.read_minor == {"USD": 1000, "JPY": 5}
    assert found.outcome_minor == {"USD": {"created": 1000}, "JPY": {"skipped": 5}}
    assert found.unknown_amounts == 2


def test_a_lost_order_a_foreign_one_and_a_wrong_cent_do_not_add_up() -> None:
    lost = accounting(READ, results(*RESULTS[1:]))
    foreign = accounting(READ, results(*RESULTS, RESULTS[0] | {"order_id_netsuite": "9", "total_minor": 0}))
    wrong = accounting(READ, results(RESULTS[0] | {"total_minor": 1001}, *RESULTS[1:]))

    assert (lost.adds_up, lost.without_outcome) == (False, ("1",))
    assert (foreign.adds_up, foreign.not_read) == (False, ("9",))
    assert not wrong.adds_up
