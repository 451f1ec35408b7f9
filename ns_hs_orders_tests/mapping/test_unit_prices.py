"""Quantity and unit price of a goods line, as HubSpot takes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders import money
from ns_hs_orders.mapping.lines import quantity_and_price

EXPONENTS = {"USD": 2, "JPY": 0, "KWD": 3}


@pytest.mark.parametrize(
    "quantity, rate, minor, currency, expected",
    [
        ("1", "2024.994", 202499, "USD", ("1", "2024.994")),
        ("3", "2024.994", 607498, "USD", ("3", "2024.994")),
        ("3.0", "10.50", 3150, "USD", ("3", "10.50")),
        ("2.5", "4", 1000, "USD", ("2.5", "4")),
        ("2", "1E1", 2000, "USD", ("2", "10")),
        ("3", "3.00", 1000, "USD", ("3", "3.33333333")),
        ("8", "9.99", 1000, "USD", ("8", "1.25")),
        ("2", "-10.00%", 1000, "USD", ("2", "5")),
        ("2", "10.00%", 1000, "USD", ("2", "5")),
        ("2", None, 1000, "USD", ("2", "5")),
        ("2", "-5", 1000, "USD", ("2", "5")),
        ("1", "0.005", 1, "USD", ("1", "0.005")),
        (None, "5.00", 750, "USD", ("1", "7.50")),
        ("0", "5.00", 750, "USD", ("1", "7.50")),
        ("0.00", None, 0, "USD", ("1", "0.00")),
        (None, "5.00", -750, "USD", ("1", "0.00")),
        ("2", "5.00", -1000, "USD", ("2", "0")),
        ("-2", "5.00", -1000, "USD", ("2", "0")),
        ("-2", "-5.00", 1000, "USD", ("2", "5")),
        ("2", "5.00", 0, "USD", ("2", "0")),
        ("3", "33.4", 100, "JPY", ("3", "33.4")),
        ("3", None, 1000, "KWD", ("3", "0.33333333")),
        ("2E3", "1", 200000, "USD", ("2000", "1")),
    ],
)
def test_quantity_and_price(quantity, rate, minor, currency, expected):
    units = None if quantity is None else Decimal(quantity)
    assert quantity_and_price(units, rate, minor, currency) == expected


decimals = st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False, allow_infinity=False)


@given(
    quantity=st.decimals(min_value="0.01", max_value=10**4, places=2),
    rate=decimals,
    currency=st.sampled_from(sorted(EXPONENTS)),
)
def test_the_rate_is_the_price_where_it_makes_the_amount(quantity, rate, currency):
    digits = EXPONENTS[currency]
    amount = money.half_up(quantity * rate, digits)
    units, price = quantity_and_price(quantity, str(rate), int(amount.scaleb(digits)), currency)
    assert Decimal(units) == quantity
    assert price == f"{rate:f}"
    assert money.half_up(Decimal(units) * Decimal(price), digits) == amount


@given(
    quantity=st.integers(1, 9999),
    minor=st.integers(0, 10**9),
    rate=st.none() | decimals.map(str) | st.text(max_size=8),
    currency=st.sampled_from(sorted(EXPONENTS)),
)
def test_any_price_is_plain_not_negative_and_makes_the_amount_with_its_quantity(
    quantity, minor, rate, currency
):
    units, price = quantity_and_price(Decimal(quantity), rate, minor, currency)
    assert set(units + price) <= set("0123456789.")
    product = money.half_up(Decimal(units) * Decimal(price), EXPONENTS[currency])
    assert product == money.from_minor(minor, currency)
