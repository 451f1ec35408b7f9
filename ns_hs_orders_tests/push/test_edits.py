"""What a write does to fields that somebody edited in HubSpot, by the field's policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ns_hs_orders.fields.field_map import FieldMap, field_map
from ns_hs_orders.push.ports import Claim
from ns_hs_orders.reconcile.ports import HubSpotEdit
from ns_hs_orders.state.orders.events import Events, OrderEvent
from ns_hs_orders_tests.push.builders import DAY, Order, order
from ns_hs_orders_tests.push.conftest import Bench

NOTE, TOTAL = "hs_order_note", "hs_total_price"


def edit(bench: Bench, **properties: str) -> None:
    """Changes the only order as a person does in HubSpot."""
    (held,) = bench.store.objects("orders")
    bench.store.edit("orders", held["id"], properties)


def found_different(bench: Bench, ticket: int, *edits: HubSpotEdit) -> None:
    """What a reconciliation notes of order 1."""
    now = bench.clock.now()
    bench.states.note_edits({"1": edits} if edits else {}, looked_at=["1"], ticket=ticket, now=now)
    bench.states.mark_different(["1"], ticket=ticket, cause="edited in HubSpot", now=now)


def healed(bench: Bench) -> list[OrderEvent]:
    return [one for one in Events(bench.state).story("1") if one.happened == "healed"]


def wanting(policy: str) -> FieldMap:
    return field_map({}, heal_policy={NOTE: policy})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("policy", "note"), [("heal", "Leave at the gate"), ("keep", "call me"), ("report", "call me")]
)
def test_a_heal_of_the_amount_overwrites_an_edited_note_only_where_notes_are_healed(
    bench: Bench, policy: str, note: str
) -> None:
    fields = wanting(policy)
    bench.push([order(1)], field_map=fields)
    edit(bench, hs_order_note="call me", hs_total_price="1.00")
    found_different(bench, 1)
    assert bench.outcomes([order(1, ticket=2)], field_map=fields) == {"1": "updated"}
    assert (bench.holds()["1"]["memo"], bench.holds()["1"]["total"]) == (note, "30")


@pytest.mark.parametrize("policy", ["heal", "keep", "report"])
def test_a_note_that_netsuite_changes_reaches_hubspot_under_every_policy(bench: Bench, policy: str) -> None:
    fields = wanting(policy)
    bench.push([order(1)], field_map=fields)
    edit(bench, hs_order_note="call me")
    bench.push([order(1, ticket=2).having(memo="Dock 7")], field_map=fields)
    assert bench.holds()["1"]["memo"] == "Dock 7"
    # and it counts as written from now on
    edit(bench, hs_order_note="call me again")
    bench.push([order(1, ticket=3).having(memo="Dock 7", po_number="PO 9")], field_map=fields)
    assert bench.holds()["1"]["memo"] == ("Dock 7" if policy == "heal" else "call me again")


def test_an_order_that_somebody_deleted_in_hubspot_is_made_anew_with_its_note(bench: Bench) -> None:
    bench.push([order(1)])
    (held,) = bench.store.objects("orders")
    bench.store.archive("orders", held["id"])
    found_different(bench, 1)
    assert bench.outcomes([order(1, ticket=2)]) == {"1": "created"}
    assert bench.holds()["1"]["memo"] == "Leave at the gate"


def test_a_note_is_written_when_it_is_not_known_whether_its_last_write_came_through(bench: Bench) -> None:
    bench.push([order(1)])
    edit(bench, hs_order_note="B")
    before = bench.states.load(["1"])["1"].written
    claim = Claim("1", 2, DAY, "USD", 3000, (), "9001", None, {**before, NOTE: "another digest"})
    now = bench.clock.now()
    assert bench.states.claim([claim], holder="killed", lease_until=now, now=now) == {"1": "claimed"}

    bench.clock.at += timedelta(seconds=1)
    bench.push([order(1, ticket=3)])
    assert bench.holds()["1"]["memo"] == "Leave at the gate"


def test_an_unchanged_order_of_an_older_state_is_remembered_so_that_its_edits_stay(bench: Bench) -> None:
    bench.push([order(1)])
    with bench.state.write() as connection:
        connection.exec_driver_sql("UPDATE order_states SET written = NULL")
    assert bench.outcomes([order(1, ticket=2)]) == {"1": "unchanged"}
    edit(bench, hs_order_note="call me", hs_total_price="1.00")
    found_different(bench, 2)
    bench.push([order(1, ticket=3)])
    assert (bench.holds()["1"]["memo"], bench.holds()["1"]["total"]) == ("call me", "30")


def test_a_heal_is_told_with_before_and_after_and_what_stays_is_told_once_it_is_overwritten(
    bench: Bench,
) -> None:
    bench.push([order(1)])
    edit(bench, hs_order_note="call me", hs_total_price="1.00")
    total = HubSpotEdit("Total Price", TOTAL, "30.00 USD", "1.00 USD", False)
    note = HubSpotEdit("Memo", NOTE, "Leave at the gate", "call me", True)
    line = HubSpotEdit("line 1-1: Name", None, "Tumbler 1-1", "Mug", False)
    found_different(bench, 1, total, note, line)
    assert healed(bench) == []

    bench.push([order(1, ticket=2)])
    (event,) = healed(bench)
    assert event.details["fields"] == {
        "Total Price": {"before": "1.00 USD", "after": "30.00 USD"},
        "line 1-1: Name": {"before": "Mug", "after": "Tumbler 1-1"},
    }
    assert event.run == "run-1"

    bench.push([order(1, ticket=3).having(memo="Dock 7")])
    assert healed(bench)[1].details["fields"] == {"Memo": {"before": "call me", "after": "Dock 7"}}
    bench.push([order(1, ticket=4).having(memo="Dock 8")])
    assert len(healed(bench)) == 2


def test_an_edit_that_is_not_there_any_more_or_was_written_over_meanwhile_is_never_told(bench: Bench) -> None:
    edited = HubSpotEdit("Total Price", TOTAL, "30.00 USD", "1.00 USD", False)
    bench.push([order(1)])
    found_different(bench, 1, edited)
    found_different(bench, 1)  # somebody took it back
    bench.push([order(1, ticket=5)])
    found_different(bench, 4, edited)  # looked at before that write
    bench.push([_changed(6)])
    assert healed(bench) == []


def _changed(ticket: int) -> Order:
    return order(1, ticket=ticket).having(po_number="PO 9")
