"""Return authorizations as NetSuite holds them: by date, by id, and all of given orders.

Belongs here: the order of the reads of returns, what they were made from, their refunds. Does not belong here: how a
reading holds still (settled), whether the role sees returns (returns.plan), or whether a return is valid (mapping).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ns_hs_orders.extract.card_numbers import mask_card_numbers
from ns_hs_orders.extract.orders import Scope, chunks, dated
from ns_hs_orders.extract.ports import ReadTickets, SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.reading import OrderReading
from ns_hs_orders.extract.related import read_related
from ns_hs_orders.extract.returns.plan import are_visible, of_returns, refunds_query, returns_are_hidden
from ns_hs_orders.extract.returns.signs import makes
from ns_hs_orders.extract.returns.sources import BY_BILL, BY_ORDER, ORIGIN, RETURN, Way, way_query
from ns_hs_orders.extract.settled import settled_readings
from ns_hs_orders.extract.suiteql.keyset import PAGE_ROWS, Query, Row, pages
from ns_hs_orders.extract.suiteql.literals import MOST_MEMBERS, id_list
from ns_hs_orders.extract.suiteql.side_by_side import Readers
from ns_hs_orders.progress import Progress, quiet

if TYPE_CHECKING:
    from ns_hs_orders.extract.returns.schema import RawReturnsRead

SALES_ORDER = "SalesOrd"
BILLS = ("CustInvc", "CashSale")


@dataclass(frozen=True)
class Origin:
    """What a return was made from. parent_type: None where NetSuite has no such transaction. order: the sales order's
    `id`, `number`, `day`, `currency`, `total`, `source_store`, None where there is none."""

    parent_id: str | None = None
    parent_type: str | None = None
    order: Row | None = None


def read_returns(
    suiteql: SuiteQL,
    tickets: ReadTickets,
    plan: SourcePlan,
    first: date,
    last: date,
    *,
    threads: int = 1,
    progress: Progress = quiet,
) -> RawReturnsRead:
    """Every return dated first to last, both included, as NetSuite holds it. threads: requests at once.

    Empty, typed frames where there are none, or the plan has no returns (its warnings then say why). Raises RemoteError
    where NetSuite could not be read, ContractError where its answers contradict themselves.
    """
    return _read(suiteql, plan, dated(first, last), tickets.next_ticket(), threads, progress)


def read_returns_by_id(
    suiteql: SuiteQL,
    tickets: ReadTickets,
    plan: SourcePlan,
    ids: Sequence[str],
    *,
    threads: int = 1,
    progress: Progress = quiet,
) -> RawReturnsRead:
    """The returns with these internal ids; those that NetSuite does not have are absent. Raises as `read_returns`."""
    scope = Scope(ids=tuple(dict.fromkeys(ids)))
    return _read(suiteql, plan, scope, tickets.next_ticket(), threads, progress)


def _read(
    suiteql: SuiteQL, plan: SourcePlan, scope: Scope, ticket: int, threads: int, progress: Progress
) -> RawReturnsRead:
    readings: list[OrderReading] = []
    with Readers(threads) as readers:
        view = plan
        if plan.return_signs is not None:
            view = of_returns(plan)
            readings = _readings(suiteql, view, scope, readers, progress)
        ids = [str(one.header["order_id_netsuite"]) for one in readings]
        related = read_related(suiteql, view, (one.header for one in readings), readers)
        origins = read_origins(suiteql, plan, ids)
        refunds = _read_refunds(suiteql, plan, ids)

    from ns_hs_orders.extract.returns.frames import raw_return_lines, raw_returns
    from ns_hs_orders.extract.returns.schema import RawReturnsRead

    warnings = list(plan.warnings)
    if unsettled := [str(r.header["order_id_netsuite"]) for r in readings if not r.settled]:
        warnings.append(
            f"{len(unsettled)} returns kept changing while they were read: {', '.join(unsettled[:10])}."
        )
    return RawReturnsRead(
        raw_returns(readings, related, origins, refunds, plan, ticket),
        raw_return_lines(readings, plan, ticket),
        tuple(warnings),
    )


@dataclass
class ReturnsFound:
    """Which returns orders have: return id → order id. Filled while other things are read, whole once the readers waited.

    is_asked: False where it is not known whether there are returns, since they are not asked for or not seen.
    sees_any: whether the role sees any return at all, True where it never saw one.
    """

    is_asked: bool = False
    order_of: dict[str, str] = field(default_factory=dict)
    sees_any: bool = True


def find_returns(
    suiteql: SuiteQL, plan: SourcePlan, scope: Scope, order_ids: Sequence[str], readers: Readers
) -> ReturnsFound:
    """Begins to find the returns of orders; many orders at once by what they have in common, not by their ids.

    scope: by which the orders were read. A return is of an order that it was made from, itself or by way of an invoice
    or cash sale.
    """
    found = ReturnsFound()
    if plan.return_signs is None or not order_ids:
        return found
    found.is_asked = True
    asked_for = scope.among(order_ids) if len(order_ids) <= MOST_MEMBERS else scope
    known = set(order_ids)

    def read(asked: tuple[Way, tuple[str, ...]]) -> list[dict[str, str]]:
        way, of_orders = asked
        rows = pages(suiteql, way_query(plan, way, *of_orders), after=0, repeats=True)
        return [
            {
                str(row["id"]): str(row["order_id"])
                for page in rows
                for row in page
                if str(row["order_id"]) in known
            }
        ]

    def see(seen: bool) -> None:
        found.sees_any = seen

    for where in asked_for.conditions(MOST_MEMBERS):
        for way in (BY_ORDER, BY_BILL):
            readers.begin(read, (way, where), found.order_of.update)
    if RETURN in plan.filled:
        readers.begin(lambda _: [are_visible(suiteql)], None, see)
    return found


def read_returns_of_orders(
    suiteql: SuiteQL, plan: SourcePlan, found: ReturnsFound, readers: Readers, ticket: int
) -> dict[str, str] | None:
    """Order id → all of its returns, whatever their dates: JSON, a list of returns, each with its `lines`.

    Orders without returns are absent. None where it is not known: returns are not asked for, or the role does not see
    them.
    """
    if not found.is_asked:
        return None
    if not found.order_of:
        is_lost = not found.sees_any and returns_are_hidden(suiteql, filled_before=True)
        return None if is_lost else {}
    readings = _readings(suiteql, of_returns(plan), Scope(ids=tuple(found.order_of)), readers, quiet)
    refunds = _read_refunds(suiteql, plan, list(found.order_of))

    from ns_hs_orders.extract.returns.frames import return_rows

    of_orders: dict[str, list[dict[str, object]]] = {}
    for row in return_rows(readings, refunds, plan, ticket):
        of_orders.setdefault(found.order_of[str(row["return_id_netsuite"])], []).append(row)
    return {order_id: json.dumps(rows, ensure_ascii=False) for order_id, rows in of_orders.items()}


def read_origins(suiteql: SuiteQL, plan: SourcePlan, return_ids: Sequence[str]) -> dict[str, Origin]:
    """Return id → what it was made from, and the sales order behind that, by one hop or two."""
    parents = made_from(suiteql, plan, return_ids)
    documents = read_documents(suiteql, plan, parents.values())
    bills = [one for one, row in documents.items() if row.get("type") in BILLS]
    orders_of_bills = made_from(suiteql, plan, bills)
    documents |= read_documents(
        suiteql, plan, [one for one in orders_of_bills.values() if one not in documents]
    )
    found = {}
    for return_id in return_ids:
        parent_id = parents.get(return_id)
        parent = documents.get(parent_id or "")
        if parent is None or parent_id is None:
            found[return_id] = Origin(parent_id)
            continue
        order = documents.get(orders_of_bills.get(parent_id, "")) if parent.get("type") in BILLS else parent
        is_order = order is not None and order.get("type") == SALES_ORDER
        found[return_id] = Origin(parent_id, parent.get("type"), order if is_order else None)
    return found


def made_from(suiteql: SuiteQL, plan: SourcePlan, ids: Iterable[str]) -> dict[str, str]:
    """Transaction → what it was made from, by its mainline row; those made from nothing are absent."""
    found: dict[str, str] = {}
    for chunk in chunks(list(dict.fromkeys(ids)), MOST_MEMBERS):
        query = plan.query(ORIGIN, "id", f"ml.transaction IN ({id_list(chunk)})")
        for page in pages(suiteql, query, after=0, repeats=True):
            for row in page:
                if origin := row.get("origin_id"):
                    found[str(row["id"])] = origin
    return found


def read_documents(suiteql: SuiteQL, plan: SourcePlan, ids: Iterable[str]) -> dict[str, Row]:
    """Transactions of any type by id: `type`, `number`, `day`, `currency`, `total`, `source_store`."""
    header = plan.sources["header"]
    asked = tuple(c for c in plan.columns["header"] if c.name in ("currency", "source_store"))
    found: dict[str, Row] = {}
    for chunk in chunks(list(dict.fromkeys(ids)), MOST_MEMBERS):
        query = Query(
            select={
                "id": "t.id",
                "type": "t.type",
                "number": "t.tranid",
                "day": "TO_CHAR(t.trandate, 'YYYY-MM-DD')",
                "total": "t.foreigntotal",
                **{c.name: c.expression for c in asked},
            },
            source=header.tables(asked),
            where=(f"t.id IN ({id_list(chunk)})",),
            key="id",
            wrapped=plan.wrapped,
        )
        for page in pages(suiteql, query, after=0):
            for row in page:
                if text := row.get("source_store"):
                    row["source_store"], _ = mask_card_numbers(text)
                found[str(row["id"])] = row
    return found


def _readings(
    suiteql: SuiteQL, view: SourcePlan, scope: Scope, readers: Readers, progress: Progress
) -> list[OrderReading]:
    found = settled_readings(suiteql, view, scope, readers, progress, _lines_make_total)
    return [found[one] for one in sorted(found, key=int)]


def _lines_make_total(reading: OrderReading) -> bool:
    """As of orders, in any signs."""
    amount = Decimal() if reading.lines is None else reading.lines.amount
    if amount is None:
        return True
    try:
        total, tax = Decimal(reading.header.get("total") or ""), Decimal(reading.tax or "0")
    except InvalidOperation:
        return True
    return makes(abs(total), amount, tax)


def _read_refunds(suiteql: SuiteQL, plan: SourcePlan, return_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return id → its refunds, voided ones left out."""
    found: dict[str, list[Row]] = {}
    for chunk in chunks(return_ids, PAGE_ROWS):
        for page in pages(suiteql, refunds_query(plan, chunk), after=0, repeats=True):
            for row in page:
                if row.get("voided") != "T":
                    told = {name: row.get(name) for name in ("id", "type", "currency", "total")}
                    found.setdefault(str(row["return_id"]), []).append(told)
    return found
