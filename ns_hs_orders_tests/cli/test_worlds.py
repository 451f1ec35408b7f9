"""Worlds on the command line: what is said of one, and of one without any order."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.sandbox.home import read_addresses
from ns_hs_orders.sandbox.world import generate, write_folder
from ns_hs_orders_tests.end_to_end.company import DAYS, TODAY


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NS_HS_FIRST_DAY", raising=False)
    return tmp_path / "home"


@pytest.fixture
def headers_only(tmp_path: Path) -> Path:
    """A folder of data whose files hold their first line only."""
    folder = tmp_path / "data"
    write_folder(generate(24, 7, TODAY, days=DAYS), folder)
    for path in folder.rglob("*.csv"):
        path.write_text(path.read_text().partition("\n")[0] + "\n")
    return folder


def test_loading_a_folder_without_orders_says_so_in_words(
    home: Path, headers_only: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "load", str(headers_only)]) == 0
    assert capsys.readouterr().err == "The world has no orders.\n"


def test_a_demo_without_orders_ends_before_it_starts_or_provisions_anything(
    home: Path, headers_only: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(["demo", "--once", "--data", str(headers_only)]) == 2
    said = capsys.readouterr().err
    assert "The world has no orders" in said
    assert "Setting up HubSpot" not in said
    assert not (home / "logs").exists()
    assert read_addresses(home) is None


def test_an_order_without_a_readable_total_is_counted_with_its_currency(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "seed", "--orders", "60"]) == 0
    said = capsys.readouterr().err.splitlines()[0]
    assert said.endswith("; 1 of them without a readable total")
    counts = [int(part.split()[0]) for part in said.partition(": ")[2].split("), ") if part[0].isdigit()]
    assert sum(counts) == 60
