"""From HubSpot's order to NetSuite's record and back, and to the carrier."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
import requests

from ns_hs_orders.cli import main
from ns_hs_orders_tests.end_to_end.company import Company
from ns_hs_orders_tests.end_to_end.conftest import Make


@pytest.fixture
def company(make: Make) -> Company:
    return make(20)


def test_each_side_leads_to_the_other(
    company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    company.sync()
    held = company.held()
    key, order = next(iter(held.items()))
    assert order["properties"]["hs_external_order_url"].endswith(f"/salesord.nl?id={key}")
    capsys.readouterr()
    main(["explain", key])
    told = capsys.readouterr().out
    link = f"{company.sandbox.hubspot_url}/orders/{order['id']}"
    assert f"HubSpot record: {link}" in told
    assert f"NetSuite record: {order['properties']['hs_external_order_url']}" in told
    main(["explain", key, "--json"])
    assert json.loads(capsys.readouterr().out)[0]["link_hubspot"] == link
    assert requests.get(link, timeout=10).status_code == 200

    file = tmp_path / "new" / "links.csv"
    assert company.command("links", "--csv", str(file)) == 0
    rows = list(csv.reader(io.StringIO(file.read_text())))
    assert rows[0] == ["Internal ID", "HubSpot link"]
    assert dict(rows[1:]) == {
        one: f"{company.sandbox.hubspot_url}/orders/{each['id']}" for one, each in held.items()
    }
    assert company.command("links") == 0
    assert f"{key},{link}" in capsys.readouterr().out


def test_a_carrier_of_a_setting_gets_its_page(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "NS_HS_TRACKING_PAGES", json.dumps({"Freight": "https://freight.example/{number}/now"})
    )
    assert company.netsuite.update("transaction", {"type": "ItemShip"}, {"shipcarrier": "freight"}) > 0
    company.carry_over()
    pages = [
        one["properties"]["hs_shipping_status_url"]
        for one in company.held().values()
        if one["properties"].get("hs_shipping_status_url")
    ]
    assert pages
    assert all(re.fullmatch(r"https://freight\.example/[^/ ]+/now", page) for page in pages)


def test_days_the_wrong_way_round_make_no_file_of_links(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["links", "--from", "2025-11-20", "--to", "2025-11-19"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "is no range of days" in said.err
    assert main(["links", "--from", "2025-11-19", "--to", "2025-11-20"]) == 0
    said = capsys.readouterr()
    assert said.out == "Internal ID,HubSpot link\n"
    assert said.err == "No order of these days is in HubSpot: `ns-hs-orders sync` writes them.\n"


def test_a_way_to_contacts_without_its_field_is_one_sentence(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NS_HS_CONTACT_BY", "email,id")
    assert main(["setup", "--plan"]) == 2
    assert "name it in NS_HS_CONTACT_ID_FIELD" in capsys.readouterr().err
