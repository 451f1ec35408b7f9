"""The account: token, scopes, rate limits, owners, details, currencies, call log."""

import pytest
import requests

from ns_hs_orders_tests.sandbox.hubspot.conftest import TOKEN, Hub

ORDERS = "/crm/objects/2026-03/orders"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
def test_a_call_without_the_right_token_is_refused(hub: Hub, header: dict[str, str]) -> None:
    answer = requests.get(hub.url + ORDERS, headers=header, timeout=10)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    "scope, method, path",
    [
        ("crm.objects.orders.read", "GET", ORDERS),
        ("crm.objects.orders.write", "POST", ORDERS),
        ("crm.objects.line_items.write", "POST", "/crm/objects/2026-03/line_items/batch/upsert"),
        ("crm.objects.companies.write", "POST", "/crm/associations/2026-03/orders/companies/batch/create"),
        ("crm.objects.owners.read", "GET", "/crm/owners/2026-03"),
        ("settings.currencies.read", "GET", "/settings/currencies/2026-03/codes"),
    ],
)
def test_a_missing_scope_is_named(hub: Hub, scope: str, method: str, path: str) -> None:
    hub.switch(hubspot_missing_scopes=(scope,))
    answer = hub.call(method, path, {} if method == "POST" else None)
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert scope in answer.json()["errors"][0]["context"]["requiredGranularScopes"]


def test_any_of_several_scopes_opens_the_order_properties(hub: Hub) -> None:
    needed = ("crm.objects.orders.read", "crm.pipelines.orders.read", "crm.schemas.orders.read")
    hub.switch(hubspot_missing_scopes=needed)
    assert hub.call("GET", "/crm/properties/2026-03/orders").status_code == 200
    hub.switch(hubspot_missing_scopes=(*needed, "e-commerce"))
    assert hub.call("GET", "/crm/properties/2026-03/orders").status_code == 403


def test_the_right_to_write_companies_makes_no_property_of_companies(hub: Hub) -> None:
    group = {"name": "ours", "label": "Ours"}
    hub.switch(hubspot_missing_scopes=("crm.schemas.companies.write",))
    refused = hub.call("POST", "/crm/properties/2026-03/companies/groups", group)
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    hub.switch(hubspot_missing_scopes=("crm.objects.companies.write",))
    assert hub.call("POST", "/crm/properties/2026-03/companies/groups", group).status_code == 201


def test_the_token_tells_its_scopes(hub: Hub) -> None:
    path = "/oauth/v2/private-apps/get/access-token-info"
    hub.switch(hubspot_missing_scopes=("e-commerce",))
    found = hub.ok("POST", path, {"tokenKey": TOKEN})
    assert found["hubId"] == 48900001
    assert "crm.objects.orders.write" in found["scopes"]
    assert "e-commerce" not in found["scopes"]
    assert hub.call("POST", path, {}).status_code == 400


def test_the_rolling_window_counts_down_refuses_and_recovers(hub: Hub) -> None:
    hub.switch(limits="real", hubspot_calls_per_10_seconds=3)
    told = [hub.call("GET", ORDERS).headers["X-HubSpot-RateLimit-Remaining"] for _ in range(3)]
    assert told == ["2", "1", "0"]
    refused = hub.call("GET", ORDERS)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert refused.json()["errorType"] == "RATE_LIMIT"
    assert refused.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert refused.headers["X-HubSpot-RateLimit-Max"] == "3"
    hub.clock.advance(9.9)
    assert hub.call("GET", ORDERS).status_code == 429
    hub.clock.advance(0.1)
    assert hub.call("GET", ORDERS).status_code == 200


