"""Search: operators, sorts, pages, caps, the lagging index."""

from typing import Any

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub

PATH = "/crm/objects/2026-03/orders/search"


def ask(hub: Hub, *filters: dict[str, Any], **more: Any) -> list[str]:
    """Names of the orders found, sorted by name unless the request sorts."""
    body = {
        "filterGroups": [{"filters": list(filters)}] if filters else [],
        "properties": ["hs_order_name"],
    } | more
    found = [one["properties"]["hs_order_name"] for one in hub.ok("POST", PATH, body)["results"]]
    return found if "sorts" in more else sorted(found)


def where(name: str, operator: str, value: Any = None, high: str | None = None) -> dict[str, Any]:
    given: dict[str, Any] = {"propertyName": name, "operator": operator}
    if isinstance(value, list):
        given["values"] = value
    elif value is not None:
        given["value"] = value
    return given | ({"highValue": high} if high else {})


@pytest.fixture
def filled(hub: Hub) -> Hub:
    """Three orders: A 9.5 USD Monday, B 10 EUR Tuesday, C without amount and day."""
    hub.define("netsuite_order_date", "date")
    hub.create(
        hs_order_name="A", hs_total_price="9.50", hs_currency_code="USD", netsuite_order_date="2026-03-02"
    )
    hub.create(
        hs_order_name="B", hs_total_price="10", hs_currency_code="EUR", netsuite_order_date="2026-03-03"
    )
    hub.create(hs_order_name="C", hs_order_note="Call the Customer back")
    return hub


@pytest.mark.parametrize(
    "given, found",
    [
        (where("hs_order_name", "EQ", "a"), ["A"]),
        (where("hs_total_price", "EQ", "9.5000"), ["A"]),
        (where("hs_total_price", "NEQ", "9.5"), ["B", "C"]),
        (where("hs_total_price", "GT", "9.5"), ["B"]),
        (where("hs_total_price", "GTE", "9.5"), ["A", "B"]),
        (where("hs_total_price", "LT", "10"), ["A"]),
        (where("hs_total_price", "LTE", "10"), ["A", "B"]),
        (where("hs_total_price", "BETWEEN", "9", "9.9"), ["A"]),
        (where("netsuite_order_date", "EQ", "2026-03-03"), ["B"]),
        (where("netsuite_order_date", "EQ", "1772496000000"), ["B"]),
        (where("netsuite_order_date", "BETWEEN", "2026-03-01", "2026-03-02"), ["A"]),
        (where("hs_currency_code", "IN", ["EUR", "GBP"]), ["B"]),
        (where("hs_currency_code", "NOT_IN", ["EUR"]), ["A", "C"]),
        (where("hs_currency_code", "EQ", "EUR"), ["B"]),
        (where("hs_total_price", "HAS_PROPERTY"), ["A", "B"]),
        (where("hs_total_price", "NOT_HAS_PROPERTY"), ["C"]),
        (where("hs_order_note", "CONTAINS_TOKEN", "customer"), ["C"]),
        (where("hs_order_note", "NOT_CONTAINS_TOKEN", "customer"), ["A", "B"]),
    ],
)
def test_each_operator_finds_what_it_should(filled: Hub, given: dict[str, Any], found: list[str]) -> None:
    assert ask(filled, given) == found


def test_filters_of_a_group_all_hold_and_one_group_is_enough(filled: Hub) -> None:
    both = (where("hs_total_price", "GT", "1"), where("hs_currency_code", "EQ", "USD"))
    assert ask(filled, *both) == ["A"]
    groups = [{"filters": [where("hs_order_name", "EQ", name)]} for name in ("A", "C")]
    assert ask(filled, filterGroups=groups) == ["A", "C"]
    assert ask(filled, query="b") == ["B"]
    assert ask(filled) == ["A", "B", "C"]


@pytest.mark.parametrize(
    "sort, found",
    [
        ({"propertyName": "hs_total_price", "direction": "DESCENDING"}, ["B", "A", "C"]),
        ({"propertyName": "hs_total_price", "direction": "ASCENDING"}, ["A", "B", "C"]),
        ("-hs_object_id", ["C", "B", "A"]),
    ],
)
def test_one_sort_orders_the_results_by_value(filled: Hub, sort: Any, found: list[str]) -> None:
    assert ask(filled, sorts=[sort]) == found


def test_pages_add_up_and_tell_the_total(filled: Hub) -> None:
    first = filled.ok("POST", PATH, {"limit": 2, "properties": []})
    assert (first["total"], len(first["results"]), first["paging"]["next"]["after"]) == (3, 2, "2")
    last = filled.ok("POST", PATH, {"limit": 2, "after": "2"})
    assert (len(last["results"]), "paging" in last) == (1, False)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 100, "after": "9901"},
        {"after": "x"},
        {"sorts": ["hs_tax", "hs_object_id"]},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [where("hs_tax", "HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [where("hs_tax", "HAS_PROPERTY")] * 4}] * 5},
        {"filterGroups": [{"filters": [where("bogus", "HAS_PROPERTY")]}]},
        {"filterGroups": [{"filters": [where("hs_tax", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [where("hs_tax", "EQ")]}]},
        {"filterGroups": [{"filters": [where("hs_tax", "GT", "much")]}]},
        {"query": "x" * 3000},
    ],
)
def test_a_search_beyond_the_limits_is_refused(hub: Hub, body: dict[str, Any]) -> None:
    answer = hub.call("POST", PATH, body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_archived_orders_are_never_found(filled: Hub) -> None:
    filled.store.archive("orders", filled.store.objects("orders")[0]["id"])
    assert ask(filled) == ["B", "C"]


def test_by_switch_the_index_lags_behind_writes(filled: Hub) -> None:
    filled.switch(hubspot_search_lag_seconds=5)
    assert ask(filled) == []
    filled.clock.advance(5)
    assert ask(filled) == ["A", "B", "C"]
    order = filled.store.objects("orders")[0]["id"]
    filled.ok("PATCH", f"/crm/objects/2026-03/orders/{order}", {"properties": {"hs_order_name": "A2"}})
    assert ask(filled, where("hs_order_name", "EQ", "A2")) == []
    assert ask(filled) == ["A", "B", "C"]
    filled.clock.advance(5)
    assert ask(filled, where("hs_order_name", "EQ", "A2")) == ["A2"]


def test_changes_are_found_by_their_stamp(filled: Hub) -> None:
    filled.clock.advance(60)
    order = filled.store.objects("orders")[1]["id"]
    filled.store.edit("orders", order, {"hs_total_price": "11"})
    since = str(int(filled.clock().timestamp() * 1000))
    assert ask(filled, where("hs_lastmodifieddate", "GTE", since)) == ["B"]
    assert ask(filled, where("hs_object_id", "EQ", order)) == ["B"]
    assert ask(filled, where("hs_object_id", "GT", order)) == ["C"]
