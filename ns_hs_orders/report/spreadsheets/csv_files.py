"""The same tables as CSV files, by RFC 4180: commas, CRLF, quotes where they are needed.

Belongs here: how a cell is written in a CSV file. Does not belong here: which columns there are (sheets), or
where the files stand.

UTF-8 begins with its byte order mark: Excel, which opens CSV files by a double click, reads them in the machine's old
code page without it, and spoils every name that is not ASCII. Programs that do not want it have the Parquet files.
A text that a spreadsheet would compute stands behind an apostrophe. Amounts are plain decimals: `1234.50`.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import BinaryIO

from ns_hs_orders.money import plain
from ns_hs_orders.report.inert import inert, not_a_formula
from ns_hs_orders.report.spreadsheets.sheets import Cell, Money, Sheet

LONGEST_CELL = 32_000


def file_name(sheet: Sheet) -> str:
    """`at_risk.csv` for the table `at risk`."""
    return f"{sheet.name.replace(' ', '_')}.csv"


def write_csv(sheet: Sheet, file: BinaryIO) -> None:
    """Writes one table to an open file, its header first. Raises OSError where the disk refuses."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in sheet.columns])
    writer.writerows([_written(cell) for cell in record] for record in sheet.rows())
    text.detach()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return plain(cell.minor, cell.currency)
    if isinstance(cell, str):
        return not_a_formula(inert(cell, LONGEST_CELL))
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(cell)
