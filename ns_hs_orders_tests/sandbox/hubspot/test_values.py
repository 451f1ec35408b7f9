"""Property values: the forms that HubSpot keeps, and the words in which it refuses."""

import json
from typing import Any

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub


@pytest.mark.parametrize(
    "name, sent, kept",
    [
        ("hs_total_price", "100.00", "100"),
        ("hs_total_price", "0.10", "0.1"),
        ("hs_total_price", "-0.00", "0"),
        ("hs_total_price", "1E3", "1000"),
        ("hs_total_price", ".5", "0.5"),
        ("hs_total_price", "12345678901234567890.123456789", "12345678901234567890.123456789"),
        ("hs_total_price", 19.99, "19.99"),
        ("hs_total_price", 7, "7"),
        ("hs_buyer_accepts_marketing", True, "true"),
        ("hs_external_created_date", "2026-01-31T23:30:00+02:00", "2026-01-31T21:30:00.000Z"),
        ("hs_external_created_date", "1767225600123", "2026-01-01T00:00:00.123Z"),
        ("hs_external_created_date", "2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("hs_order_note", " שלום 🚲 ", " שלום 🚲 "),
        ("hs_order_note", "x" * 65_536, "x" * 65_536),
        ("hs_currency_code", "EUR", "EUR"),
        ("hs_fulfillment_status", "2 of 3 units shipped", "2 of 3 units shipped"),
    ],
)
def test_a_value_is_kept_in_hubspots_own_form(hub: Hub, name: str, sent: Any, kept: str) -> None:
    record_id = hub.create(**{name: sent})
    assert hub.read(record_id, "orders", name)["properties"][name] == kept


@pytest.mark.parametrize("sent, kept", [("2026-01-31", "2026-01-31"), ("1769817600000", "2026-01-31")])
def test_a_date_is_a_day_or_midnight_in_utc(hub: Hub, sent: str, kept: str) -> None:
    hub.define("order_date", "date")
    record_id = hub.create(order_date=sent)
    assert hub.values(record_id)["order_date"] == kept


@pytest.mark.parametrize(
    "name, value, code",
    [
        ("no_such_property", "1", "PROPERTY_DOESNT_EXIST"),
        ("hs_total_price", "1,000.00", "INVALID_LONG"),
        ("hs_total_price", "$5", "INVALID_LONG"),
        ("hs_total_price", " 5", "INVALID_LONG"),
        ("hs_total_price", "NaN", "INVALID_LONG"),
        ("hs_total_price", "1.2.3", "INVALID_LONG"),
        ("hs_external_created_date", "yesterday", "INVALID_LONG"),
        ("hs_external_created_date", "2026-01-31T10:00:00", "INVALID_LONG"),
        ("order_date", "1769850000000", "INVALID_DATE"),
        ("order_date", "2026-02-30", "INVALID_DATE"),
        ("order_date", "31/01/2026", "INVALID_LONG"),
        ("hs_currency_code", "GBP", "INVALID_OPTION"),
        ("hs_currency_code", "usd", "INVALID_OPTION"),
        ("hs_pipeline", "nowhere", "INVALID_OPTION"),
        ("hs_pipeline_stage", "nowhere", "INVALID_OPTION"),
        ("hs_is_closed", "true", "READ_ONLY_VALUE"),
        ("hs_createdate", "2026-01-01", "READ_ONLY_VALUE"),
        ("hubspot_owner_id", "404", "INVALID_OWNER_ID"),
        ("hs_buyer_accepts_marketing", "yes", "INVALID_OPTION"),
        ("hs_order_note", "x" * 65_537, "STRING_TOO_LONG"),
        ("hs_order_note", "a\x00b", "INVALID_STRING"),
    ],
)
def test_a_bad_value_is_refused_with_hubspots_code(hub: Hub, name: str, value: str, code: str) -> None:
    hub.define("order_date", "date")
    answer = hub.call(
        "POST", "/crm/objects/2026-03/orders", {"properties": {"hs_order_name": "SO1", name: value}}
    )
    body = answer.json()
    assert (answer.status_code, body["status"], body["category"]) == (400, "error", "VALIDATION_ERROR")
    head, _, details = body["message"].partition("Property values were not valid: ")
    (detail,) = json.loads(details)
    assert (head, detail["isValid"], detail["error"], detail["name"]) == ("", False, code, name)
    assert detail["portalId"] == 48900001
    assert body["errors"][0]["code"] == code
    assert body["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]
    assert hub.store.objects("orders") == []


def test_all_bad_values_of_a_record_are_named_at_once(hub: Hub) -> None:
    values = {"hs_order_name": "SO1", "hs_tax": "x", "hs_currency_code": "GBP", "bogus": "1"}
    answer = hub.call("POST", "/crm/objects/2026-03/orders", {"properties": values})
    assert {one["context"]["propertyName"][0] for one in answer.json()["errors"]} == {
        "hs_tax",
        "hs_currency_code",
        "bogus",
    }


def test_a_currency_that_is_not_enabled_is_told_the_enabled_ones(hub: Hub) -> None:
    answer = hub.call(
        "POST",
        "/crm/objects/2026-03/orders",
        {"properties": {"hs_order_name": "S", "hs_currency_code": "JPY"}},
    )
    assert answer.json()["errors"][0]["message"] == "JPY was not one of the allowed options: [EUR, USD]"
    hub.store.set_currencies("USD", ["EUR", "JPY"])
    assert hub.values(hub.create(hs_currency_code="JPY"))["hs_currency_code"] == "JPY"


def test_a_negative_price_is_refused_and_a_negative_quantity_only_by_switch(hub: Hub) -> None:
    path = "/crm/objects/2026-03/line_items"
    refused = hub.call("POST", path, {"properties": {"price": "-1", "quantity": "1"}})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "NEGATIVE_VALUE")
    assert hub.values(hub.create("line_items", price="1", quantity="-2"), "line_items")["amount"] == "-2"
    hub.switch(hubspot_negative_quantity_refused=True)
    answer = hub.call("POST", path, {"properties": {"price": "1", "quantity": "-1"}})
    assert (answer.status_code, answer.json()["errors"][0]["context"]) == (
        400,
        {"propertyName": ["quantity"]},
    )


def test_a_stage_must_belong_to_the_pipeline(hub: Hub) -> None:
    stages = [{"label": "New", "displayOrder": 0, "metadata": {"state": "OPEN"}}]
    made = hub.ok(
        "POST", "/crm/pipelines/2026-03/orders", {"label": "Own", "displayOrder": 1, "stages": stages}
    )
    own, stage = made["id"], made["stages"][0]["id"]
    record_id = hub.create(hs_pipeline=own, hs_pipeline_stage=stage)
    wrong = {"properties": {"hs_pipeline_stage": "4b27b500-f031-4927-9811-68a0b525cbae"}}
    answer = hub.call("PATCH", f"/crm/objects/2026-03/orders/{record_id}", wrong)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_OPTION")
    assert hub.values(record_id)["hs_pipeline_stage"] == stage


def test_an_order_without_pipeline_starts_in_the_default_ones_first_stage(hub: Hub) -> None:
    values = hub.values(hub.create())
    assert values["hs_pipeline"] == "14a2e10e-5471-408a-906e-c51f3b04369e"
    assert values["hs_pipeline_stage"] == "4b27b500-f031-4927-9811-68a0b525cbae"
    hub.switch(hubspot_default_pipeline=False)
    assert "hs_pipeline" not in hub.values(hub.create())


@pytest.mark.parametrize("refused, status", [(True, 400), (False, 200)])
def test_an_owner_who_left_may_be_refused(hub: Hub, refused: bool, status: int) -> None:
    hub.store.load_owners(
        [{"id": "5", "email": "a@b.co", "archived": "true"}, {"id": "6", "email": "c@d.co"}]
    )
    record_id = hub.create(hubspot_owner_id="6")
    hub.switch(hubspot_inactive_owner_refused=refused)
    answer = hub.call(
        "PATCH", f"/crm/objects/2026-03/orders/{record_id}", {"properties": {"hubspot_owner_id": "5"}}
    )
    assert answer.status_code == status


def test_a_property_value_that_is_a_list_is_refused(hub: Hub) -> None:
    answer = hub.call("POST", "/crm/objects/2026-03/orders", {"properties": {"hs_order_name": ["a"]}})
    assert answer.status_code == 400
