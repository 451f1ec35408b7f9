"""The bridge always closes, whatever is on either side; only money that nobody accounts for does not."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ns_hs_orders.money import LARGEST_MINOR, exponent
from ns_hs_orders.reconcile.bridge import amounts, amounts_alike, currency_sums, red_days
from ns_hs_orders.reconcile.result import by_day
from ns_hs_orders.reconcile.schema import ControlTotal
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, Both, Sale, minor_text

CURRENCIES = ("USD", "JPY", "KWD")
FATES: tuple[str, ...] = (
    "agrees",
    "edited",
    "recoloured",
    "archived",
    "never pushed",
    "skipped",
    "quarantined",
    "rejected",
)
FATES += ("earlier", "only in HubSpot", "unreadable", "rounded", "deleted in NetSuite")

Order = tuple[str, int, date, str, int]
sale = st.tuples(
    st.sampled_from(CURRENCIES),
    st.integers(0, 10**12),
    st.sampled_from((DAY, NEXT_DAY)),
    st.sampled_from(FATES),
    st.integers(0, 10**12),
)


def world(orders: list[Order]) -> Both:
    both = Both()
    for number, (currency, minor, on, fate, other_minor) in enumerate(orders, start=1):
        one = Sale(str(number), minor_text(minor, currency), currency, on)
        other = minor_text(other_minor, currency)
        if fate == "only in HubSpot":
            both.hubspot.hold(one)
            continue
        both.synced(one)
        held = both.hubspot.orders[one.key].properties
        if fate == "edited":
            held["hs_total_price"] = other
        elif fate == "recoloured":
            held["hs_currency_code"] = "EUR"
        elif fate == "rounded":
            held["hs_total_price"] = f"{minor_text(minor, currency)}{'4' if exponent(currency) else '.4'}"
        elif fate == "deleted in NetSuite":
            del both.netsuite.sales[one.key]
        elif fate == "archived":
            del both.hubspot.orders[one.key]
        elif fate == "never pushed":
            del both.hubspot.orders[one.key], both.known.states[one.key]
        elif fate == "rejected":
            del both.hubspot.orders[one.key]
            both.known.know(one, outcome="rejected", fingerprint=None)
        elif fate in ("skipped", "quarantined", "earlier", "unreadable"):
            standing = fate if fate in ("skipped", "quarantined") else "quarantined"
            if fate in ("skipped", "quarantined"):
                del both.hubspot.orders[one.key]
            held["hs_total_price"] = other
            total = None if fate == "unreadable" else one.total
            both.netsuite.sales[one.key] = Sale(one.key, total, currency, on, standing=standing, reason="x")
    return both


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(sale, max_size=12))
def test_netsuite_plus_the_steps_is_what_hubspot_holds(orders: list[Order]) -> None:
    result = world(orders).reconcile(DAY, NEXT_DAY)
    for sums in result.currencies.values():
        steps = sum(step.amount_minor for step in sums.bridge)
        assert sums.netsuite_minor + steps == sums.held_minor
        assert sums.unexplained_minor == 0
        assert sums.difference_minor == sums.hubspot_minor - sums.accepted_minor
    red = any(_is_red(*order) for order in orders)
    assert result.agrees is not red
    days = by_day(result)
    for code, sums in result.currencies.items():
        of_days = [d.currencies[code] for d in days.values() if code in d.currencies]
        assert sums.held_minor == sum(s.held_minor for s in of_days)
        assert sums.accepted_minor == sum(s.accepted_minor for s in of_days)
    assert sum(result.outcomes.values()) == sum(fate != "only in HubSpot" for *_, fate, _ in orders)


def _is_red(currency: str, minor: int, on: object, fate: str, other_minor: int) -> bool:
    if fate == "edited":
        return minor != other_minor
    return fate in (
        "recoloured", "archived", "never pushed", "only in HubSpot", "rounded", "deleted in NetSuite",
    )  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(sale, max_size=8), st.sampled_from(CURRENCIES), st.integers(1, 10**12))
def test_an_order_that_was_never_read_is_the_unexplained_rest_to_the_unit(
    orders: list[Order], currency: str, minor: int
) -> None:
    both = world(orders)
    both.netsuite.sales["999"] = Sale("999", minor_text(minor, currency), currency, NEXT_DAY)
    both.netsuite.drops.add("999")
    result = both.reconcile(DAY, NEXT_DAY)
    assert result.currencies[currency].unexplained_minor == minor
    assert all(s.unexplained_minor == 0 for code, s in result.currencies.items() if code != currency)
    assert NEXT_DAY in result.red_days


def test_sums_follow_from_the_compared_orders_and_control_totals_alone() -> None:
    both = world([("USD", 100, DAY, "edited", 101), ("USD", 500, DAY, "skipped", 0)])
    result = both.reconcile()
    assert currency_sums(amounts(result.orders), result.control) == result.currencies
    assert [(s.cause, s.orders, s.amount_minor) for s in result.currencies["USD"].bridge] == [
        ("skipped", 1, -500),
        ("edited in HubSpot", 1, 1),
    ]


def test_no_sum_is_too_large_to_be_exact() -> None:
    one = world([("USD", 100, DAY, "agrees", 0)]).reconcile().orders
    many = one.loc[one.index.repeat(10_000)].assign(netsuite_minor=LARGEST_MINOR, hubspot_minor=LARGEST_MINOR)
    many = many.astype({"netsuite_minor": "Int64", "hubspot_minor": "Int64"})
    (alike,) = amounts_alike(many)
    assert (alike.orders, alike.netsuite_minor, alike.hubspot_minor) == (10_000, 10**19, 10**19)


def test_money_that_was_read_and_then_lost_on_the_way_makes_its_day_red() -> None:
    lost = ControlTotal(DAY, "USD", 1, 1, 4200, 4200)
    assert red_days([], [lost]) == {DAY}
    assert currency_sums([], [lost])["USD"].unexplained_minor == 4200
