"""The command line with any arguments, settings and files: no traceback, a known exit code, one sentence on stderr."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.cli import cli, main
from ns_hs_orders.sandbox.world import generate, write_folder
from ns_hs_orders.settings import PREFIX, Settings
from ns_hs_orders_tests.end_to_end.company import TODAY
from ns_hs_orders_tests.fuzz.examples import fuzzed

NEVER_END = {("demo",), ("sandbox", "serve")}
"""They would serve for ever: only their arguments are read."""
CODES = {0, 1, 2, 130}


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))


COMMANDS = dict(leaves(cli))
# What the machine would be busy with for long is no finding: at most two digits.
TEXTS = st.text(st.characters(exclude_characters="\0"), max_size=12).filter(
    lambda text: sum(map(str.isdigit, text)) < 3
)
WORDS = TEXTS | st.sampled_from(
    ["", "-", "--", "-1", "0", "1", "x,y", "2026-11-20", "2026-02-30", "0001-01-01", "9999-12-31", "20261120", "SO1", "../x",
     "\x1b[31m", "\ud800", "1e9", "NaN", "a=b", "=", "{}", "latency_ms=1", "session_time_zone=x", "/dev/null", "/", ".",
     "--json", "--help", "-h", "--version", "--bogus", "--from", "--to", "--orders"]
)  # fmt: skip


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    path = draw(st.sampled_from(sorted(COMMANDS)))
    options = [
        one
        for param in COMMANDS[path].params
        for one in param.opts
        if one.startswith("-") and one != "--every"
    ]
    if path in NEVER_END:
        return [*path, "--bogus", *draw(st.lists(WORDS, max_size=3))]
    tail: list[str] = []
    for option in draw(st.lists(st.sampled_from(options), max_size=3)) if options else []:
        tail += [option, draw(WORDS)] if draw(st.booleans()) else [option]
    tail += draw(st.lists(WORDS.filter(lambda word: word != "--every"), max_size=2))
    return [*path, *tail]


def run(arguments: list[str]) -> tuple[int, str]:
    """Exit code and stderr; whatever is raised is a finding."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return code, err.getvalue()


def assert_told(code: int, err: str) -> None:
    assert code in CODES
    assert "Traceback" not in err
    if code == 2:
        if err.startswith("Usage: ") and "\nCommands:\n" in err:
            return  # a group without a command: its page of help
        sentences = [line for line in err.splitlines() if line.startswith(("ns-hs-orders: ", "Error: "))]
        assert len(sentences) == 1, err
        assert len(sentences[0]) > len("ns-hs-orders: ")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty working folder, with no setting of the machine."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in [one for one in os.environ if one.startswith(PREFIX)]:
            patch.delenv(name)
        patch.setenv("NS_HS_HOME", str(folder / "home"))
        yield folder


