"""Single records: create, read, update, archive, list, merge, history."""

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub

PREFIXES = ["/crm/v3/objects", "/crm/objects/2025-09", "/crm/objects/2026-03", "/crm/objects/2026-09"]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", ["orders", "order", "0-123"])
def test_an_order_is_served_under_each_version_and_each_name_of_its_type(
    hub: Hub, prefix: str, name: str
) -> None:
    made = hub.call("POST", f"{prefix}/{name}", {"properties": {"hs_order_name": "SO7"}, "associations": []})
    assert made.status_code == 201
    read = hub.ok("GET", f"{prefix}/{name}/{made.json()['id']}", params={"properties": "hs_order_name"})
    assert read["properties"]["hs_order_name"] == "SO7"


@pytest.mark.parametrize(
    "kind, by_id",
    [("line_items", "0-8"), ("companies", "0-2"), ("contacts", "0-1"), ("deals", "0-3"), ("products", "0-7")],
)
def test_the_other_object_types_answer_to_their_ids_too(hub: Hub, kind: str, by_id: str) -> None:
    record_id = hub.create(kind)
    assert hub.ok("GET", f"/crm/objects/2026-03/{by_id}/{record_id}")["id"] == record_id


def test_an_unknown_object_type_is_refused(hub: Hub) -> None:
    answer = hub.call("GET", "/crm/objects/2026-03/widgets")
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Unable to infer object type from: widgets",
    )


def test_a_record_shows_the_default_properties_and_those_asked_for(hub: Hub) -> None:
    record_id = hub.create(hs_total_price="12.50", hs_order_note="hello")
    found = hub.read(record_id, "orders", "hs_total_price", "no_such_property", "hs_tags")
    assert found["properties"] == {
        "hs_createdate": "2026-03-02T15:00:00.000Z",
        "hs_lastmodifieddate": "2026-03-02T15:00:00.000Z",
        "hs_object_id": record_id,
        "hs_total_price": "12.5",
        "hs_tags": None,
    }
    assert (found["createdAt"], found["archived"]) == ("2026-03-02T15:00:00.000Z", False)
    hub.switch(hubspot_empty_as_null=False)
    assert "hs_tags" not in hub.read(record_id, "orders", "hs_tags")["properties"]


def test_creating_an_order_needs_a_name(hub: Hub) -> None:
    answer = hub.call("POST", "/crm/objects/2026-03/orders", {"properties": {"hs_total_price": "1"}})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["context"] == {"properties": ["hs_order_name"]}
    assert hub.store.objects("orders") == []


def test_a_change_moves_the_stamp_and_a_write_without_change_does_not(hub: Hub) -> None:
    record_id = hub.create(hs_total_price="100")
    hub.clock.advance(5)
    path = f"/crm/objects/2026-03/orders/{record_id}"
    same = hub.ok("PATCH", path, {"properties": {"hs_total_price": "100.00"}})
    assert same["properties"]["hs_lastmodifieddate"] == "2026-03-02T15:00:00.000Z"
    changed = hub.ok("PATCH", path, {"properties": {"hs_total_price": "100.01"}})
    assert changed["properties"]["hs_lastmodifieddate"] == changed["updatedAt"] == "2026-03-02T15:00:05.000Z"
    hub.clock.advance(5)
    hub.switch(hubspot_stamp_moves_without_change=True)
    again = hub.ok("PATCH", path, {"properties": {"hs_total_price": "100.01"}})
    assert again["properties"]["hs_lastmodifieddate"] == "2026-03-02T15:00:10.000Z"


def test_an_empty_text_clears_a_value(hub: Hub) -> None:
    record_id = hub.create(hs_order_note="gone soon")
    hub.ok("PATCH", f"/crm/objects/2026-03/orders/{record_id}", {"properties": {"hs_order_note": ""}})
    assert hub.read(record_id, "orders", "hs_order_note")["properties"]["hs_order_note"] is None


