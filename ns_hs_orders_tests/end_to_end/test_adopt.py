"""Orders that another integration wrote: shown with their dollars, adopted by key, or archived beside ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from ns_hs_orders.cli import main
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders_tests.end_to_end.company import Company, output
from ns_hs_orders_tests.end_to_end.conftest import Make

FIRST_RECORD = 7001


class Others:
    """What another integration does in HubSpot."""

    def __init__(self, company: Company) -> None:
        self.company = company
        with company.session() as session:
            mapped = session.map(session.read_days(company.first, company.last))
            self.wanted = [
                one
                for one in session.wanted(mapped)
                if one.properties["hs_currency_code"] == "USD" and len(one.lines) > 1
            ]
            self.held_back = mapped.skipped["order_number"].tolist()
        self.next_id = FIRST_RECORD

    def new_id(self) -> str:
        self.next_id += 1
        return str(self.next_id)

    def order(self, wanted: WantedOrder, **properties: str) -> str:
        """A record for the order, by its number, with its amount."""
        given = {
            "hs_order_name": wanted.properties["hs_order_name"],
            "hs_total_price": wanted.properties["hs_total_price"],
            "hs_currency_code": "USD",
        }
        return self.record("orders", **(given | properties))

    def record(self, object_type: str, **properties: str) -> str:
        record_id = self.new_id()
        self.company.hubspot.load(object_type, [{"id": record_id, **properties}])
        return record_id

    def line(self, order_id: str, **properties: str) -> str:
        line_id = self.record("line_items", **properties)
        self.link("orders", order_id, "line_items", line_id)
        return line_id

    def line_of(self, order_id: str, wanted: WantedOrder, place: int = 0) -> str:
        """A line item as the other integration would have it, without a key."""
        line = wanted.lines[place].properties
        named = {name: line[name] for name in ("name", "hs_sku", "quantity", "price")}
        return self.line(order_id, **named, amount=line["netsuite_line_amount"])

    def link(self, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        sandbox = self.company.sandbox
        answer = requests.put(
            f"{sandbox.hubspot_url}/crm/objects/2026-03/{from_type}/{from_id}/associations/default/{to_type}/{to_id}",
            headers={"Authorization": f"Bearer {sandbox.hubspot_token}"},
            timeout=10,
        )
        assert answer.ok, answer.text


@pytest.fixture
def company(make: Make) -> Company:
    return make(30)


@pytest.fixture
def others(company: Company) -> Others:
    return Others(company)


def plan_of(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    main(["adopt", "--json", *(more or ("--plan",))])
    return output(capsys)


def row(document: dict[str, Any], record_id: str) -> dict[str, Any]:
    (found,) = [one for one in document["records"] if one["record_id"] == record_id]
    return dict(found)


def events(capsys: pytest.CaptureFixture[str], order: str, happened: str) -> list[dict[str, Any]]:
    """Details of what happened to an order, as `explain` tells it."""
    capsys.readouterr()
    main(["explain", order, "--json"])
    (story,) = json.loads(capsys.readouterr().out)
    return [one["details"] for one in story["events"] if one["happened"] == happened]


def ends(company: Company, order_id: str, to_type: str) -> set[str]:
    return {
        to
        for kind, from_id, other, to, _ in company.hubspot.associations()
        if (kind, from_id, other) == ("orders", order_id, to_type)
    }


def test_the_plan_shows_each_record_with_its_dollars_and_changes_nothing(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = others.wanted[:3]
    by_name = others.order(first)
    by_id = others.order(second, hs_order_name="WEB-1", hs_external_order_id=second.key)
    other_amount = others.order(third, hs_total_price="1.23")
    stranger = others.record("orders", hs_order_name="WEB-77", hs_total_price="5.00", hs_currency_code="USD")
    before = company.hubspot.write_calls()
    document = plan_of(capsys)
    assert company.hubspot.write_calls() == before
    assert [row(document, one)["action"] for one in (by_name, by_id, other_amount, stranger)] == [
        "adopt",
        "adopt",
        "leave",
        "leave",
    ]
    assert (row(document, by_name)["by"], row(document, by_id)["by"]) == ("order name", "external order id")
    assert row(document, by_name)["order_id_netsuite"] == first.key
    assert row(document, by_name)["source"] == "Other integration"
    assert row(document, other_amount)["reason"] == "amount_differs"
    assert row(document, stranger)["reason"] == "no_match"
    minor = sum(row(document, one)["amount_minor"] for one in (by_name, by_id, other_amount))
    assert document["would_be_doubled"] == {"records": 3, "minor": {"USD": minor}, "without_amount": 0}
    assert document["unmatched"]["minor"] == {"USD": 500}
    assert document["doubled"]["records"] == 0


def test_an_adopted_record_is_updated_by_the_next_sync_and_no_order_stands_twice(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = others.wanted[0]
    record = others.order(wanted, hs_order_note="from the shop")
    same = others.line_of(record, wanted)
    stray = others.line(record, name="Gift wrap", quantity="1", price="3.00")
    contact = company.hubspot.objects("contacts")[0]["id"]
    others.link("orders", record, "contacts", contact)
    planned = row(plan_of(capsys), record)
    assert planned["lines"] == {"key": 1, "take out": 1}
    assert main(["adopt", "--yes", "--by", "Ada"]) == 0
    assert "1 record adopted." in capsys.readouterr().out
    result = company.sync().reconciliation
    assert result.agrees, result.differences
    held = company.order(wanted.key)
    assert held["id"] == record
    assert held["properties"]["hs_total_price"] == wanted.properties["hs_total_price"]
    assert set(held["lines"]) == {line.key for line in wanted.lines}
    lines = {one["id"] for one in company.hubspot.objects("line_items")}
    assert same in lines and stray not in lines
    assert contact in held["contacts"]
    assert (
        len(
            [
                one
                for one in company.hubspot.objects("orders")
                if not one["properties"].get("netsuite_internal_id")
            ]
        )
        == 0
    )
    assert plan_of(capsys)["records"] == []
    (event,) = events(capsys, wanted.key, "adopted")
    assert (event["record"], event["matched_by"], event["by"]) == (record, "order name", "Ada")


def test_a_record_beside_ours_is_archived_and_what_hangs_on_it_moves_to_ours(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    company.sync()
    wanted = others.wanted[0]
    ours = company.order(wanted.key)["id"]
    record = others.order(wanted)
    line = others.line_of(record, wanted)
    contact = company.hubspot.objects("contacts")[0]["id"]
    deal, note = others.record("deals", dealname="Big one"), others.record("notes", hs_note_body="call back")
    for kind, one in (("contacts", contact), ("deals", deal), ("notes", note)):
        others.link("orders", record, kind, one)
    red = company.reconcile()
    assert not red.agrees
    document = plan_of(capsys)
    planned = row(document, record)
    assert (planned["action"], planned["our_record_id"]) == ("archive", ours)
    assert planned["moved"] == {"contacts": 1, "deals": 1, "notes": 1}
    assert document["doubled"]["minor"] == {"USD": planned["amount_minor"]}
    assert main(["adopt", "--yes"]) == 0
    assert "1 record archived, ours kept." in capsys.readouterr().out
    assert record in {one["id"] for one in company.hubspot.objects("orders", archived=True)}
    assert line in {one["id"] for one in company.hubspot.objects("line_items", archived=True)}
    assert company.order(wanted.key)["id"] == ours
    assert contact in ends(company, ours, "contacts")
    assert (ends(company, ours, "deals"), ends(company, ours, "notes")) == ({deal}, {note})
    result = company.sync().reconciliation
    assert result.agrees, result.differences
    (event,) = events(capsys, wanted.key, "duplicate archived")
    assert (event["record"], event["kept"], event["moved deals"]) == (record, ours, 1)
