"""Orders that NetSuite deleted leave HubSpot with their lines, and nothing leaves that only could not be read."""

from __future__ import annotations

import pytest

from ns_hs_orders.live.sweep import sweep
from ns_hs_orders.push.departed import NEEDS_APPROVAL, NOT_CONFIRMED
from ns_hs_orders.state.orders.departures import Departures
from ns_hs_orders_tests.end_to_end.company import Company, accepted
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.live.lane import delete, lane_of, look, settle


def synced(make: Make, **switches: object) -> tuple[Company, list[str]]:
    """A synced company, and its orders that HubSpot holds, largest first."""
    company = make(30, **switches)
    return company, accepted(company.sync().reconciliation)


def test_an_order_deleted_in_netsuite_is_archived_with_its_lines_and_the_bridge_closes(make: Make) -> None:
    company, held = synced(make)
    gone, stays = held[0], held[1]
    with lane_of(company) as lane:
        delete(company, gone)
        assert look(lane) == {"archived": 1}
        assert gone not in company.held()
        assert stays in company.held()
        assert company.loose_lines() == set()
        assert lane.report(None).lately.arrived == 1
        company.sandbox.calls.clear()
        look(lane)
        assert [one.path for one in company.sandbox.calls.calls() if one.path.endswith("/archive")] == []
    result = company.reconcile()
    assert result.red_days == ()
    assert all(sums.unexplained_minor == 0 for sums in result.currencies.values())
    assert result.outcomes["archived"] == 1


@pytest.mark.parametrize("deleted_orders", ["archive", "cancel"])
def test_lines_that_a_person_left_when_archiving_their_order_leave_hubspot_too(
    make: Make, deleted_orders: str
) -> None:
    company, held = synced(make)
    gone, archived_only = held[0], held[1]
    lines, kept = set(company.order(gone)["lines"]), set(company.order(archived_only)["lines"])
    with lane_of(company, deleted_orders=deleted_orders) as lane:
        for key in (gone, archived_only):
            company.hubspot.archive("orders", company.order(key)["id"])
        assert company.loose_lines() == lines | kept
        delete(company, gone)
        assert look(lane) == {"archived": 1}
        assert company.loose_lines() == kept
    with company.session() as session:
        (event, *_) = [one for one in session.events.story(gone) if one.happened == "archived"]
        assert session.states.load([gone])[gone].outcome == "archived"
    assert f"with {len(lines)} lines" in str(event.details)


def test_by_setting_a_deleted_order_is_cancelled_with_a_reason_and_the_bridge_names_its_dollars(
    make: Make,
) -> None:
    company, held = synced(make)
    gone = next(one for one in held if company.netsuite.rows("transaction", id=one)[0]["status"] == "B")
    with lane_of(company, deleted_orders="cancel") as lane:
        before = company.order(gone)["properties"]["hs_pipeline_stage"]
        delete(company, gone)
        assert look(lane) == {"archived": 1}
        order = company.order(gone)
        assert order["properties"]["hs_pipeline_stage"] != before
        assert order["properties"]["hs_external_order_status"] == "Deleted in NetSuite"
        assert order["lines"] == {}
    result = company.reconcile()
    assert result.red_days == ()
    steps = {step.cause: step for sums in result.currencies.values() for step in sums.bridge}
    assert steps["deleted in NetSuite"].orders == 1
    assert all(sums.unexplained_minor == 0 for sums in result.currencies.values())


def test_a_table_that_suddenly_looks_empty_archives_nothing(make: Make) -> None:
    """A role that loses a permission in the middle: 200 with no rows, no error."""
    company, held = synced(make)
    with lane_of(company) as lane:
        before = set(company.held())
        company.sandbox.switches.change(hidden_tables=("transaction",), hidden_tables_answer="empty")
        lane.look()
        sweep(lane.lookout)
        outcomes = settle(lane)
        assert outcomes["archived"] == 0
        assert outcomes["due"] > 0
        assert set(company.held()) == before
        company.sandbox.switches.change(hidden_tables=(), hidden_tables_answer="error")
    with company.session() as session:
        states = session.states.load(held)
        assert NOT_CONFIRMED in {state.reason for state in states.values()}
    assert company.sync().reconciliation.red_days == ()


def test_orders_that_vanish_without_being_listed_as_deleted_wait_for_a_person(make: Make) -> None:
    company, held = synced(make)
    lost = held[:2]
    with lane_of(company) as lane:
        for one in lost:
            delete(company, one, listed=False)
        sweep(lane.lookout)
        settle(lane)
        assert set(lost) <= set(company.held())
    with company.session() as session:
        states = session.states.load(lost)
        open_ones = {key for key, state in states.items() if state.reason == NEEDS_APPROVAL}
        assert open_ones <= set(lost)
        assert open_ones


def test_a_sweep_that_would_archive_more_than_the_set_share_stops_and_asks(make: Make) -> None:
    company, held = synced(make)
    many = held[:8]
    with lane_of(company) as lane:
        for one in many:
            delete(company, one)
        assert look(lane) == {"due": 8}
        assert set(many) <= set(company.held())
        with company.session() as session:
            states = session.states.load(many)
            assert {state.reason for state in states.values()} == {NEEDS_APPROVAL}
            for few in (many[:3], many[3:5], many[5:]):  # tried again in small groups, as time passes
                session.due_orders.try_now(few, session.now())
                assert settle(lane) == {"due": len(few)}
            assert set(many) <= set(company.held())
            Departures(session.state).approve(many, session.now())
            session.due_orders.try_now(many, session.now())
        assert settle(lane) == {"archived": 8}
        assert not set(many) & set(company.held())


@pytest.mark.parametrize("stage", ["batch/archive", "orders/batch/archive"])
def test_a_lost_answer_while_an_order_is_archived_ends_with_it_archived_once(make: Make, stage: str) -> None:
    company, held = synced(make)
    gone = held[0]
    with lane_of(company) as lane:
        delete(company, gone)
        company.sandbox.faults.add({"kind": "reset_after", "app": "hubspot", "path": stage})
        look(lane)
        settle(lane)
    assert gone not in company.held()
    assert company.loose_lines() == set()


def test_a_reading_that_leaves_an_order_out_is_not_taken_for_its_absence_in_hubspot(make: Make) -> None:
    company, held = synced(make)
    gone = held[0]
    lines = set(company.order(gone)["lines"])
    company.sandbox.faults.add(
        {"kind": "fewer", "app": "hubspot", "path": "/objects/.*/orders/batch/read", "times": 0}
    )
    with lane_of(company) as lane:
        delete(company, gone)
        assert look(lane) == {"due": 1}
    assert set(company.order(gone)["lines"]) == lines


def test_the_day_lane_takes_a_deleted_order_out_too(make: Make) -> None:
    company, held = synced(make)
    delete(company, held[0])
    result = company.sync()
    assert held[0] not in company.held()
    assert result.reconciliation.red_days == ()
