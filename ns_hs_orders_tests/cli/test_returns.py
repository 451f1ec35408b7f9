"""What the commands tell of returns: sync, explain, due and status, over both emulators."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.cli.reconcile import show
from ns_hs_orders.clients.transport import SystemClock
from ns_hs_orders.defs.in_process import DaysRun
from ns_hs_orders.push.ports import AssociationInput
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.wiring.returns.session import open_returns
from ns_hs_orders.wiring.returns.withdrawal import left_in_hubspot, withdraw
from ns_hs_orders.withdraw.left import AMOUNTS_WRITTEN, DEFAULT_AMOUNTS
from ns_hs_orders_tests.end_to_end.company import Company, output
from ns_hs_orders_tests.end_to_end.conftest import Make, make
from ns_hs_orders_tests.end_to_end.return_records import (
    forget,
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


def test_a_single_return_is_synced_explained_and_told_of_by_its_number_also_when_it_is_gone(
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

    company.reconcile()
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


def test_a_changed_setting_of_returns_is_named_and_carried_through_and_taken_back(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    order, lost = order_to_return(company), "900002"
    key = make_return(company, order, status="G")
    assert make_return(company, order, status="G") == lost
    company.sync()
    forget(company, lost)
    amounts = {
        name: company.order(order)["properties"].get(name)
        for name in ("netsuite_returned_amount", "netsuite_net_total", "netsuite_return_status")
    }
    assert amounts["netsuite_returned_amount"] == "60"

    monkeypatch.setenv("NS_HS_RETURNS", "amounts_only")
    capsys.readouterr()
    assert main(["status"]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert (
        "HubSpot still holds 1 return record, which NS_HS_RETURNS=amounts_only keeps up no more." in printed
    )
    assert "`ns-hs-orders withdraw --plan` shows it" in printed
    main(["doctor"])
    told = next(line for line in capsys.readouterr().out.splitlines() if "Returns left" in line)
    assert "HubSpot still holds 2 return records" in told
    show([DaysRun("run", company.first, company.last, company.reconcile())], as_json=True)
    assert "HubSpot still holds 1 return record" in capsys.readouterr().err
    assert main(["sync", "--orders", key]) == 2
    assert "NetSuite has no sales order" in capsys.readouterr().err
    main(["status", "--json"])
    assert output(capsys)["returns"] is None
    main(["due", "--json"])
    assert output(capsys)["returns"] == []
    assert main(["explain", f"RMA-{key}"]) == 2
    assert f"RMA-{key} is a return, and NS_HS_RETURNS=amounts_only" in (said := capsys.readouterr().err)
    assert f"`ns-hs-orders explain {order}`" in said
    assert main(["withdraw"]) == 2
    assert main(["withdraw", "--plan"]) == 0
    assert key in company.held(with_returns=True)
    capsys.readouterr()

    assert main(["withdraw", "--by", "Pat"]) == 0
    assert "2 return records were archived with their lines" in capsys.readouterr().out
    assert not {key, lost} & company.held(with_returns=True).keys()
    assert company.loose_lines() == set()
    assert company.order(order)["properties"]["netsuite_returned_amount"] == "60"
    main(["status", "--json"])
    assert "returns_left" not in {need["code"] for need in output(capsys)["needs"]}

    monkeypatch.setenv("NS_HS_RETURNS", "off")
    main(["status", "--json"])
    (need,) = (need for need in output(capsys)["needs"] if need["code"] == "returns_left")
    assert need["what"].startswith("HubSpot still holds return amounts on orders, which NS_HS_RETURNS=off")
    assert main(["withdraw", "--by", "Pat", "--json"]) == 0
    done = output(capsys)
    assert (done["archived_records"], done["emptied_orders"]) == (0, len(company.held()))
    held_now = [one["properties"] for one in company.held().values()]
    assert not any(one.get(name) for one in held_now for name in amounts)
    main(["explain", order, "--json"])
    (story,) = json.loads(capsys.readouterr().out)
    assert (story["events"][-1]["happened"], story["events"][-1]["details"]["by"]) == (
        "return amounts emptied",
        "Pat",
    )
    with company.session() as session:
        assert not left_in_hubspot(session)
    main(["status", "--json"])
    assert "returns_left" not in {need["code"] for need in output(capsys)["needs"]}

    monkeypatch.setenv("NS_HS_RETURNS", "pipeline")
    assert company.sync().reconciliation.agrees
    properties = company.order(order)["properties"]
    assert {name: properties.get(name) for name in amounts} == amounts
    assert {key, lost} <= company.held(with_returns=True).keys()


class Killed(BaseException):
    """The process died here."""


def test_a_withdrawal_that_is_killed_before_and_after_any_call_and_run_again_ends_as_an_undisturbed_one(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, ahead = order_to_return(company), timedelta()
    keys = {make_return(company, order, status="G") for _ in range(2)}
    company.sync()
    assert keys < company.held(with_returns=True).keys()
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + ahead)
    kills = 0
    while True:
        left = [kills + 1]

        def dies(call: Any, left: list[int] = left) -> Any:
            def step() -> None:
                left[0] -= 1
                if left[0] == 0:
                    raise Killed

            def wrapped(*args: Any, **options: Any) -> Any:
                step()
                answer = call(*args, **options)
                step()
                return answer

            return wrapped

        with company.session(returns="off") as session, open_returns(session) as returns:
            objects = session.hubspot.objects
            for name in ("batch_update", "batch_archive", "batch_read"):
                setattr(objects, name, dies(getattr(objects, name)))
            try:
                done = withdraw(session, returns, by="Pat", run="withdraw-run")
                break
            except Killed:
                kills += 1
                ahead += timedelta(minutes=5)  # what a dead process claimed is free again
    assert (kills > 6, done.problems) == (True, ())
    assert not keys & company.held(with_returns=True).keys()
    assert company.loose_lines() == set()
    held_now = [one["properties"] for one in company.held().values()]
    assert held_now
    assert not any(one.get(name) for one in held_now for name in DEFAULT_AMOUNTS)
    with company.session(returns="off") as session:
        assert not left_in_hubspot(session)
        assert Notes(session.state).find(AMOUNTS_WRITTEN, now=session.now()) is None
