"""`sync` and `reconcile`: what is refused before any run, and single orders."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.cli.sandbox import account_today
from ns_hs_orders.money import shown
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders_tests.defs.company import Company

Documents = Callable[..., tuple[int, Any]]


def runs(company: Company) -> int:
    with company.instance() as instance:
        return instance.get_runs_count()


def days(company: Company) -> list[str]:
    return ["--from", company.first.isoformat(), "--to", company.last.isoformat()]


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NS_HS_FIRST_DAY", "2026-11-01")
    return tmp_path / "home"


@pytest.mark.parametrize(
    "command",
    [
        ["sync", "--from", "2026-11-01", "--to", "2026-11-02"],
        ["reconcile", "--from", "2026-11-01", "--to", "2026-11-02"],
        ["sync", "--orders", "SO1"],
    ],
    ids=["sync", "reconcile", "single orders"],
)
@pytest.mark.parametrize("was_killed", [False, True])
def test_without_a_sandbox_a_command_is_one_sentence_and_no_run(
    empty_home: Path, command: list[str], was_killed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if was_killed:
        with Sandbox(empty_home) as sandbox:
            left_behind = sandbox.home.addresses_path.read_bytes()
        sandbox.home.addresses_path.write_bytes(left_behind)
    assert main(command) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"ns-hs-orders: No sandbox runs in {empty_home}. Start one with `ns-hs-orders sandbox serve`, or set "
        "NS_HS_MODE=live for the real accounts.\n"
    )
    assert not (empty_home / "dagster").exists()


@pytest.mark.parametrize(
    "name, value, told",
    [
        ("NS_HS_SWITCHED_OFF_PROPERTIES", "hs_bogus", "hs_bogus"),
        ("NS_HS_SALES_STAGES_LEFT_OUT", "foo", "foo is no stage; stages are pending_approval"),
        ("NS_HS_STAGE_MAP", '{"G": "foo"}', "foo"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_no_run(
    at_home: Company,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    told: str,
) -> None:
    before = runs(at_home)
    monkeypatch.setenv(name, value)
    assert main(["sync", *days(at_home)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert runs(at_home) == before


def test_a_run_that_fails_says_so_once_without_dagsters_own_messages(
    at_home: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home.sandbox.switches.change(missing_columns=("transaction.foreigntotal",))
    try:
        assert main(["sync", *days(at_home)]) == 2
    finally:
        at_home.sandbox.switches.change(missing_columns=())
    said = capsys.readouterr().err
    assert "Dependencies for step" not in said
    assert said.count("transaction.foreigntotal") == 1


def test_days_before_the_first_are_refused_and_told_to_be_outside_the_sync(
    at_home: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    before = runs(at_home)
    early = at_home.first - timedelta(days=1)
    assert main(["sync", "--from", early.isoformat(), "--to", at_home.last.isoformat()]) == 2
    said = capsys.readouterr().err
    assert f"begins before {at_home.first}, the first day of the sync (NS_HS_FIRST_DAY)" in said
    assert "Older orders are outside the sync: no day of theirs is read, written or counted." in said
    assert main(["reconcile", "--from", at_home.last.isoformat(), "--to", at_home.first.isoformat()]) == 2
    assert "its last day is before its first" in capsys.readouterr().err
    assert runs(at_home) == before


@pytest.mark.parametrize("command", ["sync", "reconcile"])
def test_days_that_have_not_come_are_refused_and_never_proven(
    at_home: Company, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    before, tomorrow = runs(at_home), account_today() + timedelta(days=1)
    assert main([command, "--from", at_home.last.isoformat(), "--to", tomorrow.isoformat()]) == 2
    assert f"ends after today, which is {account_today()} in NetSuite's time zone" in capsys.readouterr().err
    assert runs(at_home) == before


def test_an_empty_path_is_a_usage_error_and_not_differing_dollars(
    at_home: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--html", "--csv"):
        assert main(["reconcile", *days(at_home), option, ""]) == 2
        assert "An empty text is no path" in capsys.readouterr().err


def test_a_single_order_before_the_first_day_is_skipped_with_its_reason_and_dollars(
    at_home: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held = next(
        one
        for one in at_home.hubspot.objects("orders")
        if one["properties"]["netsuite_order_date"] < at_home.last.isoformat()
        and one["properties"]["hs_currency_code"] == "USD"
    )["properties"]
    monkeypatch.setenv("NS_HS_FIRST_DAY", at_home.last.isoformat())
    capsys.readouterr()
    assert main(["sync", "--orders", held["hs_order_name"], "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["orders"]
    assert (row["outcome"], row["reason"]) == ("skipped", "before_first_day")
    assert row["amount"] == f"{float(held['hs_total_price']):,.2f} USD"
    assert row["explanation"] == (
        f"Dated {held['netsuite_order_date']}, before the first day, {at_home.last.isoformat()}."
    )


def test_reconcile_writes_the_files_that_are_asked_for_beside_its_document(
    at_home: Company, documents: Documents, tmp_path: Path
) -> None:
    (tmp_path / "kept.xlsx").write_bytes(b"the one before")
    code, document = documents(
        "reconcile",
        *days(at_home),
        "--excel",
        "kept.xlsx",
        "--html",
        "new/report.html",
        "--csv",
        "new/csv",
        "--parquet",
        str(tmp_path / "pq"),
    )
    assert code == 0
    usd = document["sales"]["USD"]["sales_hubspot_minor"]
    assert usd > 0
    names = ("at_risk", "bridge", "differences", "net_sales", "orders", "returns")
    assert sorted(path.name for path in (tmp_path / "new/csv").iterdir()) == [f"{name}.csv" for name in names]
    assert sorted(path.name for path in (tmp_path / "pq").iterdir()) == [f"{name}.parquet" for name in names]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.xlsx", "new", "pq"]
    report = (tmp_path / "new" / "report.html").read_text()
    assert "Yes, every accepted order agrees to the cent." in report
    assert f'<td class="number">{shown(usd, "USD").removesuffix(" USD")}</td>' in report
    frame = pd.read_parquet(tmp_path / "pq" / "orders.parquet")
    assert int(frame.loc[frame["currency_hubspot"] == "USD", "sales_hubspot_minor"].sum()) == usd
    orders = pd.read_excel(tmp_path / "kept.xlsx", sheet_name="orders", dtype={"NetSuite id": "str"})
    assert orders["NetSuite id"].tolist() == frame["order_id_netsuite"].tolist()
    in_csv = pd.read_csv(tmp_path / "new" / "csv" / "orders.csv", dtype="str", keep_default_na=False)
    assert in_csv["order_id_netsuite"].tolist() == frame["order_id_netsuite"].tolist()
    _, listed = documents("exceptions", "list")
    at_risk = pd.read_csv(tmp_path / "new" / "csv" / "at_risk.csv", dtype="str")
    known = [(one["order_id_netsuite"], one["first_seen_on"]) for one in listed["exceptions"]]
    assert list(zip(at_risk["order_id_netsuite"], at_risk["first_seen_on"], strict=True)) == known != []


@pytest.mark.parametrize(
    "option, place, said",
    [
        ("--excel", "october.csv", "the name of a workbook ends with .xlsx"),
        ("--csv", "taken/inside", "taken"),
    ],
)
def test_a_place_where_a_file_cannot_be_is_told_before_any_work(
    at_home: Company, option: str, place: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    before = runs(at_home)
    assert main(["reconcile", *days(at_home), option, place]) == 2
    assert said in capsys.readouterr().err
    assert runs(at_home) == before
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
