"""What a world is: both remote systems' rows, as text, in the loading format.

Here: the World, its row type, and the little arithmetic that every generator module needs (ids, money
as text, stamps). Not here: which columns exist (columns.py), how rows are made (company/) or read (folder.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Row = dict[str, str | None]


@dataclass
class World:
    """Rows of both systems in the loading format, and which orders are bad on purpose.

    `netsuite` maps a lower-case SuiteQL table to its rows, with NetSuite's own signs; `hubspot` maps
    companies, contacts, deals, products, owners, orders and currencies to theirs. Every value is text or None.
    `planted` maps a code of bad_orders.PLANTED to the order numbers (`tranid`) that carry it. `folder` is where it was
    read from, None for a made-up one.
    """

    netsuite: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    hubspot: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    planted: dict[str, list[str]] = field(default_factory=dict)
    folder: Path | None = field(default=None, compare=False)

    def orders(self) -> Iterator[Row]:
        """The sales order headers."""
        return (row for row in self.netsuite.get("transaction", []) if row.get("type") == "SalesOrd")

    def days(self) -> tuple[date, date] | None:
        """The first and the last day on which an order or a return is dated; None without any."""
        rows = self.netsuite.get("transaction", [])
        dates = [row["trandate"] for row in rows if row.get("type") in ("SalesOrd", "RtnAuth")]
        found = [one for one in dates if one]
        return (date.fromisoformat(min(found)), date.fromisoformat(max(found))) if found else None


@dataclass
class Ids:
    """Hands out NetSuite's ids: one sequence for all transactions, one for lines, one per other table."""

    last: dict[str, int] = field(default_factory=dict)

    def next(self, sequence: str) -> str:
        """The next number of a sequence, as text."""
        self.last[sequence] = self.last.get(sequence, 0) + 1
        return str(self.last[sequence])


def amount_text(minor: int, exponent: int) -> str:
    """Minor units as NetSuite shows them: 1234 with exponent 2 is '12.34', with exponent 0 is '1234'."""
    return f"{Decimal(minor).scaleb(-exponent):f}"


def half_up(value: Decimal) -> int:
    """The nearest integer, halves away from zero, as NetSuite rounds a line amount."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def number_text(value: Decimal) -> str:
    """A quantity or rate without trailing zeros or exponent: '3', '1.5', '-2024.994'."""
    text = f"{value.normalize():f}"
    return "0" if text == "-0" else text


def stamp_text(at: datetime) -> str:
    """An aware time as the stores keep it: 'YYYY-MM-DD HH:MM:SS' in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def stamp(text: str) -> datetime:
    """The aware time of a stored stamp."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def order_day(row: Mapping[str, str | None]) -> date:
    """The order date of a transaction row."""
    return date.fromisoformat(row["trandate"] or "")
