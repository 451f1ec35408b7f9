"""Every row other than the mainline row has exactly one class, a turned sign, and counts once."""

from __future__ import annotations

import pytest

from ns_hs_orders.mapping.lines import line_class, map_lines
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders_tests.mapping.builders import judged, line, lines, order


@pytest.mark.parametrize(
    "row, expected",
    [
        *[
            ({"item_type": t}, "goods")
            for t in (
                "InvtPart", "Assembly", "NonInvtPart", "OthCharge", "Service", "Markup", "Kit",
                "DwnLdItem", "NeverSeenBefore", None,
            )
        ],
        ({"item_type": "Discount", "amount": "5.00", "quantity": None}, "discount"),
        ({"item_type": "discount", "amount": "5.00"}, "discount"),
        ({"item_type": "ShipItem"}, "shipping"),
        ({"item_type": "ShipItem", "line_type": "SHIPPING", "item_name": "Handling"}, "shipping"),
        ({"item_type": "ShipItem", "line_type": "HANDLING"}, "handling"),
        ({"item_type": "ShipItem", "item_name": "Handling"}, "handling"),
        ({"item_type": "ShipItem", "sku": "handling"}, "handling"),
        ({"item_type": "Handling"}, "handling"),
        ({"item_type": "TaxItem"}, "tax"),
        ({"item_type": "TaxGroup"}, "tax"),
        ({"item_type": "InvtPart", "taxline": "T"}, "tax"),
        ({"item_type": None, "taxline": "T"}, "tax"),
        ({"item_type": "Payment", "amount": "20.00"}, "payment"),
        ({"item_type": "GiftCert", "amount": "25.00", "quantity": None}, "payment"),
        ({"item_type": "GiftCert", "amount": "-25.00", "quantity": "-1"}, "goods"),
        ({"item_type": "GiftCert", "amount": "0.00", "quantity": "-1"}, "goods"),
        ({"item_type": "GiftCert", "amount": "not a number"}, "goods"),
        *[({"item_type": t}, "ignored") for t in ("Subtotal", "Group", "EndGroup", "Description")],
        ({"kit_component": "T"}, "ignored"),
        ({"assembly_component": "T"}, "ignored"),
        ({"is_cogs": "T"}, "ignored"),
        ({"item_type": "TaxItem", "is_cogs": "T"}, "ignored"),
        ({"is_closed": "T"}, "goods"),
    ],
)  # fmt: skip
def test_a_row_has_its_class(row, expected):
    assert line_class(line(**row), MappingRules()) == expected


def test_an_accounts_own_item_type_can_be_classed_by_setting():
    rules = MappingRules(item_classes={"OthCharge": "shipping", "GiftCert": "payment"})
    assert line_class(line(item_type="othcharge"), rules) == "shipping"
    assert line_class(line(item_type="GiftCert", amount="-25.00"), rules) == "payment"
    assert line_class(line(item_type="Discount"), rules) == "discount"


def test_signs_are_turned_so_that_amounts_read_as_people_read_them():
    raw = lines(
        {"quantity": "-2", "rate": "60", "amount": "-120.00"},
        {"item_type": "Markup", "quantity": None, "rate": "5.00", "amount": "-5.00"},
        {"item_type": "Discount", "quantity": None, "rate": "-10.0%", "amount": "12.00"},
        {"item_type": "Discount", "quantity": None, "rate": "-3.00", "amount": "3.00"},
        {"item_type": "ShipItem", "quantity": "-1", "amount": "-9.50"},
        {"item_type": "ShipItem", "quantity": "-1", "amount": "-2.25", "line_type": "HANDLING"},
        {"item_type": "TaxItem", "taxline": "T", "quantity": "-1", "amount": "-8.80"},
        {"item_type": "Payment", "quantity": None, "amount": "30.00"},
        {"item_type": "GiftCert", "quantity": None, "amount": "10.00"},
    )
    judgement = judged(order(total="90.55"), raw)
    amounts = judgement.amounts
    assert judgement.outcome == "accepted"
    assert amounts is not None
    assert (amounts.subtotal_minor, amounts.discount_minor) == (12500, 1500)
    assert (amounts.shipping_minor, amounts.handling_minor, amounts.shipping_cost_minor) == (950, 225, 1175)
    assert (amounts.tax_minor, amounts.payment_minor, amounts.unclassified_minor) == (880, 4000, 0)
    assert [row.amount_minor for row in judgement.lines.lines] == [
        12000, 500, -1200, -300, 950, 225, 880, -3000, -1000,
    ]  # fmt: skip


