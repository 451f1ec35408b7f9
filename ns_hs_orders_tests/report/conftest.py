"""One reconciliation with something of everything, one with every cause, and one that agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import cycle

import pytest

from ns_hs_orders.columns import plain
from ns_hs_orders.reconcile.bridge import amounts_alike, currency_sums
from ns_hs_orders.reconcile.risk import RiskRow, money_at_risk
from ns_hs_orders.reconcile.sales.dollars import base_sums, sales_sums
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, Reconciliation
from ns_hs_orders.report.review import Review
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, Both, Sale
from ns_hs_orders_tests.reconcile.returned import BothWithReturns
from ns_hs_orders_tests.reconcile.returned import everything as plant_everything

RATES = {"USD": "1", "JPY": "0.0065", "KWD": "3.25"}
HOSTILE_NAME = '=HYPERLINK("https://evil.example")'


@pytest.fixture(scope="session")
def red() -> Reconciliation:
    both = Both()
    both.synced(
        *(Sale(str(n), "1234.50") for n in range(1, 6)), Sale("6", "9000", "JPY"), Sale("7", on=NEXT_DAY)
    )
    both.hubspot.orders["2"].properties["hs_total_price"] = "1234.51"
    both.hubspot.hold(Sale("99", "77.00"))
    both.netsuite.sales["20"] = Sale("20", "10.00", standing="skipped", reason="customer_not_in_hubspot")
    both.netsuite.sales["21"] = Sale("21", "20.00", standing="quarantined", reason="does_not_add_up")
    both.netsuite.sales["22"] = Sale("22", "10.019", standing="quarantined", reason="amount_not_a_number")
    both.netsuite.sales["23"] = Sale("23", "33.00")
    both.netsuite.drops.add("23")
    return both.reconcile(DAY, NEXT_DAY)


@pytest.fixture(scope="session")
def green() -> Reconciliation:
    both = Both()
    both.synced(Sale("1", "1234.50"), Sale("2", "9000", "JPY"))
    return both.reconcile(DAY, NEXT_DAY)


@pytest.fixture(scope="session")
def everything() -> Reconciliation:
    """One different order for each cause, in currencies of 2, 0 and 3 decimals, and money that nobody accounts for."""
    both = Both()
    both.synced(
        *(
            Sale(str(n), str(1000 + n), code, NEXT_DAY if n % 2 else DAY, rate=RATES[code])
            for n, code in zip(range(100, 100 + len(CAUSES)), cycle(RATES), strict=False)
        )
    )
    for n, key in enumerate(both.netsuite.sales, start=1):
        both.hubspot.orders[key].properties |= {
            "hs_total_price": str(2000 + n),
            "hs_order_note": HOSTILE_NAME,
        }
    both.synced(Sale("90", "1234.56"), Sale("91", "9000", "JPY", rate=RATES["JPY"]))
    both.synced(Sale("93", "50.00", stage="cancelled"), Sale("94", "70.00", closed="20.00"))
    both.netsuite.sales["92"] = Sale("92", "7.00")
    both.netsuite.drops.add("92")
    result = both.reconcile(DAY, NEXT_DAY)
    orders, differences = result.orders.copy(), result.differences.copy()
    of_order = dict(zip((str(100 + n) for n in range(len(CAUSES))), CAUSES, strict=True))
    for frame in (orders, differences):
        frame["cause"] = frame["order_id_netsuite"].map(of_order).astype(frame["cause"].dtype)
        frame["customer_name"] = frame["customer_name"].where(frame["cause"].isna(), HOSTILE_NAME)
    definition = result.definition
    return replace(
        result,
        orders=orders,
        differences=differences,
        currencies=currency_sums(amounts_alike(orders), result.control),
        sales=sales_sums(orders, result.control, definition, result.first, result.last),
        base=base_sums(orders, result.control, definition, result.first, result.last),
    )


@pytest.fixture(scope="session")
def review(everything: Reconciliation) -> Review:
    """The result with every cause, and one row of money at risk for each order that differs."""
    orders = everything.orders[everything.orders["cause"].notna()]
    names = ("order_id_netsuite", "order_number", "order_on", "cause", "currency", "netsuite_minor")
    risks = [
        RiskRow(
            order_id_netsuite=order_id,
            order_number=number,
            order_on=on,
            customer_name=HOSTILE_NAME,
            rep_name="Rep",
            cause=cause,
            finding="amount differs",
            currency=currency,
            at_risk_minor=minor,
            difference_minor=-minor,
            first_seen_on=date(2026, 11, 20),
            last_seen_on=date(2026, 11, 24),
            age_days=4,
            weight=4 * minor,
            status="acknowledged",
            acknowledged_by="Dana",
            acknowledged_because="-1 day",
            acknowledged_until=date(2026, 12, 1),
            explanation="It differs.",
            next_step=NEXT_STEPS[cause],
            url_netsuite="https://netsuite.example/1",
            url_hubspot="javascript:alert(1)",
        )
        for order_id, number, on, cause, currency, minor in zip(
            *(plain(orders[name]) for name in names), strict=True
        )
    ]
    return Review(everything, risks)


@pytest.fixture(scope="session", params=[True, False], ids=["in records", "on orders"])
def net_review(request: pytest.FixtureRequest) -> Review:
    """Orders and returns in three currencies, every name and cause of returns, and a return that nobody read."""
    both = BothWithReturns(in_records=request.param)
    plant_everything(both)
    both.misses.add("75")
    result = both.reconcile_net(DAY, NEXT_DAY)
    return Review(result, money_at_risk(result, {}))
