"""Readings that hold still, while NetSuite goes on changing.

Belongs here: when a transaction counts as read, and how headers and lines are read together. Does not belong here:
single queries (orders, related), frames, or whether an order is valid (mapping).

Headers and lines come from different moments. So the stamps are read again after the lines: an order
that is new there is read too, one that is gone is dropped, and one that moved, or whose lines do not make
its total, is read whole again, at most three times. Two identical readings in a row settle an order that
simply does not add up. What still moves after that is marked as not settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

from ns_hs_orders.extract.orders import ID, Scope, moved, read_headers, read_lines, read_stamps
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.visibility import require_still_there, require_visible
from ns_hs_orders.extract.reading import OrderReading, read_details
from ns_hs_orders.extract.related import read_shipments, read_tax_details
from ns_hs_orders.extract.suiteql.keyset import PAGE_ROWS, Row
from ns_hs_orders.extract.suiteql.side_by_side import Readers
from ns_hs_orders.progress import Progress, quiet

READ_AGAIN = 3
FILLED = 0.95
"""Of a page, since orders have not all the same number of lines."""
_SHIPPED = "DEFG"
_CENT, _NEXT_TO_NOTHING = Decimal("0.01"), Decimal("0.000000001")


def lines_make_total(reading: OrderReading) -> bool:
    """Whether an order's lines can be of the same moment as its header; True where that cannot be told.

    Rounder than the mapping's judgement on purpose: a wrong no costs one more reading, nothing else.
    """
    amount = Decimal() if reading.lines is None else reading.lines.amount
    if amount is None:
        return True
    try:
        total, tax = Decimal(reading.header.get("total") or ""), Decimal(reading.tax or "0")
    except InvalidOperation:
        return True
    return abs(total + amount - tax) < (_CENT if reading.tax else _NEXT_TO_NOTHING)


def settled_readings(
    suiteql: SuiteQL,
    plan: SourcePlan,
    scope: Scope,
    readers: Readers,
    progress: Progress,
    adds_up: Callable[[OrderReading], bool] = lines_make_total,
) -> dict[str, OrderReading]:
    """Readings by id, each marked whether it held still. adds_up: whether a reading can be of one moment."""
    found = _whole(suiteql, plan, scope, readers, progress)
    stamps = read_stamps(suiteql, plan, scope, readers, list(found))
    found = {order_id: reading for order_id, reading in found.items() if order_id in stamps}
    restless = {
        order_id
        for order_id, stamp in stamps.items()
        if order_id not in found or moved(found[order_id].header, stamp) or not adds_up(found[order_id])
    }
    for _ in range(READ_AGAIN):
        if not restless:
            break
        again = scope.among(sorted(restless, key=int))
        newer = _whole(suiteql, plan, again, readers, quiet)
        later = read_stamps(suiteql, plan, again, readers)
        still = set()
        for order_id in restless:
            stamp = later.get(order_id)
            if stamp is None:
                found.pop(order_id, None)
                continue
            stamps[order_id] = stamp
            reading, before = newer.get(order_id), found.get(order_id)
            if reading is not None:
                found[order_id] = reading
            if (
                reading is None
                or moved(reading.header, stamp)
                or not (adds_up(reading) or reading.same_as(before))
            ):
                still.add(order_id)
        restless = still
    for order_id in restless:
        # What only ever showed its stamp is told too, so that it is not lost.
        found.setdefault(order_id, OrderReading(stamps[order_id])).settled = False
    _require_their_tables(suiteql, plan, list(found.values()))
    return found


def _require_their_tables(suiteql: SuiteQL, plan: SourcePlan, readings: Sequence[OrderReading]) -> None:
    """Where nothing at all came of a table, it is asked whether it is still there. Raises ConfigError."""
    if not readings:
        return
    lines = [reading.lines for reading in readings if reading.lines is not None]
    if not any(one.rows for one in lines):
        require_visible(suiteql, "transactionline", "uniquekey")
    if any(one.items for one in lines) and not any(one.named for one in lines):
        require_visible(suiteql, "item", "id")
    if not any(reading.header.get("currency") for reading in readings):
        require_visible(suiteql, "currency", "id")
    shipped = [one for one in readings if (one.header.get("status") or "")[-1:] in _SHIPPED]
    if shipped and all(one.shipments == "[]" for one in shipped):
        require_still_there(suiteql, plan, "shipment" if plan.has("shipment") else "shipment_by_line")


def _whole(
    suiteql: SuiteQL, plan: SourcePlan, scope: Scope, readers: Readers, progress: Progress
) -> dict[str, OrderReading]:
    """Headers, and the details of those that came, while others are still read."""
    headers: dict[str, Row] = {}
    details: dict[str, OrderReading] = {}
    waiting: list[str] = []
    chunk = DetailChunk(plan.options.line_orders)
    columns = [column.name for column in plan.columns["line"]]

    def take_headers(page: list[Row]) -> None:
        for row in page:
            order_id = str(row[ID])
            if order_id not in headers:
                waiting.append(order_id)
            headers[order_id] = row
        progress("orders", len(headers), len(scope.ids or ()))
        while len(waiting) >= chunk.orders:
            begin_details()

    def begin_details() -> None:
        ids = waiting[: chunk.orders]
        del waiting[: chunk.orders]
        readers.begin(read, ids, take_details)

    def read(ids: list[str]) -> Iterator[dict[str, OrderReading]]:
        lines = read_lines(suiteql, plan, ids)
        chunk.came(len(ids), sum(map(len, lines.values())))
        taxes = read_tax_details(suiteql, plan, ids)
        shipments = read_shipments(suiteql, plan, ids)
        yield read_details(lines, columns, ids, taxes, shipments)

    def take_details(part: dict[str, OrderReading]) -> None:
        details.update(part)
        progress("lines", len(details), len(headers))

    read_headers(suiteql, plan, scope, readers, take_headers)
    readers.wait()
    while waiting:
        begin_details()
    readers.wait()
    for order_id, header in headers.items():
        details[order_id].header = header
    return {order_id: details[order_id] for order_id in headers}


class DetailChunk:
    """How many orders a query for lines asks for: so many that their lines just fill whole pages."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._orders = self._rows = 0
        self.orders = most

    def came(self, orders: int, rows: int) -> None:
        """Learns from an answer how many lines an order has."""
        self._orders += orders
        self._rows += rows
        if not self._rows:
            return
        fill = PAGE_ROWS * FILLED * self._orders / self._rows
        self.orders = max(1, min(self._most, int(fill * max(1, int(self._most / fill)))))
