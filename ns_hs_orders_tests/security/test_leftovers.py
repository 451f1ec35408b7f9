"""The search of what a run leaves behind finds a text in whatever it is packed into."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pyarrow
import pyarrow.parquet
import pytest

from ns_hs_orders_tests.security.leftovers import files, found_in

CANARY = 'c4n4ry+"/= ü'


def in_sqlite(path: Path, value: bytes) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE snapshots (body BLOB)")
        db.execute("INSERT INTO snapshots VALUES (?)", (value,))
        db.commit()


def in_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", CANARY)


def in_parquet(path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"memo": [CANARY]}), path, compression="zstd")


@pytest.mark.parametrize(
    "plant",
    [
        lambda path: path.write_text(CANARY),
        lambda path: path.write_text(quote(CANARY, safe="")),
        lambda path: path.write_text(json.dumps({"a": json.dumps(CANARY)})),
        lambda path: path.write_bytes(b64encode(f"x:{CANARY}:y".encode())),
        lambda path: path.write_bytes(b64encode(f"xy:{CANARY}".encode())),
        lambda path: path.write_bytes(gzip.compress(CANARY.encode())),
        in_zip,
        in_parquet,
        lambda path: in_sqlite(path, zlib.compress(json.dumps(CANARY).encode())),
    ],
    ids=["text", "URL", "JSON in JSON", "Base64", "Base64 shifted", "gzip", "zip", "Parquet", "SQLite and zlib"],
)  # fmt: skip
def test_a_canary_is_found_in_every_container(tmp_path: Path, plant: Callable[[Path], object]) -> None:
    plant(tmp_path / "file")
    assert {one.split(":")[0] for one in found_in(files(tmp_path), {"canary": CANARY})} == {"canary"}


def test_a_folder_without_it_holds_nothing(tmp_path: Path) -> None:
    in_sqlite(tmp_path / "file", b"c4n4ry")
    assert found_in(files(tmp_path), {"canary": CANARY}) == set()
