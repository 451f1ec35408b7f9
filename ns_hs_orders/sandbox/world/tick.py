"""Lets time pass in a world by one step: what happens, how often, in which order.

Here: the step as a whole. Not here: single events (happenings.py), reading the stores (standing.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders.sandbox.world import happenings, happenings_of_returns
from ns_hs_orders.sandbox.world.happenings import Event
from ns_hs_orders.sandbox.world.load import HubSpotRecords, NetSuiteRows
from ns_hs_orders.sandbox.world.standing import Standing, read_standing

# Event and its chance in one step; above 1 it happens so many times at least.
_CHANCES: tuple[tuple[Callable[[Standing], Event | None], float], ...] = (
    (happenings.header_edit, 1.5),
    (happenings.line_edit, 1.3),
    (happenings.line_removal, 0.5),
    (happenings.approval, 1.0),
    (happenings.fulfilment, 2.3),
    (happenings.billing, 1.5),
    (happenings.tracking_edit, 0.7),
    (happenings.cancellation, 0.3),
    (happenings.customer_change, 0.3),
    (happenings.goods_return, 0.4),
    (happenings.deletion, 0.7),
    (happenings.customer_joins_hubspot, 0.4),
)

_OF_RETURNS: tuple[tuple[Callable[[Standing], Event | None], float], ...] = (
    (happenings_of_returns.return_approval, 0.8),
    (happenings_of_returns.return_receipt, 1.0),
    (happenings_of_returns.return_refund, 0.7),
    (happenings_of_returns.return_cancellation, 0.3),
    (happenings_of_returns.return_closing, 0.3),
    (happenings_of_returns.return_deletion, 0.3),
)


def tick(
    netsuite: NetSuiteRows,
    hubspot: HubSpotRecords,
    seed: int,
    now: datetime,
    switches: Switches,
    *,
    steps: int = 1,
) -> list[Event]:
    """One step of time at the moment `now` (aware): a few new orders, and things that happen to others.

    steps: so many times as much happens, for one reading of the stores.

    The same world, seed and `now` give the same events; the number of the step is counted by the orders that
    earlier steps made. Each order takes part in one event at most. The order's `lastmodifieddate` moves with
    fulfilment, billing, tracking and line edits as the switches `order_stamp_moves_on_*` say. Returns the
    events: dicts with `event`, `detail`, and `order` (number) and `order_id`, or `return` and `return_id`, or `customer`.
    Raises NoOrdersError if the sandbox holds no orders.
    """
    if now.tzinfo is None:
        raise ValueError("tick needs an aware time, such as datetime.now(UTC).")
    with netsuite.transaction():
        world = read_standing(netsuite, hubspot, seed, now, switches)
        events: list[Event] = []
        turn = 0
        for _ in range(steps):
            for happen, chance in _CHANCES:
                times = int(chance) + (world.rng.random() < chance % 1)
                events += [event for _ in range(times) if (event := happen(world)) is not None]
            for _ in range(world.rng.randrange(1, 5)):
                turn += 1
                events.append(happenings.new_order(world, turn))
        for _ in range(steps):
            for happen, chance in _OF_RETURNS:
                times = int(chance) + (world.rng.random() < chance % 1)
                events += [event for _ in range(times) if (event := happen(world)) is not None]
    return events
