"""`ns-hs-orders setup` against the HubSpot emulator: what it makes, what it leaves alone, what it refuses."""

from __future__ import annotations

import json

import pytest

from ns_hs_orders.fields.returns import return_field_map
from ns_hs_orders.settings import Settings
from ns_hs_orders.setup.groups import GROUP_LABELS
from ns_hs_orders.setup.ports import PropertyDefinition
from ns_hs_orders.setup.requirements import PIPELINE_LABEL, RETURNS, SALES_ORDERS, wanted_properties
from ns_hs_orders.wiring.stage_options import field_map_of
from ns_hs_orders_tests.setup.conftest import Command, Home

FIELDS = field_map_of(Settings(_env_file=None))
OWN = [
    (object_type, wanted)
    for object_type, definitions in wanted_properties(FIELDS, return_field_map(FIELDS)).items()
    for wanted in definitions
]
GROUPS = len({(object_type, wanted.group) for object_type, wanted in OWN})
PIPELINES, LABELS, SEGMENTS, SEGMENTS_OF_TRUST = 2, 1, 5, 2
CHANGES = len(OWN) + GROUPS + PIPELINES + LABELS + SEGMENTS


def made(home: Home) -> dict[str, dict[str, PropertyDefinition]]:
    """Properties in our groups, by object type."""
    return {
        object_type: {
            name: one
            for name, one in home.definitions.properties(object_type).items()
            if one.group in GROUP_LABELS
        }
        for object_type in ("orders", "line_items")
    }


def test_setup_makes_every_property_of_the_field_map_and_the_pipeline(empty: Home, run: Command) -> None:
    ran = run("setup")
    assert ran.code == 0
    assert "Mode sandbox: HubSpot portal 48900001" in ran.out
    assert f"{CHANGES} changes made." in ran.out
    found = made(empty)
    assert {(kind, name) for kind, group in found.items() for name in group} == {
        (kind, one.name) for kind, one in OWN
    }
    for kind, wanted in OWN:
        assert found[kind][wanted.name] == wanted
    assert [(kind, one.name) for kind, one in OWN if found[kind][one.name].has_unique_value] == [
        ("orders", "netsuite_internal_id"),
        ("line_items", "netsuite_line_key"),
    ]
    (pipeline,) = [one for one in empty.definitions.pipelines("orders") if one.label == PIPELINE_LABEL]
    assert [(stage.label, stage.state) for stage in pipeline.stages] == [
        ("Pending Approval", "OPEN"),
        ("Pending Fulfillment", "OPEN"),
        ("Fulfilled", "OPEN"),
        ("Billed", "CLOSED"),
        ("Cancelled", "CLOSED"),
    ]


def test_the_plan_shows_every_change_and_makes_none(empty: Home, run: Command) -> None:
    before = empty.writes()
    ran = run("setup", "--plan")
    assert ran.code == 0
    assert "would make  property orders.netsuite_internal_id (string, requiring unique values)\n" in ran.out
    assert "would make  property line_items.netsuite_line_amount (number)\n" in ran.out
    assert (
        "would make  order pipeline 'NetSuite Sales Orders' with Pending Approval (open), Pending Fulfillment "
        "(open), Fulfilled (open), Billed (closed), Cancelled (closed)\n" in ran.out
    )
    assert ran.out.count("would make") == CHANGES
    assert f"{CHANGES} changes; nothing was changed." in ran.out
    assert empty.writes() == before
    assert made(empty) == {"orders": {}, "line_items": {}}


def test_setup_run_twice_changes_nothing(empty: Home, run: Command) -> None:
    run("setup")
    before = empty.writes()
    for arguments in (("setup",), ("setup", "--plan")):
        ran = run(*arguments)
        assert (ran.code, ran.out.splitlines()[1:]) == (0, ["Nothing to change."])
    assert empty.writes() == before


def test_setup_makes_only_what_is_missing(empty: Home, run: Command) -> None:
    run("setup")
    empty.call("DELETE", "/crm/properties/2026-03/orders/netsuite_partner")
    ran = run("setup")
    assert ran.out.splitlines()[1:] == [
        "made     property orders.netsuite_partner (string)",
        "1 change made.",
    ]
    assert "netsuite_partner" in made(empty)["orders"]


