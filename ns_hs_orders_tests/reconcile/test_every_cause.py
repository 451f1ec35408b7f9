"""Each cause, alone and with all others at once, between both emulators over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
import pytest

from ns_hs_orders.money import plain
from ns_hs_orders.reconcile.integrity import COMPANY, HEADER, ORPHANS
from ns_hs_orders.reconcile.result import by_day
from ns_hs_orders.reconcile.risk import money_at_risk
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, BridgeStep, Reconciliation
from ns_hs_orders.report.as_json import as_json
from ns_hs_orders.report.checks import checks
from ns_hs_orders.report.figures import next_steps
from ns_hs_orders_tests.reconcile.every_cause import (
    FIRST,
    PLANTS,
    TODAY,
    Company,
    Expected,
    Target,
    opened,
    plant,
    plant_before_the_sync,
)

BEFORE = ("skipped", "quarantined", "rejected", "not yet pushed")
VARIANTS = ("field_edited", "edited_by_an_integration", "key_taken_away", "duplicate_by_id")
"""Further orders of a cause: told among all, since each look alone takes its time."""
NAMES = (*BEFORE, *(one.__name__.strip("_") for one in PLANTS))


@dataclass(frozen=True)
class World:
    """The company with everything planted, and two orders that agree still."""

    company: Company
    planted: dict[str, tuple[Target, Expected]]
    whole: Reconciliation
    left: tuple[Target, Target]
    since: datetime


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    since = datetime.now(UTC).replace(microsecond=0)
    with opened(tmp_path_factory.mktemp("home")) as company:
        first, second, *targets = company.targets()
        before, after = targets[: len(BEFORE)], targets[len(BEFORE) :]
        found = plant_before_the_sync(company, before)
        company.sync(but=before[-1])
        found |= plant(company, after)
        whole = company.session.reconcile(FIRST, TODAY)
        yield World(company, dict(zip(NAMES, found.items(), strict=True)), whole, (first, second), since)


def test_every_cause_is_planted(world: World) -> None:
    assert {expected.cause for _, expected in world.planted.values()} == set(CAUSES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in VARIANTS])
def test_a_cause_planted_alone_comes_back_under_its_own_name(world: World, name: str) -> None:
    target, expected = world.planted[name]
    result = world.company.session.reconcile(target.on, target.on)
    _check_row(result, target, expected, world.since)
    usd = result.currencies["USD"]
    assert usd.bridge == (BridgeStep(expected.cause, 1, expected.amount_minor),)
    assert (usd.unexplained_minor, result.sales["USD"].unexplained_minor) == (0, 0)
    assert result.red_days == ((target.on,) if expected.is_red else ())
    if len(result.differences):
        assert (expected.cause, NEXT_STEPS[expected.cause]) in next_steps(result)


def test_all_causes_at_once_come_back_each_under_its_name_and_nothing_is_left_over(world: World) -> None:
    result = world.whole
    for target, expected in world.planted.values():
        _check_row(result, target, expected, world.since)
    steps = {step.cause: step for step in result.currencies["USD"].bridge}
    for cause in CAUSES:
        amounts = [e.amount_minor for _, e in world.planted.values() if e.cause == cause]
        assert steps[cause] == BridgeStep(cause, len(amounts), sum(amounts))
    assert {sums.unexplained_minor for sums in result.currencies.values()} == {0}
    assert {sums.unexplained_minor for sums in result.sales.values()} == {0}
    assert result.base is not None
    assert (result.base.unexplained_minor, result.base.without_rate) == (0, 0)
    assert set(result.red_days) == {target.on for target, e in world.planted.values() if e.is_red}


def test_money_at_risk_has_each_planted_order_but_the_skipped_one_with_what_it_puts_at_risk(
    world: World,
) -> None:
    found = {(row.order_id_netsuite, row.cause): row for row in money_at_risk(world.whole, {})}
    at_risk = {}
    for name, (target, expected) in world.planted.items():
        if name != "skipped":
            row = found.pop((expected.key or target.key, expected.cause))
            assert row.difference_minor == expected.amount_minor
            at_risk[name] = row.at_risk_minor
    assert found == {}
    whole_orders = {"edited_by_an_integration", "line_added", "line_changed", "stage_changed", "link_removed"}
    assert at_risk == {
        name: target.total if name in whole_orders else abs(expected.amount_minor)
        for name, (target, expected) in world.planted.items()
        if name != "skipped"
    }


def test_what_is_not_whole_is_told_by_order_and_rule_and_what_has_a_reason_is_not_red(world: World) -> None:
    broken = {(one.order, one.rule): one for one in world.whole.integrity if one.reason is None}
    key = {name: target.key for name, (target, _) in world.planted.items()}
    assert set(broken) == {
        (key["edited"], HEADER),
        (key["edited_by_an_integration"], HEADER),
        (key["line_added"], HEADER),
        (key["line_changed"], HEADER),
        (key["link_removed"], COMPANY),
        (key["deleted_in_hubspot"], ORPHANS),
    }
    assert broken[key["edited"], HEADER].amount_minor == -1000
    assert broken[key["line_added"], HEADER].amount_minor == -300
    reasons = {one.reason for one in world.whole.integrity if one.reason is not None}
    assert {"customer_not_in_hubspot", "does_not_add_up", "no_rep", "unknown_rep"} <= reasons
    days = by_day(world.whole)
    target = world.planted["link_removed"][0]
    of_day = {one.name: one for one in checks(days[target.on])}
    assert not of_day["orders_have_company_lines_owner"].passed
    assert target.number in of_day["orders_have_company_lines_owner"].summary
    assert of_day["header_equals_its_lines"].passed
    assert of_day["no_orphan_line_items"].passed
    quarantined = {one.name: one for one in checks(days[world.planted["quarantined"][0].on])}
    assert quarantined["header_equals_its_lines"].passed
    assert quarantined["header_equals_its_lines"].numbers["for a named reason: does_not_add_up"] == 1


def test_the_json_tells_who_changed_what_and_when(world: World) -> None:
    document = json.loads(json.dumps(as_json(world.whole)))
    target, expected = world.planted["edited"]
    (told,) = [one for one in document["differences"] if one["order_id"] == target.key]
    assert (told["cause"], told["changed_by"]) == (expected.cause, "Ann Lee")
    assert world.since <= datetime.fromisoformat(told["changed_at"]) <= world.whole.made_at
    assert expected.words[0] in told["explanation"]
    assert {"order": target.key, "rule": HEADER, "amount_minor": -1000}.items() <= next(
        one for one in document["integrity"] if one["order"] == target.key
    ).items()


def test_two_edits_that_cancel_are_red_each_with_its_author(world: World) -> None:
    up, down = world.left
    assert world.company.session.reconcile(up.on, down.on).agrees
    world.company.edit(up.key, hs_total_price=plain(up.total + 100, "USD"))
    world.company.edit(down.key, hs_total_price=plain(down.total - 100, "USD"))
    result = world.company.session.reconcile(up.on, down.on)
    usd = result.currencies["USD"]
    assert (usd.difference_minor, usd.unexplained_minor) == (0, 0)
    assert usd.bridge == (BridgeStep("edited in HubSpot", 2, 0),)
    assert result.red_days == (up.on, down.on)
    edited = result.orders[result.orders["cause"].notna()]
    assert edited["changed_by"].tolist() == ["Ann Lee", "Ann Lee"]


def _check_row(result: Reconciliation, target: Target, expected: Expected, since: datetime) -> None:
    rows = result.orders[result.orders["order_id_netsuite"] == (expected.key or target.key)]
    (row,) = rows.astype(object).where(rows.notna(), None).to_dict("records")
    assert (row["cause"], row["finding"], row["order_on"]) == (expected.cause, expected.finding, target.on)
    for words in expected.words:
        assert words in row["explanation"]
    assert row["changed_by"] == expected.changed_by
    if expected.has_moment:
        assert since <= pd.Timestamp(row["changed_at"]) <= result.made_at
    else:
        assert row["changed_at"] is None
