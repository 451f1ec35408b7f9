"""Edits in HubSpot from end to end: healed or left by policy, told in the story, and the dollars verified on the record."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import requests

from ns_hs_orders.cli import main
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.trust.write import TrustWritten
from ns_hs_orders.wiring.trust import write_trust
from ns_hs_orders_tests.end_to_end.company import Company, accepted, output
from ns_hs_orders_tests.end_to_end.conftest import Make

CARD = "4111 1111 1111 1111"


def verification(company: Company, key: str) -> tuple[str | None, ...]:
    properties = company.order(key)["properties"]
    names = ("verification", "verified_difference", "verification_reason")
    return tuple(properties.get(f"netsuite_{name}") for name in names)


def minus(total: str | None) -> str:
    """HubSpot's 1.00 less a total, as HubSpot writes numbers."""
    return f"{1 - Decimal(total or '0'):f}"


def story_of(key: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["explain", key, "--json"])
    (story,) = json.loads(capsys.readouterr().out)
    return code, story


def test_an_edited_amount_is_healed_an_edited_note_stays_and_both_are_told(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # a table's cell breaks no sentence
    company = make(24)
    keys = accepted(company.sync().reconciliation, "USD")
    key, other = keys[0], keys[1]
    total = company.order(key)["properties"]["hs_total_price"]
    company.edit(key, hs_total_price="1.00", hs_order_note=f"card {CARD}", netsuite_po_number=f"PO {CARD}")
    company.edit(other, hs_order_note="call me")

    found = company.reconcile()
    rows = zip(*(found.differences[name] for name in ("order_id_netsuite", "field", "policy")), strict=True)
    assert sorted(rows) == sorted(
        [
            (key, "Total Price", "heal"),
            (key, "PO #", "heal"),
            (key, "Memo", "report"),
            (other, "Memo", "report"),
        ]
    )
    assert tell_orders(company, found).written == len(company.held())
    assert verification(company, key)[:2] == ("differs", minus(total))
    assert verification(company, other) == ("agrees", "0", None)

    assert company.command("sync", "--json") == 0
    document = output(capsys)
    assert {(one["order_id"], one["field"]) for one in document["differences"]} == {
        (key, "Memo"),
        (other, "Memo"),
    }
    assert (document["agrees"], document["outcomes"]["updated"]) == (True, 1)
    held = company.order(key)["properties"]
    assert (held["hs_total_price"], held["hs_order_note"]) == (total, f"card {CARD}")
    assert verification(company, key) == ("agrees", "0", None)

    code, story = story_of(key, capsys)
    assert (code, story["difference"]) == (0, [])
    assert "Memo: NetSuite" in story["left"][0]
    assert {one["agrees"] for one in story["fields"] if one["label"] == "Memo"} == {None}
    (event,) = [one for one in story["events"] if one["happened"] == "healed"]
    assert event["details"]["fields"]["Total Price"]["before"] == "1.00 USD"
    assert event["details"]["fields"]["PO #"]["before"] == "PO **** **** **** 1111"
    assert set(event["details"]["fields"]) == {"Total Price", "PO #"}
    assert main(["explain", key]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "HubSpot held 1.00 USD" in printed


def test_orders_tell_whether_their_dollars_are_verified_only_where_it_is_wanted_and_possible(
    make: Make,
) -> None:
    company = make(24)
    company.carry_over()
    key = accepted(company.reconcile(), "USD")[0]
    (row,) = company.netsuite.rows("transaction", id=key)
    company.netsuite.update(
        "transaction", {"id": key}, {"foreigntotal": f"{float(row['foreigntotal'] or 0) + 5:.2f}"}
    )
    found = company.reconcile()
    assert tell_orders(company, found, trust_properties="off") == TrustWritten()
    _delete_property(company, "netsuite_verification")
    (warning,) = tell_orders(company, found).warnings
    assert "HubSpot lacks netsuite_verification. Run `ns-hs-orders setup` to make them" in warning
    assert {verification(company, one)[1] for one in company.held()} == {None}
    company.provision()

    path = "orders/batch/update"
    company.sandbox.faults.add({"kind": "status", "app": "hubspot", "path": path, "status": 403})
    (warning,) = tell_orders(company, found).warnings
    assert "tried again after the next reconciliation; the reconciliation itself is done" in warning
    assert tell_orders(company, found).written == len(company.held())
    found = company.reconcile()
    calls = len(company.hubspot.calls(50_000))
    assert tell_orders(company, found) == TrustWritten()
    assert len(company.hubspot.calls(50_000)) == calls

    state, difference, reason = verification(company, key)
    assert (state, difference) == ("held", "-5")
    assert "Lines make" in str(reason)
    assert {verification(company, one)[0] for one in company.held()} == {"agrees", "held"}


def tell_orders(company: Company, found: Reconciliation, **settings: Any) -> TrustWritten:
    """Tells the orders in HubSpot what a reconciliation found, as the job does after it."""
    with company.session(**settings) as session:
        return write_trust(session, found, run="end-to-end")


def _delete_property(company: Company, name: str) -> None:
    """Takes a property away as an administrator does in HubSpot."""
    requests.delete(
        f"{company.sandbox.hubspot_url}/crm/properties/2026-03/orders/{name}",
        headers={"Authorization": f"Bearer {company.sandbox.hubspot_token}"},
        timeout=10,
    ).raise_for_status()
