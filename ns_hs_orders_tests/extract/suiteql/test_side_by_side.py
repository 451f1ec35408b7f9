"""Keyset streams side by side: every row exactly once, whatever the ids, and as from one thread."""

from __future__ import annotations

import threading
from datetime import date
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.ports import QueryPage
from ns_hs_orders.extract.read import read_orders
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.extract.settled import DetailChunk
from ns_hs_orders.extract.suiteql.keyset import Query, one_page, pages
from ns_hs_orders.extract.suiteql.splits import IdRange, Spread, by_estimate, by_ids
from ns_hs_orders_tests.extract.conftest import Account, Tickets

DAY = date(2026, 2, 3)

ids_of_rows = st.lists(st.integers(1, 10**9), min_size=1, max_size=60, unique=True).map(sorted)


def rows_of(ranges: list[IdRange], ids: list[int], page_rows: int) -> list[int]:
    """The ids that keyset pages over these ranges bring together."""

    class Table:
        def query(self, sql: str, params: object = (), *, limit: int = 1000) -> QueryPage:
            words = sql.replace("t.id ", "").split()
            above = [int(b) for a, b in pairwise(words) if a == ">"]
            up_to = [int(b) for a, b in pairwise(words) if a == "<="]
            found = [i for i in ids if all(i > a for a in above) and all(i <= b for b in up_to)]
            return QueryPage([{"id": str(one)} for one in found[:limit]], len(found) > limit)

    query = Query(select={"id": "t.id"}, source="t", where=(), key="id")
    return [
        int(row["id"] or 0)
        for one in ranges
        for page in pages(Table(), query, after=one.after, up_to=one.up_to, page_rows=page_rows)
        for row in page
    ]


@settings(max_examples=150, deadline=None)
@given(
    ids=ids_of_rows,
    streams=st.integers(1, 8),
    page_rows=st.integers(1, 9),
    after=st.integers(0, 10**9),
    days=st.integers(1, 5),
    wrong=st.integers(0, 3),
)
def test_streams_by_estimate_bring_each_row_behind_the_first_page_exactly_once(
    ids: list[int], streams: int, page_rows: int, after: int, days: int, wrong: int
) -> None:
    """Also where the estimate is of other days, or of rows that are not there any more."""
    spreads = [Spread(min(part), max(part), len(part)) for day in range(days) if (part := ids[day::days])]
    ranges = by_estimate(after, spreads[wrong:], streams)

    assert len(ranges) <= streams
    assert rows_of(ranges, ids, page_rows) == [one for one in ids if one > after]


@settings(max_examples=100, deadline=None)
@given(known=ids_of_rows, there=ids_of_rows, streams=st.integers(1, 8))
def test_streams_by_known_ids_bring_each_row_exactly_once_whatever_is_there_by_now(
    known: list[int], there: list[int], streams: int
) -> None:
    ranges = by_ids(known, streams)

    assert len(ranges) <= streams
    assert rows_of(ranges, there, 7) == there


def test_streams_of_even_ids_are_alike_and_of_a_crowd_are_narrow() -> None:
    even = by_estimate(100, [Spread(1, 1100, 1100)], 4)
    crowd = by_estimate(0, [Spread(1, 1_000_000, 1000), Spread(500_000, 500_999, 9000)], 2)

    assert even == [IdRange(100, 350), IdRange(350, 600), IdRange(600, 850), IdRange(850, None)]
    assert 500_000 <= (crowd[0].up_to or 0) < 501_000


def test_a_row_beyond_the_end_of_its_range_is_a_contradiction() -> None:
    class Wrong:
        def query(self, sql: str, params: object = (), *, limit: int = 1000) -> QueryPage:
            return QueryPage([{"id": "5"}, {"id": "11"}], False)

    query = Query(select={"id": "t.id"}, source="t", where=(), key="id")
    with pytest.raises(ContractError, match="key 11 is beyond 10"):
        one_page(Wrong(), query, 0, up_to=10)


def test_several_threads_read_the_same_as_one(account: Account) -> None:
    """Three rows a page, so that headers and lines come in many pages of several streams."""
    for number in range(1, 24):
        account.order(number * number, "10.00", "2.50", on=f"2026-02-0{1 + number % 4}")
    plan = account.plan()
    account.page_rows = 3
    days = (DAY.replace(day=1), DAY.replace(day=4))
    at_work: set[str] = set()
    account.before = lambda _sql: at_work.add(threading.current_thread().name)

    one = read_orders(account, Tickets(), plan, *days)
    alone = set(at_work)
    several = read_orders(account, Tickets(), plan, *days, threads=4)

    assert len(one.orders) == 23
    assert len(one.lines) == 69
    assert_same(one, several)
    assert len(alone) == 1
    assert len(at_work - alone) > 1, "several threads asked"
    streams = {sql.partition("t.id <= ")[2].split()[0] for sql in account.asked if "t.id <= " in sql}
    assert len(streams) == 3, "headers behind the first page came in four streams, the last without an end"


def test_what_one_thread_finds_wrong_is_raised_and_nothing_is_used(account: Account) -> None:
    for number in range(1, 15):
        account.order(number, "10.00")
    plan = account.plan()
    account.page_rows = 3
    account.after = lambda sql, page: (
        QueryPage(page.rows[::-1], page.has_more) if "t.id <= " in sql and "GROUP" not in sql else page
    )

    with pytest.raises(ContractError, match="contradicts itself"):
        read_orders(account, Tickets(), plan, DAY, DAY, threads=3)


@pytest.mark.parametrize(("lines", "orders"), [(4, 475), (1, 500), (40, 498)])
def test_a_query_for_lines_asks_for_so_many_orders_that_whole_pages_are_filled(
    lines: int, orders: int
) -> None:
    chunk = DetailChunk(500)
    chunk.came(10, 10 * lines)

    assert chunk.orders == orders


def assert_same(one: RawRead, other: RawRead) -> None:
    pd.testing.assert_frame_equal(one.orders, other.orders)
    pd.testing.assert_frame_equal(one.lines, other.lines)
    assert one.warnings == other.warnings
