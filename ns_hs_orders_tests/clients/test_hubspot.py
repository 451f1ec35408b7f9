"""HubSpot's calls: what is sent, and what is made of every shape of answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ns_hs_orders.clients.hubspot import HubSpotClient, open_hubspot
from ns_hs_orders.clients.hubspot.calls import ApiVersions
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.errors import ConfigError, ContractError, RemoteError
from ns_hs_orders.push.ports import AssociatedRecord, AssociationInput, CrmRecord, InputError, UpsertInput
from ns_hs_orders_tests.clients.conftest import FakeClock, Received, Scripted, ScriptedServer

TOKEN = "pat-na1-canary-0000"


@pytest.fixture
def hubspot(server: ScriptedServer, clock: FakeClock) -> HubSpotClient:
    return open_hubspot(Secret(TOKEN), base_url=server.url, clock=clock, jitter=lambda: 0.5)


def test_every_call_carries_the_token_and_a_dated_path(server: ScriptedServer, clock: FakeClock) -> None:
    server.script(Scripted(200, {"results": []}))
    client = open_hubspot(Secret(TOKEN), base_url=server.url, version="2026-09", clock=clock)
    client.objects.batch_read("orders", ["1", "2"], [])
    client.associations.read("orders", "companies", ["1"])
    client.settings.properties("orders")
    client.settings.pipelines("orders")
    client.settings.owners()
    assert [request.path for request in server.received] == [
        "/crm/objects/2026-09/orders/batch/read",
        "/crm/associations/2026-09/orders/companies/batch/read",
        "/crm/properties/2026-09/orders",
        "/crm/pipelines/2026-09/orders",
        "/crm/owners/2026-09",
    ]
    assert {request.headers["authorization"] for request in server.received} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("version", ["v3", "2026", "2026-3", "", "2026-03/../x"])
def test_a_version_that_is_no_date_is_refused(version: str) -> None:
    with pytest.raises(ConfigError, match="dated"):
        ApiVersions.all(version)


def test_an_upsert_names_its_key_three_times_and_traces_each_input(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(Scripted(200, {"status": "COMPLETE", "results": [
        {"id": "501", "new": True, "properties": {"netsuite_internal_id": "7", "hs_tax": None}, "archived": False},
        {"id": 502, "new": False, "properties": {"netsuite_internal_id": "8"}, "objectWriteTraceId": "t2"},
    ]}))  # fmt: skip
    answer = hubspot.objects.batch_upsert(
        "orders",
        "netsuite_internal_id",
        [UpsertInput("7", {"hs_order_name": "SO7"}, "t1"), UpsertInput("8", {"hs_order_name": "SO8"}, "t2")],
    )
    assert server.received[0].path == "/crm/objects/2026-03/orders/batch/upsert"
    assert server.received[0].json == {"inputs": [
        {"id": "7", "idProperty": "netsuite_internal_id", "objectWriteTraceId": "t1",
         "properties": {"hs_order_name": "SO7", "netsuite_internal_id": "7"}},
        {"id": "8", "idProperty": "netsuite_internal_id", "objectWriteTraceId": "t2",
         "properties": {"hs_order_name": "SO8", "netsuite_internal_id": "8"}},
    ]}  # fmt: skip
    assert answer.results == (
        CrmRecord("501", {"netsuite_internal_id": "7", "hs_tax": None}, is_new=True),
        CrmRecord("502", {"netsuite_internal_id": "8"}, is_new=False, trace_id="t2"),
    )
    assert answer.errors == ()


@pytest.mark.parametrize("status", [200, 201, 207])
def test_errors_of_single_inputs_are_read_whatever_the_2xx(
    server: ScriptedServer, hubspot: HubSpotClient, status: int
) -> None:
    server.script(Scripted(status, {"results": [], "numErrors": 3, "errors": [
        {"status": "error", "category": "VALIDATION_ERROR", "message": "no such option",
         "context": {"objectWriteTraceId": ["t1"]}},
        {"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["8", 9]}},
        {},
    ]}))  # fmt: skip
    answer = hubspot.objects.batch_upsert("orders", "k", [UpsertInput("7", {}, "t1")])
    assert answer.errors == (
        InputError("VALIDATION_ERROR", "no such option", trace_ids=("t1",)),
        InputError("OBJECT_NOT_FOUND", "gone", ids=("8", "9")),
        InputError("UNKNOWN", "HubSpot gave no reason."),
    )


def test_an_empty_answer_to_an_upsert_is_passed_on_to_be_counted(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(Scripted(200, {"status": "COMPLETE", "results": []}))
    answer = hubspot.objects.batch_upsert("orders", "k", [UpsertInput("7", {}, "t1")])
    assert (answer.results, answer.errors) == ((), ())


@pytest.mark.parametrize(
    "body", [{}, [], "x", {"results": None}, {"results": [1]}, {"results": [{"id": "1"}]}, {"results": [{"properties": {}}]}]
)  # fmt: skip
def test_a_2xx_of_another_shape_leaves_a_write_in_doubt(
    server: ScriptedServer, hubspot: HubSpotClient, body: Any
) -> None:
    server.script(Scripted(200, body, {"X-HubSpot-Correlation-Id": "c-9"}))
    with pytest.raises(RemoteError) as caught:
        hubspot.objects.batch_upsert("orders", "k", [UpsertInput("7", {}, "t1")])
    assert (caught.value.outcome_unknown, caught.value.transient, caught.value.correlation_id) == (
        True,
        True,
        "c-9",
    )


def test_a_refused_batch_tells_why_and_is_not_tried_again(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(Scripted(400, {"status": "error", "category": "VALIDATION_ERROR", "correlationId": "c-1",
        "message": "Duplicate IDs found in batch input: [7]. IDs must be unique", "context": {"ids": ["7"]}}))  # fmt: skip
    with pytest.raises(RemoteError) as caught:
        hubspot.objects.batch_upsert("orders", "k", [UpsertInput("7", {}, "t1")])
    error = caught.value
    assert (error.status, error.transient, error.outcome_unknown, error.attempts) == (400, False, False, 1)
    assert isinstance(error.body, dict)
    assert error.body["context"] == {"ids": ["7"]}


def test_an_upsert_whose_answer_was_lost_is_sent_again_unchanged(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(Scripted(act="reset"), Scripted(200, {"results": []}))
    hubspot.objects.batch_upsert("orders", "k", [UpsertInput("7", {}, "t1")])
    assert len(server.received) == 2
    assert server.received[0].body == server.received[1].body


def test_records_are_read_by_key_each_asked_once(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    server.script(Scripted(207, {"results": [{"id": "501", "properties": {"k": "7"}, "archived": False}],
        "errors": [{"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["8"]}}]}))  # fmt: skip
    answer = hubspot.objects.batch_read("orders", ["7", "8", "7"], ["hs_tax"], key_property="k")
    assert server.received[0].json == {
        "inputs": [{"id": "7"}, {"id": "8"}], "properties": ["hs_tax"], "propertiesWithHistory": [], "idProperty": "k",
    }  # fmt: skip
    assert server.received[0].query == {"archived": ["false"]}
    assert [record.id for record in answer.results] == ["501"]
    assert answer.errors[0].ids == ("8",)


def test_archived_records_are_read_by_id(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    server.script(Scripted(200, {"results": [{"id": "501", "properties": {}, "archived": True}]}))
    assert hubspot.objects.batch_read("orders", ["501"], [], archived=True).results[0].archived
    assert server.received[0].query == {"archived": ["true"]}
    assert "idProperty" not in server.received[0].json


def test_a_read_that_failed_in_part_is_could_not_read(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    server.script(
        Scripted(207, {"results": [], "errors": [{"category": "INTERNAL_ERROR", "message": "sorry"}]})
    )
    with pytest.raises(RemoteError, match="could not read some orders: sorry") as caught:
        hubspot.objects.batch_read("orders", ["7"], [])
    assert (caught.value.transient, caught.value.outcome_unknown) == (True, False)


@pytest.mark.parametrize(
    "object_type, key", [("orders", "k"), ("line_items", "k"), ("line_items", None)], ids=str
)
def test_a_read_that_leaves_records_out_without_a_word_is_could_not_read(
    server: ScriptedServer, hubspot: HubSpotClient, object_type: str, key: str | None
) -> None:
    server.script(
        Scripted(207, {"results": [{"id": "7", "properties": {"k": "7"}}],
                       "errors": [{"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["8"]}}]})
    )  # fmt: skip
    with pytest.raises(RemoteError, match="left out 1 of 3") as caught:
        hubspot.objects.batch_read(object_type, ["7", "8", "9"], ["k"], key_property=key)
    assert (caught.value.transient, caught.value.outcome_unknown) == (True, False)


@pytest.mark.parametrize(
    "object_type, keys, key_property",
    [("companies", ["6", "7"], None), ("contacts", ["a@x.com", "b@x.com"], "email")],
    ids=str,
)
def test_a_read_by_id_or_email_may_bring_one_survivor_for_two_merged_records(
    server: ScriptedServer,
    hubspot: HubSpotClient,
    object_type: str,
    keys: list[str],
    key_property: str | None,
) -> None:
    server.script(Scripted(200, {"results": [{"id": "7", "properties": {}}]}))
    assert len(hubspot.objects.batch_read(object_type, keys, [], key_property=key_property).results) == 1


def test_a_read_of_one_record_that_says_nothing_of_it_is_could_not_read(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    """Taken for a missing company, the order's association with it would stay for good."""
    server.script(Scripted(200, {"results": []}))
    with pytest.raises(RemoteError, match="left out 1 of 1") as caught:
        hubspot.objects.batch_read("companies", ["7"], [])
    assert (caught.value.transient, caught.value.outcome_unknown) == (True, False)


