"""The orders that are wrong on purpose: each is there, and wrong in just that way."""

from collections import Counter
from decimal import Decimal

import pytest

from ns_hs_orders.sandbox.world import PLANTED, World, generate
from ns_hs_orders_tests.sandbox.world.arithmetic import Row, lines_by_order, parts_of, total_of
from ns_hs_orders_tests.sandbox.world.conftest import TODAY


def planted(world: World, code: str) -> list[tuple[Row, list[Row]]]:
    """(header, lines) of each order with that code."""
    lines = lines_by_order(world)
    by_number: dict[str, Row] = {order["tranid"] or "": order for order in world.orders()}
    found = [(by_number[number], lines[by_number[number]["id"]]) for number in world.planted[code]]
    assert found
    return found


def test_every_code_is_there_and_about_one_order_in_a_hundred_is_bad(big_world):
    assert set(big_world.planted) == set(PLANTED)
    numbers = [number for found in big_world.planted.values() for number in found]
    assert len(numbers) == len(set(numbers)) == 21


def test_larger_worlds_hold_more_of_each_and_tiny_ones_none():
    assert Counter(map(len, generate(4000, 1, TODAY).planted.values())) == {2: 15, 4: 3}
    assert set(generate(40, 1, TODAY).planted) == set(PLANTED)
    assert generate(39, 1, TODAY).planted == {}


def test_each_code_says_what_must_become_of_it():
    assert {bad.expected for bad in PLANTED.values()} == {
        "quarantined",
        "rejected",
        "handled",
        "masked",
        "warned",
    }
    assert all(bad.sentence.endswith(".") for bad in PLANTED.values())


def test_two_orders_are_a_cent_off_one_up_one_down(big_world):
    off = {
        Decimal(order["foreigntotal"]) - total_of(lines)
        for order, lines in planted(big_world, "does_not_add_up")
    }
    assert off == {Decimal("0.01"), Decimal("-0.01")}


@pytest.mark.parametrize("code,symbol", [("unknown_currency", "XQZ"), ("currency_not_in_portal", "CHF")])
def test_foreign_currencies_add_up_and_are_not_in_the_portal(big_world, code, symbol):
    symbols = {row["id"]: row["symbol"] for row in big_world.netsuite["currency"]}
    for order, lines in planted(big_world, code):
        assert symbols[order["currency"]] == symbol
        assert total_of(lines) == Decimal(order["foreigntotal"])
    assert symbol not in {row["code"] for row in big_world.hubspot["currencies"]}


def test_too_many_decimals_come_in_dollars_and_in_yen_and_add_up(big_world):
    found = planted(big_world, "currency_exponent_violated")
    assert {(order["currency"], order["foreigntotal"]) for order, _ in found} == {
        ("1", "10.019"),
        ("4", "1000.50"),
    }
    for order, lines in found:
        assert total_of(lines) == Decimal(order["foreigntotal"])


def test_no_lines_means_only_the_balancing_row_or_nothing_at_all(big_world):
    assert sorted(len(lines) for _, lines in planted(big_world, "no_lines")) == [0, 1]


def test_a_line_key_is_there_twice_in_an_order_that_adds_up(big_world):
    ((order, lines),) = planted(big_world, "duplicate_line_keys")
    keys = Counter(line["uniquekey"] for line in lines)
    assert sorted(keys.values())[-2:] == [1, 2]
    assert total_of(lines) == Decimal(order["foreigntotal"])
    everywhere = Counter(line["uniquekey"] for line in big_world.netsuite["transactionline"])
    assert sum(count > 1 for count in everywhere.values()) == 1


def test_other_bad_values_are_in_the_header(big_world):
    def header(code: str) -> Row:
        return planted(big_world, code)[0][0]

    assert header("amount_not_a_number")["foreigntotal"] == "n/a"
    assert header("unknown_status")["status"] == "Z"
    assert header("negative_total")["foreigntotal"] == "-25.00"
    assert len(header("long_memo")["memo"]) == 70_000
    assert "\x00" in header("nul_in_memo")["memo"]
    assert "4111 1111 1111 1111" in header("card_number_in_memo")["memo"]


def test_the_orphaned_project_has_no_customer(big_world):
    jobs = {job["id"]: job["customer"] for job in big_world.netsuite["job"]}
    for order, _ in planted(big_world, "project_without_customer"):
        assert jobs[order["entity"]] is None


def test_the_vanished_company_is_in_netsuite_only(big_world):
    ids = {row["id"]: row["custentity_celigo_hubspot_id"] for row in big_world.netsuite["customer"]}
    companies = {row["id"] for row in big_world.hubspot["companies"]}
    for order, _ in planted(big_world, "company_not_in_hubspot"):
        assert ids[order["entity"]] is not None
        assert ids[order["entity"]] not in companies


def test_warnings_sit_on_orders_that_add_up(big_world):
    for code in ("tax_rate_over_30_percent", "negative_tax", "zero_total", "discount_above_subtotal"):
        for order, lines in planted(big_world, code):
            assert total_of(lines) == Decimal(order["foreigntotal"]) >= 0
    parts = parts_of(planted(big_world, "tax_rate_over_30_percent")[0][1])
    assert parts["tax"] / (parts["goods"] - parts["discount"]) > Decimal("0.3")
    assert parts_of(planted(big_world, "negative_tax")[0][1])["tax"] == Decimal("-1.65")
    assert planted(big_world, "zero_total")[0][0]["foreigntotal"] == "0.00"
    parts = parts_of(planted(big_world, "discount_above_subtotal")[0][1])
    assert parts["discount"] > parts["goods"] > 0


@pytest.mark.parametrize("code", [code for code, bad in PLANTED.items() if bad.expected not in ("rejected",) and code != "project_without_customer"])  # fmt: skip
def test_bad_orders_belong_to_customers_that_are_in_hubspot(big_world, code):
    companies = {row["id"] for row in big_world.hubspot["companies"]}
    ids = {row["id"]: row["custentity_celigo_hubspot_id"] for row in big_world.netsuite["customer"]}
    parents = {row["id"]: row["customer"] for row in big_world.netsuite["job"]}
    for order, _ in planted(big_world, code):
        assert ids[parents.get(order["entity"], order["entity"])] in companies
