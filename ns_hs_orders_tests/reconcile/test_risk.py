"""Money at risk: what each order that is not right puts at risk, and how they are ranked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ns_hs_orders.push.departed import CANCELLED_STATUS
from ns_hs_orders.reconcile.bridge import amounts
from ns_hs_orders.reconcile.ports import FoundException, KnownException
from ns_hs_orders.reconcile.risk import RiskRow, found_exceptions, money_at_risk, risk_rows
from ns_hs_orders.reconcile.schema import NEXT_STEPS
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, NOW, Both, Sale


def found_in(both: Both, first: date = DAY, last: date = DAY) -> dict[str, FoundException]:
    return {one.order_id: one for one in found_exceptions(both.reconcile(first, last))}


def test_only_orders_that_are_not_right_are_at_risk() -> None:
    both = Both()
    both.synced(Sale("1"))
    both.netsuite.sales["2"] = Sale("2", standing="skipped", reason="customer_not_in_hubspot")

    assert found_in(both) == {}


def test_an_order_that_netsuite_deleted_is_at_risk_until_hubspot_keeps_it_as_cancelled() -> None:
    both = Both()
    both.synced(Sale("1"), Sale("2"))
    del both.netsuite.sales["1"], both.netsuite.sales["2"]
    both.hubspot.orders["2"].properties["hs_external_order_status"] = CANCELLED_STATUS
    both.known.know(Sale("2"), "archived")

    (one,) = found_in(both).values()

    assert (one.order_id, one.cause, one.at_risk_minor) == ("1", "deleted in NetSuite", 10_000)


def test_every_order_that_makes_its_day_red_is_an_exception() -> None:
    both = Both()
    both.synced(*(Sale(str(n)) for n in range(1, 8)))
    both.hubspot.orders["1"].properties["hs_total_price"] = "1.00"
    both.hubspot.orders["2"].properties["hs_order_name"] = "SO-other"
    both.hubspot.orders["3"].lines.clear()
    both.hubspot.orders["4"].companies.clear()
    del both.hubspot.orders["5"], both.netsuite.sales["6"]
    both.netsuite.sales["8"] = Sale("8")
    both.hubspot.hold(Sale("9"))
    result = both.reconcile()

    keys = result.orders["order_id_netsuite"].tolist()
    red = {key for key, order in zip(keys, amounts(result.orders), strict=True) if order.is_red}

    assert red == {"1", "2", "3", "4", "5", "6", "8", "9"}
    assert {one.order_id for one in found_exceptions(result)} == red


def test_where_the_totals_differ_their_difference_is_at_risk() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"), Sale("2", "100.00"))
    both.hubspot.orders["1"].properties["hs_total_price"] = "90.00"
    both.hubspot.orders["1"].properties["hs_pipeline_stage"] = "another"
    both.hubspot.orders["2"].properties["hs_total_price"] = "100.01"

    found = found_in(both)

    assert (found["1"].at_risk_minor, found["1"].difference_minor) == (1000, -1000)
    assert (found["2"].at_risk_minor, found["2"].difference_minor) == (1, 1)
    assert "100.00 USD → 90.00 USD" in found["1"].explanation


def test_an_order_that_is_on_one_side_only_is_at_risk_as_a_whole() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"))
    del both.hubspot.orders["1"]
    both.hubspot.hold(Sale("2", "77.00"))
    both.netsuite.sales["3"] = Sale("3", "20.00", standing="quarantined", reason="does_not_add_up")

    found = found_in(both)

    assert {key: (one.at_risk_minor, one.difference_minor) for key, one in found.items()} == {
        "1": (10_000, -10_000),
        "2": (7_700, 7_700),
        "3": (2_000, -2_000),
    }
    assert (found["2"].cause, found["2"].currency) == ("only in HubSpot", "USD")


@pytest.mark.parametrize("what", ["stage", "line", "company", "date"])
def test_an_order_of_the_right_amount_is_at_risk_as_a_whole_where_it_stands_wrong(what: str) -> None:
    both = Both()
    both.synced(Sale("1", "100.00"))
    held = both.hubspot.orders["1"]
    if what == "stage":
        held.properties["hs_pipeline_stage"] = "another"
    elif what == "line":
        held.lines.clear()
    elif what == "company":
        held.companies.clear()
    else:
        held.properties["netsuite_order_date"] = NEXT_DAY.isoformat()

    (one,) = found_in(both).values()

    assert (one.at_risk_minor, one.difference_minor) == (10_000, 0)


def test_another_field_puts_nothing_at_risk_and_an_amount_beside_the_total_its_difference() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"), Sale("2", "100.00", tax="8.00"))
    both.hubspot.orders["1"].properties["hs_order_name"] = "SO-other"
    both.hubspot.orders["2"].properties["hs_tax"] = "9.50"

    found = found_in(both)

    assert (found["1"].at_risk_minor, found["2"].at_risk_minor) == (0, 150)


def test_amounts_of_two_currencies_have_no_difference_and_the_whole_order_is_at_risk() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"))
    both.hubspot.orders["1"].properties["hs_currency_code"] = "EUR"

    (one,) = found_in(both).values()

    assert (one.currency, one.at_risk_minor, one.difference_minor) == ("USD", 10_000, None)


def test_an_amount_that_nobody_can_read_is_unknown_and_not_zero() -> None:
    both = Both()
    both.netsuite.sales["1"] = Sale("1", "10.019", standing="quarantined", reason="amount_not_a_number")

    (row,) = money_at_risk(both.reconcile(), {})

    assert (row.at_risk_minor, row.difference_minor, row.currency) == (None, None, None)


def test_an_amount_that_only_hubspot_has_is_told_in_its_currency() -> None:
    both = Both()
    both.netsuite.sales["1"] = Sale("1", "10.019", standing="quarantined", reason="amount_not_a_number")
    both.hubspot.hold(Sale("1", "12.00", "EUR"))

    (one,) = found_in(both).values()

    assert (one.currency, one.at_risk_minor) == ("EUR", 1_200)


def test_the_signature_is_the_same_until_something_else_is_wrong() -> None:
    both = Both()
    both.synced(Sale("1", "100.00"))
    held = both.hubspot.orders["1"]
    held.properties["hs_total_price"] = "90.00"
    first, again = found_in(both)["1"].signature, found_in(both)["1"].signature
    held.properties["hs_total_price"] = "91.00"
    another_amount = found_in(both)["1"].signature
    held.properties["hs_order_name"] = "SO-other"

    assert first == again
    assert len({first, another_amount, found_in(both)["1"].signature}) == 3


def test_an_edit_that_stays_by_policy_is_nothing_wrong() -> None:
    both = Both()
    both.synced(Sale("1"), Sale("2"))
    both.hubspot.orders["2"].properties["hs_total_price"] = "90.00"
    without = found_in(both)["2"].signature
    for held in both.hubspot.orders.values():
        held.properties["hs_order_note"] = "call first"

    assert {key: one.signature for key, one in found_in(both).items()} == {"2": without}


def test_an_order_is_ranked_by_its_amount_times_the_days_since_it_was_first_seen() -> None:
    both = Both()
    for key, total in (("1", "100.00"), ("2", "40.00"), ("3", "300.00"), ("4", "10.019")):
        both.netsuite.sales[key] = Sale(key, total, standing="quarantined", reason="does_not_add_up")
    found = found_in(both)
    seen = {"1": 3, "2": 9, "3": 0, "4": 30}
    known = {
        (key, DAY): KnownException(found[key], NOW - timedelta(days=days), NOW) for key, days in seen.items()
    }

    rows = money_at_risk(both.reconcile(), known)

    assert [(row.order_number, row.age_days, row.weight) for row in rows] == [
        ("SO2", 9, 36_000),
        ("SO3", 0, 30_000),
        ("SO1", 3, 30_000),
        ("SO4", 30, 0),
    ]
    assert rows[0].first_seen_on == date(2026, 11, 15)
    assert rows[0].next_step == NEXT_STEPS["quarantined"]
    assert rows == risk_rows(known.values(), NOW.date())


def test_an_acknowledgement_holds_to_its_last_day_and_for_what_was_acknowledged() -> None:
    both = Both()
    both.netsuite.sales["1"] = Sale("1", standing="quarantined", reason="does_not_add_up")
    (found,) = found_in(both).values()
    known = KnownException(found, NOW, NOW, "Ann", "credit note is on its way", NOW.date(), found.signature)

    today = NOW.date()

    def row(known: KnownException, on: date) -> RiskRow:
        (row,) = risk_rows([known], on)
        return row

    assert row(known, today).status == "acknowledged"
    assert row(known, today + timedelta(days=1)).status == "reopened"
    assert row(replace(known, found=replace(found, signature="another")), today).status == "reopened"
    assert row(KnownException(found, NOW, NOW), today).status == "open"
    (of_result,) = money_at_risk(both.reconcile(), {("1", DAY): known})
    assert (of_result.status, of_result.acknowledged_by) == ("acknowledged", "Ann")
    assert of_result.acknowledged_because == "credit note is on its way"
