"""`ns-hs-orders doctor --survey` against the NetSuite emulator, in accounts of each kind."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ns_hs_orders.sandbox.world import World, generate, load_world, with_suitetax
from ns_hs_orders_tests.setup.conftest import Command, Home


@pytest.fixture(scope="module")
def legacy() -> World:
    """Big enough to hold closed lines; all that is planted in it is taken out."""
    world = generate(120, 3, date(2026, 3, 20))
    planted = {number for numbers in world.planted.values() for number in numbers}
    gone = {row["id"] for row in world.orders() if row["tranid"] in planted}
    tables: dict[str, list[dict[str, str | None]]] = dict(world.netsuite)
    tables["transaction"] = [row for row in tables["transaction"] if row["id"] not in gone]
    tables["transactionline"] = [row for row in tables["transactionline"] if row["transaction"] not in gone]
    return World(tables, world.hubspot, {})


def lines_of(world: World, **columns: str) -> dict[str, Decimal]:
    """What the lines with these columns add to each order's total."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    orders = {row["id"] for row in world.orders()}
    for line in world.netsuite["transactionline"]:
        if (
            line["mainline"] == "F"
            and line["transaction"] in orders
            and all(line.get(name) == value for name, value in columns.items())
        ):
            sums[line["transaction"] or ""] -= Decimal(line["foreignamount"] or 0)
    return {order: amount for order, amount in sums.items() if amount}


def changed_totals(world: World, changes: dict[str, Decimal]) -> World:
    """The same world, where NetSuite's totals of some orders are another amount higher."""
    headers = [
        {**row, "foreigntotal": str(Decimal(row["foreigntotal"] or 0) + changes[row["id"] or ""])}
        if row["id"] in changes
        else row
        for row in world.netsuite["transaction"]
    ]
    return World({**world.netsuite, "transaction": headers}, world.hubspot, {})


def surveyed(home: Home, run: Command, world: World) -> Any:
    load_world(world, home.netsuite, home.hubspot, reset=True)
    ran = run("doctor", "--survey", "--json")
    assert ran.code == 0
    return ran.json


def shares(found: Any) -> dict[tuple[str, str], int]:
    return {(one["tax_regime"], one["closed_lines"]): one["add_up"] for one in found["shares"]}


def test_an_account_with_tax_lines_is_told_as_legacy(home: Home, run: Command, legacy: World) -> None:
    orders = len(list(legacy.orders()))
    taxed = lines_of(legacy, taxline="T")
    closed = lines_of(legacy, isclosed="T")
    assert closed
    found = surveyed(home, run, legacy)
    assert (found["mode"], found["orders"], found["judged"]) == ("sandbox", orders, orders)
    assert shares(found) == {
        ("legacy", "counted"): orders,
        ("legacy", "not_counted"): orders - len(closed),
        ("suitetax", "counted"): orders - len(taxed),
        ("suitetax", "not_counted"): orders - len(taxed.keys() | closed.keys()),
    }
    assert found["shares"][0]["share"] == 1.0
    assert found["suggestions"] == ["NS_HS_TAX_REGIME=legacy", "NS_HS_CLOSED_LINES=counted"]
    assert (found["do_not_add_up"], found["rest"], found["unexplained_minor"]) == ([], [], {})
    assert found["notes"] == []


def test_an_account_with_tax_details_is_told_as_suitetax(home: Home, run: Command, legacy: World) -> None:
    orders = len(list(legacy.orders()))
    found = surveyed(home, run, with_suitetax(legacy))
    assert shares(found)["suitetax", "counted"] == orders
    assert shares(found)["legacy", "counted"] == orders - len(lines_of(legacy, taxline="T"))
    assert found["suggestions"] == ["NS_HS_TAX_REGIME=suitetax", "NS_HS_CLOSED_LINES=counted"]


def test_an_account_whose_totals_leave_out_closed_lines_is_told(
    home: Home, run: Command, legacy: World
) -> None:
    orders = len(list(legacy.orders()))
    closed = lines_of(legacy, isclosed="T")
    found = surveyed(home, run, changed_totals(legacy, {order: -amount for order, amount in closed.items()}))
    assert shares(found)["legacy", "not_counted"] == orders
    assert shares(found)["legacy", "counted"] == orders - len(closed)
    assert found["suggestions"] == ["NS_HS_TAX_REGIME=legacy", "NS_HS_CLOSED_LINES=not_counted"]


def test_the_item_type_that_explains_the_difference_is_named_with_its_amounts(
    home: Home, run: Command, legacy: World
) -> None:
    shipping = lines_of(legacy, itemtype="ShipItem")
    dollars = [row["id"] for row in legacy.orders() if row["currency"] == "1" and row["id"] in shipping]
    odd = {order: -shipping[order] for order in dollars[:3] if order}
    found = surveyed(home, run, changed_totals(legacy, odd))
    minor = sum(-int(amount * 100) for amount in odd.values())
    assert len(found["do_not_add_up"]) == 3
    assert found["unexplained_minor"] == {"USD": minor}
    assert found["rest"][0] == {
        "item_type": "ShipItem",
        "orders": len({line["transaction"] for line in legacy.netsuite["transactionline"]
                       if line.get("itemtype") == "ShipItem"} & {row["id"] for row in legacy.orders()}),
        "do_not_add_up": 3,
        "explained": 3,
        "explained_minor": {"USD": minor},
    }  # fmt: skip
    assert all(one["explained"] == 0 for one in found["rest"][1:])


