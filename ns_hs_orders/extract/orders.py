"""Orders as NetSuite holds them: headers, their stamps and their lines, read by range of dates or by id.

Belongs here: the queries about orders and what is done to their rows as they are parsed (card numbers).
Does not belong here: other records (related), or when an order counts as read (read).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.extract.card_numbers import mask_card_numbers
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.refusals import is_refusal
from ns_hs_orders.extract.suiteql.keyset import PAGE_ROWS, Row, one_page, pages
from ns_hs_orders.extract.suiteql.literals import id_list, literal
from ns_hs_orders.extract.suiteql.side_by_side import Readers
from ns_hs_orders.extract.suiteql.splits import IdRange, Spread, by_estimate, by_ids

ID = "order_id_netsuite"
CARDS = "cards_masked"
ALL_IDS = IdRange(0, None)
_STAMP = (ID, "modified_at", "total", "status", "order_on")


@dataclass(frozen=True)
class Scope:
    """Which orders: conditions on `t`, and the ids among them, or all."""

    where: tuple[str, ...] = ()
    ids: tuple[str, ...] | None = None

    def among(self, ids: Sequence[str]) -> Scope:
        """Only these ids of the scope."""
        return Scope(self.where, tuple(ids))

    def conditions(self, ids_a_query: int) -> Iterator[tuple[str, ...]]:
        """The conditions of each query that is needed."""
        if self.ids is None:
            yield self.where
            return
        for chunk in chunks(self.ids, ids_a_query):
            yield (*self.where, f"t.id IN ({id_list(chunk)})")


def dated(first: date, last: date) -> Scope:
    """Orders of a range of order dates, both ends included."""
    return Scope(
        (f"t.trandate >= {literal(first)}", f"t.trandate < {literal(last + timedelta(days=1))}"),
    )


def chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The ids in runs of at most `size`."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def read_headers(
    suiteql: SuiteQL, plan: SourcePlan, scope: Scope, readers: Readers, take: Callable[[list[Row]], None]
) -> None:
    """Begins to read header rows, card numbers masked; each page is given to `take`.

    A range of more than a page is read by several streams side by side.
    """
    masked = _masked_columns(plan, "header")

    def read(part: tuple[tuple[str, ...], IdRange]) -> Iterator[list[Row]]:
        where, ids = part
        for page in pages(suiteql, plan.query("header", ID, *where), after=ids.after, up_to=ids.up_to):
            for row in page:
                _mask(row, masked)
            yield page

    for where in scope.conditions(plan.options.header_ids):
        if scope.ids is not None or readers.threads == 1:
            readers.begin(read, (where, ALL_IDS), take)
            continue
        page, has_more = one_page(suiteql, plan.query("header", ID, *where), after=0)
        for row in page:
            _mask(row, masked)
        take(page)
        if has_more:
            after = int(page[-1][ID] or 0)
            for ids in by_estimate(after, _spread(suiteql, plan, where), readers.threads):
                readers.begin(read, (where, ids), take)


def _spread(suiteql: SuiteQL, plan: SourcePlan, where: tuple[str, ...]) -> list[Spread]:
    """How many orders of each date there are, and between which ids; empty where NetSuite refuses to count."""
    query = replace(
        plan.query("header", ID, *where, only=(ID,)),
        select={"low": "MIN(t.id)", "high": "MAX(t.id)", "orders": "COUNT(*)"},
        group_by="t.trandate",
        key="low",
    )
    try:
        rows = suiteql.query(query.text(), query.params).rows
    except RemoteError as error:
        if not is_refusal(error):
            raise
        return []
    try:
        return [Spread(int(r["low"] or 0), int(r["high"] or 0), int(r["orders"] or 0)) for r in rows]
    except (KeyError, ValueError):
        return []


def read_stamps(
    suiteql: SuiteQL, plan: SourcePlan, scope: Scope, readers: Readers, known: Sequence[str] = ()
) -> dict[str, Row]:
    """What tells that an order moved, by order id: its stamp, total, status and date.

    known: ids that are probably among them; what is more than a page is cut by them into streams.
    """
    streams = readers.threads if len(known) > PAGE_ROWS else 1
    ranges = by_ids(sorted(map(int, known)), streams) if scope.ids is None and streams > 1 else [ALL_IDS]

    def read(part: tuple[tuple[str, ...], IdRange]) -> dict[str, Row]:
        where, ids = part
        query = plan.query("header", ID, *where, only=_STAMP)
        found = pages(suiteql, query, after=ids.after, up_to=ids.up_to)
        return {str(row[ID]): row for page in found for row in page}

    parts = [(where, ids) for where in scope.conditions(plan.options.header_ids) for ids in ranges]
    return {order_id: row for found in readers.map(read, parts) for order_id, row in found.items()}


def moved(header: Row, stamp: Row) -> bool:
    """Whether the order changed between the two readings, as far as its stamp tells."""
    return any(header.get(name) != stamp.get(name) for name in _STAMP)


def read_lines(suiteql: SuiteQL, plan: SourcePlan, order_ids: Sequence[str]) -> dict[str, list[Row]]:
    """All lines of at most 1,000 orders by order id, in the order of their unique keys, card numbers masked."""
    masked = _masked_columns(plan, "line")
    found: dict[str, list[Row]] = {}
    query = plan.query("line", "line_unique_key", f"tl.transaction IN ({id_list(order_ids)})")
    # A key that occurs twice is one order's trouble, not the read's.
    for page in pages(suiteql, query, after=0, repeats=True):
        for row in page:
            _mask(row, masked)
            found.setdefault(str(row[ID]), []).append(row)
    return found


def latest_ids(suiteql: SuiteQL, plan: SourcePlan, limit: int) -> list[str]:
    """The ids of the newest orders, newest first."""
    found: list[str] = []
    for page in pages(suiteql, plan.query("header", ID, only=(ID,)), descending=True):
        found += [str(row[ID]) for row in page]
        if len(found) >= limit:
            break
    return found[:limit]


def _masked_columns(plan: SourcePlan, source: str) -> tuple[str, ...]:
    return tuple(column.name for column in plan.columns[source] if column.masked)


def _mask(row: Row, names: tuple[str, ...]) -> None:
    """Masks card numbers in place; how many is kept in the row, where there are any."""
    count = 0
    for name in names:
        text = row.get(name)
        if text is not None:
            row[name], cards = mask_card_numbers(text)
            count += cards
    if count:
        row[CARDS] = str(count)
