"""A table of orders' details that suddenly looks empty does not empty HubSpot, and its orders follow once it is back."""

from __future__ import annotations

from typing import Any

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.wiring.live import PLAN
from ns_hs_orders_tests.end_to_end.company import Company
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.live.lane import lane_of, look, save, settle

DETAILS = (
    ("nexttransactionlink", "hs_shipping_tracking_number"),
    ("trackingnumbermap", "hs_shipping_tracking_number"),
    ("trackingnumber", "hs_shipping_tracking_number"),
    ("employee", "hubspot_owner_id"),
    ("transactionshippingaddress", "hs_shipping_address_city"),
    ("item", "lines"),
    ("currency", "hs_currency_code"),
)


def held_of(company: Company, key: str, name: str) -> Any:
    order = company.order(key)
    if name != "lines":
        return order["properties"][name]
    return sorted(line["hs_sku"] or "" for line in order["lines"].values())


@pytest.mark.parametrize(
    "table, name, is_probed_anew",
    [(*one, False) for one in DETAILS] + [("employee", "hubspot_owner_id", True)],
)
def test_a_table_that_looks_empty_empties_nothing_and_is_named(
    make: Make, table: str, name: str, *, is_probed_anew: bool
) -> None:
    company = make(40)
    company.sync()
    key = next(
        one
        for one, order in company.held().items()
        if all(
            order["properties"].get(name)
            for name in ("hs_shipping_tracking_number", "hubspot_owner_id", "hs_shipping_address_city")
        )
    )
    before = held_of(company, key, name)
    with lane_of(company) as lane:
        company.sandbox.switches.change(hidden_tables=(table,), hidden_tables_answer="empty")
        if is_probed_anew:
            Notes(lane._session.state).drop(PLAN)
            for cached in ("plan", "lookout"):
                lane.__dict__.pop(cached, None)
        save(company, "transaction", {"id": key}, memo="touched")
        lane.look()
        with pytest.raises(ConfigError, match="no row of"):
            settle(lane)
        assert held_of(company, key, name) == before
        company.sandbox.switches.change(hidden_tables=(), hidden_tables_answer="error")
        assert look(lane)["updated"] == 1
    assert held_of(company, key, name) == before
    assert company.order(key)["properties"]["hs_order_note"] == "touched"
