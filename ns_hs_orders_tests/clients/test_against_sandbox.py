"""Both clients against the emulators, over HTTP: what a call does to the other side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.clients.hubspot import HubSpotClient, open_hubspot
from ns_hs_orders.clients.hubspot.definitions import HubSpotDefinitions
from ns_hs_orders.clients.netsuite import NetSuiteClient, open_netsuite
from ns_hs_orders.clients.netsuite_auth import Certificate, TokenKeys
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.ports import AssociationInput, UpsertInput
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox

KEY = "netsuite_internal_id"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home: Path = tmp_path_factory.mktemp("home")
    with Sandbox(home, limits="off") as running:
        orders = NetSuiteStore(running.home.netsuite_path)
        orders.insert("transaction", [
            {"id": str(number), "type": "SalesOrd", "tranid": f"SO{number}", "trandate": "2026-03-02",
             "foreigntotal": "10.15", "lastmodifieddate": "2026-03-02 10:00:00"}
            for number in range(1, 1501)
        ])  # fmt: skip
        orders.close()
        crm = HubSpotStore(running.home.hubspot_path)
        crm.load("companies", [{"id": "9001", "name": "A"}, {"id": "9002", "name": "B"}])
        crm.load_owners([{"id": "77", "email": "rep@example.com"}])
        crm.set_currencies("USD", ["EUR"])
        crm.close()
        yield running


@pytest.fixture(scope="module")
def hubspot(sandbox: Sandbox) -> Iterator[HubSpotClient]:
    client = open_hubspot(Secret(sandbox.hubspot_token), base_url=sandbox.hubspot_url)
    for object_type in ("orders", "line_items"):
        client.settings.create_property_group(object_type, "netsuite", "NetSuite")
    client.settings.create_property("orders", definition(KEY, "string", "text", hasUniqueValue=True))
    client.settings.create_property("orders", definition("netsuite_order_date", "date", "date"))
    yield client
    client.close()


def definition(name: str, type_: str, field_type: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "type": type_,
        "fieldType": field_type,
        "groupName": "netsuite",
        **more,
    }


def logins(sandbox: Sandbox) -> dict[str, Certificate | TokenKeys]:
    mine = sandbox.netsuite_credentials
    return {
        "RSA": Certificate.read(mine["certificate_id"], Path(mine["private_key_path"])),
        "EC": Certificate.read(mine["ec_certificate_id"], Path(mine["ec_private_key_path"])),
        "TBA": TokenKeys(
            *(Secret(mine[name]) for name in ("consumer_key", "consumer_secret", "token_id", "token_secret"))
        ),
    }


def open_with(sandbox: Sandbox, login: str) -> NetSuiteClient:
    mine = sandbox.netsuite_credentials
    return open_netsuite(
        mine["account"], logins(sandbox)[login], client_id=mine["client_id"], base_url=sandbox.netsuite_url
    )


@pytest.mark.parametrize("login", ["RSA", "EC", "TBA"])
def test_every_login_reads_rows(sandbox: Sandbox, login: str) -> None:
    client = open_with(sandbox, login)
    page = client.query("SELECT t.id, t.foreigntotal, t.memo FROM transaction t WHERE t.id = ?", ["7"])
    assert page.rows == [{"id": "7", "foreigntotal": "10.15"}]
    assert page.has_more is False
    client.close()


def test_a_keyset_reads_every_row_once(sandbox: Sandbox) -> None:
    client, found, last = open_with(sandbox, "EC"), [], "0"
    while True:
        page = client.query("SELECT t.id FROM transaction t WHERE t.id > ? ORDER BY t.id", [last])
        found += [row["id"] for row in page.rows]
        if not page.has_more:
            break
        last = str(page.rows[-1]["id"])
    assert found == [str(number) for number in range(1, 1501)]
    client.close()


def test_netsuite_names_the_column_that_it_does_not_know(sandbox: Sandbox) -> None:
    client = open_with(sandbox, "TBA")
    with pytest.raises(RemoteError, match="nosuchcolumn") as caught:
        client.query("SELECT t.nosuchcolumn FROM transaction t")
    assert (caught.value.status, caught.value.code, caught.value.transient) == (
        400,
        "INVALID_PARAMETER",
        False,
    )
    client.close()


def test_netsuites_clock_is_ours(sandbox: Sandbox) -> None:
    client = open_with(sandbox, "EC")
    assert abs((client.server_time() - datetime.now(UTC)).total_seconds()) < 5
    client.close()


def test_a_wrong_login_is_refused_with_netsuites_code(sandbox: Sandbox) -> None:
    mine = sandbox.netsuite_credentials
    certificate = Certificate.read("not-a-certificate", Path(mine["private_key_path"]))
    client = open_netsuite(
        mine["account"], certificate, client_id=mine["client_id"], base_url=sandbox.netsuite_url
    )
    with pytest.raises(RemoteError, match="kid") as caught:
        client.query("SELECT id FROM transaction")
    assert caught.value.code == "invalid_client"
    assert "NetSuite does not accept the login; check the credentials" in str(caught.value)


def upserts(first: int, last: int, **properties: str) -> list[UpsertInput]:
    return [
        UpsertInput(str(number), {"hs_order_name": f"SO{number}", **properties}, f"trace-{number}")
        for number in range(first, last + 1)
    ]


def stored(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    store = HubSpotStore(sandbox.home.hubspot_path)
    try:
        return {one["properties"].get(KEY): one for one in store.objects("orders")}
    finally:
        store.close()


def test_an_upsert_creates_then_updates_the_same_record(sandbox: Sandbox, hubspot: HubSpotClient) -> None:
    first = hubspot.objects.batch_upsert("orders", KEY, upserts(1, 100, hs_tax="1.10"))
    assert {record.properties[KEY] for record in first.results} == {str(number) for number in range(1, 101)}
    assert {record.is_new for record in first.results} == {True}
    second = hubspot.objects.batch_upsert("orders", KEY, upserts(1, 100, hs_tax="2.25"))
    assert {record.is_new for record in second.results} == {False}
    assert {record.id for record in second.results} == {record.id for record in first.results}
    assert stored(sandbox)["42"]["properties"]["hs_tax"] == "2.25"


def test_one_bad_input_fails_alone_and_is_named_by_its_trace(
    sandbox: Sandbox, hubspot: HubSpotClient
) -> None:
    inputs = [*upserts(201, 202), UpsertInput("203", {"hs_order_name": "x", "hs_tax": "a lot"}, "trace-bad")]
    answer = hubspot.objects.batch_upsert("orders", KEY, inputs)
    assert [error.trace_ids for error in answer.errors] == [("trace-bad",)]
    assert {record.properties[KEY] for record in answer.results} == {"201", "202"}
    assert "203" not in stored(sandbox)


def test_the_same_key_twice_fails_the_batch_with_its_ids(sandbox: Sandbox, hubspot: HubSpotClient) -> None:
    with pytest.raises(RemoteError, match="Duplicate IDs") as caught:
        hubspot.objects.batch_upsert("orders", KEY, [*upserts(211, 211), *upserts(211, 212)])
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["context"]["ids"] == ["211"]
    assert (caught.value.status, caught.value.outcome_unknown) == (400, False)
    assert caught.value.correlation_id
    assert "212" not in stored(sandbox)


def test_reading_by_key_tells_what_is_not_there(hubspot: HubSpotClient) -> None:
    hubspot.objects.batch_upsert("orders", KEY, upserts(221, 222))
    answer = hubspot.objects.batch_read("orders", ["221", "nope", "222"], ["hs_order_name"], key_property=KEY)
    assert {record.properties["hs_order_name"] for record in answer.results} == {"SO221", "SO222"}
    assert [error.ids for error in answer.errors] == [("nope",)]


def test_an_archived_record_is_read_only_when_asked_for(hubspot: HubSpotClient) -> None:
    (record,) = hubspot.objects.batch_upsert("orders", KEY, upserts(231, 231)).results
    hubspot.objects.batch_archive("orders", [record.id, "999999999"])
    assert hubspot.objects.batch_read("orders", [record.id], []).results == ()
    assert hubspot.objects.batch_read("orders", [record.id], [], archived=True).results[0].archived


def test_associations_are_made_read_and_removed(hubspot: HubSpotClient) -> None:
    (order,) = hubspot.objects.batch_upsert("orders", KEY, upserts(241, 241)).results
    pair = AssociationInput(order.id, "9001", (509,))
    assert hubspot.associations.create("orders", "companies", [pair]) == ()
    assert hubspot.associations.create("orders", "companies", [pair]) == ()
    (found,) = hubspot.associations.read("orders", "companies", [order.id])
    assert (found.from_id, found.to_id) == (order.id, "9001")
    assert 509 in found.type_ids
    assert hubspot.associations.remove("orders", "companies", [pair]) == ()
    assert hubspot.associations.remove("orders", "companies", [pair]) == ()
    assert hubspot.associations.read("orders", "companies", [order.id]) == []


def test_an_association_with_a_company_that_does_not_exist_fails_alone(hubspot: HubSpotClient) -> None:
    (order,) = hubspot.objects.batch_upsert("orders", KEY, upserts(251, 251)).results
    good, bad = AssociationInput(order.id, "9002", (509,)), AssociationInput(order.id, "8999", (509,))
    (error,) = hubspot.associations.create("orders", "companies", [good, bad])
    assert error.ids == (order.id, "8999")
    assert [one.to_id for one in hubspot.associations.read("orders", "companies", [order.id])] == ["9002"]


def test_an_order_with_more_lines_than_a_page_shows_is_read_whole(hubspot: HubSpotClient) -> None:
    (order,) = hubspot.objects.batch_upsert("orders", KEY, upserts(261, 261)).results
    hubspot.settings.create_property(
        "line_items", definition("line_key", "string", "text", hasUniqueValue=True)
    )
    lines: list[str] = []
    for start in range(0, 600, 100):
        inputs = [UpsertInput(f"261-{n}", {"name": "x"}, f"t{n}") for n in range(start, start + 100)]
        lines += [one.id for one in hubspot.objects.batch_upsert("line_items", "line_key", inputs).results]
    hubspot.associations.create(
        "orders", "line_items", [AssociationInput(order.id, line, (513,)) for line in lines]
    )
    found = hubspot.associations.read("orders", "line_items", [order.id])
    assert {one.to_id for one in found} == set(lines)
    assert len(found) == 600


def test_search_finds_our_orders_of_the_days_and_no_others(sandbox: Sandbox, hubspot: HubSpotClient) -> None:
    for first in range(1001, 1451, 100):
        day = "2026-03-01" if first < 1200 else "2026-03-05"
        hubspot.objects.batch_upsert("orders", KEY, upserts(first, first + 99, netsuite_order_date=day))
    hubspot.objects.batch_upsert("orders", KEY, upserts(2001, 2001, netsuite_order_date="2026-03-06"))
    assert set(hubspot.search.orders_dated(date(2026, 3, 2), date(2026, 3, 5))) == {
        str(n) for n in range(1201, 1501)
    }
    assert len(hubspot.search.orders_dated(date(2026, 3, 1), date(2026, 3, 5))) == 500


def test_the_accounts_settings_are_read(hubspot: HubSpotClient) -> None:
    settings = hubspot.settings
    assert settings.account()["portalId"] == "48900001"
    assert settings.currencies() == ["USD", "EUR"]
    assert [owner["email"] for owner in settings.owners()] == ["rep@example.com"]
    assert settings.owners(archived=True) == []
    assert "crm.objects.orders.write" in settings.scopes()
    assert settings.object_type_enabled("0-123")
    assert {"hs_order_name", KEY} <= {one["name"] for one in settings.properties("orders")}
    assert "netsuite" in {one["name"] for one in settings.property_groups("orders")}
    assert 509 in {one["typeId"] for one in hubspot.associations.labels("orders", "companies")}
    assert abs((settings.server_time() - datetime.now(UTC)).total_seconds()) < 5


def test_a_pipeline_is_created_and_read_back_with_its_stages(hubspot: HubSpotClient) -> None:
    stages = [
        {"label": "Billed", "displayOrder": 1, "metadata": {"state": "CLOSED"}},
        {"label": "Pending", "displayOrder": 0, "metadata": {"state": "OPEN"}},
    ]
    made = hubspot.settings.create_pipeline(
        "orders", {"label": "NetSuite", "displayOrder": 1, "stages": stages}
    )
    (found,) = [one for one in hubspot.settings.pipelines("orders") if one["id"] == made["id"]]
    assert {stage["label"]: stage["metadata"]["state"] for stage in found["stages"]} == {
        "Pending": "OPEN",
        "Billed": "CLOSED",
    }


def test_a_name_that_is_taken_is_a_conflict(hubspot: HubSpotClient) -> None:
    with pytest.raises(RemoteError) as caught:
        hubspot.settings.create_property("orders", definition(KEY, "string", "text"))
    assert (caught.value.status, caught.value.transient) == (409, False)


def test_a_wrong_token_is_refused_at_once(sandbox: Sandbox) -> None:
    client = open_hubspot(Secret("pat-wrong-0000-1111"), base_url=sandbox.hubspot_url)
    with pytest.raises(RemoteError, match="NS_HS_HUBSPOT_TOKEN") as caught:
        client.settings.account()
    assert (caught.value.status, caught.value.attempts) == (401, 1)
    assert "pat-wrong" not in str(caught.value)


def test_the_limits_of_a_real_portal_are_kept_without_a_single_429(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Sandbox(tmp_path_factory.mktemp("limits"), limits="real") as running:
        client = open_hubspot(Secret(running.hubspot_token), base_url=running.hubspot_url)
        for _ in range(8):
            with pytest.raises(RemoteError):
                client.search.orders_dated(date(2026, 3, 1), date(2026, 3, 1))
        store = HubSpotStore(running.home.hubspot_path)
        assert [call.status for call in store.calls()] == [400] * 8
        store.close()
        client.close()


def test_histories_tell_who_wrote_a_value_and_when_a_record_was_archived(
    sandbox: Sandbox, hubspot: HubSpotClient
) -> None:
    live, gone = hubspot.objects.batch_upsert("orders", KEY, upserts(251, 252, hs_tax="1.00")).results
    store = HubSpotStore(sandbox.home.hubspot_path)
    store.edit("orders", live.id, {"hs_tax": ""}, user_id=88)
    store.close()
    hubspot.objects.batch_archive("orders", [gone.id])
    (found,) = hubspot.history.read_history("orders", [live.id, gone.id, "999"], ["hs_tax"])
    newest, oldest = found.versions["hs_tax"]
    assert (found.id, found.archived_at) == (live.id, None)
    assert (newest.value, newest.source_type, newest.user_id) == ("", "CRM_UI", "88")
    assert (oldest.value, oldest.source_type, oldest.user_id) == ("1", "INTEGRATION", None)
    assert oldest.at < newest.at <= datetime.now(UTC)
    (archived,) = hubspot.history.read_history("orders", [live.id, gone.id], ["hs_tax"], archived=True)
    assert archived.id == gone.id
    assert archived.archived_at is not None
    assert newest.at <= archived.archived_at <= datetime.now(UTC)


def test_orders_without_our_key_are_found_by_name_and_id_without_regard_to_case(
    sandbox: Sandbox, hubspot: HubSpotClient
) -> None:
    """Few of them are all looked at; among many, each order is named."""
    store = HubSpotStore(sandbox.home.hubspot_path)
    store.load(
        "orders",
        [
            {"id": "2000001", "hs_order_name": "so77001"},
            {"id": "2000002", "hs_order_name": "Web", "hs_external_order_id": "77002"},
            {"id": "2000003", "hs_order_name": "SO77001", KEY: "77001"},
            {"id": "2000004", "hs_order_name": "SO77001 and more", "hs_external_order_id": "770"},
        ],
    )

    def searches() -> int:
        return sum(one.path.endswith("orders/search") for one in store.calls())

    before = searches()
    assert hubspot.search.orders_without_key(["SO77001"], ["77001", "77002"]) == ["2000001", "2000002"]
    among_few = searches()
    store.load("orders", [{"id": str(3_000_000 + one), "hs_order_name": f"Web {one}"} for one in range(450)])
    assert hubspot.search.orders_without_key(["SO77001"], ["77001", "77002"]) == ["2000001", "2000002"]
    assert (among_few - before, searches() - among_few) == (1, 2)
    number = {"label": "N", "type": "number", "fieldType": "number", "groupName": "netsuite"}
    hubspot.settings.create_property("orders", {"name": "shop_netsuite_id", **number})
    store.edit("orders", "2000004", {"shop_netsuite_id": "77001"})
    found = hubspot.search.orders_without_key(["SO77001"], ["77001", "so77001"], "shop_netsuite_id")
    assert found == ["2000001", "2000004"]
    store.archive("orders", "2000001")
    assert hubspot.search.orders_without_key(["SO77001"], []) == []
    store.close()


def test_users_have_a_name_or_an_e_mail_also_once_they_left(sandbox: Sandbox, hubspot: HubSpotClient) -> None:
    store = HubSpotStore(sandbox.home.hubspot_path)
    store.load_owners(
        [
            {"id": "81", "email": "ann@example.com", "firstName": "Ann", "lastName": "Lee", "userId": "8100"},
            {"id": "82", "email": "left@example.com", "userId": "8200", "archived": "true"},
        ]
    )
    store.close()
    names = HubSpotDefinitions(hubspot.settings).user_names()
    assert (names["8100"], names["8200"]) == ("Ann Lee", "left@example.com")
