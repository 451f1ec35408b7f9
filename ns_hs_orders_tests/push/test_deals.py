"""Which deal an address names: every form that HubSpot has used, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from ns_hs_orders.push.deals import NamedDeal, deal_of_url


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
    ],
)
def test_what_leads_to_no_single_deal_names_none(text: str) -> None:
    assert deal_of_url(text) is None
