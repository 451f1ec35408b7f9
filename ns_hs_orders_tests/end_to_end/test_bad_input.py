"""Bad input ends in a clear error, a quarantine or a rejection with a reason; nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.errors import ContractError, RemoteError
from ns_hs_orders.sandbox.world import generate, write_folder
from ns_hs_orders_tests.end_to_end.company import DAYS, TODAY, Company, accepted
from ns_hs_orders_tests.end_to_end.conftest import Make

CARD = "4111 1111 1111 1111"


def good_order(company: Company) -> str:
    """An order of USD that is synced and agrees."""
    return accepted(company.sync().reconciliation, "USD")[0]


def others_agree(company: Company, but: str) -> None:
    result = company.reconcile()
    assert set(result.differences["order_id_netsuite"]) <= {but}
    assert len(accepted(result)) >= 10


@pytest.mark.parametrize("kind", ["not_json", "truncated"])
def test_an_answer_of_netsuite_that_is_not_json_is_asked_for_again(make: Make, kind: str) -> None:
    company = make(24)
    company.sandbox.faults.add({"kind": kind, "app": "netsuite", "path": "suiteql", "times": 2, "after": 3})
    assert company.sync().reconciliation.agrees


def test_a_netsuite_that_never_answers_in_json_is_a_clear_error(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ns_hs_orders.clients import transport

    monkeypatch.setattr(transport.SystemClock, "sleep", lambda _self, _seconds: None)
    company = make(24)
    company.sandbox.faults.add({"kind": "not_json", "app": "netsuite", "path": "suiteql", "times": 0})
    with pytest.raises(RemoteError, match="not JSON") as error:
        company.sync()
    assert error.value.system == "netsuite"
    assert company.held() == {}


def test_an_empty_page_in_the_middle_is_never_taken_for_the_end(make: Make) -> None:
    company = make(24)
    company.sandbox.faults.add(
        {"kind": "empty_page", "app": "netsuite", "path": "suiteql", "body": "foreigntotal", "times": 0}
    )
    with pytest.raises(ContractError):
        company.sync()
    company.sandbox.faults.clear()
    assert company.sync().reconciliation.agrees


def test_a_property_that_hubspot_lost_rejects_with_what_to_do(make: Make) -> None:
    company = make(24)
    with company.session() as session:
        session.hubspot.settings._transport.send(
            "DELETE", "/crm/properties/2026-03/orders/netsuite_po_number", effect="keyed"
        )
    refused = company.sync()
    assert refused.outcomes["rejected"] >= 10
    assert set(refused.results["reason"].dropna()) >= {"property_missing"}
    assert any("setup" in text for text in refused.results["explanation"].dropna())
    company.provision()
    assert company.sync().reconciliation.agrees


def test_a_currency_and_a_company_that_hubspot_does_not_have_are_rejected_by_name(make: Make) -> None:
    company = make(60)
    result = company.sync()
    for code, reason, word in (
        ("currency_not_in_portal", "currency_not_enabled", "CHF"),
        ("company_not_in_hubspot", "company_not_in_hubspot", "company"),
    ):
        for key in company.planted_ids(code):
            assert result.outcome_of(key) == ("rejected", reason)
            explained = result.results.set_index("order_id_netsuite").loc[key, "explanation"]
            assert word in str(explained)
            assert key not in company.held()
    assert result.reconciliation.agrees


def test_a_company_that_is_gone_rejects_its_orders_until_it_is_back(make: Make) -> None:
    company = make(24)
    key = good_order(company)
    (company_id,) = company.order(key)["companies"]
    company.hubspot.archive("companies", company_id)
    company.netsuite.update("transaction", {"id": key}, {"memo": "changed"})

    again = company.sync()

    assert again.outcome_of(key) == ("rejected", "company_not_in_hubspot")
    assert company_id in str(again.results.set_index("order_id_netsuite").loc[key, "explanation"])


def test_an_order_whose_company_is_gone_is_told_although_its_contact_is_there(make: Make) -> None:
    company = make(24)
    company.sync(contact_by=("primary",))
    key = next(one for one, held in company.held().items() if held["contacts"])
    (company_id,) = company.order(key)["companies"]
    company.hubspot.archive("companies", company_id)

    found = company.sync(contact_by=("primary",)).reconciliation

    told = found.orders.set_index("order_id_netsuite").loc[key]
    assert (told["outcome"], told["finding"]) == ("rejected", "association missing")
    assert told["cause"] == "earlier version still in HubSpot"


def test_an_owner_that_left_leaves_the_owner_empty_and_is_reported(make: Make) -> None:
    company = make(24)
    company.carry_over()
    key, rep = next(
        (key, row["employee"])
        for key, one in company.held().items()
        if one["properties"].get("hubspot_owner_id")
        for row in company.netsuite.rows("transaction", id=key)
    )
    company.netsuite.update("employee", {"id": str(rep)}, {"email": "gone@example.com"})

    again = company.sync()

    assert again.reconciliation.agrees
    assert not company.order(key)["properties"].get("hubspot_owner_id")
    assert "unknown_rep" in str(again.results.set_index("order_id_netsuite").loc[key, "warnings"])


@pytest.mark.parametrize(
    "memo, held",
    [
        ("📦 شكرا לך\n‏RTL", "📦 شكرا לך\n‏RTL"),
        ("nul\x00here", "nulhere"),
        (
            "<script>alert(1)</script> =1+1 [x](javascript:1)",
            "<script>alert(1)</script> =1+1 [x](javascript:1)",
        ),
    ],
    ids=["emoji and right to left", "NUL", "markup"],
)
def test_any_text_arrives_as_it_is(make: Make, memo: str, held: str) -> None:
    company = make(24)
    key = good_order(company)
    company.netsuite.update("transaction", {"id": key}, {"memo": memo})
    again = company.sync()
    assert again.reconciliation.agrees
    assert company.order(key)["properties"]["hs_order_note"] == held


def test_a_memo_that_is_too_long_rejects_its_order_only(make: Make) -> None:
    company = make(24)
    key = good_order(company)
    company.netsuite.update("transaction", {"id": key}, {"memo": "x" * 70_000})
    again = company.sync()
    assert again.outcome_of(key) == ("rejected", "text_too_long")
    others_agree(company, key)


def test_a_card_number_is_nowhere_but_its_last_four(make: Make) -> None:
    company = make(24)
    key = good_order(company)
    company.netsuite.update("transaction", {"id": key}, {"memo": f"card {CARD} please"})
    assert company.command("sync", "--json") == 0

    assert "1111" in company.order(key)["properties"]["hs_order_note"]
    assert CARD not in company.order(key)["properties"]["hs_order_note"]
    needles = [CARD.encode(), CARD.replace(" ", "").encode(), CARD.replace(" ", "-").encode()]
    left = [
        path
        for path in company.home.rglob("*")
        if path.is_file() and not path.name.startswith("netsuite.sqlite")
    ]
    assert len(left) > 50
    assert [path for path in left if any(needle in path.read_bytes() for needle in needles)] == []


@pytest.mark.parametrize("table, column", [("transaction", "foreigntotal"), ("customer", "id")])
def test_a_csv_without_a_column_is_refused_by_file_and_column(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, column: str
) -> None:
    make(24, name="other", provision=False)
    folder = tmp_path / "data"
    write_folder(generate(24, 7, TODAY, days=DAYS), folder)
    path = folder / "netsuite" / f"{table}.csv"
    header, _, rest = path.read_text().partition("\n")
    path.write_text(header.replace(column, f"{column}x", 1) + "\n" + rest)

    assert main(["sandbox", "load", str(folder), "--reset"]) == 2
    said = capsys.readouterr().err
    assert f"{table}.csv" in said
    assert column in said
    assert "Traceback" not in said
