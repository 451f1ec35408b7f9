"""The made-up company: the same each time, believable, and adding up."""

import time
from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from ns_hs_orders.sandbox.hubspot.model.records import FIRST_ID
from ns_hs_orders.sandbox.netsuite.tables import CUSTOM_PREFIXES, TABLES
from ns_hs_orders.sandbox.world import generate, lived_in
from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.products import MISSING
from ns_hs_orders.sandbox.world.lived_in import OTHER_PORTAL, URL_FIELD
from ns_hs_orders_tests.sandbox.world.arithmetic import good_orders, lines_by_order, parts_of, total_of
from ns_hs_orders_tests.sandbox.world.conftest import TODAY

EXPONENTS = {"1": 2, "2": 2, "3": 2, "4": 0}


def test_the_same_four_values_give_the_same_world_row_for_row(small_world):
    assert generate(120, 3, TODAY) == small_world


@pytest.mark.parametrize("other", [(121, 3, TODAY, 60), (120, 4, TODAY, 60), (120, 3, date(2026, 11, 23), 60), (120, 3, TODAY, 59)])  # fmt: skip
def test_another_value_gives_another_world(small_world, other):
    assert generate(*other) != small_world


def test_two_thousand_orders_are_made_in_a_few_seconds():
    started = time.perf_counter()
    world = generate(2000, 1, TODAY)
    assert time.perf_counter() - started < 10
    assert len(list(world.orders())) == 2000


@pytest.mark.parametrize("orders", [1, 2, 8, 39, 40, 57])
def test_a_world_has_as_many_orders_as_asked_for(orders):
    assert len(list(generate(orders, 5, TODAY).orders())) == orders


@pytest.mark.parametrize("orders,days", [(0, 60), (-1, 60), (10, 0)])
def test_a_world_without_orders_or_days_is_refused(orders, days):
    with pytest.raises(ValueError, match="at least one order and one day"):
        generate(orders, 5, TODAY, days)


@pytest.mark.parametrize("seed", [7, 8])
def test_every_good_order_adds_up_to_the_minor_unit(big_world, seed):
    world = big_world if seed == 7 else generate(600, seed, TODAY)
    lines = lines_by_order(world)
    orders = good_orders(world)
    assert len(orders) >= 570
    for order in orders:
        total = Decimal(order["foreigntotal"])
        assert total_of(lines[order["id"]]) == total, order["tranid"]
        assert total > 0
        assert total.as_tuple().exponent == -EXPONENTS[order["currency"]], order["foreigntotal"]


def test_the_balancing_row_carries_the_total_and_is_one(big_world):
    lines = lines_by_order(big_world)
    for order in good_orders(big_world):
        main = [line for line in lines[order["id"]] if line["mainline"] == "T"]
        assert [line["foreignamount"] for line in main] == [order["foreigntotal"]]


def test_lines_have_netsuites_signs(big_world):
    seen: Counter[str] = Counter()
    orders = {order["id"] for order in good_orders(big_world)}
    for line in big_world.netsuite["transactionline"]:
        if line["transaction"] not in orders or line["mainline"] == "T" or line["iscogs"] == "T":
            continue
        amount = Decimal(line["foreignamount"] or 0)
        quantity = Decimal(line["quantity"]) if line["quantity"] else None
        kind = line["itemtype"]
        seen[kind] += 1
        if line["taxline"] == "T":
            assert amount <= 0
            assert quantity in (-1, 0)
        elif kind == "ShipItem":
            assert quantity == -1
            assert amount < 0
        elif kind in ("Discount", "GiftCert", "Payment"):
            assert quantity is None
            assert amount > 0
        elif kind in ("Markup", "Subtotal", "EndGroup"):
            assert quantity is None
            assert amount < 0
        elif kind in ("InvtPart", "Kit", "Service", "OthCharge", "NonInvtPart", "Assembly"):
            assert quantity is not None
            assert (quantity < 0) == (line["memo"] != "Trade-in")
            assert amount <= 0 or line["memo"] == "Trade-in"
    kinds = {
        "InvtPart",
        "Assembly",
        "NonInvtPart",
        "OthCharge",
        "Service",
        "Kit",
        "Group",
        "EndGroup",
        "Subtotal",
    }
    assert kinds | {"Description", "Markup", "Discount", "ShipItem", "TaxItem", "GiftCert", "Payment"} <= set(
        seen
    )


