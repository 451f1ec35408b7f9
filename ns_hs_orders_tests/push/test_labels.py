"""What people and others put on the associations of an order, over the emulator: no write of ours takes it away."""

from __future__ import annotations

import pytest

from ns_hs_orders.push.ports import AssociationInput
from ns_hs_orders_tests.push.builders import Order, order
from ns_hs_orders_tests.push.conftest import Bench

OF_DEAL, OF_COMPANY = 512, 509


def labelled(bench: Bench, key: str, to_type: str, to_id: str, *with_types: int) -> int:
    """Gives an order's association a label of the portal, as a person does; the label's type id."""
    answer = bench.client.settings._transport.send(
        "POST",
        f"/crm/associations/2026-03/orders/{to_type}/labels",
        json={"label": "Renewal", "name": "renewal"},
        family="objects",
        effect="read",
    )
    label = int(answer.json["results"][0]["typeId"])
    pair = AssociationInput(record(bench, key), to_id, with_types, (("USER_DEFINED", label),))
    assert bench.associations.create("orders", to_type, [pair]) == ()
    return label


def record(bench: Bench, key: str) -> str:
    (found,) = (
        one["id"] for one in bench.store.objects("orders") if one["properties"]["netsuite_internal_id"] == key
    )
    return str(found)


def types(bench: Bench, key: str, to_type: str) -> dict[str, set[int]]:
    """Record id → type ids of an order's associations."""
    found: dict[str, set[int]] = {}
    for from_type, from_id, far_type, to_id, type_id in bench.store.associations():
        if (from_type, from_id, far_type) == ("orders", record(bench, key), to_type):
            found.setdefault(to_id, set()).add(type_id)
    return found


def with_deal(deal: str, ticket: int, memo: str = "") -> Order:
    return order(1, ticket=ticket).having(deal_url=deal, memo=memo)


def test_an_order_that_changes_keeps_the_labels_of_its_company_and_deal_and_is_not_associated_again(
    bench: Bench,
) -> None:
    bench.push([with_deal("7001", 1)])
    of_company = labelled(bench, "1", "companies", "9001", OF_COMPANY)
    of_deal = labelled(bench, "1", "deals", "7001", OF_DEAL)

    calls = bench.calls(lambda: bench.push([with_deal("7001", 2, "another")]))

    assert bench.holds()["1"]["memo"] == "another"
    assert types(bench, "1", "companies") == {"9001": {509, 934, of_company}}
    assert types(bench, "1", "deals") == {"7001": {512, of_deal}}
    asked = [one for one in calls if "orders/companies" in one or "orders/deals" in one]
    assert asked == [
        "associations/2026-03/orders/companies/batch/read",
        "associations/2026-03/orders/deals/batch/read",
    ]


def test_a_company_that_was_labelled_before_it_became_the_orders_own_keeps_the_label(bench: Bench) -> None:
    bench.push([order(1)])
    label = labelled(bench, "1", "companies", "9002")

    bench.push([order(1, ticket=2, company="9002")])

    assert types(bench, "1", "companies") == {"9002": {509, 934, label}}


@pytest.mark.parametrize("deal", ["7002", ""])
def test_an_association_of_ours_that_a_person_labelled_stays_when_netsuite_names_another(
    bench: Bench, deal: str
) -> None:
    bench.push([with_deal("7001", 1)])
    label = labelled(bench, "1", "deals", "7001", OF_DEAL)

    bench.push([with_deal(deal, 2)])

    assert types(bench, "1", "deals") == {"7001": {512, label}} | ({deal: {512}} if deal else {})
    bench.push([with_deal("", 3)])
    assert types(bench, "1", "deals") == {"7001": {512, label}}
    assert {one.kind for one in bench.states.load(["1"])["1"].links} == {"company", "line"}


def test_a_deal_that_was_taken_away_by_hand_is_made_again_where_the_order_is_found_different(
    bench: Bench,
) -> None:
    bench.push([with_deal("7001", 1)])
    assert bench.associations.remove("orders", "deals", [AssociationInput(record(bench, "1"), "7001")]) == ()
    bench.states.mark_different(["1"], ticket=1, cause="a test", now=bench.clock.now())

    bench.push([with_deal("7001", 2)])

    assert types(bench, "1", "deals") == {"7001": {512}}


def test_a_deal_that_goes_between_its_look_up_and_its_association_holds_back_its_order_for_one_try(
    bench: Bench,
) -> None:
    orders = [with_deal("7001", 1), order(2).having(deal_url="7002")]

    results = bench.push(orders, meanwhile=lambda: bench.store.archive("deals", "7001"))

    told = results.set_index("order_id_netsuite")
    assert told["outcome"].to_dict() == {"1": "rejected", "2": "created"}
    assert str(told["explanation"]["1"]).endswith("archived a moment ago, the next try goes without it.")
    assert (types(bench, "1", "deals"), types(bench, "2", "deals")) == ({}, {"7002": {512}})
    again = bench.push([with_deal("7001", 2)]).set_index("order_id_netsuite")
    assert (again["outcome"]["1"], again["warnings"]["1"]) == ("updated", "deal_not_in_hubspot")


def test_where_the_portal_allows_an_order_one_deal_the_former_makes_room(bench: Bench) -> None:
    bench.push([with_deal("7001", 1)])
    answer = {"status": "error", "category": "VALIDATION_ERROR", "message": "One deal an order is the limit."}
    bench.sandbox.faults.add(
        {
            "kind": "status", "app": "hubspot", "path": "orders/deals/batch/create",
            "status": 400, "times": 1, "answer": answer,
        }
    )  # fmt: skip

    calls = bench.calls(lambda: bench.push([with_deal("7002", 2)]))

    assert types(bench, "1", "deals") == {"7002": {512}}
    answered = [one.rpartition("/")[2] for one in calls if "orders/deals" in one]
    assert answered.index("archive") < answered.index("create")
    assert bench.states.load(["1"])["1"].outcome == "updated"


def test_what_a_record_was_associated_with_before_the_sync_knew_it_is_never_the_syncs_to_remove(
    bench: Bench,
) -> None:
    bench.store.load("orders", [{"id": "66001", "hs_order_name": "Theirs", "netsuite_internal_id": "1"}])
    theirs = AssociationInput("66001", "7001", (OF_DEAL,))
    assert bench.associations.create("orders", "deals", [theirs]) == ()

    assert bench.outcomes([with_deal("7001", 1)]) == {"1": "updated"}

    assert types(bench, "1", "deals") == {"7001": {512}}
    bench.push([with_deal("7002", 2)])
    assert types(bench, "1", "deals") == {"7001": {512}, "7002": {512}}
    bench.push([with_deal("", 3)])
    assert types(bench, "1", "deals") == {"7001": {512}}