def test_a_property_that_is_switched_off_is_not_made(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_SWITCHED_OFF_PROPERTIES", "netsuite_partner")
    assert f"{CHANGES - 1} changes made." in run("setup").out
    assert "netsuite_partner" not in made(empty)["orders"]


def test_setup_waits_until_hubspot_shows_what_was_made(empty: Home, run: Command) -> None:
    empty.switch(hubspot_property_visible_after_ms=700)
    ran = run("setup")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"{CHANGES} changes made.")
    # Nobody has to wait any more.
    assert run("setup").out.splitlines()[1:] == ["Nothing to change."]


def property_body(name: str, **changes: object) -> dict[str, object]:
    return {
        "name": name,
        "label": "Made by hand",
        "type": "string",
        "fieldType": "text",
        "groupName": "orderinformation",
        **changes,
    }


@pytest.mark.parametrize(
    "body, said",
    [
        (
            property_body("netsuite_internal_id"),
            (
                "orders.netsuite_internal_id does not require unique values, and HubSpot cannot add that later: "
                "delete it in HubSpot"
            ),
        ),
        (
            property_body("netsuite_payment_applied"),
            (
                "orders.netsuite_payment_applied is of type string, not number; HubSpot does not change types: "
                "delete it in HubSpot"
            ),
        ),
        (
            property_body("netsuite_po_number", hasUniqueValue=True),
            (
                "orders.netsuite_po_number requires unique values, so HubSpot would refuse a second order with the "
                "same one: delete it in HubSpot"
            ),
        ),
        (
            property_body("netsuite_payment_applied", type="number", fieldType="calculation_equation"),
            "orders.netsuite_payment_applied can only be read, not written: delete it in HubSpot",
        ),
    ],
    ids=["not unique", "type", "unique", "read-only"],
)
def test_a_property_that_exists_but_differs_is_an_error_that_says_what_to_do(
    empty: Home, run: Command, body: dict[str, object], said: str
) -> None:
    group = next(iter(empty.definitions.property_groups("orders")))
    empty.call("POST", "/crm/properties/2026-03/orders", {**body, "groupName": group})
    before = empty.writes()
    for arguments in (("setup", "--plan"), ("setup",)):
        ran = run(*arguments)
        assert ran.code == 2
        assert said in ran.err
        assert "then run setup again" in ran.err
    assert empty.writes() == before


def test_all_that_differs_is_named_at_once(empty: Home, run: Command) -> None:
    group = next(iter(empty.definitions.property_groups("orders")))
    for name in ("netsuite_internal_id", "netsuite_payment_applied"):
        empty.call("POST", "/crm/properties/2026-03/orders", {**property_body(name), "groupName": group})
    ran = run("setup")
    assert "orders.netsuite_internal_id" in ran.err
    assert "orders.netsuite_payment_applied" in ran.err


def test_a_property_that_somebody_made_in_another_group_is_taken_as_it_is(empty: Home, run: Command) -> None:
    group = next(iter(empty.definitions.property_groups("orders")))
    empty.call(
        "POST", "/crm/properties/2026-03/orders", {**property_body("netsuite_partner"), "groupName": group}
    )
    assert f"{CHANGES - 1} changes made." in run("setup").out
    assert empty.definitions.properties("orders")["netsuite_partner"].label == "Made by hand"