def test_line_amounts_are_quantity_times_rate_rounded_half_up(big_world):
    orders = {order["id"]: EXPONENTS[order["currency"]] for order in good_orders(big_world)}
    inexact = 0
    for line in big_world.netsuite["transactionline"]:
        if (
            line["transaction"] in orders
            and line["itemtype"] == "InvtPart"
            and line["rate"]
            and line["foreignamount"]
        ):
            exact = Decimal(line["quantity"]) * Decimal(line["rate"])
            unit = Decimal(1).scaleb(-orders[line["transaction"]])
            assert Decimal(line["foreignamount"]) == exact.quantize(unit, ROUND_HALF_UP)
            inexact += exact != Decimal(line["foreignamount"])
    assert inexact > 100


def test_repeats_kit_components_and_cost_rows_would_break_the_total_if_counted(big_world):
    lines = lines_by_order(big_world)
    kinds: Counter[str] = Counter()
    for order in good_orders(big_world):
        for line in lines[order["id"]]:
            kinds[line["itemtype"]] += (
                line["itemtype"] in ("Subtotal", "EndGroup") and line["foreignamount"] != "0"
            )
            kinds["kit component"] += line["kitcomponent"] == "T"
            kinds["cost"] += line["iscogs"] == "T" and Decimal(line["foreignamount"]) > 0
    assert min(kinds["Subtotal"], kinds["EndGroup"], kinds["kit component"], kinds["cost"]) > 20


def test_every_status_letter_and_currency_occurs(big_world):
    statuses = Counter(order["status"] for order in good_orders(big_world))
    currencies = Counter(order["currency"] for order in good_orders(big_world))
    assert set(statuses) == set("ABCDEFGH")
    assert min(statuses.values()) > 20
    assert set(currencies) == {"1", "2", "3", "4"}
    assert min(currencies.values()) > 50


def test_a_world_of_eight_orders_shows_every_status_and_currency_too():
    orders = list(generate(8, 1, TODAY).orders())
    assert {order["status"] for order in orders} == set("ABCDEFGH")
    assert {"1", "2", "3", "4"} <= {order["currency"] for order in orders}


def test_orders_lie_in_the_days_asked_for_and_nothing_lies_in_the_future(big_world):
    days = [date.fromisoformat(order["trandate"]) for order in big_world.orders()]
    assert min(days) >= TODAY - timedelta(days=59)
    assert max(days) == TODAY
    stamps = [row["lastmodifieddate"] for row in big_world.netsuite["transaction"]]
    stamps += [row["linelastmodifieddate"] for row in big_world.netsuite["transactionline"]]
    assert max(stamps) <= "2026-11-24 00:00:00"
    ids = [int(order["id"] or 0) for order in big_world.orders()]
    assert (ids, days) == (sorted(ids), sorted(days))
    weekdays = Counter(day.weekday() for day in days)
    assert weekdays[6] < weekdays[1] / 2


def test_about_one_customer_in_seven_is_not_in_hubspot(big_world):
    customers = big_world.netsuite["customer"]
    companies = {company["id"] for company in big_world.hubspot["companies"]}
    ids = [customer["custentity_celigo_hubspot_id"] for customer in customers]
    assert 0.8 < sum(one is not None for one in ids) / len(ids) < 0.9
    assert [one for one in ids if one and one not in companies] == ["99999999001"]
    with_id = {c["id"] for c in customers if c["custentity_celigo_hubspot_id"]}
    skipped = [order for order in big_world.orders() if order["entity"] not in with_id]
    assert len(skipped) > 100


