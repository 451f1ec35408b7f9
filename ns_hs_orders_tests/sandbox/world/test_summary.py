"""The figures of a world, exact and by currency."""

from decimal import Decimal

from ns_hs_orders.sandbox.world import CurrencySum, read_folder, summary
from ns_hs_orders_tests.sandbox.world.test_folder import folder, rewrite  # noqa: F401


def test_sums_are_exact_and_by_currency(folder):  # noqa: F811
    found = summary(read_folder(folder))
    assert found.currencies == {"USD": CurrencySum(1, Decimal("104.1450"), 1, Decimal("104.1450"))}
    assert (found.orders, found.statuses, found.documents) == (1, {"G": 1}, {"ItemShip": 1, "SalesOrd": 1})
    assert str(found.first_day) == str(found.last_day) == "2024-05-31"


def test_orders_without_a_hubspot_company_are_in_the_first_sum_only(folder):  # noqa: F811
    rewrite(folder, "netsuite/customer", "900031", "")
    assert summary(read_folder(folder)).currencies == {
        "USD": CurrencySum(1, Decimal("104.1450"), 0, Decimal(0))
    }


def test_an_order_whose_amount_is_no_number_is_counted_and_named_and_in_no_total(folder):  # noqa: F811
    rewrite(folder, "netsuite/transaction", "1,1,104.1450", "1,1,NaN")
    found = summary(read_folder(folder))
    assert found.amount_unknown == ("SO7001",)
    assert (found.orders, found.currencies) == (1, {"USD": CurrencySum(1, Decimal(0), 1, Decimal(0))})


def test_every_order_of_a_generated_world_is_counted_once(big_world):
    found = summary(big_world)
    assert found.amount_unknown
    assert sum(one.orders for one in found.currencies.values()) == found.orders == 2000
    assert sum(found.statuses.values()) == 2000
    assert 0 < found.currencies["USD"].synced_total < found.currencies["USD"].total
