"""When an order counts as whole on each side, and what excuses one that is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.push.ports import Link
from ns_hs_orders.reconcile.integrity import COMPANY, HEADER, LINES, ORPHANS, headers_apart
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.checks import checks
from ns_hs_orders_tests.reconcile.both_sides import DAY, Both, Sale


def broken(result: Reconciliation) -> list[tuple[str | None, str, str]]:
    return [(one.order, one.system, one.rule) for one in result.integrity if one.reason is None]


def check(result: Reconciliation, name: str) -> CheckResult:
    return next(one for one in checks(result) if one.name == name)


def mapped(both: Both, *keys: str) -> MappedOrders:
    return both.netsuite.map_orders(both.netsuite.read_orders_by_id(keys))


@pytest.mark.parametrize(
    ("part", "apart"),
    [
        ("total_minor", 5),
        ("tax_minor", -5),
        ("shipping_cost_minor", -5),
        ("unclassified_minor", -5),
        ("discount_minor", 5),
        ("payment_minor", 5),
    ],
)
def test_a_total_that_is_not_the_sum_of_its_parts_is_apart_by_the_part_that_is_wrong(
    both: Both, part: str, apart: int
) -> None:
    both.synced(Sale("1", tax="8.00", shipping="2.00"), Sale("2"))
    frames = mapped(both, "1", "2")
    assert headers_apart(frames) == {}
    is_first = frames.orders["order_id_netsuite"] == "1"
    frames.orders[part] = frames.orders[part].where(~is_first, frames.orders[part] + 5)
    assert headers_apart(frames) == {"1": apart}


def test_a_total_without_its_goods_lines_is_apart_by_all_of_them(both: Both) -> None:
    both.synced(Sale("1", "100.00", tax="8.00"), Sale("2"))
    frames = mapped(both, "1", "2")
    others = frames.lines[frames.lines["order_id_netsuite"] != "1"]
    assert headers_apart(replace(frames, lines=others)) == {"1": 9200}
    ignored = frames.lines.assign(line_class="ignored")
    assert headers_apart(replace(frames, lines=ignored)) == {"1": 9200, "2": 10000}


def test_an_order_that_does_not_add_up_in_netsuite_alone_turns_the_check_red(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    whole = both.netsuite.map_orders

    def off_by_a_cent(raw: RawRead) -> MappedOrders:
        frames = whole(raw)
        is_second = frames.orders["order_id_netsuite"] == "2"
        frames.orders["tax_minor"] = frames.orders["tax_minor"].where(~is_second, 1)
        return frames

    both.netsuite.map_orders = off_by_a_cent  # type: ignore[method-assign]
    result = both.reconcile()
    assert result.agrees
    assert broken(result) == [("2", "NetSuite", HEADER)]
    found = check(result, "header_equals_its_lines")
    assert (found.passed, found.red_days) == (False, (DAY,))
    assert "1 order of 2026-11-02. SO2 in NetSuite: Total less its parts: -0.01 USD." in found.summary


def test_an_order_that_hubspot_holds_otherwise_is_judged_by_what_it_holds(both: Both) -> None:
    both.synced(*(Sale(key, "100.00") for key in "12345"))
    held = both.hubspot.orders
    held["1"].properties["hs_total_price"] = "105.00"
    held["2"].lines.clear()
    held["3"].companies = {"9001": frozenset({510})}
    held["4"].properties["hs_tax"] = "a lot"
    held["5"].properties["hs_order_note"] = "changed, and whole all the same"
    result = both.reconcile()
    assert broken(result) == [
        ("1", "HubSpot", HEADER),
        ("2", "HubSpot", HEADER),
        ("2", "HubSpot", LINES),
        ("3", "HubSpot", COMPANY),
        ("4", "HubSpot", HEADER),
    ]
    assert next(one for one in result.integrity if one.order == "1").amount_minor == 500
    assert check(result, "orders_have_company_lines_owner").numbers["not so: has its company"] == 1


def test_an_order_of_a_contact_needs_no_company(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].companies = {}
    both.hubspot.orders["1"].properties["hs_order_note"] = "changed"
    contacts = both.hubspot.read
    found = contacts("orders", "line_items", ["71"])[0]._replace(to_id="77", type_ids=frozenset({507}))
    both.hubspot.read = lambda from_type, to_type, from_ids: (  # type: ignore[method-assign]
        [found] if to_type == "contacts" else contacts(from_type, to_type, from_ids)
    )
    assert broken(both.reconcile()) == []


@pytest.mark.parametrize("standing", ["quarantined", "skipped"])
def test_what_is_held_back_for_a_reason_may_stay_as_it_is_in_hubspot(both: Both, standing: str) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].lines.clear()
    both.netsuite.sales["1"] = Sale("1", standing=standing, reason="does_not_add_up")
    result = both.reconcile()
    assert broken(result) == []
    found = check(result, "orders_have_company_lines_owner")
    assert found.passed
    assert found.numbers["for a named reason: does_not_add_up"] == 2, "its lines and its owner"


def test_line_items_without_their_order_are_told_once_an_order_and_those_that_hang_are_not(
    both: Both,
) -> None:
    lines = tuple((str(number), "20.00") for number in range(1, 6))
    both.synced(Sale("1", lines=lines), Sale("2"))
    for key, numbers in (("1", "123456"), ("2", "1")):
        links = tuple(Link("line", f"{key}-{number}", None, intended=False) for number in numbers)
        both.known.states[key] = replace(both.known.states[key], links=links)
    both.hubspot.orders["2"].properties["hs_order_note"] = "changed"
    both.hubspot.orders["2"].lines["5106"] = {"netsuite_line_key": "1-6", "name": "moved by a person"}
    gone = both.hubspot.orders.pop("1")
    both.hubspot.loose = gone.lines
    result = both.reconcile()
    assert broken(result) == [("1", "HubSpot", ORPHANS)]
    (words,) = (one.words for one in result.integrity if one.rule == ORPHANS)
    assert words == "Line items that hang on no order: 5101 (1-1), 5102 (1-2), 5103 (1-3) and 2 more."
    assert not check(result, "no_orphan_line_items").passed


def test_orders_without_a_sales_rep_are_counted_by_day_and_red_for_nobody(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    result = both.reconcile()
    (found,) = result.integrity
    assert (found.order, found.order_on, found.reason, found.orders) == (None, DAY, "no_rep", 2)
    owned = check(result, "orders_have_company_lines_owner")
    assert owned.passed
    assert owned.summary.endswith("or a named reason why not (2 with a named reason why not).")
