"""The reconciliation's files: HTML, Excel, CSV, Parquet, where the command line asks for them.

Belongs here: the options, and putting each file in its place. Does not belong here: what is in a file (report).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ns_hs_orders.cli.paths import LocalPath
from ns_hs_orders.files import new_file, private_folder, scratch_folder, write_file

if TYPE_CHECKING:
    from ns_hs_orders.report.review import Review


@dataclass(frozen=True)
class ReportFiles:
    """Where files of the result go; None where none is asked for."""

    html: Path | None = None
    excel: Path | None = None
    csv: Path | None = None
    parquet: Path | None = None

    @property
    def are_wanted(self) -> bool:
        """Whether any file is asked for."""
        return any((self.html, self.excel, self.csv, self.parquet))

    def prepare(self) -> None:
        """Makes the folders, so that a wrong place is told before the work and not after it.

        Raises UsageError for a workbook that Excel would not open by its name; OSError where a folder cannot be made.
        """
        if self.excel is not None and self.excel.suffix.lower() != ".xlsx":
            raise click.UsageError(
                f"--excel: the name of a workbook ends with .xlsx, and {self.excel} does not."
            )
        files = (file.parent for file in (self.html, self.excel) if file is not None)
        for folder in (*files, self.csv, self.parquet):
            if folder is not None:
                private_folder(folder)

    def write(self, review: Review) -> Iterator[Path]:
        """Writes each file whole or not at all, and yields its path. Raises OSError."""
        if self.html is not None:
            from ns_hs_orders.report.html.page import page

            write_file(self.html, page(review))
            yield self.html
        if self.excel is not None:
            from ns_hs_orders.report.spreadsheets.excel import write_excel

            with scratch_folder(self.excel) as scratch, new_file(self.excel) as file:
                write_excel(review, file, scratch)
            yield self.excel
        if self.csv is not None:
            from ns_hs_orders.report.spreadsheets.csv_files import file_name, write_csv
            from ns_hs_orders.report.spreadsheets.sheets import sheets

            for sheet in sheets(review):
                path = self.csv / file_name(sheet)
                with new_file(path) as file:
                    write_csv(sheet, file)
                yield path
        if self.parquet is not None:
            from ns_hs_orders.report.spreadsheets.parquet_files import files_of, write_parquet

            for name in files_of(review):
                path = self.parquet / f"{name}.parquet"
                with new_file(path) as file:
                    write_parquet(name, review, file)
                yield path


def file_options(command: Callable[..., int]) -> Callable[..., int]:
    """Adds --html, --excel, --csv and --parquet; the command gets them as `files`."""

    @wraps(command)
    def with_files(
        *, html: Path | None, excel: Path | None, csv: Path | None, parquet: Path | None, **others: Any
    ) -> int:
        return command(files=ReportFiles(html, excel, csv, parquet), **others)

    file, folder = LocalPath(dir_okay=False), LocalPath(file_okay=False)
    added: Callable[..., int] = with_files
    for option in (
        click.option("--parquet", type=folder, help="Folder for Parquet files, in minor units."),
        click.option("--csv", type=folder, help="Folder for CSV files of the same tables."),
        click.option("--excel", type=file, help="File for an Excel workbook."),
        click.option("--html", type=file, help="File for the HTML report."),
    ):
        added = option(added)
    return added