def test_a_record_can_be_read_and_changed_by_its_unique_key(keyed: Hub) -> None:
    record_id = keyed.create(netsuite_internal_id="17")
    path = "/crm/objects/2026-03/orders/17?idProperty=netsuite_internal_id"
    assert keyed.ok("GET", path)["id"] == record_id
    keyed.ok("PATCH", path, {"properties": {"hs_order_name": "SO17"}})
    assert keyed.values(record_id)["hs_order_name"] == "SO17"


def test_an_archived_record_leaves_reads_and_lists_but_shows_with_archived_true(hub: Hub) -> None:
    record_id = hub.create()
    path = f"/crm/objects/2026-03/orders/{record_id}"
    assert hub.call("DELETE", path).status_code == 204
    assert hub.call("GET", path).status_code == 404
    assert hub.ok("GET", "/crm/objects/2026-03/orders")["results"] == []
    archived = hub.ok("GET", "/crm/objects/2026-03/orders?archived=true")["results"]
    assert [(one["id"], one["archived"], one["archivedAt"]) for one in archived] == [
        (record_id, True, "2026-03-02T15:00:00.000Z")
    ]
    assert hub.ok("GET", f"{path}?archived=true")["archived"] is True


@pytest.mark.parametrize("absent", ["999", "not-a-number"])
def test_archiving_what_is_not_there_answers_204(hub: Hub, absent: str) -> None:
    assert hub.call("DELETE", f"/crm/objects/2026-03/orders/{absent}").status_code == 204


def test_a_list_comes_in_pages_that_add_up(hub: Hub) -> None:
    ids = [hub.create() for _ in range(5)]
    seen, after = [], "0"
    while after:
        page = hub.ok("GET", "/crm/objects/2026-03/orders", params={"limit": 2, "after": after})
        seen += [one["id"] for one in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    assert seen == ids


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_a_list_page_has_at_most_100_records(hub: Hub, limit: str) -> None:
    assert hub.call("GET", "/crm/objects/2026-03/orders", params={"limit": limit}).status_code == 400


def test_an_order_is_created_with_its_line_items_and_shows_them(hub: Hub) -> None:
    line, company = hub.create("line_items", name="Bolt"), hub.create("companies", name="Acme")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 513}]
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 509}]
    body = {
        "properties": {"hs_order_name": "SO1"},
        "associations": [
            {"to": {"id": line}, "types": types},
            {"to": {"id": int(company)}, "types": primary},
        ],
    }
    made = hub.ok("POST", "/crm/objects/2026-03/orders", body)
    found = hub.read(made["id"], associations="line_items,companies")["associations"]
    assert found["line items"]["results"] == [{"id": line, "type": "order_to_line_item"}]
    assert {(one["id"], one["type"]) for one in found["companies"]["results"]} == {
        (company, "order_to_company"),
        (company, "order_to_company_unlabeled"),
    }


def test_an_inline_association_to_a_missing_record_fails_the_create(hub: Hub) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 513}]
    body = {"properties": {"hs_order_name": "SO1"}, "associations": [{"to": {"id": "9"}, "types": types}]}
    answer = hub.call("POST", "/crm/objects/2026-03/orders", body)
    assert answer.status_code == 400
    assert answer.json()["context"]["INVALID_OBJECT_IDS"] == ["LINE_ITEM=9 is not valid"]
    assert hub.store.objects("orders") == []


def test_history_tells_an_integration_from_a_person(hub: Hub) -> None:
    record_id = hub.create(hs_total_price="1")
    hub.clock.advance(60)
    hub.store.edit("orders", record_id, {"hs_total_price": "2"}, user_id=88)
    found = hub.read(record_id, "orders", propertiesWithHistory="hs_total_price")["propertiesWithHistory"]
    newest, oldest = found["hs_total_price"]
    assert (newest["value"], newest["sourceType"], newest["updatedByUserId"]) == ("2", "CRM_UI", 88)
    assert newest["timestamp"] == "2026-03-02T15:01:00.000Z"
    assert (oldest["value"], oldest["sourceType"]) == ("1", "INTEGRATION")
    assert "updatedByUserId" not in oldest


