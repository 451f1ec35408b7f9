"""Orders as NetSuite holds them: headers, their stamps and their lines, read by range of dates or by id.

Belongs here: the queries about orders and what is done to their rows as they are parsed (card numbers).
Does not belong here: other records (related), or when an order counts as read (read).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ns_hs_orders.extract.card_numbers import mask_card_numbers
from ns_hs_orders.extract.keyset import Row, pages
from ns_hs_orders.extract.literals import id_list, literal
from ns_hs_orders.extract.plan import SourcePlan
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.progress import Progress

ID = "order_id_netsuite"
CARDS = "cards_masked"
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


def read_headers(suiteql: SuiteQL, plan: SourcePlan, scope: Scope, progress: Progress) -> dict[str, Row]:
    """Header rows by order id, card numbers masked."""
    masked = _masked_columns(plan, "header")
    found: dict[str, Row] = {}
    for where in scope.conditions(plan.options.header_ids):
        for page in pages(suiteql, plan.query("header", ID, *where), after=0):
            for row in page:
                _mask(row, masked)
                found[str(row[ID])] = row
            progress("orders", len(found), len(scope.ids or ()))
    return found


def read_stamps(suiteql: SuiteQL, plan: SourcePlan, scope: Scope) -> dict[str, Row]:
    """What tells that an order moved, by order id: its stamp, total, status and date."""
    found: dict[str, Row] = {}
    for where in scope.conditions(plan.options.header_ids):
        for page in pages(suiteql, plan.query("header", ID, *where, only=_STAMP), after=0):
            found |= {str(row[ID]): row for row in page}
    return found


def moved(header: Row, stamp: Row) -> bool:
    """Whether the order changed between the two readings, as far as its stamp tells."""
    return any(header.get(name) != stamp.get(name) for name in _STAMP)


def read_lines(
    suiteql: SuiteQL, plan: SourcePlan, order_ids: Sequence[str], progress: Progress
) -> dict[str, list[Row]]:
    """All lines of these orders by order id, in the order of their unique keys, card numbers masked."""
    masked = _masked_columns(plan, "line")
    found: dict[str, list[Row]] = {}
    done = 0
    for chunk in chunks(order_ids, plan.options.line_orders):
        query = plan.query("line", "line_unique_key", f"tl.transaction IN ({id_list(chunk)})")
        # A key that occurs twice is one order's trouble, not the read's.
        for page in pages(suiteql, query, after=0, repeats=True):
            for row in page:
                _mask(row, masked)
                found.setdefault(str(row[ID]), []).append(row)
        done += len(chunk)
        progress("lines", done, len(order_ids))
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
