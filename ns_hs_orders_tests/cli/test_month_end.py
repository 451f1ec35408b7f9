"""Exceptions, changes since a reported number, and month's end: one company whose last month is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.cli.sandbox import account_today
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.wiring.departures import DepartureDesk
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders_tests.defs.company import Company, running_company

Run = Callable[..., tuple[int, str, str]]
Documents = Callable[..., tuple[int, Any]]
LAST = account_today().replace(day=1) - timedelta(days=1)
MONTH = f"{LAST:%Y-%m}"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company whose days end with last month, all of them synced and reconciled."""
    with running_company(tmp_path_factory.mktemp("home"), orders=60, last=LAST) as company:
        with open_session(company.settings) as session:
            session.push(session.map(session.read_days(company.first, company.last)), run="test")
        yield company


@pytest.fixture(scope="module")
def first_report(company: Company) -> Reconciliation:
    """The first reconciliation of the company's days, noted."""
    return reconciled(company)


@pytest.fixture
def run(at_home: Company, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; gives its exit code, stdout with single blanks, and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, " ".join(out.split()), err

    return run


def reconciled(company: Company) -> Reconciliation:
    """Both systems compared and the result noted, as the job does, without a run."""
    with open_session(company.settings) as session:
        result = session.reconcile(company.first, company.last)
        session.record(result)
    return result


def agreeing(result: Reconciliation) -> list[tuple[str, str, int]]:
    """Orders in USD that agree and count, before the last day: internal id, number, sales in cents."""
    orders = result.orders
    chosen = orders[
        (orders["finding"] == "agrees")
        & (orders["currency"] == "USD")
        & (orders["sales_netsuite_minor"] > 0)
        & (orders["order_on"] < result.last)
    ]
    names = ("order_id_netsuite", "order_number", "sales_netsuite_minor")
    return list(zip(*(chosen[name].tolist() for name in names), strict=True))


def test_exceptions_are_listed_acknowledged_and_come_back_when_they_change(
    at_home: Company, first_report: Reconciliation, documents: Documents, run: Run
) -> None:
    (key, number, _), *_ = agreeing(first_report)
    price = at_home.held(key)["properties"]["hs_total_price"]
    code, before = documents("exceptions", "list")
    assert code == 0
    assert {one["cause"] for one in before["exceptions"]} >= {"quarantined"}
    at_home.edit(key, hs_total_price="1.00")
    reconciled(at_home)

    _, found = documents("exceptions", "list", "--cause", "edited in HubSpot")

    (one,) = found["exceptions"]
    assert (one["order_number"], one["status"], one["age_days"]) == (number, "open", 0)
    assert one["at_risk_minor"] == -one["difference_minor"] > 0
    assert one["first_seen_on"] == one["last_seen_on"] == datetime.now(UTC).date().isoformat()
    assert found["by_cause"] == [
        {"name": "edited in HubSpot", "currency": "USD", "orders": 1, "acknowledged": 0,
         "at_risk_minor": one["at_risk_minor"]}
    ]  # fmt: skip
    assert found["by_owner"][0]["name"] == (one["rep_name"] or "no owner")
    code, _, err = run(
        "exceptions", "ack", number, "SO-none", "--by", "Ann", "--reason", "a known [b]credit[/b]"
    )
    assert (code, "Not known to be wrong: SO-none" in err) == (2, True)
    nobody = run("exceptions", "list", "--owner", "Nobody")[1]
    of_all = len(before["exceptions"]) + 1
    assert nobody.startswith(f"{of_all} orders are not right, and none of them is what was asked for.")
    writes = at_home.hubspot.write_calls()

    reconciled(at_home)
    assert (
        documents("exceptions", "list", "--status", "open", "--cause", "edited in HubSpot")[1]["exceptions"]
        == []
    )
    (kept,) = documents("exceptions", "list", "--status", "acknowledged")[1]["exceptions"]
    assert (kept["acknowledged_by"], kept["acknowledged_because"]) == ("Ann", "a known [b]credit[/b]")
    assert kept["acknowledged_until"] == (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    said = f"{number} Ann {kept['acknowledged_until']} a known [b]credit[/b] acknowledged"
    assert said in run("exceptions", "list")[1]
    assert at_home.hubspot.write_calls() == writes  # judging writes nothing to HubSpot
    assert at_home.held(key)["properties"]["hs_total_price"] == "1"

    at_home.edit(key, hs_total_price="2.00")
    reconciled(at_home)
    (back,) = documents("exceptions", "list", "--status", "open", "--cause", "edited in HubSpot")[1][
        "exceptions"
    ]
    assert (back["status"], back["acknowledged_by"]) == ("reopened", "Ann")
    (story,) = documents("explain", number)[1]
    told = [event for event in story["events"] if event["happened"].startswith("exception")]
    assert [event["happened"] for event in told] == ["exception acknowledged", "exception reopened"]
    assert (told[0]["details"]["by"], told[1]["details"]["since acknowledged"]) == ("Ann", "it changed")

    at_home.edit(key, hs_total_price=price)
    reconciled(at_home)
    assert documents("exceptions", "list", "--cause", "edited in HubSpot")[1]["exceptions"] == []


def test_an_acknowledgement_is_taken_back_by_name(
    first_report: Reconciliation, documents: Documents, run: Run
) -> None:
    (one, *_) = documents("exceptions", "list", "--cause", "quarantined")[1]["exceptions"]
    number = one["order_number"]
    assert run("exceptions", "ack", one["order_id_netsuite"], "--by", "Ann", "--reason", "known")[0] == 0

    assert run("exceptions", "reopen", number, "--by", "Bo")[:2] == (0, f"Reopened: {number}")

    assert run("exceptions", "reopen", number, "--by", "Bo")[0] == 2
    found = {row["order_number"]: row["status"] for row in documents("exceptions", "list")[1]["exceptions"]}
    assert found[number] == "reopened"


def test_all_of_a_cause_are_acknowledged_for_one_month_and_what_is_replaced_is_named(
    at_home: Company, first_report: Reconciliation, documents: Documents, run: Run
) -> None:
    before = documents("exceptions", "list", "--cause", "quarantined")[1]["exceptions"]
    split = sorted(one["order_on"] for one in before)[-1]
    of_span = [one["order_number"] for one in before if one["order_on"] < split]
    assert 0 < len(of_span) < len(before)
    arguments = ("exceptions", "ack", "--cause", "quarantined", "--all-of-cause", "--reason", "known")
    span = (
        "--from",
        at_home.first.isoformat(),
        "--to",
        (date.fromisoformat(split) - timedelta(days=1)).isoformat(),
    )
    far, near = (datetime.now(UTC).date() + timedelta(days=n) for n in (90, 9))

    told = run(*arguments, "--by", "Ann", "--until", far.isoformat(), *span)[1]

    assert told.startswith(f"Acknowledged until {far}: ")
    after = documents("exceptions", "list", "--cause", "quarantined")[1]["exceptions"]
    assert sorted(of_span) == sorted(one["order_number"] for one in after if one["acknowledged_by"] == "Ann")
    told = run(*arguments, "--by", "Bob", "--until", near.isoformat(), *span)[1]
    assert f"In place of the acknowledgement by Ann until {far}: {', '.join(sorted(of_span))}" in told
    assert run(*arguments, "--by", "Bob", "--month", "2024-01")[1] == (
        "No order has this cause on 2024-01-01 to 2024-01-31."
    )
    assert run("exceptions", "reopen", *of_span, "--by", "Bob")[0] == 0


@pytest.mark.parametrize(
    "arguments, why",
    [
        (("ack", "--by", "Ann", "--reason", "x"), "Name the orders"),
        (("ack", "1", "--by", " ", "--reason", "x"), "Say who decides it"),
        (("ack", "1", "--by", "Ann", "--reason", " "), "Say why"),
        (("ack", "1", "--by", "Ann", "--reason", "x", "--until", "2020-01-01"), "is over"),
        (("list", "--cause", "nonsense"), "There is no cause 'nonsense'"),
    ],
)
def test_a_decision_without_what_it_needs_is_refused(run: Run, arguments: tuple[str, ...], why: str) -> None:
    code, _, err = run("exceptions", *arguments)

    assert (code, why in err) == (2, True)


def test_a_month_is_closed_and_what_changes_afterwards_is_told_apart(
    at_home: Company, first_report: Reconciliation, documents: Documents, run: Run
) -> None:
    code, out, _ = run("close", MONTH, "--by", "Ann")
    assert (code, "not right and not acknowledged, quarantined" in out) == (1, True)
    for cause in {one["cause"] for one in documents("exceptions", "list")[1]["exceptions"]}:
        arguments = ("--cause", cause, "--all-of-cause", "--by", "Ann", "--reason", "told to the customer")
        assert run("exceptions", "ack", *arguments)[0] == 0
    assert "nothing is missing" in run("close", MONTH, "--show")[1]
    assert documents("close", MONTH, "--show")[1] == {"closed": [], "missing": [], "events": []}

    code, out, _ = run("close", MONTH, "--by", "Ann")

    assert first_report.net is not None
    usd = first_report.net.sums["USD"].net_netsuite_minor
    assert (code, f"USD {shown(usd, 'USD')}" in out, "nothing changed since" in out) == (0, True, True)
    assert first_report.definition.sentence in out
    assert "is closed already" in run("close", MONTH, "--by", "Ann")[2]

    _, amount, moved, *_ = agreeing(first_report)
    rows = {one[0]: at_home.netsuite.rows("transaction", id=one[0])[0] for one in (amount, moved)}
    at_home.netsuite.update("transaction", {"id": amount[0]}, {"status": "C"})
    day_after = LAST + timedelta(days=1)
    at_home.netsuite.update("transaction", {"id": moved[0]}, {"trandate": day_after.isoformat()})
    since = datetime.now(UTC).isoformat()
    reconciled(at_home)

    span = ("--from", at_home.first.isoformat(), "--to", LAST.isoformat())
    _, changes = documents("changes", "--since", since, *span)
    told = {one["order"]: one for one in changes["orders"]}
    assert told.keys() == {amount[1], moved[1]}
    assert (told[amount[1]]["what"], told[moved[1]]["what"]) == (["amount", "stage"], ["vanished"])
    stages = told[amount[1]]["before"]["stage"], told[amount[1]]["after"]["stage"]
    assert (stages[0] == "cancelled", stages[1]) == (False, "cancelled")
    assert told[moved[1]]["net_minor"] == {"USD": -moved[2]}
    (of_usd,) = [one for one in changes["currencies"] if one["currency"] == "USD"]
    net = -amount[2] - moved[2]
    assert (of_usd["before_minor"], of_usd["net_minor"], of_usd["now_minor"]) == (usd, net, usd + net)
    assert of_usd["rest_minor"] == 0
    (shown_month,) = documents("close", MONTH, "--show")[1]["closed"]
    assert (shown_month["month"], shown_month["sums_minor"]["USD"]) == (MONTH, usd)
    assert [one["order"] for one in shown_month["changes"]["orders"]] == [
        one["order"] for one in changes["orders"]
    ]
    code, out, _ = run("close", MONTH, "--show")
    assert (code, "2 post-close adjustments, net effect " + shown(net, "USD") in out) == (0, True)
    assert f"USD {shown(usd, 'USD')} {shown(net, 'USD')} {shown(usd + net, 'USD')}" in out

    seen = at_home.reconcile()
    *days, whole = at_home.evaluations("closed_periods_are_unchanged", seen.run_id)
    assert {(one.passed, one.severity.value) for one in (*days, whole)} == {(False, "WARN")}
    assert f"{MONTH}: 2 orders, net effect {shown(net, 'USD')}" in (whole.description or "")
    assert MONTH in run("close", "--list")[1]

    for key, row in rows.items():
        before = {"status": row["status"], "trandate": row["trandate"]}
        at_home.netsuite.update("transaction", {"id": key}, before)
    reconciled(at_home)
    assert "nothing changed since" in run("close", MONTH, "--show")[1]
    assert run("close", MONTH, "--reopen", "--by", "Bo", "--reason", "a late invoice")[0] == 0
    assert "reopened Bo a late invoice" in run("close", "--list")[1]
    assert run("close", MONTH, "--reopen", "--by", "Bo", "--reason", "again")[0] == 2


def test_a_month_that_is_not_over_or_never_synced_is_not_closed(run: Run) -> None:
    this_month = f"{account_today():%Y-%m}"

    assert "is not over" in run("close", this_month, "--by", "Ann")[2]
    assert "before" in run("close", "2001-01", "--by", "Ann")[2]
    assert run("close", "2001-13", "--by", "Ann")[0] == 2
    assert run("close", MONTH)[0] == 2
    assert run("close")[0] == 2


def test_a_home_where_nothing_ran_has_nothing_to_list(
    at_home: Company, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path_factory.mktemp("empty")))

    assert "Nothing ran yet" in run("exceptions", "list")[1]
    assert "Nothing ran yet" in run("changes", "--since", "2026-11-20")[1]
    assert "No month is closed" in run("close", "--list")[1]
    assert run("exceptions", "ack", "1", "--by", "Ann", "--reason", "x")[0] == 2
    assert "Nothing ran yet" in run("close", MONTH, "--by", "Ann")[2]


@pytest.mark.parametrize(
    "arguments, why",
    [
        (("--since", "friday"), "is not a date"),
        (("--since", "2999-01-01"), "--since is still to come: 2999-01-01 23:59 PST, and a date is its end"),
        (("--since", "2026-11-20", "--until", "2026-11-19"), "--until is before --since"),
        (
            ("--since", "2026-11-20", "--from", "2026-11-02", "--to", "2026-11-01"),
            "its last day is before its first",
        ),
    ],
)
def test_changes_between_no_two_moments_are_refused(run: Run, arguments: tuple[str, ...], why: str) -> None:
    code, _, err = run("changes", *arguments)

    assert (code, why in err) == (2, True)


def test_an_order_that_was_deleted_keeps_its_number_and_is_told_as_vanished(
    at_home: Company, first_report: Reconciliation, documents: Documents, run: Run
) -> None:
    key, number, minor = agreeing(first_report)[-1]
    reconciled(at_home)
    since = datetime.now(UTC).isoformat()
    at_home.netsuite.delete("transaction", {"id": key})
    deleted = {"recordid": key, "type": "Sales Order", "deleteddate": "2026-11-20 12:00:00"}
    at_home.netsuite.insert("deletedrecord", [deleted])
    with open_session(at_home.settings) as session:
        orders = session.read_days(at_home.first, at_home.last).orders
        DepartureDesk(session, "test", lambda _: None).settle_days(at_home.first, at_home.last, orders)
    assert key not in {one["properties"]["netsuite_internal_id"] for one in at_home.hubspot.objects("orders")}
    reconciled(at_home)

    (changed,) = documents("changes", "--since", since)[1]["orders"]

    assert (changed["order"], changed["what"], changed["after"]) == (number, ["vanished"], None)
    assert changed["net_minor"] == {"USD": -minor}
    for name in (number, key):
        ((story,),) = documents("explain", name)[1:]
        assert (story["order_id"], story["order_number"], story["outcome"]) == (key, number, "archived")
    assert f"Order {number} (NetSuite id {key}): archived" in run("explain", number)[1]
