"""Returns in the day lane: a range of days through Dagster, over both emulators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ns_hs_orders.cli.reconcile import show
from ns_hs_orders.defs.alerts import InstanceRuns
from ns_hs_orders_tests.defs.company import Company, running_company


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with running_company(tmp_path / "home", orders=60) as running:
        yield running


def returns_of(company: Company) -> dict[str, dict[str, str | None]]:
    """NetSuite id → properties of each record in HubSpot's pipeline of returns."""
    return {
        str(one["properties"]["netsuite_internal_id"]): one["properties"]
        for one in company.hubspot.objects("orders")
        if one["properties"].get("netsuite_return_date")
    }


def test_returns_of_the_days_are_carried_over_compared_and_stored(company: Company) -> None:
    run = company.sync()

    assert run.reconciliation is not None
    assert run.reconciliation.agrees
    assert run.returns is not None
    assert (run.returns.agrees, run.returns_failed) == (True, None)
    frame = run.returns.frame
    held = returns_of(company)
    agreeing = set(frame.loc[frame["finding"] == "agrees", "return_id_netsuite"])
    assert agreeing
    assert agreeing == held.keys()
    assert {one["hs_total_price"] for one in held.values()} == {"0"}
    stored = pd.read_parquet(Path(company.settings.storage_address) / "hubspot_return_results")
    assert set(stored["return_id_netsuite"]) == set(frame["return_id_netsuite"])
    assert set(stored["outcome"]) <= {"created", "quarantined", "skipped"}
    (check,) = [
        one for one in company.evaluations("return_records_agree", run.run_id) if one.partition is None
    ]
    assert check.passed
    for day, metadata in company.materializations("hubspot_return_results", run.run_id).items():
        rows = int((stored["return_on"].astype(str) == day).sum())
        assert metadata["dagster/row_count"].value == rows

    writes = company.hubspot.write_calls()
    again = company.sync()
    assert again.returns is not None
    assert again.returns.agrees
    assert company.hubspot.write_calls() == writes, "what is unchanged costs no write"


def test_returns_that_cannot_be_carried_over_are_told_and_hold_back_no_order(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NS_HS_HUBSPOT_RETURN_PIPELINE_ID", "4711")

    run = company.sync()

    assert run.reconciliation is not None
    assert run.reconciliation.agrees
    assert set(company.statuses("proven_days").values()).isdisjoint({"MATERIALIZED"})
    with company.instance() as instance:
        why = InstanceRuns(instance, None).failure(run.run_id)
    assert "NS_HS_HUBSPOT_RETURN_PIPELINE_ID names 4711" in why
    assert company.hubspot.objects("orders")
    assert returns_of(company) == {}
    assert run.returns_failed is not None
    assert "NS_HS_HUBSPOT_RETURN_PIPELINE_ID names 4711, which HubSpot does not have" in run.returns_failed
    assert any("were not carried over: NS_HS_HUBSPOT_RETURN_PIPELINE_ID" in text for text in company.told)
    assert show([run], as_json=True) == 1
    capsys.readouterr()

    monkeypatch.delenv("NS_HS_HUBSPOT_RETURN_PIPELINE_ID")
    run = company.sync()
    assert run.returns is not None
    assert run.returns.agrees
    assert returns_of(company)
    assert set(company.statuses("proven_days").values()) == {"MATERIALIZED"}
