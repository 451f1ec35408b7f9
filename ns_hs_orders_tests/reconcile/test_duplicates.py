"""Records of HubSpot that double an order: what counts as one, and what it does to the sums."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ns_hs_orders.push.ports import CrmRecord
from ns_hs_orders.reconcile.reconcile import after_reconcile
from ns_hs_orders.reconcile.schema import BridgeStep
from ns_hs_orders_tests.reconcile.both_sides import DAY, NOW, Both, Sale
from ns_hs_orders_tests.reconcile.returned import Back, BothWithReturns
from ns_hs_orders_tests.reconcile.test_reconcile import row


class Strangers:
    """Orders of HubSpot without our key; `stale` ids are in the search index only."""

    def __init__(self, both: Both) -> None:
        self.records: dict[str, dict[str, str | None]] = {}
        self.stale: list[str] = []
        self.asked: list[tuple[list[str], list[str]]] = []
        self._ours = both.hubspot.batch_read
        both.hubspot.orders_without_key = self.search  # type: ignore[method-assign]
        both.hubspot.batch_read = self.read  # type: ignore[method-assign,assignment]

    def search(
        self,
        names: Sequence[str],
        external_ids: Sequence[str],
        key_property: str = "",
    ) -> list[str]:
        self.asked.append((sorted(names), sorted(external_ids)))
        return [*self.records, *self.stale]

    def read(self, object_type: str, ids: Sequence[str], *args: object, **options: object) -> object:
        answer = self._ours(object_type, ids, *args, **options)  # type: ignore[arg-type]
        if object_type == "orders" and not options.get("key_property"):
            found = tuple(CrmRecord(one, self.records[one]) for one in ids if one in self.records)
            return type(answer)(found)
        return answer


def test_a_record_that_carries_the_number_doubles_the_dollars_and_is_never_made_due(both: Both) -> None:
    both.synced(Sale("1", "100.00"), Sale("2", "50.00"))
    strangers = Strangers(both)
    strangers.records["99"] = {
        "hs_order_name": " so1 ",
        "hs_total_price": "100.00",
        "hs_currency_code": "USD",
    }
    result = both.reconcile()
    assert strangers.asked == [(["so1", "so2"], ["1", "2", "so1", "so2"])]
    found = row(result, "hubspot:99")
    assert (found["cause"], found["finding"], found["order_number"]) == (
        "duplicate in HubSpot",
        "only in HubSpot",
        "SO1",
    )
    assert (found["netsuite_minor"], found["hubspot_minor"], found["order_id_hubspot"]) == (None, 10000, "99")
    assert (found["url_netsuite"], found["url_hubspot"]) == (None, "https://hubspot.test/99")
    usd = result.currencies["USD"]
    assert usd.bridge == (BridgeStep("duplicate in HubSpot", 1, 10000),)
    assert (usd.netsuite_minor, usd.held_minor, usd.unexplained_minor) == (15000, 25000, 0)
    assert (result.outcomes, result.red_days) == ({"created": 2}, (DAY,))
    after_reconcile(result, both.known, NOW)
    assert (both.known.different, both.known.days) == ({}, {DAY: False})


@pytest.mark.parametrize(
    "properties",
    [
        {"hs_order_name": "SO1", "netsuite_internal_id": "1"},
        {"hs_order_name": "SO11"},
        {"hs_external_order_id": "11"},
        {},
    ],
)
def test_a_record_with_our_key_or_of_another_order_is_no_duplicate(
    both: Both, properties: dict[str, str | None]
) -> None:
    both.synced(Sale("1"))
    strangers = Strangers(both)
    strangers.records["99"] = {"hs_total_price": "1.00", "hs_currency_code": "USD", **properties}
    strangers.stale.append("98")
    assert both.reconcile().agrees


def test_a_duplicate_in_a_foreign_currency_counts_in_base_currency_at_the_rate_of_its_order(
    both: Both,
) -> None:
    both.synced(Sale("1", "100.00", "EUR", rate="1.25"), Sale("2", "10.00"))
    strangers = Strangers(both)
    strangers.records["99"] = {
        "hs_external_order_id": "1",
        "hs_total_price": "100.00",
        "hs_currency_code": "EUR",
    }
    result = both.reconcile()
    assert result.base is not None
    assert result.base.steps == (BridgeStep("duplicate in HubSpot", 1, 12500),)
    assert (result.base.without_rate, result.base.unexplained_minor) == (0, 0)


def test_a_duplicate_whose_price_nobody_can_read_is_red_and_in_no_sum(both: Both) -> None:
    both.synced(Sale("1"))
    Strangers(both).records["99"] = {"hs_order_name": "SO1", "hs_total_price": "a lot"}
    result = both.reconcile()
    assert result.differences["hubspot"].tolist() == ["amount unreadable"]
    assert result.red_days == (DAY,)
    assert result.currencies["USD"].held_minor == 10000


def test_a_record_of_a_return_counts_under_its_own_cause_at_the_rate_of_the_return() -> None:
    both = BothWithReturns(in_records=True)
    both.synced(Sale("1", "100.00", "EUR", rate="1.25"), Sale("2", "10.00"))
    both.returned(Back("70", "20.00", of="1", currency="EUR", rate="1.50"))
    strangers = Strangers(both)
    euros = {"hs_total_price": "-20.00", "hs_currency_code": "EUR"}
    strangers.records["99"] = {"hs_external_order_id": "70", **euros}
    strangers.records["98"] = {"hs_external_order_id": "70", "hs_order_name": "SO1", **euros}
    result = both.reconcile_net()
    assert [row(result, f"hubspot:{one}")["cause"] for one in ("98", "99")] == [
        "duplicate in HubSpot",  # it names an order, too
        "duplicate return in HubSpot",
    ]
    assert result.currencies["EUR"].bridge == (
        BridgeStep("duplicate in HubSpot", 1, -2000),
        BridgeStep("duplicate return in HubSpot", 1, -2000),
    )
    assert result.base is not None
    assert BridgeStep("duplicate return in HubSpot", 1, -3000) in result.base.steps
    assert (result.base.unexplained_minor, result.red_days, result.outcomes) == (0, (DAY,), {"created": 2})
    after_reconcile(result, both.known, NOW)
    assert (both.known.different, both.known.days) == ({}, {DAY: False})
