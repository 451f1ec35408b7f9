"""Net sales: what counts of returns, what they are named, and that every cent of a difference has a cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ns_hs_orders.errors import ConfigError, ContractError
from ns_hs_orders.reconcile.merge import merge
from ns_hs_orders.reconcile.reconcile import after_reconcile
from ns_hs_orders.reconcile.result import by_day, redefined
from ns_hs_orders.reconcile.returns.on_orders import RETURNED_PROPERTY
from ns_hs_orders.reconcile.returns.sides import HeldReturn
from ns_hs_orders.reconcile.sales.definition import SalesDefinition, read_definition
from ns_hs_orders.reconcile.sales.net_groups import KINDS, net_groups
from ns_hs_orders.reconcile.sales.net_schema import (
    ELSEWHERE,
    LATER,
    NO_GROUP,
    OF_THESE_ORDERS,
    OVER_RETURN,
    WITHOUT_ORDER,
    NetSums,
    ReturnStep,
)
from ns_hs_orders.reconcile.schema import BridgeStep, Reconciliation
from ns_hs_orders.report.as_json import as_json
from ns_hs_orders.report.checks import exit_code
from ns_hs_orders.report.html.page import page
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.text import as_text
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, NOW, Sale
from ns_hs_orders_tests.reconcile.returned import (
    AFTER,
    BEFORE,
    NET,
    Back,
    BothWithReturns,
    everything,
    only_in_hubspot,
)


@pytest.fixture(params=[True, False], ids=["in records", "on orders"])
def both(request: pytest.FixtureRequest) -> BothWithReturns:
    """Two orders of 100.00 USD of the day, in both modes."""
    found = BothWithReturns(in_records=request.param)
    found.synced(Sale("1"), Sale("2"))
    return found


def usd(result: Reconciliation) -> NetSums:
    assert result.net is not None
    return result.net.sums["USD"]


def named(sums: NetSums) -> dict[str, tuple[int, int]]:
    return {step.cause: (step.returns, step.amount_minor) for step in sums.returned.named}


def test_net_is_gross_less_what_was_returned_on_both_sides(both: BothWithReturns) -> None:
    both.returned(Back("71", "30.00", of="1"), Back("72", "12.34", of="2"))
    result = both.reconcile_net()
    sums = usd(result)

    assert (sums.gross.sales_netsuite_minor, sums.returned.returned_netsuite_minor) == (20000, 4234)
    assert (sums.net_netsuite_minor, sums.net_hubspot_minor, sums.difference_minor) == (15766, 15766, 0)
    assert (sums.orders, sums.returns, sums.unexplained_minor) == (2, 2, 0)
    assert result.agrees


@pytest.mark.parametrize(
    ("status", "received", "counted", "left_out"),
    [
        ("A", None, 0, "pending approval or cancelled"),
        ("C", None, 0, "pending approval or cancelled"),
        ("H", "12.00", 1200, "closed, not received"),
        *((letter, "12.00", 3000, None) for letter in "BDEFG"),
    ],
)
def test_what_counts_of_a_return_goes_by_its_status(
    both: BothWithReturns, status: str, received: str | None, counted: int, left_out: str | None
) -> None:
    both.returned(Back("71", "30.00", of="1", status=status, received=received))
    result = both.reconcile_net()
    sums = usd(result)

    assert sums.returned.returned_netsuite_minor == counted == sums.returned.returned_hubspot_minor
    assert sums.returned.netsuite_minor == 3000
    expected = () if left_out is None else (ReturnStep(left_out, 1, counted - 3000),)
    assert sums.returned.not_counted == expected
    assert result.agrees


def test_a_return_leaves_out_tax_and_shipping_as_orders_do(both: BothWithReturns) -> None:
    both.definition = replace(NET, with_tax=False, with_shipping=False)
    both.returned(
        Back("71", "30.00", of="1", tax="2.50", shipping="4.00"),
        Back("72", "30.00", of="1", tax="2.50", shipping="4.00", status="H", received="10.00"),
    )
    sums = usd(both.reconcile_net())

    # of the closed one a third counts: tax 0.83, shipping 1.33
    assert sums.returned.returned_netsuite_minor == 2350 + 1000 - 83 - 133
    assert sums.returned.returned_hubspot_minor == sums.returned.returned_netsuite_minor
    assert sums.returned.not_counted == (
        ReturnStep("closed, not received", 1, -2000),
        ReturnStep("tax", 2, -333),
        ReturnStep("shipping", 2, -533),
    )
    assert sums.unexplained_minor == 0


def test_a_return_counts_on_its_own_day_and_is_named_by_the_day_of_its_order(both: BothWithReturns) -> None:
    both.synced(Sale("3", on=BEFORE))
    both.returned(
        Back("71", "30.00", of="1"),
        Back("72", "11.00", of="3"),
        Back("73", "5.00", of="2", on=AFTER),
    )
    sums = usd(both.reconcile_net(DAY, NEXT_DAY))

    assert named(sums) == {OF_THESE_ORDERS: (1, 3000), LATER: (1, 1100)}
    assert sums.returned.elsewhere == BridgeStep(ELSEWHERE, 1, 500)
    assert sums.returned.returned_netsuite_minor == 4100


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (Back("71", "30.00", kind="none"), "stands alone"),
        (Back("71", "30.00", kind="missing"), "deleted in NetSuite"),
        (Back("71", "30.00", kind="return"), "another return"),
        (Back("71", "30.00", of="404"), "order is deleted in NetSuite"),
        (Back("71", "30.00", of="5"), "does not hold its order"),
    ],
)
def test_a_return_without_an_order_is_named_as_such(both: BothWithReturns, back: Back, words: str) -> None:
    both.netsuite.sales["5"] = Sale("5", standing="skipped", reason="customer_not_in_hubspot")
    both.returned(back)
    result = both.reconcile_net()
    sums = usd(result)

    assert named(sums) == {WITHOUT_ORDER: (1, 3000)}
    assert result.net is not None
    assert words in result.net.returns["without_order"][0]
    assert sums.unexplained_minor == 0
    assert result.agrees
    held = 3000 if both.in_records else 0
    assert sums.returned.returned_hubspot_minor == held
    expected = () if both.in_records else (ReturnStep(WITHOUT_ORDER, 1, -3000),)
    assert sums.returned.steps == expected


def test_an_over_return_is_the_part_beyond_its_orders_total(both: BothWithReturns) -> None:
    both.returned(Back("71", "80.00", of="1"), Back("72", "35.00", of="1"), Back("73", "100.00", of="2"))
    result = both.reconcile_net()

    assert named(usd(result)) == {OF_THESE_ORDERS: (3, 20000), OVER_RETURN: (1, 1500)}
    assert result.net is not None
    assert dict(
        zip(result.net.returns["return_id_netsuite"], result.net.returns["over_minor"], strict=True)
    ) == {
        "71": 0,
        "72": 1500,
        "73": 0,
    }
    assert result.agrees


def test_an_order_returned_on_several_days_counts_all_of_them_toward_an_over_return(
    both: BothWithReturns,
) -> None:
    both.returned(Back("71", "80.00", of="1", on=BEFORE), Back("72", "35.00", of="1"))
    assert named(usd(both.reconcile_net())) == {OF_THESE_ORDERS: (1, 2000), OVER_RETURN: (1, 1500)}


@pytest.mark.parametrize(
    ("standing", "cause", "is_red"),
    [
        ("skipped", "skipped", False),
        ("quarantined", "quarantined", False),
        ("due", "not yet pushed", True),
    ],
)
def test_a_return_that_is_held_back_is_a_named_step(
    both: BothWithReturns, standing: str, cause: str, *, is_red: bool
) -> None:
    both.returned(Back("71", "30.00", of="1", standing=standing, reason="does_not_add_up"))
    result = both.reconcile_net()
    sums = usd(result)

    assert sums.returned.steps == (ReturnStep(cause, 1, -3000),)
    assert (sums.difference_minor, sums.unexplained_minor) == (3000, 0)
    assert result.red_days == ((DAY,) if is_red else ())


def test_a_returned_amount_that_somebody_changed_on_the_order_turns_the_day_of_the_return_red() -> None:
    both = BothWithReturns()
    both.synced(Sale("1", on=BEFORE))
    both.returned(Back("71", "30.00", of="1"), Back("72", "10.00", of="1"))
    both.hubspot.orders["1"].properties[RETURNED_PROPERTY] = "25.00"
    result = both.reconcile_net()

    sums = usd(result)
    assert sums.returned.steps == (ReturnStep("edited in HubSpot", 2, -1500),)
    assert sums.returned.returned_hubspot_minor == 2500
    assert result.red_days == (DAY,)
    assert sums.unexplained_minor == 0
    after_reconcile(result, both.known, NOW)
    assert both.known.different == {"edited in HubSpot": ("1",)}
    assert both.known.days == {DAY: False}


def test_an_order_that_was_not_written_since_makes_its_return_due() -> None:
    both = BothWithReturns()
    both.synced(Sale("1"))
    both.returned(Back("71", "30.00", of="1"))
    both.hubspot.orders["1"].properties[RETURNED_PROPERTY] = None
    both.known.know(both.netsuite.sales["1"], fingerprint=None)
    result = both.reconcile_net()

    assert usd(result).returned.steps == (ReturnStep("not yet pushed", 1, -3000),)
    assert result.red_days == (DAY,)


RECORDS: dict[str, HeldReturn] = {
    "edited in HubSpot": HeldReturn(
        "unchanged", "amount differs", "edited in HubSpot", None, None, 2999, "USD", "871"
    ),
    "deleted in HubSpot": HeldReturn(
        "unchanged", "missing in HubSpot", "deleted in HubSpot", None, None, None, None
    ),
    "rejected": HeldReturn("rejected", "missing in HubSpot", "rejected", None, None, None, None),
    "not yet pushed": HeldReturn("due", "missing in HubSpot", "not yet pushed", None, None, None, None),
}


@pytest.mark.parametrize("cause", RECORDS)
def test_a_record_that_differs_is_a_step_of_its_cause(cause: str) -> None:
    both = BothWithReturns(in_records=True)
    both.synced(Sale("1"))
    both.returned(Back("71", "30.00", of="1"))
    both.records["71"] = RECORDS[cause]
    result = both.reconcile_net()

    apart = (RECORDS[cause].counted_minor or 0) - 3000
    assert usd(result).returned.steps == (ReturnStep(cause, 1, apart),)
    assert (usd(result).difference_minor, usd(result).unexplained_minor) == (-apart, 0)
    assert result.red_days == (() if cause == "rejected" else (DAY,))


def test_a_return_that_hubspot_alone_has_is_a_step() -> None:
    both = BothWithReturns(in_records=True)
    both.synced(Sale("1"))
    both.only.append(only_in_hubspot())
    result = both.reconcile_net()

    assert usd(result).returned.steps == (ReturnStep("only in HubSpot", 1, 700),)
    assert (usd(result).returns, usd(result).unexplained_minor) == (0, 0)
    assert result.red_days == (DAY,)


def test_a_return_that_a_read_misses_shows_in_netsuites_own_count_and_is_not_explained(
    both: BothWithReturns,
) -> None:
    both.returned(Back("71", "30.00", of="1"), Back("72", "10.00", of="2"))
    both.misses.add("71")
    result = both.reconcile_net()
    sums = usd(result)

    assert (sums.returned.returns, sums.returned.netsuite_minor) == (2, 4000)
    assert sums.returned.unexplained_minor == 3000 == sums.unexplained_minor
    assert result.red_days == (DAY,)
    assert result.net is not None
    assert [one.agrees for one in result.net.control] == [False]


def test_an_account_whose_returns_are_positive_is_read_the_same(
    both: BothWithReturns, monkeypatch: pytest.MonkeyPatch
) -> None:
    both.returned(Back("71", "30.00", of="1"), Back("72", "10.00", of="2"))
    counted, read = both.counted, both.read_returns

    def turned(text: str) -> str:
        return text.removeprefix("-")

    monkeypatch.setattr(
        both, "counted", lambda *days: [replace(one, total=turned(one.total or "")) for one in counted(*days)]
    )

    def positive(first: date, last: date) -> object:
        raw = read(first, last)
        raw.returns["total"] = raw.returns["total"].map(turned)
        return raw

    monkeypatch.setattr(both, "read_returns", positive)
    both.misses.add("71")
    sums = usd(both.reconcile_net())

    assert (sums.returned.netsuite_minor, sums.returned.unexplained_minor) == (4000, 3000)


def test_all_causes_at_once_leave_nothing_unexplained_in_any_currency(both: BothWithReturns) -> None:
    everything(both)
    result = both.reconcile_net(DAY, NEXT_DAY)

    assert result.net is not None
    assert set(result.net.sums) == {"USD", "EUR", "JPY"}
    assert result.net.base is not None
    for sums in (*result.net.sums.values(), result.net.base):
        assert sums.unexplained_minor == 0
        assert sum(one.amount_minor for one in sums.returned.named) == sums.returned.returned_netsuite_minor
        causes = sum(one.amount_minor for one in sums.gross.steps) - sum(
            one.amount_minor for one in sums.returned.steps
        )
        assert sums.difference_minor == causes
    assert set(named(usd(result))) == {OF_THESE_ORDERS, LATER, WITHOUT_ORDER, OVER_RETURN}
    assert result.red_days == (DAY, NEXT_DAY)


def test_each_return_is_converted_once_at_its_own_rate(both: BothWithReturns) -> None:
    everything(both)
    result = both.reconcile_net(DAY, NEXT_DAY)

    assert result.net is not None
    assert result.net.base is not None
    # 11.11 EUR × 1.0920 = 12.13212, 1234 JPY × 0.0067 = 8.2678
    of_usd = result.net.sums["USD"].returned.returned_netsuite_minor
    assert result.net.base.returned.returned_netsuite_minor == of_usd + 1213 + 827
    assert result.net.base.gross == result.base


@pytest.mark.parametrize("kind", KINDS)
def test_groups_add_up_to_the_total_in_rows_and_minor_units(both: BothWithReturns, kind: str) -> None:
    everything(both)
    result = both.reconcile_net(DAY, NEXT_DAY)
    assert result.net is not None
    groups = net_groups(result.net, result.orders, result.definition, DAY, NEXT_DAY)
    assert result.net.base is not None
    totals = {**result.net.sums, "all in USD": result.net.base}

    assert {one.view for one in groups} == set(totals)
    for view, sums in totals.items():
        of_view = [one for one in groups if (one.by, one.view) == (kind, view)]
        assert (
            sum(one.orders for one in of_view),
            sum(one.returns for one in of_view),
            sum(one.gross_netsuite_minor for one in of_view),
            sum(one.returned_netsuite_minor for one in of_view),
            sum(one.net_netsuite_minor for one in of_view),
            sum(one.gross_hubspot_minor for one in of_view),
            sum(one.returned_hubspot_minor for one in of_view),
            sum(one.net_hubspot_minor for one in of_view),
        ) == (
            sums.orders,
            sums.returns,
            sums.gross.sales_netsuite_minor,
            sums.returned.returned_netsuite_minor,
            sums.net_netsuite_minor,
            sums.gross.sales_hubspot_minor,
            sums.returned.returned_hubspot_minor,
            sums.net_hubspot_minor,
        )


def test_what_has_no_rep_or_store_is_a_group_of_its_own(both: BothWithReturns) -> None:
    both.synced(Sale("3", "40.00", rep="Ann", store="Web"))
    both.returned(Back("71", "30.00", of="3", rep="Ann"))
    result = both.reconcile_net()
    assert result.net is not None
    groups = net_groups(result.net, result.orders, result.definition, DAY, DAY)

    found = {(one.by, one.name): one.net_netsuite_minor for one in groups}
    assert found == {
        ("day", DAY.isoformat()): 21000,
        ("rep", NO_GROUP): 20000,
        ("rep", "Ann"): 1000,
        ("company", "Ümit & Söhne"): 21000,
        ("store", "Web"): 4000,
        ("store", NO_GROUP): 17000,
    }


def test_days_and_merged_parts_have_the_numbers_of_the_whole(both: BothWithReturns) -> None:
    everything(both)
    whole = both.reconcile_net(DAY, NEXT_DAY)
    days = by_day(whole)
    merged = merge([both.reconcile_net(DAY, DAY), both.reconcile_net(NEXT_DAY, NEXT_DAY)])

    for code, sums in (whole.net.sums if whole.net else {}).items():
        of_days = [one.net.sums[code] for one in days.values() if one.net and code in one.net.sums]
        assert sum(one.net_netsuite_minor for one in of_days) == sums.net_netsuite_minor
        assert sum(one.net_hubspot_minor for one in of_days) == sums.net_hubspot_minor
    assert merged.net is not None
    assert whole.net is not None
    assert merged.net.sums == whole.net.sums
    assert merged.net.base == whole.net.base


def test_days_without_any_return_are_net_of_nothing(both: BothWithReturns) -> None:
    result = both.reconcile_net(DAY, NEXT_DAY)
    for one in (
        result,
        *by_day(result).values(),
        merge([both.reconcile_net(), both.reconcile_net(NEXT_DAY, NEXT_DAY)]),
    ):
        assert one.net is not None
        assert len(one.net.returns) == 0
        assert "Net sales" in as_text(one, width=200) or not one.net.sums
        assert page(Review(one, ()))
    assert (usd(result).net_netsuite_minor, result.agrees) == (20000, True)


def test_another_definition_gives_the_number_of_before_without_returns(both: BothWithReturns) -> None:
    both.returned(Back("71", "30.00", of="1"))
    result = both.reconcile_net()
    before = redefined(result, SalesDefinition())

    assert before.net is None
    assert before.sales == result.sales
    assert redefined(before, SalesDefinition()).definition.version == SalesDefinition().version
    with pytest.raises(ConfigError, match="net of returns"):
        redefined(before, NET)


def test_the_definition_without_returns_is_written_as_it_was_before_there_were_any() -> None:
    assert "less_returns" not in SalesDefinition().written()
    assert SalesDefinition().version != NET.version
    assert read_definition(NET.written()) == NET
    assert read_definition(SalesDefinition().written()) == SalesDefinition()
    assert "net of returns by their own date" in NET.sentence


def test_a_return_that_is_deleted_between_both_reads_is_left_out_and_the_rest_is_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = BothWithReturns(in_records=True)
    both.synced(Sale("1"), Sale("2"))
    both.returned(Back("71", "30.00", of="1"), Back("72", "10.00", of="2"))
    compare = both.of_records

    def deleted_meanwhile(*given: Any) -> Any:
        both.backs.pop("72", None)
        return compare(*given)

    monkeypatch.setattr(both, "of_records", deleted_meanwhile)
    result = both.reconcile_net()

    assert (result.net_missing, result.red_days) == ("", ())
    assert result.net is not None
    assert result.net.returns["return_id_netsuite"].tolist() == ["71"]
    assert (usd(result).returned.netsuite_minor, usd(result).unexplained_minor) == (3000, 0)


def test_returns_that_cannot_be_read_hold_no_order_back_and_the_result_says_why(
    both: BothWithReturns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: date) -> object:
        raise ContractError("NetSuite did not answer.")

    both.returned(Back("71", "30.00", of="1"))
    whole = both.reconcile_net()
    monkeypatch.setattr(both, "read_returns", refused)
    result = both.reconcile_net(NEXT_DAY, NEXT_DAY)

    assert (result.net, result.red_days, result.net_missing) == (None, (), "NetSuite did not answer.")
    assert not result.definition.less_returns
    assert exit_code(result) == 1
    after_reconcile(result, both.known, NOW)
    assert both.known.days == {NEXT_DAY: None}
    merged = merge([whole, result])
    assert (merged.net, merged.net_missing) == (None, "NetSuite did not answer.")
    assert merged.sales["USD"].sales_netsuite_minor == 20000
    words = "Net sales could not be told, and these are gross: NetSuite did not answer."
    assert words in as_text(merged, width=200)
    assert words in page(Review(merged, ())).decode()
    assert as_json(merged)["net_missing"] == "NetSuite did not answer."
