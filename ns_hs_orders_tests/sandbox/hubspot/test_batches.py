"""Batches: limits, duplicates, partial success, keys, order of results."""

from typing import Any

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub

KEY = "netsuite_internal_id"


def order(key: str, trace: str | None = None, **properties: str) -> dict[str, Any]:
    """An upsert input."""
    body: dict[str, Any] = {
        "id": key,
        "idProperty": KEY,
        "properties": {"hs_order_name": f"SO{key}", **properties},
    }
    return body | ({"objectWriteTraceId": trace} if trace else {})


def names(hub: Hub) -> list[str]:
    return sorted(one["properties"]["hs_order_name"] for one in hub.store.objects("orders"))


def test_an_upsert_creates_once_and_updates_after(keyed: Hub) -> None:
    first = keyed.batch("upsert", [order("1", hs_total_price="10.00")])
    assert first.status_code == 200
    (made,) = first.json()["results"]
    assert (made["new"], made["properties"][KEY], made["properties"]["hs_total_price"]) == (True, "1", "10")
    (again,) = keyed.batch("upsert", [order("1", hs_total_price="11")]).json()["results"]
    assert (again["new"], again["id"]) == (False, made["id"])
    assert keyed.values(made["id"])["hs_total_price"] == "11"


@pytest.mark.parametrize("operation", ["create", "read", "update", "upsert", "archive"])
def test_101_inputs_are_one_too_many(keyed: Hub, operation: str) -> None:
    inputs = [order(str(number)) for number in range(101)]
    answer = keyed.batch(operation, inputs, properties=[])
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert "100" in answer.json()["message"]
    assert names(keyed) == []


def test_100_inputs_are_taken_and_come_back_in_another_order(keyed: Hub) -> None:
    keys = [str(number) for number in range(100)]
    results = keyed.batch("upsert", [order(key) for key in keys]).json()["results"]
    answered = [one["properties"][KEY] for one in results]
    assert sorted(answered, key=int) == keys
    assert answered != keys


def test_the_same_key_twice_fails_the_whole_batch_even_with_trace_ids(keyed: Hub) -> None:
    answer = keyed.batch("upsert", [order("1", "a"), order("2", "b"), order("1", "c")])
    assert answer.status_code == 400
    assert answer.json()["message"] == "Duplicate IDs found in batch input: [1]. IDs must be unique"
    assert answer.json()["context"] == {"ids": ["1"]}
    assert names(keyed) == []