def test_there_are_persons_children_and_projects_with_a_company(big_world):
    customers = {row["id"]: row for row in big_world.netsuite["customer"]}
    assert any(row["isperson"] == "T" and row["custentity_celigo_hubspot_id"] for row in customers.values())
    assert all(row["parent"] in customers for row in customers.values() if row["parent"])
    assert any(row["parent"] for row in customers.values())
    projects = [job for job in big_world.netsuite["job"] if job["customer"]]
    assert [customers[job["customer"]]["custentity_celigo_hubspot_id"] is not None for job in projects] == [
        True
    ] * 3
    assert {order["entity"] for order in big_world.orders()} & {job["id"] for job in projects}


def test_one_rep_is_no_owner_and_one_has_left(big_world):
    owners = {row["email"]: row["archived"] for row in big_world.hubspot["owners"]}
    reps = {row["email"]: row["isinactive"] for row in big_world.netsuite["employee"]}
    assert [email for email in reps if email not in owners] == ["noah.feldman@ridgeandriver.example"]
    assert [email for email, gone in reps.items() if gone == "T"] == ["greta.holm@ridgeandriver.example"]
    assert owners["greta.holm@ridgeandriver.example"] == "true"


def test_shipped_orders_have_fulfilments_with_tracking_and_partial_ones_have_both_states(big_world):
    tables = big_world.netsuite
    documents = {row["id"]: row for row in tables["transaction"]}
    tracked = {row["transaction"] for row in tables["trackingnumbermap"]}
    shipped: dict[str, list[str]] = {}
    for row in tables["nexttransactionlink"]:
        if row["linktype"] == "ShipRcpt" and documents[row["nextdoc"]]["status"] == "C":
            shipped.setdefault(row["previousdoc"], []).append(row["nextdoc"])
    lines = lines_by_order(big_world)
    for order in good_orders(big_world):
        goods = [ln for ln in lines[order["id"]] if ln["quantityshiprecv"] is not None]
        done = [Decimal(ln["quantityshiprecv"]) for ln in goods]
        asked = [-Decimal(ln["quantity"]) for ln in goods]
        if order["status"] in "DEFG":
            assert shipped[order["id"]], order["tranid"]
            assert set(shipped[order["id"]]) <= tracked
            assert (done == asked) == (order["status"] in "FG")
            assert sum(done) > 0
        if order["status"] in "ABC":
            assert order["id"] not in shipped
            assert sum(done) == 0
    states = Counter(row["status"] for row in tables["transaction"] if row["type"] == "ItemShip")
    assert set(states) == {"A", "B", "C"}


def test_tracking_numbers_look_like_those_of_three_carriers(big_world):
    shapes = Counter((row["trackingnumber"][:2], len(row["trackingnumber"])) for row in big_world.netsuite["trackingnumber"])  # fmt: skip
    assert shapes[("1Z", 18)] > 100
    assert shapes[("94", 22)] > 100
    assert sum(count for (_, length), count in shapes.items() if length == 12) > 100


def test_closed_orders_have_closed_lines_and_billed_orders_bills(big_world):
    lines = lines_by_order(big_world)
    kinds = {row["id"]: row["type"] for row in big_world.netsuite["transaction"]}
    billed = {row["previousdoc"]: kinds[row["nextdoc"]] for row in big_world.netsuite["nexttransactionlink"] if row["linktype"] == "OrdBill"}  # fmt: skip
    assert set(billed.values()) == {"CustInvc", "CashSale"}
    closed_unbilled = closed_billed = 0
    for order in good_orders(big_world):
        if order["status"] == "H":
            assert any(line["isclosed"] == "T" for line in lines[order["id"]])
            closed_billed += order["id"] in billed
            closed_unbilled += order["id"] not in billed
        if order["status"] in "EG":
            assert order["id"] in billed, order["tranid"]
    assert min(closed_billed, closed_unbilled) > 10


def returns_of(world: Any) -> Any:
    """Each return's header, main line and other lines."""
    lines = lines_by_order(world)
    for row in world.netsuite["transaction"]:
        if row["type"] == "RtnAuth":
            (main,) = [line for line in lines[row["id"]] if line["mainline"] == "T"]
            yield row, main, [line for line in lines[row["id"]] if line["mainline"] != "T"]