@given(arguments=command_lines())
@fuzzed(quick=60)
def test_any_arguments_end_in_a_known_code_and_one_sentence(place: Path, arguments: list[str]) -> None:
    assert_told(*run(arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ["sandbox", "load", "\ud800"],
        ["demo", "--data", "\ud800"],
        *(["reconcile", option, "\ud800"] for option in ("--html", "--excel", "--csv", "--parquet")),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_text_that_can_be_no_path_is_one_sentence(place: Path, arguments: list[str]) -> None:
    code, err = run(arguments)
    assert_told(code, err)
    assert r"'\ud800' can be no path on this machine." in err


def test_no_time_passes_for_a_sandbox_without_orders(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NS_HS_HOME", str(place / "empty"))
    assert run(["sandbox", "tick"]) == (
        2,
        "ns-hs-orders: The sandbox holds no orders. Seed a world or load a folder first.\n",
    )


NAMES = sorted(f"{PREFIX}{name.upper()}" for name in Settings.model_fields if name != "home")
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30) | st.sampled_from(
    ["", "sandbox", "live", "0", "-1", "1", "99999999999999999999", "[]", "{}", '{"G": "billed"}', '{"G": 1}', "null", "America",
     "..", "/etc/passwd", "America/../UTC", "UTC", "http://[::1", "https://host:99999", "https://host:x", "https://@h",
     "http://127.0.0.1:1", "https://", "sqlite:////dev/null/x", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "2026-02-30",
     "off", "24:00", "slack://a/b/c", "://", "x" * 5000, "~nobody-here/x", "٢٠٢٦-٠٣"]
)  # fmt: skip


@given(
    values=st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=3),
    command=st.sampled_from([["status"], ["sync", "--orders", "1"], ["due"]]),
)
@fuzzed(quick=40)
def test_any_settings_end_in_a_known_code_and_one_sentence(
    place: Path, values: dict[str, str], command: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        assert_told(*run(command))


@pytest.mark.parametrize("home", ["~nobody-here/x", "/dev/null/x", "x" * 300, "/dev/null"])
@pytest.mark.parametrize(
    "command", [["status"], ["sandbox", "status"], ["sandbox", "seed", "--orders", "1", "--days", "1"]]
)
def test_a_home_that_cannot_be_is_one_sentence(
    place: Path, monkeypatch: pytest.MonkeyPatch, home: str, command: list[str]
) -> None:
    monkeypatch.setenv("NS_HS_HOME", home)
    code, err = run(command)
    assert_told(code, err)
    assert code == 2 or command == ["status"]


@given(
    content=st.binary(max_size=60)
    | st.lists(st.tuples(st.sampled_from([*NAMES, "NS_HS_HOME", "OTHER"]), VALUES), max_size=3).map(
        lambda pairs: "\n".join(f"{name}={value}" for name, value in pairs).encode("cp1252", "replace")
    )
    | st.sampled_from(
        [b"\xef\xbb\xbfNS_HS_MODE=sandbox", b"NS_HS_HOME='a\0b'", b'NS_HS_MODE="live', b"NS_HS_HOME=caf\xe9"]
    )
)
@fuzzed(quick=30)
def test_any_env_file_ends_in_a_known_code_and_one_sentence(place: Path, content: bytes) -> None:
    Path(".env").write_bytes(content)
    try:
        assert_told(*run(["status"]))
    finally:
        Path(".env").unlink()


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that loads."""
    folder = tmp_path_factory.mktemp("honest")
    write_folder(generate(4, 7, TODAY, days=1), folder)
    return folder


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


CELLS = st.text(max_size=10) | st.sampled_from(
    [
        "",
        "x" * 200_000,
        "1,5",
        '"',
        "=1+1",
        "\x00",
        "NaN",
        "2026-02-30",
        "31/02/2026",
        "T",
        "é",
        "9" * 40,
        "\r\n",
        "-1",
        "٣",
    ]
)


@st.composite
def spoiled(draw: st.DrawFn, names: list[str]) -> tuple[str, str, Any]:
    name = draw(st.sampled_from(names))
    how = draw(
        st.sampled_from(
            ["bytes", "cell", "cell", "column", "header", "short", "bom", "cp1252", "gone", "folder"]
        )
    )
    what: Any = (
        draw(st.binary(max_size=80))
        if how == "bytes"
        else (draw(st.integers(0, 99)), draw(st.integers(0, 99)), draw(CELLS))
    )
    return name, how, what


def spoil(path: Path, how: str, what: Any) -> None:
    if how == "bytes":
        path.write_bytes(what)
        return
    if how in ("gone", "folder"):
        path.unlink()
        if how == "folder":
            path.mkdir()
        return
    row, column, text = what
    rows = cells(path)
    at = row % len(rows) if how != "header" else 0
    if how in ("cell", "header") and rows[at]:
        rows[at][column % len(rows[at])] = text
    elif how == "column":
        rows = [[*one, text] for one in rows]
    elif how == "short":
        rows[at] = rows[at][:-1]
    sink = io.StringIO(newline="")
    csv.writer(sink).writerows(rows)
    encoding = {"bom": "utf-8-sig", "cp1252": "cp1252"}.get(how, "utf-8")
    path.write_bytes(sink.getvalue().encode(encoding, "replace"))


@given(data=st.data())
@fuzzed(quick=20)
def test_any_folder_of_csv_loads_or_says_in_one_sentence_why_not(
    place: Path, honest: Path, data: st.DataObject
) -> None:
    folder = place / "spoiled"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(honest, folder)
    names = [str(path.relative_to(honest)) for path in sorted(honest.rglob("*.csv"))]
    name, how, what = data.draw(spoiled(names))
    spoil(folder / name, how, what)
    code, err = run(["sandbox", "load", str(folder), "--reset"])
    if code:
        assert_told(code, err)
    else:
        assert_told(*run(["sandbox", "status", "--json"]))


@pytest.mark.parametrize(
    "name",
    [
        "switches.json",
        "credentials.json",
        "addresses.json",
        "world.json",
        "netsuite.sqlite",
        "hubspot.sqlite",
    ],
)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe garbage", b"[]", b'{"a": 1}'])
def test_a_spoiled_file_of_the_sandbox_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "sandbox"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    for command in (["sandbox", "status"], ["sync", "--orders", "1"]):
        assert_told(*run(command))
