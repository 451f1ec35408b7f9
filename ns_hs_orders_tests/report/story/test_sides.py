"""Both sides of an order's story, in each situation that its lines and associations can be in."""

from __future__ import annotations

from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.reconcile.compare import FieldKinds
from ns_hs_orders.reconcile.read_back import HeldLine, HeldOrder
from ns_hs_orders.report.story.sides import line_items, links, order_fields
from ns_hs_orders_tests.reconcile.both_sides import FIELDS, Sale

KINDS = FieldKinds.of(FIELDS)
SALE = Sale("1", "5.00", lines=(("1", "2.00"), ("2", "3.00")))


def held(*lines: HeldLine, companies: dict[str, frozenset[int]] | None = None) -> HeldOrder:
    given = {"9001": frozenset({509, 510})} if companies is None else companies
    properties: dict[str, str | None] = dict(SALE.wanted().properties)
    return HeldOrder("1", "71", properties, lines, given)


def copies(wanted: WantedOrder) -> list[HeldLine]:
    return [HeldLine(f"5{line.key}", line.key, dict(line.properties)) for line in wanted.lines]


def test_lines_that_are_as_they_should_be_agree_with_all_their_fields() -> None:
    wanted = SALE.wanted()
    found = line_items(wanted, held(*reversed(copies(wanted))), KINDS)
    assert [(one.key, one.line_item_id, one.agrees) for one in found] == [
        ("1-1", "51-1", True),
        ("1-2", "51-2", True),
    ]
    assert [(f.label, f.wanted, f.held, f.agrees) for f in found[0].fields] == [
        ("Name", "Item 1", "Item 1", True),
        ("Quantity", "1", "1", True),
        ("Unit price", "2.00", "2.00", True),
        ("NetSuite Line Amount", "2.00", "2.00", True),
    ]


def test_a_line_that_one_side_lacks_does_not_agree_and_is_shown_with_what_the_other_has() -> None:
    wanted = SALE.wanted()
    by_hand = HeldLine("99", None, {"name": "By hand", "price": "3.00"})
    first, missing, foreign = line_items(wanted, held(copies(wanted)[0], by_hand), KINDS)
    assert first.agrees is True
    assert (missing.key, missing.line_item_id, missing.agrees) == ("1-2", None, False)
    assert [one.held for one in missing.fields] == [None] * 4
    assert (foreign.key, foreign.line_item_id, foreign.agrees) == (None, "99", False)
    assert [(one.held, one.wanted) for one in foreign.fields] == [("By hand", None), ("3.00", None)]


def test_lines_of_an_order_that_is_on_one_side_only_are_not_judged() -> None:
    wanted = SALE.wanted()
    assert [one.agrees for one in line_items(wanted, None, KINDS)] == [None, None]
    only_held = line_items(None, held(*copies(wanted)), KINDS)
    assert [one.agrees for one in only_held] == [None, None]
    assert {field.hubspot_property for field in order_fields(None, held(), KINDS)} >= {"hs_total_price"}
    assert order_fields(None, None, KINDS) == ()
    assert links(None, None) == ()


def test_a_primary_company_is_judged_and_what_a_person_associated_is_only_shown() -> None:
    wanted = SALE.wanted()
    both = {"9001": frozenset({509}), "9002": frozenset({510})}
    primary, others = links(wanted, held(companies=both))
    assert (primary.wanted, primary.held, primary.agrees) == ("9001", ("9001",), True)
    assert (others.label, others.held, others.agrees) == ("Other companies", ("9002",), None)
    (gone,) = links(wanted, held(companies={}))
    assert (gone.wanted, gone.held, gone.agrees) == ("9001", (), False)
