"""Edits in HubSpot of fields that are kept or reported: what counts as a difference, and what is due."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.fields.field import HealPolicy
from ns_hs_orders.fields.field_map import field_map
from ns_hs_orders.push.departed import CANCELLED_STATUS
from ns_hs_orders.push.written import digests
from ns_hs_orders.reconcile.ports import HubSpotEdit
from ns_hs_orders.reconcile.reconcile import after_reconcile
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.checks import dollars_agree, exit_code
from ns_hs_orders.report.figures import LEFT_IN_HUBSPOT
from ns_hs_orders.report.html.data import document
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.text import as_text
from ns_hs_orders_tests.reconcile.both_sides import DAY, NOW, Both, Sale

NOTE = "hs_order_note"
CARD = "4111 1111 1111 1111"


def edited(both: Both, policy: HealPolicy, **properties: str) -> Reconciliation:
    """The reconciliation of order 1 after edits in HubSpot, under a policy for the note."""
    both.synced(Sale("1", memo="Dock 7"))
    both.hubspot.orders["1"].properties.update(properties)
    return proven(both, policy)


def proven(both: Both, policy: HealPolicy) -> Reconciliation:
    result = both.reconcile(fields=field_map({}, heal_policy={NOTE: policy}))
    after_reconcile(result, both.known, NOW)
    return result


def listed(result: Reconciliation) -> list[tuple[str, str, str]]:
    rows = result.differences
    return list(zip(rows["field"], rows["cause"], rows["policy"], strict=True))


def test_an_edited_note_is_listed_and_red_for_nobody_under_report(both: Both) -> None:
    result = edited(both, "report", hs_order_note="call me")
    assert listed(result) == [("Memo", "edited in HubSpot", "report")]
    assert (result.outcomes, result.red_days, exit_code(result)) == ({"created": 1}, (), 0)
    assert dollars_agree(result).numbers["orders that differ"] == 0
    assert both.known.different == {}
    assert both.known.days == {DAY: True}
    shown = " ".join(as_text(result).split())
    assert "Every accepted order agrees to the cent" in shown
    assert "edited in HubSpot, left as it is" in shown
    assert "the edit in HubSpot stays" in shown
    assert "writes NetSuite's values again" not in shown


def test_the_report_of_a_day_on_which_only_a_note_was_edited_lists_it_and_no_order(both: Both) -> None:
    both.synced(Sale("2"))
    page = document(Review(edited(both, "report", hs_order_note="call me"), ()))
    assert (page["orders"]["listed"], page["orders"]["size"], page["differences"]["order"]) == (0, 1, [0])
    assert LEFT_IN_HUBSPOT in json.dumps(page["differences"])


def test_an_edited_note_counts_as_agreeing_under_keep(both: Both) -> None:
    result = edited(both, "keep", hs_order_note="call me")
    assert (listed(result), result.agrees, both.known.different) == ([], True, {})


def test_an_edited_note_is_due_and_red_under_heal(both: Both) -> None:
    result = edited(both, "heal", hs_order_note="call me")
    assert listed(result) == [("Memo", "edited in HubSpot", "heal")]
    assert (exit_code(result), both.known.different) == (1, {"edited in HubSpot": ("1",)})


def test_beside_an_edited_amount_only_the_amount_is_to_be_healed(both: Both) -> None:
    result = edited(both, "report", hs_order_note="call me", hs_total_price="90.00")
    assert listed(result) == [
        ("Total Price", "edited in HubSpot", "heal"),
        ("Memo", "edited in HubSpot", "report"),
    ]
    assert both.known.different == {"edited in HubSpot": ("1",)}
    assert both.known.edits["1"] == [
        HubSpotEdit("Total Price", "hs_total_price", "100.00 USD", "90.00 USD", False),
        HubSpotEdit("Memo", NOTE, "Dock 7", "call me", True),
    ]


@pytest.mark.parametrize("policy", ["keep", "report"])
def test_a_note_that_netsuite_changed_is_due_whatever_the_policy(both: Both, policy: HealPolicy) -> None:
    sale = Sale("1", memo="Dock 7")
    both.synced(sale)
    both.known.know(sale, written=digests(sale.wanted().properties, [NOTE]))
    both.netsuite.sales["1"] = replace(sale, memo="Dock 8")
    result = proven(both, policy)
    assert listed(result) == [("Memo", "edited in NetSuite", "heal")]
    assert not result.agrees
    assert both.known.edits == {}


def test_an_edited_note_stays_reported_while_another_field_of_the_order_is_due(both: Both) -> None:
    sale = Sale("1", memo="Dock 7")
    both.synced(sale)
    both.known.know(sale, fingerprint=None, written=digests(sale.wanted().properties, [NOTE]))
    both.hubspot.orders["1"].properties[NOTE] = "call me"
    both.netsuite.sales["1"] = replace(sale, tax="1.00")
    assert listed(proven(both, "report")) == [
        ("Tax Price", "not yet pushed", "heal"),
        ("Memo", "edited in HubSpot", "report"),
    ]


def test_what_no_sync_touches_is_left_to_a_person_and_not_called_healed(both: Both) -> None:
    held_back = Sale("1")
    both.synced(held_back)
    both.netsuite.sales["1"] = replace(held_back, total="130.00", standing="quarantined", reason="a_reason")
    both.hubspot.hold(Sale("2"))
    kept = Sale("3")
    both.hubspot.hold(kept).properties["hs_external_order_status"] = CANCELLED_STATUS
    both.known.know(kept, outcome="archived")
    both.hubspot.hold(Sale("4"))
    both.known.know(Sale("4"))
    assert sorted(listed(both.reconcile())) == [
        ("order", "deleted in NetSuite", "heal"),
        ("order", "deleted in NetSuite", "person"),
        ("order", "earlier version still in HubSpot", "person"),
        ("order", "only in HubSpot", "person"),
    ]


def test_a_card_number_that_somebody_wrote_into_hubspots_note_is_masked_and_a_long_note_cut(
    both: Both,
) -> None:
    result = edited(both, "report", hs_order_note=f"{CARD} " + "x" * 500)
    (shown,) = result.differences["hubspot"]
    assert shown.startswith("**** **** **** 1111 xxx")
    (edit,) = both.known.edits["1"]
    assert edit.hubspot is not None
    assert (len(edit.hubspot), CARD in edit.hubspot) == (200, False)


@pytest.mark.parametrize(
    "name",
    [
        "netsuite_internal_id",
        "hs_total_price",
        "hs_currency_code",
        "hs_pipeline_stage",
        "netsuite_order_date",
        "quantity",
    ],
)
@pytest.mark.parametrize("policy", ["keep", "report"])
def test_what_dollars_depend_on_must_be_healed(name: str, policy: HealPolicy) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be healed.*hs_order_note"):
        field_map({}, heal_policy={name: policy})
    assert field_map({}, heal_policy={name: "heal"}).left_when_edited == field_map({}).left_when_edited


def test_an_unknown_property_in_the_heal_policy_is_named_with_those_that_are_known() -> None:
    with pytest.raises(
        ConfigError,
        match=r"NS_HS_HEAL_POLICY names what the sync does not write: hs_notes\. A policy of their own may have: .*hs_order_note",
    ):
        field_map({}, heal_policy={"hs_notes": "keep"})


def test_by_default_the_notes_and_the_owner_are_reported_and_all_else_is_healed() -> None:
    reported = dict.fromkeys(("hs_order_note", "netsuite_payment_note", "hubspot_owner_id"), "report")
    assert field_map({}).left_when_edited == reported
