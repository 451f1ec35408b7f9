"""A world as a folder of CSV files: anybody's data in, any world out.

Here: DIR/netsuite/<table>.csv and DIR/hubspot/<name>.csv, read strictly and written whole. Not here: what the
columns are (columns.py), whether an order makes sense (that is the sync's work).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from ns_hs_orders.files import private_folder, write_file
from ns_hs_orders.sandbox.hubspot.errors import LoadRefusedError
from ns_hs_orders.sandbox.netsuite.tables import Kind
from ns_hs_orders.sandbox.world.columns import HUBSPOT, LENIENT_KINDS, NETSUITE, FileFormat, complaint
from ns_hs_orders.sandbox.world.model import Row, World

_SIDES = {"netsuite": NETSUITE, "hubspot": HUBSPOT}
_LONGEST_FIELD = 10_000_000


class LoadError(ValueError):
    """A folder that cannot be loaded: names the file, the line and column where there is one, and what to do."""

    def __init__(
        self, path: Path, message: str, *, line: int | None = None, column: str | None = None
    ) -> None:
        where = str(path) + (f", line {line}" if line else "") + (f", column {column}" if column else "")
        super().__init__(f"{where}: {message}")
        self.path = path
        self.line = line
        self.column = column


def read_folder(folder: Path) -> World:
    """The world in a folder. Empty cells are None; amounts stay the text that they are.

    Raises LoadError on a missing file or column, an unknown file or column, a row that is too short or too
    long, a key that repeats, and an id, date or T/F that the emulators could not hold.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise LoadError(folder, "there is no such folder. Give one with netsuite/ and hubspot/ inside.")
    world = World({}, {}, {}, folder)
    for side, formats in _SIDES.items():
        target = world.netsuite if side == "netsuite" else world.hubspot
        _refuse_strangers(folder / side, formats)
        for name, file_format in formats.items():
            path = folder / side / f"{name}.csv"
            if path.exists():
                target[name] = _read(path, file_format)
            elif file_format.must_exist:
                raise LoadError(
                    path, f"the file is missing. It needs the columns {', '.join(file_format.required)}."
                )
            else:
                target[name] = []
    world.planted = _read_planted(folder)
    return world


def write_folder(world: World, folder: Path) -> None:
    """Writes a world so that read_folder gives it back: every table, its columns in the order of first use."""
    for side, tables in (("netsuite", world.netsuite), ("hubspot", world.hubspot)):
        private_folder(folder / side)
        for name, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            columns = columns or list(_SIDES[side][name].required)
            _write(folder / side / f"{name}.csv", columns, ([row.get(c) for c in columns] for row in rows))
    pairs: list[list[str | None]] = [
        [code, number] for code, numbers in world.planted.items() for number in numbers
    ]
    if pairs:
        _write(folder / "planted.csv", ["code", "tranid"], iter(pairs))


def refused_row(folder: Path, refused: LoadRefusedError) -> LoadError:
    """What HubSpot's side refused of a folder that was read before, with the file, the line and the column."""
    path = folder / "hubspot" / f"{refused.plural}.csv"
    column = refused.column
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = [name.strip() for name in next(reader, [])]
        place = header.index("id")
        found = (reader.line_num for cells in reader if cells and cells[place] == refused.record_id)
        line = next(found, None)
    return LoadError(path, refused.reason, line=line, column=column if column in header else None)


