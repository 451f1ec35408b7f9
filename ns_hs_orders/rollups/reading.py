"""What NetSuite says of the orders of some entities: sums where it can add, single orders where it cannot.

Belongs here: what is asked of orders, and their pieces. Does not belong here: which entities (customers), which orders
are eligible (selection), returns, or what the pieces make (figures).

NetSuite adds the totals by customer, currency and status letter. Order by order come only those that are judged one by
one: closed ones (billed or not), lines closed before they were billed, and, where `each` is asked for, all orders of
companies that must be converted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.extract.suiteql.keyset import Query, Row
from ns_hs_orders.extract.suiteql.literals import literal
from ns_hs_orders.mapping.lines import line_class, unbilled_minor
from ns_hs_orders.mapping.raw import RawLine
from ns_hs_orders.mapping.rules import BY_BILLING
from ns_hs_orders.rollups.not_sales import parts_not_sales
from ns_hs_orders.rollups.pieces import Piece
from ns_hs_orders.rollups.schema import OPEN_STAGES, When
from ns_hs_orders.rollups.selection import (
    CLASSING,
    HEADER,
    LINES,
    READABLE,
    BuyingSource,
    Selection,
    day_of,
    decimal_of,
    letter_of,
    line_of,
)


def read_orders(source: BuyingSource, entity_ids: Sequence[str], *, each: bool = False) -> Iterator[Piece]:
    """Pieces of all eligible orders of at most a thousand entities. each: order by order, with its exchange rate.

    Raises ContractError where an answer makes no sense, RemoteError where NetSuite could not be read.
    """
    yield from _Orders(source, entity_ids).pieces(each=each)


def base_currency(source: BuyingSource) -> str:
    """NetSuite's base currency: the named one, else the one whose orders have the exchange rate 1; "" where unclear.

    Asked of the orders of the sync's days and subsidiaries. The named one is trusted, also where single orders of
    another have rate 1; not where only orders of others have: NetSuite's rates are to one of these then. Nothing is added
    in a currency whose decimals are not known.
    """
    rate = source.column("header", "exchange_rate")
    if rate is None:
        return ""
    query = Query(
        select={"first_id": "MIN(t.id)", "currency": "cur.symbol"},
        source=f"{HEADER}{source.joins}",
        where=("t.type = 'SalesOrd'", f"{rate} = 1", *source.in_sync),
        key="first_id",
        group_by="cur.symbol",
        wrapped=True,
    )
    rows = source.suiteql.query(query.text()).rows
    ones = {str(row["currency"]) for row in rows if row.get("currency")}
    if named := source.definition.base_currency:
        ones = {named} if named in ones or not ones else set()
    base = ones.pop() if len(ones) == 1 else ""
    return base if base and _has_decimals(base) else ""


def _has_decimals(code: str) -> bool:
    try:
        money.exponent(code)
    except MoneyError:
        return False
    return True


class _Orders:
    """The orders of at most a thousand entities."""

    def __init__(self, source: BuyingSource, entity_ids: Sequence[str]) -> None:
        self._source = source
        self._rules = source.rules
        self._chosen = Selection(source, entity_ids, "SalesOrd", source.day)
        self._billed: frozenset[str] = frozenset()

    def pieces(self, *, each: bool) -> Iterator[Piece]:
        """All of them."""
        by_billing = [letter for letter, stage in self._rules.stages.items() if stage == BY_BILLING]
        if by_billing:
            self._billed = self._billed_ones(by_billing)
        if each:
            yield from self._orders((), each=True)
        else:
            yield from self._added_up(by_billing)
            if by_billing:
                yield from self._orders((self._chosen.status(by_billing),), each=True)
        if self._source.definition.less_closed:
            yield from self._closed()

    def _added_up(self, but: Sequence[str]) -> Iterator[Piece]:
        """NetSuite's sums by entity, currency and letter, without the letters that are judged order by order."""
        span = self._source.span
        first, after = literal(span.first), literal(span.as_of + timedelta(days=1))
        day = self._chosen.day
        rest = (f"(t.status IS NULL OR NOT {self._chosen.status(but)})",) if but else ()
        yield from self._orders((f"{day} < {first}", *rest), each=False, when="before")
        yield from self._orders((f"{day} >= {first}", f"{day} < {after}", *rest), each=False)
        # of what is dated after today only open orders count
        if opens := [letter for letter, stage in self._rules.stages.items() if stage in OPEN_STAGES]:
            where = (f"{day} >= {after}", self._chosen.status(opens))
            yield from self._orders(where, each=False, when="later")

    def _orders(self, where: Sequence[str], *, each: bool, when: When = "within") -> Iterator[Piece]:
        """Totals, and the parts of them that are no sales. when: of what NetSuite added up."""
        asked = {
            "orders": "COUNT(*)",
            "readable": READABLE,
            "total": "SUM(t.foreigntotal)",
            "last_on": "TO_CHAR(MAX(t.trandate), 'YYYY-MM-DD')",
        }
        for row in self._chosen.groups(asked, HEADER, where, self._chosen.shared(each=each)):
            is_whole = row.get("readable") == row.get("orders")
            total = decimal_of(row.get("total")) if is_whole else None
            last_on = day_of(row.get("last_on"))
            yield self._piece(row, when, total, orders=int(row["orders"] or 0), last_on=last_on)
        yield from self._no_sales(where, each=each, when=when)

    def _no_sales(self, where: Sequence[str], *, each: bool, when: When) -> Iterator[Piece]:
        """Tax and shipping, where they are no sales, as pieces that lower the others."""
        for _, row, amount in parts_not_sales(self._chosen, where, self._chosen.shared(each=each)):
            yield self._piece(row, when, None if amount is None else -amount)

    def _closed(self) -> Iterator[Piece]:
        """What was closed and not billed, line by line, rounded as the order's own closed amount is."""
        if self._source.column("line", "is_closed") is None:
            return
        names = (*CLASSING, "amount", "quantity", "quantity_billed", "line_unique_key")
        select = {**self._chosen.shared(each=True), **self._source.line_columns(names)}
        where = ("tl.mainline = 'F'", "tl.isclosed = 'T'")
        while_open = replace(self._rules, closed_lines="counted")
        for row in self._chosen.rows(select, LINES, where, key="line_unique_key"):
            line = line_of(row)
            if line_class(line, while_open) == "goods":
                amount = _unbilled(line, row.get("currency"))
                if amount is None or amount:
                    yield self._piece(row, "within", None if amount is None else -amount)

    def _billed_ones(self, letters: Sequence[str]) -> frozenset[str]:
        """Orders with one of the letters of which anything was billed."""
        if self._source.column("line", "quantity_billed") is None:
            return frozenset()
        where = ("tl.mainline = 'F'", "tl.quantitybilled <> 0", self._chosen.status(letters))
        by = {"order_id": "t.id", "entity": "t.entity"}
        return frozenset(str(row["order_id"]) for row in self._chosen.groups({}, LINES, where, by))

    def _piece(
        self,
        row: Row,
        when: When,
        amount: Decimal | None,
        *,
        orders: int = 0,
        last_on: date | None = None,
    ) -> Piece:
        """orders: 0 for a part of orders that another row counts."""
        order_id = row.get("order_id")
        stage = self._rules.stages.get(letter_of(row))
        if stage == BY_BILLING:
            stage = "billed" if order_id in self._billed else "cancelled"
        on = day_of(row.get("on_day"))
        return Piece(
            entity_id=str(row["entity"]),
            currency=row.get("currency"),
            stage=stage,
            when=when if on is None else self._source.span.when(on),
            orders=orders,
            amount=amount,
            last_on=last_on,
            order_id=order_id,
            rate=row.get("rate"),
        )


def _unbilled(line: RawLine, currency: str | None) -> Decimal | None:
    """The closed and unbilled amount of a line, None where it cannot be read."""
    if line.amount is None:
        return Decimal(0)
    try:
        if currency is None:
            return None
        quantity, billed = (
            None if text is None else money.parse_decimal(text)
            for text in (line.quantity, line.quantity_billed)
        )
        minor = unbilled_minor(-money.to_minor(line.amount, currency), quantity, billed)
        return money.from_minor(minor, currency)
    except MoneyError:
        return None
