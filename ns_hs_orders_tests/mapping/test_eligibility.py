"""Which orders are inside the sync criteria, and where they belong in HubSpot."""

from __future__ import annotations

from datetime import date

import pytest

from ns_hs_orders.mapping.schema import SKIP_REASONS
from ns_hs_orders_tests.mapping.builders import judged, order

SKIPPED = [
    ("customer_not_in_hubspot", {"customer_hubspot_id": None}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": ""}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": "abc"}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": "12.0"}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": "-7"}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": "0"}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": "٣"}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": "9" * 21}, {}),
    ("customer_not_in_hubspot", {"customer_id": None, "entity_id": None}, {}),
    ("customer_not_in_hubspot", {"customer_hubspot_id": None, "customer_parent_hubspot_id": "8"}, {}),
    ("person_skipped", {"customer_is_person": "T"}, {"person_customers": "skip"}),
    ("before_first_day", {}, {"first_day": date(2026, 3, 3)}),
    ("subsidiary_excluded", {"subsidiary": "2"}, {"subsidiaries": frozenset({"1", "3"})}),
    ("subsidiary_excluded", {"subsidiary": None}, {"subsidiaries": frozenset({"1"})}),
    ("criterion_not_met", {"criterion": "F"}, {"criterion_value": "T"}),
    ("criterion_not_met", {"criterion": None}, {"criterion_value": "T"}),
]


@pytest.mark.parametrize("reason, changes, rules", SKIPPED)
def test_an_order_outside_the_criteria_is_skipped_with_its_amount(reason, changes, rules):
    judgement = judged(order(**changes), **rules)
    assert (judgement.outcome, judgement.reason) == ("skipped", reason)
    assert (judgement.currency, judgement.total_minor) == ("USD", 12000)
    assert judgement.explanation


def test_every_skip_reason_has_an_order_here():
    assert {reason for reason, _, _ in SKIPPED} == set(SKIP_REASONS)


@pytest.mark.parametrize("reason, changes, rules", SKIPPED)
def test_a_skipped_order_is_skipped_even_where_its_data_is_bad(reason, changes, rules):
    assert judged(order(total="x", status="?", **changes), [], **rules).reason == reason


def test_an_id_that_is_no_hubspot_id_is_named():
    assert judged(order(customer_hubspot_id="abc")).explanation == (
        "Ridge Outfitters (NetSuite id 77) holds 'abc', which is no HubSpot id."
    )
    assert judged(order(customer_hubspot_id=None)).explanation == (
        "Ridge Outfitters (NetSuite id 77) has no HubSpot id."
    )


@pytest.mark.parametrize(
    "changes, rules, company, contact",
    [
        ({}, {}, "9001", None),
        ({"customer_hubspot_id": " 9001 "}, {}, "9001", None),
        ({}, {"first_day": date(2026, 3, 2)}, "9001", None),
        ({"subsidiary": "1"}, {"subsidiaries": frozenset({"1"})}, "9001", None),
        ({"criterion": "T"}, {"criterion_value": "T"}, "9001", None),
        ({"criterion": None}, {"criterion_value": ""}, "9001", None),
        ({"customer_is_person": "T"}, {}, "9001", None),
        ({"customer_is_person": "T"}, {"person_customers": "contact"}, None, "9001"),
        ({}, {"person_customers": "contact"}, "9001", None),
        ({}, {"person_customers": "skip"}, "9001", None),
        (
            {"customer_hubspot_id": None, "customer_parent_hubspot_id": "8"},
            {"inherit_parent_hubspot_id": True},
            "8",
            None,
        ),
        (
            {"customer_parent_hubspot_id": "8"},
            {"inherit_parent_hubspot_id": True},
            "9001",
            None,
        ),
        (
            {"customer_is_person": "T", "customer_hubspot_id": None, "customer_parent_hubspot_id": "8"},
            {"inherit_parent_hubspot_id": True, "person_customers": "contact"},
            "8",
            None,
        ),
    ],
)
def test_an_eligible_order_belongs_to_one_company_or_contact(changes, rules, company, contact):
    judgement = judged(order(**changes), **rules)
    assert judgement.outcome == "accepted"
    assert (judgement.belongs_to.company_id, judgement.belongs_to.contact_id) == (company, contact)


def test_a_wrong_own_id_is_not_replaced_by_the_parents():
    raw = order(customer_hubspot_id="abc", customer_parent_hubspot_id="8")
    assert judged(raw, inherit_parent_hubspot_id=True).reason == "customer_not_in_hubspot"


def test_a_project_belongs_to_its_parent_customer():
    judgement = judged(order(is_project="T", entity_id="500", customer_id="77"))
    assert (judgement.outcome, judgement.belongs_to.company_id) == ("accepted", "9001")


def test_a_project_without_a_customer_is_quarantined_unless_a_criterion_excludes_it():
    raw = order(is_project="T", entity_id="500", customer_id=None, customer_hubspot_id=None)
    assert judged(raw).explanation == "Project 500 has no parent customer in NetSuite."
    assert judged(raw, first_day=date(2026, 12, 1)).reason == "before_first_day"


def test_an_unreadable_order_date_is_not_called_before_the_first_day():
    assert judged(order(order_on="?"), first_day=date(2026, 12, 1)).reason == "unreadable_date"
