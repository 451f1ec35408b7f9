"""What SuiteQL yields: exact numbers, ids in order, joins, functions, keys."""

from __future__ import annotations

from typing import Any

import pytest

from ns_hs_orders.sandbox.netsuite.errors import NetSuiteRefusedError
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders_tests.sandbox.netsuite.conftest import Ask, order


def values(ask: Ask, query: str, *params: Any, **options: Any) -> list[dict[str, str]]:
    """The items without their links."""
    return [{k: v for k, v in item.items() if k != "links"} for item in ask(query, *params, **options).items]


def one(ask: Ask, expression: str, *params: Any, **options: Any) -> str | None:
    """The value of an expression."""
    (item,) = values(ask, f"SELECT {expression} AS x FROM dual", *params, **options)
    return item.get("x")


def test_every_item_carries_empty_links_and_every_value_is_text(ask: Ask) -> None:
    page = ask("SELECT t.id, t.foreigntotal, t.voided, COUNT(*) AS n FROM transaction t WHERE t.id = 9 "
               "GROUP BY t.id, t.foreigntotal, t.voided")  # fmt: skip
    assert page.items == [{"links": [], "id": "9", "foreigntotal": "100.00000001", "voided": "F", "n": "1"}]


def test_a_null_column_is_left_out_of_its_item(ask: Ask) -> None:
    assert values(ask, "SELECT id, memo FROM transaction WHERE id IN (9, 10) ORDER BY id") == [
        {"id": "9", "memo": "first"},
        {"id": "10"},
    ]


def test_keys_are_lower_case_and_a_computed_column_without_alias_is_numbered(ask: Ask) -> None:
    query = "SELECT T.TranID AS OrderNo, UPPER(memo), LENGTH(memo) AS Long FROM Transaction T WHERE T.Id = 9"
    assert values(ask, query) == [{"orderno": "SO9", "expr1": "FIRST", "long": "5"}]
    assert values(ask, query, drop_computed_aliases=True) == [
        {"orderno": "SO9", "expr1": "FIRST", "expr2": "5"}
    ]


def test_sums_of_eight_decimals_are_exact(ask: Ask) -> None:
    # 7 × 0.10000001 is 0.70000007 exactly; in binary floats it is 0.7000000699999999.
    assert values(ask, "SELECT SUM(tl.foreignamount * -1) AS tax FROM transactionline tl") == [
        {"tax": "0.70000007"}
    ]
    assert values(ask, "SELECT SUM(foreigntotal) AS s FROM transaction WHERE type = 'SalesOrd'") == [
        {"s": "109.60000001"}
    ]


def test_ten_thousand_small_amounts_add_up_without_drift(ask: Ask, store: NetSuiteStore) -> None:
    store.insert(
        "transaction", (order(1000 + n, type="CustInvc", foreigntotal="0.01000001") for n in range(10_000))
    )
    assert values(ask, "SELECT SUM(foreigntotal) AS s FROM transaction WHERE type = 'CustInvc'") == [
        {"s": "100.0001"}
    ]


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("0.1 + 0.2", "0.3"),
        ("99999999999999999999.01 - 0.01", "99999999999999999999"),
        ("-0.1 * 3", "-0.3"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ROUND(-2.345, 2)", "-2.35"),
        ("ROUND(1250, -2)", "1300"),
        ("TRUNC(-2.349, 2)", "-2.34"),
        ("ABS(-1.50)", "1.5"),
        ("1 / 8", "0.125"),
        ("GREATEST(9.5, 10)", "10"),
        ("LEAST('b', 'a')", "a"),
        ("NVL(NULL, 5)", "5"),
        ("NVL2(NULL, 'yes', 'no')", "no"),
        ("COALESCE(NULL, '', 'x')", "x"),
        ("DECODE(2, 1, 'one', 2, 'two', 'many')", "two"),
        ("DECODE(NULL, NULL, 'none', 'some')", "none"),
        ("CASE WHEN 10 > 9.5 THEN 'number' ELSE 'text' END", "number"),
        ("CASE 'B' WHEN 'A' THEN 1 WHEN 'B' THEN 2 END", "2"),
        ("NULLIF(1.0, 1)", None),
        ("'a' || NULL || 'b'", "ab"),
        ("UPPER(SUBSTR('abcdef', 2, 3))", "BCD"),
        ("LENGTH(TRIM('  ab '))", "2"),
        ("REPLACE('a-b', '-', '')", "ab"),
        ("INSTR('hello', 'l')", "3"),
        ("TO_NUMBER('007.50')", "7.5"),
        ("CAST('12' AS NUMBER)", "12"),
        ("''", None),
    ],
)
def test_an_expression_yields_what_oracle_yields(ask: Ask, expression: str, expected: str | None) -> None:
    assert one(ask, expression) == expected


