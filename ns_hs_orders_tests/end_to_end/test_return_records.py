"""Returns as records on HubSpot's Orders object, from NetSuite to HubSpot and back, over both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ns_hs_orders_tests.end_to_end.company import Company
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.returns import (
    held,
    make_return,
    returns_session,
    sync_returns,
)

STAGES = {
    "A": "Pending Approval",
    "B": "Pending Receipt",
    "C": "Cancelled",
    "D": "Partially Received",
    "E": "Partially Received",
    "F": "Pending Refund",
    "G": "Refunded",
    "H": "Closed",
}


@pytest.fixture
def company(make: Make) -> Company:
    """Set up for returns, with none of the world's own; its orders are synced."""
    made = make(12)
    for row in made.netsuite.rows("transaction", type="RtnAuth"):
        made.netsuite.delete("transactionline", {"transaction": row["id"] or ""})
        made.netsuite.delete("transaction", {"id": row["id"] or ""})
    made.sync()
    return made


def orders_in_usd(company: Company) -> list[str]:
    """Ids of orders in USD that HubSpot holds and that an inventory item is on."""
    usd = {row["id"] for row in company.netsuite.rows("currency", symbol="USD")}
    found = []
    for key in company.held():
        (row,) = company.netsuite.rows("transaction", id=key)
        lines = company.netsuite.rows("transactionline", transaction=key)
        if row["currency"] in usd and any(one["itemtype"] == "InvtPart" for one in lines):
            found.append(key)
    return found


def stage_labels(company: Company) -> dict[str, str]:
    with company.session() as session:
        return {
            str(stage.id): stage.label
            for one in session.definitions.pipelines("orders")
            if one.label == "NetSuite Returns"
            for stage in one.stages
        }


def test_a_return_of_each_status_is_a_record_without_a_price(company: Company) -> None:
    order = orders_in_usd(company)[0]
    sums = company.sums()
    keys = {letter: make_return(company, order, status=letter, received=1) for letter in STAGES}

    done = sync_returns(company)

    assert done.comparison.agrees
    labels = stage_labels(company)
    for letter, key in keys.items():
        record = held(company, key)
        properties = record["properties"]
        assert labels[properties["hs_pipeline_stage"]] == STAGES[letter], letter
        assert (properties["hs_total_price"], properties["netsuite_return_amount"]) == ("0", "30")
        counted = {"A": "0", "C": "0", "H": "15"}.get(letter, "30")
        assert properties["netsuite_return_counted_amount"] == counted, letter
        assert properties["netsuite_return_received_amount"] == "15"
        assert properties["netsuite_return_date"] == "2025-11-18"
        assert properties.get("netsuite_order_date") is None
        assert record["companies"] == company.order(order)["companies"]
        (line,) = record["lines"].values()
        assert (line["price"], line["netsuite_line_amount"], line["quantity"]) == ("0", "0", "2")
        assert line["netsuite_return_line_amount"] == "30"
        warned = "refund_not_seen" if letter == "G" else ""
        assert done.outcome_of(key) == ("created", warned)
        assert done.finding_of(key)["hubspot_amount_minor"] == 3000
    assert company.sums() == sums, "no report that sums orders is inflated"


def test_a_return_hangs_on_its_order_by_either_hop_and_says_so_where_it_cannot(company: Company) -> None:
    order, other = orders_in_usd(company)[:2]
    invoice = invoice_of(company, order)
    direct = make_return(company, order)
    by_invoice = make_return(company, invoice, like=order)
    alone = make_return(company, None, like=order)
    of_return = make_return(company, direct, like=order)
    lost = make_return(company, "999999999", like=order)

    done = sync_returns(company)

    assert done.comparison.agrees
    with returns_session(company) as session:
        kind = session.parent_kind
        url = session.directory(session.map(session.read_ids([direct]))).order_url
    assert kind is not None
    assert kind.category == "USER_DEFINED"
    record = company.order(order)["id"]
    for key in (direct, by_invoice):
        found = held(company, key)
        assert kind.type_id in found["parents"][record]
        properties = found["properties"]
        assert (properties["netsuite_return_parent"], properties["netsuite_return_parent_number"]) == (
            order,
            company.number_of(order),
        )
        assert properties["netsuite_return_parent_url"] == url + record
    for key, made_from in ((alone, "none"), (of_return, "return"), (lost, "missing")):
        found = held(company, key)
        assert (found["parents"], found["properties"]["netsuite_return_made_from"]) == ({}, made_from)

    by_person(company, direct, other, kind)
    move(company, direct, other)
    assert sync_returns(company).comparison.agrees
    assert set(held(company, direct)["parents"]) == {company.order(other)["id"]}
    move(company, direct, order)
    assert sync_returns(company).comparison.agrees
    assert set(held(company, direct)["parents"]) == {record, company.order(other)["id"]}, (
        "what a person made stays, also where NetSuite named it once"
    )


def invoice_of(company: Company, order: str) -> str:
    """An invoice made from the order."""
    (row,) = company.netsuite.rows("transaction", id=order)
    key = str(company.netsuite.highest("transaction", "id") + 1)
    copied = {name: row[name] for name in ("entity", "currency", "exchangerate", "trandate", "createddate", "lastmodifieddate")}  # fmt: skip
    company.netsuite.insert(
        "transaction",
        [
            {
                **copied,
                "id": key,
                "type": "CustInvc",
                "tranid": f"INV-{key}",
                "status": "A",
                "foreigntotal": "1.00",
            }
        ],
    )
    first = company.netsuite.highest("transactionline", "uniquekey") + 1
    company.netsuite.insert(
        "transactionline",
        [
            {"uniquekey": str(first), "transaction": key, "id": "0", "linesequencenumber": "0", "mainline": "T",
             "taxline": "F", "createdfrom": order, "foreignamount": "1.00"}
        ],
    )  # fmt: skip
    return key


def move(company: Company, key: str, order: str) -> None:
    (main,) = company.netsuite.rows("transactionline", transaction=key, mainline="T")
    company.netsuite.update("transactionline", {"uniquekey": main["uniquekey"] or ""}, {"createdfrom": order})


def by_person(company: Company, key: str, order: str, kind: Any) -> None:
    from ns_hs_orders.push.ports import AssociationInput

    with company.session() as session:
        pair = AssociationInput(
            company.order(key)["id"], company.order(order)["id"], (kind.type_id,), kind.category
        )
        assert session.hubspot.associations.create("orders", "orders", [pair]) == ()
