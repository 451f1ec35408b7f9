"""Keyset pages: complete while rows change between them, and refusing answers that contradict themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.ports import QueryPage
from ns_hs_orders.extract.suiteql.keyset import Query, Row, pages

QUERY = Query(
    select={"id": "t.id", "value": "t.memo"}, source="transaction t", where=("t.type = 'X'",), key="id"
)


class Table:
    """Keys that answer `id > n ORDER BY id`, with a change after each page."""

    def __init__(self, keys: Sequence[int], changes: Sequence[tuple[str, int]] = ()) -> None:
        self.keys = list(keys)
        self.changes = list(changes)

    def query(self, sql: str, params: Sequence[str] = (), *, limit: int = 1000) -> QueryPage:
        bound = re.search(r"t\.id ([<>]) (-?\d+)", sql)
        ordered = sorted(self.keys, reverse="DESC" in sql)
        if bound:
            after = int(bound[2])
            ordered = [key for key in ordered if (key < after if bound[1] == "<" else key > after)]
        page = QueryPage([{"id": str(key)} for key in ordered[:limit]], len(ordered) > limit)
        if self.changes:
            kind, key = self.changes.pop(0)
            if kind == "insert":
                self.keys.append(key)
            elif key in self.keys:
                self.keys.remove(key)
        return page


class Answers:
    """Given pages, one after the other."""

    def __init__(self, *answers: tuple[list[Row], bool]) -> None:
        self.answers = list(answers)

    def query(self, sql: str, params: Sequence[str] = (), *, limit: int = 1000) -> QueryPage:
        return QueryPage(*self.answers.pop(0))


def keys_of(found: Sequence[list[Row]]) -> list[int]:
    return [int(row["id"] or "") for page in found for row in page]


def row(key: str | None) -> Row:
    return {"id": key}


def test_the_query_asks_beyond_the_cursor_in_the_order_of_the_key() -> None:
    assert QUERY.text(41) == (
        "SELECT t.id AS id, t.memo AS value FROM transaction t "
        "WHERE t.type = 'X' AND t.id > 41 ORDER BY t.id ASC"
    )
    assert QUERY.text(41, descending=True).endswith("AND t.id < 41 ORDER BY t.id DESC")
    assert "OFFSET" not in QUERY.text(41)


@given(
    st.sets(st.integers(1, 60), max_size=40),
    st.lists(st.tuples(st.sampled_from(["insert", "delete"]), st.integers(1, 60)), max_size=12),
    st.integers(1, 7),
)
def test_every_row_that_is_there_throughout_is_read_exactly_once(
    keys: set[int], changes: list[tuple[str, int]], page_rows: int
) -> None:
    unique = [(kind, key) for kind, key in changes if not (kind == "insert" and key in keys)]
    inserted: set[int] = set()
    steps = []
    for kind, key in unique:
        if kind == "insert" and key in inserted:
            continue
        inserted.add(key)
        steps.append((kind, key))
    found = keys_of(list(pages(Table(sorted(keys), steps), QUERY, page_rows=page_rows)))
    throughout = keys - {key for kind, key in steps if kind == "delete"}
    assert throughout <= set(found)
    assert len(found) == len(set(found))
    assert set(found) <= keys | inserted


@given(st.lists(st.integers(1, 30), max_size=60), st.integers(1, 5))
def test_rows_that_share_a_key_are_all_read_or_the_page_says_it_is_too_small(
    keys: list[int], page_rows: int
) -> None:
    rows_of_largest = max((keys.count(key) for key in keys), default=0)
    if rows_of_largest > page_rows:
        with pytest.raises(ContractError, match="share the key"):
            list(pages(Table(keys), QUERY, repeats=True, page_rows=page_rows))
    elif rows_of_largest < page_rows:
        found = keys_of(list(pages(Table(keys), QUERY, repeats=True, page_rows=page_rows)))
        assert found == sorted(keys)


def test_descending_pages_run_from_the_largest_key() -> None:
    found = list(pages(Table([5, 1, 9, 7]), QUERY, descending=True, page_rows=3))
    assert found == [[row("9"), row("7"), row("5")], [row("1")]]


def test_an_empty_table_is_one_empty_page() -> None:
    assert list(pages(Table([]), QUERY)) == [[]]


@pytest.mark.parametrize(
    "answers, complaint",
    [
        ([([row("1"), row("2")], True), ([], True)], "more rows are announced"),
        ([([], True)], "more rows are announced"),
        ([([row("2"), row("1")], False)], "key 1 comes after 2"),
        ([([row("2"), row("2")], False)], "key 2 comes after 2"),
        ([([row("1"), row("2")], True), ([row("2"), row("3")], False)], "key 2 comes after 2"),
        ([([row("1"), row("2")], True), ([row("1"), row("2")], True)], "key 1 comes after 2"),
        ([([row(None)], False)], "has None as its key"),
        ([([row("x1")], False)], "has 'x1' as its key"),
    ],
)
def test_a_page_that_contradicts_itself_raises(answers: list[tuple[list[Row], bool]], complaint: str) -> None:
    with pytest.raises(ContractError, match=complaint):
        list(pages(Answers(*answers), QUERY))


def test_a_key_may_not_come_back_from_before_the_cursor_even_where_keys_repeat() -> None:
    answers = Answers(([row("1"), row("2"), row("2")], True), ([row("1"), row("2")], False))
    with pytest.raises(ContractError, match="key 1 comes after 1"):
        list(pages(answers, QUERY, repeats=True))