def test_a_batch_read_with_histories_takes_fifty_records(hub: Hub) -> None:
    ids = [{"id": str(number)} for number in range(51)]
    refused = hub.batch("read", ids, properties=[], propertiesWithHistory=["hs_total_price"])
    assert refused.status_code == 400
    assert "property histories is 50" in refused.json()["message"]
    assert hub.batch("read", ids[:50], properties=[], propertiesWithHistory=["hs_total_price"]).ok
    assert hub.batch("read", ids, properties=[], propertiesWithHistory=[]).ok


@pytest.mark.parametrize("new_id", [True, False])
def test_a_merge_keeps_the_primarys_values_and_answers_to_both_old_ids(keyed: Hub, new_id: bool) -> None:
    keyed.switch(hubspot_merge_makes_new_record=new_id)
    first = keyed.create(netsuite_internal_id="1", hs_total_price="10")
    second = keyed.create(netsuite_internal_id="2", hs_total_price="20", hs_order_note="from the second")
    line = keyed.create("line_items", name="Bolt")
    keyed.associate("orders/line_items", second, line, 513)
    body = {"primaryObjectId": first, "objectIdToMerge": second}
    survivor = keyed.ok("POST", "/crm/objects/2026-03/orders/merge", body)["id"]
    assert (survivor not in {first, second}) == new_id
    for old in (first, second):
        assert keyed.read(old)["id"] == survivor
    assert [one["id"] for one in keyed.store.objects("orders")] == [survivor]
    values = keyed.values(survivor)
    assert (values["hs_total_price"], values["hs_order_note"]) == ("10", "from the second")
    assert values["hs_merged_object_ids"] == f"{first};{second}"
    assert keyed.types(survivor, "line_items") == {line: {513}}
    by_key = keyed.batch("read", [{"id": "1"}, {"id": "2"}], properties=[], idProperty="netsuite_internal_id")
    assert [one["id"] for one in by_key.json()["results"]] == [survivor]


@pytest.mark.parametrize("new_id", [True, False])
def test_a_merge_keeps_the_primarys_own_primary_company(hub: Hub, new_id: bool) -> None:
    hub.switch(hubspot_merge_makes_new_record=new_id)
    first, second = hub.create(), hub.create()
    kept, other = hub.create("companies"), hub.create("companies")
    hub.associate("orders/companies", first, kept, 509)
    hub.associate("orders/companies", second, other, 509)
    body = {"primaryObjectId": first, "objectIdToMerge": second}
    survivor = hub.ok("POST", "/crm/objects/2026-03/orders/merge", body)["id"]
    assert hub.types(survivor, "companies") == {kept: {509, 934}, other: {934}}
    assert hub.types(kept, "orders") == {survivor: {510, 935}}


def test_v3_has_no_merge_for_orders(hub: Hub) -> None:
    body = {"primaryObjectId": hub.create(), "objectIdToMerge": hub.create()}
    assert hub.call("POST", "/crm/v3/objects/orders/merge", body).status_code == 404
    assert len(hub.store.objects("orders")) == 2


def test_a_url_that_is_too_long_is_told_so(hub: Hub) -> None:
    names = ",".join(f"hs_property_{number}" for number in range(1200))
    assert hub.call("GET", "/crm/objects/2026-03/orders", params={"properties": names}).status_code == 414


def test_merging_with_a_missing_record_changes_nothing(hub: Hub) -> None:
    first = hub.create()
    body = {"primaryObjectId": first, "objectIdToMerge": "5"}
    assert hub.call("POST", "/crm/objects/2026-03/orders/merge", body).status_code == 404
    assert [one["id"] for one in hub.store.objects("orders")] == [first]


