"""What every command has in common: its place in the list, its exit codes, and how it ends when it cannot go on."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import click
import pytest

from ns_hs_orders import cli


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a home in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_list_of_commands_is_whole_in_80_columns_and_tells_the_exit_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert "..." not in told.partition("Commands:")[2]
    assert set(cli.IN_SHORT) == set(cli.cli.commands)
    assert "1 dollars differ or something needs a person" in " ".join(told.split())


def test_a_reader_that_is_gone_is_no_finding_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # click puts another in its place
    monkeypatch.setattr(sys, "stderr", sys.stderr)

    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(click, "echo", gone)
    assert cli.main(["mapping"]) == 130


def test_a_mistake_of_the_program_is_an_error_and_never_reads_as_dollars_that_differ(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr(cli, "main", broken)
    assert cli.run() == 2
    told = capsys.readouterr().err
    assert "RuntimeError: a bug" in told
    assert told.splitlines()[-1].startswith("ns-hs-orders: this is a mistake of the program.")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["adopt", "--plan", "--yes"], "Say either --plan or --yes."),
        (["adopt", "--json"], "With --json, say --plan or --yes."),
        (["withdraw"], "Give --plan to look, or --by NAME to take out."),
        (["links", "--from", "2026-01-01", "--to", "2026-01-02", "--csv", ""], "An empty text is no path"),
        (["rollups", "--company", "Alder"], "is no id of a HubSpot company"),
    ],
)
def test_wrong_arguments_are_an_error_before_anything_is_asked(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert said in capsys.readouterr().err