@pytest.mark.parametrize(
    "changes, said",
    [
        (
            None,
            "orders has no property hs_source_store, which HubSpot itself should have; switch it off with",
        ),
        (
            {"modificationMetadata": {"readOnlyValue": True}},
            "orders.hs_source_store can only be read in this account; switch it off with",
        ),
    ],
    ids=["missing", "read-only"],
)
def test_a_property_of_hubspots_own_that_cannot_be_written_is_an_error_until_it_is_switched_off(
    empty: Home,
    run: Command,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, object] | None,
    said: str,
) -> None:
    shown = [
        {"name": name, "type": one.type} | (changes or {} if name == "hs_source_store" else {})
        for name, one in empty.definitions.properties("orders").items()
        if changes or name != "hs_source_store"
    ]
    empty.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "method": "GET", "path": r"/properties/[^/]+/orders\?", "status": 200,
         "answer": {"results": shown}, "times": 2}
    )  # fmt: skip
    ran = run("setup")
    assert (ran.code, said in ran.err) == (2, True)
    assert "NS_HS_SWITCHED_OFF_PROPERTIES" in ran.err
    monkeypatch.setenv("NS_HS_SWITCHED_OFF_PROPERTIES", "hs_source_store")
    assert run("setup").code == 0


def test_what_another_setup_made_in_the_meantime_counts_as_made(empty: Home, run: Command) -> None:
    run("setup")
    # What the other one made does not show yet, so this one tries to make it too.
    empty.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "method": "GET", "path": r"/properties/[^/]+/orders\?", "status": 200,
         "answer": {"results": [
             {"name": name, "type": "string"}
             for name in empty.definitions.properties("orders")
             if not name.startswith("netsuite_")
         ]}}
    )  # fmt: skip
    ran = run("setup")
    assert ran.code == 0
    assert "is there property orders.netsuite_internal_id (string, requiring unique values)" in ran.out
    assert "made     property" not in ran.out


def test_a_pipeline_that_another_setup_made_in_the_meantime_counts_as_made(empty: Home, run: Command) -> None:
    run("setup")
    empty.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "method": "GET", "path": "/pipelines/", "status": 200,
         "answer": {"results": []}}
    )  # fmt: skip
    ran = run("setup")
    assert ran.code == 0
    assert "is there order pipeline 'NetSuite Sales Orders'" in ran.out
    assert [one.label for one in empty.definitions.pipelines("orders")].count(PIPELINE_LABEL) == 1


def test_a_refused_pipeline_prints_the_manual_steps_and_the_rest_is_made(empty: Home, run: Command) -> None:
    empty.switch(hubspot_pipelines_refused=True)
    ran = run("setup")
    assert ran.code == 1
    assert "refused  order pipeline 'NetSuite Sales Orders'" in ran.out
    assert (
        "1. In HubSpot, Settings → Objects → Orders → Pipelines: add 'NetSuite Sales Orders' with the stages "
        "Pending Approval (open), Pending Fulfillment (open), Fulfilled (open), Billed (closed), Cancelled (closed); "
        "or name an existing pipeline and its stages in NS_HS_HUBSPOT_PIPELINE_ID and NS_HS_HUBSPOT_STAGE_IDS."
        in ran.out
    )
    assert (
        "NS_HS_HUBSPOT_RETURN_PIPELINE_ID and NS_HS_HUBSPOT_RETURN_STAGE_IDS; or set NS_HS_RETURNS=amounts_only, which "
        "keeps the amounts of returns on their orders and makes no records of them." in ran.out
    )
    assert "crm.pipelines.orders.write" in ran.out
    assert len(made(empty)["orders"]) == len([one for kind, one in OWN if kind == "orders"])

    empty.switch(hubspot_pipelines_refused=False)
    for kind in (SALES_ORDERS, RETURNS):
        empty.call(
            "POST",
            "/crm/pipelines/2026-03/orders",
            {
                "label": kind.label,
                "displayOrder": 1,
                "stages": [
                    {"label": label, "displayOrder": place, "metadata": {"state": state}}
                    for place, (label, state) in enumerate(kind.stages.values())
                ],
            },
        )
    # the segment of open orders names stages, so it waited for them
    assert run("setup").out.splitlines()[1:] == ["made     segment 'NetSuite orders: open'", "1 change made."]


