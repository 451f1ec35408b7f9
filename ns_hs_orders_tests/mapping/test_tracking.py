"""Tracking numbers of what has shipped, and the carrier's page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.tracking import LONGEST_TEXT, joined, tracking

UPS_NUMBER = "1Z999AA10123456784"


def shipments(*parcels: dict[str, Any]) -> str:
    return json.dumps(
        [
            {"fulfillment": "5", "status": "C", "carrier": None, "method": None, "tracking": None, **parcel}
            for parcel in parcels
        ]
    )


def test_numbers_of_shipped_fulfillments_are_distinct_and_in_order():
    text = shipments(
        {"tracking": "B2", "status": "ItemShip:C"},
        {"tracking": "A1"},
        {"tracking": " B2 "},
        {"tracking": "picked", "status": "A"},
        {"tracking": "packed", "status": "ItemShip:B"},
        {"tracking": "unknown", "status": None},
        {"tracking": ""},
        {},
    )
    assert tracking(text) == ("B2, A1", None)


@pytest.mark.parametrize("text", ["[]", '[{"fulfillment": "5", "status": "C"}]'])
def test_an_order_without_numbers_has_neither_numbers_nor_a_page(text):
    assert tracking(text) == (None, None)


@pytest.mark.parametrize(
    "parcel, page",
    [
        ({"tracking": UPS_NUMBER}, f"https://www.ups.com/track?tracknum={UPS_NUMBER}"),
        ({"tracking": UPS_NUMBER, "method": "FedEx Ground"}, f"https://www.ups.com/track?tracknum={UPS_NUMBER}"),
        ({"tracking": "77", "method": "UPS® Ground"}, "https://www.ups.com/track?tracknum=77"),
        ({"tracking": "77", "carrier": "ups"}, "https://www.ups.com/track?tracknum=77"),
        ({"tracking": "77", "carrier": "nonups"}, None),
        ({"tracking": "77", "carrier": "nonups", "method": "FedEx Home"}, "https://www.fedex.com/fedextrack/?trknbr=77"),
        ({"tracking": "77", "method": "USPS Priority"}, "https://tools.usps.com/go/TrackConfirmAction?tLabels=77"),
        (
            {"tracking": "9400111899223197428490"},
            "https://tools.usps.com/go/TrackConfirmAction?tLabels=9400111899223197428490",
        ),
        ({"tracking": "77", "carrier": "DHL"}, "https://www.dhl.com/global-en/home/tracking.html?tracking-id=77"),
        ({"tracking": "a/b &c", "carrier": "dhl"}, "https://www.dhl.com/global-en/home/tracking.html?tracking-id=a%2Fb%20%26c"),
        ({"tracking": "4911-403C-98", "method": "CARGO TRANSPORT 5"}, None),
        ({"tracking": "1z 999 aa1 01 2345 6784"}, "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
        ({"tracking": "9400-1000-0000-0000-0000-00"}, "https://tools.usps.com/go/TrackConfirmAction?tLabels=9400100000000000000000"),
        ({"tracking": "123456789012"}, None),
        ({"tracking": "77", "method": "Pickups and groups"}, None),
        ({"tracking": "77", "method": 7}, None),
    ],
)  # fmt: skip
def test_the_page_is_the_carriers_where_the_carrier_is_known(parcel, page):
    assert tracking(shipments(parcel)) == (parcel["tracking"], page)


PAGES = {
    "OnTrac": "https://www.ontrac.com/tracking/?number={number}",
    "ups": "https://ups.example/{number}/x",
}


@pytest.mark.parametrize(
    "parcel, page",
    [
        ({"tracking": "C 1&2", "method": "ONTRAC Ground"}, "https://www.ontrac.com/tracking/?number=C%201%262"),
        ({"tracking": "C1", "carrier": "ontrac"}, "https://www.ontrac.com/tracking/?number=C1"),
        ({"tracking": "C1", "method": "Nontraceable"}, None),
        ({"tracking": UPS_NUMBER, "carrier": "ups"}, f"https://ups.example/{UPS_NUMBER}/x"),
        ({"tracking": UPS_NUMBER}, f"https://www.ups.com/track?tracknum={UPS_NUMBER}"),
        ({"tracking": "https://track.example/p/1?a=b"}, "https://track.example/p/1?a=b"),
        ({"tracking": "http://track.example/p/1"}, None),
        ({"tracking": "javascript:alert(1)"}, None),
        ({"tracking": "https://user:secret@track.example/"}, None),
        ({"tracking": "https://track.example/<script>"}, None),
        ({"tracking": "https://[bad"}, None),
    ],
)  # fmt: skip
def test_other_carriers_have_the_pages_that_a_setting_gives_them(parcel, page):
    assert tracking(shipments(parcel), PAGES) == (parcel["tracking"], page)


@pytest.mark.parametrize(
    "address",
    ["http://a.example/{number}", "https://a.example/", "{number}", "https://{number}:x@a.example/"],
)
def test_a_page_that_is_no_https_address_with_a_number_is_refused_at_the_start(address):
    with pytest.raises(ConfigError, match="NS_HS_TRACKING_PAGES"):
        MappingRules(tracking_pages={"OnTrac": address})


def test_the_page_is_that_of_the_newest_number_with_a_known_carrier():
    text = shipments(
        {"tracking": "1", "method": "UPS Ground"},
        {"tracking": "2", "method": "FedEx Ground"},
        {"tracking": "3", "method": "By bicycle"},
    )
    assert tracking(text) == ("1, 2, 3", "https://www.fedex.com/fedextrack/?trknbr=2")


@pytest.mark.parametrize("length, fit", [(18, 3276), (65_536, 1), (65_537, 0), (32_767, 2), (32_768, 1)])
def test_numbers_are_never_cut_inside(length, fit):
    numbers = [f"{n:0{length}d}" for n in range(4000 if length == 18 else 3)]
    text = joined(numbers)
    assert (text or "") == ", ".join(numbers[:fit])
    assert len(text or "") <= LONGEST_TEXT


@pytest.mark.parametrize("text", ["", "{}", "null", "[1]", '[["tracking"]]', "[" * 100_000, "not json"])
def test_shipments_of_another_form_are_refused(text):
    with pytest.raises(ValueError, match=r"list|object|Expecting|deep"):
        tracking(text)