def test_objects_associations_and_search_have_windows_of_their_own(hub: Hub) -> None:
    hub.switch(limits="real")
    labels, search = "/crm/associations/2026-03/orders/companies/labels", f"{ORDERS}/search"
    assert sum(hub.call("GET", ORDERS).ok for _ in range(192)) == 190
    assert sum(hub.call("GET", labels).ok for _ in range(152)) == 150
    answers = [hub.call("POST", search, {}) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert answers[-1].json()["policyName"] == "SECONDLY"
    assert not [name for name in answers[0].headers if "ratelimit" in name.lower()]
    hub.clock.advance(1)
    assert hub.call("POST", search, {}).status_code == 200


def test_the_days_budget_ends_at_midnight_of_the_account(hub: Hub) -> None:
    hub.switch(limits="real", hubspot_calls_per_day=2)
    assert [hub.call("GET", ORDERS).status_code for _ in range(3)] == [200, 200, 429]
    assert hub.call("GET", ORDERS).json()["policyName"] == "DAILY"
    hub.clock.advance(14 * 3600)  # 15:00 UTC is 10:00 in New York
    assert hub.call("GET", ORDERS).status_code == 200


def test_without_limits_the_header_tells_of_more_calls_than_anyone_makes(hub: Hub) -> None:
    assert hub.call("GET", ORDERS).headers["X-HubSpot-RateLimit-Max"] == "10000"


def test_by_switch_fast_batch_writes_lock_the_object_type_for_two_seconds(hub: Hub) -> None:
    hub.switch(hubspot_locked_above_writes_per_second=2)
    line = [{"properties": {"name": "Bolt"}}]
    codes = [hub.batch("create", line, "line_items").status_code for _ in range(3)]
    assert codes == [201, 201, 423]
    assert hub.batch("create", line, "companies").status_code == 201
    hub.clock.advance(1.9)
    assert hub.batch("create", line, "line_items").status_code == 423
    hub.clock.advance(0.1)
    assert hub.batch("create", line, "line_items").status_code == 201
    assert len(hub.store.objects("line_items")) == 3


def test_owners_are_found_by_email_id_and_page(hub: Hub) -> None:
    hub.store.load_owners(
        [
            {"id": "11", "email": "Ann@Example.com", "firstName": "Ann", "lastName": "Lee", "userId": "501"},
            {"id": "12", "email": "bob@example.com", "firstName": "Bob", "lastName": "Ray"},
            {"id": "13", "email": "gone@example.com", "archived": "true"},
        ]
    )
    base = "/crm/owners/2026-03"
    (ann,) = hub.ok("GET", base, params={"email": "ann@example.com"})["results"]
    assert (ann["id"], ann["email"], ann["firstName"], ann["type"]) == (
        "11",
        "ann@example.com",
        "Ann",
        "PERSON",
    )
    first = hub.ok("GET", f"{base}/", params={"limit": 1})
    assert ([one["id"] for one in first["results"]], first["paging"]["next"]["after"]) == (["11"], "11")
    assert [one["id"] for one in hub.ok("GET", base, params={"after": "11"})["results"]] == ["12"]
    (gone,) = hub.ok("GET", base, params={"archived": "true"})["results"]
    assert (gone["id"], gone["archived"], "userId" in gone) == ("13", True, False)
    assert hub.ok("GET", f"{base}/501?idProperty=userId")["id"] == "11"
    assert hub.call("GET", f"{base}/13").status_code == 404


@pytest.mark.parametrize("path", ["/account-info/v3/details", "/account-info/2026-03/details"])
def test_the_account_tells_who_it_is(hub: Hub, path: str) -> None:
    found = hub.ok("GET", path)
    assert (found["portalId"], found["accountType"]) == (48900001, "DEVELOPER_TEST")
    assert (found["companyCurrency"], found["additionalCurrencies"]) == ("USD", ["EUR"])
    assert (found["timeZone"], found["utcOffset"], found["utcOffsetMilliseconds"]) == (
        "US/Eastern",
        "-05:00",
        -18000000,
    )


def test_the_days_usage_is_told(hub: Hub) -> None:
    hub.create()
    (found,) = hub.ok("GET", "/account-info/2026-03/api-usage/daily/private-apps")["results"]
    assert (found["currentUsage"], found["usageLimit"]) == (1, 625000)
    assert found["resetsAt"] == "2026-03-03T05:00:00.000Z"


def test_an_exchange_rate_enables_its_currency_and_values_orders_at_home(hub: Hub) -> None:
    base = "/settings/currencies/2026-03"
    assert hub.ok("GET", f"{base}/company-currency")["id"] == "USD"
    assert {"USD", "JPY"} <= {one["currencyCode"] for one in hub.ok("GET", f"{base}/codes")["results"]}
    made = hub.ok("POST", f"{base}/exchange-rates", {"fromCurrencyCode": "JPY", "conversionRate": 0.006712})
    assert (made["toCurrencyCode"], made["conversionRate"]) == ("USD", 0.006712)
    values = hub.values(hub.create(hs_currency_code="JPY", hs_total_price="1000"))
    assert (values["hs_exchange_rate"], values["hs_homecurrency_amount"]) == ("0.006712", "6.712")
    assert [
        one["fromCurrencyCode"] for one in hub.ok("GET", f"{base}/exchange-rates/current")["results"]
    ] == ["JPY"]
    too_fine = {"fromCurrencyCode": "JPY", "conversionRate": 0.0067123}
    assert hub.call("POST", f"{base}/exchange-rates", too_fine).status_code == 400


def test_objects_limits_and_rules_are_told(hub: Hub) -> None:
    assert hub.ok("GET", "/crm/object-library/2026-03/enablement/0-123") == {"enablement": True}
    hub.switch(hubspot_orders_enabled=False)
    assert hub.ok("GET", "/crm/object-library/2026-03/enablement/0-123") == {"enablement": False}
    assert hub.ok("GET", "/crm/object-library/2026-03/enablement")["enablementByObjectTypeId"]["0-2"] is True
    assert hub.ok("GET", "/crm/property-validations/2026-03/0-123") == {"results": []}
    assert hub.ok("GET", "/crm/limits/2026-03/associations/records/orders/companies") == {"results": []}
    hub.define("netsuite_po_number")
    assert hub.ok("GET", "/crm/limits/2026-03/custom-properties")["overallUsage"] == 1


def test_write_calls_are_counted_and_reads_are_not(keyed: Hub) -> None:
    before = keyed.store.write_calls()
    keyed.batch("read", [{"id": "1"}], properties=[])
    keyed.call("GET", ORDERS)
    keyed.call("POST", f"{ORDERS}/search", {})
    keyed.call("POST", "/crm/associations/2026-03/orders/companies/batch/read", {"inputs": []})
    assert keyed.store.write_calls() == before
    given = {"id": "1", "idProperty": "netsuite_internal_id", "properties": {"hs_order_name": "S"}}
    keyed.batch("upsert", [given])
    keyed.call("DELETE", f"{ORDERS}/5")
    assert keyed.store.write_calls() == before + 2
    assert keyed.store.calls()[-2:] == [
        ("POST", f"{ORDERS}/batch/upsert", 200, 1),
        ("DELETE", f"{ORDERS}/5", 204, None),
    ]
