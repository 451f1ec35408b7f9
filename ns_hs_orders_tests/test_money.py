"""Money is exact or refused: parsing, exponents, text, rounding and conversion."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError


@pytest.mark.parametrize(
    "text, currency, minor",
    [
        ("10.50", "USD", 1050),
        ("10.5", "USD", 1050),
        ("10.500000", "USD", 1050),
        (".5", "USD", 50),
        ("-.5", "USD", -50),
        ("+3", "USD", 300),
        ("7.", "USD", 700),
        ("1E3", "USD", 100_000),
        ("1.5e1", "USD", 1500),
        ("-0.00", "USD", 0),
        ("0E99", "USD", 0),
        ("1000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("1.234", "KWD", 1234),
        ("10000000000000.00", "USD", money.LARGEST_MINOR),
    ],
)
def test_an_amount_is_read_exactly(text, currency, minor):
    assert money.to_minor(text, currency) == minor


@pytest.mark.parametrize(
    "text, currency, reason",
    [
        ("10.019", "USD", "currency_exponent_violated"),
        ("1000.50", "JPY", "currency_exponent_violated"),
        ("1.2345", "KWD", "currency_exponent_violated"),
        ("", "USD", "amount_not_a_number"),
        (" 1", "USD", "amount_not_a_number"),
        ("1\n", "USD", "amount_not_a_number"),
        ("1,000.00", "USD", "amount_not_a_number"),
        ("$5", "USD", "amount_not_a_number"),
        ("5 USD", "USD", "amount_not_a_number"),
        ("NaN", "USD", "amount_not_a_number"),
        ("Infinity", "USD", "amount_not_a_number"),
        ("1_000", "USD", "amount_not_a_number"),
        ("١٢", "USD", "amount_not_a_number"),
        (".", "USD", "amount_not_a_number"),
        ("1E999", "USD", "amount_too_large"),
        ("1E-999", "USD", "amount_not_a_number"),
        ("9" * 61, "USD", "amount_not_a_number"),
        ("10000000000000.01", "USD", "amount_too_large"),
        ("1.00", "ZZZ", "unknown_currency"),
        ("1.00", "usd", "unknown_currency"),
        ("1.00", "XXX", "unknown_currency"),
        ("1.00", "XAU", "unknown_currency"),
        ("1.00", "", "unknown_currency"),
    ],
)
def test_an_amount_that_is_not_exact_is_refused_with_its_reason(text, currency, reason):
    with pytest.raises(MoneyError) as refused:
        money.to_minor(text, currency)
    assert refused.value.reason == reason


@pytest.mark.parametrize("value", [None, 10.5, 3, float("nan")])
def test_what_is_not_text_is_no_amount(value):
    with pytest.raises(MoneyError) as refused:
        money.parse_decimal(value)
    assert refused.value.reason == "amount_not_a_number"


def test_a_long_amount_is_cut_in_the_message():
    with pytest.raises(MoneyError) as refused:
        money.parse_decimal("x" * 5000)
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize(
    "minor, currency, plain, shown",
    [
        (123456, "USD", "1234.56", "1,234.56 USD"),
        (-5, "USD", "-0.05", "-0.05 USD"),
        (0, "USD", "0.00", "0.00 USD"),
        (1000, "JPY", "1000", "1,000 JPY"),
        (1, "KWD", "0.001", "0.001 KWD"),
    ],
)
def test_minor_units_become_plain_text_and_text_for_people(minor, currency, plain, shown):
    assert money.plain(minor, currency) == plain
    assert money.shown(minor, currency) == shown


@given(
    minor=st.integers(-money.LARGEST_MINOR, money.LARGEST_MINOR),
    currency=st.sampled_from(["USD", "JPY", "KWD", "EUR"]),
)
def test_what_is_written_is_read_back_as_the_same_amount(minor, currency):
    assert money.to_minor(money.plain(minor, currency), currency) == minor


@pytest.mark.parametrize(
    "value, digits, rounded",
    [
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("2.5", 0, "3"),
        ("3.5", 0, "4"),
        ("1.0049999999999999999999999999999999999999", 2, "1.00"),
    ],
)
def test_rounding_is_half_up_away_from_zero(value, digits, rounded):
    assert str(money.half_up(Decimal(value), digits)) == rounded


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1.10", "USD", 110),
        ("1.105", "USD", 111),
        ("-1.105", "USD", -111),
        ("1E-30", "USD", 0),
        ("0.5", "JPY", 1),
    ],
)
def test_an_amount_of_too_many_decimals_has_a_nearest_minor_unit(text, currency, minor):
    assert money.nearest_minor(text, currency) == minor


@pytest.mark.parametrize(("text", "currency"), [("a lot", "USD"), ("1.00", "XQQ"), ("9" * 19, "USD")])
def test_what_is_no_amount_has_no_nearest_minor_unit(text, currency):
    with pytest.raises(MoneyError):
        money.nearest_minor(text, currency)


def test_sums_products_and_quotients_are_not_rounded_by_a_context():
    tiny, huge = Decimal("0." + "0" * 39 + "1"), Decimal("99999999999999999999")
    assert money.add_up([huge, tiny, -huge]) == tiny
    assert money.multiply(huge, tiny) == Decimal("0.0000000000000000000099999999999999999999")
    assert money.divide(Decimal(1), Decimal(3), 8) == Decimal("0.33333333")
    assert money.divide(Decimal(2), Decimal(3), 8) == Decimal("0.66666667")


@pytest.mark.parametrize(
    "text, shown",
    [("1E3", "1000"), ("10.50", "10.50"), ("-0.00", "0.00"), ("1E-8", "0.00000001"), ("-2.5", "-2.5")],
)
def test_a_decimal_is_written_with_its_own_decimals_and_no_exponent(text, shown):
    assert money.decimal_text(Decimal(text)) == shown


@pytest.mark.parametrize(
    "minor, currency, rate, base, expected",
    [
        (10_000, "EUR", "1.0842", "USD", 10_842),
        (1, "EUR", "1.5", "USD", 2),
        (-1, "EUR", "1.5", "USD", -2),
        (1000, "JPY", "0.00668", "USD", 668),
        (1234, "KWD", "3.25", "USD", 401),
        (401, "USD", "150.05", "JPY", 602),
    ],
)
def test_one_order_is_converted_once_half_up_at_netsuites_rate(minor, currency, rate, base, expected):
    assert money.to_base_minor(minor, currency, rate, base) == expected


def test_a_conversion_at_an_unreadable_rate_is_refused():
    with pytest.raises(MoneyError) as refused:
        money.to_base_minor(100, "EUR", "1,08", "USD")
    assert refused.value.reason == "amount_not_a_number"


def test_no_float_is_written_or_called_in_the_money_module():
    tree = ast.parse(inspect.getsource(money))
    floats = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, float)]
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in ("float", "round")]
    assert (floats, calls) == ([], [])


@given(
    st.from_regex(r"-?[0-9]{1,13}(\.[0-9]{0,5})?", fullmatch=True),
    st.sampled_from(("USD", "JPY", "KWD", "XXX", "usd")),
)
def test_the_short_way_to_minor_units_is_the_exact_one(text, currency):
    def told(convert: Callable[[], int]) -> int | str:
        try:
            return convert()
        except MoneyError as error:
            return error.reason

    exactly = told(lambda: money.decimal_to_minor(money.parse_decimal(text), currency))
    assert told(lambda: money.to_minor(text, currency)) == exactly
