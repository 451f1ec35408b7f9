"""What holds an order back, what only warns, and which stage it is in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ns_hs_orders.mapping.schema import QUARANTINE_REASONS, WARNINGS
from ns_hs_orders_tests.mapping.builders import judged, line, lines, order

BAD_ORDERS = {
    "does_not_add_up": [
        (order(total="120.01"), [line()]),
        (order(total="119.99"), [line()]),
        (order(), [line(amount=None)]),
    ],
    "unknown_currency": [
        (order(currency="XQZ"), [line()]),
        (order(currency=None), [line()]),
        (order(currency="usd"), [line()]),
    ],
    "amount_not_a_number": [
        (order(total="one hundred"), [line()]),
        (order(total=None), [line()]),
        (order(), [line(amount="1,20.00")]),
        (order(), [line(quantity="two")]),
        (order(), [line(quantity_billed="two")]),
        (order(), [line(quantity_shipped="two")]),
        (order(exchange_rate="one"), [line()]),
    ],
    "amount_too_large": [
        (order(total="10000000000000.01"), [line(amount="-10000000000000.01")]),
        (order(), [line(amount="-1E20")]),
        (order(currency="JPY", total="1000000000000001"), [line(amount="-120")]),
        (order(total="10000000000000.00"), lines({"amount": "-10000000000000.00"}, {"amount": "-0.01"})),
    ],
    "currency_exponent_violated": [
        (order(total="120.001"), [line()]),
        (order(), [line(amount="-120.001")]),
        (order(currency="JPY", total="120.50"), [line(amount="-120")]),
    ],
    "unknown_status": [
        (order(status="X"), [line()]),
        (order(status=None), [line()]),
        (order(status="b"), [line()]),
        (order(status="RtnAuth:B"), [line()]),
    ],
    "no_lines": [
        (order(), []),
        (order(total="0.00"), []),
        (order(), [line(mainline="T")]),
    ],
    "duplicate_line_keys": [(order(), [line(amount="-60.00"), line(amount="-60.00")])],
    "negative_total": [(order(total="-120.00"), [line(amount="120.00")])],
    "project_without_customer": [
        (order(is_project="T", customer_id=None, customer_hubspot_id=None), [line()])
    ],
    "unreadable_date": [
        (order(order_on=None), [line()]),
        (order(order_on="03/02/2026"), [line()]),
        (order(order_on="2026-02-30"), [line()]),
        (order(order_on="2026-W09-1"), [line()]),
        (order(created_at="2026-03-02 09:30:00"), [line()]),
        (order(modified_at=None), [line()]),
        (order(modified_at="2026-03-02T25:00:00Z"), [line()]),
        (order(sales_effective_on="soon"), [line()]),
    ],
    "breaks_contract": [
        (order(shipments="{}"), [line()]),
        (order(shipments='["1Z"]'), [line()]),
        (order(), [line(line_unique_key=None)]),
    ],
}


@pytest.mark.parametrize(
    "reason, raw, raw_lines",
    [(reason, *case) for reason, cases in BAD_ORDERS.items() for case in cases],
)
def test_a_bad_order_is_quarantined_for_its_reason(reason, raw, raw_lines):
    judgement = judged(raw, raw_lines)
    assert (judgement.outcome, judgement.reason) == ("quarantined", reason)
    assert judgement.explanation


def test_every_reason_has_a_bad_order_here():
    assert set(BAD_ORDERS) == set(QUARANTINE_REASONS) - {"changing_while_read", "unreadable_field"}


def test_an_amount_that_is_too_large_says_so_with_the_largest_one():
    assert judged(order(total="25000000000000.00"), [line()]).explanation == (
        "The total: 25000000000000.00 USD is larger than 10,000,000,000,000.00 USD, the largest amount that is stored."
    )


def test_an_order_that_does_not_add_up_says_by_how_much():
    assert judged(order(total="1120.01"), [line()]).explanation == (
        "Lines make 120.00 USD, the total says 1,120.01 USD: 1,000.01 USD is unexplained."
    )
    assert judged(order(), lines({}, {"amount": None}, {"amount": "-1.00"})).explanation == (
        "Lines make 121.00 USD, the total says 120.00 USD: -1.00 USD is unexplained. "
        "Lines without an amount in NetSuite: 1001-2."
    )


def test_a_line_without_an_amount_counts_as_none_where_the_order_adds_up():
    judgement = judged(order(), lines({}, {"amount": None, "quantity": "-3", "rate": None}))
    assert judgement.outcome == "accepted"
    line = judgement.lines.lines[1]
    assert (line.quantity, line.unit_price, line.amount_minor) == ("3", "0", 0)


def test_several_problems_have_one_reason_and_all_their_sentences():
    judgement = judged(order(status="X", total="1.00", order_on=None), [line()])
    assert judgement.reason == "unreadable_date"
    assert judgement.explanation == (
        "NetSuite has no order date for the order. Status 'X' is not in the stage map. "
        "Lines make 120.00 USD, the total says 1.00 USD: -119.00 USD is unexplained."
    )


def test_many_problems_are_told_in_a_few_sentences():
    bad = lines(*[{"amount": f"bad{number}"} for number in range(500)])
    judgement = judged(order(), bad)
    assert judgement.explanation is not None
    assert judgement.explanation.endswith("And 495 more problems.")
    assert judgement.explanation.count("is not a plain decimal number") == 5


@pytest.mark.parametrize(
    "raw, currency, total_minor",
    [
        (order(total="120.01"), "USD", 12001),
        (order(total="-5.00"), "USD", -500),
        (order(total="nothing"), None, None),
        (order(total="10.019"), None, None),
        (order(currency="XQZ"), None, None),
    ],
)
def test_a_held_order_keeps_its_amount_with_its_currency_or_neither(raw, currency, total_minor):
    judgement = judged(raw)
    assert (judgement.currency, judgement.total_minor) == (currency, total_minor)


def test_an_order_that_kept_changing_is_due_whatever_else_it_is():
    for raw in (
        order(settled=False),
        order(settled=False, total="x"),
        order(settled=False, customer_id=None),
    ):
        judgement = judged(raw)
        assert (judgement.outcome, judgement.reason) == ("due", "changing_while_read")


def test_an_unbalanced_order_is_sent_by_setting_with_netsuites_total_and_the_rest_named():
    judgement = judged(order(total="120.01"), unbalanced_orders="send")
    assert judgement.outcome == "accepted"
    assert judgement.amounts is not None
    assert (judgement.amounts.total_minor, judgement.amounts.subtotal_minor) == (12001, 12000)
    assert judgement.amounts.unclassified_minor == 1
    assert judgement.warnings == ("unbalanced_sent",)


@pytest.mark.parametrize(
    "reason, raw, raw_lines",
    [(r, *case) for r, cases in BAD_ORDERS.items() if r != "does_not_add_up" for case in cases],
)
def test_sending_unbalanced_orders_forgives_nothing_else(reason, raw, raw_lines):
    assert judged(raw, raw_lines, unbalanced_orders="send").reason == reason


def discounted(amount: str) -> dict[str, Any]:
    return {"item_type": "Discount", "quantity": None, "amount": amount}


def taxed(amount: str) -> dict[str, Any]:
    return {"item_type": "TaxItem", "taxline": "T", "amount": amount}


@pytest.mark.parametrize(
    "total, rows, warnings",
    [
        ("120.00", [{}], ()),
        ("156.00", [{}, taxed("-36.00")], ()),
        ("156.01", [{}, taxed("-36.01")], ("tax_rate_over_30_percent",)),
        ("156.00", [{}, discounted("20.00"), taxed("-30.00"), {"amount": "-26.00"}], ()),
        ("130.01", [{}, discounted("20.00"), taxed("-30.01")], ("tax_rate_over_30_percent",)),
        ("175.00", [{}, {"item_type": "ShipItem", "amount": "-20.00"}, taxed("-35.00")], ()),
        ("115.00", [{}, taxed("5.00")], ("negative_tax",)),
        ("5.00", [{}, discounted("120.00"), taxed("-5.00")], ("tax_rate_over_30_percent",)),
        ("0.00", [{}, discounted("120.00")], ("zero_total",)),
        ("5.00", [{}, discounted("120.01"), {"item_type": "ShipItem", "amount": "-5.01"}], ("discount_above_subtotal",)),
        ("0.00", [{"amount": "0.00"}], ("zero_total",)),
    ],
)  # fmt: skip
def test_what_only_warns_never_quarantines(total, rows, warnings):
    judgement = judged(order(total=total), lines(*rows))
    assert (judgement.outcome, judgement.warnings) == ("accepted", warnings)


def test_every_warning_is_shown_by_one_of_these_tests():
    shown = {"tax_rate_over_30_percent", "negative_tax", "discount_above_subtotal", "zero_total"}
    of_returns = {"return_held", "return_in_other_currency", "returned_above_total"}  # test_returns.py
    assert set(WARNINGS) == shown | of_returns | {"unbalanced_sent", "field_left_empty"}


@pytest.mark.parametrize("prefix", ["", "SalesOrd:"])
@pytest.mark.parametrize(
    "letter, billed, stage",
    [
        ("A", None, "pending_approval"),
        ("B", None, "pending_fulfillment"),
        ("C", "1", "cancelled"),
        ("D", None, "pending_fulfillment"),
        ("E", "1", "pending_fulfillment"),
        ("F", None, "fulfilled"),
        ("G", "2", "billed"),
        ("H", "1", "billed"),
        ("H", "0", "cancelled"),
        ("H", None, "cancelled"),
    ],
)
def test_a_status_letter_has_its_stage_in_either_form(prefix, letter, billed, stage):
    judgement = judged(order(status=prefix + letter), [line(quantity_billed=billed)])
    assert (judgement.outcome, judgement.status, judgement.stage) == ("accepted", letter, stage)


def test_the_stage_of_a_letter_is_a_setting():
    assert judged(order(status="H"), stage_map={"H": "fulfilled"}).stage == "fulfilled"
    assert judged(order(status="J"), stage_map={"J": "billed"}).stage == "billed"
    assert (
        judged(order(status="C"), [line(quantity_billed="1")], stage_map={"C": "by_billing"}).stage
        == "billed"
    )


def test_dates_are_dates_and_times_are_aware_utc():
    judgement = judged(order(sales_effective_on="2026-04-01"))
    assert judgement.order_on == date(2026, 3, 2)
    assert judgement.sales_effective_on == date(2026, 4, 1)
    assert judgement.created_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert judgement.created_at is not None
    assert judgement.created_at.tzinfo is UTC