def test_rows_that_repeat_or_explain_others_count_for_nothing_and_stay_visible():
    raw = lines(
        {"item_type": "Group", "amount": None, "quantity": "-1"},
        {"amount": "-120.00"},
        {"item_type": "EndGroup", "item_name": None, "sku": None, "quantity": None, "amount": "-120.00"},
        {"item_type": "Subtotal", "quantity": None, "amount": "-120.00"},
        {"item_type": "Description", "quantity": None, "amount": None, "line_memo": "Fragile"},
        {"kit_component": "T", "quantity": "-4", "amount": "-33.00"},
        {"is_cogs": "T", "amount": "70.00"},
        {"mainline": "T", "amount": "120.00"},
        {"item_type": "Subtotal", "amount": "not a number", "quantity": "neither"},
    )
    judgement = judged(order(total="120.00"), raw)
    assert judgement.outcome == "accepted"
    assert [row.line_class for row in judgement.lines.lines] == [
        "ignored", "goods", *["ignored"] * 6,
    ]  # fmt: skip
    assert [row.unit_price for row in judgement.lines.lines] == [None, "60.00", *[None] * 6]


TAXED = lines(
    {"amount": "-100.00", "rate": "50.00"}, {"item_type": "TaxItem", "taxline": "T", "amount": "-8.00"}
)


def test_under_legacy_tax_the_details_are_never_added_nor_judged():
    for details in ('["8.00"]', '["nonsense"]', "not even a list"):
        judgement = judged(order(total="108.00", tax_details=details), TAXED)
        assert judgement.outcome == "accepted"
        assert judgement.amounts is not None
        assert judgement.amounts.tax_minor == 800


def test_under_suitetax_tax_rows_are_neither_tax_nor_goods():
    judgement = judged(order(total="108.00", tax_details='["5.00", "3.00"]'), TAXED, tax_regime="suitetax")
    assert judgement.outcome == "accepted"
    assert judgement.amounts is not None
    assert (judgement.amounts.subtotal_minor, judgement.amounts.tax_minor) == (10000, 800)
    assert [row.line_class for row in judgement.lines.lines] == ["goods", "ignored"]


def test_under_suitetax_without_details_tax_is_zero_whatever_the_tax_rows_say():
    judgement = judged(order(total="100.00"), TAXED, tax_regime="suitetax")
    assert judgement.outcome == "accepted"
    assert judged(order(total="108.00"), TAXED, tax_regime="suitetax").reason == "does_not_add_up"


@pytest.mark.parametrize(
    "details, total, reason",
    [
        ('["2.66666667", "2.66666667", "2.66666666"]', "108.00", None),
        ('["0.005", "7.995"]', "108.00", None),
        ('["8.001"]', "108.00", "currency_exponent_violated"),
        ('["8.00", "eight"]', "108.00", "amount_not_a_number"),
        ("[8.00]", "108.00", "amount_not_a_number"),
        ("[null]", "108.00", "amount_not_a_number"),
        ('{"tax": "8.00"}', "108.00", "breaks_contract"),
        ("[" * 100_000, "108.00", "breaks_contract"),
    ],
)
def test_suitetax_details_are_summed_exactly_and_only_the_sum_must_fit_the_currency(details, total, reason):
    judgement = judged(order(total=total, tax_details=details), TAXED, tax_regime="suitetax")
    assert judgement.reason == reason
    if reason is None:
        assert judgement.amounts is not None
        assert judgement.amounts.tax_minor == 800


CLOSED = lines(
    {"amount": "-100.00", "rate": "25.00", "quantity": "-4", "is_closed": "T", "quantity_billed": "1"},
    {"amount": "-20.00", "rate": "20.00", "quantity": "-1"},
)


def test_a_closed_line_counts_in_full_and_its_unbilled_share_is_told():
    judgement = judged(order(total="120.00"), CLOSED)
    assert judgement.outcome == "accepted"
    assert judgement.amounts is not None
    assert (judgement.amounts.subtotal_minor, judgement.amounts.closed_minor) == (12000, 7500)
    assert [(row.line_class, row.is_closed) for row in judgement.lines.lines] == [
        ("goods", True), ("goods", False),
    ]  # fmt: skip


