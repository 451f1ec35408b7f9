"""What a reconciliation finds, which cause it gives, and what is red."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.ports import BatchAnswer, InputError
from ns_hs_orders.reconcile import look
from ns_hs_orders.reconcile.reconcile import after_reconcile
from ns_hs_orders.reconcile.result import by_day
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, BridgeStep, Reconciliation
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, NOW, Both, Sale

OTHER_DAY = date(2026, 10, 1)


def row(result: Reconciliation, key: str) -> dict[str, object]:
    found = result.orders[result.orders["order_id_netsuite"] == key]
    assert len(found) == 1
    record = found.iloc[0].to_dict()
    return {str(name): None if pd.isna(value) else value for name, value in record.items()}


def told(result: Reconciliation) -> list[tuple[object, ...]]:
    columns = ["order_number", "field", "netsuite", "hubspot", "difference_minor", "cause"]
    frame = result.differences[columns].astype(object)
    return [tuple(r) for r in frame.where(frame.notna(), None).itertuples(index=False)]


def test_orders_that_are_the_same_on_both_sides_agree_and_every_sum_is_shown(both: Both) -> None:
    both.synced(
        Sale("1", "100.00"), Sale("2", "50.05"), Sale("3", "1200", "JPY", tax="0", lines=(("1", "1200"),))
    )
    result = both.reconcile()
    assert result.agrees
    assert result.red_days == ()
    usd, jpy = result.currencies["USD"], result.currencies["JPY"]
    assert (usd.netsuite_minor, usd.eligible_minor, usd.accepted_minor, usd.hubspot_minor) == (15005,) * 4
    assert (usd.difference_minor, usd.unexplained_minor, usd.bridge) == (0, 0, ())
    assert (jpy.netsuite_minor, jpy.hubspot_minor, jpy.orders_hubspot) == (1200, 1200, 1)
    assert result.outcomes == {"created": 3}
    assert len(result.differences) == 0


def test_orders_proven_in_parts_are_those_proven_at_once(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    both.synced(*(Sale(str(number), f"{number}.05") for number in range(1, 6)))
    both.hubspot.orders["2"].properties["hs_total_price"] = "2.06"
    at_once = both.reconcile()

    monkeypatch.setattr(look, "PART", 2)
    in_parts = both.reconcile()

    pd.testing.assert_frame_equal(in_parts.orders, at_once.orders)
    pd.testing.assert_frame_equal(in_parts.differences, at_once.differences)
    assert told(in_parts) == [("SO2", "Total Price", "2.05 USD", "2.06 USD", 1, "edited in HubSpot")]


def test_one_cent_edited_in_hubspot_is_red_and_named(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    both.hubspot.orders["2"].properties["hs_total_price"] = "100.01"
    result = both.reconcile()
    assert result.red_days == (DAY,)
    assert told(result) == [("SO2", "Total Price", "100.00 USD", "100.01 USD", 1, "edited in HubSpot")]
    usd = result.currencies["USD"]
    assert (usd.difference_minor, usd.unexplained_minor) == (1, 0)
    assert usd.bridge == (BridgeStep("edited in HubSpot", 1, 1),)


def test_one_cent_up_and_one_cent_down_is_red_although_the_sums_are_equal(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    both.hubspot.orders["1"].properties["hs_total_price"] = "100.01"
    both.hubspot.orders["2"].properties["hs_total_price"] = "99.99"
    result = both.reconcile()
    assert result.currencies["USD"].difference_minor == 0
    assert not result.agrees
    assert len(result.differences) == 2


def test_two_errors_that_cancel_between_days_make_both_days_red(both: Both) -> None:
    both.synced(Sale("1"), Sale("2", on=NEXT_DAY), Sale("3", on=date(2026, 11, 4)))
    both.hubspot.orders["1"].properties["hs_total_price"] = "100.01"
    both.hubspot.orders["2"].properties["hs_total_price"] = "99.99"
    result = both.reconcile(DAY, date(2026, 11, 4))
    assert result.red_days == (DAY, NEXT_DAY)
    days = by_day(result)
    assert [days[on].agrees for on in sorted(days)] == [False, False, True]
    assert days[DAY].currencies["USD"].difference_minor == 1
    assert days[NEXT_DAY].currencies["USD"].difference_minor == -1
    assert days[NEXT_DAY].differences["order_number"].tolist() == ["SO2"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hs_total_price", "100"),
        ("hs_total_price", "1E2"),
        ("hs_external_created_date", "1793611800000"),
        ("hs_external_created_date", "2026-11-02T10:30:00+01:00"),
        ("netsuite_order_date", "1793577600000"),
        ("hs_order_note", None),
    ],
)
def test_the_same_value_in_hubspots_own_form_is_no_difference(
    both: Both, name: str, value: str | None
) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties[name] = value
    assert both.reconcile().agrees


@pytest.mark.parametrize("price", [None, "", "a lot", "9" * 59])
def test_a_price_that_nobody_can_read_in_hubspot_differs_and_stops_nothing(
    both: Both, price: str | None
) -> None:
    both.synced(Sale("1"), Sale("2"))
    both.hubspot.orders["1"].properties["hs_total_price"] = price
    result = both.reconcile()
    assert row(result, "1")["finding"] == "amount differs"
    assert row(result, "1")["hubspot_minor"] is None
    usd = result.currencies["USD"]
    assert usd.bridge == (BridgeStep("edited in HubSpot", 1, -10000),)
    assert (usd.hubspot_minor, usd.unexplained_minor) == (10000, 0)


@pytest.mark.parametrize("code", ["EUR", "JPY"])
def test_a_currency_changed_in_hubspot_moves_the_money_between_currencies(both: Both, code: str) -> None:
    both.synced(Sale("1", "100.00"))
    both.hubspot.orders["1"].properties["hs_currency_code"] = code
    result = both.reconcile()
    theirs = 10000 if code == "EUR" else 100
    assert result.currencies["USD"].bridge == (BridgeStep("edited in HubSpot", 1, -10000),)
    assert result.currencies[code].bridge == (BridgeStep("edited in HubSpot", 1, theirs),)
    assert result.currencies[code].held_minor == theirs
    assert {s.unexplained_minor for s in result.currencies.values()} == {0}
    assert {d[1] for d in told(result)} == {"Total Price", "Currency Code"}


def test_a_currency_that_does_not_exist_in_hubspot_is_a_difference(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_currency_code"] = "XQQ"
    result = both.reconcile()
    assert row(result, "1")["cause"] == "edited in HubSpot"
    assert list(result.currencies) == ["USD"]
    assert result.currencies["USD"].unexplained_minor == 0


def test_an_accepted_order_that_somebody_archived_in_hubspot_is_missing(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    del both.hubspot.orders["1"]
    result = both.reconcile()
    assert told(result) == [("SO1", "order", "100.00 USD", None, -10000, "deleted in HubSpot")]
    assert row(result, "1")["finding"] == "missing in HubSpot"
    assert result.currencies["USD"].difference_minor == -10000
    assert result.currencies["USD"].orders_hubspot == 1


@pytest.mark.parametrize(
    ("is_write_begun", "cause"), [(False, "edited in NetSuite"), (True, "not yet pushed")]
)
def test_an_order_that_netsuite_changed_since_the_last_write_says_so_until_a_write_has_begun(
    both: Both, is_write_begun: bool, cause: str
) -> None:
    sale = Sale("1")
    both.synced(sale)
    both.netsuite.sales["1"] = replace(sale, total="130.00")
    if is_write_begun:
        both.known.know(sale, fingerprint=None)
    result = both.reconcile()
    assert told(result) == [("SO1", "Total Price", "130.00 USD", "100.00 USD", -3000, cause)]
    assert not result.agrees


def test_a_version_that_differs_in_hubspots_own_ids_alone_was_not_edited_in_netsuite(both: Both) -> None:
    both.synced(Sale("1"))
    both.known.know(Sale("1"), fingerprint="with the company that was merged since")
    both.hubspot.orders["1"].companies = {"9002": frozenset({509})}
    found = row(both.reconcile(), "1")
    assert found["cause"] == "not yet pushed"
    assert "HubSpot's ids" in str(found["explanation"])


@pytest.mark.parametrize(("price", "cents"), [("100.004", 0), ("99.9951", 0), ("100.009", 1), ("99.991", -1)])
def test_an_amount_less_than_a_cent_apart_is_rounding_and_red(both: Both, price: str, cents: int) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_total_price"] = price
    result = both.reconcile()
    assert told(result) == [("SO1", "Total Price", "100.00 USD", f"{price} USD", cents, "rounding")]
    assert row(result, "1")["finding"] == "amount differs"
    assert row(result, "1")["hubspot_minor"] == 10000 + cents
    usd = result.currencies["USD"]
    assert (usd.bridge, usd.unexplained_minor) == ((BridgeStep("rounding", 1, cents),), 0)
    assert result.red_days == (DAY,)


def test_a_price_of_too_many_decimals_that_is_a_cent_apart_was_edited(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_total_price"] = "100.0100"
    both.hubspot.orders["1"].properties["hs_tax"] = "0.001"
    assert row(both.reconcile(), "1")["cause"] == "edited in HubSpot"


@pytest.mark.parametrize(
    ("changed", "finding", "cause"),
    [
        ("stage association rounding", "field differs", "stage differs"),
        ("stage name", "field differs", "stage differs"),
        ("name association", "field differs", "edited in HubSpot"),
        ("lines stage name association rounding", "lines differ", "lines differ"),
        ("total lines stage", "amount differs", "edited in HubSpot"),
        ("association rounding", "association missing", "association missing"),
    ],
)
def test_of_several_differences_the_weightiest_names_the_cause(
    both: Both, changed: str, finding: str, cause: str
) -> None:
    both.synced(Sale("1"))
    held = both.hubspot.orders["1"]
    for what in changed.split():
        if what == "association":
            held.companies = {}
        elif what == "lines":
            held.lines.clear()
        else:
            name, value = {
                "stage": ("hs_pipeline_stage", "another"),
                "name": ("hs_external_created_date", "2026-11-02T09:31:00.000Z"),
                "total": ("hs_total_price", "90.00"),
                "rounding": ("hs_tax", "0.004"),
            }[what]
            held.properties[name] = value
    found = row(both.reconcile(), "1")
    assert (found["finding"], found["cause"]) == (finding, cause)


def test_causes_of_equal_changes_stay_the_same_until_the_order_is_written_again(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    both.hubspot.orders["1"].properties["hs_pipeline_stage"] = "another"
    both.netsuite.sales["2"] = Sale("2", total="130.00")
    first = both.reconcile()
    for key, sale in (("1", Sale("1")), ("2", Sale("2"))):
        both.known.know(sale, fingerprint=None, reason=row(first, key)["cause"])
    again = both.reconcile()
    assert [row(again, key)["cause"] for key in "12"] == ["stage differs", "edited in NetSuite"]


def test_the_cause_stays_edited_in_hubspot_until_the_order_is_written_again(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_total_price"] = "100.01"
    both.known.know(Sale("1"), fingerprint=None, reason="edited in HubSpot")
    assert row(both.reconcile(), "1")["cause"] == "edited in HubSpot"


def test_an_order_that_was_never_written_is_due_and_red(both: Both) -> None:
    both.netsuite.sales["1"] = Sale("1")
    result = both.reconcile()
    assert (row(result, "1")["outcome"], row(result, "1")["cause"]) == ("due", "not yet pushed")
    assert result.outcomes == {"due": 1}
    assert result.red_days == (DAY,)
    assert result.currencies["USD"].accepted_minor == 0
    assert result.currencies["USD"].eligible_minor == 10000


def test_an_order_that_hubspot_holds_exactly_counts_as_accepted_even_if_the_state_was_lost(
    both: Both,
) -> None:
    both.synced(Sale("1"))
    both.known.states.clear()
    result = both.reconcile()
    assert result.agrees
    assert result.outcomes == {"unchanged": 1}
    assert result.currencies["USD"].accepted_minor == 10000


@pytest.mark.parametrize(
    ("standing", "reason"), [("skipped", "customer_not_in_hubspot"), ("quarantined", "does_not_add_up")]
)
def test_what_is_held_back_is_a_step_of_the_bridge_and_not_red(
    both: Both, standing: str, reason: str
) -> None:
    both.synced(Sale("1"))
    both.netsuite.sales["2"] = Sale("2", "70.00", standing=standing, reason=reason)
    result = both.reconcile()
    usd = result.currencies["USD"]
    assert result.agrees
    assert usd.bridge == (BridgeStep(standing, 1, -7000),)
    assert (usd.netsuite_minor, usd.accepted_minor, usd.unexplained_minor) == (17000, 10000, 0)
    assert usd.eligible_minor == (10000 if standing == "skipped" else 17000)
    assert row(result, "2")["reason"] == reason
    assert len(result.differences) == 0


def test_a_rejected_order_is_listed_with_its_reason_and_not_red(both: Both) -> None:
    both.netsuite.sales["1"] = Sale("1")
    both.known.know(Sale("1"), outcome="rejected", reason="currency_not_in_hubspot", fingerprint=None)
    result = both.reconcile()
    assert result.agrees
    assert row(result, "1")["reason"] == "currency_not_in_hubspot"
    assert result.currencies["USD"].bridge == (BridgeStep("rejected", 1, -10000),)


@pytest.mark.parametrize("standing", ["skipped", "quarantined"])
def test_an_earlier_version_still_in_hubspot_is_told_with_its_money_but_is_not_red(
    both: Both, standing: str
) -> None:
    both.synced(Sale("1", "100.00"))
    both.netsuite.sales["1"] = Sale("1", "150.00", standing=standing, reason="person_skipped")
    result = both.reconcile()
    usd = result.currencies["USD"]
    assert usd.bridge == (BridgeStep("earlier version still in HubSpot", 1, -5000),)
    assert (usd.held_minor, usd.hubspot_minor, usd.unexplained_minor) == (10000, 0, 0)
    assert result.agrees
    assert [d[-1] for d in told(result)] == ["earlier version still in HubSpot"]


def test_a_due_order_with_an_earlier_version_in_hubspot_is_red(both: Both) -> None:
    both.synced(Sale("1"))
    both.netsuite.sales["1"] = Sale("1", standing="due", reason="changing_while_read")
    result = both.reconcile()
    assert row(result, "1")["cause"] == "earlier version still in HubSpot"
    assert result.red_days == (DAY,)


def test_an_order_that_only_hubspot_has_is_red_and_counted_on_its_side(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.hold(Sale("99", "12.34"))
    result = both.reconcile()
    usd = result.currencies["USD"]
    assert told(result) == [("SO99", "order", None, "12.34 USD", 1234, "only in HubSpot")]
    assert (usd.hubspot_minor, usd.difference_minor, usd.unexplained_minor) == (11234, 1234, 0)
    assert usd.bridge == (BridgeStep("only in HubSpot", 1, 1234),)
    assert "Archive the order in HubSpot, or empty its NetSuite" in str(row(result, "99")["explanation"])
    assert result.outcomes == {"created": 1}
    assert result.red_days == (DAY,)


def test_a_key_that_is_no_netsuite_id_is_only_in_hubspot_and_never_asked_for(both: Both) -> None:
    both.hubspot.hold(Sale("1' OR 1=1", "5.00"))
    result = both.reconcile()
    assert "ids" not in both.netsuite.asked
    found = row(result, "1' OR 1=1")
    assert found["cause"] == "only in HubSpot"
    assert str(found["explanation"]).endswith("enter it there and archive this one.")
    after_reconcile(result, both.known, NOW)
    assert both.known.different == {}


def test_an_order_that_netsuite_deleted_after_a_sync_is_red_and_due_until_it_is_taken_out(
    both: Both,
) -> None:
    both.synced(Sale("1"), Sale("2"))
    del both.netsuite.sales["2"]
    result = both.reconcile()
    assert row(result, "2")["cause"] == "deleted in NetSuite"
    assert result.outcomes == {"created": 1, "due": 1}
    assert result.red_days == (DAY,)
    usd = result.currencies["USD"]
    assert usd.bridge == (BridgeStep("deleted in NetSuite", 1, 10000),)
    assert (usd.hubspot_minor, usd.difference_minor, usd.unexplained_minor) == (20000, 10000, 0)
    after_reconcile(result, both.known, NOW)
    assert both.known.different == {"deleted in NetSuite": ("2",)}


def test_an_order_that_both_systems_lost_has_the_outcome_archived_and_disturbs_nothing(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    del both.netsuite.sales["2"], both.hubspot.orders["2"]
    result = both.reconcile()
    assert result.outcomes == {"archived": 1, "created": 1}
    assert result.agrees


def test_a_stale_search_index_alone_makes_no_difference(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.stale.append("4711")
    result = both.reconcile()
    assert result.agrees
    assert result.outcomes == {"created": 1}


def test_an_order_that_moved_to_another_day_is_the_cause_on_the_old_day_and_proves_neither(
    both: Both,
) -> None:
    sale = Sale("1")
    both.synced(sale)
    both.netsuite.sales["1"] = replace(sale, on=OTHER_DAY)
    result = both.reconcile()
    assert told(result) == [
        ("SO1", "NetSuite Order Date", "2026-10-01", "2026-11-02", None, "moved to another day")
    ]
    usd = result.currencies["USD"]
    assert (usd.netsuite_minor, usd.held_minor, usd.unexplained_minor) == (0, 10000, 0)
    assert usd.bridge == (BridgeStep("moved to another day", 1, 10000),)
    after_reconcile(result, both.known, NOW)
    assert both.known.days == {DAY: False, OTHER_DAY: False}
    assert both.known.different == {"moved to another day": ("1",)}


def test_an_order_that_moved_within_the_range_makes_both_days_red(both: Both) -> None:
    sale = Sale("1")
    both.synced(sale, Sale("2"))
    both.netsuite.sales["1"] = replace(sale, on=NEXT_DAY)
    result = both.reconcile(DAY, NEXT_DAY)
    assert result.red_days == (DAY, NEXT_DAY)
    assert row(result, "1")["order_on"] == NEXT_DAY
    assert result.currencies["USD"].unexplained_minor == 0


def test_an_order_that_moved_and_was_synced_leaves_its_old_day_alone(both: Both) -> None:
    both.synced(Sale("1", on=OTHER_DAY), Sale("2"))
    both.known.know(Sale("1", on=DAY))
    result = both.reconcile()
    assert result.agrees
    assert result.orders["order_id_netsuite"].tolist() == ["2"]


def test_an_order_that_moved_and_is_gone_from_hubspot_is_the_other_days_business(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"))
    both.netsuite.sales["1"] = Sale("1", on=OTHER_DAY)
    del both.hubspot.orders["1"]
    assert both.reconcile().orders["order_id_netsuite"].tolist() == ["2"]
    assert both.reconcile(OTHER_DAY, OTHER_DAY).differences["finding"].tolist() == ["missing in HubSpot"]


@pytest.mark.parametrize(
    ("change", "field", "netsuite", "hubspot"),
    [
        ("extra", "line 1-9", None, "Item 9, 3.00 USD"),
        ("missing", "line 1-1", "Item 1, 100.00 USD", None),
        ("amount", "line 1-1: NetSuite Line Amount", "100.00 USD", "99.00 USD"),
        ("name", "line 1-1: Name", "Item 1", "Item one"),
    ],
)
def test_lines_are_compared_as_a_set_by_key(
    both: Both, change: str, field: str, netsuite: str | None, hubspot: str | None
) -> None:
    both.synced(Sale("1"))
    lines = both.hubspot.orders["1"].lines
    extra: dict[str, str | None] = {"netsuite_line_amount": "3.00", "name": "Item 9"}
    if change == "extra":
        lines["59"] = {**extra, "netsuite_line_key": "1-9"}
    elif change == "missing":
        lines.clear()
    elif change == "amount":
        next(iter(lines.values()))["netsuite_line_amount"] = "99.00"
    else:
        next(iter(lines.values()))["name"] = "Item one"
    result = both.reconcile()
    assert [d[1:4] for d in told(result)] == [(field, netsuite, hubspot)]
    assert row(result, "1")["finding"] == "lines differ"
    assert result.red_days == (DAY,)
    assert result.currencies["USD"].bridge == (BridgeStep("lines differ", 1, 0),)


def add_by_hand(both: Both, key: str, line_key: str | None = None) -> None:
    both.hubspot.orders[key].lines[f"59{key}"] = {
        "price": "3.00",
        "name": "By hand",
        "netsuite_line_key": line_key,
    }


@pytest.mark.parametrize("line_key", [None, "gift wrap"])
def test_a_line_that_a_person_added_is_red_with_what_to_do_and_makes_nothing_due(
    both: Both, line_key: str | None
) -> None:
    both.synced(Sale("1"))
    add_by_hand(both, "1", line_key)
    result = both.reconcile()
    cause = "line added in HubSpot by a person"
    name = "line gift wrap" if line_key else "line without key (HubSpot line item 591)"
    assert told(result) == [("SO1", name, None, "By hand, 3.00 USD", None, cause)]
    found = row(result, "1")
    assert (found["outcome"], found["finding"]) == ("created", "lines differ")
    assert "remove the line item in HubSpot, or enter it in NetSuite" in str(found["explanation"])
    assert result.red_days == (DAY,)
    usd = result.currencies["USD"]
    assert (usd.accepted_minor, usd.hubspot_minor, usd.difference_minor) == (10000, 10000, 0)
    assert usd.bridge == (BridgeStep(cause, 1, 0),)
    after_reconcile(result, both.known, NOW)
    assert both.known.different == {}
    assert both.known.days == {DAY: False}


def test_an_order_with_a_persons_line_and_a_difference_of_ours_is_written_once_more(both: Both) -> None:
    both.synced(Sale("1"))
    add_by_hand(both, "1")
    both.hubspot.orders["1"].properties["hs_tax"] = "1.00"
    result = both.reconcile()
    assert row(result, "1")["cause"] == "edited in HubSpot"
    after_reconcile(result, both.known, NOW)
    assert both.known.different == {"edited in HubSpot": ("1",)}


def test_an_order_with_a_persons_line_counts_as_accepted_even_if_the_state_was_lost(both: Both) -> None:
    both.synced(Sale("1"))
    both.known.states.clear()
    add_by_hand(both, "1")
    assert row(both.reconcile(), "1")["outcome"] == "unchanged"


def test_every_cause_says_what_to_do() -> None:
    assert list(NEXT_STEPS) == list(CAUSES)


def test_the_order_of_line_items_in_hubspot_means_nothing(both: Both) -> None:
    both.synced(Sale("1", "5.00", lines=(("1", "2.00"), ("2", "3.00"))))
    held = both.hubspot.orders["1"]
    held.lines = dict(reversed(held.lines.items()))
    assert both.reconcile().agrees


@pytest.mark.parametrize("companies", [{}, {"9001": frozenset({510})}, {"9002": frozenset({509})}])
def test_a_primary_company_that_is_not_there_is_red(both: Both, companies: dict[str, frozenset[int]]) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].companies = companies
    result = both.reconcile()
    assert row(result, "1")["finding"] == "association missing"
    assert [d[1:3] for d in told(result)] == [("company", "9001")]
    assert not result.agrees


def test_a_tax_that_differs_is_red_although_the_total_agrees(both: Both) -> None:
    both.synced(Sale("1", tax="-8.00"))
    both.hubspot.orders["1"].properties["hs_tax"] = "8.00"
    result = both.reconcile()
    assert told(result) == [("SO1", "Tax Price", "-8.00 USD", "8.00 USD", 1600, "edited in HubSpot")]
    assert not result.agrees


@pytest.mark.parametrize(
    ("total", "currency"), [(None, "USD"), ("10.019", "USD"), ("abc", "USD"), ("10.00", "XQQ"), ("5", None)]
)
def test_an_amount_that_nobody_can_read_is_in_rows_and_in_no_sum(
    both: Both, total: str | None, currency: str | None
) -> None:
    both.synced(Sale("1"))
    if total == "abc":
        both.netsuite.control_totals = _without_text_sums(both)  # type: ignore[method-assign]
    both.netsuite.sales["2"] = Sale(
        "2", total, currency, standing="quarantined", reason="amount_not_a_number"
    )
    result = both.reconcile()
    assert [(u.order_id_netsuite, u.raw_total, u.raw_currency) for u in result.unknown_amounts] == [
        ("2", total, currency)
    ]
    assert list(result.currencies) == ["USD"]
    usd = result.currencies["USD"]
    assert (usd.netsuite_minor, usd.unexplained_minor) == (10000, 0)
    assert result.outcomes == {"created": 1, "quarantined": 1}
    assert result.agrees


def _without_text_sums(both: Both):
    original = both.netsuite.control_totals

    def control(first: date, last: date):
        sales = both.netsuite.sales
        both.netsuite.sales = {k: replace(s, total=None) if s.total == "abc" else s for k, s in sales.items()}
        found = original(first, last)
        both.netsuite.sales = sales
        return found

    return control


def test_an_order_that_the_extract_drops_is_an_unexplained_rest(both: Both) -> None:
    both.synced(Sale("1"))
    both.netsuite.sales["2"] = Sale("2", "42.00")
    both.netsuite.drops.add("2")
    result = both.reconcile()
    assert result.currencies["USD"].unexplained_minor == 4200
    assert result.red_days == (DAY,)
    assert [t.agrees for t in result.control] == [False]
    assert both.netsuite.asked.count("range") == 2


def test_an_order_that_the_extract_drops_is_red_even_if_hubspot_holds_it(both: Both) -> None:
    both.synced(Sale("1"), Sale("2", "42.00"))
    both.netsuite.drops.add("2")
    result = both.reconcile()
    assert row(result, "2")["finding"] == "agrees"
    assert [(t.orders_counted, t.orders_read) for t in result.control] == [(2, 1)]
    assert result.red_days == (DAY,)


def test_an_order_saved_between_the_orders_and_the_control_totals_is_read_again(both: Both) -> None:
    both.synced(Sale("1"))

    def save(what: str) -> None:
        if what == "control" and "2" not in both.netsuite.sales:
            both.synced(Sale("2"))

    both.netsuite.on_query = save
    result = both.reconcile()
    assert result.agrees
    assert result.currencies["USD"].orders_accepted == 2


def test_a_write_that_lands_between_the_two_looks_is_no_difference(both: Both) -> None:
    sale = Sale("1")
    both.synced(sale)
    newer = replace(sale, total="130.00")
    both.netsuite.sales["1"] = newer
    looks = []

    def land() -> None:
        looks.append(1)
        if len(looks) == 2:
            both.hubspot.hold(newer)
            both.known.know(newer)

    both.hubspot.on_read = land
    result = both.reconcile()
    assert len(looks) == 2
    assert result.agrees
    assert result.currencies["USD"].hubspot_minor == 13000


def test_an_order_that_changes_on_both_sides_between_the_looks_leaves_no_rest(both: Both) -> None:
    sale = Sale("1")
    both.synced(sale, Sale("2"))
    newer = replace(sale, total="130.00")

    def save_and_push() -> None:
        both.hubspot.on_read = lambda: None
        both.synced(newer)

    both.hubspot.on_read = save_and_push
    result = both.reconcile()
    assert result.agrees
    assert result.currencies["USD"].netsuite_minor == 23000
    assert both.netsuite.asked == ["range", "control", "ids", "range", "control"]


def test_an_order_that_a_sync_is_writing_right_now_is_not_blamed_on_hubspot(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_total_price"] = "1.00"
    both.known.flying.add("1")
    assert row(both.reconcile(), "1")["cause"] == "not yet pushed"


def test_a_day_without_orders_agrees(both: Both) -> None:
    result = both.reconcile(DAY, NEXT_DAY)
    assert result.agrees
    assert result.currencies == {}
    after_reconcile(result, both.known, NOW)
    assert both.known.days == {DAY: True, NEXT_DAY: True}
    assert both.known.different == {}


def test_after_a_red_reconciliation_the_orders_are_due_and_the_day_is_red(both: Both) -> None:
    both.synced(Sale("1"), Sale("2"), Sale("3", on=NEXT_DAY))
    both.hubspot.orders["2"].properties["hs_tax"] = "1.00"
    both.hubspot.hold(Sale("99"))
    both.netsuite.sales["4"] = Sale("4", standing="skipped", reason="customer_not_in_hubspot")
    result = both.reconcile(DAY, NEXT_DAY)
    after_reconcile(result, both.known, NOW)
    assert both.known.different == {"edited in HubSpot": ("2",)}
    assert both.known.days == {DAY: False, NEXT_DAY: True}


def test_hubspot_that_cannot_be_read_is_an_error_and_never_a_missing_order(both: Both) -> None:
    both.synced(Sale("1"))
    broken = BatchAnswer((), (InputError("INTERNAL_ERROR", "boom", ids=("1",)),))
    both.hubspot.batch_read = lambda *_a, **_k: broken  # type: ignore[method-assign]
    with pytest.raises(RemoteError, match="boom"):
        both.reconcile()
