"""The day lane over both emulators: what is materialized, told, checked, proven and refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from ns_hs_orders.defs.build import build_defs
from ns_hs_orders.defs.in_process import DaysRun
from ns_hs_orders.defs.storage import ParquetStorage
from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.reconcile.result import by_day
from ns_hs_orders.settings import load_settings
from ns_hs_orders_tests.defs.company import Company
from ns_hs_orders_tests.defs.test_definitions import CHECKS, FLOW


@pytest.fixture(scope="module")
def run(company: Company) -> DaysRun:
    """The first sync of all the company's days."""
    return company.sync()


def value(metadata: Any) -> str:
    return str(metadata.value)


def agreeing(company: Company, run: DaysRun, currency: str = "USD", count: int = 2) -> list[pd.Series]:
    """Orders that agree, of as many different days."""
    assert run.reconciliation is not None
    orders = run.reconciliation.orders
    chosen = orders[(orders["finding"] == "agrees") & (orders["currency"] == currency)]
    found = [row for _, row in chosen.drop_duplicates("order_on").head(count).iterrows()]
    assert len(found) == count
    return found


@pytest.mark.parametrize("asset", FLOW)
def test_a_range_run_materializes_every_day_of_every_asset(
    company: Company, run: DaysRun, asset: str
) -> None:
    assert company.statuses(asset) == dict.fromkeys(company.days, "MATERIALIZED")
    assert list(company.materializations(asset, run.run_id)) == company.days[::-1]


@pytest.mark.parametrize("asset", [asset for asset in FLOW if asset != "proven_days"])
def test_each_day_tells_its_own_rows_and_how_they_were_got(
    company: Company, run: DaysRun, asset: str
) -> None:
    storage = ParquetStorage(base=company.settings.storage_address)
    told = company.materializations(asset, run.run_id)
    for day in company.days:
        metadata = told[day]
        assert metadata["dagster/row_count"].value == len(storage.load(asset, [day]))
        assert value(metadata["mode"]) == "sandbox"
        assert value(metadata["window"]) == f"{company.first} to {company.last}"
        assert metadata["NetSuite calls of the step"].value >= 0
        assert metadata["HubSpot calls of the step"].value >= 0
    columns = told[company.days[-1]]["dagster/column_schema"].value.columns
    assert [column.name for column in columns] == list(storage.load(asset, company.days[:1]))


def test_the_sums_of_each_day_are_told_by_currency(company: Company, run: DaysRun) -> None:
    storage = ParquetStorage(base=company.settings.storage_address)
    told = company.materializations("orders", run.run_id)
    for day in company.days:
        frame = storage.load("orders", [day])
        usd = int(frame.loc[frame["currency"] == "USD", "total_minor"].sum())
        text = value(told[day].get("sums by currency", dg.TextMetadataValue("")))
        assert (f"{usd / 100:,.2f} USD" in text) if usd else ("USD" not in text)


def test_held_orders_are_listed_with_their_reasons(company: Company, run: DaysRun) -> None:
    told = company.materializations("quarantined_orders", run.run_id)
    texts = " ".join(
        value(told[day][name]) for day in company.days for name in ("by reason",) if name in told[day]
    )
    assert "does_not_add_up" in texts
    assert "no_lines" in texts
    lists = [value(told[day]["orders"]) for day in company.days if "orders" in told[day]]
    assert any("amount unknown" in text for text in lists)
    assert all(text.startswith("| order | customer | amount | why |") for text in lists)


def test_the_report_of_a_day_is_made_for_reading(company: Company, run: DaysRun) -> None:
    told = company.materializations("reconciliation_report", run.run_id)
    last = told[company.days[-1]]
    assert list(last)[:2] == ["summary of the whole run", "summary"]
    assert next(iter(told[company.days[0]])) == "summary"
    whole, day = value(last["summary of the whole run"]), value(last["summary"])
    assert whole.startswith("**Every accepted order agrees to the cent: ")
    assert f"{company.first} to {company.last}" in whole
    assert f"of {company.last} in" in day
    columns = "gross | returned | net in NetSuite | net in HubSpot | difference | unexplained"
    assert f"| currency | {columns} |" in day
    assert run.reconciliation is not None
    assert run.reconciliation.definition.version in day
    assert "data:image/svg+xml;base64," in value(last["bridge chart"])
    for name in ("summary of the whole run", "summary", "bridge chart", "held back"):
        assert len(value(last[name])) < 1000, f"{name} would hide behind a link"
    assert last["orders that differ"].value == 0
    assert {"orders at risk", "USD at risk in minor units", "report"} <= last.keys()
    assert last["USD difference in minor units"].value == 0
    names = list(last)
    assert names.index("report") < min(at for at, name in enumerate(names) if name.endswith("in minor units"))
    assert last["accepted orders"].value > 0