def test_a_closed_line_that_does_not_count_is_ignored_and_its_unbilled_share_is_still_told():
    judgement = judged(order(total="20.00"), CLOSED, closed_lines="not_counted")
    assert judgement.outcome == "accepted"
    assert judgement.amounts is not None
    assert (judgement.amounts.subtotal_minor, judgement.amounts.closed_minor) == (2000, 7500)
    assert [row.line_class for row in judgement.lines.lines] == ["ignored", "goods"]
    assert judged(order(total="120.00"), CLOSED, closed_lines="not_counted").reason == "does_not_add_up"


@pytest.mark.parametrize(
    "quantity, billed, amount, closed_minor",
    [
        ("-3", "1", "-10.00", 667),
        ("-3", "2", "-10.00", 333),
        ("-3", None, "-10.00", 1000),
        ("-3", "3", "-10.00", 0),
        ("-3", "5", "-10.00", 0),
        ("-2", "1", "-0.05", 3),
        ("-3", "-1", "-10.00", 667),
        (None, None, "-10.00", 1000),
        (None, "1", "-10.00", 0),
        ("0", None, "-10.00", 1000),
        ("-2.5", "0.5", "-10.00", 800),
    ],
)
def test_the_closed_amount_is_the_unbilled_share_rounded_half_up(quantity, billed, amount, closed_minor):
    raw = lines(
        {"quantity": quantity, "quantity_billed": billed, "amount": amount, "is_closed": "T", "rate": None}
    )
    assert map_lines("1", raw, "USD", MappingRules()).closed_minor == closed_minor


def test_only_goods_are_closed_money():
    raw = lines(
        {"amount": "-100.00", "is_closed": "T"},
        {"item_type": "Discount", "quantity": None, "amount": "10.00", "is_closed": "T"},
        {"item_type": "TaxItem", "amount": "-5.00", "is_closed": "T"},
        {"kit_component": "T", "amount": "-7.00", "is_closed": "T"},
    )
    assert map_lines("1", raw, "USD", MappingRules()).closed_minor == 10000


def test_a_line_is_named_by_what_netsuite_knows_of_it():
    raw = lines(
        {"item_name": "Tumbler", "sku": "T1", "line_memo": "blue"},
        {"item_name": None, "sku": "T1", "line_memo": "blue"},
        {"item_name": None, "sku": None, "line_memo": "blue"},
        {"item_name": None, "sku": None, "line_memo": None, "item_type": "Service"},
        {"item_name": None, "sku": None, "line_memo": None, "item_type": None},
    )
    names = [row.line_name for row in map_lines("9", raw, "USD", MappingRules()).lines]
    assert names == ["Tumbler", "T1", "blue", "Service", "Line 9-5"]


def test_line_keys_are_the_order_and_the_unique_key_and_sequences_are_numbers_or_nothing():
    raw = lines({"line_sequence": "7"}, {"line_sequence": "x"}, {"line_sequence": None})
    mapped = map_lines("55", raw, "USD", MappingRules()).lines
    assert [(row.line_key, row.line_sequence) for row in mapped] == [
        ("55-1", 7),
        ("55-2", None),
        ("55-3", None),
    ]


@pytest.mark.parametrize(
    "shipped, expected",
    [
        ((None, None), None),
        (("2", None), "2 of 2 units shipped"),
        (("0", "1.5"), "1.5 of 4.5 units shipped"),
        (("0", "0"), "0 of 4.5 units shipped"),
    ],
)
def test_fulfillment_counts_units_of_goods_that_netsuite_tells_a_shipped_quantity_of(shipped, expected):
    raw = lines(
        {"amount": "-60.00", "rate": "30", "quantity": "-2", "quantity_shipped": shipped[0]},
        {"amount": "-60.00", "rate": None, "quantity": "-2.5", "quantity_shipped": shipped[1]},
        {"item_type": "ShipItem", "amount": "0.00", "quantity": "-1", "quantity_shipped": "1"},
    )
    assert judged(order(), raw).fulfillment_status == expected
