"""What the commands tell of returns: sync, explain, due and status, over both emulators."""

from __future__ import annotations

import json

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.push.ports import AssociationInput
from ns_hs_orders_tests.end_to_end.company import Company, output
from ns_hs_orders_tests.end_to_end.conftest import Make, make
from ns_hs_orders_tests.end_to_end.return_records import (
    held,
    make_return,
    order_to_return,
    returns_session,
    sync_returns,
    without_returns,
)
from ns_hs_orders_tests.live.lane import delete

__all__ = ["make"]


@pytest.fixture
def company(make: Make) -> Company:
    made = without_returns(make(12))
    made.sync()
    return made


def test_a_single_return_is_synced_explained_and_told_of(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    order = order_to_return(company)
    key = make_return(company, order)

    assert main(["sync", "--orders", f"RMA-{key}", "--json"]) == 0
    (row,) = output(capsys)["orders"]
    assert (row["id"], row["outcome"], row["amount"]) == (key, "created", "30.00 USD")
    assert held(company, key)["properties"]["netsuite_return_amount"] == "30"

    assert main(["explain", f"RMA-{key}", "--json"]) == 0
    (story,) = json.loads(capsys.readouterr().out)
    assert (story["what"], story["order_id"], story["outcome"]) == ("return", key, "created")
    assert story["netsuite"]["amount"] == "30.00 USD"
    assert story["netsuite"]["parent_order_id"] == order
    assert {one["label"]: one["held"] for one in story["fields"]}["Return amount"] == "30"
    assert [event["happened"] for event in story["events"]] == ["claimed", "created"]

    record = company.order(order)["id"]
    link = {"label": "Returned order, labelled 'Returned order'", "wanted": record, "held": [record]}
    assert {**link, "agrees": True} in story["links"]

    pair = AssociationInput(held(company, key)["id"], record)
    with company.session() as session:
        assert session.hubspot.associations.remove("orders", "orders", [pair]) == ()
    assert main(["explain", key, "--json"]) == 1
    (story,) = json.loads(capsys.readouterr().out)
    assert {**link, "held": [], "agrees": False} in story["links"]
    assert story["difference"] == [f"returned order: NetSuite {record}, HubSpot nothing"]

    company.edit(key, netsuite_return_amount="31")
    assert main(["explain", key]) == 1
    told = capsys.readouterr().out
    assert f"Return RMA-{key} (NetSuite id {key})" in told
    assert "Return amount: NetSuite 30.00 USD, HubSpot 31.00 USD" in told

    assert main(["sync", "--orders", "RMA-4711"]) == 2
    assert (
        "NetSuite has no sales order RMA-4711, by id or by number, and no return either"
        in capsys.readouterr().err
    )


def test_a_return_that_is_gone_from_both_systems_is_still_found_by_its_number(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    key = make_return(company, order_to_return(company))
    company.sync()
    delete(company, key)
    sync_returns(company)
    assert key not in company.held(with_returns=True)
    capsys.readouterr()

    assert main(["explain", f"RMA-{key}", "--json"]) == 0
    (story,) = json.loads(capsys.readouterr().out)
    assert (story["what"], story["order_id"], story["order_number"]) == ("return", key, f"RMA-{key}")
    assert (story["outcome"], story["reason"]) == ("archived", "not_in_netsuite")
    assert [event["happened"] for event in story["events"]][-1] == "archived"


def test_due_returns_are_listed_apart_and_closed_by_a_person(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    key = make_return(company, order_to_return(company))
    assert main(["sync", "--orders", key]) == 0
    company.edit(key, netsuite_return_amount="31")
    with returns_session(company) as session:
        session.compare(company.first, company.last)
    capsys.readouterr()

    assert main(["due", "--json"]) == 0
    document = output(capsys)
    assert document["orders"] == []
    assert [(line["order_id"], line["reason"]) for line in document["returns"]] == [
        (key, "edited in HubSpot")
    ]
    main(["status", "--json"])
    status = output(capsys)
    assert status["returns"]["due"]["waiting"]["orders"] == 1
    assert status["due"]["waiting"]["orders"] == 0, "no count of orders counts a return"

    assert main(["due", "close", key, "--by", "Pat"]) == 0
    assert "Closed until NetSuite changes them" in capsys.readouterr().out
    main(["status", "--json"])
    assert output(capsys)["returns"]["due"]["closed"]["orders"] == 1


def test_where_returns_are_no_records_no_command_tells_of_them(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NS_HS_RETURNS", "amounts_only")
    key = make_return(company, order_to_return(company))
    assert main(["sync", "--orders", key]) == 2
    assert "NetSuite has no sales order" in capsys.readouterr().err
    main(["status", "--json"])
    assert output(capsys)["returns"] is None
    main(["due", "--json"])
    assert output(capsys)["returns"] == []
