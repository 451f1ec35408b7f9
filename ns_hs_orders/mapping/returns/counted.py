"""What counts of each return of an order, whatever its date: by which an order is returned beyond its total.

Belongs here: one value a return. Does not belong here: their sums on the order (returns.of_orders), or judging a return
(returns.judgement).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.mapping.returns.judgement import judge_return
from ns_hs_orders.mapping.returns.raw import returns_in
from ns_hs_orders.mapping.rules import MappingRules


class CountedReturn(NamedTuple):
    """What counts of one return, in minor units of its currency."""

    return_id_netsuite: str
    return_on: date
    currency: str
    counted_minor: int


def counted_returns(orders: pd.DataFrame, rules: MappingRules) -> dict[str, tuple[CountedReturn, ...]]:
    """Order → its returns that count on it, the oldest first. orders: RawOrders.

    Those that cannot be read, or do not add up, are left out, as they are on the order; so are orders whose returns
    cannot be read.
    """
    found = {}
    for order_id, text in zip(plain(orders["order_id_netsuite"]), plain(orders["returns"]), strict=True):
        try:
            judged = [judge_return(raw, lines, rules) for raw, lines in returns_in(text or "[]")]
        except ValueError:
            continue
        found[order_id] = tuple(
            sorted(
                (
                    CountedReturn(one.raw.return_id_netsuite, one.return_on, one.currency, one.counted_minor)
                    for one in judged
                    if one.raw.settled and not one.problems and one.return_on is not None and one.currency
                ),
                key=lambda one: (one.return_on, int(one.return_id_netsuite)),
            )
        )
    return found
