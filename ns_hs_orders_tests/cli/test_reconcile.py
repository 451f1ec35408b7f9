"""`reconcile`: sales dollars by the definition in force, and by one of a number reported before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
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


def test_a_range_of_several_runs_leaves_one_report_of_the_whole_range_too(
    at_home: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = at_home.last - timedelta(days=31)
    monkeypatch.setenv("NS_HS_FIRST_DAY", first.isoformat())

    assert main(["reconcile", "--from", first.isoformat(), "--to", at_home.last.isoformat()]) == 0

    reports = Path(at_home.settings.reports_address)
    whole = reports / f"reconciliation_{first}_{at_home.last}.html"
    assert f"report of the whole range: {whole}" in capsys.readouterr().err
    assert f"Sales orders of {first} to {at_home.last}" in whole.read_text()
    assert (reports / f"reconciliation_{at_home.last}_{at_home.last}.html").exists()


def test_an_order_is_edited_in_the_sandbox_as_a_person_does(
    at_home: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    key = at_home.hubspot.objects("orders")[0]["properties"]["netsuite_internal_id"]
    before = at_home.held(key)["properties"]
    number = before["hs_order_name"]

    assert main(["sandbox", "edit", number, "hs_total_price=1.23", "--user", "70002"]) == 0

    assert at_home.held(key)["properties"]["hs_total_price"] == "1.23"
    code = main(["reconcile", "--from", at_home.first.isoformat(), "--to", at_home.last.isoformat()])
    assert (code, "edited in HubSpot" in capsys.readouterr().out) == (1, True)
    assert main(["sandbox", "edit", "SO-none", "hs_total_price=1"]) == 2
    assert "has 0 orders 'SO-none'" in capsys.readouterr().err
    assert main(["sandbox", "edit", number, "hs_total_price"]) == 2
    assert main(["sandbox", "edit", number, f"hs_total_price={before['hs_total_price']}"]) == 0
