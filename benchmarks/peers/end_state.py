"""What HubSpot holds after a contender, read from the emulator's store.

Belongs here: counting what is complete, missing, and there twice. Does not belong here: rates (contest).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ns_hs_orders.sandbox.hubspot.store import HubSpotStore

LINE, PRIMARY_COMPANY = 513, 509


@dataclass(frozen=True)
class EndState:
    """Counts of orders and lines. complete: orders with all their lines once and their company, and nothing else.

    incomplete: orders that are there without some of that. bad: refused orders that are there all the same.
    loose_lines: line items on no order. duplicates: records whose key another record has too.
    """

    complete: int
    incomplete: int
    bad: int
    lines: int
    loose_lines: int
    duplicates: int


def end_state(
    store: HubSpotStore, expected: Mapping[str, tuple[frozenset[str], str]], bad: frozenset[str]
) -> EndState:
    """The state of a store against what should be there: order key → line keys and company id."""
    orders = _keys(store.objects("orders"), "netsuite_internal_id")
    lines = _keys(store.objects("line_items"), "netsuite_line_key")
    on_order: dict[str, list[str]] = defaultdict(list)
    company_of: dict[str, set[str]] = defaultdict(set)
    for from_type, from_id, to_type, to_id, type_id in store.associations():
        if (from_type, to_type, type_id) == ("orders", "line_items", LINE):
            on_order[from_id].append(lines.get(to_id, ""))
        if (from_type, to_type, type_id) == ("orders", "companies", PRIMARY_COMPANY):
            company_of[from_id].add(to_id)
    complete = sum(
        key in expected
        and sorted(on_order[record_id]) == sorted(expected[key][0])
        and company_of[record_id] == {expected[key][1]}
        for record_id, key in orders.items()
    )
    refused = sum(key in bad for key in orders.values())
    return EndState(
        complete=complete,
        incomplete=len(orders) - complete - refused,
        bad=refused,
        lines=len(lines),
        loose_lines=len(lines) - sum(len(found) for found in on_order.values()),
        duplicates=len(orders) - len(set(orders.values())) + len(lines) - len(set(lines.values())),
    )


def _keys(records: list[dict[str, Any]], key_property: str) -> dict[str, str]:
    return {one["id"]: one["properties"].get(key_property) or "" for one in records}
