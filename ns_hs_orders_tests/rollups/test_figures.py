"""What a company tells of its buying: which orders count, with how much, in which currency."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.rollups.pieces import Span
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.rollups.books import ALDER, BIRCH, CEDAR, ON, Books, open_books

AMOUNTS = ("sales_to_date", "sales_12_months", "open_orders_amount", "buying_currency")


def amounts(books: Books, company_id: str = ALDER) -> tuple[str | None, ...]:
    """What a company tells in dollars: to date, in twelve months, open, and in which currency."""
    told = books.tells(company_id)
    return tuple(told.get(name) for name in AMOUNTS)


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
        "open_orders_amount": "7.5",
        "returns_rate": "0",
        "buying_currency": "USD",
        "buying_as_of": books.today.isoformat(),
    }
    assert books.tells(BIRCH) == {}


@pytest.mark.parametrize(
    "today, first",
    [
        (date(2026, 11, 30), date(2025, 12, 1)),
        (date(2025, 2, 28), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2023, 3, 1)),
    ],
)
def test_the_twelve_months_begin_a_day_after_the_same_day_of_the_year_before(
    today: date, first: date
) -> None:
    span = Span(today)
    assert span.first == first
    assert (span.when(first), span.when(date.fromordinal(first.toordinal() - 1))) == ("within", "before")
    assert (span.when(today), span.when(date.fromordinal(today.toordinal() + 1))) == ("within", "later")


def test_orders_dated_after_today_are_open_and_not_sold_yet(books: Books) -> None:
    first = Span(books.today).first
    books.order("1.00", on=date.fromordinal(first.toordinal() - 1))
    books.order("2.00", on=first)
    books.order("4.00", on=books.today)
    books.order("8.00", on=books.ago(-1))
    books.order("16.00", on=books.ago(-1), status="G")

    books.roll_up()

    assert amounts(books) == ("7", "6", "15", "USD")
    told = books.tells()
    assert (told["orders_count"], told["open_orders_count"]) == ("3", "4")
    assert told["last_order_date"] == books.today.isoformat()


def test_a_closed_order_counts_what_was_billed_and_one_without_a_bill_counts_nothing(books: Books) -> None:
    half_billed: dict[str, str | None] = {
        "foreignamount": "-10.01",
        "quantity": "-2",
        "quantitybilled": "1",
        "isclosed": "T",
    }
    books.order("10.01", status="H", lines=[half_billed])
    books.order("50.00", status="H", lines=[{"foreignamount": "-50.00", "isclosed": "T"}])
    part: list[dict[str, str | None]] = [
        {"foreignamount": "-30.00"},
        {"foreignamount": "-0.99", "quantity": "-3", "isclosed": "T"},
    ]
    books.order("30.99", status="B", lines=part)

    books.roll_up()

    # 10.01 less 5.005 half-up; 30.99 less 0.99
    assert amounts(books) == ("35", "35", "30", "USD")
    assert books.tells()["orders_count"] == "2"
    books.roll_up(sales_less_closed=False)
    assert amounts(books) == ("41", "41", "30.99", "USD")
    books.roll_up(sales_stages_left_out=frozenset())
    assert amounts(books) == ("35", "35", "30", "USD")
    assert books.tells()["orders_count"] == "3"


def test_tax_and_shipping_are_left_out_where_they_are_no_sales(books: Books) -> None:
    lines: list[dict[str, str | None]] = [
        {"foreignamount": "-100.00"},
        {"foreignamount": "10.00", "itemtype": "Discount", "quantity": None},
        {"foreignamount": "-5.25", "itemtype": "ShipItem"},
        {"foreignamount": "-1.25", "itemtype": "ShipItem", "transactionlinetype": "HANDLING"},
        {"foreignamount": "-7.43", "itemtype": "TaxItem", "taxline": "T"},
    ]
    books.order("103.93", lines=lines)
    books.order("103.93", on=books.ago(500), status="G", lines=lines)

    choices: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "103.93"),
        ({"sales_with_tax": False}, "96.5"),
        ({"sales_with_shipping": False}, "97.43"),
        ({"sales_with_tax": False, "sales_with_shipping": False}, "90"),
    )
    for settings, total in choices:
        books.roll_up(**settings)
        told = books.tells()
        assert (told["sales_12_months"], told["open_orders_amount"]) == (total, total), settings
        assert float(told["sales_to_date"]) == 2 * float(total)


def test_suitetax_is_left_out_by_its_details(books: Books) -> None:
    key = books.order("107.43", lines=[{"foreignamount": "-100.00"}])
    books.company.netsuite.insert(
        "transactiontaxdetail",
        [
            {"transaction": key, "line": "1", "taxamount": "4.43"},
            {"transaction": key, "line": "1", "taxamount": "3.00"},
        ],
    )
    books.roll_up(tax_regime="suitetax", sales_with_tax=False)
    assert amounts(books) == ("100", "100", "100", "USD")


def test_orders_in_one_foreign_currency_are_told_in_it(books: Books) -> None:
    books.order("10.50", currency="EUR", rate="1.1")
    books.order("1000", currency="JPY", rate="0.007", customer="502")
    books.roll_up()
    assert amounts(books) == ("10.5", "10.5", "10.5", "EUR")
    assert amounts(books, BIRCH) == ("1000", "1000", "1000", "JPY")
    assert "buying_note" not in books.tells()


def test_orders_in_several_currencies_are_each_converted_once_half_up(books: Books) -> None:
    # 0.05 at 0.5 is 0.025: three cents each; together they would be 0.05 × 0.5 twice, that is 0.05
    books.order("0.05", currency="EUR", rate="0.5")
    books.order("0.05", currency="EUR", rate="0.5")
    books.order("7.00", on=books.ago(700), status="G")
    books.order("3", currency="JPY", rate="0.015", status="G")

    books.roll_up()

    assert amounts(books) == ("7.11", "0.11", "0.06", "USD")
    assert books.tells()["buying_note"] == (
        "Orders in several currencies, each converted to USD at its own exchange rate. "
        "EUR: 2 orders, 0.10 EUR to date, 0.10 EUR in 12 months, 2 orders open for 0.10 EUR. "
        "JPY: 1 order, 3 JPY to date, 3 JPY in 12 months, 0 orders open for 0 JPY. "
        "USD: 1 order, 7.00 USD to date, 0.00 USD in 12 months, 0 orders open for 0.00 USD."
    )


def test_without_a_known_base_currency_there_are_figures_by_currency_and_no_amounts(books: Books) -> None:
    books.order("10.00", currency="EUR", rate="1.1")
    books.order("20.00", currency="GBP", rate="1.3", status="G")

    books.roll_up()

    assert amounts(books) == (None, None, None, None)
    told = books.tells()
    assert (told["orders_count"], told["open_orders_count"]) == ("2", "1")
    assert "no base currency is known" in told["buying_note"]
    assert "NS_HS_BASE_CURRENCY" in told["buying_note"]
    assert "GBP: 1 order, 20.00 GBP to date" in told["buying_note"]
    assert "returns_rate" not in told

    books.roll_up(base_currency="USD")
    assert amounts(books) == ("37", "37", "11", "USD")


def test_an_old_order_of_another_currency_at_rate_one_does_not_hide_the_base_currency(books: Books) -> None:
    books.order("10.00", currency="EUR", rate="1.1", status="G")
    books.order("1.00", status="G")
    old = books.order("5.00", customer="502", on=books.ago(900), currency="GBP", rate="1", status="G")

    books.roll_up()
    assert amounts(books) == (None, None, None, None), "two currencies have rate 1, and none is named"
    books.roll_up(base_currency="USD")
    assert amounts(books) == ("12", "12", "0", "USD")
    books.roll_up(base_currency="JPY")
    assert amounts(books) == (None, None, None, None), "rates are not to the named one"
    books.roll_up(first_day=books.ago(800))
    assert amounts(books) == ("12", "12", "0", "USD")
    books.company.netsuite.update("transactionline", {"mainline": "T"}, {"subsidiary": "3"})
    books.company.netsuite.update(
        "transactionline", {"transaction": old, "mainline": "T"}, {"subsidiary": "4"}
    )
    books.roll_up()
    assert amounts(books) == (None, None, None, None)
    books.roll_up(subsidiaries=frozenset({"3"}))
    assert amounts(books) == ("12", "12", "0", "USD")


def test_a_base_currency_whose_symbol_is_no_currency_stops_no_company(books: Books) -> None:
    books.order("10.00", currency="EUR", rate="7")
    books.order("20.00", currency="JPY", rate="0.05")
    books.order("1.00", customer="502")
    books.order("4.00", currency="EUR", rate="7", customer="503")
    books.company.netsuite.update("currency", {"id": "1"}, {"symbol": "RMB"})
    books.roll_up()
    assert amounts(books) == (None, None, None, None)
    assert "EUR: 1 order, 10.00 EUR to date" in books.tells()["buying_note"]
    assert books.tells(BIRCH)["buying_note"] == "In no amount, since theirs cannot be read: 1 order."
    assert amounts(books, CEDAR) == ("4", "4", "4", "EUR")
    with pytest.raises(ConfigError, match=r"NS_HS_BASE_CURRENCY: 'RMB' is not an ISO 4217 currency code"):
        books.roll_up(base_currency="RMB")


def test_an_order_without_a_rate_is_in_no_converted_amount_and_said_so(books: Books) -> None:
    key = books.order("10.00", currency="EUR", rate="1.1")
    books.order("1.00")
    books.change(key, exchangerate=None)
    books.roll_up()
    assert amounts(books) == ("1", "1", "1", "USD")
    assert "In no amount, since they have no exchange rate: 1 order." in books.tells()["buying_note"]


@pytest.mark.parametrize("total", ["10.019", "1,000.00", None])
def test_an_order_whose_amount_cannot_be_read_is_counted_and_in_no_amount(
    books: Books, total: str | None
) -> None:
    key = books.order("1.00")
    books.change(key, foreigntotal=total)
    books.order("2.50")
    books.roll_up()
    assert amounts(books) == ("2.5", "2.5", "2.5", "USD")
    told = books.tells()
    assert told["orders_count"] == "2"
    assert told["buying_note"] == "In no amount, since theirs cannot be read: 1 order."


def test_an_order_without_a_currency_is_counted_and_in_no_amount(books: Books) -> None:
    key = books.order("1.00")
    books.change(key, currency=None)
    books.order("2.50")
    books.roll_up()
    assert amounts(books) == ("2.5", "2.5", "2.5", "USD")
    assert "cannot be read: 1 order" in books.tells()["buying_note"]


def test_several_customers_of_one_company_are_added(books: Books) -> None:
    books.customer("601", ALDER)
    books.order("1.00")
    books.order("2.00", customer="601")
    books.roll_up()
    assert amounts(books) == ("3", "3", "3", "USD")


def test_sub_customers_and_projects_buy_for_their_company_by_the_rules_of_orders(books: Books) -> None:
    books.customer("601", None, parent="501")
    books.company.netsuite.insert(
        "job",
        [
            {"id": "701", "entityid": "P1", "customer": "501", "lastmodifieddate": "2024-01-02 03:04:05"},
            {"id": "702", "entityid": "P2", "parent": "601", "lastmodifieddate": "2024-01-02 03:04:05"},
        ],
    )
    books.order("1.00")
    books.order("2.00", customer="601")
    books.order("4.00", customer="701")
    books.order("8.00", customer="702")

    books.roll_up()
    assert amounts(books)[0] == "5"
    books.roll_up(inherit_parent_hubspot_id=True)
    assert amounts(books)[0] == "15"
    books.order("16.00", customer="601")
    books.roll_up(ALDER, inherit_parent_hubspot_id=True)
    assert amounts(books)[0] == "31"


def test_persons_that_are_contacts_in_hubspot_make_no_company_figures(books: Books) -> None:
    books.customer("601", BIRCH, isperson="T")
    books.order("5.00", customer="601")
    assert books.roll_up(person_customers="contact").counts == {}
    assert books.roll_up(person_customers="skip").counts == {}
    assert books.roll_up().counts == {"written": 1}
    assert amounts(books, BIRCH)[0] == "5"


def test_the_sync_criteria_choose_the_orders(books: Books) -> None:
    books.company.netsuite.add_column("transaction", "custbody_in_hubspot")
    old = books.order("1.00", on=books.ago(100))
    inside = books.order("2.00")
    marked = books.order("4.00")
    books.company.netsuite.update(
        "transactionline", {"transaction": inside, "mainline": "T"}, {"subsidiary": "3"}
    )
    books.company.netsuite.update(
        "transactionline", {"transaction": old, "mainline": "T"}, {"subsidiary": "4"}
    )
    books.change(marked, custbody_in_hubspot="T")

    choices: tuple[tuple[dict[str, Any], str], ...] = (
        ({"first_day": books.ago(10)}, "6"),
        ({"subsidiaries": frozenset({"3"})}, "2"),
        ({"criterion_field": "custbody_in_hubspot", "criterion_value": "T"}, "4"),
    )
    for settings, total in choices:
        books.roll_up(**settings)
        assert amounts(books)[0] == total, settings


def test_by_sales_effective_date_an_order_belongs_to_that_day(books: Books) -> None:
    books.order("1.00", on=books.ago(800), saleseffectivedate=books.ago(5).isoformat(), status="G")
    books.order("2.00", on=books.ago(5), saleseffectivedate=books.ago(800).isoformat(), status="G")
    books.order("4.00", on=books.ago(5), status="G")
    books.roll_up()
    assert amounts(books)[:2] == ("7", "6")
    books.roll_up(sales_date="sales_effective_date")
    assert amounts(books)[:2] == ("7", "5")


def test_the_sales_effective_date_may_stand_on_another_record(books: Books) -> None:
    books.company.netsuite.add_column("customer", "custentity_since", "date")
    books.company.netsuite.update("customer", {"id": "501"}, {"custentity_since": books.ago(5).isoformat()})
    (books.company.home / "mapping.toml").write_text(
        '[orders.sales_effective_on]\nnetsuite = "entity.custentity_since"\n', encoding="utf-8"
    )
    books.order("1.00", on=books.ago(800), status="G")
    part: dict[str, str | None] = {"foreignamount": "-5.00", "quantity": "-1", "isclosed": "T"}
    books.order("7.00", on=books.ago(800), lines=[{"foreignamount": "-2.00"}, part])
    books.order("10.00", on=books.ago(800), currency="EUR", rate="2", customer="502", status="G")
    books.order("4.00", on=books.ago(5), customer="502", status="G")
    books.returned("1.50")
    books.roll_up(sales_date="sales_effective_date")
    assert amounts(books)[:2] == ("3", "3")
    assert books.tells()["returns_rate"] == "50"
    assert amounts(books, BIRCH)[:2] == ("24", "4")


def test_the_returns_rate_is_what_came_back_in_percent_of_the_same_months(books: Books) -> None:
    books.order("300.00", status="G")
    books.order("1000.00", on=books.ago(500), status="G")
    books.returned("10.00", status="B")
    books.returned("0.01", status="G")
    books.returned("40.00", status="A")
    books.returned("50.00", status="C")
    books.returned("60.00", on=books.ago(500))
    received: dict[str, str | None] = {"foreignamount": "30.00", "quantity": "3", "quantityshiprecv": "1"}
    tax: dict[str, str | None] = {
        "foreignamount": "3.00",
        "taxline": "T",
        "itemtype": "TaxItem",
        "quantity": None,
    }
    books.returned("33.00", status="H", lines=[received, tax])

    books.roll_up()

    # 10.00 + 0.01 + 11.00 of 300.00
    assert books.tells()["returns_rate"] == "7"
    books.returned("0.02")
    books.roll_up()
    assert books.tells()["returns_rate"] == "7.01"


@pytest.mark.parametrize("turn", ["", "-"])
def test_the_returns_rate_is_of_the_same_parts_as_the_sales(books: Books, turn: str) -> None:
    def parts(goods: str, shipping: str, tax: str, sign: str) -> list[dict[str, str | None]]:
        return [
            {"foreignamount": f"{sign}{goods}", "quantity": "2", "quantityshiprecv": "1"},
            {"foreignamount": f"{sign}{shipping}", "itemtype": "ShipItem", "quantity": None},
            {"foreignamount": f"{sign}{tax}", "itemtype": "TaxItem", "taxline": "T", "quantity": None},
        ]

    books.order("115.00", status="G", lines=parts("100.00", "5.00", "10.00", "-"))
    books.returned("11.00", lines=parts("10.00", "0.00", "1.00", turn))
    books.returned("11.50", status="H", lines=parts("10.00", "0.50", "1.00", turn))
    choices: tuple[tuple[dict[str, Any], str], ...] = (
        # 16.75 of 115.00, 15.25 of 105.00, 16.50 of 110.00, 15.00 of 100.00
        ({}, "14.57"),
        ({"sales_with_tax": False}, "14.52"),
        ({"sales_with_shipping": False}, "15"),
        ({"sales_with_tax": False, "sales_with_shipping": False}, "15"),
    )
    for settings, rate in choices:
        books.roll_up(**settings)
        assert books.tells()["returns_rate"] == rate, settings


def test_the_returns_rate_is_returned_over_gross_of_net_sales(make: Make) -> None:
    def parts(goods: str, shipping: str, tax: str, sign: str) -> list[dict[str, str | None]]:
        return [
            {"foreignamount": f"{sign}{goods}", "quantity": "3", "quantityshiprecv": "1"},
            {"foreignamount": f"{sign}{shipping}", "itemtype": "ShipItem", "quantity": None},
            {"foreignamount": f"{sign}{tax}", "itemtype": "TaxItem", "taxline": "T", "quantity": None},
        ]

    books = open_books(make, is_whole=True)
    books.order("115.00", status="G", lines=parts("100.00", "5.00", "10.00", "-"))
    books.returned("11.00", lines=parts("10.00", "0.00", "1.00", ""))
    books.returned("11.50", status="H", lines=parts("10.00", "0.50", "1.00", ""))
    books.returned("23.00", status="A", lines=parts("20.00", "1.00", "2.00", ""))
    books.company.sync(books.today, books.today, **ON)
    books.roll_up(sales_with_tax=False)

    net = books.company.reconcile(books.today, books.today, **ON, sales_with_tax=False).net

    assert net is not None
    sums = net.sums["USD"]
    # 115.00 less 10.00 of tax; 10.00 and a third of 10.50 of goods and shipping
    assert (sums.gross.sales_netsuite_minor, sums.returned.returned_netsuite_minor) == (10500, 1350)
    assert (books.tells()["sales_12_months"], books.tells()["returns_rate"]) == ("105", "12.86")


def test_the_returns_rate_is_without_suitetax_where_the_sales_are(books: Books) -> None:
    sold = books.order("110.00", status="G", lines=[{"foreignamount": "-100.00"}])
    whole = books.returned("11.00", lines=[{"foreignamount": "10.00"}])
    half = {"foreignamount": "20.00", "quantity": "2", "quantityshiprecv": "1"}
    closed = books.returned("22.00", status="H", lines=[half])
    books.company.netsuite.insert(
        "transactiontaxdetail",
        [
            {"transaction": key, "line": "1", "taxamount": tax}
            for key, tax in ((sold, "10.00"), (whole, "-1.00"), (closed, "2.00"))
        ],
    )
    books.roll_up(tax_regime="suitetax", sales_with_tax=False)
    assert books.tells()["returns_rate"] == "20"


def test_the_returns_rate_of_several_currencies_is_of_converted_amounts(books: Books) -> None:
    books.order("100.00", status="G")
    books.order("100.00", currency="EUR", rate="2", status="G")
    books.returned("15.00", currency="EUR", rate="2")
    books.roll_up()
    assert books.tells()["returns_rate"] == "10"


def test_a_return_in_another_currency_than_all_orders_changes_the_rate_and_no_amount(books: Books) -> None:
    books.order("100.00", currency="EUR", rate="2", status="G")
    foreign = books.returned("10.00", currency="GBP", rate="4")
    books.roll_up()
    apart = "No returns rate: returns are in another currency than the orders, and "
    assert amounts(books) == ("100", "100", "0", "EUR")
    assert "returns_rate" not in books.tells()
    assert books.tells()["buying_note"] == (
        f"{apart}no base currency is known to convert both to (setting NS_HS_BASE_CURRENCY)."
    )

    books.order("7.00", customer="502", status="G")
    books.returned("0.50", customer="502", currency="EUR", rate="0.7")
    books.roll_up()
    # 40.00 USD of 200.00 USD; 0.35 USD of 7.00 USD
    for company, rate in ((ALDER, "20"), (BIRCH, "5")):
        assert (books.tells(company)["returns_rate"], "buying_note" in books.tells(company)) == (rate, False)
    assert amounts(books) == ("100", "100", "0", "EUR")
    assert amounts(books, BIRCH) == ("7", "7", "0", "USD")

    books.change(foreign, exchangerate=None)
    books.roll_up()
    assert amounts(books) == ("100", "100", "0", "EUR")
    assert "returns_rate" not in books.tells()
    assert books.tells()["buying_note"] == f"{apart}of both together 1 in the 12 months has no exchange rate."


def test_a_return_whose_amount_cannot_be_read_leaves_the_rate_empty_and_is_called_a_return(
    books: Books,
) -> None:
    books.order("100.00", status="G")
    books.returned("5.00")
    books.change(books.returned("10.00"), foreigntotal="1,0")
    books.roll_up()
    assert amounts(books) == ("100", "100", "0", "USD")
    assert "returns_rate" not in books.tells()
    assert books.tells()["buying_note"] == "No returns rate, since their amounts cannot be read: 1 return."


def test_with_returns_off_there_is_no_rate(books: Books) -> None:
    books.order("100.00", status="G")
    books.returned("15.00")
    books.roll_up()
    assert books.tells()["returns_rate"] == "15"
    books.roll_up(returns="off")
    assert "returns_rate" not in books.tells()


def test_where_the_role_does_not_see_returns_there_is_no_rate(make: Make) -> None:
    books = open_books(make, hidden_transaction_types=["RtnAuth"])
    books.order("100.00", status="G")
    returned = books.returned("15.00")
    books.order("-15.00", kind="CustCred")
    books.company.netsuite.update(
        "transactionline", {"transaction": str(int(returned) + 1), "mainline": "T"}, {"createdfrom": returned}
    )
    books.roll_up()
    assert amounts(books)[1] == "100"
    assert "returns_rate" not in books.tells()


def test_returns_count_whatever_sign_the_account_gives_them(books: Books) -> None:
    books.order("100.00", status="G")
    books.order("15.00", kind="RtnAuth", status="G")
    received: dict[str, str | None] = {"foreignamount": "-30.00", "quantity": "-3", "quantityshiprecv": "1"}
    books.order("30.00", kind="RtnAuth", status="H", lines=[received])
    books.roll_up()
    assert books.tells()["returns_rate"] == "25"


def test_without_sales_in_the_twelve_months_there_is_no_rate(books: Books) -> None:
    books.order("100.00", on=books.ago(600), status="G")
    books.returned("15.00")
    books.roll_up()
    assert "returns_rate" not in books.tells()


def test_statuses_are_read_in_both_spellings(make: Make) -> None:
    books = open_books(make)
    books.order("1.00", status="SalesOrd:B")
    books.order("2.00", status="SalesOrd:H", lines=[{"foreignamount": "-2.00", "quantitybilled": "1"}])
    books.order("4.00", status="SalesOrd:C")
    books.roll_up()
    assert amounts(books) == ("3", "3", "1", "USD")


@pytest.mark.parametrize(
    "switches",
    [{"drop_computed_aliases": True}, {"bound_to_date_refused": True, "bound_number_refused": True}],
)
def test_figures_are_the_same_where_netsuite_answers_otherwise(make: Make, switches: dict[str, Any]) -> None:
    books = open_books(make, **switches)
    books.order("1.00", currency="EUR", rate="2")
    books.order(
        "2.00", status="H", lines=[{"foreignamount": "-2.00", "quantitybilled": "1", "isclosed": "T"}]
    )
    books.returned("0.50")
    books.roll_up()
    assert amounts(books) == ("4", "4", "2", "USD")
    assert books.tells()["returns_rate"] == "12.5"


def test_companies_without_an_order_are_left_alone(books: Books) -> None:
    books.order("1.00", customer="503")
    books.roll_up()
    assert (books.tells(ALDER), books.tells(BIRCH)) == ({}, {})
    assert amounts(books, CEDAR)[0] == "1"
    assert ON["company_rollups"] == "on"
