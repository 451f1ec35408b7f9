"""When companies are looked at: after the live lane and a sync of days, at night, by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import requests

from ns_hs_orders.cli import main
from ns_hs_orders.defs.build import build_defs
from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.instance import open_instance
from ns_hs_orders.defs.schedules import due_rollups, nightly_rollups
from ns_hs_orders.settings import load_settings
from ns_hs_orders.state.company_rollups import CompanyRollupStore
from ns_hs_orders.state.database import open_state
from ns_hs_orders.wiring.returns.live import open_lane
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.rollups.books import ALDER, BIRCH, FIRST_DAY, ON, Books, open_books

TICK = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


@pytest.fixture
def books(make: Make) -> Books:
    """Books of a home that orders are written from too."""
    return open_books(make, is_whole=True)


@pytest.fixture
def at_home(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """The books, with commands and jobs finding roll-ups switched on."""
    monkeypatch.setenv("NS_HS_COMPANY_ROLLUPS", "on")
    monkeypatch.setenv("NS_HS_FIRST_DAY", FIRST_DAY.isoformat())
    return books


def due(books: Books) -> set[str]:
    with books.company.session(**ON) as session:
        return set(CompanyRollupStore(session.state).due())


def live(books: Books, **settings: Any) -> None:
    """One look of the live lane, and its rounds."""
    with books.company.session(**{**ON, **settings}) as session, open_lane(session, "live-run") as lane:
        lane.look()
        while lane.round(500).orders:
            pass


def test_after_a_live_round_its_companies_are_due_once_each_and_no_other(books: Books) -> None:
    books.order("1.00")
    books.order("2.00")
    live(books)
    assert due(books) == {ALDER}

    assert books.roll_up(due_only=True).counts == {"written": 1}

    assert (books.tells()["orders_count"], due(books)) == ("2", set())
    assert books.roll_up(due_only=True).counts == {}


def test_an_order_that_moves_makes_both_its_companies_due(books: Books) -> None:
    key = books.order("1.00")
    live(books)
    books.roll_up(due_only=True)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    books.change(key, entity="502", lastmodifieddate=now)
    live(books)
    assert due(books) == {ALDER, BIRCH}
    books.roll_up(due_only=True)
    assert (books.tells()["orders_count"], books.tells(BIRCH)["orders_count"]) == ("0", "1")


def test_an_order_that_is_held_back_makes_its_company_due_too(books: Books) -> None:
    key = books.order("1.00")
    books.change(key, foreigntotal="2.00")
    live(books)
    assert due(books) == {ALDER}
    books.roll_up(due_only=True)
    assert books.tells()["sales_to_date"] == "2"


def test_a_return_of_no_order_makes_its_company_due(books: Books) -> None:
    books.order("10.00", status="G")
    live(books)
    books.roll_up(due_only=True)
    books.returned("2.50", lastmodifieddate=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"))
    live(books)
    assert due(books) == {ALDER}
    books.roll_up(due_only=True)
    assert books.tells()["returns_rate"] == "25"


def test_with_roll_ups_off_nothing_is_noted(books: Books) -> None:
    books.order("1.00")
    live(books, company_rollups="off")
    assert due(books) == set()


def test_a_sync_of_days_makes_the_companies_due_whose_orders_it_wrote_or_took_out(books: Books) -> None:
    books.order("1.00")
    books.company.sync(books.today, books.today, **ON)
    assert due(books) == {ALDER}
    books.roll_up()
    assert due(books) == set()
    gone = books.order("2.00", customer="502")
    books.company.sync(books.today, books.today, **ON)
    assert due(books) == {BIRCH}
    books.roll_up(due_only=True)
    books.company.netsuite.delete("transactionline", {"transaction": gone})
    books.company.netsuite.delete("transaction", {"id": gone})
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    deleted = {"recordid": gone, "recordtypeid": "-30", "type": "Sales Order", "deleteddate": stamp}
    books.company.netsuite.insert("deletedrecord", [{**deleted, "name": f"Sales Order #SO{gone}"}])
    books.company.sync(books.today, books.today, **ON)
    assert due(books) == {BIRCH}
    books.roll_up(due_only=True)
    assert books.tells(BIRCH)["orders_count"] == "0"


def test_a_company_that_is_noticed_while_it_is_looked_at_stays_due(books: Books) -> None:
    with books.company.session(**ON) as session:
        store = CompanyRollupStore(session.state)
        store.note_due([ALDER], datetime(2026, 1, 1, tzinfo=UTC))
        seen = store.due()
        store.note_due([ALDER], datetime(2026, 1, 2, tzinfo=UTC))
        store.settle(seen)
        assert set(store.due()) == {ALDER}


def test_the_job_tells_all_companies_with_what_it_did(at_home: Books) -> None:
    at_home.order("1.00")
    definitions = build_defs(load_settings())
    with open_instance(load_settings().home_path) as instance:
        job = definitions.resolve_job_def("company_rollups")
        result = job.execute_in_process(instance=instance)
        assert result.success
        found = instance.get_latest_materialization_event(dg.AssetKey("company_rollups"))
        assert found is not None
        assert found.asset_materialization is not None
        notes = {name: one.value for name, one in found.asset_materialization.metadata.items()}
    assert (notes["written"], notes["unchanged"], notes["refused"], notes["not told"]) == (1, 0, 0, 0)
    assert notes["HubSpot calls"] not in (0, None)
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("companies_tell_their_buying", True)
    assert at_home.tells()["sales_to_date"] == "1"


def evaluated(schedule: dg.ScheduleDefinition, home: Path) -> Any:
    context = dg.build_schedule_context(
        scheduled_execution_time=TICK,
        resources={"connections": Connections(home=str(home), mode="sandbox")},
    )
    return schedule.evaluate_tick(context)


def test_the_schedules_ask_for_a_run_where_there_is_something_to_look_at(tmp_path: Path) -> None:
    assert evaluated(due_rollups(is_on=False), tmp_path).run_requests == []
    assert evaluated(nightly_rollups("UTC", is_on=False), tmp_path).run_requests == []
    assert len(evaluated(nightly_rollups("UTC", is_on=True), tmp_path).run_requests) == 1
    assert evaluated(due_rollups(is_on=True), tmp_path).run_requests == []

    state = open_state(load_settings(home=tmp_path).state_address)
    CompanyRollupStore(state).note_due([ALDER], TICK)
    state.close()

    (request,) = evaluated(due_rollups(is_on=True), tmp_path).run_requests
    assert request.run_config["ops"]["roll_up_companies"]["config"] == {"due_only": True}


def test_the_schedules_run_by_the_setting(tmp_path: Path) -> None:
    for setting, status in (("on", "RUNNING"), ("off", "STOPPED")):
        definitions = build_defs(
            load_settings(home=tmp_path, mode="sandbox", first_day=date(2026, 1, 1), company_rollups=setting)
        )
        for name in ("roll_up_companies_nightly", "roll_up_changed_companies"):
            assert definitions.resolve_schedule_def(name).default_status.value == status


def test_the_command_shows_a_plan_writes_and_shows_it(
    at_home: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home.order("1234.50", status="B")
    assert main(["rollups", "--plan"]) == 0
    said = capsys.readouterr().out
    assert "Alder" in said
    assert "1,234.50 USD" in said
    assert "1 planned" in said
    assert at_home.tells() == {}

    assert main(["rollups"]) == 0
    assert "1 written" in capsys.readouterr().out
    assert at_home.tells()["sales_to_date"] == "1234.5"
    assert main(["rollups", "--company", ALDER, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["outcomes"] == {"unchanged": 1}
    assert document["companies"][0]["properties"]["netsuite_sales_to_date"] == "1234.50"


def test_the_command_ends_with_1_when_a_company_is_not_in_hubspot_and_2_for_what_is_no_id(
    at_home: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home.order("1.00")
    at_home.company.hubspot.archive("companies", ALDER)
    assert main(["rollups"]) == 1
    assert "does not have this company" in " ".join(capsys.readouterr().out.split())
    assert main(["rollups", "--company", "Alder"]) == 2
    assert "whole numbers" in capsys.readouterr().err


def test_a_company_that_does_not_exist_is_told_as_gone(
    at_home: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--plan"]):
        assert main(["rollups", "--company", "77", *more]) == 1
        told = " ".join(capsys.readouterr().out.split())
        assert "HubSpot does not have this company" in told
        assert "1 gone (not in HubSpot), as of " in told


def test_a_rep_who_opens_the_company_sees_its_buying_and_its_orders(books: Books) -> None:
    key = books.order("1234.50")
    books.company.sync(books.today, books.today, **ON)
    books.roll_up(due_only=True)
    address = books.company.sandbox.hubspot_url
    order = requests.get(f"{address}/orders/{books.company.order(key)['id']}", timeout=10).text
    assert f'href="/companies/{ALDER}"' in order

    page = requests.get(f"{address}/companies/{ALDER}", timeout=10).text

    assert "Sales, last 12 months" in page
    assert "<td>1234.5</td>" in page
    assert f">SO{key}</a>" in page
    assert requests.get(f"{address}/companies/77", timeout=10).status_code == 404


def test_the_doctor_tells_the_scope_and_the_switch(
    at_home: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home.company.sandbox.switches.change(hubspot_missing_scopes=("crm.objects.companies.write",))
    main(["doctor"])
    said = " ".join(capsys.readouterr().out.split())
    assert "On, and the token lacks crm.objects.companies.write." in said
    assert "NS_HS_COMPANY_ROLLUPS=off" in said
