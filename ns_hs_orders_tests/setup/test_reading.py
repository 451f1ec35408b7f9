"""Setup of what makes orders easy to read and find: property groups, labels, segments; never a reason to stop."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests

from ns_hs_orders_tests.setup.conftest import Command, Home

PROPERTIES = "/crm/properties/2026-03/orders"
SEGMENTS = {
    "NetSuite orders: open",
    "NetSuite orders: dollars differ",
    "NetSuite orders: newer version held back",
    "NetSuite orders: with returns",
    "Orders of other integrations",
}


def ask(home: Home, method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(
        method,
        home.sandbox.hubspot_url + path,
        json=body,
        headers={"Authorization": f"Bearer {home.sandbox.hubspot_token}"},
        timeout=10,
    )
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def groups(home: Home) -> dict[str, str]:
    """Property → label of its group."""
    labels = {one["name"]: one["label"] for one in ask(home, "GET", f"{PROPERTIES}/groups")["results"]}
    found = ask(home, "GET", PROPERTIES)["results"]
    return {one["name"]: labels[one["groupName"]] for one in found}


def segment(home: Home, name: str) -> dict[str, Any]:
    path = f"/crm/lists/2026-03/object-type-id/0-123/name/{quote(name)}"
    return dict(ask(home, "GET", path)["list"])


def members(home: Home, name: str) -> set[str]:
    path = f"/crm/lists/2026-03/{segment(home, name)['listId']}/memberships"
    return {one["recordId"] for one in ask(home, "GET", path)["results"]}


def as_an_earlier_setup(home: Home) -> None:
    """All properties of ours in one group, as before there were several."""
    names = [one["name"] for one in ask(home, "GET", f"{PROPERTIES}/groups")["results"]]
    if "netsuite" not in names:
        ask(home, "POST", f"{PROPERTIES}/groups", {"name": "netsuite", "label": "NetSuite"})
    for name, group in groups(home).items():
        if group.startswith("NetSuite: "):
            ask(home, "PATCH", f"{PROPERTIES}/{name}", {"groupName": "netsuite"})


def test_properties_stand_together_by_what_they_tell(empty: Home, run: Command) -> None:
    assert run("setup").code == 0
    found = groups(empty)
    assert found["netsuite_internal_id"] == "NetSuite: key and links"
    assert found["netsuite_hubspot_deal_url"] == "NetSuite: key and links"
    assert found["netsuite_payment_applied"] == "NetSuite: amounts"
    assert found["netsuite_order_date"] == "NetSuite: dates"
    assert found["netsuite_po_number"] == "NetSuite: buying"
    assert found["netsuite_verification"] == "Dollars verified"
    order = [one["label"] for one in ask(empty, "GET", f"{PROPERTIES}/groups")["results"]]
    assert [one for one in order if one.startswith("NetSuite: ")] == [
        "NetSuite: key and links",
        "NetSuite: amounts",
        "NetSuite: dates",
        "NetSuite: buying",
        "NetSuite: returns",
    ]


def test_a_portal_of_an_earlier_setup_is_moved_to_the_groups_and_keeps_its_values(
    empty: Home, run: Command
) -> None:
    assert run("setup").code == 0
    as_an_earlier_setup(empty)
    empty.hubspot.load("orders", [{"id": "7001", "hs_order_name": "A", "netsuite_po_number": "PO 7"}])
    plan = run("setup", "--plan")
    assert "property orders.netsuite_po_number: moved to the group 'NetSuite: buying'" in plan.out
    assert groups(empty)["netsuite_po_number"] == "NetSuite"
    assert run("doctor").line("HubSpot properties").startswith("ok")
    assert run("setup").code == 0
    assert groups(empty)["netsuite_po_number"] == "NetSuite: buying"
    assert empty.hubspot.objects("orders")[0]["properties"]["netsuite_po_number"] == "PO 7"
    assert "Nothing to change." in run("setup").out


def test_a_description_that_said_nothing_is_put_in_words_and_a_persons_own_stays(
    empty: Home, run: Command
) -> None:
    assert run("setup").code == 0
    ask(empty, "PATCH", f"{PROPERTIES}/netsuite_partner", {"description": "From NetSuite: partner's name."})
    ask(empty, "PATCH", f"{PROPERTIES}/netsuite_po_number", {"description": "Ask Ada"})
    assert "property orders.netsuite_partner: description changed" in run("setup").out
    found = {one["name"]: one["description"] for one in ask(empty, "GET", PROPERTIES)["results"]}
    assert found["netsuite_partner"] == "The partner who gets credit for the order in NetSuite."
    assert found["netsuite_po_number"] == "Ask Ada"
    assert "Nothing to change." in run("setup").out


def test_what_a_person_moved_or_renamed_stays(empty: Home, run: Command) -> None:
    assert run("setup").code == 0
    ask(empty, "POST", f"{PROPERTIES}/groups", {"name": "sales_team", "label": "Sales team"})
    ask(
        empty,
        "PATCH",
        f"{PROPERTIES}/netsuite_po_number",
        {"groupName": "sales_team", "label": "Customer PO"},
    )
    assert "Nothing to change." in run("setup").out
    assert groups(empty)["netsuite_po_number"] == "Sales team"


def test_a_portal_that_refuses_to_move_properties_is_set_up_all_the_same(empty: Home, run: Command) -> None:
    assert run("setup").code == 0
    as_an_earlier_setup(empty)
    empty.switch(hubspot_property_update_refused=True)
    ran = run("setup")
    assert ran.code == 0
    assert "not made property orders.netsuite_po_number" in ran.out


def test_segments_hold_the_orders_that_their_names_say(empty: Home, run: Command) -> None:
    ran = run("setup")
    assert ran.code == 0
    assert {f"made     segment {name!r}" for name in SEGMENTS} <= set(ran.out.splitlines())
    pipeline = next(
        one for one in empty.definitions.pipelines("orders") if one.label == "NetSuite Sales Orders"
    )
    stages = {one.label: str(one.id) for one in pipeline.stages}
    for record, properties in {
        "7001": {"hs_pipeline_stage": stages["Pending Fulfillment"], "netsuite_internal_id": "1"},
        "7002": {
            "hs_pipeline_stage": stages["Billed"],
            "netsuite_internal_id": "2",
            "netsuite_verification": "differs",
        },
        "7003": {},
        "7004": {"netsuite_internal_id": "4", "netsuite_returned_amount": "0.5"},
        "7005": {"netsuite_internal_id": "5", "netsuite_returned_amount": "0"},
    }.items():
        given = {"hs_order_name": record, **properties}
        if "hs_pipeline_stage" in given:
            given["hs_pipeline"] = str(pipeline.id)
        empty.hubspot.load("orders", [{"id": record, **given}])
    assert members(empty, "NetSuite orders: open") == {"7001"}
    assert members(empty, "NetSuite orders: dollars differ") == {"7002"}
    assert members(empty, "NetSuite orders: newer version held back") == set()
    assert members(empty, "NetSuite orders: with returns") == {"7004"}
    assert members(empty, "Orders of other integrations") == {"7003"}
    before = segment(empty, "NetSuite orders: open")["listId"]
    assert "Nothing to change." in run("setup").out
    assert segment(empty, "NetSuite orders: open")["listId"] == before


@pytest.mark.parametrize(
    "switches",
    [
        {"hubspot_missing_scopes": ["crm.lists.read", "crm.lists.write"]},
        {"hubspot_missing_scopes": ["crm.lists.write"]},
        {"hubspot_order_lists_refused": True},
    ],
    ids=["no scope at all", "no scope to write", "no segments of orders"],
)
def test_a_portal_or_token_without_segments_is_told_the_scopes_and_the_switch(
    empty: Home, run: Command, switches: dict[str, Any]
) -> None:
    empty.switch(**switches)
    ran = run("setup")
    assert ran.code == 0
    for word in ("crm.lists.read", "crm.lists.write", "NS_HS_SEGMENTS=off"):
        assert word in ran.out + ran.err
    assert run("doctor").line("HubSpot properties").startswith("ok")


def test_segments_can_be_switched_off(empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NS_HS_SEGMENTS", "off")
    assert "segment" not in run("setup", "--plan").out


def test_a_portal_that_allows_no_pipeline_gets_what_it_can_have(empty: Home, run: Command) -> None:
    empty.switch(hubspot_pipelines_refused=True)
    ran = run("setup")
    assert ran.code == 1
    assert "not made segment 'NetSuite orders: open'" in ran.out
    assert segment(empty, "Orders of other integrations")["processingType"] == "DYNAMIC"


NO_COMPANIES = ("crm.objects.companies.read", "crm.schemas.companies.read", "crm.schemas.companies.write")


@pytest.mark.parametrize("missing", [NO_COMPANIES[2:], NO_COMPANIES], ids=["none to make", "none to see"])
def test_a_token_without_a_scope_for_properties_of_companies_gets_all_that_orders_need(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NS_HS_COMPANY_ROLLUPS", "on")
    empty.switch(hubspot_missing_scopes=missing)
    ran = run("setup")
    assert ran.code == 1
    assert ran.out.count("give the token crm.schemas.companies.write") == 1
    assert ran.out.count("NS_HS_COMPANY_ROLLUPS=off: orders do without.") == 1
    assert "netsuite_internal_id" in empty.definitions.properties("orders")
    assert "NetSuite Sales Orders" in [one.label for one in empty.definitions.pipelines("orders")]
    assert segment(empty, "NetSuite orders: open")["processingType"] == "DYNAMIC"
    told = run("doctor").line("Company roll-ups")
    assert "crm.schemas.companies.write" in told

    empty.switch(hubspot_missing_scopes=())
    assert run("setup").out.splitlines()[-1] == "11 changes made."
    assert run("doctor").line("Company roll-ups").startswith("ok")


@pytest.mark.parametrize("status", [400, 404])
def test_properties_of_companies_that_hubspot_refuses_otherwise_stop_nothing_else(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("NS_HS_COMPANY_ROLLUPS", "on")
    answer = {"category": "VALIDATION_ERROR", "message": "You have reached your limit of properties."}
    refusal = {"kind": "status", "app": "hubspot", "method": "POST", "path": "/companies$", "times": 0}
    empty.sandbox.faults.add({**refusal, "status": status, "answer": answer})
    ran = run("setup")
    assert ran.code == 1
    assert "reached your limit of properties" in ran.out
    assert "made     order pipeline 'NetSuite Sales Orders'" in ran.out
    assert "made     segment 'NetSuite orders: open'" in ran.out


def test_a_token_that_may_not_see_labels_is_set_up_all_the_same(empty: Home, run: Command) -> None:
    answer = {"category": "MISSING_SCOPES", "message": "no"}
    empty.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "path": "/orders/orders/labels", "status": 403, "answer": answer, "times": 0}
    )  # fmt: skip
    ran = run("setup")
    assert ran.code == 0
    assert "not made association label 'Returned order'" in ran.out
    assert "made     segment 'NetSuite orders: open'" in ran.out
    assert "does not let the token see how" in run("doctor").line("Returns to orders")


def test_a_portal_that_refuses_the_new_groups_leaves_properties_where_they_are(
    empty: Home, run: Command
) -> None:
    assert run("setup").code == 0
    as_an_earlier_setup(empty)
    ask(empty, "DELETE", f"{PROPERTIES}/groups/netsuite_buying")
    answer = {"category": "VALIDATION_ERROR", "message": "no more groups"}
    empty.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "method": "POST", "path": "/orders/groups", "status": 400, "answer": answer, "times": 0}
    )  # fmt: skip
    ran = run("setup")
    assert ran.code == 0
    assert "not made property group netsuite_buying on orders" in ran.out
    assert groups(empty)["netsuite_po_number"] == "NetSuite"
    assert groups(empty)["netsuite_payment_applied"] == "NetSuite: amounts"
