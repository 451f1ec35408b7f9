"""Whether an order is inside the sync criteria, and which HubSpot company or contact it belongs to.

Belongs here: first day, subsidiaries, criterion, customer's HubSpot id. Does not belong here: whether the
order's data is valid (judgement.py), or whether the id exists in HubSpot (push).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, Protocol

from ns_hs_orders.mapping.rules import MappingRules


class OfCustomer(Protocol):
    """What the criteria look at: of a raw order, or of a raw return."""

    @property
    def entity_id(self) -> str | None: ...
    @property
    def criterion(self) -> str | None: ...
    @property
    def subsidiary(self) -> str | None: ...
    @property
    def is_project(self) -> str | None: ...
    @property
    def customer_id(self) -> str | None: ...
    @property
    def customer_name(self) -> str | None: ...
    @property
    def customer_is_person(self) -> str | None: ...
    @property
    def customer_hubspot_id(self) -> str | None: ...
    @property
    def customer_parent_hubspot_id(self) -> str | None: ...


class Eligibility(NamedTuple):
    """Where an order belongs in HubSpot, or why it is skipped: a key of SKIP_REASONS and a sentence."""

    company_id: str | None = None
    contact_id: str | None = None
    reason: str | None = None
    sentence: str | None = None


def eligibility(order: OfCustomer, order_on: date | None, rules: MappingRules) -> Eligibility:
    """Judges the criteria that need no customer first. order_on: None where it cannot be read."""
    if rules.first_day is not None and order_on is not None and order_on < rules.first_day:
        return _skipped("before_first_day", f"Dated {order_on}, before the first day, {rules.first_day}.")
    if rules.subsidiaries and order.subsidiary not in rules.subsidiaries:
        return _skipped(
            "subsidiary_excluded",
            f"Subsidiary {order.subsidiary or 'none'} is not among {', '.join(sorted(rules.subsidiaries))}.",
        )
    if rules.criterion_value is not None and (order.criterion or "") != rules.criterion_value:
        return _skipped(
            "criterion_not_met",
            f"The criterion field holds {order.criterion or 'nothing'}, not {rules.criterion_value}.",
        )
    return _of_customer(order, rules)


def has_no_customer(order: OfCustomer) -> bool:
    """A project that resolves to no parent customer."""
    return order.is_project == "T" and not order.customer_id


def _of_customer(order: OfCustomer, rules: MappingRules) -> Eligibility:
    person = order.customer_is_person == "T"
    if person and rules.person_customers == "skip":
        return _skipped("person_skipped", f"{_named(order)} is a person, and persons are skipped by setting.")
    if not (order.customer_id or order.entity_id):
        return _skipped("customer_not_in_hubspot", "It has no customer in NetSuite.")
    own, parents = order.customer_hubspot_id, order.customer_parent_hubspot_id
    if found := home_of_customer(own, parents, is_person=person, rules=rules):
        return found
    if own and own.strip():
        return _skipped(
            "customer_not_in_hubspot", f"{_named(order)} holds {own.strip()[:60]!r}, which is no HubSpot id."
        )
    return _skipped("customer_not_in_hubspot", f"{_named(order)} has no HubSpot id.")


def home_of_customer(
    own: str | None, parents: str | None, *, is_person: bool, rules: MappingRules
) -> Eligibility | None:
    """The company or contact that a customer is in HubSpot, by the id that it holds or its parent's; None for none."""
    if is_person and rules.person_customers == "skip":
        return None
    own, parents = (own or "").strip(), (parents or "").strip()
    if is_hubspot_id(own):
        if is_person and rules.person_customers == "contact":
            return Eligibility(contact_id=own)
        return Eligibility(company_id=own)
    if rules.inherit_parent_hubspot_id and not own and is_hubspot_id(parents):
        return Eligibility(company_id=parents)
    return None


def _named(order: OfCustomer) -> str:
    return (
        f"{order.customer_name or 'Customer'} (NetSuite id {order.customer_id or order.entity_id or 'none'})"
    )


def is_hubspot_id(text: str) -> bool:
    """HubSpot's record ids are whole positive numbers."""
    return text.isascii() and text.isdigit() and len(text) <= 20 and text.strip("0") != ""


def _skipped(reason: str, sentence: str) -> Eligibility:
    return Eligibility(reason=reason, sentence=sentence)
