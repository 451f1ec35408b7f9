"""Time passing: the same steps each time, whole orders after each, and stamps that obey the switches."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders.sandbox.world import World, generate, load_world, read_folder, tick
from ns_hs_orders_tests.sandbox.world.arithmetic import total_of
from ns_hs_orders_tests.sandbox.world.conftest import TODAY
from ns_hs_orders_tests.sandbox.world.test_folder import folder  # noqa: F401

Stores = tuple[NetSuiteStore, HubSpotStore]
Row = dict[str, Any]
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
TEXT = "2026-11-24 18:00:00"


def everything(netsuite: NetSuiteStore, hubspot: HubSpotStore) -> tuple[Row, list[tuple[str, str]]]:
    tables = {table: netsuite.rows(table) for table in netsuite.tables()}
    return tables, [(row["id"], row["properties"]["name"]) for row in hubspot.objects("companies")]


def run(
    netsuite, hubspot, steps: int, *, seed: int = 7, switches: Switches | None = None
) -> list[dict[str, str]]:
    return [
        event
        for step in range(steps)
        for event in tick(netsuite, hubspot, seed, NOW + timedelta(minutes=step), switches or Switches())
    ]


@pytest.fixture(scope="module")
def after_twelve(tmp_path_factory):
    """A world of 300 orders before and after twelve steps, with the events."""
    path = tmp_path_factory.mktemp("ticks")
    netsuite, hubspot = NetSuiteStore(path / "n.sqlite"), HubSpotStore(path / "h.sqlite")
    world = generate(300, 11, TODAY)
    load_world(world, netsuite, hubspot)
    return world, netsuite, hubspot, run(netsuite, hubspot, 12)


def bad_numbers(world: World) -> set[str]:
    return {number for numbers in world.planted.values() for number in numbers}


def test_many_steps_at_once_do_so_many_times_as_much_and_each_order_is_its_own(stores, small_world):
    netsuite, hubspot = stores
    load_world(small_world, netsuite, hubspot)
    before = {row["id"] for row in netsuite.rows("transaction", type="SalesOrd")}
    events = tick(netsuite, hubspot, 7, NOW, Switches(), steps=5)
    created = [event for event in events if event["event"] == "order created"]
    orders = netsuite.rows("transaction", type="SalesOrd")
    assert len(created) >= 5
    assert {row["id"] for row in orders} - before == {event["order_id"] for event in created}
    assert len({row["tranid"] for row in orders}) == len(orders)
    assert len({row["externalid"] for row in orders if row["id"] not in before}) == len(created)


def test_the_same_world_and_seed_live_through_the_same_things(tmp_path, small_world):
    lives = []
    for name in ("a", "b"):
        netsuite, hubspot = NetSuiteStore(tmp_path / name / "n"), HubSpotStore(tmp_path / name / "h")
        load_world(small_world, netsuite, hubspot)
        lives.append((run(netsuite, hubspot, 3), everything(netsuite, hubspot)))
    assert lives[0] == lives[1]


def test_another_seed_and_each_step_bring_something_else(tmp_path, small_world):
    lives = []
    for seed in (7, 8):
        netsuite, hubspot = (
            NetSuiteStore(tmp_path / str(seed) / "n"),
            HubSpotStore(tmp_path / str(seed) / "h"),
        )
        load_world(small_world, netsuite, hubspot)
        lives.append([tick(netsuite, hubspot, seed, NOW, Switches()) for _ in range(2)])
    assert lives[0][0] != lives[0][1]
    assert lives[0][0] != lives[1][0]


def test_everything_that_can_happen_happens_within_twelve_steps(after_twelve):
    _, _, _, events = after_twelve
    kinds = {event["event"] for event in events}
    assert kinds >= {
        "order created", "order edited", "line changed", "line removed", "order shipped", "order shipped in part",
        "order billed", "tracking number changed", "order approved", "order cancelled", "customer changed",
        "order deleted", "customer joined HubSpot", "return authorized", "return approved", "return received",
        "return received in part", "return refunded", "return cancelled", "return closed", "return deleted",
    }  # fmt: skip


def test_every_order_that_was_good_still_adds_up(after_twelve):
    world, netsuite, _, _ = after_twelve
    bad = bad_numbers(world)
    checked = 0
    for order in netsuite.rows("transaction", type="SalesOrd"):
        if order["tranid"] not in bad:
            lines = netsuite.rows("transactionline", transaction=order["id"])
            assert total_of(lines) == Decimal(order["foreigntotal"]) > 0, order["tranid"]
            assert [line["foreignamount"] for line in lines if line["mainline"] == "T"] == [
                order["foreigntotal"]
            ]
            checked += 1
    assert checked > 270


def test_no_id_is_given_twice_not_even_that_of_a_deleted_order(after_twelve):
    _, netsuite, _, _ = after_twelve
    ids = Counter(row["id"] for row in netsuite.rows("transaction"))
    ids.update(row["recordid"] for row in netsuite.rows("deletedrecord"))
    assert set(ids.values()) == {1}
    numbers = Counter(row["tranid"] for row in netsuite.rows("transaction"))
    assert set(numbers.values()) == {1}
    keys = Counter(row["uniquekey"] for row in netsuite.rows("transactionline"))
    assert sum(count > 1 for count in keys.values()) == 1  # the planted one


def test_the_ids_of_the_newest_order_are_not_given_again_after_it_was_deleted(small_world, stores):
    netsuite, hubspot = stores
    load_world(small_world, netsuite, hubspot)
    newest = max((row["id"] for row in netsuite.rows("transaction")), key=int)
    keys = {row["uniquekey"] for row in netsuite.rows("transactionline", transaction=newest)}
    netsuite.delete("transaction", {"id": newest})
    netsuite.delete("transactionline", {"transaction": newest})
    netsuite.insert(
        "deletedrecord", [{"recordid": newest, "name": "Sales Order #SO99999", "deleteddate": TEXT}]
    )
    run(netsuite, hubspot, 1)
    assert netsuite.rows("transaction", id=newest) == []
    assert not keys & {row["uniquekey"] for row in netsuite.rows("transactionline")}
    assert netsuite.rows("transaction", tranid="SO100000") != []


def test_customers_whose_company_vanished_buy_no_more(tmp_path, small_world):
    netsuite, hubspot = NetSuiteStore(tmp_path / "n"), HubSpotStore(tmp_path / "h")
    kept = small_world.hubspot["companies"][0]["id"]
    small_world.hubspot["companies"] = small_world.hubspot["companies"][:1]
    small_world.hubspot["contacts"] = []
    load_world(small_world, netsuite, hubspot)
    events = run(netsuite, hubspot, 3)
    companies = {row["id"] for row in hubspot.objects("companies")}
    ids = {row["id"]: row["custentity_celigo_hubspot_id"] for row in netsuite.rows("customer")}
    buyers = [ids[netsuite.rows("transaction", id=event["order_id"])[0]["entity"]]
              for event in events if event["event"] == "order created"]  # fmt: skip
    assert len(buyers) > 5
    assert {company for company in buyers if company} <= companies
    assert kept in companies


def test_a_deleted_order_leaves_a_deleted_record_and_nothing_else(after_twelve):
    _, netsuite, _, events = after_twelve
    deleted = [event for event in events if event["event"] == "order deleted"]
    assert deleted
    for event in deleted:
        assert netsuite.rows("transaction", id=event["order_id"]) == []
        assert netsuite.rows("transactionline", transaction=event["order_id"]) == []
        (record,) = netsuite.rows("deletedrecord", recordid=event["order_id"])
        assert record["name"] == f"Sales Order #{event['order']}"
        assert record["deleteddate"] >= TEXT


def test_a_customer_that_joins_has_a_company_on_both_sides(after_twelve):
    world, netsuite, hubspot, events = after_twelve
    companies = {row["id"] for row in hubspot.objects("companies")}
    joined = [event["customer"] for event in events if event["event"] == "customer joined HubSpot"]
    before = {row["id"]: row["custentity_celigo_hubspot_id"] for row in world.netsuite["customer"]}
    for customer in joined:
        (row,) = netsuite.rows("customer", id=customer)
        assert before[customer] is None
        assert row["custentity_celigo_hubspot_id"] in companies
        assert row["lastmodifieddate"] >= TEXT


def test_new_orders_are_dated_today_in_the_accounts_zone_and_signed_by_their_step(after_twelve):
    _, netsuite, _, events = after_twelve
    created = [event["order_id"] for event in events if event["event"] == "order created"]
    rows = [row for row in netsuite.rows("transaction") if row["id"] in created]
    assert {row["trandate"] for row in rows} == {"2026-11-24"}
    assert {row["externalid"].split("-")[1] for row in rows} == {str(step) for step in range(1, 13)}


def test_a_new_orders_date_follows_the_account_not_utc(small_world, stores):
    load_world(small_world, stores[0], stores[1])
    at = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    events = tick(stores[0], stores[1], 7, at, Switches())
    created = [event["order_id"] for event in events if event["event"] == "order created"]
    assert {row["trandate"] for row in stores[0].rows("transaction") if row["id"] in created} == {
        "2026-11-24"
    }


def orders_before_and_after(
    stores: Stores, world: World, switches: Switches, event_name: str
) -> tuple[list[tuple[Row, Row, Row]], str]:
    """(before, after, event) of the orders of the first step in which the event happens."""
    load_world(world, stores[0], stores[1])
    for step in range(25):
        before = {row["id"]: row for row in stores[0].rows("transaction")}
        events = tick(stores[0], stores[1], 7, NOW + timedelta(minutes=step), switches)
        hits = [event for event in events if event["event"] == event_name]
        if hits:
            after = {row["id"]: row for row in stores[0].rows("transaction")}
            stamp = (NOW + timedelta(minutes=step)).strftime("%Y-%m-%d %H:%M:%S")
            return [(before[hit["order_id"]], after[hit["order_id"]], hit) for hit in hits], stamp
    pytest.fail(f"{event_name} did not happen in 25 steps")


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("switch,event", [
    ("order_stamp_moves_on_fulfilment", "order shipped"), ("order_stamp_moves_on_billing", "order billed"),
    ("order_stamp_moves_on_tracking_edit", "tracking number changed"), ("order_stamp_moves_on_line_edit", "line changed"),
])  # fmt: skip
def test_the_orders_stamp_moves_as_the_switch_says(small_world, stores, switch, event, moves):
    switches = Switches().changed({switch: moves})
    hits, stamp = orders_before_and_after(stores, small_world, switches, event)
    for before, after, _ in hits:
        assert (after["lastmodifieddate"] == stamp) == moves
        assert moves or after["lastmodifieddate"] == before["lastmodifieddate"]


def test_a_line_edit_moves_the_stamp_of_the_line_and_of_the_balancing_row(small_world, stores):
    hits, stamp = orders_before_and_after(stores, small_world, Switches(), "line changed")
    for before, after, _ in hits:
        lines = stores[0].rows("transactionline", transaction=after["id"])
        moved = [line["mainline"] for line in lines if line["linelastmodifieddate"] == stamp]
        assert sorted(moved) == ["F", "T"]
        assert Decimal(after["foreigntotal"]) > Decimal(before["foreigntotal"])


def test_a_removed_line_is_gone_and_the_total_is_less(small_world, stores):
    hits, stamp = orders_before_and_after(stores, small_world, Switches(), "line removed")
    for before, after, event in hits:
        lines = stores[0].rows("transactionline", transaction=after["id"])
        assert event["detail"].removeprefix("line ") not in {line["uniquekey"] for line in lines}
        assert Decimal(after["foreigntotal"]) <= Decimal(before["foreigntotal"])
        assert [line["linelastmodifieddate"] for line in lines if line["mainline"] == "T"] == [stamp]


def test_shipping_adds_a_fulfilment_with_tracking(small_world, stores):
    hits, stamp = orders_before_and_after(stores, small_world, Switches(), "order shipped")
    for before, after, _ in hits:
        assert (before["status"], after["status"]) == ("B", "F")
        links = stores[0].rows("nexttransactionlink", previousdoc=after["id"], linktype="ShipRcpt")
        (document,) = stores[0].rows("transaction", id=links[-1]["nextdoc"])
        assert (document["type"], document["status"], document["lastmodifieddate"]) == (
            "ItemShip",
            "C",
            stamp,
        )
        assert stores[0].rows("trackingnumbermap", transaction=document["id"])


def test_planted_orders_keep_what_is_wrong_with_them(after_twelve):
    world, netsuite, _, events = after_twelve
    touched = {event.get("order") for event in events}
    for number in world.planted["does_not_add_up"]:
        if number not in touched:
            (order,) = netsuite.rows("transaction", tranid=number)
            lines = netsuite.rows("transactionline", transaction=order["id"])
            assert abs(total_of(lines) - Decimal(order["foreigntotal"])) == Decimal("0.01")
    sound_only = {"line changed", "line removed", "order shipped", "order billed", "return authorized"}
    unsound = {number for code in ("does_not_add_up", "amount_not_a_number", "duplicate_line_keys", "no_lines")
               for number in world.planted[code]}  # fmt: skip
    assert not {event["order"] for event in events if event["event"] in sound_only} & unsound


def test_any_folder_can_live_on(stores, folder):  # noqa: F811
    netsuite, hubspot = stores
    load_world(read_folder(folder), netsuite, hubspot)
    events = run(netsuite, hubspot, 4)
    created = [event for event in events if event["event"] == "order created"]
    assert len(created) >= 4
    items = {row["id"] for row in netsuite.rows("item")}
    for event in created:
        lines = netsuite.rows("transactionline", transaction=event["order_id"])
        assert {line["item"] for line in lines if line["item"]} <= items
        for order in netsuite.rows("transaction", id=event["order_id"]):
            assert total_of(lines) == Decimal(order["foreigntotal"])


def test_an_empty_sandbox_and_a_naive_time_are_refused(stores, small_world):
    with pytest.raises(ValueError, match="holds no orders"):
        tick(stores[0], stores[1], 7, NOW, Switches())
    load_world(small_world, stores[0], stores[1])
    with pytest.raises(ValueError, match="aware time"):
        tick(stores[0], stores[1], 7, NOW.replace(tzinfo=None), Switches())


def test_returns_live_on_with_receipts_and_refunds_of_their_own(after_twelve):
    _, netsuite, _, events = after_twelve
    headers = {row["id"]: row for row in netsuite.rows("transaction")}
    origins = {
        row["transaction"]: row["createdfrom"] for row in netsuite.rows("transactionline", mainline="T")
    }
    refunds = {origins[key]: row for key, row in headers.items() if row["type"] in ("CustCred", "CashRfnd")}
    receipts = {origins[key] for key, row in headers.items() if row["type"] == "ItemRcpt"}
    happened: dict[str, set[str]] = {}
    for event in events:
        if "return_id" in event:
            happened.setdefault(event["event"], set()).add(event["return_id"])
    for one in happened["return refunded"]:
        assert (headers[one]["status"], refunds[one]["foreigntotal"]) == ("G", headers[one]["foreigntotal"])
    assert (happened["return received"] | happened["return received in part"]) - happened[
        "return deleted"
    ] <= receipts
    assert happened["return deleted"].isdisjoint(headers)
    assert happened["return deleted"] <= {row["recordid"] for row in netsuite.rows("deletedrecord")}
