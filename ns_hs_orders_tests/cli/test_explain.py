"""The story of one order, in each situation an order can be in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders_tests.defs.company import Company

Documents = Callable[..., tuple[int, Any]]


def planted(company: Company, code: str) -> str:
    """The number of an order that the world made bad in this way."""
    with open_session(company.settings) as session:
        mapped = session.map(session.read_days(company.first, company.last))
    found = mapped.quarantined[mapped.quarantined["reason"] == code]
    return str(found["order_number"].tolist()[0])


def accepted(company: Company) -> dict[str, Any]:
    return next(
        one for one in company.hubspot.objects("orders") if one["properties"]["hs_tax"] not in (None, "0")
    )


def test_an_accepted_order_is_told_from_netsuite_to_hubspot(at_home: Company, documents: Documents) -> None:
    held = accepted(at_home)
    key, number = held["properties"]["netsuite_internal_id"], held["properties"]["hs_order_name"]

    code, (story,) = documents("explain", number)

    assert code == 0
    assert (story["order_id"], story["outcome"], story["order_id_hubspot"]) == (key, "created", held["id"])
    assert story["netsuite"]["order_number"] == number
    assert story["adds_up"] is True
    assert {line["line_class"] for line in story["lines"]} >= {"goods", "tax"}
    assert [event["happened"] for event in story["events"]] == ["claimed", "created"]
    assert {field["agrees"] for field in story["fields"]} == {True}
    total = next(field for field in story["fields"] if field["hubspot_property"] == "hs_total_price")
    assert total["held"] == held["properties"]["hs_total_price"]


def test_a_healthy_order_shows_its_lines_and_its_company_in_hubspot_field_by_field(
    at_home: Company, documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    held = accepted(at_home)
    records = {one["id"]: one["properties"] for one in at_home.hubspot.objects("line_items")}
    ends = [end[2:] for end in at_home.hubspot.associations() if end[:2] == ("orders", held["id"])]
    lines = {to for to_type, to, _ in ends if to_type == "line_items"}
    (company,) = {to for to_type, to, type_id in ends if (to_type, type_id) == ("companies", 509)}

    code, (story,) = documents("explain", held["properties"]["hs_order_name"])

    assert (code, story["difference"]) == (0, [])
    assert {one["line_item_id"] for one in story["line_items"]} == lines
    for one in story["line_items"]:
        there = records[one["line_item_id"]]
        assert (one["key"], one["agrees"]) == (there["netsuite_line_key"], True)
        shown = {field["hubspot_property"]: (field["held"], field["agrees"]) for field in one["fields"]}
        assert shown["netsuite_line_amount"] == (there["netsuite_line_amount"], True)
        assert shown.keys() >= {"name", "quantity", "price"}
        assert {agrees for _, agrees in shown.values()} == {True}
    assert story["links"][0] == {
        "label": "Primary company",
        "wanted": company,
        "held": [company],
        "agrees": True,
    }

    assert main(["explain", held["properties"]["hs_order_name"]]) == 0
    printed = capsys.readouterr().out
    assert "HubSpot's line items, field by field" in printed
    associations = printed[printed.index("HubSpot's associations") :].splitlines()
    assert ["Primary", "company", company, company, "agrees"] in [line.split() for line in associations]
    for line_id in lines:
        assert line_id in printed
        assert records[line_id]["netsuite_line_amount"] in printed


def test_an_order_is_found_by_its_internal_id_too(at_home: Company, documents: Documents) -> None:
    key = accepted(at_home)["properties"]["netsuite_internal_id"]
    assert documents("explain", key)[1][0]["order_id"] == key


def test_a_field_that_somebody_changed_in_hubspot_is_named_with_both_values(
    at_home: Company, documents: Documents
) -> None:
    held = accepted(at_home)
    at_home.hubspot.edit("orders", held["id"], {"netsuite_po_number": "changed by hand"})

    code, (story,) = documents("explain", held["properties"]["hs_order_name"])

    assert code == 1
    assert any(text.startswith("PO #") and "changed by hand" in text for text in story["difference"])
    at_home.hubspot.edit(
        "orders", held["id"], {"netsuite_po_number": held["properties"].get("netsuite_po_number") or ""}
    )


@pytest.mark.parametrize("reason", ["does_not_add_up", "unknown_status", "amount_not_a_number", "no_lines"])
def test_a_quarantined_order_tells_its_reason_in_words(
    at_home: Company, documents: Documents, reason: str
) -> None:
    code, (story,) = documents("explain", planted(at_home, reason))

    assert code == 1
    assert (story["outcome"], story["reason"]) == ("quarantined", reason)
    assert story["explanation"]
    assert story["order_id_hubspot"] is None
    assert [event["happened"] for event in story["events"]] == ["quarantined"]


def test_a_skipped_order_is_no_ones_fault(at_home: Company, documents: Documents) -> None:
    with open_session(at_home.settings) as session:
        skipped = session.map(session.read_days(at_home.first, at_home.last)).skipped

    code, (story,) = documents("explain", str(skipped["order_number"].tolist()[0]))

    assert (code, story["outcome"], story["reason"]) == (0, "skipped", "customer_not_in_hubspot")


def test_a_rejected_order_tells_what_hubspot_said(at_home: Company, documents: Documents) -> None:
    with open_session(at_home.settings) as session:
        orders = session.map(session.read_days(at_home.first, at_home.last)).orders

    number = str(orders[orders["currency"] == "CHF"]["order_number"].tolist()[0])
    code, (story,) = documents("explain", number)

    assert (code, story["outcome"], story["reason"]) == (1, "rejected", "currency_not_enabled")
    assert "CHF" in story["explanation"]
    assert "currency_not_enabled" in story["due"]


def test_an_order_deleted_in_netsuite_is_still_told_of(at_home: Company, documents: Documents) -> None:
    held = next(
        one
        for one in reversed(at_home.hubspot.objects("orders"))
        if one["properties"].get("netsuite_order_date")
    )
    key = held["properties"]["netsuite_internal_id"]
    (row,) = at_home.netsuite.rows("transaction", id=key)
    at_home.netsuite.delete("transaction", {"id": key})
    try:
        code, (story,) = documents("explain", key)
    finally:
        at_home.netsuite.insert("transaction", [row])

    assert (code, story["outcome"], story["order_number"]) == (
        1,
        "archived",
        held["properties"]["hs_order_name"],
    )
    assert story["difference"] == ["HubSpot holds an order that NetSuite does not have."]


def test_an_order_that_nobody_knows_ends_in_a_sentence(
    at_home: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "SO-UNKNOWN"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "SO-UNKNOWN" in printed.err
    assert "Traceback" not in printed.err


def test_the_text_of_an_order_is_inert_in_the_terminal(
    at_home: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    held = accepted(at_home)
    key = held["properties"]["netsuite_internal_id"]
    (row,) = at_home.netsuite.rows("transaction", id=key)
    at_home.netsuite.update("transaction", {"id": key}, {"memo": "[bold]loud[/bold] \x1b[31mred\x1b[0m"})
    try:
        main(["explain", key])
    finally:
        at_home.netsuite.update("transaction", {"id": key}, {"memo": row["memo"]})

    printed = capsys.readouterr().out
    assert "[bold]loud[/bold]" in printed
    assert "\x1b" not in printed


def test_both_views_tell_the_same(
    at_home: Company, documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    number = accepted(at_home)["properties"]["hs_order_name"]
    _, (story,) = documents("explain", number)
    main(["explain", number])
    printed = " ".join(capsys.readouterr().out.split())
    assert " ".join(story["identity"].split()) in printed
    for line in story["lines"]:
        assert line["key"] in printed
    assert json.dumps(story)
