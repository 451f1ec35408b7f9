"""Orders and their contacts, from NetSuite's fields to HubSpot's association and back, over both emulators."""

from __future__ import annotations

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.push.ports import AssociationInput
from ns_hs_orders.report.checks import checks
from ns_hs_orders_tests.end_to_end.company import Company, Round
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.test_deals import some_orders, warnings

KIM, PAT = "8001", "8002"


@pytest.fixture
def company(make: Make) -> Company:
    """Not synced yet; HubSpot has two contacts more than those of the world."""
    made = make(12)
    made.hubspot.load(
        "contacts", [{"id": KIM, "email": "kim@example.com"}, {"id": PAT, "email": "pat@example.com"}]
    )
    return made


def name_contact(company: Company, key: str, text: str, field: str = "email") -> None:
    company.netsuite.update("transaction", {"id": key}, {field: text})


def contacts_of(company: Company, *keys: str) -> list[set[str]]:
    held = company.held()
    return [held[key]["contacts"] for key in keys]


def customers_contact(company: Company, key: str) -> str:
    """The contact of the world with the e-mail of the order's customer."""
    (order,) = company.netsuite.rows("transaction", id=key)
    (customer,) = company.netsuite.rows("customer", id=order["entity"] or "")
    return next(
        str(one["id"])
        for one in company.hubspot.objects("contacts")
        if one["properties"].get("email") == customer["email"]
    )


def synced(company: Company, *ways: str) -> Round:
    done = company.sync(contact_by=ways, contact_id_field="custbody_contact")
    assert done.reconciliation.agrees
    return done


def test_an_order_is_associated_with_the_contact_of_its_email_and_moves_with_it(company: Company) -> None:
    key, other, plain = some_orders(company)[:3]
    name_contact(company, key, " Kim@Example.com ")
    name_contact(company, other, "nobody@example.com")
    assert company.sync().reconciliation.agrees
    assert contacts_of(company, key, other) == [set(), set()], "not without the setting"

    done = synced(company, "email")
    assert contacts_of(company, key, other, plain) == [{KIM}, set(), set()]
    assert [warnings(done, one) for one in (key, other, plain)] == ["", "contact_not_in_hubspot", ""]
    check = next(one for one in checks(done.reconciliation) if one.name == "orders_have_company_lines_owner")
    assert (check.passed, check.numbers["for a named reason: contact_not_in_hubspot"]) == (True, 1)
    before = {one["id"] for one in company.hubspot.objects("contacts")}

    with company.session() as session:
        pair = AssociationInput(company.order(key)["id"], PAT, (507,))
        assert session.hubspot.associations.create("orders", "contacts", [pair]) == ()
    name_contact(company, key, "pat@example.com")
    name_contact(company, other, "Kim <kim@example.com>; pat@example.com")
    done = synced(company, "email")
    assert contacts_of(company, key, other) == [{PAT}, set()]
    assert warnings(done, other) == "several_contacts"
    writes = company.hubspot.write_calls()
    synced(company, "email")
    assert company.hubspot.write_calls() == writes

    name_contact(company, key, "")
    synced(company, "email")
    assert contacts_of(company, key) == [{PAT}], "a person made that association"
    assert {one["id"] for one in company.hubspot.objects("contacts")} == before


def test_a_token_that_may_not_see_contacts_does_where_none_are_associated(company: Company) -> None:
    key = some_orders(company)[0]
    name_contact(company, key, "kim@example.com")
    lacking = ("crm.objects.contacts.read", "crm.objects.contacts.write")
    company.sandbox.switches.change(hubspot_missing_scopes=lacking)
    assert company.sync().reconciliation.agrees, "with the scopes that the doctor asks for"
    with pytest.raises(ConfigError, match=r"crm\.objects\.contacts\.read.*NS_HS_CONTACT_BY=off"):
        synced(company, "email")

    company.sandbox.switches.change(hubspot_missing_scopes=())
    synced(company, "email")
    company.sandbox.switches.change(hubspot_missing_scopes=lacking)
    company.netsuite.update("transaction", {"id": key}, {"email": "pat@example.com", "memo": "changed"})
    done = company.sync()
    assert (done.reconciliation.agrees, done.outcome_of(key)[0]) == (True, "updated")
    assert contacts_of(company, key) == [{KIM}], "what was made before is left alone"
    assert main(["explain", key]) == 0
    company.sandbox.switches.change(hubspot_missing_scopes=())
    synced(company, "email")
    assert contacts_of(company, key) == [{PAT}]


def test_the_first_way_that_finds_a_contact_counts(company: Company) -> None:
    company.netsuite.add_column("transaction", "custbody_contact")
    by_id, by_email, by_customer = keys = some_orders(company)[:3]
    name_contact(company, by_id, KIM, "custbody_contact")
    name_contact(company, by_id, "pat@example.com")
    name_contact(company, by_email, "8009", "custbody_contact")
    name_contact(company, by_email, "pat@example.com")

    synced(company, "id", "email", "primary")

    assert contacts_of(company, *keys) == [{KIM}, {PAT}, {customers_contact(company, by_customer)}]
    synced(company, "email", "id")
    assert contacts_of(company, *keys) == [{PAT}, {PAT}, set()]


def test_a_merged_contact_is_followed_by_id_and_by_either_address(company: Company) -> None:
    company.netsuite.add_column("transaction", "custbody_contact")
    by_id, by_email, by_other = some_orders(company)[:3]
    name_contact(company, by_id, KIM, "custbody_contact")
    name_contact(company, by_email, "kim@example.com")
    name_contact(company, by_other, "pat@example.com")
    synced(company, "id", "email")
    survivor = company.hubspot.merge("contacts", PAT, KIM)

    synced(company, "id", "email")

    assert contacts_of(company, by_id, by_email, by_other) == [{survivor}] * 3
    name_contact(company, by_id, "", "custbody_contact")
    company.hubspot.archive("contacts", survivor)
    done = synced(company, "id", "email")
    assert contacts_of(company, by_id, by_email) == [set(), set()]
    assert [warnings(done, one) for one in (by_id, by_email)] == ["", "contact_not_in_hubspot"]
