"""Where keys and values of a TOML text stand, and what any bytes give."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.mapping_file.document import Document, read_document
from ns_hs_orders.mapping_file.positions import Path

TEXT = '''# a comment with [brackets] and "quotes"
[orders.note]
netsuite = "custbody_note"
\ttransform = ["trim", 'upper',
   "first_line" ] # a list
hubspot="x"

  [ orders . "Grüße [x] = " ]
options = [ [1, 2], { a = 1, b.c = "}" } ]
text = """
one "two"
three \\"""four"""""
after = 1979-05-27 07:32:00

[[lines]]
"a.b" = \'\'\'
[not.a.table]
x = 1\'\'\'
[lines.deep]
here = true
[[lines]]
[lines.deep]
here = false
'''


def of(text: str | bytes) -> Document:
    return read_document(text.encode() if isinstance(text, str) else text, "mapping.toml")


@pytest.mark.parametrize(
    "path, key, value",
    [
        (("orders",), (2, 2), (2, 2)),
        (("orders", "note"), (2, 9), (2, 9)),
        (("orders", "note", "netsuite"), (3, 1), (3, 12)),
        (("orders", "note", "transform"), (4, 2), (4, 14)),
        (("orders", "note", "transform", 1), (4, 23), (4, 23)),
        (("orders", "note", "transform", 2), (5, 4), (5, 4)),
        (("orders", "note", "hubspot"), (6, 1), (6, 9)),
        (("orders", "Grüße [x] = "), (8, 14), (8, 14)),
        (("orders", "Grüße [x] = ", "options", 0, 1), (9, 17), (9, 17)),
        (("orders", "Grüße [x] = ", "options", 1, "a"), (9, 23), (9, 27)),
        (("orders", "Grüße [x] = ", "options", 1, "b", "c"), (9, 32), (9, 36)),
        (("orders", "Grüße [x] = ", "text"), (10, 1), (10, 8)),
        (("orders", "Grüße [x] = ", "after"), (13, 1), (13, 9)),
        (("lines", 0, "a.b"), (16, 1), (16, 9)),
        (("lines", 0, "deep", "here"), (20, 1), (20, 8)),
        (("lines", 1, "deep", "here"), (23, 1), (23, 8)),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_each_key_and_value_is_where_an_editor_shows_it(
    path: Path, key: tuple[int, int], value: tuple[int, int], newline: str, mark: str
) -> None:
    found = of(mark + TEXT.replace("\n", newline)).positions
    assert found.of_key(path) == key
    assert found.of_value(path) == value


def test_a_key_that_is_not_written_is_where_the_table_around_it_is() -> None:
    assert of(TEXT).positions.of_key(("orders", "note", "label")) == (2, 9)
    assert of("").positions.of_key(("orders", "note")) == (1, 1)


@pytest.mark.parametrize(
    "text, told",
    [
        (
            "[orders\n",
            "line 1, column 8: this is no valid TOML: Expected ']' at the end of a table declaration; a table is",
        ),
        (
            "[orders.memo]\noff = yes",
            "line 2, column 7: this is no valid TOML: Invalid value; a text stands in quotes",
        ),
        ("[orders.memo]\noff = True", "true and false stand without, in small letters"),
        (
            "memo: off",
            "line 1, column 5: this is no valid TOML: Expected '=' after a key in a key/value pair; a line is key = value",
        ),
        ("a = {b = 1\n}", "; a file has tables, as [orders.my_field], and under them lines of key = value."),
        ("a = 1\n\nb = \n", "line 3, column 5"),
        (
            "a = 1\r\nb = 2\r\na = 3\r\n",
            "line 3, column 6: this is no valid TOML: Cannot overwrite a value; a key may stand once",
        ),
        ('a = "open\n', "a text ends in the line in which it begins"),
        ('a = "open', "line 1, column 10"),
        (b"a = 1\nb = '\xff'\n", "line 2, column 6"),
        ("a = 1\n\x00", "line 2, column 1"),
        ("a = " + "[" * 20_000, "line 1, column 55"),
        ("a = 1\nb = " + "9" * 5_000, "line 2, column 5"),
        ("[a]\n[b]\n[a]\n", "line 3, column 3"),
    ],
)
def test_what_is_no_toml_is_told_with_line_and_column(text: str | bytes, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        of(text)
    assert told in str(error.value)
    assert "mapping.toml" in str(error.value)


def leaves(value: object, path: Path = ()) -> list[Path]:
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in leaves(one, (*path, key))]
    if isinstance(value, list):
        return [found for place, one in enumerate(value) for found in leaves(one, (*path, place))] or [path]
    return [path]


FRAGMENTS = st.sampled_from(
    [
        *"[]{}=.,#\"'\\\n\t \r",
        "orders",
        "lines",
        '"""',
        "'''",
        "1",
        "true",
        "[orders.a]\n",
        "[[x]]\n",
        "a = ",
        "é",
        "\r\n",
    ]
)


@example(b"[[a]]\n[a.b]\nc=1\n[[a.d]]\ne={f=[{g=1}]}")
@given(st.one_of(st.binary(max_size=200), st.lists(FRAGMENTS, max_size=25).map("".join).map(str.encode)))
def test_any_bytes_give_a_document_or_an_error_with_line_and_column(raw: bytes) -> None:
    try:
        found = of(raw)
    except ConfigError as error:
        told = str(error)
    else:
        check_places(raw, found)
        return
    assert re.search(r"line [0-9]+, column [0-9]+: ", told)


def check_places(raw: bytes, found: Document) -> None:
    """Every value's place is within the text, at something."""
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    assert found.content == tomllib.loads(text)
    lines = text.split("\n")
    for path in leaves(found.content):
        if not path:
            continue
        for place in (found.positions.of_key(path), found.positions.of_value(path)):
            assert 1 <= place.line <= len(lines)
            assert 1 <= place.column <= len(lines[place.line - 1]) + 1
            assert lines[place.line - 1][place.column - 1 :].strip(), (path, place)