def test_decimals_may_come_without_their_leading_zero(ask: Ask) -> None:
    assert one(ask, "0.5 * -1", short_decimals=True) == "-.5"
    assert values(ask, "SELECT foreigntotal FROM transaction WHERE id = 100", short_decimals=True) == [
        {"foreigntotal": ".1"}
    ]


@pytest.mark.parametrize(
    "clause, ids",
    [
        ("ORDER BY id", ["9", "10", "100"]),
        ("ORDER BY id DESC", ["100", "10", "9"]),
        ("ORDER BY foreigntotal", ["100", "10", "9"]),
        ("ORDER BY memo, id", ["9", "10", "100"]),
        ("ORDER BY memo DESC, id", ["10", "100", "9"]),
        ("ORDER BY memo NULLS FIRST, id DESC", ["100", "10", "9"]),
        ("AND id > 9 ORDER BY 1", ["10", "100"]),
        ("AND foreigntotal > 9 ORDER BY id", ["9", "10"]),
        ("AND foreigntotal BETWEEN 0.1 AND 9.50 ORDER BY id", ["10", "100"]),
        ("AND foreigntotal IN (0.10, 9.5) ORDER BY id", ["10", "100"]),
        ("AND id IN ('10', '100') ORDER BY id", ["10", "100"]),
        ("AND tranid LIKE 'SO1%' ORDER BY id", ["10", "100"]),
        ("AND tranid LIKE 'so1%' ORDER BY id", []),
        ("AND memo IS NOT NULL", ["9"]),
        ("AND NOT (id = 9 OR status = 'G')", ["100"]),
        ("AND trandate < TO_DATE('2026-06-30', 'YYYY-MM-DD')", ["100"]),
        ("AND trandate = TO_DATE('30.06.2026', 'DD.MM.YYYY') ORDER BY id", ["9", "10"]),
        ("AND id IN (SELECT l.transaction FROM transactionline l)", ["9"]),
        ("AND NOT EXISTS (SELECT 1 FROM transactionline l WHERE l.transaction = transaction.id) ORDER BY id", ["10", "100"]),
        ("AND BUILTIN.CF(status) = 'SalesOrd:G'", ["10"]),
        ("ORDER BY id FETCH FIRST 2 ROWS ONLY", ["9", "10"]),
        ("ORDER BY id OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY", ["10"]),
    ],
)  # fmt: skip
def test_a_condition_and_an_order_pick_these_orders(ask: Ask, clause: str, ids: list[str]) -> None:
    found = values(ask, f"SELECT id FROM transaction WHERE type = 'SalesOrd' {clause}")
    assert [item["id"] for item in found] == ids


def test_rownum_cuts_before_the_sorting(ask: Ask) -> None:
    query = "SELECT id FROM transactionline WHERE ROWNUM <= 2 ORDER BY id DESC"
    assert [item["id"] for item in values(ask, query)] == ["2", "1"]
    assert values(ask, "SELECT COUNT(*) AS n FROM transactionline WHERE ROWNUM < 4") == [{"n": "3"}]


def test_joins_grouping_and_having(ask: Ask) -> None:
    query = """SELECT cur.symbol, COUNT(*) AS n, SUM(t.foreigntotal) AS s, MAX(t.foreigntotal) AS top
               FROM transaction t INNER JOIN currency cur ON cur.id = t.currency
               WHERE t.type = 'SalesOrd' GROUP BY cur.symbol HAVING COUNT(*) > 1"""
    assert values(ask, query) == [{"symbol": "USD", "n": "3", "s": "109.60000001", "top": "100.00000001"}]
    unmatched = """SELECT cur.symbol FROM currency cur LEFT JOIN transaction t ON t.currency = cur.id
                   WHERE t.id IS NULL"""
    assert values(ask, unmatched) == [{"symbol": "JPY"}]


