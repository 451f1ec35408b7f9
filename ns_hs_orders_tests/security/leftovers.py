"""Everything that a run leaves behind, opened down to its bytes, and searched for what must not be there.

Belongs here: opening containers (SQLite, Parquet, gzip, zlib, zip) and the spellings of a text. Does not belong here:
what is planted, and which places are searched.
"""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyarrow.parquet

DEEPEST = 4


def spellings(text: str) -> set[bytes]:
    """The text as it is, in URLs, in JSON, in Base64 at each of the three places where it may begin."""
    raw = text.encode()
    found = {raw, quote(text, safe="").encode(), quote_plus(text).encode(), json.dumps(text)[1:-1].encode()}
    found |= {json.dumps(one.decode())[1:-1].encode() for one in tuple(found)}
    for shift in range(3):
        whole = b64encode(b"\0" * shift + raw).rstrip(b"=")
        inner = whole[(0, 2, 3)[shift] : len(whole) - 1]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def contents(name: str, raw: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The bytes, and those inside them where they are compressed or a table."""
    yield name, raw
    if depth == DEEPEST:
        return
    for inner, found in _unpacked(name, raw):
        yield from contents(inner, found, depth + 1)


def _unpacked(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    if raw[:2] == b"\x1f\x8b":
        yield f"{name}|gzip", gzip.decompress(raw)
    elif raw[:1] == b"\x78" and raw[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
        try:
            yield f"{name}|zlib", zlib.decompress(raw)
        except zlib.error:
            return
    elif raw[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            yield from ((f"{name}|{member}", archive.read(member)) for member in archive.namelist())
    elif raw[:4] == b"PAR1":
        table = pyarrow.parquet.read_table(io.BytesIO(raw))
        yield f"{name}|rows", json.dumps(table.to_pylist(), default=str, ensure_ascii=False).encode()
        yield f"{name}|schema", str(table.schema).encode()


def files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folder by its path there, its name included, and every value of every SQLite table."""
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        yield f"{name} (its name)", name.encode("utf-8", "surrogateescape")
        if path.is_symlink() or not path.is_file():
            continue
        raw = path.read_bytes()
        yield from contents(name, raw)
        if raw.startswith(b"SQLite format 3\0"):
            yield from _values(path, name)


def _values(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.text_factory = bytes
        tables = [
            row[0].decode() for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            for row in db.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, bytes):
                        yield from contents(f"{name}|{table}", value)


def found_in(places: Iterator[tuple[str, bytes]], planted: Mapping[str, str]) -> set[str]:
    """`what: where` for each planted text that some place holds in some spelling."""
    wanted = [(what, one) for what, text in planted.items() for one in spellings(text)]
    return {f"{what}: {name}" for name, raw in places for what, one in wanted if one in raw}
