"""Tables in a terminal of any width, in which no digit of an amount is ever cut off, hidden or wrapped.

Belongs here: the layout of rows. Does not belong here: which rows there are.

Where the columns do not fit side by side, each row becomes a block of lines, `column  value`; where a terminal
is narrower than an amount, the line runs over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ns_hs_orders.report.inert import inert

LONGEST = 120
LONGEST_WHOLE = 30
"""A longer word is no amount, and may be broken."""
LONGEST_PROSE = 1000
READABLE = 24
"""Prose is not set narrower than this."""
_LEAST = 12
_NARROWEST_VALUE = LONGEST_WHOLE
_PIECE = re.compile(r"[+-]?\d[\d,.]*(?: [A-Z]{3}\b)?|\S+")


def print_table(
    console: Console,
    title: str,
    columns: Sequence[str],
    records: Iterable[Sequence[str | None]],
    *,
    right: Collection[str] = (),
    whole: Collection[str] = (),
    prose: Collection[str] = (),
    longest: int = LONGEST,
) -> None:
    """Prints the records under their columns, or one below the other where they are too wide.

    right: columns of amounts and counts. whole: other columns whose values stay in one piece. prose: columns
    of our own sentences. longest: what any other value is shortened to.
    """
    most = [max(longest, LONGEST_PROSE) if column in prose else longest for column in columns]
    rows = [
        tuple(inert(value or "", limit) for value, limit in zip(record, most, strict=True))
        for record in records
    ]
    naturals = [
        max(cell_len(column), *(cell_len(row[at]) for row in rows)) if rows else cell_len(column)
        for at, column in enumerate(columns)
    ]
    leasts = [
        natural if column in right or column in whole else _least(column, natural, rows, at, column in prose)
        for at, (column, natural) in enumerate(zip(columns, naturals, strict=True))
    ]
    widths = _shared_out(leasts, naturals, console.width - _overhead(len(columns)))
    if widths is None:
        _print_blocks(console, title, columns, rows, right)
        return
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, title_style="bold")
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, justify="right" if column in right else "left", width=width, overflow="fold")
    for row in rows:
        table.add_row(*(Text(value) for value in row))
    console.print(table)


def _least(column: str, natural: int, rows: Sequence[Sequence[str]], at: int, is_prose: bool) -> int:
    """The width below which a column is not readable, or would break an amount."""
    pieces = (cell_len(piece) for row in rows for piece in _PIECE.findall(row[at]))
    unbroken = max((length for length in pieces if length <= LONGEST_WHOLE), default=0)
    return min(natural, max(unbroken, cell_len(column), READABLE if is_prose else _LEAST))


def _overhead(columns: int) -> int:
    """Cells of a row that hold no value: one on each side of a value, and the box's own."""
    return 3 * columns + 1


def _shared_out(leasts: Sequence[int], naturals: Sequence[int], room: int) -> list[int] | None:
    """The width of each column; None where there is no room for what each one needs."""
    spare = room - sum(leasts)
    if spare < 0:
        return None
    wishes = [natural - least for natural, least in zip(naturals, leasts, strict=True)]
    if sum(wishes) <= spare:
        return list(naturals)
    return [least + spare * wish // sum(wishes) for least, wish in zip(leasts, wishes, strict=True)]


def _print_blocks(
    console: Console,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Collection[str],
) -> None:
    label = max(cell_len(column) for column in columns)
    amounts = max(
        (len(row[at]) for row in rows for at, column in enumerate(columns) if column in right), default=0
    )
    room = max(console.width - label - 4, _NARROWEST_VALUE)
    if title:
        console.print(Text(title, style="bold"), soft_wrap=True)
    for row in rows:
        console.print()
        for column, value in zip(columns, row, strict=True):
            if not value:
                continue
            lines = [value.rjust(amounts)] if column in right else _wrapped(console, value, room)
            for at, line in enumerate(lines):
                console.print(Text(f"  {'' if at else column:<{label}}  {line}"), soft_wrap=True)
    console.print()


def _wrapped(console: Console, value: str, room: int) -> list[str]:
    return [line.plain.rstrip() for line in Text(value).wrap(console, room, overflow="fold")]
