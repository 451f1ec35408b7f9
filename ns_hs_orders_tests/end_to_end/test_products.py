"""Line items and the products with their SKU, over both emulators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from ns_hs_orders.money import from_minor, shown, to_minor
from ns_hs_orders.push.schema import LINK_WARNINGS
from ns_hs_orders.reconcile.integrity import LINKS
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.checks import checks
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.text import as_text
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY, Company, Round
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.report.spreadsheets.opened import excel_bytes, workbook

TENT, STOVE = "990001", "990002"


def without_products(company: Company) -> Company:
    for one in company.hubspot.objects("products"):
        company.hubspot.archive("products", one["id"])
    return company


def skus(company: Company) -> list[str]:
    """SKUs of goods lines, those on most lines first."""
    with company.session() as session:
        lines = session.map(session.read_days(FIRST, TODAY)).lines
    found: list[str] = lines[lines["line_class"] == "goods"]["sku"].value_counts().index.tolist()
    return found


def synced(company: Company) -> Round:
    done = company.sync(product_association="on")
    assert done.reconciliation.agrees
    return done


def lines_of(company: Company) -> list[Mapping[str, str]]:
    return [line for one in company.held().values() for line in one["lines"].values()]


def product_of(company: Company, sku: str) -> set[str | None]:
    """The products that the line items with a SKU are of."""
    return {one.get("hs_product_id") for one in lines_of(company) if one.get("hs_sku") == sku}


def excel_rows(result: Reconciliation) -> list[tuple[Any, ...]]:
    """What the workbook's summary tells of what is not linked: meaning, order or SKU, day, amount."""
    summary = workbook(excel_bytes(Review(result, ())))["summary"]
    rows = [row[:4] for row in summary.iter_rows(values_only=True)]
    at = next(n for n, row in enumerate(rows) if str(row[0]).startswith("Written without")) + 2
    return list(takewhile(lambda row: row[1] is not None, rows[at:]))


def numbers(result: Reconciliation) -> dict[str, Any]:
    check = next(one for one in checks(result) if one.name == "orders_have_company_lines_owner")
    assert check.passed
    return dict(check.numbers)


def test_lines_are_of_the_product_with_their_sku_and_unknown_skus_are_told_with_their_dollars(
    make: Make,
) -> None:
    company = without_products(make(12))
    one, other, third, *_ = skus(company)
    company.hubspot.load(
        "products",
        [
            {"id": TENT, "name": "One", "hs_sku": one},
            {"id": STOVE, "name": "Other", "hs_sku": other.lower()},
            {"id": "990003", "name": "Third", "hs_sku": third},
            {"id": "990004", "name": "Third again", "hs_sku": third},
        ],
    )
    assert company.sync().reconciliation.agrees
    assert product_of(company, one) == {None}, "not without the setting"

    done = synced(company)

    assert [product_of(company, sku) for sku in (one, other, third)] == [{TENT}, {STOVE}, {None}]
    worth: dict[tuple[str, str], int] = {}
    for line in lines_of(company):
        code = line["hs_line_item_currency_code"]
        reason = "several_products" if line["hs_sku"] == third else "product_not_in_hubspot"
        if line["hs_sku"] not in (one, other):
            minor = to_minor(line["netsuite_line_amount"], code)
            worth[reason, code] = worth.get((reason, code), 0) + minor
    told = numbers(done.reconciliation)
    assert {
        key: value for key, value in told.items() if "product" in key and ": " in key and key[3] == ":"
    } == {f"{code}: {reason}": shown(minor, code) for (reason, code), minor in worth.items()}
    named = [found.words for found in done.reconciliation.integrity if found.reason == "several_products"]
    assert named
    assert all(f"SKUs: {third} (" in words for words in named)
    several = {code: minor for (reason, code), minor in worth.items() if reason == "several_products"}
    report = as_text(done.reconciliation, width=200)
    for code, minor in several.items():
        assert re.search(rf"several_products .* {re.escape(shown(minor, code))} +{third}\n", report)
    reasons = {one.reason for one in done.reconciliation.integrity if one.rule == LINKS}
    found = excel_rows(done.reconciliation)
    assert {meaning for meaning, *_ in found} == {LINK_WARNINGS[one] for one in reasons if one}
    of_third = [amount for meaning, sku, _, amount in found if sku == third]
    assert sum(of_third) == float(sum(from_minor(minor, code) for code, minor in several.items()))

    writes = company.hubspot.write_calls()
    assert synced(company).outcomes.keys() & {"created", "updated"} == set()
    assert company.hubspot.write_calls() == writes

    company.hubspot.edit("products", TENT, {"hs_sku": "renamed"})
    company.hubspot.archive("products", "990004")
    synced(company)
    assert [product_of(company, sku) for sku in (one, third)] == [{None}, {"990003"}]
