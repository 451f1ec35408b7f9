"""What people do in HubSpot to orders of ours, seen from end to end: it is told, and never fought over."""

from __future__ import annotations

import json

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.push.ports import AssociationInput
from ns_hs_orders_tests.end_to_end.company import Company, accepted, output
from ns_hs_orders_tests.end_to_end.conftest import Make

LINE_ID = "990001"


def add_line(company: Company, key: str, **properties: str) -> None:
    """Adds a line item to an order, as a person does in HubSpot."""
    company.hubspot.load("line_items", [{"id": LINE_ID, "name": "By hand", "price": "3.00", **properties}])
    with company.session() as session:
        pair = AssociationInput(company.order(key)["id"], LINE_ID, (513,))
        assert session.hubspot.associations.create("orders", "line_items", [pair]) == ()


def test_a_line_that_a_person_added_is_told_and_never_written_over(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    company = make(24)
    key = accepted(company.sync().reconciliation, "USD")[0]
    add_line(company, key)

    assert company.command("reconcile", "--json") == 1
    (difference,) = output(capsys)["differences"]
    assert difference["order_id"] == key
    assert difference["finding"] == "lines differ"
    assert difference["cause"] == "line added in HubSpot by a person"
    assert "remove the line item in HubSpot" in difference["next_step"]
    writes = company.hubspot.write_calls()
    assert company.command("sync", "--json") == 1
    assert output(capsys)["outcomes"]["unchanged"] >= 10
    assert company.hubspot.write_calls() == writes
    with company.session() as session:
        assert session.due_orders.all() == []
        state = session.states.load([key])[key]
    assert (state.outcome, bool(state.fingerprint)) == ("unchanged", True)

    assert main(["explain", key, "--json"]) == 1
    (story,) = json.loads(capsys.readouterr().out)
    assert story["outcome"] == "unchanged"
    assert "remove the line item in HubSpot" in story["difference"][0]

    company.hubspot.archive("line_items", LINE_ID)
    assert company.reconcile().agrees


def test_a_line_with_a_key_of_ours_that_we_did_not_make_is_removed_by_the_next_sync(make: Make) -> None:
    company = make(24)
    company.carry_over()
    key = accepted(company.reconcile(), "USD")[0]
    add_line(company, key, netsuite_line_key=f"{key}-999999")

    result = company.reconcile()
    assert result.differences["cause"].tolist() == ["lines differ"]
    assert company.sync().reconciliation.agrees
    assert f"{key}-999999" not in company.order(key)["lines"]


def test_an_order_that_a_person_made_with_a_netsuite_id_is_red_and_says_what_to_do(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    company = make(24)
    company.carry_over()
    company.hubspot.load(
        "orders",
        [
            {
                "id": "880001",
                "netsuite_internal_id": "77777777",
                "netsuite_order_date": company.last.isoformat(),
                "hs_order_name": "By hand",
                "hs_currency_code": "USD",
                "hs_total_price": "12.00",
            }
        ],
    )
    assert company.command("reconcile") == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "only in HubSpot" in printed
    assert "Archive the order in HubSpot, or empty its NetSuite Internal ID" in printed
    with company.session() as session:
        assert session.due_orders.all() == []
