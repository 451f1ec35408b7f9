"""Returns as they are mapped: signs, amounts, what was received and counts, and what they make of their order."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.extract.returns.schema import RawReturnLines, RawReturns, RawReturnsRead
from ns_hs_orders.fields.field import Field, Reading
from ns_hs_orders.mapping.map_orders import map_orders
from ns_hs_orders.mapping.raw import LINE_COLUMNS, RawLine
from ns_hs_orders.mapping.returns.judgement import ReturnJudgement, judge_return
from ns_hs_orders.mapping.returns.map_returns import map_returns
from ns_hs_orders.mapping.returns.raw import RETURN_COLUMNS, RawReturn, ids_of_returns
from ns_hs_orders.mapping.returns.schema import (
    RETURN_QUARANTINE_REASONS,
    RETURN_STAGE_LABELS,
    RETURN_STAGES,
    RETURN_WARNINGS,
)
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import WARNINGS
from ns_hs_orders_tests.mapping.builders import LINE, ORDER, judged, raw_read

RETURN = RawReturn(
    **dict.fromkeys(RETURN_COLUMNS)  # type: ignore[arg-type]
)._replace(
    return_id_netsuite="2001",
    return_number="RMA2001",
    status="B",
    return_on="2026-03-09",
    created_at="2026-03-09T09:30:00Z",
    modified_at="2026-03-09T10:00:00Z",
    entity_id="77",
    currency="USD",
    exchange_rate="1",
    total="-60.00",
    customer_id="77",
    customer_name="Ridge Outfitters",
    customer_is_person="F",
    customer_hubspot_id="9001",
    parent_id="1001",
    parent_type="SalesOrd",
    order_id="1001",
    order_number="SO1001",
    order_on="2026-03-02",
    order_currency="USD",
    order_total="120.00",
    refunds="[]",
    tax_details="[]",
    total_sign="negative",
    line_sign="positive",
    refund_sign="negative",
    cards_masked=0,
    settled=True,
    read_ticket=6,
)
GOODS = LINE._replace(
    order_id_netsuite="2001",
    order_on="2026-03-09",
    quantity="3",
    rate="20.00",
    amount="60.00",
    quantity_shipped="0",
)
TAX = GOODS._replace(
    line_unique_key="9", item_type="TaxItem", taxline="T", quantity="1", rate=None, amount="6.00"
)
FEE = GOODS._replace(line_unique_key="8", item_type="Discount", quantity=None, rate="-10", amount="-6.00")
SHIPPING = GOODS._replace(line_unique_key="7", item_type="ShipItem", quantity="1", rate="5", amount="5.00")


def of(raw: RawReturn | None = None, *lines: RawLine, **rules: Any) -> ReturnJudgement:
    return judge_return(raw or RETURN, lines or (GOODS,), MappingRules(**rules))


@pytest.mark.parametrize("prefix", ["", "RtnAuth:"])
@pytest.mark.parametrize(
    "letter, stage, counted",
    [
        ("A", "pending_approval", 0),
        ("B", "pending_receipt", 6000),
        ("C", "cancelled", 0),
        ("D", "partially_received", 6000),
        ("E", "partially_received", 6000),
        ("F", "pending_refund", 6000),
        ("G", "refunded", 6000),
        ("H", "closed", 2000),
    ],
)
def test_a_status_letter_gives_the_stage_and_what_counts(
    letter: str, stage: str, counted: int, prefix: str
) -> None:
    found = of(RETURN._replace(status=prefix + letter), GOODS._replace(quantity_shipped="1"))
    assert (found.outcome, found.status, found.stage, found.counted_minor) == (
        "accepted",
        letter,
        stage,
        counted,
    )
    assert found.received.minor == 2000


def test_an_unknown_letter_quarantines_unless_a_setting_knows_it() -> None:
    strange = RETURN._replace(status="K")
    assert (of(strange).outcome, of(strange).reason) == ("quarantined", "unknown_status")
    assert of(strange, return_stage_map={"K": "closed"}).stage == "closed"


def test_amounts_are_positive_as_people_read_them_with_fee_tax_and_shipping() -> None:
    found = of(RETURN._replace(total="-65.00"), GOODS, FEE, TAX, SHIPPING)
    assert found.outcome == "accepted"
    assert found.amounts is not None
    assert (found.amount_minor, found.amounts.subtotal_minor, found.amounts.discount_minor) == (
        6500,
        6000,
        600,
    )
    assert (found.amounts.tax_minor, found.amounts.shipping_cost_minor) == (600, 500)


@pytest.mark.parametrize(
    "received, minor, by_line",
    [("0", 0, 0), ("1", 2167, 2000), ("2", 4333, 4000), ("3", 6500, 6000), ("5", 6500, 6000), (None, 0, 0)],
)
def test_the_received_part_is_a_share_of_goods_and_the_same_share_of_the_rest(
    received: str | None, minor: int, by_line: int
) -> None:
    lines = (GOODS._replace(quantity_shipped=received), FEE, TAX, SHIPPING)
    found = of(RETURN._replace(total="-65.00", status="H"), *lines)
    assert found.received.minor == found.counted_minor == minor
    assert found.received.by_line == (by_line, None, None, None)
    assert ("received_above_quantity" in found.warnings) == (received == "5")


@pytest.mark.parametrize(
    "amount, units, came, minor", [("10.00", "3", "1", 333), ("10.00", "6", "1", 167), ("0.05", "2", "1", 3)]
)
def test_a_received_share_is_rounded_half_up(amount: str, units: str, came: str, minor: int) -> None:
    line = GOODS._replace(amount=amount, quantity=units, rate=None, quantity_shipped=came)
    assert of(RETURN._replace(total=f"-{amount}"), line).received.minor == minor


@pytest.mark.parametrize("line_sign, total_sign", [("positive", "negative"), ("negative", "positive")])
def test_known_signs_are_kept_to(line_sign: str, total_sign: str) -> None:
    raw = RETURN._replace(line_sign=line_sign, total_sign=total_sign)
    as_is = {"positive": "", "negative": "-"}
    right = GOODS._replace(amount=f"{as_is[line_sign]}60.00")
    turned = GOODS._replace(
        amount=f"{as_is[{'positive': 'negative', 'negative': 'positive'}[line_sign]]}60.00"
    )
    good = raw._replace(total=f"{as_is[total_sign]}60.00")
    assert of(good, right).outcome == "accepted"
    assert (of(good, turned).outcome, of(good, turned).reason) == ("quarantined", "does_not_add_up")
    other = raw._replace(total=f"{as_is[line_sign]}60.00")
    assert "negative_total" in {one.reason for one in of(other, right).problems}


@pytest.mark.parametrize("total", ["-54.00", "54.00"])
@pytest.mark.parametrize("turn", [1, -1])
def test_where_the_survey_does_not_tell_each_return_is_judged_by_itself(total: str, turn: int) -> None:
    raw = RETURN._replace(total=total, total_sign=None, line_sign=None)
    goods, fee = (one._replace(amount=f"{turn * float(one.amount or 0):.2f}") for one in (GOODS, FEE))
    found = of(raw, goods, fee)
    assert found.outcome == "accepted"
    assert found.amounts is not None
    assert (found.amount_minor, found.amounts.subtotal_minor, found.amounts.discount_minor) == (
        5400,
        6000,
        600,
    )


def test_a_return_that_adds_up_in_no_sign_is_quarantined_with_its_figures() -> None:
    found = of(RETURN._replace(total="-61.00", total_sign=None, line_sign=None))
    assert (found.outcome, found.reason, found.counted_minor) == ("quarantined", "signs_unclear", 6100)
    assert "60.00 USD" in (found.explanation or "")
    assert "61.00 USD" in (found.explanation or "")


@pytest.mark.parametrize("tax", ["6.00", "-6.00"])
def test_tax_details_count_in_either_sign(tax: str) -> None:
    raw = RETURN._replace(total="-66.00", tax_details=json.dumps([tax]))
    found = of(raw, GOODS, tax_regime="suitetax")
    assert found.outcome == "accepted"
    assert found.amounts is not None
    assert found.amounts.tax_minor == 600


def refunds(*rows: tuple[str | None, str]) -> str:
    return json.dumps(
        [{"id": "1", "type": "CustCred", "currency": code, "total": total} for total, code in rows]
    )


@pytest.mark.parametrize(
    "sign, rows, minor, warnings",
    [
        ("negative", [("-60.00", "USD")], 6000, set()),
        ("positive", [("60.00", "USD")], 6000, set()),
        (None, [("-20.00", "USD"), ("30.00", "USD")], 5000, set()),
        ("negative", [("-60.01", "USD")], 6001, {"refunded_above_amount"}),
        ("negative", [("-60.00", "EUR")], 0, {"refund_in_other_currency"}),
        ("negative", [], 0, {"refund_not_seen"}),
    ],
)
def test_refunds_are_added_up_in_the_returns_currency(
    sign: str | None, rows: list[tuple[str | None, str]], minor: int, warnings: set[str]
) -> None:
    found = of(RETURN._replace(status="G", refund_sign=sign, refunds=refunds(*rows)))
    assert (found.outcome, found.refund_minor, set(found.warnings)) == ("accepted", minor, warnings)


@pytest.mark.parametrize("total", ["n/a", None])
def test_a_refund_that_cannot_be_read_quarantines(total: str | None) -> None:
    assert of(RETURN._replace(refunds=refunds((total, "USD")))).reason == "unreadable_refund"


NO_ORDER = {
    "order_id": None,
    "order_number": None,
    "order_on": None,
    "order_currency": None,
    "order_total": None,
}


@pytest.mark.parametrize(
    "changes, kind, warnings",
    [
        ({}, "order", set()),
        ({"parent_type": "CustInvc"}, "invoice", set()),
        ({"parent_type": "CashSale"}, "cash_sale", set()),
        ({"parent_id": None, "parent_type": None, **NO_ORDER}, "none", set()),
        ({"parent_type": None, **NO_ORDER}, "missing", {"order_missing"}),
        ({"parent_type": "RtnAuth", **NO_ORDER}, "return", {"return_of_a_return"}),
        ({"parent_type": "Estimate", **NO_ORDER}, "none", {"parent_of_other_type"}),
        ({"order_currency": "EUR"}, "order", {"order_in_other_currency"}),
        ({"order_total": "59.99"}, "order", {"above_order_total"}),
    ],
)
def test_the_parent_is_named_and_what_is_odd_about_it(
    changes: dict[str, Any], kind: str, warnings: set[str]
) -> None:
    found = of(RETURN._replace(**changes))
    assert (found.outcome, found.parent_kind, set(found.warnings)) == ("accepted", kind, warnings)


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"currency": "XQZ"}, "unknown_currency"),
        ({"currency": None}, "unknown_currency"),
        ({"total": "n/a"}, "amount_not_a_number"),
        ({"total": None}, "amount_not_a_number"),
        ({"total": "-60.005"}, "currency_exponent_violated"),
        ({"return_on": "9 March"}, "unreadable_date"),
        ({"created_at": None}, "unreadable_date"),
        ({"exchange_rate": "?"}, "amount_not_a_number"),
        ({"is_project": "T", "customer_id": None}, "project_without_customer"),
        ({"refunds": "{"}, "breaks_contract"),
        ({"tax_details": "{"}, "breaks_contract"),
    ],
)
def test_what_cannot_be_right_quarantines_the_return(changes: dict[str, Any], reason: str) -> None:
    found = of(RETURN._replace(**changes), tax_regime="suitetax" if "tax_details" in changes else "legacy")
    assert (found.outcome, found.reason) == ("quarantined", reason)
    assert found.explanation
    assert reason in RETURN_QUARANTINE_REASONS


def test_a_return_without_lines_or_with_two_lines_of_one_key_is_quarantined() -> None:
    only_main = GOODS._replace(mainline="T", amount="-60.00")
    assert judge_return(RETURN, [only_main], MappingRules()).reason == "no_lines"
    half = GOODS._replace(amount="30.00")
    assert of(RETURN, half, half).reason == "duplicate_line_keys"


def test_a_return_is_in_the_sync_by_the_criteria_of_orders_and_due_while_it_moves() -> None:
    skipped = of(RETURN._replace(customer_hubspot_id=None))
    assert (skipped.outcome, skipped.reason) == ("skipped", "customer_not_in_hubspot")
    assert of(RETURN._replace(settled=False)).outcome == "due"


def test_zero_is_a_warning() -> None:
    assert of(RETURN._replace(total="0.00"), GOODS._replace(amount="0.00")).warnings == ("zero_total",)


def raw_returns(*pairs: tuple[RawReturn, tuple[RawLine, ...]]) -> RawReturnsRead:
    def frame(model: Any, rows: list[Any], fields: tuple[str, ...]) -> pd.DataFrame:
        columns = model.to_schema().columns
        made = {
            name: pd.array([row[at] for row in rows], dtype=column.dtype.type)
            for at, (name, column) in enumerate(columns.items())
        }
        assert len(made) == len(fields)
        checked: pd.DataFrame = model.validate(pd.DataFrame(made))
        return checked

    return RawReturnsRead(
        frame(RawReturns, [raw for raw, _ in pairs], RETURN_COLUMNS),
        frame(RawReturnLines, [line for _, lines in pairs for line in lines], LINE_COLUMNS),
    )


def test_every_raw_return_is_in_exactly_one_frame() -> None:
    mapped = map_returns(
        raw_returns(
            (RETURN, (GOODS._replace(quantity_shipped="1"),)),
            (
                RETURN._replace(return_id_netsuite="2002", total="-1.00"),
                (GOODS._replace(order_id_netsuite="2002"),),
            ),
            (RETURN._replace(return_id_netsuite="2003", customer_hubspot_id=None), ()),
        ),
        MappingRules(return_record_url="https://example.test/rtnauth?id={id}"),
    )
    (row,) = mapped.returns.to_dict("records")
    assert (row["return_id_netsuite"], row["amount_minor"], row["received_minor"]) == ("2001", 6000, 2000)
    assert (row["parent_kind"], row["parent_order_id"], str(row["parent_order_on"])) == (
        "order",
        "1001",
        "2026-03-02",
    )
    assert row["return_url"] == "https://example.test/rtnauth?id=2001"
    (line,) = mapped.lines.to_dict("records")
    assert (line["line_key"], line["quantity"], line["unit_price"]) == ("2001-1", "3", "20.00")
    assert (line["amount_minor"], line["received_minor"]) == (6000, 2000)
    assert mapped.quarantined[["return_id_netsuite", "reason", "amount_minor"]].values.tolist() == [
        ["2002", "does_not_add_up", 100]
    ]
    assert mapped.skipped["return_id_netsuite"].tolist() == ["2003"]


def test_a_row_that_breaks_its_contract_holds_that_return_only() -> None:
    mapped = map_returns(
        raw_returns((RETURN._replace(return_id_netsuite="x"), ()), (RETURN, (GOODS,))), MappingRules()
    )
    assert mapped.returns["return_id_netsuite"].tolist() == ["2001"]
    assert mapped.quarantined["return_id_netsuite"].tolist() == ["x"]


def of_order(*returns: tuple[RawReturn, tuple[RawLine, ...]]) -> str:
    """The column `returns` of a raw order, as extraction writes it."""
    names = list(RawReturnLines.to_schema().columns)
    return json.dumps(
        [
            {
                **{name: one for name, one in raw._asdict().items() if one is not None},
                "lines": [
                    {name: one for name, one in zip(names, line[:-1], strict=True) if one is not None}
                    for line in lines
                ],
            }
            for raw, lines in returns
        ]
    )


def on_order(text: str | None, **rules: Any) -> tuple[Any, ...]:
    found = judged(ORDER._replace(returns=text), **rules)
    return (*found.returns[:4], found.warnings)


def test_an_order_tells_nothing_of_returns_where_none_are_seen_and_zero_where_there_are_none() -> None:
    assert on_order(None) == (None, None, None, None, ())
    assert on_order("[]") == (0, 0, 12000, None, ())


def test_an_order_adds_up_what_counts_of_its_returns_and_their_refunds() -> None:
    refunded = RETURN._replace(
        return_id_netsuite="2002", status="G", refunds=refunds(("-60.00", "USD")), customer_hubspot_id=None
    )
    pending = RETURN._replace(return_id_netsuite="2003", status="A")
    text = of_order((RETURN, (GOODS,)), (refunded, (GOODS,)), (pending, (GOODS,)))
    assert on_order(text) == (12000, 6000, 0, "Pending Approval, Pending Receipt, Refunded", ())


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"total": "-1.00"}, (0, 0, 12000, "Pending Receipt", ("return_held",))),
        ({"currency": "EUR"}, (0, 0, 12000, "Pending Receipt", ("return_in_other_currency",))),
        ({"status": "?"}, (0, 0, 12000, None, ("return_held",))),
        ({"settled": False}, (0, 0, 12000, "Pending Receipt", ("return_held",))),
    ],
)
def test_a_return_that_does_not_count_is_told(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert on_order(of_order((RETURN._replace(**changes), (GOODS,)))) == expected


def test_more_than_the_order_makes_its_net_total_negative_with_a_warning() -> None:
    much = GOODS._replace(amount="130.00", rate=None)
    text = of_order((RETURN._replace(total="-130.00"), (much,)))
    assert on_order(text) == (13000, 0, -1000, "Pending Receipt", ("returned_above_total",))


def test_returns_that_are_no_list_quarantine_their_order() -> None:
    assert judged(ORDER._replace(returns='["x"]')).reason == "breaks_contract"


def test_the_frame_of_orders_has_the_amounts_and_remembers_which_order_a_return_is_of() -> None:
    raw = raw_read((ORDER._replace(returns=of_order((RETURN, (GOODS,)))), [LINE]))
    (row,) = map_orders(raw, MappingRules()).orders.to_dict("records")
    assert (row["returned_minor"], row["net_total_minor"], row["return_status"]) == (
        6000,
        6000,
        "Pending Receipt",
    )
    assert ids_of_returns(raw.orders) == {"2001": "1001"}


def test_every_stage_has_a_label_and_every_warning_is_shown_by_one_of_these_tests() -> None:
    assert tuple(RETURN_STAGE_LABELS) == RETURN_STAGES
    shown = {
        "order_missing", "return_of_a_return", "parent_of_other_type", "order_in_other_currency", "above_order_total",
        "refunded_above_amount", "refund_in_other_currency", "refund_not_seen", "received_above_quantity", "zero_total",
    }  # fmt: skip
    assert set(RETURN_WARNINGS) == shown | {"field_left_empty"}
    assert {"return_held", "return_in_other_currency", "returned_above_total"} <= set(WARNINGS)


@pytest.mark.parametrize(
    "hold, text, outcome, value, warnings",
    [
        (True, "12.5", "accepted", 1250, ()),
        (True, "much", "quarantined", None, ("field_left_empty",)),
        (False, "much", "accepted", None, ("field_left_empty",)),
    ],
)
def test_a_field_of_the_mapping_file_is_mapped_or_holds_its_return(
    hold: bool, text: str, outcome: str, value: int | None, warnings: tuple[str, ...]
) -> None:
    reading = Reading("custom_fee", ("money",), hold=hold)
    fee = Field("custom_fee_minor", "Fee", "money", "fee", "transaction.custbody_fee", reading=reading)
    raw = raw_returns((RETURN, (GOODS,)))
    column = pd.Series([text], dtype=raw.returns["memo"].dtype)
    mapped = map_returns(
        RawReturnsRead(raw.returns.assign(custom_fee=column), raw.lines),
        MappingRules(added_to_returns=(fee,)),
    )
    if outcome == "quarantined":
        assert mapped.quarantined["reason"].tolist() == ["unreadable_field"]
        assert "Fee (transaction.custbody_fee) of the return" in mapped.quarantined["explanation"][0]
        return
    assert mapped.returns["custom_fee_minor"].isna().tolist() == [value is None]
    assert value is None or mapped.returns["custom_fee_minor"].tolist() == [value]
    assert mapped.returns["warnings"].tolist() == [",".join(warnings)]
