"""Returns on their orders, from NetSuite's tables to HubSpot's, against rules written a second time."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from benchmarks.faults.returned import Returned, returned_of_orders
from ns_hs_orders_tests.end_to_end import returns
from ns_hs_orders_tests.end_to_end.company import Company, accepted
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.returns import FIRST_ID, OnOrder, on_order


@pytest.fixture(autouse=True)
def of_orders_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No records of returns beside the orders: these are about what the orders say."""
    monkeypatch.setenv("NS_HS_RETURNS", "amounts_only")


def expected(company: Company) -> dict[str, OnOrder]:
    """Each order in HubSpot → what it must say of its returns."""
    made = returned_of_orders(company.netsuite)
    found = {}
    for key, held in company.held().items():
        told = made.get(key, Returned())
        total = Decimal(held["properties"]["hs_total_price"])
        found[key] = OnOrder(told.amount, told.refunded, total - told.amount, told.status or None)
    return found


def on_orders(company: Company) -> dict[str, OnOrder]:
    return {key: on_order(company, key) for key in company.held()}


def test_every_order_tells_what_was_returned_of_it_and_a_second_sync_writes_nothing(make: Make) -> None:
    company = make(60)
    first = company.sync()
    assert first.reconciliation.red_days == ()
    told = on_orders(company)
    assert told == expected(company)
    assert {one.status for one in told.values()} > {None, "Refunded", "Pending Refund"}
    assert sum(one.returned != 0 for one in told.values() if one.returned is not None) > 5
    again = company.sync()
    assert set(again.outcomes) <= {"unchanged", "skipped", "quarantined", "rejected"}


@pytest.mark.parametrize(
    "switches",
    [
        {"return_line_amounts": "as_orders"},
        {"return_line_amounts": "mixed"},
        {"return_totals": "positive"},
        {"drop_computed_aliases": True},
        {"sys_extract_utc_refused": True},
    ],
    ids=lambda switches: next(iter(switches)),
)
def test_whatever_signs_and_dialect_an_account_has_its_orders_tell_the_same(
    make: Make, switches: dict[str, Any]
) -> None:
    company = make(40, **switches)
    company.carry_over()
    assert on_orders(company) == expected(company) != {}


def test_a_role_that_cannot_see_returns_leaves_the_properties_empty_and_never_zero(make: Make) -> None:
    company = make(40, hidden_transaction_types=["RtnAuth"])
    result = company.sync()
    assert result.reconciliation.red_days == ()
    assert Counter(on_orders(company).values()) == {OnOrder(None, None, None, None): len(company.held())}
    with company.session() as session:
        assert any("switched off" in one for one in session.source_plan.warnings)
    company.sandbox.switches.change(hidden_transaction_types=[])
    company.carry_over()
    assert on_orders(company) == expected(company)


def test_a_return_that_is_dated_in_another_period_changes_its_orders_day(make: Make) -> None:
    company = make(40)
    order = accepted(company.sync().reconciliation, "USD")[0]
    before = on_order(company, order)
    returns.add(company, FIRST_ID, order, "1.00", trandate="2031-05-05")
    company.carry_over()
    after = on_order(company, order)
    assert before.net is not None
    assert (after.returned, after.net) == ((before.returned or 0) + 1, before.net - 1)


def test_somebody_who_changes_the_net_total_in_hubspot_is_overruled(make: Make) -> None:
    company = make(40)
    order = accepted(company.sync().reconciliation, "USD")[0]
    right = on_order(company, order)
    company.edit(order, netsuite_net_total="1.00")
    found = company.reconcile()
    assert len(found.red_days) == 1
    company.carry_over()
    assert on_order(company, order) == right


def test_with_returns_switched_off_orders_say_nothing_of_them(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_RETURNS", "off")
    company = make(40)
    company.carry_over()
    assert company.held()
    assert all("netsuite_net_total" not in one["properties"] for one in company.held().values())
