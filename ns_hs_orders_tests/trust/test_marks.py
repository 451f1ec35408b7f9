"""What an order is to say of its dollars, from every kind of verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ns_hs_orders.reconcile.schema import NEXT_STEPS
from ns_hs_orders.trust.marks import marks_of
from ns_hs_orders.trust.ports import TrustMark
from ns_hs_orders_tests.reconcile.both_sides import NEXT_DAY, Both, Sale
from ns_hs_orders_tests.reconcile.test_duplicates import Strangers


def marks(both: Both) -> dict[str, TrustMark]:
    return {one.order_id: one for one in marks_of(both.reconcile())}


def told(mark: TrustMark) -> tuple[str, str]:
    return mark.verification, mark.difference


def test_an_order_that_agrees_says_so_and_one_that_hubspot_does_not_hold_has_no_mark() -> None:
    both = Both()
    both.synced(Sale("1"))
    both.netsuite.sales["2"] = Sale("2", standing="skipped", reason="customer_not_in_hubspot")
    assert marks(both) == {"1": TrustMark("1", "71", "agrees", "0.00", "")}


def test_an_edited_note_that_is_only_reported_leaves_the_dollars_verified() -> None:
    both = Both()
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_order_note"] = "call me"
    assert told(marks(both)["1"]) == ("agrees", "0.00")


@pytest.mark.parametrize(
    ("name", "value", "difference"),
    [("hs_total_price", "90.00", "-10.00"), ("hs_tax", "1.00", "0.00"), ("hs_currency_code", "EUR", "")],
)
def test_an_order_edited_in_hubspot_differs_by_hubspot_minus_netsuite(
    name: str, value: str, difference: str
) -> None:
    both = Both()
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties[name] = value
    mark = marks(both)["1"]
    assert told(mark) == ("differs", difference)
    assert mark.reason.startswith("Changed in HubSpot by somebody whom its history does not tell: ")
    assert mark.reason.endswith(f". {NEXT_STEPS['edited in HubSpot']}")


@pytest.mark.parametrize("standing", ["skipped", "quarantined", "due"])
def test_an_order_whose_newer_version_is_held_back_says_why(standing: str) -> None:
    both = Both()
    sale = Sale("1")
    both.synced(sale)
    both.netsuite.sales["1"] = replace(sale, total="130.00", standing=standing, reason="a_reason")
    mark = marks(both)["1"]
    assert told(mark) == ("held", "-30.00")
    assert NEXT_STEPS["earlier version still in HubSpot"] in mark.reason


def test_an_order_that_hubspot_refused_is_held_and_tells_hubspots_own_reason() -> None:
    both = Both()
    sale = Sale("1")
    both.synced(sale)
    both.netsuite.sales["1"] = replace(sale, total="130.00")
    both.known.know(sale, outcome="rejected", reason="invalid", explanation="HubSpot wants a shorter name.")
    mark = marks(both)["1"]
    assert told(mark) == ("held", "-30.00")
    assert "HubSpot wants a shorter name." in mark.reason


def test_an_order_that_netsuite_changed_since_it_was_written_is_held() -> None:
    both = Both()
    sale = Sale("1", currency="JPY", total="100", lines=(("1", "100"),), tax="0")
    both.synced(sale)
    both.netsuite.sales["1"] = replace(sale, total="130")
    assert told(marks(both)["1"]) == ("held", "-30")


def test_an_order_that_only_hubspot_has_differs_by_all_of_it() -> None:
    both = Both()
    both.hubspot.hold(Sale("1"))
    assert told(marks(both)["1"]) == ("differs", "100.00")


@pytest.mark.parametrize(
    ("total", "currency", "difference"),
    [("100.00", "USD", "0.00"), ("70.00", "USD", "30.00"), ("100.00", "EUR", "")],
)
def test_an_order_that_moved_to_another_day_differs_by_its_totals_alone(
    total: str, currency: str, difference: str
) -> None:
    both = Both()
    sale = Sale("1")
    both.synced(sale)
    both.netsuite.sales["1"] = replace(sale, on=NEXT_DAY, total=total, currency=currency)
    result = both.reconcile()
    assert result.orders["cause"].tolist() == ["moved to another day"]
    assert [told(one) for one in marks_of(result)] == [("held", difference)]


def test_a_duplicate_that_somebody_else_made_is_told_nothing() -> None:
    both = Both()
    both.synced(Sale("1"))
    Strangers(both).records["99"] = {
        "hs_order_name": "SO1",
        "hs_total_price": "100.00",
        "hs_currency_code": "USD",
    }
    result = both.reconcile()

    assert "duplicate in HubSpot" in set(result.orders["cause"].dropna())
    assert [one.record_id for one in marks_of(result)] == ["71"]
