"""Property definitions, groups, and what may be said of them."""

from typing import Any

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub

BASE = "/crm/properties/2026-03/orders"


def body(name: str = "netsuite_po_number", **more: Any) -> dict[str, Any]:
    return {
        "name": name, "label": "PO #", "type": "string", "fieldType": "text", "groupName": "orderinformation", **more,
    }  # fmt: skip


@pytest.mark.parametrize("base", ["/crm/v3/properties/orders", "/crm/properties/2026-03/0-123", BASE])
def test_native_order_properties_have_the_types_that_portals_show(hub: Hub, base: str) -> None:
    found = {one["name"]: one for one in hub.ok("GET", base)["results"]}
    types = {name: one["type"] for name, one in found.items()}
    assert types["hs_fulfillment_status"] == types["hs_external_order_id"] == "string"
    assert types["hs_total_price"] == "number"
    assert (types["hs_external_created_date"], found["hs_external_created_date"]["fieldType"]) == (
        "datetime",
        "date",
    )
    assert [one["value"] for one in found["hs_currency_code"]["options"]] == ["USD", "EUR"]
    assert [one["label"] for one in found["hs_pipeline"]["options"]] == ["Order Pipeline"]
    assert [one["label"] for one in found["hs_pipeline_stage"]["options"]] == [
        "Open", "Processed", "Shipped", "Delivered", "Cancelled",
    ]  # fmt: skip
    assert found["hs_is_closed"]["modificationMetadata"]["readOnlyValue"] is True
    assert found["hs_is_closed"]["calculated"] is True
    assert (
        found["hs_external_order_id"]["hasUniqueValue"],
        found["hs_unique_creation_key"]["hasUniqueValue"],
    ) == (
        False,
        True,
    )
    assert found["hubspot_owner_id"]["referencedObjectType"] == "OWNER"


def test_a_new_property_is_there_at_once_and_takes_values(hub: Hub) -> None:
    made = hub.call("POST", BASE, body(description="from NetSuite", numberDisplayHint="currency"))
    assert made.status_code == 201
    found = hub.ok("GET", f"{BASE}/netsuite_po_number")
    assert (found["label"], found["description"], found["hubspotDefined"]) == ("PO #", "from NetSuite", False)
    assert (found["hasUniqueValue"], found["archived"], found["numberDisplayHint"]) == (
        False,
        False,
        "currency",
    )
    assert found["modificationMetadata"]["archivable"] is True
    assert hub.values(hub.create(netsuite_po_number="4711"))["netsuite_po_number"] == "4711"


def test_by_switch_a_new_property_is_seen_a_moment_later(hub: Hub) -> None:
    hub.switch(hubspot_property_visible_after_ms=500)
    hub.ok("POST", BASE, body())
    assert hub.call("GET", f"{BASE}/netsuite_po_number").status_code == 404
    early = hub.call(
        "POST",
        "/crm/objects/2026-03/orders",
        {"properties": {"hs_order_name": "S", "netsuite_po_number": "1"}},
    )
    assert early.json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    hub.clock.advance(0.5)
    assert hub.ok("GET", f"{BASE}/netsuite_po_number")["name"] == "netsuite_po_number"


def test_a_name_that_exists_is_a_conflict(hub: Hub) -> None:
    hub.ok("POST", BASE, body())
    for name in ("netsuite_po_number", "hs_tax"):
        answer = hub.call("POST", BASE, body(name))
        assert (answer.status_code, answer.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
        assert answer.json()["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"


@pytest.mark.parametrize(
    "change",
    [
        {"groupName": "no_such_group"},
        {"label": ""},
        {"type": "money"},
        {"type": "number", "fieldType": "text"},
        {"name": "Upper Case"},
        {"type": "bool", "fieldType": "booleancheckbox", "options": []},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}]},
        {"type": "date", "fieldType": "date", "hasUniqueValue": True},
    ],
)
def test_a_definition_that_does_not_fit_is_refused(hub: Hub, change: dict[str, Any]) -> None:
    answer = hub.call("POST", BASE, body() | change)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert all(one.native for one in hub.store.properties("orders").values())


def test_an_object_type_has_at_most_ten_unique_properties(hub: Hub) -> None:
    for number in range(10):
        hub.ok("POST", BASE, body(f"key_{number}", hasUniqueValue=True))
    answer = hub.call("POST", BASE, body("key_10", hasUniqueValue=True))
    assert (answer.status_code, "At most 10" in answer.json()["message"]) == (400, True)
    hub.ok("POST", BASE, body("key_10"))


def test_uniqueness_cannot_be_given_later(hub: Hub) -> None:
    hub.ok("POST", BASE, body())
    changed = hub.ok(
        "PATCH", f"{BASE}/netsuite_po_number", {"hasUniqueValue": True, "label": "Purchase order"}
    )
    assert (changed["hasUniqueValue"], changed["label"]) == (False, "Purchase order")


