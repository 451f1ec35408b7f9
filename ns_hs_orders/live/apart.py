"""The due orders of a round, those that failed before kept apart from fresh ones and from each other.

Belongs here: who shares a call with whom. Does not belong here: reading and writing (wiring).

One answer is often all that is known of a batch: an error over which nobody can say which order it is about.
An order that always fails must not take the others of its batch with it for ever. So fresh orders never share
a call with failed ones, and failed ones are tried in groups that halve with every failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from ns_hs_orders.live.ports import DueOrder

Settle = Callable[[Sequence[str]], Counter[str]]


def settle_apart(
    due: Sequence[DueOrder], settle: Settle, *, largest: int, is_over: Callable[[], bool]
) -> tuple[int, Counter[str]]:
    """Settles fresh orders, then failed ones, the least often failed first; (orders asked for, outcomes).

    settle: gives one outcome an order. largest: orders a group. is_over: whether the round's time is over;
    what was not come to stays due, as it does once nothing of a group could be written.
    """
    asked, outcomes, size = 0, Counter[str](), largest
    for attempts, tried in groupby(sorted(due, key=lambda one: one.attempts), lambda one: one.attempts):
        waiting = [one.order_id for one in tried]
        size = largest if not attempts else max(1, largest >> attempts)
        while waiting:
            if asked and is_over():
                return asked, outcomes
            group, waiting = waiting[:size], waiting[size:]
            found = settle(group)
            asked += len(group)
            outcomes += found
            if found["due"] == len(group):
                return asked, outcomes
            if not found["due"]:
                size = min(largest, 2 * size)
    return asked, outcomes
