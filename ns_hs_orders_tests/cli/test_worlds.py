"""Worlds on the command line: what is said of one, and of one without any order."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.sandbox.home import read_addresses
from ns_hs_orders.sandbox.world import generate, write_folder
from ns_hs_orders.settings import Settings, load_settings
from ns_hs_orders.wiring.stage_options import first_day_of
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


def test_the_days_of_a_world_are_those_of_its_orders_and_returns(home: Path, tmp_path: Path) -> None:
    """A return dated after the last order would else be on no day of the demo."""
    world = generate(3, 7, TODAY, days=DAYS)
    first, last = (
        row["trandate"] or "" for row in (world.netsuite["transaction"][0], list(world.orders())[-1])
    )
    late = {**next(world.orders()), "id": "9", "tranid": "RMA9", "type": "RtnAuth", "trandate": "2026-12-24"}
    world.netsuite["transaction"].append(late)
    write_folder(world, tmp_path / "data")
    assert main(["sandbox", "load", str(tmp_path / "data")]) == 0
    noted = json.loads((home / "sandbox" / "world.json").read_text())
    assert (noted["first_order_date"], noted["last_order_date"]) == (first, last)
    assert noted["days"] == [first, "2026-12-24"]

    late["trandate"] = "2020-01-02"
    write_folder(world, tmp_path / "data")
    assert main(["sandbox", "load", str(tmp_path / "data"), "--reset"]) == 0
    assert first_day_of(load_settings()) == date(2020, 1, 2), "so that Dagster has a partition for it"


def test_a_demo_of_a_folder_that_is_no_world_leaves_the_home_as_it_was(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    (home / "state").mkdir(parents=True, exist_ok=True)
    (home / "state" / "state.sqlite").write_text("what was synced")
    (tmp_path / "mistyped").mkdir()
    assert main(["demo", "--once", "--data", str(tmp_path / "mistyped")]) == 2
    assert "mistyped" in capsys.readouterr().err
    assert (home / "state" / "state.sqlite").read_text() == "what was synced"


def test_what_the_demo_switches_on_is_of_its_world_and_goes_with_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def no_sandbox(_settings: Settings) -> NoReturn:
        raise ConfigError("no further")

    # the package has the command under the name of its module
    monkeypatch.setattr(sys.modules["ns_hs_orders.cli.demo"], "_running_sandbox", no_sandbox)
    assert main(["demo", "--once", "--orders", "8"]) == 2
    assert "NS_HS_PRODUCT_ASSOCIATION=on, NS_HS_CONTACT_BY=email,primary" in capsys.readouterr().err
    settings = load_settings()
    assert (settings.product_association, settings.contact_by, settings.company_rollups) == (
        "on",
        ("email", "primary"),
        "on",
    )
    world = generate(8, 7, TODAY, days=DAYS)
    for products in (world.hubspot["products"], []):
        write_folder(replace(world, hubspot={**world.hubspot, "products": products}), tmp_path / "data")
        assert main(["demo", "--once", "--data", str(tmp_path / "data")]) == 2
        settings = load_settings()
        assert (settings.product_association, settings.company_rollups) == (
            "on" if products else "off",
            "off",
        )
    assert main(["demo", "--once", "--orders", "8"]) == 2
    assert main(["sandbox", "reset"]) == 0
    assert load_settings().product_association == "off"


def test_a_reset_says_that_what_the_sync_knows_stays_where_it_knows_anything(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "reset"]) == 0
    assert capsys.readouterr().err == ""
    (home / "state").mkdir()
    assert main(["sandbox", "reset"]) == 0
    assert f"What the sync knows of the former world stays in {home / 'state'}" in capsys.readouterr().err


def test_an_order_without_a_readable_total_is_counted_with_its_currency(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "seed", "--orders", "60"]) == 0
    said = capsys.readouterr().err.splitlines()[0]
    assert said.endswith("; 1 of them without a readable total")
    counts = [int(part.split()[0]) for part in said.partition(": ")[2].split("), ") if part[0].isdigit()]
    assert sum(counts) == 60