def test_archiving_takes_an_answer_without_a_body(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    server.script(Scripted(204))
    hubspot.objects.batch_archive("line_items", ["1", "2"])
    assert server.received[0].path == "/crm/objects/2026-03/line_items/batch/archive"
    assert server.received[0].json == {"inputs": [{"id": "1"}, {"id": "2"}]}


@pytest.mark.parametrize("object_type", ["../oauth", "orders/x", "a b", "", "orders?x=1", "orders%2f"])
def test_an_object_type_cannot_bend_the_path(
    server: ScriptedServer, hubspot: HubSpotClient, object_type: str
) -> None:
    with pytest.raises(ContractError, match="HubSpot path"):
        hubspot.objects.batch_archive(object_type, ["1"])
    with pytest.raises(ContractError, match="HubSpot path"):
        hubspot.associations.labels("orders", object_type)
    assert server.received == []


def test_more_inputs_than_a_call_takes_are_refused_unsent(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    many = [str(number) for number in range(101)]
    with pytest.raises(ContractError, match="at most 100"):
        hubspot.objects.batch_read("orders", many, [])
    with pytest.raises(ContractError, match="at most 100"):
        hubspot.objects.batch_archive("orders", many)
    with pytest.raises(ContractError, match="at most 100"):
        hubspot.objects.batch_upsert("orders", "k", [UpsertInput(one, {}, one) for one in many])
    with pytest.raises(ContractError, match="at most 100"):
        hubspot.associations.remove("orders", "companies", [AssociationInput(one, "1") for one in many])
    with pytest.raises(ContractError, match="at most 2000"):
        hubspot.associations.create("orders", "companies", [AssociationInput("1", "2", (509,))] * 2001)
    with pytest.raises(ContractError, match="at most 1000"):
        hubspot.associations.read("orders", "companies", ["1"] * 1001)
    assert server.received == []


def test_nothing_to_do_makes_no_call(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    hubspot.objects.batch_archive("orders", [])
    assert hubspot.objects.batch_read("orders", [], []).results == ()
    assert hubspot.objects.batch_upsert("orders", "k", []).results == ()
    assert hubspot.associations.create("orders", "companies", []) == ()
    assert hubspot.associations.remove("orders", "companies", []) == ()
    assert hubspot.associations.read("orders", "companies", []) == []
    assert server.received == []


@pytest.mark.parametrize("status", [200, 201, 207])
def test_associations_are_made_with_their_types(
    server: ScriptedServer, hubspot: HubSpotClient, status: int
) -> None:
    errors = [{"category": "VALIDATION_ERROR", "message": "no such company",
               "context": {"fromObjectId": ["1"], "toObjectId": ["9"]}}]  # fmt: skip
    server.script(Scripted(status, {"results": [], "errors": errors} if status == 207 else {"results": []}))
    found = hubspot.associations.create("orders", "companies", [AssociationInput("1", "9", (509, 934))])
    assert server.received[0].path == "/crm/associations/2026-03/orders/companies/batch/create"
    assert server.received[0].json == {"inputs": [{"from": {"id": "1"}, "to": {"id": "9"}, "types": [
        {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 509},
        {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 934}]}]}  # fmt: skip
    expected = (InputError("VALIDATION_ERROR", "no such company", ids=("1", "9")),)
    assert found == (expected if status == 207 else ())


def test_an_association_without_a_type_is_refused(hubspot: HubSpotClient) -> None:
    with pytest.raises(ContractError, match="no type"):
        hubspot.associations.create("orders", "companies", [AssociationInput("1", "9")])


@pytest.mark.parametrize("answer", [Scripted(204), Scripted(200, {"results": []})], ids=["204", "200"])
def test_associations_are_removed_by_pairs(
    server: ScriptedServer, hubspot: HubSpotClient, answer: Scripted
) -> None:
    server.script(answer)
    pairs = [AssociationInput("1", "8"), AssociationInput("1", "9"), AssociationInput("2", "9")]
    assert hubspot.associations.remove("orders", "companies", pairs) == ()
    assert server.received[0].path == "/crm/associations/2026-03/orders/companies/batch/archive"
    assert server.received[0].json == {
        "inputs": [
            {"from": {"id": "1"}, "to": [{"id": "8"}, {"id": "9"}]},
            {"from": {"id": "2"}, "to": [{"id": "9"}]},
        ]
    }


def test_associations_are_read_over_all_pages_and_both_shapes_of_ids(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(
        Scripted(207, {"results": [
            {"from": {"id": "1"}, "to": [{"toObjectId": "9", "associationTypes": [{"typeId": 509}, {"typeId": 934}]}],
             "paging": {"next": {"after": "9"}}},
            {"from": {"id": 2}, "to": [{"toObjectId": 8, "associationTypes": [{"typeId": "934"}]}]},
        ], "errors": [{"category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                       "message": "none"}]}),
        Scripted(200, {"results": [
            {"from": {"id": "1"}, "to": [{"toObjectId": "10", "associationTypes": [{"typeId": 934}]}]}]}),
    )  # fmt: skip
    assert hubspot.associations.read("orders", "companies", ["1", "2", "3"]) == [
        AssociatedRecord("1", "9", frozenset({509, 934})),
        AssociatedRecord("2", "8", frozenset({934})),
        AssociatedRecord("1", "10", frozenset({934})),
    ]
    assert server.received[1].json == {"inputs": [{"id": "1", "after": "9"}]}


def test_an_association_read_that_failed_is_not_read_nothing(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(Scripted(207, {"results": [], "errors": [{"category": "INTERNAL_ERROR", "message": "x"}]}))
    with pytest.raises(RemoteError, match="could not read associations"):
        hubspot.associations.read("orders", "companies", ["1"])


@pytest.mark.parametrize(
    "result", [{"from": {"id": "1"}}, {"to": []}, {"from": {"id": "1"}, "to": [{"toObjectId": "2"}]}]
)
def test_an_association_of_another_shape_is_not_read_nothing(
    server: ScriptedServer, hubspot: HubSpotClient, result: Any
) -> None:
    server.script(Scripted(200, {"results": [result]}))
    with pytest.raises(RemoteError):
        hubspot.associations.read("orders", "companies", ["1"])


def test_pages_that_go_round_in_circles_are_refused(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    server.script(Scripted(200, {"results": [
        {"from": {"id": "1"}, "to": [], "paging": {"next": {"after": "9"}}}]}))  # fmt: skip
    with pytest.raises(ContractError, match="come back"):
        hubspot.associations.read("orders", "companies", ["1"])
    server.script(Scripted(200, {"results": [], "paging": {"next": {"after": "9"}}}))
    with pytest.raises(ContractError, match="come back"):
        hubspot.settings.owners()


class SearchIndex:
    """A search of its own: filters by id and date, shows at most 10,000, counts the calls."""

    def __init__(self, count: int) -> None:
        day = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * 1000
        self.records = [(1000 + number, day) for number in range(count)]

    def __call__(self, request: Received) -> Scripted:
        body = request.json
        filters = {one["propertyName"]: one for one in body["filterGroups"][0]["filters"]}
        after = int(filters.get("hs_object_id", {"value": "0"})["value"])
        low, high = (int(filters["netsuite_order_date"][key]) for key in ("value", "highValue"))
        hits = [one for one, day in self.records if one > after and low <= day <= high]
        offset = int(body["after"])
        if offset + body["limit"] > 10_000:
            return Scripted(400, {"message": "past 10,000"})
        shown = hits[offset : offset + body["limit"]]
        paging = (
            {"paging": {"next": {"after": str(offset + len(shown))}}}
            if offset + len(shown) < len(hits)
            else {}
        )
        found = [{"id": str(one), "properties": {"netsuite_internal_id": f"ns{one}"}} for one in shown]
        return Scripted(200, {"total": len(hits), "results": found, **paging})


def test_a_search_goes_on_beyond_ten_thousand_results(
    server: ScriptedServer, hubspot: HubSpotClient, clock: FakeClock
) -> None:
    server.script(SearchIndex(10_450))
    found = hubspot.search.orders_dated(date(2026, 3, 1), date(2026, 3, 2))
    assert found == [f"ns{1000 + number}" for number in range(10_450)]
    assert len(server.received) == 53
    assert clock.monotonic() >= 10, "53 searches at 5 a second"


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400])
def test_a_search_ends_with_the_last_page(server: ScriptedServer, hubspot: HubSpotClient, count: int) -> None:
    server.script(SearchIndex(count))
    assert len(hubspot.search.orders_dated(date(2026, 3, 2), date(2026, 3, 2))) == count


def test_a_search_asks_for_both_days_and_for_our_orders_only(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(SearchIndex(3))
    assert hubspot.search.orders_dated(date(2026, 3, 3), date(2026, 3, 9)) == []
    assert server.received[0].json["filterGroups"] == [{"filters": [
        {"propertyName": "netsuite_order_date", "operator": "BETWEEN", "value": "1772496000000", "highValue": "1773014400000"},
        {"propertyName": "netsuite_internal_id", "operator": "HAS_PROPERTY"}]}]  # fmt: skip
    assert server.received[0].json["limit"] == 200
    assert len(server.received[0].body) < 3000


@pytest.mark.parametrize(
    "body",
    [
        {"results": [], "paging": {"next": {"after": "200"}}},
        {"results": [{"id": "2", "properties": {}}, {"id": "1", "properties": {}}]},
        {"results": [{"id": "x", "properties": {}}]},
    ],
    ids=["empty in the middle", "out of order", "id is no number"],
)
def test_a_search_page_that_contradicts_itself_is_refused(
    server: ScriptedServer, hubspot: HubSpotClient, body: Any
) -> None:
    server.script(Scripted(200, body))
    with pytest.raises(ContractError):
        hubspot.search.orders_dated(date(2026, 3, 2), date(2026, 3, 2))


class NamedOrders:
    """A search that holds many orders without our key, and answers questions that name orders with nothing."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, request: Received) -> Scripted:
        groups = request.json["filterGroups"]
        if any(one["operator"] == "IN" for group in groups for one in group["filters"]):
            return Scripted(200, {"total": 0, "results": []})
        page = [{"id": str(one + 1), "properties": {}} for one in range(200)]
        return Scripted(200, {"total": self.count, "results": page, "paging": {"next": {"after": "200"}}})


def test_many_orders_are_named_each_once_in_questions_of_the_size_that_hubspot_takes(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(NamedOrders(1_000_000))
    names, ids = [f"SO{one:08}" for one in range(700)], [str(one) for one in range(9_000_000, 9_000_700)]
    assert hubspot.search.orders_without_key(names, ids) == []
    questions = server.received[1:]
    asked: list[str] = []
    for question in questions:
        assert len(json.dumps(question.json)) <= 3000
        for group in question.json["filterGroups"]:
            has_no_key, named = group["filters"]
            assert has_no_key == {"propertyName": "netsuite_internal_id", "operator": "NOT_HAS_PROPERTY"}
            assert len(named["values"]) <= 100
            asked += named["values"]
    assert sorted(asked) == sorted([*(one.lower() for one in names), *ids])
    assert len(questions) <= 14


def test_a_history_of_an_unknown_shape_tells_nobody(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    versions = [
        {"value": "1", "timestamp": "soon", "sourceType": "CRM_UI"},
        {"value": None, "timestamp": "2026-03-02T10:00:00Z", "sourceId": "userId:9"},
        {"value": "2", "timestamp": "2026-03-02T11:00:00.5Z", "sourceType": "IMPORT", "updatedByUserId": 5},
        "x",
    ]
    records = [{"id": 7, "propertiesWithHistory": {"hs_tax": versions, "hs_note": None}}, {"id": "8"}]
    server.script(Scripted(207, {"results": records, "errors": [{"category": "OBJECT_NOT_FOUND"}]}))
    found = {one.id: one for one in hubspot.history.read_history("orders", ["7", "8", "9"], ["hs_tax"])}
    newest, oldest = found["7"].versions["hs_tax"]
    assert (newest.value, newest.source_type, newest.user_id) == ("2", "IMPORT", "5")
    assert (oldest.value, oldest.source_type, oldest.user_id) == ("", "UNKNOWN", "9")
    assert found["8"].versions == {}


def test_a_history_of_more_than_fifty_records_is_never_asked(hubspot: HubSpotClient) -> None:
    with pytest.raises(ContractError, match="at most 50"):
        hubspot.history.read_history("orders", [str(one) for one in range(51)], ["hs_tax"])


def test_owners_are_read_over_all_pages(server: ScriptedServer, hubspot: HubSpotClient) -> None:
    server.script(
        Scripted(200, {"results": [{"id": 5, "email": "a@b.c"}], "paging": {"next": {"after": "5"}}}),
        Scripted(200, {"results": [{"id": "6"}]}),
    )
    assert hubspot.settings.owners(archived=True) == [{"id": "5", "email": "a@b.c"}, {"id": "6"}]
    assert [request.query for request in server.received] == [
        {"limit": ["100"], "archived": ["true"]},
        {"limit": ["100"], "archived": ["true"], "after": ["5"]},
    ]


CREATIONS: dict[str, Callable[[HubSpotClient], object]] = {
    "property": lambda hubspot: hubspot.settings.create_property("orders", {"name": "x"}),
    "group": lambda hubspot: hubspot.settings.create_property_group("orders", "netsuite", "NetSuite"),
    "pipeline": lambda hubspot: hubspot.settings.create_pipeline("orders", {"label": "x"}),
}


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
def test_creating_a_definition_is_never_tried_twice(
    server: ScriptedServer, hubspot: HubSpotClient, create: Callable[[HubSpotClient], object]
) -> None:
    server.script(Scripted(502), Scripted(201, {"name": "x"}))
    with pytest.raises(RemoteError) as caught:
        create(hubspot)
    assert (caught.value.outcome_unknown, len(server.received)) == (True, 1)


def test_account_currencies_and_clock_come_from_the_account_details(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(
        Scripted(200, {"portalId": 123, "companyCurrency": "USD", "additionalCurrencies": ["EUR", "USD"]})
    )
    assert hubspot.settings.account()["portalId"] == "123"
    assert hubspot.settings.currencies() == ["USD", "EUR"]
    assert abs((datetime.now(UTC) - hubspot.settings.server_time()).total_seconds()) < 5


def test_account_details_without_currencies_are_refused(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(Scripted(200, {"portalId": 123}))
    with pytest.raises(ContractError, match="currencies"):
        hubspot.settings.currencies()


def test_scopes_are_asked_with_the_token_which_stays_secret(
    server: ScriptedServer, hubspot: HubSpotClient
) -> None:
    server.script(Scripted(200, {"scopes": ["b", "a"]}))
    assert hubspot.settings.scopes() == ["a", "b"]
    assert server.received[0].json == {"tokenKey": TOKEN}
    server.script(lambda request: Scripted(400, {"message": f"bad {request.body.decode()}"}))
    with pytest.raises(RemoteError) as caught:
        hubspot.settings.scopes()
    assert "canary" not in f"{caught.value!r} {caught.value} {caught.value.body}"