def test_one_bad_input_without_trace_ids_fails_all_and_writes_nothing(keyed: Hub) -> None:
    answer = keyed.batch("upsert", [order("1"), order("2", hs_total_price="ten"), order("3")])
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Property values were not valid: [{")
    assert names(keyed) == []


def test_one_bad_input_with_trace_ids_fails_alone(keyed: Hub) -> None:
    answer = keyed.batch(
        "upsert", [order("1", "t1"), order("2", "t2", hs_total_price="ten"), order("3", "t3")]
    )
    body = answer.json()
    assert (answer.status_code, body["numErrors"], len(body["errors"])) == (207, 1, 1)
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["t2"]
    assert body["errors"][0]["category"] == "VALIDATION_ERROR"
    assert all("objectWriteTraceId" not in one for one in body["results"])
    assert names(keyed) == ["SO1", "SO3"]


@pytest.mark.parametrize("traces", [("t1", "t1"), ("t1", None)])
def test_trace_ids_count_only_where_each_input_has_its_own(
    keyed: Hub, traces: tuple[str, str | None]
) -> None:
    answer = keyed.batch("upsert", [order("1", traces[0]), order("2", traces[1], hs_total_price="ten")])
    assert answer.status_code == 400
    assert names(keyed) == []


def test_an_upsert_by_a_property_that_is_not_unique_is_refused(keyed: Hub) -> None:
    inputs = [{"id": "x", "idProperty": "hs_external_order_id", "properties": {}}]
    answer = keyed.batch("upsert", inputs)
    assert answer.status_code == 400
    assert (
        answer.json()["message"]
        == "Unable to perform upsert by non-unique 0-123 property hs_external_order_id"
    )


@pytest.mark.parametrize("id_property", [None, "hs_object_id", "no_such_property"])
def test_an_upsert_needs_a_key_property_that_exists(keyed: Hub, id_property: str | None) -> None:
    given = {"id": "1", "properties": {"hs_order_name": "SO1"}} | (
        {"idProperty": id_property} if id_property else {}
    )
    assert keyed.batch("upsert", [given]).status_code == 400
    assert names(keyed) == []


@pytest.mark.parametrize("operation", ["read", "update", "upsert", "archive"])
def test_an_id_that_is_a_number_is_refused(keyed: Hub, operation: str) -> None:
    answer = keyed.batch(operation, [order("1") | {"id": 1}], properties=[])
    assert (answer.status_code, answer.json()["message"]) == (400, "Invalid input JSON: id must be a string")


def test_a_batch_read_lists_all_unknown_ids_in_one_error(keyed: Hub) -> None:
    keyed.batch("upsert", [order("1")])
    inputs = [{"id": key} for key in ("1", "8", "9")]
    answer = keyed.batch("read", inputs, properties=["hs_order_name"], idProperty=KEY)
    body = answer.json()
    assert (answer.status_code, body["numErrors"]) == (207, 1)
    assert (body["errors"][0]["category"], body["errors"][0]["context"]) == (
        "OBJECT_NOT_FOUND",
        {"ids": ["8", "9"]},
    )
    assert [one["properties"]["hs_order_name"] for one in body["results"]] == ["SO1"]


def test_a_batch_read_of_known_ids_answers_200(hub: Hub) -> None:
    ids = sorted(hub.create() for _ in range(3))
    answer = hub.batch("read", [{"id": one} for one in ids], properties=[])
    assert (answer.status_code, sorted(one["id"] for one in answer.json()["results"])) == (200, ids)
    assert "errors" not in answer.json()


def test_a_batch_update_reports_unknown_ids_and_writes_the_others(hub: Hub) -> None:
    record_id = hub.create()
    inputs = [
        {"id": one, "properties": {"hs_order_note": "n"}, "objectWriteTraceId": f"t{one}"}
        for one in (record_id, "7")
    ]
    answer = hub.batch("update", inputs)
    assert answer.status_code == 207
    (error,) = answer.json()["errors"]
    assert (error["category"], error["context"]) == (
        "OBJECT_NOT_FOUND",
        {"ids": ["7"], "objectWriteTraceId": ["t7"]},
    )
    assert hub.values(record_id)["hs_order_note"] == "n"


def test_a_create_that_hits_a_unique_value_is_a_conflict_naming_the_holder(keyed: Hub) -> None:
    holder = keyed.create(netsuite_internal_id="1")
    body = {"properties": {"hs_order_name": "again", KEY: "1"}}
    single = keyed.call("POST", "/crm/objects/2026-03/orders", body)
    assert (single.status_code, single.json()["category"]) == (409, "CONFLICT")
    assert f"Existing ID: {holder}" in single.json()["message"]
    other = {"properties": {"hs_order_name": "fine", KEY: "2"}}
    assert keyed.batch("create", [other, body]).status_code == 409
    assert names(keyed) == ["SO1"]
    traced = [other | {"objectWriteTraceId": "a"}, body | {"objectWriteTraceId": "b"}]
    answer = keyed.batch("create", traced)
    assert (answer.status_code, answer.json()["errors"][0]["category"]) == (207, "CONFLICT")
    assert names(keyed) == ["SO1", "fine"]


def test_a_batch_create_answers_201_and_associates(hub: Hub) -> None:
    first = hub.create()
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 514}]
    inputs = [{"properties": {"name": "Bolt"}, "associations": [{"to": {"id": first}, "types": types}]}]
    answer = hub.batch("create", inputs, "line_items")
    assert answer.status_code == 201
    assert hub.types(first, "line_items") == {answer.json()["results"][0]["id"]: {513}}


def test_an_update_by_key_changes_the_key_itself(keyed: Hub) -> None:
    record_id = keyed.create(netsuite_internal_id="1")
    keyed.batch("update", [{"id": "1", "idProperty": KEY, "properties": {KEY: "2"}}])
    found = keyed.batch("read", [{"id": "2"}, {"id": "1"}], properties=[], idProperty=KEY).json()
    assert [one["id"] for one in found["results"]] == [record_id]
    assert found["errors"][0]["context"]["ids"] == ["1"]


def test_a_batch_archive_answers_204_and_takes_what_is_there(hub: Hub) -> None:
    record_id = hub.create()
    answer = hub.batch("archive", [{"id": record_id}, {"id": "5"}])
    assert (answer.status_code, answer.content) == (204, b"")
    assert [one["id"] for one in hub.store.objects("orders", archived=True)] == [record_id]


def test_a_contact_is_upserted_by_its_email_in_lower_case(hub: Hub) -> None:
    for email in ("Ann@Example.com", "ann@example.com"):
        hub.batch("upsert", [{"id": email, "idProperty": "email", "properties": {}}], "contacts")
    (only,) = hub.store.objects("contacts")
    assert only["properties"]["email"] == "ann@example.com"


def test_a_new_order_needs_its_name_in_an_upsert_too(keyed: Hub) -> None:
    answer = keyed.batch("upsert", [{"id": "1", "idProperty": KEY, "properties": {"hs_total_price": "1"}}])
    assert (answer.status_code, answer.json()["context"]) == (400, {"properties": ["hs_order_name"]})