def test_the_html_report_of_the_run_is_in_its_place_and_its_days_name_it(
    company: Company, run: DaysRun
) -> None:
    report = Path(company.settings.reports_address) / f"reconciliation_{company.first}_{company.last}.html"
    assert "Yes, every accepted order agrees to the cent." in report.read_text()
    told = company.materializations("reconciliation_report", run.run_id)
    assert {value(told[day]["report"]) for day in company.days} == {str(report)}


@pytest.mark.parametrize("asset, check, blocks", sorted(one for one in CHECKS if one[0] in FLOW))
def test_a_check_gives_one_result_a_day_and_one_for_the_run(
    company: Company, run: DaysRun, asset: str, check: str, blocks: bool
) -> None:
    *days, whole = company.evaluations(check, run.run_id)
    assert [evaluation.partition for evaluation in days] == company.days
    assert whole.partition is None
    assert {evaluation.asset_key.to_user_string() for evaluation in [*days, whole]} == {asset}
    assert whole.passed == all(evaluation.passed for evaluation in days)
    assert all(evaluation.description and len(evaluation.metadata) > 1 for evaluation in [*days, whole])
    red = [evaluation.partition for evaluation in days if not evaluation.passed]
    assert value(whole.metadata.get("red days", dg.TextMetadataValue("none"))) == (
        ", ".join(map(str, red)) or "none"
    )
    assert whole.blocking is None or whole.blocking == blocks


def test_dollars_agree_shows_both_sums_when_it_is_green(company: Company, run: DaysRun) -> None:
    *_, whole = company.evaluations("dollars_agree", run.run_id)
    assert run.reconciliation is not None
    sums = run.reconciliation.currencies["USD"]
    assert whole.passed
    assert value(whole.metadata["USD accepted"]) == f"{sums.accepted_minor / 100:,.2f} USD"
    assert value(whole.metadata["USD HubSpot"]) == f"{sums.hubspot_minor / 100:,.2f} USD"
    assert sums.accepted_minor == sums.hubspot_minor > 0


def test_planted_bad_orders_turn_their_checks_red_without_stopping_the_run(
    company: Company, run: DaysRun
) -> None:
    for check in ("totals_add_up", "currency_is_known", "hubspot_accepted_every_order"):
        assert not company.evaluations(check, run.run_id)[-1].passed
    assert company.evaluations("every_order_is_accounted_for", run.run_id)[-1].passed
    (tax,) = {e.severity for e in company.evaluations("tax_is_plausible", run.run_id)}
    assert tax == dg.AssetCheckSeverity.WARN


def test_a_second_run_finds_every_accepted_order_unchanged(company: Company, run: DaysRun) -> None:
    again = company.sync()
    told = company.materializations("hubspot_upsert_results", again.run_id)
    assert run.reconciliation is not None
    accepted = sum(sums.orders_accepted for sums in run.reconciliation.currencies.values())
    assert sum(day["unchanged"].value for day in told.values() if "unchanged" in day) == accepted > 0
    assert not any(outcome in day for day in told.values() for outcome in ("created", "updated"))