def test_a_batch_update_of_a_merged_id_leaves_it_out_without_a_word(hub: Hub) -> None:
    first, second, third = hub.create(), hub.create(), hub.create()
    hub.store.merge("orders", first, second)
    inputs = [{"id": one, "properties": {"hs_order_note": "x"}} for one in (second, third)]
    answer = hub.batch("update", inputs)
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["results"]] == [third]


def test_an_order_is_closed_and_cancelled_by_its_stage_and_date(hub: Hub) -> None:
    shipped = "aa99e8d0-c1d5-4071-b915-d240bbb1aed9"
    record_id = hub.create(hs_total_price="10")
    assert hub.values(record_id)["hs_is_closed"] == "false"
    hub.clock.advance(1)
    body = {"properties": {"hs_pipeline_stage": shipped, "hs_external_canceled_date": "2026-03-01T00:00:00Z"}}
    hub.ok("PATCH", f"/crm/objects/2026-03/orders/{record_id}", body)
    values = hub.values(record_id)
    assert (values["hs_is_closed"], values["hs_closed_date"]) == ("true", "2026-03-02T15:00:01.000Z")
    assert values["hs_is_canceled"] == "true"


def test_a_line_items_amount_is_computed_exactly_whatever_was_sent(hub: Hub) -> None:
    line = hub.create("line_items", quantity="3", price="0.1", discount="0.03", tax="0.01", amount="999")
    values = hub.values(line, "line_items")
    assert values["amount"] == "0.21"
    assert (values["hs_pre_discount_amount"], values["hs_total_discount"]) == ("0.3", "0.09")
    assert values["hs_post_tax_amount"] == "0.22"
    body = {
        "properties": {"price": "123456789012345678.12345678", "discount": "", "hs_discount_percentage": "10"}
    }
    hub.ok("PATCH", f"/crm/objects/2026-03/line_items/{line}", body)
    assert hub.values(line, "line_items")["amount"] == "333333330333333330.933333306"


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/crm/nothing", 404),
        ("PUT", "/crm/objects/2026-03/orders", 405),
        ("GET", "/crm/objects/2024-01/orders", 404),
    ],
)
def test_an_unknown_path_or_method_is_told_so(hub: Hub, method: str, path: str, status: int) -> None:
    answer = hub.call(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, "error")


def test_a_body_that_is_not_json_is_refused(hub: Hub) -> None:
    answer = hub.call("POST", "/crm/objects/2026-03/orders", None, data="{'a'")
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "path, body",
    [
        (
            "/crm/objects/2026-03/orders/batch/upsert",
            {"inputs": [{"id": "1", "idProperty": {"a": 1}, "properties": {}}]},
        ),
        ("/crm/objects/2026-03/orders/batch/read", {"inputs": [1]}),
        ("/crm/objects/2026-03/orders/batch/read", {"inputs": [{"id": "1"}], "properties": "hs_tax"}),
        ("/crm/objects/2026-03/orders", {"properties": ["hs_order_name"]}),
        (
            "/crm/objects/2026-03/orders",
            {"properties": {"hs_order_name": "S"}, "associations": [{"to": "1", "types": [{}]}]},
        ),
        ("/crm/objects/2026-03/orders/search", {"limit": "10"}),
        ("/crm/objects/2026-03/orders/search", {"sorts": [5]}),
        (
            "/crm/associations/2026-03/orders/companies/batch/create",
            {"inputs": [{"from": "1", "to": {"id": "2"}}]},
        ),
        ("/crm/pipelines/2026-03/orders", {"label": "P", "displayOrder": 0, "stages": [{"label": "A"}]}),
        ("/crm/properties/2026-03/orders", {"name": 5}),
        ("/crm/objects/2026-03/orders/merge", {"primaryObjectId": 1, "objectIdToMerge": "2"}),
        ("/crm/objects/2026-03/orders/batch/archive", None),
    ],
)
def test_a_body_of_the_wrong_shape_is_a_validation_error(hub: Hub, path: str, body: object) -> None:
    answer = hub.call("POST", path, body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert hub.store.objects("orders") == []
