"""What SuiteQL refuses, and in which words."""

from __future__ import annotations

import pytest

from ns_hs_orders.sandbox.netsuite.errors import NetSuiteRefusedError
from ns_hs_orders_tests.sandbox.netsuite.conftest import Ask

LONG_LIST = ", ".join(str(number) for number in range(1001))


@pytest.mark.parametrize(
    "query, words",
    [
        ("SELECT nothing FROM transaction", "Unknown identifier 'nothing'. Available identifiers are: {transaction=transaction}"),
        ("SELECT t.nothing FROM transaction t", "Unknown identifier 'nothing'"),
        ("SELECT x.id FROM transaction t", "Unknown identifier 'x.id'"),
        ("SELECT id FROM salesorder", "Invalid search type: salesorder"),
        ("SELECT id FROM transaction LIMIT 5", "LIMIT"),
        ("SELECT TOP 5 id FROM transaction", "LIMIT and TOP"),
        ("WITH q AS (SELECT id FROM transaction) SELECT id FROM q", "WITH is not supported"),
        ("SELECT LISTAGG(tranid, ',') WITHIN GROUP (ORDER BY id) FROM transaction", "LISTAGG"),
        (f"SELECT id FROM transaction WHERE id IN ({LONG_LIST})", "at most 1000 members"),
        ("SELECT c.id FROM transaction t RIGHT JOIN currency c ON c.id = t.currency", "RIGHT JOIN"),
        ("SELECT c.id FROM transaction t FULL JOIN currency c ON c.id = t.currency", "Only INNER, LEFT and CROSS"),
        ("SELECT id FROM transaction WHERE trandate >= DATE '2026-01-01'", "Date literals"),
        ("SELECT id FROM transaction WHERE lastmodifieddate >= TIMESTAMP '2026-01-01 00:00:00'", "Date literals"),
        ("SELECT id FROM transaction WHERE trandate >= '2026-01-01'", "Date literals"),
        ("SELECT t.createdfrom FROM transaction t", "NOT_EXPOSED"),
        ("SELECT t.subsidiary FROM transaction t", "NOT_EXPOSED"),
        ("SELECT t.location FROM transaction t", "NOT_EXPOSED"),
        ("SELECT tl.amount FROM transactionline tl", "NOT_EXPOSED"),
        ("SELECT id FROM transaction; SELECT id FROM customer", "exactly one query"),
        ("DELETE FROM transaction", "Only SELECT"),
        ("UPDATE transaction SET memo = 'x'", "Only SELECT"),
        ("DROP TABLE transaction", "Only SELECT"),
        ("SELEC id FROM transaction", "Invalid or unsupported search"),
        ("SELECT id FROM transaction WHERE", "Invalid or unsupported search"),
        ("SELECT 'a' + 'b' FROM dual", "joined with ||"),
        ("SELECT status, COUNT(*) FROM transaction", "not a GROUP BY expression"),
        ("SELECT tranid, status, COUNT(*) FROM transaction GROUP BY status", "not a GROUP BY expression"),
        ("SELECT id FROM transaction t, currency c", "column ambiguously defined: 'id'"),
        ("SELECT id FROM transaction WHERE id = 'abc'", "invalid number"),
        ("SELECT SOUNDEX(memo) FROM transaction", "SOUNDEX"),
        ("SELECT sqlite_version() FROM dual", "SQLITE_VERSION is not supported"),
        ("SELECT name FROM sqlite_master", "Invalid search type"),
        ("SELECT TO_CHAR(trandate, 'YYYY-MM-DDTHH24') FROM transaction", "could not|Invalid or unsupported"),
        ("SELECT TO_DATE('2026-13-01', 'YYYY-MM-DD') FROM dual", "does not fit"),
        ('SELECT q.id FROM (SELECT "ID" AS id FROM transaction) q', "Quoted names"),
        ("SELECT id FROM transaction WHERE ROWNUM > 5", "ROWNUM"),
        ("SELECT 1", "needs a FROM"),
    ],
)  # fmt: skip
def test_a_query_that_netsuite_refuses_is_refused(ask: Ask, query: str, words: str) -> None:
    with pytest.raises(NetSuiteRefusedError) as refused:
        ask(query)
    assert refused.value.status == 400
    assert refused.value.code == "INVALID_PARAMETER"
    assert any(word in refused.value.detail for word in words.split("|"))
    assert refused.value.body()["o:errorDetails"][0]["o:errorQueryParam"] == "q"


def test_a_thousand_members_are_not_too_many(ask: Ask) -> None:
    members = ", ".join(str(number) for number in range(1000))
    assert len(ask(f"SELECT id FROM transaction WHERE id IN ({members})").items) == 4


def test_the_lines_do_carry_what_the_header_hides(ask: Ask) -> None:
    assert len(ask("SELECT tl.createdfrom, tl.subsidiary, tl.location FROM transactionline tl").items) == 7


def test_a_hidden_table_is_an_error_or_empty(ask: Ask) -> None:
    with pytest.raises(NetSuiteRefusedError, match="Record 'DeletedRecord' was not found"):
        ask("SELECT recordid FROM DeletedRecord", hidden_tables=("deletedrecord",))
    page = ask("SELECT id FROM customer", hidden_tables=("customer",), hidden_tables_answer="empty")
    assert (page.items, page.total) == ([], 0)
    assert len(ask("SELECT id FROM customer").items) == 1


def test_a_single_company_account_has_no_subsidiaries(ask: Ask) -> None:
    with pytest.raises(NetSuiteRefusedError, match="Unknown identifier 'subsidiary'"):
        ask("SELECT tl.subsidiary FROM transactionline tl", oneworld=False)
    with pytest.raises(NetSuiteRefusedError, match="Invalid search type: subsidiary"):
        ask("SELECT id FROM subsidiary", oneworld=False)
    assert len(ask("SELECT id FROM subsidiary").items) == 1


@pytest.mark.parametrize("answer, status", [("unknown", 400), ("unexpected", 500)])
def test_a_column_can_be_missing(ask: Ask, answer: str, status: int) -> None:
    with pytest.raises(NetSuiteRefusedError) as refused:
        ask(
            "SELECT t.partner FROM transaction t",
            missing_columns=("transaction.partner",),
            missing_columns_answer=answer,
        )
    assert refused.value.status == status
    assert len(ask("SELECT t.partner FROM transaction t").items) == 4


@pytest.mark.parametrize(
    "switch, query, params",
    [
        ("bound_to_date_refused", "SELECT id FROM transaction WHERE trandate > TO_DATE(?, 'YYYY-MM-DD')", ("2026-01-01",)),
        ("bound_number_refused", "SELECT id FROM transaction WHERE id > ?", ("1",)),
        ("sys_extract_utc_refused", "SELECT SYS_EXTRACT_UTC(lastmodifieddate) FROM transaction", ()),
    ],
)  # fmt: skip
def test_a_doubtful_feature_can_be_refused_by_switch(
    ask: Ask, switch: str, query: str, params: tuple[str, ...]
) -> None:
    assert ask(query, *params).items
    with pytest.raises(NetSuiteRefusedError):
        ask(query, *params, **{switch: True})
