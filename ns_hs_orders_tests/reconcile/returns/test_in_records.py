"""HubSpot's side of returns in records: what a comparison tells of each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ns_hs_orders.mapping.returns.schema import HeldReturns, MappedReturns, Returns
from ns_hs_orders.reconcile.returns.compared import ReturnComparison, ReturnComparisons
from ns_hs_orders.reconcile.returns.in_records import held_in_records
from ns_hs_orders_tests.reconcile.both_sides import DAY, Sale
from ns_hs_orders_tests.reconcile.returned import BothWithReturns, frame_of

GONE: dict[str, Any] = {
    "return_id_netsuite": "71",
    "return_number": "RA71",
    "return_on": DAY,
    "outcome": "archived",
    "currency": "USD",
    "hubspot_currency": "USD",
    "finding": "only in HubSpot",
    "cause": "only in HubSpot",
    "return_id_hubspot": "871",
}


def mapped(*keys: str) -> MappedReturns:
    valid = frame_of(Returns.empty(), [{"return_id_netsuite": key} for key in keys])
    return MappedReturns(valid, pd.DataFrame(), HeldReturns.empty(), HeldReturns.empty())


def comparison(*rows: dict[str, Any]) -> ReturnComparison:
    return ReturnComparison(frame_of(ReturnComparisons.empty(), rows), 1)


def test_a_return_that_was_read_and_is_gone_before_the_comparison_is_left_out() -> None:
    agrees = GONE | {"return_id_netsuite": "72", "outcome": "unchanged", "finding": "agrees", "cause": None}
    agrees["hubspot_counted_minor"] = 700
    held, only = held_in_records(mapped("71", "72"), comparison(agrees))

    assert (list(held), list(only)) == (["72"], [])


def test_a_record_that_hubspot_alone_has_with_an_unreadable_amount_is_kept_and_turns_its_day_red() -> None:
    held, only = held_in_records(mapped(), comparison(GONE))

    assert not held
    (one,) = only
    assert (one.key, one.return_on, one.held.counted_minor, one.held.currency) == ("71", DAY, None, None)
    assert one.held.cause == "only in HubSpot"
    both = BothWithReturns(in_records=True)
    both.synced(Sale("1"))
    both.only.append(one)
    result = both.reconcile_net()
    assert result.red_days == (DAY,)
    assert result.net is not None
    assert result.net.returns["return_id_netsuite"].tolist() == ["71"]
    assert not result.agrees
