"""Which transactions are meant, in SuiteQL, and a row of an answer as a piece.

Belongs here: the conditions by which orders and returns of some entities are eligible, the columns that tell their
groups apart. Does not belong here: what is asked of them (reading, returns).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ns_hs_orders import money
from ns_hs_orders.errors import ContractError, MoneyError
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.suiteql.keyset import Query, Row, pages
from ns_hs_orders.extract.suiteql.literals import id_list, literal
from ns_hs_orders.mapping.raw import RawLine
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.rollups.pieces import Span

ENTITIES_A_QUERY = 1000
CURRENCY_JOIN = "LEFT JOIN currency cur ON cur.id = t.currency"
HEADER = f"transaction t {CURRENCY_JOIN}"
LINES = (
    f"transactionline tl INNER JOIN transaction t ON t.id = tl.transaction {CURRENCY_JOIN} "
    "LEFT JOIN item i ON i.id = tl.item"
)
READABLE = "COUNT(t.foreigntotal + 0)"
"""How many totals are numbers: a sum leaves out the others without a word."""
CLASSING = (
    "taxline",
    "item_type",
    "item_type_of_item",
    "kit_component",
    "assembly_component",
    "is_cogs",
    "is_closed",
)
"""Line columns by which a line is tax, shipping or goods; whether it is handling does not matter here."""


@dataclass(frozen=True)
class BuyingSource:
    """What reading needs: NetSuite, what the account has, and the rules by which orders count.

    threads: how many queries may be under way at once.
    """

    suiteql: SuiteQL
    plan: SourcePlan
    rules: MappingRules
    definition: SalesDefinition
    span: Span
    threads: int = 1

    @property
    def day(self) -> str:
        """The date by which an order belongs to a span, as SuiteQL."""
        effective = self.column("header", "sales_effective_on")
        if self.definition.date_basis == "order_date" or effective is None:
            return "t.trandate"
        return f"COALESCE({effective}, t.trandate)"

    def column(self, source: str, name: str) -> str | None:
        """The expression of a column, None where the account does not have it."""
        return next((one.expression for one in self.plan.columns.get(source, ()) if one.name == name), None)

    @property
    def joins(self) -> str:
        """The joins that header columns from other records need, to stand behind `HEADER` or `LINES`."""
        header = self.plan.sources["header"]
        asked = ("sales_effective_on", "exchange_rate", "criterion")
        columns = tuple(one for one in self.plan.columns["header"] if one.name in asked)
        return header.tables(columns).removeprefix(header.table)

    @property
    def in_sync(self) -> tuple[str, ...]:
        """The conditions by which an order is of the sync's days and subsidiaries, as SuiteQL."""
        rules, conditions = self.rules, []
        if rules.first_day is not None:
            conditions.append(f"t.trandate >= {literal(rules.first_day)}")
        if rules.subsidiaries:
            conditions.append(
                "EXISTS (SELECT m.transaction FROM transactionline m WHERE m.transaction = t.id "  # noqa: S608
                f"AND m.mainline = 'T' AND m.subsidiary IN ({id_list(sorted(rules.subsidiaries))}))"
            )
        return tuple(conditions)

    def line_columns(self, names: Sequence[str]) -> dict[str, str]:
        """Those of the line columns that the account has."""
        return {one.name: one.expression for one in self.plan.columns["line"] if one.name in names}


@dataclass(frozen=True)
class Selection:
    """The transactions of one type of at most a thousand entities. day: the date that tells their span, as SuiteQL."""

    source: BuyingSource
    entity_ids: Sequence[str]
    record_type: str
    day: str

    def status(self, letters: Sequence[str]) -> str:
        """The condition for letters, as this account spells them."""
        prefix = f"{self.record_type}:" if self.source.plan.status_prefixed else ""
        members = ", ".join(f"'{prefix}{one}'" for one in letters)
        return f"t.status IN ({members})"

    def shared(self, *, each: bool) -> dict[str, str]:
        """What tells the transactions of a row apart."""
        columns = {"entity": "t.entity", "currency": "cur.symbol", "status": "t.status"}
        if each:
            columns |= {"order_id": "t.id", "on_day": f"TO_CHAR({self.day}, 'YYYY-MM-DD')"}
            if rate := self.source.column("header", "exchange_rate"):
                columns["rate"] = rate
        return columns

    def groups(
        self, select: Mapping[str, str], tables: str, where: Sequence[str], by: Mapping[str, str]
    ) -> Iterator[Row]:
        """A row a group of the eligible ones. by: alias → expression of what they are grouped by."""
        key = "order_id" if "order_id" in by else "entity"
        query = self.query({**by, **select}, tables, where, key=key, group_by=", ".join(by.values()))
        for page in pages(self.source.suiteql, query, after=0, repeats=True):
            yield from page

    def rows(
        self, select: Mapping[str, str], tables: str, where: Sequence[str], *, key: str
    ) -> Iterator[Row]:
        """The rows themselves, by a key of their own."""
        query = self.query(select, tables, where, key=key)
        for page in pages(self.source.suiteql, query, after=0):
            yield from page

    def query(
        self, select: Mapping[str, str], tables: str, where: Sequence[str], *, key: str, group_by: str = ""
    ) -> Query:
        """A query about the eligible ones: the sync criteria that need no customer, as conditions."""
        conditions = [
            f"t.type = '{self.record_type}'",
            f"t.entity IN ({id_list(self.entity_ids)})",
            *where,
            *self.source.in_sync,
        ]
        rules = self.source.rules
        params: list[str] = []
        criterion = self.source.column("header", "criterion")
        if rules.criterion_value is not None and criterion:
            conditions.append(f"{criterion} = ?" if rules.criterion_value else f"{criterion} IS NULL")
            params += [rules.criterion_value] if rules.criterion_value else []
        return Query(
            select=select,
            source=f"{tables}{self.source.joins}",
            where=tuple(conditions),
            key=key,
            params=tuple(params),
            group_by=group_by,
            # computed columns lose their names in some accounts
            wrapped=True,
        )


def letter_of(row: Row) -> str:
    """The status letter of a row: `B`, also where it is spelled `SalesOrd:B`."""
    return (row.get("status") or "").rpartition(":")[2]


def line_of(row: Row) -> RawLine:
    """What line rules need of a row; all else is absent."""
    known = {name: row[name] for name in RawLine._fields if name in row}
    known["item_type"] = row.get("item_type") or row.get("item_type_of_item")
    return RawLine(**{**dict.fromkeys(RawLine._fields), **known})  # type: ignore[arg-type]


def decimal_of(text: str | None) -> Decimal | None:
    """An exact decimal, None where there is none or it cannot be read."""
    try:
        return None if text is None else money.parse_decimal(text)
    except MoneyError:
        return None


def day_of(text: str | None) -> date | None:
    """A date of an answer. Raises ContractError where it is none."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ContractError(
            f"NetSuite's answer holds {text!r:.40} where a date belongs. Run again."
        ) from error
