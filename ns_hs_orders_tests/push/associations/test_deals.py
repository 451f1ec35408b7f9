"""Which deal an address names: every form that HubSpot has used, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from ns_hs_orders.push.associations.deals import NamedDeal, deal_of_url, deals_of_text


@pytest.mark.parametrize(
    "url",
    [
        "https://app.hubspot.com/contacts/48900001/deal/38000000001",
        "https://app.hubspot.com/contacts/48900001/deal/38000000001/",
        "https://app.hubspot.com/contacts/48900001/record/0-3/38000000001",
        "https://app.hubspot.com/contacts/48900001/record/0-3/38000000001/view/1",
        "https://app-eu1.hubspot.com/contacts/48900001/record/0-3/38000000001?eschref=%2Fcontacts%2F1%2Fdeal%2F2",
        "http://app.hubspot.com/contacts/48900001/deal/38000000001#activity",
        "https://app.hubspot.com/sales/48900001/deal/38000000001/?interaction=note",
        "https://app.hubspot.com/deals/48900001/deal/38000000001",
        "https://app.hubspot.com/deals/48900001/38000000001",
        "https://app.hubspot.com/l/contacts/48900001/record/0-3/38000000001",
        "https://crm.ridge.example/contacts/48900001/record/0-3/38000000001",
        "  HTTPS://APP.HUBSPOT.COM/Contacts/48900001/Deal/38000000001\n",
        "app.hubspot.com/contacts/48900001/deal/38000000001",
        "<https://app.hubspot.com/contacts/48900001/deal/38000000001>",
        "//app-na2.hubspot.com/contacts/48900001/record/0-3/38000000001",
        "https://app.hubspot.com/contacts/48900001/deals/38000000001",
        "https://app.hubspot.com/contacts/48900001/objects/0-3/38000000001",
        "https://app.hubspot.com/contacts/48900001/deal/38000000001\u200b",
        "https://app.hubspot.com/login?loginRedirectUrl=https%3A%2F%2Fapp.hubspot.com%2Fcontacts%2F48900001%2Frecord%2F0-3%2F38000000001",
    ],
)
def test_an_address_of_a_deal_names_portal_and_deal(url: str) -> None:
    assert deal_of_url(url) == NamedDeal("38000000001", "48900001")


@pytest.mark.parametrize(
    "text",
    [
        "https://app.hubspot.com/contacts/deal/38000000001",
        "https://app.hubspot.com/record/0-3/38000000001",
        "https://crm.ridge.example/deal/38000000001",
        " 38000000001 ",
    ],
)
def test_an_address_without_its_portal_and_a_bare_id_name_the_deal_alone(text: str) -> None:
    assert deal_of_url(text) == NamedDeal("38000000001", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ask Kim",
        "0",
        "-38000000001",
        "٣٨٠٠٠٠٠٠٠٠١",
        "1" * 21,
        "https://app.hubspot.com/contacts/48900001/company/38000000001",
        "https://app.hubspot.com/contacts/48900001/record/0-2/38000000001",
        "https://app.hubspot.com/contacts/48900001/deals/board/view/all/",
        "https://app.hubspot.com/deals/48900001",
        "https://app.hubspot.com/contacts/48900001/deal/new",
        "https://app.hubspot.com/?next=/contacts/48900001/deal/38000000001",
        "https://app.hubspot.com/contacts/1/deal/2 https://app.hubspot.com/contacts/1/deal/3",
        "ftp://app.hubspot.com/contacts/48900001/deal/38000000001",
        "javascript:/contacts/48900001/deal/38000000001",
        "https:///contacts/48900001/deal/38000000001",
        "https://[contacts/48900001/deal/38000000001",
        "https://ridge.pipedrive.com/deal/38000000001",
        "https://app.hubspot.com/contacts/48900001/objects/0-3/views/38000000001/list",
        "https://app.hubspot.com/login?loginRedirectUrl=https%3A%2F%2Fapp.hubspot.com%2Flogin",
    ],
)
def test_what_leads_to_no_single_deal_names_none(text: str) -> None:
    assert deal_of_url(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://app.hubspot.com/contacts/48900001/deal/38000000001",
        'Deal: <a href="https://app.hubspot.com/contacts/48900001/deal/38000000001" target="_blank">Spring 2/3</a>',
        "Spring (https://app.hubspot.com/contacts/48900001/record/0-3/38000000001/view/1).",
        "[Spring](https://app.hubspot.com/contacts/48900001/deal/38000000001?eschref=a,b), was 5/2",
        "https://app.hubspot.com/contacts/48900001/company/5\nhttps://app.hubspot.com/contacts/48900001/deal/38000000001",
        "https://app.hubspot.com/contacts/48900001/deal/38000000001 app.hubspot.com/contacts/deal/38000000001",
    ],
)
def test_a_text_with_the_address_of_one_deal_names_that_deal(text: str) -> None:
    assert deals_of_text(text) == [NamedDeal("38000000001", "48900001")]


def test_a_text_names_all_deals_whose_addresses_it_holds_and_no_number_that_stands_in_it() -> None:
    text = "https://app.hubspot.com/contacts/1/deal/2 or https://app.hubspot.com/contacts/1/deal/3"
    assert deals_of_text(text) == [NamedDeal("2", "1"), NamedDeal("3", "1")]
    same = "https://app.hubspot.com/contacts/1/deal/2; https://app.hubspot.com/contacts/9/deal/2"
    assert deals_of_text(same) == [NamedDeal("2", "1"), NamedDeal("2", "9")]
    assert deals_of_text("ask Kim about 38000000001, 10/12/2025") == []
