"""Sales dollars: one definition, each order's amount by it, and a bridge whose rest is zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.reconcile.sales.definition import SalesDefinition, read_definition
from ns_hs_orders.reconcile.sales.dollars import base_sums, sales_sums, with_sales
from ns_hs_orders.reconcile.schema import BridgeStep, Reconciliation, SalesSums
from ns_hs_orders.report.markdown import summary
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.sales_figures import without_rate
from ns_hs_orders.report.text import as_text
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, Both, Sale
from ns_hs_orders_tests.report.spreadsheets.opened import excel_bytes, workbook


def by(result: Reconciliation, definition: SalesDefinition) -> dict[str, SalesSums]:
    """The same orders under another definition."""
    orders = with_sales(result.orders.copy(), definition, result.first, result.last)
    return sales_sums(orders, result.control, definition, result.first, result.last)


def steps(sums: SalesSums) -> dict[str, tuple[int, int]]:
    return {step.cause: (step.orders, step.amount_minor) for step in (*sums.not_counted, *sums.steps)}


@pytest.fixture
def world() -> Both:
    both = Both()
    both.synced(
        Sale("1", total="110.00", tax="10.00", shipping="5.00"),
        Sale("2", total="40.00", stage="cancelled"),
        Sale("3", total="70.00", closed="20.00"),
        Sale("4", total="1000", currency="JPY", rate="0.0065"),
    )
    return both


def test_by_default_all_but_cancelled_counts_with_tax_and_shipping_less_what_was_closed(world: Both) -> None:
    result = world.reconcile()
    usd = result.sales["USD"]

    assert usd.netsuite_minor == 22000
    assert steps(usd) == {"stage does not count": (1, -4000), "closed unbilled": (1, -2000)}
    assert (usd.sales_netsuite_minor, usd.sales_hubspot_minor, usd.unexplained_minor) == (16000, 16000, 0)
    assert result.sales["JPY"].sales_hubspot_minor == 1000
    assert result.definition.sentence.startswith(
        "Sales dollars: all stages but cancelled, by order date, with tax and shipping, less what was closed unbilled (sales-1-"
    )


@pytest.mark.parametrize(
    ("definition", "sales"),
    [
        (SalesDefinition(with_tax=False), 15000),
        (SalesDefinition(with_shipping=False), 15500),
        (SalesDefinition(with_tax=False, with_shipping=False), 14500),
        (SalesDefinition(less_closed=False), 18000),
        (SalesDefinition(stages=("billed", "cancelled"), less_closed=False), 22000),
        (SalesDefinition(stages=("cancelled",)), 4000),
    ],
)
def test_each_choice_of_the_definition_changes_the_number_and_the_rest_stays_zero(
    world: Both, definition: SalesDefinition, sales: int
) -> None:
    usd = by(world.reconcile(), definition)["USD"]

    assert (usd.sales_netsuite_minor, usd.sales_hubspot_minor, usd.unexplained_minor) == (sales, sales, 0)
    assert usd.netsuite_minor + sum(step.amount_minor for step in usd.not_counted) == sales


def test_a_number_of_the_past_can_be_computed_again_by_the_definition_of_its_day(world: Both) -> None:
    before = SalesDefinition(with_tax=False, stages=("billed",))
    read = read_definition(before.written())

    assert read == before
    assert read.version == before.version != SalesDefinition().version
    assert by(world.reconcile(), read)["USD"] == by(world.reconcile(), before)["USD"]


def test_an_edit_in_hubspot_is_a_step_of_the_sales_bridge(world: Both) -> None:
    held = world.hubspot.orders["1"]
    world.hubspot.orders["1"] = replace(held, properties={**held.properties, "hs_total_price": "100.00"})
    usd = world.reconcile().sales["USD"]

    assert steps(usd)["edited in HubSpot"] == (1, -1000)
    assert (usd.sales_netsuite_minor, usd.sales_hubspot_minor, usd.unexplained_minor) == (16000, 15000, 0)


def test_an_order_that_hubspot_shows_as_cancelled_is_no_sale_there(world: Both) -> None:
    held = world.hubspot.orders["1"]
    world.hubspot.orders["1"] = replace(
        held, properties={**held.properties, "hs_pipeline_stage": "cancelled-stage"}
    )
    result = world.reconcile()
    (row,) = result.orders[result.orders["order_id_netsuite"] == "1"].to_dict("records")

    assert (row["stage_netsuite"], row["stage_hubspot"]) == ("billed", "cancelled")
    assert (row["sales_netsuite_minor"], row["sales_hubspot_minor"]) == (11000, 0)
    assert result.sales["USD"].unexplained_minor == 0


def test_in_base_currency_each_order_is_converted_once_at_its_own_rate(world: Both) -> None:
    world.synced(Sale("5", total="999", currency="JPY", rate="0.0067"))
    base = world.reconcile().base

    assert base is not None
    # 1000 × 0.0065 = 6.50, 999 × 0.0067 = 6.6933
    assert base.sales_netsuite_minor == 16000 + 650 + 669
    assert (base.currency, base.orders, base.without_rate, base.unexplained_minor) == ("USD", 5, 0, 0)


def test_an_order_without_a_rate_is_told_and_in_no_base_sum(world: Both) -> None:
    world.synced(Sale("5", total="50.00", currency="EUR", rate=None))
    base = world.reconcile().base

    assert base is not None
    assert (base.orders, base.without_rate, base.sales_netsuite_minor) == (4, 1, 16650)


def test_there_is_no_base_sum_where_no_currency_is_the_base(world: Both) -> None:
    result = world.reconcile()
    only_jpy = result.orders[result.orders["currency"] == "JPY"]

    assert base_sums(only_jpy, (), SalesDefinition(), DAY, DAY) is None
    named = base_sums(only_jpy, (), SalesDefinition(base_currency="USD"), DAY, DAY)
    assert named is not None
    assert named.sales_hubspot_minor == 650


def test_by_sales_effective_date_an_order_belongs_to_that_day(world: Both) -> None:
    world.synced(Sale("6", total="30.00", sales_on=NEXT_DAY))
    usd = by(world.reconcile(), SalesDefinition(date_basis="sales_effective_date"))["USD"]

    assert steps(usd)["sales effective on another day"] == (1, -3000)
    assert (usd.sales_netsuite_minor, usd.unexplained_minor) == (16000, 0)


def test_what_is_held_back_is_in_netsuites_sales_and_leaves_them_by_its_cause(world: Both) -> None:
    world.netsuite.sales["7"] = Sale("7", total="25.00", standing="skipped", reason="customer_not_in_hubspot")
    usd = world.reconcile().sales["USD"]

    assert usd.steps == (BridgeStep("skipped", 1, -2500),)
    assert (usd.sales_netsuite_minor, usd.sales_hubspot_minor, usd.unexplained_minor) == (18500, 16000, 0)


@pytest.mark.parametrize("wrong", [{"stages": ("won",)}, {"stages": ()}, {"date_basis": "today"}])
def test_a_definition_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        SalesDefinition(**wrong)


def test_a_text_that_is_no_definition_is_refused() -> None:
    with pytest.raises(ConfigError, match="is not a definition of sales dollars"):
        read_definition("{}")


def test_links_lead_to_both_records(world: Both) -> None:
    (row,) = world.reconcile(date(2026, 11, 2)).orders.query("order_id_netsuite == '1'").to_dict("records")

    assert row["url_netsuite"] == "https://netsuite.test/salesord?id=1"
    assert row["url_hubspot"] == f"https://hubspot.test/{row['order_id_hubspot']}"


def test_no_link_leads_to_an_order_that_netsuite_does_not_have(world: Both) -> None:
    del world.netsuite.sales["1"]

    (row,) = world.reconcile(date(2026, 11, 2)).orders.query("order_id_netsuite == '1'").to_dict("records")

    assert (row["finding"], row["cause"]) == ("only in HubSpot", "deleted in NetSuite")
    assert pd.isna(row["url_netsuite"])
    assert row["url_hubspot"] == f"https://hubspot.test/{row['order_id_hubspot']}"


def test_an_order_that_was_counted_but_not_read_is_told_beside_the_base_sum(world: Both) -> None:
    world.netsuite.sales["9"] = Sale("9", total="12.00")
    world.netsuite.drops.add("9")
    result = world.reconcile()

    assert result.sales["USD"].unexplained_minor == 1200
    assert result.base is not None
    assert (result.base.unexplained_minor, result.base.without_rate) == (0, 1)
    words = "1 order has no exchange rate, and is not in “all in USD”."
    assert without_rate(result) == words
    assert words in as_text(result, width=200)
    assert words in summary(result).replace("\\", "")
    rows = workbook(excel_bytes(Review(result, ())))["summary"].iter_rows(values_only=True)
    assert ("Without an exchange rate", words) in [row[:2] for row in rows]


def test_a_skipped_order_in_another_currency_is_in_the_base_sum_at_its_rate(world: Both) -> None:
    world.netsuite.sales["7"] = Sale(
        "7", total="300.00", currency="CAD", rate="0.75", standing="skipped", reason="customer_not_in_hubspot"
    )
    base = world.reconcile().base

    assert base is not None
    assert (base.orders, base.without_rate) == (5, 0)
    assert base.steps == (BridgeStep("skipped", 1, -22500),)


def test_a_base_currency_that_is_not_netsuites_gives_no_base_sum(world: Both) -> None:
    result = world.reconcile()

    assert base_sums(result.orders, (), SalesDefinition(base_currency="EUR"), DAY, DAY) is None


@pytest.mark.parametrize(
    ("name", "value", "raw"),
    [
        ("hs_total_price", "99999999999999999999.99", ("99999999999999999999.99", "USD")),
        ("hs_total_price", None, (None, "USD")),
        ("hs_currency_code", "XQX", ("110.00", "XQX")),
    ],
)
def test_an_amount_that_hubspot_holds_and_nobody_can_read_is_listed_with_its_text(
    world: Both, name: str, value: str | None, raw: tuple[str | None, str]
) -> None:
    world.hubspot.orders["1"].properties[name] = value
    (unknown,) = world.reconcile().unknown_amounts

    assert (unknown.order_id_netsuite, unknown.system) == ("1", "HubSpot")
    assert (unknown.raw_total, unknown.raw_currency) == raw
