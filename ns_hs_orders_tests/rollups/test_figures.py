"""What a company tells of its buying: which orders count, with how much, in which currency."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ns_hs_orders_tests.rollups.books import ALDER, BIRCH, CEDAR, Books


def test_a_company_tells_its_orders_its_sales_and_what_is_open(books: Books) -> None:
    books.order("100.10", on=books.ago(800), status="G")
    books.order("20.05", on=books.ago(30), status="G")
    books.order("7.00", on=books.ago(3), status="B")
    books.order("0.50", on=books.ago(2), status="F")
    books.order("999.99", on=books.ago(1), status="C")

    run = books.roll_up()

    assert run.counts == {"written": 1}
    assert books.tells() == {
        "orders_count": "4",
        "sales_to_date": "127.65",
        "sales_12_months": "27.55",
        "last_order_date": books.ago(2).isoformat(),
        "open_orders_count": "2",
        "open_orders_amount": "7.50",
        "returns_rate": "0.00",
        "buying_currency": "USD",
        "buying_as_of": books.today.isoformat(),
    }
    assert books.tells(BIRCH) == {}
