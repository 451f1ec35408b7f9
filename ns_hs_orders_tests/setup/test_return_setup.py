"""What setup makes for returns as records, what a portal may refuse of it, and what the doctor tells."""

from __future__ import annotations

import json

import pytest

from ns_hs_orders_tests.setup.conftest import Command, Home

LABEL = "association label 'Returned order' (and 'Return') between orders"


def stages(home: Home) -> list[tuple[str, str]]:
    (found,) = [one for one in home.definitions.pipelines("orders") if one.label == "NetSuite Returns"]
    return [(stage.label, stage.state) for stage in found.stages]


def test_setup_makes_the_pipeline_of_returns_its_properties_and_the_label_once(
    empty: Home, run: Command
) -> None:
    ran = run("setup")
    assert ran.code == 0
    assert stages(empty) == [
        ("Pending Approval", "OPEN"),
        ("Pending Receipt", "OPEN"),
        ("Partially Received", "OPEN"),
        ("Pending Refund", "OPEN"),
        ("Refunded", "CLOSED"),
        ("Closed", "CLOSED"),
        ("Cancelled", "CLOSED"),
    ]
    held = empty.definitions.properties("orders")
    amount, parent = held["netsuite_return_amount"], held["netsuite_return_parent"]
    assert (amount.type, amount.group, amount.label) == ("number", "netsuite_returns", "Return amount")
    assert (parent.type, parent.has_unique_value) == ("string", False)
    assert empty.definitions.properties("line_items")["netsuite_return_line_amount"].type == "number"
    assert set(empty.definitions.association_types("orders", "orders")) == {"", "Returned order", "Return"}

    before = empty.writes()
    assert run("setup").out.splitlines()[1:] == ["Nothing to change."]
    assert empty.writes() == before
    assert "has its seven stages" in run("doctor").line("HubSpot returns")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("plain", "Associated without a label."),
        ("label_limit", "Associated without a label."),
        ("none", "This portal does not associate orders with orders."),
    ],
)
def test_a_portal_that_refuses_the_label_gets_a_warning_and_all_else(
    empty: Home, run: Command, answer: str, said: str
) -> None:
    empty.switch(hubspot_order_to_order=answer)
    ran = run("setup")
    assert ran.code == 0
    assert f"not made {LABEL}: Returns do without it" in ran.out
    assert "netsuite_return_amount" in empty.definitions.properties("orders")
    assert len(stages(empty)) == 7
    assert said in run("doctor").line("Returns to orders")
    again = run("setup")
    assert (again.code, again.out.splitlines()[-1]) == (0, "0 changes made.")


def test_the_plan_and_an_existing_pipeline_are_as_with_orders(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run("setup", "--plan")
    assert "would make  return pipeline 'NetSuite Returns' with Pending Approval (open)" in ran.out
    assert f"would make  {LABEL}" in ran.out

    monkeypatch.setenv("NS_HS_HUBSPOT_RETURN_STAGE_IDS", json.dumps({"refunded": "1"}))
    ran = run("setup", "--plan")
    assert ran.code == 2
    assert "NS_HS_HUBSPOT_RETURN_STAGE_IDS needs NS_HS_HUBSPOT_RETURN_PIPELINE_ID" in ran.err

    default = next(one for one in empty.definitions.pipelines("orders") if one.label == "Order Pipeline")
    ids = [str(stage.id) for stage in default.stages]
    keys = ("pending_approval", "pending_receipt", "partially_received", "pending_refund", "refunded")
    named = dict(zip(keys, ids, strict=True)) | {"closed": ids[-1], "cancelled": ids[-1]}
    monkeypatch.setenv("NS_HS_HUBSPOT_RETURN_PIPELINE_ID", str(default.id))
    monkeypatch.setenv("NS_HS_HUBSPOT_RETURN_STAGE_IDS", json.dumps(named))
    assert run("setup").code == 0
    assert "NetSuite Returns" not in [one.label for one in empty.definitions.pipelines("orders")]
    assert "Pipeline 'Order Pipeline'" in run("doctor").line("HubSpot returns")


@pytest.mark.parametrize("setting", ["amounts_only", "off"])
def test_without_return_records_setup_makes_nothing_for_them(
    empty: Home, run: Command, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("NS_HS_RETURNS", setting)
    assert run("setup").code == 0
    assert "netsuite_return_parent" not in empty.definitions.properties("orders")
    assert "NetSuite Returns" not in [one.label for one in empty.definitions.pipelines("orders")]
    assert set(empty.definitions.association_types("orders", "orders")) == {""}
    assert "HubSpot returns" not in run("doctor").out
