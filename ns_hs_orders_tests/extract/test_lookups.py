"""Finding orders, their presence, and the totals that NetSuite computes itself."""

from __future__ import annotations

from datetime import date

import pytest

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.lookups import CountedByNetSuite, find_orders, ids_present, read_control_totals
from ns_hs_orders.extract.ports import QueryPage
from ns_hs_orders_tests.extract.conftest import Account


def test_orders_are_found_by_id_and_by_number_also_where_a_number_is_not_unique(account: Account) -> None:
    account.order(11, "1.00")
    account.order(12, "1.00", tranid="SO11")
    account.order(13, "1.00", tranid="12")
    account.order(14, "1.00", tranid="O'Hara; --")
    account.store.insert("transaction", [{"id": "15", "type": "CustInvc", "tranid": "SO11"}])
    assert find_orders(account, ["SO11", "12", " 11 ", "15", "O'Hara; --", "٤", "9" * 30, "SO11"]) == {
        "SO11": ("11", "12"),
        "12": ("12", "13"),
        "11": ("11",),
        "15": (),
        "O'Hara; --": ("14",),
        "٤": (),
        "9" * 30: (),
    }
    assert all("Hara" not in sql for sql in account.asked)


def test_more_orders_than_a_list_holds_are_found(account: Account) -> None:
    account.order(1500, "1.00")
    numbers = [f"SO{number}" for number in range(2, 2002)]
    assert {text: ids for text, ids in find_orders(account, numbers).items() if ids} == {"SO1500": ("1500",)}
    assert find_orders(account, []) == {}


def test_presence_is_told_by_id_with_the_order_date_of_now(account: Account) -> None:
    account.order(11, "1.00")
    account.order(12, "1.00")
    account.edit(12, trandate="2026-02-09")
    account.delete(11)
    account.store.insert("transaction", [{"id": "15", "type": "CustInvc", "trandate": "2026-02-03"}])
    assert ids_present(account, ["11", "12", "15"]) == {"12": date(2026, 2, 9)}
    assert ids_present(account, []) == {}


def totals(account: Account) -> list[CountedByNetSuite]:
    return read_control_totals(account, date(2026, 2, 1), date(2026, 2, 28))


def test_control_totals_are_exact_by_day_and_currency(account: Account) -> None:
    account.order(11, "0.10")
    account.order(12, "0.20")
    account.order(13, "99999999999.99", currency="2")
    account.order(14, "5.00", on="2026-02-28", total="-5.00")
    account.order(15, "5.00", currency="9")
    account.order(16, "7.00", on="2026-03-01")
    account.order(17, "7.00", on="2026-01-31")
    account.store.insert("transaction", [{"id": "18", "type": "CustInvc", "trandate": "2026-02-03"}])
    day = date(2026, 2, 3)
    assert sorted(totals(account), key=str) == sorted(
        [
            CountedByNetSuite(day, "USD", 2, "0.3"),
            CountedByNetSuite(day, "EUR", 1, "99999999999.99"),
            CountedByNetSuite(day, None, 1, "5"),
            CountedByNetSuite(date(2026, 2, 28), "USD", 1, "-5"),
        ],
        key=str,
    )


def test_control_totals_of_more_rows_than_a_page_come_by_halves(account: Account) -> None:
    for day in range(1, 29):
        account.order(day, "1.00", on=f"2026-02-{day:02d}")
    account.page_rows = 5
    found = totals(account)
    assert [counted.order_on.day for counted in found] == list(range(1, 29))
    assert {(counted.orders, counted.total) for counted in found} == {(1, "1")}


def test_control_totals_without_orders_are_empty(account: Account) -> None:
    assert totals(account) == []


@pytest.mark.parametrize(
    "answer, complaint",
    [
        (QueryPage([{"order_on": "2/3/2026", "orders": "1"}], has_more=False), "unreadable"),
        (QueryPage([{"expr1": "2026-02-03"}], has_more=False), "unreadable"),
        (QueryPage([], has_more=True), "announces over"),
    ],
)
def test_control_totals_that_make_no_sense_raise(account: Account, answer: QueryPage, complaint: str) -> None:
    account.after = lambda _sql, _page: answer
    with pytest.raises(ContractError, match=complaint):
        totals(account)


def test_control_totals_do_not_depend_on_aliases_of_computed_columns(account: Account) -> None:
    account.order(11, "1.00")
    account.switch(drop_computed_aliases=True)
    assert totals(account) == [CountedByNetSuite(date(2026, 2, 3), "USD", 1, "1")]
    assert ids_present(account, ["11"]) == {"11": date(2026, 2, 3)}
