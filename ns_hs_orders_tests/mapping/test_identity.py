"""The money identity holds for any order that NetSuite can add up, and for none that is a unit off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ns_hs_orders import money
from ns_hs_orders.mapping.raw import RawLine, RawOrder
from ns_hs_orders_tests.mapping.builders import judged, lines, order

EXPONENTS = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}

# kind → (changes of a row, sign of its amount in NetSuite, sign of its part in the total)
KINDS: dict[str, tuple[dict[str, Any], int, int]] = {
    "goods": ({}, -1, 1),
    "service": ({"item_type": "Service"}, -1, 1),
    "return": ({"quantity": "1"}, 1, -1),
    "markup": ({"item_type": "Markup", "quantity": None, "rate": None}, -1, 1),
    "discount": ({"item_type": "Discount", "quantity": None, "rate": "-5.0%"}, 1, -1),
    "shipping": ({"item_type": "ShipItem", "quantity": "-1"}, -1, 1),
    "handling": ({"item_type": "ShipItem", "quantity": "-1", "line_type": "HANDLING"}, -1, 1),
    "payment": ({"item_type": "Payment", "quantity": None}, 1, -1),
    "gift": ({"item_type": "GiftCert", "quantity": None}, 1, -1),
    "subtotal": ({"item_type": "Subtotal", "quantity": None}, -1, 0),
    "end of group": ({"item_type": "EndGroup", "quantity": None}, -1, 0),
    "component": ({"kit_component": "T"}, -1, 0),
    "cost": ({"is_cogs": "T"}, 1, 0),
    "mainline": ({"mainline": "T"}, 1, 0),
    "tax": ({"item_type": "TaxItem", "taxline": "T", "quantity": "-1"}, -1, 1),
}


@st.composite
def orders_that_add_up(
    draw: st.DrawFn,
) -> tuple[RawOrder, list[RawLine], dict[str, Any], int]:
    """An order as NetSuite would say it, the rules it was made under, and its total in minor units."""
    currency = draw(st.sampled_from(sorted(EXPONENTS)))
    regime = draw(st.sampled_from(["legacy", "suitetax"]))
    closing = draw(st.sampled_from(["counted", "not_counted"]))
    rows, total = [], 0
    for kind, minor, closed in draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 10**8), st.booleans()),
            min_size=1,
            max_size=12,
        )
    ):
        changes, sign, part = KINDS[kind]
        amount = money.plain(sign * minor, currency)
        rows.append({**changes, "amount": amount, "is_closed": "T" if closed else "F"})
        out = (kind == "tax" and regime == "suitetax") or (closed and closing == "not_counted")
        total += 0 if out else part * minor
    tax = draw(st.integers(0, 10**6))
    third = Decimal(tax).scaleb(-EXPONENTS[currency]) / 4
    details = "[" + ", ".join(f'"{third:f}"' for _ in range(4)) + "]"
    total += tax if regime == "suitetax" else 0
    rows.append({"amount": money.plain(-max(0, -total), currency), "quantity": None})
    total = max(total, 0)
    raw = order(currency=currency, total=money.plain(total, currency), tax_details=details)
    return raw, lines(*rows), {"tax_regime": regime, "closed_lines": closing}, total


@settings(max_examples=300, deadline=None)
@given(orders_that_add_up())
def test_goods_less_discount_plus_shipping_handling_and_tax_less_payment_is_the_total(made):
    raw, rows, rules, total = made
    judgement = judged(raw, rows, **rules)
    amounts = judgement.amounts
    assert (judgement.outcome, judgement.explanation) == ("accepted", None)
    assert amounts is not None
    assert amounts.total_minor == amounts.lines_make == total
    assert amounts.unclassified_minor == 0


@settings(max_examples=150, deadline=None)
@given(orders_that_add_up(), st.integers(-(10**6), 10**6).filter(bool))
def test_an_order_that_is_one_unit_or_more_off_is_held_or_sent_with_exactly_that_rest(made, off):
    raw, rows, rules, total = made
    wrong = raw._replace(total=money.plain(total + off, raw.currency))
    judgement = judged(wrong, rows, **rules)
    assert judgement.reason == ("negative_total" if total + off < 0 else "does_not_add_up")
    assert "does_not_add_up" in {problem.reason for problem in judgement.problems}

    sent = judged(wrong, rows, **rules, unbalanced_orders="send")
    assert sent.amounts is not None
    assert (sent.amounts.total_minor, sent.amounts.unclassified_minor) == (total + off, off)


@settings(max_examples=150, deadline=None)
@given(orders_that_add_up())
def test_the_lines_of_a_class_make_the_amount_of_that_class(made):
    raw, rows, rules, _ = made
    judgement = judged(raw, rows, **rules)
    sums: dict[str, int] = {}
    for row in judgement.lines.lines:
        sums[row.line_class] = sums.get(row.line_class, 0) + (row.amount_minor or 0)
    amounts = judgement.amounts
    assert amounts is not None
    assert sums.get("goods", 0) == amounts.subtotal_minor
    assert -sums.get("discount", 0) == amounts.discount_minor
    assert sums.get("shipping", 0) + sums.get("handling", 0) == amounts.shipping_cost_minor
    assert -sums.get("payment", 0) == amounts.payment_minor
    if rules["tax_regime"] == "legacy":
        assert sums.get("tax", 0) == amounts.tax_minor
    else:
        assert "tax" not in sums
