"""Small questions to NetSuite: which orders are meant, which still exist, what it counts and sums itself.

Belongs here: finding orders by number, presence by id, control totals. Does not belong here: reading
whole orders (read). The control totals pass through no mapping and no frame of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.orders import chunks, dated
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.sources import ORDER_TYPE
from ns_hs_orders.extract.suiteql.keyset import PAGE_ROWS, Query, pages
from ns_hs_orders.extract.suiteql.literals import MOST_MEMBERS, id_list

_LONGEST_ID = 18


@dataclass(frozen=True)
class CountedByNetSuite:
    """COUNT(*) and SUM(foreigntotal) of one day and currency. total: decimal text, None where all are empty."""

    order_on: date
    currency: str | None
    orders: int
    total: str | None


def find_orders(
    suiteql: SuiteQL, ids_or_numbers: Sequence[str], of_type: str = ORDER_TYPE
) -> dict[str, tuple[str, ...]]:
    """What was asked for → internal ids of the orders with that id or number; empty where there is none.

    of_type: the condition on `t` that says what they are, orders or returns.
    Numbers are not unique in NetSuite, so one can stand for several orders.
    """
    wanted = list(dict.fromkeys(text.strip() for text in ids_or_numbers))
    found: dict[str, set[str]] = {text: set() for text in wanted}
    for order_id in ids_present(
        suiteql, [t for t in wanted if t.isascii() and t.isdigit() and len(t) <= _LONGEST_ID], of_type
    ):
        for text in wanted:
            if text.isdigit() and int(text) == int(order_id):
                found[text].add(order_id)
    for number, ids in orders_numbered(suiteql, wanted, of_type).items():
        found[number].update(ids)
    return {text: tuple(sorted(ids, key=int)) for text, ids in found.items()}


def orders_numbered(
    suiteql: SuiteQL, numbers: Sequence[str], of_type: str = ORDER_TYPE
) -> dict[str, tuple[str, ...]]:
    """Order number → internal ids of the orders that have it; a number that none has is absent."""
    found: dict[str, set[str]] = {}
    for chunk in chunks(list(dict.fromkeys(numbers)), MOST_MEMBERS):
        query = Query(
            select={"id": "t.id", "number": "t.tranid"},
            source="transaction t",
            where=(of_type, f"t.tranid IN ({', '.join('?' * len(chunk))})"),
            key="id",
            params=tuple(chunk),
        )
        for page in pages(suiteql, query):
            for row in page:
                found.setdefault(str(row["number"]), set()).add(str(row["id"]))
    return {number: tuple(sorted(ids, key=int)) for number, ids in found.items()}


def ids_present(suiteql: SuiteQL, ids: Sequence[str], of_type: str = ORDER_TYPE) -> dict[str, date]:
    """Those of the ids that NetSuite has as sales orders, or as returns (`of_type`), with their dates now."""
    found: dict[str, date] = {}
    for chunk in chunks(list(dict.fromkeys(ids)), MOST_MEMBERS):
        query = Query(
            select={"id": "t.id", "order_on": "TO_CHAR(t.trandate, 'YYYY-MM-DD')"},
            source="transaction t",
            where=(of_type, f"t.id IN ({id_list(chunk)})"),
            key="id",
            wrapped=True,
        )
        for page in pages(suiteql, query):
            found |= {str(row["id"]): date.fromisoformat(str(row["order_on"])) for row in page}
    return found


def read_control_totals(suiteql: SuiteQL, first: date, last: date) -> list[CountedByNetSuite]:
    """Orders and totals by day and currency, counted and summed by NetSuite, in that order.

    Raises ContractError where one day alone fills a page, RemoteError where NetSuite could not be read.
    """
    where = " AND ".join((ORDER_TYPE, *dated(first, last).where))
    page = suiteql.query(
        "SELECT q.order_on AS order_on, q.currency AS currency, q.orders AS orders, q.total AS total FROM ("  # noqa: S608
        "SELECT TO_CHAR(t.trandate, 'YYYY-MM-DD') AS order_on, cur.symbol AS currency, "
        "COUNT(*) AS orders, SUM(t.foreigntotal) AS total "
        f"FROM transaction t LEFT JOIN currency cur ON cur.id = t.currency WHERE {where} "
        "GROUP BY TO_CHAR(t.trandate, 'YYYY-MM-DD'), cur.symbol) q ORDER BY q.order_on ASC, q.currency ASC",
        limit=PAGE_ROWS,
    )
    if page.has_more:
        if first == last:
            raise ContractError(f"NetSuite announces over {PAGE_ROWS} currencies on {first}; that cannot be.")
        middle = first + (last - first) // 2
        return [
            *read_control_totals(suiteql, first, middle),
            *read_control_totals(suiteql, middle + timedelta(days=1), last),
        ]
    try:
        return [
            CountedByNetSuite(
                date.fromisoformat(str(row["order_on"])),
                row.get("currency"),
                int(str(row["orders"])),
                row.get("total"),
            )
            for row in page.rows
        ]
    except (KeyError, ValueError) as error:
        raise ContractError(
            f"NetSuite's control totals of {first} to {last} are unreadable: {error}."
        ) from error
