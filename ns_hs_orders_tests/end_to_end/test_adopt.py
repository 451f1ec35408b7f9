"""Orders that another integration wrote: shown with their dollars, adopted by key, or archived beside ours."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import requests

from ns_hs_orders.adopt.schema import ForeignRecord
from ns_hs_orders.cli import main
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.reconcile.schema import BridgeStep, Reconciliation
from ns_hs_orders.state.adoptions import AdoptionJournal
from ns_hs_orders.wiring import adoption
from ns_hs_orders_tests.end_to_end.company import Company, output
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.return_records import (
    held,
    make_return,
    order_to_return,
    sync_returns,
    without_returns,
)

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
        path = f"/crm/objects/2026-03/{from_type}/{from_id}/associations/default/{to_type}/{to_id}"
        self.call("PUT", path)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        sandbox = self.company.sandbox
        answer = requests.request(
            method,
            sandbox.hubspot_url + path,
            json=body,
            headers={"Authorization": f"Bearer {sandbox.hubspot_token}"},
            timeout=10,
        )
        assert answer.ok, answer.text
        return answer.json()


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


def held_orders(company: Company) -> list[dict[str, Any]]:
    return company.hubspot.objects("orders")


def lines(company: Company) -> dict[str, dict[str, str]]:
    """Line items by record id."""
    return {one["id"]: one["properties"] for one in company.hubspot.objects("line_items")}


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
    assert same in lines
    assert stray not in lines
    assert contact in held["contacts"]
    assert [one for one in held_orders(company) if "netsuite_internal_id" not in one["properties"]] == []
    assert plan_of(capsys)["records"] == []
    (event,) = events(capsys, wanted.key, "adopted")
    assert (event["record"], event["matched_by"], event["by"]) == (record, "order name", "Ada")


def test_a_record_beside_ours_is_archived_and_what_hangs_on_it_moves_to_ours(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    company.sync()
    wanted = others.wanted[0]
    ours = company.order(wanted.key)["id"]
    record, second = (
        others.order(wanted),
        others.order(wanted, hs_order_name="X", hs_external_order_id=wanted.key),
    )
    line = others.line_of(record, wanted)
    contact = company.hubspot.objects("contacts")[0]["id"]
    deal, note = others.record("deals", dealname="Big one"), others.record("notes", hs_note_body="call back")
    quote = others.record("quotes", hs_title="Q-1")
    for kind, one in (("contacts", contact), ("deals", deal), ("notes", note), ("quotes", quote)):
        others.link("orders", record, kind, one)
    red = company.reconcile()
    assert not red.agrees
    document = plan_of(capsys)
    planned = row(document, record)
    assert (planned["action"], planned["our_record_id"]) == ("archive", ours)
    assert planned["moved"] == {"contacts": 1, "deals": 1, "notes": 1, "quotes": 1}
    assert row(document, second)["action"] == "archive"
    assert document["doubled"]["minor"] == {"USD": 2 * planned["amount_minor"]}
    assert main(["adopt", "--yes"]) == 0
    assert "2 records archived, ours kept." in capsys.readouterr().out
    assert {record, second} <= {one["id"] for one in company.hubspot.objects("orders", archived=True)}
    assert line in {one["id"] for one in company.hubspot.objects("line_items", archived=True)}
    assert company.order(wanted.key)["id"] == ours
    assert contact in ends(company, ours, "contacts")
    assert (ends(company, ours, "deals"), ends(company, ours, "notes")) == ({deal}, {note})
    assert ends(company, ours, "quotes") == {quote}
    result = company.sync().reconciliation
    assert result.agrees, result.differences
    event, of_second = events(capsys, wanted.key, "duplicate archived")
    assert (event["record"], event["kept"], event["moved deals"]) == (record, ours, 1)
    assert of_second["record"] == second


def test_what_is_not_certain_is_listed_with_its_reason_and_left(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    company.hubspot.set_currencies("USD", ["EUR", "CAD", "GBP", "JPY"])
    one, two, three, four, five, six = others.wanted[:6]
    twins = [others.order(one), others.order(one, hs_order_name="X", hs_external_order_id=one.key)]
    both = others.order(two, hs_external_order_id=three.key)
    euros = others.order(four, hs_currency_code="EUR")
    unreadable = others.order(five, hs_total_price="1.005")
    without = others.record("orders", hs_order_name=f" {six.properties['hs_order_name'].lower()} ")
    held_back = others.record("orders", hs_order_name=others.held_back[0])
    before = [held["properties"] for held in held_orders(company)]
    document = plan_of(capsys)
    reasons = {record: row(document, record)["reason"] for record in (*twins, both, euros, unreadable)}
    assert reasons == {
        twins[0]: "two_records",
        twins[1]: "two_records",
        both: "two_orders",
        euros: "currency_differs",
        unreadable: "amount_differs",
    }
    assert row(document, both)["orders"] == sorted([two.key, three.key], key=int)
    assert row(document, without)["action"] == "adopt"
    assert row(document, held_back)["reason"] == "not_synced"
    assert all(row(document, record)["why"] for record in reasons)
    assert document["doubled"]["records"] == 1  # the second of the twins
    sums = ("doubled", "would_be_doubled", "held_back", "returns", "unmatched")
    assert [document[one]["records"] for one in sums] == [1, 4, 1, 0, 1]
    assert sum(document[one]["records"] for one in sums) == len(document["records"])
    company.hubspot.archive("orders", without)
    assert main(["adopt", "--yes"]) == 1
    assert "Nothing was changed." in capsys.readouterr().out
    assert [held["properties"] for held in held_orders(company)] == [
        held for held in before if held["hs_object_id"] != without
    ]


def test_a_property_that_a_setting_names_tells_the_order_before_the_others(
    company: Company,
    others: Others,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = others.wanted[0]
    record = others.order(wanted, hs_order_name="WEB-1", hs_tags=wanted.key)
    assert row(plan_of(capsys), record)["reason"] == "no_match"
    monkeypatch.setenv("NS_HS_ADOPT_KEY_PROPERTY", "hs_tags")
    planned = row(plan_of(capsys), record)
    assert (planned["action"], planned["by"]) == ("adopt", "key property")
    company.sync()
    causes = company.reconcile().orders.set_index("order_id_netsuite")["cause"]
    assert causes[f"hubspot:{record}"] == "duplicate in HubSpot"
    monkeypatch.setenv("NS_HS_ADOPT_KEY_PROPERTY", "no_such_property")
    assert main(["adopt", "--plan"]) == 2
    assert "NS_HS_ADOPT_KEY_PROPERTY" in capsys.readouterr().err
    assert main(["doctor"]) == 1
    assert "NS_HS_ADOPT_KEY_PROPERTY" in capsys.readouterr().out


def test_a_line_item_that_a_deal_has_too_is_taken_off_the_order_and_stays_on_the_deal(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = others.wanted[0]
    record = others.order(wanted)
    line, deal = others.line_of(record, wanted), others.record("deals", dealname="Won")
    others.link("deals", deal, "line_items", line)
    assert row(plan_of(capsys), record)["lines"] == {"detach": 1}
    assert main(["adopt", "--yes"]) == 0
    assert company.sync().reconciliation.agrees
    held = {one["id"]: one["properties"] for one in company.hubspot.objects("line_items")}
    assert held[line].get("netsuite_line_key") is None
    assert ("deals", deal, "line_items", line, 19) in company.hubspot.associations()
    assert line not in ends(company, record, "line_items")


def test_line_items_stay_where_the_plan_says_so(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    record = others.order(others.wanted[0])
    stray = others.line(record, name="Gift wrap", quantity="1", price="3.00")
    assert row(plan_of(capsys, "--plan", "--keep-lines"), record)["lines"] == {"leave": 1}
    assert main(["adopt", "--yes", "--keep-lines"]) == 0
    result = company.sync().reconciliation
    assert set(result.orders["cause"].dropna()) >= {"line added in HubSpot by a person"}
    assert stray in ends(company, record, "line_items")


def test_more_records_than_the_share_are_archived_only_when_a_person_allows_the_number(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    company.sync()
    records = [others.order(one) for one in others.wanted[:6]]
    document = plan_of(capsys)
    assert {row(document, one)["reason"] for one in records} == {"too_many"}
    assert main(["adopt", "--yes"]) == 1
    assert {one["id"] for one in held_orders(company)} >= set(records)
    assert main(["adopt", "--yes", "--archive-up-to", "6"]) == 0
    assert {one["id"] for one in company.hubspot.objects("orders", archived=True)} == set(records)


def test_a_record_whose_activities_the_token_may_not_see_is_not_archived_unless_a_person_says_so(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    company.sync()
    record = others.order(others.wanted[0])
    company.sandbox.switches.change(hubspot_missing_scopes=["crm.objects.quotes.read"])
    document = plan_of(capsys)
    assert (row(document, record)["action"], len(document["warnings"])) == ("archive", 1)
    assert "quotes" in document["warnings"][0]
    company.sandbox.switches.change(hubspot_missing_scopes=["crm.objects.notes.read"])
    document = plan_of(capsys)
    assert row(document, record)["reason"] == "activities_unreadable"
    assert "notes" in document["warnings"][0]
    assert row(plan_of(capsys, "--plan", "--leave-activities"), record)["action"] == "archive"
    assert main(["adopt", "--yes", "--leave-activities"]) == 0
    assert record in {one["id"] for one in company.hubspot.objects("orders", archived=True)}


def test_a_label_of_the_account_moves_with_its_association(company: Company, others: Others) -> None:
    company.sync()
    record = others.order(others.wanted[0])
    ours = company.order(others.wanted[0].key)["id"]
    contact = company.hubspot.objects("contacts")[0]["id"]
    others.call(
        "POST", "/crm/associations/2026-03/orders/contacts/labels", {"label": "Buyer", "name": "buyer"}
    )
    labels = others.call("GET", "/crm/associations/2026-03/orders/contacts/labels")["results"]
    buyer = next(one["typeId"] for one in labels if one["label"] == "Buyer")
    others.call(
        "PUT",
        f"/crm/objects/2026-03/orders/{record}/associations/contacts/{contact}",
        [{"associationCategory": "USER_DEFINED", "associationTypeId": buyer}],
    )
    assert main(["adopt", "--yes"]) == 0
    assert ("orders", ours, "contacts", contact, buyer) in company.hubspot.associations()


def test_an_order_that_a_record_stands_for_is_not_made_where_adoption_comes_first(
    company: Company,
    others: Others,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NS_HS_ADOPT_FIRST", "on")
    named, by_id = others.wanted[:2]
    records = {others.order(named), others.order(by_id, hs_order_name="W-1", hs_external_order_id=by_id.key)}
    first = company.sync()
    for one in (named, by_id):
        assert first.outcome_of(one.key) == ("due", "record_of_another_integration")
    unkeyed = {one["id"] for one in held_orders(company) if not one["properties"].get("netsuite_internal_id")}
    assert unkeyed == records
    main(["due"])
    assert named.key in capsys.readouterr().out
    assert main(["adopt", "--yes"]) == 0
    again = company.sync()
    assert again.reconciliation.agrees
    assert again.outcome_of(named.key) == ("updated", None)
    assert {company.order(one.key)["id"] for one in (named, by_id)} == records


def causes(result: Reconciliation) -> dict[str, str]:
    """Row → cause, of what differs."""
    rows = result.orders[["order_id_netsuite", "cause"]].dropna()
    return dict(rows.itertuples(index=False))


def test_records_of_returns_are_adopted_or_archived_and_their_dollars_have_a_cause_of_their_own(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_ADOPT_FIRST", "on")
    company = without_returns(make(12))
    company.sync()
    others, order = Others(company), order_to_return(company)
    synced = make_return(company, order, status="G")
    sync_returns(company)
    ours = held(company, synced)["id"]
    fresh = make_return(company, order, status="G")
    dollars = {"hs_total_price": "-30.00", "hs_currency_code": "USD"}
    beside = others.record("orders", hs_order_name=f" rma-{synced}", **dollars)
    alone = others.record("orders", hs_order_name="Refund 7", hs_external_order_id=fresh, hs_tax="-2.40", **dollars)  # fmt: skip
    sku = next(iter(held(company, synced)["lines"].values()))["hs_sku"]
    line = others.line(alone, name="Back", hs_sku=sku, quantity="-2", price="15.00", amount="-30.00")
    deal = others.record("deals", dealname="Sour")
    others.link("orders", beside, "deals", deal)

    assert sync_returns(company).outcome_of(fresh)[0] == "due"  # adoption comes first
    red = company.reconcile()
    assert {causes(red)[f"hubspot:{one}"] for one in (beside, alone)} == {"duplicate return in HubSpot"}
    usd = red.currencies["USD"]
    assert BridgeStep("duplicate return in HubSpot", 2, -6000) in usd.bridge
    assert usd.unexplained_minor == 0
    wrong = others.record(
        "orders", hs_order_name="W", hs_external_order_id=synced, hs_total_price="-12", hs_currency_code="USD"
    )
    both = others.record("orders", hs_order_name=company.number_of(order), hs_external_order_id=fresh)
    document = plan_of(capsys)
    assert (row(document, wrong)["reason"], row(document, both)["reason"]) == ("amount_differs", "two_orders")
    company.hubspot.archive("orders", wrong)
    company.hubspot.archive("orders", both)
    assert [row(document, one)["action"] for one in (beside, alone)] == ["archive", "adopt"]
    assert {row(document, one)["stands_for"] for one in (beside, alone)} == {"return"}
    assert (row(document, beside)["our_record_id"], row(document, alone)["lines"]) == (ours, {"key": 1})
    assert document["returns"] == {"records": 3, "minor": {"USD": -7200}, "without_amount": 0}
    assert document["doubled"]["records"] == document["would_be_doubled"]["records"] == 0

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(AdoptionJournal, "end", dies)
        with pytest.raises(Killed):
            main(["adopt", "--yes"])
    assert main(["adopt", "--yes", "--by", "Ada"]) == 0
    assert beside in {one["id"] for one in company.hubspot.objects("orders", archived=True)}
    assert deal in ends(company, ours, "deals")
    result = company.sync().reconciliation
    assert result.agrees, result.differences
    record = held(company, fresh)
    assert record["id"] == alone
    assert list(record["lines"]) == [lines(company)[line]["netsuite_line_key"]]
    assert (record["properties"]["hs_total_price"], record["properties"].get("hs_tax")) == ("0", None)
    capsys.readouterr()
    assert (held(company, synced)["id"], plan_of(capsys)["records"]) == (ours, [])
    assert (len(events(capsys, fresh, "adopted")), len(events(capsys, synced, "duplicate archived"))) == (
        1,
        1,
    )
    before = company.hubspot.write_calls()
    assert main(["adopt", "--yes"]) == 0
    assert company.hubspot.write_calls() == before


def test_a_record_of_a_return_is_named_and_left_where_returns_are_no_records(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_RETURNS", "amounts_only")
    company = without_returns(make(12))
    company.sync()
    others = Others(company)
    key = make_return(company, order_to_return(company), status="G")
    record = others.record(
        "orders", hs_order_name=f"RMA-{key}", hs_total_price="-30.00", hs_currency_code="USD"
    )
    for mode, cause in (("amounts_only", "duplicate return in HubSpot"), ("off", None)):
        monkeypatch.setenv("NS_HS_RETURNS", mode)
        found = row(plan_of(capsys), record)
        assert (found["action"], found["reason"], found["order_id_netsuite"]) == ("leave", "is_a_return", key)
        assert (found["stands_for"], found["amount_minor"]) == ("return", -3000)
        before = company.hubspot.write_calls()
        assert main(["adopt", "--yes"]) == 0
        assert company.hubspot.write_calls() == before
        assert causes(company.reconcile()).get(f"hubspot:{record}") == cause
        capsys.readouterr()


class Killed(BaseException):
    """The process died here."""


def test_an_adoption_that_is_killed_at_any_call_and_run_again_ends_the_same(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = others.wanted[:2]
    company.sync(company.first, company.last)
    ours = {one.key: company.order(one.key)["id"] for one in beside}
    for key in [one.key for one in others.wanted[2:4]]:
        company.hubspot.archive("orders", company.order(key)["id"])
    adopted = others.wanted[2:4]
    records = {one.key: others.order(one) for one in (*beside, *adopted)}
    contact = company.hubspot.objects("contacts")[0]["id"]
    for one in (*beside, *adopted):
        others.line_of(records[one.key], one)
        others.line(records[one.key], name="Stray", quantity="1", price="1.00")
        others.link("orders", records[one.key], "contacts", contact)
    kills = 0
    while True:
        with company.session() as session:
            left = [kills + 1]

            def dies(call: Any, left: list[int] = left) -> Any:
                def wrapped(*args: Any, **options: Any) -> Any:
                    left[0] -= 1
                    if left[0] == 0:
                        raise Killed
                    answer = call(*args, **options)
                    left[0] -= 1
                    if left[0] == 0:
                        raise Killed
                    return answer

                return wrapped

            plan = adoption.plan(session)
            objects, associations = session.hubspot.objects, session.hubspot.associations
            for system, name in (
                (objects, "batch_update"),
                (objects, "batch_archive"),
                (objects, "batch_read"),
                (associations, "create"),
            ):
                setattr(system, name, dies(getattr(system, name)))
            try:
                adoption.finish(session)
                adoption.carry_out(session, plan)
                break
            except Killed:
                kills += 1
    assert kills > 8
    result = company.sync().reconciliation
    assert result.agrees, result.differences
    assert {one.key: company.order(one.key)["id"] for one in beside} == ours
    assert {one.key: company.order(one.key)["id"] for one in adopted} == {
        one.key: records[one.key] for one in adopted
    }
    for one in (*beside, *adopted):
        assert contact in company.order(one.key)["contacts"]
        assert set(company.order(one.key)["lines"]) == {line.key for line in one.lines}
        happened = "adopted" if one in adopted else "duplicate archived"
        assert len(events(capsys, one.key, happened)) == 1
    assert plan_of(capsys)["records"] == []


def test_a_run_that_was_killed_after_its_last_call_is_told_by_the_next_one(
    company: Company,
    others: Others,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = others.wanted[0]
    record = others.order(wanted)

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(AdoptionJournal, "end", dies)
        with pytest.raises(Killed):
            main(["adopt", "--yes"])
    assert events(capsys, wanted.key, "adopted") == []
    assert main(["adopt", "--yes"]) == 0
    (event,) = events(capsys, wanted.key, "adopted")
    assert event["record"] == record
    assert main(["adopt", "--yes"]) == 0
    assert len(events(capsys, wanted.key, "adopted")) == 1


def test_a_record_that_changed_after_the_plan_is_left_and_told(company: Company, others: Others) -> None:
    one, two, three, four = others.wanted[:4]
    records = [others.order(wanted) for wanted in (one, two, three, four)]
    with company.session() as session:
        plan = adoption.plan(session)
        company.hubspot.archive("orders", records[3])
        company.hubspot.edit("orders", records[0], {"hs_total_price": "9.99"})
        company.hubspot.edit("orders", records[1], {"netsuite_internal_id": "424242"})
        raw = session.read_ids([three.key])
        session.push(session.map(raw), run="meanwhile")
        done = adoption.carry_out(session, plan)
    assert {each.outcome for each in done} == {"changed"}
    assert all(each.why for each in done)
    assert (
        "netsuite_internal_id"
        not in {held["id"]: held["properties"] for held in held_orders(company)}[records[0]]
    )


@pytest.mark.parametrize("with_lines", [False, True], ids=["the order alone", "the order with its lines"])
def test_a_sync_that_writes_the_order_at_the_same_moment_wins_and_the_record_is_archived_next_time(
    company: Company, others: Others, capsys: pytest.CaptureFixture[str], with_lines: bool
) -> None:
    wanted = others.wanted[0]
    record = others.order(wanted)
    others.line_of(record, wanted)
    stray = others.line(record, name="Stray", quantity="1", price="1.00")
    with company.session() as session:
        plan = adoption.plan(session)
        update, when = session.hubspot.objects.batch_update, "line_items" if with_lines else "orders"

        def meanwhile(object_type: str, inputs: Any) -> Any:
            if object_type == when and wanted.key not in company.held():
                mapped = session.map(session.read_ids([wanted.key]))
                session.push_now(mapped, run="meanwhile", definitions="", wait_seconds=0)
            return update(object_type, inputs)

        session.hubspot.objects.batch_update = meanwhile  # type: ignore[method-assign]
        (done,) = adoption.carry_out(session, plan)
    ours = company.order(wanted.key)["id"]
    assert (done.outcome, ours != record) == ("changed", True)
    assert ours in done.why
    assert row(plan_of(capsys), record)["action"] == "archive"
    assert main(["adopt", "--yes"]) == 0
    assert company.sync().reconciliation.agrees
    assert company.order(wanted.key)["id"] == ours
    assert set(company.order(wanted.key)["lines"]) == {line.key for line in wanted.lines}
    assert company.loose_lines() == set()
    assert stray in {one["id"] for one in company.hubspot.objects("line_items", archived=True)}


def test_without_yes_it_asks_and_no_means_no(
    company: Company, others: Others, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = others.order(others.wanted[0])
    writes = company.hubspot.write_calls()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert main(["adopt"]) == 1
    told = capsys.readouterr()
    assert "Adopt 1 record and archive 0 records in HubSpot? [y/N]" in told.err
    assert told.out.endswith("Nothing was changed.\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["adopt"]) == 2
    assert "Nobody answered, so nothing was changed. Say --yes" in capsys.readouterr().err
    assert company.hubspot.write_calls() == writes
    assert company.hubspot.objects("orders")[0]["id"] == record
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["adopt"]) == 0
    assert company.hubspot.objects("orders")[0]["properties"]["netsuite_internal_id"] == others.wanted[0].key


@pytest.mark.parametrize(
    "total, currency, minor, told",
    [
        ("1234.5", "USD", 123450, "1,234.50 USD"),
        ("12x", "USD", None, "12x USD, unreadable"),
        ("100", None, None, "100 without a currency"),
        ("", "USD", None, "none"),
    ],
)
def test_an_amount_is_never_shown_without_its_currency(
    total: str, currency: str | None, minor: int | None, told: str
) -> None:
    assert ForeignRecord("1", "", "", "", "", currency, total, minor).shown_amount == told


def test_another_portal_is_never_written_to(
    company: Company, others: Others, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    others.order(others.wanted[0])
    monkeypatch.setenv("NS_HS_HUBSPOT_PORTAL_ID", "1")
    before = company.hubspot.write_calls()
    assert main(["adopt", "--yes"]) == 2
    assert "portal" in capsys.readouterr().err
    assert company.hubspot.write_calls() == before