def test_a_subselect_in_from_and_a_union(ask: Ask) -> None:
    query = "SELECT q.n + 1 AS m FROM (SELECT COUNT(*) AS n FROM transaction WHERE type = 'SalesOrd') q"
    assert values(ask, query) == [{"m": "4"}]
    union = "SELECT id FROM currency UNION SELECT id FROM transaction WHERE id < 10 ORDER BY id DESC"
    assert [item["id"] for item in values(ask, union)] == ["9", "2", "1"]


def test_status_comes_as_a_letter_a_code_or_a_text(ask: Ask) -> None:
    query = """SELECT status, BUILTIN.CF(status) AS code, BUILTIN.DF(status) AS shown, BUILTIN.DF(entity) AS customer,
               BUILTIN.DF(t.currency) AS money, BUILTIN.DF(type) AS kind FROM transaction t WHERE id = 10"""
    assert values(ask, query) == [
        {"status": "G", "code": "SalesOrd:G", "shown": "Sales Order : Billed", "customer": "Acme",
         "money": "US Dollar", "kind": "Sales Order"}
    ]  # fmt: skip


def test_parameters_are_bound_in_the_order_of_the_text(ask: Ask) -> None:
    query = "SELECT ? AS a, id FROM transaction WHERE id > ? AND foreigntotal < ? AND tranid <> ? ORDER BY id"
    assert values(ask, query, "x", "9", "9.50", "SO10") == [{"a": "x", "id": "100"}]


@pytest.mark.parametrize("params", [(), ("1", "2")])
def test_a_wrong_number_of_parameters_is_refused(ask: Ask, params: tuple[str, ...]) -> None:
    with pytest.raises(NetSuiteRefusedError, match="has 1 parameters"):
        ask("SELECT id FROM transaction WHERE id = ?", *params)


def test_a_custom_column_can_be_asked_for_as_soon_as_it_exists(ask: Ask, store: NetSuiteStore) -> None:
    with pytest.raises(NetSuiteRefusedError, match="Unknown identifier 'custbody_deal_name'"):
        ask("SELECT custbody_deal_name FROM transaction")
    store.add_column("transaction", "custbody_deal_name")
    store.update("transaction", {"id": "9"}, {"custbody_deal_name": "Big one"})
    assert values(ask, "SELECT custbody_deal_name FROM transaction WHERE id = 9") == [
        {"custbody_deal_name": "Big one"}
    ]


def test_an_amount_that_is_no_number_is_shown_and_takes_no_part_in_a_sum(
    ask: Ask, store: NetSuiteStore
) -> None:
    store.update("transaction", {"id": "9"}, {"foreigntotal": "n/a"})
    assert values(ask, "SELECT foreigntotal FROM transaction WHERE id = 9") == [{"foreigntotal": "n/a"}]
    assert values(ask, "SELECT SUM(foreigntotal) AS s FROM transaction WHERE type = 'SalesOrd'") == [
        {"s": "9.6"}
    ]


def test_pages_are_disjoint_and_know_their_total(ask: Ask, store: NetSuiteStore) -> None:
    store.insert("transaction", (order(n, type="CustInvc") for n in range(2000, 4500)))
    query = "SELECT id FROM transaction WHERE type = 'CustInvc' ORDER BY id"
    pages = [ask(query, offset=offset) for offset in (0, 1000, 2000)]
    assert [page.total for page in pages] == [2500, 2500, 2500]
    assert [page.has_more for page in pages] == [True, True, False]
    assert [item["id"] for page in pages for item in page.items] == [str(n) for n in range(2000, 4500)]


def test_a_query_yields_at_most_a_hundred_thousand_rows(ask: Ask, store: NetSuiteStore) -> None:
    store.insert("item", ({"id": str(n)} for n in range(1000)))
    many = "SELECT a.id FROM item a CROSS JOIN (SELECT id FROM item WHERE ROWNUM <= 101) b"
    last = ask(many, offset=99_000)
    assert (len(last.items), last.has_more) == (1000, False)
    with pytest.raises(NetSuiteRefusedError, match="100000 rows"):
        ask(many, offset=100_000)
    assert len(ask(many, offset=100_000, suiteanalytics_connect=True).items) == 1000
