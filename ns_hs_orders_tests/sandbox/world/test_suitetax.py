"""The made-up company under SuiteTax: the same totals, the tax in another table."""

from collections import defaultdict
from decimal import Decimal

from ns_hs_orders.sandbox.world import load_world, with_suitetax
from ns_hs_orders_tests.sandbox.world.arithmetic import good_orders, lines_by_order, total_of


def test_lines_without_tax_plus_exact_details_are_the_total(big_world):
    world = with_suitetax(big_world)
    assert not any(line["taxline"] == "T" for line in world.netsuite["transactionline"])
    details: dict[str, Decimal] = defaultdict(Decimal)
    for row in world.netsuite["transactiontaxdetail"]:
        details[row["transaction"] or ""] += Decimal(row["taxamount"] or "x")
    lines = lines_by_order(world)
    orders = good_orders(world)
    assert len(orders) == 1979
    for order in orders:
        assert total_of(lines[order["id"]]) + details[order["id"]] == Decimal(order["foreigntotal"])
    longest = max(
        len((row["taxamount"] or "").partition(".")[2]) for row in world.netsuite["transactiontaxdetail"]
    )
    assert longest == 6


def test_the_other_world_is_left_alone_and_the_new_one_can_be_loaded(small_world, stores):
    before = len(small_world.netsuite["transactionline"])
    world = with_suitetax(small_world)
    assert len(small_world.netsuite["transactionline"]) == before > len(world.netsuite["transactionline"])
    assert "taxtotal" not in small_world.netsuite["transaction"][0]
    load_world(world, stores[0], stores[1])
    assert len(stores[0].rows("transactiontaxdetail")) == len(world.netsuite["transactiontaxdetail"]) > 100
