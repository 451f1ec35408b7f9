"""What each order in HubSpot is to say of its dollars, from a reconciliation.

Belongs here: which orders agree, differ or are held, and the words for a sales rep. Does not belong here: finding
differences (reconcile), or writing (write).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ns_hs_orders.money import plain as amount_text
from ns_hs_orders.reconcile.causes import DUPLICATES, EDITED_IN_NETSUITE, MOVED, NOT_YET_PUSHED
from ns_hs_orders.reconcile.compare import TOTAL
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, Reconciliation
from ns_hs_orders.trust.ports import TrustMark

LONGEST_REASON = 2000
HELD_OUTCOMES = frozenset({"skipped", "quarantined", "rejected", "due"})
HELD_CAUSES = frozenset({NOT_YET_PUSHED, EDITED_IN_NETSUITE})
"""Causes of an order that was accepted once, while NetSuite has a newer version of it by now."""


def marks_of(result: Reconciliation) -> list[TrustMark]:
    """The mark of each order that HubSpot holds. A duplicate is somebody else's record, and is left alone."""
    names = (
        "order_id_netsuite",
        "order_id_hubspot",
        "outcome",
        "finding",
        "cause",
        "explanation",
        "currency",
        "netsuite_minor",
        "currency_hubspot",
        "hubspot_minor",
    )
    moved = _moved(result)
    return [
        _mark(row, moved)
        for row in rows(result.orders, names)
        if row["order_id_hubspot"] and row["cause"] not in DUPLICATES
    ]


def _moved(result: Reconciliation) -> dict[str, int | None]:
    """HubSpot minus NetSuite of orders that moved to another day with another total, by internal id."""
    found = result.differences
    chosen = found[(found["cause"] == MOVED) & (found["hubspot_property"] == TOTAL)]
    return {
        row["order_id_netsuite"]: row["difference_minor"]
        for row in rows(chosen, ("order_id_netsuite", "difference_minor"))
    }


def _mark(row: Mapping[str, Any], moved: Mapping[str, int | None]) -> TrustMark:
    verification, reason = "agrees", ""
    if row["finding"] != "agrees":
        is_held = row["outcome"] in HELD_OUTCOMES or row["cause"] in HELD_CAUSES
        verification = "held" if is_held else "differs"
        what, step = (row["explanation"] or CAUSES[row["cause"]]).strip(), NEXT_STEPS[row["cause"]]
        reason = (what if step in what else f"{what} {step}")[:LONGEST_REASON]
    return TrustMark(
        row["order_id_netsuite"], row["order_id_hubspot"], verification, _difference(row, moved), reason
    )


def _difference(row: Mapping[str, Any], moved: Mapping[str, int | None]) -> str:
    ours, theirs, currency = row["netsuite_minor"], row["hubspot_minor"], row["currency_hubspot"]
    if theirs is None or currency is None:
        return ""
    if row["cause"] == MOVED:  # its dollars are on another day of NetSuite, and not missing there
        apart = moved.get(row["order_id_netsuite"], 0)
        return "" if apart is None else amount_text(int(apart), currency)
    if row["finding"] == "only in HubSpot":
        return amount_text(int(theirs), currency)
    if ours is None or currency != row["currency"]:
        return ""
    return amount_text(int(theirs) - int(ours), currency)
