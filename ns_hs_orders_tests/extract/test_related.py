"""Customers, projects, parents, reps, addresses, shipments and tax details of orders."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.extract.read import read_orders
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders_tests.extract.conftest import HUBSPOT_ID, OPTIONS, Account, Tickets

DAY = date(2026, 2, 3)


def read(account: Account, **options: Any) -> RawRead:
    return read_orders(account, Tickets(), account.plan(replace(OPTIONS, **options)), DAY, DAY)


def one(account: Account, **options: Any) -> dict[str, Any]:
    """The only order, missing values as None."""
    orders = read(account, **options).orders
    assert len(orders) == 1
    return {str(key): None if pd.isna(value) else value for key, value in orders.iloc[0].items()}


def test_a_sub_customer_comes_with_its_parents_hubspot_id(account: Account) -> None:
    account.store.insert("customer", [{"id": "502", "companyname": "Alder West", "parent": "501"}])
    account.order(11, "10.00", entity="502")
    order = one(account)
    assert (order["customer_id"], order["customer_name"]) == ("502", "Alder West")
    assert order["customer_hubspot_id"] is None
    assert (order["customer_parent_id"], order["customer_parent_hubspot_id"]) == ("501", "9000501")


def test_a_person_is_called_by_its_name(account: Account) -> None:
    account.store.insert(
        "customer",
        [{"id": "503", "firstname": "Grace", "lastname": "Hopper", "isperson": "T", HUBSPOT_ID: "77"}],
    )
    account.order(11, "10.00", entity="503")
    order = one(account)
    assert (order["customer_name"], order["customer_is_person"]) == ("Grace Hopper", "T")
    assert order["customer_hubspot_id"] == "77"


@pytest.mark.parametrize("column", ["customer", "parent"])
def test_a_project_resolves_to_its_customer(account: Account, column: str) -> None:
    account.store.insert("job", [{"id": "900", "entityid": "P900", column: "501"}])
    account.order(11, "10.00", entity="900")
    order = one(account)
    assert (order["is_project"], order["entity_id"]) == ("T", "900")
    assert (order["customer_id"], order["customer_hubspot_id"]) == ("501", "9000501")


def test_a_project_resolves_by_its_parent_where_the_account_has_no_customer_column(account: Account) -> None:
    account.store.insert("job", [{"id": "900", "entityid": "P900", "parent": "501"}])
    account.switch(missing_columns=("job.customer",))
    account.order(11, "10.00", entity="900")
    assert one(account)["customer_id"] == "501"


def test_a_project_without_a_customer_has_none(account: Account) -> None:
    account.store.insert("job", [{"id": "900", "entityid": "P900"}])
    account.order(11, "10.00", entity="900")
    order = one(account)
    assert (order["is_project"], order["customer_id"], order["customer_hubspot_id"]) == ("T", None, None)


def test_an_entity_that_is_neither_customer_nor_project_is_warned_of(account: Account) -> None:
    account.order(11, "10.00", entity="999")
    found = read(account)
    assert found.orders["customer_id"].isna().all()
    assert found.orders["is_project"].isna().all()
    assert found.warnings == (
        (
            "1 entities of orders are neither customers nor projects that the role can see: 999. "
            "Their orders cannot be matched to a company."
        ),
    )


def test_address_rep_and_partner_are_joined_by_id(account: Account) -> None:
    account.store.insert("partner", [{"id": "61", "companyname": "Buying Circle", "entityid": "P61"}])
    account.store.insert(
        "transactionshippingaddress",
        [
            {
                "nkey": "7001", "attention": "Dock 4", "addr1": "1 Road", "addr3": "Floor 2",
                "city": "Austell", "state": "GA", "zip": "01234", "country": "US",
            }
        ],
    )  # fmt: skip
    account.order(11, "10.00", partner="61", shippingaddress="7001", employee="41")
    order = one(account)
    assert order["partner_name"] == "Buying Circle"
    assert order["rep_email"] == "ada@example.com"
    assert [order[f"ship_{part}"] for part in ("name", "street", "city", "state", "postal_code", "country")] == [
        "Dock 4", "1 Road, Floor 2", "Austell", "GA", "01234", "US",
    ]  # fmt: skip


def ship(account: Account, shipment_id: int, order_id: int, *numbers: str, status: str = "C") -> None:
    account.store.insert(
        "transaction",
        [{"id": str(shipment_id), "type": "ItemShip", "status": status, "shipcarrier": "ups"}],
    )
    account.line(shipment_id, 0, "0", mainline="T", createdfrom=str(order_id))
    account.store.insert(
        "nexttransactionlink",
        [
            {"previousdoc": str(order_id), "nextdoc": str(shipment_id), "linktype": kind}
            for kind in ("ShipRcpt", "PickPack")
        ],
    )
    for place, number in enumerate(numbers):
        tracking_id = str(shipment_id * 10 + place)
        account.store.insert("trackingnumber", [{"id": tracking_id, "trackingnumber": number}])
        account.store.insert(
            "trackingnumbermap", [{"transaction": str(shipment_id), "trackingnumber": tracking_id}]
        )


@pytest.mark.parametrize("hidden", [(), ("nexttransactionlink",)])
def test_fulfillments_come_with_all_their_tracking_numbers_once(
    account: Account, hidden: tuple[str, ...]
) -> None:
    account.order(11, "10.00")
    account.order(12, "10.00")
    ship(account, 811, 11, "1Z1", "1Z2")
    ship(account, 812, 11, status="ItemShip:A")
    account.store.insert("transaction", [{"id": "813", "type": "CustInvc", "status": "A"}])
    account.store.insert(
        "nexttransactionlink", [{"previousdoc": "11", "nextdoc": "813", "linktype": "OrdBill"}]
    )
    account.switch(hidden_tables=hidden)
    account.plan()
    account.page_rows = 2
    shipments = [json.loads(text) for text in read(account).orders["shipments"]]
    by_number = {(told["fulfillment"], told["status"], told["tracking"]) for told in shipments[0]}
    assert by_number == {("811", "C", "1Z1"), ("811", "C", "1Z2"), ("812", "A", None)}
    assert len(shipments[0]) == 3
    assert shipments[0][0] == {
        "fulfillment": "811", "status": "C", "tracking": "1Z1", "carrier": "ups", "method": None,
    }  # fmt: skip
    assert shipments[1] == []


def test_fulfillments_are_read_without_numbers_where_tracking_is_hidden(account: Account) -> None:
    account.order(11, "10.00")
    ship(account, 811, 11, "1Z1")
    account.switch(hidden_tables=("trackingnumber",))
    (told,) = json.loads(one(account)["shipments"])
    assert (told["fulfillment"], told["tracking"]) == ("811", None)


def test_tax_details_are_summed_by_netsuite_in_suitetax_accounts_only(account: Account) -> None:
    account.order(11, "10.00", total="10.83")
    account.order(12, "10.00")
    account.store.insert(
        "transactiontaxdetail",
        [{"transaction": "11", "line": "1", "taxamount": amount} for amount in ("0.4125", "0.41", "0.0075")],
    )
    assert read(account).orders["tax_details"].tolist() == ["[]", "[]"]
    account.asked.clear()
    assert read(account, tax_regime="suitetax").orders["tax_details"].tolist() == ['["0.83"]', "[]"]
    assert sum("AS order_number" in sql for sql in account.asked) == 1


def test_nothing_is_asked_twice_for_orders_that_share_records(account: Account) -> None:
    for order_id in range(1, 30):
        account.order(order_id, "10.00", employee="41")
    plan = account.plan()
    read_orders(account, Tickets(), plan, DAY, DAY)
    assert sum("FROM customer" in sql for sql in account.asked) == 1
    assert sum("FROM employee" in sql for sql in account.asked) == 1
    assert len(account.asked) == 6
