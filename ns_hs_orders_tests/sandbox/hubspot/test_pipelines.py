"""Pipelines and stages."""

from typing import Any

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub

BASE = "/crm/pipelines/2026-03/orders"
DEFAULT = "14a2e10e-5471-408a-906e-c51f3b04369e"
SHIPPED = "aa99e8d0-c1d5-4071-b915-d240bbb1aed9"


def stage(label: str, order: int = 0, state: str = "OPEN", **more: Any) -> dict[str, Any]:
    return {"label": label, "displayOrder": order, "metadata": {"state": state}, **more}


def pipeline(*stages: dict[str, Any], label: str = "NetSuite Sales Orders", **more: Any) -> dict[str, Any]:
    return {"label": label, "displayOrder": 1, "stages": list(stages), **more}


@pytest.mark.parametrize("base", [BASE, "/crm/v3/pipelines/orders", "/crm/pipelines/2026-09/0-123"])
def test_the_default_order_pipeline_has_its_known_ids(hub: Hub, base: str) -> None:
    (found,) = hub.ok("GET", base)["results"]
    assert (found["id"], found["label"]) == (DEFAULT, "Order Pipeline")
    assert [(one["label"], one["metadata"]) for one in found["stages"]] == [
        ("Open", {"state": "OPEN"}),
        ("Processed", {"state": "CLOSED"}),
        ("Shipped", {"state": "CLOSED"}),
        ("Delivered", {"state": "CLOSED"}),
        ("Cancelled", {"state": "CLOSED"}),
    ]
    assert found["stages"][2]["id"] == SHIPPED
    hub.switch(hubspot_default_pipeline=False)
    assert hub.ok("GET", base)["results"] == []


def test_a_pipeline_is_made_with_its_stages_in_order_and_ids_of_its_own(hub: Hub) -> None:
    made = hub.call("POST", BASE, pipeline(stage("Billed", 1, "CLOSED", colour="red"), stage("Pending", 0)))
    assert made.status_code == 201
    found = hub.ok("GET", f"{BASE}/{made.json()['id']}")
    assert [(one["label"], one["metadata"]) for one in found["stages"]] == [
        ("Pending", {"state": "OPEN"}),
        ("Billed", {"state": "CLOSED"}),
    ]
    first, second = (one["id"] for one in found["stages"])
    assert first != second
    assert all(one.isdigit() for one in (found["id"], first, second))


def test_unknown_metadata_is_dropped_and_given_ids_are_kept(hub: Hub) -> None:
    one = {
        "label": "A",
        "displayOrder": 0,
        "metadata": {"state": "OPEN", "isClosed": "false"},
        "stageId": "stage-a",
    }
    made = hub.ok("POST", BASE, pipeline(one, pipelineId="own-pipeline"))
    assert made["id"] == "own-pipeline"
    assert [(found["id"], found["metadata"]) for found in made["stages"]] == [("stage-a", {"state": "OPEN"})]


@pytest.mark.parametrize(
    "given",
    [
        pipeline(label="Order Pipeline"),
        pipeline(stage("A"), stage("a", 1)),
        pipeline({"label": "A", "displayOrder": 0, "metadata": {}}),
        pipeline({"label": "A", "displayOrder": 0, "metadata": {"state": "HALF"}}),
        pipeline(*[stage(f"S{number}", number) for number in range(31)]),
        pipeline(pipelineId="x" * 37),
        pipeline(label=""),
        {"label": "No order", "stages": []},
    ],
    ids=[
        "label taken",
        "stage label twice",
        "no state",
        "odd state",
        "31 stages",
        "long id",
        "no label",
        "no order",
    ],
)
def test_a_pipeline_that_does_not_fit_is_refused_whole(hub: Hub, given: dict[str, Any]) -> None:
    answer = hub.call("POST", BASE, given)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert [one["id"] for one in hub.ok("GET", BASE)["results"]] == [DEFAULT]


def test_stages_are_added_changed_and_deleted(hub: Hub) -> None:
    made = hub.ok("POST", BASE, pipeline(stage("A")))
    path = f"{BASE}/{made['id']}/stages"
    added = hub.call("POST", path, stage("B", 1, "CLOSED"))
    assert added.status_code == 201
    one = f"{path}/{added.json()['id']}"
    hub.ok("PATCH", one, {"label": "Done", "metadata": {"state": "OPEN"}})
    assert (hub.ok("GET", one)["label"], hub.ok("GET", one)["metadata"]) == ("Done", {"state": "OPEN"})
    assert hub.call("PUT", one, {"label": "Half"}).status_code == 400
    hub.ok("PUT", one, stage("Finished", 5, "CLOSED"))
    assert [found["label"] for found in hub.ok("GET", path)["results"]] == ["A", "Finished"]
    assert hub.call("POST", path, stage("finished", 2)).status_code == 400
    assert hub.call("DELETE", one).status_code == 204
    assert hub.call("GET", one).status_code == 404


def test_a_stage_in_use_cannot_be_deleted(hub: Hub) -> None:
    hub.create(hs_pipeline_stage=SHIPPED)
    answer = hub.call("DELETE", f"{BASE}/{DEFAULT}/stages/{SHIPPED}")
    assert (answer.status_code, answer.json()["subCategory"]) == (400, "PipelineError.STAGE_ID_IN_USE")
    assert hub.ok("GET", f"{BASE}/{DEFAULT}/stages/{SHIPPED}")["label"] == "Shipped"


def test_a_put_drops_the_stages_left_out_unless_told_to_check(hub: Hub) -> None:
    made = hub.ok("POST", BASE, pipeline(stage("A"), stage("B", 1)))
    first, second = made["stages"]
    hub.create(hs_pipeline=made["id"], hs_pipeline_stage=second["id"])
    keep = pipeline(stage("A renamed", stageId=first["id"]))
    guarded = hub.call("PUT", f"{BASE}/{made['id']}?validateReferencesBeforeDelete=true", keep)
    assert guarded.status_code == 400
    replaced = hub.ok("PUT", f"{BASE}/{made['id']}", keep)
    assert [(one["id"], one["label"]) for one in replaced["stages"]] == [(first["id"], "A renamed")]


def test_a_pipeline_is_renamed_audited_and_deleted(hub: Hub) -> None:
    made = hub.ok("POST", BASE, pipeline(stage("A")))
    path = f"{BASE}/{made['id']}"
    assert hub.ok("PATCH", path, {"label": "Renamed"})["label"] == "Renamed"
    assert hub.call("PATCH", path, {"label": "Order Pipeline"}).status_code == 400
    assert [one["action"] for one in hub.ok("GET", f"{path}/audit")["results"]] == ["UPDATE", "CREATE"]
    assert hub.call("DELETE", path).status_code == 204
    assert hub.call("GET", path).status_code == 404


def test_by_switch_the_tier_refuses_a_new_pipeline(hub: Hub) -> None:
    hub.switch(hubspot_pipelines_refused=True)
    answer = hub.call("POST", BASE, pipeline(stage("A")))
    assert answer.status_code == 403
    assert [one["id"] for one in hub.ok("GET", BASE)["results"]] == [DEFAULT]
