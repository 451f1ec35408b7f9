"""What is written to companies in HubSpot, and when: only what changed, one bad company alone, killed runs taken up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from ns_hs_orders.errors import ConfigError, RemoteError, SyncError
from ns_hs_orders.state.tables import told_companies
from ns_hs_orders.state.work import lanes
from ns_hs_orders.wiring import rollups as wiring
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.rollups.books import (
    ALDER,
    BIRCH,
    CEDAR,
    HUBSPOT_ID,
    ON,
    Books,
    empty_world,
    open_books,
)

UPDATE = "/companies/batch/update"


def updates(books: Books) -> int:
    """How many batch updates of companies HubSpot answered."""
    return sum(one.path.endswith(UPDATE) for one in books.company.hubspot.calls())


def three_orders(books: Books) -> None:
    books.order("1.00")
    books.order("2.00", customer="502")
    books.order("4.00", customer="503")


def test_a_second_run_writes_nothing(books: Books) -> None:
    three_orders(books)
    assert books.roll_up().counts == {"written": 3}
    assert updates(books) == 1
    assert books.roll_up().counts == {"unchanged": 3}
    assert updates(books) == 1


def test_an_edit_of_an_order_changes_its_own_company_and_no_other(books: Books) -> None:
    key = books.order("1.00")
    books.order("2.00", customer="502")
    books.roll_up()
    before = books.tells(BIRCH)

    books.change(key, foreigntotal="1.50", status="G")
    run = books.roll_up()

    assert {one.company_id: one.outcome for one in run.rollups} == {ALDER: "written", BIRCH: "unchanged"}
    assert (books.tells()["sales_to_date"], books.tells()["open_orders_count"]) == ("1.5", "0")
    assert books.tells(BIRCH) == before


def test_an_order_that_moves_to_another_customer_leaves_its_company_empty(books: Books) -> None:
    key = books.order("1.00")
    books.roll_up()
    books.change(key, entity="502")

    assert books.roll_up().counts == {"written": 2}

    assert books.tells() == {
        "orders_count": "0",
        "open_orders_count": "0",
        "buying_as_of": books.today.isoformat(),
    }
    assert books.tells(BIRCH)["orders_count"] == "1"
    assert books.roll_up().counts == {"unchanged": 2}


def test_what_a_person_changed_in_hubspot_is_healed_and_told_apart(books: Books) -> None:
    three_orders(books)
    books.roll_up()
    books.company.hubspot.edit("companies", ALDER, {"netsuite_sales_to_date": "1000000"})
    books.company.hubspot.edit("companies", BIRCH, {"netsuite_buying_as_of": "2020-01-01"})

    run = books.roll_up()

    assert run.counts == {"healed": 2, "unchanged": 1}
    assert books.tells()["sales_to_date"] == "1"
    assert books.tells(BIRCH)["buying_as_of"] == books.today.isoformat()


def test_figures_that_time_alone_changes_are_written_and_others_keep_their_day(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.order("1.00", on=books.ago(300), status="G")
    books.order("2.00", customer="502", on=books.ago(3), status="G")
    books.roll_up()
    later = books.today + timedelta(days=100)
    monkeypatch.setattr(wiring, "_today", lambda _: later)

    run = books.roll_up()

    assert {one.company_id: one.outcome for one in run.rollups} == {ALDER: "written", BIRCH: "unchanged"}
    told = books.tells()
    assert (told["sales_to_date"], told["sales_12_months"], told["buying_as_of"]) == (
        "1",
        "0",
        later.isoformat(),
    )
    assert books.tells(BIRCH)["buying_as_of"] == books.today.isoformat()


def test_a_home_that_lost_its_state_writes_nothing_that_hubspot_tells_already(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.order("1.00", on=books.ago(20))
    books.roll_up()
    with books.company.session(**ON) as session, session.state.write() as connection:
        connection.execute(delete(told_companies))
    monkeypatch.setattr(wiring, "_today", lambda _: books.today + timedelta(days=9))
    assert books.roll_up().counts == {"unchanged": 1}
    assert updates(books) == 1


@pytest.mark.parametrize("is_new", [True, False])
def test_after_a_merge_the_survivor_tells_what_both_bought(make: Make, *, is_new: bool) -> None:
    books = open_books(make, hubspot_merge_makes_new_record=is_new)
    three_orders(books)
    books.roll_up()
    survivor = str(books.company.hubspot.merge("companies", ALDER, BIRCH))

    run = books.roll_up()

    assert run.counts == {"written": 1, "unchanged": 1}
    assert books.tells(survivor)["sales_to_date"] == "3"
    assert books.roll_up().counts == {"unchanged": 2}
    # asked for by either id, both customers are found
    books.order("8.00", customer="502")
    assert [one.company_id for one in books.roll_up(ALDER).rollups] == [survivor]
    assert books.tells(survivor)["sales_to_date"] == "11"


def test_a_company_that_hubspot_deleted_is_reported_and_stops_no_other(books: Books) -> None:
    three_orders(books)
    books.company.hubspot.archive("companies", BIRCH)

    run = books.roll_up()

    assert run.counts == {"written": 2, "gone": 1}
    (gone,) = run.not_told
    assert (gone.company_id, "Correct its HubSpot id in NetSuite" in gone.reason) == (BIRCH, True)
    assert not run.check().passed
    assert books.tells(CEDAR)["sales_to_date"] == "4"
    of_others = books.roll_up(CEDAR).check()
    assert (of_others.passed, "each night all are" in of_others.summary) == (True, True)
    assert "each night" not in run.check().summary


def test_a_company_that_hubspot_refuses_is_reported_and_stops_no_other(books: Books) -> None:
    for number in range(7):
        company = str(9000600 + number)
        books.company.hubspot.load("companies", [{"id": company, "name": f"Company {number}"}])
        books.customer(str(600 + number), company)
        books.order("1.00", customer=str(600 + number))
    refused = "9000603"
    answer = {"status": "error", "message": "This company is locked.", "category": "VALIDATION_ERROR"}
    books.company.sandbox.faults.add(
        {
            "kind": "status",
            "app": "hubspot",
            "path": UPDATE,
            "body": refused,
            "status": 400,
            "answer": answer,
            "times": 0,
        }
    )

    run = books.roll_up()

    assert run.counts == {"written": 6, "refused": 1}
    assert [(one.company_id, one.reason) for one in run.not_told] == [
        (refused, "HubSpot said: This company is locked.")
    ]
    assert books.tells(refused) == {}


def test_a_run_that_is_killed_in_the_middle_is_taken_up_by_the_next(
    books: Books, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    three_orders(books)
    books.company.sandbox.faults.add({"kind": "hold", "app": "hubspot", "path": UPDATE})
    code = (
        "from datetime import date\nfrom ns_hs_orders.settings import load_settings\n"
        "from ns_hs_orders.wiring.opening import open_session\nfrom ns_hs_orders.wiring.rollups import roll_up\n"
        "with open_session(load_settings(company_rollups='on', first_day=date(2015, 1, 1))) as session:\n"
        "    roll_up(session, run='killed')\n"
    )
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ), stdout=log, stderr=log)
    for _ in range(600):
        if books.company.sandbox.faults.held():
            break
        assert process.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.05)
    monkeypatch.setattr(wiring, "LANE_WAIT", timedelta(0))
    with pytest.raises(SyncError, match="Another run of the roll-ups is under way"):
        books.roll_up()
    assert books.roll_up(due_only=True).counts == {}
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    # HubSpot still does what the dead sender asked for
    assert books.company.sandbox.faults.release() == 1
    for _ in range(100):
        if books.tells():
            break
        time.sleep(0.05)
    monkeypatch.setattr(lanes, "FRESH", timedelta(0))

    assert books.roll_up().counts == {"unchanged": 3}

    assert [books.tells(one)["sales_to_date"] for one in (ALDER, BIRCH, CEDAR)] == ["1", "2", "4"]
    books.order("8.00")
    assert books.roll_up().counts == {"written": 1, "unchanged": 2}


def test_a_write_whose_answer_is_lost_is_found_done_by_the_next_run(books: Books) -> None:
    three_orders(books)
    books.company.sandbox.faults.add({"kind": "reset_after", "app": "hubspot", "path": UPDATE, "times": 1})
    run = books.roll_up()
    assert set(run.counts) <= {"written", "unanswered"}
    books.roll_up()
    assert books.roll_up().counts == {"unchanged": 3}
    assert books.tells()["sales_to_date"] == "1"


def test_reads_that_lag_behind_a_write_are_looked_at_again(make: Make) -> None:
    books = open_books(make, hubspot_stale_reads=1)
    books.order("1.00")
    assert books.roll_up().counts == {"written": 1}
    assert books.roll_up().counts == {"unchanged": 1}


def test_roll_ups_that_are_off_write_nothing_and_say_how_to_switch_them_on(books: Books) -> None:
    books.order("1.00")
    with pytest.raises(ConfigError, match="NS_HS_COMPANY_ROLLUPS=on"):
        books.roll_up(company_rollups="off")
    assert books.plan(company_rollups="off").counts == {"planned": 1}
    assert updates(books) == 0


def test_missing_properties_are_named_with_what_makes_them(make: Make) -> None:
    books = Books(make(world=empty_world()))
    books.order("1.00")
    with pytest.raises(ConfigError, match=r"lack netsuite_orders_count.*ns-hs-orders setup"):
        books.roll_up()


def test_a_token_without_a_scope_is_told_which_ones_and_which_switch(make: Make) -> None:
    books = open_books(make)
    books.order("1.00")
    to_do = "Add crm.objects.companies.read and crm.objects.companies.write .* NS_HS_COMPANY_ROLLUPS=off"
    for right in ("read", "write"):
        lacking = f"crm.objects.companies.{right}"
        books.company.sandbox.switches.change(hubspot_missing_scopes=(lacking,))
        with pytest.raises(ConfigError, match=f"Missing scopes: {lacking}.*{to_do}"):
            books.roll_up()
        assert books.tells() == {}
    books.company.sandbox.switches.change(hubspot_missing_scopes=())
    assert books.roll_up().counts == {"written": 1}


def test_a_netsuite_that_cannot_be_read_changes_no_company(books: Books) -> None:
    books.order("1.00")
    books.roll_up()
    before = books.tells()
    books.company.sandbox.switches.change(hidden_tables=("transaction",), hidden_tables_answer="error")
    with pytest.raises((ConfigError, RemoteError)):
        books.roll_up()
    assert books.tells() == before


@pytest.mark.parametrize("table", ["transaction", "transactionline"])
def test_orders_that_the_role_no_longer_sees_empty_no_company(books: Books, table: str) -> None:
    books.order("1.00", status="H", lines=[{"foreignamount": "-1.00", "quantitybilled": "1"}])
    books.roll_up()
    before = books.tells()
    books.company.sandbox.switches.change(hidden_tables=(table,), hidden_tables_answer="empty")
    with pytest.raises(ConfigError, match=table):
        books.roll_up()
    assert books.tells() == before


def test_customers_that_the_role_no_longer_sees_empty_no_company(books: Books) -> None:
    books.order("1.00")
    books.roll_up()
    before = books.tells()
    books.company.sandbox.switches.change(hidden_tables=("customer",), hidden_tables_answer="empty")
    with pytest.raises(ConfigError, match="customer"):
        books.roll_up()
    assert books.tells() == before


def test_a_company_by_id_is_told_alone(books: Books) -> None:
    three_orders(books)
    run = books.roll_up(BIRCH)
    assert [(one.company_id, one.outcome) for one in run.rollups] == [(BIRCH, "written")]
    assert books.tells() == {}


def test_a_customer_that_lost_its_company_empties_it(books: Books) -> None:
    three_orders(books)
    books.roll_up()
    books.company.netsuite.update("customer", {"id": "501"}, {HUBSPOT_ID: None})
    assert books.roll_up().counts == {"written": 1, "unchanged": 2}
    assert books.tells()["orders_count"] == "0"