def test_orders_that_cancel_out_are_still_unexplained(home: Home, run: Command, legacy: World) -> None:
    first, second = [row["id"] or "" for row in legacy.orders() if row["currency"] == "1"][:2]
    cent = Decimal("0.01")
    found = surveyed(home, run, changed_totals(legacy, {first: cent, second: -cent}))
    assert found["unexplained_minor"] == {"USD": 2}
    assert len(found["do_not_add_up"]) == 2


def test_what_cannot_be_judged_is_counted_apart(home: Home, run: Command) -> None:
    found = surveyed(home, run, generate(60, 3, date(2026, 3, 20)))
    assert found["orders"] == 60
    assert 0 < found["judged"] < 60
    assert found["notes"][0].startswith(
        f"{60 - found['judged']} orders are not judged: an amount cannot be read"
    )
    assert shares(found)["legacy", "counted"] == found["judged"] - len(found["do_not_add_up"])


def test_without_the_table_of_details_only_legacy_is_judged(home: Home, run: Command, legacy: World) -> None:
    home.switch(hidden_tables=("transactiontaxdetail",), hidden_tables_answer="error")
    found = surveyed(home, run, legacy)
    assert [one["tax_regime"] for one in found["shares"]] == ["legacy", "legacy"]
    assert "NetSuite shows no SuiteTax details (transactiontaxdetail)" in found["notes"][0]


@pytest.mark.parametrize("closed", ["counted", "not_counted"])
@pytest.mark.parametrize("regime", ["legacy", "suitetax"])
def test_where_orders_do_not_tell_the_rules_apart_the_ones_in_force_are_kept(
    home: Home, run: Command, monkeypatch: pytest.MonkeyPatch, legacy: World, regime: str, closed: str
) -> None:
    touched = lines_of(legacy, taxline="T").keys() | lines_of(legacy, isclosed="T").keys()
    kept = [
        row for row in legacy.netsuite["transaction"] if row["type"] != "SalesOrd" or row["id"] not in touched
    ]
    monkeypatch.setenv("NS_HS_TAX_REGIME", regime)
    monkeypatch.setenv("NS_HS_CLOSED_LINES", closed)
    found = surveyed(home, run, World({**legacy.netsuite, "transaction": kept}, legacy.hubspot, {}))
    assert found["judged"] > 0
    assert found["suggestions"] == [f"NS_HS_TAX_REGIME={regime}", f"NS_HS_CLOSED_LINES={closed}"]
    assert found["notes"] == [
        "These orders do not tell the tax regimes apart; the one in force is kept.",
        "These orders do not tell the closed-line rules apart; the one in force is kept.",
    ]


def test_the_setting_that_sends_unbalanced_orders_does_not_change_the_shares(
    home: Home, run: Command, monkeypatch: pytest.MonkeyPatch, legacy: World
) -> None:
    monkeypatch.setenv("NS_HS_UNBALANCED_ORDERS", "send")
    found = surveyed(home, run, legacy)
    assert shares(found)["suitetax", "counted"] == found["orders"] - len(lines_of(legacy, taxline="T"))


def test_an_account_without_orders_is_told_and_nothing_is_suggested(empty: Home, run: Command) -> None:
    empty.netsuite.add_column("customer", "custentity_celigo_hubspot_id")
    found = run("doctor", "--survey", "--json").json
    assert (found["orders"], found["judged"], found["suggestions"]) == (0, 0, [])
    assert found["notes"] == ["NetSuite shows no order to judge. Run doctor: the role may not see them."]


def test_the_survey_writes_nothing(home: Home, run: Command, legacy: World) -> None:
    load_world(legacy, home.netsuite, home.hubspot, reset=True)
    before = home.writes()
    run("doctor", "--survey")
    assert home.writes() == before


def test_the_survey_reads_well_on_the_terminal(home: Home, run: Command, legacy: World) -> None:
    order = next(row for row in legacy.orders() if row["currency"] == "1")
    load_world(
        changed_totals(legacy, {order["id"] or "": Decimal("0.07")}), home.netsuite, home.hubspot, reset=True
    )
    ran = run("doctor", "--survey")
    orders = len(list(legacy.orders()))
    assert ran.code == 0
    words = [line.split() for line in ran.out.splitlines()]
    assert f"Mode sandbox: the last {orders} orders, {orders} judged." in ran.out
    # Never 100 % for less than all.
    assert ["legacy", "counted", str(orders - 1), f"{int(1000 * (orders - 1) / orders) / 10}", "%"] in words
    assert (
        f"Under the best of these, 1 of {orders} orders do not add up: {order['tranid']}. Unexplained: 0.07 USD."
        in ran.out
    )
    assert ["NS_HS_TAX_REGIME=legacy"] in words
    assert ["NS_HS_CLOSED_LINES=counted"] in words