def test_refused_line_item_properties_print_the_manual_steps_and_the_rest_is_made(
    empty: Home, run: Command
) -> None:
    empty.switch(hubspot_line_item_property_refused=True)
    ran = run("setup")
    assert ran.code == 1
    assert (
        "1. In HubSpot, Settings → Properties → line_items: add 'NetSuite Line Key' with the internal name "
        "netsuite_line_key, type string, requiring unique values." in ran.out
    )
    assert "2. In HubSpot, Settings → Properties → line_items: add 'NetSuite Line Amount'" in ran.out
    assert "e-commerce" in ran.out
    assert PIPELINE_LABEL in [one.label for one in empty.definitions.pipelines("orders")]
    assert made(empty)["line_items"] == {}


def test_where_the_group_is_refused_its_properties_are_left_to_the_person_too(
    empty: Home, run: Command
) -> None:
    empty.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "method": "POST", "path": "/line_items/groups", "status": 403,
         "answer": {"category": "MISSING_SCOPES", "message": "no"}}
    )  # fmt: skip
    ran = run("setup")
    assert ran.code == 1
    assert "refused  property group netsuite on line_items" in ran.out
    assert "left     property line_items.netsuite_line_key (string, requiring unique values)" in ran.out
    assert "made     order pipeline" in ran.out


def test_a_failure_that_is_no_refusal_stops_setup_and_the_next_one_goes_on(empty: Home, run: Command) -> None:
    empty.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "method": "POST", "path": "/line_items$", "status": 400,
         "answer": {"category": "VALIDATION_ERROR", "message": "Something else"}}
    )  # fmt: skip
    ran = run("setup")
    assert ran.code == 2
    assert "Something else" in ran.err
    of_lines = len([one for kind, one in OWN if kind == "line_items"]) + 1
    assert run("setup").out.splitlines()[-1] == f"{of_lines + PIPELINES + LABELS + SEGMENTS} changes made."


def test_our_pipeline_without_a_stage_is_an_error_that_says_what_to_do(empty: Home, run: Command) -> None:
    run("setup")
    empty.call("DELETE", empty.stage("Fulfilled"))
    ran = run("setup")
    assert ran.code == 2
    assert "'NetSuite Sales Orders' lacks these stages: fulfilled (Fulfilled)" in ran.err
    assert "Add them in HubSpot, Settings → Objects → Orders → Pipelines" in ran.err


@pytest.mark.parametrize(
    "label, state, said",
    [
        ("Billed", "OPEN", "Stage 'Billed' of pipeline 'NetSuite Sales Orders' is open, not closed"),
        ("Fulfilled", "CLOSED", "Stage 'Fulfilled' of pipeline 'NetSuite Sales Orders' is closed, not open"),
    ],
)
def test_our_pipeline_with_a_stage_wrongly_open_or_closed_is_an_error_that_says_what_to_do(
    empty: Home, run: Command, label: str, state: str, said: str
) -> None:
    run("setup")
    empty.call("PATCH", empty.stage(label), {"metadata": {"state": state}})
    ran = run("setup")
    assert ran.code == 2
    assert said in ran.err
    assert "change its status in HubSpot, Settings → Objects → Orders → Pipelines" in ran.err


def default_pipeline(home: Home) -> tuple[str, dict[str, str]]:
    """HubSpot's own order pipeline, and one of its stages for each of ours."""
    pipeline = next(one for one in home.definitions.pipelines("orders") if one.label == "Order Pipeline")
    ids = {stage.label: str(stage.id) for stage in pipeline.stages}
    return str(pipeline.id), {
        "pending_approval": ids["Open"],
        "pending_fulfillment": ids["Processed"],
        "fulfilled": ids["Shipped"],
        "billed": ids["Delivered"],
        "cancelled": ids["Cancelled"],
    }


def test_an_existing_pipeline_and_its_stages_are_used_by_id(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline_id, stage_ids = default_pipeline(empty)
    monkeypatch.setenv("NS_HS_HUBSPOT_PIPELINE_ID", pipeline_id)
    monkeypatch.setenv("NS_HS_HUBSPOT_STAGE_IDS", json.dumps(stage_ids))
    ran = run("setup")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"{CHANGES - 1} changes made.")
    assert PIPELINE_LABEL not in [one.label for one in empty.definitions.pipelines("orders")]
    assert f"Pipeline 'Order Pipeline' ({pipeline_id})" in run("doctor").line("HubSpot pipeline")


