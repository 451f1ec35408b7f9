"""Rules refuse choices that do not exist, by name."""

from __future__ import annotations

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.mapping.problems import PRIORITY
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import QUARANTINE_REASONS


@pytest.mark.parametrize(
    "wrong, named",
    [
        ({"tax_regime": "both"}, "tax_regime: 'both' is not one of legacy, suitetax"),
        ({"closed_lines": "maybe"}, "closed_lines"),
        ({"unbalanced_orders": "drop"}, "unbalanced_orders"),
        ({"person_customers": "nobody"}, "person_customers"),
        ({"stage_map": {"B": "somewhere"}}, "stage of B"),
        ({"stage_map": {"SalesOrd:B": "billed"}}, "is not a status letter"),
        ({"stage_map": {"": "billed"}}, "is not a status letter"),
        ({"item_classes": {"Kit": "good"}}, "class of Kit"),
        ({"record_url": "https://example.test/order"}, "has no {id}"),
    ],
)
def test_a_choice_that_does_not_exist_is_named(wrong, named):
    with pytest.raises(ConfigError, match=named):
        MappingRules(**wrong)


def test_a_stage_map_holds_only_what_differs_from_the_default():
    rules = MappingRules(stage_map={"F": "billed", "J": "cancelled"})
    assert (rules.stages["F"], rules.stages["J"], rules.stages["B"]) == (
        "billed", "cancelled", "pending_fulfillment",
    )  # fmt: skip


def test_an_orders_address_is_the_rules_with_its_id_and_none_without():
    assert MappingRules(record_url="https://example.test/{id}").order_url("42") == "https://example.test/42"
    assert MappingRules().order_url("42") is None


def test_every_quarantine_reason_has_its_place_in_the_priority():
    assert sorted(PRIORITY) == sorted(set(QUARANTINE_REASONS) - {"changing_while_read"})
