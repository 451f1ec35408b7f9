"""Raw frames become mapped frames: every order in exactly one, and what is broken breaks nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ns_hs_orders import money
from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.schema import RawLines, RawOrders, RawRead
from ns_hs_orders.mapping import judgement
from ns_hs_orders.mapping import map_orders as module
from ns_hs_orders.mapping.amounts import tax_minor
from ns_hs_orders.mapping.frames import made_frame
from ns_hs_orders.mapping.map_orders import map_orders
from ns_hs_orders.mapping.raw import RawLine, RawOrder, orders_with_lines
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import HeldOrders, OrderLines, Orders
from ns_hs_orders.wiring.remotes import netsuite_record_url
from ns_hs_orders_tests.mapping.builders import line, lines, order, raw_read

RULES = MappingRules(record_url=netsuite_record_url("42"))


def pair(
    number: object, *, raw_lines: list[RawLine] | None = None, **changes: Any
) -> tuple[RawOrder, list[RawLine]]:
    name = str(number)
    rows = [line()] if raw_lines is None else raw_lines
    return (
        order(**{"order_id_netsuite": name, "order_number": f"SO{name}", **changes}),
        [row._replace(order_id_netsuite=name) for row in rows],
    )


def ids(frame: pd.DataFrame) -> list[str]:
    found: list[str] = frame["order_id_netsuite"].tolist()
    return found


def test_tuples_have_the_columns_of_the_raw_contracts():
    assert {*RawOrder._fields} - {"added"} == set(RawOrders.to_schema().columns)
    assert {*RawLine._fields} - {"added"} == set(RawLines.to_schema().columns)


def test_orders_mapped_in_parts_are_those_mapped_at_once(monkeypatch):
    raw = raw_read(
        pair(1),
        pair(2, total="120.01"),
        pair(3, raw_lines=lines({"amount": "-60.00"}, {"amount": "-60.00", "quantity": "-1"})),
        pair(4, customer_hubspot_id=None),
        pair(5, order_number="SO5"),
    )
    at_once = map_orders(raw, RULES)

    monkeypatch.setattr(module, "PART", 2)
    in_parts = map_orders(raw, RULES)

    for name in ("orders", "lines", "quarantined", "skipped"):
        pd.testing.assert_frame_equal(getattr(in_parts, name), getattr(at_once, name))
    assert (ids(in_parts.orders), len(in_parts.lines)) == (["1", "3", "5"], 4)


def test_every_order_is_in_exactly_one_frame_and_lines_are_those_of_accepted_orders():
    mapped = map_orders(
        raw_read(
            pair(1),
            pair(2, total="120.01"),
            pair(3, customer_hubspot_id=None),
            pair(4, settled=False),
            pair(5, currency="XQZ", total="points"),
            pair(6, customer_hubspot_id=None, total="n/a"),
            pair(7),
        ),
        RULES,
    )
    assert ids(mapped.orders) == ["1", "7"]
    assert mapped.lines["line_key"].tolist() == ["1-1", "7-1"]
    assert mapped.quarantined[["order_id_netsuite", "outcome", "reason"]].values.tolist() == [
        ["2", "quarantined", "does_not_add_up"],
        ["4", "due", "changing_while_read"],
        ["5", "quarantined", "unknown_currency"],
    ]
    assert mapped.skipped[["order_id_netsuite", "outcome", "reason"]].values.tolist() == [
        ["3", "skipped", "customer_not_in_hubspot"],
        ["6", "skipped", "customer_not_in_hubspot"],
    ]


def test_a_held_order_has_its_amount_or_netsuites_own_text():
    mapped = map_orders(raw_read(pair(2, total="120.01"), pair(5, currency="XQZ", total="points")), RULES)
    known, unknown = mapped.quarantined.to_dict("records")
    assert (known["currency"], known["total_minor"]) == ("USD", 12001)
    assert pd.isna(known["raw_currency"])
    assert pd.isna(known["raw_total"])
    assert (unknown["raw_currency"], unknown["raw_total"]) == ("XQZ", "points")
    assert pd.isna(unknown["currency"])
    assert pd.isna(unknown["total_minor"])


def test_a_mapped_order_holds_the_whole_field_map():
    changes: dict[str, Any] = {
        "memo": "Leave at the dock 🚚", "po_number": "PO 7|CLOSED", "rep_name": "Mia", "rep_email": "mia@ridge.example",
        "partner_name": "Peak", "source_store": "Portal", "payment_note": "Visa 4242", "buying_group": "North",
        "deal_name": "Spring", "deal_url": "https://app.hubspot.com/x", "deal_reference": "7", "contact_reference": "8",
        "order_email": "kim@example.com", "customer_email": "pat@example.com", "sales_effective_on": "2026-03-09",
        "ship_name": "Dock 4", "ship_street": "1 Quay", "ship_city": "Oslo", "ship_state": "03",
        "ship_postal_code": "0150", "ship_country": "NO", "cards_masked": 2,
        "shipments": '[{"status": "C", "tracking": "7", "carrier": "dhl"}]',
    }  # fmt: skip
    (row,) = map_orders(raw_read(pair(8, **changes)), RULES).orders.to_dict("records")
    unchanged = {k: v for k, v in changes.items() if k not in ("sales_effective_on", "shipments")}
    assert {name: row[name] for name in unchanged} == unchanged
    assert row["sales_effective_on"] == date(2026, 3, 9)
    assert row["order_on"] == date(2026, 3, 2)
    assert row["created_at"] == pd.Timestamp("2026-03-02T09:30:00Z")
    assert (row["tracking_numbers"], row["status"], row["stage"]) == ("7", "B", "pending_fulfillment")
    assert row["order_url"] == "https://42.app.netsuite.com/app/accounting/transactions/salesord.nl?id=8"
    assert (row["customer_id"], row["company_id_hubspot"]) == ("77", "9001")
    assert row["read_ticket"] == 5


def test_a_mapped_line_holds_what_hubspot_is_sent():
    rows = [line(line_memo="blue", quantity="-3.0", rate="40.000", amount="-120.00", item_name="Tent")]
    (row,) = map_orders(raw_read(pair(8, raw_lines=rows)), RULES).lines.to_dict("records")
    assert row == {
        "order_id_netsuite": "8", "order_on": date(2026, 3, 2), "line_key": "8-1", "line_sequence": 1,
        "line_class": "goods", "item_type": "InvtPart", "line_name": "Tent", "sku": "TMB-16",
        "line_description": "blue", "quantity": "3", "unit_price": "40.000", "currency": "USD",
        "amount_minor": 12000, "is_closed": False, "read_ticket": 5,
    }  # fmt: skip


def test_an_order_without_a_number_is_called_by_its_id():
    assert map_orders(raw_read(pair(8, order_number=None)), RULES).orders["order_number"].tolist() == ["8"]


def test_no_orders_make_empty_frames_with_all_types():
    mapped = map_orders(raw_read(), RULES)
    for model, frame in (
        (Orders, mapped.orders),
        (OrderLines, mapped.lines),
        (HeldOrders, mapped.quarantined),
        (HeldOrders, mapped.skipped),
    ):
        assert len(model.validate(frame)) == 0


def test_lines_of_an_order_that_was_not_read_are_nobodys():
    mapped = map_orders(
        RawRead(orders=raw_read(pair(1)).orders, lines=raw_read(pair(1), pair(2)).lines), RULES
    )
    assert ids(mapped.lines) == ["1"]


def test_an_order_whose_id_is_no_number_is_quarantined_alone():
    mapped = map_orders(raw_read(pair("x-1"), pair(2)), RULES)
    assert ids(mapped.orders) == ids(mapped.lines) == ["2"]
    assert mapped.quarantined[["order_id_netsuite", "reason"]].values.tolist() == [["x-1", "breaks_contract"]]


@pytest.mark.parametrize(
    "column, value, reason",
    [
        ("stage", "somewhere", "unknown_status"),
        ("currency", "usd", "unknown_currency"),
        ("total_minor", -1, "negative_total"),
        ("total_minor", 12001, "does_not_add_up"),
        ("tax_minor", None, "breaks_contract"),
        ("shipping_cost_minor", 1, "breaks_contract"),
        ("customer_id", None, "breaks_contract"),
    ],
)
def test_a_row_that_fails_the_contract_is_quarantined_by_itself(monkeypatch, column, value, reason):
    honest = module._order_row
    position = list(Orders.to_schema().columns).index(column)

    def with_one_wrong_value(judged, rules):
        row = list(honest(judged, rules))
        if judged.raw.order_id_netsuite == "2":
            row[position] = value
        return tuple(row)

    monkeypatch.setattr(module, "_order_row", with_one_wrong_value)
    mapped = map_orders(raw_read(pair(1), pair(2), pair(3)), RULES)
    assert ids(mapped.orders) == ids(mapped.lines) == ["1", "3"]
    assert ids(mapped.quarantined) == ["2"]
    assert mapped.quarantined["reason"].tolist() == [reason]


def test_a_frame_that_is_wrong_as_a_whole_raises(monkeypatch):
    honest = made_frame
    monkeypatch.setattr(module, "made_frame", lambda model, rows: honest(model, rows).assign(extra=1))
    with pytest.raises(ContractError, match="as a whole"):
        map_orders(raw_read(pair(1)), RULES)


def test_an_order_lost_on_the_way_raises(monkeypatch):
    monkeypatch.setattr(
        module, "orders_with_lines", lambda raw, *added: list(orders_with_lines(raw, *added))[1:]
    )
    with pytest.raises(ContractError, match="2 orders were read but 1 were mapped; not in both: 1"):
        map_orders(raw_read(pair(1), pair(2)), RULES)


def test_turning_the_sign_of_the_tax_makes_taxed_orders_not_add_up(monkeypatch):
    taxed = lines(
        {"amount": "-110.00", "rate": "55"}, {"item_type": "TaxItem", "taxline": "T", "amount": "-10.00"}
    )
    raw = raw_read(pair(1, raw_lines=taxed), pair(2))
    assert ids(map_orders(raw, RULES).orders) == ["1", "2"]

    monkeypatch.setattr(judgement, "tax_minor", lambda *arguments: -(tax_minor(*arguments) or 0))
    mapped = map_orders(raw, RULES)
    assert ids(mapped.orders) == ["2"]
    assert mapped.quarantined["explanation"].tolist() == [
        "Lines make 100.00 USD, the total says 120.00 USD: 20.00 USD is unexplained."
    ]


def test_progress_is_told_to_the_last_order():
    told = []
    map_orders(raw_read(pair(1), pair(2)), RULES, lambda *step: told.append(step))
    assert told == [("orders mapped", 2, 2)]


anything = st.none() | st.sampled_from(
    ["T", "F", "", "0", "-1", "1E3", "NaN", "٣", "[]", "{}", "[[", "\x00", "🚚", "2026-03-02", "9" * 70]
) | st.text(max_size=12)  # fmt: skip
ORDER_TEXTS = [
    n for n in RawOrder._fields if n not in ("order_id_netsuite", "cards_masked", "settled", "read_ticket")
]
LINE_TEXTS = [n for n in RawLine._fields if n not in ("order_id_netsuite", "read_ticket")]


@st.composite
def spoiled_pairs(draw: st.DrawFn) -> list[tuple[RawOrder, list[RawLine]]]:
    pairs = []
    for number in range(draw(st.integers(1, 12))):
        changes = draw(st.dictionaries(st.sampled_from(ORDER_TEXTS), anything, max_size=4))
        for never_empty in ("shipments", "tax_details"):
            if changes.get(never_empty, "[]") is None:
                changes[never_empty] = "null"
        rows = draw(st.lists(st.dictionaries(st.sampled_from(LINE_TEXTS), anything, max_size=4), max_size=4))
        pairs.append(pair(number + 1, raw_lines=lines(*rows), **changes))
    return pairs


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pairs=spoiled_pairs(),
    rules=st.builds(
        MappingRules,
        tax_regime=st.sampled_from(["legacy", "suitetax"]),
        closed_lines=st.sampled_from(["counted", "not_counted"]),
        unbalanced_orders=st.sampled_from(["quarantine", "send"]),
    ),
)
def test_no_text_in_any_column_stops_the_others(pairs, rules):
    mapped = map_orders(raw_read(*pairs, pair(99)), rules)
    where = ids(mapped.orders) + ids(mapped.quarantined) + ids(mapped.skipped)
    assert sorted(where, key=int) == [raw.order_id_netsuite for raw, _ in pairs] + ["99"]
    accepted = mapped.orders
    made = (
        accepted["subtotal_minor"]
        - accepted["discount_minor"]
        + accepted["shipping_cost_minor"]
        + accepted["tax_minor"]
        - accepted["payment_minor"]
        + accepted["unclassified_minor"]
    )
    assert made.tolist() == accepted["total_minor"].tolist()
    assert (accepted["total_minor"] <= money.LARGEST_MINOR).all()