@pytest.mark.parametrize(
    "pipeline_id, changes, said",
    [
        (
            "4711",
            {},
            "NS_HS_HUBSPOT_PIPELINE_ID names 4711, which HubSpot does not have. It has: Order Pipeline",
        ),
        (None, {"billed": "4712"}, "lacks these stages: billed (4712)"),
        (
            None,
            {"shipped": "1"},
            "NS_HS_HUBSPOT_STAGE_IDS names unknown stages: shipped. Known: pending_approval",
        ),
        ("", {}, "NS_HS_HUBSPOT_STAGE_IDS needs NS_HS_HUBSPOT_PIPELINE_ID"),
    ],
    ids=["pipeline", "stage", "stage name", "no pipeline"],
)
def test_a_pipeline_or_stage_that_the_settings_name_wrongly_is_an_error(
    empty: Home,
    run: Command,
    monkeypatch: pytest.MonkeyPatch,
    pipeline_id: str | None,
    changes: dict[str, str],
    said: str,
) -> None:
    real_id, stage_ids = default_pipeline(empty)
    monkeypatch.setenv("NS_HS_HUBSPOT_PIPELINE_ID", real_id if pipeline_id is None else pipeline_id)
    monkeypatch.setenv("NS_HS_HUBSPOT_STAGE_IDS", json.dumps(stage_ids | changes))
    ran = run("setup", "--plan")
    assert ran.code == 2
    assert said in ran.err


