"""HubSpot's own SDK against the emulator: a client that nobody here wrote agrees with it."""

from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import objects, pipelines, properties
from hubspot.crm.associations import v4 as associations_v4

from ns_hs_orders_tests.sandbox.hubspot.conftest import TOKEN, Hub

KEY = "netsuite_internal_id"


@pytest.fixture
def sdk(hub: Hub) -> Any:
    return HubSpot(access_token=TOKEN, host=hub.url, base_url=hub.url)


def test_properties_and_groups(sdk: Any, hub: Hub) -> None:
    group = properties.PropertyGroupCreate(name="netsuite", label="NetSuite", display_order=1)
    assert sdk.crm.properties.groups_api.create("orders", group).name == "netsuite"
    given = properties.PropertyCreate(
        name=KEY,
        label="NetSuite id",
        type="string",
        field_type="text",
        group_name="netsuite",
        has_unique_value=True,
    )
    made = sdk.crm.properties.core_api.create("0-123", given)
    assert (made.name, made.has_unique_value, made.modification_metadata.read_only_value) == (
        KEY,
        True,
        False,
    )
    assert sdk.crm.properties.core_api.get_by_name("orders", KEY).label == "NetSuite id"
    names = {one.name for one in sdk.crm.properties.core_api.get_all("orders").results}
    assert {KEY, "hs_total_price"} <= names
    with pytest.raises(properties.ApiException) as caught:
        sdk.crm.properties.core_api.create("orders", given)
    assert caught.value.status == 409
    sdk.crm.properties.core_api.archive("orders", KEY)
    assert KEY not in hub.store.properties("orders")


def test_records_one_by_one(sdk: Any, hub: Hub) -> None:
    basic = sdk.crm.objects.basic_api
    given = objects.SimplePublicObjectInputForCreate(properties={"hs_order_name": "SO1"}, associations=[])
    made = basic.create("orders", given)
    basic.update("orders", made.id, objects.SimplePublicObjectInput(properties={"hs_total_price": "10.50"}))
    found = basic.get_by_id("orders", made.id, properties=["hs_total_price"])
    assert found.properties["hs_total_price"] == "10.5"
    assert [one.id for one in basic.get_page("orders", limit=10).results] == [made.id]
    basic.archive("orders", made.id)
    assert [one["id"] for one in hub.store.objects("orders", archived=True)] == [made.id]


def test_batches_and_their_errors(sdk: Any, keyed: Hub) -> None:
    batch = sdk.crm.objects.batch_api

    def one(key: str, total: str) -> Any:
        return objects.SimplePublicObjectBatchInputUpsert(
            id=key, id_property=KEY, object_write_trace_id=f"t{key}",
            properties={"hs_order_name": f"SO{key}", "hs_total_price": total},
        )  # fmt: skip

    body = objects.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one("1", "1.10"), one("2", "2.20")])
    made = batch.upsert("orders", body)
    assert {result.properties[KEY]: result.new for result in made.results} == {"1": True, "2": True}
    mixed = batch.upsert(
        "0-123", objects.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one("1", "x"), one("3", "3")])
    )
    assert (mixed.num_errors, mixed.errors[0].context["objectWriteTraceId"]) == (1, ["t1"])
    read = batch.read(
        "orders",
        objects.BatchReadInputSimplePublicObjectId(
            id_property=KEY, inputs=[objects.SimplePublicObjectId(id=key) for key in ("1", "3", "9")],
            properties=["hs_total_price"], properties_with_history=[],
        ),
    )  # fmt: skip
    assert sorted(result.properties["hs_total_price"] for result in read.results) == ["1.1", "3"]
    assert read.errors[0].context["ids"] == ["9"]
    batch.archive(
        "orders",
        objects.BatchInputSimplePublicObjectId(
            inputs=[objects.SimplePublicObjectId(id=one.id) for one in read.results]
        ),
    )
    assert len(keyed.store.objects("orders")) == 1


def test_search(sdk: Any, hub: Hub) -> None:
    for name in ("A", "B"):
        hub.create(hs_order_name=name)
    request = objects.PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "hs_order_name", "operator": "EQ", "value": "B"}]}],
        properties=["hs_order_name"], limit=10,
    )  # fmt: skip
    found = sdk.crm.objects.search_api.do_search("orders", request)
    assert (found.total, found.results[0].properties["hs_order_name"]) == (1, "B")


def test_pipelines(sdk: Any, hub: Hub) -> None:
    api = sdk.crm.pipelines.pipelines_api
    assert [one.label for one in api.get_all("orders").results] == ["Order Pipeline"]
    stages = [
        pipelines.PipelineStageInput(label=label, display_order=place, metadata={"state": state})
        for place, (label, state) in enumerate([("Pending Fulfillment", "OPEN"), ("Billed", "CLOSED")])
    ]
    made = api.create(
        "orders", pipelines.PipelineInput(label="NetSuite Sales Orders", display_order=1, stages=stages)
    )
    found = api.get_by_id("orders", made.id)
    assert [(one.label, one.metadata["state"]) for one in found.stages] == [
        ("Pending Fulfillment", "OPEN"),
        ("Billed", "CLOSED"),
    ]


def test_associations(sdk: Any, hub: Hub) -> None:
    order, company, line = hub.create(), hub.create("companies"), hub.create("line_items")
    v4 = sdk.crm.associations.v4
    spec = associations_v4.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=509)
    made = v4.batch_api.create(
        "orders",
        "companies",
        associations_v4.BatchInputPublicAssociationMultiPost(
            inputs=[
                associations_v4.PublicAssociationMultiPost(
                    _from={"id": order}, to={"id": company}, types=[spec]
                )
            ]
        ),
    )
    assert made.results[0].labels == ["Primary"]
    v4.basic_api.create_default("orders", order, "line_items", line)
    listed = v4.basic_api.get_page("orders", order, "companies").results
    assert {kind.type_id for kind in listed[0].association_types} == {509, 934}
    v4.batch_api.archive(
        "orders",
        "companies",
        associations_v4.BatchInputPublicAssociationMultiArchive(
            inputs=[associations_v4.PublicAssociationMultiArchive(_from={"id": order}, to=[{"id": company}])]
        ),
    )
    assert (hub.types(order, "companies"), hub.types(order, "line_items")) == ({}, {line: {513}})
    labels = v4.schema.definitions_api.get_all("orders", "companies").results
    assert sorted(one.type_id for one in labels) == [509, 934]


def test_owners(sdk: Any, hub: Hub) -> None:
    hub.store.load_owners([{"id": "7", "email": "ann@example.com", "firstName": "Ann", "lastName": "Lee"}])
    (found,) = sdk.crm.owners.owners_api.get_page(email="ann@example.com").results
    assert (found.id, found.first_name, found.archived) == ("7", "Ann", False)
    assert sdk.crm.owners.owners_api.get_by_id(7).email == "ann@example.com"


def test_a_refusal_reaches_the_caller_with_its_status_and_message(sdk: Any, hub: Hub) -> None:
    given = objects.SimplePublicObjectInputForCreate(
        properties={"hs_order_name": "S", "bogus": "1"}, associations=[]
    )
    with pytest.raises(objects.ApiException) as caught:
        sdk.crm.objects.basic_api.create("orders", given)
    assert caught.value.status == 400
    assert "PROPERTY_DOESNT_EXIST" in caught.value.body
