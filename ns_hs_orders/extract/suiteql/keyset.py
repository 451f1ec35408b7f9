"""Keyset pages: every row of a query exactly once, while rows come, change and go between the pages.

Belongs here: a query's text and the walk over its pages by key. Does not belong here: which columns and
tables (sources). There is no offset: a row that appears or disappears before the cursor moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.suiteql.literals import literal

PAGE_ROWS = 1000

Row = dict[str, str | None]


@dataclass(frozen=True)
class Query:
    """One SuiteQL query, without its place in the pages.

    select: alias → expression; key: the alias whose integer value orders the rows. params: bound to the
    `?` in `where`, in order. wrapped: aliases are given once more from outside, for accounts that answer
    computed columns as expr1, expr2, ….
    """

    select: Mapping[str, str]
    source: str
    where: tuple[str, ...]
    key: str
    params: tuple[str, ...] = ()
    distinct: bool = False
    group_by: str = ""
    wrapped: bool = False

    def text(self, after: int | None = None, *, up_to: int | None = None, descending: bool = False) -> str:
        """The query for the rows beyond key `after`, up to and with `up_to`, in the order of the key."""
        key = self.select[self.key]
        where = list(self.where)
        if after is not None:
            where.append(f"{key} {'<' if descending else '>'} {literal(after)}")
        if up_to is not None:
            where.append(f"{key} {'>=' if descending else '<='} {literal(up_to)}")
        columns = ", ".join(f"{expression} AS {alias}" for alias, expression in self.select.items())
        sql = f"SELECT {'DISTINCT ' if self.distinct else ''}{columns} FROM {self.source}"  # noqa: S608 - values come from literals
        if where:
            sql += f" WHERE {' AND '.join(where)}"
        if self.group_by:
            sql += f" GROUP BY {self.group_by}"
        if self.wrapped:
            sql = f"SELECT {', '.join(f'q.{alias} AS {alias}' for alias in self.select)} FROM ({sql}) q"  # noqa: S608
            key = f"q.{self.key}"
        return f"{sql} ORDER BY {key} {'DESC' if descending else 'ASC'}"


def pages(
    suiteql: SuiteQL,
    query: Query,
    *,
    after: int | None = None,
    up_to: int | None = None,
    descending: bool = False,
    repeats: bool = False,
    page_rows: int = PAGE_ROWS,
) -> Iterator[list[Row]]:
    """The rows of the query, page by page, in the order of its key, from beyond `after` up to and with `up_to`.

    repeats: several rows may share a key; the last key of a page that has more behind it is then read
    again with the next page, whole. Raises ContractError where an answer contradicts itself: a row
    without a key, keys out of order, outside the range or repeated, more rows announced behind an
    empty page; RemoteError where NetSuite could not be read.
    """
    cursor, has_more = after, True
    while has_more:
        rows, has_more = one_page(
            suiteql, query, cursor, up_to=up_to, descending=descending, repeats=repeats, page_rows=page_rows
        )
        yield rows
        if has_more:
            cursor = int(rows[-1][query.key] or 0)


def one_page(
    suiteql: SuiteQL,
    query: Query,
    after: int | None,
    *,
    up_to: int | None = None,
    descending: bool = False,
    repeats: bool = False,
    page_rows: int = PAGE_ROWS,
) -> tuple[list[Row], bool]:
    """The rows of the query next to key `after`, and whether more come behind them. Else as `pages`."""
    page = suiteql.query(query.text(after, up_to=up_to, descending=descending), query.params, limit=page_rows)
    keys = _checked_keys(page.rows, query, after, descending=descending, repeats=repeats)
    if up_to is not None and keys and (keys[-1] < up_to if descending else keys[-1] > up_to):
        raise _contradiction(query, after, f"key {keys[-1]} is beyond {up_to}, where the range ends")
    if not page.has_more:
        return page.rows, False
    if not keys:
        raise _contradiction(query, after, "a page is empty, and more rows are announced behind it")
    kept = keys.index(keys[-1]) if repeats else len(keys)
    if not kept:
        raise _contradiction(query, after, f"more than {page_rows} rows share the key {keys[-1]}")
    return page.rows[:kept], True


def _checked_keys(
    rows: list[Row], query: Query, cursor: int | None, *, descending: bool, repeats: bool
) -> list[int]:
    keys: list[int] = []
    turn = -1 if descending else 1
    last = cursor
    for row in rows:
        text = row.get(query.key)
        try:
            key = int(text or "")
        except ValueError:
            raise _contradiction(query, cursor, f"a row has {text!r:.40} as its key {query.key}") from None
        if last is not None and (key - last) * turn <= 0 and not (repeats and keys and key == last):
            raise _contradiction(query, cursor, f"key {key} comes after {last}")
        keys.append(key)
        last = key
    return keys


def _contradiction(query: Query, cursor: int | None, what: str) -> ContractError:
    return ContractError(
        f"NetSuite's answer about {query.source.split()[0]} contradicts itself: {what} "
        f"(page after key {'none' if cursor is None else cursor}). Nothing of this read is used; run again."
    )
