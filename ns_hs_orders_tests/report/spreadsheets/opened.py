"""Spreadsheets of a result, written and read back by other libraries than wrote them.

Belongs here: opening what was written. Does not belong here: what is expected to be in it.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pandas as pd

from ns_hs_orders.money import exponent
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.spreadsheets.csv_files import file_name, write_csv
from ns_hs_orders.report.spreadsheets.excel import write_excel
from ns_hs_orders.report.spreadsheets.parquet_files import files_of, write_parquet
from ns_hs_orders.report.spreadsheets.sheets import sheets


def excel_bytes(review: Review, **options: Any) -> bytes:
    sink = io.BytesIO()
    with TemporaryDirectory() as scratch:
        write_excel(review, sink, Path(scratch), **options)
        assert list(Path(scratch).iterdir()) == []
    return sink.getvalue()


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a sheet, each as title → cell."""
    header, *records = sheet.iter_rows()
    return [
        {str(title.value): cell for title, cell in zip(header, record, strict=True)} for record in records
    ]


def minor(value: Any, currency: str) -> int:
    """Minor units of a number or decimal text, exactly."""
    scaled = Decimal(str(value)).scaleb(exponent(currency))
    assert scaled == int(scaled)
    return int(scaled)


def csv_bytes(review: Review) -> dict[str, bytes]:
    found = {}
    for sheet in sheets(review):
        sink = io.BytesIO()
        write_csv(sheet, sink)
        found[file_name(sheet)] = sink.getvalue()
    return found


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def parquet_frames(review: Review) -> dict[str, pd.DataFrame]:
    found = {}
    for name in files_of(review):
        sink = io.BytesIO()
        write_parquet(name, review, sink)
        found[name] = pd.read_parquet(sink)
    return found
