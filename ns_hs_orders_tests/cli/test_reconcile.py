"""`reconcile`: sales dollars by the definition in force, and by one of a number reported before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders_tests.defs.company import Company


def test_a_number_is_computed_again_by_the_definition_that_it_was_reported_by(
    at_home: Company,
    documents: Callable[..., tuple[int, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    days = ("--from", at_home.first.isoformat(), "--to", at_home.last.isoformat())
    before_code, before = documents("reconcile", *days)
    monkeypatch.setenv("NS_HS_SALES_WITH_TAX", "false")
    monkeypatch.setenv("NS_HS_SALES_STAGES_LEFT_OUT", "none")
    now_code, now = documents("reconcile", *days)
    again_code, again = documents("reconcile", *days, "--definition", before["definition"]["version"])

    assert before_code == now_code == again_code == 0
    assert now["definition"]["sentence"].startswith("Sales dollars: all stages, by order date, without tax")
    assert now["sales"] != before["sales"]
    assert (again["sales"], again["base"]) == (before["sales"], before["base"])
    assert all(sums["unexplained_minor"] == 0 for sums in (*now["sales"].values(), now["base"]))
    capsys.readouterr()
    assert main(["reconcile", *days, "--definition", "sales-1-000000"]) == 2
    assert "No number was reported by 'sales-1-000000'" in capsys.readouterr().err
