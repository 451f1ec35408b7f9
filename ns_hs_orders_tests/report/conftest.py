"""One reconciliation with something of everything, and one that agrees."""

from __future__ import annotations

import pytest

from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders_tests.reconcile.both_sides import DAY, NEXT_DAY, Both, Sale


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
