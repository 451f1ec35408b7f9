"""Frames of one run belong to one reading of NetSuite.

Belongs here: noticing that another run replaced a day's files between two steps of this one. Does not
belong here: which reading wins in HubSpot (push).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ns_hs_orders.errors import ContractError

if TYPE_CHECKING:
    import pandas as pd


def require_one_reading(
    raw_orders: pd.DataFrame,
    *,
    key: str = "order_id_netsuite",
    raw: str = "netsuite_raw_orders",
    **others: pd.DataFrame,
) -> None:
    """Each row of the other frames carries the ticket of its raw order.

    Header and lines of different readings would be written as one order that never was. key: the column that names
    the order, or return. raw: the asset of `raw_orders`. Raises ContractError naming the frames, the first order and
    what to do.
    """
    tickets = dict(zip(raw_orders[key], raw_orders["read_ticket"], strict=True))
    for name, frame in others.items():
        for order_id, ticket in zip(frame[key], frame["read_ticket"], strict=True):
            if tickets.get(order_id) != ticket:
                raise ContractError(
                    f"{raw} and {name} hold different readings of {order_id}: another run "
                    "wrote the day in between. Nothing was sent; materialize the day again."
                )