def _write(path: Path, columns: list[str], rows: Iterator[list[str | None]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_file(path, text.getvalue().encode())


def _refuse_strangers(side: Path, formats: dict[str, FileFormat]) -> None:
    """A misspelled file name would otherwise be a table that is silently empty."""
    if not side.is_dir():
        raise LoadError(side, "the folder is missing. DIR holds netsuite/ and hubspot/.")
    for path in sorted(side.glob("*.csv")):
        if path.stem not in formats:
            raise LoadError(
                path,
                f"there is no such table{_guess(path.stem, formats)}. Known: {', '.join(sorted(formats))}.",
            )


def _read(path: Path, file_format: FileFormat) -> list[Row]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = None
    try:
        # utf-8-sig takes a byte order mark off, which spreadsheets like to put on.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, file_format, header)
            return list(_rows(path, file_format, header, reader))
    except UnicodeDecodeError as error:
        raise LoadError(path, f"it is not UTF-8 text ({error.reason}). Save it as UTF-8.") from error
    except csv.Error as error:
        line = reader.line_num if reader else None
        raise LoadError(
            path, f"this is not CSV ({error}). Quote cells that hold quotes, and double those.", line=line
        ) from error


def _check_header(path: Path, file_format: FileFormat, header: list[str]) -> None:
    if not header:
        raise LoadError(
            path, f"it is empty. Its first line must name columns: {', '.join(file_format.required)}, …"
        )
    twice = next((name for number, name in enumerate(header) if name in header[:number]), None)
    if twice is not None:
        raise LoadError(path, "the column is there twice. Remove one.", line=1, column=twice or "(no name)")
    unknown = next((name for name in header if not file_format.knows(name)), None)
    if unknown is not None:
        custom = (
            f", and custom fields named {file_format.custom_prefix}…" if file_format.custom_prefix else ""
        )
        raise LoadError(
            path,
            f"there is no such column{_guess(unknown, file_format.columns)}. Remove or rename it. "
            f"Known: {', '.join(sorted(file_format.columns))}{custom}.",
            line=1,
            column=unknown or "(no name)",
        )
    missing = [name for name in file_format.required if name not in header]
    if missing:
        raise LoadError(
            path,
            f"the column is missing. The file needs {', '.join(file_format.required)}; it has {', '.join(header)}.",
            line=1,
            column=", ".join(missing),
        )


def _rows(
    path: Path, file_format: FileFormat, header: list[str], reader: Iterator[list[str]]
) -> Iterator[Row]:
    strict: list[tuple[int, str, Kind]] = [
        (place, name, file_format.columns[name])
        for place, name in enumerate(header)
        if name in file_format.columns
        and (file_format.columns[name] not in LENIENT_KINDS or name == file_format.unique)
    ]
    seen: set[str | None] = set()
    for cells in reader:
        # A quoted cell may span lines: this is the line on which the row ends.
        line = reader.line_num  # type: ignore[attr-defined]
        if not cells:
            continue
        if len(cells) != len(header):
            raise LoadError(
                path, f"{len(cells)} cells, but the header has {len(header)} columns. Quote cells that hold commas.",
                line=line,
            )  # fmt: skip
        values = [cell or None for cell in cells]
        for place, name, kind in strict:
            wrong = complaint(name, kind, values[place])
            if wrong:
                raise LoadError(path, f"{wrong}, not {cells[place][:40]!r}.", line=line, column=name)
        row = dict(zip(header, values, strict=True))
        if file_format.unique:
            key = row[file_format.unique]
            if key in seen:
                raise LoadError(
                    path,
                    f"{key!r} is there a second time. Keep one row.",
                    line=line,
                    column=file_format.unique,
                )
            seen.add(key)
        yield row


def _read_planted(folder: Path) -> dict[str, list[str]]:
    """The list of bad orders that write_folder leaves beside the data; most folders have none."""
    path = folder / "planted.csv"
    planted: dict[str, list[str]] = {}
    if path.exists():
        for row in _read(path, FileFormat("planted", {"code": "text", "tranid": "text"}, ("code", "tranid"))):
            planted.setdefault(row["code"] or "", []).append(row["tranid"] or "")
    return planted


def _guess(name: str, known: dict[str, object] | dict[str, FileFormat] | dict[str, Kind]) -> str:
    close = get_close_matches(name.lower(), list(known), 1)
    return f" (did you mean {close[0]}?)" if close else ""