def test_returns_are_negative_and_their_lines_the_other_way_round(big_world):
    found = list(returns_of(big_world))
    assert len(found) > 50
    for row, main, lines in found:
        assert Decimal(row["foreigntotal"]) < 0
        assert main["foreignamount"] == row["foreigntotal"]
        assert total_of([{"iscogs": "F", **line} for line in lines]) == Decimal(row["foreigntotal"])
    assert any(line["itemtype"] == "Discount" for _, _, lines in found for line in lines)
    assert any(line["taxline"] == "T" for _, _, lines in found for line in lines)


def test_returns_have_every_status_and_every_origin(big_world):
    headers = {row["id"]: row for row in big_world.netsuite["transaction"]}
    found = list(returns_of(big_world))
    assert {row["status"] for row, _, _ in found} == set("ABCDEFGH")
    origins = Counter(
        headers.get(main["createdfrom"], {"type": "deleted"})["type"] if main["createdfrom"] else "none"
        for _, main, _ in found
    )
    assert origins.keys() == {"SalesOrd", "CustInvc", "CashSale", "RtnAuth", "none", "deleted"}
    parents = Counter(main["createdfrom"] for _, main, _ in found)
    assert max(count for one, count in parents.items() if one) > 1
    above = [
        row
        for row, main, _ in found
        if (order := headers.get(main["createdfrom"]))
        and order["currency"] == row["currency"]
        and -Decimal(row["foreigntotal"]) > Decimal(order["foreigntotal"])
    ]
    abroad = [
        row
        for row, main, _ in found
        if (order := headers.get(main["createdfrom"])) and order["currency"] != row["currency"]
    ]
    assert above
    assert abroad


def test_what_came_back_and_was_paid_back_fits_the_status_of_the_return(big_world):
    followers: dict[str, list[Any]] = {}
    headers = {row["id"]: row for row in big_world.netsuite["transaction"]}
    for line in big_world.netsuite["transactionline"]:
        if line["mainline"] == "T" and line.get("createdfrom"):
            followers.setdefault(line["createdfrom"] or "", []).append(headers[line["transaction"]])
    part_received = 0
    for row, _, lines in returns_of(big_world):
        goods = [line for line in lines if line["itemtype"] in ("InvtPart", "Assembly", "NonInvtPart", "Kit")]
        units = sum((Decimal(line["quantity"]) for line in goods), Decimal(0))
        came = sum((Decimal(line.get("quantityshiprecv") or 0) for line in goods), Decimal(0))
        kinds = [one["type"] for one in followers.get(row["id"], []) if one["type"] != "RtnAuth"]
        assert came == {"A": 0, "B": 0, "C": 0, "F": units, "G": units}.get(row["status"], came)
        assert 0 <= came <= units
        assert ("ItemRcpt" in kinds) == (came > 0)
        part_received += row["status"] in "DEH" and 0 < came < units
        refunds = [one for one in followers.get(row["id"], []) if one["type"] in ("CustCred", "CashRfnd")]
        assert [one["foreigntotal"] for one in refunds] == (
            [row["foreigntotal"]] if row["status"] == "G" else []
        )
    assert part_received > 3


def test_taxes_lie_between_nothing_and_21_percent(big_world):
    lines = lines_by_order(big_world)
    rates = set()
    for order in good_orders(big_world):
        parts = parts_of(lines[order["id"]])
        rate = parts["tax"] / (parts["goods"] - parts["discount"])
        assert 0 <= rate < Decimal("0.2101") or parts["goods"] < 40
        rates.add(rate.quantize(Decimal("0.01")))
    assert {Decimal("0.00"), Decimal("0.08"), Decimal("0.19"), Decimal("0.21")} <= rates


def test_memos_are_as_people_write_them(big_world):
    memos = "".join({order["memo"] or "" for order in good_orders(big_world)})
    for piece in ("🎁", "هذا", "הזמנה", "\n", "\t", "<b>", "追"):
        assert piece in memos
    notes = {order["custbody_payment_note"] for order in good_orders(big_world)}
    assert "Visa ending 4242" in notes


