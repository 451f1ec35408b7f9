"""What a look notices, stream by stream, and what only the sweep does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ns_hs_orders.errors import RemoteError, SyncError
from ns_hs_orders.extract.change_sources import BILLS, CUSTOMERS, DELETED, ORDER_LINES, ORDERS, SHIPMENTS
from ns_hs_orders.live import look as looking
from ns_hs_orders.live.ports import Noticed, Watermark
from ns_hs_orders.live.sweep import sweep
from ns_hs_orders.sandbox.world.company.customers import HUBSPOT_ID
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders.wiring.live import LiveLane, note_failure
from ns_hs_orders_tests.end_to_end.company import Company, accepted
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.live.lane import delete, lane_of, look, save, settle, stamped

STILL = {
    "order_stamp_moves_on_fulfilment": False,
    "order_stamp_moves_on_billing": False,
    "order_stamp_moves_on_tracking_edit": False,
    "order_stamp_moves_on_line_edit": False,
}


def news(lane: LiveLane) -> dict[str, int]:
    return {one.stream: one.news for one in lane.look().streams if one.news}


def synced(make: Make, orders: int = 30, **switches: object) -> tuple[Company, list[str]]:
    company = make(orders, **switches)
    return company, accepted(company.sync().reconciliation)


def test_a_quiet_netsuite_shows_nothing_new_and_nothing_is_due(make: Make) -> None:
    company, _ = synced(make)
    with lane_of(company) as lane:
        news(lane)
        settle(lane)
        assert news(lane) == {}
        assert lane.due_now() == 0


def test_a_header_edit_is_noticed_and_written(make: Make) -> None:
    company, held = synced(make)
    with lane_of(company) as lane:
        save(company, "transaction", {"id": held[0]}, memo="Deliver to dock 7")
        assert look(lane)["updated"] == 1
    assert company.order(held[0])["properties"]["hs_order_note"] == "Deliver to dock 7"


def test_a_line_edit_that_does_not_move_the_order_is_noticed(make: Make) -> None:
    company, held = synced(make, **STILL)
    line = next(iter(company.order(held[0])["lines"]))
    with lane_of(company) as lane:
        save(company, "transactionline", {"uniquekey": line.rpartition("-")[2]}, memo="Engraved")
        assert news(lane) == {ORDER_LINES: 1}
        assert settle(lane)["updated"] == 1


@pytest.mark.parametrize("moves", [True, False])
def test_a_shipment_a_tracking_edit_and_a_bill_reach_the_order_whether_or_not_its_stamp_moves(
    make: Make, *, moves: bool
) -> None:
    company, _ = synced(make, 60, **dict.fromkeys(STILL, moves))
    shipped = next(
        row
        for row in company.netsuite.rows("nexttransactionlink")
        if row["linktype"] == "ShipRcpt" and row["previousdoc"] in company.held()
        and company.order(row["previousdoc"])["properties"]["hs_shipping_tracking_number"]
    )  # fmt: skip
    order_id, document = str(shipped["previousdoc"]), str(shipped["nextdoc"])
    (number, *_) = company.netsuite.rows("trackingnumbermap", transaction=document)
    with lane_of(company) as lane:
        company.netsuite.update(
            "trackingnumber", {"id": str(number["trackingnumber"])}, {"trackingnumber": "1Z999"}
        )
        save(company, "transaction", {"id": document})
        if moves:
            save(company, "transaction", {"id": order_id})
        assert SHIPMENTS in news(lane)
        assert settle(lane)["updated"] == 1
    assert "1Z999" in company.order(order_id)["properties"]["hs_shipping_tracking_number"]


def test_an_order_becomes_billed_when_its_invoice_is_saved(make: Make) -> None:
    company, _ = synced(make, 60, **STILL)
    billed = next(
        row for row in company.netsuite.rows("nexttransactionlink")
        if row["linktype"] == "OrdBill" and row["previousdoc"] in company.held()
    )  # fmt: skip
    order_id = str(billed["previousdoc"])
    with lane_of(company) as lane:
        company.netsuite.update("transaction", {"id": order_id}, {"status": "G"})
        save(company, "transaction", {"id": str(billed["nextdoc"])})
        assert news(lane) == {BILLS: 1}
        settle(lane)
    with company.session() as session:
        stage = company.order(order_id)["properties"]["hs_pipeline_stage"]
        assert stage == session.pipeline.stage_ids["billed"]


def test_all_orders_of_a_customer_follow_when_it_gets_its_hubspot_id_however_old_they_are(make: Make) -> None:
    company = make(60)
    skipped = company.sync().results.query("outcome == 'skipped' and reason == 'customer_not_in_hubspot'")
    customer, mine = next(
        (key, part["order_id_netsuite"].tolist()) for key, part in skipped.groupby("customer_id")
    )
    company.hubspot.load("companies", [{"id": "18999", "name": "Joined"}])
    for one in mine:
        company.netsuite.update(
            "transaction", {"id": one}, {"lastmodifieddate": stamped(datetime(2024, 1, 1, tzinfo=UTC))}
        )
    with lane_of(company) as lane:
        save(company, "customer", {"id": str(customer)}, **{HUBSPOT_ID: "18999"})
        assert news(lane) == {CUSTOMERS: len(mine)}
        assert settle(lane)["created"] == len(mine)
        save(company, "customer", {"id": str(customer)}, phone="555-0100")
        assert CUSTOMERS not in news(lane)
    assert {company.order(one)["companies"] == {"18999"} for one in mine} == {True}


def test_what_no_stream_shows_the_sweep_of_open_orders_finds(make: Make) -> None:
    company, held = synced(make)
    order_id = next(
        one for one in held if company.netsuite.rows("transaction", id=one)[0]["status"] in ("B", "F")
    )
    with lane_of(company) as lane:
        company.netsuite.update("transaction", {"id": order_id}, {"status": "G"})
        assert news(lane) == {}
        found = sweep(lane.lookout)
        assert found.news == 1
        assert settle(lane)["updated"] == 1
        assert sweep(lane.lookout).news == 0


def test_two_edits_in_one_second_both_arrive(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "SETTLED_AFTER", timedelta(0))
    company, held = synced(make)
    stamp = stamped()
    with lane_of(company) as lane:
        edit = {"lastmodifieddate": stamp}
        company.netsuite.update("transaction", {"id": held[0]}, {**edit, "memo": "first"})
        look(lane)
        company.netsuite.update("transaction", {"id": held[0]}, {**edit, "memo": "second"})
        assert news(lane) == {}
        settle(lane)
    assert company.order(held[0])["properties"]["hs_order_note"] == "second"


def test_a_row_that_commits_minutes_late_is_noticed_behind_the_watermark(make: Make) -> None:
    company, held = synced(make)
    now = datetime.now(UTC)
    with lane_of(company) as lane:
        save(company, "transaction", {"id": held[0]}, memo="newer")
        look(lane)
        late = stamped(now - timedelta(minutes=8))
        company.netsuite.update("transaction", {"id": held[1]}, {"lastmodifieddate": late, "memo": "late"})
        assert look(lane)["updated"] == 1
        (arrived,) = [one for one in lane._arrivals.since(now) if one.order_id == held[1]]
        assert arrived.confirmed_at - arrived.changed_at > timedelta(minutes=7)
        assert arrived.delay < timedelta(minutes=1)
    assert company.order(held[1])["properties"]["hs_order_note"] == "late"


def test_rows_of_one_second_across_a_page_border_are_all_noticed(make: Make) -> None:
    company, held = synced(make)
    (like,) = company.netsuite.rows("transaction", id=held[0])
    with lane_of(company) as lane:
        stamp = stamped()
        company.netsuite.insert(
            "transaction",
            [
                {**like, "id": str(500_000 + n), "tranid": f"X{n}", "lastmodifieddate": stamp}
                for n in range(1203)
            ],
        )
        assert news(lane) == {ORDERS: 1203}
        assert lane.due_now() == 1203
        assert news(lane) == {}


def test_an_account_that_hides_the_links_between_documents_is_looked_at_by_their_lines(make: Make) -> None:
    company, _ = synced(make, 60, hidden_tables=("nexttransactionlink", "deletedrecord"), **STILL)
    shipment = next(
        row for row in company.netsuite.rows("transactionline", mainline="T")
        if row["createdfrom"] in company.held()
        and company.netsuite.rows("transaction", id=row["transaction"] or "")[0]["type"] == "ItemShip"
    )  # fmt: skip
    with lane_of(company) as lane:
        save(company, "transaction", {"id": str(shipment["transaction"])})
        assert news(lane) == {SHIPMENTS: 1}


NOT_SHOWN = {
    "kind": "status",
    "app": "netsuite",
    "status": 400,
    "answer": {"o:errorDetails": [{"o:errorCode": "INVALID_PARAMETER", "detail": "Not shown."}]},
}


def test_a_stream_that_cannot_be_read_moves_no_watermark_and_the_next_look_finds_all(make: Make) -> None:
    company, held = synced(make)
    with lane_of(company) as lane:
        before = WatermarkStore(lane._session.state).all()[ORDERS]
        save(company, "transaction", {"id": held[0]}, memo="while away")
        company.sandbox.faults.add(
            {"kind": "status", "app": "netsuite", "status": 400, "body": "t.lastmodifieddate >=", "times": 0}
        )
        with pytest.raises(RemoteError):
            lane.look()
        assert WatermarkStore(lane._session.state).all()[ORDERS] == before
        company.sandbox.faults.clear()
        assert news(lane)[ORDERS] == 1


def test_a_refused_stream_that_the_sync_can_do_without_holds_no_other_back(make: Make) -> None:
    company, held = synced(make)
    said: list[str] = []
    with lane_of(company) as lane:
        lane._told = said.append
        marks = WatermarkStore(lane._session.state)
        before = marks.all()[DELETED]
        save(company, "transaction", {"id": held[0]}, memo="written all the same")
        company.sandbox.switches.change(hidden_tables=("deletedrecord",), hidden_tables_answer="error")
        seen = lane.look()
        assert list(seen.refused) == [DELETED]
        assert seen.in_words() == "orders 1; deleted records cannot be read"
        assert any("deleted records cannot be read" in one for one in said)
        assert settle(lane)["updated"] == 1
        assert marks.all()[DELETED] == before
    assert company.order(held[0])["properties"]["hs_order_note"] == "written all the same"


def test_a_stream_that_was_refused_is_read_again_as_soon_as_it_can_be(make: Make) -> None:
    company, held = synced(make)
    with lane_of(company) as lane:
        company.sandbox.switches.change(hidden_tables=("deletedrecord",), hidden_tables_answer="error")
        assert DELETED in lane.look().refused
        delete(company, held[0])
        company.sandbox.switches.change(hidden_tables=())
        seen = lane.look()
        assert not seen.refused
        assert {one.stream: one.news for one in seen.streams}[DELETED] == 1


def test_the_lane_goes_on_without_a_table_that_is_gone_for_good(make: Make) -> None:
    company, held = synced(make)
    with lane_of(company) as lane:
        company.sandbox.switches.change(hidden_tables=("deletedrecord",), hidden_tables_answer="error")
        assert DELETED in lane.look().refused
        save(company, "transaction", {"id": held[0]}, memo="without it")
        seen = lane.look()
        assert not seen.refused
        assert DELETED not in {one.stream for one in seen.streams}
        assert settle(lane)["updated"] == 1
    assert company.order(held[0])["properties"]["hs_order_note"] == "without it"


def test_a_stream_that_is_refused_though_probing_shows_it_is_probed_once(make: Make) -> None:
    company, _ = synced(make)
    said: list[str] = []
    with lane_of(company) as lane:
        lane._told = said.append
        company.sandbox.faults.add(NOT_SHOWN | {"body": "DeletedRecord(?!.*ROWNUM)", "times": 0})
        costs = []
        for _ in range(4):
            before = lane._session.netsuite.calls
            assert list(lane.look().refused) == [DELETED]
            costs.append(lane._session.netsuite.calls - before)
        assert costs[1] > 2 * costs[2]
        assert costs[2] == costs[3] == costs[0]
        assert len(said) == 1


def test_failures_in_a_row_are_over_with_the_first_look_of_a_run(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, _ = synced(make)
    with lane_of(company) as lane:
        lane.quiet = timedelta(0)
        note_failure(lane._notes, "NetSuite was down", lane._session.now())
        lane.look()
        assert lane.watched(None).failure == "NetSuite was down"
        seen: list[str | None] = []
        monkeypatch.setattr(lane, "sweep_if_due", lambda: seen.append(lane.watched(None).failure))
        lane.drain()
    assert seen[0] is None


def test_a_watermark_moves_only_with_what_is_due_before_it(make: Make) -> None:
    company, _ = synced(make)
    with lane_of(company) as lane:
        store = WatermarkStore(lane._session.state)
        before = store.all()[ORDERS]
        now = datetime.now(UTC)
        broken = Noticed(None, ORDERS, now, now)  # type: ignore[arg-type]
        with pytest.raises(SyncError):
            store.record(Watermark(ORDERS, now, "1", now), noticed=[broken], seen=[], ticket=1, now=now)
        assert store.all()[ORDERS] == before


def test_no_watermark_passes_the_moment_that_its_look_began(make: Make) -> None:
    """A stamp from a clock that runs ahead must not hide what is saved until then."""
    company, held = synced(make)
    with lane_of(company) as lane:
        ahead = stamped(datetime.now(UTC) + timedelta(hours=3))
        company.netsuite.update("transaction", {"id": held[0]}, {"lastmodifieddate": ahead, "memo": "ahead"})
        look(lane)
        stamp = WatermarkStore(lane._session.state).all()[ORDERS].stamp
        assert stamp is not None
        assert stamp <= lane.moment().netsuite
        save(company, "transaction", {"id": held[1]}, memo="after it")
        look(lane)
    assert company.order(held[1])["properties"]["hs_order_note"] == "after it"