def test_one_cent_up_and_one_down_leave_both_days_unproven_until_the_next_sync(
    company: Company, run: DaysRun
) -> None:
    up, down = agreeing(company, run)
    for order, cents in ((up, 1), (down, -1)):
        company.edit(
            order["order_id_netsuite"], hs_total_price=f"{(order['netsuite_minor'] + cents) / 100:.2f}"
        )
    red = {up["order_on"].isoformat(), down["order_on"].isoformat()}

    seen = company.reconcile()

    assert seen.reconciliation is not None
    assert {day.isoformat() for day in seen.reconciliation.red_days} == red
    assert seen.reconciliation.currencies["USD"].difference_minor == 0
    expected = {day: "FAILED" if day in red else "MATERIALIZED" for day in company.days}
    assert company.statuses("proven_days") == expected
    assert company.statuses("reconciliation_report") == dict.fromkeys(company.days, "MATERIALIZED")
    *days, whole = company.evaluations("dollars_agree", seen.run_id)
    assert {e.partition for e in days if not e.passed} == red
    assert (whole.passed, value(whole.metadata["red days"])) == (False, ", ".join(sorted(red)))
    report = company.materializations("reconciliation_report", seen.run_id)
    (day,) = {up["order_on"].isoformat()}
    assert "+0.01 USD" in value(report[day]["differences"])
    assert up["order_number"] in value(report[day]["differences"])
    assert report[day]["USD difference in minor units"].value == 1
    with company.instance() as instance:
        failed = instance.get_run_by_id(seen.run_id)
        assert failed is not None
        assert failed.status == dg.DagsterRunStatus.FAILURE
        (event,) = [
            entry.dagster_event
            for entry in instance.all_logs(seen.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        ]
    assert event is not None
    told = event.step_failure_data.user_failure_data
    assert told is not None
    assert str(told.description).startswith(f"The dollars of {', '.join(sorted(red))} do not agree.")

    healed = company.sync()

    assert healed.reconciliation is not None
    assert healed.reconciliation.agrees
    assert company.statuses("proven_days") == dict.fromkeys(company.days, "MATERIALIZED")


def test_a_single_day_runs_by_its_partition_key(company: Company, run: DaysRun) -> None:
    day = company.days[1]
    with company.instance() as instance:
        result = (
            company.definitions()
            .resolve_job_def("sync_days")
            .execute_in_process(partition_key=day, instance=instance)
        )
    assert result.success
    for asset in FLOW:
        assert list(company.materializations(asset, result.run_id)) == [day]
    (evaluation,) = company.evaluations("dollars_agree", result.run_id)
    assert evaluation.passed
    report = company.materializations("reconciliation_report", result.run_id)[day]
    assert "summary of the whole run" not in report


def test_an_order_that_moves_to_another_day_is_told_of_by_both_and_healed(
    company: Company, run: DaysRun
) -> None:
    (order,) = agreeing(company, run, count=1)
    key = order["order_id_netsuite"]
    (row,) = company.netsuite.rows("transaction", id=key)
    there = next(day for day in company.days if day != row["trandate"])
    company.netsuite.update("transaction", {"id": key}, {"trandate": there})

    seen = company.reconcile()

    assert seen.reconciliation is not None
    assert not seen.reconciliation.agrees
    healed = company.sync()
    assert healed.reconciliation is not None
    assert healed.reconciliation.agrees
    assert company.held(key)["properties"]["netsuite_order_date"] == there
    storage = ParquetStorage(base=company.settings.storage_address)
    assert key in storage.load("orders", [there])["order_id_netsuite"].tolist()


def test_single_orders_are_synced_without_materializing_or_proving_a_day(
    company: Company, run: DaysRun
) -> None:
    from ns_hs_orders.defs import in_process

    (order,) = agreeing(company, run, count=1)
    company.edit(order["order_id_netsuite"], netsuite_po_number="edited by hand")
    company.reconcile()
    with company.instance() as instance:
        before = instance.fetch_materializations(dg.AssetKey("proven_days"), limit=1).records[0].storage_id
    (outcome,) = in_process.sync_orders(company.settings, [order["order_number"]], company.told.append)
    assert (outcome["id"], outcome["outcome"]) == (order["order_id_netsuite"], "updated")
    assert company.held(outcome["id"])["properties"].get("netsuite_po_number") != "edited by hand"
    with company.instance() as instance:
        after = instance.fetch_materializations(dg.AssetKey("proven_days"), limit=1).records[0].storage_id
    assert after == before


def test_an_unknown_order_ends_in_a_sentence(company: Company) -> None:
    from ns_hs_orders.defs import in_process

    words = r"^NetSuite has no sales order SO0, by id or by number, and no return either\."
    with pytest.raises(SyncError, match=words):
        in_process.sync_orders(company.settings, ["SO0"], company.told.append)


@pytest.mark.parametrize(
    "first, last, why",
    [
        ("2026-01-02", "2026-01-01", "is no range of days"),
        ("2020-01-01", "2020-01-02", "begins before .*, the first day of the sync"),
    ],
)
def test_a_range_outside_the_sync_is_refused(company: Company, first: str, last: str, why: str) -> None:
    with pytest.raises(ConfigError, match=f"{first} to {last} {why}"):
        company.sync(date.fromisoformat(first), date.fromisoformat(last))


def test_a_run_that_ctrl_c_interrupts_is_interrupted_and_no_failure_to_mend() -> None:
    @dg.op
    def interrupted() -> None:
        raise dg.DagsterExecutionInterruptedError

    @dg.job
    def one_step() -> None:
        interrupted()

    from ns_hs_orders.defs import in_process

    result = one_step.execute_in_process(raise_on_error=False)
    with pytest.raises(KeyboardInterrupt):
        in_process._raise_failure(result)


def test_a_run_without_a_sandbox_fails_with_what_to_do(tmp_path: Path) -> None:
    day = date(2026, 11, 2)
    definitions = build_defs(load_settings(home=tmp_path, mode="sandbox", first_day=day))
    result = definitions.resolve_job_def("sync_days").execute_in_process(
        partition_key=day.isoformat(), instance=dg.DagsterInstance.ephemeral(), raise_on_error=False
    )
    failures = result.get_step_failure_events()
    assert {one.step_key for one in failures} == {"read_netsuite", "read_returns"}
    for failure in failures:
        told = failure.step_failure_data.user_failure_data
        assert told is not None
        assert str(told.description).startswith(f"No sandbox runs in {tmp_path}. Start one with")


def secrets_of(company: Company) -> Iterator[str]:
    credentials = json.loads((company.settings.home_path / "sandbox" / "credentials.json").read_text())
    for name, secret in credentials.items():
        if name in ("hubspot_token", "consumer_secret", "token_secret", "consumer_key", "token_id"):
            yield secret
    for name in ("private_key_path", "ec_private_key_path"):
        yield Path(credentials[name]).read_text().splitlines()[3]


def test_no_secret_is_in_anything_that_dagster_or_the_storage_keeps(company: Company, run: DaysRun) -> None:
    kept = [
        path.read_bytes()
        for folder in ("dagster", "storage", "state")
        for path in (company.settings.home_path / folder).rglob("*")
        if path.is_file()
    ]
    assert len(kept) > 40
    for secret in secrets_of(company):
        assert not any(secret.encode() in content for content in kept)
        assert not any(secret in line for line in company.told)


def test_the_report_of_a_day_tells_gross_returned_and_net(company: Company, run: DaysRun) -> None:
    assert run.reconciliation is not None
    net = run.reconciliation.net
    assert net is not None, run.reconciliation.net_missing
    found = company.materializations("reconciliation_report", run.run_id)[company.days[-1]]
    of_day = by_day(run.reconciliation)[company.last].net

    assert of_day is not None
    for code, sums in of_day.sums.items():
        assert found[f"{code} gross in minor units"].value == sums.gross.sales_netsuite_minor
        assert found[f"{code} returned in minor units"].value == sums.returned.returned_netsuite_minor
        assert found[f"{code} net in minor units"].value == sums.net_netsuite_minor
        assert f"{code}, net | net sales in NetSuite" in value(found["net bridge"]) or not sums.returns
    assert "Net sales by sales rep" in value(found["net sales by rep, company and store"])
    of_run = value(found["net sales of the whole run"])
    days = re.findall(r"^\| (\d{4}-\d\d-\d\d) \|", of_run.partition("Net sales by day")[2], re.MULTILINE)
    assert days[:3] == company.days[::-1], "the newest day first"
    assert len(net.returns) > 0
    assert {sums.unexplained_minor for sums in net.sums.values()} == {0}