def test_portal_orders_name_their_store_and_some_have_no_rep(big_world):
    portal = [order for order in good_orders(big_world) if order["source"]]
    assert all(order["source"].startswith("Web (") and order["custbody_source_store"] for order in portal)
    assert any(order["employee"] is None for order in portal)
    assert all(order["employee"] for order in good_orders(big_world) if not order["source"])


def test_every_row_uses_columns_that_netsuite_has_and_ids_that_exist(big_world):
    for table, rows in big_world.netsuite.items():
        columns = {column for row in rows for column in row}
        prefix = CUSTOM_PREFIXES.get(table, "-")
        assert not {column for column in columns - set(TABLES[table]) if not column.startswith(prefix)}, table
    tables = big_world.netsuite
    entities = {row["id"] for row in (*tables["customer"], *tables["job"])}
    items = {row["id"] for row in tables["item"]}
    addresses = {row["nkey"] for row in tables["transactionshippingaddress"]}
    assert {order["entity"] for order in big_world.orders()} <= entities
    assert {line.get("item") for line in tables["transactionline"]} - {None} <= items
    assert {order["shippingaddress"] for order in big_world.orders()} <= addresses
    deals = {row["id"] for row in big_world.hubspot["deals"]}
    urls = {order["custbody_hubspot_deal_url"] for order in big_world.orders()} - {None}
    assert {url.rsplit("/", 1)[1] for url in urls} == deals


def test_hubspot_has_a_product_for_most_of_what_is_sold_and_its_library_is_not_quite_right(big_world):
    skus = [row["hs_sku"] for row in big_world.hubspot["products"]]
    sold = {item.sku for item in (*catalog.GOODS, catalog.KIT)}
    assert len(sold - set(skus)) == MISSING + 1, "one of them is there in small letters"
    assert [one for one in skus if one and one not in sold] == [one for one in skus if one and one.islower()]
    assert sorted(Counter(skus).values())[-2:] == [1, 2]
    assert skus.count(None) == 1
    used = {row.get("item") for row in big_world.netsuite["transactionline"]}
    assert all(item.id in used for item in catalog.GOODS), "so that each of them is told of in the demo"
    assert max(int(row["id"]) for row in big_world.hubspot["products"]) < FIRST_ID


def test_a_lived_in_world_differs_in_addresses_of_deals_and_orders_of_a_shop_alone(big_world):
    world = lived_in(big_world, 7)
    assert world == lived_in(big_world, 7) != lived_in(big_world, 8)
    changed = [
        (old, new)
        for old, new in zip(big_world.netsuite["transaction"], world.netsuite["transaction"], strict=True)
        if old != new
    ]
    assert [{name for name in old if old[name] != new[name]} for old, new in changed] == [{URL_FIELD}] * 8
    assert sum(OTHER_PORTAL in (new[URL_FIELD] or "") for _, new in changed) == 1
    by_number, by_id, of_nothing = world.hubspot["orders"]
    totals = {row["tranid"]: row["foreigntotal"] for row in world.orders()} | {
        row["id"]: row["foreigntotal"] for row in world.orders()
    }
    assert totals[by_number["hs_order_name"]] == by_number["hs_total_price"]
    assert totals[by_id["hs_external_order_id"]] == by_id["hs_total_price"]
    assert of_nothing["hs_external_order_id"] not in totals
    assert big_world.hubspot["orders"] == []
    assert {name for name in world.netsuite if world.netsuite[name] != big_world.netsuite[name]} == {
        "transaction"
    }
    assert {name for name in world.hubspot if world.hubspot[name] != big_world.hubspot[name]} == {"orders"}


@pytest.mark.parametrize("orders", [1, 2, 8])
def test_a_small_world_is_lived_in_as_far_as_it_has_orders(orders):
    world = lived_in(generate(orders, 5, TODAY), 5)
    assert len(world.hubspot["orders"]) <= 3
    assert len(list(world.orders())) == orders
