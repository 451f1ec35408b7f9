"""One synced company for the commands of this folder, and its home in the environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders_tests.defs.company import Company, running_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with running_company(tmp_path_factory.mktemp("home"), orders=60) as company:
        company.sync()
        yield company


@pytest.fixture
def at_home(company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Company:
    """The company, with commands finding it by its home and no .env in the way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(company.settings.home_path))
    monkeypatch.setenv("NS_HS_FIRST_DAY", company.first.isoformat())
    return company


@pytest.fixture
def documents(at_home: Company, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    """Runs a command with --json; gives its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = main([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run