def test_nothing_is_written_to_another_portal_than_the_configured_one(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_HUBSPOT_PORTAL_ID", "12345")
    before = empty.writes()
    ran = run("setup")
    assert ran.code == 2
    assert "NS_HS_HUBSPOT_PORTAL_ID names portal 12345, but the token belongs to 48900001" in ran.err
    assert run("setup", "--plan").code == 2
    assert empty.writes() == before


def test_settings_that_name_what_is_not_there_are_refused_all_at_once_before_anything_is_made(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "DEAL_KEY_PROPERTY": "deal_numbr",
        "DEAL_ID_FIELD": "custbody_deal_id",
        "ADOPT_KEY_PROPERTY": "hs_order_nam",
        "BASE_CURRENCY": "GBP",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"NS_HS_{name}", value)
    empty.call(
        "POST",
        "/crm/properties/2026-03/orders",
        property_body("netsuite_po_number", type="number", fieldType="number"),
    )
    empty.netsuite.insert("currency", [{"id": "1", "symbol": "USD", "isbasecurrency": "T"}])
    before = empty.writes()
    for arguments in (["setup", "--plan"], ["setup"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert [line.split()[0] for line in ran.err.splitlines() if line.startswith("  ")] == [
            "NS_HS_DEAL_KEY_PROPERTY:",
            "NS_HS_ADOPT_KEY_PROPERTY:",
            "NS_HS_BASE_CURRENCY",
            "orders.netsuite_po_number",
        ]
        assert "have no property 'hs_order_nam'; there are hs_order_name" in ran.err
    assert empty.writes() == before


def test_deals_are_found_by_a_property_with_unique_values_alone(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_DEAL_ID_FIELD", "custbody_deal_id")
    monkeypatch.setenv("NS_HS_DEAL_KEY_PROPERTY", "dealname")
    ran = run("setup", "--plan")
    assert ran.code == 2
    assert "HubSpot does not require unique values of deals.dealname, so it finds no deal by them" in ran.err
    body = property_body("deal_number", hasUniqueValue=True, groupName="dealinformation")
    empty.call("POST", "/crm/properties/2026-03/deals", body)
    monkeypatch.setenv("NS_HS_DEAL_KEY_PROPERTY", "deal_number")
    ran = run("setup", "--plan")
    assert ran.code == 0
    assert "NetSuite does not show what the sync needs: customer.custentity_celigo_hubspot_id" in ran.err
    empty.switch(hubspot_missing_scopes=("crm.objects.deals.read", "crm.schemas.deals.read"))
    ran = run("setup", "--plan")
    assert ran.code == 0
    assert "Note: Whether what NS_HS_DEAL_KEY_PROPERTY names is there cannot be seen: " in ran.err
    monkeypatch.setenv("NS_HS_DEAL_ASSOCIATION", "off")
    assert "NS_HS_DEAL_KEY_PROPERTY" not in run("setup", "--plan").err


@pytest.mark.parametrize(
    "name, value, said",
    [
        (
            "TRACKING_PAGES",
            '{"OnTrac": "ftp://x"}',
            "'ftp://x' of 'OnTrac' is no https address with {number} where a number belongs. A good value: {\"OnTrac\": ",
        ),
        ("STAGE_MAP", '{"G": "bild"}', "stage of G: 'bild' is not one of pending_approval"),
        ("SALES_STAGES_LEFT_OUT", "bild", "bild is no stage; stages are pending_approval"),
        (
            "BASE_CURRENCY",
            "ZZZ",
            "'ZZZ' is not an ISO 4217 currency code. Set it to NetSuite's base currency, such as USD",
        ),
        ("HEAL_POLICY", "nope=keep", "names what the sync does not write: nope"),
        ("SWITCHED_OFF_PROPERTIES", "nope", "names what the sync does not write: nope"),
    ],
)
def test_a_setting_with_a_wrong_part_is_refused_by_its_name_by_setup_and_doctor(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"NS_HS_{name}", value)
    for arguments in (["setup"], ["doctor"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert ran.err.startswith(f"ns-hs-orders: NS_HS_{name}")
        assert said in ran.err
    assert empty.writes() == 0


def test_an_enumeration_of_ours_without_one_of_its_options_is_an_error_that_names_it(
    empty: Home, run: Command
) -> None:
    options = [{"label": "Agrees", "value": "agrees", "displayOrder": 0, "hidden": False}]
    body = property_body("netsuite_verification", type="enumeration", fieldType="select", options=options)
    empty.call("POST", "/crm/properties/2026-03/orders", body)
    ran = run("setup")
    assert ran.code == 2
    assert "orders.netsuite_verification lacks the options differs, held: add them in HubSpot" in ran.err


def test_without_trust_properties_setup_makes_none(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_TRUST_PROPERTIES", "off")
    assert f"{CHANGES - 5 - SEGMENTS_OF_TRUST} changes made." in run("setup").out
    assert "netsuite_verification" not in made(empty)["orders"]


FOREIGN = [
    {"id": "7001", "hs_order_name": "WEB-1", "hs_total_price": "1200.50", "hs_currency_code": "USD"},
    {"id": "7002", "hs_order_name": "WEB-2", "hs_total_price": "0.50", "hs_currency_code": "USD"},
    {"id": "7003", "hs_order_name": "WEB-3", "hs_currency_code": "USD"},
    {"id": "7004", "hs_order_name": "BACK-1", "hs_total_price": "-1190", "hs_currency_code": "USD"},
]


@pytest.mark.parametrize("is_set_up", [False, True], ids=["before setup", "after setup"])
def test_orders_that_something_else_wrote_are_told_with_their_dollars_before_the_first_sync(
    empty: Home, run: Command, is_set_up: bool
) -> None:
    if is_set_up:
        assert run("setup").code == 0
    empty.hubspot.load("orders", FOREIGN)
    writes = empty.writes()
    ran = run("setup", "--plan")
    assert ran.code == 0
    assert (
        "4 orders stand in HubSpot that something else wrote, with 1,201.00 USD and, below zero, -1,190.00 USD, 1 of them "
        "without a readable amount. "
        "Run `ns-hs-orders adopt --plan` before the first sync"
    ) in ran.err
    assert "1,201.00 USD" in run("doctor").line("Other integrations")
    assert empty.writes() == writes


def test_a_portal_without_other_orders_gets_no_note(empty: Home, run: Command) -> None:
    assert "Note" not in run("setup", "--plan").err
    assert run("doctor").line("Other integrations").startswith("ok")
