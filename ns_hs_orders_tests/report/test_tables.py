"""Tables in terminals of any width: amounts stay whole, and prose stays readable."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from ns_hs_orders.mapping.schema import SKIP_REASONS
from ns_hs_orders.money import LARGEST_MINOR, shown
from ns_hs_orders.reconcile.schema import NEXT_STEPS, Reconciliation
from ns_hs_orders.report.as_json import as_json
from ns_hs_orders.report.tables import print_table
from ns_hs_orders.report.text import as_text
from ns_hs_orders_tests.reconcile.both_sides import DAY, Both, Sale

WIDTHS = (20, 60, 80, 120, 200)


def printed(width: int, columns: tuple[str, ...], *rows: tuple[str, ...], right: tuple[str, ...] = ()) -> str:
    sink = io.StringIO()
    print_table(Console(file=sink, width=width, color_system=None), "Title", columns, rows, right=right)
    return sink.getvalue()


@pytest.fixture(scope="module")
def rich_company() -> Reconciliation:
    """Orders of a hundred thousand millions, and one of the largest amount there can be."""
    both = Both()
    both.synced(
        Sale("1", "123456789012.34"),
        Sale("2", shown(LARGEST_MINOR, "USD").removesuffix(" USD").replace(",", "")),
        Sale("3", "987654321098765", "JPY"),
        Sale("4", "234567890123.45", "EUR"),
    )
    both.hubspot.orders["1"].properties["hs_total_price"] = "123456789012.35"
    both.hubspot.orders["4"].properties["hs_total_price"] = "-234567890123.45"
    for key, total in (("20", "345678901234.56"), ("21", "456789012345.67")):
        both.netsuite.sales[key] = Sale(key, total, standing="skipped", reason="customer_not_in_hubspot")
    return both.reconcile(DAY, DAY)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_amount_of_the_report_is_there_whole_at_any_width(
    rich_company: Reconciliation, width: int
) -> None:
    text = as_text(rich_company, width=width)
    lines = text.splitlines()
    for code, sums in as_json(rich_company)["currencies"].items():
        for name in ("netsuite", "eligible", "accepted", "hubspot", "difference", "unexplained", "held"):
            amount = shown(sums[f"{name}_minor"], code).removesuffix(f" {code}")
            assert any(re.search(rf"(^|[^\d,.]){re.escape(amount)}($|[^\d,.])", line) for line in lines), name
        for step in sums["bridge"]:
            assert shown(step["amount_minor"], code) in text
    for amount in ("802,467,913,580.23 USD", "123,456,789,012.34", "123,456,789,012.35", "+0.01 USD"):
        assert amount in text
    assert "…" not in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_what_a_reason_means_is_set_in_lines_that_can_be_read(
    rich_company: Reconciliation, width: int
) -> None:
    text = as_text(rich_company, width=width)
    meaning = SKIP_REASONS["customer_not_in_hubspot"]
    rows = text[text.index("Not accepted") : text.index("Sales dollars from NetSuite")].splitlines()
    found = [line for line in rows if any(word in line for word in ("order's customer", "HubSpot id"))]
    assert " ".join(meaning.split()[:3]) in text
    assert 1 <= len(found) <= 2


@pytest.mark.parametrize("width", [60, 80, 120])
def test_what_to_do_about_a_cause_is_told_to_its_end(rich_company: Reconciliation, width: int) -> None:
    words = " ".join(as_text(rich_company, width=width).split())
    assert "The next sync writes NetSuite's values again." in words
    both = Both()
    both.hubspot.hold(Sale("99"))
    blocks = as_text(both.reconcile(DAY, DAY), width=40)
    assert NEXT_STEPS["only in HubSpot"] in " ".join(blocks.split())


def test_a_table_that_fits_stands_side_by_side() -> None:
    text = printed(40, ("currency", "amount"), ("USD", "1,234.50"), right=("amount",))
    assert [line.split() for line in text.splitlines() if line.strip()] == [
        ["Title"],
        ["currency", "amount"],
        ["─" * 21],
        ["USD", "1,234.50"],
    ]


def test_a_table_that_does_not_fit_becomes_one_block_a_row() -> None:
    text = printed(
        24,
        ("currency", "NetSuite", "HubSpot"),
        ("USD", "100,000,000,000.00", "99.00"),
        ("EUR", "5.00", "5.00"),
        right=("NetSuite", "HubSpot"),
    )
    assert text == (
        "Title\n"
        "\n"
        "  currency  USD\n"
        "  NetSuite  100,000,000,000.00\n"
        "  HubSpot                99.00\n"
        "\n"
        "  currency  EUR\n"
        "  NetSuite                5.00\n"
        "  HubSpot                 5.00\n"
        "\n"
    )


@pytest.mark.parametrize("width", range(30, 100, 7))
def test_an_amount_within_a_text_is_never_broken(width: int) -> None:
    text = printed(
        width,
        ("order", "says", "memo"),
        ("SO1", "100,000,000,000.00 USD (quarantined)", "deliver to the dock behind the old mill, please"),
    )
    assert "100,000,000,000.00 USD" in text


def test_a_word_without_end_is_broken_and_widens_nothing() -> None:
    text = printed(60, ("order", "memo"), ("SO1", "x" * 100))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 60
    assert text.count("x") == 100
