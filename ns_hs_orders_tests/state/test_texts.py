"""Texts that come from outside are kept whatever is in them, and alike on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ns_hs_orders.alerts.ports import KeptCondition
from ns_hs_orders.live.ports import Noticed, SeenChange, Watermark
from ns_hs_orders.state.alert_conditions import AlertConditions
from ns_hs_orders.state.database import State
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.orders.events import Events
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.tables import keepable
from ns_hs_orders.state.work.lanes import Lanes
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders_tests.state.conftest import NOW
from ns_hs_orders_tests.state.orders.test_order_states import LEASE, claim, confirmation, verdict

LONG = "x" * 500
"""More than any id, name or reason ever had room for."""


@pytest.mark.parametrize(
    "text, kept",
    [
        ("plain", "plain"),
        ("a\x00b", "a\ufffdb"),
        ("é\x00", "é\ufffd"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("both halves \ud83d\ude00", "both halves 😀"),
        ("\ufeffÖ 日本 😀 \x01\x7f\r\n", "\ufeffÖ 日本 😀 \x01\x7f\r\n"),
        ("", ""),
    ],
)
def test_what_cannot_be_kept_is_replaced_and_nothing_else(state: State, text: str, kept: str) -> None:
    assert keepable(text) == kept
    states = OrderStateStore(state)
    one = verdict("quarantined", reason=text, explanation=text, currency=text, details={"said": text})
    assert states.record([one], holder="a", run=text, now=NOW) == {"1"}

    found = states.load(["1"])["1"]
    assert (found.reason, found.explanation, found.currency) == (kept, kept, kept)
    (told,) = Events(state).story("1")
    assert (told.run, told.details["reason"]) == (kept, text if "\x00" in text else kept)
    assert [one.cause for one in DueOrders(state).all()] == []


def test_no_text_is_too_long_for_the_state(state: State) -> None:
    states, store = OrderStateStore(state), WatermarkStore(state)
    one = replace(claim(LONG, line_keys=(LONG, "2"), company_id=LONG), currency=LONG)
    done = replace(confirmation(LONG), line_ids={LONG: LONG}, company_id=LONG, order_id_hubspot=LONG)

    assert states.claim([one], holder=LONG, lease_until=NOW + LEASE, now=NOW) == {LONG: "claimed"}
    assert states.confirm([replace(done, fingerprint=LONG)], holder=LONG, run=LONG) == {LONG}
    refused = replace(verdict("rejected", 2, reason=LONG, fingerprint=LONG, currency=LONG), order_id=LONG)
    assert states.record([refused], holder=LONG, run=LONG, now=NOW) == {LONG}
    states.mark_different([LONG], ticket=3, cause=LONG, now=NOW)
    store.record(
        Watermark(LONG, NOW, LONG, NOW),
        noticed=[Noticed(LONG, LONG, NOW, NOW)],
        seen=[SeenChange(LONG, LONG, NOW, NOW, settled=False)],
        ticket=4,
        now=NOW,
    )
    assert Lanes(state).acquire(LONG, LONG, NOW)
    Notes(state).keep(LONG, LONG, NOW)
    AlertConditions(state).keep([KeptCondition(LONG, "open", LONG, NOW, None)], [])
    assert DueOrders(state).close([LONG], by=LONG, now=NOW) == {LONG}

    found = states.load([LONG])[LONG]
    assert (found.reason, found.currency, found.order_id_hubspot) == (LONG, LONG, LONG)
    (due,) = DueOrders(state).all()
    assert (due.order_id, due.cause, due.closed_by) == (LONG, LONG, LONG)
    assert store.seen(LONG)[LONG].version == LONG
    assert [one.run for one in Events(state).story(LONG)] == [LONG, LONG, LONG, "reconcile", "by hand"]
    assert Notes(state).find(LONG, now=NOW) == LONG
    assert set(AlertConditions(state).all()) == {LONG}


def test_a_note_keeps_even_what_a_text_cannot(state: State) -> None:
    Notes(state).keep("n", {"\x00": "\ud83d"}, NOW)

    assert Notes(state).find("n", now=NOW) == json.loads('{"\\u0000": "\\ud83d"}')
