"""Orders and their deals, from NetSuite's field to HubSpot's association and back, over both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.push.ports import AssociationInput
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.checks import checks
from ns_hs_orders.setup.ports import PropertyDefinition
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY, Company, Round
from ns_hs_orders_tests.end_to_end.conftest import Make

PORTAL = "48900001"
ONE, OTHER = "990001", "990002"


def url(deal: str, portal: str = PORTAL) -> str:
    return f"https://app.hubspot.com/contacts/{portal}/record/0-3/{deal}"


@pytest.fixture
def company(make: Make) -> Company:
    """Not synced yet, without any deal on its orders; HubSpot has two deals."""
    made = make(12)
    for row in made.netsuite.rows("transaction", type="SalesOrd"):
        if row["custbody_hubspot_deal_url"]:
            made.netsuite.update("transaction", {"id": row["id"] or ""}, {"custbody_hubspot_deal_url": ""})
    made.hubspot.load("deals", [{"id": ONE, "dealname": "Spring"}, {"id": OTHER, "dealname": "Autumn"}])
    return made


def some_orders(company: Company) -> list[str]:
    """Ids of orders in USD that nothing is wrong with."""
    with company.session() as session:
        orders = session.map(session.read_days(FIRST, TODAY)).orders
    found: list[str] = orders[orders["currency"] == "USD"]["order_id_netsuite"].tolist()
    return found


def name_deal(company: Company, key: str, text: str, field: str = "custbody_hubspot_deal_url") -> None:
    company.netsuite.update("transaction", {"id": key}, {field: text})


def deals_of(company: Company, key: str) -> set[str]:
    record = company.order(key)["id"]
    return {
        to_id
        for from_type, from_id, to_type, to_id, type_id in company.hubspot.associations()
        if (from_type, from_id, to_type, type_id) == ("orders", record, "deals", 512)
    }


def warnings(done: Round, key: str) -> str:
    rows = done.results[done.results["order_id_netsuite"] == key]
    return str(rows["warnings"].tolist()[0])


def by_hand(company: Company, key: str, deal: str) -> None:
    """Associates an order with a deal as a person does in HubSpot."""
    with company.session() as session:
        pair = AssociationInput(company.order(key)["id"], deal, (512,))
        assert session.hubspot.associations.create("orders", "deals", [pair]) == ()


def named(result: Reconciliation) -> dict[str, Any]:
    check = next(one for one in checks(result) if one.name == "orders_have_company_lines_owner")
    assert check.passed
    return {
        name: number
        for name, number in check.numbers.items()
        if "deal" in name and ": " in name and "not so" not in name
    }


def test_an_order_is_associated_with_the_deal_of_its_url_and_moves_with_it(company: Company) -> None:
    key, same = some_orders(company)[:2]
    name_deal(company, key, url(ONE))
    name_deal(company, same, url(ONE))

    assert company.sync().reconciliation.agrees
    assert (deals_of(company, key), deals_of(company, same)) == ({ONE}, {ONE})
    by_hand(company, key, OTHER)
    by_hand(company, same, OTHER)
    name_deal(company, key, url(OTHER))
    name_deal(company, same, "")
    assert company.sync().reconciliation.agrees
    assert deals_of(company, key) == {OTHER}, "the sync's own association is gone"
    assert deals_of(company, same) == {OTHER}, "and what a person made is still there"

    name_deal(company, key, url(ONE))
    assert company.sync().reconciliation.agrees
    assert deals_of(company, key) == {ONE, OTHER}, (
        "what a person made stays, also where NetSuite named it once"
    )
    writes = company.hubspot.write_calls()
    assert company.sync().outcomes.keys() & {"created", "updated"} == set()
    assert company.hubspot.write_calls() == writes

    with company.session() as session:
        pair = AssociationInput(company.order(key)["id"], ONE)
        assert session.hubspot.associations.remove("orders", "deals", [pair]) == ()
    result = company.reconcile()
    (row,) = result.differences.to_dict("records")
    assert (row["order_id_netsuite"], row["field"], row["cause"]) == (key, "deal", "association missing")
    assert company.sync().reconciliation.agrees
    assert deals_of(company, key) == {ONE, OTHER}


def test_a_deal_that_is_not_there_is_named_with_its_dollars_and_holds_nothing_back(company: Company) -> None:
    keys = some_orders(company)[:5]
    foreign, wrong, gone, good, both = keys
    name_deal(company, foreign, url(ONE, portal="1234567"))
    name_deal(company, wrong, f"https://app.hubspot.com/contacts/{PORTAL}/company/{ONE}")
    name_deal(company, gone, url("990009"))
    name_deal(company, good, f'<a href="{url(ONE)}" target="_blank">Spring</a>')
    name_deal(company, both, f"{url(ONE)} {url(OTHER)}")

    done = company.sync()

    assert done.reconciliation.agrees
    orders = done.reconciliation.orders
    worth = dict(zip(orders["order_id_netsuite"], orders["netsuite_minor"], strict=True))
    assert [deals_of(company, key) for key in keys] == [set(), set(), set(), {ONE}, set()]
    assert [warnings(done, key) for key in keys] == [
        "deal_of_another_portal",
        "deal_url_not_understood",
        "deal_not_in_hubspot",
        "",
        "several_deals",
    ]
    dollars = [f"{worth[key] / 100:,.2f} USD" for key in (gone, foreign, wrong, both)]
    assert named(done.reconciliation) == {
        "for a named reason: deal_not_in_hubspot": 1,
        "USD: deal_not_in_hubspot": dollars[0],
        "for a named reason: deal_of_another_portal": 1,
        "USD: deal_of_another_portal": dollars[1],
        "for a named reason: deal_url_not_understood": 1,
        "USD: deal_url_not_understood": dollars[2],
        "for a named reason: several_deals": 1,
        "USD: several_deals": dollars[3],
    }

    company.hubspot.load("deals", [{"id": "990009", "dealname": "Late"}])
    company.hubspot.archive("deals", ONE)
    done = company.sync()
    assert done.reconciliation.agrees
    assert (deals_of(company, gone), deals_of(company, good)) == ({"990009"}, set())
    assert (warnings(done, gone), warnings(done, good)) == ("", "deal_not_in_hubspot")


def test_a_merged_deal_is_followed_and_stays_the_syncs_own(company: Company) -> None:
    (key, *_) = some_orders(company)
    name_deal(company, key, url(ONE))
    company.carry_over()
    survivor = company.hubspot.merge("deals", OTHER, ONE)
    done = company.sync()
    assert (done.reconciliation.agrees, done.outcome_of(key)[0]) == (True, "updated")
    assert deals_of(company, key) == {survivor}

    company.hubspot.load("deals", [{"id": "990003", "dealname": "Winter"}])
    survivor = company.hubspot.merge("deals", "990003", survivor)
    assert deals_of(company, key) == {survivor}
    name_deal(company, key, "")
    assert company.sync().reconciliation.agrees
    assert deals_of(company, key) == set(), "the association that moved with the merge is gone too"


def test_a_deal_is_found_by_its_id_and_by_a_unique_property_that_a_setting_names(company: Company) -> None:
    company.netsuite.add_column("transaction", "custbody_deal")
    key, other = some_orders(company)[:2]
    with company.session() as session:
        for name, kind, field in (("quote_number", "string", "text"), ("quote", "number", "number")):
            definition = PropertyDefinition(
                name, "Quote", kind, field, "dealinformation", has_unique_value=True, description=""
            )
            session.definitions.create_property("deals", definition)
    company.hubspot.edit("deals", ONE, {"quote_number": "q-7", "quote": "7"})
    company.hubspot.edit("deals", OTHER, {"quote_number": "Q-7"})
    name_deal(company, key, ONE, "custbody_deal")
    name_deal(company, key, url("990009"))
    name_deal(company, other, url(OTHER))
    assert company.sync(deal_id_field="custbody_deal").reconciliation.agrees
    assert (deals_of(company, key), deals_of(company, other)) == ({ONE}, {OTHER})

    name_deal(company, key, " Q-7", "custbody_deal")
    name_deal(company, other, "Q-8", "custbody_deal")
    by_key: dict[str, Any] = {"deal_id_field": "custbody_deal", "deal_key_property": "quote_number"}
    done = company.sync(**by_key)
    assert done.reconciliation.agrees
    assert (deals_of(company, key), deals_of(company, other)) == ({OTHER}, set())
    assert warnings(done, other) == "deal_not_in_hubspot"
    name_deal(company, other, "q-7", "custbody_deal")
    company.sync(**by_key)
    assert (deals_of(company, key), deals_of(company, other)) == ({OTHER}, {ONE}), "each by its own case"

    name_deal(company, other, "7", "custbody_deal")
    done = company.sync(deal_id_field="custbody_deal", deal_key_property="quote")
    assert (deals_of(company, key), deals_of(company, other)) == (set(), {ONE})
    assert warnings(done, key) == "deal_not_in_hubspot", "a key that is no number stops no other order"
    with pytest.raises(ConfigError, match="NS_HS_DEAL_KEY_PROPERTY"):
        company.sync(deal_id_field="custbody_deal", deal_key_property="dealname")


def test_a_token_that_may_not_read_deals_is_asked_for_none_that_no_order_names(company: Company) -> None:
    lacking = ("crm.objects.deals.read", "crm.objects.deals.write")
    company.sandbox.switches.change(hubspot_missing_scopes=lacking)
    (key, *_) = some_orders(company)
    assert company.sync().reconciliation.agrees
    name_deal(company, key, url(ONE))
    with pytest.raises(ConfigError, match=r"crm\.objects\.deals\.read"):
        company.sync()
    assert company.sync(deal_association="off").reconciliation.agrees
    assert company.order(key)["properties"]["netsuite_hubspot_deal_url"] == url(ONE)

    company.sandbox.switches.change(hubspot_missing_scopes=())
    assert company.sync().reconciliation.agrees
    company.sandbox.switches.change(hubspot_missing_scopes=lacking)
    name_deal(company, key, url(OTHER))
    assert company.sync(deal_association="off").reconciliation.agrees
    assert deals_of(company, key) == {ONE}, "what was made before is left alone"
    company.sandbox.switches.change(hubspot_missing_scopes=())
    assert company.sync().reconciliation.agrees
    assert deals_of(company, key) == {OTHER}, "and is still the sync's own"