def test_a_patch_replaces_all_options(hub: Hub) -> None:
    options = [{"label": one, "value": one, "displayOrder": 0, "hidden": False} for one in ("a", "b")]
    hub.ok("POST", BASE, body(type="enumeration", fieldType="select", options=options))
    hub.values(hub.create(netsuite_po_number="b"))
    changed = hub.ok("PATCH", f"{BASE}/netsuite_po_number", {"options": options[:1]})
    assert [one["value"] for one in changed["options"]] == ["a"]
    values = {"hs_order_name": "S", "netsuite_po_number": "b"}
    assert hub.call("POST", "/crm/objects/2026-03/orders", {"properties": values}).status_code == 400


def test_a_property_archived_and_made_again_comes_back_with_its_values(hub: Hub) -> None:
    hub.ok("POST", BASE, body())
    record_id = hub.create(netsuite_po_number="4711")
    assert hub.call("DELETE", f"{BASE}/netsuite_po_number").status_code == 204
    assert "netsuite_po_number" not in hub.read(record_id, "orders", "netsuite_po_number")["properties"]
    archived = hub.ok("GET", f"{BASE}?archived=true")["results"]
    assert [(one["name"], one["archived"]) for one in archived] == [("netsuite_po_number", True)]
    hub.ok("POST", BASE, body())
    assert hub.read(record_id, "orders", "netsuite_po_number")["properties"]["netsuite_po_number"] == "4711"


def test_a_native_property_can_neither_go_nor_change_its_type(hub: Hub) -> None:
    assert hub.call("DELETE", f"{BASE}/hs_tax").status_code == 400
    assert hub.call("PATCH", f"{BASE}/hs_tax", {"type": "string", "fieldType": "text"}).status_code == 400
    assert hub.ok("GET", f"{BASE}/hs_tax")["type"] == "number"


def test_batches_create_read_and_archive_with_errors_of_their_own(hub: Hub) -> None:
    made = hub.call("POST", f"{BASE}/batch/create", {"inputs": [body("one"), body("hs_tax"), body("two")]})
    assert made.status_code == 207
    assert [one["name"] for one in made.json()["results"]] == ["one", "two"]
    assert made.json()["errors"][0]["context"]["name"] == ["hs_tax"]
    assert hub.call("POST", f"{BASE}/batch/create", {"inputs": [body("three")]}).status_code == 201
    assert (
        hub.call(
            "POST", "/crm/properties/2026-09/orders/batch/create", {"inputs": [body("four")]}
        ).status_code
        == 200
    )
    assert hub.call("POST", f"{BASE}/batch/archive", {"inputs": [{"name": "one"}]}).status_code == 204
    read = hub.call(
        "POST", f"{BASE}/batch/read", {"inputs": [{"name": "one"}, {"name": "two"}], "archived": False}
    )
    assert (read.status_code, [one["name"] for one in read.json()["results"]]) == (207, ["two"])


def test_groups_are_made_read_changed_and_archived(hub: Hub) -> None:
    path = f"{BASE}/groups"
    made = hub.call("POST", path, {"name": "netsuite", "label": "NetSuite"})
    assert (made.status_code, made.json()["label"]) == (201, "NetSuite")
    assert hub.call("POST", path, {"name": "netsuite", "label": "NetSuite"}).status_code == 409
    assert {one["name"] for one in hub.ok("GET", path)["results"]} == {"orderinformation", "netsuite"}
    hub.ok("PATCH", f"{path}/netsuite", {"label": "From NetSuite"})
    assert hub.ok("GET", f"{path}/netsuite")["label"] == "From NetSuite"
    hub.ok("POST", BASE, body(groupName="netsuite"))
    assert hub.call("DELETE", f"{path}/netsuite").status_code == 400
    hub.call("DELETE", f"{BASE}/netsuite_po_number")
    assert hub.call("DELETE", f"{path}/netsuite").status_code == 204
    assert hub.call("GET", f"{path}/netsuite").status_code == 404


def test_by_switch_a_line_item_property_is_refused_for_want_of_a_scope(hub: Hub) -> None:
    hub.switch(hubspot_line_item_property_refused=True)
    path = "/crm/properties/2026-03/line_items"
    answer = hub.call("POST", path, body(groupName="lineiteminformation"))
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    hub.ok("POST", BASE, body())


def test_a_definition_made_by_another_process_is_seen(hub: Hub) -> None:
    from ns_hs_orders.sandbox.hubspot.store import HubSpotStore

    other = HubSpotStore(hub.path, hub.clock)
    assert "late" not in other.properties("orders")
    hub.ok("POST", BASE, body("late"))
    assert other.properties("orders")["late"].native is False
    other.close()
