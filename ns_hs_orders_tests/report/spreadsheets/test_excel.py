"""The workbook, read back: numbers, dates, texts, and what Excel cannot hold."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import pytest

from ns_hs_orders.money import LARGEST_MINOR
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.spreadsheets import excel
from ns_hs_orders_tests.reconcile.both_sides import DAY, Both, Sale
from ns_hs_orders_tests.report.conftest import HOSTILE_NAME
from ns_hs_orders_tests.report.spreadsheets.opened import cells, excel_bytes, minor, workbook

HOSTILE = [
    "=1+1", "+1+1", "-2+3", "@SUM(1)", "{=1+1}", "<r><t>1</t></r>", "<r></is><v>1</v></r>", "_x0041_", "a\x00b\x1bc",
    "\ufffe\uffff", "\u202egnp.exe", "https://evil.example", "mailto:x@evil.example", "1234", "a\r\nb", "&lt;<>\"'", "🚚" * 17_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def content(review: Review) -> bytes:
    return excel_bytes(review)


def test_the_sheets_stand_in_reading_order_with_their_headers_frozen_and_filters_over_every_row(
    content: bytes, review: Review
) -> None:
    book = workbook(content)
    assert book.sheetnames == ["summary", "bridge", "at risk", "differences", "orders"]
    for name, rows in (
        ("differences", len(review.result.differences)),
        ("orders", len(review.result.orders)),
    ):
        sheet = book[name]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(rows + 1, sheet.max_column).coordinate}"
        assert sheet.max_row == rows + 1


def test_amounts_are_numbers_in_the_format_of_their_currency_and_dates_are_dates(content: bytes) -> None:
    orders = {row["NetSuite id"].value: row for row in cells(workbook(content)["orders"])}
    formats = {}
    for row in orders.values():
        amount, currency = row["Total in NetSuite"], row["Currency"].value
        assert (amount.data_type, row["Order date"].data_type) == ("n", "d")
        formats[currency] = amount.number_format
    assert formats == {"USD": "#,##0.00 [$USD]", "JPY": "#,##0 [$JPY]", "KWD": "#,##0.000 [$KWD]"}
    assert orders["90"]["Total in NetSuite"].value == 1234.56
    assert orders["90"]["Order date"].value == datetime(2026, 11, 2)  # noqa: DTZ001
    assert orders["90"]["Order date"].number_format == "yyyy-mm-dd"
    assert (orders["90"]["NetSuite id"].data_type, orders["90"]["Order"].value) == ("s", "SO90")


def test_the_summary_says_the_sentence_the_definition_and_the_sums(content: bytes, review: Review) -> None:
    rows = list(workbook(content)["summary"].iter_rows(values_only=True))
    assert str(rows[0][0]).startswith("DOES NOT AGREE: ")
    assert rows[1][:2] == ("Definition", review.result.definition.sentence)
    usd = [row for row in rows if row[0] == "USD"]
    sums = review.result.currencies["USD"]
    assert [minor(value, "USD") for value in usd[1][1:6]] == [
        sums.netsuite_minor,
        sums.eligible_minor,
        sums.accepted_minor,
        sums.hubspot_minor,
        sums.difference_minor,
    ]
    assert minor(usd[0][5], "USD") == review.result.sales["USD"].unexplained_minor == 700


def hostile_result() -> Reconciliation:
    both = Both()
    for n, text in enumerate(HOSTILE):
        both.synced(Sale(str(n), memo=text))
        both.hubspot.orders[str(n)].properties["hs_order_note"] = f"{text}!"
    return both.reconcile(DAY, DAY)


def test_no_text_is_ever_a_formula_a_link_or_markup() -> None:
    content = excel_bytes(Review(hostile_result(), ()))
    found = {
        row["NetSuite id"].value: row["NetSuite says"] for row in cells(workbook(content)["differences"])
    }
    assert len(found) == len(HOSTILE)
    for n, text in enumerate(HOSTILE[:6]):
        assert found[str(n)].value.strip() == text
    for cell in found.values():
        assert cell.data_type == "s"
        assert cell.quotePrefix
        assert cell.hyperlink is None
        assert not re.search(r"[\x00-\x1f\u202e\ufffe\uffff]", cell.value)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert not any(b"<f>" in one or b"<v>1</v></r>" in one for one in xml)
    assert b"_x005F_x0041_" in b"".join(xml)
    assert sum(b'<ignoredError sqref="A1:' in one for one in xml) == 4


def test_an_amount_that_excel_cannot_hold_is_text_with_a_note(review: Review) -> None:
    usd = review.result.sales["USD"]
    exact, large = LARGEST_MINOR - 1, LARGEST_MINOR + 1
    sums = replace(usd, netsuite_minor=exact, sales_netsuite_minor=-large)
    sheet = cells(workbook(excel_bytes(Review(replace(review.result, sales={"USD": sums}), ())))["bridge"])
    assert minor(sheet[0]["Amount"].value, "USD") == exact
    amount = next(row["Amount"] for row in sheet if row["Step"].value == "sales in NetSuite")
    assert (amount.data_type, amount.value) == ("s", "-10,000,000,000,000.01 USD")
    assert amount.comment.text == excel.TOO_LARGE


def test_only_web_addresses_can_be_clicked_and_the_rest_is_text(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_LINKS", 2)
    at_risk = cells(workbook(excel_bytes(review))["at risk"])
    links = [row["In NetSuite"] for row in at_risk]
    assert [cell.hyperlink.target for cell in links if cell.hyperlink] == ["https://netsuite.example/1"] * 2
    assert {cell.value for cell in links} == {"https://netsuite.example/1"}
    assert {(row["In HubSpot"].value, row["In HubSpot"].hyperlink) for row in at_risk} == {
        ("javascript:alert(1)", None)
    }
    assert {row["Customer"].value for row in at_risk} == {HOSTILE_NAME}


@pytest.mark.parametrize("most, expected", [(2, [2, 2, 1]), (5, [5]), (6, [5])])
def test_a_table_that_a_sheet_does_not_hold_goes_on_in_the_next(most: int, expected: list[int]) -> None:
    both = Both()
    both.synced(*(Sale(str(n)) for n in range(5)))
    book = workbook(excel_bytes(Review(both.reconcile(DAY, DAY), ()), most_rows=most))
    names = [name for name in book.sheetnames if name.startswith("orders")]
    assert names == ["orders", "orders 2", "orders 3"][: len(expected)]
    assert [book[name].max_row - 1 for name in names] == expected
    ids = [row["NetSuite id"].value for name in names for row in cells(book[name])]
    assert ids == ["0", "1", "2", "3", "4"]


def test_the_same_result_makes_the_same_bytes(content: bytes, review: Review) -> None:
    assert excel_bytes(review) == content
