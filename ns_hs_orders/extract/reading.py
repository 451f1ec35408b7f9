"""One order as one reading saw it: its header, and where its lines are.

Belongs here: the values that reading and frames share, and lines as Arrow. Does not belong here: asking
NetSuite (orders, related), or when an order counts as read (read).

Lines come by the hundred thousand, so their rows are turned into Arrow as they come; what the reading itself
asks of them is noted before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from ns_hs_orders.extract.orders import CARDS
from ns_hs_orders.extract.suiteql.keyset import Row

if TYPE_CHECKING:
    import pyarrow

_NO_AMOUNT = frozenset({"Subtotal", "Group", "EndGroup", "Description"})


class LinesRead(NamedTuple):
    """An order's lines: `rows` rows of an Arrow table from `first` on, columns as asked for.

    amount: sum of the amounts that count, with NetSuite's sign; None where one is no number. subsidiary: of the
    main row. cards: card numbers masked. items, named: whether a row has an item, and an item's number or name.
    """

    page: pyarrow.Table
    first: int
    rows: int
    amount: Decimal | None
    subsidiary: str | None
    cards: int
    items: bool
    named: bool


@dataclass
class OrderReading:
    """One order. shipments: JSON. tax: SuiteTax details' sum, decimal text. lines: None where none were read."""

    header: Row
    lines: LinesRead | None = None
    tax: str | None = None
    shipments: str = "[]"
    settled: bool = True

    def same_as(self, other: OrderReading | None) -> bool:
        """Whether another reading saw the very same."""
        return (
            other is not None
            and (self.header, self.tax, self.shipments) == (other.header, other.tax, other.shipments)
            and _rows(self.lines) == _rows(other.lines)
        )


def read_details(
    rows: Mapping[str, Sequence[Row]],
    columns: Sequence[str],
    order_ids: Sequence[str],
    taxes: Mapping[str, str],
    shipments: Mapping[str, str],
) -> dict[str, OrderReading]:
    """Readings without headers of these orders; `rows` are their lines as NetSuite answered them, by order."""
    page = _page([row for one in order_ids for row in rows.get(one, ())], columns)
    readings: dict[str, OrderReading] = {}
    first = 0
    for one in order_ids:
        of_order, tax = rows.get(one, ()), taxes.get(one)
        lines = LinesRead(
            page,
            first,
            len(of_order),
            amount=counted_amount(of_order, tax),
            subsidiary=next((row.get("subsidiary") for row in of_order if row.get("mainline") == "T"), None),
            cards=sum(int(row.get(CARDS) or 0) for row in of_order),
            items=any(row.get("item_id") for row in of_order),
            named=any(row.get("sku") or row.get("item_name") for row in of_order),
        )
        readings[one] = OrderReading({}, lines, tax, shipments.get(one, "[]"))
        first += len(of_order)
    return readings


def whole_text(text: str | None) -> str | None:
    """The text without halves of surrogate pairs, which are no characters and which no Parquet file takes."""
    return text if text is None else text.encode("utf-8", "replace").decode("utf-8")


def _page(rows: Sequence[Row], columns: Sequence[str]) -> pyarrow.Table:
    import pyarrow

    made = {}
    for name in columns:
        values = [row.get(name) for row in rows]
        try:
            made[name] = pyarrow.array(values, pyarrow.large_string())
        except UnicodeEncodeError:
            made[name] = pyarrow.array([whole_text(one) for one in values], pyarrow.large_string())
    return pyarrow.table(made)


def _rows(lines: LinesRead | None) -> object:
    return lines and lines.page.slice(lines.first, lines.rows).to_pydict()


def counted_amount(rows: Sequence[Row], tax: str | None) -> Decimal | None:
    """The sum of the rows that count, with NetSuite's sign; None where an amount is no number. tax: of SuiteTax details."""
    try:
        return sum((Decimal(row.get("amount") or "0") for row in rows if _counts(row, tax)), Decimal())
    except InvalidOperation:
        return None


def _counts(row: Row, tax: str | None) -> bool:
    if row.get("mainline") == "T" or (tax is not None and row.get("taxline") == "T"):
        return False
    kind = row.get("item_type") or row.get("item_type_of_item")
    return kind not in _NO_AMOUNT and not (
        row.get("kit_component") == "T" or row.get("assembly_component") == "T" or row.get("is_cogs") == "T"
    )
