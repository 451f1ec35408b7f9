"""The reconciliation as an Excel workbook: summary, bridge, net sales, returns, at risk, differences, orders.

Belongs here: cells, formats and the layout of sheets. Does not belong here: which columns there are (sheets), or
where the file stands. Rows go to a scratch file as they are made, so that 100,000 orders need little memory.

Amounts become numbers from exact decimals, never from floats. Excel keeps 15 digits of a number, so a larger amount
is written as text, with a note. No text is ever a formula, also not after somebody edits its cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from ns_hs_orders.money import LARGEST_MINOR, exponent, from_minor, shown
from ns_hs_orders.push.schema import LINK_WARNINGS
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.figures import period, sentence, unlinked
from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.net_figures import NET_COLUMNS, all_net
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.sales_figures import all_sums, net_missing, without_rate
from ns_hs_orders.report.spreadsheets.sheets import Cell, Column, Kind, Money, Sheet, sheets

MOST_ROWS = 1_000_000
"""Rows of a sheet, below Excel's own 1,048,576; the rest goes to a further sheet."""
MOST_LINKS = 10_000
"""Links of a sheet that can be clicked; Excel holds 65,530 and opens slowly with them. The rest is text."""
LONGEST_CELL = 16_000
"""Characters; a cell holds 32,767, and some characters count as two."""
LONGEST_LINK = 2_000
TOO_LARGE = "Written as text: Excel keeps 15 digits of a number, and this amount has more."
_WIDTHS: dict[Kind, int] = {
    "text": 20,
    "prose": 50,
    "link": 24,
    "money": 20,
    "count": 10,
    "date": 12,
    "instant": 18,
}
_FORMATS: dict[str, dict[str, Any]] = {
    # a quote prefix keeps a text a text when its cell is edited
    "text": {"quote_prefix": True},
    "prose": {"quote_prefix": True},
    "count": {"num_format": "#,##0"},
    "date": {"num_format": "yyyy-mm-dd"},
    "instant": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "link": {"font_color": "#0563C1", "underline": 1},
    "header": {"bold": True, "bg_color": "#DDE5EF", "bottom": 1, "text_wrap": True, "valign": "top"},
    "heading": {"bold": True, "font_size": 13},
    "good": {"bold": True, "font_size": 13, "font_color": "#1E6B34"},
    "bad": {"bold": True, "font_size": 13, "font_color": "#B3261E"},
}


def write_excel(review: Review, file: BinaryIO, scratch: Path, *, most_rows: int = MOST_ROWS) -> None:
    """Writes the workbook to an open file. scratch: a folder for what is not yet in it, several times as large.

    most_rows: rows of a table in one sheet. Raises OSError where a disk refuses.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    result = review.result
    options = {"constant_memory": True, "tmpdir": str(scratch), "default_date_format": "yyyy-mm-dd"}
    book = xlsxwriter.Workbook(file, options)
    made_at = result.made_at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": f"NetSuite to HubSpot, {period(result)}", "created": made_at})
    writer = _Writer(book)
    writer.summary(result)
    for sheet in sheets(review):
        writer.table(sheet, most_rows)
    book.use_zip64()
    try:
        book.close()
    except FileCreateError as error:
        (of_the_disk,) = error.args
        raise of_the_disk from error


class _Writer:
    """Writes cells of each kind, top to bottom, and makes each format once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[str, Any] = {}
        self._links = 0

    def summary(self, result: Reconciliation) -> None:
        """What came out, by which definition, and the sums of each currency."""
        sheet = self._book.add_worksheet("summary")
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 10, 20)
        self._text(sheet, 0, 0, sentence(result), "good" if result.agrees else "bad")
        facts: list[tuple[str, Cell]] = [
            ("Definition", result.definition.sentence),
            ("First order date", result.first),
            ("Last order date", result.last),
            ("Made at (UTC)", result.made_at),
            ("Mode", result.mode),
            ("Without an exchange rate", without_rate(result) or "none"),
            *([("Net sales", net_missing(result))] if result.net_missing else []),
            ("Red days", ", ".join(day.isoformat() for day in result.red_days) or "none"),
        ]
        for row, (name, value) in enumerate(facts, start=1):
            self._text(sheet, row, 0, name, "text")
            self._cell(sheet, row, 1, value, _kind(value))
        row = len(facts) + 2
        for heading, columns, records in _summary_tables(result):
            self._text(sheet, row, 0, heading, "heading")
            for at, name in enumerate(columns):
                self._text(sheet, row + 1, at, name, "header")
            row += 2
            for record in records:
                for at, value in enumerate(record):
                    self._cell(sheet, row, at, value, _kind(value))
                row += 1
            row += 1
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def table(self, sheet: Sheet, most_rows: int) -> None:
        """One table; what has no room in its sheet goes to `<name> 2`, and so on."""
        records = sheet.rows()
        number, ended = 1, False
        while not ended:
            part = islice(records, most_rows)
            written = self._part(f"{sheet.name} {number}" if number > 1 else sheet.name, sheet.columns, part)
            following = next(records, None) if written == most_rows else None
            ended = following is None
            if following is not None:
                records = chain([following], records)
            number += 1

    def _part(self, name: str, columns: Sequence[Column], records: Iterator[tuple[Cell, ...]]) -> int:
        from xlsxwriter.utility import xl_rowcol_to_cell

        sheet = self._book.add_worksheet(name)
        self._links = 0
        sheet.set_row(0, 32)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, max(_WIDTHS[column.kind], min(len(column.title) + 3, 24)))
            self._text(sheet, 0, at, column.title, "header")
        kinds = [column.kind for column in columns]
        count = 0
        for count, record in enumerate(records, start=1):
            for at, (value, kind) in enumerate(zip(record, kinds, strict=True)):
                if value is not None:
                    self._cell(sheet, count, at, value, kind)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, count, len(columns) - 1)
        # ids are texts on purpose
        sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_rowcol_to_cell(count, len(columns) - 1)}"})
        sheet.set_landscape()
        sheet.repeat_rows(0)
        return count

    def _cell(self, sheet: Any, row: int, at: int, value: Cell, kind: Kind) -> None:
        if isinstance(value, Money):
            self._money(sheet, row, at, value)
        elif isinstance(value, datetime):
            in_utc = value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
            sheet.write_datetime(row, at, in_utc, self._format("instant"))
        elif isinstance(value, date):
            sheet.write_datetime(row, at, datetime(value.year, value.month, value.day), self._format("date"))  # noqa: DTZ001
        elif isinstance(value, int):
            sheet.write_number(row, at, value, self._format("count"))
        elif value is not None:
            self._text_or_link(sheet, row, at, value, kind)

    def _text_or_link(self, sheet: Any, row: int, at: int, text: str, kind: Kind) -> None:
        is_link = kind == "link" and text.startswith(("https://", "http://")) and len(text) <= LONGEST_LINK
        if is_link and self._links < MOST_LINKS and text.isprintable():
            self._links += 1
            sheet.write_url(row, at, text, self._format("link"), string=text)
        else:
            self._text(sheet, row, at, text, "text")

    def _text(self, sheet: Any, row: int, at: int, text: str, form: str) -> None:
        line = inert(text, LONGEST_CELL)
        if line.startswith("<r>"):
            line = f" {line}"  # row by row, XlsxWriter takes <r>…</r> for markup of its own and escapes nothing in it
        sheet.write_string(row, at, line, self._format(form))

    def _money(self, sheet: Any, row: int, at: int, amount: Money) -> None:
        if abs(amount.minor) > LARGEST_MINOR:
            self._text(sheet, row, at, shown(amount.minor, amount.currency), "text")
            sheet.write_comment(row, at, TOO_LARGE)
        else:
            number = from_minor(amount.minor, amount.currency)
            sheet.write_number(row, at, number, self._currency(amount.currency))

    def _currency(self, code: str) -> Any:
        decimals = exponent(code)
        places = f".{'0' * decimals}" if decimals else ""
        return self._format(f"money {code}", {"num_format": f"#,##0{places} [${code}]"})

    def _format(self, name: str, properties: dict[str, Any] | None = None) -> Any:
        if name not in self._formats:
            self._formats[name] = self._book.add_format(properties or _FORMATS[name])
        return self._formats[name]


