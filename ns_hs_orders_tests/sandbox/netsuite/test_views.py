"""What a role is shown of returns: types hidden with their lines, and the signs that accounts may have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.netsuite.suiteql.execute import SuiteQLEngine
from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders_tests.sandbox.netsuite.conftest import NOW, fill, order

LINES = "SELECT tl.uniquekey, tl.foreignamount AS amount, tl.quantity FROM transactionline tl WHERE tl.transaction IN (200, 201)"
TOTALS = "SELECT t.id, t.foreigntotal AS total FROM transaction t WHERE t.id IN (9, 200, 201, 202)"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[SuiteQLEngine]:
    """Returns 200 and 201 of one line each, and a credit memo."""
    store = NetSuiteStore(tmp_path / "netsuite.sqlite")
    fill(store)
    for number in (200, 201):
        store.insert("transaction", [order(number, type="RtnAuth", foreigntotal="-5.50")])
        line = {"transaction": str(number), "taxline": "F"}
        store.insert(
            "transactionline",
            [
                {
                    **line,
                    "uniquekey": f"{number}0",
                    "mainline": "T",
                    "foreignamount": "-5.50",
                    "quantity": None,
                },
                {
                    **line,
                    "uniquekey": f"{number}1",
                    "mainline": "F",
                    "foreignamount": "5.50",
                    "quantity": "2",
                },
            ],
        )
    store.insert("transaction", [order(202, type="CustCred", foreigntotal="-5.50")])
    yield SuiteQLEngine(store)
    store.close()


def shown(engine: SuiteQLEngine, query: str, **switches: Any) -> dict[str | None, tuple[str | None, ...]]:
    page = engine.page(query, (), limit=1000, offset=0, switches=Switches().changed(switches), now=NOW)
    return {
        next(iter(values)): tuple(values[1:])
        for item in page.items
        if (values := [value for name, value in item.items() if name != "links"])
    }


def test_rows_are_shown_as_they_are_kept(engine: SuiteQLEngine) -> None:
    assert shown(engine, TOTALS) == {
        "9": ("100.00000001",),
        "200": ("-5.50",),
        "201": ("-5.50",),
        "202": ("-5.50",),
    }
    assert shown(engine, LINES)["2001"] == ("5.50", "2")


def test_a_hidden_type_is_hidden_with_its_lines_and_no_other(engine: SuiteQLEngine) -> None:
    assert set(shown(engine, TOTALS, hidden_transaction_types=["RtnAuth"])) == {"9", "202"}
    assert shown(engine, LINES, hidden_transaction_types=["RtnAuth"]) == {}
    count = "SELECT COUNT(*) AS n FROM transactionline"
    assert shown(engine, count, hidden_transaction_types=["RtnAuth"]) == {"7": ()}


@pytest.mark.parametrize(
    "signs, first, second",
    [("as_orders", ("-5.50", "-2"), ("-5.50", "-2")), ("mixed", ("5.50", "2"), ("-5.50", "-2"))],
)
def test_the_lines_of_returns_are_turned_and_their_main_row_is_not(
    engine: SuiteQLEngine, signs: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    found = shown(engine, LINES, return_line_amounts=signs)
    assert (found["2001"], found["2011"]) == (first, second)
    assert found["2000"] == ("-5.50",)


def test_totals_of_returns_and_refunds_are_turned_and_no_others(engine: SuiteQLEngine) -> None:
    assert shown(engine, TOTALS, return_totals="positive") == {
        "9": ("100.00000001",), "200": ("5.50",), "201": ("5.50",), "202": ("5.50",),
    }  # fmt: skip
