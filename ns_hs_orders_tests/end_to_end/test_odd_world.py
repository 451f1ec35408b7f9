"""One world with every odd case of deals, contacts, products and returns at once: it ends green, each case named."""

from __future__ import annotations

from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.report.checks import checks
from ns_hs_orders.sandbox.world import generate, lived_in
from ns_hs_orders_tests.end_to_end.company import DAYS, TODAY, Company, Round
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.return_records import (
    held,
    make_return,
    orders_to_return,
    returns_session,
    without_returns,
)
from ns_hs_orders_tests.end_to_end.test_deals import deals_of, name_deal, url, warnings
from ns_hs_orders_tests.end_to_end.test_products import product_of, without_products
from ns_hs_orders_tests.live.lane import delete

DEAL, PAT, KIM, PRODUCT = "990001", "8002", "8001", "990003"
LINKED: dict[str, Any] = {"contact_by": ("email",), "product_association": "on"}


def skus_of(company: Company, key: str) -> list[str]:
    return [line["hs_sku"] for line in company.order(key)["lines"].values()]


def named(done: Round) -> dict[str, Any]:
    check = next(one for one in checks(done.reconciliation) if one.name == "orders_have_company_lines_owner")
    assert check.passed
    return dict(check.numbers)


def test_every_odd_case_at_once_ends_green_and_each_is_named(make: Make) -> None:
    company = without_products(without_returns(make(24)))
    for row in company.netsuite.rows("transaction", type="SalesOrd"):
        if row["custbody_hubspot_deal_url"]:
            name_deal(company, row["id"] or "", "")
    assert company.sync().reconciliation.agrees
    sold, gone, foreign, no_deal, merged = orders_to_return(company)[:5]
    company.hubspot.load("deals", [{"id": DEAL, "dealname": "Spring"}])
    company.hubspot.load(
        "contacts", [{"id": KIM, "email": "kim@example.com"}, {"id": PAT, "email": "pat@example.com"}]
    )
    sku = skus_of(company, sold)[0]
    company.hubspot.load("products", [{"id": PRODUCT, "name": "Once sold so", "hs_sku": sku}])
    name_deal(company, foreign, url(DEAL, portal="1234567"))
    name_deal(company, no_deal, url(DEAL))
    company.netsuite.update("transaction", {"id": merged}, {"email": "kim@example.com"})
    of_order = make_return(company, sold, status="RtnAuth:G", received=2)
    of_return = make_return(company, of_order, like=sold, status="G")
    of_gone = make_return(company, gone, status="G")
    alone = make_return(company, None, like=sold, status="G")

    before = company.sync(**LINKED)

    assert before.reconciliation.agrees
    assert deals_of(company, no_deal) == {DEAL}
    assert company.order(merged)["contacts"] == {KIM}
    lines = company.order(sold)["lines"].values()
    assert {line.get("hs_product_id") for line in lines if line["hs_sku"] == sku} == {PRODUCT}

    delete(company, gone)
    survivor = company.hubspot.merge("contacts", PAT, KIM)
    company.hubspot.archive("deals", DEAL)
    company.hubspot.edit("products", PRODUCT, {"hs_sku": "renamed"})
    company.sync(**LINKED)
    done = company.sync(**LINKED)

    result = done.reconciliation
    assert (result.agrees, result.red_days) == (True, ())
    assert gone not in company.held()
    assert "deal_of_another_portal" in warnings(done, foreign)
    assert "deal_not_in_hubspot" in warnings(done, no_deal)
    assert deals_of(company, no_deal) == set()
    assert company.order(merged)["contacts"] == {survivor}
    lines = company.order(sold)["lines"].values()
    assert {line.get("hs_product_id") for line in lines if line["hs_sku"] == sku} == {None}
    told = named(done)
    for reason in ("deal_of_another_portal", "deal_not_in_hubspot", "product_not_in_hubspot"):
        assert told[f"for a named reason: {reason}"] >= 1

    found = {key: held(company, key)["properties"] for key in (of_order, of_return, of_gone, alone)}
    assert [one["netsuite_return_made_from"] for one in found.values()] == [
        "order",
        "return",
        "missing",
        "none",
    ]
    assert {one["hs_total_price"] for one in found.values()} == {"0"}
    assert company.order(sold)["properties"]["netsuite_returned_amount"] == "30"
    with returns_session(company, **LINKED) as session:
        mapped = session.map(session.read_ids(list(found)))
    codes = dict(zip(mapped.orders["order_id_netsuite"], mapped.orders["warnings"], strict=True))
    assert "return_of_a_return" in codes[of_return]
    assert "order_missing" in codes[of_gone]

    assert result.net is not None
    sums = result.net.sums["USD"]
    assert (sums.unexplained_minor, sums.returned.steps, sums.returns) == (0, (), 4)
    assert {one.cause for one in sums.gross.steps} <= {"skipped", "quarantined"}
    assert {one.cause: one.amount_minor for one in sums.returned.named} == {
        "return of an order of these days": 3000,
        "return without an order": 9000,
    }
    writes = company.hubspot.write_calls()
    company.sync(**LINKED)
    assert company.hubspot.write_calls() == writes


def test_the_demos_company_ends_green_once_its_foreign_orders_are_adopted_and_names_its_odd_deals_and_products(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    world = lived_in(generate(36, 7, TODAY, days=DAYS), 7)
    company = make(world=world)
    by_number, by_id, of_nothing = (one["id"] for one in world.hubspot["orders"])

    assert main(["adopt", "--yes"]) == 0
    assert "2 records adopted." in capsys.readouterr().out
    done = company.sync(product_association="on")

    assert done.reconciliation.agrees
    held = {one["id"]: one["properties"] for one in company.hubspot.objects("orders")}
    assert [held[one]["hs_order_name"][:2] for one in (by_number, by_id)] == ["SO", "SO"]
    assert [bool(held[one].get("netsuite_internal_id")) for one in (by_number, by_id, of_nothing)] == [
        True,
        True,
        False,
    ]
    told = named(done)
    assert {name: number for name, number in told.items() if name.startswith("for a named reason: deal")} == {
        "for a named reason: deal_not_in_hubspot": 1,
        "for a named reason: deal_of_another_portal": 1,
        "for a named reason: deal_url_not_understood": 2,
    }
    unknown = {name for name in told if name.endswith(": product_not_in_hubspot") and name[3] == ":"}
    assert unknown == {f"{code}: product_not_in_hubspot" for code in ("CAD", "EUR", "JPY", "USD")}
    product = world.hubspot["products"][0]
    assert product_of(company, product["hs_sku"] or "") == {product["id"]}