def _kind(value: Cell) -> Kind:
    return "prose" if isinstance(value, str) else "count"


def _net_table(result: Reconciliation) -> tuple[str, tuple[str, ...], list[tuple[Cell, ...]]]:
    return (
        "Gross, returned and net, by the definition",
        (
            "",
            "Orders",
            "Returns",
            *(heading[:1].upper() + heading[1:] for heading in NET_COLUMNS[1:]),
        ),
        [
            (
                name,
                sums.orders,
                sums.returns,
                *(
                    Money(minor, sums.currency)
                    for minor in (
                        sums.gross.sales_netsuite_minor,
                        sums.returned.returned_netsuite_minor,
                        sums.net_netsuite_minor,
                        sums.gross.sales_hubspot_minor,
                        sums.returned.returned_hubspot_minor,
                        sums.net_hubspot_minor,
                        sums.difference_minor,
                        sums.unexplained_minor,
                    )
                ),
            )
            for name, sums in all_net(result)
        ],
    )


def _summary_tables(
    result: Reconciliation,
) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Cell, ...]]]]:
    yield (
        "Sales dollars, by the definition",
        ("", "Orders", "NetSuite, all", "Sales in NetSuite", "Sales in HubSpot", "Unexplained"),
        [
            (
                name,
                sums.orders,
                Money(sums.netsuite_minor, sums.currency),
                Money(sums.sales_netsuite_minor, sums.currency),
                Money(sums.sales_hubspot_minor, sums.currency),
                Money(sums.unexplained_minor, sums.currency),
            )
            for name, sums in all_sums(result)
        ],
    )
    if result.net is not None:
        yield _net_table(result)
    yield (
        "Order totals, by currency",
        ("", "NetSuite", "Eligible", "Accepted", "HubSpot", "Difference", "Held by HubSpot", "Unexplained"),
        [
            (
                code,
                Money(sums.netsuite_minor, code),
                Money(sums.eligible_minor, code),
                Money(sums.accepted_minor, code),
                Money(sums.hubspot_minor, code),
                Money(sums.difference_minor, code),
                Money(sums.held_minor, code),
                Money(sums.unexplained_minor, code),
            )
            for code, sums in result.currencies.items()
        ],
    )
    yield ("Orders by outcome", ("", "Orders"), list(result.outcomes.items()))
    if found := unlinked(result):
        yield (
            "Written without a deal, contact or product that they name",
            ("", "Order or SKU", "Order date", "Amount"),
            [
                (LINK_WARNINGS[one.reason], one.name, one.order_on, Money(one.minor, one.currency))
                for one in found
            ],
        )
    if result.unknown_amounts:
        yield (
            "Amount unknown, in no sum",
            ("", "In", "Amount as read", "Currency as read"),
            [
                (
                    one.order_number or one.order_id_netsuite,
                    one.system,
                    one.raw_total or "none",
                    one.raw_currency or "none",
                )
                for one in result.unknown_amounts
            ],
        )
