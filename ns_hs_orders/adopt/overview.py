"""How many orders of HubSpot something else wrote, and their dollars, by HubSpot alone: a hint, not a plan.

Belongs here: the count and the sums. Does not belong here: which orders they stand for (find), or when it is told (setup).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ns_hs_orders.adopt.find import CURRENCY, TOTAL, foreign_record
from ns_hs_orders.adopt.ports import ForeignSearch


@dataclass(frozen=True)
class Standing:
    """Orders without a key of ours. without_amount: those in no sum.

    minor: currency → sum of the amounts above zero, in minor units. below: of those below zero, which would else make the
    others look like less.
    """

    orders: int
    minor: dict[str, int] = field(default_factory=dict)
    below: dict[str, int] = field(default_factory=dict)
    without_amount: int = 0


def standing_orders(search: ForeignSearch, *, has_key: bool) -> Standing:
    """Counted by HubSpot's search, which lags behind writes. has_key: as in ForeignSearch. Raises RemoteError."""
    minor: dict[str, int] = {}
    below: dict[str, int] = {}
    without = 0
    found = search.orders_of_others((TOTAL, CURRENCY), has_key=has_key)
    for one in (foreign_record(record, "") for record in found):
        if one.amount_minor is None or one.currency is None:
            without += 1
        else:
            sums = below if one.amount_minor < 0 else minor
            sums[one.currency] = sums.get(one.currency, 0) + one.amount_minor
    return Standing(len(found), dict(sorted(minor.items())), dict(sorted(below.items())), without)
