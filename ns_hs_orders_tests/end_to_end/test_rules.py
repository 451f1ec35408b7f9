"""Settings that change the rules, and code that is broken by one line, seen from end to end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.mapping import amounts as mapping_amounts
from ns_hs_orders.mapping import judgement
from ns_hs_orders.mapping.checks import mapping_checks
from ns_hs_orders.sandbox.world import generate
from ns_hs_orders.sandbox.world.suitetax import with_suitetax
from ns_hs_orders_tests.end_to_end.company import DAYS, FIRST, TODAY, accepted, output
from ns_hs_orders_tests.end_to_end.conftest import Make


def test_suitetax_details_make_the_same_dollars_as_legacy_tax(make: Make) -> None:
    world = generate(40, 7, TODAY, days=DAYS)
    legacy = make(world=world, name="legacy")
    legacy.carry_over()
    suitetax = make(world=with_suitetax(world), name="suitetax")

    result = suitetax.sync(tax_regime="suitetax")

    assert result.reconciliation.agrees
    assert suitetax.sums() == legacy.sums()
    tax = {key: one["properties"]["hs_tax"] for key, one in suitetax.held().items()}
    assert tax == {key: one["properties"]["hs_tax"] for key, one in legacy.held().items()}


def test_an_unbalanced_order_is_sent_with_its_unclassified_part_by_setting(make: Make) -> None:
    company = make(60)
    result = company.sync(unbalanced_orders="send")
    for key in company.planted_ids("does_not_add_up"):
        assert result.outcome_of(key)[0] == "created"
        held = company.order(key)["properties"]
        assert held["netsuite_unclassified_amount"] in ("0.01", "-0.01")
    assert result.reconciliation.agrees


def test_an_existing_pipeline_is_used_by_its_id(make: Make) -> None:
    company = make(24)
    with company.session() as session:
        ids = session.pipeline
    stages = {**ids.stage_ids, "billed": ids.stage_ids["fulfilled"]}
    chosen: dict[str, Any] = {"hubspot_pipeline_id": ids.pipeline_id, "hubspot_stage_ids": stages}

    result = company.sync(**chosen)

    assert result.reconciliation.agrees
    held = {one["properties"]["hs_pipeline_stage"] for one in company.held().values()}
    assert ids.stage_ids["fulfilled"] in held
    assert ids.stage_ids["billed"] not in held


def test_persons_are_skipped_by_setting(make: Make) -> None:
    company = make(40)
    persons = {row["id"] for row in company.netsuite.rows("customer", isperson="T")}
    result = company.sync(person_customers="skip")
    skipped = result.results[result.results["reason"] == "person_skipped"]
    assert set(skipped["customer_id"]) <= persons
    assert result.reconciliation.agrees


@pytest.mark.parametrize(
    "chosen, named",
    [
        ({"subsidiaries": frozenset({"1"})}, "NS_HS_SUBSIDIARIES"),
        (
            {"criterion_field": "custbody_in_hubspot", "criterion_value": "T"},
            "transaction.custbody_in_hubspot",
        ),
    ],
)
def test_a_criterion_that_the_account_cannot_show_is_an_error_and_skips_nothing(
    make: Make, chosen: dict[str, Any], named: str
) -> None:
    company = make(24, missing_columns=("transactionline.subsidiary",))
    with pytest.raises(ConfigError, match=named):
        company.sync(**chosen)
    assert company.held() == {}


def test_tax_with_its_sign_turned_is_red(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    company = make(40)
    right = mapping_amounts.tax_minor
    monkeypatch.setattr(judgement, "tax_minor", lambda *args, **more: -(right(*args, **more) or 0))

    with company.session() as session:
        mapped = session.map(session.read_days(FIRST, TODAY))

    check = next(one for one in mapping_checks(mapped) if one.name == "totals_add_up")
    assert not check.passed
    assert int(check.numbers["does_not_add_up"]) > 10


def test_the_document_of_reconcile_holds_both_sides(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    company = make(60)
    company.carry_over()
    capsys.readouterr()
    assert company.command("reconcile", "--json") == 0
    document = output(capsys)

    assert (document["mode"], document["from"], document["to"]) == ("sandbox", str(FIRST), str(TODAY))
    assert document["outcomes"]["rejected"] == 3
    assert document["differences"] == []
    held = company.sums()
    for code, sums in document["currencies"].items():
        assert sums["hubspot_minor"] == sums["accepted_minor"] == held.get(code, 0)
        assert (sums["difference_minor"], sums["unexplained_minor"]) == (0, 0)
        steps = sum(step["amount_minor"] for step in sums["bridge"])
        assert sums["netsuite_minor"] + steps == held.get(code, 0)
        assert {key for step in sums["bridge"] for key in step} <= {"cause", "orders", "amount_minor"}


def test_one_cent_is_named_with_its_order_and_healed(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    company = make(40)
    key = accepted(company.sync().reconciliation, "USD")[0]
    total = company.order(key)["properties"]["hs_total_price"]
    company.edit(key, hs_total_price=f"{float(total) + 0.01:.2f}")
    capsys.readouterr()

    assert company.command("reconcile", "--json") == 1
    document = output(capsys)
    (difference,) = document["differences"]
    assert difference["order"] == company.number_of(key)
    assert difference["field"] == "Total Price"
    assert difference["cause"] == "edited in HubSpot"
    assert document["currencies"]["USD"]["difference_minor"] == 1

    assert company.command("sync", "--json") == 0
    assert company.order(key)["properties"]["hs_total_price"] == total
    assert company.reconcile().agrees


def test_single_orders_go_by_number_and_id(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    company = make(24)
    with company.session() as session:
        mapped = session.map(session.read_days(FIRST, TODAY))
    (by_number, by_id) = (
        mapped.orders["order_number"].tolist()[0],
        mapped.orders["order_id_netsuite"].tolist()[1],
    )

    assert main(["sync", "--orders", f"{by_number},{by_id}", "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert [one["outcome"] for one in document["orders"]] == ["created", "created"]
    assert set(company.held()) == set(mapped.orders["order_id_netsuite"].tolist()[:2])


def test_two_homes_never_touch_each_other(make: Make) -> None:
    one, other = make(24, name="one"), make(24, name="other")
    one.carry_over()
    assert other.held() == {}
    assert not (other.home / "state").exists() or other.sync().outcomes["created"] == len(one.held())


def test_an_order_that_moves_before_the_first_day_is_listed_where_hubspot_keeps_it_and_red_for_nobody(
    make: Make,
) -> None:
    company = make(24)
    moved = next(
        key
        for key in accepted(company.sync().reconciliation)
        if company.order(key)["properties"]["netsuite_order_date"] == FIRST.isoformat()
    )
    company.netsuite.update("transaction", {"id": moved}, {"trandate": "2025-11-01"})
    result = company.reconcile(first_day=FIRST)
    assert result.red_days == ()
    (row,) = result.differences[result.differences["order_id_netsuite"] == moved].to_dict("records")
    assert (row["cause"], row["netsuite"]) == (
        "earlier version still in HubSpot",
        "2025-11-01 (skipped)",
    )
    assert all(sums.unexplained_minor == 0 for sums in result.currencies.values())
